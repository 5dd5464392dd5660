"""Conversions from f64 to floats of 16 bits, for which there are no instructions: by way of f32, rounded once."""

from __future__ import annotations

from typing import Any

from iree.dialects.input.build import constant
from iree.dialects.input.rules import operations
from iree.dialects.mlir import arith, ir, math


def to_odd(value: Any) -> Any:
    """An f64 as f32, rounded to odd: what is then rounded to fewer bits is rounded as if at once."""
    f32, i32 = ir.F32Type.get(), ir.IntegerType.get_signless(32)
    near = arith.TruncFOp(f32, value).result
    back = arith.ExtFOp(value.type, near).result
    inexact = arith.CmpFOp(arith.CmpFPredicate.ONE, back, value).result
    far = arith.CmpFOp(arith.CmpFPredicate.OGT, math.AbsFOp(back).result, math.AbsFOp(value).result).result
    bits = arith.BitcastOp(i32, near).result
    cut = arith.SubIOp(bits, arith.ExtUIOp(i32, far).result).result
    odd = arith.OrIOp(cut, constant(1, i32)).result
    return arith.BitcastOp(f32, arith.SelectOp(inexact, odd, bits).result).result


def round_once(module: Any) -> None:
    """Rewrites every `arith.truncf` of scalars from f64 to f16 and bf16 in place."""
    f64 = ir.F64Type.get()
    for op in operations(module, {"arith.truncf": None}):
        target = op.results[0].type
        if op.operands[0].type == f64 and isinstance(target, ir.FloatType) and target.width == 16:
            with op.location, ir.InsertionPoint(op):
                op.results[0].replace_all_uses_with(arith.TruncFOp(target, to_odd(op.operands[0])).result)
            op.erase()
