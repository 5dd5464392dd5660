"""Functions of complex numbers with the special values of C (annex G), and none that overflow on the way.

They are computed of f64 parts, also for complex<f32>. Upstream's lose digits next to the unit circle and for large and
small numbers; its inverse functions are right but for the signs of zeros and for NaNs, which are mended here.
Multiplication and division are upstream's: products of infinities and numbers that are not may be NaN.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from iree.dialects.input.build import dims, elementwise, hlo, like, refine
from iree.dialects.input.loops import without_doubles
from iree.dialects.input.reals import (
    Flag,
    Real,
    add,
    atan2,
    cbrt,
    copysign,
    cos,
    cosh,
    exp,
    expm1,
    log,
    log1p,
    pair,
    power,
    product,
    real,
    sin,
    sinh,
    sqrt,
    where,
)
from iree.dialects.input.rules import Rule
from iree.dialects.mlir import arith, complex, ir

Parts = tuple[Real, Real]
"""The real and the imaginary part."""
_LN2 = math.log(2.0)
_LARGE = 700.0
"""Exponentials of more are made of two factors."""


def _select(condition: Flag, a: tuple[Real | float, Real | float], b: Parts) -> Parts:
    return where(condition, a[0], b[0]), where(condition, a[1], b[1])


def _finite(x: Real) -> Flag:
    return abs(x) < math.inf


def _infinite(x: Real) -> Flag:
    return abs(x).equals(math.inf)


def _size(x: Real, y: Real) -> Parts:
    """|x + i y| as a product of two: the larger part, or NaN if one is, and a number from 1 to 1.5."""
    x, y = abs(x), abs(y)
    swap = (x < y) | y.is_nan()
    large, small = where(swap, y, x), where(swap, x, y)
    ratio = where(large.equals(0.0) | large.equals(math.inf), 0.0, small / large)
    return large, sqrt(ratio * ratio + 1.0)


def _log_size(x: Real, y: Real) -> Real:
    """Log |x + i y|, next to the unit circle from |z|^2 - 1 to twice the precision."""
    large, factor = _size(x, y)
    far = log(large) + log(factor)
    usable = (large > 0.6) & (large < 1.5)
    a, b = where(usable, x, 1.0), where(usable, y, 0.0)
    excess = add(add(product(a, a), pair(-1.0)), product(b, b))
    near = log1p(excess[0] + excess[1]) * 0.5
    result = where(usable & (abs(excess[0]) < 0.5), near, far)
    number = where(x.is_nan() | y.is_nan(), math.nan, result)
    return where(_infinite(x) | _infinite(y), math.inf, number)


def log_(x: Real, y: Real) -> Parts:
    """Logarithm."""
    return _log_size(x, y), atan2(y, x)


def log_plus_one(x: Real, y: Real) -> Parts:
    """log(1 + z); small z by |1 + z|^2 - 1 = 2 x + x^2 + y^2 to twice the precision."""
    near = (abs(x) < 1.0) & (abs(y) < 1.0)
    a, b = where(near, x, 0.0), where(near, y, 0.0)
    excess = add(add(product(b, b), product(a, a)), pair(a * 2.0))
    value = excess[0] + excess[1]
    small = log1p(value) * 0.5
    return where(near & (abs(value) < 0.5), small, _log_size(x + 1.0, y)), atan2(y, x + 1.0)


def exponential(x: Real, y: Real) -> Parts:
    """E^x (cos y + i sin y)."""
    first, second = _growth(x)
    result = first * cos(y) * second, where(y.equals(0.0), y, first * sin(y) * second)
    beyond = ~_finite(y)
    result = _select(beyond & x.equals(math.inf), (math.inf, math.nan), result)
    return _select(beyond & x.equals(-math.inf), (0.0, copysign(real(0.0), y)), result)


def _growth(x: Real) -> Parts:
    """E^x as a product."""
    large = x > _LARGE
    first = exp(where(large, x * 0.5, x))
    return first, where(large, first, 1.0)


def exponential_minus_one(x: Real, y: Real) -> Parts:
    """(e^x - 1) cos y - 2 sin^2(y / 2) + i e^x sin y."""
    whole = exponential(x, y)
    half = sin(y * 0.5)
    near = expm1(x) * cos(y) - 2.0 * half * half
    result = where(abs(x) < 1.0, near, whole[0] - 1.0)
    return where(y.equals(0.0), expm1(x), result), whole[1]


def logistic(x: Real, y: Real) -> Parts:
    """1 / (1 + e^-z), for negative x as e^z / (1 + e^z).

    1 + e^-|x| cos y is 1 - e^-|x| and 2 e^-|x| cos^2(y / 2), which do not cancel next to the poles.
    """
    negative = x < 0.0
    away = -abs(x)
    a, b = exponential(away, where(negative, y, -y))
    half = cos(y * 0.5)
    c = where(away.equals(-math.inf), 1.0, 2.0 * exp(away) * (half * half) - expm1(away))
    size = c * c + b * b
    inverse = c / size, -(b / size)
    other = (a * c + b * b) / size, b / size
    return where(negative, other[0], inverse[0]), where(negative, other[1], inverse[1])


def _hyperbolic(x: Real) -> tuple[Real, Real, Real]:
    """Sinh and cosh of x, both over the third number."""
    large = abs(x) > _LARGE
    half = exp(abs(where(large, x, 0.0)) * 0.5)
    bounded = where(large, 1.0, x)
    sine = where(large, copysign(half * 0.5, x), sinh(bounded))
    return sine, where(large, half * 0.5, cosh(bounded)), where(large, half, 1.0)


def sinh_(x: Real, y: Real) -> Parts:
    """Sinh x cos y + i cosh x sin y."""
    sine, cosine, factor = _hyperbolic(x)
    a, b = sine * cos(y) * factor, cosine * sin(y) * factor
    a = where((x.equals(0.0) | _infinite(x)) & ~_finite(y), x, a)
    return a, where(y.equals(0.0), y, b)


def cosh_(x: Real, y: Real) -> Parts:
    """Cosh x cos y + i sinh x sin y."""
    sine, cosine, factor = _hyperbolic(x)
    a, b = cosine * cos(y) * factor, sine * sin(y) * factor
    a = where(_infinite(x) & ~_finite(y), math.inf, a)
    zero = copysign(real(0.0), x) * copysign(real(1.0), y)
    return a, where((x.equals(0.0) & ~_finite(y)) | y.equals(0.0), zero, b)


def sine(x: Real, y: Real) -> Parts:
    """Sin z = -i sinh(i z)."""
    a, b = sinh_(-y, x)
    return b, -a


def cosine(x: Real, y: Real) -> Parts:
    """Cos z = cosh(i z)."""
    return cosh_(-y, x)


def sqrt_(x: Real, y: Real) -> Parts:
    """W. Kahan 1987: the root of (|z| + |x|) / 2, and |y| / 2 over it; scaled, so that both are normal."""
    larger = where(abs(x) < abs(y), abs(y), abs(x))
    huge, tiny = larger > 2.0**1000, larger < 2.0**-900
    factor = where(huge, 2.0**-4, where(tiny, 2.0**200, 1.0))
    back = where(huge, 2.0**2, where(tiny, 2.0**-100, 1.0))
    a, b = abs(x) * factor, abs(y) * factor
    large, ratio = _size(a, b)
    root = sqrt((large * ratio + a) * 0.5)
    other = where(root > 0.0, b / (root * 2.0), 0.0)
    left = x < 0.0
    result = where(left, other, root) * back, copysign(where(left, root, other) * back, y)
    number = x.is_nan() | y.is_nan()
    result = _select(number, (math.nan, math.nan), result)
    result = _select(x.equals(math.inf), (x, where(y.is_nan(), y, copysign(real(0.0), y))), result)
    left_end = where(y.is_nan(), y, 0.0), copysign(real(math.inf), y)
    result = _select(x.equals(-math.inf), left_end, result)
    return _select(_infinite(y), (math.inf, y), result)


def rsqrt(x: Real, y: Real) -> Parts:
    """1 / sqrt(z): the conjugate of the root over |z|; of 0 infinite with y's opposite sign."""
    a, b = sqrt_(x, y)
    large, ratio = _size(x, y)
    zero = large.equals(0.0)
    # Both divisors are normal numbers where the quotients are: |z| itself may be denormal or too large.
    root = sqrt(where(zero, 1.0, large))
    result = a / root / (root * ratio), -(b / root / (root * ratio))
    result = _select(_infinite(x) | _infinite(y), (0.0, copysign(real(0.0), -y)), result)
    return _select(zero, (math.inf, -y), result)


