"""Sparse tensors: coordinates (n, rank), values (n) and a shape (rank), coordinates and shape of i64."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from iree.dialects.mlir import ir
from iree.import_tf import hlo, loops
from iree.import_tf.rewrites import residual, segments, vectors
from iree.import_tf.rewrites.kept import Kept


def _rank(indices: Any, shape: Any) -> int:
    """How many dimensions a sparse tensor has."""
    rank = hlo.shape(indices)[1] if hlo.shape(indices)[1] is not None else hlo.shape(shape)[0]
    if rank is None:
        raise hlo.Unranked
    return rank


def _column(indices: Any, i: int) -> Any:
    """One column of coordinates, as a vector."""
    count = loops.sizes_of(indices)[0]
    return hlo.reshape(hlo.slice_between(indices, [0, i], [count, i + 1]), [count])


def _table(columns: Sequence[Any]) -> Any:
    """Vectors as the columns of a matrix."""
    parts = [hlo.reshape(column, [*loops.sizes_of(column), 1]) for column in columns]
    kind = hlo.tensor([hlo.shape(parts[0])[0], len(parts)], hlo.element(parts[0]))
    parts = [hlo.cast(part, hlo.tensor([kind.shape[0] if hlo.shape(parts[0])[0] is not None else None, 1],
                                       hlo.element(part))) for part in parts]  # fmt: skip
    return hlo.op("concatenate", parts, kind, dimension="1 : i64")


def _columns(indices: Any, chosen: list[int]) -> Any:
    """Some columns of the coordinates of a sparse tensor, as i32."""
    return hlo.to_i32(_table([_column(indices, i) for i in chosen]))


def _size(shape: Any, i: int) -> Any:
    """A size of a sparse tensor, of i64 as it stands: such may be large."""
    part = hlo.op(
        "slice", [shape], hlo.tensor([1], hlo.element(shape)),
        start_indices=f"array<i64: {i}>", limit_indices=f"array<i64: {i + 1}>", strides="array<i64: 1>",
    )  # fmt: skip
    return hlo.reshape(part, [])


def _keys(columns: Sequence[Any], sizes: Sequence[Any]) -> Any:
    """A number for each coordinate, in row-major order; columns and sizes are of i64."""
    key = columns[0]
    for column, size in zip(columns[1:], sizes[1:], strict=True):
        key = vectors.binary("multiply", key, hlo.spread(size, loops.sizes_of(key)))
        key = vectors.binary("add", key, column)
    return key


def _keys_of(indices: Any, shape: Any) -> Any:
    rank = _rank(indices, shape)
    return _keys([_column(indices, i) for i in range(rank)], [_size(shape, i) for i in range(rank)])


def _order(keys: Any) -> tuple[Any, Any]:
    """Keys sorted (stably), and where each was."""
    ordered, origin = loops.sort([keys, loops.iota(loops.sizes_of(keys), 0)], 0)
    return ordered, origin


def _joined(*parts: Any) -> Any:
    """Tensors one after the other along the first dimension."""
    sizes = [hlo.shape(part)[0] for part in parts]
    count = None if None in sizes else sum(size for size in sizes if size is not None)
    known = [hlo.shape(part)[1:] for part in parts]
    inner = [next((s for s in column if s is not None), None) for column in zip(*known, strict=True)]
    kind = hlo.element(parts[0])
    parts = tuple(hlo.cast(part, hlo.tensor([hlo.shape(part)[0], *inner], kind)) for part in parts)
    return hlo.op("concatenate", parts, hlo.tensor([count, *inner], kind), dimension="0 : i64")


def _given(op: Any, *values: Any) -> list[Any]:
    return [hlo.convert(value, result.type) for value, result in zip(values, op.results, strict=True)]


def reorder(op: Any) -> list[Any]:
    """``tf.SparseReorder``: coordinates in row-major order."""
    indices, values, shape = op.operands
    _, origin = _order(_keys_of(indices, shape))
    return _given(op, hlo.take(indices, origin, 0), hlo.take(values, origin, 0))


def add_dense(op: Any) -> list[Any] | None:
    """``tf.SparseTensorDenseAdd``."""
    indices, values, _, dense = op.operands
    return [hlo.cast(_put(dense, indices, values, "add"), op.result.type)]


def _put(dense: Any, indices: Any, values: Any, kind: str) -> Any:
    rank = len(hlo.shape(dense))
    listed = str(list(range(rank)))
    numbers = (
        f"#stablehlo.scatter<inserted_window_dims = {listed}, scatter_dims_to_operand_dims = {listed}, "
        "index_vector_dim = 1>"
    )
    return hlo.scatter(dense, _columns(indices, list(range(rank))), values, numbers, kind)


def with_dense(kind: str) -> Callable[[Any], list[Any]]:
    """``tf.SparseDenseCwiseMul`` and its like: the dense tensor is broadcast to the sparse one's shape."""

    def rewrite(op: Any) -> list[Any]:
        indices, values, shape, dense = op.operands
        sizes = loops.sizes_of(dense)
        outer = _rank(indices, shape) - len(sizes)
        flat, _ = vectors.flat(dense)
        place = vectors.filled(0, loops.sizes_of(values))
        for i, size in enumerate(sizes):
            own = hlo.to_i32(_column(indices, outer + i))
            wide = hlo.spread(hlo.size_value(size), loops.sizes_of(own))
            nowhere = vectors.filled(0, loops.sizes_of(own))
            own = vectors.select(vectors.compare("EQ", wide, 1), nowhere, own)
            place = vectors.binary("add", vectors.binary("multiply", place, wide), own)
        return [hlo.cast(vectors.binary(kind, values, hlo.take(flat, place, 0)), op.result.type)]

    return rewrite


