"""Arithmetic that SPIR-V has not, or only roughly: extremes, remainders, quotients of f16, bf16 from and to f64."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from iree.codegen.cpu.scalars import Floats
from iree.codegen.cpu.structured import defining, find
from iree.codegen.spirv.division import divide_in_words
from iree.dialects.mlir import arith, ir, scf

_OEQ, _OGT, _OLT, _ORD, _UNO = 1, 2, 4, 7, 14


def expand_arithmetic(function: Any, *, words_only: bool) -> None:
    """Rewrites the operations of `_EXPANSIONS`.

    Args:
        function: Where they are.
        words_only: Whether all integers have 32 bits: f16 has none of its size, and 64 bits are emulated.
    """
    if words_only:
        for op in find(function, *_SHIFTS):
            if op.results[0].type == ir.IntegerType.get_signless(64):
                _shift(op)
    expansions = _EXPANSIONS | _PORTABLE if words_only else _EXPANSIONS
    for op in find(function, *expansions):
        with op.location, ir.InsertionPoint(op):
            made = expansions[op.name](op)
        if made is not None:
            op.results[0].replace_all_uses_with(made)
            op.erase()
    if words_only:
        divide_in_words(function)
        for op in find(function, "math.copysign", "math.round"):
            if _is_half(op.results[0].type):
                with op.location, ir.InsertionPoint(op):
                    op.results[0].replace_all_uses_with(_as_single(op))
                op.erase()


def _as_single(op: Any) -> Any:
    """An operation on f16 that upstream makes of the bits, as one of f32, with the same result."""
    wide = [arith.ExtFOp(_single(value.type), value).result for value in op.operands]
    made = ir.Operation.create(op.name, [wide[0].type], wide).result
    return arith.TruncFOp(op.results[0].type, made).result


def _is_half(type_: Any) -> bool:
    return isinstance(type_.element_type if isinstance(type_, ir.VectorType) else type_, ir.F16Type)


def _single(type_: Any) -> Any:
    """The type of f32, or of as many."""
    f32 = ir.F32Type.get()
    return ir.VectorType.get(type_.shape, f32) if isinstance(type_, ir.VectorType) else f32


def _compare(predicate: int, a: Any, b: Any) -> Any:
    return arith.CmpFOp(predicate, a, b).result


def _constant(value: Any) -> float | None:
    op = defining(value)
    if op is not None and op.name == "vector.broadcast":
        return _constant(op.operands[0])
    if op is not None and op.name == "arith.constant" and isinstance(value.type, ir.VectorType):
        return 0.0
    if op is None or op.name != "arith.constant" or not isinstance(value.type, ir.FloatType):
        return None
    return float(ir.FloatAttr(op.attributes["value"]).value)


def _extreme(op: Any, *, wary: bool = False) -> Any:
    """The larger or smaller: a NaN of either operand, and of zeros the positive or the negative.

    With `wary`, what comparisons of NaNs say does not matter.
    """
    a, b = op.operands
    if _constant(a) is not None:
        a, b = b, a
    largest = op.name.startswith("arith.max")
    known = _constant(b)
    other = b
    if known is None:
        bits = _bits(a.type)
        join = arith.AndIOp if largest else arith.OrIOp
        both = join(arith.BitcastOp(bits, a).result, arith.BitcastOp(bits, b).result).result
        other = arith.SelectOp(_compare(_OEQ, a, b), arith.BitcastOp(b.type, both).result, b).result
    chosen = arith.SelectOp(_compare(_OGT if largest else _OLT, a, b), a, other).result
    if wary and known is None:
        chosen = arith.SelectOp(_compare(_UNO, b, b), b, chosen).result
    return arith.SelectOp(_compare(_UNO, a, a), a, chosen).result


_SHIFTS = ("arith.shli", "arith.shrui", "arith.shrsi")


def _shift(op: Any) -> None:
    """A shift by nothing, which upstream's emulation makes one of the other half by its width, is the value itself."""
    value, amount = op.operands
    if defining(amount) is not None and defining(amount).name == "arith.constant":
        return
    with op.location, ir.InsertionPoint(op):
        zero, one = (arith.ConstantOp(amount.type, ir.IntegerAttr.get(amount.type, n)).result for n in (0, 1))
        none = arith.CmpIOp(0, amount, zero).result
        op.operands[1] = arith.SelectOp(none, one, amount).result
    with op.location, ir.InsertionPoint.after(op):
        chosen = arith.SelectOp(none, value, op.results[0]).operation
    op.results[0].replace_all_uses_except(chosen.results[0], [chosen])


def _portable_extreme(op: Any) -> Any:
    """That of f16 as f32, which is the same."""
    type_ = op.results[0].type
    if not _is_half(type_):
        return _extreme(op, wary=True)
    wide = _single(type_)
    a, b = (arith.ExtFOp(wide, value).result for value in op.operands)
    kind = arith.MaximumFOp if op.name == "arith.maximumf" else arith.MinimumFOp
    inner = kind(a, b)
    result = _extreme(inner, wary=True)
    inner.operation.erase()
    return arith.TruncFOp(type_, result).result


