"""A slow interpreter in plain Python: what the instructions mean, to test native code against.

It runs internal functions, globals, lists and read-only data. Imports are Python callables that the caller gives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from iree.vm.arithmetic import OUT_OF_RANGE, TABLE, decode, encode
from iree.vm.assembler import Operands
from iree.vm.errors import DeadlineError, InvalidArgumentError, ResourceError, Trap
from iree.vm.isa import VALUE_TYPES
from iree.vm.module_reader import Instruction, ParsedModule, Target

Import = Callable[[Sequence[int], Sequence[Any]], Sequence[Any]]
"""(repeat counts of the groups, arguments) -> results, values as raw bits."""

FAILED_PRECONDITION, UNIMPLEMENTED, MAX_CODE = 9, 12, 16


class ListObject:
    """A list; each slot is None or (type, raw bits or object)."""

    def __init__(self) -> None:
        self.slots: list[tuple[str, Any] | None] = []


class Reference:
    """A module with globals of its own.

    Args:
        module: As read by `iree.vm.module_reader`.
        imports: By name; what is missing traps when called.
        depth: Calls within calls.
        steps: Instructions before it gives up with `DeadlineError`.
    """

    def __init__(
        self, module: ParsedModule, imports: Mapping[str, Import] | None = None, *, depth: int = 100, steps: int = 10**6
    ) -> None:
        self.module = module
        self._imports = imports or {}
        self._depth, self._steps = depth, steps
        self._code = [{i.offset: i for i in module.instructions(f)} for f in range(len(module.functions))]
        self.globals: list[Any] = [None if g.type == "ref" else g.initial for g in module.globals]
        if module.initializer is not None:
            self._run(module.initializer, [], 0)

    def call(self, export: str, *arguments: Any) -> list[Any]:
        """Call a plain export with numbers and objects; returns its results likewise."""
        function = next(f for name, f, _ in self.module.exports if name == export)
        letters, _, results = self.module.functions[function].signature.partition(":")
        types = {letter: name for name, letter in VALUE_TYPES.items()}
        raw = [a if c == "r" else encode(types[c], a) for c, a in zip(letters, arguments, strict=True)]
        out = self._run(function, raw, 0)
        return [r if c == "r" else decode(types[c], r) for c, r in zip(results, out, strict=True)]

    def _run(self, function: int, arguments: Sequence[Any], depth: int) -> Sequence[Any]:
        if depth >= self._depth:
            raise ResourceError("stack bound reached", code=8)
        return _Frame(self, function, depth).run(arguments)


class _Frame:
    def __init__(self, machine: Reference, function: int, depth: int) -> None:
        self.machine, self.depth = machine, depth
        self.module = machine.module
        self.code = machine._code[function]
        f = self.module.functions[function]
        self.signature = f.signature
        self.offsets = [*self.code, len(f.words)]
        self.next = dict(zip(self.offsets, self.offsets[1:], strict=False))
        self.v = [0] * len(f.values)
        self.r: list[Any] = [None] * f.refs

    def run(self, arguments: Sequence[Any]) -> Sequence[Any]:
        values = refs = 0
        for letter, argument in zip(self.signature.partition(":")[0], arguments, strict=True):
            if letter == "r":
                self.r[refs] = argument
                refs += 1
            else:
                self.v[values] = argument
                values += 1
        at = 0
        while True:
            self.machine._steps -= 1
            if self.machine._steps < 0:
                raise DeadlineError("too many steps", code=4)
            instruction = self.code[at]
            name = instruction.op.name
            if name == "return":
                letters = self.signature.partition(":")[2]
                return self._get(letters, instruction.operands[0])
            target = self._branch(name, instruction)
            if target is None:
                self._step(name, instruction)
                at = self.next[at]
            else:
                at = self._take(target)

    def _get(self, letters: str, registers: Any) -> list[Any]:
        return [self.r[n] if c == "r" else self.v[n] for c, n in zip(letters, registers, strict=True)]

    def _put(self, letters: str, registers: Sequence[int], values: Sequence[Any]) -> None:
        for letter, register, value in zip(letters, registers, values, strict=True):
            (self.r if letter == "r" else self.v)[register] = value

    def _take(self, target: Target) -> int:
        values = [self.v[source] for source, _ in target.values]
        refs = [self.r[source] for source, _ in target.refs]
        for (_, to), value in zip(target.values, values, strict=True):
            self.v[to] = value
        for (_, to), ref in zip(target.refs, refs, strict=True):
            self.r[to] = ref
        return target.offset

    def _branch(self, name: str, instruction: Instruction) -> Target | None:
        o: Any = instruction.operands
        if name == "br":
            return o[0]  # type: ignore[no-any-return]
        if name == "cond_br":
            return o[1] if self.v[o[0]] else o[2]  # type: ignore[no-any-return]
        if name == "switch":
            selected = self.v[o[0]]
            return o[2][selected] if selected < len(o[2]) else o[1]  # type: ignore[no-any-return]
        return None

    def _step(self, name: str, instruction: Instruction) -> None:
        o: Any = instruction.operands
        v, r, m = self.v, self.r, self.machine
        family, _, suffix = name.rpartition(".")
        if name in TABLE:
            v[o[0]] = TABLE[name](*(v[n] for n in o[1:]))
        elif family == "const":
            v[o[0]] = o[1]
        elif family == "mov":
            v[o[0]] = v[o[1]]
        elif family == "select":
            v[o[0]] = v[o[2] if v[o[1]] else o[3]]
        elif family == "global.load":
            (r if suffix == "ref" else v)[o[0]] = m.globals[o[1]]
        elif family == "global.store":
            self._store_global(o[0], r[o[1]] if suffix == "ref" else v[o[1]])
        elif name.startswith("list."):
            self._list(family, suffix, o)
        elif name.startswith("ref."):
            self._ref(suffix, o)
        else:
            self._control(name, o)

    def _store_global(self, index: int, value: Any) -> None:
        expected = self.module.globals[index].ref_type
        if expected is not None and value is not None:
            given = "vm.list" if isinstance(value, ListObject) else "vm.buffer"
            if given != expected:
                raise InvalidArgumentError(f"global of type {expected} cannot hold a {given}", code=3)
        self.machine.globals[index] = value

    def _ref(self, kind: str, o: Any) -> None:
        v, r = self.v, self.r
        if kind == "null":
            r[o[0]] = None
        elif kind == "copy":
            r[o[0]] = r[o[1]]
        elif kind == "move":
            moved, r[o[1]] = r[o[1]], None
            r[o[0]] = moved
        elif kind == "select":
            r[o[0]] = r[o[2] if v[o[1]] else o[3]]
        elif kind == "eq":
            v[o[0]] = int(r[o[1]] is r[o[2]])
        else:
            v[o[0]] = int(r[o[1]] is None)

    def _control(self, name: str, o: Any) -> None:
        m = self.machine
        if name == "call":
            letters, _, results = self.module.functions[o[0]].signature.partition(":")
            out = m._run(o[0], self._get(letters, o[1].arguments), self.depth + 1)
            self._put(results, o[1].results, out)
        elif name == "call.import":
            self._call_import(o[0], o[1])
        elif name == "import.resolved":
            self.v[o[0]] = int(self.module.imports[o[1]][0] in m._imports)
        elif name == "assert":
            if not self.v[o[0]]:
                raise Trap(self.module.strings[o[1]], code=FAILED_PRECONDITION)
        elif name == "fail":
            code = self.v[o[0]]
            raise Trap(self.module.strings[o[1]], code=code if 0 < code <= MAX_CODE else 2)
        elif name == "rodata":
            self.r[o[0]] = self.module.rodata[o[1]]
        elif name != "yield":
            raise NotImplementedError(name)

    def _call_import(self, index: int, operands: Operands) -> None:
        name, signature, _ = self.module.imports[index]
        if name not in self.machine._imports:
            raise Trap(f"optional import {name} is absent", code=UNIMPLEMENTED)
        letters, _, results = signature.partition(":")
        counts = iter(operands.groups)
        while "[" in letters:
            before, _, rest = letters.partition("[")
            group, _, after = rest.partition("]")
            letters = before + group * next(counts) + after
        out = self.machine._imports[name](operands.groups, self._get(letters, operands.arguments))
        self._put(results, operands.results, out)

    def _list(self, family: str, suffix: str, o: Any) -> None:
        v, r = self.v, self.r
        if suffix == "create":
            r[o[0]] = ListObject()
            return
        reads = family == "list.get" or suffix == "size"
        target = r[o[1] if reads else o[0]]
        if not isinstance(target, ListObject):
            raise InvalidArgumentError("expected a vm.list", code=3)
        if suffix == "size":
            v[o[0]] = len(target.slots)
        elif suffix == "resize":
            size = v[o[1]]
            target.slots[size:] = [None] * max(size - len(target.slots), 0)
        else:
            index = v[o[2] if reads else o[1]]
            if index >= len(target.slots):
                raise Trap("list index is out of bounds", code=OUT_OF_RANGE)
            if reads:
                self._list_get(target, index, suffix, o[0])
            else:
                value = r[o[2]] if suffix == "ref" else v[o[2]]
                target.slots[index] = None if value is None else (suffix, value)

    def _list_get(self, target: ListObject, index: int, type_: str, register: int) -> None:
        slot = target.slots[index]
        if type_ == "ref" and slot is None:
            self.r[register] = None
        elif slot is None or slot[0] != type_:
            raise InvalidArgumentError("list slot is of another type", code=3)
        else:
            (self.r if type_ == "ref" else self.v)[register] = slot[1]
