"""Ragged and sparse tensors: the operations that make dense ones of them."""

from __future__ import annotations

from typing import Any

from iree.dialects.mlir import ir
from iree.import_tf import hlo, loops
from iree.import_tf.rewrites import residual
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


def _columns(indices: Any, chosen: list[int]) -> Any:
    """Some columns of the coordinates of a sparse tensor, as i32."""
    count = loops.sizes_of(indices)[0]
    parts = [hlo.slice_between(indices, [0, i], [count, i + 1]) for i in chosen]
    kind = hlo.tensor([hlo.shape(indices)[0], len(chosen)], hlo.element(indices))
    joined = parts[0] if len(parts) == 1 else hlo.op("concatenate", parts, kind, dimension="1 : i64")
    return hlo.to_i32(joined)


def sparse_product(op: Any) -> list[Any] | None:
    """``tf.SparseTensorDenseMatMul``: the rows of the second matrix that the coordinates name, weighted and added."""
    indices, values, shape, right = op.operands
    if isinstance(hlo.element(values), ir.ComplexType):
        return None
    if op.attributes["adjoint_b"].value:
        turned = hlo.tensor(hlo.shape(right)[::-1], hlo.element(right))
        right = hlo.op("transpose", [right], turned, permutation=hlo.array([1, 0]))
    row, column = (1, 0) if op.attributes["adjoint_a"].value else (0, 1)
    count = loops.sizes_of(values)[0]
    rows = hlo.take(right, hlo.reshape(_columns(indices, [column]), [count]), 0)
    weights = hlo.broadcast(values, loops.sizes_of(rows), [0])
    sizes = [residual.sizes_in(shape)[row], loops.sizes_of(right)[1]]
    zeros = hlo.spread(hlo.filled(0, hlo.tensor([], hlo.element(values))), sizes)
    numbers = (
        "#stablehlo.scatter<update_window_dims = [1], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], "
        "index_vector_dim = 1>"
    )
    products = hlo.op("multiply", [rows, hlo.cast(weights, rows.type)], rows.type)
    return [hlo.cast(hlo.scatter(zeros, _columns(indices, [row]), products, numbers, "add"), op.result.type)]


def sparse_sum(op: Any) -> list[Any] | None:
    """``tf.SparseReduceSum``: values added up where the coordinates along the other axes say."""
    indices, values, shape, axes = op.operands
    known = hlo.known_elements(axes)
    rank = hlo.shape(indices)[1]
    if known is None or rank is None:
        return None
    summed = {int(axis) % rank for axis in known} or set(range(rank))
    kept = [i for i in range(rank) if i not in summed]
    zero = hlo.filled(0, hlo.tensor([], hlo.element(values)))
    if kept:
        sizes = residual.sizes_in(shape)
        listed = str(list(range(len(kept))))
        numbers = (
            f"#stablehlo.scatter<inserted_window_dims = {listed}, scatter_dims_to_operand_dims = {listed}, "
            "index_vector_dim = 1>"
        )
        start = hlo.spread(zero, [sizes[i] for i in kept])
        total = hlo.scatter(start, _columns(indices, kept), values, numbers, "add")
    else:
        total = hlo.reduce("add", values, zero, [0])
    if op.attributes["keep_dims"].value:
        own = iter(loops.sizes_of(total))
        total = hlo.reshape(total, [1 if i in summed else next(own) for i in range(rank)])
    return [hlo.cast(total, op.result.type)]


KEPT = {
    "tf.RaggedTensorToTensor": Kept(to_tensor, ("row_partition_types",)),
    "tf.SparseReduceSum": Kept(sparse_sum, ("keep_dims",)),
    "tf.SparseTensorDenseMatMul": Kept(sparse_product, ("adjoint_a", "adjoint_b")),
}
