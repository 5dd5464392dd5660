"""fft: decimation in frequency, one pass over the data per prime factor of the length (Stockham's autosort form).

A pass views the transformed dimension as (p, j, k) of sizes (r, l, m) and gives (j, q, k):
``y[j, q, k] = w(n)^(m q j) * sum over p of w(r)^(p q) * x[p, j, k]`` with ``w(n) = exp(-2 pi i / n)``. Real and
imaginary parts are
tensors of their own, so that every pass is plain arithmetic that vectorises. Tables are made in double precision.
"""

from __future__ import annotations

import math as pymath
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from iree.dialects.input.build import (
    DYNAMIC,
    Dim,
    constant,
    dims,
    elementwise,
    empty,
    fill,
    generic,
    index,
    like,
    refine,
)
from iree.dialects.input.dynamic import pad, reshape
from iree.dialects.input.rules import Rule
from iree.dialects.input.sizes import extract_slice, multiply
from iree.dialects.mlir import arith, cf, complex, ir, linalg, stablehlo, tensor

FIRST_FACTOR = 16
"""The factor of the first pass where it divides the length: later ones then have rows of at least as many elements."""
MAX_FACTOR = 64
"""Larger prime factors would make tables and work quadratic."""

Pair = tuple[Any, Any]
"""Real and imaginary parts."""


