"""Places values with known lifetimes into one slab of memory."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Interval:
    """A value that lives from step `start` to step `end`, both included.

    Attributes:
        size: Bytes, or something that stands for a number of bytes that is not known: equal ones are equally large.
    """

    start: int
    end: int
    size: Hashable

    def overlaps(self, other: Interval) -> bool:
        """Are there steps in which both live?"""
        return self.start <= other.end and other.start <= self.end


def pack(intervals: Sequence[Interval], alignment: int) -> tuple[list[int], int]:
    """Offsets for values of known size, so that none overlap in memory that overlap in time.

    Greedy by size (Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net Inference", 2020): the largest
    first, each into the smallest gap between those already placed that it overlaps in time.

    Args:
        intervals: Their sizes are integers.
        alignment: Offsets are multiples of it.

    Returns:
        The offsets, and the size of the slab.
    """
    offsets = [0] * len(intervals)
    placed: list[tuple[int, int, Interval]] = []  # offset, end, interval; sorted
    total = 0
    order = sorted(range(len(intervals)), key=lambda i: (-_bytes(intervals[i]), intervals[i].start))
    for i in order:
        interval = intervals[i]
        size = -(-_bytes(interval) // alignment) * alignment
        best, best_gap, position = -1, -1, 0
        for offset, end, other in placed:
            if not interval.overlaps(other):
                continue
            gap = offset - position
            if gap >= size and (best < 0 or gap < best_gap):
                best, best_gap = position, gap
            position = max(position, end)
        offsets[i] = position if best < 0 else best
        placed.append((offsets[i], offsets[i] + size, interval))
        placed.sort(key=lambda entry: entry[:2])
        total = max(total, offsets[i] + size)
    return offsets, total


def _bytes(interval: Interval) -> int:
    assert isinstance(interval.size, int)
    return interval.size


def share(intervals: Sequence[Interval]) -> tuple[list[int], list[Hashable]]:
    """Regions for values whose size is not known: values of equal size that do not overlap in time share one.

    Returns:
        The number of each value's region, and the size of each region.
    """
    regions: list[Hashable] = []
    free_after: list[int] = []
    chosen = [0] * len(intervals)
    for i in sorted(range(len(intervals)), key=lambda i: intervals[i].start):
        interval = intervals[i]
        for region, size in enumerate(regions):
            if size == interval.size and free_after[region] < interval.start:
                chosen[i] = region
                free_after[region] = interval.end
                break
        else:
            chosen[i] = len(regions)
            regions.append(interval.size)
            free_after.append(interval.end)
    return chosen, regions
