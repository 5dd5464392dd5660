"""The container's bytes against `iree/spirv_executable.h`."""

from __future__ import annotations

import struct
import zlib

from iree.codegen.spirv.container import USES_GRID, Entry, pack, unpack, write


def _entry(words: bytes, label: str = "k") -> Entry:
    return Entry(label, words, "d0", (64, 1, 1), (1, 3, 2), 5, 1, flags=USES_GRID)


def test_an_entry_survives_packing() -> None:
    entry = _entry(b"\x03\x02\x23\x07" * 7)
    assert unpack(pack(entry)) == entry


def test_equal_modules_are_stored_once() -> None:
    words = b"\x03\x02\x23\x07" * 100
    data = write(1, [_entry(words, "a"), _entry(words, "b"), _entry(words[:-4], "c")])
    magic, version, size, checksum, profile, modules, at, entries, rows = struct.unpack_from("<9I", data)
    assert (magic, version, size, profile, modules, entries) == (0x56505349, 1, len(data), 1, 2, 3)
    assert checksum == zlib.crc32(data[16:])
    offset, stored, count, compression = struct.unpack_from("<4I", data, at)
    held = data[offset : offset + stored]
    assert (zlib.decompress(held) if compression else held) == words and count * 4 == len(words)
    assert offset % 4 == at % 4 == rows % 4 == 0
    first = struct.unpack_from("<18I", data, rows)
    assert first[0] == 0 and struct.unpack_from("<I", data, rows + 72)[0] == 0 and first[5:8] == (64, 1, 1)
    assert data[first[1] : first[1] + first[2]] == b"d0" and data[first[3] : first[3] + first[4]] == b"a"
    assert first[8:13] == (3, 0b011, 0b110, 5, 1) and first[15] == USES_GRID
