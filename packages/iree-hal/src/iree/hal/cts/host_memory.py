"""import_host."""

from __future__ import annotations

import gc
import mmap
import weakref
from functools import partial

import numpy as np
import pytest
from numpy.typing import NDArray

from iree import hal

from .config import LONG, finish, needs, pattern_bytes


def aligned(count: int) -> NDArray[np.uint8]:
    """Bytes at the start of a page."""
    return np.frombuffer(mmap.mmap(-1, max(count, 1)), np.uint8)[:count]


@needs("import")
@pytest.mark.parametrize("count", [1, 64, 1000, 1 << 16])
def test_import_shares_memory(device: hal.Device, count: int) -> None:
    memory = aligned(count)
    buffer = device.import_host(memory)
    assert buffer.length == count
    memory[:] = 7
    assert buffer.read() == b"\7" * count
    buffer.write(b"\1")
    assert memory[0] == 1


@needs("import", "data")
def test_the_device_writes_imported_memory(device: hal.Device) -> None:
    memory = aligned(256)
    buffer = device.import_host(memory)
    finish(device, partial(device.queue_fill, buffer, b"\5"))
    assert (memory == 5).all()


@needs("import", "data")
def test_the_device_reads_imported_memory(device: hal.Device) -> None:
    memory = aligned(300)
    memory[:] = np.frombuffer(pattern_bytes(300), np.uint8)
    source, target = device.import_host(memory), device.allocate(300)
    finish(device, partial(device.queue_copy, source, target))
    assert target.read() == pattern_bytes(300)


@needs("import")
def test_imported_memory_lives_as_long_as_the_buffer(device: hal.Device) -> None:
    memory = aligned(4096)
    gone = weakref.ref(memory)
    buffer = device.import_host(memory)
    del memory
    gc.collect()
    assert gone() is not None
    assert buffer.read(0, 4) == bytes(4)
    del buffer
    gc.collect()
    assert gone() is None


@needs("import", "data")
def test_imported_memory_lives_as_long_as_the_work(device: hal.Device) -> None:
    memory = aligned(4096)
    gone = weakref.ref(memory)
    start, done = device.create_semaphore(), device.create_semaphore()
    commands = device.create_command_buffer()
    commands.copy(hal.Binding(device.import_host(memory), 0, 2048), device.allocate(2048))
    commands.finalize()
    device.queue_execute(commands, wait=[(start, 1)], signal=[(done, 1)])
    del memory, commands
    gc.collect()
    assert gone() is not None
    start.signal(1)
    done.wait(1, LONG)
    # The worker that drops the last reference may be a little behind its signal.
    for _ in range(1000):
        if gone() is None:
            break
        finish(device, device.queue_execute)
    assert gone() is None


@needs("import")
def test_import_of_read_only_memory_is_constant(device: hal.Device) -> None:
    memory = aligned(100)
    memory[:] = np.frombuffer(pattern_bytes(100), np.uint8)
    memory.setflags(write=False)
    buffer = device.import_host(memory)
    assert buffer.usage & hal.BufferUsage.CONSTANT
    assert buffer.read() == pattern_bytes(100)
    with pytest.raises(PermissionError):
        buffer.map("w")
    with pytest.raises(PermissionError):
        device.queue_fill(buffer, b"\0")


@needs("import")
def test_import_nothing(device: hal.Device) -> None:
    assert device.import_host(aligned(0)).length == 0


def test_import_of_what_has_no_buffer(device: hal.Device) -> None:
    with pytest.raises(TypeError):
        device.import_host(object())
