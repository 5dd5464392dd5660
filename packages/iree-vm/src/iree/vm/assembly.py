"""The text assembler; `iree.vm.disassembler` prints what it reads.

One statement a line; ``;`` starts a comment. ``%n`` is a value register, ``$n`` a reference register; ``@name`` or
``@index`` refers to a function, global, import or segment::

    import @hal.fence.signal r:
    global @count i64 mutable = 0
    rodata @key align 64 "a2V5"              ; base64
    func @sum I:I values(i64, i64, i64, i32, i64) refs 0 {
      const.i64 %4, 1
      br ^loop(%1 = %4)
    ^loop:
      loc "model.py:3"
      cmp.lt_s.i64 %3, %1, %0
      cond_br %3, ^body, ^end
    ^body:
      add.i64 %2, %2, %1
      add.i64 %1, %1, %4
      br ^loop
    ^end:
      return %2
    }
    export @sum = @sum plain
    initializer @init
    manifest {"functions": []}

Calls are ``call @f(%0, $1) -> (%2)`` and, with the repeat counts of variadic groups,
``call.import @hal.fence.join[2]($0, $1) -> ($2)``; a switch is ``switch %0, ^default, [^case0, ^case1]``.
"""

from __future__ import annotations

import base64
import json
import re
import struct
from collections.abc import Iterator, Sequence

from iree.vm.assembler import Assembler, Branch, Label, Operands
from iree.vm.errors import Error
from iree.vm.isa import BY_NAME, Op
from iree.vm.module_writer import ModuleBuilder

_TOKEN = re.compile(r'\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<mark>->|[()\[\],={}])|(?P<word>[^\s()\[\],={};"]+))')
_SPACE_OR_COMMENT = re.compile(r"\s*(;.*)?$")


class AssemblyError(Error, ValueError):
    """Malformed assembly; the message starts with the line number."""


