"""ApproxTopK: the best elements along a dimension, which XLA may approximate. Sorting finds them exactly."""

from __future__ import annotations

from typing import Any

from iree.dialects.input.build import hlo, like
from iree.dialects.mlir import CompileError, func, ir


def approx_top_k(op: Any) -> list[Any]:
    """The first elements in the order of the function that the call names, with what goes with them.

    Operands are the tensors, then their initial values, which stand for nothing where all elements count.
    """
    count = len(op.results)
    operands, types = list(op.operands)[:count], [result.type for result in op.results]
    if not all(type_.has_static_shape for type_ in (*types, *(value.type for value in operands))):
        raise CompileError("custom_call @ApproxTopK of unknown sizes is not supported: use jax.lax.top_k", op)
    axis = op.attributes["mhlo.backend_config"]["reduction_dim"].value % operands[0].type.rank
    attributes = {
        "dimension": ir.IntegerAttr.get(ir.IntegerType.get_signless(64), axis),
        "is_stable": ir.BoolAttr.get(True),
    }
    made = ir.Operation.create(
        "stablehlo.sort", [v.type for v in operands], operands, attributes, regions=1, loc=op.location
    )
    arguments = [ir.RankedTensorType.get([], v.type.element_type) for v in operands for _ in range(2)]
    block = made.regions[0].blocks.append(*arguments, arg_locs=[op.location] * len(arguments))
    _copy(called(op), block)
    results = []
    for value, type_ in zip(made.results, types, strict=True):
        shape = list(value.type.shape)
        shape[axis] = type_.shape[axis]
        if type_ != like(value.type, shape) or shape[axis] > value.type.shape[axis]:
            raise CompileError(f"custom_call @ApproxTopK cannot give {type_} of {value.type}", op)
        numbers = {"start_indices": [0] * len(shape), "limit_indices": shape, "strides": [1] * len(shape)}
        results.append(hlo("slice", [value], type_, **{k: ir.DenseI64ArrayAttr.get(v) for k, v in numbers.items()}))
    return results


def called(op: Any) -> Any:
    """The function that a call applies to elements."""
    names = op.attributes["called_computations"] if "called_computations" in op.attributes else ()
    name = next((ir.FlatSymbolRefAttr(symbol).value for symbol in names), None)
    module = op
    while module.name != "builtin.module":
        module = module.parent.operation
    for found in module.regions[0].blocks[0].operations:
        if isinstance(found, func.FuncOp) and found.name.value == name:
            return found
    target = op.attributes["call_target_name"].value
    raise CompileError(f"custom_call @{target} names no function to apply to elements", op)


def _copy(function: Any, block: Any) -> None:
    """The body of a function of scalars in a block with the same arguments."""
    source = function.regions[0].blocks[0]
    values = dict(zip(source.arguments, block.arguments, strict=True))
    for view in source.operations:
        old = view.operation
        with old.location, ir.InsertionPoint(block):
            if old.name == "func.return":
                ir.Operation.create("stablehlo.return", [], [values[v] for v in old.operands])
                return
            new = old.clone()
        for number, value in enumerate(old.operands):
            new.operands[number] = values[value]
        values.update(zip(old.results, new.results, strict=True))
