"""What a submission costs: from the call to the end of the wait, in microseconds.

Usage: round_trip.py [URI]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from container import cts_executable
from iree import hal


class Bench:
    """A device, a kernel that does next to nothing, and the buffers that it is run on."""

    def __init__(self, uri: str) -> None:
        self.device = hal.open(uri)
        made = cts_executable()
        self.kernels = self.device.prepare_executable(made.format, made.data)
        self.buffers = [self.device.allocate(4096) for _ in range(10)]
        self.timeline = self.device.create_semaphore()
        self.now = 0

    def commands(self, dispatches: int, slots: int) -> hal.CommandBuffer:
        """A command buffer of dispatches with a barrier behind each."""
        commands = self.device.create_command_buffer(slots)
        target = hal.Binding.of_slot(0) if slots else self.buffers[0]
        for _ in range(dispatches):
            commands.dispatch(self.kernels, 0, (1, 1, 1), [0], [target])
            commands.barrier()
        commands.finalize()
        return commands

    def run(self, commands: hal.CommandBuffer | None, *buffers: hal.Buffer) -> None:
        """One round trip."""
        self.now += 1
        self.device.queue_execute(commands, buffers, signal=[(self.timeline, self.now)])
        self.timeline.wait(self.now)

    def between_allocations(self, commands: hal.CommandBuffer) -> None:
        """Allocates, executes and frees in queue order, as a module's function does."""
        at = self.now
        self.now += 3
        slab = self.device.queue_alloca(1 << 20, signal=[(self.timeline, at + 1)])
        self.device.queue_execute(
            commands, [self.buffers[0]], wait=[(self.timeline, at + 1)], signal=[(self.timeline, at + 2)]
        )
        self.device.queue_dealloca(slab, wait=[(self.timeline, at + 2)], signal=[(self.timeline, at + 3)])
        self.timeline.wait(at + 3)


def measure(name: str, body: Callable[[], object], count: int = 1000) -> None:
    """Prints the least and the median time of a call."""
    times = []
    for _ in range(count + 20):
        start = time.perf_counter()
        body()
        times.append(time.perf_counter() - start)
    times = sorted(times[20:])
    print(f"{name:44} min {times[0] * 1e6:9.1f}  median {times[count // 2] * 1e6:9.1f}")


def main() -> None:
    """Measures round trips, recordings, and copies to and from the host."""
    bench = Bench(sys.argv[1] if len(sys.argv) > 1 else "vulkan")
    print(bench.device.name)
    direct, slot, long = bench.commands(1, 0), bench.commands(1, 1), bench.commands(100, 1)
    one = bench.buffers[0]
    turn = iter(range(1 << 60))
    measure("barrier", lambda: bench.run(None))
    measure("one dispatch, direct binding", lambda: bench.run(direct))
    measure("one dispatch, same binding", lambda: bench.run(slot, one))
    measure("one dispatch, other bindings", lambda: bench.run(slot, bench.buffers[next(turn) % 10]))
    measure("alloca, one dispatch, dealloca", lambda: bench.between_allocations(slot))
    measure("100 dispatches, same binding", lambda: bench.run(long, one), 200)
    measure("100 dispatches, other bindings", lambda: bench.run(long, bench.buffers[next(turn) % 10]), 200)
    for size in (4 << 10, 4 << 20, 64 << 20):
        buffer, data = bench.device.allocate(size), bytes(size)
        count = 200 if size < 1 << 20 else 10
        measure(f"write of {size >> 10} KiB", lambda buffer=buffer, data=data: buffer.write(data), count)
        measure(f"read of {size >> 10} KiB", lambda buffer=buffer: buffer.read(), count)


if __name__ == "__main__":
    main()
