"""Error functions. Polynomials fitted to Chebyshev nodes with 60 digits (f64) and N. Juffa's erff (f32)."""

from __future__ import annotations

from typing import Any

from iree.codegen.cpu.elementary import exp
from iree.codegen.cpu.scalars import Floats

_ERF_F32_SMALL = (-5.96761703e-4, 4.99119423e-3, -2.67681349e-2, 1.12819925e-1, -3.76125336e-1, 1.28379166e-1)
_ERF_F32_LARGE = (
    -1.72853470e-5,
    3.83197126e-4,
    -3.88396438e-3,
    2.42546219e-2,
    -1.06777877e-1,
    -6.34846687e-1,
    -1.28717512e-1,
)
_EXP2_F32 = (0.001327647129, 0.00967554096, 0.05550713092, 0.2402212024, 0.693146944, 1.0)
"""2^r over r in [-0.5, 0.5], error 7.5e-8."""
_LOG2E = 1.4426950408889634
_ERF_SMALL = (
    5.957176147748911e-11, -1.1372848856791674e-09, 1.4659775274047436e-08, -1.6350312701054695e-07,
    1.6461000484121368e-06, -1.4925595266831182e-05, 0.0001205533111164271, -0.000854832698083379,
    0.0052239776248180145, -0.026866170645076792, 0.11283791670954879, -0.3761263890318375,
    1.1283791670955126,
)  # fmt: skip
"""erf(x) / x over x^2 in [0, 1], error 1.3e-19."""
_ERFC_LARGE = (
    4.529704430362367e-09, -1.2119666465501294e-08, -2.4133173606115747e-08, 1.0877288406792579e-07,
    8.113791671069694e-08, -8.2490282933586e-07, 2.8976368740283807e-07, 5.70950745920389e-06,
    -1.1220393371116355e-05, -2.439910914080203e-05, 0.0001506212347275764, -0.00019925672949056228,
    -0.0007577732100292642, 0.005031969984828199, -0.016197734066735848, 0.03716751553673277,
    -0.06633036581161061, 0.09373283499839212, -0.10103906603632595, 0.06809705425469163,
    0.015379652102620048, -0.1396211168405625, 1.2329951186255526,
)  # fmt: skip
"""exp(x^2) erfc(x) (1 + 2 x) over (x - 4) / (x + 4) for x in [1, 28], error 2.6e-20."""


def erf(f: Floats, x: Any) -> Any:
    """Error function."""
    if not f.double:
        return _erf_f32(f, x)
    a = f.abs(x)
    result = f.sub(1.0, _erfc_large(f, f.at_least(f.at_most(a, 6.5), 1.0)))
    small = f.mul(a, f.poly(f.mul(a, a), _ERF_SMALL))
    return f.copysign(f.select(f.compare("ogt", a, 1.0), result, small), x)


def _erf_f32(f: Floats, x: Any) -> Any:
    """1 - e^(p(|x|) |x| - |x|) or p(x^2) x + x: one polynomial with the coefficients of one or the other.

    Of the exponential, which is below 0.2, less precision is enough.
    """
    a = f.abs(x)
    large = f.compare("ogt", a, 0.927734375)
    bounded = f.at_most(a, 4.5)
    variable = f.select(large, bounded, f.mul(a, a))
    p = f.select(large, _ERF_F32_LARGE[0], 0.0)
    for high, low in zip(_ERF_F32_LARGE[1:], _ERF_F32_SMALL, strict=True):
        p = f.fma(p, variable, f.select(large, high, low))
    small = f.fma(p, a, a)
    exponent = f.mul(f.fma(p, bounded, f.neg(bounded)), _LOG2E)
    n = f.round(exponent)
    power = f.mul(f.poly(f.sub(exponent, n), _EXP2_F32), f.power_of_two(n))
    return f.copysign(f.select(large, f.sub(1.0, power), small), x)


def erfc(f: Floats, x: Any) -> Any:
    """1 - erf(x) of f64, precise where it is tiny."""
    a = f.abs(x)
    tail = _erfc_large(f, f.at_least(f.at_most(a, 28.0), 1.0))
    square = f.mul(x, x)
    # 1 - c x is exact but for one rounding; what is subtracted of it is smaller than erf, and so is its error.
    line = f.fma(f.neg(x), _ERF_SMALL[-1], 1.0)
    small = f.fma(f.neg(f.mul(x, square)), f.poly(square, _ERF_SMALL[:-1]), line)
    large = f.select(f.compare("olt", x, 0.0), f.sub(2.0, tail), tail)
    return f.select(f.compare("ogt", a, 1.0), large, small)


def _erfc_large(f: Floats, a: Any) -> Any:
    square, low = f.product(a, a)
    q = f.div(f.sub(a, 4.0), f.add(a, 4.0))
    e = exp(f, f.neg(square), f.neg(low))
    return f.div(f.mul(e, f.poly(q, _ERFC_LARGE)), f.fma(a, 2.0, 1.0))
