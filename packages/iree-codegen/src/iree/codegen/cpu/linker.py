"""Links kernels' objects into the image of `iree/cpu_executable.h`.

The image is laid out so that file offsets are addresses::

    page 0   ELF header, program headers, note, read-only data   PT_LOAD R, PT_NOTE inside it
    page n   code                                                PT_LOAD R X
    after    symbols, strings, section headers                   not loaded; for objdump and perf
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from iree.codegen.cpu import elf
from iree.codegen.cpu.elf import ElfError, Object
from iree.codegen.cpu.relocate import patch_for
from iree.codegen.targets import CompiledKernel

_LIBRARY = struct.Struct("<8I")
_LIBRARY_VERSION = 2
_ENTRY = struct.Struct("<QIIIIIIQ")
_NOTE_HEAD = elf.NOTE.size + 8  # the name "IREE" padded to 8 bytes
_PAGE = {elf.EM_X86_64: 4096, elf.EM_AARCH64: 65536}
_TRAP = {elf.EM_X86_64: b"\xcc", elf.EM_AARCH64: b"\0"}
_WRITTEN = 2
_Key = tuple[int, int]
"""An input object and a section or symbol in it."""


@dataclass(frozen=True)
class _Layout:
    """Where everything lies in the image."""

    note: int
    note_end: int
    data_end: int
    code: int
    code_end: int
    sections: dict[_Key, int]


def link(
    kernels: Sequence[CompiledKernel],
    support: Callable[[str], bytes | None],
    features: Sequence[str],
    target_cpu: str,
) -> bytes:
    """Links `kernels`, entry points numbered in their order.

    Args:
        kernels: What `compile_kernel` returned, with titles, which are distinct.
        support: Gives the object that defines a function which kernels may call (memcpy and the like), or None.
        features: CPU features the code needs.
        target_cpu: The ``--target-cpu``, for messages.

    Raises:
        ElfError: A symbol is missing or defined twice, or an object cannot be position independent.
    """
    if not kernels:
        raise ElfError("there are no kernels to link")
    inputs = [elf.read_object(kernel.object) for kernel in kernels]
    inputs += _needed(inputs, support)
    machine = inputs[0].machine
    starts = [_entry(obj, kernel.name) for obj, kernel in zip(inputs, kernels, strict=False)]
    exported = _exports(inputs, starts)
    _check_titles(kernels)
    note_size = _NOTE_HEAD + len(_descriptor(kernels, [0] * len(kernels), features, target_cpu))
    layout = _lay_out(inputs, machine, note_size)

    def address(key: _Key) -> int:
        symbol = inputs[key[0]].symbols[key[1]]
        if symbol.section is not None:
            place = layout.sections.get((key[0], symbol.section))
            if place is None:
                raise ElfError(f"'{symbol.name}' is in a section that is not loaded")
            return place + symbol.value
        if not symbol.is_undefined:
            raise ElfError(f"'{symbol.name}' has an absolute address")
        return address(_definition(exported, symbol.name))

    image = bytearray(layout.code_end)
    image[layout.code :] = _TRAP[machine] * (layout.code_end - layout.code)
    for (index, section_index), start in layout.sections.items():
        section = inputs[index].sections[section_index]
        image[start : start + len(section.data)] = section.data
        for relocation in section.relocations:
            name = inputs[index].symbols[relocation.symbol].name
            if relocation.offset + 4 > len(section.data):
                raise ElfError(f"a relocation against '{name}' lies outside its section")
            at = start + relocation.offset
            target = address((index, relocation.symbol)) + relocation.addend
            patch_for(machine, relocation.kind, name)(image, at, target, at)

    entries = [address((index, number)) for index, number in enumerate(starts)]
    note = elf.NOTE.pack(5, note_size - _NOTE_HEAD, 1) + b"IREE".ljust(8, b"\0")
    note += _descriptor(kernels, entries, features, target_cpu)
    image[layout.note : layout.note_end] = note
    tail, section_headers = _debug_sections(inputs, kernels, layout, address)
    _write_headers(image, machine, layout, section_headers)
    return bytes(image + tail)


def _needed(inputs: Sequence[Object], support: Callable[[str], bytes | None]) -> list[Object]:
    """The support objects that something needs, those that these need included."""
    taken: list[Object] = []
    known = {name for obj in inputs for name in obj.undefined()}
    pending = sorted(known, reverse=True)
    while pending:
        data = support(pending.pop())
        if data is not None:
            taken.append(elf.read_object(data))
            more = set(taken[-1].undefined()) - known
            known |= more
            pending += sorted(more, reverse=True)
    return taken


def _entry(obj: Object, name: str) -> int:
    """The number of the symbol of a kernel's entry point, which other objects do not see."""
    for number, symbol in enumerate(obj.symbols):
        if symbol.name == name and symbol.is_global and symbol.section is not None:
            return number
    raise ElfError(f"no object defines '{name}'")


