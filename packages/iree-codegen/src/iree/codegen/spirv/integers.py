"""Integers of widths that a profile cannot compute with are computed with 32 bits, and wrap as their type says."""

from __future__ import annotations

from typing import Any

from iree.codegen.cpu.structured import find
from iree.dialects.mlir import arith, ir


def legalize_counts(function: Any) -> None:
    """Counts of bits, which SPIR-V has for 32 bits only, and casts of any integer to index."""
    i32 = ir.IntegerType.get_signless(32)
    for op in find(function, "math.ctlz", "math.cttz", "math.ctpop"):
        type_ = op.results[0].type
        if type_ == i32:
            continue
        with op.location, ir.InsertionPoint(op):
            made = _wide(op) if type_.width == 64 else _narrow(op, type_.width)
            narrow = (arith.ExtUIOp if type_.width == 64 else arith.TruncIOp)(type_, made).result
        op.results[0].replace_all_uses_with(narrow)
        op.erase()
    for op in find(function, "arith.index_castui"):
        source = op.operands[0].type
        if isinstance(source, ir.IntegerType) and source.width < 32:
            with op.location, ir.InsertionPoint(op):
                wide = arith.ExtUIOp(i32, op.operands[0]).result
                cast = arith.IndexCastOp(ir.IndexType.get(), wide).result
            op.results[0].replace_all_uses_with(cast)
            op.erase()


def _constant(value: int) -> Any:
    type_ = ir.IntegerType.get_signless(32)
    return arith.ConstantOp(type_, ir.IntegerAttr.get(type_, value - (1 << 32) if value >> 31 else value)).result


def _count(name: str, value: Any) -> Any:
    return ir.Operation.create(name, [value.type], [value]).result


def _narrow(op: Any, width: int) -> Any:
    """The count of less than 32 bits, as 32."""
    value = arith.ExtUIOp(ir.IntegerType.get_signless(32), op.operands[0]).result
    if op.name == "math.cttz":
        return _count(op.name, arith.OrIOp(value, _constant(1 << width)).result)
    counted = _count(op.name, value)
    return arith.SubIOp(counted, _constant(32 - width)).result if op.name == "math.ctlz" else counted


def _wide(op: Any) -> Any:
    """The count of 64 bits, as 32."""
    i32, i64 = ir.IntegerType.get_signless(32), op.operands[0].type
    shift = arith.ConstantOp(i64, ir.IntegerAttr.get(i64, 32)).result
    low = arith.TruncIOp(i32, op.operands[0]).result
    high = arith.TruncIOp(i32, arith.ShRUIOp(op.operands[0], shift).result).result
    counts = [_count(op.name, low), _count(op.name, high)]
    if op.name == "math.ctpop":
        return arith.AddIOp(*counts).result
    last = high if op.name == "math.ctlz" else low  # where counting starts
    other, counted = counts if op.name == "math.ctlz" else counts[::-1]
    empty = arith.CmpIOp(0, last, _constant(0)).result
    return arith.SelectOp(empty, arith.AddIOp(other, _constant(32)).result, counted).result
