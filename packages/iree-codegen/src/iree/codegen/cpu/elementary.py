"""Exponentials, logarithms, powers and hyperbolic functions.

Errors, in units of the last place, over all finite arguments (tests/cpu/test_math.py measures them): f32 within 4,
f64 within 4. Denormals,
infinities and NaNs are handled. Coefficients of log: FreeBSD's msun (e_log.c, e_logf.c); exp f32: Cephes.
"""

from __future__ import annotations

from typing import Any

from iree.codegen.cpu.rounding import floor
from iree.codegen.cpu.scalars import Floats
from iree.dialects.mlir import arith

_LOG2E = 1.4426950408889634
_LN2 = 0.6931471805599453
_LN2_HIGH = (0.693145751953125, 6.93147180369123816490e-01)
_LN2_LOW = (1.428606765330187e-06, 1.90821492927058770002e-10)
_EXP_F32 = (1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1)
_EXP_WHOLE_F32 = (0.0013814318, 0.00836885162, 0.0416684002, 0.166665196, 0.49999994, 1.0, 1.0)
"""e^r for |r| <= ln2 / 2, error 3.1e-9: a minimax fit, shorter than one that is precise for e^r - 1 too."""
_EXP_F64 = tuple(1.0 / f for f in (6227020800, 479001600, 39916800, 3628800, 362880, 40320, 5040, 720, 120, 24, 6, 2))
_HALF_EXPM1_F32 = (0.04442398622632027, 0.1338663548231125, 0.3333376348018646, 0.6666616797447205, 0.9999999403953552)
"""((e^(2 r) - 1) / 2 - r) / r^2 for |2 r| <= ln2 / 2, relative error of the whole 1.4e-8."""
_HALF_EXPM1_F64 = tuple(c * 2.0 ** (12 - k) for k, c in enumerate(_EXP_F64))
_LOG_F32 = (0.24279078841, 0.28498786688, 0.40000972152, 0.66666662693)
_LOG_F64 = (
    1.479819860511658591e-01,
    1.531383769920937332e-01,
    1.818357216161805012e-01,
    2.222219843214978396e-01,
    2.857142874366239149e-01,
    3.999999999940941908e-01,
    6.666666666666735130e-01,
)
_ATANH = tuple(2.0 / (2 * k + 1) for k in range(14, 1, -1))
"""Taylor coefficients of 2 atanh(s) = log((1 + s) / (1 - s)) from s^29 down to s^5."""


def _reduce_exp(f: Floats, x: Any, low: Any = None) -> tuple[Any, Any]:
    """X (+ low) = n ln2 + r with |r| <= ln2 / 2: n as an integer-valued float, and r."""
    n = f.round(f.mul(x, _LOG2E))
    r = f.fma(f.neg(n), f.pick(*_LN2_HIGH), x)
    r = f.fma(f.neg(n), f.pick(*_LN2_LOW), r)
    return n, r if low is None else f.add(r, low)


def _expm1_poly(f: Floats, r: Any) -> Any:
    """exp(r) - 1 for |r| <= ln2 / 2."""
    return f.fma(f.mul(r, r), f.poly(r, f.pick(_EXP_F32, _EXP_F64)), r)


def _exp_poly(f: Floats, r: Any) -> Any:
    """exp(r) for |r| <= ln2 / 2."""
    return f.add(_expm1_poly(f, r), 1.0) if f.double else f.poly(r, _EXP_WHOLE_F32)


def _scale(f: Floats, y: Any, n: Any) -> Any:
    """Makes y * 2^n in two steps, so that results may overflow or be denormal.

    The low bits of n + 1.5 * 2^mantissa are those of n.
    """
    bits = f.bits(f.add(n, 1.5 * 2.0**f.mantissa))
    half = arith.ShRSIOp(bits, f.int_const(1)).result
    rest = arith.SubIOp(bits, half).result
    return f.mul(f.mul(y, _power_of_bits(f, half)), _power_of_bits(f, rest))


def _power_of_bits(f: Floats, n: Any) -> Any:
    """2^n for an integer of which only the low bits count."""
    exponent = arith.ShLIOp(n, f.int_const(f.mantissa)).result
    return f.from_bits(f.int_add(exponent, f.int_const(f.bias << f.mantissa)))


def exp(f: Floats, x: Any, low: Any = None) -> Any:
    """e^(x + low)."""
    x = f.at_least(f.at_most(x, f.pick(89.0, 710.0)), f.pick(-104.0, -746.0))
    n, r = _reduce_exp(f, x, low)
    return _scale(f, _exp_poly(f, r), n)


def exp2(f: Floats, x: Any) -> Any:
    """2^x: the fraction is exact, so only its exponential is approximated."""
    x = f.at_least(f.at_most(x, f.pick(129.0, 1025.0)), f.pick(-151.0, -1076.0))
    n = f.round(x)
    r = f.mul(f.sub(x, n), _LN2)
    return _scale(f, _exp_poly(f, r), n)


