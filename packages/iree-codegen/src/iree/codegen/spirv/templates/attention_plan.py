"""Finds attention in a kernel on tensors, and notes what is left to know of it once they are memrefs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from iree.codegen.cpu.kernel import Kernel
from iree.codegen.cpu.structured import Generic, defining, generics, read_generic
from iree.codegen.cpu.templates.attention_plan import find_division
from iree.codegen.spirv.cooperate import combiners_of
from iree.codegen.spirv.tile import read_chain
from iree.dialects.mlir import ir
from iree.dialects.transforms.attention import Attention, Step, find_attention, goes_on

SCORES = 0
"""The number of the first product among the parts."""

_PART = "iree_attention"
_MOST_FEATURES = 256
"""More would not fit the registers of the threads that have them."""


@dataclass(frozen=True)
class Part:
    """One of an attention's operations.

    Attributes:
        places: Per loop, that of the first product which it corresponds to, or `attention.FEATURE`.
        sources: Per input the part that makes it; None is an operand of the kernel.
        over_keys: Whether its result has a value for every key.
        combiner: The operation that a reduction along the keys joins partial results with; empty if it is none.
        initial: What the reduction starts from, as an attribute; None if it is none.
    """

    places: tuple[int, ...]
    sources: tuple[int | None, ...]
    over_keys: bool
    combiner: str
    initial: Any


@dataclass(frozen=True)
class Plan:
    """An attention. Its parts are the first product, what makes probabilities, the second product and what follows.

    Attributes:
        parts: In order.
        queries: Number of the first product's operand that has no keys.
        key: Its loop over keys.
        query: Its loop over the queries that a workgroup shares.
        depth: Its loop that is reduced.
        outer: Its other loops.
        product: The second product's number.
        probabilities: Number of its operand that the parts before it make.
        weights: The part that is multiplied with the values.
        divisor: The part that results are divided by then, or None.
    """

    parts: tuple[Part, ...]
    queries: int
    key: int
    query: int
    depth: int
    outer: tuple[int, ...]
    product: int
    probabilities: int
    weights: int
    divisor: int | None

    @property
    def steps(self) -> range:
        """The numbers of the parts that make probabilities."""
        return range(SCORES + 1, self.product)

    def levels(self) -> tuple[dict[int, int], dict[int, int]]:
        """In which pass over the keys each part can be computed, and each reduction is made.

        What a reduction gives is there for the next pass.
        """
        known, reduced = {SCORES: 0}, dict[int, int]()
        for number in self.steps:
            part = self.parts[number]
            level = max((known[source] for source in part.sources if source is not None), default=0)
            known[number] = level
            if part.combiner:
                reduced[number], known[number] = level, level + 1
        return known, reduced


def find_plan(function: Any) -> Plan | None:
    """The attention that a prepared kernel on tensors is; its operations are marked. None if it is something else."""
    found = _find(function)
    if found is None or found.query is None or found.features > _MOST_FEATURES:
        return None
    steps = [*found.steps, found.product, *found.after]
    numbers = {found.scores.op.results[0]: SCORES} | {s.op.results[0]: i for i, s in enumerate(steps, SCORES + 1)}
    scores = Part(tuple(range(found.scores.loops)), (None, None), True, "", _initial(found.scores.inits[0]))
    parts = [scores, *(_part(step, numbers, found) for step in steps)]
    if any(part is None for part in parts) or scores.initial is None:
        return None
    quotient = find_division(found, converts=True)
    dividend, divisor = (numbers.get(value) for value in quotient) if quotient is not None else (None, None)
    last = numbers[found.product.structure.inputs[found.probabilities]]
    divides = dividend is not None and divisor is not None
    for number, op in enumerate(found.ops):
        op.attributes[_PART] = ir.IntegerAttr.get(ir.IntegerType.get_signless(64), number)
    return Plan(
        tuple(part for part in parts if part is not None),
        found.queries,
        found.key,
        found.query,
        found.depth,
        tuple(found.outer),
        len(found.steps) + 1,
        found.probabilities,
        dividend if divides and dividend is not None else last,
        divisor if divides else None,
    )


def marked(kernel: Kernel) -> dict[int, Generic]:
    """The parts' generics in the bufferized kernel."""
    found = [g for g in generics(kernel.function) if _PART in g.op.attributes]
    return {ir.IntegerAttr(g.op.attributes[_PART]).value: g for g in found}


def _find(function: Any) -> Attention | None:
    """The attention that is the whole kernel."""
    chain = read_chain(function)
    if chain is None:
        return None
    found = next((a for a in (find_attention(g.op) for g in chain.generics) if a is not None), None)
    while found is not None and found.last.op != chain.root.op:
        users = [use.owner.operation for use in found.last.op.results[0].uses]
        found = goes_on(found, users[0]) if len(users) == 1 else None
    return found if found is not None and len(found.ops) == len(chain.generics) else None


def _part(step: Step, numbers: dict[Any, int], found: Attention) -> Part | None:
    """What is to know of an operation; None if it is none that threads can compute."""
    generic, structure = read_generic(step.op), step.structure
    known = ("linalg.index", "linalg.yield")
    if any(op.name not in known and not op.name.startswith(("arith.", "math.")) for op in generic.body):
        return None
    combiner, initial = "", None
    if structure.reductions:
        names, initial = combiners_of(generic), _initial(structure.inits[0])
        if names is None or initial is None:
            return None
        combiner = names[0]
    sources = tuple(numbers.get(value) for value in structure.inputs)
    over_keys = found.key in step.dims(len(structure.inputs))
    before = step in found.steps
    if before and not isinstance(step.op.results[0].type.element_type, (ir.F32Type, ir.F16Type)):
        return None
    return Part(step.places, sources, over_keys, combiner, initial)


def _initial(init: Any) -> Any:
    """The number that a tensor is filled with, as an attribute; None if it is not."""
    fill = defining(init)
    if fill is None or fill.name != "linalg.fill":
        return None
    value = defining(fill.operands[0])
    return value.attributes["value"] if value is not None and value.name == "arith.constant" else None
