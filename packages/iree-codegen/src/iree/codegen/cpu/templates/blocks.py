"""Loops, sums of products and copies on vectors and tensors: what a template that writes its own loops is made of.

Sizes and indices are numbers where they are known, else index values. Operations go to the insertion point.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from iree.codegen.cpu.templates.lanes import spread
from iree.dialects.mlir import affine, arith, ir, scf, tensor, vector

Size = Any
"""An int or an index value."""
_DYNAMIC = -(1 << 63)
_UNROLLED = 4
"""Steps of a sum of products in one iteration."""
_TURNED_ROWS, _QUAD = 16, 4
"""Rows and columns that are transposed in registers."""


def index(value: Size) -> Any:
    """An index value."""
    return arith.ConstantOp.create_index(value).result if isinstance(value, int) else value


def plus(a: Size, b: Size) -> Size:
    """Their sum."""
    if isinstance(a, int) and isinstance(b, int):
        return a + b
    if isinstance(b, int) and b == 0:
        return a
    return b if isinstance(a, int) and a == 0 else arith.AddIOp(index(a), index(b)).result


def less(a: Size, b: Size) -> Any:
    """Whether a < b, of numbers that are not negative."""
    return arith.CmpIOp(arith.CmpIPredicate.slt, index(a), index(b)).result


def multiple_below(size: Size, step: int) -> Size:
    """The largest multiple of `step` that is not more than `size`."""
    if isinstance(size, int):
        return size // step * step
    expr = ir.AffineExpr.get_mul(ir.AffineExpr.get_floor_div(ir.AffineExpr.get_dim(0), step), step)
    return affine.AffineApplyOp(ir.AffineMap.get(1, 0, [expr]), [size]).result


def remaining(first: Any, size: Size, step: int) -> Size:
    """How many of `step` iterations from `first` on there are, if there are `size` in all; `first` = n * `step`."""
    if isinstance(size, int) and (size <= step or size % step == 0):
        return min(size, step)
    left = ir.AffineExpr.get_dim(0) * -1 + (size if isinstance(size, int) else ir.AffineExpr.get_dim(1))
    values = [first] if isinstance(size, int) else [first, size]
    return affine.AffineMinOp(ir.AffineMap.get(len(values), 0, [left, ir.AffineExpr.get_constant(step)]), values).result


def loop(
    first: Size, last: Size, step: int, carried: Sequence[Any], write: Callable[[Any, Sequence[Any]], Sequence[Any]]
) -> list[Any]:
    """A loop that carries values; `write` gives those after an iteration. One that is the only one is written alone."""
    if isinstance(first, int) and isinstance(last, int) and last <= first + step:
        return list(write(first, carried) if last > first else carried)
    made = scf.ForOp(index(first), index(last), index(step), list(carried))
    with ir.InsertionPoint(made.body):
        scf.YieldOp(list(write(made.induction_variable, list(made.inner_iter_args))))
    return list(made.results)


def load(source: Any, indices: Sequence[Size], lanes: int) -> Any:
    """Consecutive elements of a tensor, along its last dimension."""
    type_ = ir.VectorType.get([lanes], source.type.element_type)
    unused = arith.ConstantOp(source.type.element_type, _zero(source.type.element_type)).result
    map_ = ir.AffineMap.get_minor_identity(source.type.rank, 1)
    return vector.TransferReadOp(type_, source, [index(i) for i in indices], map_, unused, [True]).result


def store(value: Any, into: Any, indices: Sequence[Size]) -> Any:
    """The tensor with a vector at a place along its last dimension."""
    map_ = ir.AffineMap.get_minor_identity(into.type.rank, 1)
    return vector.TransferWriteOp(into.type, value, into, [index(i) for i in indices], map_, [True]).result


def slice_(source: Any, offsets: Sequence[Size], sizes: Sequence[Size]) -> Any:
    """A part of a tensor."""
    where, static_offsets = _split(offsets)
    extents, static_sizes = _split(sizes)
    shape = [size if isinstance(size, int) else ir.ShapedType.get_dynamic_size() for size in sizes]
    type_ = ir.RankedTensorType.get(shape, source.type.element_type)
    ones = [1] * len(sizes)
    return tensor.ExtractSliceOp(type_, source, where, extents, [], static_offsets, static_sizes, ones).result


def insert_parallel(value: Any, into: Any, offsets: Sequence[Size], sizes: Sequence[Size]) -> None:
    """Makes a workgroup's part of a tensor `value`."""
    where, static_offsets = _split(offsets)
    extents, static_sizes = _split(sizes)
    tensor.ParallelInsertSliceOp(value, into, where, extents, [], static_offsets, static_sizes, [1] * len(sizes))


def _split(values: Sequence[Size]) -> tuple[list[Any], list[int]]:
    static = [v if isinstance(v, int) else _DYNAMIC for v in values]
    return [v for v in values if not isinstance(v, int)], static