def expm1(f: Floats, x: Any) -> Any:
    """e^x - 1 = 2^n (e^r - 1) + (2^n - 1), computed at half the scale because 2^n may overflow."""
    clamped = f.at_least(f.at_most(x, f.pick(89.0, 710.0)), f.pick(-25.0, -50.0))
    n, r = _reduce_exp(f, clamped)
    scale = f.power_of_two(f.sub(n, 1.0))
    result = f.fma(scale, _expm1_poly(f, r), f.sub(scale, 0.5))
    return f.select(f.compare("oeq", x, 0.0), x, f.mul(result, 2.0))


def _split_log(f: Floats, x: Any) -> tuple[Any, Any]:
    """A positive finite x = 2^e m with m in [sqrt(1/2), sqrt(2)): e and m as floats."""
    small = f.compare("olt", x, f.pick(1.1754943508222875e-38, 2.2250738585072014e-308))
    x = f.select(small, f.mul(x, 2.0 ** (f.mantissa + 2)), x)
    bits = f.bits(x)
    root_half = f.pick(0x3F3504F3, 0x3FE6A09E667F3BCD)
    shift = f.int_const(f.mantissa)
    offset = arith.SubIOp(bits, f.int_const(root_half)).result
    e = f.from_int(arith.ShRSIOp(offset, shift).result)
    mask = f.int_const((1 << f.mantissa) - 1)
    m = f.from_bits(f.int_add(arith.AndIOp(offset, mask).result, f.int_const(root_half)))
    return f.sub(e, f.select(small, float(f.mantissa + 2), 0.0)), m


def _log1p_poly(f: Floats, y: Any, e: Any, correction: Any = None) -> Any:
    """E ln2 + log(1 + y) + correction for 1 + y in [sqrt(1/2), sqrt(2))."""
    s = f.div(y, f.add(y, 2.0))
    z = f.mul(s, s)
    half = f.mul(f.mul(y, y), 0.5)
    rest = f.mul(z, f.poly(z, f.pick(_LOG_F32, _LOG_F64)))
    low = f.fma(e, f.pick(*_LN2_LOW), correction) if correction is not None else f.mul(e, f.pick(*_LN2_LOW))
    inner = f.fma(s, f.add(half, rest), low)
    return f.fma(e, f.pick(*_LN2_HIGH), f.sub(y, f.sub(half, inner)))


def _log_limits(f: Floats, x: Any, result: Any) -> Any:
    """Values at 0, below 0 and at infinity; NaNs pass."""
    result = f.select(f.compare("olt", x, f.infinity), result, x)
    result = f.select(f.compare("oeq", x, 0.0), -f.infinity, result)
    return f.select(f.compare("olt", x, 0.0), float("nan"), result)


def log(f: Floats, x: Any) -> Any:
    """Natural logarithm."""
    e, m = _split_log(f, x)
    return _log_limits(f, x, _log1p_poly(f, f.sub(m, 1.0), e))


def log2(f: Floats, x: Any) -> Any:
    """Logarithm to base 2, exact at powers of two."""
    e, m = _split_log(f, x)
    high, low = _log_parts(f, f.sub(m, 1.0))
    product, error = f.product(high, _LOG2E if f.double else 1.4426950216293335)
    tail = f.fma(high, f.pick(1.925963033500117e-08, 2.0355273740931033e-17), f.fma(low, _LOG2E, error))
    return _log_limits(f, x, f.add(e, f.add(product, tail)))


def log10(f: Floats, x: Any) -> Any:
    """Logarithm to base 10."""
    e, m = _split_log(f, x)
    high, low = _log_parts(f, f.sub(m, 1.0))
    log10_2_high, log10_2_low = f.pick(
        (0.3010292053222656, 7.9034151668e-07), (3.01029995663611771306e-01, 3.69423907715893078616e-13)
    )
    product, error = f.product(high, 0.4342944819032518 if f.double else 0.4342944920063019)
    tail = f.fma(high, f.pick(-1.0103050118726031e-08, 1.098319650216765e-17), f.fma(low, 0.4342944819032518, error))
    tail = f.fma(e, log10_2_low, tail)
    return _log_limits(f, x, f.fma(e, log10_2_high, f.add(product, tail)))