def _grouped(keys: Any) -> tuple[Any, Any, Any]:
    """Equal keys together: the group of each key (as it stands), the place of the first of each group, and how many
    groups there are.
    """
    (count,) = loops.sizes_of(keys)
    ordered, origin = _order(keys)
    starts = vectors.starts_of_runs(hlo.compare("NE", *vectors.neighbours(ordered, count)), count)
    group = vectors.scattered(count, origin, vectors.numbered(starts))
    first = hlo.take(origin, vectors.places(starts, count), 0)
    return group, first, loops.sizes_of(first)[0]


def add(op: Any) -> list[Any]:
    """``tf.SparseAdd``: sums of two that are smaller than the threshold are left out."""
    indices, values, shape, other_indices, other_values, _, threshold = op.operands
    joined, both = _joined(indices, other_indices), _joined(values, other_values)
    group, first, count = _grouped(_keys_of(joined, shape))
    sums = vectors.scattered(count, group, both, "add")
    kind = hlo.element(threshold)
    size = hlo.op("abs", [sums], hlo.tensor(hlo.shape(sums), kind))
    enough = hlo.compare("GE", size, hlo.spread(threshold, loops.sizes_of(size)))
    many = vectors.scattered(count, group, vectors.filled(1, loops.sizes_of(group)), "add")
    kept = vectors.places(hlo.op("or", [enough, vectors.compare("EQ", many, 1)], enough.type), count)
    return _given(op, hlo.take(joined, hlo.take(first, kept, 0), 0), hlo.take(sums, kept, 0), shape)


def either(kind: str) -> Callable[[Any], list[Any]]:
    """``tf.SparseSparseMaximum`` and its like: what only one of the two has is compared with zero."""

    def rewrite(op: Any) -> list[Any]:
        indices, values, shape, other_indices, other_values, _ = op.operands
        joined = _joined(indices, other_indices)
        group, first, count = _grouped(_keys_of(joined, shape))
        own = loops.sizes_of(values)[0]
        ends = loops.sizes_of(group)
        left = vectors.scattered(count, hlo.slice_between(group, [0], [own]), values)
        right = vectors.scattered(count, hlo.slice_between(group, [own], ends), other_values)
        return _given(op, hlo.take(joined, first, 0), vectors.binary(kind, left, right))

    return rewrite


