"""allocate."""

from __future__ import annotations

import pytest

from iree import hal

from .._errors import FailedPreconditionError, InvalidArgumentError, ResourceExhaustedError
from .config import needs, pattern_bytes

TRANSFER, STORAGE, MAPPING = hal.BufferUsage.TRANSFER, hal.BufferUsage.STORAGE, hal.BufferUsage.MAPPING
LOCAL, VISIBLE = hal.MemoryType.DEVICE_LOCAL, hal.MemoryType.HOST_VISIBLE


@pytest.mark.parametrize("length", [0, 1, 63, 64, 65, 255, 4096, (1 << 20) + 3])
def test_allocate_length(device: hal.Device, length: int) -> None:
    buffer = device.allocate(length)
    assert buffer.length == len(buffer) == length
    assert buffer.device == device


@pytest.mark.parametrize(
    ("memory_type", "usage"),
    [
        (LOCAL, STORAGE),
        (LOCAL, TRANSFER | STORAGE),
        (VISIBLE, TRANSFER | MAPPING),
        (VISIBLE, TRANSFER | STORAGE | MAPPING),
        (0, TRANSFER),
    ],
)
def test_allocate_has_what_was_asked_for(device: hal.Device, memory_type: int, usage: int) -> None:
    buffer = device.allocate(100, memory_type, usage)
    assert buffer.memory_type & memory_type == memory_type
    assert buffer.usage & usage == usage


@pytest.mark.parametrize("length", [1, 100, 5000, 1 << 20])
def test_allocated_host_memory_is_aligned(device: hal.Device, length: int) -> None:
    assert device.allocate(length).host_pointer % 64 == 0


@pytest.mark.parametrize("length", [1 << 62, (1 << 63) - 1, 1 << 63, (1 << 64) - 1])
def test_allocate_too_much(device: hal.Device, length: int) -> None:
    with pytest.raises(ResourceExhaustedError):
        device.allocate(length)
    assert device.allocate(64).length == 64  # no lasting harm


@pytest.mark.parametrize(("memory_type", "usage"), [(1 << 31, int(TRANSFER)), (int(LOCAL), 1 << 31)])
def test_allocate_unknown_bits(device: hal.Device, memory_type: int, usage: int) -> None:
    with pytest.raises((InvalidArgumentError, ResourceExhaustedError)):
        device.allocate(64, memory_type, usage)


@pytest.mark.parametrize("access", ["r", "w", "rw"])
def test_map_without_mapping_usage(device: hal.Device, access: str) -> None:
    buffer = device.allocate(64, LOCAL, TRANSFER | STORAGE)
    if buffer.usage & MAPPING:
        pytest.skip("the device adds MAPPING to all memory")
    with pytest.raises(FailedPreconditionError):
        buffer.map(access)


def test_allocations_do_not_overlap(device: hal.Device) -> None:
    buffers = [device.allocate(size) for size in range(1, 200, 3)]
    for seed, buffer in enumerate(buffers):
        buffer.write(pattern_bytes(len(buffer), seed))
    for seed, buffer in enumerate(buffers):
        assert buffer.read() == pattern_bytes(len(buffer), seed)


def test_memory_is_given_back(device: hal.Device) -> None:
    try:
        device.query("memory.used")
    except LookupError:
        pytest.skip("the device does not count its memory")
    before = device.query("memory.used")
    buffers = [device.allocate(1 << 16) for _ in range(8)]
    assert device.query("memory.used") >= before + (8 << 16)
    del buffers
    # A device may keep some to reuse, but not all of it for ever.
    for _ in range(64):
        device.allocate(1 << 16)
    assert device.query("memory.used") <= before + (8 << 16)


def test_query_unknown_name(device: hal.Device) -> None:
    with pytest.raises(LookupError, match=r"no\.such\.name"):
        device.query("no.such.name")


def test_query_concurrency(device: hal.Device) -> None:
    assert device.query("concurrency") >= 1


def test_uri_opens_the_device_again(device: hal.Device) -> None:
    for again in (hal.open(device.uri), hal.Device(device.uri)):
        assert again.uri == device.uri
        assert again.name == device.name
        assert again != device


@needs("data")
def test_reads_and_writes_of_memory_that_is_not_mapped(device: hal.Device) -> None:
    buffer = device.allocate(256, LOCAL, TRANSFER | STORAGE)
    data = pattern_bytes(256)
    buffer.write(data)
    assert buffer.read() == data
    buffer.write(b"abc", 100)
    assert buffer.read(99, 5) == data[99:100] + b"abc" + data[103:104]
