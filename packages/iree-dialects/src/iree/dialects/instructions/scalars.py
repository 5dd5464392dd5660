"""Scalar operations of arith and math as instructions: tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from iree.dialects import vm
from iree.dialects.mlir import CompileError, ir

BINARY: dict[str, str] = {
    "arith.addi": "add", "arith.subi": "sub", "arith.muli": "mul", "arith.divsi": "div_s", "arith.divui": "div_u",
    "arith.remsi": "rem_s", "arith.remui": "rem_u", "arith.andi": "and", "arith.ori": "or", "arith.xori": "xor",
    "arith.shli": "shl", "arith.shrsi": "shr_s", "arith.shrui": "shr_u", "arith.minsi": "min_s",
    "arith.maxsi": "max_s", "arith.minui": "min_u", "arith.maxui": "max_u", "arith.addf": "add", "arith.subf": "sub",
    "arith.mulf": "mul", "arith.divf": "div", "arith.remf": "rem", "arith.minimumf": "min", "arith.maximumf": "max",
    "math.powf": "pow", "math.atan2": "atan2",
}  # fmt: skip
UNARY: dict[str, str] = {
    "arith.negf": "neg", "math.absf": "abs", "math.ceil": "ceil", "math.floor": "floor", "math.trunc": "trunc",
    "math.round": "round", "math.roundeven": "roundeven", "math.sqrt": "sqrt", "math.exp": "exp",
    "math.expm1": "expm1", "math.log": "log", "math.log1p": "log1p", "math.sin": "sin", "math.cos": "cos",
    "math.tan": "tan", "math.tanh": "tanh", "math.erf": "erf", "math.ctlz": "clz", "math.cttz": "ctz",
    "math.ctpop": "popcnt",
}  # fmt: skip
COMPARE_INTEGERS: Sequence[tuple[str, bool]] = (
    ("eq", False), ("ne", False), ("lt_s", False), ("le_s", False), ("lt_s", True), ("le_s", True),
    ("lt_u", False), ("le_u", False), ("lt_u", True), ("le_u", True),
)  # fmt: skip
"""By `arith.cmpi` predicate: the instruction, and whether its operands are swapped."""
COMPARE_FLOATS: dict[int, tuple[str, bool, bool]] = {
    1: ("eq", False, False), 2: ("lt", True, False), 3: ("le", True, False), 4: ("lt", False, False),
    5: ("le", False, False), 9: ("le", False, True), 10: ("lt", False, True), 11: ("le", True, True),
    12: ("lt", True, True), 13: ("ne", False, False), 14: ("unordered", False, False), 7: ("unordered", False, True),
}  # fmt: skip
"""By `arith.cmpf` predicate: the instruction, are its operands swapped, is its result inverted?"""

NARROW = (1, 8, 16)
"""Widths of integers that live in i32 registers with unspecified high bits."""


def value_type(type_: Any, at: Any) -> Any:
    """The register type for a scalar type: index is i64, integers up to 32 bits are i32.

    Raises:
        CompileError: There is none.
    """
    if isinstance(type_, ir.IndexType):
        return ir.IntegerType.get_signless(64)
    if isinstance(type_, ir.IntegerType) and type_.width in NARROW:
        return ir.IntegerType.get_signless(32)
    if vm.suffix(type_) != "ref" or isinstance(type_, ir.OpaqueType):
        return type_
    raise CompileError(f"host code cannot compute with values of type {type_}", at)


def narrow_width(type_: Any) -> int | None:
    """The width of an integer narrower than its register, else None."""
    return type_.width if isinstance(type_, ir.IntegerType) and type_.width in NARROW else None


def extend(value: Any, width: int | None, *, signed: bool) -> Any:
    """A narrow integer with its high bits made those of its value."""
    if width is None:
        return value
    return vm.emit(f"ext_{'s' if signed else 'u'}.i{width}.i32", [value], [value.type])


def lower(op: Any, operands: Sequence[Any]) -> Any | None:
    """Builds the instructions of a scalar operation with one result at the insertion point.

    Args:
        op: Of arith or math.
        operands: Its operands as registers.

    Returns:
        The result's register, or None if there are no instructions for the operation.
    """
    result = op.results[0].type
    type_ = value_type(result, op)
    source = op.operands[0].type if len(op.operands) else result
    width = narrow_width(source)
    name = op.name
    if name == "arith.constant":
        return _constant(op, type_)
    if name in BINARY:
        base = BINARY[name]
        signed = base.endswith("_s")
        if base.endswith(("_s", "_u")):
            operands = [extend(value, width, signed=signed) for value in operands]
        return vm.emit(f"{base}.{type_}", operands, [type_])
    if name in UNARY:
        if width is not None:
            return None  # counts of bits depend on the width
        return vm.emit(f"{UNARY[name]}.{type_}", operands, [type_])
    if name == "arith.select":
        condition, *values = operands
        suffix = vm.suffix(type_)
        mnemonic = "ref.select" if suffix == "ref" else f"select.{suffix}"
        return vm.emit(mnemonic, [extend(condition, 1, signed=False), *values], [type_])
    if name == "arith.cmpi":
        base, swapped = COMPARE_INTEGERS[ir.IntegerAttr(op.attributes["predicate"]).value]
        operands = [extend(value, width, signed=base.endswith("_s")) for value in operands]
        return vm.emit(f"cmp.{base}.{operands[0].type}", operands[:: -1 if swapped else 1], [type_])
    if name == "arith.cmpf":
        return _compare_floats(op, operands, type_)
    return _convert(op, operands[0], source, type_)


def _constant(op: Any, type_: Any) -> Any:
    attribute = op.attributes["value"]
    if isinstance(attribute, ir.FloatAttr):
        return vm.const(type_, attribute.value)
    value = int(ir.IntegerAttr(attribute).value)
    return vm.const(type_, value)


def _compare_floats(op: Any, operands: Sequence[Any], type_: Any) -> Any | None:
    row = COMPARE_FLOATS.get(ir.IntegerAttr(op.attributes["predicate"]).value)
    if row is None:
        return None
    base, swapped, inverted = row
    result = vm.emit(f"cmp.{base}.{operands[0].type}", operands[:: -1 if swapped else 1], [type_])
    return vm.emit("xor.i32", [result, vm.const(type_, 1)], [type_]) if inverted else result


def _convert(op: Any, value: Any, source: Any, type_: Any) -> Any | None:
    """Conversions between types; the register's type of the source is that of `value`."""
    name, width = op.name, narrow_width(source)
    have = value.type
    result = op.results[0].type
    signed = name in ("arith.extsi", "arith.index_cast", "arith.sitofp")
    if name in ("arith.extsi", "arith.extui", "arith.index_cast", "arith.index_castui", "arith.trunci"):
        if name != "arith.trunci":
            value = extend(value, width, signed=signed)
        if have == type_:
            return value
        if str(have) == "i64":
            return vm.emit("trunc.i64.i32", [value], [type_])
        return vm.emit(f"ext_{'s' if signed else 'u'}.i32.i64", [value], [type_])
    if name in ("arith.sitofp", "arith.uitofp"):
        value = extend(value, width, signed=signed)
        return vm.emit(f"fp_{'s' if signed else 'u'}.{have}.{type_}", [value], [type_])
    if name in ("arith.fptosi", "arith.fptoui"):
        return vm.emit(f"int_{'s' if name.endswith('si') else 'u'}.{have}.{type_}", [value], [type_])
    if name == "arith.extf":
        return vm.emit("fpext.f32.f64", [value], [type_])
    if name == "arith.truncf":
        return vm.emit("fptrunc.f64.f32", [value], [type_])
    if name == "arith.bitcast":
        if have == type_:
            return value if source == result else None
        return vm.emit(f"bitcast.{have}.{type_}", [value], [type_])
    return None
