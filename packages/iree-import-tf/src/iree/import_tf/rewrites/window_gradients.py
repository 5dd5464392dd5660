"""Gradients of convolutions and average pools on batches or images of open size; the first are transposed
convolutions, too.

What they do is what tensorflow/compiler/tf2xla/kernels/conv_op_helpers.cc and pooling_ops.cc do for known sizes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from iree.import_tf import hlo, loops
from iree.import_tf.rewrites.kept import Kept
from iree.import_tf.rewrites.residual import sizes_in
from iree.import_tf.rewrites.windows import CONVOLUTION, amounts, ints


def _sizes(vector: Any, type_: Any) -> list[hlo.Size]:
    """The sizes in a vector, those that `type_` knows from there."""
    known = [None if size == hlo.DYNAMIC else size for size in type_.shape]
    return [size if have is None else have for size, have in zip(sizes_in(vector), known, strict=True)]


def stretched(
    value: Any, low: Sequence[hlo.Size], high: Sequence[hlo.Size], apart: Sequence[int], filler: float = 0
) -> Any:
    """`value` with zeros (or `filler`) around it, or cut where the amounts are negative, and `apart` of them between
    elements.
    """
    zero = hlo.filled(filler, hlo.tensor([], hlo.element(value)))
    sizes = [
        size if (below, above, between) == (0, 0, 0) else None
        for size, below, above, between in zip(hlo.shape(value), low, high, apart, strict=True)
    ]
    pads = [hlo.vector(low), hlo.vector(high), hlo.vector(list(apart))]
    return hlo.op("dynamic_pad", [value, zero, *pads], hlo.tensor(sizes, hlo.element(value)))


def minus(*sizes: hlo.Size) -> hlo.Size:
    """The first size less the others."""
    first, *others = sizes
    for other in others:
        first = hlo.arithmetic("subtract", first, other)
    return first


def span(count: hlo.Size, step: int) -> hlo.Size:
    """How far `count` elements reach with `step` from each to the next."""
    return hlo.arithmetic("add", hlo.arithmetic("multiply", minus(count, 1), step), 1)


def _forward(op: Any, sizes: Sequence[hlo.Size], kernel: Sequence[int | None]) -> Any:
    """Strides, dilations, the kernel's reach and the padding in front, all for the dimensions of space."""
    strides, dilations = ints(op.attributes["strides"]), ints(op.attributes["dilations"])
    space = range(1, len(sizes) - 1)
    widths = [1, *((kernel[i - 1] - 1) * dilations[i] + 1 for i in space), 1]  # type: ignore[operator]
    low, _ = amounts(op, sizes, widths, strides)
    return strides[1:-1], dilations[1:-1], widths[1:-1], low[1:-1]


def _around(pair: Sequence[hlo.Size]) -> list[hlo.Size]:
    return [0, *pair, 0]


def _numbers(rank: int) -> str:
    return ", ".join(map(str, range(rank)))


