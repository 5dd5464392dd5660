"""Index arithmetic that folds what is known: sizes are numbers or values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from iree.dialects.mlir import arith, ir

Size = Any
"""An `int` or an MLIR value of type index."""


def value_of(size: Size) -> Any:
    """`size` as a value, at the insertion point."""
    if not isinstance(size, int):
        return size
    index = ir.IndexType.get()
    return arith.ConstantOp(index, ir.IntegerAttr.get(index, size)).result


def known(size: Size) -> int | None:
    """The number that a size is, None if only the run tells."""
    if isinstance(size, int):
        return size
    if not isinstance(size, ir.BlockArgument) and size.owner.name == "arith.constant":
        return int(ir.IntegerAttr(size.owner.attributes["value"]).value)
    return None


def add(a: Size, b: Size) -> Size:
    """A + b."""
    if isinstance(a, int) and isinstance(b, int):
        return a + b
    if isinstance(a, int) and a == 0:
        return b
    if isinstance(b, int) and b == 0:
        return a
    return arith.AddIOp(value_of(a), value_of(b)).result


def multiply(a: Size, b: Size) -> Size:
    """A * b."""
    if isinstance(a, int) and isinstance(b, int):
        return a * b
    if isinstance(a, int) and a in (0, 1):
        return b if a else 0
    if isinstance(b, int) and b in (0, 1):
        return a if b else 0
    return arith.MulIOp(value_of(a), value_of(b)).result


def product(sizes: Sequence[Size]) -> Size:
    """The product of sizes."""
    result: Size = 1
    for size in sizes:
        result = multiply(result, size)
    return result


def dot(indices: Sequence[Size], strides: Sequence[Size]) -> Size:
    """The sum of products."""
    result: Size = 0
    for index, stride in zip(indices, strides, strict=True):
        result = add(result, multiply(index, stride))
    return result


def delinearize(position: Size, sizes: Sequence[Size]) -> list[Size]:
    """The indices of a row-major position; the first is not reduced by its size."""
    indices: list[Size] = []
    for size in reversed(list(sizes)[1:]):
        if isinstance(size, int) and size == 1:
            indices.append(0)
            continue
        indices.append(arith.RemUIOp(value_of(position), value_of(size)).result)
        position = arith.DivUIOp(value_of(position), value_of(size)).result
    indices.append(position)
    return indices[::-1] if sizes else []
