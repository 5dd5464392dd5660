"""Makes containers of ``iree/spirv_executable.h`` with portable kernels, instruction by instruction. Knows nothing of
the compiler.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace

FORMAT = "spirv-portable"
MAGIC, VERSION = 0x56505349, 1
STORAGE_BUFFER, UNIFORM, INPUT = 12, 2, 1
WORKGROUP_ID, NUM_WORKGROUPS = 26, 24


def text_words(text: str) -> list[int]:
    """A literal string."""
    data = text.encode() + b"\0"
    return list(struct.unpack(f"<{-(-len(data) // 4)}I", data.ljust(-(-len(data) // 4) * 4, b"\0")))


class Kernel:
    """A module with one entry point over storage buffers of 32-bit words and a uniform block of constants."""

    def __init__(self, name: str, bindings: int, constants: int) -> None:
        self.name, self.constant_count, self.bound = name, constants, 1
        self.annotations: list[int] = []
        self.types: list[int] = []
        self.code: list[int] = []
        self.interface: list[int] = []
        self.capabilities = [1]  # Shader
        self.void = self._type(19)
        self.function = self._type(33, self.void)
        self.uint = self._type(21, 32, 0)
        self.uint3 = self._type(23, self.uint, 3)
        self.uint4 = self._type(23, self.uint, 4)
        self._words: dict[int, int] = {}
        self.entry = self.new()
        words = self._type(29, self.uint)
        self._decorate(words, 6, 4)
        self.buffers = [self._block(words, STORAGE_BUFFER, binding) for binding in range(bindings)]
        if constants:
            block = self._type(28, self.uint4, self.word(-(-constants // 4)))
            self._decorate(block, 6, 16)
            self.uniform = self._block(block, UNIFORM, bindings)
        self.element = self._type(32, STORAGE_BUFFER, self.uint)
        self.constant_pointer = self._type(32, UNIFORM, self.uint)

    def new(self) -> int:
        """A fresh id."""
        self.bound += 1
        return self.bound - 1

    def word(self, value: int) -> int:
        """A constant."""
        if value not in self._words:
            self._words[value] = self.new()
            self.types += [4 << 16 | 43, self.uint, self._words[value], value]
        return self._words[value]

    def type_of(self, opcode: int, *operands: int) -> int:
        """A new type."""
        return self._type(opcode, *operands)

    def literal(self, kind: int, opcode: int, *operands: int) -> int:
        """A constant of any type: OpConstant (43) or OpConstantComposite (44)."""
        result = self.new()
        self.types += [(3 + len(operands)) << 16 | opcode, kind, result, *operands]
        return result

    def op(self, opcode: int, kind: int, *operands: int) -> int:
        """An instruction with a result."""
        result = self.new()
        self.code += [(3 + len(operands)) << 16 | opcode, kind, result, *operands]
        return result

    def add(self, a: int, b: int) -> int:
        return self.op(128, self.uint, a, b)

    def multiply(self, a: int, b: int) -> int:
        return self.op(132, self.uint, a, b)

    def load(self, binding: int, index: int) -> int:
        """A word of a storage buffer."""
        return self.op(61, self.uint, self._at(binding, index))

    def store(self, binding: int, index: int, value: int) -> None:
        pointer = self._at(binding, index)
        self.code += [3 << 16 | 62, pointer, value]

    def constant(self, index: int) -> int:
        """One of the dispatch's constants."""
        indices = (self.word(0), self.word(index // 4), self.word(index % 4))
        return self.op(61, self.uint, self.op(65, self.constant_pointer, self.uniform, *indices))

    def built_in(self, number: int) -> list[int]:
        """Its three parts."""
        variable = self.new()
        self.types += [4 << 16 | 59, self._type(32, INPUT, self.uint3), variable, INPUT]
        self._decorate(variable, 11, number)
        self.interface.append(variable)
        value = self.op(61, self.uint3, variable)
        return [self.op(81, self.uint, value, part) for part in range(3)]

    def module(self) -> bytes:
        """The SPIR-V module."""
        name = text_words(self.name)
        head = [word for capability in self.capabilities for word in (2 << 16 | 17, capability)]
        head += [3 << 16 | 14, 0, 1]  # Logical GLSL450
        head += [(3 + len(name) + len(self.interface)) << 16 | 15, 5, self.entry, *name, *self.interface]
        head += [6 << 16 | 16, self.entry, 17, 1, 1, 1]
        body = [5 << 16 | 54, self.void, self.entry, 0, self.function, 2 << 16 | 248, self.new()]
        body += [*self.code, 1 << 16 | 253, 1 << 16 | 56]
        words = [0x07230203, 0x00010300, 0, self.bound, 0, *head, *self.annotations, *self.types, *body]
        return struct.pack(f"<{len(words)}I", *words)

    def _type(self, opcode: int, *operands: int) -> int:
        result = self.new()
        self.types += [(2 + len(operands)) << 16 | opcode, result, *operands]
        return result

    def _decorate(self, target: int, *decoration: int) -> None:
        self.annotations += [(2 + len(decoration)) << 16 | 71, target, *decoration]

    def _block(self, content: int, storage: int, binding: int) -> int:
        block = self._type(30, content)
        self._decorate(block, 2)
        self.annotations += [5 << 16 | 72, block, 0, 35, 0]
        pointer, variable = self._type(32, storage, block), self.new()
        self.types += [4 << 16 | 59, pointer, variable, storage]
        self._decorate(variable, 34, 0)
        self._decorate(variable, 33, binding)
        return variable

    def _at(self, binding: int, index: int) -> int:
        return self.op(65, self.element, self.buffers[binding], self.word(0), index)


def ids(k: Kernel) -> None:
    (x, y, z), (nx, ny, _) = k.built_in(WORKGROUP_ID), k.built_in(NUM_WORKGROUPS)
    linear = k.add(k.multiply(k.add(k.multiply(z, ny), y), nx), x)
    k.store(0, linear, k.add(k.constant(0), linear))


def add(k: Kernel) -> None:
    x = k.built_in(WORKGROUP_ID)[0]
    k.store(2, x, k.add(k.load(0, x), k.load(1, x)))


def step(k: Kernel) -> None:
    x = k.built_in(WORKGROUP_ID)[0]
    k.store(0, x, k.add(k.multiply(k.load(0, x), k.word(3)), k.constant(0)))


def copy(k: Kernel) -> None:
    x = k.built_in(WORKGROUP_ID)[0]
    k.store(1, k.add(k.constant(1), x), k.load(0, k.add(k.constant(0), x)))


def last(k: Kernel) -> None:
    """Binding 7 gets the sum of the others and of nine constants."""
    x = k.built_in(WORKGROUP_ID)[0]
    total = k.constant(0)
    for index in range(1, 9):
        total = k.add(total, k.constant(index))
    for binding in range(7):
        total = k.add(total, k.load(binding, x))
    k.store(7, x, total)


@dataclass
class Entry:
    """An `iree_spirv_entry_t` and how its kernel is made."""

    name: str
    body: Callable[[Kernel], None]
    bindings: int
    constants: int
    reads: int
    writes: int
    flags: int = 0
    label: str = ""

    def module(self) -> bytes:
        """Its SPIR-V."""
        kernel = Kernel(self.name, self.bindings, self.constants)
        self.body(kernel)
        return kernel.module()


IDS, ADD, STEP, COPY, LAST = range(5)
ENTRIES = [
    Entry("d0", ids, 1, 1, 0, 1, flags=1, label="ids"),
    Entry("d1", add, 3, 0, 3, 4, label="add"),
    Entry("d2", step, 1, 1, 1, 1, label="step"),
    Entry("d3", copy, 2, 2, 1, 2, label="copy"),
    Entry("d4", last, 8, 9, 0x7F, 0x80, label="last"),
]


@dataclass
class Container:
    """A well-formed container unless its fields say otherwise."""

    entries: list[Entry] = field(default_factory=lambda: ENTRIES[:4])
    modules: list[bytes] | None = None

    def build(self) -> bytes:
        """The bytes."""
        modules = [entry.module() for entry in self.entries] if self.modules is None else self.modules
        module_table, entry_table = 48, 48 + 16 * len(modules)
        at = entry_table + 72 * len(self.entries)
        rows = payload = b""
        for module in modules:
            rows += struct.pack("<4I", at + len(payload), len(module), len(module) // 4, 0)
            payload += module
        for index, e in enumerate(self.entries):
            name, label = e.name.encode(), e.label.encode()
            place = at + len(payload)
            way = 2 if e.constants else 0
            rows += struct.pack(
                "<18I", index, place, len(name), place + len(name), len(label), 1, 1, 1, e.bindings, e.reads, e.writes,
                e.constants, way, 0, 0, e.flags, 0, 0,
            )  # fmt: skip
            both = name + label
            payload += both.ljust(-(-len(both) // 4) * 4, b"\0")
        return seal(struct.pack(
            "<12I", MAGIC, VERSION, 0, 0, 0, len(modules), module_table, len(self.entries), entry_table, 0, 0, 0
        ) + rows + payload)  # fmt: skip


def seal(data: bytes) -> bytes:
    """The container with the size and checksum that fit its bytes."""
    return data[:8] + struct.pack("<2I", len(data), zlib.crc32(data[16:])) + data[16:]


def kernel_container(count: int = 4) -> bytes:
    """The first `count` of ENTRIES."""
    return Container(ENTRIES[:count]).build()


def one(entry: int, **changes: object) -> bytes:
    """A container of that entry alone, with some of its fields changed."""
    return Container([replace(ENTRIES[entry], **changes)]).build()  # type: ignore[arg-type]
