"""Values that cost less to compute again in each of their uses than to store and load, as the differences from a row's
mean in a layer norm, get one producer per use: fusion then leaves none of them in memory.
"""

from __future__ import annotations

from typing import Any

from iree.codegen.cpu.kernel import is_tensor
from iree.codegen.cpu.structured import Generic, generics
from iree.dialects.mlir import ir

_CHEAP = frozenset({"arith.addf", "arith.subf", "arith.mulf", "arith.negf", "arith.extf", "arith.truncf"})
_MOST = 2
"""Operations per element that are worth repeating."""


def recompute(function: Any) -> bool:
    """Gives producers of cheap values one copy per use. Returns whether there were any."""
    found = False
    for generic in generics(function):
        uses = list(generic.op.results[0].uses)
        if len(uses) > 1 and all(use.owner.name == "linalg.generic" for use in uses) and _is_cheap(generic):
            for use in uses[1:]:
                use.owner.operands[use.operand_number] = generic.op.clone(ip=ir.InsertionPoint(generic.op)).results[0]
            found = True
    return found


def _is_cheap(generic: Generic) -> bool:
    """Whether it computes elements from those of one tensor of its size by few operations, whatever else it computes
    once per row.
    """
    count = len(generic.iterators)
    if generic.reductions or len(generic.inits) > 1 or count == 0:
        return False
    arguments = list(generic.block.arguments)
    varying = {
        arguments[number]
        for number, value in enumerate(generic.inputs)
        if is_tensor(value.type) and count - 1 in generic.dims(number)
    }
    full, cost = len(varying), 0
    for op in generic.body[:-1]:
        if any(operand in varying for operand in op.operands):
            varying.update(op.results)
            cost += 1
            if op.name not in _CHEAP:
                return False
    return full == 1 and 0 < cost <= _MOST