def concat(op: Any) -> list[Any]:
    """``tf.SparseConcat``: one behind the other, and coordinates in row-major order again."""
    third = len(op.operands) // 3
    indices, values, shapes = (list(op.operands)[i * third : (i + 1) * third] for i in range(3))
    rank = _rank(indices[0], shapes[0])
    axis = op.attributes["concat_dim"].value % rank
    start = _size(shapes[0], axis)
    moved = [indices[0]]
    for part, shape in zip(indices[1:], shapes[1:], strict=True):
        columns = [_column(part, i) for i in range(rank)]
        columns[axis] = vectors.binary("add", columns[axis], hlo.spread(start, loops.sizes_of(columns[axis])))
        moved.append(_table(columns))
        start = hlo.op("add", [start, _size(shape, axis)], start.type)
    joined = _joined(*moved)
    total = [start if i == axis else _size(shapes[0], i) for i in range(rank)]
    _, origin = _order(_keys([_column(joined, i) for i in range(rank)], total))
    return _given(op, hlo.take(joined, origin, 0), hlo.take(_joined(*values), origin, 0), _vector(total))


def _vector(sizes: Sequence[Any]) -> Any:
    return _joined(*(hlo.reshape(size, [1]) for size in sizes))


def _cut(indices: Any, values: Any, starts: Sequence[Any], sizes: Sequence[Any]) -> tuple[Any, Any]:
    """What lies in a box (starts and sizes of i64), with coordinates in it."""
    columns = [_column(indices, i) for i in range(len(starts))]
    columns = [
        vectors.binary("subtract", c, hlo.spread(s, loops.sizes_of(c))) for c, s in zip(columns, starts, strict=True)
    ]
    inside = None
    for column, size in zip(columns, sizes, strict=True):
        low = hlo.compare("GE", column, vectors.filled(0, loops.sizes_of(column), hlo.element(column)))
        here = hlo.op("and", [low, hlo.compare("LT", column, hlo.spread(size, loops.sizes_of(column)))], low.type)
        inside = here if inside is None else hlo.op("and", [inside, here], here.type)
    found = vectors.places(inside, loops.sizes_of(indices)[0])
    return hlo.take(_table(columns), found, 0), hlo.take(values, found, 0)


def reshape(op: Any) -> list[Any] | None:
    """``tf.SparseReshape``: a size of -1 takes what the others leave."""
    indices, shape, target = op.operands
    rank, wanted = _rank(indices, shape), hlo.shape(target)[0]
    if wanted is None:
        return None
    scalar = hlo.tensor([], hlo.element(shape))
    one, zero = hlo.filled(1, scalar), hlo.filled(0, scalar)
    total, others = one, one
    for i in range(rank):
        total = hlo.op("multiply", [total, _size(shape, i)], scalar)
    sizes = [_size(target, i) for i in range(wanted)]
    for size in sizes:
        given = hlo.op("select", [hlo.compare("LT", size, zero), one, size], scalar)
        others = hlo.op("multiply", [others, given], scalar)
    left = hlo.op("divide", [total, hlo.op("maximum", [others, one], scalar)], scalar)
    sizes = [hlo.op("select", [hlo.compare("LT", size, zero), left, size], scalar) for size in sizes]
    rest = _keys_of(indices, shape)
    columns: list[Any] = []
    for size in reversed(sizes):
        wide = hlo.spread(hlo.op("maximum", [size, one], scalar), loops.sizes_of(rest))
        columns.insert(0, vectors.binary("remainder", rest, wide))
        rest = vectors.binary("divide", rest, wide)
    return _given(op, _table(columns), _vector(sizes))


