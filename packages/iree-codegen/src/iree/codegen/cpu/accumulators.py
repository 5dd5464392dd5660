"""Contractions of f16 and bf16 add up in f32 and round once."""

from __future__ import annotations

from typing import Any

from iree.codegen.cpu.structured import PARALLEL, Generic, defining, generics
from iree.codegen.cpu.templates.match import is_contraction
from iree.dialects.mlir import arith, ir, linalg, tensor


def widen_accumulators(function: Any) -> None:
    """Splits contractions with a result of 16 bits into one with a result of f32 and a conversion."""
    for generic in generics(function):
        element = generic.op.results[0].type.element_type
        if isinstance(element, (ir.F16Type, ir.BF16Type)) and is_contraction(generic):
            with generic.op.location, ir.InsertionPoint(generic.op):
                _widen(generic, element)
            generic.op.erase()


def _widen(generic: Generic, narrow: Any) -> None:
    wide, init = ir.F32Type.get(), generic.inits[0]
    filled = defining(init)
    empty = _empty(init, wide)
    if filled is not None and filled.name == "linalg.fill":
        start = linalg.fill(arith.ExtFOp(wide, filled.operands[0]).result, outs=[empty])
    else:
        start = _convert(init, empty, "arith.extf")
    maps = ir.ArrayAttr.get([ir.AffineMapAttr.get(m) for m in generic.maps])
    summed = linalg.GenericOp([start.type], list(generic.inputs), [start], maps, _kinds(generic.iterators))
    types = [v.type.element_type for v in generic.inputs]
    block = summed.regions[0].blocks.append(*types, wide)
    with ir.InsertionPoint(block):
        *factors, total = block.arguments
        a, b = (f if f.type == wide else arith.ExtFOp(wide, f).result for f in factors)
        linalg.YieldOp([arith.AddFOp(total, arith.MulFOp(a, b).result).result])
    narrowed = _convert(summed.operation.results[0], _empty(init, narrow), "arith.truncf")
    generic.op.results[0].replace_all_uses_with(narrowed)


def _empty(like: Any, element: Any) -> Any:
    sizes = []
    for d in range(like.type.rank):
        if like.type.is_dynamic_dim(d):
            index = arith.ConstantOp(ir.IndexType.get(), ir.IntegerAttr.get(ir.IndexType.get(), d)).result
            sizes.append(tensor.DimOp(like, index).result)
        else:
            sizes.append(like.type.shape[d])
    return tensor.EmptyOp(sizes, element).result


def _convert(value: Any, into: Any, name: str) -> Any:
    """`value`, element by element converted to the type of `into`."""
    rank = value.type.rank
    identity = ir.AffineMapAttr.get(ir.AffineMap.get_identity(rank))
    made = linalg.GenericOp([into.type], [value], [into], ir.ArrayAttr.get([identity] * 2), _kinds([PARALLEL] * rank))
    element = into.type.element_type
    block = made.regions[0].blocks.append(value.type.element_type, element)
    with ir.InsertionPoint(block):
        linalg.YieldOp([ir.Operation.create(name, [element], [block.arguments[0]]).result])
    return made.operation.results[0]


def _kinds(iterators: Any) -> Any:
    return ir.ArrayAttr.get([ir.Attribute.parse(f"#linalg.iterator_type<{kind}>") for kind in iterators])
