"""Pads and insertions become generics in which every element of the result finds its source: one thread can do each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from iree.codegen.cpu.kernel import TIED
from iree.codegen.cpu.structured import defining, find
from iree.dialects.mlir import arith, ir, linalg, scf, tensor

_DYNAMIC = ir.ShapedType.get_dynamic_size()
_SGE, _SLT = 5, 2


def gather_moves(function: Any) -> None:
    """Rewrites `tensor.pad`, and `tensor.insert_slice` that does not update an argument in place."""
    attributes = function.attributes
    tied = list(ir.DenseI64ArrayAttr(attributes[TIED])) if TIED in attributes else []
    results = list(list(function.regions[0].blocks[0].operations)[-1].operands)
    updated = [result for result, operand in zip(results, tied, strict=False) if operand >= 0]
    for op in find(function, "tensor.pad"):
        if _outside_loops(op, function):
            _gather_pad(op)
    for op in find(function, "tensor.insert_slice"):
        if op.results[0] not in updated and _outside_loops(op, function):
            _gather_insertion(op)


def _outside_loops(op: Any, function: Any) -> bool:
    return bool(op.operation.block == function.regions[0].blocks[0])


def _sizes(value: Any) -> list[Any]:
    """A tensor's sizes at the insertion point: index values."""
    return [tensor.DimOp(value, _index(d)).result for d in range(value.type.rank)]


def _index(value: int) -> Any:
    index = ir.IndexType.get()
    return arith.ConstantOp(index, ir.IntegerAttr.get(index, value)).result


def _mixed(op: Any, name: str, values: list[Any]) -> list[Any]:
    return [values.pop(0) if v == _DYNAMIC else _index(v) for v in op.attributes[name]]


def _build(result_type: Any, sizes: list[Any], base: Any, body: Callable[[list[Any], Any], Any]) -> Any:
    """A generic over a new tensor. `body` gives the element from the indices and, if there is one, `base`'s element."""
    rank = result_type.rank
    dynamic = [size for d, size in enumerate(sizes) if result_type.is_dynamic_dim(d)]
    empty = tensor.EmptyOp.build_generic([result_type], dynamic).results[0]
    inputs = [] if base is None else [base]
    identity = ir.AffineMapAttr.get(ir.AffineMap.get_identity(rank))
    kinds = ir.ArrayAttr.get([ir.Attribute.parse("#linalg.iterator_type<parallel>")] * rank)
    maps = ir.ArrayAttr.get([identity] * (len(inputs) + 1))
    new = linalg.GenericOp([result_type], inputs, [empty], maps, kinds)
    element = result_type.element_type
    location = new.operation.location
    block = new.regions[0].blocks.append(*[element] * (len(inputs) + 1), arg_locs=[location] * (len(inputs) + 1))
    with ir.InsertionPoint(block):
        linalg.YieldOp([body([linalg.IndexOp(d).result for d in range(rank)], block.arguments[0])])
    return new.results[0]


def _inside(places: Sequence[Any], sizes: Sequence[Any]) -> Any:
    """Whether all places are at least 0 and less than the sizes; None if there are no dimensions."""
    found: Any = None
    for place, size in zip(places, sizes, strict=True):
        for test in (arith.CmpIOp(_SGE, place, _index(0)).result, arith.CmpIOp(_SLT, place, size).result):
            found = test if found is None else arith.AndIOp(found, test).result
    return found


def _choose(condition: Any, source: Any, places: list[Any], otherwise: Any) -> Any:
    """The element of `source`, read only if the condition holds, or else `otherwise`."""
    if condition is None:
        return tensor.ExtractOp(source, places).result
    choice = scf.IfOp(condition, [source.type.element_type], has_else=True)
    with ir.InsertionPoint(choice.then_block):
        scf.YieldOp([tensor.ExtractOp(source, places).result])
    with ir.InsertionPoint(choice.else_block):
        scf.YieldOp([otherwise])
    return choice.results[0]


def _gather_pad(op: Any) -> None:
    source, result = op.operands[0], op.results[0]
    block = op.regions[0].blocks[0]
    yielded = list(block.operations)[-1].operands[0]
    inner = defining(yielded)
    if isinstance(yielded, ir.BlockArgument) and yielded.owner == block:
        return
    if inner is not None and inner.operation.block == block:
        if inner.name != "arith.constant":
            return
        inner.operation.move_before(op)
    with op.location, ir.InsertionPoint(op):
        dynamic = list(op.operands)[1:]
        low = _mixed(op, "static_low", dynamic)
        high = _mixed(op, "static_high", dynamic)
        extents = _sizes(source)
        sizes = [arith.AddIOp(arith.AddIOp(a, b).result, c).result for a, b, c in zip(low, extents, high, strict=True)]

        def body(indices: list[Any], _: Any) -> Any:
            places = [arith.SubIOp(i, start).result for i, start in zip(indices, low, strict=True)]
            return _choose(_inside(places, extents), source, places, yielded)

        made = _build(result.type, sizes, None, body)
    result.replace_all_uses_with(made)
    op.erase()


def _gather_insertion(op: Any) -> None:
    source, base, result = op.operands[0], op.operands[1], op.results[0]
    if any(step != 1 for step in op.attributes["static_strides"]) or source.type.rank != base.type.rank:
        return
    made_empty = defining(base) is not None and defining(base).operation.name == "tensor.empty"
    with op.location, ir.InsertionPoint(op):
        offsets = _mixed(op, "static_offsets", list(op.operands)[2:])
        extents = _sizes(source)
        sizes = _sizes(base)

        def body(indices: list[Any], element: Any) -> Any:
            places = [arith.SubIOp(i, start).result for i, start in zip(indices, offsets, strict=True)]
            return _choose(_inside(places, extents), source, places, element)

        made = _build(result.type, sizes, None if made_empty else base, body)
    result.replace_all_uses_with(made)
    op.erase()
