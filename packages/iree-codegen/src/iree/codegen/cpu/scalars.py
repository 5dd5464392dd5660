"""Arithmetic on MLIR values of one floating-point type, terse enough to write polynomials with."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from iree.dialects.mlir import arith, ir
from iree.dialects.mlir import math as math_ops

_PREDICATES = {"oeq": 1, "ogt": 2, "oge": 3, "olt": 4, "ole": 5, "one": 6, "uno": 14}


@dataclass(frozen=True)
class Floats:
    """Builds operations on values of `type` (f32 or f64) at the current insertion point.

    Attributes:
        fused: The machine has a fused multiply-add; without one, LLVM would call a function for it.
        rounds: The machine rounds to integers.
    """

    type: Any
    fused: bool
    rounds: bool = True

    @property
    def double(self) -> bool:
        """Whether the type is f64."""
        return bool(self.type.width == 64)

    @property
    def mantissa(self) -> int:
        """Bits of the stored mantissa."""
        return 52 if self.double else 23

    @property
    def bias(self) -> int:
        """Bias of the exponent."""
        return 1023 if self.double else 127

    @property
    def integer(self) -> Any:
        """The integer type of the same width."""
        return ir.IntegerType.get_signless(self.type.width)

    def pick(self, single: Any, double: Any) -> Any:
        """One of two constants by the type."""
        return double if self.double else single

    def const(self, value: float) -> Any:
        """A constant."""
        return arith.ConstantOp(self.type, ir.FloatAttr.get(self.type, value)).result

    def int_const(self, value: int) -> Any:
        """A constant of type `integer`."""
        return arith.ConstantOp(self.integer, ir.IntegerAttr.get(self.integer, value)).result

    def value(self, x: Any) -> Any:
        """`x` itself, or the constant if it is a number."""
        return self.const(x) if isinstance(x, (int, float)) else x

    def add(self, a: Any, b: Any) -> Any:
        """A + b."""
        return arith.AddFOp(self.value(a), self.value(b)).result

    def sub(self, a: Any, b: Any) -> Any:
        """A - b."""
        return arith.SubFOp(self.value(a), self.value(b)).result

    def mul(self, a: Any, b: Any) -> Any:
        """A * b."""
        return arith.MulFOp(self.value(a), self.value(b)).result

    def div(self, a: Any, b: Any) -> Any:
        """A / b."""
        return arith.DivFOp(self.value(a), self.value(b)).result

    def neg(self, a: Any) -> Any:
        """-a."""
        return arith.NegFOp(a).result

    def fma(self, a: Any, b: Any, c: Any) -> Any:
        """A * b + c, rounded once where the machine can, else twice."""
        a, b, c = self.value(a), self.value(b), self.value(c)
        return math_ops.FmaOp(a, b, c).result if self.fused else self.add(self.mul(a, b), c)

    def poly(self, x: Any, coefficients: Sequence[float]) -> Any:
        """Horner's scheme, highest power first."""
        result = self.const(coefficients[0])
        for coefficient in coefficients[1:]:
            result = self.fma(result, x, coefficient)
        return result

    def product(self, a: Any, b: Any) -> tuple[Any, Any]:
        """A * b as an unevaluated sum of two, exact (T. J. Dekker 1971 where there is no fused multiply-add)."""
        a, b = self.value(a), self.value(b)
        high = self.mul(a, b)
        if self.fused:
            return high, self.fma(a, b, self.neg(high))
        (a1, a2), (b1, b2) = self._split(a), self._split(b)
        low = self.sub(self.mul(a1, b1), high)
        low = self.add(self.add(low, self.mul(a1, b2)), self.mul(a2, b1))
        return high, self.add(low, self.mul(a2, b2))

    def _split(self, a: Any) -> tuple[Any, Any]:
        scaled = self.mul(a, self.pick(4097.0, 134217729.0))
        high = self.sub(scaled, self.sub(scaled, a))
        return high, self.sub(a, high)

    def fast_sum(self, a: Any, b: Any) -> tuple[Any, Any]:
        """A + b as an unevaluated sum of two, exact where |a| >= |b|."""
        high = self.add(a, b)
        return high, self.sub(b, self.sub(high, a))

    def two_sum(self, a: Any, b: Any) -> tuple[Any, Any]:
        """A + b as an unevaluated sum of two, exact (D. Knuth)."""
        high = self.add(a, b)
        back = self.sub(high, a)
        return high, self.add(self.sub(a, self.sub(high, back)), self.sub(b, back))

    def nearest(self, a: Any) -> Any:
        """Nearest integer of any magnitude, halves to even."""
        if self.rounds:
            return math_ops.RoundEvenOp(a).result
        magnitude = self.abs(a)
        limit = 2.0**self.mantissa
        rounded = self.sub(self.add(magnitude, limit), limit)
        return self.copysign(self.select(self.compare("olt", magnitude, limit), rounded, magnitude), a)

    def abs(self, a: Any) -> Any:
        """|a|."""
        return math_ops.AbsFOp(a).result

    def sqrt(self, a: Any) -> Any:
        """Square root, correctly rounded."""
        return math_ops.SqrtOp(a).result

    def copysign(self, a: Any, sign: Any) -> Any:
        """|a| with the sign of `sign`."""
        return math_ops.CopySignOp(self.value(a), sign).result

    def compare(self, predicate: str, a: Any, b: Any) -> Any:
        """An i1: ``oeq``, ``olt``, … or ``uno``."""
        attribute = ir.IntegerAttr.get(ir.IntegerType.get_signless(64), _PREDICATES[predicate])
        return arith.CmpFOp(attribute, self.value(a), self.value(b)).result

    def select(self, condition: Any, a: Any, b: Any) -> Any:
        """`a` if `condition` else `b`."""
        return arith.SelectOp(condition, self.value(a), self.value(b)).result

    def at_most(self, a: Any, limit: float) -> Any:
        """min(a, limit); a NaN stays."""
        return self.select(self.compare("ogt", a, limit), limit, a)

    def at_least(self, a: Any, limit: float) -> Any:
        """max(a, limit); a NaN stays."""
        return self.select(self.compare("olt", a, limit), limit, a)

    def round(self, a: Any) -> Any:
        """Nearest integer for |a| < 2^22 (f32) or 2^51 (f64), by adding and taking away 1.5 * 2^mantissa."""
        magic = 1.5 * 2.0**self.mantissa
        return self.sub(self.add(a, magic), magic)

    def bits(self, a: Any) -> Any:
        """The value's bits as `integer`."""
        return arith.BitcastOp(self.integer, a).result

    def from_bits(self, a: Any) -> Any:
        """The inverse of `bits`."""
        return arith.BitcastOp(self.type, a).result

    def to_int(self, a: Any) -> Any:
        """Truncates to `integer`. The value must fit."""
        return arith.FPToSIOp(self.integer, a).result

    def from_int(self, a: Any) -> Any:
        """A signed `integer` as float."""
        return arith.SIToFPOp(self.type, a).result

    def int_add(self, a: Any, b: Any) -> Any:
        """Integer sum."""
        return arith.AddIOp(a, b).result

    def power_of_two(self, n: Any) -> Any:
        """2^n for an integer-valued float n in the range of normal numbers. Works on the bits of n + 1.5 *
        2^mantissa + bias.
        """
        shifted = self.add(n, 1.5 * 2.0**self.mantissa + self.bias)
        shift = self.int_const(self.mantissa)
        return self.from_bits(arith.ShLIOp(self.bits(shifted), shift).result)

    @property
    def infinity(self) -> float:
        """Positive infinity."""
        return math.inf
