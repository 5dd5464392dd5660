"""Results whose size depends on data. TensorFlow bounds such sizes in types, which StableHLO programs need not, and
refuses inputs of open size.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from iree.dialects.mlir import ir
from iree.import_tf import hlo, loops
from iree.import_tf.rewrites import Table, residual, vectors
from iree.import_tf.rewrites.kept import Kept


def set_size(op: Any) -> list[Any]:
    """``set_dimension_size``: the front part."""
    value, size = op.operands
    axis = op.attributes["dimension"].value
    rank = len(hlo.shape(value))
    limits = [hlo.to_i32(size) if i == axis else hlo.dim(value, i) for i in range(rank)]
    return [hlo.slice_between(value, [0] * rank, limits)]


def same(op: Any) -> list[Any] | None:
    """A cast that only forgets a bound, a size or the rank."""
    source, wanted = op.operands[0], op.result.type
    if isinstance(wanted, ir.UnrankedTensorType) and isinstance(source.type, ir.RankedTensorType):
        return [source]
    if not isinstance(wanted, ir.RankedTensorType) or hlo.element(source) != hlo.element(op.result):
        return None
    return [source if hlo.shape(source) == hlo.shape(op.result) else hlo.cast(source, wanted)]


def unbound(module: Any) -> None:
    """Removes bounds from all types."""

    def visit(op: Any) -> Any:
        for result in op.results:
            type_ = result.type
            if isinstance(type_, ir.RankedTensorType) and type_.encoding is not None:
                result.set_type(ir.RankedTensorType.get(type_.shape, type_.element_type))
        return ir.WalkResult.ADVANCE

    module.operation.walk(visit)


def _is_set(value: Any) -> Any:
    kind = hlo.element(value)
    if kind == ir.IntegerType.get_signless(1):
        return value
    zero = hlo.spread(hlo.filled(0, hlo.tensor([], kind)), loops.sizes_of(value))
    return hlo.compare("NE", value, zero)


def where(op: Any) -> list[Any]:
    """``tf.Where``: the coordinates of what is not zero, in row-major order."""
    value = op.operands[0]
    flat, count = vectors.flat(_is_set(value))
    places = vectors.places(flat, count)
    sizes = loops.sizes_of(value)
    found = [hlo.dim(places, 0)]
    columns: list[Any] = []
    rest = places
    for size in reversed(sizes):
        wide = hlo.spread(hlo.arithmetic("maximum", size, 1) if not isinstance(size, int) else _one(size), found)
        columns.insert(0, hlo.op("remainder", [rest, wide], rest.type))
        rest = hlo.op("divide", [rest, wide], rest.type)
    parts = [hlo.reshape(column, [*found, 1]) for column in columns]
    if not parts:
        zero = hlo.filled(0, hlo.tensor([], hlo.element(op.result)))
        return [hlo.cast(hlo.spread(zero, [*found, 0]), op.result.type)]
    joined = hlo.op("concatenate", parts, hlo.tensor([None, len(parts)], hlo.i32()), dimension="1 : i64")
    return [hlo.convert(joined, op.result.type)]


def _one(size: int) -> Any:
    return hlo.size_value(max(size, 1))


def unique(op: Any) -> list[Any]:
    """``tf.Unique``, ``tf.UniqueWithCounts``: values in the order in which they first occur, and where each one is."""
    value = op.operands[0]
    (count,) = loops.sizes_of(value)
    if count == 0:
        return [hlo.cast(hlo.filled(0, hlo.tensor([0], hlo.element(r))), r.type) for r in op.results]
    ordered, origin = loops.sort([value, loops.iota([count], 0)], 0)
    differs = hlo.compare("NE", *vectors.neighbours(ordered, count))
    return _of_groups(op, value, 0, origin, vectors.starts_of_runs(differs, count))


def unique_slices(op: Any) -> list[Any] | None:
    """``tf.UniqueV2``, ``tf.UniqueWithCountsV2`` of slices along an axis: sorted by their last number, then by the one
    before, and so on.
    """
    value, axes = op.operands
    rank = len(hlo.shape(value))
    known = hlo.known_elements(axes)
    if known is None or len(known) > 1 or (len(known) == 0 and rank > 1):
        return None
    axis = int(known[0]) % rank if len(known) else 0
    order = [axis, *(i for i in range(rank) if i != axis)]
    count, *rest = (loops.sizes_of(value)[i] for i in order)
    width: hlo.Size = 1
    for size in rest:
        width = hlo.arithmetic("multiply", width, size)
    turned = hlo.tensor([hlo.shape(value)[i] for i in order], hlo.element(value))
    slices = hlo.reshape(hlo.op("transpose", [value], turned, permutation=hlo.array(order)), [count, width])
    column_type = hlo.tensor([hlo.shape(slices)[0], 1], hlo.element(value))

    def by_column(k: Any, state: Sequence[Any]) -> list[Any]:
        last = hlo.op("subtract", [hlo.size_value(width), hlo.size_value(1)], k.type)
        place = hlo.op("subtract", [last, k], k.type)
        if isinstance(count, int):
            bounds = [slices, hlo.size_value(0), place]
            column = hlo.op("dynamic_slice", bounds, column_type, slice_sizes=hlo.array([count, 1]))
        else:
            column = hlo.slice_between(slices, [0, place], [count, hlo.arithmetic("add", place, 1)])
        keys = hlo.take(hlo.reshape(column, [count]), state[0], 0)
        return [loops.sort([keys, state[0]], 0)[1]]

    (origin,) = loops.counted(width, [loops.iota([count], 0)], by_column)
    before, after = vectors.neighbours(hlo.take(slices, origin, 0), count)
    unlike = hlo.compare("NE", before, after)
    differs = hlo.reduce("or", unlike, hlo.constant(np.array(False)), [1])
    return _of_groups(op, value, axis, origin, vectors.starts_of_runs(differs, count))


def _unique_v2(op: Any) -> list[Any] | None:
    return unique(op) if len(hlo.shape(op.operands[0])) == 1 else unique_slices(op)


def _of_groups(op: Any, value: Any, axis: int, origin: Any, starts: Any) -> list[Any]:
    """The results of ``unique`` from the places of values, sorted, and where in that order equal ones start."""
    count = loops.sizes_of(value)[axis]
    group = vectors.numbered(starts)  # of each sorted element
    nowhere = hlo.spread(hlo.size_value(count), [count])
    leader = vectors.scattered(count, hlo.op("select", [starts, group, nowhere], group.type), origin)  # of each group
    is_leader = vectors.scattered(
        count, hlo.op("select", [starts, origin, nowhere], origin.type), hlo.op("convert", [starts], origin.type)
    )
    truth = hlo.compare("EQ", is_leader, hlo.spread(hlo.size_value(1), [count]))
    rank = vectors.numbered(truth)
    index = vectors.scattered(count, origin, hlo.take(rank, hlo.take(leader, group, 0), 0))
    found = vectors.places(truth, count)
    values = hlo.take(value, found, axis)
    results = [hlo.cast(values, op.results[0].type), hlo.convert(index, op.results[1].type)]
    if len(op.results) == 3:
        ones = hlo.spread(hlo.size_value(1), [count])
        counts = hlo.slice_between(vectors.scattered(count, index, ones, "add"), [0], [hlo.dim(found, 0)])
        results.append(hlo.convert(counts, op.results[2].type))
    return results


def list_diff(op: Any) -> list[Any]:
    """``tf.ListDiff``: what is in the first vector and not in the second, and where it was."""
    value, other = op.operands
    (count,), (others,) = loops.sizes_of(value), loops.sizes_of(other)
    sizes = [count, others]
    equal = hlo.compare("EQ", hlo.broadcast(value, sizes, [0]), hlo.broadcast(other, sizes, [1]))
    numbers = hlo.convert(equal, hlo.tensor(hlo.shape(equal), hlo.i32()))
    found = hlo.reduce("maximum", numbers, hlo.constant(np.int32(0)), [1])  # type: ignore[arg-type]
    places = vectors.places(hlo.compare("EQ", found, hlo.spread(hlo.size_value(0), [count])), count)
    taken = hlo.take(value, places, 0)
    return [hlo.cast(taken, op.results[0].type), hlo.convert(places, op.results[1].type)]


def top_k(op: Any) -> list[Any]:
    """``tf.TopKV2``: a sort, of which the front is kept."""
    value, count = op.operands
    sizes = loops.sizes_of(value)
    axis = len(sizes) - 1
    ordered = loops.sort([value, loops.iota(sizes, axis)], axis, "GT")
    known = hlo.known_elements(count)
    taken = hlo.to_i32(count) if known is None else int(known[0])
    limits = [*sizes[:-1], taken]
    parts = [hlo.slice_between(part, [0] * len(sizes), limits) for part in ordered]
    return [hlo.convert(part, result.type) for part, result in zip(parts, op.results, strict=True)]


def partition(op: Any) -> list[Any]:
    """``tf.DynamicPartition``: for each result the rows that have its number."""
    value, numbers = op.operands
    flat, count = vectors.flat(numbers)
    rows = hlo.reshape(value, [count, *loops.sizes_of(value)[len(hlo.shape(numbers)) :]])
    results = []
    for number, result in enumerate(op.results):
        mask = hlo.compare("EQ", flat, hlo.spread(hlo.size_value(number), [count]))
        results.append(hlo.cast(hlo.take(rows, vectors.places(mask, count), 0), result.type))
    return results


def _depends_on_data(op: Any) -> bool:
    """Whether only a run knows the bounds of a slice with known steps."""
    _, begin, end, strides = op.operands
    known = [hlo.known_elements(bound) is not None for bound in (strides, begin, end)]
    return known[0] and not all(known)


def _has_open_end(op: Any) -> bool:
    return hlo.shape(op.operands[0])[-1] is None or hlo.known_elements(op.operands[1]) is None


TABLE: Table = {"stablehlo.set_dimension_size": set_size, "tensor.cast": same}
KEPT = {
    "tf.Where": Kept(where),
    "tf.Unique": Kept(unique),
    "tf.UniqueWithCounts": Kept(unique),
    "tf.UniqueV2": Kept(_unique_v2),
    "tf.UniqueWithCountsV2": Kept(_unique_v2),
    "tf.DynamicPartition": Kept(partition),
    "tf.ListDiff": Kept(list_diff),
    "tf.StridedSlice": Kept(residual.strided_slice, residual.MASKS, _depends_on_data),
    "tf.TopKV2": Kept(top_k, (), _has_open_end),
}
