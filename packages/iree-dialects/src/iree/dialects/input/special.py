"""Special functions of f64: Bessel's, the inverse of the error function, Hurwitz's zeta and polygamma functions.

Upstream's expansions lose digits in them, and leave out terms of zeta below -9. Narrower types are computed as f64 and
rounded, where all targets have it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from typing import Any

from iree.dialects.input.build import dims, elementwise, hlo, like, refine
from iree.dialects.input.gamma import digamma, log_gamma
from iree.dialects.input.loops import without_doubles
from iree.dialects.input.reals import (
    Flag,
    Pair,
    Real,
    copysign,
    exp,
    floor,
    log,
    nearest,
    polynomial,
    power,
    product,
    real,
    sqrt,
    two_sum,
    where,
)
from iree.dialects.input.rules import Rule
from iree.dialects.mlir import arith, ir, stablehlo

_ERF_INV = (
    (3.125, (
        1.6536545626831027, 0.24015818242558962, -0.006033670871430149, -0.000740702534166267, 0.00018673420803405714,
        -1.3882523362786469e-05, -1.3654692000834679e-06, 4.2347877827932404e-07, -2.9070369957882005e-08,
        -4.112633980346984e-09, 1.0512122733215323e-09, -5.415412054294628e-11, -1.2975133253453532e-11,
        2.6335093153082323e-12, -8.151934197605472e-14, -4.054566272975207e-14, 6.637638134358324e-15,
        2.0972767875968562e-17, -1.333171662854621e-16, 1.1157877678025181e-17, 1.28584807152564e-18,
        -1.6850591381820166e-19, -3.64441206401782e-21,
    )),
    (3.25, (
        3.0838856104922208, 1.0052589676941592, 0.005370914553590064, -0.003751208507569241, 0.002491442096107851,
        -0.0016882755560235047, 0.0009532893797373805, -0.0003550375203628475, 2.4031110387097894e-05,
        6.828485145957318e-05, -4.7318229009055734e-05, 1.2475304481671779e-05, 2.9234449089955446e-06,
        -4.013867526981546e-06, 1.5027403968909828e-06, 1.8239629214389228e-08, -2.7517406297064545e-07,
        9.075656193888539e-08, 2.2137376921775787e-09,
    )),
    (5.0, (
        4.849906401408584, 1.0103004648645344, -0.00013871931833623122, -0.00021503011930044477,
        7.599527703001776e-05, -1.968177810553167e-05, 4.526062597223154e-06, -9.9298272942317e-07,
        2.2900482228026655e-07, -6.771199775845234e-08, 2.914795345090108e-08, -1.496002662714924e-08,
        7.61570120807834e-09, -3.789465440126737e-09, 1.5076572693500548e-09, -2.555641816996525e-10,
        -2.7109920616438573e-11,
    )),
)  # fmt: skip
"""M. Giles 2010: y / x over w = -log(1 - x^2) below 6.25, over its square root below 4, and above: where the variable
is 0, and coefficients.
"""
_BESSEL = tuple(0.5 / (math.factorial(k) * math.factorial(k + 1) * 4**k) for k in range(25))
_BESSEL_LARGE = (
    0.38939845902587233, -0.1559932350917723, -0.05612435554145864, -0.06159788932038071, -0.12025267065973347,
    -0.3653088565131185, -1.677936786281904, -11.577027760623798, -100.39257507346584, -579.9099825273273,
    7407.952372060074, 247847.87816024732, 1678617.0621495754, -35204495.373382896, -566589200.4147426,
    4385500067.547293, 114424860425.80542, -587957221044.5308, -17725135247813.46, 80964245268677.19,
    2004114548018429.8, -9282135415863880.0, -1.4410116600158352e17, 7.019866960459464e17, 4.861386793431864e18,
    -2.4943666421232447e19,
)  # fmt: skip
"""i1e(x) sqrt(x) over 1 / x - 1 / 16 for x >= 8: a fit at Chebyshev's nodes, error 1e-17."""
_TERMS = 8
_TAIL = (
    1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160, -691 / 1307674368000, 1 / 74724249600,
    -3617 / 10670622842880000, 43867 / 5109094217170944000, -174611 / 802857662698291200000,
    77683 / 14101100039391805440000, -236364091 / 1693824136731743669452800000,
)  # fmt: skip
"""B_2j / (2 j)!"""
_LARGEST_FACTORIAL = 170


