# ruff: noqa: E501 - one function per line reads best
"""The errors of functions of real numbers, measured through the whole compiler, and the table in docs/accuracy.md.

`cd tests && python -m conformance.accuracy` measures and writes it; test_accuracy.py checks the limits.
"""

from __future__ import annotations

import ctypes
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import scipy.special
from conformance.case import NUMPY, Array
from iree import codegen, vm

OUTPUT = Path(__file__).parents[2] / "docs" / "accuracy.md"
LONG = np.longdouble
DTYPES = ("f32", "f64", "f16", "bf16")
_PI = 4 * np.arctan(LONG(1))


def _bernoulli(count: int) -> tuple[Any, ...]:
    """The numbers B_0, B_2, B_4, …, as many."""
    found = [Fraction(1)]
    for m in range(1, 2 * count):
        found.append(-sum(math.comb(m + 1, k) * found[k] for k in range(m)) / (m + 1))
    return tuple(LONG(b.numerator) / LONG(b.denominator) for b in found[::2])


_BERNOULLI = _bernoulli(16)
_LOG_GAMMA_ZEROS = (
    -2.4570247382208006, -2.7476826467274127, -3.14358088834998, -3.955294284858598, -4.039361839740537, -4.991544640560048,
    -5.008181522169363, -9.99999972442663,
)  # fmt: skip
DIGAMMA_NEXT_TO_ZEROS = (
    (1.461632144968362, -3.072790566546293e-16), (1.4616321449683622, -9.241265521729427e-17),
    (1.4616321449683625, 1.2245374622004068e-16), (-0.5040830082644555, -9.19619380518413e-16),
    (-0.5040830082644554, 7.289763902976895e-17), (-0.5040830082644553, 1.0654146585779509e-15),
    (-1.5734984731623907, -2.050961578386319e-15), (-1.5734984731623904, 1.5649788481838454e-16),
    (-1.5734984731623902, 2.3639573480230873e-15), (-2.6107208684441456, -1.0707279122909986e-14),
    (-2.610720868444145, -5.889653358275491e-15), (-2.6107208684441447, -1.0720275936410002e-15),
    (-5.667162441556886, -1.1523464353066704e-14), (-5.6671624415568855, 4.1867794464524804e-17),
    (-5.667162441556885, 1.1607199941995715e-14),
)  # fmt: skip
"""Computed with 40 digits: long doubles are not enough there."""


@dataclass(frozen=True)
class Function:
    """A function of one number, or two.

    Attributes:
        op: StableHLO's or CHLO's operation.
        exact: What it computes, on long doubles.
        f32: Limit of the error in units of the last place.
        f64: The same.
        slack: Error of the reference itself.
        second: Chooses the second numbers for these first ones, if it takes two.
        grid: Chooses both, given how many and their type, where most of the whole range would not be numbers.
        parts: The size of what f64 results are the difference of, which they may be much smaller than: their errors are
            counted in units of the last place of the larger. `note` says it.
    """

    op: str
    exact: Callable[..., Any]
    f32: float
    f64: float
    slack: float = 0
    second: Callable[[Array], Array] | None = None
    grid: Callable[[int, Any], tuple[Array, Array]] | None = None
    parts: Callable[..., Any] | None = None
    note: str = ""

    @property
    def name(self) -> str:
        """Without dialect."""
        return self.op.partition(".")[2]


def _libm(name: str) -> Callable[[float], float]:
    """A function of long doubles of the C library, rounded to f64: Python's own are off by units."""
    function = getattr(ctypes.CDLL(None), name)
    function.restype, function.argtypes = ctypes.c_longdouble, [ctypes.c_longdouble]
    return function


def _each(function: Callable[[float], float]) -> Callable[[Any], Any]:
    def compute(x: Any) -> Any:
        return np.array([math.nan if math.isnan(v) else function(float(v)) for v in x], dtype=LONG)

    return compute


def _bessel_i1e(x: Any) -> Any:
    """The power series up to 25, from there the asymptotic one."""
    size = np.abs(x)
    square = np.minimum(size, 25) ** 2 / 4
    total = term = np.ones_like(x)
    for k in range(1, 90):
        term = term * square / (k * (k + 1))
        total = total + term
    large = term = np.ones_like(x)
    for k in range(1, 30):
        term = term * ((2 * k - 1) ** 2 - 4) / (8 * k * np.maximum(size, 25))
        large = large + term
    small = total * size / 2 * np.exp(-size)
    return np.copysign(np.where(size < 25, small, large / np.sqrt(2 * _PI * size)), x)


