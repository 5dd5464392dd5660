"""Sums by segments and counts by value, whose sizes depend on data; tensors from sparse coordinates."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from iree.dialects.mlir import ir
from iree.import_tf import dims, hlo, loops
from iree.import_tf.graph_fixes import SCATTER
from iree.import_tf.rewrites import vectors
from iree.import_tf.rewrites.kept import Kept


def _rows(count: hlo.Size, like: Any, neutral: float) -> Any:
    """`count` rows of one value, shaped as those of `like`."""
    return hlo.spread(hlo.filled(neutral, hlo.tensor([], hlo.element(like))), [count, *loops.sizes_of(like)[1:]])


def _gathered(rows: Any, places: Any, values: Any, kind: str) -> Any:
    rank = len(hlo.shape(values))
    numbers = (
        f"#stablehlo.scatter<update_window_dims = {list(range(1, rank))}, inserted_window_dims = [0], "
        "scatter_dims_to_operand_dims = [0], index_vector_dim = 1>"
    )
    return hlo.scatter(rows, places, values, numbers, kind)


def _count(ids: Any) -> hlo.Size:
    """How many segments there are: one more than the last number."""
    start = hlo.filled(-1, hlo.tensor([], hlo.element(ids)))
    return hlo.arithmetic("add", hlo.to_i32(hlo.reduce("maximum", ids, start, [0])), 1)


def _each(sums: Any, ids: Any, count: hlo.Size, *, root: bool) -> Any:
    """`sums` divided by how many rows made each (or by its root); empty segments stay zero."""
    kind = hlo.element(sums)
    one = hlo.spread(hlo.filled(1, hlo.tensor([], kind)), loops.sizes_of(ids))
    many = _gathered(hlo.spread(hlo.filled(0, hlo.tensor([], kind)), [count]), ids, one, "add")
    many = hlo.op("maximum", [many, hlo.spread(hlo.filled(1, hlo.tensor([], kind)), [count])], many.type)
    many = hlo.op("sqrt", [many], many.type) if root else many
    return hlo.op("divide", [sums, hlo.broadcast(many, loops.sizes_of(sums), [0])], sums.type)


def segment(kind: str, neutral: float, *, mean: bool = False) -> Callable[[Any], list[Any]]:
    """``tf.SegmentSum`` and its like: rows with one number are put together; segments without rows are zero."""

    def rewrite(op: Any) -> list[Any]:
        values, ids = op.operands
        count = _count(ids)
        result = _gathered(_rows(count, values, neutral), ids, values, kind)
        if neutral:
            ones = hlo.spread(hlo.size_value(1), loops.sizes_of(ids))
            seen = _gathered(hlo.spread(hlo.size_value(0), [count]), ids, ones, "maximum")
            used = hlo.compare("GT", seen, hlo.spread(hlo.size_value(0), [count]))
            mask = hlo.broadcast(used, loops.sizes_of(result), [0])
            result = hlo.op("select", [mask, result, _rows(count, values, 0)], result.type)
        return [hlo.cast(_each(result, ids, count, root=False) if mean else result, op.result.type)]

    return rewrite


def unsorted_segment(kind: str, neutral: Callable[[Any], float]) -> Callable[[Any], list[Any]]:
    """``tf.UnsortedSegmentSum`` and its like: rows with one number, in any order, are put together."""

    def rewrite(op: Any) -> list[Any]:
        values, ids, number = op.operands
        known = hlo.known_elements(number)
        count: hlo.Size = hlo.to_i32(number) if known is None else int(known[0])
        outer = len(hlo.shape(ids))
        many: hlo.Size = 1
        for size in loops.sizes_of(ids):
            many = hlo.arithmetic("multiply", many, size)
        values = hlo.reshape(values, [many, *loops.sizes_of(values)[outer:]])
        rows = _rows(count, values, neutral(hlo.element(values)))
        return [hlo.cast(_gathered(rows, hlo.reshape(ids, [many]), values, kind), op.result.type)]

    return rewrite


def least(kind: Any) -> float:
    """The smallest number of a type, which is finite."""
    if isinstance(kind, ir.IntegerType):
        return 0 if kind.is_unsigned else -float(2 ** (kind.width - 1))
    return _LEAST[str(kind)]


def _largest(kind: Any) -> float:
    if isinstance(kind, ir.IntegerType):
        return int(2 ** (kind.width if kind.is_unsigned else kind.width - 1)) - 1
    return -_LEAST[str(kind)]


_LEAST = {"f16": -65504.0, "bf16": -(2.0**128 - 2.0**120), "f32": -(2.0**128 - 2.0**104), "f64": -sys.float_info.max}


def _is_open_segment(op: Any) -> bool:
    """TensorFlow only lowers segments whose number and sizes are known."""
    known = hlo.known_elements(op.operands[2]) is not None
    return not known or any(None in hlo.shape(operand) for operand in list(op.operands)[:2])


def sparse_segment(*, mean: bool, root: bool = False, counted: bool = False) -> Callable[[Any], list[Any]]:
    """``tf.SparseSegmentSum`` and its like: rows are picked first; with `counted` an operand says how many segments."""

    def rewrite(op: Any) -> list[Any]:
        table, places, ids = list(op.operands)[:3]
        known = hlo.known_elements(op.operands[3]) if counted else None
        count = _count(ids) if not counted else int(known[0]) if known is not None else hlo.to_i32(op.operands[3])
        result = _gathered(_rows(count, table, 0), ids, hlo.take(table, places, 0), "add")
        return [hlo.cast(_each(result, ids, count, root=root) if mean else result, op.result.type)]

    return rewrite


def count_values(op: Any) -> list[Any] | None:
    """``tf.DenseBincount`` and ``tf.Bincount``: how often (or with which weight) each number occurs."""
    values, size, weights = op.operands
    known = hlo.known_elements(size)
    count: hlo.Size = hlo.to_i32(size) if known is None else int(known[0])
    kind = hlo.element(op.result)
    given = 0 not in hlo.shape(weights)
    if len(hlo.shape(values)) == 2:
        return [_counted_in_rows(op, count, weights if given else None)]
    if len(hlo.shape(values)) != 1:
        return None
    one = hlo.spread(hlo.filled(1, hlo.tensor([], kind)), loops.sizes_of(values))
    zeros = hlo.spread(hlo.filled(0, hlo.tensor([], kind)), [count])
    binary = "binary_output" in op.attributes and op.attributes["binary_output"].value
    made = _gathered(zeros, values, weights if given else one, "maximum" if binary else "add")
    return [hlo.cast(made, op.result.type)]


def _counted_in_rows(op: Any, count: hlo.Size, weights: Any) -> Any:
    """How often each number below `count` occurs in each row."""
    values, kind = op.operands[0], hlo.element(op.result)
    space = [*loops.sizes_of(values), count]
    numbers = hlo.broadcast(hlo.to_i32(values), space, [0, 1])
    same = hlo.compare("EQ", numbers, hlo.cast(loops.iota(space, 2), numbers.type))
    found = hlo.convert(same, hlo.tensor(hlo.shape(same), kind))
    binary = "binary_output" in op.attributes and op.attributes["binary_output"].value
    if weights is not None and not binary:
        found = hlo.op("multiply", [found, hlo.cast(hlo.broadcast(weights, space, [0, 1]), found.type)], found.type)
    start = hlo.filled(0, hlo.tensor([], kind))
    return hlo.cast(hlo.reduce("maximum" if binary else "add", found, start, [1]), op.result.type)


def histogram(op: Any) -> list[Any]:
    """``tf.HistogramFixedWidth``: how many values are in each of the bins of one width; what is beyond the first or the
    last one counts there.
    """
    values, bounds, bins = op.operands
    flat, many = vectors.flat(values)
    known = hlo.known_elements(bins)
    count: hlo.Size = hlo.to_i32(bins) if known is None else int(known[0])
    low, high = (hlo.reshape(hlo.slice_between(bounds, [i], [i + 1]), []) for i in range(2))
    wide = hlo.tensor([], ir.F64Type.get())
    number = hlo.op("convert", [hlo.size_value(count)], wide)
    distance = hlo.convert(hlo.op("subtract", [high, low], low.type), wide)
    step = hlo.op("divide", [distance, number], wide)
    inside = hlo.op("maximum", [flat, hlo.spread(low, [many])], flat.type)
    offset = hlo.op("subtract", [inside, hlo.spread(low, [many])], flat.type)
    offset = hlo.convert(offset, hlo.tensor(hlo.shape(flat), ir.F64Type.get()))
    place = hlo.op("divide", [offset, hlo.spread(step, [many])], offset.type)
    last = hlo.op("subtract", [number, hlo.filled(1, wide)], wide)
    place = hlo.op("minimum", [place, hlo.spread(last, [many])], place.type)
    ones = hlo.spread(hlo.filled(1, hlo.tensor([], hlo.element(op.result))), [many])
    return [hlo.cast(vectors.scattered(count, hlo.to_i32(place), ones, "add"), op.result.type)]


def sparse_to_dense(op: Any) -> list[Any] | None:
    """``tf.SparseToDense``: one value, with others at given coordinates."""
    indices, shape, values, default = op.operands
    sizes = [dims.materialize(s) for s in dims.elements(shape) or []] or [
        hlo.at(shape, i) for i in range(hlo.shape(shape)[0] or 0)
    ]
    if len(hlo.shape(indices)) != 2:
        return None
    filled = hlo.spread(default, sizes)
    (count, rank) = loops.sizes_of(indices)
    if len(hlo.shape(values)) == 0:
        values = hlo.spread(values, [count])
    numbers = (
        f"#stablehlo.scatter<inserted_window_dims = {list(range(len(sizes)))}, "
        f"scatter_dims_to_operand_dims = {list(range(len(sizes)))}, index_vector_dim = 1>"
    )
    if rank != len(sizes):
        indices = hlo.cast(indices, hlo.tensor([hlo.shape(indices)[0], len(sizes)], hlo.element(indices)))
    return [hlo.cast(hlo.scatter(filled, indices, values, numbers), op.result.type)]


def tile(op: Any) -> list[Any] | None:
    """``tf.Tile`` as often as a value says."""
    value, multiples = op.operands
    rank = len(hlo.shape(value))
    times = [hlo.at(multiples, i) for i in range(rank)]
    sizes = loops.sizes_of(value)
    paired = [size for pair in zip(times, sizes, strict=True) for size in pair]
    wide = hlo.broadcast(value, paired, [2 * i + 1 for i in range(rank)])
    result = [hlo.arithmetic("multiply", a, b) for a, b in zip(times, sizes, strict=True)]
    return [hlo.reshape(wide, result, op.result.type)]


def _is_float(op: Any) -> bool:
    return not isinstance(hlo.element(op.operands[0]), ir.IntegerType)


def scatter_rows(op: Any) -> list[Any]:
    """``tf.TensorScatterAdd`` of rows (indices of one number), by another operation than addition."""
    value, indices, updates = op.operands
    kind = ir.StringAttr(op.attributes[SCATTER]).value
    outer = len(hlo.shape(indices)) - 1
    inner = len(hlo.shape(value)) - 1
    if not hlo.shape(updates):  # one number for all rows
        sizes = loops.sizes_of(indices)[:-1] + loops.sizes_of(value)[1:]
        updates = hlo.spread(updates, sizes)
    numbers = (
        f"#stablehlo.scatter<update_window_dims = {list(range(outer, outer + inner))}, inserted_window_dims = [0], "
        f"scatter_dims_to_operand_dims = [0], index_vector_dim = {outer}>"
    )
    return [hlo.scatter(value, indices, updates, numbers, kind)]


def _is_open_tile(op: Any) -> bool:
    return hlo.known_elements(op.operands[1]) is None or None in hlo.shape(op.operands[0])


KEPT = {
    "tf.SegmentSum": Kept(segment("add", 0)),
    "tf.SegmentMean": Kept(segment("add", 0, mean=True)),
    "tf.SegmentMax": Kept(segment("maximum", float("-inf")), (), _is_float),
    "tf.SegmentMin": Kept(segment("minimum", float("inf")), (), _is_float),
    "tf.SegmentProd": Kept(segment("multiply", 1)),
    "tf.UnsortedSegmentSum": Kept(unsorted_segment("add", lambda _: 0), (), _is_open_segment),
    "tf.UnsortedSegmentProd": Kept(unsorted_segment("multiply", lambda _: 1), (), _is_open_segment),
    "tf.UnsortedSegmentMax": Kept(unsorted_segment("maximum", least), (), _is_open_segment),
    "tf.UnsortedSegmentMin": Kept(unsorted_segment("minimum", _largest), (), _is_open_segment),
    "tf.SparseSegmentSum": Kept(sparse_segment(mean=False)),
    "tf.SparseSegmentMean": Kept(sparse_segment(mean=True)),
    "tf.SparseSegmentSqrtN": Kept(sparse_segment(mean=True, root=True)),
    "tf.SparseSegmentSumWithNumSegments": Kept(sparse_segment(mean=False, counted=True)),
    "tf.SparseSegmentMeanWithNumSegments": Kept(sparse_segment(mean=True, counted=True)),
    "tf.DenseBincount": Kept(count_values, ("binary_output",)),
    "tf.Bincount": Kept(count_values),
    "tf.HistogramFixedWidth": Kept(histogram),
    "tf.SparseToDense": Kept(sparse_to_dense),
    "tf.TensorScatterAdd": Kept(scatter_rows, (SCATTER,), lambda op: SCATTER in op.attributes),
    "tf.Tile": Kept(tile, (), _is_open_tile),
}
