"""Sizes and offsets of host code: Python integers where they are known, i64 values where they are not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from iree.dialects.mlir import arith, ir

Size = Any
"""An `int`, or an `ir.Value` of type i64."""


def i64() -> Any:
    """The type of sizes."""
    return ir.IntegerType.get_signless(64)


def i32() -> Any:
    """The type of indices, flags and constants."""
    return ir.IntegerType.get_signless(32)


def known(value: Any) -> int | None:
    """The value of an integer or index constant, None if it is not one."""
    if isinstance(value, int):
        return value
    owner = value.owner
    if isinstance(owner, ir.Block):
        return None
    op = owner.operation
    if op.name == "arith.constant" and isinstance(op.attributes["value"], ir.IntegerAttr):
        return int(ir.IntegerAttr(op.attributes["value"]).value)
    return None


def size_of(value: Any) -> Size:
    """An index value as a size."""
    constant = known(value)
    return constant if constant is not None else arith.index_cast(i64(), value)


def value_of(size: Size) -> Any:
    """A size as an i64 value at the insertion point."""
    return arith.constant(i64(), size) if isinstance(size, int) else size


def index_of(size: Size) -> Any:
    """A size as an index value at the insertion point."""
    if isinstance(size, int):
        return arith.constant(ir.IndexType.get(), size)
    return arith.index_cast(ir.IndexType.get(), size)


def word(number: int) -> Any:
    """An i32 constant at the insertion point."""
    return arith.constant(i32(), number)


def add(a: Size, b: Size) -> Size:
    """The sum."""
    if isinstance(a, int) and isinstance(b, int):
        return a + b
    if isinstance(a, int) and a == 0:
        return b
    if isinstance(b, int) and b == 0:
        return a
    return arith.addi(value_of(a), value_of(b))


def multiply(factors: Iterable[Size]) -> Size:
    """The product; the known factors are multiplied first."""
    total, rest = 1, []
    for factor in factors:
        if isinstance(factor, int):
            total *= factor
        else:
            rest.append(factor)
    if total == 0 or not rest:
        return total
    value = rest[0]
    for factor in rest[1:]:
        value = arith.muli(value, factor)
    return value if total == 1 else arith.muli(value, value_of(total))


def align(size: Size, alignment: int) -> Size:
    """The next multiple of `alignment`, a power of two."""
    if isinstance(size, int):
        return -(-size // alignment) * alignment
    return arith.andi(arith.addi(size, value_of(alignment - 1)), value_of(-alignment))