def slice_(op: Any) -> list[Any]:
    """``tf.SparseSlice``: a box, of which what is outside of the tensor is cut off."""
    indices, values, shape, begin, size = op.operands
    rank = _rank(indices, shape)
    starts = [_size(begin, i) for i in range(rank)]
    sizes = []
    for i, start in enumerate(starts):
        left = hlo.op("subtract", [_size(shape, i), start], start.type)
        left = hlo.op("maximum", [left, hlo.filled(0, start.type)], start.type)
        sizes.append(hlo.op("minimum", [_size(size, i), left], start.type))
    return _given(op, *_cut(indices, values, starts, sizes), _vector(sizes))


def split(op: Any) -> list[Any] | None:
    """``tf.SparseSplit``: parts of one size, of which the first are larger by one where that does not come out even."""
    axis_value, indices, values, shape = op.operands
    known, rank = hlo.known_elements(axis_value), _rank(indices, shape)
    if known is None:
        return None
    axis, parts = int(known[0]) % rank, len(op.results) // 3
    whole = _size(shape, axis)
    kind = whole.type
    count = hlo.filled(parts, kind)
    each, rest = hlo.op("divide", [whole, count], kind), hlo.op("remainder", [whole, count], kind)
    zero = hlo.filled(0, kind)
    begin = zero
    made: list[list[Any]] = [[], [], []]
    for k in range(parts):
        more = hlo.compare("GT", rest, hlo.filled(k, kind))
        size = hlo.op("add", [each, hlo.op("convert", [more], kind)], kind)
        sizes = [size if i == axis else _size(shape, i) for i in range(rank)]
        cut = _cut(indices, values, [begin if i == axis else zero for i in range(rank)], sizes)
        for results, value in zip(made, (*cut, _vector(sizes)), strict=True):
            results.append(value)
        begin = hlo.op("add", [begin, size], kind)
    return _given(op, *(value for results in made for value in results))


def softmax(op: Any) -> list[Any]:
    """``tf.SparseSoftmax``: of what each row along the last dimension has."""
    indices, values, shape = op.operands
    rank = _rank(indices, shape)
    columns = [_column(indices, i) for i in range(rank - 1)]
    rows = _keys(columns, [_size(shape, i) for i in range(rank - 1)]) if columns else None
    if rows is None:
        rows = vectors.filled(0, loops.sizes_of(values), ir.IntegerType.get_signless(64))
    group, _, count = _grouped(rows)
    largest = vectors.scattered(count, group, values, "maximum", float("-inf"))
    powers = vectors.binary("subtract", values, hlo.take(largest, group, 0))
    powers = hlo.op("exponential", [powers], powers.type)
    sums = vectors.scattered(count, group, powers, "add")
    return [hlo.cast(vectors.binary("divide", powers, hlo.take(sums, group, 0)), op.result.type)]


def fill_empty_rows(op: Any) -> list[Any]:
    """``tf.SparseFillEmptyRows``: each row without a value gets one, in its first column."""
    indices, values, shape, default = op.operands
    rank = _rank(indices, shape)
    rows = hlo.to_i32(_size(shape, 0))
    owner = hlo.to_i32(_column(indices, 0))
    (count,) = loops.sizes_of(owner)
    many = vectors.scattered(rows, owner, vectors.filled(1, [count]), "add")
    empty = vectors.compare("EQ", many, 0)
    missing = vectors.places(empty, rows)
    added = loops.sizes_of(missing)
    kind = hlo.element(indices)
    wide = hlo.convert(missing, hlo.tensor(hlo.shape(missing), kind))
    more = _table([wide, *[vectors.filled(0, added, kind)] * (rank - 1)])
    joined, filled = _joined(indices, more), _joined(values, hlo.spread(default, added))
    _, origin = _order(_joined(owner, missing))
    position = vectors.scattered(loops.sizes_of(origin)[0], origin, loops.iota(loops.sizes_of(origin), 0))
    map_back = hlo.slice_between(position, [0], [count])
    return _given(op, hlo.take(joined, origin, 0), hlo.take(filled, origin, 0), empty, map_back)


def _real(kind: Any) -> Any:
    return kind.element_type if isinstance(kind, ir.ComplexType) else kind


