"""The disassembler: modules as the text that `iree.vm.assembly` reads."""

from __future__ import annotations

import base64
import json
import math
import re
import struct
from collections import Counter
from collections.abc import Iterator, Sequence

from iree.vm.assembler import Operands
from iree.vm.isa import BY_NAME, Op
from iree.vm.module_reader import Instruction, Operand, ParsedModule, Target

_NAME = re.compile(r"[A-Za-z_][\w.$/-]*")


class _Names:
    """References by name where that is unambiguous, else by index."""

    def __init__(self, names: Sequence[str | None]) -> None:
        counts = Counter(n for n in names if n is not None and _NAME.fullmatch(n))
        self._shown = [f"@{n}" if n is not None and counts[n] == 1 else f"@{i}" for i, n in enumerate(names)]

    def __getitem__(self, index: int) -> str:
        return self._shown[index]


def _immediate(op: Op, bits: int) -> str:
    kind = op.name.rpartition(".")[2]
    size = int(kind[1:])
    if kind[0] == "i":
        return str(bits - (1 << size) if bits >> (size - 1) else bits)
    raw = bits.to_bytes(size // 8, "little")
    value = struct.unpack("<f" if size == 32 else "<d", raw)[0]
    return hex(bits) if math.isnan(value) else repr(value)


class _Printer:
    def __init__(self, module: ParsedModule) -> None:
        self.module = module
        self.names = {
            "@f": _Names([f.name for f in module.functions]),
            "@g": _Names([g.name for g in module.globals]),
            "@i": _Names([name for name, _, _ in module.imports]),
            "@d": _Names([r.name for r in module.rodata]),
        }

    def header(self, with_data: bool) -> Iterator[str]:
        m = self.module
        for name, signature, optional in m.imports:
            yield f"import @{name} {signature}{' optional' if optional else ''}"
        for g in m.globals:
            type_ = g.ref_type or g.type
            initial = "" if g.type == "ref" else f" = {_immediate(BY_NAME[f'const.{g.type}'], g.initial)}"
            yield f"global {_symbol(g.name)} {type_}{' mutable' if g.mutable else ''}{initial}"
        for r in m.rodata:
            name = f"{_symbol(r.name)} " if r.name is not None else ""
            content = json.dumps(base64.b64encode(r.data).decode()) if with_data else f"; {len(r.data)} bytes"
            yield f"rodata {name}align {r.align} {content}"

    def trailer(self) -> Iterator[str]:
        m = self.module
        for name, function, convention in m.exports:
            yield f"export {_symbol(name)} = {self.names['@f'][function]} {convention}"
        if m.initializer is not None:
            yield f"initializer {self.names['@f'][m.initializer]}"
        if m.manifest:
            yield f"manifest {m.manifest.decode()}"

    def function(self, index: int) -> Iterator[str]:
        f = self.module.functions[index]
        yield f"func {_symbol(f.name)} {f.signature} values({', '.join(f.values)}) refs {f.refs} {{"
        code = list(self.module.instructions(index))
        targets = {t.offset for i in code for o in i.operands for t in _targets(o)}
        labels = {offset: f"^b{n}" for n, offset in enumerate(sorted(targets))}
        locations = dict(f.locations)
        for instruction in code:
            if instruction.offset in labels:
                yield f"{labels[instruction.offset]}:"
            if instruction.offset in locations:
                yield f"  loc {json.dumps(locations[instruction.offset], ensure_ascii=False)}"
            yield f"  {self._instruction(instruction, f.signature, labels)}"
        yield "}"

    def _instruction(self, instruction: Instruction, signature: str, labels: dict[int, str]) -> str:
        parts: list[str] = []
        call = ""
        for code, operand in zip(instruction.op.fields, instruction.operands, strict=True):
            if isinstance(operand, Operands):
                call = self._call(instruction, operand)
                parts.pop()
            elif isinstance(operand, Target):
                parts.append(_target(operand, labels))
            elif code == ">*":
                assert isinstance(operand, tuple)
                parts.append("[" + ", ".join(_target(t, labels) for t in operand if isinstance(t, Target)) + "]")
            elif code == "$":
                assert isinstance(operand, tuple)
                letters = signature.partition(":")[2]
                parts += [_register(c, r) for c, r in zip(letters, operand, strict=True) if isinstance(r, int)]
            else:
                assert isinstance(operand, int)
                parts.append(self._scalar(instruction.op, code, operand))
        return f"{instruction.op.name} {call}{', '.join(parts)}".rstrip()

    def _scalar(self, op: Op, code: str, operand: int) -> str:
        if code == "@s":
            return json.dumps(self.module.strings[operand], ensure_ascii=False)
        if code[0] == "@":
            return self.names[code][operand]
        return _immediate(op, operand) if code[0] == "#" else _register(code, operand)

    def _call(self, instruction: Instruction, operands: Operands) -> str:
        callee = instruction.operands[0]
        assert isinstance(callee, int)
        if instruction.op.name == "call":
            name = self.names["@f"][callee]
            arguments, _, results = self.module.functions[callee].signature.partition(":")
        else:
            name = self.names["@i"][callee]
            arguments, results = _expand(self.module.imports[callee][1], operands.groups)
        text = name + (str(list(operands.groups)) if operands.groups else "")
        text += "(" + ", ".join(map(_register, arguments, operands.arguments)) + ")"
        if results:
            text += " -> (" + ", ".join(map(_register, results, operands.results)) + ")"
        return text


def _expand(signature: str, groups: Sequence[int]) -> tuple[str, str]:
    """The letters of the arguments of one call of an import, and of the results."""
    arguments, _, results = signature.partition(":")
    counts = iter(groups)
    return re.sub(r"\[(\w+)\]", lambda m: m[1] * next(counts), arguments), results


def _symbol(name: str) -> str:
    return f"@{name}" if _NAME.fullmatch(name) else f"@{json.dumps(name, ensure_ascii=False)}"


def _register(code: str, number: int) -> str:
    return f"{'$' if code == 'r' else '%'}{number}"


def _targets(operand: Operand) -> Iterator[Target]:
    if isinstance(operand, Target):
        yield operand
    elif isinstance(operand, tuple):
        yield from (t for t in operand if isinstance(t, Target))


def _target(target: Target, labels: dict[int, str]) -> str:
    moves = [f"%{to} = %{source}" for source, to in target.values]
    moves += [f"${to} = ${source}" for source, to in target.refs]
    return labels[target.offset] + (f"({', '.join(moves)})" if moves else "")


def print_function(module: ParsedModule, index: int) -> str:
    """Return one function as text."""
    return "\n".join(_Printer(module).function(index)) + "\n"


def print_module(module: ParsedModule, *, with_data: bool = True) -> str:
    """Return a module as text, which `parse` reads if it is `with_data`."""
    printer = _Printer(module)
    lines = [*printer.header(with_data)]
    for index in range(len(module.functions)):
        lines += ["", *printer.function(index)]
    return "\n".join([*lines, "", *printer.trailer()]) + "\n"