def _log_parts(f: Floats, y: Any) -> tuple[Any, Any]:
    """log(1 + y) as an unevaluated sum for 1 + y in [sqrt(1/2), sqrt(2)): 2 s + 2/3 s^3 + … with s = y / (2 + y) to
    twice the precision.
    """
    d, d_low = f.fast_sum(f.const(2.0), y)
    s = f.div(y, d)
    back, back_low = f.product(s, d)
    rest = f.sub(f.sub(f.sub(y, back), back_low), f.mul(s, d_low))
    s_low = f.div(rest, d)
    z, z_low = f.product(s, s)
    z_low = f.fma(f.mul(s, 2.0), s_low, z_low)
    third, third_low = f.pick((0.6666666865348816, -1.9868215e-08), (2.0 / 3.0, 3.700743415417188e-17))
    higher = f.mul(f.mul(z, z), f.poly(z, f.pick(_ATANH[-5:], _ATANH)))
    q, q_low = f.product(z, third)
    q_low = f.add(f.fma(z, third_low, f.mul(z_low, third)), f.add(q_low, higher))
    t, t_low = f.product(s, q)
    t_low = f.fma(s, q_low, f.fma(s_low, q, t_low))
    high, low = f.fast_sum(f.mul(s, 2.0), t)
    return f.fast_sum(high, f.add(low, f.fma(s_low, 2.0, t_low)))


def log1p(f: Floats, x: Any) -> Any:
    """log(1 + x): the rounding error of 1 + x, over it, is added to the logarithm."""
    u = f.add(x, 1.0)
    large = f.compare("oge", x, 1.0)
    error = f.select(large, f.sub(1.0, f.sub(u, x)), f.sub(x, f.sub(u, 1.0)))
    correction = f.div(error, u)
    e, m = _split_log(f, u)
    result = _log_limits(f, u, _log1p_poly(f, f.sub(m, 1.0), e, correction))
    return f.select(f.compare("oeq", x, 0.0), x, result)


def pow_(f: Floats, x: Any, y: Any) -> Any:
    """x^y of f64 with the special cases of IEEE 754; the logarithm is carried to twice the precision."""
    magnitude = f.abs(x)
    e, m = _split_log(f, magnitude)
    high, low = _log_parts(f, f.sub(m, 1.0))
    ln2_high, ln2_low = f.pick(*_LN2_HIGH), f.pick(*_LN2_LOW)
    total, rest = f.fast_sum(f.mul(e, ln2_high), high)
    zero_e = f.compare("oeq", e, 0.0)
    total, rest = f.select(zero_e, high, total), f.select(zero_e, low, f.add(rest, f.fma(e, ln2_low, low)))
    total, rest = f.fast_sum(total, rest)
    bounded = f.at_least(f.at_most(y, 1e300), -1e300)
    product, error = f.product(total, bounded)
    error = f.fma(rest, bounded, error)
    usable = f.compare("olt", f.abs(product), 800.0)
    result = exp(f, product, f.select(usable, error, 0.0))
    grows = f.compare("ogt", magnitude, 1.0)
    up = f.compare("ogt", y, 0.0)
    to_infinity = arith.CmpIOp(_EQ, grows, up).result
    edge = f.select(to_infinity, f.infinity, 0.0)
    extreme = arith.OrIOp(f.compare("oeq", magnitude, 0.0), f.compare("oeq", magnitude, f.infinity)).result
    extreme = arith.OrIOp(extreme, f.compare("oeq", f.abs(y), f.infinity)).result
    result = f.select(extreme, edge, result)
    whole = f.compare("oeq", floor(f, y), y)
    half = f.mul(y, 0.5)
    odd = arith.AndIOp(whole, f.compare("one", floor(f, half), half)).result
    negative = arith.AndIOp(f.compare("olt", f.copysign(1.0, x), 0.0), odd).result
    result = f.select(negative, f.neg(result), result)
    invalid = arith.AndIOp(f.compare("olt", x, 0.0), f.compare("one", floor(f, y), y)).result
    finite = f.compare("olt", magnitude, f.infinity)
    result = f.select(arith.AndIOp(invalid, finite).result, float("nan"), result)
    one = arith.OrIOp(f.compare("oeq", y, 0.0), f.compare("oeq", x, 1.0)).result
    at_unit = arith.AndIOp(f.compare("oeq", magnitude, 1.0), f.compare("oeq", f.abs(y), f.infinity)).result
    result = f.select(f.compare("uno", x, y), float("nan"), result)
    return f.select(arith.OrIOp(one, at_unit).result, 1.0, result)


_EQ = 0


def rsqrt(f: Floats, x: Any) -> Any:
    """1 / sqrt(x), both correctly rounded."""
    return f.div(1.0, f.sqrt(x))


