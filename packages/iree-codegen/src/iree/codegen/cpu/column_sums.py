"""Sums of the columns of narrow matrices, as gradients of biases are: several rows become one, which is then long."""

from __future__ import annotations

from typing import Any

from iree.codegen.cpu.structured import PARALLEL, REDUCTION, Generic, generics, rebuild
from iree.dialects.mlir import arith, ir, linalg, tensor

_LENGTH = 256
"""Elements of a row for which LLVM vectorizes the loop over them; short ones it unrolls, and gathers along columns."""


def lengthen_rows(function: Any) -> None:
    """Sums the columns of narrow matrices of known sizes in two steps, the first over rows that are several of theirs.

    Sums are regrouped.
    """
    for generic in generics(function):
        rows = _rows_together(generic)
        if rows > 1:
            with generic.op.location, ir.InsertionPoint(generic.op):
                result = _in_two_steps(generic, rows)
            generic.op.results[0].replace_all_uses_with(result)
            generic.op.erase()


def _rows_together(generic: Generic) -> int:
    """How many rows become one; 1 if it is no such sum."""
    matrix, row = ir.AffineMap.get_identity(2), ir.AffineMap.get(2, 0, [ir.AffineDimExpr.get(1)])
    count = len(generic.inputs)
    if generic.iterators != (REDUCTION, PARALLEL) or not count or generic.maps != (*[matrix] * count, row):
        return 1
    height, width = generic.loop_sizes()
    total = generic.body[-2] if len(generic.body) > 1 else None
    result = generic.body[-1].operands[0]
    if not height or not width or total is None or total.name != "arith.addf" or result != total.results[0]:
        return 1
    accumulator = generic.block.arguments[count]
    if list(total.operands).count(accumulator) != 1 or len(list(accumulator.uses)) != 1:
        return 1
    least = -(-_LENGTH // width)
    return next((rows for rows in range(least, 4 * least) if height % rows == 0 and height > rows), 1)


def _in_two_steps(generic: Generic, rows: int) -> Any:
    init = generic.inits[0].type
    height, width = generic.loop_sizes()
    assert height is not None and width is not None
    element = init.element_type
    fastmath = generic.body[-2].attributes["fastmath"]
    joined = [_join(value, rows) for value in generic.inputs]
    # What changes no sum, not even one of negative zeros.
    nothing = arith.ConstantOp(element, ir.FloatAttr.get(element, -0.0)).result
    start = linalg.fill(nothing, outs=[tensor.EmptyOp([rows * width], element).result])
    parts = rebuild(generic, joined, [start], generic.maps, generic.iterators).results[0]
    type_ = ir.RankedTensorType.get([rows, width], element)
    matrix = tensor.ExpandShapeOp(type_, parts, [[0, 1]], [], [rows, width]).result
    maps = ir.ArrayAttr.get([ir.AffineMapAttr.get(generic.maps[0]), ir.AffineMapAttr.get(generic.maps[-1])])
    kinds = generic.op.attributes["iterator_types"]
    sums = linalg.GenericOp([init], [matrix], [generic.inits[0]], maps, kinds)
    block = sums.regions[0].blocks.append(element, element)
    with ir.InsertionPoint(block):
        total = arith.AddFOp(block.arguments[1], block.arguments[0]).operation
        total.attributes["fastmath"] = fastmath
        linalg.YieldOp([total.results[0]])
    return sums.operation.results[0]


def _join(value: Any, rows: int) -> Any:
    """The matrix with several rows in each of its rows."""
    height, width = value.type.shape
    element = value.type.element_type
    split = [height // rows, rows, width]
    cube = tensor.ExpandShapeOp(ir.RankedTensorType.get(split, element), value, [[0, 1], [2]], [], split).result
    type_ = ir.RankedTensorType.get([height // rows, rows * width], element)
    return tensor.CollapseShapeOp(type_, cube, [[0], [1, 2]]).result
