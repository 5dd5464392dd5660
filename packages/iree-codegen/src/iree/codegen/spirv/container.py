"""The executable container that the Vulkan and WebGPU drivers take: `iree/spirv_executable.h`."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

_MAGIC, _VERSION = 0x56505349, 1
_HEADER, _MODULE, _ENTRY = struct.Struct("<12I"), struct.Struct("<4I"), struct.Struct("<18I")
_CHECKED_FROM = 16
_NONE, _ZLIB = 0, 1  # `iree_spirv_compression_e`
_F16, _F32, _BF16 = 0, 1, 1000141000  # VkComponentTypeKHR
USES_GRID, FULL_SUBGROUPS = 1, 2
"""`iree_spirv_entry_flags_e`."""


@dataclass(frozen=True)
class Multiplication:
    """A row of `iree_spirv_cooperative_matrix_t`: sizes, and component types as VkComponentTypeKHR numbers them."""

    m: int
    n: int
    k: int
    a_type: int
    b_type: int
    c_type: int
    result_type: int


def halves(m: int, n: int, k: int, *, brain: bool = False) -> Multiplication:
    """Of f16 or, if `brain`, bf16 matrices, added to one of f32."""
    kind = _BF16 if brain else _F16
    return Multiplication(m, n, k, kind, kind, _F32, _F32)


@dataclass(frozen=True)
class Entry:
    """An entry point and its module.

    Attributes:
        label: What people call it.
        words: The SPIR-V module.
        name: Of the entry point.
        workgroup: Threads in each dimension.
        access: Per binding 1 (read), 2 (write) or 3 (both).
        constant_words: 32-bit words of constants.
        constants: `iree_spirv_constants_e`.
        subgroup_size: That the code relies on; 0 for any.
        workgroup_memory: Bytes.
        flags: `USES_GRID`, `FULL_SUBGROUPS`.
        multiplications: Cooperative matrix multiplications that the device must have.
    """

    label: str
    words: bytes
    name: str
    workgroup: tuple[int, int, int]
    access: tuple[int, ...]
    constant_words: int
    constants: int
    subgroup_size: int = 0
    workgroup_memory: int = 0
    flags: int = 0
    multiplications: tuple[Multiplication, ...] = ()


def pack(entry: Entry) -> bytes:
    """An entry as the object file of its kernel."""
    fields = asdict(entry)
    del fields["words"]
    head = json.dumps(fields).encode()
    return struct.pack("<I", len(head)) + head + entry.words


def unpack(data: bytes) -> Entry:
    """The inverse of `pack`."""
    (size,) = struct.unpack_from("<I", data)
    fields = json.loads(data[4 : 4 + size])
    for name in ("workgroup", "access"):
        fields[name] = tuple(fields[name])
    fields["multiplications"] = tuple(Multiplication(**row) for row in fields["multiplications"])
    return Entry(words=data[4 + size :], **fields)


def write(profile: int, entries: Sequence[Entry]) -> bytes:
    """The container's bytes; equal modules are stored once.

    Args:
        profile: `iree_spirv_profile_e`.
        entries: In the order of the export ordinals.
    """
    modules = list(dict.fromkeys(entry.words for entry in entries))
    modules_offset = _HEADER.size
    entries_offset = modules_offset + _MODULE.size * len(modules)
    start = entries_offset + _ENTRY.size * len(entries)
    data = bytearray()

    def put(content: bytes) -> int:
        data.extend(b"\0" * (-len(data) % 4))
        data.extend(content)
        return start + len(data) - len(content)

    rows = b""
    for words in modules:
        compressed = zlib.compress(words, 9)
        stored, compression = (compressed, _ZLIB) if len(compressed) < len(words) else (words, _NONE)
        rows += _MODULE.pack(put(stored), len(stored), len(words) // 4, compression)
    for entry in entries:
        rows += _row(entry, modules.index(entry.words), put)
    data.extend(b"\0" * (-len(data) % 4))
    head = struct.pack("<8I", profile, len(modules), modules_offset, len(entries), entries_offset, 0, 0, 0)
    body = head + rows + data
    return struct.pack("<4I", _MAGIC, _VERSION, _CHECKED_FROM + len(body), zlib.crc32(body)) + body


def _row(entry: Entry, module: int, put: Callable[[bytes], int]) -> bytes:
    name, label = entry.name.encode(), entry.label.encode()
    table = b"".join(
        struct.pack("<8I", m.m, m.n, m.k, m.a_type, m.b_type, m.c_type, m.result_type, 0) for m in entry.multiplications
    )
    return _ENTRY.pack(
        module,
        put(name),
        len(name),
        put(label),
        len(label),
        *entry.workgroup,
        len(entry.access),
        sum((access & 1) << i for i, access in enumerate(entry.access)),
        sum((access >> 1 & 1) << i for i, access in enumerate(entry.access)),
        entry.constant_words,
        entry.constants,
        entry.subgroup_size,
        entry.workgroup_memory,
        entry.flags,
        put(table) if table else 0,
        len(entry.multiplications),
    )