def _conjugate(value: Any) -> Any:
    """The complex conjugate; real numbers are their own."""
    if not isinstance(hlo.element(value), ir.ComplexType):
        return value
    part = hlo.tensor(hlo.shape(value), _real(hlo.element(value)))
    imaginary = hlo.op("negate", [hlo.op("imag", [value], part)], part)
    return hlo.op("complex", [hlo.op("real", [value], part), imaginary], value.type)


def product(op: Any) -> list[Any] | None:
    """``tf.SparseTensorDenseMatMul``: the rows of the second matrix that the coordinates name, weighted and added."""
    indices, values, shape, right = op.operands
    if op.attributes["adjoint_b"].value:
        right = _conjugate(right)
        turned = hlo.tensor(hlo.shape(right)[::-1], hlo.element(right))
        right = hlo.op("transpose", [right], turned, permutation=hlo.array([1, 0]))
    row, column = (1, 0) if op.attributes["adjoint_a"].value else (0, 1)
    values = _conjugate(values) if op.attributes["adjoint_a"].value else values
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


def reduced(kind: str) -> Callable[[Any], list[Any] | None]:
    """``tf.SparseReduceSum``, ``tf.SparseReduceMax``: over values whose coordinates along the other axes are the same;
    zero where there are none.
    """

    def rewrite(op: Any) -> list[Any] | None:
        indices, values, shape, axes = op.operands
        known, rank = hlo.known_elements(axes), _rank(indices, shape)
        if known is None:
            return None
        out = {int(axis) % rank for axis in known} or set(range(rank))
        kept = [i for i in range(rank) if i not in out]
        sizes = [residual.sizes_in(shape)[i] for i in kept]
        element = hlo.element(values)

        def over(part: Any, name: str, start: float) -> Any:
            neutral = hlo.filled(start, hlo.tensor([], hlo.element(part)))
            if not kept:
                return hlo.reduce(name, part, neutral, [0])
            return _put(hlo.spread(neutral, sizes), _table([_column(indices, i) for i in kept]), part, name)

        total = over(values, kind, segments.least(element) if kind == "maximum" else 0)
        if kind == "maximum":
            seen = over(vectors.filled(1, loops.sizes_of(values)), "maximum", 0)
            some = vectors.compare("EQ", seen, 1) if kept else hlo.compare("EQ", seen, hlo.size_value(1))
            total = vectors.select(some, total, hlo.spread(hlo.filled(0, hlo.tensor([], element)), sizes))
        if op.attributes["keep_dims"].value:
            own = iter(loops.sizes_of(total))
            total = hlo.reshape(total, [1 if i in out else next(own) for i in range(rank)])
        return [hlo.cast(total, op.result.type)]

    return rewrite


KEPT = {
    "tf.SparseAdd": Kept(add),
    "tf.SparseConcat": Kept(concat, ("concat_dim",)),
    "tf.SparseDenseCwiseAdd": Kept(with_dense("add")),
    "tf.SparseDenseCwiseDiv": Kept(with_dense("divide")),
    "tf.SparseDenseCwiseMul": Kept(with_dense("multiply")),
    "tf.SparseFillEmptyRows": Kept(fill_empty_rows),
    "tf.SparseReduceMax": Kept(reduced("maximum"), ("keep_dims",)),
    "tf.SparseReduceSum": Kept(reduced("add"), ("keep_dims",)),
    "tf.SparseReorder": Kept(reorder),
    "tf.SparseReshape": Kept(reshape),
    "tf.SparseSlice": Kept(slice_),
    "tf.SparseSoftmax": Kept(softmax),
    "tf.SparseSparseMaximum": Kept(either("maximum")),
    "tf.SparseSparseMinimum": Kept(either("minimum")),
    "tf.SparseSplit": Kept(split),
    "tf.SparseTensorDenseAdd": Kept(add_dense),
    "tf.SparseTensorDenseMatMul": Kept(product, ("adjoint_a", "adjoint_b")),
}