class _Line:
    """The tokens of one line."""

    def __init__(self, text: str, number: int) -> None:
        self.text, self.line_number = text, number
        self.tokens: list[str] = []
        at = 0
        while not _SPACE_OR_COMMENT.match(text, at):
            match = _TOKEN.match(text, at)
            if not match:
                raise self.error(f"cannot read {text[at:].strip()!r}")
            self.tokens.append(match.group().strip())
            at = match.end()
        self.at = 0

    def error(self, message: str) -> AssemblyError:
        return AssemblyError(f"line {self.line_number}: {message}")

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, expected: str | None = None) -> str:
        token = self.peek()
        if not token or (expected is not None and token != expected):
            raise self.error(f"expected {expected or 'more'}, found {token or 'the end of the line'}")
        self.at += 1
        return token

    def accept(self, token: str) -> bool:
        if self.peek() != token:
            return False
        self.at += 1
        return True

    def done(self) -> None:
        if self.peek():
            raise self.error(f"unexpected {self.peek()}")

    def integer(self) -> int:
        token = self.take()
        try:
            return int(token, 0)
        except ValueError:
            raise self.error(f"expected a number, found {token}") from None

    def string(self) -> str:
        token = self.take()
        if not token.startswith('"'):
            raise self.error(f"expected a string, found {token}")
        text: str = json.loads(token)
        return text

    def symbol(self) -> str:
        token = self.take()
        if token == "@" and self.peek().startswith('"'):
            return self.string()
        if not token.startswith("@"):
            raise self.error(f"expected @name, found {token}")
        return token[1:]

    def register(self, sigil: str) -> int:
        token = self.take()
        if token[0] != sigil or not token[1:].isdigit():
            raise self.error(f"expected {sigil}n, found {token}")
        return int(token[1:])

    def number(self, type_: str) -> float:
        token = self.take()
        try:
            if type_[0] == "i":
                return int(token, 0)
            if token.startswith("0x"):
                raw = int(token, 16).to_bytes(int(type_[1:]) // 8, "little")
                value: float = struct.unpack("<f" if type_ == "f32" else "<d", raw)[0]
                return value
            return float(token)
        except (ValueError, OverflowError):
            raise self.error(f"{token} is no {type_}") from None


_Operand = float | Branch | Operands | list[Branch] | list[int]


class _Parser:
    def __init__(self, text: str) -> None:
        self.lines = [line for n, t in enumerate(text.splitlines(), 1) if (line := self._line(t, n)).tokens]
        self.builder = ModuleBuilder()
        self.tables: dict[str, dict[str, int]] = {"@f": {}, "@g": {}, "@i": {}, "@d": {}}
        self.signatures: list[str] = []

    @staticmethod
    def _line(text: str, number: int) -> _Line:
        if text.startswith("manifest "):
            line = _Line("", number)
            line.tokens, line.text = ["manifest"], text
            return line
        return _Line(text, number)

    def run(self) -> ModuleBuilder:
        for line in self.lines:  # functions may be used before they stand
            if line.tokens[0] == "func":
                line.take()
                name, signature = line.symbol(), line.take()
                self._define("@f", name, self.builder.declare_function(name, signature))
        at = functions = 0
        while at < len(self.lines):
            line = self.lines[at]
            line.at = 0
            statement = line.take()
            at += 1
            if statement == "func":
                end = at
                while end < len(self.lines) and self.lines[end].tokens[0] != "}":
                    end += 1
                if end == len(self.lines):
                    raise line.error("the function does not end")
                self._function(functions, line, self.lines[at:end])
                functions += 1
                at = end + 1
            else:
                handler = getattr(self, f"_{statement}", None)
                if statement not in ("import", "global", "rodata", "export", "initializer", "manifest"):
                    raise line.error(f"unknown statement {statement}")
                assert handler is not None
                handler(line)
                line.done()
        return self.builder

    def _define(self, kind: str, name: str, index: int) -> None:
        self.tables[kind].setdefault(name, index)

    def _resolve(self, line: _Line, kind: str) -> int:
        name = line.symbol()
        if name.isdigit():
            return int(name)
        if name not in self.tables[kind]:
            raise line.error(f"@{name} is not defined")
        return self.tables[kind][name]

    def _import(self, line: _Line) -> None:
        name, signature = line.symbol(), line.take()
        while line.peek() and line.peek() != "optional":  # brackets are tokens of their own
            signature += line.take()
        self._define("@i", name, self.builder.add_import(name, signature, optional=line.accept("optional")))

    def _global(self, line: _Line) -> None:
        name, type_ = line.symbol(), line.take()
        mutable = line.accept("mutable")
        if type_ in ("i32", "i64", "f32", "f64"):
            initial = line.number(type_) if line.accept("=") else 0
            index = self.builder.add_global(type_, mutable=mutable, initial=initial, name=name)
        else:
            ref_type = None if type_ == "ref" else type_
            index = self.builder.add_global("ref", mutable=mutable, name=name, ref_type=ref_type)
        self._define("@g", name, index)

    def _rodata(self, line: _Line) -> None:
        name = line.symbol() if line.peek().startswith("@") else None
        line.take("align")
        align, data = line.integer(), base64.b64decode(line.string())
        index = self.builder.add_rodata(data, name=name, align=align)
        if name is not None:
            self._define("@d", name, index)

    def _export(self, line: _Line) -> None:
        name = line.symbol()
        line.take("=")
        self.builder.add_export(name, self._resolve(line, "@f"), convention=line.take())

    def _initializer(self, line: _Line) -> None:
        self.builder.set_initializer(self._resolve(line, "@f"))

    def _manifest(self, line: _Line) -> None:
        self.builder.set_manifest(json.loads(line.text.partition(" ")[2]))

    def _function(self, index: int, line: _Line, body: Sequence[_Line]) -> None:
        line.symbol()
        line.take()  # the signature; both are known already
        line.take("values")
        line.take("(")
        values = []
        while not line.accept(")"):
            values.append(line.take())
            line.accept(",")
        line.take("refs")
        refs = line.integer()
        line.take("{")
        line.done()
        asm = Assembler()
        labels: dict[str, Label] = {}
        for statement in body:
            statement.at = 0
            self._statement(statement, asm, labels)
            statement.done()
        try:
            self.builder.define_function(index, asm, values=values, refs=refs)
        except ValueError as error:
            raise line.error(str(error)) from error

    def _statement(self, line: _Line, asm: Assembler, labels: dict[str, Label]) -> None:
        first = line.take()
        if first.startswith("^") and first.endswith(":"):
            asm.place(labels.setdefault(first[:-1], Label(first[:-1])))
        elif first == "loc":
            asm.location(line.string())
        elif first in BY_NAME:
            op = BY_NAME[first]
            operands = [*self._operands(line, op, labels)]
            try:
                asm.emit(first, *operands)
            except (TypeError, ValueError) as error:
                raise line.error(str(error)) from error
        else:
            raise line.error(f"unknown instruction {first}")

    def _operands(self, line: _Line, op: Op, labels: dict[str, Label]) -> Iterator[_Operand]:
        for i, code in enumerate(op.fields):
            if i and code not in ("()", "$"):
                line.take(",")
            if code == "()":
                yield self._call(line)
            elif code == "$":
                registers = []
                while line.peek():
                    registers.append(line.register(line.peek()[0]))
                    line.accept(",")
                yield registers
            elif code == ">":
                yield self._branch(line, labels)
            elif code == ">*":
                branches = []
                line.take("[")
                while not line.accept("]"):
                    branches.append(self._branch(line, labels))
                    line.accept(",")
                yield branches
            elif code == "@s":
                yield self.builder.add_string(line.string())
            elif code[0] == "@":
                yield self._resolve(line, code)
            elif code[0] == "#":
                yield line.number(op.name.rpartition(".")[2])
            else:
                yield line.register("$" if code == "r" else "%")

    def _branch(self, line: _Line, labels: dict[str, Label]) -> Branch:
        name = line.take()
        if not name.startswith("^"):
            raise line.error(f"expected ^label, found {name}")
        moves: dict[str, list[tuple[int, int]]] = {"%": [], "$": []}
        if line.accept("("):
            while not line.accept(")"):
                sigil = line.peek()[:1]
                if sigil not in moves:
                    raise line.error(f"expected a register, found {line.peek()}")
                to = line.register(sigil)
                line.take("=")
                moves[sigil].append((line.register(sigil), to))
                line.accept(",")
        return Branch(labels.setdefault(name, Label(name)), moves["%"], moves["$"])

    def _call(self, line: _Line) -> Operands:
        groups = []
        if line.accept("["):
            while not line.accept("]"):
                groups.append(line.integer())
                line.accept(",")

        def registers() -> list[int]:
            found = []
            line.take("(")
            while not line.accept(")"):
                found.append(line.register(line.peek()[:1]))
                line.accept(",")
            return found

        arguments = registers()
        return Operands(arguments, registers() if line.accept("->") else [], groups)


def parse(text: str) -> ModuleBuilder:
    """Read assembly.

    Raises:
        AssemblyError: Malformed; names the line. Types of registers are left to the verifier.
    """
    return _Parser(text).run()
