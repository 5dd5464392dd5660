"""Executables: what breaks a rule of ``iree/spirv_executable.h`` is refused, and the message says which rule; what the
device lacks is named.
"""

from __future__ import annotations

import random
import re
from dataclasses import replace

import pytest
from container import (
    CTS_ENTRIES,
    PORTABLE,
    PORTABLE_ENTRIES,
    PUSH,
    UNIFORM,
    VULKAN,
    Container,
    assemble,
)
from devices import URI, needs_device
from iree import hal
from iree.hal._errors import DataLossError, IncompatibleError, InvalidArgumentError, OutOfRangeError
from iree.hal.cts.config import execute, ints

pytestmark = needs_device
HUGE = (1 << 32) - 1


@pytest.fixture(scope="module")
def device() -> hal.Device:
    return hal.open(URI)


def cts(**changes: object) -> Container:
    return replace(Container((assemble("cts"),), CTS_ENTRIES), **changes)  # type: ignore[arg-type]


def portable(**changes: object) -> Container:
    return replace(Container((assemble("portable"),), PORTABLE_ENTRIES, 0), **changes)  # type: ignore[arg-type]


def first(**changes: object) -> Container:
    """The suite's container with the first entry changed."""
    return cts(entries=(replace(CTS_ENTRIES[0], **changes), *CTS_ENTRIES[1:]))  # type: ignore[arg-type]


def edited(old: bytes, new: bytes) -> Container:
    """The suite's module with words replaced."""
    words = assemble("cts")
    assert old in words
    return cts(modules=(words.replace(old, new),))


def words(*values: int) -> bytes:
    return b"".join(value.to_bytes(4, "little") for value in values)


