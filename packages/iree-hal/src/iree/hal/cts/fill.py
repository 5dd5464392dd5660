"""fill: on the queue, recorded, and of a slot."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from iree import hal

from .._errors import InvalidArgumentError, OutOfRangeError
from .config import execute, finish, needs, new_buffer, pattern_bytes

Fill = Callable[[hal.Device, hal.Buffer, bytes, int, int], None]
SIZE = 4096


def by_queue(device: hal.Device, buffer: hal.Buffer, pattern: bytes, offset: int, length: int) -> None:
    target = hal.Binding(buffer, offset, length)
    finish(device, partial(device.queue_fill, target, pattern))


def by_commands(device: hal.Device, buffer: hal.Buffer, pattern: bytes, offset: int, length: int) -> None:
    execute(device, lambda commands: commands.fill(hal.Binding(buffer, offset, length), pattern))


def by_slot(device: hal.Device, buffer: hal.Buffer, pattern: bytes, offset: int, length: int) -> None:
    execute(device, lambda commands: commands.fill(hal.Binding.of_slot(0, offset, length), pattern), [buffer])


ways = pytest.mark.parametrize("fill", [by_queue, by_commands, by_slot])


@needs("data")
@ways
@pytest.mark.parametrize("size", [1, 2, 4, 8])
@pytest.mark.parametrize(("first", "count"), [(0, 1), (1, 1), (1, 3), (0, 100), (7, 129), (5, 0), (3, 500)])
def test_fill(device: hal.Device, fill: Fill, size: int, first: int, count: int) -> None:
    before = pattern_bytes(SIZE)
    buffer = new_buffer(device, before)
    pattern = bytes(range(201, 201 + size))
    fill(device, buffer, pattern, first * size, count * size)
    assert buffer.read() == before[: first * size] + pattern * count + before[(first + count) * size :]


@needs("data")
@ways
def test_fill_to_the_end(device: hal.Device, fill: Fill) -> None:
    before = pattern_bytes(SIZE)
    buffer = new_buffer(device, before)
    fill(device, buffer, b"ab", 100, (1 << 64) - 1)
    assert buffer.read() == before[:100] + b"ab" * ((SIZE - 100) // 2)


@needs("data")
@ways
def test_fill_large(device: hal.Device, fill: Fill) -> None:
    buffer = device.allocate(3 << 20)
    fill(device, buffer, b"\1\2\3\4", 0, 3 << 20)
    assert buffer.read() == b"\1\2\3\4" * (3 << 18)


@ways
@pytest.mark.parametrize("size", [0, 3, 5, 7, 9, 16])
def test_fill_pattern_of_a_wrong_size(device: hal.Device, fill: Fill, size: int) -> None:
    with pytest.raises(InvalidArgumentError):
        fill(device, device.allocate(720), bytes(size), 0, 720)


@ways
@pytest.mark.parametrize(
    ("size", "offset", "length"), [(2, 1, 2), (4, 2, 4), (8, 4, 8), (2, 0, 3), (4, 4, 6), (8, 8, 12)]
)
def test_fill_misaligned(device: hal.Device, fill: Fill, size: int, offset: int, length: int) -> None:
    with pytest.raises(InvalidArgumentError):
        fill(device, device.allocate(64), bytes(size), offset, length)


@ways
@pytest.mark.parametrize(
    ("offset", "length"), [(0, 72), (64, 8), (72, 0), (56, 16), ((1 << 64) - 8, 8), (8, (1 << 64) - 8)]
)
def test_fill_past_the_end(device: hal.Device, fill: Fill, offset: int, length: int) -> None:
    with pytest.raises(OutOfRangeError):
        fill(device, device.allocate(64), b"12345678", offset, length)
