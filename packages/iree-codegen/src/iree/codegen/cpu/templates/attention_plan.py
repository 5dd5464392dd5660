"""Divides what stands between the two products of attention into passes over the keys.

An operation that needs what another pass has reduced belongs to a later one. The first pass is part of the first
product, whose tiles it takes from registers. What one pass makes for another has to be stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from iree.codegen.cpu.features import Machine
from iree.codegen.cpu.structured import defining, read_generic
from iree.dialects.transforms.attention import Attention, Step

_CASTS = ("arith.truncf", "arith.extf")


@dataclass(frozen=True)
class Plan:
    """Which pass computes what.

    Attributes:
        passes: Per pass its steps that have the keys among their loops.
        rows: Per pass the steps without, which come before it; one more entry for those after the last.
        made_in: The pass in which a value with keys is made.
        used_until: The last pass that uses such a value; the second product counts as one after the last.
        weights: What the second product reads.
        divisor: What its results are divided by, or None.
    """

    passes: list[list[Step]]
    rows: list[list[Step]]
    made_in: dict[Any, int]
    used_until: dict[Any, int]
    weights: Any
    divisor: Any


def make_plan(attention: Attention, machine: Machine) -> Plan:
    """Divides the steps into as few passes as can be."""
    steps = list(attention.steps)
    weights, divisor = attention.product.structure.inputs[attention.probabilities], None
    division = find_division(attention) if machine.reassociate else None
    if division is not None:
        steps.pop()
        weights, divisor = division
    scores = attention.scores.op.results[0]
    made_in, known_at = {scores: 0}, dict[Any, int]()
    used_until, placed = {scores: 0}, list[tuple[Step, int, bool]]()
    for step in steps:
        inputs = step.structure.inputs
        number = max([made_in.get(v, 0) for v in inputs] + [known_at.get(v, 0) for v in inputs])
        result, over_keys = step.op.results[0], attention.key in step.places
        placed.append((step, number, over_keys))
        if step.structure.reductions:
            known_at[result] = number + 1
        elif over_keys:
            made_in[result] = used_until[result] = number
        else:
            known_at[result] = number
        used_until.update({v: number for v in inputs if v in made_in})
    count = max(number for _, number, over_keys in placed if over_keys) + 1
    used_until[weights] = count
    return Plan(
        [[step for step, number, over_keys in placed if over_keys and number == n] for n in range(count)],
        [[step for step, number, over_keys in placed if not over_keys and number == n] for n in range(count + 1)],
        made_in,
        used_until,
        weights,
        divisor,
    )


def find_division(attention: Attention, *, converts: bool = False) -> tuple[Any, Any] | None:
    """Dividend and divisor if the last step divides by what is the same for all keys.

    Args:
        attention: What the step ends.
        converts: Whether it may convert floats to others beside that.
    """
    step = attention.steps[-1]
    generic = read_generic(step.op)
    *casts, last = [op for op in generic.body if op.name != "arith.divf"]
    division = next((op for op in generic.body if op.name == "arith.divf"), None)
    if division is None or len(generic.inputs) != 2 or len(generic.body) != len(casts) + 2:
        return None
    if casts and not (converts and all(cast.name in _CASTS for cast in casts)):
        return None
    sources = [_uncast(value) for value in (*division.operands, last.operands[0])]
    if sources[:2] != list(generic.block.arguments)[:2] or sources[2] != division.results[0]:
        return None
    made = {other.op.results[0] for other in attention.steps}
    with_keys = [attention.key in step.dims(number) for number in (0, 1)]
    return generic.inputs if with_keys == [True, False] and generic.inputs[1] in made else None


def _uncast(value: Any) -> Any:
    """What a value was before conversions to other floats."""
    while (op := defining(value)) is not None and op.name in _CASTS:
        value = op.operands[0]
    return value