def _to_image(op: Any, kernel: Any, groups: int) -> list[Any]:
    """The gradient of the image: the upper one, drawn apart by the strides, convolved with the turned kernel."""
    upper = op.operands[2]
    *window, per_group, outputs = hlo.shape(kernel)
    assert per_group is not None and outputs is not None
    rank = len(window)
    sizes = _sizes(op.operands[0], op.result.type)
    strides, dilations, reach, front = _forward(op, sizes, window)
    spans = [span(size, stride) for size, stride in zip(loops.sizes_of(upper)[1:-1], strides, strict=True)]
    low = [minus(r - 1, f) for r, f in zip(reach, front, strict=True)]
    high = [
        minus(hlo.arithmetic("add", n, r - 1), s, b) for n, r, s, b in zip(sizes[1:-1], reach, spans, low, strict=True)
    ]
    wide = stretched(upper, _around(low), _around(high), [0, *(stride - 1 for stride in strides), 0])
    turned = hlo.op("reverse", [kernel], kernel.type, dimensions=hlo.array(range(rank)))
    if groups > 1:
        apart = hlo.reshape(turned, [*window, per_group, groups, outputs // groups])
        type_ = hlo.tensor([*window, groups, per_group, outputs // groups], hlo.element(kernel))
        order = [*range(rank), rank + 1, rank, rank + 2]
        apart = hlo.op("transpose", [apart], type_, permutation=hlo.array(order))
        turned = hlo.reshape(apart, [*window, groups * per_group, outputs // groups])
    space = _numbers(rank)
    result = hlo.op(
        "convolution", [wide, turned],
        hlo.tensor([hlo.shape(wide)[0], *[None] * rank, groups * per_group], hlo.element(op.result)),
        dimension_numbers=f"#stablehlo.conv<[b, {space}, f]x[{space}, o, i]->[b, {space}, f]>",
        rhs_dilation=hlo.array(dilations), feature_group_count=f"{groups} : i64", batch_group_count="1 : i64",
    )  # fmt: skip
    return [hlo.cast(result, op.result.type)]


def _to_kernel(op: Any, kernel: Sequence[int | None], groups: int) -> Any:
    """The gradient of the kernel: the image convolved with the upper gradient, over the batch."""
    image, _, upper = op.operands
    sizes = loops.sizes_of(image)
    strides, dilations, reach, front = _forward(op, sizes, kernel)
    spans = [span(size, stride) for size, stride in zip(loops.sizes_of(upper)[1:-1], strides, strict=True)]
    back = [
        minus(hlo.arithmetic("add", r - 1, s), n, f)
        for r, s, n, f in zip(reach, spans, sizes[1:-1], front, strict=True)
    ]
    wide = stretched(image, _around(front), _around(back), [0] * len(sizes))
    space = _numbers(len(sizes) - 2)
    return hlo.op(
        "convolution", [wide, upper], hlo.tensor(kernel, hlo.element(op.result)),
        dimension_numbers=f"#stablehlo.conv<[f, {space}, b]x[i, {space}, o]->[{space}, b, f]>",
        window_strides=hlo.array(dilations), rhs_dilation=hlo.array(strides),
        feature_group_count="1 : i64", batch_group_count=f"{groups} : i64",
    )  # fmt: skip


def convolution_input(op: Any) -> list[Any]:
    """``tf.Conv2DBackpropInput`` (and that of volumes), which is a transposed convolution."""
    kernel = op.operands[1]
    channels, per_group = hlo.shape(op.result)[-1], hlo.shape(kernel)[-2]
    assert channels is not None and per_group is not None
    return _to_image(op, kernel, channels // per_group)


def depthwise_input(op: Any) -> list[Any]:
    """``tf.DepthwiseConv2dNativeBackpropInput``: as many groups as channels."""
    height, width, channels, multiplier = hlo.shape(op.operands[1])
    assert channels is not None and multiplier is not None
    return _to_image(op, hlo.reshape(op.operands[1], [height, width, 1, channels * multiplier]), channels)


def convolution_kernel(op: Any) -> list[Any]:
    """``tf.Conv2DBackpropFilter``, and that of volumes."""
    kernel, channels = hlo.shape(op.result), hlo.shape(op.operands[0])[-1]
    assert channels is not None and kernel[-2] is not None
    return [_to_kernel(op, kernel, channels // kernel[-2])]


def depthwise_kernel(op: Any) -> list[Any]:
    """``tf.DepthwiseConv2dNativeBackpropFilter``."""
    height, width, channels, multiplier = kernel = hlo.shape(op.result)
    assert channels is not None and multiplier is not None
    return [hlo.reshape(_to_kernel(op, [height, width, 1, channels * multiplier], channels), kernel)]


def average_pool(op: Any) -> list[Any]:
    """``tf.AvgPoolGrad``, ``tf.AvgPool3DGrad``: each gradient is shared out among the elements of its window
    that are no padding.
    """
    upper = op.operands[1]
    kind = hlo.element(upper)
    sizes = _sizes(op.operands[0], op.result.type)
    widths, strides = ints(op.attributes["ksize"]), ints(op.attributes["strides"])
    front, back = amounts(op, sizes, widths, strides)
    zero, one = (hlo.filled(value, hlo.tensor([], kind)) for value in (0, 1))
    none = [[0, 0]] * len(sizes)
    ones = stretched(hlo.spread(one, sizes), front, back, [0] * len(sizes))
    count = hlo.reduce_window("add", ones, zero, widths, strides, none)
    share = hlo.op("divide", [upper, hlo.cast(count, upper.type)], upper.type)
    low = [minus(width - 1, before) for width, before in zip(widths, front, strict=True)]
    spans = [span(size, stride) for size, stride in zip(loops.sizes_of(upper), strides, strict=True)]
    high = [minus(hlo.arithmetic("add", n, w - 1), s, b) for n, w, s, b in zip(sizes, widths, spans, low, strict=True)]
    wide = stretched(share, low, high, [stride - 1 for stride in strides])
    return [hlo.cast(hlo.reduce_window("add", wide, zero, widths, [1] * len(sizes), none), op.result.type)]


def _is_last(op: Any) -> bool:
    return bool(op.attributes["data_format"].value in ("NHWC", "NDHWC"))


def _open_input(op: Any) -> bool:
    return _is_last(op) and None in hlo.shape(op.operands[2]) and None not in hlo.shape(op.operands[1])


def _open_kernel(op: Any) -> bool:
    shapes = [hlo.shape(op.operands[0]), hlo.shape(op.operands[2])]
    channels = [shape[-1] for shape in shapes]
    return _is_last(op) and None in (*shapes[0], *shapes[1]) and None not in (*channels, *hlo.shape(op.result))


def _open_pool(op: Any) -> bool:
    return _is_last(op) and None in hlo.shape(op.operands[1])


_POOL = ("ksize", "strides", "padding")
KEPT = {
    "tf.Conv2DBackpropInput": Kept(convolution_input, CONVOLUTION, _open_input),
    "tf.Conv2DBackpropFilter": Kept(convolution_kernel, CONVOLUTION, _open_kernel),
    "tf.Conv3DBackpropInputV2": Kept(convolution_input, CONVOLUTION, _open_input),
    "tf.Conv3DBackpropFilterV2": Kept(convolution_kernel, CONVOLUTION, _open_kernel),
    "tf.DepthwiseConv2dNativeBackpropInput": Kept(depthwise_input, CONVOLUTION, _open_input),
    "tf.DepthwiseConv2dNativeBackpropFilter": Kept(depthwise_kernel, CONVOLUTION, _open_kernel),
    "tf.AvgPoolGrad": Kept(average_pool, _POOL, _open_pool),
    "tf.AvgPool3DGrad": Kept(average_pool, _POOL, _open_pool),
}
