"""What this driver adds to the contract: which device, what WebGPU does not do by itself, limits, mappings, ends."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
from iree import hal
from iree.hal._errors import FailedPreconditionError, HalError, InvalidArgumentError, NotFoundError, UnimplementedError
from spirv_builder import ADD, FORMAT, IDS, LAST, STEP, kernel_container

LONG = 60.0
Submit = Callable[..., object]


@pytest.fixture(scope="module")
def device() -> hal.Device:
    return hal.open("webgpu")


def buffer_of(device: hal.Device, data: bytes) -> hal.Buffer:
    buffer = device.allocate(len(data))
    buffer.write(data)
    return buffer


def words(buffer: hal.Buffer) -> list[int]:
    return memoryview(buffer.read()).cast("I").tolist()


def finish(device: hal.Device, submit: Submit) -> None:
    done = device.create_semaphore()
    submit(signal=[(done, 1)])
    done.wait(1, LONG)


def run(device: hal.Device, record: Callable[[hal.CommandBuffer, hal.Executable], object]) -> None:
    """Records over the kernels of this package's tests, executes once and waits."""
    commands = device.create_command_buffer()
    record(commands, device.prepare_executable(FORMAT, kernel_container(5)))
    commands.finalize()
    finish(device, partial(device.queue_execute, commands))


def in_child(code: str, quiet: bool = True, **environment: str) -> str:
    """The standard output of a new process that has run `code`; nothing may be on its error output if `quiet`."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\nsys.path.insert(0, {str(Path(__file__).parent)!r})\n{code}"],
        env={**os.environ, **environment}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr if quiet else "") == (0, ""), done.stderr
    return done.stdout


# Which device


def test_devices_are_listed(device: hal.Device) -> None:
    row = next(row for row in hal.devices() if row.uri == "webgpu://0")
    assert row.unusable is None
    assert row.name.startswith(device.name)


def test_device_by_index_and_name(device: hal.Device) -> None:
    word = device.name.split()[0]
    for path in ("0", device.name.replace(" ", "%20"), device.name.replace(" ", "%20").upper(), word):
        assert hal.open(f"webgpu://{path}").uri == "webgpu://0"


@pytest.mark.parametrize("path", ["99", "00000000000000000001", "no-such-device", "-1"])
def test_no_such_device(device: hal.Device, path: str) -> None:
    with pytest.raises(NotFoundError, match=rf"0: {device.name[:6]}"):
        hal.open(f"webgpu://{path}")


def test_unknown_option() -> None:
    with pytest.raises(InvalidArgumentError, match="no option 'speed'"):
        hal.open("webgpu?speed=9")


TELL = """
from iree import hal
try:
    hal.open("webgpu")
except hal.HalError as error:
    print(type(error).__name__, error)
