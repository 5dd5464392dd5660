"""Invocations in flight."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from iree import hal, vm
from iree.vm import errors
from iree.vm.assembly import parse

from .test_calls import identity
from .test_hal import IMPORTS, load
from .test_limits import LOOP

# `wait` is reached once somebody signals the fence that `arm` stored.
GATE = """
global @gate hal.fence mutable
func @arm r: values() refs 1 {
  global.store.ref @gate, $0
  return
}
func @wait rrr:r values() refs 4 {
  global.load.ref $3, @gate
  loc "gate.py:1"
  call.import @hal.fence.await($3)
  call.import @hal.fence.signal($2)
  return $0
}
export @arm = @arm plain
export @wait = @wait fences
"""


def gate(device: Any, **options: Any) -> tuple[vm.Module, Any]:
    semaphore = device.create_semaphore()
    module = load(GATE, device, **options)
    module.arm(hal.Fence([(semaphore, 1)]))
    return module, semaphore


def test_results_and_errors(cpu: Any) -> None:
    async def main() -> None:
        f = load(identity(2), cpu).f
        a, b = await f.call_async(np.float32(1), np.arange(3))
        assert a.item() == 1 and b.tolist() == [0, 1, 2]
        with pytest.raises(errors.InputCountError):
            await f.call_async(1)

    asyncio.run(main())


def test_ten_thousand_in_flight(cpu: Any) -> None:
    async def main() -> None:
        module, semaphore = gate(cpu)
        x = np.float32([1, 2])
        threads = threading.active_count()
        tasks = [asyncio.create_task(module.wait.call_async(x)) for _ in range(10_000)]
        await asyncio.sleep(0.01)
        assert not any(task.done() for task in tasks)
        assert threading.active_count() == threads
        semaphore.signal(1)
        for result in await asyncio.gather(*tasks):
            assert result.tolist() == [1, 2]

    asyncio.run(main())


def test_failure_of_the_fence(cpu: Any) -> None:
    async def main() -> None:
        module, semaphore = gate(cpu)
        task = asyncio.create_task(module.wait.call_async(np.float32(1)))
        await asyncio.sleep(0.01)
        semaphore.fail("pulled the plug")
        with pytest.raises(errors.Error, match="pulled the plug") as info:
            await task
        assert info.value.location == "gate.py:1"

    asyncio.run(main())


def test_cancelling_a_task_cancels_the_call(cpu: Any) -> None:
    async def main() -> None:
        module, semaphore = gate(cpu)
        ended: list[BaseException | None] = []
        native = module.wait
        call = native.start([np.float32(1)], lambda _, error: ended.append(error))
        await asyncio.sleep(0.01)
        assert ended == []
        call.cancel()
        while not ended:
            await asyncio.sleep(0.001)
        assert isinstance(ended[0], errors.CancelledError)
        task = asyncio.create_task(module.wait.call_async(np.float32(1)))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        semaphore.signal(1)
        assert (await module.wait.call_async(np.float32(2))).item() == 2

    asyncio.run(main())


def test_time_out_while_waiting(cpu: Any) -> None:
    async def main() -> None:
        module, _ = gate(cpu, timeout=0.03)
        with pytest.raises(errors.DeadlineError):
            await module.wait.call_async(np.float32(1))

    asyncio.run(main())
    module, _ = gate(cpu)
    with pytest.raises(errors.DeadlineError):
        module.wait.call(np.float32(1), timeout=0.02)


def test_others_run_while_one_waits_or_loops(cpu: Any) -> None:
    """A context with state switches where an invocation waits; loops of one context do not stop another."""

    async def main() -> None:
        module, semaphore = gate(cpu)
        waiting = asyncio.create_task(module.wait.call_async(np.float32(1)))
        await asyncio.sleep(0.01)
        other = cpu.create_semaphore(1)
        module.arm(hal.Fence([(other, 1)]))
        assert (await module.wait.call_async(np.float32(5))).item() == 5
        semaphore.signal(1)
        await waiting
        looping = load(LOOP.replace("func @spin :", "func @spin rr:").replace("@spin : values() refs 0", "")
                       .replace("func @spin rr: values() refs 0", "func @spin rr: values() refs 2")
                       .replace("export @spin = @spin plain", "export @spin = @spin fences"), cpu)  # fmt: skip
        spins = [asyncio.create_task(looping.spin.call_async()) for _ in range(3)]
        assert (await load(identity(1), cpu).f.call_async(np.float32(1))).item() == 1
        for spin in spins:
            spin.cancel()
        await asyncio.gather(*spins, return_exceptions=True)

    asyncio.run(main())


STATEFUL_LOOP = """
global @count i64 mutable
func @spin rr: values(i64) refs 2 {
  br ^again
^again:
  global.store.i64 @count, %0
  br ^again
}
func @quick rr: values(i64) refs 2 {
  global.store.i64 @count, %0
  call.import @hal.fence.signal($1)
  return
}
export @spin = @spin fences
export @quick = @quick fences
"""


def test_waiting_for_ones_turn_holds_no_thread(cpu: Any) -> None:
    """Calls of a module with state that is busy wait without the executor's threads, can be cancelled and time out."""

    async def main() -> None:
        module = load(STATEFUL_LOOP, cpu)
        spinning = asyncio.create_task(module.spin.call_async())
        await asyncio.sleep(0.01)
        waiting = [asyncio.create_task(module.quick.call_async()) for _ in range(20)]
        assert (await load(identity(1), cpu).f.call_async(np.float32(1))).item() == 1, "another module's"
        assert not spinning.done() and not any(task.done() for task in waiting)
        ended: list[BaseException | None] = []
        module.quick.start([], lambda _, error: ended.append(error)).cancel()
        with pytest.raises(errors.DeadlineError):
            module.quick.call(timeout=0.03)
        while not ended:
            await asyncio.sleep(0.001)
        assert isinstance(ended[0], errors.CancelledError)
        spinning.cancel()
        await asyncio.gather(*waiting)

    asyncio.run(main())