def _double(name: str) -> Callable[[Any], Any]:
    """SciPy's function of f64."""

    def compute(x: Any) -> Any:
        return getattr(scipy.special, name)(x.astype(np.float64)).astype(LONG)

    return compute


def _digamma(x: Any) -> Any:
    """By recurrence up to 40 and the asymptotic series, reflected below 0."""
    rest = x - np.rint(x)
    y = np.where(x < 0, 1 - x, x)
    total = np.zeros_like(y)
    for _ in range(40):
        total = np.where(y < 40, total - 1 / y, total)
        y = np.where(y < 40, y + 1, y)
    square = 1 / (y * y)
    series = sum(b / (2 * k) * square**k for k, b in enumerate(_BERNOULLI[1:], 1))
    found = total + np.log(y) - 1 / (2 * y) - series
    found = np.where(x < 0, found - _PI / np.tan(_PI * rest), found)
    return np.where((x <= 0) & (rest == 0), math.nan, found)


def _zeta(s: Any, q: Any, *, size: bool = False) -> Any:
    """L. Euler and C. Maclaurin's formula from 150 on, or the sum of the sizes of its terms."""
    total = np.full_like(q, 4.5e-308 if size else 0)
    base = q.copy()
    for _ in range(180):
        term = np.where(base < 150, np.power(base, -s), 0)
        total += np.abs(term) if size else term
        base = np.where(base < 150, base + 1, base)
    tail = base ** (1 - s) / (s - 1) + base**-s / 2
    factor = s / base
    for k, b in enumerate(_BERNOULLI[1:], 1):
        tail += b / LONG(math.factorial(2 * k)) * factor * base**-s
        factor = factor * (s + 2 * k - 1) * (s + 2 * k) / (base * base)
    return np.where(((q <= 0) & (np.floor(q) == q)) | (s == 1), math.inf, total + np.where(base**-s > 0, tail, 0))


def _polygamma(n: Any, x: Any, *, size: bool = False) -> Any:
    factorials = np.cumprod(np.concatenate([[1], np.arange(1, 171)]).astype(LONG))
    found = factorials[n.astype(int)] * _zeta(n + 1, x, size=size)
    found = found if size else np.where(n % 2 == 0, -found, found)
    return np.where(n == 0, np.abs(_digamma(x)) if size else _digamma(x), found)


def _orders(count: int, kind: Any) -> tuple[Array, Array]:
    """For zeta: from 1.001 to 100; positive numbers, and for whole orders negative ones too."""
    rng = np.random.default_rng(7)
    whole = rng.random(count) < 0.6
    s = np.where(whole, rng.integers(2, 60, count), 1 + 10 ** rng.uniform(-3, 2, count)).astype(kind)
    negative = (s.astype(np.float64) % 1 == 0) & (rng.random(count) < 0.4)
    q = np.where(
        negative, rng.uniform(-30, 0, count), 10 ** rng.uniform(-3, 6 if kind != np.float16 else 4, count)
    ).astype(kind)
    return s, _beside_cancellation(q).astype(kind)


def _beside_cancellation(x: Any) -> Any:
    """Numbers, but not those between two poles, of whose sums nearly all terms cancel: the reference has no digits."""
    x = x.astype(np.float64)
    return np.where((x < 0) & (2 * x % 1 == 0), x + 0.25, x)


def _derivatives(count: int, kind: Any) -> tuple[Array, Array]:
    """For polygamma: up to the 170th, half of them below the 12th; numbers like zeta's."""
    rng = np.random.default_rng(8)
    n = np.where(rng.random(count) < 0.5, rng.integers(0, 12, count), rng.integers(0, 171, count))
    x = np.where(rng.random(count) < 0.3, rng.uniform(-23, 0, count), 10 ** rng.uniform(-3, 4, count))
    return n.astype(kind), _beside_cancellation(x.astype(kind)).astype(kind)


def _digamma_parts(x: Any) -> Any:
    cotangent = _PI / np.tan(_PI * (x - np.rint(x)))
    return np.where(x > -23.5, 2e-3, np.maximum(np.log(np.abs(x)), np.abs(cotangent)))


def _logistic(x: Any) -> Any:
    power = np.exp(-np.abs(x))
    return np.where(x < 0, power, 1) / (1 + power)


