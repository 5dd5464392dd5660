"""Wider elements for what adds up many: what a computation asks for, and f32 for sums of narrower floats.

Rounding every partial sum to 16 or 8 bits would stop a sum of many at the size where the next value is less than half a
unit of it. StableHLO leaves the order and precision of sums open; other compilers use f32 too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from iree.dialects.input.build import hlo, like
from iree.dialects.input.rules import Rule
from iree.dialects.mlir import ir


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
            op.operands[number] = _converted(value, element)


def _converted(value: Any, element: Any) -> Any:
    """A tensor as one of another element type; a number that is a constant stays one."""
    type_ = like(value.type, element=element)
    source = None if isinstance(value, ir.BlockArgument) else value.owner
    if source is not None and source.name == "stablehlo.constant" and isinstance(element, ir.FloatType):
        number = source.attributes["value"]
        if number.is_splat and isinstance(number.get_splat_value(), ir.FloatAttr):
            splat = ir.FloatAttr.get(element, number.get_splat_value().value)
            return hlo("constant", [], type_, value=ir.DenseElementsAttr.get_splat(type_, splat))
    return hlo("convert", [value], type_)


def reduce(op: Any) -> None:
    """`stablehlo.reduce` and `reduce_window`: operands, then initial values. Sums and products are of f32 at least."""
    _promote(op, len(op.results))
    block = op.regions[0].blocks[0]
    combine = next(iter(block.operations))
    if len(op.results) == 1 and combine.operation.name in _ADDS_UP and set(combine.operands) == set(block.arguments):
        _accumulate(op, op.operands, [*block.arguments, combine.results[0]])


def contract(op: Any) -> None:
    """`stablehlo.dot`, `dot_general` and `convolution`: sums of products are of f32 at least."""
    _accumulate(op, [], [])


_ADDS_UP = ("stablehlo.add", "stablehlo.multiply")


def _accumulate(op: Any, operands: Any, inside: Sequence[Any]) -> None:
    """Makes the result, the `operands` and the values `inside` f32 if they are narrower floats."""
    (result,) = op.results
    narrow = result.type.element_type
    if not isinstance(narrow, ir.FloatType) or narrow.width >= 32:
        return
    wide = ir.F32Type.get()
    for number, value in enumerate(operands):
        op.operands[number] = _converted(value, wide)
    for value in [*inside, result]:
        value.set_type(ir.RankedTensorType.get(value.type.shape, wide, value.type.encoding))
    with ir.InsertionPoint.after(op):
        rounded = hlo("convert", [result], ir.RankedTensorType.get(result.type.shape, narrow, result.type.encoding))
        result.replace_all_uses_except(rounded, rounded.owner.operation)


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
    "stablehlo.convolution": contract,
    "stablehlo.dot": contract,
    "stablehlo.dot_general": contract,
    "stablehlo.reduce": reduce,
    "stablehlo.reduce_window": reduce,
    "stablehlo.scatter": scatter,
    "stablehlo.select_and_scatter": select_and_scatter,
}
"""They change operations in place."""
