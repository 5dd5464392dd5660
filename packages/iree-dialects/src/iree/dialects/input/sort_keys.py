"""What a comparator orders by, where that is one number of each element.

A comparator that compares f(x) with f(y), for the elements x and y of one operand and the same f, orders like unsigned
integers: the bits of f(x), changed so that their order is that of the values.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from iree.dialects.input.build import constant
from iree.dialects.input.scalars import inline_value, is_total_order, order_key
from iree.dialects.mlir import arith, ir, stablehlo


@dataclass(frozen=True)
class Key:
    """The order of a comparator.

    Attributes:
        operand: The number of the operand that it looks at.
        bits: Width of the keys.
        make: From an element (signless) to its key.
    """

    operand: int
    bits: int
    make: Callable[[Any], Any]


def key_of(block: Any) -> Key | None:
    """The key of a comparator's block, or None if it has no such form."""
    terminator = list(block.operations)[-1]
    value = terminator.operands[0]
    if isinstance(value, ir.BlockArgument) or value.owner.name != "stablehlo.compare":
        return None
    compare = value.owner
    direction = stablehlo.ComparisonDirectionAttr(compare.attributes["comparison_direction"]).value
    left, right = compare.operands
    first, second = _argument(left), _argument(right)
    if direction not in ("GT", "LT") or first is None or second is None or first ^ 1 != second:
        return None
    if not _same(left, right, {first: second}):
        return None
    element = left.type.element_type
    if not isinstance(element, ir.FloatType | ir.IntegerType) or element.width not in (8, 16, 32, 64):
        return None
    if isinstance(element, ir.FloatType) and element.width == 8:
        return None
    total = is_total_order(compare)
    descending = (direction == "GT") != (first > second)
    argument = block.arguments[first]

    def make(scalar: Any) -> Any:
        return ordered(inline_value(left, argument, scalar), element, total, descending)

    return Key(first // 2, element.width, make)


def _argument(value: Any) -> int | None:
    """The number of the only block argument that a scalar is computed from."""
    found: set[int] = set()
    stack = [value]
    while stack:
        value = stack.pop()
        if isinstance(value, ir.BlockArgument):
            found.add(value.arg_number)
        else:
            stack += value.owner.operands
    return found.pop() if len(found) == 1 else None


def _same(a: Any, b: Any, arguments: dict[int, int]) -> bool:
    """Whether two scalars are computed alike, one argument standing for another."""
    if isinstance(a, ir.BlockArgument) or isinstance(b, ir.BlockArgument):
        both = isinstance(a, ir.BlockArgument) and isinstance(b, ir.BlockArgument)
        return both and arguments.get(a.arg_number) == b.arg_number
    x, y = a.owner, b.owner
    if x == y:
        return a == b and _argument(a) is None
    if (
        x.name != y.name
        or len(x.operands) != len(y.operands)
        or {n: x.attributes[n] for n in x.attributes} != {n: y.attributes[n] for n in y.attributes}
    ):
        return False
    return all(_same(p, q, arguments) for p, q in zip(x.operands, y.operands, strict=True))


def ordered(value: Any, element: Any, total: bool, descending: bool) -> Any:
    """The bits of a number as an unsigned integer of the same order."""
    integer = ir.IntegerType.get_signless(element.width)
    unsigned = isinstance(element, ir.IntegerType) and element.is_unsigned
    if isinstance(element, ir.FloatType):
        if not total:  # both zeros are equal
            value = arith.AddFOp(value, constant(0.0, element)).result
        value = order_key(value, element)
    mask = 0 if unsigned else -(1 << (element.width - 1))
    if descending:
        mask = ~mask
    return arith.XOrIOp(value, constant(mask, integer)).result if mask else value
