"""Trigonometric functions. Coefficients: FreeBSD's msun (k_sin.c, k_cos.c) and Cephes (atan.c).

f32 is computed as f64 (within 1 ulp). f64 is within 4 ulp for |x| < 2^20; for larger arguments pi is not precise
enough and the
error grows as the argument, the result staying in its range.
"""

from __future__ import annotations

from typing import Any

from iree.codegen.cpu.scalars import Floats
from iree.dialects.mlir import arith

_TWO_OVER_PI = 6.36619772367581382433e-01
_HALF_PI = (1.57079632673412561417e00, 6.07710050630396597660e-11, 2.02226624879595063154e-21)
_PI_2, _PI_4, _PI_LOW = 1.5707963267948966, 0.7853981633974483, 6.123233995736765886130e-17
_SIN = (
    1.58969099521155010221e-10,
    -2.50507602534068634195e-08,
    2.75573137070700676789e-06,
    -1.98412698298579493134e-04,
    8.33333333332248946124e-03,
    -1.66666666666666324348e-01,
)
_COS = (
    -1.13596475577881948265e-11,
    2.08757232129817482790e-09,
    -2.75573143513906633035e-07,
    2.48015872894767294178e-05,
    -1.38888888888741095749e-03,
    4.16666666666666019037e-02,
)
_ATAN_P = (
    -8.750608600031904122785e-1,
    -1.615753718733365076637e1,
    -7.500855792314704667340e1,
    -1.228866684490136173410e2,
    -6.485021904942025371773e1,
)
_ATAN_Q = (
    1.0,
    2.485846490142306297962e1,
    1.650270098316988542046e2,
    4.328810604912902668951e2,
    4.853903996359136964868e2,
    1.945506571482613964425e2,
)


def _quadrant(f: Floats, x: Any) -> tuple[Any, Any, Any]:
    """X = n pi/2 + r: the bits of n, and sin and cos of r."""
    n = f.round(f.mul(x, _TWO_OVER_PI))
    high = f.fma(f.neg(n), _HALF_PI[0], x)
    middle = f.mul(n, _HALF_PI[1])
    r = f.sub(high, middle)
    tail = f.sub(f.sub(f.sub(high, r), middle), f.mul(n, _HALF_PI[2]))
    r = f.at_least(f.at_most(r, 0.8), -0.8)
    z = f.mul(r, r)
    v = f.mul(z, r)
    sine = f.sub(
        r, f.sub(f.sub(f.mul(z, f.sub(f.mul(tail, 0.5), f.mul(v, f.poly(z, _SIN[:-1])))), tail), f.mul(v, _SIN[-1]))
    )
    half = f.mul(z, 0.5)
    w = f.sub(1.0, half)
    rest = f.sub(f.mul(f.mul(z, z), f.poly(z, _COS)), f.mul(r, tail))
    cosine = f.add(w, f.add(f.sub(f.sub(1.0, w), half), rest))
    # The low bits of n are those of n + 1.5 * 2^52.
    return f.bits(f.add(n, 1.5 * 2.0**f.mantissa)), sine, cosine


def _bit(f: Floats, n: Any, mask: int) -> Any:
    one = arith.AndIOp(n, f.int_const(mask)).result
    return arith.CmpIOp(1, one, f.int_const(0)).result


def _limit(f: Floats, result: Any) -> Any:
    return f.at_least(f.at_most(result, 1.0), -1.0)


def _finite(f: Floats, x: Any, result: Any) -> Any:
    return f.select(f.compare("olt", f.abs(x), f.infinity), result, float("nan"))


def sin(f: Floats, x: Any) -> Any:
    """Sine."""
    n, sine, cosine = _quadrant(f, x)
    value = f.select(_bit(f, n, 1), cosine, sine)
    result = _finite(f, x, _limit(f, f.select(_bit(f, n, 2), f.neg(value), value)))
    return f.select(f.compare("oeq", x, 0.0), x, result)


def cos(f: Floats, x: Any) -> Any:
    """Cosine."""
    n, sine, cosine = _quadrant(f, x)
    value = f.select(_bit(f, n, 1), sine, cosine)
    negative = _bit(f, f.int_add(n, f.int_const(1)), 2)
    return _finite(f, x, _limit(f, f.select(negative, f.neg(value), value)))


def tan(f: Floats, x: Any) -> Any:
    """Tangent: sine over cosine."""
    n, sine, cosine = _quadrant(f, x)
    odd = _bit(f, n, 1)
    result = f.div(f.select(odd, f.neg(cosine), sine), f.select(odd, sine, cosine))
    return f.select(f.compare("oeq", x, 0.0), x, _finite(f, x, result))


def atan(f: Floats, x: Any) -> Any:
    """Arc tangent: |x| is reduced to at most 0.66."""
    a = f.abs(x)
    large, middle = f.compare("ogt", a, 2.414213562373095), f.compare("ogt", a, 0.66)
    numerator = f.select(large, -1.0, f.select(middle, f.sub(a, 1.0), a))
    denominator = f.select(large, a, f.select(middle, f.add(a, 1.0), 1.0))
    t = f.div(numerator, denominator)
    base = f.select(large, _PI_2, f.select(middle, _PI_4, 0.0))
    low = f.select(large, _PI_LOW, f.select(middle, 0.5 * _PI_LOW, 0.0))
    z = f.mul(t, t)
    ratio = f.div(f.mul(z, f.poly(z, _ATAN_P)), f.poly(z, _ATAN_Q))
    return f.copysign(f.add(base, f.add(f.fma(t, ratio, t), low)), x)


def atan2(f: Floats, y: Any, x: Any) -> Any:
    """Angle of the point (x, y), signed zeros and infinities as in C99."""
    ay, ax = f.abs(y), f.abs(x)
    swap = f.compare("ogt", ay, ax)
    small, big = f.select(swap, ax, ay), f.select(swap, ay, ax)
    both = f.compare("oeq", small, f.infinity)
    none = f.compare("oeq", big, 0.0)
    ratio = f.select(both, 1.0, f.select(none, 0.0, f.div(small, big)))
    angle = atan(f, ratio)
    angle = f.select(swap, f.add(f.sub(_PI_2, angle), _PI_LOW), angle)
    left = f.compare("olt", f.copysign(1.0, x), 0.0)
    angle = f.select(left, f.add(f.sub(2.0 * _PI_2, angle), 2.0 * _PI_LOW), angle)
    return f.select(f.compare("uno", x, y), float("nan"), f.copysign(angle, y))


def asin(f: Floats, x: Any) -> Any:
    """atan2(x, sqrt((1 - x)(1 + x)))."""
    root = f.sqrt(f.mul(f.sub(1.0, x), f.add(x, 1.0)))
    return f.select(f.compare("ogt", f.abs(x), 1.0), float("nan"), atan2(f, x, root))


def acos(f: Floats, x: Any) -> Any:
    """2 atan2(sqrt(1 - x), sqrt(1 + x))."""
    angle = atan2(f, f.sqrt(f.sub(1.0, x)), f.sqrt(f.add(x, 1.0)))
    return f.select(f.compare("ogt", f.abs(x), 1.0), float("nan"), f.mul(angle, 2.0))