def cbrt_(x: Real, y: Real) -> Parts:
    """Of the magnitude, at a third of the angle."""
    large, ratio = _size(x, y)
    size = cbrt(large) * cbrt(ratio)
    angle = atan2(y, x) / 3.0
    on_axis = size.equals(0.0) | (y.equals(0.0) & ~(x < 0.0))
    return size * cos(angle), where(on_axis, y, size * sin(angle))


def power_(x: Real, y: Real, c: Real, d: Real) -> Parts:
    """|z|^c e^(-d arg z) at the angle d log |z| + c arg z: 0 has powers of positive real part, which are 0, and 0."""
    large, ratio = _size(x, y)
    angle = atan2(y, x)
    size = power(large, c) * power(ratio, c)
    shrunk = where(d.equals(0.0), 1.0, exp(-(d * angle)))
    logarithm = _log_size(x, y)
    # Where one of them overflows, the other may make up for it.
    usable = (size > 0.0) & (size < math.inf) & (shrunk > 0.0) & (shrunk < math.inf)
    size = where(usable | d.equals(0.0), size * shrunk, exp(c * logarithm - d * angle))
    turn = where(d.equals(0.0), 0.0, d * logarithm) + where(c.equals(0.0), 0.0, c * angle)
    result = size * cos(turn), where(turn.equals(0.0), turn, size * sin(turn))
    at_zero = where(c > 0.0, 0.0, math.nan)
    infinite = where(c < 0.0, math.inf, at_zero)
    result = _select(x.equals(0.0) & y.equals(0.0), (infinite, at_zero), result)
    return _select(c.equals(0.0) & d.equals(0.0), (1.0, 0.0), result)


