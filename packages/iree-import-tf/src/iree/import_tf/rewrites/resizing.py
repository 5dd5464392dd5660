"""Image resizing as two matrix products: each kind of interpolation is separable and linear.

Sampling positions and weights follow tensorflow/core/kernels/image (`resize_bilinear_op.cc`, `resize_bicubic_op.cc`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from iree.dialects.mlir import ir
from iree.import_tf import hlo
from iree.import_tf.dtypes import Array
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


def _interpolated(op: Any, weights: Any) -> list[Any]:
    value = op.operands[0]
    wanted = hlo.shape(op.result)
    flags = [op.attributes[name].value for name in ("align_corners", "half_pixel_centers")]
    value = hlo.convert(value, hlo.tensor(hlo.shape(value), ir.F32Type.get()))
    for axis in (1, 2):
        matrix = hlo.constant(weights(hlo.shape(value)[axis], wanted[axis], *flags))
        sizes = hlo.shape(value)
        others = [i for i in range(4) if i != axis]
        numbers = f"#stablehlo.dot<lhs_contracting_dimensions = [{axis}], rhs_contracting_dimensions = [1]>"
        moved = hlo.tensor([*(sizes[i] for i in others), wanted[axis]], hlo.element(value))
        value = hlo.op("dot_general", [value, matrix], moved, dot_dimension_numbers=numbers)
        back = [*range(axis), 3, *range(axis, 3)]
        sizes[axis] = wanted[axis]
        value = hlo.op("transpose", [value], hlo.tensor(sizes, hlo.element(value)), permutation=hlo.array(back))
    return [hlo.convert(value, op.result.type)]


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


def _has_size(op: Any) -> bool:
    spatial = [*hlo.shape(op.operands[0])[1:3], *hlo.shape(op.result)[1:3]]
    return None not in spatial and None in hlo.shape(op.operands[0])


def _has_static_size(op: Any) -> bool:
    return None not in [*hlo.shape(op.operands[0])[1:3], *hlo.shape(op.result)[1:3]]


_FLAGS = ("align_corners", "half_pixel_centers")
KEPT = {
    "tf.ResizeBilinear": Kept(linear, _FLAGS, _has_size),
    "tf.ResizeNearestNeighbor": Kept(nearest, _FLAGS, _has_size),
    "tf.ResizeBicubic": Kept(cubic, _FLAGS, _has_static_size),
}
