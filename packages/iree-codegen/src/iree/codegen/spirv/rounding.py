"""Rounding by adding and taking away a large constant, as `iree.codegen.cpu` does it, becomes an operation.

Drivers may take the two sums for none: WebGPU has no way to tell them not to.
"""

from __future__ import annotations

from typing import Any

from iree.codegen.cpu.structured import defining, find
from iree.dialects.mlir import arith, ir
from iree.dialects.mlir import math as math_ops

_LARGE = frozenset({1.5 * 2.0**23, 1.5 * 2.0**52})


def name_rounding(function: Any) -> None:
    """Makes ``(x + c) - c`` a `math.roundeven` of x, and the bits of ``x + c`` a sum of integers."""
    for op in find(function, "arith.subf"):
        total, constant = defining(op.operands[0]), _large(op.operands[1])
        if constant is None or total is None or _large(total.operands[-1]) != constant:
            continue
        if total.name not in ("arith.addf", "math.fma"):
            continue
        with total.location, ir.InsertionPoint(total):
            rounded_from = total.operands[0]
            if total.name == "math.fma":
                rounded_from = arith.MulFOp(*list(total.operands)[:2]).result
            rounded = math_ops.RoundEvenOp(rounded_from).result
        for bits in [use.owner.operation for use in total.results[0].uses]:
            if bits.name == "arith.bitcast":
                _add_as_integers(bits, rounded, op.operands[1])
        op.results[0].replace_all_uses_with(rounded)
        op.erase()


def _add_as_integers(bits: Any, rounded: Any, constant: Any) -> None:
    """The bits of a whole number added to the constant, of whose last place it is a multiple."""
    with bits.location, ir.InsertionPoint(bits):
        type_ = bits.results[0].type
        number = arith.FPToSIOp(type_, rounded).result
        made = arith.AddIOp(number, arith.BitcastOp(type_, constant).result).result
    bits.results[0].replace_all_uses_with(made)
    bits.erase()


def _large(value: Any) -> float | None:
    op = defining(value)
    if op is None or op.name != "arith.constant" or not isinstance(value.type, ir.FloatType):
        return None
    number = ir.FloatAttr(op.attributes["value"]).value
    return number if number in _LARGE else None