FORK = """
import asyncio, os, sys
import numpy as np
from iree import hal, vm

device = hal.open("cpu?threads=2")
gate, stateless = (vm.load(path, device) for path in sys.argv[1:3])
semaphore = device.create_semaphore()
gate.arm(hal.Fence([(semaphore, 1)]))
ended = []
for _ in range(10):
    gate.wait.start([np.float32(1)], lambda *both: ended.append(both))
asyncio.run(stateless.f.call_async(np.float32(2)))
child = os.fork()
if child == 0:
    assert stateless.f(np.float32(3)).item() == 3
    assert asyncio.run(stateless.f.call_async(np.float32(4))).item() == 4
    semaphore.signal(1)
    assert asyncio.run(gate.wait.call_async(np.float32(5))).item() == 5
    assert not ended, "calls under way are the parent's"
    os._exit(0)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
assert not ended
semaphore.signal(1)
while len(ended) < 10:
    pass
assert all(error is None for _, error in ended)
"""


def test_a_forked_child_makes_calls_of_its_own(tmp_path: Path) -> None:
    for name, text in (("gate", GATE), ("identity", identity(1))):
        parse(IMPORTS + text).write(tmp_path / f"{name}.vmfb")
    command = [sys.executable, "-c", FORK, str(tmp_path / "gate.vmfb"), str(tmp_path / "identity.vmfb")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


DEADLINES = """
import sys, threading
from pathlib import Path
import numpy as np
from iree import hal, vm

device = hal.open("cpu?threads=1")
gate = vm.load(sys.argv[1], device, timeout=3600)
def megabytes():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4 / 1024
def call(count):
    semaphore, ended = device.create_semaphore(), threading.Semaphore(0)
    gate.arm(hal.Fence([(semaphore, 1)]))
    for _ in range(count):
        gate.wait.start([np.float32(1)], lambda *_: ended.release())
    semaphore.signal(1)
    for _ in range(count):
        ended.acquire()
for _ in range(10): call(1000)
before = megabytes()
for _ in range(40): call(1000)
print(megabytes() - before)
"""


def test_deadlines_of_calls_that_ended_take_no_memory(tmp_path: Path) -> None:
    """Each took 225 bytes until it had passed."""
    path = tmp_path / "gate.vmfb"
    parse(IMPORTS + GATE).write(path)
    command = [sys.executable, "-c", DEADLINES, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert float(done.stdout) < 3


FORK_WHILE_BUSY = """
import os, sys, threading, time
from iree import vm
from iree.vm import errors

module = vm.load(sys.argv[1], "cpu?threads=1")
def spin():
    try:
        module.spin.call(timeout=0.5)
    except errors.DeadlineError:
        pass
thread = threading.Thread(target=spin)
thread.start()
time.sleep(0.05)
child = os.fork()
if child == 0:
    try:
        module.quick.call(timeout=20)
    except errors.Error as error:
        os._exit(0 if "forked while a call of this module" in str(error) else 2)
    os._exit(3)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
thread.join()
module.quick()
"""


def test_a_fork_amid_a_call_that_changes_state_is_an_error_in_the_child(tmp_path: Path) -> None:
    path = tmp_path / "loop.vmfb"
    parse(IMPORTS + STATEFUL_LOOP).write(path)
    command = [sys.executable, "-c", FORK_WHILE_BUSY, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


COUNT = """
global @count i64 mutable
func @count :I values(i64, i64, i64, i32) refs 0 {
  const.i64 %1, 1
  const.i64 %2, 5000
  br ^again
^again:
  add.i64 %0, %0, %1
  global.store.i64 @count, %0
  cmp.lt_s.i64 %3, %0, %2
  cond_br %3, ^again, ^end
^end:
  return %0
}
export @count = @count plain
"""

FORK_OFTEN = """
import os, sys, threading
from iree import vm

module = vm.load(sys.argv[1], None)
stop = threading.Event()
def work():
    while not stop.is_set():
        module.count()
threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for _ in range(60):
    child = os.fork()
    if child == 0:
        try:
            assert module.count() == 5000
        except vm.Error as error:
            os._exit(0 if "forked while a call of this module" in str(error) else 2)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
stop.set()
for thread in threads:
    thread.join()
"""


def test_forks_while_other_threads_call_never_hang_the_child(tmp_path: Path) -> None:
    path = tmp_path / "plain.vmfb"
    parse(COUNT).write(path)
    done = subprocess.run(
        [sys.executable, "-c", FORK_OFTEN, str(path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


EXIT = """
import sys, threading, time
import numpy as np
from iree import hal, vm
device = hal.open("cpu")
semaphore = device.create_semaphore()
module = vm.load(sys.argv[1], device)
module.arm(hal.Fence([(semaphore, 1)]))
for _ in range(100):
    module.wait.start([np.float32(1)], lambda *_: None)
threading.Thread(target=lambda: (time.sleep(0.01), semaphore.signal(1)), daemon=True).start()
"""


def test_exit_with_calls_in_flight(tmp_path: Path) -> None:
    """The process ends as if they were not there."""
    path = tmp_path / "gate.vmfb"
    parse(IMPORTS + GATE).write(path)
    command = [sys.executable, "-c", EXIT, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


EXIT_FROM_THREADS = """
import sys, threading
import numpy as np
from iree import vm
module = vm.load(sys.argv[1], "cpu")
started = threading.Barrier(5)
def call():
    x = np.zeros(3, np.float32)
    started.wait()
    while True:
        module.f(x)
for _ in range(4):
    threading.Thread(target=call, daemon=True).start()
started.wait()
"""


def test_exit_while_daemon_threads_call(tmp_path: Path) -> None:
    """A thread that comes back from C++ while the interpreter ends does not bring the process down."""
    path = tmp_path / "identity.vmfb"
    parse(IMPORTS + identity(1)).write(path)
    for _ in range(3):
        command = [sys.executable, "-c", EXIT_FROM_THREADS, str(path)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stderr) == (0, "")
