"""Scalars of 8-bit floats: kept as their bits, computed with as f32.

Formats: OCP 8-bit floating point specification 1.0 (E4M3FN, E5M2), those that IEEE 754 makes of as many bits (E4M3,
E3M4) and "8-bit numerical formats for deep neural networks" (B. Noune et al. 2022: the FNUZ forms, which have no
infinities and no negative zero). Rounding is to nearest, halves to even; what is too large becomes infinity, or NaN
where there is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from iree.dialects.input.build import constant
from iree.dialects.input.rounding import to_odd
from iree.dialects.input.rules import operations
from iree.dialects.mlir import CompileError, arith, ir


@dataclass(frozen=True)
class Format:
    """A format.

    Attributes:
        mantissa: Stored bits of the mantissa.
        bias: Bias of the exponent.
        largest: Bits of the largest finite number.
        overflow: Bits of what is larger, without sign.
        nan: Bits of the NaN that conversions give, without sign.
        unsigned_zero: Whether there is no negative zero; its bits are the only NaN then.
    """

    mantissa: int
    bias: int
    largest: int
    overflow: int
    nan: int
    unsigned_zero: bool = False


FORMATS = {
    "f8E5M2": Format(2, 15, 0x7B, 0x7C, 0x7E),
    "f8E4M3": Format(3, 7, 0x77, 0x78, 0x7C),
    "f8E3M4": Format(4, 3, 0x6F, 0x70, 0x78),
    "f8E4M3FN": Format(3, 7, 0x7E, 0x7F, 0x7F),
    "f8E5M2FNUZ": Format(2, 16, 0x7F, 0x80, 0x80, True),
    "f8E4M3FNUZ": Format(3, 8, 0x7F, 0x80, 0x80, True),
    "f8E4M3B11FNUZ": Format(3, 11, 0x7F, 0x80, 0x80, True),
}
"""MLIR's name -> format."""

_BY_BITS = ("arith.select", "scf.condition", "scf.for", "scf.if", "scf.while", "scf.yield")
"""Operations that only pass values on."""


def is_float8(type_: Any) -> bool:
    """Whether a type is a float of at most 8 bits; those that are not in `FORMATS` are refused where they are used."""
    return isinstance(type_, ir.FloatType) and type_.width <= 8


def _format(type_: Any, op: Any) -> Format:
    name = str(type_)
    if name not in FORMATS:
        raise CompileError(f"{name} is not supported; floats of at most 8 bits that are: {', '.join(FORMATS)}", op)
    return FORMATS[name]


def expand(module: Any) -> None:
    """Rewrites every scalar of these types in `module` in place."""
    found = [op for op in operations(module, order=ir.WalkOrder.PRE_ORDER) if _concerns(op)]
    if found:
        _Expansion().run(found)


def _values(op: Any) -> list[Any]:
    return [*op.results, *(a for region in op.regions for block in region for a in block.arguments)]


def _concerns(op: Any) -> bool:
    return any(is_float8(value.type) for value in (*op.operands, *_values(op)))


class _Expansion:
    """The formats of values that have become bytes. Bytes take the place of the values as they are found."""

    def __init__(self) -> None:
        self._formats: dict[Any, Format] = {}

    def run(self, found: list[Any]) -> None:
        """Rewrites the operations, which come before those that use their results."""
        rebuilt = []
        for op in found:
            for value in _values(op):
                if is_float8(value.type) and (op.name in _BY_BITS or len(op.regions)):
                    self._formats[value] = _format(value.type, op)
                    value.set_type(_i8())
            if op.name not in _BY_BITS and not len(op.regions):
                with op.location, ir.InsertionPoint(op):
                    self._rebuild(op)
                rebuilt.append(op)
        for op in reversed(rebuilt):
            op.erase()

    def _rebuild(self, op: Any) -> None:
        if op.name == "arith.constant":
            wide = constant(op.attributes["value"].value, ir.F32Type.get())
            new = [encode(wide, _format(op.results[0].type, op))]
        elif op.name == "arith.bitcast":
            new = [op.operands[0]]
        else:
            new = self._compute(op)
        for old, value in zip(op.results, new, strict=True):
            if is_float8(old.type):
                self._formats[value] = _format(old.type, op)
            old.replace_all_uses_with(value)

    def _compute(self, op: Any) -> list[Any]:
        f32 = ir.F32Type.get()
        operands = [decode(v, self._formats[v]) if v in self._formats else v for v in op.operands]
        if op.name in ("arith.extf", "arith.truncf"):
            return [_round(operands[0], op)]
        types = [f32 if is_float8(result.type) else result.type for result in op.results]
        attributes = {name: op.attributes[name] for name in op.attributes}
        made = ir.Operation.create(op.name, results=types, operands=operands, attributes=attributes)
        return [
            encode(value, _format(result.type, op)) if is_float8(result.type) else value
            for value, result in zip(made.results, op.results, strict=True)
        ]


