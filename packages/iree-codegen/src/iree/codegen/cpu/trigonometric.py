"""Trigonometric functions. Coefficients: FreeBSD's msun (k_sin.c, k_cos.c) and Cephes (atan.c).

Sine, cosine and tangent reduce their argument as M. Payne and R. Hanek do (1983): x / (2 pi) modulo 1 is summed from
products with pieces of the bits of 1 / (2 pi), each exact and each taken modulo 1, so that any finite argument has all
digits of its result. There are no branches, so that loops vectorize. f32 is computed as f64 (within 1 ulp); f64 is
within 4 ulp.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from iree.codegen.cpu.scalars import Floats
from iree.dialects.mlir import arith

_INVERSE_BITS = 1280
_INVERSE_TURN = int(
    "28be60db9391054a7f09d5f47d4d377036d8a5664f10e4107f9458eaf7aef1586dc91b8e909374b801924bba827464873f877ac72c4a69cf"
    "ba208d7d4baed1213a671c09ad17df904e64758e60d4ce7d272117e2ef7e4a0ec7fe25fff7816603fbcbc462d6829b47db4d9fb3c9f2c26d"
    "d3d18fd9a797fa8b5d49eeb1faf97c5ecf41ce7de294a4ba9afed7ec47e35742",
    16,
) << (_INVERSE_BITS - 1152)
"""The first 1152 binary digits of 1 / (2 pi), enough for the largest f64; the rest are 0."""


def _pieces(width: int, count: int) -> tuple[int, ...]:
    """The binary digits of 1 / (2 pi), `width` at a time."""
    return tuple(_INVERSE_TURN >> (_INVERSE_BITS - width * (i + 1)) & ((1 << width) - 1) for i in range(count))


_NARROW, _WIDE = 28, 48
_NARROW_PIECES = tuple(piece * 2.0 ** (-_NARROW * (i + 1)) for i, piece in enumerate(_pieces(_NARROW, 7)))
_WINDOW = 5
_WIDE_PIECES = tuple(float(piece) for piece in _pieces(_WIDE, _INVERSE_BITS // _WIDE))
_TWO_PI = (6.283185307179586, 2.4492935982947064e-16)
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


def _modulo_1(f: Floats, x: Any) -> Any:
    """X less the nearest integer."""
    return f.sub(x, f.nearest(x))


def _sum(f: Floats, terms: Sequence[Any]) -> tuple[Any, list[Any]]:
    """The sum of the terms and the rounding errors that it leaves."""
    total, errors = terms[0], []
    for term in terms[1:]:
        total, error = f.two_sum(total, term)
        errors.append(error)
    return total, errors


def _turns_narrow(f: Floats, x: Any) -> tuple[Any, Any, Any]:
    """X / (2 pi) modulo 1 as an unevaluated sum, for an x with the 24 bits and the range of f32.

    Products of 24 and 28 bits are exact in f64.
    """
    total, errors = _sum(f, [_modulo_1(f, f.mul(x, piece)) for piece in _NARROW_PIECES])
    low = errors[0]
    for error in errors[1:]:
        low = f.add(low, error)
    return total, low, f.const(0.0)


def _turns_wide(f: Floats, x: Any) -> tuple[Any, Any, Any]:
    """X / (2 pi) modulo 1 as an unevaluated sum.

    The pieces whose products are multiples of 1 are left out: the window of `_WINDOW` pieces starts so that x, scaled
    down as the window's digits are scaled up, has an exponent of at most 52 + 48. It is chosen in five steps that move
    it by 16, 8, 4, 2 and 1 pieces.
    """
    exponent = arith.ShRUIOp(arith.ShLIOp(f.bits(x), f.int_const(1)).result, f.int_const(53)).result
    excess = arith.MaxSIOp(arith.SubIOp(exponent, f.int_const(1023 + 52)).result, f.int_const(0)).result
    start = arith.ShRUIOp(arith.MulIOp(excess, f.int_const(1366)).result, f.int_const(16)).result  # excess // 48
    shift = arith.ShLIOp(arith.MulIOp(start, f.int_const(_WIDE)).result, f.int_const(52)).result
    scaled = f.from_bits(arith.SubIOp(f.bits(x), shift).result)
    pieces: list[Any] = [f.const(piece) for piece in _WIDE_PIECES]
    for step in (16, 8, 4, 2, 1):
        moved = _bit(f, start, step)
        needed = min(len(pieces), step - 1 + _WINDOW)
        pieces = [
            f.select(moved, pieces[i + step], pieces[i]) if i + step < len(pieces) else pieces[i] for i in range(needed)
        ]
    products = [f.product(scaled, f.mul(piece, 2.0 ** (-_WIDE * (i + 1)))) for i, piece in enumerate(pieces)]
    (h0, l0), (h1, l1), (h2, l2), (h3, l3), (h4, _) = products
    large = [_modulo_1(f, value) for value in (h0, l0, h1)]
    total, errors = _sum(f, [*large, l1, _modulo_1(f, h2)])
    middle, errors = _sum(f, [*errors, h3, l2])
    low = f.add(l3, h4)
    for error in errors:
        low = f.add(low, error)
    return total, middle, low


def _quadrant(f: Floats, x: Any, narrow: bool) -> tuple[Any, Any, Any]:
    """X = n pi/2 + r: the bits of n, and sin and cos of r."""
    total, middle, low = (_turns_narrow if narrow else _turns_wide)(f, x)
    n = f.round(f.mul(total, 4.0))
    total, middle = f.two_sum(f.sub(total, f.mul(n, 0.25)), middle)
    rest = f.add(middle, low)
    angle, error = f.product(total, _TWO_PI[0])
    r, tail = f.fast_sum(angle, f.fma(total, _TWO_PI[1], f.fma(rest, _TWO_PI[0], error)))
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


def _finite(f: Floats, x: Any, result: Any) -> Any:
    return f.select(f.compare("olt", f.abs(x), f.infinity), result, float("nan"))


def _small(f: Floats, x: Any, result: Any) -> Any:
    """X itself where it is as good as its sine."""
    return f.select(f.compare("olt", f.abs(x), 2.0**-27), x, result)


def sin(f: Floats, x: Any, narrow: bool = False) -> Any:
    """Sine of f64; `narrow` if x came from a narrower type."""
    n, sine, cosine = _quadrant(f, x, narrow)
    value = f.select(_bit(f, n, 1), cosine, sine)
    return _small(f, x, _finite(f, x, f.select(_bit(f, n, 2), f.neg(value), value)))


def cos(f: Floats, x: Any, narrow: bool = False) -> Any:
    """Cosine of f64; `narrow` if x came from a narrower type."""
    n, sine, cosine = _quadrant(f, x, narrow)
    value = f.select(_bit(f, n, 1), sine, cosine)
    negative = _bit(f, f.int_add(n, f.int_const(1)), 2)
    return _finite(f, x, f.select(negative, f.neg(value), value))


def tan(f: Floats, x: Any, narrow: bool = False) -> Any:
    """Tangent of f64, sine over cosine; `narrow` if x came from a narrower type."""
    n, sine, cosine = _quadrant(f, x, narrow)
    odd = _bit(f, n, 1)
    result = f.div(f.select(odd, f.neg(cosine), sine), f.select(odd, sine, cosine))
    return _small(f, x, _finite(f, x, result))


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
