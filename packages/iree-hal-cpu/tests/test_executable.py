"""The loader: what breaks a rule of ``iree/cpu_executable.h`` is refused, and the message says which rule."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from pathlib import Path

import elf_builder as elf
import pytest
from elf_builder import CODE, PT_DYNAMIC, PT_INTERP, PT_LOAD, PT_NOTE, PT_TLS, Entry, Image, R, Segment, W, X
from iree import hal
from iree.hal._errors import DataLossError, IncompatibleError


@pytest.fixture(scope="module")
def device() -> hal.Device:
    return hal.open("cpu?threads=1")


def load(device: hal.Device, data: bytes) -> hal.Executable:
    return device.prepare_executable(elf.FORMAT, data)


def with_segment(index: int, **changes: int) -> Image:
    """An image of which one segment is changed."""
    segments = Image().default_segments()
    segments[index] = replace(segments[index], **changes)
    return Image(segments=segments)


def with_entry(**changes: int) -> Image:
    return Image(entries=[Entry(b"entry", **changes)])


def with_long_name() -> Image:
    """An image that has room for a name of 4096 bytes before its code."""
    entries = [Entry(b"n" * 4096, address=2 * CODE)]
    segments = Image(entries=entries).default_segments()
    return Image(entries=entries, segments=[segments[0], replace(segments[1], address=2 * CODE), segments[2]])


DATA_END = Image().default_segments()[0].file_size
HUGE = (1 << 64) - 1
SPARE = Segment(PT_LOAD, R | W, 0, 2 * CODE, 16, 16)

MALFORMED = {
    "magic": (Image(magic=b"\x7fELG"), "not an ELF image"),
    "executable type": (Image(elf_type=2), "not ET_DYN"),
    "program header size": (Image(phentsize=32), "program headers of 32 bytes"),
    "segment past the end": (with_segment(1, file_size=65, memory_size=65), "reaches past the end"),
    "segment offset overflows": (with_segment(1, offset=HUGE), "reaches past the end"),
    "segment size overflows": (with_segment(1, file_size=HUGE, memory_size=HUGE), "reaches past the end"),
    "more in the file than in memory": (with_segment(1, memory_size=63), "more bytes in the file"),
    "empty segment": (with_segment(1, file_size=0, memory_size=0), "is empty"),
    "unaligned address": (with_segment(1, address=CODE + 64), "not page aligned"),
    "odd alignment": (with_segment(1, align=12288), "not page aligned"),
    "alignment below a page": (with_segment(1, align=16), "not page aligned"),
    "huge alignment": (with_segment(1, align=1 << 40), "not page aligned"),
    "writable and executable": (with_segment(1, flags=R | W | X), "both writable and executable"),
    "unreadable": (with_segment(1, flags=X), "has flags 0x1"),
    "unknown flags": (with_segment(1, flags=R | X | 8), "has flags 0xd"),
    "overlap": (with_segment(1, address=0), "overlaps"),
    "overlap after rounding": (with_segment(0, memory_size=CODE + 1), "overlaps"),
    "address space": (with_segment(1, address=HUGE - CODE + 1), "does not fit the address space"),
    "span": (with_segment(1, address=1 << 40), "span"),
    "name without a bound": (with_long_name(), "name of entry 0 has 4096 bytes, more than 4095"),
    "dynamic": (Image(extra=[Segment(PT_DYNAMIC, R, 0, 0, 16, 16)]), "must be linked"),
    "interpreter": (Image(extra=[Segment(PT_INTERP, R, 0, 0, 16, 16)]), "must be linked"),
    "thread-local": (Image(extra=[Segment(PT_TLS, R, 0, 0, 16, 16)]), "must be linked"),
    "too many headers": (Image(extra=[Segment(PT_NOTE, R, 0, 0, 0, 0, 4)] * 62), "65 program headers"),
    "no note": (Image(note_name=b"GNU\0\0"), "no note named IREE"),
    "note of another type": (Image(note_type=2), "no note named IREE"),
    "two notes": (Image(notes=2), "more than one note"),
    "note past the end": (with_segment(2, file_size=1 << 40), "note segment reaches past"),
    "note cut": (with_segment(2, file_size=60), "past the end of its segment"),
    "note elsewhere": (with_segment(2, address=8), "does not lie in a read-only segment"),
    "note in writable data": (with_segment(0, flags=R | W), "does not lie in a read-only segment"),
    "note in code": (with_segment(0, flags=R | X), "does not lie in a read-only segment"),
    "note alignment": (with_segment(2, align=16), "notes aligned to 16"),
    "library reserved": (Image(library_reserved=1), "reserved field"),
    "entry count": (Image(entry_count=2), "lies outside the note"),
    "entry count overflows": (Image(entry_count=0x66666667), "entries"),
    "entry table unaligned": (Image(entries_offset=36), "not aligned"),
    "entry table outside": (Image(entries_offset=1 << 31), "lies outside the note"),
    "entry reserved": (with_entry(reserved=1), "reserved field"),
    "entry in data": (with_entry(address=64), "lies outside the code"),
    "entry behind the code": (with_entry(address=CODE + 64), "lies outside the code"),
    "entry nowhere": (with_entry(address=HUGE), "lies outside the code"),
    "too many bindings": (with_entry(bindings=65), "65 bindings"),
    "too many constants": (with_entry(constants=257), "257 constants"),
    "writes what it has not": (with_entry(bindings=1, written=2), "writes bindings that it does not have"),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed(device: hal.Device, case: str) -> None:
    image, message = MALFORMED[case]
    with pytest.raises(DataLossError, match=message):
        load(device, image.build())


INCOMPATIBLE = {
    "32 bits": (Image(elf_class=1), "not 64-bit"),
    "big-endian": (Image(byte_order=2), "little-endian"),
    "other machine": (
        Image(machine=elf.EM_AARCH64 if elf.NATIVE == elf.EM_X86_64 else elf.EM_X86_64),
        "compiled for (aarch64|x86-64), but this driver runs on (x86-64|aarch64)",
    ),
    "unknown machine": (Image(machine=243), "ELF machine 243"),
    "older library": (Image(version=1), "version 1, but this driver reads version 2"),
    "newer library": (Image(version=3), "version 3, but this driver reads version 2"),
    "unknown feature": (Image(features=b"telepathy"), "telepathy.*driver does not know"),
}


@pytest.mark.parametrize("case", INCOMPATIBLE)
def test_incompatible(device: hal.Device, case: str) -> None:
    image, message = INCOMPATIBLE[case]
    with pytest.raises(IncompatibleError, match=message):
        load(device, image.build())


def test_other_format(device: hal.Device) -> None:
    with pytest.raises(IncompatibleError, match=f"'spirv' does not run on this CPU, which takes '{elf.FORMAT}'"):
        device.prepare_executable("spirv", b"")


def test_missing_features_are_named(device: hal.Device) -> None:
    # No CPU has all of these.
    rare = b"xop,fma4,tbm,amx-fp16,avx512vp2intersect" if elf.NATIVE == elf.EM_X86_64 else b"sme,sve2-bitperm,f64mm"
    with pytest.raises(IncompatibleError, match=r"--target-cpu=unicorn, which needs .*Recompile") as error:
        load(device, Image(features=rare, target=b"unicorn").build())
    named = str(error.value).split("which needs ")[1].split(";")[0].split(",")
    assert set(named) <= set(rare.decode().split(","))


def test_features_of_this_cpu(device: hal.Device) -> None:
    base = b"cmov,cx8,fxsr,mmx,sse,sse2" if elf.NATIVE == elf.EM_X86_64 else b"neon"
    assert load(device, Image(features=base).build()).entry_count == 1


# Linux's names of what LLVM calls otherwise; of most others an underscore follows the family.
LINUX_NAMES = {
    "64bit": "lm", "x87": "fpu", "sse3": "pni", "sse4.1": "sse4_1", "sse4.2": "sse4_2", "crc32": "sse4_2",
    "lzcnt": "abm", "bmi": "bmi1", "sahf": "lahf_lm", "sha": "sha_ni", "prfchw": "3dnowprefetch", "pclmul": "pclmulqdq",
    "rdrnd": "rdrand",
}  # fmt: skip


@pytest.mark.skipif(elf.NATIVE != elf.EM_X86_64, reason="names of x86-64")
def test_features_are_those_that_linux_sees(device: hal.Device) -> None:
    source = (Path(__file__).parents[1] / "native" / "cpu_features.cpp").read_text()
    names = re.findall(r'\{"([\w.-]+)", \w+, \d+, kE', source)
    assert len(names) > 60
    line = next(line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("flags"))
    flags = {flag.replace("_", "") for flag in line.split()[2:]}
    for name in names:
        seen = LINUX_NAMES.get(name, name).replace("_", "").replace("-", "") in flags
        assert device.query(f"cpu.feature.{name}") == seen, name


@pytest.mark.parametrize("entries", [0, 1, 1000])
def test_entry_counts(device: hal.Device, entries: int) -> None:
    image = Image(entries=[Entry(b"e%d" % i) for i in range(entries)])
    assert load(device, image.build()).entry_count == entries


def test_zeros_behind_a_segment(device: hal.Device) -> None:
    assert load(device, Image(extra=[replace(SPARE, memory_size=1 << 20)]).build()).entry_count == 1


def test_every_truncation(device: hal.Device) -> None:
    data = elf.kernel_image()
    for size in range(len(data)):
        with pytest.raises(DataLossError):
            load(device, data[:size])


def test_mutations(device: hal.Device) -> None:
    """Refused or loaded, never worse; `tests/native/fuzz_elf.cpp` does this by the million."""
    data, rng = elf.kernel_image(), random.Random(7)
    for _ in range(3000):
        mutant = bytearray(data)
        for _ in range(rng.randrange(1, 5)):
            mutant[rng.randrange(len(data))] = rng.randrange(256)
        try:
            load(device, bytes(mutant))
        except (DataLossError, IncompatibleError):
            continue
