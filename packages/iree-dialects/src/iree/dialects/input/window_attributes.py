"""Attributes of operations that work on windows."""

from __future__ import annotations

from typing import Any

import numpy as np


def attribute_list(op: Any, name: str, count: int, default: int) -> list[int]:
    """An attribute of integers, or `count` times the default."""
    return [int(i) for i in op.attributes[name]] if name in op.attributes else [default] * count


def padding_list(op: Any, count: int) -> list[tuple[int, int]]:
    """Low and high padding of each of `count` dimensions."""
    if "padding" not in op.attributes:
        return [(0, 0)] * count
    return [(int(a), int(b)) for a, b in np.array(op.attributes["padding"]).reshape(-1, 2)]
