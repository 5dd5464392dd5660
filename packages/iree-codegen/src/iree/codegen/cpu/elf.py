"""ELF64 little-endian: reads relocatable objects, names the constants that the linker writes with."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

EM_X86_64, EM_AARCH64 = 62, 183
ET_REL, ET_DYN = 1, 3
PT_LOAD, PT_NOTE = 1, 4
PF_X, PF_W, PF_R = 1, 2, 4
SHT_PROGBITS, SHT_SYMTAB, SHT_STRTAB, SHT_RELA, SHT_NOTE, SHT_NOBITS, SHT_REL = 1, 2, 3, 4, 7, 8, 9
SHF_WRITE, SHF_ALLOC, SHF_EXECINSTR = 1, 2, 4
SHN_UNDEF, SHN_ABS, SHN_COMMON = 0, 0xFFF1, 0xFFF2
STB_LOCAL, STB_GLOBAL = 0, 1
STT_FUNC = 2

EHDR = struct.Struct("<16sHHIQQQIHHHHHH")
PHDR = struct.Struct("<IIQQQQQQ")
SHDR = struct.Struct("<IIQQQQIIQQ")
SYM = struct.Struct("<IBBHQQ")
RELA = struct.Struct("<QQq")
NOTE = struct.Struct("<III")


class ElfError(Exception):
    """An object file is malformed or holds something that an executable cannot."""


@dataclass(frozen=True)
class Symbol:
    """A symbol; `section` is an index into `Object.sections`, or None when it is undefined or names a source file."""

    name: str
    section: int | None
    value: int
    size: int
    is_function: bool
    is_global: bool
    is_undefined: bool


@dataclass(frozen=True)
class Relocation:
    """Patch `Object.sections[…].data` at `offset` with `symbol` + `addend` as `kind` says."""

    offset: int
    kind: int
    symbol: int
    addend: int


@dataclass
class Section:
    """One section of an object; `data` is empty for sections that are not loaded."""

    name: str
    kind: int
    flags: int
    align: int
    data: bytes
    relocations: list[Relocation] = field(default_factory=list)

    @property
    def loaded(self) -> bool:
        """Whether it is part of the program in memory."""
        return bool(self.flags & SHF_ALLOC)


@dataclass(frozen=True)
class Object:
    """A relocatable object."""

    machine: int
    sections: list[Section]
    symbols: list[Symbol]

    def undefined(self) -> list[str]:
        """Names of the symbols that it needs from elsewhere."""
        return [s.name for s in self.symbols if s.is_undefined and s.name]


def read_object(data: bytes) -> Object:
    """Reads a relocatable object as LLVM writes it.

    Raises:
        ElfError: It is not one, or it is damaged.
    """
    try:
        return _read(data)
    except (struct.error, IndexError, OverflowError, ValueError) as error:
        raise ElfError(f"damaged object file: {error}") from error


def _read(data: bytes) -> Object:
    ident, kind, machine, _, _, _, shoff, _, _, _, _, shentsize, shnum, shstrndx = EHDR.unpack_from(data)
    if ident[:6] != b"\x7fELF\x02\x01" or kind != ET_REL or shentsize != SHDR.size:
        raise ElfError("not a 64-bit little-endian relocatable ELF object")
    if machine not in (EM_X86_64, EM_AARCH64):
        raise ElfError(f"code for machine {machine} is not supported")
    headers = [SHDR.unpack_from(data, shoff + i * SHDR.size) for i in range(shnum)]

    def content(index: int) -> bytes:
        _, sh_type, _, _, offset, size, *_ = headers[index]
        if sh_type == SHT_NOBITS and size:
            raise ElfError(f"section {index} is writable memory: kernels have no state")
        if offset + size > len(data):
            raise ElfError(f"section {index} lies outside the file")
        return data[offset : offset + size]

    names = content(shstrndx)
    sections = [
        Section(_string(names, h[0]), h[1], h[2], max(h[8], 1), content(i) if h[2] & SHF_ALLOC else b"")
        for i, h in enumerate(headers)
    ]
    if any(s.align > 4096 or s.align & (s.align - 1) for s in sections if s.loaded):
        raise ElfError("a section's alignment is not possible")
    symbols: list[Symbol] = []
    for index, header in enumerate(headers):
        if header[1] == SHT_SYMTAB:
            strings = content(header[6])
            symbols = [_symbol(entry, strings, sections) for entry in SYM.iter_unpack(content(index))]
    for index, header in enumerate(headers):
        if header[1] == SHT_REL:
            raise ElfError("relocations without addends are not supported")
        if header[1] == SHT_RELA:
            for offset, info, addend in RELA.iter_unpack(content(index)):
                if info >> 32 >= len(symbols):
                    raise ElfError("a relocation has no symbol")
                sections[header[7]].relocations.append(Relocation(offset, info & 0xFFFFFFFF, info >> 32, addend))
    return Object(machine, sections, symbols)


def _symbol(entry: tuple[int, int, int, int, int, int], strings: bytes, sections: list[Section]) -> Symbol:
    name, info, _, index, value, size = entry
    text = _string(strings, name)
    if index == SHN_COMMON:
        raise ElfError(f"common symbol '{text}': code must not have writable data")
    inside = SHN_UNDEF < index < len(sections)
    section = index if inside else None
    if section is not None and value > len(sections[section].data) and sections[section].loaded:
        raise ElfError(f"symbol '{text}' lies outside its section")
    return Symbol(text, section, value, size, info & 15 == STT_FUNC, info >> 4 == STB_GLOBAL, index == SHN_UNDEF)


def _string(table: bytes, offset: int) -> str:
    return table[offset : table.index(b"\0", offset)].decode()