def fft(op: Any) -> list[Any]:
    """`stablehlo.fft`: FFT, IFFT, RFFT and IRFFT over the last one to three dimensions."""
    kind = stablehlo.FftTypeAttr(op.attributes["fft_type"]).value
    lengths = [int(n) for n in op.attributes["fft_length"]]
    axes = range(op.operands[0].type.rank - len(lengths), op.operands[0].type.rank)
    read = [*lengths[:-1], lengths[-1] // 2 + 1] if kind == "IRFFT" else lengths
    operand = _known(op.operands[0], dict(zip(axes, read, strict=True)))
    if 0 in op.results[0].type.shape:
        return [tensor.EmptyOp(list(op.results[0].type.shape), op.results[0].type.element_type).result]
    match kind:
        case "FFT" | "IFFT":
            pair = split_complex(operand)
            for axis in axes:
                pair = _transform(pair, axis, kind == "IFFT")
        case "RFFT":
            zero = constant(0, operand.type.element_type)
            nothing = elementwise([], dims(operand), operand.type.element_type, lambda: zero)
            pair = _cut(_transform((operand, nothing), axes[-1], False), axes[-1], lengths[-1] // 2 + 1)
            for axis in axes[:-1]:
                pair = _transform(pair, axis, False)
        case _:
            pair = split_complex(operand)
            for axis in axes[:-1]:
                pair = _transform(pair, axis, True)
            return [refine(_transform(_mirror(pair, axes[-1], lengths[-1]), axes[-1], True)[0], op.results[0].type)]
    return [refine(join_complex(pair), op.results[0].type)]


def _known(operand: Any, sizes: Mapping[int, int]) -> Any:
    """The operand with the sizes that the lengths say, checked at run time where its type leaves them open."""
    shape = [sizes.get(axis, n) for axis, n in enumerate(operand.type.shape)]
    for axis, size in sizes.items():
        if operand.type.shape[axis] == DYNAMIC:
            fits = arith.CmpIOp(arith.CmpIPredicate.eq, tensor.DimOp(operand, index(axis)).result, index(size)).result
            cf.AssertOp(fits, f"stablehlo.fft: dimension {axis} of its operand must be {size}")
    return refine(operand, like(operand.type, shape))


def split_complex(value: Any) -> Pair:
    """The parts of a complex tensor."""
    real = value.type.element_type.element_type
    parts = [
        elementwise([value], dims(value), real, lambda x, part=part: part(x).result)
        for part in (complex.ReOp, complex.ImOp)
    ]
    return parts[0], parts[1]


def join_complex(pair: Pair) -> Any:
    """The complex tensor of these parts."""
    element = ir.ComplexType.get(pair[0].type.element_type)
    return elementwise(pair, dims(pair[0]), element, lambda a, b: complex.CreateOp(element, a, b).result)


def _cut(pair: Pair, axis: int, size: int) -> Pair:
    def one(value: Any) -> Any:
        sizes = [size if i == axis else n for i, n in enumerate(dims(value))]
        return extract_slice(value, [0] * len(sizes), sizes, [1] * len(sizes))

    return one(pair[0]), one(pair[1])


def _mirror(pair: Pair, axis: int, length: int) -> Pair:
    """A spectrum of a real signal, from its first half: x[n - k] is the conjugate of x[k]."""
    sizes = [length if i == axis else n for i, n in enumerate(dims(pair[0]))]
    half = length // 2
    element = pair[0].type.element_type

    def one(value: Any, negate: bool) -> Any:
        def body() -> Any:
            wide = ir.IntegerType.get_signless(64)
            where = [linalg.IndexOp(ir.IntegerAttr.get(wide, i)).result for i in range(len(sizes))]
            here = where[axis]
            limit = constant(half, here.type)
            late = arith.CmpIOp(arith.CmpIPredicate.sgt, here, limit).result
            other = arith.SubIOp(constant(length, here.type), here).result
            where[axis] = arith.SelectOp(late, other, here).result
            x = tensor.ExtractOp(value, where).result
            if not negate:
                return x
            # The imaginary parts at 0 and n/2 do not count: a real signal has none there.
            x = arith.SelectOp(late, arith.NegFOp(x).result, x).result
            real = arith.CmpIOp(arith.CmpIPredicate.eq, here, constant(0, here.type)).result
            if length % 2 == 0:
                real = arith.OrIOp(real, arith.CmpIOp(arith.CmpIPredicate.eq, here, limit).result).result
            return arith.SelectOp(real, constant(0, element), x).result

        return elementwise([], sizes, element, body)

    return one(pair[0], False), one(pair[1], True)


def _factors(n: int) -> list[int]:
    found = []
    if n % FIRST_FACTOR == 0:
        found.append(FIRST_FACTOR)
        n //= FIRST_FACTOR
    for p in [4, *range(2, pymath.isqrt(n) + 1)]:
        while n % p == 0:
            found.append(p)
            n //= p
    return [*found, n] if n > 1 else found


def _transform(pair: Pair, axis: int, inverse: bool) -> Pair:
    """The transform along one dimension; the inverse one divides by the length."""
    sizes = dims(pair[0])
    n = sizes[axis]
    assert isinstance(n, int), "sizes of transformed dimensions are lengths, or follow from them"
    before: Dim = 1
    for size in sizes[:axis]:
        before = multiply(before, size)
    after: Dim = 1
    for size in sizes[axis + 1 :]:
        after = multiply(after, size)
    flat = [before, n, after]
    pair = _reshape(pair, flat)
    factors = _factors(n)
    pair = _chirp(pair, n, inverse) if factors and factors[-1] > MAX_FACTOR else _passes(pair, factors, inverse)
    if inverse and n > 1:
        pair = _scale(pair, 1 / n)
    return _reshape(pair, sizes)


def _passes(pair: Pair, factors: Sequence[int], inverse: bool) -> Pair:
    """The unscaled transform of the middle dimension of (before, n, after)."""
    before, n, after = dims(pair[0])
    m, rest = 1, pymath.prod(factors)
    for r in factors:
        rest //= r
        pair = _pass(_reshape(pair, [before, r, rest, m, after]), r, inverse)
        m *= r
    return _reshape(pair, [before, n, after])


def _chirp(pair: Pair, n: int, inverse: bool) -> Pair:
    """The unscaled transform for lengths with a large prime factor, as a circular convolution (Bluestein's
    algorithm).
    """
    before, _, after = dims(pair[0])
    element = pair[0].type.element_type
    size = 1 << (2 * n - 2).bit_length()
    squares = np.arange(n) ** 2 % (2 * n)  # exact, where the angle itself would lose digits
    angle = (np.pi if inverse else -np.pi) * squares / n
    wave = np.zeros(size, np.complex128)
    wave[:n] = np.exp(-1j * angle)
    wave[size - n + 1 :] = wave[1:n][::-1]
    spectrum = np.fft.fft(wave) / size
    chirp = _table(angle, element)
    kernel = (_constant(spectrum.real, element), _constant(spectrum.imag, element))
    zero = constant(0, element)
    x = _times(pair, chirp)
    x = tuple(pad(part, zero, [0, 0, 0], [0, size - n, 0], [0, 0, 0]) for part in x)
    x = _times(_passes((x[0], x[1]), _factors(size), False), kernel)
    x = _cut(_passes(x, _factors(size), True), 1, n)
    return _times(_reshape(x, [before, n, after]), chirp)


def _scale(pair: Pair, factor: float) -> Pair:
    element = pair[0].type.element_type
    number = constant(factor, element)
    re, im = (elementwise([x], dims(x), element, lambda v: arith.MulFOp(v, number).result) for x in pair)
    return re, im


def _times(pair: Pair, vector: Pair, axes: Sequence[int] = (1,)) -> Pair:
    """Complex product with a tensor over some dimensions."""
    sizes, element = dims(pair[0]), pair[0].type.element_type

    def real(re: Any, im: Any, cos: Any, sin: Any) -> Any:
        return arith.SubFOp(arith.MulFOp(re, cos).result, arith.MulFOp(im, sin).result).result

    def imaginary(re: Any, im: Any, cos: Any, sin: Any) -> Any:
        return arith.AddFOp(arith.MulFOp(re, sin).result, arith.MulFOp(im, cos).result).result

    over = [None, None, axes, axes]
    return (
        elementwise([*pair, *vector], sizes, element, real, over),
        elementwise([*pair, *vector], sizes, element, imaginary, over),
    )


def _reshape(pair: Pair, sizes: Sequence[Dim]) -> Pair:
    def one(value: Any) -> Any:
        static = [n if isinstance(n, int) else ir.ShapedType.get_dynamic_size() for n in sizes]
        target = like(value.type, static)
        return value if value.type == target and value.type.has_static_shape else reshape(value, sizes, target)

    return one(pair[0]), one(pair[1])


def _table(angle: Any, element: Any) -> Pair:
    """Cos and sin of an array of angles as constants."""
    return _constant(np.cos(angle), element), _constant(np.sin(angle), element)


def _constant(values: Any, element: Any) -> Any:
    dtype = np.float64 if element == ir.F64Type.get() else np.float32
    type_ = ir.RankedTensorType.get(values.shape, element)
    return arith.ConstantOp(type_, ir.DenseElementsAttr.get(np.ascontiguousarray(values, dtype), type=type_)).result


def _pass(pair: Pair, r: int, inverse: bool) -> Pair:
    """From (before, p, j, k, after) to (before, j, q, k, after).

    Where (k, after) is short, sums run over rows along j, and change places with q at the end.
    """
    sign = 2 * np.pi if inverse else -2 * np.pi
    element = pair[0].type.element_type
    before, _, rest, m, after = dims(pair[0])
    p, q, j = np.arange(r), np.arange(r), np.arange(rest)
    roots = _table(sign * (np.outer(p, q) % r) / r, element)
    sizes = [before, rest, r, m, after]
    zero = constant(0, element)
    b, j_, q_, k, a, p_ = (ir.AffineDimExpr.get(i) for i in range(6))
    short = isinstance(after, int) and m * after < FIRST_FACTOR
    turned = [before, r, rest, m, after] if short else sizes
    where = [b, q_, j_, k, a] if short else [b, j_, q_, k, a]
    source, root, target = (ir.AffineMap.get(6, 0, e) for e in ([b, p_, j_, k, a], [p_, q_], where))

    def accumulate(re: Any, im: Any, cos: Any, sin: Any, *sums: Any) -> Sequence[Any]:
        real = arith.SubFOp(arith.MulFOp(re, cos).result, arith.MulFOp(im, sin).result).result
        imaginary = arith.AddFOp(arith.MulFOp(re, sin).result, arith.MulFOp(im, cos).result).result
        return [arith.AddFOp(sums[0], real).result, arith.AddFOp(sums[1], imaginary).result]

    maps = [source, source, root, root, target, target]
    sums = generic(
        [*pair, *roots], maps, [fill(zero, turned), fill(zero, turned)], ["parallel"] * 5 + ["reduction"], accumulate
    )
    result = (sums[0], sums[1])
    if rest > 1:
        pairs = np.outer(q, j) if short else np.outer(j, q)
        result = _times(result, _table(sign * (pairs % (r * rest)) / (r * rest), element), (1, 2))
    return _swap(result) if short else result


def _swap(pair: Pair) -> Pair:
    """From (before, q, j, k, after) to (before, j, q, k, after)."""
    before, r, rest, m, after = dims(pair[0])
    element = pair[0].type.element_type
    maps = [ir.AffineMap.get_permutation([0, 2, 1, 3, 4]), ir.AffineMap.get_identity(5)]

    def one(value: Any) -> Any:
        out = empty([before, rest, r, m, after], element)
        return generic([value], maps, [out], ["parallel"] * 5, lambda x, _: x)[0]

    return one(pair[0]), one(pair[1])


RULES: Mapping[str, Rule] = {"stablehlo.fft": fft}
