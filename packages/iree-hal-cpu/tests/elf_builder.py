"""Makes images of ``iree/cpu_executable.h`` field by field, so that tests can break any rule. Knows nothing of the
linker that compiled modules come from.
"""

from __future__ import annotations

import platform
import shutil
import struct
import subprocess
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from iree import hal_cpu

EM_X86_64, EM_AARCH64 = 62, 183
NATIVE = EM_AARCH64 if platform.machine() == "aarch64" else EM_X86_64
FORMAT = {EM_X86_64: "cpu-elf-x86_64", EM_AARCH64: "cpu-elf-aarch64"}[NATIVE]
PT_LOAD, PT_DYNAMIC, PT_INTERP, PT_NOTE, PT_TLS = 1, 2, 3, 4, 7
R, W, X = 4, 2, 1
PAGE = 65536
CODE = PAGE


@dataclass
class Entry:
    """An `iree_cpu_entry_t`."""

    name: bytes
    address: int = CODE
    bindings: int = 0
    constants: int = 0
    local_memory: int = 0
    reserved: int = 0
    written: int = 0


@dataclass
class Segment:
    """An `Elf64_Phdr`."""

    kind: int
    flags: int
    offset: int
    address: int
    file_size: int
    memory_size: int
    align: int = PAGE

    def pack(self) -> bytes:
        """The program header's bytes."""
        return struct.pack(
            "<IIQQQQQQ",
            *(self.kind, self.flags, self.offset, self.address, self.address, self.file_size, self.memory_size),
            self.align,
        )


@dataclass
class Image:
    """A well-formed image unless its fields say otherwise."""

    code: bytes = b"\xcc" * 64
    entries: list[Entry] = field(default_factory=lambda: [Entry(b"entry")])
    features: bytes = b""
    target: bytes = b"test"
    version: int = 2
    library_reserved: int = 0
    note_name: bytes = b"IREE\0"
    note_type: int = 1
    notes: int = 1
    machine: int = NATIVE
    elf_class: int = 2
    byte_order: int = 1
    elf_type: int = 3
    magic: bytes = b"\x7fELF"
    phentsize: int = 56
    segments: list[Segment] | None = None
    extra: list[Segment] = field(default_factory=list)
    entries_offset: int | None = None
    entry_count: int | None = None

    def descriptor(self) -> bytes:
        """`iree_cpu_library_t` and what follows it."""
        table = 32
        text_at = table + 40 * len(self.entries)
        texts = self.features + self.target
        rows = b""
        for e in self.entries:
            rows += struct.pack(
                "<QIIIIIIQ", e.address, e.bindings, e.constants, e.local_memory, text_at + len(texts), len(e.name),
                e.reserved, e.written,
            )  # fmt: skip
            texts += e.name
        count = len(self.entries) if self.entry_count is None else self.entry_count
        head = struct.pack(
            "<8I", self.version, count, table if self.entries_offset is None else self.entries_offset, text_at,
            len(self.features), text_at + len(self.features), len(self.target), self.library_reserved,
        )  # fmt: skip
        return head + rows + texts

    def note(self) -> bytes:
        """The note section."""
        name = self.note_name.ljust(-(-len(self.note_name) // 4) * 4, b"\0")
        descriptor = self.descriptor()
        one = struct.pack("<III", len(self.note_name), len(descriptor), self.note_type) + name + descriptor
        return one.ljust(-(-len(one) // 4) * 4, b"\0") * self.notes

    def default_segments(self) -> list[Segment]:
        """Data with the note, then code."""
        note_at = 64 + 56 * (3 + len(self.extra))
        note_size = len(self.note())
        code_at = note_at + note_size
        return [
            Segment(PT_LOAD, R, 0, 0, code_at, code_at),
            Segment(PT_LOAD, R | X, code_at, CODE, len(self.code), len(self.code)),
            Segment(PT_NOTE, R, note_at, note_at, note_size, note_size, 4),
        ]

    def build(self) -> bytes:
        """The image."""
        segments = (self.segments or self.default_segments()) + self.extra
        ident = (self.magic + bytes([self.elf_class, self.byte_order, 1])).ljust(16, b"\0")
        header = ident + struct.pack(
            "<HHIQQQIHHHHHH", self.elf_type, self.machine, 1, 0, 64, 0, 0, 64, self.phentsize, len(segments), 0, 0, 0
        )
        note_at = 64 + 56 * (3 + len(self.extra))
        data = (header + b"".join(s.pack() for s in segments)).ljust(note_at, b"\0")
        return data + self.note() + self.code


KERNELS = [
    Entry(b"ids", 0, 1, 1, written=1),
    Entry(b"add", 0, 3, 0, written=4),
    Entry(b"step", 0, 1, 1, written=1),
    Entry(b"copy", 0, 2, 2, written=2),
    Entry(b"fails", 0, 0, 1),
    Entry(b"scratch", 0, 1, 0, 4096, written=1),
    Entry(b"worker", 0, 1, 0, written=1),
    Entry(b"fp_state", 0, 1, 0, written=1),
]
IDS, ADD, STEP, COPY, FAILS, SCRATCH, WORKER, FP_STATE = range(len(KERNELS))


@cache
def kernel_image(count: int = len(KERNELS)) -> bytes:
    """An image of the first `count` functions of `kernels.c`."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise RuntimeError("these tests need a C compiler")
    with tempfile.TemporaryDirectory() as directory:
        target = Path(directory) / "kernels.o"
        flags = ["-O1", "-ffreestanding", "-fPIC", "-fno-stack-protector", "-fno-asynchronous-unwind-tables"]
        source = Path(__file__).parent / "kernels.c"
        subprocess.run([compiler, *flags, f"-I{hal_cpu.get_include()}", "-c", source, "-o", target], check=True)
        code, symbols = _read_text(target.read_bytes())
    entries = [
        Entry(e.name, CODE + symbols[e.name], e.bindings, e.constants, e.local_memory, 0, e.written)
        for e in KERNELS[:count]
    ]
    return Image(code=code, entries=entries).build()


def _read_text(data: bytes) -> tuple[bytes, dict[bytes, int]]:
    """The code of an object file and where its functions start; relocations are refused."""
    (table_at,) = struct.unpack_from("<Q", data, 40)
    size, count, names_index = struct.unpack_from("<HHH", data, 58)
    sections = [struct.unpack_from("<IIQQQQIIQQ", data, table_at + i * size) for i in range(count)]
    names_at = sections[names_index][4]

    def text(at: int) -> bytes:
        return data[at : data.index(b"\0", at)]

    by_name = {text(names_at + s[0]): s for s in sections}
    if b".rela.text" in by_name:
        raise RuntimeError("kernels.c needs relocations with this compiler")
    code = by_name[b".text"]
    table, strings = by_name[b".symtab"], by_name[b".strtab"]
    symbols = {}
    for at in range(table[4], table[4] + table[5], 24):
        name, info, _, section, value, _ = struct.unpack_from("<IBBHQQ", data, at)
        if info & 15 == 2 and sections[section] == code:
            symbols[text(strings[4] + name)] = value
    return data[code[4] : code[4] + code[5]], symbols
