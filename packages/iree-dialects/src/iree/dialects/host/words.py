"""Scalars as the 32-bit words that kernels take."""

from __future__ import annotations

import struct
from typing import Any

from iree.dialects.host.sizes import i32, i64, known, value_of, word
from iree.dialects.mlir import arith, ir

Word = Any
"""An `int` (the bits, unsigned), or an `ir.Value` of type i32."""


def words(value: Any) -> list[Word]:
    """The words of a scalar of type i32, i64, f32, f64 or index: one, or two with the low one first."""
    bits = _known_bits(value)
    wide = _is_wide(value.type)
    if bits is not None:
        return [bits & 0xFFFFFFFF, bits >> 32 & 0xFFFFFFFF] if wide else [bits & 0xFFFFFFFF]
    if isinstance(value.type, ir.IndexType):
        value = arith.index_cast(i64(), value)
    elif isinstance(value.type, ir.FloatType):
        value = arith.bitcast(i64() if wide else i32(), value)
    if not wide:
        return [value]
    return [arith.trunci(i32(), value), arith.trunci(i32(), arith.shrui(value, value_of(32)))]


def word_value(item: Word) -> Any:
    """A word as an i32 value at the insertion point."""
    return word(item - (1 << 32) if item >> 31 else item) if isinstance(item, int) else item


def pattern(value: Any, width: int) -> Any:
    """The bits of a scalar of `width` bytes for a fill: an `int`, or an i64 value."""
    bits = _known_bits(value)
    if bits is not None:
        return bits & ((1 << 8 * width) - 1)
    if isinstance(value.type, ir.IndexType):
        return arith.index_cast(i64(), value)
    if isinstance(value.type, ir.FloatType):
        value = arith.bitcast(ir.IntegerType.get_signless(8 * width), value)
    return value if value.type == i64() else arith.extui(i64(), value)


def _is_wide(type_: Any) -> bool:
    return isinstance(type_, (ir.IndexType, ir.F64Type)) or type_ == i64()


def _known_bits(value: Any) -> int | None:
    integer = known(value)
    if integer is not None:
        return integer & 0xFFFFFFFFFFFFFFFF
    owner = value.owner
    if isinstance(owner, ir.Block) or owner.operation.name != "arith.constant":
        return None
    number = ir.FloatAttr(owner.operation.attributes["value"]).value
    if isinstance(value.type, ir.F32Type):
        return int.from_bytes(struct.pack("<f", number), "little")
    if isinstance(value.type, ir.F64Type):
        return int.from_bytes(struct.pack("<d", number), "little")
    if isinstance(value.type, ir.F16Type):
        return int.from_bytes(struct.pack("<e", number), "little")
    if isinstance(value.type, ir.BF16Type):
        return int.from_bytes(struct.pack("<f", number)[2:], "little")
    return None
