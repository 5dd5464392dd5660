"""map_range and unmap_range, through Mapping, read and write."""

from __future__ import annotations

import pytest

from iree import hal

from .._errors import OutOfRangeError
from .config import new_buffer, pattern_bytes

# offset, length; of a buffer of 100 bytes
PAST_THE_END = [
    (0, 101),
    (1, 100),
    (100, 1),
    (101, 0),
    (50, 51),
    ((1 << 64) - 1, 1),
    (1, (1 << 64) - 2),
    (1 << 63, 1 << 63),
]
INSIDE = [(0, 100), (0, 0), (100, 0), (99, 1), (1, 98), (3, 7)]


@pytest.mark.parametrize(("offset", "length"), INSIDE)
def test_map_sees_the_range(device: hal.Device, offset: int, length: int) -> None:
    data = pattern_bytes(100)
    with new_buffer(device, data).map("r", offset, length) as mapping, memoryview(mapping) as view:
        assert view.readonly
        assert view == data[offset : offset + length]


@pytest.mark.parametrize(("offset", "length"), INSIDE)
def test_map_writes_the_range(device: hal.Device, offset: int, length: int) -> None:
    data = pattern_bytes(100)
    buffer = new_buffer(device, data)
    with buffer.map("rw", offset, length) as mapping, memoryview(mapping) as view:
        view[:] = b"\xff" * length
    assert buffer.read() == data[:offset] + b"\xff" * length + data[offset + length :]


@pytest.mark.parametrize(("offset", "length"), PAST_THE_END)
@pytest.mark.parametrize("access", ["r", "w"])
def test_map_past_the_end(device: hal.Device, access: str, offset: int, length: int) -> None:
    with pytest.raises(OutOfRangeError):
        device.allocate(100).map(access, offset, length)


@pytest.mark.parametrize(("offset", "length"), [(0, 101), (101, 0), ((1 << 64) - 2, 5)])
def test_read_past_the_end(device: hal.Device, offset: int, length: int) -> None:
    with pytest.raises(OutOfRangeError):
        device.allocate(100).read(offset, length)


@pytest.mark.parametrize(("offset", "length"), [(0, 101), (100, 1), ((1 << 64) - 1, 5)])
def test_write_past_the_end(device: hal.Device, offset: int, length: int) -> None:
    with pytest.raises(OutOfRangeError):
        device.allocate(100).write(bytes(length), offset)


def test_map_to_the_end(device: hal.Device) -> None:
    data = pattern_bytes(100)
    buffer = new_buffer(device, data)
    assert bytes(buffer.map("r", 30)) == data[30:]
    assert buffer.read(30) == data[30:]


def test_mapping_outlives_its_buffer(device: hal.Device) -> None:
    data = pattern_bytes(5000)
    buffer = new_buffer(device, data)
    mapping = buffer.map("r")
    del buffer
    view = memoryview(mapping)
    del mapping
    assert view == data


def test_mapping_closes_once_unused(device: hal.Device) -> None:
    mapping = device.allocate(10).map("rw")
    view = memoryview(mapping)
    with pytest.raises(BufferError, match="memoryviews"):
        mapping.close()
    view.release()
    mapping.close()
    with pytest.raises(ValueError, match="closed"):
        memoryview(mapping)


def test_map_the_same_range_twice(device: hal.Device) -> None:
    buffer = new_buffer(device, pattern_bytes(64))
    first, second = buffer.map("r"), buffer.map("r")
    first.close()
    assert bytes(second) == pattern_bytes(64)


def test_map_unknown_access(device: hal.Device) -> None:
    with pytest.raises(ValueError, match="access"):
        device.allocate(10).map("x")


def test_read_only_mapping_refuses_writes(device: hal.Device) -> None:
    with pytest.raises(TypeError):
        memoryview(device.allocate(10).map("r"))[0] = 1
