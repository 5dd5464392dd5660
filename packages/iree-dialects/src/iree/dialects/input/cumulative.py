"""reduce_window whose window spans all that comes before, or after, an element: cumulative sums and the like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from iree.dialects.input.build import as_value, cast, dims, empty, index, scalar, signless
from iree.dialects.input.cumulative_tiles import in_tiles
from iree.dialects.input.loops import kernel, loop, nest
from iree.dialects.input.scalars import inline
from iree.dialects.input.sizes import minimum, subtract
from iree.dialects.input.window_attributes import attribute_list, padding_list
from iree.dialects.mlir import arith, ir, tensor

CHAINS = 8
"""A long row is cut into as many parts, which are summed side by side: one sum has to wait for the other."""
SKEW = 80
"""Parts are this much shorter, so that their elements do not all fall into the same lines of the cache."""
LEAST = 1024
_COMBINED = frozenset(f"stablehlo.{name}" for name in ("add", "multiply", "maximum", "minimum", "and", "or", "xor"))
"""What targets know how to regroup by themselves."""


def scan(op: Any) -> list[Any] | None:
    """The running results along one dimension, or None for windows of another kind."""
    count = len(op.results)
    found = _axis(op)
    if found is None:
        return None
    axis, reverse = found
    block = op.regions[0].blocks[0]
    if count == 1 and axis == op.operands[0].type.rank - 1 and _is_known(block):
        tiled = in_tiles(op, axis, reverse)
        if tiled is not None:
            return [tiled]
    return running(op, block, axis, reverse)


def running(op: Any, block: Any, axis: int, reverse: bool) -> list[Any]:
    """The running results along a dimension of any size.

    Args:
        op: Its first operands, as many as it has results, are combined; as many after them are what to start from.
        block: Computes scalars from what has been combined and the next ones.
        axis: The dimension.
        reverse: From its end to its beginning.
    """
    count = len(op.results)
    operands = [signless(value) for value in op.operands[:count]]
    starts = [scalar(signless(value)) for value in op.operands[count : 2 * count]]
    sizes = dims(operands[0])
    length = sizes[axis]
    last = as_value(subtract(length, 1))

    def combine(sums: Sequence[Any], values: Sequence[Any]) -> list[Any]:
        pairs = (values, sums) if reverse else (sums, values)
        return inline(block, [*pairs[0], *pairs[1]])

    def row(where: list[Any], outs: list[Any]) -> Sequence[Any]:
        def place(i: Any) -> list[Any]:
            at = arith.SubIOp(last, i).result if reverse else i
            return [*where[:axis], at, *where[axis:]]

        def read(tensors: Sequence[Any], i: Any) -> list[Any]:
            return [tensor.ExtractOp(value, place(i)).result for value in tensors]

        def write(values: Sequence[Any], tensors: Sequence[Any], i: Any) -> list[Any]:
            return [tensor.InsertOp(v, t, place(i)).result for v, t in zip(values, tensors, strict=True)]

        def step(i: Any, carried: list[Any]) -> Sequence[Any]:
            sums = combine(carried[:count], read(operands, i))
            return [*sums, *write(sums, carried[count:], i)]

        if not isinstance(length, int) or length < LEAST or _is_known(block):
            return loop(0, as_value(length), [*starts, *outs], step)[count:]
        part = length // CHAINS - SKEW

        def side_by_side(i: Any, carried: list[Any]) -> Sequence[Any]:
            outs, sums = carried[-count:], []
            for chain in range(CHAINS):
                at = arith.AddIOp(i, index(chain * part)).result
                here = combine(carried[chain * count : (chain + 1) * count], read(operands, at))
                outs = write(here, outs, at)
                sums += here
            return [*sums, *outs]

        carried = loop(0, index(part), [*starts * CHAINS, *outs], side_by_side)
        outs, sums = carried[-count:], carried[:count]
        for chain in range(1, CHAINS):
            before = list(sums)

            def add(i: Any, inner: list[Any], before: Sequence[Any] = before) -> Sequence[Any]:
                return write(combine(before, read(inner, i)), inner, i)

            outs = loop(index(chain * part), index((chain + 1) * part), outs, add)
            sums = combine(before, carried[chain * count : (chain + 1) * count])
        return loop(index(CHAINS * part), as_value(length), [*sums, *outs], step)[count:]

    def columns(_where: list[Any], outs: list[Any]) -> Sequence[Any]:
        """Row by row along the dimension, so that neighbours lie together in memory."""
        before, after = sizes[:axis], sizes[axis + 1 :]

        def along(outer: list[Any], values: list[Any]) -> Sequence[Any]:
            def place(i: Any, inner: Sequence[Any]) -> list[Any]:
                return [*outer, arith.SubIOp(last, i).result if reverse else i, *inner]

            def put(i: Any, earlier: Any) -> Any:
                def element(inner: list[Any], outs: list[Any]) -> Sequence[Any]:
                    here = place(i, inner)
                    new = [tensor.ExtractOp(value, here).result for value in operands]
                    old = starts
                    if earlier is not None:
                        old = [tensor.ExtractOp(value, place(earlier, inner)).result for value in outs]
                    return [tensor.InsertOp(v, t, here).result for v, t in zip(combine(old, new), outs, strict=True)]

                return element

            values = loop(0, minimum(length, 1), values, lambda i, xs: nest(after, xs, put(i, None)))
            rest = loop(
                1, as_value(length), values, lambda i, xs: nest(after, xs, put(i, arith.SubIOp(i, index(1)).result))
            )
            return rest

        return nest(before, outs, along)

    blank = [empty(sizes, value.type.element_type) for value in operands]
    if axis == len(sizes) - 1:
        results = kernel(sizes[:-1], blank, row)
    else:
        results = kernel([], blank, columns)
    return [cast(value, result.type) for value, result in zip(results, op.results, strict=True)]


def _is_known(block: Any) -> bool:
    """Is the sum one operation on numbers? A plain loop then leaves it to the target how to cut it."""
    ops = [op.operation for op in block.operations]
    element = block.arguments[0].type.element_type
    wide = isinstance(element, ir.IntegerType | ir.F32Type | ir.F64Type) and element.width >= 8
    return len(ops) == 2 and wide and ops[0].name in _COMBINED and set(ops[0].operands) == set(block.arguments)


def _axis(op: Any) -> tuple[int, bool] | None:
    """The dimension that the windows span, and whether they reach to its end instead of its beginning."""
    shape = list(op.operands[0].type.shape)
    rank = len(shape)
    window = attribute_list(op, "window_dimensions", rank, 1)
    plain = ("window_strides", "base_dilations", "window_dilations")
    if any(n != 1 for name in plain for n in attribute_list(op, name, rank, 1)):
        return None
    padding = padding_list(op, rank)
    spanned = [i for i in range(rank) if window[i] != 1 or padding[i] != (0, 0)]
    if len(spanned) != 1 or list(op.results[0].type.shape) != shape:
        return None
    (axis,) = spanned
    length = shape[axis]
    if length != window[axis] or length < 2:
        return None
    if padding[axis] == (length - 1, 0):
        return axis, False
    return (axis, True) if padding[axis] == (0, length - 1) else None