def _check_titles(kernels: Sequence[CompiledKernel]) -> None:
    seen: set[str] = set()
    for kernel in kernels:
        if kernel.title in seen:
            raise ElfError(f"kernel '{kernel.title}' is there twice")
        seen.add(kernel.title)


def _exports(inputs: Sequence[Object], entries: Sequence[int]) -> dict[str, _Key]:
    """Global symbols; `entries` are those of the first objects that stay out."""
    exported: dict[str, _Key] = {}
    private = set(enumerate(entries))
    for index, obj in enumerate(inputs):
        for number, symbol in enumerate(obj.symbols):
            if symbol.is_global and symbol.section is not None and (index, number) not in private:
                if symbol.name in exported:
                    raise ElfError(f"symbol '{symbol.name}' is defined twice")
                exported[symbol.name] = (index, number)
    for obj in inputs:
        for name in obj.undefined():
            if name not in exported:
                raise ElfError(f"undefined symbol '{name}': kernels cannot call out")
    return exported


def _definition(exported: dict[str, _Key], name: str) -> _Key:
    if name not in exported:
        raise ElfError(f"no object defines '{name}'")
    return exported[name]


def _descriptor(kernels: Sequence[CompiledKernel], entries: Sequence[int], features: Sequence[str], cpu: str) -> bytes:
    """`iree_cpu_library_t` and its tables."""
    names_at = _LIBRARY.size + _ENTRY.size * len(kernels)
    texts = [",".join(features).encode(), cpu.encode(), *(kernel.title.encode() for kernel in kernels)]
    starts = [names_at]
    for text in texts:
        starts.append(starts[-1] + len(text))
    table = b"".join(
        _ENTRY.pack(
            entry,
            len(kernel.access),
            kernel.constant_words,
            kernel.local_memory,
            start,
            len(kernel.title.encode()),
            0,
            sum(1 << i for i, access in enumerate(kernel.access) if access & _WRITTEN),
        )
        for kernel, entry, start in zip(kernels, entries, starts[2:], strict=False)
    )
    head = _LIBRARY.pack(
        _LIBRARY_VERSION, len(kernels), _LIBRARY.size, starts[0], len(texts[0]), starts[1], len(texts[1]), 0
    )
    return head + table + b"".join(texts)


def _lay_out(inputs: Sequence[Object], machine: int, note_size: int) -> _Layout:
    note = _align(elf.EHDR.size + 3 * elf.PHDR.size, 8) + 4  # the descriptor after the 20 byte head is 8-byte aligned
    sections: dict[_Key, int] = {}
    data_end = _place(inputs, sections, note + note_size, executable=False)
    code = _align(data_end, _PAGE[machine])
    code_end = _place(inputs, sections, code, executable=True)
    return _Layout(note, note + note_size, data_end, code, code_end, sections)


def _place(inputs: Sequence[Object], sections: dict[_Key, int], start: int, *, executable: bool) -> int:
    end = start
    for index, obj in enumerate(inputs):
        for number, section in enumerate(obj.sections):
            if (
                not section.loaded
                or section.name == ".eh_frame"
                or bool(section.flags & elf.SHF_EXECINSTR) != executable
            ):
                continue
            if section.flags & elf.SHF_WRITE and section.data:
                raise ElfError(f"section '{section.name}' is writable: kernels have no state")
            sections[index, number] = _align(end, section.align)
            end = sections[index, number] + len(section.data)
    return end


