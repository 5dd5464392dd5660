"""Command buffers: recorded once, executed many times."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise

import pytest

from iree import hal

from .._errors import FailedPreconditionError, InvalidArgumentError, OutOfRangeError
from .config import LONG, execute, finish, needs, new_buffer, pattern_bytes


def test_empty_command_buffer(device: hal.Device) -> None:
    execute(device, lambda commands: None)


def test_barriers_only(device: hal.Device) -> None:
    def record(commands: hal.CommandBuffer) -> None:
        for _ in range(10):
            commands.barrier()

    execute(device, record)


def test_execute_before_finalize(device: hal.Device) -> None:
    done = device.create_semaphore()
    with pytest.raises(FailedPreconditionError):
        device.queue_execute(device.create_command_buffer(), signal=[(done, 1)])
    assert done.value == 0


@pytest.mark.parametrize("command", ["barrier", "fill", "copy", "finalize"])
def test_record_after_finalize(device: hal.Device, command: str) -> None:
    commands, one, two = device.create_command_buffer(), device.allocate(64), device.allocate(64)
    commands.finalize()
    arguments = {"fill": (one, b"\0"), "copy": (one, two)}.get(command, ())
    with pytest.raises(FailedPreconditionError):
        getattr(commands, command)(*arguments)


@pytest.mark.parametrize("what", [None, 1, "slot", (1, 2)])
def test_range_of_what_is_no_buffer(device: hal.Device, what: object) -> None:
    commands, buffer = device.create_command_buffer(), device.allocate(4)
    uses: list[Callable[[], object]] = [
        lambda: commands.fill(what, b"\0"),  # type: ignore[arg-type]
        lambda: commands.copy(buffer, what),  # type: ignore[arg-type]
        lambda: device.queue_fill(what, b"\0"),  # type: ignore[arg-type]
        lambda: device.queue_copy(what, buffer),  # type: ignore[arg-type]
        lambda: device.queue_execute(None, [what]),  # type: ignore[list-item]
    ]
    for use in uses:
        with pytest.raises(TypeError):
            use()


def test_slot_count(device: hal.Device) -> None:
    assert [device.create_command_buffer(count).slot_count for count in (0, 1, 17)] == [0, 1, 17]


@pytest.mark.parametrize("slot", [2, 3, (1 << 32) - 1])
def test_slot_that_is_not_there(device: hal.Device, slot: int) -> None:
    commands = device.create_command_buffer(2)
    with pytest.raises((OutOfRangeError, InvalidArgumentError)):
        commands.fill(hal.Binding.of_slot(slot, 0, 4), b"\0")


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_bindings_than_slots(device: hal.Device, count: int) -> None:
    commands = device.create_command_buffer(2)
    commands.fill(hal.Binding.of_slot(0, 0, 4), b"\0")
    commands.finalize()
    with pytest.raises((OutOfRangeError, InvalidArgumentError)):
        device.queue_execute(commands, [device.allocate(4)] * count)


@pytest.mark.parametrize(("offset", "length"), [(0, 101), (100, 1), (60, 41), ((1 << 64) - 4, 4)])
def test_slot_range_past_the_end_of_its_buffer(device: hal.Device, offset: int, length: int) -> None:
    commands = device.create_command_buffer(1)
    commands.fill(hal.Binding.of_slot(0, offset, length), b"\1")
    commands.finalize()
    done, buffer = device.create_semaphore(), new_buffer(device, bytes(100))
    with pytest.raises(OutOfRangeError):
        device.queue_execute(commands, [buffer], signal=[(done, 1)])
    assert buffer.read() == bytes(100)
    assert done.value == 0


@pytest.mark.parametrize(("slot_offset", "slot_length"), [(0, 49), (60, 40), (100, 0), (101, 0), (0, 101)])
def test_slot_range_past_the_end_of_the_slot(device: hal.Device, slot_offset: int, slot_length: int) -> None:
    commands = device.create_command_buffer(1)
    commands.fill(hal.Binding.of_slot(0, 25, 25), b"\1")
    commands.finalize()
    with pytest.raises(OutOfRangeError):
        device.queue_execute(commands, [hal.Binding(device.allocate(100), slot_offset, slot_length)])


@needs("data")
def test_slot_offsets_add_up(device: hal.Device) -> None:
    buffer = new_buffer(device, bytes(1024))
    commands = device.create_command_buffer(1)
    commands.fill(hal.Binding.of_slot(0, 16, 8), b"\1")
    commands.finalize()
    finish(device, partial(device.queue_execute, commands, [hal.Binding(buffer, 512, 64)]))
    assert buffer.read() == bytes(528) + b"\1" * 8 + bytes(1024 - 536)


@needs("data")
def test_replayed_with_other_bindings(device: hal.Device) -> None:
    commands = device.create_command_buffer(2)
    commands.copy(hal.Binding.of_slot(0, 0, 100), hal.Binding.of_slot(1, 0, 100))
    commands.finalize()
    for seed in range(10):
        source, target = new_buffer(device, pattern_bytes(100, seed)), device.allocate(100)
        finish(device, partial(device.queue_execute, commands, [source, target]))
        assert target.read() == pattern_bytes(100, seed)


@needs("data")
def test_replayed_sees_new_contents(device: hal.Device) -> None:
    source, target = device.allocate(50), device.allocate(50)
    commands = device.create_command_buffer()
    commands.copy(source, target)
    commands.finalize()
    for seed in range(5):
        source.write(pattern_bytes(50, seed))
        finish(device, partial(device.queue_execute, commands))
        assert target.read() == pattern_bytes(50, seed)


@needs("data")
@pytest.mark.parametrize("steps", [2, 3, 20, 200])
def test_barrier_orders(device: hal.Device, steps: int) -> None:
    buffers = [device.allocate(1024) for _ in range(steps)]

    def record(commands: hal.CommandBuffer) -> None:
        commands.fill(buffers[0], b"\x5a")
        for before, after in pairwise(buffers):
            commands.barrier()
            commands.copy(before, after)

    execute(device, record)
    assert buffers[-1].read() == b"\x5a" * 1024


@needs("data")
def test_barrier_orders_writes_to_one_range(device: hal.Device) -> None:
    buffer = device.allocate(1 << 16)

    def record(commands: hal.CommandBuffer) -> None:
        for value in range(100):
            commands.fill(buffer, bytes([value]))
            commands.barrier()

    execute(device, record)
    assert buffer.read() == bytes([99]) * (1 << 16)


@needs("data")
def test_many_commands_between_barriers(device: hal.Device) -> None:
    buffer = device.allocate(4000)

    def record(commands: hal.CommandBuffer) -> None:
        for index in range(1000):
            commands.fill(hal.Binding(buffer, index * 4, 4), index.to_bytes(4, "little"))

    execute(device, record)
    assert buffer.read() == b"".join(index.to_bytes(4, "little") for index in range(1000))


@needs("data")
def test_submitted_many_times_at_once(device: hal.Device) -> None:
    commands = device.create_command_buffer(2)
    commands.fill(hal.Binding.of_slot(0), b"\7")
    commands.barrier()
    commands.copy(hal.Binding.of_slot(0, 0, 256), hal.Binding.of_slot(1, 0, 256))
    commands.finalize()
    start = device.create_semaphore()
    pairs = [[device.allocate(256), device.allocate(256)] for _ in range(64)]
    ends = [device.create_semaphore() for _ in pairs]
    for pair, end in zip(pairs, ends, strict=True):
        device.queue_execute(commands, pair, wait=[(start, 1)], signal=[(end, 1)])
    start.signal(1)
    hal.Fence([(end, 1) for end in ends]).wait(LONG)
    assert all(target.read() == b"\7" * 256 for _, target in pairs)


@needs("data")
def test_recording_keeps_what_it_names(device: hal.Device) -> None:
    result = device.allocate(64)
    commands = device.create_command_buffer()
    source = new_buffer(device, pattern_bytes(64))
    commands.copy(source, result)
    del source
    commands.finalize()
    noise = [new_buffer(device, b"\xee" * 64) for _ in range(20)]
    finish(device, partial(device.queue_execute, commands))
    assert result.read() == pattern_bytes(64)
    del noise


@needs("data")
def test_fill_keeps_its_pattern(device: hal.Device) -> None:
    buffer, pattern = device.allocate(8), bytearray(b"abcd")
    commands = device.create_command_buffer()
    commands.fill(buffer, pattern)
    commands.finalize()
    pattern[:] = b"wxyz"
    finish(device, partial(device.queue_execute, commands))
    assert buffer.read() == b"abcdabcd"
