"""Numbers as integers of a range, and back, as tensorflow/core/kernels (`quantize_op.cc`, `dequantize_op.cc`) has them.

Quantized types become integers of their width: what casts between the two and the integers themselves goes away.
"""

from __future__ import annotations

import re
from typing import Any

from iree.dialects.mlir import ir
from iree.import_tf import hlo, loops
from iree.import_tf.rewrites import vectors
from iree.import_tf.rewrites.kept import Kept

_QUANTIZED = re.compile(r"!tf_type\.q(u?)int(\d+)")


def _integer(type_: Any) -> Any:
    """The integer type for the elements of a quantized tensor type, or for those of one of integers."""
    found = _QUANTIZED.search(str(type_))
    if found is None:
        return ir.ShapedType(type_).element_type
    width = int(found[2])
    return ir.IntegerType.get_unsigned(width) if found[1] else ir.IntegerType.get_signless(width)


def _limits(kind: Any) -> tuple[int, int]:
    """The least and the largest number of an integer type."""
    if kind.is_unsigned:
        return 0, 2**kind.width - 1
    return -(2 ** (kind.width - 1)), 2 ** (kind.width - 1) - 1


def _number(value: float, like: Any) -> Any:
    return vectors.filled(value, loops.sizes_of(like), hlo.element(like))


def _ratio(number: float, divisor: Any) -> Any:
    """A quotient in double precision, rounded to single."""
    wide = hlo.convert(divisor, hlo.tensor(hlo.shape(divisor), ir.F64Type.get()))
    return hlo.convert(vectors.binary("divide", _number(number, wide), wide), divisor.type)


def _away(value: Any) -> Any:
    """Rounded, halves away from zero."""
    return hlo.op("round_nearest_afz", [value], value.type)


class _Spread:
    """Brings bounds, one or one for each place along `axis`, to the shape of a value."""

    def __init__(self, value: Any, axis: int) -> None:
        self._sizes = loops.sizes_of(value)
        self._axis = axis

    def __call__(self, bound: Any) -> Any:
        return hlo.broadcast(bound, self._sizes, [self._axis] if hlo.shape(bound) else [])


def _bounds(op: Any) -> tuple[Any, Any]:
    """The bounds: scalars unless there is an axis."""
    bounds = list(op.operands)[1:3]
    if op.attributes["axis"].value >= 0:
        return bounds[0], bounds[1]
    low, high = (hlo.reshape(bound, []) for bound in bounds)
    return low, high


def quantize(op: Any) -> list[Any] | None:
    """``tf.QuantizeV2``."""
    value = op.operands[0]
    mode = op.attributes["mode"].value
    kind = _integer(op.results[0].type)
    if kind.width > 16:
        return None
    least, largest = _limits(kind)
    low, high = _bounds(op)
    magnitude = [hlo.op("abs", [bound], bound.type) for bound in (low, high)]
    size = vectors.binary("maximum", _number(1, low), vectors.binary("maximum", *magnitude))
    apart = vectors.binary("multiply", size, _number(op.attributes["ensure_minimum_range"].value, size))
    low = vectors.binary("minimum", _number(0, low), low)
    high = vectors.binary("maximum", high, vectors.binary("add", low, apart))
    high = vectors.binary("maximum", _number(0, high), high)
    spread = _Spread(value, op.attributes["axis"].value)
    if mode == "SCALED":
        least += op.attributes["narrow_range"].value
        scale = _scale(low, high, least, largest)
        low, high = (vectors.binary("divide", _number(limit, scale), scale) for limit in (least, largest))
        value = vectors.binary("multiply", _clipped(value, spread(low), spread(high)), spread(scale))
        even = op.attributes["round_mode"].value == "HALF_TO_EVEN"
        result = hlo.op("round_nearest_even", [value], value.type) if even else _away(value)
    elif mode == "MIN_FIRST":
        scale = _ratio(2**kind.width - 1, vectors.binary("subtract", high, low))
        first = _away(vectors.binary("multiply", low, scale))
        shift = vectors.binary("subtract", first, _number(least, first))
        scaled = _away(vectors.binary("multiply", value, spread(scale)))
        result = vectors.binary("subtract", scaled, spread(shift))
        result = _clipped(result, _number(least, result), _number(largest, result))
    else:
        scale = _ratio(largest - least, vectors.binary("subtract", high, low))
        inside = vectors.binary("subtract", _clipped(value, spread(low), spread(high)), spread(low))
        scaled = vectors.binary("multiply", inside, spread(scale))
        if kind.is_unsigned:
            result = vectors.binary("add", scaled, _number(0.5, scaled))
            result = hlo.op("floor", [result], result.type)
        else:
            result = _away(vectors.binary("subtract", scaled, _number(2 ** (kind.width - 1), scaled)))
    made = hlo.convert(result, hlo.tensor(hlo.shape(value), kind))
    return [
        made,
        *(hlo.cast(bound, result.type) for bound, result in zip((low, high), list(op.results)[1:], strict=True)),
    ]