def _align(value: int, to: int) -> int:
    return -(-value // to) * to


def _write_headers(image: bytearray, machine: int, layout: _Layout, section_headers: tuple[int, int]) -> None:
    page = _PAGE[machine]
    ident = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    offset, count = section_headers
    header = elf.EHDR.pack(
        ident,
        elf.ET_DYN,
        machine,
        1,
        0,
        elf.EHDR.size,
        offset,
        0,
        elf.EHDR.size,
        elf.PHDR.size,
        3,
        elf.SHDR.size,
        count,
        count - 1,
    )
    segments = (
        (elf.PT_LOAD, elf.PF_R, 0, layout.data_end, page),
        (elf.PT_LOAD, elf.PF_R | elf.PF_X, layout.code, layout.code_end - layout.code, page),
        (elf.PT_NOTE, elf.PF_R, layout.note, layout.note_end - layout.note, 4),
    )
    for kind, flags, start, size, align in segments:
        header += elf.PHDR.pack(kind, flags, start, start, start, size, size, align)
    image[: len(header)] = header


def _debug_sections(
    inputs: Sequence[Object], kernels: Sequence[CompiledKernel], layout: _Layout, address: Callable[[_Key], int]
) -> tuple[bytes, tuple[int, int]]:
    """Symbols and section headers: their bytes, to follow the image, and where and how many the headers are."""
    strings, symbols = bytearray(b"\0"), [elf.SYM.pack(0, 0, 0, 0, 0, 0)]
    for index, obj in enumerate(inputs):
        for number, symbol in enumerate(obj.symbols):
            if symbol.is_function and symbol.section is not None:
                info = elf.STB_GLOBAL << 4 | elf.STT_FUNC
                symbols.append(elf.SYM.pack(len(strings), info, 0, 3, address((index, number)), symbol.size))
                is_entry = index < len(kernels) and symbol.name == kernels[index].name
                strings += (kernels[index].title if is_entry else symbol.name).encode() + b"\0"
    start = _align(layout.code_end, 8)
    tail = bytearray(start - layout.code_end)
    symbols_at = start
    tail += b"".join(symbols)
    strings_at = start + elf.SYM.size * len(symbols)
    tail += strings
    names = b"\0.note\0.rodata\0.text\0.symtab\0.strtab\0.shstrtab\0"
    names_at = strings_at + len(strings)
    tail += names
    tail += bytes(-len(tail + bytes(layout.code_end % 8)) % 8)
    alloc, code = elf.SHF_ALLOC, elf.SHF_ALLOC | elf.SHF_EXECINSTR
    rows = (
        (b".note", elf.SHT_NOTE, alloc, layout.note, layout.note_end, 0, 0, 4, 0),
        (b".rodata", elf.SHT_PROGBITS, alloc, layout.note_end, layout.data_end, 0, 0, 1, 0),
        (b".text", elf.SHT_PROGBITS, code, layout.code, layout.code_end, 0, 0, 64, 0),
        (b".symtab", elf.SHT_SYMTAB, 0, symbols_at, strings_at, 5, 1, 8, elf.SYM.size),
        (b".strtab", elf.SHT_STRTAB, 0, strings_at, names_at, 0, 0, 1, 0),
        (b".shstrtab", elf.SHT_STRTAB, 0, names_at, names_at + len(names), 0, 0, 1, 0),
    )
    headers_at = layout.code_end + len(tail)
    tail += bytes(elf.SHDR.size)
    for name, kind, flags, begin, end, link_to, info, align, entry in rows:
        where = begin if flags else 0
        tail += elf.SHDR.pack(
            names.index(b"\0" + name + b"\0") + 1, kind, flags, where, begin, end - begin, link_to, info, align, entry
        )
    return bytes(tail), (headers_at, len(rows) + 1)
