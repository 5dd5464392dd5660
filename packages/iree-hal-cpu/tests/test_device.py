"""What this driver adds to the contract: threads, inline work, kernels' surroundings, fork and exit."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from elf_builder import FAILS, FORMAT, FP_STATE, IDS, SCRATCH, STEP, WORKER, kernel_image
from iree import hal
from iree.hal._errors import FailedPreconditionError, HalError, InvalidArgumentError, NotFoundError

THREADS = [1, 2, 3, 8]


def available() -> int:
    """At least what the default device may use; a control group may allow less."""
    return len(os.sched_getaffinity(0))


def ints(buffer: hal.Buffer) -> list[int]:
    return memoryview(buffer.read()).cast("I").tolist()


def run(device: hal.Device, ordinal: int, groups: tuple[int, int, int], constants: tuple[int, ...] = ()) -> list[int]:
    """Runs one of the kernels that write one word for each workgroup."""
    total = groups[0] * groups[1] * groups[2]
    buffer = device.allocate(4 * total)
    commands = device.create_command_buffer()
    commands.dispatch(device.prepare_executable(FORMAT, kernel_image()), ordinal, groups, constants, [buffer])
    commands.finalize()
    done = device.create_semaphore()
    device.queue_execute(commands, signal=[(done, 1)])
    done.wait(1, 60)
    return ints(buffer)


@pytest.mark.parametrize(("uri", "concurrency"), [("cpu?threads=0", 1), ("cpu?threads=1", 1), ("cpu?threads=5", 5)])
def test_concurrency(uri: str, concurrency: int) -> None:
    assert hal.open(uri).query("concurrency") == concurrency


def test_default_concurrency_follows_affinity() -> None:
    assert 1 <= hal.open("cpu").query("concurrency") <= available()
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert hal.open("cpu").query("concurrency") == 1
    finally:
        os.sched_setaffinity(0, before)


@pytest.mark.parametrize("value", ["", "-1", "two", "1.5", "257", "99999999999", "2 "])
def test_bad_threads(value: str) -> None:
    with pytest.raises(InvalidArgumentError):
        hal.open(f"cpu?threads={value}")


def test_unknown_option_and_path() -> None:
    with pytest.raises(InvalidArgumentError, match="no option 'fibres'"):
        hal.open("cpu?fibres=2")
    with pytest.raises(NotFoundError, match="no path '1'"):
        hal.open("cpu://1")


def test_uri_opens_it_again() -> None:
    for uri in ("cpu", "cpu?threads=3", "cpu?threads=3&pin=core", "cpu?pin=none"):
        assert hal.open(uri).uri == uri


def test_queries() -> None:
    device = hal.open("cpu")
    assert device.query(f"executable.format.{FORMAT}") == 1
    assert device.query("executable.format.spirv") == 0
    assert device.query("cpu.feature.sse2" if FORMAT == "cpu-elf-x86_64" else "cpu.feature.neon") == 1
    assert device.query("cpu.feature.telepathy") == 0
    assert device.query("memory.total") > 1 << 20
    with pytest.raises(NotFoundError, match="no number called 'colour'"):
        device.query("colour")


@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.parametrize("groups", [(1, 1, 1), (7, 1, 1), (1, 9, 1), (5, 3, 4), (100000, 1, 1), (1, 1, 999)], ids=str)
def test_every_workgroup_once(threads: int, groups: tuple[int, int, int]) -> None:
    device = hal.open(f"cpu?threads={threads}")
    total = groups[0] * groups[1] * groups[2]
    for _ in range(3):  # alone first, then spread as what was learnt says
        assert run(device, IDS, groups, (10,)) == list(range(10, 10 + total))


@pytest.mark.parametrize("threads", THREADS)
def test_scratch(threads: int) -> None:
    assert run(hal.open(f"cpu?threads={threads}"), SCRATCH, (3000, 1, 1)) == list(range(3000))


@pytest.mark.parametrize("threads", THREADS)
def test_worker_numbers(threads: int) -> None:
    workers = set(run(hal.open(f"cpu?threads={threads}"), WORKER, (200, 1, 1)))
    assert workers <= set(range(threads))


@pytest.mark.parametrize("threads", THREADS)
def test_failing_kernel_is_named(threads: int) -> None:
    device = hal.open(f"cpu?threads={threads}")
    commands = device.create_command_buffer()
    code = device.prepare_executable(FORMAT, kernel_image())
    commands.dispatch(code, FAILS, (500, 1, 1), [123])
    commands.finalize()
    done = device.create_semaphore()
    device.queue_execute(commands, signal=[(done, 1)])
    with pytest.raises(HalError, match=r"'fails' failed with code 42 in workgroup \(123, 0, 0\)"):
        done.wait(1, 60)


@pytest.mark.parametrize("threads", [1, 2])
def test_kernels_have_the_default_rounding(threads: int) -> None:
    name = ctypes.util.find_library("m")
    assert name is not None
    libm = ctypes.CDLL(name)
    upward = {"cpu-elf-x86_64": 0x800, "cpu-elf-aarch64": 0x400000}[FORMAT]
    device = hal.open(f"cpu?threads={threads}")
    expected = 0x1F80 if FORMAT == "cpu-elf-x86_64" else 0
    before = libm.fegetround()
    assert libm.fesetround(upward) == 0
    try:
        for _ in range(5):
            assert set(run(device, FP_STATE, (3, 1, 1))) == {expected}
        assert libm.fegetround() == upward
    finally:
        libm.fesetround(before)


def written_words(buffer: hal.Buffer) -> int:
    return int(np.count_nonzero(np.frombuffer(buffer.read(), np.uint32) != 2**32 - 1))


@pytest.mark.parametrize("threads", [2, 8])
def test_work_that_nobody_waits_for_ends_early(threads: int) -> None:
    device = hal.open(f"cpu?threads={threads}")
    groups = 1_000_000  # of some 10 us
    buffer = device.allocate(4 * groups)
    buffer.write(b"\xff" * (4 * groups))
    commands = device.create_command_buffer()
    commands.dispatch(device.prepare_executable(FORMAT, kernel_image()), WORKER, (groups, 1, 1), [], [buffer])
    commands.finalize()
    done = device.create_semaphore()
    device.queue_execute(commands, signal=[(done, 1)])
    written, before = 0, -1
    while written == 0:
        written = written_words(buffer)
    done.fail("never mind")
    while written != before:
        time.sleep(0.2)
        written, before = written_words(buffer), written
    assert 0 < written < groups
    assert run(device, IDS, (9, 1, 1), (0,)) == list(range(9))


def test_inline_work_runs_in_the_signal() -> None:
    device = hal.open("cpu?threads=1")
    buffer = device.allocate(4)
    buffer.write(b"\1\0\0\0")
    commands = device.create_command_buffer()
    commands.dispatch(device.prepare_executable(FORMAT, kernel_image()), STEP, (1, 1, 1), [5], [buffer])
    commands.finalize()
    timeline = device.create_semaphore()
    for i in range(1, 4):
        device.queue_execute(commands, wait=[(timeline, i)], signal=[(timeline, i + 1)])
    assert ints(buffer) == [1]
    timeline.signal(1)
    assert timeline.value == 4
    assert ints(buffer) == [((1 * 3 + 5) * 3 + 5) * 3 + 5]


@pytest.mark.parametrize("threads", THREADS)
def test_ten_thousand_in_flight(threads: int) -> None:
    device = hal.open(f"cpu?threads={threads}")
    buffer = device.allocate(4)
    buffer.write(bytes(4))
    commands = device.create_command_buffer()
    commands.dispatch(device.prepare_executable(FORMAT, kernel_image()), STEP, (1, 1, 1), [1], [buffer])
    commands.finalize()
    timeline = device.create_semaphore()
    for i in range(10_000):
        device.queue_execute(commands, wait=[(timeline, i + 1)], signal=[(timeline, i + 2)])
    timeline.signal(1)
    timeline.wait(10_001, 60)
    expected = 0
    for _ in range(10_000):
        expected = (expected * 3 + 1) & 0xFFFFFFFF
    assert ints(buffer) == [expected]


def test_devices_share_their_threads() -> None:
    devices = [hal.open("cpu?threads=7") for _ in range(4)]
    for _ in range(10):
        for device in devices:
            run(device, WORKER, (64, 1, 1))
    names = [Path(f"/proc/self/task/{task}/comm").read_text() for task in os.listdir("/proc/self/task")]
    # Other sizes' threads may still be there from earlier tests.
    assert sum(name.startswith("iree-cpu-6") for name in names) <= 2
    assert threading.active_count() < 100


def test_memory_is_counted_and_reused() -> None:
    device = hal.open("cpu?threads=1")
    timeline = device.create_semaphore()
    addresses = set()
    for i in range(20):
        buffer = device.queue_alloca(1 << 20, signal=[(timeline, 2 * i + 1)])
        addresses.add(buffer.host_pointer)
        device.queue_dealloca(buffer, wait=[(timeline, 2 * i + 1)], signal=[(timeline, 2 * i + 2)])
    assert len(addresses) == 1
    assert device.query("memory.used") == 0
    assert device.query("memory.peak") == 1 << 20


def _in_child(body: str) -> None:
    """Runs `body` in a new process, where `device`, `run` and the names of this module are at hand."""
    here = str(Path(__file__).parent)
    prelude = f"import sys; sys.path.insert(0, {here!r})\nfrom test_device import *\n"
    done = subprocess.run(
        [sys.executable, "-c", prelude + body], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


def test_memory_that_the_host_looks_at_is_there_until_it_looks_away() -> None:
    """Also when it is deallocated, large enough to go back to the system at once."""
    device = hal.open("cpu?threads=1")
    buffer = device.queue_alloca(300 << 20)
    device.queue_fill(buffer, b"\1")
    array = hal.DeviceArray.from_buffer(buffer, np.uint8, [300 << 20])
    seen, mapping = np.asarray(array), memoryview(array)
    device.queue_dealloca(buffer)
    assert seen[-1] == mapping[-1] == 1
    with pytest.raises(FailedPreconditionError, match="deallocated"):
        np.asarray(array)
    assert device.query("memory.used") == 300 << 20
    del seen, mapping, array, buffer
    assert device.query("memory.used") == 0


def test_objects_of_another_driver_are_refused() -> None:
    cpu, null = hal.open("cpu?threads=1"), hal.open("null")
    theirs = null.prepare_executable("null", b"NULL" + bytes([1]) + bytes(11))
    ours = cpu.prepare_executable(FORMAT, kernel_image())
    for device, executable, groups in ((cpu, theirs, (1, 1, 1)), (null, ours, (1, 1, 1))):
        commands = device.create_command_buffer()
        with pytest.raises(InvalidArgumentError, match="another driver"):
            commands.dispatch(executable, 0, groups)
        commands.finalize()
        with pytest.raises(InvalidArgumentError, match="another driver"):
            (null if device == cpu else cpu).queue_execute(commands)


@pytest.mark.parametrize("uri", ["cpu?threads=1", "cpu?threads=2"])
def test_fork_while_other_threads_signal_and_wait(uri: str) -> None:
    """The child never waits for a lock of theirs, nor wakes a thread that is not there."""
    _in_child(f"""