def bessel_i1e(x: Real) -> Real:
    """E^-|x| I_1(x): up to 8 by the power series."""
    size = abs(x)
    small = size * polynomial(x * x, _BESSEL) * exp(-size)
    large = polynomial(1.0 / size - 1 / 16, _BESSEL_LARGE) / sqrt(size)
    return copysign(where(size < 8.0, small, large), x)


def erf_inv(x: Real) -> Real:
    """The y of which x is the error function: infinite at 1 and -1, NaN beyond."""
    w = -log((1.0 - x) * (1.0 + x))
    root = sqrt(w)
    (at, small), (middle, medium), (far, large) = _ERF_INV
    ratio = where(root < 4.0, polynomial(root - middle, medium), polynomial(root - far, large))
    result = x * where(w < 6.25, polynomial(w - at, small), ratio)
    return where(abs(x).equals(1.0), x * math.inf, result)


def zeta(s: Real, q: Real) -> Real:
    """The sum of (q + k)^-s over all k from 0.

    Infinite at poles. NaN for s < 1, and for negative q if s is not whole.
    """
    return _zeta(s, q, real(1.0))


def _zeta(s: Real, q: Real, scale: Real) -> Real:
    """`zeta` over `scale`^s: `_TERMS` of it, and L. Euler and C. Maclaurin's formula for the others.

    The terms of a negative q are those at its distances to the integers: the ones above it, which go on, and as many
    below as there are.
    """
    negative = q < 0.0
    below = floor(q)
    first = where(negative, q - below, q)
    total = _Sum(*_terms(s, first, scale), _tail(s, two_sum(first, float(_TERMS)), scale))
    count = -below
    start = -(q + (count - 1.0))
    others = _terms(s, start, scale, count)
    rest = _tail(s, two_sum(start, float(_TERMS)), scale) - _tail(s, two_sum(-q, 1.0), scale)
    sign = where(_is_even(s), 1.0, -1.0)
    rest = where(count > float(_TERMS), rest, 0.0)
    both = _Sum(*(term * sign for term in (*others, rest)), total.high, total.low)
    opposite = where(start < first, sign * math.inf, math.inf)
    infinite = total.value.equals(math.inf) & others[0].equals(math.inf)
    result = where(negative, where(infinite, opposite, both.value), total.value)
    result = where((q <= 0.0) & below.equals(q), math.inf, result)
    result = where(negative & (floor(s) < s), math.nan, result)
    return where(s.equals(1.0), math.inf, where(s < 1.0, math.nan, result))


class _Sum:
    """A sum and the errors of its additions, which are left out where it is not finite."""

    def __init__(self, *terms: Real) -> None:
        self.high, low = terms[-1], real(0.0)
        for term in reversed(terms[:-1]):
            self.high, error = two_sum(self.high, term)
            low = low + error
        self.low = where(abs(self.high) < math.inf, low, 0.0)
        self.value = self.high + self.low


def _terms(s: Real, start: Real, scale: Real, count: Real | None = None) -> list[Real]:
    """((start + k) * scale)^-s with the rounding of the sum; 0 from k = `count` on."""
    found = []
    for k in range(_TERMS):
        base, relative = _scaled(two_sum(start, float(k)), scale)
        term = power(base, -s)
        relative = s * relative
        term = where(abs(relative) < 0.5, term * (1.0 - relative), term)
        found.append(term if count is None else where(count > float(k), term, 0.0))
    return found


def _scaled(base: Pair, scale: Real) -> tuple[Real, Real]:
    """`base` times `scale`, and what it lacks, over it."""
    high, low = product(base[0], scale)
    return high, base[1] / base[0] + low / high


def _tail(s: Real, start: Pair, scale: Real) -> Real:
    """The sum of ((start + k) * scale)^-s over k = 0, 1, … for start >= 8."""
    w, relative = _scaled(start, scale)
    inverse = 1.0 / start[0]
    factor = s * inverse
    series = real(0.0)
    for j, coefficient in enumerate(_TAIL):
        series = series + factor * coefficient
        factor = factor * ((s + float(2 * j + 1)) * inverse) * ((s + float(2 * j + 2)) * inverse)
    last = power(w, -s)
    integral = power(w, 1.0 - s) / scale / (s - 1.0)
    result = integral + where(last > 0.0, last * (0.5 + series), 0.0)
    relative = (s - 1.0) * relative
    return where(abs(relative) < 0.5, result * (1.0 - relative), result)


