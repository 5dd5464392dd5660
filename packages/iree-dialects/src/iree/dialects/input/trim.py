"""What no window reads is cut off where there is one window alone.

Upstream's folding of dimensions of size 1 takes the loop over such a window for one over the whole dimension.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from iree.dialects.input import misc
from iree.dialects.input.build import DYNAMIC, hlo, like
from iree.dialects.input.rules import Rule
from iree.dialects.input.window_attributes import attribute_list, padding_list
from iree.dialects.mlir import ir, stablehlo


def convolution(op: Any) -> None:
    """`stablehlo.convolution`: its first operand's spatial dimensions."""
    numbers = stablehlo.ConvDimensionNumbers(op.attributes["dimension_numbers"])
    axes = list(numbers.input_spatial_dimensions)
    window = [op.operands[1].type.shape[axis] for axis in numbers.kernel_spatial_dimensions]
    counts = [op.results[0].type.shape[axis] for axis in numbers.output_spatial_dimensions]
    dilations, base = (attribute_list(op, name, len(axes), 1) for name in ("rhs_dilation", "lhs_dilation"))
    zero = misc.zeros(like(op.operands[0].type, []))
    _trim(op, axes, counts, _reach(window, dilations), base, [zero])


def reduce_window(op: Any) -> None:
    """`stablehlo.reduce_window`: every dimension of each operand."""
    axes = list(range(op.operands[0].type.rank))
    window = attribute_list(op, "window_dimensions", len(axes), 1)
    dilations, base = (attribute_list(op, name, len(axes), 1) for name in ("window_dilations", "base_dilations"))
    starts = list(op.operands)[len(op.results) :]
    _trim(op, axes, list(op.results[0].type.shape), _reach(window, dilations), base, starts)


def _reach(window: Sequence[int], dilations: Sequence[int]) -> list[int]:
    return [(n - 1) * d + 1 for n, d in zip(window, dilations, strict=True)]


def _trim(  # noqa: PLR0917
    op: Any, axes: Sequence[int], counts: Sequence[int], reach: Sequence[int], base: Sequence[int], fills: Sequence[Any]
) -> None:
    """Changes padding and operands of `op` in place.

    Args:
        op: Its first operands, as many as `fills`, are cut.
        axes: The dimensions that windows move along.
        counts: How many windows there are along each.
        reach: From a window's first element to its last.
        base: Dilation of the operands.
        fills: Scalars to pad with.
    """
    shape = op.operands[0].type.shape
    padding = padding_list(op, len(axes))
    cut = [0] * len(shape)
    changed = False
    for i, axis in enumerate(axes):
        if counts[i] != 1 or DYNAMIC in (shape[axis], reach[i]):
            continue
        low, high = padding[i]
        unread = (shape[axis] - 1) * base[i] + 1 + low + high - reach[i]
        if unread > 0:
            changed = True
            cut[axis] = max(unread - high, 0) if base[i] == 1 else 0
            padding[i] = (low, high - unread + cut[axis])
    if not changed:
        return
    if any(cut):
        sizes = [n - c if n != DYNAMIC else n for n, c in zip(shape, cut, strict=True)]
        high = ir.DenseI64ArrayAttr.get([-c for c in cut])
        none = ir.DenseI64ArrayAttr.get([0] * len(cut))
        for number, fill in enumerate(fills):
            value = op.operands[number]
            op.operands[number] = hlo(
                "pad",
                [value, fill],
                like(value.type, sizes),
                edge_padding_low=none,
                edge_padding_high=high,
                interior_padding=none,
            )
    op.attributes["padding"] = ir.DenseElementsAttr.get(np.array(padding, np.int64))


RULES: Mapping[str, Rule] = {"stablehlo.convolution": convolution, "stablehlo.reduce_window": reduce_window}
"""For before the rules that lower windows; they change operations in place."""
