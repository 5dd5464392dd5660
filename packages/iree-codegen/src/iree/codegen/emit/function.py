"""The bytecode of one `vm.func`: its blocks in SSA form to instructions on registers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from iree.codegen.emit.registers import REF, Block, Edge, Step, allocate, moves
from iree.dialects.mlir import CompileError, ir, location_text
from iree.vm.assembler import Assembler, Branch, Operand, Operands
from iree.vm.isa import OPS, VALUE_TYPES, Op

INSTRUCTIONS: dict[str, Op] = {"vm." + op.name.replace(".", "_"): op for op in OPS}
"""Instruction of each operation of the vm dialect."""

Resolve = Callable[[str, Any], int]
"""Takes a field code such as ``@g`` and the operation; gives the index that the field holds."""


def type_letter(type_: Any) -> str:
    """Letter of a type in signatures: every type that is no value type is a reference."""
    return VALUE_TYPES.get(str(type_), REF)


def signature(function: Any) -> str:
    """The signature of a `vm.func` in letters, ``arguments:results``."""
    type_ = ir.FunctionType(ir.TypeAttr(function.attributes["function_type"]).value)
    return "".join(map(type_letter, type_.inputs)) + ":" + "".join(map(type_letter, type_.results))


class FunctionEmitter:
    """Encodes one function.

    Args:
        function: The `vm.func`.
        resolve: Gives indices of globals, segments, strings, functions and imports.
    """

    def __init__(self, function: Any, resolve: Resolve) -> None:
        self._resolve = resolve
        self._ids: dict[Any, int] = {}
        self._types: list[str] = []
        self._letters: dict[Any, str] = {}
        self._mlir_blocks = list(function.regions[0].blocks)
        self._block_numbers = {block: i for i, block in enumerate(self._mlir_blocks)}
        self._operations = [[op.operation for op in block.operations] for block in self._mlir_blocks]
        for block, operations in zip(self._mlir_blocks, self._operations, strict=True):
            for value in block.arguments:
                self._number(value)
            for operation in operations:
                for value in operation.results:
                    self._number(value)
        self._blocks = [self._block(b, ops) for b, ops in zip(self._mlir_blocks, self._operations, strict=True)]
        self.allocation = allocate(self._types, self._blocks)

    def emit(self) -> Assembler:
        """Returns the assembler with the whole body."""
        assembler = Assembler()
        labels = [assembler.label() for _ in self._blocks]
        for number, operations in enumerate(self._operations):
            if number and not self._reached(number):
                continue
            assembler.place(labels[number])
            for operation in operations:
                where = location_text(operation.location)
                assembler.location("" if where == "unknown" else where)
                edges = self._blocks[number].edges if operation is operations[-1] else []
                branches = [
                    Branch(labels[e.block], *moves(self.allocation, self._types, self._blocks, e)) for e in edges
                ]
                self._instruction(assembler, operation, branches)
        return assembler

    @property
    def values(self) -> tuple[str, ...]:
        """Types of the registers of the value bank."""
        names = {letter: name for name, letter in VALUE_TYPES.items()}
        return tuple(names[letter] for letter in self.allocation.value_types)

    def _number(self, value: Any) -> None:
        type_ = value.type
        if type_ not in self._letters:
            self._letters[type_] = type_letter(type_)
        self._ids[value] = len(self._types)
        self._types.append(self._letters[type_])

    def _block(self, block: Any, operations: Sequence[Any]) -> Block:
        result = Block([self._ids[value] for value in block.arguments])
        for operation in operations:
            operands = [self._ids[value] for value in operation.operands]
            if len(operation.successors):
                counts = _target_operands(operation, len(operands))
                uses = len(operands) - sum(counts)
                start = uses
                for successor, count in zip(operation.successors, counts, strict=True):
                    result.edges.append(Edge(self._block_numbers[successor], operands[start : start + count]))
                    start += count
                operands = operands[:uses]
            result.steps.append(Step([self._ids[value] for value in operation.results], operands))
        return result

    def _reached(self, number: int) -> bool:
        block = self._blocks[number]
        defined = [*block.parameters, *(v for step in block.steps for v in step.defines)]
        if defined:
            return self.allocation.register[defined[0]] >= 0
        return any(e.block == number for i, b in enumerate(self._blocks) if i != number for e in b.edges)

    def _instruction(self, assembler: Assembler, operation: Any, branches: list[Branch]) -> None:
        op = INSTRUCTIONS.get(operation.name)
        if op is None:
            raise CompileError(f"'{operation.name}' is not an instruction of the VM", operation)
        register = self.allocation.register
        results = [register[self._ids[value]] for value in operation.results]
        operands = [register[self._ids[value]] for value in operation.operands]
        fields: list[Operand] = []
        pending = iter(branches)
        inputs = iter(operands)
        outputs = iter(results)
        for position, code in enumerate(op.fields):
            if code in "iIfFr":
                fields.append(next(outputs if position < op.results else inputs))
            elif code[0] == "#":
                fields.append(operation.attributes["value"].value)
            elif code[0] == "@":
                fields.append(self._resolve(code, operation))
            elif code == ">":
                fields.append(next(pending))
            elif code == ">*":
                fields.append(list(pending))
            elif code == "()":
                groups = (
                    ir.DenseI32ArrayAttr(operation.attributes["groups"]) if "groups" in operation.attributes else ()
                )
                fields.append(Operands(operands, results, list(groups)))
            else:
                fields.append(operands)
        assembler.emit(op.name, *fields)


def _target_operands(operation: Any, operands: int) -> list[int]:
    if "target_operands" in operation.attributes:
        return list(ir.DenseI32ArrayAttr(operation.attributes["target_operands"]))
    return [operands]
