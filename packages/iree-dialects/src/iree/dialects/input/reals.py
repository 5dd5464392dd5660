"""Arithmetic on f64 scalars written with Python's operators, and on unevaluated sums of two of them.

What is exact here is so without fused multiply-adds, which not every target has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from iree.dialects.mlir import arith, ir, math


@dataclass(frozen=True)
class Flag:
    """An i1: the truth value of a condition."""

    value: Any

    def __and__(self, other: Flag) -> Flag:
        return Flag(arith.AndIOp(self.value, other.value).result)

    def __or__(self, other: Flag) -> Flag:
        return Flag(arith.OrIOp(self.value, other.value).result)

    def __invert__(self) -> Flag:
        true = arith.ConstantOp(self.value.type, 1).result
        return Flag(arith.XOrIOp(self.value, true).result)


@dataclass(frozen=True, eq=False)
class Real:
    """An f64 whose operators build operations at the current insertion point. Comparisons with NaN do not hold."""

    value: Any

    def __add__(self, other: Real | float) -> Real:
        return Real(arith.AddFOp(self.value, real(other).value).result)

    def __radd__(self, other: float) -> Real:
        return real(other) + self

    def __sub__(self, other: Real | float) -> Real:
        return Real(arith.SubFOp(self.value, real(other).value).result)

    def __rsub__(self, other: float) -> Real:
        return real(other) - self

    def __mul__(self, other: Real | float) -> Real:
        return Real(arith.MulFOp(self.value, real(other).value).result)

    def __rmul__(self, other: float) -> Real:
        return real(other) * self

    def __truediv__(self, other: Real | float) -> Real:
        return Real(arith.DivFOp(self.value, real(other).value).result)

    def __rtruediv__(self, other: float) -> Real:
        return real(other) / self

    def __neg__(self) -> Real:
        return Real(arith.NegFOp(self.value).result)

    def __abs__(self) -> Real:
        return Real(math.AbsFOp(self.value).result)

    def __lt__(self, other: Real | float) -> Flag:
        return self._compare(arith.CmpFPredicate.OLT, other)

    def __le__(self, other: Real | float) -> Flag:
        return self._compare(arith.CmpFPredicate.OLE, other)

    def __gt__(self, other: Real | float) -> Flag:
        return self._compare(arith.CmpFPredicate.OGT, other)

    def __ge__(self, other: Real | float) -> Flag:
        return self._compare(arith.CmpFPredicate.OGE, other)

    def is_nan(self) -> Flag:
        """Whether it is no number."""
        return self._compare(arith.CmpFPredicate.UNO, self)

    def equals(self, other: Real | float) -> Flag:
        """Whether both are numbers and equal."""
        return self._compare(arith.CmpFPredicate.OEQ, other)

    def _compare(self, predicate: Any, other: Real | float) -> Flag:
        return Flag(arith.CmpFOp(predicate, self.value, real(other).value).result)


Pair = tuple[Real, Real]
"""The sum of two numbers, the second of which is about as small as the first one's rounding."""


def real(x: Real | float) -> Real:
    """`x` itself, or the constant."""
    if isinstance(x, Real):
        return x
    double = ir.F64Type.get()
    return Real(arith.ConstantOp(double, ir.FloatAttr.get(double, x)).result)


def where(condition: Flag, a: Real | float, b: Real | float) -> Real:
    """`a` if the condition holds, else `b`."""
    return Real(arith.SelectOp(condition.value, real(a).value, real(b).value).result)


def exp(x: Real) -> Real:
    """E to the power x."""
    return Real(math.ExpOp(x.value).result)


def expm1(x: Real) -> Real:
    """E to the power x, less 1."""
    return Real(math.ExpM1Op(x.value).result)


def log(x: Real) -> Real:
    """Natural logarithm."""
    return Real(math.LogOp(x.value).result)


def log1p(x: Real) -> Real:
    """Natural logarithm of 1 + x."""
    return Real(math.Log1pOp(x.value).result)


