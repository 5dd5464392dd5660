"""Loads an executable image with ctypes and runs its kernels on NumPy arrays, one workgroup after the other."""

from __future__ import annotations

import ctypes
import io
import mmap
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from iree.codegen.cpu import CpuTarget
from iree.codegen.cpu.features import Machine
from iree.codegen.pipelines import context
from iree.codegen.targets import CompiledKernel
from iree.dialects.mlir import ir

_PT_LOAD, _PT_NOTE = 1, 4


class Dispatch(ctypes.Structure):
    """`iree_cpu_dispatch_t`."""

    _fields_ = (
        ("constants", ctypes.c_void_p),
        ("bindings", ctypes.c_void_p),
        ("count", ctypes.c_uint32 * 3),
        ("reserved", ctypes.c_uint32),
    )


class Workgroup(ctypes.Structure):
    """`iree_cpu_workgroup_t`."""

    _fields_ = (("id", ctypes.c_uint32 * 3), ("worker", ctypes.c_uint32), ("local", ctypes.c_void_p))


@dataclass(frozen=True)
class Entry:
    """A row of the note."""

    address: int
    bindings: int
    constants: int
    local_memory: int
    name: str
    written: int


@dataclass(frozen=True)
class Note:
    """The note's content."""

    entries: list[Entry]
    features: str
    target: str


class Image:
    """An executable in memory."""

    def __init__(self, data: bytes) -> None:
        phoff, count = struct.unpack_from("<Q", data, 32)[0], struct.unpack_from("<H", data, 56)[0]
        headers = [struct.unpack_from("<IIQQQQQQ", data, phoff + 56 * i) for i in range(count)]
        loads = [h for h in headers if h[0] == _PT_LOAD]
        assert all(h[1] & 3 != 3 for h in loads), "a segment is writable and executable"
        size = max(h[3] + h[6] for h in loads)
        self.memory = mmap.mmap(-1, size, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        for _, _, offset, address, _, file_size, _, align in loads:
            assert address % align == offset % align == 0
            self.memory[address : address + file_size] = data[offset : offset + file_size]
        self.base = ctypes.addressof(ctypes.c_char.from_buffer(self.memory))
        note = next(h for h in headers if h[0] == _PT_NOTE)
        self.note = _read_note(data[note[2] : note[2] + note[5]])

    def run(
        self, ordinal: int, bindings: Sequence[np.ndarray[Any, Any]], constants: bytes, count: tuple[int, int, int]
    ) -> None:
        """Runs every workgroup, the last first, so that a dependence on order shows."""
        entry = self.note.entries[ordinal]
        assert entry.bindings == len(bindings) and entry.constants * 4 == len(constants)
        pointers = (ctypes.c_void_p * max(len(bindings), 1))(*[b.ctypes.data for b in bindings])
        words = ctypes.create_string_buffer(constants, max(len(constants), 1))
        local = aligned((entry.local_memory + 64,), np.uint8)
        dispatch = Dispatch(ctypes.addressof(words), ctypes.addressof(pointers), (ctypes.c_uint32 * 3)(*count), 0)
        kernel = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p)(self.base + entry.address)
        for z in reversed(range(count[2])):
            for y in reversed(range(count[1])):
                for x in reversed(range(count[0])):
                    workgroup = Workgroup((ctypes.c_uint32 * 3)(x, y, z), 0, local.ctypes.data)
                    assert kernel(ctypes.addressof(dispatch), ctypes.addressof(workgroup)) == 0
        assert not local[entry.local_memory :].any(), "wrote beyond local memory"


def _read_note(data: bytes) -> Note:
    name_size, size, kind = struct.unpack_from("<III", data)
    assert (data[12:16], name_size, kind) == (b"IREE", 5, 1)
    text = data[20 : 20 + size]
    version, entries, at, features, features_size, target, target_size, _ = struct.unpack_from("<8I", text)
    assert version == 2 and at % 8 == 0
    rows = []
    for i in range(entries):
        address, bindings, constants, local, name, name_size, _, written = struct.unpack_from(
            "<QIIIIIIQ", text, at + 40 * i
        )
        rows.append(Entry(address, bindings, constants, local, text[name : name + name_size].decode(), written))
    return Note(rows, text[features : features + features_size].decode(), text[target : target + target_size].decode())


def aligned(shape: Sequence[int], dtype: Any) -> np.ndarray[Any, Any]:
    """Zeros aligned to 64 bytes."""
    kind = np.dtype(dtype)
    size = int(np.prod(shape)) * kind.itemsize
    raw = np.zeros(size + 64, np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + size].view(kind).reshape(shape)


def bytecode(text: str) -> bytes:
    """A module's text as bytecode."""
    with context():
        out = io.BytesIO()
        ir.Module.parse(text).operation.write_bytecode(out)
        return out.getvalue()


@dataclass
class Compiled:
    """One kernel, compiled and linked."""

    kernel: CompiledKernel
    image: Image
    stages: dict[str, str] = field(default_factory=dict)

    def count(self, indices: Sequence[int]) -> tuple[int, int, int]:
        """The workgroup count for these index arguments."""
        with context():
            map_ = ir.AffineMapAttr(ir.Attribute.parse(self.kernel.workgroup_count)).value
            values = ir.AffineMap.get(0, 0, [ir.AffineExpr.get_constant(i) for i in indices])
            results = [ir.AffineExpr.simplify_affine_expr(r.compose(values), 0, 0) for r in map_.results]
            x, y, z = (r.maybe_downcast().value for r in results)
        return x, y, z

    def __call__(
        self,
        inputs: Sequence[np.ndarray[Any, Any]],
        outputs: Sequence[tuple[Sequence[int], Any]],
        scalars: Sequence[np.generic] = (),
        indices: Sequence[int] = (),
    ) -> list[np.ndarray[Any, Any]]:
        """Runs it: results are filled with garbage before. Tied results are in the inputs' copies, returned first."""
        bindings = []
        for value in inputs:
            bindings.append(aligned(value.shape, value.dtype))
            bindings[-1][...] = value
        for shape, dtype in outputs:
            bindings.append(aligned(shape, dtype))
            bindings[-1].reshape(-1).view(np.uint8)[...] = 0xA5
        constants = b"".join(_words(s) for s in scalars) + struct.pack(f"<{len(indices)}Q", *indices)
        before = [b.copy() for b in bindings]
        self.image.run(0, bindings, constants, self.count(indices))
        for access, old, new in zip(self.kernel.access, before, bindings, strict=True):
            assert access & 2 or old.tobytes() == new.tobytes(), "wrote a binding that is only read"
        return [b for access, b in zip(self.kernel.access, bindings, strict=True) if access & 2]


def _words(value: np.generic) -> bytes:
    data = value.tobytes()
    return data.ljust(-(-len(data) // 4) * 4, b"\0")


def compile_text(text: str, cpu: str = "host", machine: Machine | None = None) -> Compiled:
    """Compiles and links the kernel of a module's text."""
    target = CpuTarget(cpu)
    if machine is not None:
        target.machine = machine
    stages: dict[str, str] = {}
    kernel = target.compile_kernel(bytecode(text), lambda name, content: stages.update({name: str(content)}))
    return Compiled(kernel, Image(target.link([kernel])), stages)
