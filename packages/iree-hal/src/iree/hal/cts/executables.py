"""Executables and dispatches. The entries are those of `kernels.c`."""

from __future__ import annotations

import random
from functools import partial

import pytest

from iree import hal

from .._errors import (
    DataLossError,
    FailedPreconditionError,
    HalError,
    IncompatibleError,
    InvalidArgumentError,
    OutOfRangeError,
)
from .config import LONG, Config, execute, finish, ints, needs, new_buffer

IDS, ADD, STEP, COPY = range(4)


@pytest.fixture
def kernels(cts: Config, device: hal.Device) -> hal.Executable:
    return prepare(cts, device)


def prepare(cts: Config, device: hal.Device) -> hal.Executable:
    assert cts.executable is not None
    made = cts.executable()
    return device.prepare_executable(made.format, made.data)


def words(device: hal.Device, values: list[int]) -> hal.Buffer:
    return new_buffer(device, b"".join((value & 0xFFFFFFFF).to_bytes(4, "little") for value in values))


@pytest.mark.parametrize("name", ["", "no-such-format", "x" * 10_000])
def test_executable_of_an_unknown_format(device: hal.Device, name: str) -> None:
    with pytest.raises((IncompatibleError, InvalidArgumentError)):
        device.prepare_executable(name, b"1234")


@needs("executable")
def test_executable_entries(kernels: hal.Executable) -> None:
    assert kernels.entry_count == 4


@needs("executable")
@pytest.mark.parametrize("data", [b"", b"\0", b"\0" * 4096, b"\x7fELF", b"\xff" * 1000], ids=range(5))
def test_executable_of_garbage(cts: Config, device: hal.Device, data: bytes) -> None:
    assert cts.executable is not None
    with pytest.raises((DataLossError, IncompatibleError)):
        device.prepare_executable(cts.executable().format, data)


