"""TensorFlow's operations on open shapes, which its own lowering leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from iree.dialects.mlir import ir
from iree.import_tf import dims, hlo
from iree.import_tf.rewrites import Table
from iree.import_tf.rewrites.kept import PREFIX


def sizes_in(vector: Any) -> list[hlo.Size]:
    """The elements of an integer vector, known ones as `int`."""
    known = dims.elements(vector)
    if known is not None:
        return [dims.materialize(size) for size in known]
    return [hlo.at(vector, i) for i in range(hlo.shape(vector)[0] or 0)]


def _size_of(value: Any, axis: int) -> hlo.Size:
    return dims.materialize(dims.dim(value, axis))


def reshape(op: Any) -> list[Any] | None:
    """``tf.Reshape``: a size of -1 takes what the others leave."""
    value, target = op.operands
    if not isinstance(value.type, ir.RankedTensorType) or hlo.shape(target)[0] is None:
        return None
    known = dims.elements(target) or [dims.Scalar(size) for size in sizes_in(target)]
    certain = [dims.is_count(size) for size in known]
    sizes = [dims.materialize(size) for size in known]
    for i, size in enumerate(hlo.shape(op.result)):
        if size is not None:
            sizes[i], certain[i] = size, True
    if all(certain):
        return [hlo.reshape(value, sizes, op.result.type)]
    total: hlo.Size = 1
    for axis in range(len(hlo.shape(value))):
        total = hlo.arithmetic("multiply", total, _size_of(value, axis))
    result = list(sizes)
    for i, size in enumerate(sizes):
        if certain[i]:
            continue
        others: hlo.Size = 1
        for j, other in enumerate(sizes):
            if j != i and not (isinstance(other, int) and other == -1):
                others = hlo.arithmetic("multiply", others, other)
        left = hlo.arithmetic("divide", total, hlo.choose("EQ", others, 0, 1, others))
        result[i] = left if isinstance(size, int) else hlo.choose("EQ", size, -1, left, size)
    return [hlo.reshape(value, result, op.result.type)]


@dataclass
class _Slice:
    """A strided slice in the making: for each input dimension where it starts, stops (exclusive) and steps."""

    starts: list[hlo.Size] = field(default_factory=list)
    limits: list[hlo.Size] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)
    result: list[int | None] = field(default_factory=list)
    """The input dimension of each result dimension; None for a new one."""
    reversed: list[int] = field(default_factory=list)

    def add(self, size: hlo.Size, start: hlo.Size, limit: hlo.Size, step: int, keep: bool) -> None:
        axis = len(self.starts)
        if step < 0:  # the same slice of the reversed dimension
            last = hlo.arithmetic("subtract", size, 1)
            start, limit, step = hlo.arithmetic("subtract", last, start), hlo.arithmetic("subtract", last, limit), -step
            self.reversed.append(axis)
        self.starts.append(start)
        ordered = not keep or (start == 0 and limit is size)
        self.limits.append(limit if ordered else hlo.arithmetic("maximum", start, limit))
        self.steps.append(step)
        if keep:
            self.result.append(axis)


def strided_slice(op: Any) -> list[Any] | None:
    """``tf.StridedSlice`` with steps that are known: bounds count from the end if negative and are clamped."""
    value, *bounds = op.operands
    made = _bounds(op, value, bounds)
    return None if made is None else [_take(value, made, op.result.type)]


def strided_slice_update(op: Any) -> list[Any] | None:
    """``tf.TensorStridedSliceUpdate`` with steps of one, or forwards between bounds that are known."""
    value, *bounds, update = op.operands
    made = _bounds(op, value, bounds)
    if made is None:
        return None
    if set(made.steps) != {1}:
        return _put_apart(op, value, made, update)
    sizes = [hlo.arithmetic("subtract", limit, start) for start, limit in zip(made.starts, made.limits, strict=True)]
    starts = [hlo.size_value(start) for start in made.starts]
    return [hlo.op("dynamic_update_slice", [value, hlo.reshape(update, sizes), *starts], op.result.type)]


def _put_apart(op: Any, value: Any, made: _Slice, update: Any) -> list[Any] | None:
    """`update` in every `step`th place of `value`: drawn apart by padding, where a mask drawn likewise is set."""
    sizes = hlo.shape(value)
    if made.reversed or None in sizes or not all(isinstance(b, int) for b in (*made.starts, *made.limits)):
        return None
    counts = [max(0, -(-(b - a) // s)) for a, b, s in zip(made.starts, made.limits, made.steps, strict=True)]
    high = [
        size - start - max(0, (count - 1) * step + 1)
        for size, start, count, step in zip(sizes, made.starts, counts, made.steps, strict=True)
    ]
    if 0 in counts:
        return [value]
    amounts = {
        "edge_padding_low": hlo.array(made.starts),
        "edge_padding_high": hlo.array(high),
        "interior_padding": hlo.array([step - 1 for step in made.steps]),
    }

    def apart(part: Any, filler: float) -> Any:
        kind = hlo.tensor(sizes, hlo.element(part))
        return hlo.op("pad", [part, hlo.filled(filler, hlo.tensor([], hlo.element(part)))], kind, **amounts)

    ones = hlo.filled(1, hlo.tensor(counts, ir.IntegerType.get_signless(1)))
    chosen = [apart(ones, 0), apart(hlo.reshape(update, counts), 0), value]
    return [hlo.op("select", chosen, op.result.type)]


def strided_slice_grad(op: Any) -> list[Any] | None:
    """``tf.StridedSliceGrad`` with steps of one: zeros, and the gradient where the slice was."""
    shape, *bounds, gradient = op.operands
    sizes = sizes_in(shape)
    zero = hlo.filled(0, hlo.tensor([], hlo.element(gradient)))
    zeros = hlo.spread(zero, sizes)
    made = _bounds(op, zeros, bounds)
    if made is None or set(made.steps) != {1}:
        return None
    taken = [hlo.arithmetic("subtract", limit, start) for start, limit in zip(made.starts, made.limits, strict=True)]
    starts = [hlo.size_value(start) for start in made.starts]
    filled = hlo.op("dynamic_update_slice", [zeros, hlo.reshape(gradient, taken), *starts], zeros.type)
    return [hlo.cast(filled, op.result.type)]


def _bounds(op: Any, value: Any, bounds: Sequence[Any]) -> _Slice | None:
    """What a strided slice operation takes of `value`; None if that is not known well enough."""
    begin, end, strides = bounds
    steps = hlo.known_elements(strides)
    if steps is None or hlo.shape(begin)[0] is None:
        return None
    begins, ends = sizes_in(begin), sizes_in(end)
    masks = {
        name: op.attributes[f"{name}_mask"].value for name in ("begin", "end", "ellipsis", "new_axis", "shrink_axis")
    }
    rank = len(hlo.shape(value))
    taken = sum(not (masks["new_axis"] | masks["ellipsis"]) >> i & 1 for i in range(len(steps)))
    made = _Slice()

    def whole() -> None:
        size = _size_of(value, len(made.starts))
        made.add(size, 0, size, 1, True)

    for i, step in enumerate(int(s) for s in steps):
        if masks["ellipsis"] >> i & 1:
            for _ in range(rank - taken):
                whole()
            continue
        if masks["new_axis"] >> i & 1:
            made.result.append(None)
            continue
        size = _size_of(value, len(made.starts))
        if masks["shrink_axis"] >> i & 1:
            start = _from_end(begins[i], size)
            made.add(size, start, hlo.arithmetic("add", start, 1), 1, False)
            continue
        low, high = (0, size) if step > 0 else (-1, hlo.arithmetic("subtract", size, 1))
        first, last = (0, size) if step > 0 else (hlo.arithmetic("subtract", size, 1), -1)
        start = first if masks["begin"] >> i & 1 else _clamp(_from_end(begins[i], size), low, high)
        limit = last if masks["end"] >> i & 1 else _clamp(_from_end(ends[i], size), low, high)
        made.add(size, start, limit, step, True)
    while len(made.starts) < rank:
        whole()
    return made


def _from_end(bound: hlo.Size, size: hlo.Size) -> hlo.Size:
    if isinstance(bound, int):
        return bound if bound >= 0 else hlo.arithmetic("add", bound, size)
    return hlo.choose("LT", bound, 0, hlo.arithmetic("add", bound, size), bound)


def _clamp(bound: hlo.Size, low: hlo.Size, high: hlo.Size) -> hlo.Size:
    if isinstance(bound, int) and bound == low:
        return bound
    return hlo.arithmetic("minimum", hlo.arithmetic("maximum", bound, low), high)


def _take(value: Any, made: _Slice, wanted: Any) -> Any:
    if made.reversed:
        value = hlo.op("reverse", [value], value.type, dimensions=hlo.array(made.reversed))
    wanted_shape = [None if size == hlo.DYNAMIC else size for size in wanted.shape]
    sizes: list[int | None] = []
    for axis, (start, limit, step) in enumerate(zip(made.starts, made.limits, made.steps, strict=True)):
        if isinstance(start, int) and isinstance(limit, int):
            sizes.append(max(0, -(-(limit - start) // step)))
        elif axis in made.result:
            sizes.append(wanted_shape[made.result.index(axis)])
        else:
            sizes.append(1)
    known = all(isinstance(size, int) for size in (*made.starts, *made.limits))
    type_ = hlo.tensor(sizes, hlo.element(value))
    static = all(sizes[axis] is not None for axis in range(len(sizes)))
    if not known and static and set(made.steps) == {1}:
        starts = [hlo.size_value(start) for start in made.starts]
        taken = hlo.op("dynamic_slice", [value, *starts], type_, slice_sizes=hlo.array(sizes))  # type: ignore[arg-type]
    elif known:
        bounds = {"start_indices": hlo.array(made.starts), "limit_indices": hlo.array(made.limits)}
        taken = hlo.op("slice", [value], type_, **bounds, strides=hlo.array(made.steps))
    else:
        bounds_values = [hlo.vector(part) for part in (made.starts, made.limits, made.steps)]
        taken = hlo.op("real_dynamic_slice", [value, *bounds_values], type_)
    final: list[hlo.Size] = []
    for position, source in enumerate(made.result):
        size = wanted_shape[position]
        final.append(1 if source is None else size if size is not None else hlo.dim(taken, source))
    if made.result == list(range(len(made.starts))):
        return hlo.convert(taken, wanted)
    return hlo.reshape(taken, final, wanted)


def concat_offset(op: Any) -> list[Any] | None:
    """``tf.ConcatOffset``: where each of several tensors starts in what they are joined to."""
    axis, *shapes = op.operands
    known = hlo.known_elements(axis)
    if known is None:
        return None
    sizes = [sizes_in(shape) for shape in shapes]
    place = int(known[0]) % len(sizes[0])
    offsets, before = [], 0
    for own, result in zip(sizes, op.results, strict=True):
        offsets.append(hlo.convert(hlo.vector([before if i == place else 0 for i in range(len(own))]), result.type))
        before = hlo.arithmetic("add", before, own[place])
    return offsets


def shapes_of(op: Any) -> list[Any]:
    """``tf.ShapeN``."""
    sizes = [[_size_of(value, axis) for axis in range(len(hlo.shape(value)))] for value in op.operands]
    return [hlo.convert(hlo.vector(own), result.type) for own, result in zip(sizes, op.results, strict=True)]


MASKS = ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask")
"""The attributes of strided slices."""
TABLE: Table = {
    "tf.ConcatOffset": concat_offset,
    "tf.Reshape": reshape,
    PREFIX + "Reshape": reshape,
    "tf.ShapeN": shapes_of,
    "tf.StridedSlice": strided_slice,
    "tf.StridedSliceGrad": strided_slice_grad,
    "tf.TensorStridedSliceUpdate": strided_slice_update,
}
