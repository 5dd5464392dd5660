"""Makes LLVM IR text of MLIR's newer LLVM readable for llvmlite's LLVM 22.

Only floating-point literals differ: the newer printer writes ``f0x`` hexadecimal, shortest decimals that are not
exact, and
the words ``inf``, ``nan``, ``qnan`` and ``snan(0x…)``. LLVM 22 takes hexadecimal with a letter for the type and floats
as the hexadecimal of the double of the same value.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass


@dataclass(frozen=True)
class _Format:
    exponent: int
    mantissa: int
    prefix: str

    @property
    def digits(self) -> int:
        return (1 + self.exponent + self.mantissa) // 4

    def special(self, negative: bool, mantissa: int) -> int:
        """Bits of an infinity (mantissa 0) or a NaN."""
        top = (1 << self.exponent) - 1
        return (negative << (self.exponent + self.mantissa)) | (top << self.mantissa) | mantissa


_FORMATS = {
    "half": _Format(5, 10, "0xH"),
    "bfloat": _Format(8, 7, "0xR"),
    "float": _Format(8, 23, "0x"),
    "double": _Format(11, 52, "0x"),
}

_LITERAL = re.compile(
    r"(?:\b(half|bfloat|float|double) |(?<=, )|(?<=\[ ))"
    r"(?:f0x([0-9A-Fa-f]+)|([+-]?)(?:(inf)|(s?)q?nan(?:\(0x([0-9A-Fa-f]+)\))?)(?![\w(])|(-?\d+\.\d+(?:e[+-]?\d+)?))"
)
_TYPE = re.compile(r"\b(half|bfloat|float|double)\b")


def to_llvm22(text: str) -> str:
    """`text` with every floating-point literal in a form that LLVM 22 reads."""
    return _LITERAL.sub(_literal, text)


def _literal(match: re.Match[str]) -> str:
    written, digits, sign, infinity, signaling, payload, decimal = match.groups()
    kind = written or _operand_type(match)
    form = _FORMATS[kind]
    if digits is not None:
        bits = int(digits, 16)
    elif decimal is not None:
        bits = _round(kind, float(decimal))
    elif infinity is not None:
        bits = form.special(sign == "-", 0)
    else:
        quiet = 0 if signaling else 1 << (form.mantissa - 1)
        bits = form.special(sign == "-", quiet | int(payload or "0", 16))
    number = f"0x{_widen(bits):016X}" if kind == "float" else f"{form.prefix}{bits:0{form.digits}X}"
    return f"{kind} {number}" if written else number


def _operand_type(match: re.Match[str]) -> str:
    """The type of an operand without one, written before the first: ``fadd float %a, 1.0``, ``phi float [ 1.0``."""
    line = match.string[match.string.rfind("\n", 0, match.start()) + 1 : match.start()]
    return str(_TYPE.findall(line)[-1])


def _round(kind: str, value: float) -> int:
    if kind == "double":
        return int.from_bytes(struct.pack(">d", value))
    if kind == "half":
        return int.from_bytes(struct.pack(">e", value))
    bits = int.from_bytes(struct.pack(">f", value))
    return bits if kind == "float" else (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16


def _widen(bits: int) -> int:
    """Bits of the double equal to a float; NaNs keep their payload, which a conversion by the processor would
    quieten.
    """
    if (bits >> 23) & 0xFF == 0xFF:
        return ((bits >> 31) << 63) | (0x7FF << 52) | ((bits & 0x7FFFFF) << 29)
    value = struct.unpack(">f", bits.to_bytes(4))[0]
    return int.from_bytes(struct.pack(">d", value))
