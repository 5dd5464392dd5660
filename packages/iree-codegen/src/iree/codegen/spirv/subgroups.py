"""Reductions over a subgroup's threads (SPIR-V's GroupNonUniform operations), of any size.

What is reduced are f32 and i32: others need more of a device than the capability. Extremes of floats go by way of
integers in the same order, since the operations on floats may do anything with NaN.
"""

from __future__ import annotations

from typing import Any

from iree.dialects.mlir import arith, ir

_ADDED = {"arith.addf": "add", "arith.mulf": "mul"}
_EXTREMES = {"arith.maximumf": "maxsi", "arith.minimumf": "minsi"}
_INTEGERS = {
    f"arith.{name}": kind
    for name, kind in {
        "addi": "add",
        "muli": "mul",
        "maxsi": "maxsi",
        "minsi": "minsi",
        "maxui": "maxui",
        "minui": "minui",
        "andi": "and",
        "ori": "or",
        "xori": "xor",
    }.items()
}
_UNO = 14


def can_reduce(name: str, type_: Any) -> bool:
    """Whether `reduce_subgroup` takes a combining operation of `arith` on a type."""
    if isinstance(type_, ir.F32Type):
        return name in _ADDED or name in _EXTREMES
    return bool(type_ == ir.IntegerType.get_signless(32)) and name in _INTEGERS


def reduce_subgroup(name: str, value: Any) -> Any:
    """What the operation makes of the values of all threads of the subgroup; each of them has it."""
    if name not in _EXTREMES:
        return _reduce({**_ADDED, **_INTEGERS}[name], value)
    kind, i32 = _EXTREMES[name], ir.IntegerType.get_signless(32)
    limit = _number((1 << 31) - 1 if kind == "maxsi" else -(1 << 31))
    key = arith.SelectOp(
        arith.CmpFOp(_UNO, value, value).result, limit, _ordered(arith.BitcastOp(i32, value).result)
    ).result
    return arith.BitcastOp(value.type, _ordered(_reduce(kind, key))).result


def _ordered(bits: Any) -> Any:
    """Integers in the order of the floats whose bits they are given; its own inverse. The limits are those of NaNs."""
    sign = arith.ShRSIOp(bits, _number(31)).result
    return arith.XOrIOp(bits, arith.AndIOp(sign, _number((1 << 31) - 1)).result).result


def _reduce(kind: str, value: Any) -> Any:
    attributes = {"op": ir.Attribute.parse(f"#gpu<all_reduce_op {kind}>")}
    return ir.Operation.create("gpu.subgroup_reduce", [value.type], [value], attributes).result


def _number(value: int) -> Any:
    i32 = ir.IntegerType.get_signless(32)
    return arith.ConstantOp(i32, ir.IntegerAttr.get(i32, value)).result
