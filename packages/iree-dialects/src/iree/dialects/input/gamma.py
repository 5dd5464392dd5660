"""The logarithm of the gamma function and its derivative, of f64 within 4 units of the last place.

Between -23.5 and 12 both come from V = 1 / gamma(x): the recurrence leads to 1 / gamma(1 + t) with |t| <= 1/2, whose
Taylor series converges everywhere (J. W. Wrench 1968). Computed to twice the precision, V is precise next to 1 too, and
V' next to 0: where logarithm and derivative have their zeros. Above 12 there is Stirling's series, below -23.5 the
reflection, with the sine of pi times an exact distance to the nearest integer. The logarithm has no zeros there that
are further from a pole than half a unit; the derivative has one between any two poles, next to which its error is that
of the parts that cancel.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from iree.dialects.input.reals import (
    Flag,
    Pair,
    Real,
    add,
    choose,
    copysign,
    divide,
    log,
    multiply,
    nearest,
    negate,
    normal,
    pair,
    polynomial,
    real,
    scale,
    where,
)

LOWEST, HIGHEST = -23.5, 12.0
"""Where the recurrence is used."""
_STEPS = 24
_HALF_LOG_TWO_PI = 0.9189385332046728
_RECIPROCAL = (
    (0.5772156649015329, -4.942915152430645e-18), (-0.6558780715202539, 2.137185197068536e-17),
    (-0.04200263503409524, 1.4920306285650505e-18), (0.16653861138229148, 1.0189144546842026e-17),
    (-0.04219773455554433, -3.3579992682480134e-18), (-0.009621971527876973, -5.300031368830263e-19),
    (0.0072189432466631, -3.6006537063394283e-19), (-0.0011651675918590652, 5.659947853880981e-20),
    (-0.00021524167411495098, 2.3758686180729364e-21), (0.0001280502823881162, -9.359124499198967e-21),
    (-2.013485478078824e-05, 3.0488773972037385e-23), (-1.2504934821426706e-06, -2.66214092271898e-23),
    (1.133027231981696e-06, -4.622235212104869e-23), (-2.056338416977607e-07, -3.0061601618645134e-24),
    (6.116095104481416e-09, -2.693458298171306e-25), (5.002007644469223e-09, -1.538123614056751e-26),
    (-1.18127457048702e-09, -1.0052356155716208e-25), (1.0434267116911005e-10, -2.9298419956825035e-27),
)  # fmt: skip
"""1 / gamma(1 + t) = 1 + these times t, t^2, …, as sums of two; `_REST` goes on."""
_REST = (
    7.782263439905071e-12, -3.696805618642206e-12, 5.100370287454476e-13, -2.0583260535665066e-14,
    -5.348122539423018e-15, 1.2267786282382608e-15, -1.1812593016974588e-16, 1.1866922547516004e-18,
    1.4123806553180319e-18, -2.29874568443537e-19, 1.7144063219273374e-20, 1.337351730493693e-22,
    -2.0542335517666728e-22, 2.736030048608e-23,
)  # fmt: skip
_STIRLING = (
    0.08333333333333333, -0.002777777777777778, 0.0007936507936507937, -0.0005952380952380953,
    0.0008417508417508417, -0.0019175269175269176, 0.00641025641025641, -0.029550653594771242,
)  # fmt: skip
"""B_2k / (2 k (2 k - 1))."""
_PSI = (
    0.08333333333333333, -0.008333333333333333, 0.003968253968253968, -0.004166666666666667, 0.007575757575757576,
    -0.021092796092796094, 0.08333333333333333, -0.4432598039215686, 3.0539543302701198, -26.456212121212122,
)  # fmt: skip
"""B_2k / 2 k."""
_SINE = (
    1.0, -1.6449340668482264, 0.8117424252833536, -0.19075182412208422, 0.0261478478176548, -0.0023460810354558235,
    0.000148428793031071, -6.975873661656381e-06, 2.5312174041370274e-07, -7.304711822217775e-09,
    1.7165384749821432e-10, -3.3481335350440666e-12, 5.507458912150965e-14, -7.743082723388031e-16,
)  # fmt: skip
"""sin(pi r) / (pi r) over r^2."""


def log_gamma(x: Real) -> Real:
    """The logarithm of |gamma(x)|: infinite at poles and infinities."""
    size = abs(x)
    shifted = _Shifted(x)
    reciprocal = choose(
        shifted.up,
        multiply(shifted.product, shifted.base),
        divide(shifted.base, choose(shifted.up, pair(1.0), shifted.product)),
    )
    high = abs(reciprocal[0])
    small = 0.0 - (log(high) + where(high > 1e-280, reciprocal[1] / reciprocal[0], 0.0))
    inverse = 1.0 / size
    series = (_HALF_LOG_TWO_PI - 0.5) + inverse * polynomial(inverse * inverse, _STIRLING)
    stirling = (size - 0.5) * (log(size) - 1.0) + series
    reflected = -(stirling + log(size * _sine(abs(x - nearest(x)))))
    result = where(x >= HIGHEST, stirling, where(x > LOWEST, small, reflected))
    pole = (x < LOWEST) & nearest(x).equals(x)
    return where(pole, math.inf, result)


def digamma(x: Real) -> Real:
    """gamma'(x) / gamma(x): NaN at poles."""
    size = abs(x)
    shifted = _Shifted(x)
    slope, derivative = shifted.slopes()
    difference = add(multiply(derivative, shifted.base), negate(multiply(slope, shifted.product)))
    small = (difference[0] + difference[1]) / multiply(shifted.product, shifted.base)[0]
    inverse = 1.0 / size
    square = inverse * inverse
    asymptotic = log(size) - (0.5 * inverse + square * polynomial(square, _PSI))
    rest = x - nearest(x)
    distance = abs(rest)
    cotangent = math.pi * _sine(0.5 - distance) / _sine(distance)
    reflected = asymptotic + inverse - copysign(cotangent, rest)
    result = where(x >= HIGHEST, asymptotic, where(x > LOWEST, small, reflected))
    pole = (x <= 0.0) & rest.equals(0.0)
    return where(pole, math.nan, where(x.equals(math.inf), x, result))


