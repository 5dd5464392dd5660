"""Affine maps evaluated in host code: workgroup counts, bytes of scratch memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from iree.dialects.host.sizes import Size, add, multiply, value_of
from iree.dialects.mlir import arith, ir


def evaluate(expression: Any, dims: Sequence[Size]) -> Size:
    """The value of an affine expression over `dims`, its dimensions or its symbols, folded where they are known.

    Divisors are positive and operands of divisions not negative, as sizes are.
    """
    if isinstance(expression, ir.AffineConstantExpr):
        return expression.value
    if isinstance(expression, (ir.AffineDimExpr, ir.AffineSymbolExpr)):
        return dims[expression.position]
    a, b = evaluate(expression.lhs, dims), evaluate(expression.rhs, dims)
    if isinstance(expression, ir.AffineAddExpr):
        return add(a, b)
    if isinstance(expression, ir.AffineMulExpr):
        return multiply([a, b])
    both = isinstance(a, int) and isinstance(b, int)
    if isinstance(expression, ir.AffineFloorDivExpr):
        return a // b if both else arith.divui(value_of(a), value_of(b))
    if isinstance(expression, ir.AffineModExpr):
        return a % b if both else arith.remui(value_of(a), value_of(b))
    assert isinstance(expression, ir.AffineCeilDivExpr), expression
    if both:
        return -(-a // b)
    return arith.divui(value_of(add(a, add(b, -1) if isinstance(b, int) else arith.subi(b, value_of(1)))), value_of(b))
