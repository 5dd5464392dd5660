"""NaNs and denormals by their bits: WebGPU's shaders have no test for NaN, and its compilers may take comparisons for
ones of numbers and denormals for zero.
"""

from __future__ import annotations

import math
from typing import Any

from iree.codegen.cpu.expand_math import EXPANSIONS
from iree.codegen.cpu.structured import defining, find
from iree.dialects.mlir import arith, ir
from iree.dialects.mlir import math as math_ops

_OEQ, _OLT, _ONE, _ORD, _UNE, _UNO = 1, 4, 6, 7, 13, 14
_UGT = 8
_TINY = 2.0**-26
_LINEAR = frozenset({"math.expm1", "math.log1p"})
"""Functions that are their argument where that is smaller than `_TINY`, which is below half of any last place."""
_GUARDED = frozenset(EXPANSIONS) | {"math.sincos"}
"""Functions that have no value but NaN where an operand is one; but for powers, which `_POWER` is about."""
_POWER = (0.0, 1.0)
"""Exponent and base that make a power 1, whatever its base or exponent."""

_SIGNS: dict[str, Any] = {"math.absf": (arith.AndIOp, 0x7FFFFFFF), "arith.negf": (arith.XOrIOp, -(1 << 31))}
_MOVES = frozenset({"arith.bitcast", "memref.store"})


def keep_nans(module: Any) -> None:
    """Makes functions give their operand where that is NaN, which their expansions' comparisons may lose."""
    for op in find(module, *_GUARDED):
        with op.location, ir.InsertionPoint.after(op):
            for result in op.results:
                _guard(op, result)


def _guard(op: Any, result: Any) -> None:
    value = result
    selections = []
    for number, operand in enumerate(op.operands):
        kept = arith.CmpFOp(_UNO, operand, operand).result
        if op.name == "math.powf":
            other = op.operands[1 - number]
            unit = arith.ConstantOp(other.type, ir.FloatAttr.get(other.type, _POWER[number])).result
            differs = arith.CmpFOp(_UNO, other, other).result
            differs = arith.OrIOp(differs, arith.CmpFOp(_ONE, other, unit).result).result
            kept = arith.AndIOp(kept, differs).result
        if op.name in _LINEAR and not isinstance(operand.type, ir.F16Type):
            limit = arith.ConstantOp(operand.type, ir.FloatAttr.get(operand.type, _TINY)).result
            tiny = arith.CmpFOp(_OLT, math_ops.AbsFOp(operand).result, limit).result
            kept = arith.OrIOp(kept, tiny).result
        chosen = arith.SelectOp(kept, operand, value)
        selections.append(chosen.operation)
        value = chosen.result
    result.replace_all_uses_except(value, selections)


def use_bits(function: Any) -> None:
    """Makes operations of integers of comparisons that are tests for NaN, of selections of a NaN, and of changes of the
    sign of f32 that nothing is computed with.
    """
    for op in find(function, "arith.cmpf"):
        predicate = ir.IntegerAttr(op.attributes["predicate"]).value
        operands = list(dict.fromkeys(op.operands))
        if predicate not in (_ORD, _UNO) and not (predicate in (_OEQ, _UNE) and len(operands) == 1):
            continue
        with op.location, ir.InsertionPoint(op):
            found = _is_nan(operands[0])
            for other in operands[1:]:
                found = arith.OrIOp(found, _is_nan(other)).result
            if predicate in (_ORD, _OEQ):
                found = arith.XOrIOp(found, _constant(op.results[0].type, 1)).result
        op.results[0].replace_all_uses_with(found)
        op.erase()
    for op in find(function, "arith.select"):
        type_ = op.results[0].type
        if _element(type_) == ir.F32Type.get() and any(map(_names_nan, list(op.operands)[1:])):
            with op.location, ir.InsertionPoint(op):
                bits = [arith.BitcastOp(_words(type_), value).result for value in list(op.operands)[1:]]
                chosen = arith.SelectOp(op.operands[0], *bits).result
                op.results[0].replace_all_uses_with(arith.BitcastOp(type_, chosen).result)
            op.erase()
    for op in find(function, *_SIGNS):
        type_ = op.results[0].type
        uses = {use.owner.operation.name for use in op.results[0].uses}
        if _element(type_) == ir.F32Type.get() and uses <= _MOVES:
            build, mask = _SIGNS[op.name]
            with op.location, ir.InsertionPoint(op):
                words = _words(type_)
                changed = build(arith.BitcastOp(words, op.operands[0]).result, _constant(words, mask)).result
                op.results[0].replace_all_uses_with(arith.BitcastOp(type_, changed).result)
            op.erase()


def _element(type_: Any) -> Any:
    return type_.element_type if isinstance(type_, ir.VectorType) else type_


def _words(type_: Any) -> Any:
    """As many integers of 32 bits."""
    i32 = ir.IntegerType.get_signless(32)
    return ir.VectorType.get(type_.shape, i32) if isinstance(type_, ir.VectorType) else i32


def _names_nan(value: Any) -> bool:
    op = defining(value)
    if op is not None and op.name == "vector.broadcast":
        return _names_nan(op.operands[0])
    if op is None or op.name != "arith.constant":
        return False
    held = op.attributes["value"]
    if isinstance(held, ir.DenseElementsAttr):
        return held.is_splat and math.isnan(ir.FloatAttr(held.get_splat_value()).value)
    return math.isnan(ir.FloatAttr(held).value)


def _is_nan(value: Any) -> Any:
    type_ = value.type
    i32 = _words(type_)
    if _element(type_) != ir.F32Type.get():
        wide = (
            ir.VectorType.get(type_.shape, ir.F32Type.get()) if isinstance(type_, ir.VectorType) else ir.F32Type.get()
        )
        value = arith.ExtFOp(wide, value).result
    magnitude = arith.AndIOp(arith.BitcastOp(i32, value).result, _constant(i32, 0x7FFFFFFF)).result
    return arith.CmpIOp(_UGT, magnitude, _constant(i32, 0x7F800000)).result


def _constant(type_: Any, value: int) -> Any:
    if isinstance(type_, ir.VectorType):
        splat = ir.DenseElementsAttr.get_splat(type_, ir.IntegerAttr.get(type_.element_type, value))
        return arith.ConstantOp(type_, splat).result
    return arith.ConstantOp(type_, ir.IntegerAttr.get(type_, value)).result
