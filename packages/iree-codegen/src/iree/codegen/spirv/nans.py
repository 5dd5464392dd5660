"""Tests for NaN by their bits: WebGPU's shaders have no such test, and may take comparisons for ones of numbers."""

from __future__ import annotations

from typing import Any

from iree.codegen.cpu.structured import find
from iree.dialects.mlir import arith, ir

_ORD, _UNO = 7, 14
_UGT = 8


def test_bits(function: Any) -> None:
    """Rewrites the ordered and unordered comparisons of `arith.cmpf`."""
    for op in find(function, "arith.cmpf"):
        predicate = ir.IntegerAttr(op.attributes["predicate"]).value
        if predicate not in (_ORD, _UNO):
            continue
        with op.location, ir.InsertionPoint(op):
            operands = list(dict.fromkeys(op.operands))
            found = _is_nan(operands[0])
            for other in operands[1:]:
                found = arith.OrIOp(found, _is_nan(other)).result
            if predicate == _ORD:
                found = arith.XOrIOp(found, _constant(op.results[0].type, 1)).result
        op.results[0].replace_all_uses_with(found)
        op.erase()


def _is_nan(value: Any) -> Any:
    lanes = list(value.type.shape) if isinstance(value.type, ir.VectorType) else []
    f32, i32 = ir.F32Type.get(), ir.IntegerType.get_signless(32)
    if lanes:
        f32, i32 = ir.VectorType.get(lanes, f32), ir.VectorType.get(lanes, i32)
    if value.type != f32:
        value = arith.ExtFOp(f32, value).result
    magnitude = arith.AndIOp(arith.BitcastOp(i32, value).result, _constant(i32, 0x7FFFFFFF)).result
    return arith.CmpIOp(_UGT, magnitude, _constant(i32, 0x7F800000)).result


def _constant(type_: Any, value: int) -> Any:
    if isinstance(type_, ir.VectorType):
        splat = ir.DenseElementsAttr.get_splat(type_, ir.IntegerAttr.get(type_.element_type, value))
        return arith.ConstantOp(type_, splat).result
    return arith.ConstantOp(type_, ir.IntegerAttr.get(type_, value)).result
