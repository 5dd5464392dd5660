"""copy: on the queue, recorded, and between slots."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from iree import hal

from .._errors import InvalidArgumentError, OutOfRangeError
from .config import execute, finish, needs, new_buffer, pattern_bytes

Range = tuple[int, int]  # offset, length
Copy = Callable[[hal.Device, hal.Buffer, Range, hal.Buffer, Range], None]


def by_queue(device: hal.Device, source: hal.Buffer, read: Range, target: hal.Buffer, write: Range) -> None:
    one, other = hal.Binding(source, *read), hal.Binding(target, *write)
    finish(device, partial(device.queue_copy, one, other))


def by_commands(device: hal.Device, source: hal.Buffer, read: Range, target: hal.Buffer, write: Range) -> None:
    execute(device, lambda commands: commands.copy(hal.Binding(source, *read), hal.Binding(target, *write)))


def by_slots(device: hal.Device, source: hal.Buffer, read: Range, target: hal.Buffer, write: Range) -> None:
    one, other = hal.Binding.of_slot(0, *read), hal.Binding.of_slot(1, *write)
    execute(device, lambda commands: commands.copy(one, other), [source, target])


def by_one_slot(device: hal.Device, source: hal.Buffer, read: Range, target: hal.Buffer, write: Range) -> None:
    one, other = hal.Binding(source, *read), hal.Binding.of_slot(0, *write)
    execute(device, lambda commands: commands.copy(one, other), [target])


ways = pytest.mark.parametrize("copy", [by_queue, by_commands, by_slots, by_one_slot])


@needs("data")
@ways
@pytest.mark.parametrize(
    ("read", "write", "length"),
    [(0, 0, 1), (0, 0, 1000), (1, 0, 7), (0, 1, 7), (3, 5, 64), (999, 0, 1), (0, 999, 1), (500, 13, 333), (10, 10, 0)],
)
def test_copy(device: hal.Device, copy: Copy, read: int, write: int, length: int) -> None:
    data, before = pattern_bytes(1000, 1), pattern_bytes(1000, 99)
    source, target = new_buffer(device, data), new_buffer(device, before)
    copy(device, source, (read, length), target, (write, length))
    assert target.read() == before[:write] + data[read : read + length] + before[write + length :]
    assert source.read() == data


@needs("data")
@ways
def test_copy_within_a_buffer(device: hal.Device, copy: Copy) -> None:
    data = pattern_bytes(100)
    buffer = new_buffer(device, data)
    copy(device, buffer, (0, 50), buffer, (50, 50))
    assert buffer.read() == data[:50] * 2


@needs("data")
@ways
def test_copy_large(device: hal.Device, copy: Copy) -> None:
    data = pattern_bytes(251) * 10_000
    source, target = new_buffer(device, data), device.allocate(len(data))
    copy(device, source, (0, len(data)), target, (0, len(data)))
    assert target.read() == data


@ways
@pytest.mark.parametrize(("read", "write", "length"), [(0, 0, 10), (0, 5, 10), (5, 0, 10), (0, 9, 10), (30, 30, 1)])
def test_copy_overlapping(device: hal.Device, copy: Copy, read: int, write: int, length: int) -> None:
    buffer = device.allocate(100)
    with pytest.raises(InvalidArgumentError):
        copy(device, buffer, (read, length), buffer, (write, length))


@ways
@pytest.mark.parametrize(
    ("read", "write"),
    [((0, 101), (0, 101)), ((100, 1), (0, 1)), ((0, 1), (100, 1)), ((101, 0), (0, 0)), (((1 << 64) - 1, 4), (0, 4))],
)
def test_copy_past_the_end(device: hal.Device, copy: Copy, read: Range, write: Range) -> None:
    with pytest.raises(OutOfRangeError):
        copy(device, device.allocate(100), read, device.allocate(100), write)


@ways
@pytest.mark.parametrize(("read", "write"), [(10, 11), (0, 1), (50, 20)])
def test_copy_of_unequal_lengths(device: hal.Device, copy: Copy, read: int, write: int) -> None:
    with pytest.raises(InvalidArgumentError):
        copy(device, device.allocate(100), (0, read), device.allocate(100), (0, write))