def magnitude(x: Real, y: Real) -> tuple[Real]:
    """|z|: infinite if a part is, whatever the other is."""
    large, ratio = _size(x, y)
    return (where(_infinite(x) | _infinite(y), math.inf, large * ratio),)


def sign(x: Real, y: Real) -> Parts:
    """Z / |z|, 0 of 0."""
    large, ratio = _size(x, y)
    result = x / large / ratio, y / large / ratio
    result = _select(x.is_nan() | y.is_nan(), (math.nan, math.nan), result)
    return _select(large.equals(0.0), (x, y), result)


def _signs(op: str, x: Real, y: Real, a: Real, b: Real) -> Parts:
    """The results of an inverse function with the signs that its symmetries ask for, and its values at NaNs."""
    if op in ("tan", "tanh"):  # 0 on the axes, also where the other part has no limit
        return where(x.equals(0.0), x, a), where(y.equals(0.0), y, b)
    if op == "acosh":
        signed = a, copysign(b, y)
    elif op == "acos":
        signed = a, copysign(b, -y)
    else:
        signed = copysign(a, x), copysign(b, y)
    nan = x.is_nan() | y.is_nan()
    return _select(nan, _AT_NANS[op](x, y), signed)


def _asinh_at_nans(x: Real, y: Real) -> Parts:
    real_part = where(_infinite(x) | _infinite(y), copysign(real(math.inf), x), math.nan)
    return real_part, where(y.equals(0.0), y, math.nan)


def _atanh_at_nans(x: Real, y: Real) -> Parts:
    zero = x.equals(0.0) | _infinite(x) | _infinite(y)
    half_pi = copysign(real(math.pi / 2), y)
    return where(zero, copysign(real(0.0), x), math.nan), where(_infinite(y), half_pi, math.nan)


def _turned(function: Callable[[Real, Real], Parts], x: Real, y: Real) -> Parts:
    """-i f(i z)."""
    a, b = function(-y, x)
    return b, -a


def _acos_at_nans(x: Real, y: Real) -> Parts:
    infinite = copysign(real(math.inf), -y)
    imaginary = where(_infinite(x) | _infinite(y), infinite, math.nan)
    return where(x.equals(0.0), math.pi / 2, math.nan), imaginary


def _acosh_at_nans(x: Real, y: Real) -> Parts:
    real_part = where(_infinite(x) | _infinite(y), math.inf, math.nan)
    return real_part, where(x.equals(0.0), copysign(real(math.pi / 2), y), math.nan)