def _shuffled(x: Array) -> Array:
    return np.random.default_rng(5).permutation(x)


def _exponents(x: Array) -> Array:
    """Such that most powers are finite and not zero."""
    rng = np.random.default_rng(6)
    with np.errstate(all="ignore"):
        scale = np.log2(np.abs(x.astype(np.float64)))
        limit = np.log2(float(ml_dtypes.finfo(x.dtype).max)) * 1.1
        exponents = np.where(np.isfinite(scale) & (scale != 0), rng.uniform(-limit, limit, x.shape) / scale, 1.5)
        return np.where(rng.random(x.shape) < 0.2, np.rint(exponents), exponents).astype(x.dtype)


FUNCTIONS = (
    Function("chlo.bessel_i1e", _bessel_i1e, 1, 4),
    Function("chlo.digamma", _digamma, 1, 4, parts=_digamma_parts, note="of the parts log\\|x\\| and pi cot(pi x) below -23.5, of 0.002 near zeros above, but 8 at the 15 numbers tested there"),
    Function("chlo.erf_inv", _double("erfinv"), 1, 4, 1), Function("chlo.lgamma", _each(_libm("lgammal")), 1, 4, 0.5),
    Function("chlo.polygamma", _polygamma, 1, 4, grid=_derivatives, parts=partial(_polygamma, size=True), note="of the sum of its terms' sizes; orders to 170"),
    Function("chlo.zeta", _zeta, 1, 4, grid=_orders, parts=partial(_zeta, size=True), note="of the sum of its terms' sizes, and of 4e-308 below that"),
    Function("chlo.acos", np.arccos, 1, 4), Function("chlo.acosh", np.arccosh, 1, 4), Function("chlo.asin", np.arcsin, 1, 4),
    Function("chlo.asinh", np.arcsinh, 1, 4), Function("chlo.atan", np.arctan, 1, 2), Function("stablehlo.atan2", np.arctan2, 1, 2, second=_shuffled), Function("chlo.atanh", np.arctanh, 1, 4),
    Function("stablehlo.cbrt", np.cbrt, 1, 2), Function("stablehlo.cosine", np.cos, 1, 2), Function("chlo.cosh", np.cosh, 1, 4),
    Function("chlo.erf", _each(_libm("erfl")), 2, 4, 0.5), Function("chlo.erfc", _each(_libm("erfcl")), 1, 4, 0.5),
    Function("stablehlo.exponential", np.exp, 2, 2), Function("stablehlo.exponential_minus_one", np.expm1, 2, 2),
    Function("stablehlo.log", np.log, 2, 2), Function("stablehlo.log_plus_one", np.log1p, 2, 2), Function("stablehlo.logistic", _logistic, 4, 4),
    Function("stablehlo.power", np.power, 1, 2, second=_exponents), Function("stablehlo.rsqrt", lambda x: 1 / np.sqrt(x), 2, 2), Function("stablehlo.sine", np.sin, 1, 2), Function("chlo.sinh", np.sinh, 1, 4),
    Function("stablehlo.sqrt", np.sqrt, 0.5, 0.5), Function("stablehlo.tan", np.tan, 1, 3), Function("stablehlo.tanh", np.tanh, 3, 3),
)  # fmt: skip


def arguments(dtype: str) -> Array:
    """Numbers over the whole range of a type; every one of 16 bits."""
    kind = NUMPY[dtype]
    if dtype in ("f16", "bf16"):
        return np.arange(65536).astype(np.uint16).view(kind)
    rng = np.random.default_rng(4)
    info = np.finfo(kind)
    wide = np.exp2(rng.uniform(info.minexp - 20, info.maxexp, 80000)) * rng.choice([-1.0, 1.0], 80000)
    near = rng.uniform(-1, 1, 30000) * np.repeat([1.0, 8.0, 100.0], 10000)
    edges = rng.choice([-1.0, 1.0], 10000) + rng.uniform(-1, 1, 10000) * 1e-4
    zeros = np.array(_LOG_GAMMA_ZEROS).astype(kind)
    beside = [np.nextafter(zeros, kind(to)) for to in (-math.inf, math.inf)]
    deep = -np.exp2(rng.uniform(0, 12, 2000))
    return np.concatenate([wide, near, edges, zeros, *beside, deep, [0.0, -0.0, 1.0, -1.0]]).astype(kind)