def _clipped(value: Any, low: Any, high: Any) -> Any:
    return vectors.binary("maximum", vectors.binary("minimum", value, high), low)


def _scale(low: Any, high: Any, least: int, largest: int) -> Any:
    """The scale by which both bounds stay within the integers."""
    scale = None
    for bound, limit in ((low, least), (high, largest)):
        product = vectors.binary("multiply", _number(limit, bound), bound)
        used = hlo.compare("GT", product, _number(0, bound))
        side = vectors.binary("divide", _number(limit, bound), bound)
        side = vectors.select(used, side, _number(_MOST, bound))
        scale = side if scale is None else vectors.binary("minimum", scale, side)
    return scale


_MOST = 2.0**128 - 2.0**104
"""The largest number of f32."""


def dequantize(op: Any) -> list[Any] | None:
    """``tf.Dequantize``."""
    value = op.operands[0]
    if _QUANTIZED.search(str(value.type)):
        return None
    mode, kind = op.attributes["mode"].value, hlo.element(value)
    least, largest = _limits(kind)
    low, high = _bounds(op)
    number = hlo.convert(value, hlo.tensor(hlo.shape(value), ir.F32Type.get()))
    spread = _Spread(value, op.attributes["axis"].value)
    distance = vectors.binary("subtract", high, low)
    if mode == "SCALED":
        scale = vectors.binary("divide", high, _number(largest, high))
        if least:
            other = vectors.binary("divide", low, _number(least + op.attributes["narrow_range"].value, low))
            scale = vectors.binary("maximum", other, scale)
        result = vectors.binary("multiply", number, spread(scale))
    elif mode == "MIN_FIRST":
        wide = hlo.convert(distance, hlo.tensor(hlo.shape(distance), ir.F64Type.get()))
        scale = hlo.convert(vectors.binary("divide", wide, _number(2**kind.width - 1, wide)), distance.type)
        first = vectors.binary("multiply", _away(vectors.binary("divide", low, scale)), scale)
        first = vectors.binary("subtract", first, vectors.binary("multiply", _number(least, scale), scale))
        result = vectors.binary("add", vectors.binary("multiply", number, spread(scale)), spread(first))
    else:
        half = 0 if kind.is_unsigned else 2 ** (kind.width - 1)
        scale = vectors.binary("divide", distance, _number(largest - least, distance))
        moved = vectors.binary("add", number, _number(half, number))
        result = vectors.binary("add", vectors.binary("multiply", moved, spread(scale)), spread(low))
    return [hlo.convert(result, op.result.type)]


def bitcast(op: Any) -> list[Any] | None:
    """``tf.Bitcast`` between integers and quantized numbers of one width."""
    value, kind = op.operands[0], _integer(op.result.type)
    if _QUANTIZED.search(str(value.type)) or hlo.element(value).width != kind.width:
        return None
    type_ = hlo.tensor(hlo.shape(value), kind)
    return [value if value.type == type_ else hlo.op("bitcast_convert", [value], type_)]


def _is_quantized(op: Any) -> bool:
    return any(_QUANTIZED.search(str(value.type)) is not None for value in (*op.operands, *op.results))


KEPT = {
    "tf.QuantizeV2": Kept(quantize, ("mode", "round_mode", "narrow_range", "axis", "ensure_minimum_range")),
    "tf.Dequantize": Kept(dequantize, ("mode", "narrow_range", "axis")),
    "tf.Bitcast": Kept(bitcast, (), _is_quantized),
}