_AT_NANS: Mapping[str, Callable[[Real, Real], Parts]] = {
    "acos": _acos_at_nans,
    "acosh": _acosh_at_nans,
    "asin": partial(_turned, _asinh_at_nans),
    "asinh": _asinh_at_nans,
    "atan": partial(_turned, _atanh_at_nans),
    "atanh": _atanh_at_nans,
}
"""What the inverse functions are where a part is NaN."""


def _next_to_poles(op: str, x: Real, y: Real, a: Real, b: Real) -> Parts:
    """Upstream's atan and atanh next to where they are infinite: it squares the distance."""
    u, v = (x, y) if op == "atanh" else (y, x)
    near = abs(u).equals(1.0) & (abs(v) < 2.0**-500)
    distance = 0.5 * (_LN2 - log(abs(v)))
    return (where(near, distance, a), b) if op == "atanh" else (a, where(near, distance, b))


def _from_parts(compute: Callable[..., tuple[Real, ...]], op: Any) -> list[Any] | None:
    """A function of the operands' parts as f64."""
    if not isinstance(op.operands[0].type.element_type, ir.ComplexType) or without_doubles(op):
        return None
    return [_computed(compute, list(op.operands), op.results[0].type)]


def _computed(compute: Callable[..., tuple[Real, ...]], operands: list[Any], type_: Any) -> Any:
    """A tensor of complex numbers from their two parts, or of real ones."""
    pairs = isinstance(type_.element_type, ir.ComplexType)
    part = type_.element_type.element_type if pairs else type_.element_type
    wide = ir.F64Type.get()

    def body(*values: Any) -> Any:
        parts = [kind(value).result for value in values for kind in (complex.ReOp, complex.ImOp)]
        doubles = [Real(x if x.type == wide else arith.ExtFOp(wide, x).result) for x in parts]
        results = [x.value for x in compute(*doubles)]
        rounded = [x if part == wide else arith.TruncFOp(part, x).result for x in results]
        return complex.CreateOp(type_.element_type, *rounded).result if pairs else rounded[0]

    return refine(elementwise(operands, dims(operands[0]), type_.element_type, body), type_)


def _mended(name: str, op: Any) -> list[Any] | None:
    """Upstream's function with what `_next_to_poles` and `_signs` change."""
    type_ = op.results[0].type
    if not isinstance(type_.element_type, ir.ComplexType) or without_doubles(op) or _PLAIN in op.attributes:
        return None
    wide = like(type_, element=ir.ComplexType.get(ir.F64Type.get()))
    operand = op.operands[0]
    if type_.element_type != wide.element_type:
        operand = hlo("convert", [operand], like(operand.type, element=wide.element_type))
    attributes = {_PLAIN: ir.UnitAttr.get()}
    found = ir.Operation.create(op.operation.name, results=[wide], operands=[operand], attributes=attributes).result

    def compute(x: Real, y: Real, a: Real, b: Real) -> Parts:
        if name in ("atan", "atanh"):
            a, b = _next_to_poles(name, x, y, a, b)
        return _signs(name, x, y, a, b)

    return [_computed(compute, [operand, found], type_)]


_PLAIN = "iree.plain"
"""Marks a function that is upstream's, and mended after it."""
_FUNCTIONS: Mapping[str, Callable[..., tuple[Real, ...]]] = {
    "chlo.cosh": cosh_,
    "chlo.sinh": sinh_,
    "stablehlo.abs": magnitude,
    "stablehlo.cbrt": cbrt_,
    "stablehlo.cosine": cosine,
    "stablehlo.exponential": exponential,
    "stablehlo.exponential_minus_one": exponential_minus_one,
    "stablehlo.log": log_,
    "stablehlo.log_plus_one": log_plus_one,
    "stablehlo.logistic": logistic,
    "stablehlo.power": power_,
    "stablehlo.rsqrt": rsqrt,
    "stablehlo.sign": sign,
    "stablehlo.sine": sine,
    "stablehlo.sqrt": sqrt_,
}
RULES: Mapping[str, Rule] = {
    **{name: partial(_from_parts, compute) for name, compute in _FUNCTIONS.items()},
    **{f"chlo.{name}": partial(_mended, name) for name in (*_AT_NANS, "tan")},
    **{f"stablehlo.{name}": partial(_mended, name) for name in ("tan", "tanh")},
}
"""For before upstream's rewriting of CHLO; they leave real numbers alone."""
