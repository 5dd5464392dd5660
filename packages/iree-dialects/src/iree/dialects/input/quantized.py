"""Quantized arithmetic: every operation dequantizes its operands, computes, and quantizes its result.

Upstream's `stablehlo-legalize-quantized-op-to-qdq` and `stablehlo-legalize-quant-to-math` do most of it. They round
after the zero point was added, which sends halves to the other side where it is odd, and fold a requantization into one
multiplication, which rounds differently; both are written here as the specification says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from iree.dialects.input.build import hlo, like
from iree.dialects.input.rules import Rule, operations
from iree.dialects.mlir import ir, quant

_ROUNDED = "iree.rounded"
"""Marks an `uniform_quantize` whose operand is a multiple of the scale."""


def uses_quantization(module: Any) -> bool:
    """Whether any value is quantized."""
    return any(is_quantized(value.type) for op in operations(module) for value in (*op.operands, *op.results))


def is_quantized(type_: Any) -> bool:
    """Whether a type is that of a tensor of quantized elements."""
    return isinstance(type_, ir.RankedTensorType) and isinstance(type_.element_type, quant.QuantizedType)


def uniform_quantize(op: Any) -> list[Any] | None:
    """Rounds x / scale before the zero point is added. A requantization goes through floats."""
    if _ROUNDED in op.attributes:
        return None
    value, type_ = op.operands[0], op.results[0].type
    expressed = type_.element_type.expressed_type
    if is_quantized(value.type):
        value = hlo("uniform_dequantize", [value], like(value.type, element=expressed))
        return [hlo("uniform_quantize", [value], type_)]
    scale, low, high, axes = _parameters(type_.element_type)
    vector = [] if axes is None else [len(scale)]
    scales, lows, highs = (_constant(values, vector, expressed) for values in (scale, low, high))
    rounded = hlo("round_nearest_even", [_broadcast("divide", value, scales, axes)], value.type)
    rounded = _broadcast("minimum", _broadcast("maximum", rounded, lows, axes), highs, axes)
    multiple = _broadcast("multiply", rounded, scales, axes)
    return [hlo("uniform_quantize", [multiple], type_, **{_ROUNDED: ir.UnitAttr.get()})]


def _parameters(element: Any) -> tuple[list[float], list[float], list[float], int | None]:
    """Scales, least and largest rounded quotients, and the dimension along which they differ, if any."""
    if isinstance(element, quant.UniformQuantizedPerAxisType):
        scales, zeros, axis = list(element.scales), list(element.zero_points), int(element.quantized_dimension)
    else:
        scales, zeros, axis = [element.scale], [element.zero_point], None
    low, high = element.storage_type_min, element.storage_type_max
    if element.storage_type_integral_width > 16:  # the largest f32 that is not above it
        high = (high + 1) * (1 - 2.0**-24)
    return scales, [low - zero for zero in zeros], [high - zero for zero in zeros], axis


def _constant(values: Sequence[float], shape: Sequence[int], element: Any) -> Any:
    type_ = ir.RankedTensorType.get(shape, element)
    attributes = [ir.FloatAttr.get(element, float(value)) for value in values]
    value = (
        ir.DenseElementsAttr.get(attributes, type_) if shape else ir.DenseElementsAttr.get_splat(type_, attributes[0])
    )
    return hlo("constant", [], type_, value=value)


def _broadcast(name: str, value: Any, other: Any, axis: int | None) -> Any:
    attributes = {} if axis is None else {"broadcast_dimensions": ir.DenseI64ArrayAttr.get([axis])}
    operation = f"chlo.broadcast_{name}"
    return ir.Operation.create(operation, results=[value.type], operands=[value, other], attributes=attributes).result


RULES: Mapping[str, Rule] = {"stablehlo.uniform_quantize": uniform_quantize}
