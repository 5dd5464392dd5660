"""How a dialect of ours is defined: a table of operations with what they take, give and must have.

Operations of the flow, hal and vm dialects take values of any number and mixture of types (a dispatch its tensors and
scalars, a call its arguments). IRDL, on which MLIR's Python-defined dialects rest, gives all values of a variadic group
one type and refuses other operations in a dialect that it knows; so these dialects are tables of our own. MLIR keeps
their operations in generic form; `check` verifies them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from iree.dialects.mlir import CompileError, capture_diagnostics, diagnostics_of, ir

LETTERS = {"i32": "i", "i64": "I", "f32": "f", "f64": "F"}
_INTEGERS = {32: "i", 64: "I"}


def letter(type_: Any) -> str:
    """``i``, ``I``, ``f``, ``F`` for the virtual machine's value types, ``r`` for every other type, a reference."""
    if isinstance(type_, ir.F32Type):
        return "f"
    if isinstance(type_, ir.F64Type):
        return "F"
    if isinstance(type_, ir.IntegerType) and type_.is_signless:
        return _INTEGERS.get(type_.width, "r")
    return "r"


@dataclass(frozen=True)
class Definition:
    """One operation.

    Attributes:
        name: With the dialect: ``vm.add_i32``.
        doc: What it does.
        operands: Letters of the operands, see `letter`; None for any.
        results: Likewise.
        attributes: Name and class of each attribute that it must have.
        regions: How many regions it has.
        pure: It has no effect and depends on its operands alone: it may be erased when unused, and merged.
        verify: Returns what else is wrong with an operation, or None.
    """

    name: str
    doc: str
    operands: str | None = None
    results: str | None = None
    attributes: tuple[tuple[str, Any], ...] = ()
    regions: int = 0
    pure: bool = False
    verify: Callable[[Any], str | None] = lambda op: None

    def problem(self, op: Any) -> str | None:
        """What is wrong with `op`, or None."""
        for kind, expected, values in (("operands", self.operands, op.operands), ("results", self.results, op.results)):
            if expected is not None:
                given = "".join(letter(value.type) for value in values)
                if given != expected:
                    return f"has {kind} of types ({given}), not ({expected})"
        for name, cls in self.attributes:
            if name not in op.attributes or not isinstance(op.attributes[name], cls):
                return f"needs an attribute '{name}' ({cls.__name__})"
        if len(op.regions) != self.regions:
            return f"has {len(op.regions)} regions, not {self.regions}"
        return self.verify(op)


def table(definitions: Iterable[Definition]) -> dict[str, Definition]:
    """The definitions by name.

    Raises:
        ValueError: Two have one name.
    """
    found: dict[str, Definition] = {}
    for definition in definitions:
        if definition.name in found:
            raise ValueError(f"{definition.name} is defined twice")
        found[definition.name] = definition
    return found


def check(module: Any, definitions: dict[str, Definition]) -> None:
    """Verifies a module: what MLIR checks, the given operations, and that every operation is known.

    Raises:
        CompileError: Names the first operation that is wrong and says why.
    """
    operation = module.operation
    context = operation.context
    registered: dict[str, bool] = {}
    wrong: list[CompileError] = []

    def visit(op: Any) -> Any:
        name = op.name
        known = registered.get(name)
        if known is None:
            known = registered[name] = context.is_registered_operation(name)
        if known:
            return ir.WalkResult.ADVANCE
        definition = definitions.get(name)
        problem = definition.problem(op) if definition else "is not a known operation"
        if problem is None:
            return ir.WalkResult.ADVANCE
        wrong.append(CompileError(f"'{name}' {problem}", op))
        return ir.WalkResult.INTERRUPT

    with context, capture_diagnostics(context) as captured:
        operation.walk(visit)
        if wrong:
            raise wrong[0]
        try:
            operation.verify()
        except ir.MLIRError as error:
            raise CompileError("the module is not valid", None, captured.errors or diagnostics_of(error)) from None


def documentation(title: str, definitions: Iterable[Definition]) -> str:
    """The reference page of a dialect in Markdown."""
    lines = [f"# {title}", ""]
    for d in definitions:
        lines += [f"## `{d.name}`", "", d.doc, ""]
        for kind, letters in (("Operands", d.operands), ("Results", d.results)):
            if letters:
                lines.append(f"- {kind}: `{letters}`")
        lines += [f"- `{name}`: {cls.__name__}" for name, cls in d.attributes]
        if d.regions:
            lines.append(f"- Regions: {d.regions}")
        if d.pure:
            lines.append("- Pure")
        lines.append("")
    return "\n".join(lines)
