"""Reads module files into Python objects, for tools and tests. Running them is native code's part.

The bytes are taken to be verified (`iree.vm._native.Module.open` does that); what is not raises `ModuleFormatError`.
"""

from __future__ import annotations

import mmap
import os
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from iree.vm.assembler import Location, Operands
from iree.vm.errors import ModuleFormatError
from iree.vm.isa import OPS, Op
from iree.vm.module_format import HEADER, MAGIC, NONE, RECORDS, SECTION, TYPE_CODES, VERSION, Section

TYPE_NAMES = {code: name for name, code in TYPE_CODES.items()}


@dataclass(frozen=True)
class Target:
    """A decoded ``>`` operand."""

    offset: int
    values: tuple[tuple[int, int], ...]
    refs: tuple[tuple[int, int], ...]


Operand = int | Target | Operands | tuple[int, ...] | tuple[Target, ...]


@dataclass(frozen=True)
class Instruction:
    """A decoded instruction; immediates are raw bits."""

    offset: int
    op: Op
    operands: tuple[Operand, ...]


@dataclass
class Function:
    """A function; `words` are its code."""

    name: str
    signature: str
    words: Sequence[int]
    values: list[str]
    refs: int
    locations: list[Location] = field(default_factory=list)


@dataclass
class Global:
    """A global; `initial` are raw bits."""

    name: str
    type: str
    mutable: bool
    ref_type: str | None
    initial: int


@dataclass
class Rodata:
    """A read-only segment."""

    name: str | None
    align: int
    data: memoryview


@dataclass
class ParsedModule:
    """The contents of a module file."""

    strings: list[str]
    imports: list[tuple[str, str, bool]]
    globals: list[Global]
    functions: list[Function]
    exports: list[tuple[str, int, str]]
    rodata: list[Rodata]
    manifest: bytes
    initializer: int | None
    sections: dict[Section, tuple[int, int]]
    size: int

    def instructions(self, function: int) -> Iterator[Instruction]:
        """Decode a function."""
        return _Decoder(self, self.functions[function]).run()


def split_import_signature(signature: str) -> tuple[list[tuple[bool, str]], str]:
    """Split into (variadic?, letters) parts of the arguments, and the results."""
    arguments, _, results = signature.partition(":")
    parts = []
    while arguments:
        if arguments[0] == "[":
            letters, _, arguments = arguments[1:].partition("]")
            parts.append((True, letters))
        else:
            end = arguments.find("[")
            end = len(arguments) if end < 0 else end
            parts.append((False, arguments[:end]))
            arguments = arguments[end:]
    return parts, results


class _Decoder:
    def __init__(self, module: ParsedModule, function: Function) -> None:
        self._module = module
        self._words = function.words
        self._results = len(function.signature.partition(":")[2])
        self._at = 0

    def run(self) -> Iterator[Instruction]:
        while self._at < len(self._words):
            offset = self._at
            op = OPS[self._word()]
            yield Instruction(offset, op, tuple(self._operands(op)))

    def _word(self) -> int:
        self._at += 1
        return self._words[self._at - 1]

    def _wide(self, words: int) -> int:
        return sum(self._word() << (16 * i) for i in range(words))

    def _many(self, count: int) -> tuple[int, ...]:
        return tuple(self._word() for _ in range(count))

    def _operands(self, op: Op) -> Iterator[Operand]:
        callee = 0
        for code in op.fields:
            if code in ("#4", "#8"):
                yield self._wide(int(code[1]) // 2)
            elif code[0] == "@":
                callee = self._wide(2)
                yield callee
            elif code == ">":
                yield self._target()
            elif code == ">*":
                yield tuple(self._target() for _ in range(self._word()))
            elif code == "()":
                yield self._call(op, callee)
            elif code == "$":
                yield self._many(self._results)
            else:
                yield self._word()

    def _target(self) -> Target:
        offset = self._wide(2)
        values = tuple((self._word(), self._word()) for _ in range(self._word()))
        refs = tuple((self._word(), self._word()) for _ in range(self._word()))
        return Target(offset, values, refs)

    def _call(self, op: Op, callee: int) -> Operands:
        if op.name == "call":
            arguments, _, results = self._module.functions[callee].signature.partition(":")
            return Operands(self._many(len(arguments)), self._many(len(results)))
        parts, results = split_import_signature(self._module.imports[callee][1])
        groups = self._many(sum(variadic for variadic, _ in parts))
        repeats = iter(groups)
        count = sum(len(letters) * (next(repeats) if variadic else 1) for variadic, letters in parts)
        return Operands(self._many(count), self._many(len(results)), groups)


def read(data: bytes | memoryview) -> ParsedModule:
    """Read a module in memory.

    Raises:
        ModuleFormatError: Not a module file of this version, or malformed.
    """
    try:
        return _read(memoryview(data))
    except (struct.error, IndexError, KeyError, UnicodeDecodeError, ValueError) as error:
        raise ModuleFormatError(f"malformed module: {error}") from error


def read_file(path: str | os.PathLike[str]) -> ParsedModule:
    """Read a module file, mapped."""
    with open(path, "rb") as file:
        if os.fstat(file.fileno()).st_size == 0:
            raise ModuleFormatError(f"{os.fspath(path)}: the file is empty")
        return read(memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)))


def _read(data: memoryview) -> ParsedModule:
    magic, version, count, size, initializer, _ = HEADER.unpack_from(data)
    if magic != MAGIC or version != VERSION or size != len(data):
        raise ValueError("magic, version or size")
    sections: dict[Section, tuple[int, int]] = {}
    for i in range(count):
        kind, _, offset, length, _ = SECTION.unpack_from(data, HEADER.size + i * SECTION.size)
        sections[Section(kind)] = (offset, length)

    def raw(section: Section) -> memoryview:
        offset, length = sections.get(section, (0, 0))
        return data[offset : offset + length]

    def rows(section: Section) -> Iterator[tuple[int, ...]]:
        return RECORDS[section].iter_unpack(raw(section))

    text = bytes(raw(Section.TEXT))
    strings = [text[offset : offset + length].decode() for offset, length in rows(Section.STRINGS)]
    code = raw(Section.CODE).cast("H")
    types = raw(Section.TYPES)
    functions = []
    for name, signature, first, words, values, refs, first_type in rows(Section.FUNCTIONS):
        value_types = [TYPE_NAMES[t] for t in types[first_type : first_type + values]]
        functions.append(Function(strings[name], strings[signature], code[first : first + words], value_types, refs))
    location_text = bytes(raw(Section.LOCATION_TEXT))
    for function, word, offset, length in rows(Section.LOCATIONS):
        functions[function].locations.append((word, location_text[offset : offset + length].decode()))
    return ParsedModule(
        strings=strings,
        imports=[(strings[name], strings[sig], bool(optional)) for name, sig, optional, _ in rows(Section.IMPORTS)],
        globals=[
            Global(strings[name], TYPE_NAMES[type_], bool(mutable), None if ref == NONE else strings[ref], bits)
            for name, type_, mutable, ref, bits in rows(Section.GLOBALS)
        ],
        functions=functions,
        exports=[(strings[name], f, ("plain", "fences")[kind]) for name, f, kind, _ in rows(Section.EXPORTS)],
        rodata=[
            Rodata(None if name == NONE else strings[name], align, data[offset : offset + length])
            for offset, length, name, align in rows(Section.RODATA)
        ],
        manifest=bytes(raw(Section.MANIFEST)),
        initializer=None if initializer == NONE else initializer,
        sections=sections,
        size=size,
    )
