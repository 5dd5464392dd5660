"""Images scaled by kernels of any width, and by the areas of pixels: a matrix for each of the two dimensions.

Kernels and weights follow tensorflow/core/kernels/image (`sampling_kernels.h`, `scale_and_translate_op.cc`,
`resize_area_op.cc`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from iree.dialects.mlir import ir
from iree.import_tf import hlo, loops
from iree.import_tf.rewrites.arithmetic import Float, element
from iree.import_tf.rewrites.kept import Kept

_SMALLEST = 1000 * 2.0**-126
"""Weights that add up to less are left as they are."""


def _lanczos(radius: float) -> Callable[[Float], Float]:
    def kernel(x: Float) -> Float:
        waves = (x * math.pi).apply("sine") * (x * (math.pi / radius)).apply("sine")
        return x.where("GT", radius, 0, x.where("LT", 1e-3, 1, waves * radius / (x * x * math.pi**2)))

    return kernel


def _cubic(near: tuple[float, ...], far: tuple[float, ...]) -> Callable[[Float], Float]:
    """Two cubics, by the coefficients of their powers from the third down."""

    def polynomial(x: Float, coefficients: tuple[float, ...]) -> Float:
        total = x * 0
        for coefficient in coefficients:
            total = total * x + coefficient
        return total

    return lambda x: x.where("GE", 2, 0, x.where("GE", 1, polynomial(x, far), polynomial(x, near)))


_KERNELS: Mapping[str, Callable[[Float], Float]] = {
    "lanczos1": _lanczos(1),
    "lanczos3": _lanczos(3),
    "lanczos5": _lanczos(5),
    "gaussian": lambda x: x.where("GE", 1.5, 0, (x * x * -2).apply("exponential")),
    "box": lambda x: x.where("LT", 0.5, 1, x.where("EQ", 0.5, 0.5, 0)),
    "triangle": lambda x: x.where("LT", 1, x * -1 + 1, 0),
    "keyscubic": _cubic((1.5, -2.5, 0, 1), (-0.5, 2.5, -4, 2)),
    "mitchellcubic": _cubic((7 / 6, -2, 0, 8 / 9), (-7 / 18, 2, -10 / 3, 16 / 9)),
}


def scale_and_translate(op: Any) -> list[Any] | None:
    """``tf.ScaleAndTranslate``."""
    kernel = _KERNELS.get(ir.StringAttr(op.attributes["kernel_type"]).value)
    antialias = op.attributes["antialias"].value

    def weights(axis: int, size: hlo.Size, result: hlo.Size) -> Any:
        assert kernel is not None
        scale, offset = (element(op.operands[i], axis - 1) for i in (2, 3))
        inverse = scale.of(1)
        inverse = Float(inverse) / scale
        width = inverse.largest(1) if antialias else inverse * 0 + 1
        rows, columns = (Float(loops.iota([result, size], i, ir.F32Type.get())) for i in range(2))
        at = (rows + 0.5) * inverse - inverse * offset
        found = kernel(((columns + 0.5 - at) / width).apply("abs"))
        limit = Float(hlo.convert(hlo.size_value(size), hlo.tensor([], ir.F32Type.get())))
        found = at.where("LT", 0, 0, at.where("GT", limit, 0, found))
        total = hlo.reduce("add", found.value, hlo.filled(0, hlo.tensor([], ir.F32Type.get())), [1])
        total = Float(hlo.cast(hlo.broadcast(total, [result, size], [0]), found.value.type))
        return total.apply("abs").where("GE", _SMALLEST, found / total, found).value

    return None if kernel is None else _applied(op, weights)


def area(op: Any) -> list[Any]:
    """``tf.ResizeArea``: each result pixel is the mean of what it covers."""

    def weights(axis: int, size: hlo.Size, result: hlo.Size) -> Any:
        number = hlo.tensor([], ir.F32Type.get())

        def ratio(less: int) -> Float:
            whole, parts = (
                Float(hlo.convert(hlo.size_value(hlo.arithmetic("subtract", s, less)), number)) for s in (size, result)
            )
            return whole / parts

        step = ratio(0)
        if op.attributes["align_corners"].value:
            several = hlo.compare("GT", hlo.size_value(result), hlo.size_value(1))
            step = Float(hlo.op("select", [several, ratio(1).value, step.value], number))
        rows, columns = (Float(loops.iota([result, size], i, ir.F32Type.get())) for i in range(2))
        start = rows * step
        covered = (start + step).least(columns + 1) - start.largest(columns)
        return (covered.largest(0) / step).value

    return _applied(op, weights)


def _applied(op: Any, weights: Callable[[int, hlo.Size, hlo.Size], Any]) -> list[Any]:
    """The image times a matrix (result x size) for its height and one for its width."""
    value = hlo.convert(op.operands[0], hlo.tensor(hlo.shape(op.operands[0]), ir.F32Type.get()))
    for axis in (1, 2):
        known = hlo.shape(op.result)[axis]
        result: hlo.Size = hlo.at(op.operands[1], axis - 1) if known is None else known
        matrix = weights(axis, loops.sizes_of(value)[axis], result)
        sizes = hlo.shape(value)
        numbers = f"#stablehlo.dot<lhs_contracting_dimensions = [{axis}], rhs_contracting_dimensions = [1]>"
        moved = hlo.tensor([*(sizes[i] for i in range(4) if i != axis), known], hlo.element(value))
        value = hlo.op("dot_general", [value, matrix], moved, dot_dimension_numbers=numbers)
        back = [*range(axis), 3, *range(axis, 3)]
        sizes[axis] = known
        value = hlo.op("transpose", [value], hlo.tensor(sizes, hlo.element(value)), permutation=hlo.array(back))
    return [hlo.convert(value, op.result.type)]


KEPT = {
    "tf.ScaleAndTranslate": Kept(scale_and_translate, ("kernel_type", "antialias")),
    "tf.ResizeArea": Kept(area, ("align_corners",)),
}