def multiply_add(
    count: Size, start: Sequence[Any], scalar: Callable[[int, Any], Any], row: Callable[[Any], Any]
) -> list[Any]:
    """Adds `scalar(r, i) * row(i)` for i < count to vector r of `start`, in order."""

    def steps(number: int) -> Callable[[Any, Sequence[Any]], Sequence[Any]]:
        def write(first: Any, sums: Sequence[Any]) -> Sequence[Any]:
            for offset in range(number):
                at = plus(first, offset)
                vector_ = row(at)
                lanes = vector_.type.shape[0]
                sums = [vector.FMAOp(spread(scalar(r, at), lanes), vector_, sum_).result for r, sum_ in enumerate(sums)]
            return sums

        return write

    whole = multiple_below(count, _UNROLLED)
    sums = loop(0, whole, _UNROLLED, start, steps(_UNROLLED))
    return sums if isinstance(count, int) and whole == count else loop(whole, count, 1, sums, steps(1))


def transpose_block(
    source: Any,
    into: Any,
    indices: Callable[[Any, Any], Sequence[Any]],
    count: Size,
    columns: Size,
    *,
    contiguous: bool,
) -> Any:
    """Copies rows of a tensor into columns of another.

    Args:
        source: A tensor of any rank.
        into: A tensor of `columns` by the most rows that there can be; more of its elements become 0.
        indices: Where the element of a row and a column is in `source`.
        count: Rows.
        columns: Columns.
        contiguous: Whether columns are the last dimension of `source`.
    """
    lanes = int(into.type.shape[1])
    if not contiguous or (isinstance(count, int) and count != lanes):
        return _copy_elements(source, into, indices, count, columns)

    def whole() -> Any:
        last = multiple_below(columns, _QUAD)

        def write(column: Any, carried: Sequence[Any]) -> list[Any]:
            return [_copy_quads(source, carried[0], indices, column, min(_TURNED_ROWS, lanes))]

        (made,) = loop(0, last, _QUAD, [into], write)
        return (
            made if isinstance(last, int) and last == columns else _move(source, made, indices, lanes, (last, columns))
        )

    if isinstance(count, int):
        return whole()
    full = arith.CmpIOp(arith.CmpIPredicate.eq, count, index(lanes)).result
    branch = scf.IfOp(full, [into.type], has_else=True)
    with ir.InsertionPoint(branch.then_block):
        scf.YieldOp([whole()])
    with ir.InsertionPoint(branch.else_block):
        scf.YieldOp([_copy_elements(source, into, indices, count, columns)])
    return branch.results[0]


def _copy_elements(source: Any, into: Any, indices: Any, count: Size, columns: Size) -> Any:
    """One after the other, in rows that are zero before."""
    lanes = int(into.type.shape[1])
    if not (isinstance(count, int) and count == lanes):
        zero = arith.ConstantOp(into.type.element_type, _zero(into.type.element_type)).result
        (into,) = loop(0, columns, 1, [into], lambda column, t: [store(spread(zero, lanes), t[0], [column, 0])])
    return _move(source, into, indices, count, (0, columns))


def _move(source: Any, into: Any, indices: Any, count: Size, columns: tuple[Size, Size]) -> Any:
    def row(number: Any, carried: Sequence[Any]) -> list[Any]:
        def column(at: Any, inner: Sequence[Any]) -> list[Any]:
            value = tensor.ExtractOp(source, [index(i) for i in indices(number, at)]).result
            return [tensor.InsertOp(value, inner[0], [index(at), index(number)]).result]

        return loop(*columns, 1, carried, column)

    return loop(0, count, 1, [into], row)[0]


def _copy_quads(source: Any, into: Any, indices: Any, column: Any, rows: int) -> Any:
    """All rows of four columns: `rows` of them are a vector, of which each quarter is transposed with three others."""
    for first in range(0, int(into.type.shape[1]), rows):
        parts = []
        for row in range(_QUAD):
            part = load(source, indices(first + row, column), _QUAD)
            for other in range(first + row + _QUAD, first + rows, _QUAD):
                part = _join(part, load(source, indices(other, column), _QUAD))
            parts.append(part)
        pairs = [_interleave(parts[n], parts[n + 1], 1, half) for half in (0, 1) for n in (0, 2)]
        columns = [_interleave(pairs[n], pairs[n + 1], 2, half) for n in (0, 2) for half in (0, 1)]
        for number, value in enumerate(columns):
            into = store(value, into, [plus(column, number), first])
    return into


def _join(a: Any, b: Any) -> Any:
    return vector.ShuffleOp(a, b, list(range(int(a.type.shape[0]) + int(b.type.shape[0])))).result


def _interleave(a: Any, b: Any, width: int, half: int) -> Any:
    """In each four lanes, of which `half` of either: `width` of `a`, as many of `b`, and so on."""
    count, lanes = int(a.type.shape[0]), list[int]()
    for quad in range(0, count, _QUAD):
        for start in range(quad + 2 * half, quad + 2 * half + 2, width):
            lanes += [*range(start, start + width), *range(count + start, count + start + width)]
    return vector.ShuffleOp(a, b, lanes).result


def _zero(type_: Any) -> Any:
    return ir.FloatAttr.get(type_, 0.0) if isinstance(type_, ir.FloatType) else ir.IntegerAttr.get(type_, 0)
