"""Colours of images of open sizes: see tensorflow/core/kernels/image (`colorspace_op.h`, `adjust_hue_op.cc`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from iree.dialects.mlir import ir
from iree.import_tf import hlo, loops
from iree.import_tf.rewrites.kept import Kept

_Channels = tuple[Any, Any, Any]
"""Three tensors that have one number for each pixel, along a last dimension of 1."""


def _binary(kind: str, left: Any, right: Any) -> Any:
    return hlo.op(kind, [left, right], left.type)


def _number(value: float, like: Any) -> Any:
    scalar = hlo.filled(value, hlo.tensor([], hlo.element(like)))
    return hlo.cast(hlo.spread(scalar, loops.sizes_of(like)), like.type)


def _scaled(value: Any, factor: float) -> Any:
    return _binary("multiply", value, _number(factor, value))


def _moved(value: Any, offset: float) -> Any:
    return _binary("add", value, _number(offset, value))


def _select(condition: Any, yes: Any, no: Any) -> Any:
    return hlo.op("select", [condition, yes, no], yes.type)


def _channels(image: Any) -> _Channels:
    sizes = loops.sizes_of(image)
    kind = hlo.tensor([*hlo.shape(image)[:-1], 1], hlo.element(image))
    starts = [[*[0] * (len(sizes) - 1), i] for i in range(3)]
    first, second, third = (
        hlo.cast(hlo.slice_between(image, start, [*sizes[:-1], start[-1] + 1]), kind) for start in starts
    )
    return first, second, third


def _joined(channels: _Channels, type_: Any) -> Any:
    rank = len(hlo.shape(channels[0]))
    wide = hlo.tensor([*hlo.shape(channels[0])[:-1], 3], hlo.element(channels[0]))
    return hlo.convert(hlo.op("concatenate", list(channels), wide, dimension=f"{rank - 1} : i64"), type_)


def _to_hsv(channels: _Channels) -> _Channels:
    red, green, blue = channels
    value = _binary("maximum", _binary("maximum", red, green), blue)
    spread = _binary("subtract", value, _binary("minimum", _binary("minimum", red, green), blue))
    zero = _number(0, value)
    saturation = _select(hlo.compare("GT", value, zero), _binary("divide", spread, value), zero)

    def sector(left: Any, right: Any, start: float) -> Any:
        inverse = _binary("divide", _number(1 / 6, spread), spread)
        return _moved(_binary("multiply", inverse, _binary("subtract", left, right)), start)

    hue = _select(hlo.compare("EQ", green, value), sector(blue, red, 2 / 6), sector(red, green, 4 / 6))
    hue = _select(hlo.compare("EQ", red, value), sector(green, blue, 0), hue)
    hue = _select(hlo.compare("GT", spread, zero), hue, zero)
    return _select(hlo.compare("LT", hue, zero), _moved(hue, 1), hue), saturation, value


def _to_rgb(channels: _Channels) -> _Channels:
    hue, saturation, value = channels
    angle = _scaled(hue, 6)
    rest = _moved(hlo.op("negate", [saturation], saturation.type), 1)

    def channel(centre: float, sign: float, offset: float) -> Any:
        distance = hlo.op("abs", [_moved(angle, -centre)], angle.type)
        part = _moved(_scaled(distance, sign), offset)
        part = _binary("minimum", _binary("maximum", part, _number(0, part)), _number(1, part))
        return _binary("multiply", _binary("add", rest, _binary("multiply", saturation, part)), value)

    return channel(3, 1, -1), channel(2, -1, 2), channel(4, -1, 2)


def _rewrite(change: Callable[[_Channels, Any], _Channels]) -> Callable[[Any], list[Any]]:
    """What `change` makes of the channels, given the operation's second operand spread over the pixels (or None)."""

    def rewrite(op: Any) -> list[Any]:
        kind = hlo.element(op.operands[0])
        wide = kind if isinstance(kind, ir.F64Type) else ir.F32Type.get()
        channels = _channels(hlo.convert(op.operands[0], hlo.tensor(hlo.shape(op.operands[0]), wide)))
        amount = None
        if len(op.operands) > 1:
            scalar = hlo.convert(op.operands[1], hlo.tensor([], wide))
            amount = hlo.cast(hlo.spread(scalar, loops.sizes_of(channels[0])), channels[0].type)
        return [_joined(change(channels, amount), op.result.type)]

    return rewrite


def _hue(channels: _Channels, delta: Any) -> _Channels:
    hue, saturation, value = _to_hsv(channels)
    turned = _binary("add", hue, delta)
    turned = _binary("subtract", turned, hlo.op("floor", [turned], turned.type))
    return _to_rgb((turned, saturation, value))


def _saturation(channels: _Channels, factor: Any) -> _Channels:
    hue, saturation, value = _to_hsv(channels)
    scaled = _binary("multiply", saturation, factor)
    scaled = _binary("minimum", _binary("maximum", scaled, _number(0, scaled)), _number(1, scaled))
    return _to_rgb((hue, scaled, value))


def contrast(op: Any) -> list[Any]:
    """``tf.AdjustContrastv2``: distances from each channel's mean over an image become larger or smaller."""
    image, factor = op.operands
    kind = hlo.element(image)
    wide = kind if isinstance(kind, ir.F64Type) else ir.F32Type.get()
    value = hlo.convert(image, hlo.tensor(hlo.shape(image), wide))
    sizes = loops.sizes_of(value)
    rank = len(sizes)
    total = hlo.reduce("add", value, hlo.filled(0, hlo.tensor([], wide)), [rank - 3, rank - 2])
    pixels = hlo.convert(
        hlo.size_value(hlo.arithmetic("multiply", sizes[rank - 3], sizes[rank - 2])), hlo.tensor([], wide)
    )
    mean = _binary("divide", total, hlo.cast(hlo.spread(pixels, loops.sizes_of(total)), total.type))
    mean = hlo.cast(hlo.broadcast(mean, sizes, [*range(rank - 3), rank - 1]), value.type)
    amount = hlo.cast(hlo.spread(hlo.convert(factor, hlo.tensor([], wide)), sizes), value.type)
    moved = _binary("multiply", _binary("subtract", value, mean), amount)
    return [hlo.convert(_binary("add", moved, mean), op.result.type)]


def _is_open(op: Any) -> bool:
    return None in hlo.shape(op.operands[0])


KEPT = {
    "tf.RGBToHSV": Kept(_rewrite(lambda channels, _: _to_hsv(channels)), (), _is_open),
    "tf.HSVToRGB": Kept(_rewrite(lambda channels, _: _to_rgb(channels)), (), _is_open),
    "tf.AdjustHue": Kept(_rewrite(_hue), (), _is_open),
    "tf.AdjustSaturation": Kept(_rewrite(_saturation), (), _is_open),
    "tf.AdjustContrastv2": Kept(contrast, (), _is_open),
}
