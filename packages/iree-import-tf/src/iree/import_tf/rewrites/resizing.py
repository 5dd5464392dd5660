"""Image resizing as two matrix products: each kind of interpolation is separable and linear. In images of open sizes,
rows and columns are picked and mixed.

Sampling positions and weights follow tensorflow/core/kernels/image (`resize_bilinear_op.cc`, `resize_bicubic_op.cc`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from iree.dialects.mlir import ir
from iree.import_tf import hlo, loops
from iree.import_tf.dtypes import Array
from iree.import_tf.rewrites import Rewrite
from iree.import_tf.rewrites.kept import Kept

_CUBIC = {False: -0.75, True: -0.5}
"""The coefficient of bicubic interpolation, without and with half-pixel centres."""


def _positions(size: int, result: int, align_corners: bool, half_pixel: bool) -> Array:
    """Where each result pixel lies in the source."""
    aligned = align_corners and result > 1
    scale = np.float32((size - 1) / (result - 1)) if aligned else np.float32(size / result)
    at = np.arange(result, dtype=np.float32)
    return (at + np.float32(0.5)) * scale - np.float32(0.5) if half_pixel else at * scale


def _linear(size: int, result: int, align_corners: bool, half_pixel: bool) -> Array:
    at = _positions(size, result, align_corners, half_pixel)
    low = np.floor(at)
    fraction = at - low
    weights = np.zeros((result, size), np.float32)
    rows = np.arange(result)
    np.add.at(weights, (rows, np.clip(low, 0, size - 1).astype(int)), 1 - fraction)
    np.add.at(weights, (rows, np.clip(low + 1, 0, size - 1).astype(int)), fraction)
    return weights


def _cubic(size: int, result: int, align_corners: bool, half_pixel: bool) -> Array:
    a = _CUBIC[half_pixel]
    at = _positions(size, result, align_corners, half_pixel)
    low = np.floor(at)
    weights = np.zeros((result, size))
    rows = np.arange(result)
    table = (
        np.rint((at - low).astype(np.float64) * 1024) / 1024
    )  # TensorFlow looks the weights up in a table of 1024 steps
    total = np.zeros(result)
    for tap in range(-1, 3):
        x = np.abs(tap - table)
        near = ((a + 2) * x - (a + 3)) * x * x + 1
        far = ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
        weight = np.where(x <= 1, near, far)
        place = (low + tap).astype(int)
        if half_pixel:  # taps outside of the image do not count
            weight = np.where((place >= 0) & (place < size), weight, 0)
        total += weight
        np.add.at(weights, (rows, np.clip(place, 0, size - 1)), weight)
    return (weights / total[:, None] if half_pixel else weights).astype(np.float32)


def _nearest(size: int, result: int, align_corners: bool, half_pixel: bool) -> Array:
    scale = np.float32((size - 1) / (result - 1)) if align_corners and result > 1 else np.float32(size / result)
    at = np.arange(result, dtype=np.float32)
    at = (at + np.float32(0.5)) * scale if half_pixel else at * scale
    place = np.rint(at) if align_corners else np.floor(at)
    return np.clip(place, 0, size - 1).astype(np.int32)


_FLAGS = ("align_corners", "half_pixel_centers")


def _multiplied(value: Any, axis: int, matrix: Any, side: int) -> Any:
    """`value` with the matrix's other dimension in the place of `axis`, which dimension `side` is multiplied with."""
    others = [i for i in range(4) if i != axis]
    numbers = f"#stablehlo.dot<lhs_contracting_dimensions = [{axis}], rhs_contracting_dimensions = [{side}]>"
    sizes = hlo.shape(value)
    wanted = hlo.shape(matrix)[1 - side]
    moved = hlo.tensor([*(sizes[i] for i in others), wanted], hlo.element(value))
    value = hlo.op("dot_general", [value, matrix], moved, dot_dimension_numbers=numbers)
    sizes[axis] = wanted
    order = hlo.array([*range(axis), 3, *range(axis, 3)])
    return hlo.op("transpose", [value], hlo.tensor(sizes, hlo.element(value)), permutation=order)


def _interpolated(op: Any, weights: Any) -> list[Any]:
    value = op.operands[0]
    wanted = hlo.shape(op.result)
    flags = [op.attributes[name].value for name in _FLAGS]
    value = hlo.convert(value, hlo.tensor(hlo.shape(value), ir.F32Type.get()))
    for axis in (1, 2):
        matrix = hlo.constant(weights(hlo.shape(value)[axis], wanted[axis], *flags))
        value = _multiplied(value, axis, matrix, 1)
    return [hlo.convert(value, op.result.type)]


def gradient(weights: Callable[[int, int, bool, bool], Array]) -> Rewrite:
    """``tf.ResizeBilinearGrad`` and its like: the transposed products."""

    def rewrite(op: Any) -> list[Any]:
        value = op.operands[0]
        sizes = hlo.shape(op.result)
        flags = [op.attributes[name].value for name in _FLAGS]
        value = hlo.convert(value, hlo.tensor(hlo.shape(value), ir.F32Type.get()))
        for axis in (1, 2):
            matrix = weights(sizes[axis] or 0, hlo.shape(value)[axis] or 0, *flags)
            value = _multiplied(value, axis, hlo.constant(matrix), 0)
        return [hlo.convert(value, op.result.type)]

    return rewrite


def _picks(size: int, result: int, align_corners: bool, half_pixel: bool) -> Array:
    """What `_nearest` picks, as weights."""
    return np.eye(size, dtype=np.float32)[_nearest(size, result, align_corners, half_pixel)]