def _bits(type_: Any) -> Any:
    if isinstance(type_, ir.VectorType):
        return ir.VectorType.get(type_.shape, _bits(type_.element_type))
    return ir.IntegerType.get_signless(type_.width)


def _number(op: Any, *, wary: bool = False) -> Any:
    """The larger or smaller, where a NaN is left out; for `wary` see `_extreme`."""
    a, b = op.operands
    chosen = arith.SelectOp(_compare(_OGT if op.name == "arith.maxnumf" else _OLT, a, b), a, b).result
    if wary:
        chosen = arith.SelectOp(_compare(_UNO, a, a), b, chosen).result
    return arith.SelectOp(_compare(_UNO, b, b), a, chosen).result


def _signed_remainder(op: Any) -> Any:
    """Upstream's takes the sign of the smallest integer for positive."""
    a, b = op.operands
    return arith.SubIOp(a, arith.MulIOp(arith.DivSIOp(a, b).result, b).result).result


def _float_remainder(op: Any) -> Any:
    """The exact remainder with the dividend's sign, by taking away the divisor times powers of two: each difference
    of a number and the largest such multiple below it is exact.
    """
    a, b = op.operands
    if a.type.width < 32:
        wide = ir.F32Type.get()
        wider = arith.RemFOp(arith.ExtFOp(wide, a).result, arith.ExtFOp(wide, b).result)
        return arith.TruncFOp(a.type, _float_remainder(wider)).result
    f = Floats(a.type, fused=False)
    left, divisor = f.abs(a), f.abs(b)
    smallest = f.pick(1.1754943508222875e-38, 2.2250738585072014e-308)
    ordered = _compare(_ORD, left, divisor)  # what the loop must not depend on where compilers assume it
    usable = arith.AndIOp(f.compare("olt", left, f.infinity), f.compare("oge", divisor, smallest)).result
    usable = arith.AndIOp(usable, f.compare("olt", divisor, f.infinity)).result
    usable = arith.AndIOp(usable, ordered).result
    exponent = f.int_const(((1 << (a.type.width - 1 - f.mantissa)) - 1) << f.mantissa)
    base = arith.AndIOp(f.bits(divisor), exponent).result
    loop = scf.WhileOp([a.type], [left])
    before, after = (region.blocks.append(a.type, arg_locs=[op.location]) for region in loop.regions)
    with ir.InsertionPoint(before):
        goes_on = arith.AndIOp(usable, f.compare("oge", before.arguments[0], divisor)).result
        scf.ConditionOp(goes_on, [before.arguments[0]])
    with ir.InsertionPoint(after):
        rest = after.arguments[0]
        up = arith.SubIOp(arith.AndIOp(f.bits(rest), exponent).result, base).result
        multiple = f.from_bits(f.int_add(f.bits(divisor), up))
        multiple = f.select(f.compare("ogt", multiple, rest), f.mul(multiple, 0.5), multiple)
        scf.YieldOp([f.sub(rest, multiple)])
    result = f.copysign(loop.results[0], a)
    numbers = arith.AndIOp(f.compare("olt", left, f.infinity), f.compare("ogt", divisor, 0.0)).result
    numbers = arith.AndIOp(numbers, ordered).result
    return f.select(numbers, result, float("nan"))


def _quotient(op: Any) -> Any:
    """That of f16 as f32: devices need not round theirs, and the error of f32 does not reach it."""
    type_ = op.results[0].type
    if not _is_half(type_):
        return None
    wide = _single(type_)
    a, b = (arith.ExtFOp(wide, value).result for value in op.operands)
    return arith.TruncFOp(type_, arith.DivFOp(a, b).result).result


def _extend(op: Any) -> Any:
    if not isinstance(op.operands[0].type, ir.BF16Type) or not isinstance(op.results[0].type, ir.F64Type):
        return None
    return arith.ExtFOp(op.results[0].type, arith.ExtFOp(ir.F32Type.get(), op.operands[0]).result).result


def _truncate(op: Any) -> Any:
    if not isinstance(op.operands[0].type, ir.F64Type) or not isinstance(op.results[0].type, ir.BF16Type):
        return None
    return arith.TruncFOp(op.results[0].type, arith.TruncFOp(ir.F32Type.get(), op.operands[0]).result).result


_EXPANSIONS: dict[str, Callable[[Any], Any]] = {
    "arith.maximumf": _extreme,
    "arith.minimumf": _extreme,
    "arith.maxnumf": _number,
    "arith.minnumf": _number,
    "arith.divf": _quotient,
    "arith.remsi": _signed_remainder,
    "arith.remf": _float_remainder,
    "arith.extf": _extend,
    "arith.truncf": _truncate,
}

_PORTABLE: dict[str, Callable[[Any], Any]] = {
    "arith.maximumf": _portable_extreme,
    "arith.minimumf": _portable_extreme,
    "arith.maxnumf": partial(_number, wary=True),
    "arith.minnumf": partial(_number, wary=True),
}
"""Where compilers may assume that there are no NaNs."""
