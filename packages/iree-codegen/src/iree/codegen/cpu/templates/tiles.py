"""Choosing tile sizes."""

from __future__ import annotations

from collections.abc import Sequence


def divisors(value: int) -> list[int]:
    """All divisors, smallest first."""
    return [d for d in range(1, value + 1) if value % d == 0]


def largest_divisor(value: int, limit: int) -> int:
    """The largest divisor that is at most `limit`."""
    return max(d for d in range(1, min(value, limit) + 1) if value % d == 0)


def closest_divisor(value: int, wanted: float) -> int:
    """The divisor nearest to `wanted` by ratio."""
    return min(divisors(value), key=lambda d: max(d / wanted, wanted / d))


def power_of_two_divisor(value: int, limit: int) -> int:
    """The largest power of two that divides `value` and is at most `limit`."""
    size = 1
    while size * 2 <= limit and value % (size * 2) == 0:
        size *= 2
    return size


def split_work(counts: Sequence[int], cost: float, wanted: float) -> list[int]:
    """How many tiles of each dimension one workgroup takes, so that its cost is about `wanted`.

    Args:
        counts: Tiles per dimension, the outermost first; outer dimensions are split before inner ones.
        cost: Of one tile of all dimensions.
        wanted: Cost of a workgroup.
    """
    take = list(counts)
    total = cost
    for count in counts:
        total *= count
    for i, count in enumerate(counts):
        if total <= wanted * 1.5:
            break
        per_one = total / count
        take[i] = closest_divisor(count, max(wanted / per_one, 1.0))
        total = per_one * take[i]
    return take


def split_evenly(counts: Sequence[int], extents: Sequence[int], cost: float, wanted: float) -> list[int]:
    """The same, splitting always the longer side, so that a workgroup's inputs are small for what it computes.

    Args:
        counts: Tiles per dimension.
        extents: Elements of a tile per dimension.
        cost: Of one tile of all dimensions.
        wanted: Cost of a workgroup.
    """
    take, fixed = list(counts), set[int]()
    total = cost
    for count in counts:
        total *= count
    while total > wanted * 1.5 and len(fixed) < len(take):
        i = max((i for i in range(len(take)) if i not in fixed), key=lambda i: take[i] * extents[i])
        smaller = [d for d in divisors(counts[i]) if take[i] / 5 <= d < take[i]]
        if smaller:
            total = total / take[i] * smaller[-1]
            take[i] = smaller[-1]
        else:
            fixed.add(i)
    return take
