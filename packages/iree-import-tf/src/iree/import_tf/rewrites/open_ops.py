"""Operations whose lowering by TensorFlow fails or goes through floating point where shapes are open."""

from __future__ import annotations

from typing import Any

import numpy as np
from iree.dialects.mlir import ir
from iree.import_tf import dims, hlo, loops
from iree.import_tf.rewrites import contractions, residual
from iree.import_tf.rewrites.kept import Kept


def _is_open(op: Any) -> bool:
    return any(None in hlo.shape(operand) for operand in op.operands)


def _size(value: Any) -> hlo.Size:
    known = hlo.known_elements(value)
    return hlo.to_i32(value) if known is None else int(known[0])


def range_(op: Any) -> list[Any]:
    """``tf.Range`` of integers: TensorFlow computes its length in floating point."""
    start, limit, delta = map(_size, op.operands)
    distance = hlo.arithmetic("subtract", limit, start)
    if delta == 1:
        count = hlo.arithmetic("maximum", distance, 0)
    else:  # rounded up; the sign of delta says which way
        sign = hlo.choose("LT", delta, 0, -1, 1)
        rounded = hlo.arithmetic("subtract", hlo.arithmetic("add", distance, delta), sign)
        count = hlo.arithmetic("maximum", hlo.arithmetic("divide", rounded, delta), 0)
    type_ = hlo.tensor([None], hlo.i32())
    values = hlo.op("dynamic_iota", [hlo.vector([count])], type_, iota_dimension="0 : i64")
    if delta != 1:
        values = hlo.op("multiply", [values, hlo.spread(hlo.size_value(delta), [count])], type_)
    if start != 0:
        values = hlo.op("add", [values, hlo.spread(hlo.size_value(start), [count])], type_)
    return [hlo.convert(values, op.result.type)]


def unpack(op: Any) -> list[Any]:
    """``tf.Unpack``: a slice for each result."""
    value, axis = op.operands[0], op.attributes["axis"].value
    axis %= len(hlo.shape(value))
    sizes = [dims.materialize(dims.dim(value, i)) for i in range(len(hlo.shape(value)))]
    results = []
    for i, result in enumerate(op.results):
        starts: list[hlo.Size] = [0] * len(sizes)
        limits = list(sizes)
        starts[axis], limits[axis] = i, i + 1
        taken = hlo.slice_between(value, starts, limits)
        results.append(hlo.reshape(taken, [s for j, s in enumerate(sizes) if j != axis], result.type))
    return results


def _cumulates_openly(op: Any) -> bool:
    return hlo.known_elements(op.operands[1]) is not None and _is_open(op)


def cumulate(kind: str, neutral: float) -> Any:
    """``tf.Cumsum``, ``tf.Cumprod``: along a dimension of known size a window that reaches back to the start, along
    another one a loop.
    """

    def rewrite(op: Any) -> list[Any]:
        value, axis_value = op.operands
        axis_known = hlo.known_elements(axis_value)
        assert axis_known is not None
        rank = len(hlo.shape(value))
        axis = int(axis_known[0]) % rank
        count = hlo.shape(value)[axis]
        exclusive, back = op.attributes["exclusive"].value, op.attributes["reverse"].value
        if count is None:
            total = loops.cumulate(kind, value, axis, neutral, exclusive=exclusive, back=back)
            return [hlo.cast(total, op.result.type)]
        before, after = (count, -1) if exclusive else (count - 1, 0)
        low, high = (after, before) if back else (before, after)
        window = [count if i == axis else 1 for i in range(rank)]
        padding = [[low, high] if i == axis else [0, 0] for i in range(rank)]
        start = hlo.filled(neutral, hlo.tensor([], hlo.element(value)))
        return [hlo.cast(hlo.reduce_window(kind, value, start, window, [1] * rank, padding), op.result.type)]

    return rewrite


