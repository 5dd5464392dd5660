"""Vectors whose length depends on data: picking, counting and putting together by position."""

from __future__ import annotations

from typing import Any

import numpy as np
from iree.dialects.mlir import ir
from iree.import_tf import hlo, loops


def binary(kind: str, left: Any, right: Any) -> Any:
    """An elementwise operation of values of one shape, whose types may know different sizes of it."""
    return hlo.op(kind, [left, hlo.cast(right, hlo.tensor(hlo.shape(left), hlo.element(right)))], left.type)


def filled(value: float, sizes: Any, kind: Any | None = None) -> Any:
    """One value in every place of a tensor of the given sizes; of i32 unless `kind` says otherwise."""
    return hlo.spread(hlo.filled(value, hlo.tensor([], kind or hlo.i32())), sizes)


def select(mask: Any, yes: Any, no: Any) -> Any:
    """An elementwise choice, in the shape of `yes`."""
    mask = hlo.cast(mask, hlo.tensor(hlo.shape(yes), hlo.element(mask)))
    return hlo.op("select", [mask, yes, hlo.cast(no, yes.type)], yes.type)


def compare(direction: str, left: Any, right: Any) -> Any:
    """An elementwise comparison; `right` may be a size."""
    if isinstance(right, int) or (not hlo.shape(right) and hlo.shape(left)):
        right = hlo.spread(hlo.size_value(right), loops.sizes_of(left))
    return hlo.compare(direction, left, hlo.cast(right, hlo.tensor(hlo.shape(left), hlo.element(right))))


def flat(value: Any) -> tuple[Any, hlo.Size]:
    """A tensor as a vector, and how long that is."""
    count: hlo.Size = 1
    for size in loops.sizes_of(value):
        count = hlo.arithmetic("multiply", count, size)
    return hlo.reshape(value, [count]), count


def places(mask: Any, count: hlo.Size) -> Any:
    """The positions in a vector of i1 where it is true, in order: a tensor<?xi32>."""
    numbers = hlo.convert(mask, hlo.tensor(hlo.shape(mask), hlo.i32()))
    found = hlo.reduce("add", numbers, hlo.constant(np.int32(0)), [0])  # type: ignore[arg-type]
    positions = loops.iota([count], 0)
    nowhere = hlo.spread(hlo.size_value(count), [count])
    (ordered,) = loops.sort([hlo.op("select", [mask, positions, nowhere], positions.type)], 0)
    return hlo.slice_between(ordered, [0], [found])


def scattered(length: hlo.Size, at: Any, values: Any, kind: str | None = None, start: float = 0) -> Any:
    """A vector filled with `start`, with `values` put (or combined) at some places; places outside are passed over."""
    begin = filled(start, [length], hlo.element(values))
    numbers = "#stablehlo.scatter<inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>"
    return hlo.scatter(begin, at, values, numbers, kind)


def numbered(flags: Any) -> Any:
    """How many flags are set before each place, this one included, less one."""
    numbers = hlo.convert(flags, hlo.tensor(hlo.shape(flags), hlo.i32()))
    total = loops.cumulate("add", numbers, 0, 0, exclusive=False, back=False)
    return hlo.op("subtract", [total, hlo.spread(hlo.size_value(1), loops.sizes_of(total))], total.type)


def starts_of_runs(differs: Any, count: hlo.Size) -> Any:
    """A vector of i1: true first (if there is any place), then `differs`, which has one place fewer than `count`."""
    first = hlo.op("reshape", [hlo.constant(np.array(True))], hlo.tensor([1], ir.IntegerType.get_signless(1)))
    first = hlo.slice_between(first, [0], [hlo.arithmetic("minimum", count, 1)])
    kind = hlo.tensor([count if isinstance(count, int) else None], hlo.element(first))
    return hlo.op("concatenate", [first, differs], kind, dimension="0 : i64")


def neighbours(value: Any, count: hlo.Size) -> tuple[Any, Any]:
    """All but the last and all but the first rows of a tensor, in one type."""
    one = hlo.arithmetic("minimum", count, 1)
    rest = loops.sizes_of(value)[1:]
    nothing = [0] * len(rest)
    before = hlo.slice_between(value, [0, *nothing], [hlo.arithmetic("subtract", count, one), *rest])
    after = hlo.slice_between(value, [one, *nothing], [count, *rest])
    return hlo.cast(before, after.type), after


def total(value: Any) -> hlo.Size:
    """The sum of a vector of i32."""
    return hlo.reduce("add", value, hlo.size_value(0), [0])


def splits(lengths: Any) -> Any:
    """Where each row starts, and the last one ends, of rows of these lengths (i32)."""
    (rows,) = loops.sizes_of(lengths)
    ends = loops.cumulate("add", lengths, 0, 0, exclusive=False, back=False)
    kind = hlo.tensor([rows + 1 if isinstance(rows, int) else None], hlo.i32())
    return hlo.op("concatenate", [filled(0, [1]), ends], kind, dimension="0 : i64")


def bounds(row_splits: Any) -> tuple[Any, Any]:
    """Where rows start and where they end."""
    (count,) = loops.sizes_of(row_splits)
    rows = hlo.arithmetic("subtract", count, 1)
    starts, ends = hlo.slice_between(row_splits, [0], [rows]), hlo.slice_between(row_splits, [1], [count])
    return starts, hlo.cast(ends, starts.type)


def row_ids(starts: Any, count: hlo.Size) -> Any:
    """The row of each of `count` elements, of rows that start at `starts` (the first one at 0), of which some may be
    empty.
    """
    ones = filled(1, loops.sizes_of(starts))
    return numbered(scattered(count, starts, ones, "add"))


def picked_rows(row_splits: Any, rows: Any) -> tuple[Any, Any]:
    """The lengths of some rows, and where the elements of these rows are, one row after the other."""
    starts, ends = (hlo.take(bound, rows, 0) for bound in bounds(row_splits))
    lengths = binary("subtract", ends, starts)
    count = total(lengths)
    begin = hlo.slice_between(splits(lengths), [0], loops.sizes_of(lengths))
    ids = row_ids(begin, count)
    shift = hlo.take(binary("subtract", starts, begin), ids, 0)
    return lengths, binary("add", loops.iota([count], 0), shift)
