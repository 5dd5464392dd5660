"""Ragged tensors: values, and where rows of them start and end."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from iree.dialects.mlir import ir
from iree.import_tf import hlo, loops
from iree.import_tf.rewrites import vectors
from iree.import_tf.rewrites.kept import Kept


def to_tensor(op: Any) -> list[Any] | None:
    """``tf.RaggedTensorToTensor``: innermost rows first, each filled up to the longest or to the size asked for."""
    shape, values, default, *partitions = op.operands
    wanted = _wanted(shape, len(partitions) + len(hlo.shape(values)))
    kinds = [ir.StringAttr(kind).value for kind in op.attributes["row_partition_types"]]
    if wanted is None or any(kind not in ("ROW_SPLITS", "VALUE_ROWIDS", "FIRST_DIM_SIZE") for kind in kinds):
        return None
    splits: list[Any] = []
    rows: hlo.Size = 0
    for kind, partition in zip(kinds, partitions, strict=True):
        if kind == "FIRST_DIM_SIZE":
            rows = hlo.to_i32(partition)
            continue
        starts = hlo.to_i32(partition)
        count = loops.sizes_of(starts)[0]
        if kind == "VALUE_ROWIDS":
            starts, rows = _splits(starts, rows, count), count
        else:
            rows = hlo.at(starts, _last(starts)) if isinstance(count, int) else _element(starts, count)
        splits.append(starts)
    if wanted[0] >= 0:
        return None  # fewer or more rows than there are
    row = hlo.spread(default, [1, *loops.sizes_of(values)[1:]]) if not hlo.shape(default) else None
    if row is None:
        sizes = [1, *loops.sizes_of(values)[1:]]
        row = hlo.broadcast(default, sizes, list(range(len(sizes) - len(hlo.shape(default)), len(sizes))))
    for depth in reversed(range(len(splits))):
        values = _filled(values, splits[depth], row, wanted[depth + 1])
        inner = loops.sizes_of(values)[1:]
        row = hlo.broadcast(row, [1, *inner], [0, *range(2, len(inner) + 1)])
    return [hlo.cast(values, op.result.type)]


def _last(vector: Any) -> int:
    return (hlo.shape(vector)[0] or 1) - 1


def _element(vector: Any, count: hlo.Size) -> hlo.Size:
    """The last of an open number of elements."""
    place = hlo.arithmetic("subtract", count, 1)
    kind = hlo.tensor([1], hlo.i32())
    taken = hlo.op("dynamic_slice", [vector, hlo.size_value(place)], kind, slice_sizes=hlo.array([1]))
    return hlo.reshape(taken, [])


def _wanted(shape: Any, most: int) -> list[int] | None:
    """The sizes asked for, -1 where any will do; None if only a run knows them."""
    known = hlo.known_elements(shape)
    if known is None:
        return None
    return [-1] * most if not hlo.shape(shape) else [int(size) for size in known] + [-1] * most


def _splits(ids: Any, rows: hlo.Size, count: hlo.Size) -> Any:
    """Where each row starts, and the last one ends, of values with sorted numbers of rows."""
    sizes = [hlo.arithmetic("add", rows, 1), count]
    before = hlo.compare("LT", hlo.broadcast(ids, sizes, [1]), loops.iota(sizes, 0))
    ones = hlo.convert(before, hlo.tensor(hlo.shape(before), hlo.i32()))
    return hlo.reduce("add", ones, hlo.size_value(0), [1])


def _filled(values: Any, splits: Any, row: Any, width: int) -> Any:
    """Rows x width x what a value is, with `row` (1 x what a value is) where a row has no more values."""
    (bounds,) = loops.sizes_of(splits)
    count = loops.sizes_of(values)[0]
    rows = hlo.arithmetic("subtract", bounds, 1)
    starts = hlo.slice_between(splits, [0], [rows])
    ends = hlo.slice_between(splits, [1], [bounds])
    lengths = hlo.op("subtract", [ends, starts], starts.type)
    columns: hlo.Size = width if width >= 0 else hlo.reduce("maximum", lengths, hlo.size_value(0), [0])
    space = [rows, columns]
    numbers = loops.iota(space, 1)
    here = hlo.compare("LT", numbers, hlo.cast(hlo.broadcast(lengths, space, [0]), numbers.type))
    place = hlo.op("add", [numbers, hlo.cast(hlo.broadcast(starts, space, [0]), numbers.type)], numbers.type)
    place = hlo.op("select", [here, place, hlo.spread(hlo.size_value(count), space)], numbers.type)
    total = hlo.arithmetic("multiply", rows, columns)
    joined = hlo.tensor([None, *hlo.shape(values)[1:]], hlo.element(values))
    longer = hlo.op("concatenate", [values, hlo.cast(row, hlo.tensor([1, *hlo.shape(values)[1:]], hlo.element(row)))],
                    joined, dimension="0 : i64")  # fmt: skip
    taken = hlo.take(longer, hlo.reshape(place, [total]), 0)
    return hlo.reshape(taken, [*space, *loops.sizes_of(values)[1:]])


def ranges(op: Any) -> list[Any]:
    """``tf.RaggedRange``: a row for each start, limit and step, of which some may be shared."""
    sizes = next((loops.sizes_of(bound) for bound in op.operands if hlo.shape(bound)), [1])
    kind = hlo.element(op.operands[0])
    start, limit, step = (b if hlo.shape(b) else hlo.spread(b, sizes) for b in op.operands)
    distance = vectors.binary("subtract", limit, start)
    if isinstance(kind, ir.IntegerType):
        zero = vectors.filled(0, sizes, kind)
        up = vectors.compare("GT", step, zero)
        one = vectors.filled(1, sizes, kind)
        less = vectors.select(up, vectors.binary("subtract", step, one), vectors.binary("add", step, one))
        count = vectors.binary("divide", vectors.binary("add", distance, less), step)
        there = vectors.binary("or", hlo.op("and", [up, vectors.compare("GT", distance, zero)], up.type),
                               hlo.op("and", [hlo.op("not", [up], up.type), vectors.compare("LT", distance, zero)],
                                      up.type))  # fmt: skip
        lengths = hlo.to_i32(vectors.select(there, count, zero))
    else:
        count = vectors.binary("divide", distance, step)
        lengths = hlo.to_i32(hlo.op("ceil", [count], count.type))
        lengths = vectors.binary("maximum", lengths, vectors.filled(0, sizes))
    bounds = vectors.splits(lengths)
    begin = hlo.slice_between(bounds, [0], sizes)
    total = vectors.total(lengths)
    ids = vectors.row_ids(begin, total)
    column = vectors.binary("subtract", loops.iota([total], 0), hlo.take(begin, ids, 0))
    steps = hlo.convert(column, hlo.tensor(hlo.shape(column), kind))
    values = vectors.binary("multiply", steps, hlo.take(step, ids, 0))
    values = vectors.binary("add", values, hlo.take(start, ids, 0))
    return [hlo.convert(bounds, op.results[0].type), hlo.cast(values, op.results[1].type)]


def gather(op: Any) -> list[Any]:
    """``tf.RaggedGather``: rows by their numbers, with all the rows inside of them."""
    *nested, values, indices = op.operands
    sizes = loops.sizes_of(indices)
    rows, _ = vectors.flat(hlo.to_i32(indices))
    found: list[Any] = []
    outer: hlo.Size = 1
    for size, inner in pairwise(sizes):  # rows of rows of one length
        outer = hlo.arithmetic("multiply", outer, size)
        places = loops.iota([hlo.arithmetic("add", outer, 1)], 0)
        found.append(vectors.binary("multiply", places, hlo.spread(hlo.size_value(inner), loops.sizes_of(places))))
    for row_splits in nested:
        lengths, rows = vectors.picked_rows(hlo.to_i32(row_splits), rows)
        found.append(vectors.splits(lengths))
    made = [hlo.convert(part, result.type) for part, result in zip(found, op.results, strict=False)]
    return [*made, hlo.cast(hlo.take(values, rows, 0), op.results[-1].type)]


def to_sparse(op: Any) -> list[Any] | None:
    """``tf.RaggedTensorToSparse``: the coordinates of each number, and the sizes of the box around them."""
    *nested, values = op.operands
    inner = loops.sizes_of(values)[1:]
    rows = loops.sizes_of(values)[0]
    if inner:
        return None
    count, ids = rows, loops.iota([rows], 0)
    columns: list[Any] = []
    sizes: list[hlo.Size] = []
    for row_splits in reversed(nested):
        starts, ends = vectors.bounds(hlo.to_i32(row_splits))
        owner = vectors.row_ids(starts, rows)  # of what this dimension has
        column = vectors.binary("subtract", loops.iota([rows], 0), hlo.take(starts, owner, 0))
        columns.insert(0, hlo.take(column, ids, 0))
        ids = hlo.take(owner, ids, 0)
        lengths = vectors.binary("subtract", ends, starts)
        sizes.insert(0, hlo.reduce("maximum", lengths, hlo.size_value(0), [0]))
        rows = loops.sizes_of(starts)[0]
    parts = [hlo.reshape(column, [count, 1]) for column in (ids, *columns)]
    kind = hlo.tensor([hlo.shape(parts[0])[0], len(parts)], hlo.i32())
    indices = hlo.op("concatenate", parts, kind, dimension="1 : i64")
    made = (indices, values, hlo.vector([rows, *sizes]))
    return [hlo.convert(part, result.type) for part, result in zip(made, op.results, strict=True)]


KEPT = {
    "tf.RaggedTensorToTensor": Kept(to_tensor, ("row_partition_types",)),
    "tf.RaggedRange": Kept(ranges),
    "tf.RaggedGather": Kept(gather),
    "tf.RaggedTensorToSparse": Kept(to_sparse),
}