def _round(value: Any, op: Any) -> Any:
    """A conversion between floats of which one has 8 bits."""
    target = op.results[0].type
    if is_float8(target):
        return encode(to_odd(value) if value.type == ir.F64Type.get() else _widen(value), _format(target, op))
    if target.width > 32:
        return arith.ExtFOp(target, value).result
    return value if target.width == 32 else arith.TruncFOp(target, value).result


def _widen(value: Any) -> Any:
    f32 = ir.F32Type.get()
    return value if value.type == f32 else arith.ExtFOp(f32, value).result


def _i8() -> Any:
    return ir.IntegerType.get_signless(8)


def _i32() -> Any:
    return ir.IntegerType.get_signless(32)


def _number(value: int) -> Any:
    return constant(value, _i32())


def _and(a: Any, mask: int) -> Any:
    return arith.AndIOp(a, _number(mask)).result


def _shift(a: Any, bits: int, left: bool) -> Any:
    return (arith.ShLIOp if left else arith.ShRUIOp)(a, _number(bits)).result


def decode(byte: Any, format_: Format) -> Any:
    """The f32 of these bits, put together as an integer: devices may take denormal f32 for zero and lose NaNs.

    Denormals are the mantissa that is added to the smallest normal number, less that number.
    """
    f32 = ir.F32Type.get()
    wide = arith.ExtUIOp(_i32(), byte).result
    magnitude = _and(wide, 0x7F)
    moved = _shift(magnitude, 23 - format_.mantissa, True)
    normal = arith.AddIOp(moved, _number((127 - format_.bias) << 23)).result
    least = (128 - format_.bias) << 23
    added = arith.BitcastOp(f32, arith.AddIOp(moved, _number(least)).result).result
    denormal = arith.SubFOp(added, constant(2.0 ** (1 - format_.bias), f32)).result
    small = arith.CmpIOp(arith.CmpIPredicate.ult, magnitude, _number(1 << format_.mantissa)).result
    bits = arith.SelectOp(small, arith.BitcastOp(_i32(), denormal).result, normal).result
    if format_.unsigned_zero:
        special = arith.CmpIOp(arith.CmpIPredicate.eq, wide, _number(0x80)).result
    else:
        special = arith.CmpIOp(arith.CmpIPredicate.ugt, magnitude, _number(format_.largest)).result
    replaced = _number(0x7FC00000)
    if format_.overflow not in (format_.nan, 0x80):
        infinite = arith.CmpIOp(arith.CmpIPredicate.eq, magnitude, _number(format_.overflow)).result
        replaced = arith.SelectOp(infinite, _number(0x7F800000), replaced).result
    bits = arith.SelectOp(special, replaced, bits).result
    sign = _shift(_and(wide, 0x80), 24, True)
    return arith.BitcastOp(f32, arith.OrIOp(bits, sign).result).result


def encode(value: Any, format_: Format) -> Any:
    """The bits of an f32 rounded to the format."""
    bits = arith.BitcastOp(_i32(), value).result
    magnitude = _and(bits, 0x7FFFFFFF)
    cut = 23 - format_.mantissa
    # Normal numbers: rebias, add just less than half of the last place, and one if that is odd.
    rebiased = arith.SubIOp(magnitude, _number((127 - format_.bias) << 23)).result
    odd = _and(_shift(rebiased, cut, False), 1)
    normal = arith.AddIOp(arith.AddIOp(rebiased, _number((1 << (cut - 1)) - 1)).result, odd).result
    normal = _shift(normal, cut, False)
    # Denormal ones: adding a number whose last place is theirs rounds.
    f32 = ir.F32Type.get()
    magic = 2.0 ** (23 + 1 - format_.bias - format_.mantissa)
    moved = arith.AddFOp(arith.BitcastOp(f32, magnitude).result, constant(magic, f32)).result
    zero = arith.BitcastOp(_i32(), constant(magic, f32)).result
    denormal = arith.SubIOp(arith.BitcastOp(_i32(), moved).result, zero).result
    least = _number((127 + 1 - format_.bias) << 23)
    code = arith.SelectOp(arith.CmpIOp(arith.CmpIPredicate.ult, magnitude, least).result, denormal, normal).result
    beyond = arith.CmpIOp(arith.CmpIPredicate.ugt, code, _number(format_.largest)).result
    nan = arith.CmpIOp(arith.CmpIPredicate.ugt, magnitude, _number(0x7F800000)).result
    sign = _and(_shift(bits, 24, False), 0x80)
    if format_.unsigned_zero:
        none = arith.CmpIOp(arith.CmpIPredicate.eq, code, _number(0)).result
        signed = arith.SelectOp(none, code, arith.OrIOp(code, sign).result).result
        special = arith.OrIOp(beyond, nan).result
        code = arith.SelectOp(special, _number(0x80), signed).result
    else:
        code = arith.SelectOp(beyond, _number(format_.overflow), code).result
        code = arith.OrIOp(arith.SelectOp(nan, _number(format_.nan), code).result, sign).result
    return arith.TruncIOp(_i8(), code).result
