"""The encoder: instructions with labels in, the words of one function out."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

from iree.vm.isa import BY_NAME, Op

Location = tuple[int, str]
"""A word offset and the source location of the instructions from there on; "" for none."""

MAX_REGISTER = 0xFFFF


class Label:
    """The start of a block; made by `Assembler.label`, given a place by `Assembler.place`."""

    __slots__ = ("name", "offset")

    def __init__(self, name: str) -> None:
        self.name = name
        self.offset: int | None = None


@dataclass(frozen=True)
class Branch:
    """A ``>`` operand: where to go and the parallel moves that pass the block arguments.

    Attributes:
        label: The block.
        values: (from, to) registers of the value bank, of one type each.
        refs: (from, to) registers of the reference bank.
    """

    label: Label
    values: Sequence[tuple[int, int]] = ()
    refs: Sequence[tuple[int, int]] = ()


@dataclass(frozen=True)
class Operands:
    """A ``()`` operand: the registers of a call.

    Attributes:
        arguments: Registers in signature order, variadic groups unrolled.
        results: Registers in signature order.
        groups: For an import, how often each variadic group of its signature is repeated.
    """

    arguments: Sequence[int] = ()
    results: Sequence[int] = ()
    groups: Sequence[int] = ()


Operand = int | float | Branch | Operands | Sequence[int] | Sequence[Branch]


def _register(value: object) -> int:
    if not isinstance(value, int) or not 0 <= value <= MAX_REGISTER:
        raise ValueError(f"not a register number: {value!r} (0 to {MAX_REGISTER})")
    return value


def _immediate(op: Op, size: int, value: object) -> bytes:
    """Encode the immediate of ``const.*``: an integer of either sign, or a float."""
    kind = op.name.rpartition(".")[2]
    if kind in ("f32", "f64"):
        if not isinstance(value, int | float):
            raise TypeError(f"{op.name}: not a number: {value!r}")
        if kind == "f64":
            return struct.pack("<d", value)
        try:
            return struct.pack("<f", value)
        except OverflowError:  # struct refuses what rounds to infinity
            return struct.pack("<f", float("inf") if value > 0 else float("-inf"))
    if not isinstance(value, int):
        raise TypeError(f"{op.name}: not an integer: {value!r}")
    bits = size * 8
    if not -(1 << (bits - 1)) <= value < (1 << bits):
        raise ValueError(f"{op.name}: {value} does not fit in {bits} bits")
    return (value & ((1 << bits) - 1)).to_bytes(size, "little")


@dataclass
class Assembler:
    """Collects the instructions of one function.

    >>> a = Assembler()
    >>> a.emit("add.i32", 2, 0, 1)
    >>> a.emit("return", [2])
    >>> code = a.finish()
    """

    locations: list[Location] = field(default_factory=list)
    _code: bytearray = field(default_factory=bytearray)
    _fixups: list[tuple[int, Label]] = field(default_factory=list)
    _labels: int = 0

    @property
    def offset(self) -> int:
        """Word offset of the next instruction."""
        return len(self._code) // 2

    def label(self, name: str = "") -> Label:
        """Return a new label without a place."""
        self._labels += 1
        return Label(name or f"b{self._labels - 1}")

    def place(self, label: Label) -> None:
        """Put `label` before the next instruction, which must follow the end of a block."""
        if label.offset is not None:
            raise ValueError(f"label {label.name} already has a place")
        label.offset = self.offset

    def location(self, text: str) -> None:
        """Set the source location of the instructions from here on."""
        if self.locations and self.locations[-1][0] == self.offset:
            self.locations.pop()
        if not self.locations or self.locations[-1][1] != text:
            self.locations.append((self.offset, text))

    def emit(self, name: str, *operands: Operand) -> None:
        """Append one instruction.

        Args:
            name: Mnemonic, a key of `iree.vm.isa.BY_NAME`.
            operands: One per field: register or index numbers, immediates, `Branch`, a list of them for ``>*``,
                `Operands` for ``()``, a list of registers for ``$``.

        Raises:
            KeyError: There is no such instruction.
            TypeError: Wrong number or kind of operands.
            ValueError: An operand is out of range.
        """
        op = BY_NAME[name]
        if len(operands) != len(op.fields):
            raise TypeError(f"{name} takes {len(op.fields)} operands ({' '.join(op.fields)}), {len(operands)} given")
        self._words(op.opcode)
        for code, operand in zip(op.fields, operands, strict=True):
            self._field(op, code, operand)

    def _field(self, op: Op, code: str, operand: Operand) -> None:
        if len(code) == 1 and code in "iIfFr":
            self._words(_register(operand))
        elif code[0] == "#":
            self._code += _immediate(op, int(code[1:]), operand)
        elif code[0] == "@":
            if not isinstance(operand, int) or not 0 <= operand <= 0xFFFFFFFF:
                raise ValueError(f"{op.name}: not an index: {operand!r}")
            self._code += struct.pack("<I", operand)
        elif code == ">":
            self._branch(op, operand)
        elif code == ">*":
            if not isinstance(operand, Sequence):
                raise TypeError(f"{op.name}: expected a list of branches, got {operand!r}")
            self._words(len(operand))
            for branch in operand:
                self._branch(op, branch)
        elif code == "()":
            if not isinstance(operand, Operands):
                raise TypeError(f"{op.name}: expected Operands, got {operand!r}")
            self._words(*operand.groups, *operand.arguments, *operand.results)
        elif code == "$":
            if not isinstance(operand, Sequence):
                raise TypeError(f"{op.name}: expected a list of registers, got {operand!r}")
            self._words(*map(_register, operand))
        else:
            raise AssertionError(f"isa.OPS has an unknown field code: {code}")

    def _branch(self, op: Op, operand: object) -> None:
        if not isinstance(operand, Branch):
            raise TypeError(f"{op.name}: expected a Branch, got {operand!r}")
        self._fixups.append((len(self._code), operand.label))
        self._code += bytes(4)
        for moves in (operand.values, operand.refs):
            self._words(len(moves))
            for source, target in moves:
                self._words(source, target)

    def _words(self, *values: int) -> None:
        self._code += struct.pack(f"<{len(values)}H", *map(_register, values))

    def finish(self) -> bytes:
        """Return the encoded body, with branch targets filled in.

        Raises:
            ValueError: A label that is branched to has no place.
        """
        for at, label in self._fixups:
            if label.offset is None:
                raise ValueError(f"label {label.name} is branched to but has no place")
            struct.pack_into("<I", self._code, at, label.offset)
        return bytes(self._code)
