"""The module file's layout, shared by the writer and the reader; see docs/module-format.md.

``native/module.cc`` reads the same bytes.
"""

from __future__ import annotations

import struct
from enum import IntEnum

MAGIC = b"\x89IVM\r\n\x1a\n"
VERSION = 1
NONE = 0xFFFFFFFF
"""An index that refers to nothing."""

RODATA_ALIGNMENT = 64
MAX_RODATA_ALIGNMENT = 4096
"""The mapping starts at a page, so alignments up to that of the smallest page hold in memory."""

HEADER = struct.Struct("<8sIIQII")
"""magic, version, section count, file length, initializer function, reserved."""
SECTION = struct.Struct("<IIQQQ")
"""kind, flags, offset, length in bytes, number of records."""


class Section(IntEnum):
    """Kinds of sections, in the order in which they stand in the file."""

    TEXT = 1
    STRINGS = 2
    IMPORTS = 3
    GLOBALS = 4
    FUNCTIONS = 5
    TYPES = 6
    CODE = 7
    EXPORTS = 8
    MANIFEST = 9
    LOCATION_TEXT = 10
    LOCATIONS = 11
    RODATA = 12
    DATA = 13


RECORDS: dict[Section, struct.Struct] = {
    Section.STRINGS: struct.Struct("<QQ"),  # offset in TEXT, length
    Section.IMPORTS: struct.Struct("<IIII"),  # name, signature, optional, 0
    Section.GLOBALS: struct.Struct("<IIIIQ"),  # name, type, mutable, reference type or NONE, initial bits
    Section.FUNCTIONS: struct.Struct("<IIQQIIQ"),  # name, signature, code word, words, values, refs, first type
    Section.EXPORTS: struct.Struct("<IIII"),  # name, function, convention, 0
    Section.LOCATIONS: struct.Struct("<IIII"),  # function, word, offset in LOCATION_TEXT, length
    Section.RODATA: struct.Struct("<QQII"),  # offset in the file, length, name or NONE, alignment
}

TYPE_CODES = {"i32": 0, "i64": 1, "f32": 2, "f64": 3, "ref": 4}
CONVENTIONS = {"plain": 0, "fences": 1}
REF_TYPES = (
    "vm.list",
    "vm.buffer",
    "hal.device",
    "hal.buffer",
    "hal.view",
    "hal.command_buffer",
    "hal.executable",
    "hal.fence",
)
"""Types of references, as named in the declaration of a global."""