def cbrt(f: Floats, x: Any) -> Any:
    """Cube root: a power, then one step of Newton's method, away from denormals, and of f32 from what overflows."""
    original = f.abs(x)
    far = f.pick(90, 900)
    tiny = f.compare("olt", original, 2.0**-far)
    magnitude = f.select(tiny, f.mul(original, 2.0**far), original)
    huge = None if f.double else f.compare("ogt", original, 2.0**far)
    if huge is not None:
        magnitude = f.select(huge, f.mul(original, 2.0**-far), magnitude)
    guess = exp(f, f.mul(log(f, magnitude), 1.0 / 3.0))
    square = f.mul(guess, guess)
    step = f.div(f.fma(f.neg(square), guess, magnitude), f.mul(square, 3.0))
    root = f.add(guess, step)
    scaled = f.select(tiny, f.mul(root, 2.0 ** -(far / 3)), root)
    if huge is not None:
        scaled = f.select(huge, f.mul(root, 2.0 ** (far / 3)), scaled)
    result = f.copysign(scaled, x)
    plain = arith.AndIOp(f.compare("ogt", magnitude, 0.0), f.compare("olt", magnitude, f.infinity)).result
    return f.select(plain, result, x)


def sinh(f: Floats, x: Any) -> Any:
    """(t + t / (t + 1)) / 2 with t = expm1(|x|); near overflow exp(|x| / 2)^2 / 2."""
    magnitude = f.abs(x)
    t = expm1(f, magnitude)
    result = f.mul(f.add(t, f.div(t, f.add(t, 1.0))), 0.5)
    half = exp(f, f.mul(magnitude, 0.5))
    large = f.compare("ogt", magnitude, f.pick(20.0, 40.0))
    result = f.select(large, f.mul(f.mul(half, 0.5), half), result)
    return f.copysign(result, x)


def cosh(f: Floats, x: Any) -> Any:
    """(e^|x| + e^-|x|) / 2 from exp(|x| / 2), which does not overflow."""
    magnitude = f.abs(x)
    half = exp(f, f.mul(magnitude, 0.5))
    large = f.mul(f.mul(half, 0.5), half)
    e = exp(f, f.at_most(magnitude, f.pick(40.0, 80.0)))
    small = f.mul(f.add(e, f.div(1.0, e)), 0.5)
    return f.select(f.compare("ogt", magnitude, f.pick(20.0, 40.0)), large, small)


def tanh(f: Floats, x: Any) -> Any:
    """Quotient t / (t + 1) of t = (e^(2 |x|) - 1) / 2 = 2^n (e^r - 1) / 2 + (2^n - 1) / 2, |x| limited.

    Where n is large enough for the rest of ln2 to count, the result no longer depends on it in f32.
    """
    a = f.at_most(f.abs(x), f.pick(9.25, 22.0))
    magic = 1.5 * 2.0**f.mantissa
    shifted = f.fma(a, 2.0 * _LOG2E, magic)
    n = f.sub(shifted, magic)
    if f.double:
        r = f.fma(n, -0.5 * _LN2_LOW[1], f.fma(n, -0.5 * _LN2_HIGH[1], a))
    else:
        r = f.fma(n, -0.5 * _LN2, a)
    half = f.fma(f.mul(r, r), f.poly(r, f.pick(_HALF_EXPM1_F32, _HALF_EXPM1_F64)), r)
    exponent = arith.ShLIOp(f.bits(shifted), f.int_const(f.mantissa)).result
    scale, half_scale = (f.from_bits(f.int_add(exponent, f.int_const((f.bias - i) << f.mantissa))) for i in range(2))
    t = f.fma(scale, half, f.sub(half_scale, 0.5))
    return f.copysign(f.div(t, f.add(t, 1.0)), x)


def asinh(f: Floats, x: Any) -> Any:
    """log1p(a + a^2 / (1 + sqrt(a^2 + 1))); large arguments: log(a) + ln2."""
    a = f.abs(x)
    square = f.mul(a, a)
    small = log1p(f, f.add(a, f.div(square, f.add(f.sqrt(f.add(square, 1.0)), 1.0))))
    large = f.add(log(f, a), _LN2)
    return f.copysign(f.select(f.compare("ogt", a, 2.0 ** (f.mantissa // 2 + 2)), large, small), x)


def acosh(f: Floats, x: Any) -> Any:
    """log1p(t + sqrt(2 t + t^2)) with t = x - 1; large arguments: log(x) + ln2."""
    t = f.sub(x, 1.0)
    small = log1p(f, f.add(t, f.sqrt(f.fma(t, t, f.mul(t, 2.0)))))
    large = f.add(log(f, x), _LN2)
    result = f.select(f.compare("ogt", x, 2.0 ** (f.mantissa // 2 + 2)), large, small)
    return f.select(f.compare("olt", x, 1.0), float("nan"), result)


def atanh(f: Floats, x: Any) -> Any:
    """log1p(2 a / (1 - a)) / 2."""
    a = f.abs(x)
    result = f.mul(log1p(f, f.div(f.mul(a, 2.0), f.sub(1.0, a))), 0.5)
    return f.copysign(f.select(f.compare("ogt", a, 1.0), float("nan"), result), x)
