"""Random modules that end: every path through them spends fuel."""

from __future__ import annotations

import random
import struct

from iree.vm.arithmetic import TABLE
from iree.vm.assembler import Assembler, Branch, Operands
from iree.vm.isa import BY_NAME, VALUE_TYPES, Op
from iree.vm.module_writer import TYPE_LETTERS, ModuleBuilder

TYPES = tuple(VALUE_TYPES)
INTEGERS = {
    bits: [0, 1, 2, 3, 5, 31, 32, 63, 64, 100, (1 << bits) - 1, (1 << bits) - 2, 1 << (bits - 1), (1 << (bits - 1)) - 1]
    for bits in (32, 64)
}
FLOATS = [0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 1.5, 2.5, -2.5, 3.75, 1e-8, -1e8, 2147483648.0, -2147483649.0, 4294967296.0,
          9.3e18, 1.9e19, 1e-40, 3e38, 1e300, float("inf"), float("-inf"), float("nan")]  # fmt: skip
# The sign and payload of a NaN that arithmetic makes are the machine's.
UNSPECIFIED = {"bitcast.f32.i32", "bitcast.f64.i64"}
REF_OPS = (
    "ref.null",
    "ref.copy",
    "ref.move",
    "ref.select",
    "ref.eq",
    "ref.is_null",
    "rodata",
    "global.load.ref",
    "global.store.ref",
    "yield",
)
ARITHMETIC = [BY_NAME[name] for name in TABLE if name not in UNSPECIFIED]


def special_bits(rng: random.Random, type_: str) -> int:
    """Raw bits that are likely to make trouble."""
    bits = int(type_[1:])
    if type_[0] == "i":
        return rng.choice(INTEGERS[bits]) if rng.random() < 0.8 else rng.getrandbits(bits)
    value = rng.choice(FLOATS) if rng.random() < 0.8 else rng.uniform(-100, 100)
    try:
        raw = struct.pack("<f" if bits == 32 else "<d", value)
    except OverflowError:
        raw = struct.pack("<f", float("inf"))
    return int.from_bytes(raw, "little")