def _sums_an_operand(op: Any) -> bool:
    """Whether a letter of one operand is in neither the other nor the result, which TensorFlow's lowering refuses."""
    sides = op.attributes["equation"].value.replace(" ", "").split("->")
    operands = sides[0].split(",")
    if len(operands) != 2 or len(sides) != 2:
        return False
    first, second = (set(labels.replace("...", "")) for labels in operands)
    return bool((first ^ second) - set(sides[1]))


def einsum(op: Any) -> list[Any] | None:
    """``tf.Einsum`` of two operands."""
    return contractions.two_operands(op.operands[0], op.operands[1], op.attributes["equation"].value, op.result.type)


def one_hot(op: Any) -> list[Any]:
    """``tf.OneHot``: a comparison of the indices with all values."""
    indices, depth, on, off = op.operands
    known = hlo.known_elements(depth)
    rank = len(hlo.shape(indices))
    axis = op.attributes["axis"].value % (rank + 1)
    sizes = [dims.materialize(dims.dim(indices, i)) for i in range(rank)]
    count: hlo.Size = int(known[0]) if known is not None else hlo.to_i32(depth)
    sizes.insert(axis, count)
    axes = [i for i in range(rank + 1) if i != axis]
    if isinstance(count, int):
        values = hlo.op("iota", [], hlo.tensor([count], hlo.element(indices)), iota_dimension="0 : i64")
    else:
        type_ = hlo.tensor([None], hlo.element(indices))
        values = hlo.op("dynamic_iota", [hlo.vector([count])], type_, iota_dimension="0 : i64")
    same = hlo.compare("EQ", hlo.broadcast(indices, sizes, axes), hlo.broadcast(values, sizes, [axis]))
    chosen = [same, hlo.spread(on, sizes), hlo.spread(off, sizes)]
    result = hlo.op("select", chosen, hlo.tensor(hlo.shape(same), hlo.element(on)))
    return [hlo.cast(result, op.result.type)]


def _slices_openly(op: Any) -> bool:
    """Whether only a run knows where a slice starts or how long it is; its rank is known."""
    bounds = list(op.operands)[1:]
    known = all(hlo.known_elements(bound) is not None for bound in bounds)
    return hlo.shape(bounds[0])[0] is not None and not (known and None not in hlo.shape(op.operands[0]))


def slice_(op: Any) -> list[Any]:
    """``tf.Slice`` of places that only a run knows; a size of -1 is what is left."""
    value, begin, count = op.operands
    starts, counts = residual.sizes_in(begin), residual.sizes_in(count)
    for i, known in enumerate(hlo.shape(op.result)):
        rest = hlo.arithmetic("subtract", dims.materialize(dims.dim(value, i)), starts[i])
        counts[i] = hlo.choose("LT", counts[i], 0, rest, counts[i]) if known is None else known
    if all(isinstance(size, int) for size in counts):
        operands = [value, *map(hlo.size_value, starts)]
        return [hlo.op("dynamic_slice", operands, op.result.type, slice_sizes=hlo.array(counts))]
    limits = [hlo.arithmetic("add", start, size) for start, size in zip(starts, counts, strict=True)]
    taken = hlo.slice_between(value, starts, limits)
    return [hlo.reshape(taken, counts, op.result.type)]  # says what the sizes are


def norm(op: Any) -> list[Any] | None:
    """``tf.EuclideanNorm`` along known axes."""
    value, axes = op.operands
    known = hlo.known_elements(axes)
    if known is None or isinstance(hlo.element(value), ir.ComplexType):
        return None
    rank = len(hlo.shape(value))
    reduced = sorted({int(axis) % rank for axis in known})
    kind = hlo.element(value)
    exact = isinstance(kind, ir.F64Type)
    wide = hlo.convert(value, hlo.tensor(hlo.shape(value), kind if exact else ir.F32Type.get()))
    squares = hlo.op("multiply", [wide, wide], wide.type)
    total = hlo.reduce("add", squares, hlo.filled(0, hlo.tensor([], hlo.element(wide))), reduced)
    root = hlo.op("sqrt", [total], total.type)
    if op.attributes["keep_dims"].value:
        sizes = loops.sizes_of(value)
        root = hlo.reshape(root, [1 if i in reduced else size for i, size in enumerate(sizes)])
    return [hlo.convert(root, op.result.type)]