def _sine(r: Real) -> Real:
    """sin(pi r) / pi for 0 <= r <= 1/2."""
    return r * polynomial(r * r, _SINE)


class _Shifted:
    """1 / gamma(x) as `product` * `base`, or as `base` / `product` where not `up`.

    Attributes:
        up: Whether the recurrence goes from x up to 1 + t.
        base: 1 / gamma(1 + t).
        product: Of the numbers that x and 1 + t are apart by.
    """

    def __init__(self, x: Real) -> None:
        usable = (x > LOWEST) & (x < HIGHEST)
        x = where(usable, x, 1.0)
        whole = nearest(x)
        self.up: Flag = x < 1.5
        self._t = x - whole
        self._first = where(self.up, -x, x - 1.0)  # exact, and so is what is taken of it
        self._count = abs(whole - 1.0)
        self.base = _series(self._t, _RECIPROCAL, _REST, 1.0)
        self.product = pair(1.0)
        for step in range(_STEPS):
            self.product = self._where_needed(step, scale(self.product, self._first - float(step)), self.product)
        self.product = normal(self.product)

    def _where_needed(self, step: int, a: Pair, b: Pair) -> Pair:
        return choose(self._count > float(step), a, b)

    def slopes(self) -> tuple[Pair, Pair]:
        """The derivatives of `base`, and of `product` by its first factor."""
        terms = [_times(c, k) for k, c in enumerate(_RECIPROCAL, 1)]
        rest = [c * k for k, c in enumerate(_REST, 1 + len(_RECIPROCAL))]
        slope = add(_series(self._t, terms[1:], rest, 0.0), pair(*terms[0]))
        product, derivative = pair(1.0), pair(0.0)
        for step in range(_STEPS):
            factor = self._first - float(step)
            derivative = self._where_needed(step, add(scale(derivative, factor), product), derivative)
            product = self._where_needed(step, scale(product, factor), product)
        return slope, normal(derivative)


def _series(t: Real, terms: Sequence[tuple[float, float]], rest: Sequence[float], first: float) -> Pair:
    """`first` + `terms` times t, t^2, … + `rest`, which goes on and is small enough to be rounded."""
    result = (polynomial(t, rest), real(0.0))
    for term in reversed(terms):
        result = add(scale(result, t), pair(*term))
    return normal(add(scale(result, t), pair(first)))


def _times(a: tuple[float, float], factor: int) -> tuple[float, float]:
    exact = (Fraction(a[0]) + Fraction(a[1])) * factor
    return float(exact), float(exact - Fraction(float(exact)))