device = hal.open({uri!r})
timeline, buffer, stop = device.create_semaphore(), device.allocate(64), threading.Event()
def signal():
    while not stop.is_set():
        timeline.signal(timeline.value + 1)
        done = device.create_semaphore()
        device.queue_fill(buffer, b"x", signal=[(done, 1)])
        done.wait(1)
def wait():
    while not stop.is_set():
        try:
            timeline.wait(timeline.value + 1, 0.001)
        except TimeoutError:
            pass
def use():
    # New threads get the stacks of those that slept.
    threads = [threading.Thread(target=timeline.wait, args=[1 << 40]) for _ in range(4)]
    for thread in threads: thread.start()
    timeline.signal(1 << 40)
    for thread in threads: thread.join()
    done = device.create_semaphore()
    device.queue_fill(buffer, b"x", signal=[(done, 1)])
    done.wait(1)
threads = [threading.Thread(target=target) for target in (signal, wait, wait)]
for thread in threads: thread.start()
for _ in range(60):
    child = os.fork()
    if child == 0:
        import signal as signals
        signals.alarm(20)
        try:
            use()
        except HalError as error:
            os._exit(0 if "forked" in str(error) else 1)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status: break
stop.set()
for thread in threads: thread.join()
sys.exit(status)
""")


def test_fork_when_idle() -> None:
    _in_child("""
