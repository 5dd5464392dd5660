"""Executables that Dawn or the container's reader refuses, and the messages that say why."""

from __future__ import annotations

import os
import random
import struct
from dataclasses import replace

import pytest
from iree import hal
from iree.hal._errors import DataLossError, HalError, IncompatibleError
from spirv_builder import ADD, ENTRIES, FORMAT, STEP, Container, Entry, Kernel, kernel_container, one


@pytest.fixture(scope="module")
def device() -> hal.Device:
    return hal.open("webgpu")


def test_other_format(device: hal.Device) -> None:
    with pytest.raises(IncompatibleError, match="format 'spirv-vulkan'; it takes 'spirv-portable'"):
        device.prepare_executable("spirv-vulkan", kernel_container())


@pytest.mark.parametrize("count", [0, 1, 5])
def test_entry_counts(device: hal.Device, count: int) -> None:
    assert device.prepare_executable(FORMAT, kernel_container(count)).entry_count == count


def test_many_entries(device: hal.Device) -> None:
    assert device.prepare_executable(FORMAT, Container(ENTRIES * 20).build()).entry_count == 100


REFUSED = {
    "bindings that it does not have": (
        Container([replace(ENTRIES[ADD], bindings=2, reads=1, writes=2)], [ENTRIES[ADD].module()]).build(),
        DataLossError,
        "binding 2",
    ),
    "a name that WGSL keeps": (one(ADD, name="if"), DataLossError, "a name that the profile does not allow"),
    "another name": (
        one(ADD, name="d9", body=lambda k: setattr(k, "name", "d8")),
        DataLossError,
        "no entry point 'd9'",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_by_the_reader(device: hal.Device, case: str) -> None:
    data, error, message = REFUSED[case]
    with pytest.raises(error, match=message):
        device.prepare_executable(FORMAT, data)


def test_refused_by_dawn(device: hal.Device) -> None:
    """The message names the entry and carries the validator's words."""

    def undefined(kernel: Kernel) -> None:
        kernel.store(0, kernel.word(0), 7777)

    with pytest.raises(IncompatibleError, match=r"module 0 \(step\)(.|\n)*7777"):
        device.prepare_executable(FORMAT, one(STEP, body=undefined))
    assert device.prepare_executable(FORMAT, kernel_container()).entry_count == 4


def test_refused_as_a_pipeline(device: hal.Device) -> None:
    """A constant block that is larger than what the entry says."""

    def more(kernel: Kernel) -> None:
        kernel.store(0, kernel.word(0), kernel.constant(0))

    data = Container([ENTRIES[STEP]], [_with_constants(more)]).build()
    code = device.prepare_executable(FORMAT, data)
    commands, buffer = device.create_command_buffer(), device.allocate(4)
    commands.dispatch(code, 0, (1, 1, 1), [1], [buffer])
    commands.finalize()
    done = device.create_semaphore()
    with pytest.raises(HalError, match=r"too small(.|\n)*\"step\""):
        device.queue_execute(commands, signal=[(done, 1)])
        done.wait(1, 60)


def _with_constants(body: object) -> bytes:
    kernel = Kernel("d2", 1, 8)
    body(kernel)  # type: ignore[operator]
    return kernel.module()


def nonfinite(kernel: Kernel) -> None:
    """The bits of an infinity, a NaN and a number, alone and in vectors of vectors."""
    single = kernel.type_of(22, 32)
    pair = kernel.type_of(23, single, 2)
    both = kernel.type_of(30, pair, pair)
    scalars = [kernel.literal(single, 43, bits) for bits in (0xFF800000, 0x7FC00001, 0x3F800000)]
    vectors = [kernel.literal(pair, 44, scalars[2], scalars[2]), kernel.literal(pair, 44, scalars[1], scalars[0])]
    nested = kernel.literal(both, 44, *vectors)
    values = [*scalars, *(kernel.op(81, single, nested, i, j) for i in range(2) for j in range(2))]
    for index, value in enumerate(values):
        kernel.store(0, kernel.word(index), kernel.op(124, kernel.uint, value))


def nonfinite_half(kernel: Kernel) -> None:
    """f16's, widened."""
    kernel.capabilities += [9]
    half, single = kernel.type_of(22, 16), kernel.type_of(22, 32)
    for index, bits in enumerate((0x7C00, 0xFC00, 0x3C00)):
        value = kernel.op(115, single, kernel.literal(half, 43, bits))
        kernel.store(0, kernel.word(index), kernel.op(124, kernel.uint, value))


def carries(kernel: Kernel) -> None:
    """Sums and differences with what does not fit a word."""
    both = kernel.type_of(30, kernel.uint, kernel.uint)
    index = 0
    for opcode, a, b in ((149, 0xFFFFFFFF, 2), (149, 1, 2), (150, 1, 2), (150, 2, 1)):
        result = kernel.op(opcode, both, kernel.word(a), kernel.word(b))
        for part in range(2):
            kernel.store(0, kernel.word(index), kernel.op(81, kernel.uint, result, part))
            index += 1


def half_to_integer(kernel: Kernel) -> None:
    """f16 to both kinds of integers."""
    kernel.capabilities += [9]
    half, single, signed = kernel.type_of(22, 16), kernel.type_of(22, 32), kernel.type_of(21, 32, 1)
    for index, bits in enumerate((0x40600000, 0xC0600000)):  # 3.5, -3.5
        value = kernel.op(115, half, kernel.literal(single, 43, bits))
        result = kernel.op(109, kernel.uint, value) if index == 0 else kernel.op(110, signed, value)
        kernel.store(0, kernel.word(index), kernel.op(124, kernel.uint, result) if index else result)


def atomics(kernel: Kernel) -> None:
    """Several uses of one pointer."""
    kernel.store(0, kernel.word(0), kernel.word(0xFF))
    pointer = kernel.op(65, kernel.element, kernel.buffers[0], kernel.word(0), kernel.word(0))
    kernel.op(240, kernel.uint, pointer, kernel.word(1), kernel.word(72), kernel.word(0xF0))
    kernel.op(241, kernel.uint, pointer, kernel.word(1), kernel.word(72), kernel.word(0x3))
    kernel.store(0, kernel.word(1), kernel.add(kernel.op(61, kernel.uint, pointer), kernel.word(1)))


REWRITTEN = {
    "infinities and NaNs": (
        nonfinite,
        [0xFF800000, 0x7FC00001, 0x3F800000, 0x3F800000, 0x3F800000, 0x7FC00001, 0xFF800000],
    ),
    "infinities of f16": (nonfinite_half, [0x7F800000, 0xFF800000, 0x3F800000]),
    "carries": (carries, [1, 1, 3, 0, 0xFFFFFFFF, 1, 1, 0]),
    "f16 to integers": (half_to_integer, [3, 0xFFFFFFFD]),
    "atomics": (atomics, [0xF3, 0xF4]),
}


@pytest.mark.parametrize("case", REWRITTEN)
def test_what_tint_does_not_read(device: hal.Device, case: str) -> None:
    body, expected = REWRITTEN[case]
    if "f16" in case and not device.query("webgpu.shader_f16"):
        pytest.skip("no f16 on this device")
    code = device.prepare_executable(FORMAT, one(STEP, body=body))
    out = device.allocate(4 * len(expected))
    commands, done = device.create_command_buffer(), device.create_semaphore()
    commands.dispatch(code, 0, (1, 1, 1), [0], [out])
    commands.finalize()
    device.queue_execute(commands, signal=[(done, 1)])
    done.wait(1, 60)
    assert memoryview(out.read()).cast("I").tolist() == expected


def test_mutations(device: hal.Device) -> None:
    """Words of SPIR-V changed, the checksum right: refused or loaded, never worse."""
    rng = random.Random(int(os.environ.get("IREE_FUZZ_SEED", "1")))
    rewritten = [Entry("d0", body, 1, 0, 1, 1) for body in (nonfinite, carries, atomics)]
    entries = [*ENTRIES[:4], *rewritten]
    modules = [entry.module() for entry in entries]
    outcomes = set()
    for _ in range(300):
        mutants = [bytearray(module) for module in modules]
        mutant = rng.choice(mutants)
        for _ in range(rng.choice([1, 1, 2, 4])):
            at = 4 * rng.randrange(5, len(mutant) // 4)
            (old,) = struct.unpack_from("<I", mutant, at)
            (other,) = struct.unpack_from("<I", mutant, 4 * rng.randrange(len(mutant) // 4))
            word = rng.choice([rng.randrange(64), rng.randrange(1 << 32), other, old ^ 1 << rng.randrange(32)])
            struct.pack_into("<I", mutant, at, word)
        try:
            device.prepare_executable(FORMAT, Container(entries, [bytes(module) for module in mutants]).build())
            outcomes.add("loaded")
        except (DataLossError, IncompatibleError) as error:
            outcomes.add(type(error).__name__)
    assert outcomes == {"loaded", "DataLossError", "IncompatibleError"}
