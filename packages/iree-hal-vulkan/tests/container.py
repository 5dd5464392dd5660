"""Writes the container of iree/spirv_executable.h, well formed or with anything changed."""

from __future__ import annotations

import functools
import struct
import subprocess
import zlib
from dataclasses import dataclass, field
from pathlib import Path

from iree.hal.cts import TestExecutable

KERNELS = Path(__file__).parent / "kernels"
PORTABLE, VULKAN = "spirv-portable", "spirv-vulkan"
NONE, PUSH, UNIFORM = range(3)
USES_GRID = 1


@functools.cache
def assemble(name: str) -> bytes:
    """The SPIR-V of a file of assembly in `kernels`, validated."""
    source = KERNELS / f"{name}.spvasm"
    words = subprocess.run(
        ["spirv-as", "--target-env", "vulkan1.1", source, "-o", "-"], check=True, capture_output=True
    ).stdout
    subprocess.run(["spirv-val", "--target-env", "vulkan1.1", "-"], input=words, check=True, capture_output=True)
    return words


@dataclass(frozen=True)
class Entry:
    """A row of the table of entries; `matrices` are rows of seven numbers."""

    name: str
    reads: int = 0
    writes: int = 0
    bindings: int = 0
    constants: int = 0
    way: int = NONE
    module: int = 0
    workgroup_size: tuple[int, int, int] = (1, 1, 1)
    subgroup_size: int = 0
    workgroup_memory: int = 0
    flags: int = 0
    label: str = ""
    matrices: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True)
class Container:
    """What to write; `header` overrides words of the header by index, `entry_words` those of the first entry."""

    modules: tuple[bytes, ...]
    entries: tuple[Entry, ...]
    profile: int = 1
    header: dict[int, int] = field(default_factory=dict)
    entry_words: dict[int, int] = field(default_factory=dict)
    module_words: dict[int, int] = field(default_factory=dict)
    compressed: bool = False

    def build(self) -> bytes:
        """The bytes; the checksum fits whatever was overridden."""
        body = bytearray(48)

        def append(data: bytes) -> int:
            body.extend(bytes(-len(body) % 4))
            at = len(body)
            body.extend(data)
            return at

        def words(*values: int) -> bytes:
            return struct.pack(f"<{len(values)}I", *values)

        def changed(row: list[int], changes: dict[int, int], first: bool) -> bytes:
            return words(*(changes.get(i, value) if first else value for i, value in enumerate(row)))

        stored = [zlib.compress(module) if self.compressed else module for module in self.modules]
        rows = [
            [append(data), len(data), len(module) // 4, int(self.compressed)]
            for module, data in zip(self.modules, stored, strict=True)
        ]
        modules = append(b"".join(changed(row, self.module_words, i == 0) for i, row in enumerate(rows)))
        table = b""
        for index, e in enumerate(self.entries):
            name, label = append(e.name.encode()), append(e.label.encode())
            matrices = append(b"".join(words(*row, 0) for row in e.matrices))
            row = [e.module, name, len(e.name.encode()), label, len(e.label.encode()), *e.workgroup_size]
            row += [e.bindings, e.reads, e.writes, e.constants, e.way, e.subgroup_size, e.workgroup_memory, e.flags]
            table += changed([*row, matrices, len(e.matrices)], self.entry_words, index == 0)
        entries = append(table)
        append(b"")
        header = [0x56505349, 1, len(body), 0, self.profile, len(rows), modules, len(self.entries), entries, 0, 0, 0]
        header = [self.header.get(i, value) for i, value in enumerate(header)]
        body[:48] = words(*header)
        if 3 not in self.header:
            body[12:16] = words(zlib.crc32(body[16:]))
        return bytes(body)


CTS_ENTRIES = (
    Entry("ids", writes=0b1, bindings=1, constants=1, way=PUSH, flags=USES_GRID, label="ids of the suite"),
    Entry("add", reads=0b011, writes=0b100, bindings=3, flags=USES_GRID),
    Entry("step", reads=0b1, writes=0b1, bindings=1, constants=1, way=PUSH, flags=USES_GRID),
    Entry("copy", reads=0b01, writes=0b10, bindings=2, constants=2, way=PUSH, flags=USES_GRID),
)


def cts_executable() -> TestExecutable:
    """The suite's kernels in one module, compressed, constants pushed."""
    return TestExecutable(VULKAN, Container((assemble("cts"),), CTS_ENTRIES, compressed=True).build())


PORTABLE_ENTRIES = (
    Entry("d0", writes=0b1, bindings=1, constants=1, way=UNIFORM),
    Entry("d1", reads=0b01, writes=0b10, bindings=2, constants=6, way=UNIFORM, workgroup_size=(64, 1, 1)),
)