class _FunctionMaker:
    """One function: blocks of random instructions between random branches."""

    def __init__(self, maker: ModuleMaker, index: int) -> None:
        self.maker, self.rng, self.index = maker, maker.rng, index
        self.signature = maker.signatures[index]
        arguments, self.results = self.signature.split(":")
        self.values = [TYPE_LETTERS[c] for c in arguments if c != "r"]
        self.values += [t for t in TYPES for _ in range(self.rng.randint(2, 4))]
        # Last: fuel, one and the condition that there is fuel left.
        self.fuel = len(self.values)
        self.by_type = {t: [i for i, u in enumerate(self.values) if u == t] for t in TYPES}
        self.values += ["i32", "i32", "i32"]
        self.refs = arguments.count("r") + self.rng.randint(1, 4)
        self.asm = Assembler()
        self.labels = [self.asm.label() for _ in range(self.rng.randint(1, 5))]
        self.exit = self.asm.label()

    def reg(self, code: str) -> int:
        """A random register of a kind."""
        return self.rng.randrange(self.refs) if code == "r" else self.rng.choice(self.by_type[TYPE_LETTERS[code]])

    def make(self) -> None:
        fuel, one, left = self.fuel, self.fuel + 1, self.fuel + 2
        asm, rng = self.asm, self.rng
        asm.emit("const.i32", fuel, 12)
        asm.emit("const.i32", one, 1)
        asm.emit("br", Branch(self.labels[0]))
        for number, label in enumerate(self.labels):
            asm.place(label)
            asm.location(f"f{self.index}:{number}")
            for _ in range(rng.randint(0, 8)):
                self.instruction()
            asm.emit("sub.i32", fuel, fuel, one)
            go = asm.label()
            asm.emit("cmp.lt_s.i32", left, one, fuel)
            asm.emit("cond_br", left, Branch(go), Branch(self.exit))
            asm.place(go)
            self.terminator()
        asm.place(self.exit)
        asm.emit("return", [self.reg(c) for c in self.results])
        self.maker.builder.define_function(self.index, asm, values=self.values, refs=self.refs)

    def branch(self) -> Branch:
        """A branch to a random block, with random parallel moves."""
        rng = self.rng
        values = []
        for _ in range(rng.choice((0, 0, 1, 2, 3, 5))):
            letter = rng.choice("iIfF")
            values.append((self.reg(letter), self.reg(letter)))
        refs = [(self.reg("r"), self.reg("r")) for _ in range(rng.choice((0, 0, 0, 1, 2, 3)))]
        return Branch(rng.choice(self.labels), values, refs)

    def terminator(self) -> None:
        kind = self.rng.random()
        if kind < 0.3:
            self.asm.emit("br", self.branch())
        elif kind < 0.7:
            self.asm.emit("cond_br", self.reg("i"), self.branch(), self.branch())
        elif kind < 0.9:
            cases = [self.branch() for _ in range(self.rng.randint(0, 3))]
            self.asm.emit("switch", self.reg("i"), self.branch(), cases)
        elif kind < 0.93:
            self.asm.emit("fail", self.reg("i"), self.maker.builder.add_string("failed"))
        else:
            self.asm.emit("return", [self.reg(c) for c in self.results])

    def instruction(self) -> None:
        kind = self.rng.random()
        if kind < 0.5:
            self.simple(self.rng.choice(ARITHMETIC))
        elif kind < 0.7:
            name = self.rng.choice(("const", "mov", "select", "global.load", "global.store"))
            self.simple(BY_NAME[f"{name}.{self.rng.choice(TYPES)}"])
        elif kind < 0.8:
            self.simple(BY_NAME[self.rng.choice(REF_OPS)])
        elif kind < 0.95:
            self.list_instruction()
        elif self.index + 1 < len(self.maker.signatures):
            callee = self.rng.randrange(self.index + 1, len(self.maker.signatures))
            arguments, results = self.maker.signatures[callee].split(":")
            operands = Operands([self.reg(c) for c in arguments], [self.reg(c) for c in results])
            self.asm.emit("call", callee, operands)

    def list_instruction(self) -> None:
        """Lists are made and indexed so that most instructions do not trap."""
        rng, target = self.rng, self.reg("r")
        size = self.reg("I")
        index = rng.choice([r for r in self.by_type["i64"]])
        if rng.random() < 0.4:
            self.asm.emit("const.i64", size, rng.randint(0, 4))
            self.asm.emit("list.create", target, size)
            self.asm.emit("list.resize", target, size)
        self.asm.emit("const.i64", index, rng.randint(0, 4))
        letter = rng.choice("iIfFr")
        type_ = TYPE_LETTERS[letter]
        if rng.random() < 0.6:
            self.asm.emit(f"list.set.{type_}", target, index, self.reg(letter))
        if rng.random() < 0.6:
            self.asm.emit(f"list.get.{type_}", self.reg(letter), target, index)
        self.asm.emit("list.size", size, target)

    def simple(self, op: Op) -> None:
        operands: list[int | float] = []
        type_ = op.name.rpartition(".")[2]
        for code in op.fields:
            if code[0] == "#":
                bits = special_bits(self.rng, type_)
                raw = bits.to_bytes(int(code[1:]), "little")
                operands.append(bits if type_[0] == "i" else struct.unpack("<f" if code == "#4" else "<d", raw)[0])
            elif code == "@g":
                operands.append(self.maker.global_of(type_))
            elif code == "@d":
                operands.append(self.rng.randrange(2))
            else:
                operands.append(self.reg(code))
        self.asm.emit(op.name, *operands)


class ModuleMaker:
    """A random module whose export `f` is function 0."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.builder = ModuleBuilder()
        self.builder.add_rodata(b"one", name="one")
        self.builder.add_rodata(b"", name="none")
        for type_ in (*TYPES, "ref"):
            for _ in range(2):
                self.builder.add_global(type_, mutable=True, name=f"g_{type_}")
        count = self.rng.randint(1, 4)
        self.signatures = [self._signature(first=i == 0) for i in range(count)]
        for i, signature in enumerate(self.signatures):
            self.builder.declare_function(f"f{i}", signature)
        for i in range(count):
            _FunctionMaker(self, i).make()
        self.builder.add_export("f", 0)

    def _signature(self, first: bool) -> str:
        letters = "iIfF" if first else "iIfFr"  # lists cannot be passed from outside

        def some() -> str:
            return "".join(self.rng.choice(letters) for _ in range(self.rng.randint(0, 4)))

        return f"{some()}:{some()}"

    def global_of(self, type_: str) -> int:
        """A random global of a type."""
        return 2 * (*TYPES, "ref").index(type_) + self.rng.randrange(2)

    def arguments(self) -> list[int | float]:
        """Random arguments for `f`."""
        out: list[int | float] = []
        for letter in self.signatures[0].split(":")[0]:
            type_ = TYPE_LETTERS[letter]
            bits = special_bits(self.rng, type_)
            if type_[0] == "i":
                out.append(bits - (1 << int(type_[1:])) if bits >> (int(type_[1:]) - 1) else bits)
            else:
                raw = bits.to_bytes(int(type_[1:]) // 8, "little")
                out.append(struct.unpack("<f" if type_ == "f32" else "<d", raw)[0])
        return out