def sqrt(x: Real) -> Real:
    """Square root."""
    return Real(math.SqrtOp(x.value).result)


def cbrt(x: Real) -> Real:
    """Cube root."""
    return Real(math.CbrtOp(x.value).result)


def sin(x: Real) -> Real:
    """Sine."""
    return Real(math.SinOp(x.value).result)


def cos(x: Real) -> Real:
    """Cosine."""
    return Real(math.CosOp(x.value).result)


def sinh(x: Real) -> Real:
    """Hyperbolic sine."""
    return Real(math.SinhOp(x.value).result)


def cosh(x: Real) -> Real:
    """Hyperbolic cosine."""
    return Real(math.CoshOp(x.value).result)


def atan2(y: Real, x: Real) -> Real:
    """Angle of the point (x, y)."""
    return Real(math.Atan2Op(y.value, x.value).result)


def power(x: Real, y: Real) -> Real:
    """X to the power y."""
    return Real(math.PowFOp(x.value, y.value).result)


def floor(x: Real) -> Real:
    """The largest integer that is not above x."""
    return Real(math.FloorOp(x.value).result)


def nearest(x: Real) -> Real:
    """The nearest integer, halves to even."""
    return Real(math.RoundEvenOp(x.value).result)


def copysign(x: Real, sign: Real) -> Real:
    """|x| with the sign of `sign`."""
    return Real(math.CopySignOp(x.value, sign.value).result)


def polynomial(x: Real, coefficients: Sequence[float]) -> Real:
    """Horner's scheme, lowest power first."""
    result = real(coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        result = result * x + coefficient
    return result


def two_sum(a: Real, b: Real | float) -> Pair:
    """A + b, exact (D. Knuth)."""
    high = a + b
    back = high - a
    return high, (a - (high - back)) + (b - back)


def fast_sum(a: Real, b: Real) -> Pair:
    """A + b, exact where |a| >= |b|."""
    high = a + b
    return high, b - (high - a)


def _split(a: Real) -> Pair:
    scaled = a * 134217729.0
    high = scaled - (scaled - a)
    return high, a - high


def product(a: Real, b: Real) -> Pair:
    """A * b, exact (T. J. Dekker 1971) but for overflow and denormals."""
    high = a * b
    (a1, a2), (b1, b2) = _split(a), _split(b)
    return high, ((a1 * b1 - high) + a1 * b2 + a2 * b1) + a2 * b2


def pair(a: Real | float, b: Real | float = 0.0) -> Pair:
    """The sum of two numbers, as they are."""
    return real(a), real(b)


def choose(condition: Flag, a: Pair, b: Pair) -> Pair:
    """`a` if the condition holds, else `b`."""
    return where(condition, a[0], b[0]), where(condition, a[1], b[1])


def scale(a: Pair, b: Real) -> Pair:
    """A * b to twice the precision. The second number may grow by a unit of the first: see `normal`."""
    high, low = product(a[0], b)
    return high, low + a[1] * b


def add(a: Pair, b: Pair) -> Pair:
    """A + b to twice the precision of the larger. The second number may grow by a unit of the first: see `normal`."""
    high, low = two_sum(a[0], b[0])
    return high, low + (a[1] + b[1])


def normal(a: Pair) -> Pair:
    """The same sum, its second number at most half a unit of the first: for the end of a chain of `scale` and `add`,
    which would take several times as long if each of them waited for this.
    """
    return two_sum(*a)


def negate(a: Pair) -> Pair:
    """-a."""
    return -a[0], -a[1]


def multiply(a: Pair, b: Pair) -> Pair:
    """A * b to twice the precision."""
    high, low = product(a[0], b[0])
    return fast_sum(high, low + (a[0] * b[1] + a[1] * b[0]))


def divide(a: Pair, b: Pair) -> Pair:
    """A / b to twice the precision."""
    quotient = a[0] / b[0]
    high, low = product(quotient, b[0])
    rest = ((a[0] - high) - low) + a[1] - quotient * b[1]
    return fast_sum(quotient, rest / b[0])
