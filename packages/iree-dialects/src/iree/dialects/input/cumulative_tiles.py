"""Long cumulative sums for many threads: rows are cut into tiles, whose sums are summed in turn.

G. E. Blelloch: Prefix Sums and Their Applications (1990), section 1.2. One workgroup would otherwise go through a whole
row alone.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from iree.dialects.input.build import hlo, like
from iree.dialects.input.loops import for_many_threads
from iree.dialects.mlir import ir

TILE = 2048
LEAST = 8 * TILE
MANY_ROWS = 256
"""Rows that keep a device busy with a workgroup for each."""


def in_tiles(op: Any, axis: int, reverse: bool) -> Any | None:
    """The result of a cumulative `stablehlo.reduce_window` of one operand by one operation, or None if it is too short.

    Args:
        op: The operation.
        axis: Its last dimension, along which it sums.
        reverse: Whether from the end.
    """
    operand, start = op.operands
    shape = list(operand.type.shape)
    length = shape[axis]
    if not for_many_threads(op) or not operand.type.has_static_shape or length < LEAST:
        return None
    if prod(shape[:axis]) >= MANY_ROWS:
        return None
    outer, tiles = shape[:axis], -(-length // TILE)
    name = next(iter(op.regions[0].blocks[0].operations)).operation.name.removeprefix("stablehlo.")
    whole = _pad(operand, start, axis, 0, tiles * TILE - length)
    cut = hlo("reshape", [whole], like(operand.type, [*outer, tiles, TILE]))
    within = _cumulative(op, cut, start, axis + 1, reverse)
    ends = _slice(within, axis + 1, 0 if reverse else TILE - 1, 1)
    sums = _cumulative(op, hlo("reshape", [ends], like(ends.type, [*outer, tiles])), start, axis, reverse)
    # Of all tiles before each.
    before = _slice(_pad(sums, start, axis, int(not reverse), int(reverse)), axis, int(reverse), tiles)
    spread = hlo("broadcast_in_dim", [before], within.type, broadcast_dimensions=_numbers(range(axis + 1)))
    total = hlo("reshape", [hlo(name, [spread, within], within.type)], whole.type)
    return _slice(total, axis, 0, length)


def _numbers(values: Any) -> Any:
    return ir.DenseI64ArrayAttr.get(list(values))


def _pad(value: Any, filler: Any, axis: int, low: int, high: int) -> Any:
    shape = list(value.type.shape)
    shape[axis] += low + high
    ends = [[n if i == axis else 0 for i in range(len(shape))] for n in (low, high)]
    return hlo(
        "pad", [value, filler], like(value.type, shape), edge_padding_low=_numbers(ends[0]),
        edge_padding_high=_numbers(ends[1]), interior_padding=_numbers([0] * len(shape)),
    )  # fmt: skip


def _slice(value: Any, axis: int, start: int, size: int) -> Any:
    shape = list(value.type.shape)
    starts = [start if i == axis else 0 for i in range(len(shape))]
    shape[axis] = size
    limits = [a + n for a, n in zip(starts, shape, strict=True)]
    return hlo(
        "slice", [value], like(value.type, shape), start_indices=_numbers(starts), limit_indices=_numbers(limits),
        strides=_numbers([1] * len(shape)),
    )  # fmt: skip


def _cumulative(like_: Any, value: Any, start: Any, axis: int, reverse: bool) -> Any:
    """The same cumulative operation as another, of other elements."""
    shape = value.type.shape
    length = shape[axis]
    window = [length if i == axis else 1 for i in range(len(shape))]
    ends = [0, length - 1] if reverse else [length - 1, 0]
    padding = np.array([ends if i == axis else [0, 0] for i in range(len(shape))], np.int64)
    copy = like_.operation.clone()
    copy.operands[0], copy.operands[1] = value, start
    copy.results[0].set_type(value.type)
    for name in ("window_strides", "base_dilations", "window_dilations"):
        if name in copy.attributes:
            del copy.attributes[name]
    copy.attributes["window_dimensions"] = _numbers(window)
    copy.attributes["padding"] = ir.DenseElementsAttr.get(padding)
    return copy.results[0]