def bucketize(op: Any) -> list[Any]:
    """``tf.Bucketize``: how many of the sorted boundaries are not above each number."""
    value = op.operands[0]
    bounds = np.array([item.value for item in op.attributes["boundaries"]], np.float32)
    kind = hlo.element(value) if isinstance(hlo.element(value), ir.F64Type) else ir.F32Type.get()
    sizes = [*loops.sizes_of(value), len(bounds)]
    wide = hlo.tensor([*hlo.shape(value), len(bounds)], kind)
    numbers = hlo.convert(value, hlo.tensor(hlo.shape(value), kind))
    spread = hlo.cast(hlo.broadcast(numbers, sizes, list(range(len(sizes) - 1))), wide)
    line = hlo.convert(hlo.constant(bounds), hlo.tensor([len(bounds)], kind))
    below = hlo.compare("LT", spread, hlo.cast(hlo.broadcast(line, sizes, [len(sizes) - 1]), wide))
    reached = hlo.op("not", [below], below.type)  # by NaNs as well
    ones = hlo.convert(reached, hlo.tensor(hlo.shape(reached), hlo.i32()))
    return [hlo.cast(hlo.reduce("add", ones, hlo.size_value(0), [len(sizes) - 1]), op.result.type)]


def gradient(of: str) -> Any:
    """``tf.SigmoidGrad`` and ``tf.TanhGrad`` from the function's value and the gradient, which have one shape."""

    def rewrite(op: Any) -> list[Any]:
        value, slope = op.operands
        if None in hlo.shape(value):
            value = hlo.cast(value, slope.type)
        slope = hlo.cast(slope, value.type)
        one = hlo.spread(hlo.filled(1, hlo.tensor([], hlo.element(value))), loops.sizes_of(value))
        one = hlo.cast(one, value.type)
        if of == "sigmoid":
            slope, inner = hlo.op("multiply", [slope, value], value.type), value
        else:
            inner = hlo.op("multiply", [value, value], value.type)
        rest = hlo.op("subtract", [one, inner], value.type)
        return [hlo.cast(hlo.op("multiply", [slope, rest], value.type), op.result.type)]

    return rewrite


def _has_open_rank(op: Any) -> bool:
    return not isinstance(op.operands[0].type, ir.RankedTensorType)


KEPT = {
    "tf.Reshape": Kept(residual.reshape, (), _has_open_rank),  # TensorFlow 2.16 makes invalid operations of it
    "tf.SigmoidGrad": Kept(gradient("sigmoid"), (), _is_open),
    "tf.TanhGrad": Kept(gradient("tanh"), (), _is_open),
    "tf.Slice": Kept(slice_, (), _slices_openly),
    "tf.EuclideanNorm": Kept(norm, ("keep_dims",)),
    "tf.Bucketize": Kept(bucketize, ("boundaries",), _is_open),
    "tf.OneHot": Kept(one_hot, ("axis",), _is_open),
    "tf.Range": Kept(
        range_, (), lambda op: isinstance(hlo.element(op.result), ir.IntegerType) and hlo.shape(op.result) == [None]
    ),
    "tf.Unpack": Kept(unpack, ("axis",), _is_open),
    "tf.Cumsum": Kept(cumulate("add", 0), ("exclusive", "reverse"), _cumulates_openly),
    "tf.Cumprod": Kept(cumulate("multiply", 1), ("exclusive", "reverse"), _cumulates_openly),
    "tf.Einsum": Kept(einsum, ("equation",), _sums_an_operand),
}
