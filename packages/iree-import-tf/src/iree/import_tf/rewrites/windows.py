"""Convolution and pooling over images and volumes of open sizes: SAME padding becomes explicit, with amounts that are
computed as the program runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from iree.dialects.mlir import ir
from iree.import_tf import hlo, loops
from iree.import_tf.rewrites.kept import Kept


def ints(attribute: Any) -> list[int]:
    return [item.value for item in attribute]


def _is_channels_last(op: Any) -> bool:
    return op.attributes["data_format"].value in ("NHWC", "NDHWC")


def _open_convolution(op: Any) -> bool:
    """Open sizes: TensorFlow's dynamic convolution is malformed, and it has none that is depthwise or of volumes."""
    image, kernel = (hlo.shape(operand) for operand in op.operands)
    return _is_channels_last(op) and None in image[1:] and None not in kernel


def amounts(
    op: Any, sizes: Sequence[hlo.Size], widths: Sequence[int], strides: Sequence[int]
) -> tuple[list[hlo.Size], list[hlo.Size]]:
    """What to pad in front of and behind each dimension of an image of these sizes, by TensorFlow's rule for SAME,
    VALID and EXPLICIT.
    """
    rank = len(widths)
    kind = op.attributes["padding"].value
    if kind == "VALID":
        return [0] * rank, [0] * rank
    if kind == "EXPLICIT":
        explicit = ints(op.attributes["explicit_paddings"])
        return list(explicit[::2]), list(explicit[1::2])
    low: list[hlo.Size] = []
    high: list[hlo.Size] = []
    for axis, (width, stride) in enumerate(zip(widths, strides, strict=True)):
        if width == 1 and stride == 1:
            low.append(0)
            high.append(0)
            continue
        size = sizes[axis]
        count = hlo.arithmetic("divide", hlo.arithmetic("add", size, stride - 1), stride)
        covered = hlo.arithmetic("add", hlo.arithmetic("multiply", hlo.arithmetic("subtract", count, 1), stride), width)
        if stride == 1:
            missing: hlo.Size = width - 1
        else:
            missing = hlo.arithmetic("maximum", hlo.arithmetic("subtract", covered, size), 0)
        low.append(hlo.arithmetic("divide", missing, 2))
        high.append(hlo.arithmetic("subtract", missing, low[-1]))
    return low, high


def padded(value: Any, filler: float, low: Sequence[hlo.Size], high: Sequence[hlo.Size]) -> tuple[Any, list[list[int]]]:
    """`value`, padded where amounts are open, and the amounts that are known, which the window operation takes
    itself.
    """
    known = [[a, b] if isinstance(a, int) and isinstance(b, int) else None for a, b in zip(low, high, strict=True)]
    if None not in known:
        return value, known  # type: ignore[return-value]
    front = [0 if pair is not None else amount for pair, amount in zip(known, low, strict=True)]
    back = [0 if pair is not None else amount for pair, amount in zip(known, high, strict=True)]
    fill = hlo.filled(filler, hlo.tensor([], hlo.element(value)))
    sizes = [size if pair is not None else None for size, pair in zip(hlo.shape(value), known, strict=True)]
    zeros = hlo.vector([0] * len(sizes))
    type_ = hlo.tensor(sizes, hlo.element(value))
    wide = hlo.op("dynamic_pad", [value, fill, hlo.vector(front), hlo.vector(back), zeros], type_)
    return wide, [pair or [0, 0] for pair in known]


def depthwise(op: Any) -> list[Any]:
    """``tf.DepthwiseConv2dNative`` on an image of open height or width: as many groups as channels."""
    height, width, channels, multiplier = hlo.shape(op.operands[1])
    assert channels is not None and multiplier is not None
    kernel = hlo.reshape(op.operands[1], [height, width, 1, channels * multiplier])
    return _convolved(op, kernel, channels)


