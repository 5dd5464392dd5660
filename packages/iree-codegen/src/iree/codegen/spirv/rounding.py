"""Rounding by adding and taking away a large constant, as `iree.codegen.cpu.scalars` does it, becomes an operation.

Drivers may take the two sums for none: WebGPU has no way to tell them not to.
"""

from __future__ import annotations

from typing import Any

from iree.codegen.cpu.structured import defining, find
from iree.dialects.mlir import ir
from iree.dialects.mlir import math as math_ops

_LARGE = frozenset({1.5 * 2.0**23, 1.5 * 2.0**52})


def name_rounding(function: Any) -> None:
    """Makes ``(x + c) - c`` a `math.roundeven` of x."""
    for op in find(function, "arith.subf"):
        total, constant = defining(op.operands[0]), _large(op.operands[1])
        if constant is None or total is None or total.name != "arith.addf" or _large(total.operands[1]) != constant:
            continue
        with op.location, ir.InsertionPoint(op):
            rounded = math_ops.RoundEvenOp(total.operands[0]).result
        op.results[0].replace_all_uses_with(rounded)
        op.erase()


def _large(value: Any) -> float | None:
    op = defining(value)
    if op is None or op.name != "arith.constant" or not isinstance(value.type, ir.FloatType):
        return None
    number = ir.FloatAttr(op.attributes["value"]).value
    return number if number in _LARGE else None
