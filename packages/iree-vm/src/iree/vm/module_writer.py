"""Writes module files: tables in memory, read-only data streamed from where it lies.

Needs no native code. The file's layout is in docs/module-format.md.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from iree.vm.assembler import Assembler, Location
from iree.vm.isa import VALUE_TYPES
from iree.vm.module_format import (
    CONVENTIONS,
    HEADER,
    MAGIC,
    MAX_RODATA_ALIGNMENT,
    NONE,
    RECORDS,
    REF_TYPES,
    RODATA_ALIGNMENT,
    SECTION,
    TYPE_CODES,
    VERSION,
    Section,
)

TYPE_LETTERS = {**{letter: name for name, letter in VALUE_TYPES.items()}, "r": "ref"}


@dataclass
class _Function:
    name: int
    signature: str
    code: bytes | None = None
    values: tuple[str, ...] = ()
    refs: int = 0
    locations: Sequence[Location] = ()


@dataclass(frozen=True)
class _Rodata:
    size: int
    pieces: Sequence[tuple[int, memoryview]]
    name: int
    align: int


def _align(offset: int, alignment: int) -> int:
    return -(-offset // alignment) * alignment


def _bytes_view(data: Any) -> memoryview:
    """View `data` as bytes without copying; arrays of any dtype, types without a buffer format (bfloat16) too."""
    if hasattr(data, "__array_interface__"):
        if not data.flags.c_contiguous:
            raise ValueError("read-only data must be contiguous in C order")
        data = data.reshape(-1).view("u1") if data.size else b""
    view = memoryview(data)
    return view if view.format == "B" and view.ndim == 1 else view.cast("B")


def split_signature(signature: str) -> tuple[str, str]:
    """Split ``arguments:results`` of a function into its two runs of type letters.

    Raises:
        ValueError: Not the signature of a function.
    """
    arguments, colon, results = signature.partition(":")
    if not colon or set(arguments + results) - set(TYPE_LETTERS):
        raise ValueError(f"not a function signature: {signature!r} (letters iIfFr, then ':', then letters)")
    return arguments, results


class ModuleBuilder:
    """Collects the parts of a module, then writes it.

    Indices returned by ``add_*`` are what instructions refer to.

    >>> b = ModuleBuilder()
    >>> a = Assembler()
    >>> a.emit("add.i32", 2, 0, 1)
    >>> a.emit("return", [2])
    >>> f = b.add_function("add", "ii:i", a, values=("i32", "i32", "i32"))
    >>> b.add_export("add", f)
    >>> data = b.tobytes()
    """

    def __init__(self) -> None:
        self._strings: dict[str, int] = {}
        self._imports: dict[str, tuple[int, int, bool]] = {}
        self._globals: list[tuple[int, str, bool, str | None, int]] = []
        self._functions: list[_Function] = []
        self._exports: dict[str, tuple[int, str]] = {}
        self._rodata: list[_Rodata] = []
        self._manifest = b""
        self._initializer = NONE

    def add_string(self, text: str) -> int:
        """Add a string (once); for ``@s``."""
        return self._strings.setdefault(text, len(self._strings))

    def add_rodata(self, data: Any, *, name: str | None = None, align: int = RODATA_ALIGNMENT) -> int:
        """Add a read-only segment; for ``@d``.

        Args:
            data: Bytes-like or a NumPy array, contiguous in C order. Not copied: it must stay unchanged until the
                module is written.
            name: Shown by tools.
            align: Of the first byte, in the file and in memory; a power of two from 64 to 4096.
        """
        view = _bytes_view(data)
        return self.add_rodata_pieces(len(view), [(0, view)], name=name, align=align)

    def add_rodata_pieces(
        self, size: int, pieces: Sequence[tuple[int, Any]], *, name: str | None = None, align: int = RODATA_ALIGNMENT
    ) -> int:
        """Add a read-only segment gathered from several places; for ``@d``.

        Args:
            size: Bytes of the segment; what no piece covers is zero.
            pieces: Offsets in the segment, ascending, with data as for `add_rodata`, which is not copied either.
            name: Shown by tools.
            align: As for `add_rodata`.
        """
        if align & (align - 1) or not RODATA_ALIGNMENT <= align <= MAX_RODATA_ALIGNMENT:
            raise ValueError(
                f"alignment {align} is not a power of two from {RODATA_ALIGNMENT} to {MAX_RODATA_ALIGNMENT}"
            )
        views = [(offset, _bytes_view(data)) for offset, data in pieces]
        end = 0
        for offset, view in views:
            if offset < end:
                raise ValueError(f"the piece at {offset} overlaps the one before, which ends at {end}")
            end = offset + len(view)
        if end > size:
            raise ValueError(f"the pieces end at {end}, the segment at {size}")
        self._rodata.append(_Rodata(size, views, NONE if name is None else self.add_string(name), align))
        return len(self._rodata) - 1

    def add_import(self, name: str, signature: str, *, optional: bool = False) -> int:
        """Add an import (once); for ``@i``. Signatures of the native modules are in `iree.vm.imports`."""
        for index, (known, (_, known_signature, known_optional)) in enumerate(self._imports.items()):
            if known == name:
                if self.add_string(signature) != known_signature or optional != known_optional:
                    raise ValueError(f"import {name} was added before with another signature or optionality")
                return index
        self._imports[name] = (self.add_string(name), self.add_string(signature), optional)
        return len(self._imports) - 1

    def add_global(
        self, type: str, *, mutable: bool = False, initial: float = 0, name: str = "", ref_type: str | None = None
    ) -> int:
        """Add a global, one per context; for ``@g``.

        Args:
            type: ``i32``, ``i64``, ``f32``, ``f64`` or ``ref``.
            mutable: Whether functions other than the initializer may store to it.
            initial: Starting value; references start as null.
            name: Shown by tools.
            ref_type: For a reference, what it may hold, one of `REF_TYPES`; None for any.
        """
        if type not in TYPE_CODES:
            raise ValueError(f"not a type: {type!r} (one of {', '.join(TYPE_CODES)})")
        if ref_type is not None and (type != "ref" or ref_type not in REF_TYPES):
            raise ValueError(f"not a reference type: {ref_type!r} (one of {', '.join(REF_TYPES)})")
        bits = 0
        if type == "ref":
            if initial:
                raise ValueError("a reference starts as null")
        else:
            asm = Assembler()
            asm.emit(f"const.{type}", 0, initial)
            bits = int.from_bytes(asm.finish()[4:], "little")
        self._globals.append((self.add_string(name), type, mutable, ref_type, bits))
        return len(self._globals) - 1

    def declare_function(self, name: str, signature: str) -> int:
        """Add a function whose body is given later by `define_function`; for ``@f``."""
        split_signature(signature)
        self._functions.append(_Function(self.add_string(name), signature))
        return len(self._functions) - 1

    def define_function(
        self,
        function: int,
        code: bytes | Assembler,
        *,
        values: Sequence[str] = (),
        refs: int = 0,
        locations: Sequence[Location] = (),
    ) -> None:
        """Give a declared function its body.

        Args:
            function: Index from `declare_function`.
            code: Encoded body, or the assembler that has it (which also brings the locations).
            values: Types of the registers of the value bank; the value arguments are the first, in order.
            refs: Number of registers of the reference bank; the reference arguments are the first, in order.
            locations: Source locations by word offset, ascending.
        """
        f = self._functions[function]
        if f.code is not None:
            raise ValueError(f"function {function} already has a body")
        arguments, _ = split_signature(f.signature)
        expected = tuple(TYPE_LETTERS[c] for c in arguments if c != "r")
        if tuple(values[: len(expected)]) != expected:
            raise ValueError(f"the first value registers must be the arguments {expected}, not {tuple(values)}")
        if refs < arguments.count("r"):
            raise ValueError(f"{refs} reference registers cannot hold the arguments of {f.signature!r}")
        if unknown := set(values) - set(VALUE_TYPES):
            raise ValueError(f"not types of value registers: {', '.join(sorted(unknown))}")
        if max(len(values), refs) > 0x10000:
            raise ValueError(f"too many registers: {len(values)} values, {refs} references (65536 of each)")
        f.locations = code.locations if isinstance(code, Assembler) else locations
        f.code = code.finish() if isinstance(code, Assembler) else bytes(code)
        f.values, f.refs = tuple(values), refs

    def add_function(
        self,
        name: str,
        signature: str,
        code: bytes | Assembler,
        *,
        values: Sequence[str] = (),
        refs: int = 0,
        locations: Sequence[Location] = (),
    ) -> int:
        """Add a function with its body: `declare_function`, then `define_function`."""
        function = self.declare_function(name, signature)
        self.define_function(function, code, values=values, refs=refs, locations=locations)
        return function

    def add_export(self, name: str, function: int, *, convention: str = "plain") -> None:
        """Make a function callable from outside.

        Args:
            name: Unique among the exports.
            function: Index of the function.
            convention: ``plain``, or ``fences``: ``(view…, wait, signal) -> view…``.
        """
        if name in self._exports:
            raise ValueError(f"export {name!r} was added before")
        if convention not in CONVENTIONS:
            raise ValueError(f"not a calling convention: {convention!r} (one of {', '.join(CONVENTIONS)})")
        self._exports[name] = (function, convention)
        self.add_string(name)

    def set_manifest(self, manifest: Mapping[str, Any]) -> None:
        """Set the description of inputs, outputs and variables; see docs/module-format.md."""
        self._manifest = json.dumps(manifest, separators=(",", ":"), ensure_ascii=False).encode()

    def set_initializer(self, function: int) -> None:
        """Set the function, of signature ``:``, that runs when a context is made."""
        self._initializer = function

    def tobytes(self) -> bytes:
        """Return the module file."""
        import io  # noqa: PLC0415

        out = io.BytesIO()
        self._write(out)
        return out.getvalue()

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write the module file. It appears under its name only when it is complete.

        What is there and is no file, such as a pipe or ``/dev/null``, is written to; behind a link, what it names.
        """
        if os.path.exists(path) and not os.path.isfile(path):
            with open(path, "wb") as out:
                out.write(self.tobytes())
            return
        target = os.path.realpath(path)
        partial = f"{target}.{os.getpid()}.partial"
        try:
            with open(partial, "wb") as out:
                self._write(out)
            os.replace(partial, target)
        except BaseException:
            if os.path.exists(partial):
                os.unlink(partial)
            raise

    def _records(self, section: Section, rows: Sequence[tuple[int, ...]]) -> bytes:
        pack = RECORDS[section].pack
        return b"".join(pack(*row) for row in rows)

    def _function_sections(self) -> dict[Section, tuple[bytes, int]]:
        """Encode functions, register types, code and locations."""
        rows, types, code = [], bytearray(), bytearray()
        location_rows: list[tuple[int, ...]] = []
        texts: dict[str, int] = {}
        heap = bytearray()
        for index, f in enumerate(self._functions):
            if f.code is None:
                raise ValueError(f"function {index} ({f.signature}) was declared but never defined")
            row = (f.name, self.add_string(f.signature), len(code) // 2, len(f.code) // 2)
            rows.append((*row, len(f.values), f.refs, len(types)))
            types += bytes(TYPE_CODES[t] for t in f.values)
            code += f.code
            for word, text in f.locations:
                data = text.encode()
                if text not in texts:
                    texts[text] = len(heap)
                    heap += data
                location_rows.append((index, word, texts[text], len(data)))
        return {
            Section.FUNCTIONS: (self._records(Section.FUNCTIONS, rows), len(rows)),
            Section.TYPES: (bytes(types), len(types)),
            Section.CODE: (bytes(code), len(code) // 2),
            Section.LOCATION_TEXT: (bytes(heap), len(heap)),
            Section.LOCATIONS: (self._records(Section.LOCATIONS, location_rows), len(location_rows)),
        }

    def _table_sections(self) -> dict[Section, tuple[bytes, int]]:
        """Encode every section but RODATA and DATA; strings last, when all are known."""
        sections = self._function_sections()

        def table(section: Section, rows: Sequence[tuple[int, ...]]) -> None:
            sections[section] = (self._records(section, rows), len(rows))

        table(Section.IMPORTS, [(name, sig, optional, 0) for name, sig, optional in self._imports.values()])
        global_rows = [
            (name, TYPE_CODES[type], mutable, NONE if ref is None else self.add_string(ref), bits)
            for name, type, mutable, ref, bits in self._globals
        ]
        table(Section.GLOBALS, global_rows)
        export_rows = [(self.add_string(n), f, CONVENTIONS[c], 0) for n, (f, c) in self._exports.items()]
        table(Section.EXPORTS, export_rows)
        sections[Section.MANIFEST] = (self._manifest, len(self._manifest))
        text = bytearray()
        string_rows: list[tuple[int, ...]] = []
        for string in self._strings:
            data = string.encode()
            string_rows.append((len(text), len(data)))
            text += data
        table(Section.STRINGS, string_rows)
        sections[Section.TEXT] = (bytes(text), len(text))
        return sections

    def _write(self, out: BinaryIO) -> None:
        sections = self._table_sections()
        rodata_record = RECORDS[Section.RODATA]
        sections[Section.RODATA] = (bytes(rodata_record.size * len(self._rodata)), len(self._rodata))
        kinds = [k for k in Section if k is not Section.DATA and (sections[k][0] or k is Section.STRINGS)]

        offset = HEADER.size + SECTION.size * (len(kinds) + 1)
        entries: list[tuple[int, ...]] = []
        for kind in kinds:
            data, count = sections[kind]
            offset = _align(offset, 8)
            entries.append((kind, 0, offset, len(data), count))
            offset += len(data)
        data_start = _align(offset, RODATA_ALIGNMENT)
        offset = data_start
        rows: list[tuple[int, ...]] = []
        for segment in self._rodata:
            offset = _align(offset, segment.align)
            rows.append((offset, segment.size, segment.name, segment.align))
            offset += segment.size
        entries.append((Section.DATA, 0, data_start, offset - data_start, offset - data_start))
        sections[Section.RODATA] = (self._records(Section.RODATA, rows), len(rows))

        written = out.write(HEADER.pack(MAGIC, VERSION, len(entries), offset, self._initializer, 0))
        for entry in entries:
            written += out.write(SECTION.pack(*entry))
        for kind, entry in zip(kinds, entries, strict=False):
            written += out.write(bytes(entry[2] - written))
            written += out.write(sections[kind][0])
        written += out.write(bytes(data_start - written))
        for segment, row in zip(self._rodata, rows, strict=True):
            for start, piece in segment.pieces:
                written += out.write(bytes(row[0] + start - written))
                written += out.write(piece)
            written += out.write(bytes(row[0] + segment.size - written))