def convolution(op: Any) -> list[Any]:
    """``tf.Conv2D`` and ``tf.Conv3D`` on what has open sizes; fewer channels in the kernel make groups."""
    channels, per_group = hlo.shape(op.operands[0])[-1], hlo.shape(op.operands[1])[-2]
    assert per_group is not None
    return _convolved(op, op.operands[1], 1 if channels is None else channels // per_group)


def _convolved(op: Any, kernel: Any, groups: int) -> list[Any]:
    image = op.operands[0]
    if hlo.shape(image)[-1] is None:  # nothing speaks of groups; a run checks that
        image = hlo.cast(image, hlo.tensor([*hlo.shape(image)[:-1], hlo.shape(kernel)[-2]], hlo.element(image)))
    strides, dilations = ints(op.attributes["strides"]), ints(op.attributes["dilations"])
    sizes = hlo.shape(kernel)
    space = range(len(sizes) - 2)
    widths = [1, *((sizes[i] - 1) * dilations[i + 1] + 1 for i in space), 1]  # type: ignore[operator]
    image, padding = padded(image, 0, *amounts(op, loops.sizes_of(image), widths, strides))
    places = ", ".join(map(str, space))
    pads = ir.Attribute.parse(f"dense<{padding[1:-1]}> : tensor<{len(space)}x2xi64>")
    result = hlo.op(
        "convolution",
        [image, kernel],
        hlo.tensor([hlo.shape(image)[0], *[None] * len(space), sizes[-1]], hlo.element(op.result)),
        dimension_numbers=f"#stablehlo.conv<[b, {places}, f]x[{places}, i, o]->[b, {places}, f]>",
        window_strides=hlo.array(strides[1:-1]),
        padding=pads,
        rhs_dilation=hlo.array(dilations[1:-1]),
        feature_group_count=f"{groups} : i64",
        batch_group_count="1 : i64",
    )
    return [hlo.cast(result, op.result.type)]


def _pool(op: Any, kind: str, filler: float, value: Any) -> Any:
    widths, strides = ints(op.attributes["ksize"]), ints(op.attributes["strides"])
    wide, padding = padded(value, filler, *amounts(op, loops.sizes_of(op.operands[0]), widths, strides))
    start = hlo.filled(filler, hlo.tensor([], hlo.element(value)))
    return hlo.reduce_window(kind, wide, start, widths, strides, padding)


def max_pool(op: Any) -> list[Any]:
    """``tf.MaxPool`` and ``tf.MaxPool3D`` on what has open sizes."""
    kind = hlo.element(op.operands[0])
    if isinstance(kind, ir.IntegerType):
        least: float = 0 if kind.is_unsigned else -(2 ** (kind.width - 1))
    else:
        least = float("-inf")
    return [hlo.cast(_pool(op, "maximum", least, op.operands[0]), op.result.type)]


def average_pool(op: Any) -> list[Any]:
    """``tf.AvgPool`` and ``tf.AvgPool3D`` on what has open dimensions: padding does not count."""
    value = op.operands[0]
    total = _pool(op, "add", 0, value)
    ones = hlo.spread(
        hlo.filled(1, hlo.tensor([], hlo.element(value))),
        loops.sizes_of(value),
    )
    count = _pool(op, "add", 0, ones)
    return [hlo.cast(hlo.op("divide", [total, count], total.type), op.result.type)]


def _is_open(op: Any) -> bool:
    return None in hlo.shape(op.operands[0])


def _has_open_window(op: Any) -> bool:
    """Whether windows go along an open dimension."""
    sizes = zip(hlo.shape(op.operands[0]), ints(op.attributes["ksize"]), ints(op.attributes["strides"]), strict=True)
    return _is_open(op) and any(size is None and (width, stride) != (1, 1) for size, width, stride in sizes)


CONVOLUTION = ("strides", "padding", "explicit_paddings", "dilations")
_WINDOW = ("ksize", "strides", "padding", "data_format", "explicit_paddings")
KEPT = {
    "tf.Conv2D": Kept(convolution, CONVOLUTION, _open_convolution),
    "tf.Conv3D": Kept(convolution, CONVOLUTION, _open_convolution),
    "tf.DepthwiseConv2dNative": Kept(depthwise, CONVOLUTION, _open_convolution),
    "tf.MaxPool": Kept(max_pool, _WINDOW, _has_open_window),
    "tf.MaxPool3D": Kept(max_pool, _WINDOW, _has_open_window),
    "tf.AvgPool": Kept(average_pool, _WINDOW, _is_open),
    "tf.AvgPool3D": Kept(average_pool, _WINDOW, _is_open),
}