def linear(op: Any) -> list[Any]:
    """``tf.ResizeBilinear``."""
    return _interpolated(op, _linear)


def cubic(op: Any) -> list[Any]:
    """``tf.ResizeBicubic``."""
    return _interpolated(op, _cubic)


def nearest(op: Any) -> list[Any]:
    """``tf.ResizeNearestNeighbor``: rows and columns picked."""
    value = op.operands[0]
    wanted = hlo.shape(op.result)
    flags = [op.attributes[name].value for name in ("align_corners", "half_pixel_centers")]
    for axis in (1, 2):
        places = hlo.constant(_nearest(hlo.shape(value)[axis] or 0, wanted[axis] or 0, *flags))
        value = hlo.take(value, places, axis)
    return [hlo.cast(value, op.result.type)]


def _open_positions(op: Any, axis: int, *, nearest: bool) -> Any:
    """Where each result pixel lies in the source along `axis`, of sizes that only a run knows."""
    align_corners, half_pixel = (op.attributes[name].value for name in _FLAGS)
    size, result = loops.sizes_of(op.operands[0])[axis], _wanted(op, axis)
    number = hlo.tensor([], ir.F32Type.get())

    def ratio(less: int) -> Any:
        parts = [hlo.convert(hlo.size_value(hlo.arithmetic("subtract", s, less)), number) for s in (size, result)]
        return hlo.op("divide", parts, number)

    scale = ratio(0)
    if align_corners:
        several = hlo.compare("GT", hlo.size_value(result), hlo.size_value(1))
        scale = hlo.op("select", [several, ratio(1), scale], number)
    at = loops.iota([result], 0, ir.F32Type.get())
    scale, half = (hlo.cast(hlo.spread(value, [result]), at.type) for value in (scale, hlo.filled(0.5, number)))
    if not half_pixel:
        return hlo.op("multiply", [at, scale], at.type)
    at = hlo.op("multiply", [hlo.op("add", [at, half], at.type), scale], at.type)
    return at if nearest else hlo.op("subtract", [at, half], at.type)


def _wanted(op: Any, axis: int) -> hlo.Size:
    known = hlo.shape(op.result)[axis]
    return hlo.at(op.operands[1], axis - 1) if known is None else known


def _places(value: Any, at: Any, axis: int) -> Any:
    """Whole positions along `axis` as indices; those outside of the image are its edge's."""
    (count,) = loops.sizes_of(at)
    last = hlo.arithmetic("subtract", loops.sizes_of(value)[axis], 1)
    places = hlo.convert(at, hlo.tensor(hlo.shape(at), hlo.i32()))
    for kind, bound in (("minimum", last), ("maximum", 0)):
        places = hlo.op(kind, [places, hlo.cast(hlo.spread(hlo.size_value(bound), [count]), places.type)], places.type)
    return places


def open_linear(op: Any) -> list[Any]:
    """``tf.ResizeBilinear`` from or to sizes that only a run knows."""
    value = hlo.convert(op.operands[0], hlo.tensor(hlo.shape(op.operands[0]), ir.F32Type.get()))
    for axis in (1, 2):
        at = _open_positions(op, axis, nearest=False)
        low = hlo.op("floor", [at], at.type)
        one = hlo.cast(hlo.spread(hlo.filled(1, hlo.tensor([], hlo.element(at))), loops.sizes_of(at)), at.type)
        places = [_places(value, place, axis) for place in (low, hlo.op("add", [low, one], at.type))]
        first, second = (hlo.take(value, place, axis) for place in places)
        fraction = hlo.broadcast(hlo.op("subtract", [at, low], at.type), loops.sizes_of(first), [axis])
        step = hlo.op("subtract", [second, first], first.type)
        value = hlo.op(
            "add", [first, hlo.op("multiply", [hlo.cast(fraction, first.type), step], first.type)], first.type
        )
    return [hlo.convert(value, op.result.type)]


def open_nearest(op: Any) -> list[Any]:
    """``tf.ResizeNearestNeighbor`` from or to sizes that only a run knows."""
    value = op.operands[0]
    rounding = "round_nearest_afz" if op.attributes["align_corners"].value else "floor"
    for axis in (1, 2):
        at = _open_positions(op, axis, nearest=True)
        value = hlo.take(value, _places(value, hlo.op(rounding, [at], at.type), axis), axis)
    return [hlo.cast(value, op.result.type)]


def _is_open(op: Any) -> bool:
    return None in hlo.shape(op.operands[0]) or None in hlo.shape(op.result)


def _either(known: Rewrite, other: Rewrite) -> Rewrite:
    """`known` for images of known height and width that become others of such, else `other`."""
    return lambda op: known(op) if _has_static_size(op) else other(op)


def _has_static_size(op: Any) -> bool:
    return None not in [*hlo.shape(op.operands[0])[1:3], *hlo.shape(op.result)[1:3]]


KEPT = {
    "tf.ResizeBilinear": Kept(_either(linear, open_linear), _FLAGS, _is_open),
    "tf.ResizeNearestNeighbor": Kept(_either(nearest, open_nearest), _FLAGS, _is_open),
    "tf.ResizeBicubic": Kept(cubic, _FLAGS, _has_static_size),
    "tf.ResizeBilinearGrad": Kept(gradient(_linear), _FLAGS, lambda op: _is_open(op) and _has_static_size(op)),
    "tf.ResizeBicubicGrad": Kept(gradient(_cubic), _FLAGS, _has_static_size),
    "tf.ResizeNearestNeighborGrad": Kept(gradient(_picks), _FLAGS, _has_static_size),
}