def measure(dtype: str) -> dict[str, float]:
    """Per function the largest error in units of the last place."""
    x = arguments(dtype)
    operands = {f.name: _operands(f, x) for f in FUNCTIONS}
    text = "".join(_text(f, f"tensor<{len(operands[f.name][0])}x{dtype}>") for f in FUNCTIONS)
    module = vm.load(codegen.compile_str(text))
    found = {}
    for f in FUNCTIONS:
        parts = f.parts if dtype == "f64" else None
        found[f.name] = worst(np.asarray(module[f.name](*operands[f.name])), f.exact, *operands[f.name], parts=parts)
    return found


def _operands(function: Function, x: Array) -> tuple[Array, ...]:
    if function.grid is not None:
        return function.grid(6000, x.dtype)
    return (x,) if function.second is None else (x, function.second(x))


def _text(function: Function, type_: str) -> str:
    names = ["%a"] if function.second is None and function.grid is None else ["%a", "%b"]
    types = f"{', '.join([type_] * len(names))} -> {type_}" if function.op.startswith("chlo") else type_
    arguments_ = ", ".join(f"{name}: {type_}" for name in names)
    return f"func.func @{function.name}({arguments_}) -> {type_} {{\n%r = {function.op} {', '.join(names)} : {types}\nreturn %r : {type_} }}\n"


def worst(got: Array, exact: Callable[..., Any], *operands: Array, parts: Callable[..., Any] | None = None) -> float:
    """The largest error of finite results; infinite if what is not finite is not where it belongs.

    In units of the last place of the results, or of `parts` where that is larger.
    """
    kind = got.dtype
    info = ml_dtypes.finfo(kind)
    with np.errstate(all="ignore"):
        want = np.asarray(exact(*(x.astype(LONG) for x in operands)))
        rounded = want.astype(np.float64).astype(kind).astype(np.float64)
        value = got.astype(np.float64)
        if not np.array_equal(np.isnan(value), np.isnan(rounded)):
            return math.inf
        finite = np.isfinite(rounded) & np.isfinite(value)
        same = (value == rounded) | np.isnan(rounded)
        # Next to the largest number, one of the two may be infinite.
        limit = float(info.max) * (1 - 4 * float(info.eps))
        if not (same | finite | (np.abs(np.where(np.isfinite(value), value, rounded)) >= limit)).all():
            return math.inf
        scale = np.maximum(np.abs(want[finite]), float(info.smallest_normal))
        if parts is not None:
            scale = np.maximum(scale, parts(*(x.astype(LONG) for x in operands))[finite])
        unit = np.exp2(np.floor(np.log2(scale))) * LONG(float(info.eps))
        errors = np.abs(got[finite].astype(LONG) - want[finite]) / unit
    return float(errors.max())


def limit(function: Function, dtype: str) -> float:
    """What is promised: for 16 bits half a unit, and the error of f32."""
    if dtype in ("f32", "f64"):
        return function.f32 if dtype == "f32" else function.f64
    return 0.51


def table(measured: dict[str, dict[str, float]] | None) -> str:
    """The document; without measurements only what is promised, in the same lines."""
    lines = [
        "# Accuracy\n",
        "Generated by `cd tests && python -m conformance.accuracy`; do not edit. Largest errors in units of the last place over the whole",
        "range of arguments (f32 and f64: 120,000 of all magnitudes; f16 and bf16: all), against 80-bit references: what is promised and",
        "checked by `tests/conformance/test_accuracy.py`, and in parentheses what was measured on x86-64 with fused multiply-add. Where f64",
        "results are small differences of larger parts, their units are those of the parts, as noted.\n",
        "Functions of complex numbers are within 6 units of the last place of |result| (complex<f64>) or 1.01 (complex<f32>), and have the",
        "special values of C's annex G; powers z^w of complex<f64> are within 2 + 2 |w log z| units (`tests/conformance/test_complex.py`).\n",
        "| function | " + " | ".join(DTYPES) + " |",
        "|---|" + "---|" * len(DTYPES),
    ]
    for f in FUNCTIONS:
        cells = [
            f"{limit(f, d):g}"
            + (f" ({measured[d][f.name]:.2f})" if measured else "")
            + (f", {f.note}" if f.note and d == "f64" else "")
            for d in DTYPES
        ]
        lines.append(f"| {f.op} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """The command."""
    OUTPUT.write_text(table({dtype: measure(dtype) for dtype in DTYPES}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
