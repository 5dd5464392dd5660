"""Short host loops become straight host code, which is recorded once and replayed with each call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from iree.dialects.mlir import ir
from iree.dialects.passes import Pass
from iree.dialects.transforms.structure import body, defining, functions, walk

_DISPATCH = "flow.dispatch"


@dataclass(frozen=True)
class UnrollLoops(Pass):
    """Unrolls every `scf.while` whose trip count follows from constants.

    A loop costs the host a command buffer and its memory with each iteration, and its counter makes the constants of
    dispatches unknown.

    Attributes:
        dispatches: Loops that would become more dispatches than this stay loops.
    """

    name = "unroll-loops"
    dispatches: int = 640

    def apply(self, module: Any) -> None:
        """See the class."""
        for function in functions(module):
            for loop in reversed([op for op in walk(function) if op.name == "scf.while"]):  # inner ones first
                inside = sum(op.name == _DISPATCH for op in walk(loop))
                count = trip_count(loop, self.dispatches // max(inside, 1))
                if count is not None:
                    _unroll(loop, count)


def trip_count(loop: Any, limit: int) -> int | None:
    """How often the body of an `scf.while` runs; None if that is not known or more than `limit`."""
    before, after = (region.blocks[0] for region in loop.regions)
    state = [_constant(value) for value in loop.operands]
    for count in range(limit + 1):
        known = {a: number for a, number in zip(before.arguments, state, strict=True) if number is not None}
        condition, *passed = _run(before, known)
        if condition is None:
            return None
        if not condition:
            return count
        known = {a: number for a, number in zip(after.arguments, passed, strict=True) if number is not None}
        state = _run(after, known)
    return None


def _run(block: Any, known: dict[Any, int]) -> list[int | None]:
    """Computes the integers of a block that follow from those `known`; returns the operands of its terminator."""

    def number_of(value: Any) -> int | None:
        return known[value] if value in known else _constant(value)

    for op in body(block):
        evaluate = _EVALUATE.get(op.name)
        operands = [number_of(value) for value in op.operands] if evaluate is not None else []
        if evaluate is not None and not any(number is None for number in operands):
            known[op.results[0]] = _wrapped(evaluate(op, *operands), op.results[0].type)
    return [number_of(value) for value in body(block)[-1].operands]


def _constant(value: Any) -> int | None:
    op = defining(value)
    if op is None or op.name != "arith.constant" or not isinstance(op.attributes["value"], ir.IntegerAttr):
        return None
    return _wrapped(int(ir.IntegerAttr(op.attributes["value"]).value), value.type)


def _wrapped(number: int, type_: Any) -> int:
    bits = 64 if isinstance(type_, ir.IndexType) else type_.width
    number &= (1 << bits) - 1
    return number - (1 << bits) if bits > 1 and number >> (bits - 1) else number


def _compare(op: Any, a: int, b: int) -> int:
    predicate = int(ir.IntegerAttr(op.attributes["predicate"]).value)
    if predicate >= 6:  # unsigned
        a, b = a & 0xFFFFFFFFFFFFFFFF, b & 0xFFFFFFFFFFFFFFFF
        predicate -= 4
    return int((a == b, a != b, a < b, a <= b, a > b, a >= b)[predicate])


_EVALUATE: dict[str, Callable[..., int]] = {
    "arith.addi": lambda _, a, b: a + b,
    "arith.subi": lambda _, a, b: a - b,
    "arith.muli": lambda _, a, b: a * b,
    "arith.andi": lambda _, a, b: a & b,
    "arith.ori": lambda _, a, b: a | b,
    "arith.xori": lambda _, a, b: a ^ b,
    "arith.minsi": lambda _, a, b: min(a, b),
    "arith.maxsi": lambda _, a, b: max(a, b),
    "arith.cmpi": _compare,
    "arith.select": lambda _, c, a, b: a if c else b,
    "arith.extsi": lambda op, a: -a if op.operands[0].type == ir.IntegerType.get_signless(1) else a,
    "arith.extui": lambda op, a: a & ((1 << op.operands[0].type.width) - 1),
    "arith.trunci": lambda _, a: a,
    "arith.index_cast": lambda _, a: a,
}
"""Operations on integers -> what they compute."""


def _unroll(loop: Any, count: int) -> None:
    before, after = (region.blocks[0] for region in loop.regions)
    values = list(loop.operands)
    with ir.InsertionPoint(loop):
        for _ in range(count):
            _, *passed = _copy(before, values)
            values = _copy(after, passed)
        _, *results = _copy(before, values)
    for old, new in zip(loop.results, results, strict=True):
        old.replace_all_uses_with(new)
    loop.erase()


def _copy(block: Any, arguments: list[Any]) -> list[Any]:
    """Clones a block's operations at the insertion point; returns what its terminator has for operands."""
    mapping = dict(zip(block.arguments, arguments, strict=True))
    *ops, end = body(block)
    for op in ops:
        copy = op.clone()
        for nested in walk(copy) if len(op.regions) else (copy,):
            operands = nested.operands
            for i, value in enumerate(operands):
                if value in mapping:
                    operands[i] = mapping[value]
        mapping.update(zip(op.results, copy.results, strict=True))
    return [mapping.get(value, value) for value in end.operands]