@needs("executable")
@pytest.mark.parametrize("part", range(32))
def test_executable_truncated(cts: Config, device: hal.Device, part: int) -> None:
    assert cts.executable is not None
    made = cts.executable()
    # Debug sections may be missing from the end without harm; half of the bytes may not.
    cut = made.data[: len(made.data) * part // 64]
    with pytest.raises((DataLossError, IncompatibleError)):
        device.prepare_executable(made.format, cut)


@needs("executable")
@pytest.mark.parametrize("seed", range(32))
def test_executable_with_bytes_changed(cts: Config, device: hal.Device, seed: int) -> None:
    assert cts.executable is not None
    made = cts.executable()
    rng = random.Random(seed)
    for _ in range(20):
        data = bytearray(made.data)
        for _ in range(rng.choice([1, 1, 4, 64])):
            data[rng.randrange(min(len(data), 4096))] = rng.randrange(256)
        try:
            device.prepare_executable(made.format, data)  # but never run
        except HalError:
            continue


@needs("executable")
@pytest.mark.parametrize("ordinal", [4, 5, (1 << 32) - 1])
def test_dispatch_of_an_entry_that_is_not_there(device: hal.Device, kernels: hal.Executable, ordinal: int) -> None:
    with pytest.raises((OutOfRangeError, InvalidArgumentError)):
        device.create_command_buffer().dispatch(kernels, ordinal, (1, 1, 1))


@needs("executable")
@pytest.mark.parametrize(("constants", "bindings"), [(0, 1), (2, 1), (1, 0), (1, 2), (0, 0), (300, 1), (1, 100)])
def test_dispatch_with_wrong_counts(device: hal.Device, kernels: hal.Executable, constants: int, bindings: int) -> None:
    commands, buffer = device.create_command_buffer(), device.allocate(256)
    with pytest.raises(InvalidArgumentError):
        commands.dispatch(kernels, IDS, (1, 1, 1), [0] * constants, [buffer] * bindings)


@needs("executable")
@pytest.mark.parametrize(("offset", "length"), [(0, 257), (256, 1), (512, 0), ((1 << 64) - 256, 256)])
def test_dispatch_binding_past_the_end(device: hal.Device, kernels: hal.Executable, offset: int, length: int) -> None:
    commands, buffer = device.create_command_buffer(), device.allocate(256)
    with pytest.raises(OutOfRangeError):
        commands.dispatch(kernels, IDS, (1, 1, 1), [0], [hal.Binding(buffer, offset, length)])


@needs("executable")
@pytest.mark.parametrize(("offset", "length"), [(0, 257), (256, 1), (512, 0)])
def test_dispatch_slot_past_the_end(device: hal.Device, kernels: hal.Executable, offset: int, length: int) -> None:
    commands = device.create_command_buffer(1)
    commands.dispatch(kernels, IDS, (1, 1, 1), [0], [hal.Binding.of_slot(0, offset, length)])
    commands.finalize()
    with pytest.raises(OutOfRangeError):
        device.queue_execute(commands, [device.allocate(256)])


@needs("executable")
def test_dispatch_slot_that_is_not_there(device: hal.Device, kernels: hal.Executable) -> None:
    commands = device.create_command_buffer(1)
    with pytest.raises((OutOfRangeError, InvalidArgumentError)):
        commands.dispatch(kernels, IDS, (1, 1, 1), [0], [hal.Binding.of_slot(1)])


@needs("executable")
def test_dispatch_after_finalize(device: hal.Device, kernels: hal.Executable) -> None:
    commands = device.create_command_buffer()
    commands.finalize()
    with pytest.raises(FailedPreconditionError):
        commands.dispatch(kernels, IDS, (1, 1, 1), [0], [device.allocate(256)])


@needs("dispatch")
@pytest.mark.parametrize(
    "grid", [(1, 1, 1), (2, 1, 1), (100, 1, 1), (1, 7, 1), (1, 1, 5), (3, 4, 5), (1000, 3, 1), (1, 1, 300), (65, 65, 3)]
)
def test_dispatch_grid(device: hal.Device, kernels: hal.Executable, grid: tuple[int, int, int]) -> None:
    count = grid[0] * grid[1] * grid[2]
    out = words(device, [-1] * (count + 8))
    execute(device, lambda commands: commands.dispatch(kernels, IDS, grid, [1000], [out]))
    assert ints(out) == [1000 + index for index in range(count)] + [-1] * 8


@needs("dispatch")
@pytest.mark.parametrize("grid", [(0, 1, 1), (1, 0, 1), (1, 1, 0), (0, 0, 0), (0, (1 << 32) - 1, (1 << 32) - 1)])
def test_dispatch_of_no_workgroups(device: hal.Device, kernels: hal.Executable, grid: tuple[int, int, int]) -> None:
    out = words(device, [-1] * 8)
    execute(device, lambda commands: commands.dispatch(kernels, IDS, grid, [0], [out]))
    assert ints(out) == [-1] * 8


@needs("dispatch")
@pytest.mark.parametrize("base", [0, 1, -1, (1 << 31) - 1, -(1 << 31), (1 << 32) - 1])
def test_dispatch_constants(device: hal.Device, kernels: hal.Executable, base: int) -> None:
    out = words(device, [77])
    execute(device, lambda commands: commands.dispatch(kernels, IDS, (1, 1, 1), [base], [out]))
    assert ints(out)[0] & 0xFFFFFFFF == base & 0xFFFFFFFF


@needs("dispatch")
def test_dispatch_copies_constants(device: hal.Device, kernels: hal.Executable) -> None:
    out, constants = words(device, [0]), [5]
    commands = device.create_command_buffer()
    commands.dispatch(kernels, IDS, (1, 1, 1), constants, [out])
    constants[0] = 6
    commands.finalize()
    finish(device, partial(device.queue_execute, commands))
    assert ints(out) == [5]


@needs("dispatch")
def test_dispatch_several_bindings(device: hal.Device, kernels: hal.Executable) -> None:
    a, b, out = words(device, list(range(100))), words(device, [7] * 100), words(device, [0] * 100)
    execute(device, lambda commands: commands.dispatch(kernels, ADD, (100, 1, 1), bindings=[a, b, out]))
    assert ints(out) == [index + 7 for index in range(100)]


@needs("dispatch")
def test_dispatch_same_buffer_twice(device: hal.Device, kernels: hal.Executable) -> None:
    a, out = words(device, list(range(50))), words(device, [0] * 50)
    execute(device, lambda commands: commands.dispatch(kernels, ADD, (50, 1, 1), bindings=[a, a, out]))
    assert ints(out) == [2 * index for index in range(50)]


@needs("dispatch")
@pytest.mark.parametrize("offset", [0, 256, 512, 2048])
def test_dispatch_binding_offsets(device: hal.Device, kernels: hal.Executable, offset: int) -> None:
    data = words(device, [0] * 1024)
    target = hal.Binding(data, offset, 64)
    execute(device, lambda commands: commands.dispatch(kernels, IDS, (16, 1, 1), [1], [target]))
    assert ints(data) == [0] * (offset // 4) + list(range(1, 17)) + [0] * (1024 - 16 - offset // 4)


@needs("dispatch")
def test_dispatch_slots(device: hal.Device, kernels: hal.Executable) -> None:
    commands = device.create_command_buffer(3)
    slots = [hal.Binding.of_slot(index, 0, 40) for index in range(3)]
    commands.dispatch(kernels, ADD, (10, 1, 1), bindings=slots)
    commands.finalize()
    for step in range(5):
        a, b, out = words(device, [step] * 10), words(device, list(range(10))), words(device, [0] * 10)
        finish(device, partial(device.queue_execute, commands, [a, b, out]))
        assert ints(out) == [step + index for index in range(10)]


@needs("dispatch")
@pytest.mark.parametrize("width", [1, 64, 3000])
def test_dispatches_in_order_of_barriers(device: hal.Device, kernels: hal.Executable, width: int) -> None:
    data = words(device, [1] * width)

    def record(commands: hal.CommandBuffer) -> None:
        for step in range(20):
            commands.dispatch(kernels, STEP, (width, 1, 1), [step], [data])
            commands.barrier()

    execute(device, record)
    expected = 1
    for step in range(20):
        expected = (expected * 3 + step) & 0xFFFFFFFF
    assert [value & 0xFFFFFFFF for value in ints(data)] == [expected] * width


@needs("dispatch")
def test_dispatches_mixed_with_fills_and_copies(device: hal.Device, kernels: hal.Executable) -> None:
    a, b, out = (device.allocate(400) for _ in range(3))

    def record(commands: hal.CommandBuffer) -> None:
        commands.fill(a, (5).to_bytes(4, "little"))
        commands.dispatch(kernels, IDS, (100, 1, 1), [0], [b])
        commands.barrier()
        commands.dispatch(kernels, ADD, (100, 1, 1), bindings=[a, b, out])
        commands.barrier()
        commands.copy(out, a)
        commands.barrier()
        commands.dispatch(kernels, STEP, (100, 1, 1), [1], [a])

    execute(device, record)
    assert ints(a) == [(index + 5) * 3 + 1 for index in range(100)]
    assert ints(out) == [index + 5 for index in range(100)]


@needs("dispatch")
def test_independent_dispatches(device: hal.Device, kernels: hal.Executable) -> None:
    outs = [device.allocate(40) for _ in range(100)]

    def record(commands: hal.CommandBuffer) -> None:
        for index, out in enumerate(outs):
            commands.dispatch(kernels, IDS, (10, 1, 1), [index * 10], [out])

    execute(device, record)
    assert [value for out in outs for value in ints(out)] == list(range(1000))


@needs("dispatch")
def test_dispatch_replayed_in_a_timeline(device: hal.Device, kernels: hal.Executable) -> None:
    data = words(device, [0] * 10)
    commands = device.create_command_buffer()
    commands.dispatch(kernels, STEP, (10, 1, 1), [1], [data])
    commands.finalize()
    timeline = device.create_semaphore()
    for step in range(15):
        device.queue_execute(commands, wait=[(timeline, step)], signal=[(timeline, step + 1)])
    timeline.wait(15, LONG)
    assert ints(data) == [(3**15 - 1) // 2] * 10


@needs("dispatch")
def test_dispatch_keeps_its_executable(cts: Config, device: hal.Device) -> None:
    out = words(device, [0] * 10)
    commands = device.create_command_buffer()
    commands.dispatch(prepare(cts, device), IDS, (10, 1, 1), [3], [out])
    commands.finalize()
    finish(device, partial(device.queue_execute, commands))
    assert ints(out) == list(range(3, 13))


@needs("dispatch")
def test_dispatch_offsets_in_constants(device: hal.Device, kernels: hal.Executable) -> None:
    source, out = words(device, list(range(20))), words(device, [0] * 20)
    execute(device, lambda commands: commands.dispatch(kernels, COPY, (5, 1, 1), [10, 3], [source, out]))
    assert ints(out) == [0, 0, 0, 10, 11, 12, 13, 14] + [0] * 12


@needs("dispatch")
def test_results_do_not_depend_on_the_run(device: hal.Device, kernels: hal.Executable) -> None:
    seen = set()
    for _ in range(10):
        out = device.allocate(4 * 5000)
        commands = device.create_command_buffer()
        commands.dispatch(kernels, IDS, (5000, 1, 1), [9], [out])
        commands.finalize()
        finish(device, partial(device.queue_execute, commands))
        seen.add(out.read())
    assert len(seen) == 1
