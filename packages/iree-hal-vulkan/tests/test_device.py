"""Choosing a device, options, and what is said when something is missing."""

from __future__ import annotations

import csv
import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest
from container import cts_executable
from devices import DEVICE, URI, needs_device
from iree import hal
from iree.hal._errors import InvalidArgumentError, NotFoundError
from iree.hal.cts.config import execute, finish, ints, new_buffer

ENV = {key: value for key, value in os.environ.items() if not key.startswith("IREE_VULKAN")}


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs code in a process of its own, since a process keeps its loader."""
    return subprocess.run(
        [sys.executable, "-c", code], env=ENV | environment, capture_output=True, text=True, check=False, timeout=120
    )


OPEN = """
from iree import hal
try:
    hal.open("vulkan{0}")
except (LookupError, RuntimeError) as error:
    print(type(error).__name__, error)
"""


@needs_device
def test_choice_by_index_name_and_uuid() -> None:
    rows = [row for row in hal.devices() if row.uri.startswith("vulkan://") and not row.unusable]
    assert rows
    for row in rows:
        device = hal.open(row.uri)
        name, uuid = row.name.rsplit(", UUID ", 1)
        assert (device.uri, device.name) == (row.uri, name)
        for path in (uuid, uuid.replace("-", "").upper()):
            assert hal.open(f"vulkan://{path}").uri == row.uri
        if sum(name in other.name for other in rows) == 1:
            path = str(hal.DeviceUri("vulkan", name.swapcase()))
            assert hal.open(path).uri == row.uri
    assert hal.open("vulkan").uri in {row.uri for row in rows}


@needs_device
@pytest.mark.parametrize("path", ["99", "no such device", "00000000-0000-0000-0000-00000000beef", "-"])
def test_a_device_that_is_not_there(path: str) -> None:
    with pytest.raises(NotFoundError, match=r"(?s)there is.*vulkan://0 "):
        hal.open(str(hal.DeviceUri("vulkan", path)))


@needs_device
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("what=1", "has no option 'what'; it knows 'validate'"),
        ("validate=yes", "validate=yes: not 0 or 1"),
        ("unified=", "unified=: not 0 or 1"),
    ],
)
def test_unknown_options(options: str, message: str) -> None:
    with pytest.raises(InvalidArgumentError, match=message):
        hal.open(f"vulkan?{options}")


def test_without_a_loader() -> None:
    done = python(OPEN.format(""), IREE_VULKAN_LIBRARY="/nonexistent/libvulkan.so.1")
    assert done.stdout.startswith("NotFoundError no Vulkan loader: /nonexistent/libvulkan.so.1")
    assert "libvulkan1" in done.stdout and "mesa-vulkan-drivers" in done.stdout
    assert "unset IREE_VULKAN_LIBRARY" in done.stdout


def test_with_something_else_as_the_loader() -> None:
    done = python(OPEN.format(""), IREE_VULKAN_LIBRARY="libm.so.6")
    assert done.stdout.startswith("IncompatibleError libm.so.6 is no Vulkan loader")


def test_devices_are_listed_without_a_loader() -> None:
    listing = "from iree import hal\nprint([d for d in hal.devices() if d.uri == 'vulkan'][0].unusable)"
    done = python(listing, IREE_VULKAN_LIBRARY="/nonexistent/libvulkan.so.1")
    assert "libvulkan1" in done.stdout, done.stderr


@needs_device
def test_without_a_driver(tmp_path: Path) -> None:
    done = python(OPEN.format(""), VK_ICD_FILENAMES=str(tmp_path / "none.json"), VK_DRIVER_FILES=str(tmp_path / "x"))
    assert done.stdout.startswith("NotFoundError")
    assert "mesa-vulkan-drivers" in done.stdout


@needs_device
def test_without_the_validation_layer(tmp_path: Path) -> None:
    done = python(OPEN.format("?validate=1"), VK_LAYER_PATH=str(tmp_path))
    assert done.stdout.startswith("NotFoundError validate=1 needs the layer VK_LAYER_KHRONOS_validation")
    assert "vulkan-validationlayers" in done.stdout


@needs_device
@pytest.mark.skipif("validate=1" not in URI, reason="IREE_VULKAN_TEST_OPTIONS leaves the validation layer out")
def test_validation_is_heard() -> None:
    """The layer is really on: what it says is printed and counted."""
    # A kernel whose push constants lack their decoration Block.
    code = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from container import *
from iree import hal
device = hal.open("{DEVICE}?validate=1&cache=off")
words = assemble("cts")
block = words.index(b"\\x47\\0\\x03\\0")  # OpDecorate of three words
try:
    device.prepare_executable(VULKAN, Container((words[:block] + words[block + 12 :],), CTS_ENTRIES).build())
except hal.HalError:
    pass
print(device.query("validation.messages"))
"""
    done = python(code)
    assert int(done.stdout) > 0, done.stderr
    assert "vulkan validation: " in done.stderr


@needs_device
def test_queries() -> None:
    device = hal.open(DEVICE)
    assert device.query("executable.format.spirv-portable") == device.query("executable.format.spirv-vulkan") == 1
    assert device.query("executable.format.cpu-elf-x86_64") == 0
    assert device.query("spirv.capability.Shader") == 1
    assert device.query("spirv.capability.Kernel") == 0
    assert device.query("workgroup.invocations") >= 128
    assert device.query("subgroup.size.min") <= device.query("subgroup.size") <= device.query("subgroup.size.max")


