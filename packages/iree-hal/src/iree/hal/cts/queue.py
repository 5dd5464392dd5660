"""Queue operations: only semaphores order them."""

from __future__ import annotations

from itertools import pairwise

import pytest

from iree import hal

from .._errors import AbortedError, DeadlineExceededError, HalError, ResourceExhaustedError
from .config import LONG, SHORT, needs, new_buffer, pattern_bytes


def test_barrier_without_waits(device: hal.Device) -> None:
    done = device.create_semaphore()
    device.queue_execute(signal=[(done, 5)])
    done.wait(5, LONG)
    assert done.value == 5


def test_barrier_without_anything(device: hal.Device) -> None:
    device.queue_execute()


def test_nothing_is_signalled_before_the_wait(device: hal.Device) -> None:
    start, done = device.create_semaphore(), device.create_semaphore()
    device.queue_execute(wait=[(start, 1)], signal=[(done, 1)])
    with pytest.raises(DeadlineExceededError):
        done.wait(1, SHORT)
    start.signal(1)
    done.wait(1, LONG)


@pytest.mark.parametrize("count", [2, 4, 7])
def test_waits_for_all(device: hal.Device, count: int) -> None:
    starts, done = [device.create_semaphore() for _ in range(count)], device.create_semaphore()
    device.queue_execute(wait=[(start, 1) for start in starts], signal=[(done, 1)])
    for start in starts[1:]:
        start.signal(1)
    with pytest.raises(DeadlineExceededError):
        done.wait(1, SHORT)
    starts[0].signal(1)
    done.wait(1, LONG)


@pytest.mark.parametrize("count", [2, 4, 7])
def test_signals_all(device: hal.Device, count: int) -> None:
    ends = [device.create_semaphore(index) for index in range(count)]
    device.queue_execute(signal=hal.Fence([(end, 100) for end in ends]))
    for end in ends:
        end.wait(100, LONG)


def test_waits_and_signals_take_fences(device: hal.Device) -> None:
    start, done = (hal.Fence([(device.create_semaphore(), 1)]) for _ in range(2))
    device.queue_execute(wait=start, signal=done)
    assert not done.reached
    start.signal()
    done.wait(LONG)


def test_one_timeline_through_many_operations(device: hal.Device) -> None:
    timeline = device.create_semaphore()
    for step in range(500):
        device.queue_execute(wait=[(timeline, step)], signal=[(timeline, step + 1)])
    timeline.wait(500, LONG)


def test_operations_submitted_backwards(device: hal.Device) -> None:
    timeline = device.create_semaphore()
    for step in reversed(range(1, 200)):
        device.queue_execute(wait=[(timeline, step)], signal=[(timeline, step + 1)])
    timeline.signal(1)
    timeline.wait(200, LONG)


def test_thousands_wait_for_one(device: hal.Device) -> None:
    start = device.create_semaphore()
    ends = [device.create_semaphore() for _ in range(3000)]
    for end in ends:
        device.queue_execute(wait=[(start, 1)], signal=[(end, 1)])
    start.signal(1)
    hal.Fence([(end, 1) for end in ends]).wait(LONG)


@needs("data")
def test_a_chain_of_fills_and_copies(device: hal.Device) -> None:
    one, two = device.allocate(1000), device.allocate(1000)
    timeline = device.create_semaphore()
    at = 0
    for step in range(50):
        device.queue_fill(one, bytes([step]), wait=[(timeline, at)], signal=[(timeline, at + 1)])
        target = hal.Binding(two, 10 * step)
        device.queue_copy(hal.Binding(one, 10 * step), target, wait=[(timeline, at + 1)], signal=[(timeline, at + 2)])
        at += 2
    timeline.wait(at, LONG)
    assert two.read() == b"".join(bytes([step]) * 10 for step in range(50)) + bytes([49]) * 500


@needs("data")
def test_work_waits_for_the_host(device: hal.Device) -> None:
    source, target = device.allocate(64), device.allocate(64)
    timeline = device.create_semaphore()
    device.queue_copy(source, target, wait=[(timeline, 1)], signal=[(timeline, 2)])
    source.write(pattern_bytes(64))
    timeline.signal(1)
    timeline.wait(2, LONG)
    assert target.read() == pattern_bytes(64)


@needs("data")
def test_devices_wait_for_each_other(device: hal.Device) -> None:
    other = hal.open(device.uri)
    mine, its = device.create_semaphore(), other.create_semaphore()
    buffer, copy = device.allocate(16), other.allocate(16)
    other.queue_fill(copy, b"\2", wait=[(mine, 1)], signal=[(its, 1)])
    device.queue_fill(buffer, b"\1", wait=[(its, 1)], signal=[(mine, 2)])
    mine.signal(1)
    mine.wait(2, LONG)
    assert (buffer.read(), copy.read()) == (b"\1" * 16, b"\2" * 16)