device = hal.open("cpu?threads=2")
for _ in range(5): run(device, WORKER, (50, 1, 1))
child = os.fork()
if child == 0:
    ok = all(run(device, IDS, (5000, 1, 1), (1,)) == list(range(1, 5001)) for _ in range(5))
    ok &= set(run(device, WORKER, (200, 1, 1))) <= {0, 1}
    os._exit(0 if ok else 1)
assert os.waitpid(child, 0)[1] == 0
run(device, WORKER, (50, 1, 1))
""")


def test_fork_when_busy() -> None:
    _in_child("""
device = hal.open("cpu?threads=2")
code = device.prepare_executable(FORMAT, kernel_image())
buffer = device.allocate(4 * 20000)
commands = device.create_command_buffer()
commands.dispatch(code, WORKER, (20000, 1, 1), [], [buffer])
commands.finalize()
done = device.create_semaphore()
device.queue_execute(commands, signal=[(done, 1)])
child = os.fork()
if child == 0:
    try:
        device.queue_execute(None, signal=[(done, 2)])
    except HalError as error:
        told = "forked" in str(error)
    try:
        done.wait(1, 10)
    except HalError as error:
        told &= "forked" in str(error)
    os._exit(0 if told and run(hal.open("cpu?threads=2"), IDS, (9, 1, 1), (0,)) == list(range(9)) else 1)
assert os.waitpid(child, 0)[1] == 0
done.wait(1, 60)
""")


def test_exit_with_work_under_way() -> None:
    _in_child("""
device = hal.open("cpu?threads=2")
code = device.prepare_executable(FORMAT, kernel_image())
buffer = device.allocate(4 * 100000)
commands = device.create_command_buffer()
commands.dispatch(code, WORKER, (100000, 1, 1), [], [buffer])
commands.finalize()
done, never = device.create_semaphore(), device.create_semaphore()
device.queue_execute(commands, signal=[(done, 1)])
device.queue_execute(commands, wait=[(never, 1)], signal=[(done, 2)])
""")


def test_threads_are_refused() -> None:
    """Without a thread to be had the callers do the work."""
    _in_child("""
import resource
kernel_image()  # runs a compiler, which needs processes
hal.open("cpu?threads=1")  # loads what the other user may not be able to read
if os.getuid() == 0:
    os.setuid(65534)  # the limit does not hold for root
resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
device = hal.open("cpu?threads=4")
for _ in range(3):
    assert run(device, WORKER, (300, 1, 1)) and run(device, IDS, (1000, 1, 1), (0,)) == list(range(1000))
""")
