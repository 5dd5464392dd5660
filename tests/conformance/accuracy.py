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


@dataclass(frozen=True)
class Function:
    """A function of one number, or two.

    Attributes:
        op: StableHLO's or CHLO's operation.
        exact: What it computes, on long doubles.
        f32: Limit of the error in units of the last place.
        f64: The same; infinite if nothing is promised.
        slack: Error of the reference itself.
        second: Chooses the second numbers for these first ones, if it takes two.
    """

    op: str
    exact: Callable[..., Any]
    f32: float
    f64: float
    slack: float = 0
    second: Callable[[Array], Array] | None = None

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


def _double(name: str) -> Callable[[Any], Any]:
    """SciPy's function of f64."""

    def compute(x: Any) -> Any:
        found = getattr(scipy.special, name)(x.astype(np.float64)).astype(LONG)
        return np.where(x == 0, math.nan, found) if name == "digamma" else found  # a pole, as the others are

    return compute


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
    Function("chlo.bessel_i1e", _double("i1e"), 1, 4, 0.5), Function("chlo.digamma", _double("digamma"), 1, math.inf, 0.5), Function("chlo.erf_inv", _double("erfinv"), 1, math.inf, 0.5),
    Function("chlo.lgamma", _each(_libm("lgammal")), 1, math.inf, 0.5),
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
    return np.concatenate([wide, near, edges, [0.0, -0.0, 1.0, -1.0]]).astype(kind)


def measure(dtype: str) -> dict[str, float]:
    """Per function the largest error in units of the last place."""
    x = arguments(dtype)
    module = vm.load(codegen.compile_str("".join(_text(f, f"tensor<{len(x)}x{dtype}>") for f in FUNCTIONS)))
    found = {}
    for f in FUNCTIONS:
        operands = [x] if f.second is None else [x, f.second(x)]
        found[f.name] = worst(np.asarray(module[f.name](*operands)), f.exact, *operands)
    return found


def _text(function: Function, type_: str) -> str:
    names = ["%a"] if function.second is None else ["%a", "%b"]
    types = f"{type_} -> {type_}" if function.op.startswith("chlo") else type_
    arguments_ = ", ".join(f"{name}: {type_}" for name in names)
    return f"func.func @{function.name}({arguments_}) -> {type_} {{\n%r = {function.op} {', '.join(names)} : {types}\nreturn %r : {type_} }}\n"


def worst(got: Array, exact: Callable[..., Any], *operands: Array) -> float:
    """The largest error of finite results; infinite if what is not finite is not where it belongs."""
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
        "checked by `tests/conformance/test_accuracy.py`, and in parentheses what was measured on x86-64 with fused multiply-add.\n",
        "| function | " + " | ".join(DTYPES) + " |",
        "|---|" + "---|" * len(DTYPES),
    ]
    for f in FUNCTIONS:
        cells = [
            f"{limit(f, d):g}".replace("inf", "nothing") + (f" ({measured[d][f.name]:.2f})" if measured else "")
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
