"""The dialects and the runtime are two sides of one contract: the instruction set, the imports, the reference types."""

from __future__ import annotations

from iree.codegen.emit.function import INSTRUCTIONS
from iree.dialects import hal, vm
from iree.vm.imports import HAL
from iree.vm.isa import OPS, Op

LETTERS = "iIfFr"
OWN_FORM = {"br", "cond_br", "switch", "return", "call", "call.import"}
"""Instructions with a number of operands that differs."""


def _letters(op: Op) -> tuple[str, str]:
    """Letters of the operands and the results of an instruction."""
    results, operands = op.fields[: op.results], op.fields[op.results :]
    return "".join(f for f in operands if f in LETTERS), "".join(f for f in results if f in LETTERS)


def test_the_vm_dialect_is_the_instruction_set() -> None:
    assert {op.name for op in OPS} == vm.INSTRUCTIONS
    assert len(INSTRUCTIONS) == len(OPS)
    for op in OPS:
        name = vm.operation_name(op.name)
        assert INSTRUCTIONS[name] is op
        definition = vm.DEFINITIONS[name]
        if op.name not in OWN_FORM:
            assert (definition.operands, definition.results) == _letters(op), op.name


def test_the_hal_dialect_is_the_import_table() -> None:
    assert {name: signature for name, (signature, _) in HAL.items()} == hal.IMPORTS