def polygamma(n: Real, x: Real) -> Real:
    """The derivative of order n of `digamma`: for whole n >= 0, else NaN. Above 170, n! counts as infinite.

    n! and the powers of zeta are scaled, as the first may be too large and the others too small where their product is
    neither.
    """
    scale, factorial = _scaled_factorial(n)
    size = factorial * _zeta(n + 1.0, x, scale)
    result = where(_is_even(n), -size, size)
    result = where(n.equals(0.0), digamma(x), result)
    whole = (n >= 0.0) & floor(n).equals(n)
    return where(whole, result, math.nan)


def _is_even(n: Real) -> Flag:
    return (n - 2.0 * nearest(n * 0.5)).equals(0.0)


def _scaled_factorial(n: Real) -> tuple[Real, Real]:
    """Of whole numbers from 0 to 170 a number c such that n! c^(n + 1) is near 1, and that."""
    factorials = [math.factorial(i) for i in range(_LARGEST_FACTORIAL + 1)]
    scales = [2.0 ** (-math.log2(factorial) / (i + 1)) for i, factorial in enumerate(factorials)]
    scaled = [float(factorial * Fraction(scales[i]) ** (i + 1)) for i, factorial in enumerate(factorials)]
    return _choose(n, scales), where(n > float(_LARGEST_FACTORIAL), math.inf, _choose(n, scaled))


def _choose(n: Real, values: Sequence[float]) -> Real:
    """One of the values, by the bits of n; any if there is none."""
    integer = ir.IntegerType.get_signless(32)
    within = where((n >= 0.0) & (n < float(len(values))), n, 0.0)
    number = arith.FPToSIOp(integer, within.value).result
    left = [real(value) for value in values]
    bit = 1
    while len(left) > 1:
        mask = arith.ConstantOp(integer, bit).result
        unset = arith.CmpIOp(arith.CmpIPredicate.ne, arith.AndIOp(number, mask).result, mask).result
        pairs = [left[i : i + 2] for i in range(0, len(left), 2)]
        left = [where(Flag(unset), *two) if len(two) == 2 else two[0] for two in pairs]
        bit *= 2
    return left[0]


def _in_f64(compute: Callable[..., Real], op: Any) -> list[Any] | None:
    """A function of f64; of narrower types computed as that, unless a target has no f64."""
    type_ = op.results[0].type
    element = type_.element_type
    if not isinstance(element, ir.FloatType) or element.width < 16 or _NARROW in op.attributes or without_doubles(op):
        return None
    wide = ir.F64Type.get()
    if element != wide:
        attributes = {_NARROW: ir.UnitAttr.get()} if op.operation.name in _ENOUGH else {}
        operands = [hlo("convert", [value], like(value.type, element=wide)) for value in op.operands]
        found = ir.Operation.create(
            op.operation.name, results=[like(type_, element=wide)], operands=operands, attributes=attributes
        ).result
        if op.operation.name == "chlo.lgamma":
            found = _with_zero_at(2.0, operands[0], found)
        return [hlo("convert", [found], type_)]
    operands = list(op.operands)

    def body(*values: Any) -> Any:
        return compute(*(Real(value) for value in values)).value

    return [refine(elementwise(operands, dims(operands[0]), wide, body), type_)]


def _with_zero_at(place: float, operand: Any, result: Any) -> Any:
    """A result that is next to zero there made zero: no number of units is near enough."""
    type_ = result.type
    flags = like(type_, element=ir.IntegerType.get_signless(1))

    def filled(value: float) -> Any:
        number = ir.FloatAttr.get(type_.element_type, value)
        return ir.Operation.create(
            "chlo.constant_like", results=[type_], operands=[operand], attributes={"value": number}
        ).result

    equal = stablehlo.ComparisonDirectionAttr.get("EQ")
    there = hlo("compare", [operand, filled(place)], flags, comparison_direction=equal)
    return hlo("select", [there, filled(0.0), result], type_)


_NARROW = "iree.narrow"
"""Marks a function whose arguments come from a narrower type, which its result goes back to."""
_ENOUGH = ("chlo.bessel_i1e", "chlo.digamma", "chlo.erf_inv", "chlo.lgamma")
"""Of these upstream's expansions leave enough digits for narrower types, and take less time."""
_FUNCTIONS: Mapping[str, Callable[..., Real]] = {
    "bessel_i1e": bessel_i1e,
    "digamma": digamma,
    "erf_inv": erf_inv,
    "lgamma": log_gamma,
    "polygamma": polygamma,
    "zeta": zeta,
}
RULES: Mapping[str, Rule] = {f"chlo.{name}": partial(_in_f64, compute) for name, compute in _FUNCTIONS.items()}
"""For before upstream's rewriting of CHLO."""