SHADER = words(0x00020011, 1)
MALFORMED = {
    "magic": (cts(header={0: 0}), "does not start with ISPV"),
    "checksum": (cts(header={3: 1}), "checksum is wrong"),
    "size": (cts(header={2: 100}), "says that it has 100 bytes"),
    "profile": (cts(profile=0), "profile 0 in format 'spirv-vulkan'"),
    "unknown profile": (cts(profile=7), "profile 7"),
    "reserved": (cts(header={10: 1}), "reserved field"),
    "modules past the end": (cts(header={6: HUGE - 3}), "reaches past the end"),
    "modules unaligned": (cts(header={6: 49}), "not aligned"),
    "too many modules": (cts(header={5: HUGE}), "4294967295 modules"),
    "entries past the end": (cts(header={7: 65536}), "reaches past the end"),
    "too many entries": (cts(header={7: HUGE}), "4294967295 entries"),
    "no modules": (cts(header={5: 0}), "module 0 of 0"),
    "module past the end": (cts(module_words={0: HUGE - 3}), "lies outside"),
    "module unaligned": (cts(module_words={0: 50}), "lies outside"),
    "module size": (cts(module_words={2: 7}), "7 words in"),
    "module of nothing": (cts(modules=(b"",)), "0 words"),
    "compressed by name only": (cts(module_words={3: 1}), "does not decompress"),
    "too few words": (cts(compressed=True, module_words={2: 100}), "does not decompress to 100 words"),
    "too many words": (cts(compressed=True, module_words={2: 10_000}), "does not decompress to 10000 words"),
    "a bomb": (cts(compressed=True, module_words={2: 1 << 30}), "1073741824 words in"),
    "compressed and cut": (cts(compressed=True, module_words={1: 50}), "does not decompress"),
    "entry of no module": (first(module=1), "module 1 of 1"),
    "name past the end": (cts(entry_words={1: HUGE}), "text of entry 0"),
    "label past the end": (cts(entry_words={4: HUGE}), "text of entry 0"),
    "empty name": (first(name=""), "a name that the profile"),
    "odd name": (first(name="a-b"), "a name that the profile"),
    "name not there": (first(name="nothing"), "no entry point 'nothing'"),
    "part of a name": (first(name="id"), "no entry point 'id'"),
    "workgroup size": (first(workgroup_size=(2, 1, 1)), "of workgroup size 2x1x1"),
    "workgroup of none": (first(workgroup_size=(0, 1, 1)), "workgroup size of 0"),
    "workgroup overflows": (first(workgroup_size=(65536, 65536, 1)), "invocations"),
    "too many bindings": (first(bindings=32, reads=HUGE), "32 bindings"),
    "access of a binding missing": (first(writes=0, reads=0), "whether it reads or writes"),
    "access of another binding": (first(writes=3), "whether it reads or writes"),
    "constants in no way": (first(way=0), "1 constants in way 0"),
    "unknown way": (first(way=9), "in way 9"),
    "too many pushed": (first(constants=33), "33 constants"),
    "too many uniform": (first(constants=257, way=UNIFORM), "257 constants"),
    "subgroup size": (first(subgroup_size=3), "subgroups of 3"),
    "unknown flags": (first(flags=0x81), "unknown flags 0x81"),
    "grid unsaid": (first(flags=0), "reads NumWorkgroups"),
    "matrices without capability": (first(matrices=((16, 16, 16, 0, 0, 1, 1),)), "without the capability"),
    "matrices past the end": (cts(entry_words={17: 16, 16: HUGE - 3}), "reaches past the end"),
    "too many matrices": (cts(entry_words={17: 17}), "17 cooperative matrices"),
    "no SPIR-V": (edited(words(0x07230203), words(0x07230204)), "no SPIR-V"),
    "SPIR-V of the future": (edited(words(0x00010300), words(0x00020000)), "SPIR-V 2.0"),
    "instruction of no words": (edited(SHADER, words(0x00000011, 1)), "instruction of 0 words"),
    "instruction past the end": (edited(SHADER, words(0xFFFF0011, 1)), "instruction of 65535 words"),
    "no shader": (edited(SHADER, words(0x00020011, 0)), "no shader"),
    "physical addresses": (edited(words(0x0003000E, 0, 1), words(0x0003000E, 5348, 1)), "addressing model 5348"),
    "binding of no entry": (cts(entries=(CTS_ENTRIES[0],)), "binding 2, which no entry"),
    "portable: pushed": (portable(entries=(replace(PORTABLE_ENTRIES[0], way=PUSH),)), "in way 1"),
    "portable: name": (portable(entries=(replace(PORTABLE_ENTRIES[0], name="main"),)), "a name that the profile"),
    "portable: subgroups": (portable(entries=(replace(PORTABLE_ENTRIES[0], subgroup_size=8),)), "relies on subgroups"),
    "portable: bindings": (portable(entries=(replace(PORTABLE_ENTRIES[0], bindings=9, reads=511),)), "9 bindings"),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed(device: hal.Device, case: str) -> None:
    container, message = MALFORMED[case]
    name = PORTABLE if case.startswith("portable") else VULKAN
    with pytest.raises(DataLossError, match=message):
        device.prepare_executable(name, container.build())


def test_portable_needs_what_it_may_not(device: hal.Device) -> None:
    code = replace(portable(), modules=(assemble("portable").replace(SHADER, SHADER + words(0x00020011, 11)),))
    with pytest.raises(DataLossError, match="portable profile needs Int64"):
        device.prepare_executable(PORTABLE, code.build())


INCOMPATIBLE = {
    "newer container": (cts(header={1: 2}), "version 2, but this driver reads version 1"),
    "compression": (cts(module_words={3: 2}), "compression 2"),
    "unknown capability": (edited(SHADER, SHADER + words(0x00020011, 9999)), "capability 9999"),
    "workgroup memory": (first(workgroup_memory=1 << 30), "'ids of the suite' needs workgroup memory of 1073741824"),
    "subgroup size": (first(subgroup_size=128), "needs subgroups of 128, but"),
}


@pytest.mark.parametrize("case", INCOMPATIBLE)
def test_incompatible(device: hal.Device, case: str) -> None:
    container, message = INCOMPATIBLE[case]
    with pytest.raises(IncompatibleError, match=message):
        device.prepare_executable(VULKAN, container.build())


def test_capabilities_that_the_device_lacks_are_named(device: hal.Device) -> None:
    rare = {5116: "BFloat16TypeKHR", 6022: "CooperativeMatrixKHR", 5117: "BFloat16DotProductKHR"}
    missing = {number: name for number, name in rare.items() if not device.query(f"spirv.capability.{name}")}
    if not missing:
        pytest.skip("the device has them all")
    declared = b"".join(words(0x00020011, number) for number in missing)
    with pytest.raises(IncompatibleError, match="the kernels need SPIR-V capabilities") as error:
        device.prepare_executable(VULKAN, edited(SHADER, SHADER + declared).build())
    assert set(re.findall(r"\w+KHR", str(error.value))) == set(missing.values())


def test_other_format(device: hal.Device) -> None:
    with pytest.raises(IncompatibleError, match="'cpu-elf-x86_64' does not run on Vulkan"):
        device.prepare_executable("cpu-elf-x86_64", b"")


@pytest.mark.parametrize("entries", [0, 1, 300])
def test_entry_counts(device: hal.Device, entries: int) -> None:
    container = Container((assemble("portable"),), tuple(PORTABLE_ENTRIES[1] for _ in range(entries)), 0)
    if not entries:
        container = replace(container, modules=())
    assert device.prepare_executable(PORTABLE, container.build()).entry_count == entries


def test_every_truncation(device: hal.Device) -> None:
    data = cts().build()
    for size in range(0, len(data), 7):
        with pytest.raises(DataLossError):
            device.prepare_executable(VULKAN, data[:size])


def test_mutations_are_noticed(device: hal.Device) -> None:
    data, rng = cts().build(), random.Random(7)
    for _ in range(1000):
        mutant = bytearray(data)
        mutant[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        with pytest.raises((DataLossError, IncompatibleError)):
            device.prepare_executable(VULKAN, bytes(mutant))


@pytest.mark.parametrize("memory", ["", "&unified=0"], ids=["shared", "discrete"])
def test_uniform_constants(memory: str) -> None:
    device = hal.open(f"{URI}{memory}")
    kernels = device.prepare_executable(PORTABLE, portable().build())
    one, other = device.allocate(4 * 128), device.allocate(4 * 128)

    def record(commands: hal.CommandBuffer) -> None:
        commands.dispatch(kernels, 0, (128, 1, 1), [100], [one])
        commands.barrier()
        commands.dispatch(kernels, 1, (2, 1, 1), [1, 2, 3, 4, 5, 1000], [one, other])

    execute(device, record)
    assert ints(other) == [1100 + i for i in range(128)]


def test_a_grid_above_the_limit_runs_in_parts(device: hal.Device) -> None:
    limit = device.query("workgroup.count.x")
    if limit > 1 << 20:
        pytest.skip("the device has no limit that memory could hold")
    count = 2 * limit + 5
    out = device.allocate(4 * count)
    kernels = device.prepare_executable(PORTABLE, portable().build())
    execute(device, lambda commands: commands.dispatch(kernels, 0, (count, 1, 1), [7], [out]))
    assert ints(out) == list(range(7, 7 + count))


def test_a_grid_above_the_limit_that_the_kernel_reads(device: hal.Device) -> None:
    kernels = device.prepare_executable(VULKAN, cts().build())
    with pytest.raises(OutOfRangeError, match=r"reads its grid's size"):
        too_many = (1, device.query("workgroup.count.y") + 1, 1)
        device.create_command_buffer().dispatch(kernels, 0, too_many, [0], [device.allocate(256)])


def test_binding_at_an_odd_offset(device: hal.Device) -> None:
    kernels = device.prepare_executable(VULKAN, cts().build())
    with pytest.raises(InvalidArgumentError, match="no multiple of 256"):
        binding = hal.Binding(device.allocate(256), 4, 64)
        device.create_command_buffer().dispatch(kernels, 0, (1, 1, 1), [0], [binding])
