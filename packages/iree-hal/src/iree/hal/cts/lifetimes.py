"""Objects may go in any order, also while work is pending."""

from __future__ import annotations

import gc
import itertools
import subprocess
import sys

import pytest

from iree import hal

from .config import LONG, Config, needs, new_buffer, pattern_bytes

NAMES = ("device", "source", "target", "commands")


@needs("data")
@pytest.mark.parametrize("order", list(itertools.permutations(NAMES)), ids="-".join)
def test_dropped_while_work_is_pending(cts: Config, order: tuple[str, ...]) -> None:
    device = hal.open(cts.uri)
    source, target = new_buffer(device, pattern_bytes(1000)), new_buffer(device, bytes(1000))
    commands = device.create_command_buffer()
    commands.copy(source, target)
    commands.barrier()
    result = device.allocate(1000)
    commands.copy(target, result)
    commands.finalize()
    start, done = device.create_semaphore(), device.create_semaphore()
    device.queue_execute(commands, wait=[(start, 1)], signal=[(done, 1)])
    objects = dict(zip(NAMES, (device, source, target, commands), strict=True))
    del device, source, target, commands
    for name in order:
        del objects[name]
        gc.collect()
    start.signal(1)
    done.wait(1, LONG)
    assert result.read() == pattern_bytes(1000)


@pytest.mark.parametrize(
    "order", list(itertools.permutations(("device", "buffer", "semaphore", "array"))), ids="-".join
)
def test_dropped_when_idle(cts: Config, order: tuple[str, ...]) -> None:
    device = hal.open(cts.uri)
    objects = {
        "device": device,
        "buffer": device.allocate(64),
        "semaphore": device.create_semaphore(),
        "array": device.array([1, 2, 3]),
    }
    del device
    for name in order:
        del objects[name]


def test_dropped_with_work_that_never_starts(cts: Config) -> None:
    device = hal.open(cts.uri)
    start, done = device.create_semaphore(), device.create_semaphore()
    device.queue_fill(device.allocate(64), b"\1", wait=[(start, 1)], signal=[(done, 1)])
    del device
    start.fail("never")
    with pytest.raises(RuntimeError, match="never"):
        done.wait(1, LONG)


def test_work_that_waits_in_a_circle_ends_with_a_failure(cts: Config) -> None:
    device = hal.open(cts.uri)
    buffer, one, two = device.allocate(64), device.create_semaphore(), device.create_semaphore()
    device.queue_fill(buffer, b"x", wait=[(one, 1)], signal=[(two, 1)])
    device.queue_fill(buffer, b"y", wait=[(two, 1)], signal=[(one, 1)])
    two.fail("a circle")
    with pytest.raises(RuntimeError, match="a circle"):
        one.wait(1, LONG)


def test_everything_dropped_with_work_that_never_starts(cts: Config) -> None:
    for _ in range(20):
        device = hal.open(cts.uri)
        start, done = device.create_semaphore(), device.create_semaphore()
        device.queue_fill(device.allocate(64), b"\1", wait=[(start, 1)], signal=[(done, 1)])
        del device, start, done
    gc.collect()


@needs("data")
def test_semaphores_dropped_after_submission(device: hal.Device) -> None:
    start, done = device.create_semaphore(), device.create_semaphore()
    middle = device.create_semaphore()
    buffer = device.allocate(64)
    device.queue_fill(buffer, b"\1", wait=[(start, 1)], signal=[(middle, 1)])
    device.queue_fill(buffer, b"\2", wait=[(middle, 1)], signal=[(done, 1)])
    del middle
    start.signal(1)
    done.wait(1, LONG)
    assert buffer.read() == b"\2" * 64


def test_devices_opened_many_times(cts: Config) -> None:
    for _ in range(20):
        hal.open(cts.uri)


def test_numpy_outlives_everything(cts: Config) -> None:
    device = hal.open(cts.uri)
    array = device.array(list(range(1000)))
    values = array.numpy()
    view = memoryview(array)
    del device, array
    gc.collect()
    assert values.tolist() == list(range(1000))
    assert view.tolist() == list(range(1000))


EXITS = {
    "pending work": """
device.queue_fill(device.allocate(4096), b"x", wait=[(semaphore, 1)], signal=[(device.create_semaphore(), 1)])
""",
    "a thread that waits": """
threading.Thread(target=semaphore.wait, args=[1], daemon=True).start()
time.sleep(0.05)
""",
    "shared memory in use": """
memory = np.frombuffer(mmap.mmap(-1, 1 << 16), np.uint8)
array = device.array(memory)
device.queue_copy(array.buffer, device.allocate(1 << 16), wait=[(semaphore, 1)])
""",
    "a callback that never comes": """
queue = hal.CompletionQueue()
queue.watch([(semaphore, 1)], 1)
""",
    "a fence that nobody awaits any more": """
async def main():
    asyncio.ensure_future(forget())
    await asyncio.sleep(0.01)
async def forget():
    await hal.Fence([(semaphore, 1)])
asyncio.run(main())
""",
    "busy threads": """
def work():
    while True:
        done = device.create_semaphore()
        device.queue_fill(device.allocate(4096), b"x", signal=[(done, 1)])
        done.wait(1)
for _ in range(4):
    threading.Thread(target=work, daemon=True).start()
time.sleep(0.1)
""",
}


@pytest.mark.parametrize("what", EXITS)
def test_process_ends_with(cts: Config, what: str) -> None:
    setup = "import asyncio, mmap, os, threading, time\nimport numpy as np\nfrom iree import hal\n"
    setup += f"device = hal.open({cts.uri!r})\nsemaphore = device.create_semaphore()\n"
    code = setup + EXITS[what]
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=LONG)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
