"""Long reductions and products to few elements for many threads: parts of a row come first, then their sum.

One workgroup would otherwise go through a whole row alone. StableHLO leaves it to implementations in which tree
elements are joined, as long as they stay in order, which they do here. If an operation is known, its neutral element is
what parts start from; other bodies start every part from the initial value, as the specification allows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

import numpy as np
from iree.dialects.input.build import hlo, like
from iree.dialects.input.loops import for_many_threads
from iree.dialects.input.open_parts import ELEMENTWISE, in_open_parts
from iree.dialects.input.rules import Rule
from iree.dialects.input.windows import is_nhwc
from iree.dialects.mlir import ir, stablehlo

DEEP = 512
"""Terms of each result of a product that are worth parts."""
_TERMS, _FEW_TERMS = 128, 32
"""Terms of a part at least: of a product of matrices, of one of a matrix and a vector."""
_FEW, _TILE, _TILES, _THREADS = 4, 32, 600, 1 << 15
"""Rows and columns that are worth tiles, the sides of one, and the tiles and threads that fill a device."""
LONG, MANY_ROWS = 1 << 15, 32
"""Elements that are worth it; rows that keep a device busy with a workgroup for each."""
_PARTS, _LEAST, _PART = 1024, 8, 1024
"""Parts of all rows together at most, of a row at least, and the elements of one at least."""
_OF_PARTS = "iree.of_parts"
"""The attribute of reductions of what the parts of rows of an open size gave."""
_NEUTRAL: Mapping[str, float] = {
    "stablehlo.add": -0.0,
    "stablehlo.maximum": -np.inf,
    "stablehlo.minimum": np.inf,
    "stablehlo.multiply": 1.0,
}


def reduce(op: Any) -> Sequence[Any] | None:
    """`stablehlo.reduce` to a known number of elements."""
    count = len(op.results)
    operands, starts = list(op.operands)[:count], list(op.operands)[count:]
    if not for_many_threads(op) or not all(value.type.has_static_shape for value in op.results):
        return None
    shape = list(operands[0].type.shape)
    axes = sorted(ir.DenseI64ArrayAttr(op.attributes["dimensions"]))
    rows = prod(op.results[0].type.shape)
    if not 0 < rows <= MANY_ROWS or _OF_PARTS in op.attributes:
        return None
    if not all(value.type.has_static_shape for value in operands):
        return _reduce_open(op, operands, starts, axes, _PARTS // rows)
    length = prod(shape[axis] for axis in axes)
    if length < LONG:
        return None
    axis, most = axes[0], min(_PARTS // rows, length // _PART)
    parts = max(n for n in range(1, most + 1) if shape[axis] % n == 0)
    first = starts if count > 1 else _neutral(op, operands[0].type.element_type)
    if parts < _LEAST or first is None:
        return None
    cut = [*shape[:axis], parts, shape[axis] // parts, *shape[axis + 1 :]]
    inner = [axis + 1, *(other + 1 for other in axes[1:])]
    values = [_reshape(value, cut) for value in operands]
    return _reduce(op, _reduce(op, values, first, inner), starts, [axis])


def _reduce_open(
    op: Any, operands: Sequence[Any], starts: Sequence[Any], axes: Sequence[int], most: int
) -> list[Any] | None:
    """The same, by so many parts at most, along dimensions of which some are of unknown sizes."""
    first = starts if len(operands) > 1 else _neutral(op, operands[0].type.element_type)
    cut = None if first is None else in_open_parts(operands, first, axes, most, _PART)
    if first is None or cut is None:
        return None
    values, inner = cut
    results = _reduce(op, _reduce(op, values, first, inner), starts, [axes[0]])
    results[0].owner.attributes[_OF_PARTS] = ir.UnitAttr.get()
    return results


def _reshape(value: Any, shape: Sequence[int]) -> Any:
    """The value in another shape, and likewise what it alone is made of element by element: one kernel does all."""
    op = None if isinstance(value, ir.BlockArgument) else value.owner
    alone = op is not None and op.name in ELEMENTWISE and len(list(value.uses)) == 1
    if op is None or not alone or any(v.type.shape != value.type.shape for v in op.operands):
        return hlo("reshape", [value], like(value.type, shape))
    copy = op.operation.clone()
    for number, operand in enumerate(op.operands):
        with ir.InsertionPoint(copy):
            copy.operands[number] = _reshape(operand, shape)
    copy.results[0].set_type(like(value.type, shape))
    return copy.results[0]


def _neutral(op: Any, element: Any) -> list[Any] | None:
    """What leaves the other operand of a reduction by one operation as it is; None if it is not known."""
    name, *rest = [inner.operation.name for inner in op.regions[0].blocks[0].operations]
    if rest != ["stablehlo.return"]:
        return None
    value: Any = None
    if isinstance(element, ir.FloatType) and name in _NEUTRAL:
        value = ir.FloatAttr.get(element, _NEUTRAL[name])
    elif isinstance(element, ir.IntegerType):
        bits = _neutral_bits(name, element)
        value = None if bits is None else ir.IntegerAttr.get(element, bits)
    if value is None:
        return None
    type_ = ir.RankedTensorType.get([], element)
    return [hlo("constant", [], type_, value=ir.DenseElementsAttr.get_splat(type_, value))]


def _neutral_bits(name: str, element: Any) -> int | None:
    """The neutral integer of an operation, as the signed one of the same bits."""
    signed = element.is_signed or (element.is_signless and element.width > 1)  # i1 is a Boolean
    top = 1 << (element.width - 1)
    return {
        "stablehlo.add": 0,
        "stablehlo.and": -1,
        "stablehlo.maximum": -top if signed else 0,
        "stablehlo.minimum": top - 1 if signed else -1,
        "stablehlo.multiply": 1,
        "stablehlo.or": 0,
        "stablehlo.xor": 0,
    }.get(name)


def _reduce(like_: Any, values: Sequence[Any], starts: Sequence[Any], axes: Sequence[int]) -> list[Any]:
    """The same reduction as another, of other values along other dimensions."""
    copy = like_.operation.clone()
    for number, value in enumerate([*values, *starts]):
        copy.operands[number] = value
    copy.attributes["dimensions"] = ir.DenseI64ArrayAttr.get(list(axes))
    for result, value in zip(copy.results, values, strict=True):
        kept = [size for axis, size in enumerate(value.type.shape) if axis not in axes]
        result.set_type(like(value.type, kept, result.type.element_type))
    return list(copy.results)


def product(op: Any) -> Sequence[Any] | None:
    """`stablehlo.dot_general` of two matrices, or of a matrix and a vector, of known sizes."""
    numbers = stablehlo.DotDimensionNumbers(op.attributes["dot_dimension_numbers"])
    axes = [list(numbers.lhs_contracting_dimensions), list(numbers.rhs_contracting_dimensions)]
    types = [value.type for value in (*op.operands, *op.results)]
    if not for_many_threads(op) or not all(type_.has_static_shape for type_ in types):
        return None
    if len(axes[0]) != 1 or list(numbers.lhs_batching_dimensions):
        return None
    (left,), (right,) = axes
    terms = types[0].shape[left]
    m, n = (prod(type_.shape) // terms for type_ in types[:2]) if terms else (0, 0)
    most = _parts_of_product(m, n, rows=left == types[0].rank - 1 and right == types[1].rank - 1)
    parts = _divisor(terms, most, _TERMS if min(m, n) >= _FEW else _FEW_TERMS) if terms >= DEEP else 1
    if parts == 1:
        return None
    values = []
    for value, axis in zip(op.operands, (left, right), strict=True):
        shape = list(value.type.shape)
        values.append(
            hlo("reshape", [value], like(value.type, [*shape[:axis], parts, terms // parts, *shape[axis + 1 :]]))
        )
    attributes = {name: op.attributes[name] for name in op.attributes}
    attributes["dot_dimension_numbers"] = stablehlo.DotDimensionNumbers.get([left], [right], [left + 1], [right + 1])
    sums = hlo("dot_general", values, like(types[2], [parts, *types[2].shape]), **attributes)
    return [_add_up(sums, 0)]


def convolution(op: Any) -> Sequence[Any] | None:
    """`stablehlo.convolution` of images by channels, of known sizes: its parts are groups of input channels."""
    numbers = stablehlo.ConvDimensionNumbers(op.attributes["dimension_numbers"])
    types = [value.type for value in (*op.operands, *op.results)]
    if not for_many_threads(op) or not all(type_.has_static_shape for type_ in types) or not is_nhwc(numbers):
        return None
    if any(op.attributes[name].value != 1 for name in ("feature_group_count", "batch_group_count")):
        return None
    *window, channels, features = types[1].shape
    pixels = prod(types[2].shape[:-1])
    fits = channels and features and min(pixels, features) >= _FEW and prod(window) * channels >= DEEP
    least = -(-_TERMS // prod(window)) if fits else 1
    parts = _divisor(channels, _parts_of_product(pixels, features, rows=False), least) if fits else 1
    if parts == 1:
        return None
    image, filters = op.operands
    cut = hlo("reshape", [filters], like(types[1], [*window, parts, channels // parts, features]))
    order = ir.DenseI64ArrayAttr.get([0, 1, 3, 2, 4])
    moved = hlo("transpose", [cut], like(types[1], [*window, channels // parts, parts, features]), permutation=order)
    grouped = hlo("reshape", [moved], like(types[1], [*window, channels // parts, parts * features]))
    attributes = {name: op.attributes[name] for name in op.attributes}
    attributes["feature_group_count"] = ir.IntegerAttr.get(ir.IntegerType.get_signless(64), parts)
    shape = list(types[2].shape)[:-1]
    sums = hlo("convolution", [image, grouped], like(types[2], [*shape, parts * features]), **attributes)
    return [_add_up(hlo("reshape", [sums], like(types[2], [*shape, parts, features])), len(shape))]


def _divisor(terms: int, most: int, least: int) -> int:
    """The largest number of equal parts, at most so many, each of at least so many terms; one if there is none."""
    return max(count for count in range(1, max(1, min(most, terms // least)) + 1) if terms % count == 0)


def _parts_of_product(m: int, n: int, *, rows: bool) -> int:
    """How many parts a product may have; `rows` if the terms of each result are consecutive in both operands."""
    if not m or not n:
        return 1
    if min(m, n) < _FEW:  # each result is a thread's, or, of rows, a workgroup's
        return (_TILES if rows else _THREADS) // (m * n)
    return _TILES // (-(-m // _TILE) * -(-n // _TILE))


def _add_up(value: Any, axis: int) -> Any:
    """The sum along a dimension."""
    element = value.type.element_type
    scalar = ir.RankedTensorType.get([], element)
    zero = ir.FloatAttr.get(element, 0.0) if isinstance(element, ir.FloatType) else ir.IntegerAttr.get(element, 0)
    start = hlo("constant", [], scalar, value=ir.DenseElementsAttr.get_splat(scalar, zero))
    result = like(value.type, [size for number, size in enumerate(value.type.shape) if number != axis])
    attributes = {"dimensions": ir.DenseI64ArrayAttr.get([axis])}
    op = ir.Operation.create("stablehlo.reduce", [result], [value, start], attributes, regions=1)
    block = op.regions[0].blocks.append(scalar, scalar)
    with ir.InsertionPoint(block):
        total = hlo("add", list(block.arguments), scalar)
        ir.Operation.create("stablehlo.return", [], [total])
    return op.result


RULES: Mapping[str, Rule] = {
    "stablehlo.convolution": convolution,
    "stablehlo.dot_general": product,
    "stablehlo.reduce": reduce,
}
"""They make operations that they leave alone."""