def operations(device: hal.Device) -> list[object]:
    """One call of each queue operation."""
    buffer, commands = device.allocate(64), device.create_command_buffer()
    commands.finalize()
    return [
        lambda **order: device.queue_alloca(64, **order),
        lambda **order: device.queue_dealloca(device.queue_alloca(64), **order),
        lambda **order: device.queue_fill(buffer, b"\1", **order),
        lambda **order: device.queue_copy(hal.Binding(buffer, 0, 32), hal.Binding(buffer, 32, 32), **order),
        lambda **order: device.queue_execute(commands, **order),
        lambda **order: device.queue_execute(None, **order),
    ]


names = ["alloca", "dealloca", "fill", "copy", "execute", "barrier"]


@pytest.mark.parametrize("index", range(6), ids=names)
def test_operation_waits_and_signals(device: hal.Device, index: int) -> None:
    start, done = device.create_semaphore(), device.create_semaphore()
    kept = operations(device)[index](wait=[(start, 1)], signal=[(done, 1)])  # type: ignore[operator]
    with pytest.raises(DeadlineExceededError):
        done.wait(1, SHORT)
    start.signal(1)
    done.wait(1, LONG)
    del kept


@pytest.mark.parametrize("index", range(6), ids=names)
def test_failed_wait_fails_every_signal(device: hal.Device, index: int) -> None:
    start, ends = device.create_semaphore(), [device.create_semaphore() for _ in range(3)]
    kept = operations(device)[index](wait=[(start, 1)], signal=[(end, 1) for end in ends])  # type: ignore[operator]
    start.fail("upstream")
    for end in ends:
        with pytest.raises(AbortedError, match="upstream"):
            end.wait(1, LONG)
    del kept


@pytest.mark.parametrize("index", range(6), ids=names)
def test_wait_that_has_failed_already(device: hal.Device, index: int) -> None:
    start, done = device.create_semaphore(), device.create_semaphore()
    start.fail("upstream")
    try:
        operations(device)[index](wait=[(start, 1)], signal=[(done, 1)])  # type: ignore[operator]
    except AbortedError as error:  # found at once: then nothing is signalled
        assert "upstream" in str(error)
        assert done.value == 0
        return
    with pytest.raises(AbortedError, match="upstream"):
        done.wait(1, LONG)


def test_failure_passes_down_a_chain(device: hal.Device) -> None:
    points = [device.create_semaphore() for _ in range(50)]
    for before, after in pairwise(points):
        device.queue_execute(wait=[(before, 1)], signal=[(after, 1)])
    points[0].fail("at the top")
    with pytest.raises(AbortedError, match="at the top"):
        points[-1].wait(1, LONG)


def test_signal_below_the_current_value_fails_the_semaphore(device: hal.Device) -> None:
    start, done = device.create_semaphore(), device.create_semaphore()
    device.queue_execute(wait=[(start, 1)], signal=[(done, 5)])
    done.signal(9)
    start.signal(1)
    with pytest.raises(HalError):
        done.wait(10, LONG)


@needs("data")
def test_alloca_use_dealloca(device: hal.Device) -> None:
    timeline = device.create_semaphore()
    result = device.allocate(256)
    at = 0
    for step in range(20):
        buffer = device.queue_alloca(256, wait=[(timeline, at)], signal=[(timeline, at + 1)])
        device.queue_fill(buffer, bytes([step + 1]), wait=[(timeline, at + 1)], signal=[(timeline, at + 2)])
        device.queue_copy(buffer, result, wait=[(timeline, at + 2)], signal=[(timeline, at + 3)])
        device.queue_dealloca(buffer, wait=[(timeline, at + 3)], signal=[(timeline, at + 4)])
        at += 4
    timeline.wait(at, LONG)
    assert result.read() == b"\x14" * 256


def test_alloca_is_a_reservation_at_once(device: hal.Device) -> None:
    start, done = device.create_semaphore(), device.create_semaphore()
    buffer = device.queue_alloca(4096, wait=[(start, 1)], signal=[(done, 1)])
    assert buffer.length == 4096
    start.signal(1)
    done.wait(1, LONG)
    buffer.write(pattern_bytes(4096))
    assert buffer.read() == pattern_bytes(4096)


@pytest.mark.parametrize("length", [1 << 62, (1 << 64) - 1])
def test_alloca_too_much(device: hal.Device, length: int) -> None:
    done = device.create_semaphore()
    try:
        device.queue_alloca(length, signal=[(done, 1)])
    except ResourceExhaustedError:
        assert done.value == 0
        return
    with pytest.raises(ResourceExhaustedError):
        done.wait(1, LONG)


def test_error_found_at_submission_signals_nothing(device: hal.Device) -> None:
    done = device.create_semaphore()
    with pytest.raises(IndexError):
        device.queue_fill(hal.Binding(new_buffer(device, b"1234"), 0, 5), b"\0", signal=[(done, 1)])
    assert done.value == 0
    done.signal(1)


def test_slots_mean_nothing_on_the_queue(device: hal.Device) -> None:
    with pytest.raises(TypeError, match="slot"):
        device.queue_fill(hal.Binding.of_slot(0), b"\0")
