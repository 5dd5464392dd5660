"""if and case among scalars, in the regions of reductions and the like: every branch is computed, one is selected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from iree.dialects.input.build import hlo, like
from iree.dialects.input.rules import Rule, in_scalar_region
from iree.dialects.mlir import CompileError, ir, stablehlo


def _branches(op: Any) -> list[list[Any]]:
    """The values of each branch, whose operations are moved before `op`."""
    found = []
    for region in op.regions:
        inner = list(region.blocks[0].operations)
        for moved in inner[:-1]:
            moved.operation.move_before(op)
        found.append(list(inner[-1].operands))
    return found


def _select(condition: Any, chosen: list[Any], others: list[Any]) -> list[Any]:
    return [hlo("select", [condition, a, b], a.type) for a, b in zip(chosen, others, strict=True)]


def if_(op: Any) -> list[Any] | None:
    """`stablehlo.if`."""
    if not in_scalar_region(op):
        return None
    return _select(op.operands[0], *_branches(op))


def case(op: Any) -> list[Any] | None:
    """`stablehlo.case`: an index out of range takes the last branch."""
    if not in_scalar_region(op):
        return None
    index = op.operands[0]
    *branches, values = _branches(op)
    flag = like(index.type, element=ir.IntegerType.get_signless(1))
    for number, branch in reversed(list(enumerate(branches))):
        value = ir.DenseElementsAttr.get_splat(index.type, ir.IntegerAttr.get(index.type.element_type, number))
        here = stablehlo.ComparisonDirectionAttr.get("EQ")
        chosen = hlo("compare", [index, hlo("constant", [], index.type, value=value)], flag, comparison_direction=here)
        values = _select(chosen, branch, values)
    return values


def while_(op: Any) -> list[Any] | None:
    """`stablehlo.while` has no such form."""
    if in_scalar_region(op):
        raise CompileError("stablehlo.while is not supported for each element: loop over whole tensors instead", op)
    return None


RULES: Mapping[str, Rule] = {"stablehlo.case": case, "stablehlo.if": if_, "stablehlo.while": while_}
"""They rewrite to StableHLO."""