"""


def test_without_an_adapter() -> None:
    # The loader and Dawn warn on the error output, which nobody can turn off.
    told = in_child(TELL, quiet=False, VK_ICD_FILENAMES="/nowhere.json", VK_DRIVER_FILES="/nowhere.json")
    assert told.startswith("NotFoundError")
    assert "apt-get install libvulkan1 mesa-vulkan-drivers" in told


def test_without_the_library() -> None:
    hide = "from iree.hal_webgpu import _library\nimport iree.hal_webgpu\niree.hal_webgpu.find_library = lambda: {!r}\n"
    missing = in_child(hide.format("") + TELL)
    assert missing == "NotFoundError the WebGPU driver needs Dawn's library: pip install dawn-python==0.3.0\n"
    other = in_child(hide.format("libm.so.6") + TELL)
    assert "libm.so.6 has no function wgpuCreateInstance" in other
    assert "pip install dawn-python==0.3.0" in other
    broken = in_child(hide.format("/nowhere.so") + TELL)
    assert "pip install --force-reinstall dawn-python==0.3.0" in broken


def test_queries(device: hal.Device) -> None:
    assert device.query("executable.format.spirv-portable") == 1
    assert device.query("executable.format.cpu-elf-x86_64") == 0
    assert device.query("webgpu.max_compute_workgroups_per_dimension") >= 65535
    assert device.query("webgpu.max_storage_buffers_per_shader_stage") >= 8


# What WebGPU does not do by itself


@pytest.mark.parametrize("seed", range(40))
def test_fills_and_copies_of_any_alignment(device: hal.Device, seed: int) -> None:
    """Against the same on a bytearray; copies within a buffer too."""
    rng = random.Random(seed)
    size = rng.choice([1, 3, 7, 64, 257, 1000, 4099])
    contents = [bytearray(rng.randbytes(size)) for _ in range(2)]
    buffers = [buffer_of(device, bytes(data)) for data in contents]
    commands = device.create_command_buffer()
    for _ in range(25):
        a, b = rng.randrange(2), rng.randrange(2)
        if rng.random() < 0.5:
            width = rng.choice([1, 2, 4, 8])
            first = rng.randrange(size // width + 1)
            count = rng.randrange(size // width - first + 1)
            pattern = rng.randbytes(width)
            contents[a][first * width : (first + count) * width] = pattern * count
            commands.fill(hal.Binding(buffers[a], first * width, count * width), pattern)
        else:
            length = rng.randrange(size // (2 if a == b else 1) + 1)
            read, write = rng.randrange(size - length + 1), rng.randrange(size - length + 1)
            if a == b and abs(read - write) < length:
                continue
            contents[b][write : write + length] = contents[a][read : read + length]
            commands.copy(hal.Binding(buffers[a], read, length), hal.Binding(buffers[b], write, length))
        commands.barrier()
    commands.finalize()
    finish(device, partial(device.queue_execute, commands))
    assert [buffer.read() for buffer in buffers] == contents


def test_more_than_one_window(device: hal.Device) -> None:
    """A fill and an unaligned copy that no single binding holds."""
    size = 130 << 20
    source, target = device.allocate(size), device.allocate(size)
    finish(device, partial(device.queue_fill, source, b"abcdefgh"))
    finish(device, partial(device.queue_copy, hal.Binding(source, 1, size - 8), hal.Binding(target, 2, size - 8)))
    for at in (2, (64 << 20) - 6, 64 << 20, size - 22):
        assert target.read(at, 16) == (b"abcdefgh" * 3)[(at - 1) % 8 :][:16]


def test_one_buffer_read_and_written(device: hal.Device) -> None:
    data = buffer_of(device, b"".join(i.to_bytes(4, "little") for i in range(192)))
    parts = [hal.Binding(data, 256 * i, 256) for i in range(3)]
    run(device, lambda commands, code: commands.dispatch(code, ADD, (64, 1, 1), bindings=parts))
    assert words(data) == [*range(128), *(2 * i + 64 for i in range(64))]


def test_one_range_read_twice_beside_one_written(device: hal.Device) -> None:
    data = buffer_of(device, b"".join(i.to_bytes(4, "little") for i in range(128)))
    one, other = hal.Binding(data, 0, 256), hal.Binding(data, 256, 256)
    run(device, lambda commands, code: commands.dispatch(code, ADD, (64, 1, 1), bindings=[one, one, other]))
    assert words(data) == [*range(64), *(2 * i for i in range(64))]


def test_one_range_read_and_written_is_refused(device: hal.Device) -> None:
    data = buffer_of(device, bytes(256))
    with pytest.raises(InvalidArgumentError, match="'add': bindings 0 and 2 overlap"):
        run(device, lambda commands, code: commands.dispatch(code, ADD, (1, 1, 1), bindings=[data, data, data]))
    assert data.read() == bytes(256)


def test_most_bindings_and_constants(device: hal.Device) -> None:
    inputs = [buffer_of(device, (1 << i).to_bytes(4, "little") * 10) for i in range(7)]
    out = device.allocate(40)
    run(device, lambda commands, code: commands.dispatch(code, LAST, (10, 1, 1), range(9), [*inputs, out]))
    assert words(out) == [127 + 36] * 10


def test_bindings_without_bytes(device: hal.Device) -> None:
    empty = [device.allocate(0) for _ in range(3)]
    run(device, lambda commands, code: commands.dispatch(code, ADD, (0, 1, 1), bindings=empty))
    run(device, lambda commands, code: commands.dispatch(code, ADD, (1, 1, 1), bindings=empty))


def test_more_constants_than_are_kept(device: hal.Device) -> None:
    """Blocks of constants are kept for later dispatches, up to a limit."""
    data = buffer_of(device, bytes(4))
    for base in (0, 20_000, 40_000):
        commands = device.create_command_buffer()
        code = device.prepare_executable(FORMAT, kernel_container(5))
        for step in range(10_000):
            commands.dispatch(code, IDS, (1, 1, 1), [base + step], [data])
        commands.finalize()
        finish(device, partial(device.queue_execute, commands))
        assert words(data) == [base + 9_999]


def test_too_many_workgroups(device: hal.Device) -> None:
    data = buffer_of(device, bytes(4))
    with pytest.raises(UnimplementedError, match="'step' over 70000 workgroups in dimension 1"):
        run(device, lambda commands, code: commands.dispatch(code, STEP, (1, 70_000, 1), [1], [data]))


def test_binding_too_large(device: hal.Device) -> None:
    most = device.query("webgpu.max_storage_buffer_binding_size")
    if most + 256 > device.query("webgpu.max_buffer_size") or most > 1 << 28:
        pytest.skip(f"{device.name} binds {most} bytes: too much memory for a test")
    data = device.allocate(most + 256)
    with pytest.raises(UnimplementedError, match=r"'step' gets \d+ bytes at binding 0"):
        run(device, lambda commands, code: commands.dispatch(code, STEP, (1, 1, 1), [1], [data]))


def test_objects_of_another_device(device: hal.Device) -> None:
    other = hal.open("webgpu")
    theirs = other.allocate(64)
    with pytest.raises(InvalidArgumentError, match="belongs to device"):
        device.queue_fill(theirs, b"\0")
    code = other.prepare_executable(FORMAT, kernel_container(5))
    with pytest.raises(InvalidArgumentError, match="prepared for another device"):
        device.create_command_buffer().dispatch(code, STEP, (1, 1, 1), [1], [device.allocate(64)])


# Mappings


def test_mapping_follows_the_device(device: hal.Device) -> None:
    buffer = buffer_of(device, bytes(range(100)))
    with buffer.map("r") as mapping, memoryview(mapping) as view:
        finish(device, partial(device.queue_fill, hal.Binding(buffer, 10, 5), b"\xee"))
        assert view == bytes(range(10)) + b"\xee" * 5 + bytes(range(15, 100))
        buffer.write(b"host", 90)
        assert view[90:94] == b"host"


def test_device_follows_a_mapping(device: hal.Device) -> None:
    """The memory is coherent: what was written before the wait was over is seen, without an unmap."""
    source, target = device.allocate(100), device.allocate(100)
    start, done = device.create_semaphore(), device.create_semaphore()
    with source.map("w", 3, 90) as mapping, memoryview(mapping) as view:
        device.queue_copy(source, target, wait=[(start, 1)], signal=[(done, 1)])
        view[:] = bytes(range(90))
        start.signal(1)
        done.wait(1, LONG)
        assert target.read(3, 90) == bytes(range(90))


def test_writing_part_of_what_the_device_wrote(device: hal.Device) -> None:
    buffer = device.allocate(64)
    finish(device, partial(device.queue_fill, buffer, b"\x11"))
    with buffer.map("w", 13, 6) as mapping, memoryview(mapping) as view:
        finish(device, partial(device.queue_fill, hal.Binding(buffer, 0, 13), b"\x22"))
        finish(device, partial(device.queue_fill, hal.Binding(buffer, 19, 45), b"\x33"))
        view[2:4] = b"\xaa\xbb"
    assert buffer.read() == b"\x22" * 13 + b"\x11\x11\xaa\xbb\x11\x11" + b"\x33" * 45


# Memory


def test_memory_is_counted_and_reused() -> None:
    device = hal.open("webgpu")
    timeline = device.create_semaphore()
    for i in range(20):
        buffer = device.queue_alloca(1 << 20, wait=[(timeline, 2 * i)], signal=[(timeline, 2 * i + 1)])
        device.queue_dealloca(buffer, wait=[(timeline, 2 * i + 1)], signal=[(timeline, 2 * i + 2)])
    timeline.wait(40, LONG)
    assert device.query("memory.used") == 0
    assert device.query("memory.peak") == device.query("memory.cached") == 1 << 20


def test_use_after_dealloca(device: hal.Device) -> None:
    buffer = device.queue_alloca(64)
    finish(device, partial(device.queue_dealloca, buffer))
    done = device.create_semaphore()
    with pytest.raises(FailedPreconditionError, match="after its deallocation"):
        device.queue_fill(buffer, b"\0", signal=[(done, 1)])
        done.wait(1, LONG)


# Order


def test_submissions_follow_without_the_host(device: hal.Device) -> None:
    """Those that wait for earlier ones of the same device go to Dawn's queue at once; a failure still passes on."""
    data, start = buffer_of(device, bytes(4)), device.create_semaphore()
    code = device.prepare_executable(FORMAT, kernel_container(5))
    commands = device.create_command_buffer()
    commands.dispatch(code, STEP, (1, 1, 1), [1], [data])
    commands.finalize()
    chain = [start, *(device.create_semaphore() for _ in range(30))]
    for before, after in pairwise(chain[:16]):
        device.queue_execute(commands, wait=[(before, 1)], signal=[(after, 1)])
    start.signal(1)
    for before, after in pairwise(chain[15:]):
        device.queue_execute(commands, wait=[(before, 1)], signal=[(after, 1)])
    chain[-1].wait(1, LONG)
    assert words(data) == [(3**30 - 1) // 2 & 0xFFFFFFFF]


def test_error_of_one_submission_leaves_the_others(device: hal.Device) -> None:
    data = buffer_of(device, bytes(256))
    gone = device.queue_alloca(64)
    finish(device, partial(device.queue_dealloca, gone))
    ends = [device.create_semaphore() for _ in range(10)]
    for index, end in enumerate(ends):
        device.queue_fill(gone if index % 2 else hal.Binding(data, index, 1), b"\7", signal=[(end, 1)])
    for index, end in enumerate(ends):
        if index % 2:
            with pytest.raises(HalError):
                end.wait(1, LONG)
        else:
            end.wait(1, LONG)
    assert data.read(0, 10) == b"\7\0" * 5


# Processes


def test_fork() -> None:
    told = in_child("""
import os, sys, warnings
from iree import hal
warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of forks of processes with threads
device = hal.open("webgpu")
device.array([1, 2])
child = os.fork()
if child == 0:
    for use in (lambda: device.allocate(4), device.queue_execute, lambda: hal.open("webgpu")):
        try:
            use()
            print("nothing", flush=True)
        except hal.HalError as error:
            print(type(error).__name__, "forked" in str(error), flush=True)
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
print(device.array([3, 4]).tolist())
""")
    assert told == "UnavailableError True\n" * 3 + "[3, 4]\n"


def test_exit_with_work_under_way() -> None:
    in_child("""
from iree import hal
from test_device import *
device = hal.open("webgpu")
buffer = device.allocate(1 << 20)
code = device.prepare_executable(FORMAT, kernel_container(5))
commands = device.create_command_buffer()
for _ in range(200):
    commands.dispatch(code, STEP, (65535, 1, 1), [1], [buffer])
commands.finalize()
device.queue_execute(commands)
""")
