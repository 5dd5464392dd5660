"""Images seen through projective transforms, as tensorflow/core/kernels/image/image_ops.h samples them."""

from __future__ import annotations

from typing import Any

from iree.dialects.mlir import ir
from iree.import_tf import hlo, loops
from iree.import_tf.rewrites.arithmetic import Float
from iree.import_tf.rewrites.kept import Kept


def project(op: Any) -> list[Any] | None:
    """``tf.ImageProjectiveTransformV2`` and ``V3``: each result pixel is sampled where its transform says."""
    image, transforms = list(op.operands)[:2]
    mode = ir.StringAttr(op.attributes["fill_mode"]).value
    if mode not in _MODES:
        return None
    batch, *sizes, depth = loops.sizes_of(image)
    known = hlo.shape(op.result)[1:3]
    space = [batch, *(hlo.at(op.operands[2], i) if size is None else size for i, size in enumerate(known))]
    f32 = ir.F32Type.get()
    rows, columns = (Float(loops.iota(space, axis, f32)) for axis in (1, 2))
    like = rows.value.type

    def coefficient(i: int) -> Float:
        count = loops.sizes_of(transforms)[0]
        part = hlo.reshape(hlo.slice_between(transforms, [0, i], [count, i + 1]), [count])
        if hlo.shape(transforms)[0] == 1:  # one for all images
            return Float(hlo.cast(hlo.spread(hlo.reshape(part, []), space), like))
        return Float(hlo.cast(hlo.broadcast(part, space, [0]), like))

    depth_there = coefficient(6) * columns + coefficient(7) * rows + 1
    positions = [
        _MODES[mode](
            (coefficient(i + 0) * columns + coefficient(i + 1) * rows + coefficient(i + 2)) / depth_there, size
        )
        for i, size in ((3, sizes[0]), (0, sizes[1]))
    ]
    filler = Float(hlo.convert(op.operands[3], hlo.tensor([], f32))) if len(op.operands) > 3 else None
    pick = _Picker(image, space, sizes, depth, filler)
    if ir.StringAttr(op.attributes["interpolation"]).value == "NEAREST":
        value = pick(*(at.apply("round_nearest_afz") for at in positions))
    else:
        low = [at.apply("floor") for at in positions]
        down, right = (at - floor for at, floor in zip(positions, low, strict=True))
        top, bottom = (
            pick(row, low[1]) * _wide(right * -1 + 1, space, depth) + pick(row, low[1] + 1) * _wide(right, space, depth)
            for row in (low[0], low[0] + 1)
        )
        value = top * _wide(down * -1 + 1, space, depth) + bottom * _wide(down, space, depth)
    unseen = depth_there.where("EQ", 0, 1, 0)
    value = _wide(unseen, space, depth).where("EQ", 1, filler or 0.0, value)
    return [hlo.convert(value.value, op.result.type)]


def _wide(value: Float, space: list[hlo.Size], depth: hlo.Size) -> Float:
    """What holds for a pixel, for each of its channels."""
    return Float(hlo.broadcast(value.value, [*space, depth], [0, 1, 2]))


class _Picker:
    """Takes pixels at whole positions; those outside of the image are the filler."""

    def __init__(
        self, image: Any, space: list[hlo.Size], sizes: list[hlo.Size], depth: hlo.Size, filler: Float | None
    ) -> None:
        self._image = hlo.convert(image, hlo.tensor(hlo.shape(image), ir.F32Type.get()))
        self._space, self._sizes, self._depth, self._filler = space, sizes, depth, filler or 0.0

    def __call__(self, row: Float, column: Float) -> Float:
        outside = row * 0
        parts = [loops.iota(self._space, 0)]
        for at, size in zip((row, column), self._sizes, strict=True):
            last = Float(
                hlo.convert(hlo.size_value(hlo.arithmetic("subtract", size, 1)), hlo.tensor([], ir.F32Type.get()))
            )
            outside = at.where("LT", 0, 1, at.where("GT", last, 1, outside))
            inside = at.largest(0).least(last).value
            parts.append(hlo.convert(inside, hlo.tensor(hlo.shape(inside), hlo.i32())))
        shape = hlo.shape(parts[1])
        columns = [hlo.reshape(hlo.cast(part, hlo.tensor(shape, hlo.i32())), [*self._space, 1]) for part in parts]
        indices = hlo.op("concatenate", columns, hlo.tensor([*shape, 3], hlo.i32()), dimension="3 : i64")
        numbers = (
            "#stablehlo.gather<offset_dims = [3], collapsed_slice_dims = [0, 1, 2], start_index_map = [0, 1, 2], "
            "index_vector_dim = 3>"
        )
        options = {"dimension_numbers": numbers, "indices_are_sorted": "false"}
        type_ = hlo.tensor([*shape, hlo.shape(self._image)[3]], ir.F32Type.get())
        if isinstance(self._depth, int):
            widths = hlo.array([1, 1, 1, self._depth])
            taken = hlo.op("gather", [self._image, indices], type_, slice_sizes=widths, **options)
        else:
            ones = hlo.vector([1, 1, 1, self._depth])
            taken = hlo.op("dynamic_gather", [self._image, indices, ones], type_, **options)
        mask = Float(hlo.cast(_wide(outside, self._space, self._depth).value, taken.type))
        return mask.where("EQ", 1, self._filler, Float(taken))


def _constant(at: Float, size: hlo.Size) -> Float:
    return at


def _nearest(at: Float, size: hlo.Size) -> Float:
    last = hlo.convert(hlo.size_value(hlo.arithmetic("subtract", size, 1)), hlo.tensor([], ir.F32Type.get()))
    return at.largest(0).least(Float(last))


def _reflected(at: Float, size: hlo.Size) -> Float:
    """Back and forth: the edge pixels come twice."""
    whole = Float(hlo.convert(hlo.size_value(size), hlo.tensor([], ir.F32Type.get())))
    period = whole * 2
    turned = at.where("LT", 0, at * -1 - 1, at)
    turned = turned - (turned / period).apply("floor") * period
    back = (turned * -1 - 1) + period
    return _nearest(turned.where("GE", whole, back, turned), size)


def _wrapped(at: Float, size: hlo.Size) -> Float:
    """From the other side, counting the turns by the distance of the edge pixels as TensorFlow does."""
    number = hlo.tensor([], ir.F32Type.get())
    whole = Float(hlo.convert(hlo.size_value(size), number))
    last = whole - 1
    step = last.largest(1)
    before = at + (((at * -1) / step).apply("floor") + 1) * whole
    behind = at - (at / step).apply("floor") * whole
    return _nearest(at.where("LT", 0, before, at.where("GT", last, behind, at)), size)


_MODES = {"CONSTANT": _constant, "NEAREST": _nearest, "REFLECT": _reflected, "WRAP": _wrapped}
_ATTRIBUTES = ("interpolation", "fill_mode")
KEPT = {
    "tf.ImageProjectiveTransformV2": Kept(project, _ATTRIBUTES),
    "tf.ImageProjectiveTransformV3": Kept(project, _ATTRIBUTES),
}
