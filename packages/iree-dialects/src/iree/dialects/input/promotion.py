"""Reductions and scatters whose computation has wider elements than their operands: the operands are converted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from iree.dialects.input.build import hlo, like
from iree.dialects.input.rules import Rule


def _promote(op: Any, first: int) -> None:
    """Converts operands in place.

    Args:
        op: Its last region takes elements of the results, then as many others.
        first: How many operands stand before those that are updates or initial values, and are no inputs.
    """
    count = len(op.results)
    block = op.regions[len(op.regions) - 1].blocks[0]
    elements = [argument.type.element_type for argument in block.arguments]
    inputs = [*range(count), *range(first, first + count)]
    for number, element in zip(inputs, elements, strict=True):
        value = op.operands[number]
        if value.type.element_type != element:
            op.operands[number] = hlo("convert", [value], like(value.type, element=element))


def reduce(op: Any) -> None:
    """`stablehlo.reduce` and `reduce_window`: operands, then initial values."""
    _promote(op, len(op.results))


def scatter(op: Any) -> None:
    """`stablehlo.scatter`: operands, indices, updates."""
    _promote(op, len(op.results) + 1)


def select_and_scatter(op: Any) -> None:
    """`stablehlo.select_and_scatter`: source and initial value; the operand is compared as it is."""
    element = op.regions[1].blocks[0].arguments[0].type.element_type
    for number in (1, 2):
        value = op.operands[number]
        if value.type.element_type != element:
            op.operands[number] = hlo("convert", [value], like(value.type, element=element))


RULES: Mapping[str, Rule] = {
    "stablehlo.reduce": reduce,
    "stablehlo.reduce_window": reduce,
    "stablehlo.scatter": scatter,
    "stablehlo.select_and_scatter": select_and_scatter,
}
"""They change operations in place."""
