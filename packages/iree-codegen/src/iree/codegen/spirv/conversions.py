"""Conversions of integers to bf16, through f32 and rounded once."""

from __future__ import annotations

from typing import Any

from iree.codegen.cpu.structured import find
from iree.dialects.mlir import arith, ir

_EXACT = 24
"""Bits of integers that f32 has."""
_STEP = 14
"""Bits that are left out at a time: what is left has more than bf16 by two or more."""
_NE, _SLT, _ULT = 1, 2, 6


def convert_to_bf16(function: Any) -> None:
    """Rewrites `arith.sitofp` and `arith.uitofp` to bf16, which upstream does not emulate."""
    for op in find(function, "arith.sitofp", "arith.uitofp"):
        if isinstance(op.results[0].type, ir.BF16Type):
            with op.location, ir.InsertionPoint(op):
                op.results[0].replace_all_uses_with(_convert(op))
            op.erase()


def _convert(op: Any) -> Any:
    """Large integers lose low bits to their last one first (rounding to odd), which leaves rounding as it is.

    Boldo and Melquiond: Emulation of FMA and correctly rounded sums: proved algorithms using rounding to odd (2008).
    """
    signed = op.name == "arith.sitofp"
    value, f32 = op.operands[0], ir.F32Type.get()
    width = value.type.width
    scale = arith.ConstantOp(f32, ir.FloatAttr.get(f32, 1.0)).result
    for bits in range(_EXACT, width - signed, _STEP - 1)[::-1]:
        shift = (arith.ShRSIOp if signed else arith.ShRUIOp)(value, _number(value.type, _STEP)).result
        lost = arith.AndIOp(value, _number(value.type, (1 << _STEP) - 1)).result
        sticky = arith.ExtUIOp(value.type, arith.CmpIOp(_NE, lost, _number(value.type, 0)).result).result
        # Whether it has more bits: from -2^bits to 2^bits - 1 it has not.
        base = arith.AddIOp(value, _number(value.type, 1 << bits)).result if signed else value
        fits = arith.CmpIOp(_ULT, base, _number(value.type, 1 << (bits + signed))).result
        value = arith.SelectOp(fits, value, arith.OrIOp(shift, sticky).result).result
        larger = arith.MulFOp(scale, arith.ConstantOp(f32, ir.FloatAttr.get(f32, float(1 << _STEP))).result).result
        scale = arith.SelectOp(fits, scale, larger).result
    number = (arith.SIToFPOp if signed else arith.UIToFPOp)(f32, value).result
    scaled = arith.MulFOp(number, scale).result if width > _EXACT else number
    return arith.TruncFOp(ir.BF16Type.get(), scaled).result


def _number(type_: Any, value: int) -> Any:
    signed = value - (1 << type_.width) if value >> (type_.width - 1) else value
    return arith.ConstantOp(type_, ir.IntegerAttr.get(type_, signed)).result