@needs_device
def test_profile(tmp_path: Path) -> None:
    path = tmp_path / "profile.csv"

    def run() -> None:
        device = hal.open(f"{URI}&profile={path}")
        made = cts_executable()
        kernels = device.prepare_executable(made.format, made.data)
        out = device.allocate(4000)
        for count in (1000, 10):
            execute(device, lambda commands, count=count: commands.dispatch(kernels, 0, (count, 1, 1), [0], [out]))

    run()
    gc.collect()
    with path.open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["dispatch"], row["workgroups_x"]) for row in rows] == [
        ("ids of the suite", "1000"),
        ("ids of the suite", "10"),
    ]
    assert all(int(row["duration_ns"]) >= 0 for row in rows)
    assert int(rows[0]["start_ns"]) < int(rows[1]["start_ns"])


@needs_device
def test_profile_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(PermissionError, match="cannot write"):
        hal.open(f"{DEVICE}?cache=off&profile={tmp_path}/nothing/here.csv")


@needs_device
def test_pipeline_cache_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for place in ("file", "file/inside"):
        with pytest.raises(PermissionError, match=r"cache: cannot write to .*file"):
            hal.open(f"{DEVICE}?cache={tmp_path}/{place}")


@needs_device
def test_a_damaged_pipeline_cache_is_ignored(tmp_path: Path) -> None:
    made = cts_executable()

    def run() -> list[int]:
        device = hal.open(f"{DEVICE}?cache={tmp_path}/cache")
        kernels = device.prepare_executable(made.format, made.data)
        out = device.allocate(64)
        execute(device, lambda commands: commands.dispatch(kernels, 0, (16, 1, 1), [1], [out]))
        return ints(out)

    assert run() == list(range(1, 17))
    # Mesa's software rasterizer keeps nothing, and then there is no file to damage.
    for file in (tmp_path / "cache").glob("*.bin"):
        file.write_bytes(file.read_bytes()[:40] if len(file.read_bytes()) % 2 else b"\xff" * 1000)
    assert run() == list(range(1, 17))


@needs_device
def test_other_devices_objects_are_refused() -> None:
    one, other = hal.open(DEVICE), hal.open(DEVICE)
    made = cts_executable()
    kernels, buffer = one.prepare_executable(made.format, made.data), one.allocate(256)
    with pytest.raises(InvalidArgumentError, match="belongs to another device"):
        other.create_command_buffer().dispatch(kernels, 0, (1, 1, 1), [0], [other.allocate(256)])
    with pytest.raises(InvalidArgumentError, match="belongs to another device"):
        other.queue_fill(buffer, b"\0")
    commands = one.create_command_buffer()
    commands.finalize()
    with pytest.raises(InvalidArgumentError, match="belongs to another device"):
        other.queue_execute(commands)


@needs_device
def test_memory_is_taken_in_blocks() -> None:
    device = hal.open(DEVICE)
    before = device.query("memory.reserved")
    buffers = [device.allocate(1000) for _ in range(1000)]
    assert device.query("memory.used") >= 1_000_000
    assert device.query("memory.reserved") - before <= 32 << 20
    large = device.allocate(300 << 20)
    assert device.query("memory.reserved") >= 300 << 20
    del buffers, large
    assert device.query("memory.used") == 0


@needs_device
def test_a_slots_memory_is_used_again_for_another_buffer() -> None:
    # A recording made for a buffer that is gone must not be taken for one at the same place.
    device = hal.open(URI)
    commands = device.create_command_buffer(1)
    commands.fill(hal.Binding.of_slot(0, 0, 64), b"\x05")
    commands.finalize()
    for size in (64, 400 << 20, 64, 500 << 20, 64):
        buffer = device.allocate(size)
        finish(device, lambda signal, buffer=buffer: device.queue_execute(commands, [buffer], signal=signal))
        assert buffer.read(0, 64) == b"\x05" * 64
        del buffer


@needs_device
def test_semaphores_across_drivers() -> None:
    device, other = hal.open(DEVICE), hal.open("null")
    mine, its = device.create_semaphore(), other.create_semaphore()
    buffer = new_buffer(device, bytes(64))
    # The other driver calls this one back while it is told.
    for step in range(0, 100, 2):
        device.queue_fill(buffer, bytes([step]), wait=[(mine, step)], signal=[(its, step + 1)])
        other.queue_execute(wait=[(its, step + 1)], signal=[(mine, step + 1)])
        device.queue_execute(wait=[(its, step + 1), (mine, step + 1)], signal=[(mine, step + 2), (its, step + 2)])
    mine.wait(100, 60)
    its.wait(100, 60)
    assert buffer.read() == bytes([98]) * 64


@needs_device
def test_after_a_fork() -> None:
    done = python(f"""
import os, warnings
warnings.simplefilter("ignore")
from iree import hal
device = hal.open("{DEVICE}?cache=off")
semaphore, buffer = device.create_semaphore(), device.allocate(64)
device.queue_fill(buffer, b"1", signal=[(semaphore, 1)])
semaphore.wait(1)
child = os.fork()
if child:
    os.waitpid(child, 0)
for use in (lambda: device.queue_fill(buffer, b"2"), lambda: device.allocate(64), lambda: hal.open("{DEVICE}")):
    try:
        use()
        print("works", flush=True)
    except RuntimeError as error:
        print("spawning" in str(error), flush=True)
del device, semaphore, buffer, use
print("ended", flush=True)
""")
    assert done.stdout.split() == ["True"] * 3 + ["ended"] + ["works"] * 3 + ["ended"], done.stderr


@needs_device
def test_beside_tensorflow() -> None:
    """TensorFlow's LLVM is visible to the whole process; Mesa's driver must not take it for its own."""
    pytest.importorskip("tensorflow")
    done = python(
        "import sys, tensorflow, pytest; "
        f"sys.exit(pytest.main(['-q', '-p', 'no:cacheprovider', {str(Path(__file__).with_name('test_cts.py'))!r}, "
        "'-k', 'dispatch_grid']))"
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
