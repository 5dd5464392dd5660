"""Division of 64-bit integers where there are only 32-bit ones: a bit of the quotient after the other.

D. E. Knuth: The Art of Computer Programming, volume 2, 4.3.1, with two as the base.
"""

from __future__ import annotations

from typing import Any

from iree.codegen.cpu.structured import find
from iree.dialects.mlir import arith, ir, scf

_SIGNED = ("arith.divsi", "arith.remsi")
_EQ, _NE, _UGT, _ULT, _UGE, _BITS = 0, 1, 8, 6, 9, 64


def divide_in_words(function: Any) -> None:
    """Rewrites quotients and remainders of 64-bit integers. By zero the quotient has all bits set."""
    for op in find(function, *_SIGNED, "arith.divui", "arith.remui"):
        if op.results[0].type != ir.IntegerType.get_signless(64):
            continue
        with op.location, ir.InsertionPoint(op):
            made = _signed(op) if op.name in _SIGNED else _divide(*op.operands)["rem" in op.name]
        op.results[0].replace_all_uses_with(made)
        op.erase()


def _number(value: int, width: int = 32) -> Any:
    type_ = ir.IntegerType.get_signless(width)
    return arith.ConstantOp(type_, ir.IntegerAttr.get(type_, value)).result


def _signed(op: Any) -> Any:
    """By way of the magnitudes: the remainder has the dividend's sign."""
    dividend, divisor = op.operands
    signs = [arith.ShRSIOp(value, _number(_BITS - 1, _BITS)).result for value in (dividend, divisor)]
    parts = _divide(*(_negate(value, sign) for value, sign in zip(op.operands, signs, strict=True)))
    if op.name == "arith.remsi":
        return _negate(parts[1], signs[0])
    return _negate(parts[0], arith.XOrIOp(*signs).result)


def _negate(value: Any, sign: Any) -> Any:
    """The value, or its negative if the sign has all bits set."""
    return arith.SubIOp(arith.XOrIOp(value, sign).result, sign).result


def _halves(value: Any) -> list[Any]:
    """The upper and the lower."""
    upper = arith.ShRUIOp(value, _number(32, _BITS)).result
    return [arith.TruncIOp(ir.IntegerType.get_signless(32), part).result for part in (upper, value)]


def _whole(upper: Any, lower: Any) -> Any:
    high, low = (arith.ExtUIOp(ir.IntegerType.get_signless(_BITS), part).result for part in (upper, lower))
    return arith.OrIOp(arith.ShLIOp(high, _number(32, _BITS)).result, low).result


def _divide(dividend: Any, divisor: Any) -> tuple[Any, Any]:
    """Quotient and remainder of unsigned integers."""
    index = ir.IndexType.get()
    first, last, step = (arith.ConstantOp(index, ir.IntegerAttr.get(index, n)).result for n in (0, _BITS, 1))
    by = _halves(divisor)
    # The quotient's bits come in where the dividend's go out.
    loop = scf.ForOp(first, last, step, [*_halves(dividend), _number(0), _number(0)])
    with ir.InsertionPoint(loop.body):
        upper, lower, high, low = loop.inner_iter_args
        over = arith.CmpIOp(_NE, arith.ShRUIOp(high, _number(31)).result, _number(0)).result
        high, low = _shift_in(high, low), _shift_in(low, upper)
        upper, lower = _shift_in(upper, lower), arith.ShLIOp(lower, _number(1)).result
        same = arith.CmpIOp(_EQ, high, by[0]).result
        fits = arith.AndIOp(same, arith.CmpIOp(_UGE, low, by[1]).result).result
        fits = arith.OrIOp(fits, arith.CmpIOp(_UGT, high, by[0]).result).result
        fits = arith.OrIOp(fits, over).result
        borrow = arith.ExtUIOp(high.type, arith.CmpIOp(_ULT, low, by[1]).result).result
        less = [arith.SubIOp(arith.SubIOp(high, by[0]).result, borrow).result, arith.SubIOp(low, by[1]).result]
        rest = [arith.SelectOp(fits, a, b).result for a, b in zip(less, (high, low), strict=True)]
        bit = arith.ExtUIOp(lower.type, fits).result
        scf.YieldOp([upper, arith.OrIOp(lower, bit).result, *rest])
    results = list(loop.results)
    return _whole(*results[:2]), _whole(*results[2:])


def _shift_in(value: Any, after: Any) -> Any:
    """The value moved up by a bit, which is the first of what comes after it."""
    return arith.OrIOp(arith.ShLIOp(value, _number(1)).result, arith.ShRUIOp(after, _number(31)).result).result
