"""Functions of complex numbers: the values of C's annex G, which NumPy has too, and errors against long doubles.

Known differences: products and quotients of infinities may be NaN (C recovers them), powers of infinities and NaNs too.
Errors are in units of the last place of |result|: a part much smaller than the other may have fewer digits.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from conformance.case import Array
from iree import codegen, vm

_SPECIAL = (0.0, -0.0, 1.0, -1.0, 0.5, -2.0, np.inf, -np.inf, np.nan)
_EXTREME = {
    "f64": (1e300, -1e300, 1e-300, -1e-300, 1e200, 1e-200, -1e155, 710.0, 1e-20),
    "f32": (1e38, -1e38, 1e-37, -1e-37, 3e30, 1e-25, -2e19, 89.0, 1e-9),
}


def _rsqrt(z: Array) -> Array:
    """Zero has no direction in C; here the root's conjugate is infinite."""
    root = np.sqrt(z)
    found = 1 / root
    infinite = np.isinf(z.real) | np.isinf(z.imag)
    found.real = np.where(z == 0, np.inf, np.where(infinite, 0, found.real))
    found.imag = np.where((z == 0) | infinite, np.copysign(0, -z.imag), found.imag)
    return found


def _cbrt(z: Array) -> Array:
    size, angle = np.cbrt(np.abs(z)), np.angle(z) / 3
    found = np.empty_like(z)
    found.real, found.imag = size * np.cos(angle), size * np.sin(angle)
    found.imag = np.where((size == 0) | ((z.imag == 0) & ~(z.real < 0)), z.imag, found.imag)
    return found


def _expm1(z: Array) -> Array:
    whole, half = np.exp(z), np.sin(z.imag / 2)
    near = np.expm1(z.real) * np.cos(z.imag) - 2 * half * half
    whole.real = np.where(z.imag == 0, np.expm1(z.real), np.where(np.abs(z.real) < 1, near, whole.real - 1))
    return whole


def _log1p(z: Array) -> Array:
    found = np.log(1 + z)
    x, y = z.real, z.imag
    small = (np.abs(x) < 0.1) & (np.abs(y) < 0.1)
    found.real = np.where(small, np.log1p(2 * x + (x * x + y * y)) / 2, found.real)
    found.imag = np.arctan2(y, 1 + x)
    return found


def _logistic(z: Array) -> Array:
    right = 1 / (1 + np.exp(-z))
    power = np.exp(z)
    return np.where(z.real < 0, power / (1 + power), right)


def _sign(z: Array) -> Array:
    with np.errstate(all="ignore"):
        size = np.abs(z)
        found = np.empty_like(z)
        found.real, found.imag = z.real / size, z.imag / size
    nan = np.isnan(z.real) | np.isnan(z.imag)
    return np.where(nan, np.nan * (1 + 1j), np.where(z == 0, z, found))


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "chlo.acos": np.arccos,
    "chlo.acosh": np.arccosh,
    "chlo.asin": np.arcsin,
    "chlo.asinh": np.arcsinh,
    "chlo.atan": np.arctan,
    "chlo.atanh": np.arctanh,
    "chlo.cosh": np.cosh,
    "chlo.sinh": np.sinh,
    "chlo.tan": np.tan,
    "stablehlo.abs": np.abs,
    "stablehlo.cbrt": _cbrt,
    "stablehlo.cosine": np.cos,
    "stablehlo.exponential": np.exp,
    "stablehlo.exponential_minus_one": _expm1,
    "stablehlo.log": np.log,
    "stablehlo.log_plus_one": _log1p,
    "stablehlo.logistic": _logistic,
    "stablehlo.rsqrt": _rsqrt,
    "stablehlo.sign": _sign,
    "stablehlo.sine": np.sin,
    "stablehlo.sqrt": np.sqrt,
    "stablehlo.tanh": np.tanh,
}
_OVERFLOWING = ("stablehlo.cbrt", "stablehlo.logistic", "stablehlo.sign")
"""Their references do, if computed as f64."""
_LIMIT = {"f64": 6.0, "f32": 1.01}
"""rsqrt of f64 has the most; complex<f32> is computed as f64."""


def _numbers(dtype: str) -> tuple[Array, int]:
    """Pairs of special numbers, then numbers of all angles and usual sizes, also next to axes and the unit circle."""
    part = np.dtype(np.float64 if dtype == "f64" else np.float32)
    values = np.array([*_SPECIAL, *_EXTREME[dtype]], part)
    special = np.empty(values.size**2, np.complex128 if dtype == "f64" else np.complex64)
    special.real, special.imag = np.repeat(values, values.size), np.tile(values, values.size)
    rng = np.random.default_rng(11)
    usual = 10 ** rng.uniform(-6, 1.5, 1500) * np.exp(1j * rng.uniform(-np.pi, np.pi, 1500))
    usual[:200].real *= 1e-9
    usual[200:400].imag *= 1e-9
    usual[400:600] = np.exp(1j * rng.uniform(-3, 3, 200)) * (1 + 10 ** rng.uniform(-12, -2, 200))
    usual[600:700] = usual[400:500] * 10 ** rng.uniform(-8, -1, 100) - 1
    return np.concatenate([special, usual.astype(special.dtype)]), special.size


@pytest.fixture(scope="module", params=["f64", "f32"])
def results(request: pytest.FixtureRequest) -> tuple[str, Array, int, dict[str, Array]]:
    dtype = request.param
    z, count = _numbers(dtype)
    type_ = f"tensor<{len(z)}xcomplex<{dtype}>>"
    text = ""
    for op in _FUNCTIONS:
        result = f"tensor<{len(z)}x{dtype}>" if op == "stablehlo.abs" else type_
        form = f"{type_} -> {result}" if op.startswith("chlo") else f"({type_}) -> {result}"
        text += f"func.func @{op[op.index('.') + 1 :]}(%a: {type_}) -> {result} {{ %r = {op} %a : {form}\n return %r : {result} }}\n"  # noqa: E501
    module = vm.load(codegen.compile_str(text))
    return dtype, z, count, {op: np.asarray(module[op[op.index(".") + 1 :]](z)) for op in _FUNCTIONS}


def _parts(z: Array) -> tuple[Array, ...]:
    return (z.real, z.imag) if np.iscomplexobj(z) else (z,)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_special_values(results: tuple[str, Array, int, dict[str, Array]]) -> None:
    """Infinities, NaNs and, in what is exact, the signs of zeros."""
    dtype, z, count, found = results
    tolerance, tiny = (1e-14, 1e-305) if dtype == "f64" else (1e-6, 1e-36)
    wrong = []
    for op, reference in _FUNCTIONS.items():
        wide = reference(z[:count].astype(np.clongdouble if op in _OVERFLOWING else np.complex128))
        want, got = wide.astype(found[op].dtype), found[op][:count]
        unsigned = np.isnan(want.real) | np.isnan(want.imag)  # then C leaves the sign of an infinity open
        for pair in zip(_parts(got), _parts(want), strict=True):
            a, b = (np.where(unsigned & np.isinf(part), np.inf, part) for part in pair)
            size = np.abs(np.where(np.isfinite(want), want, b))
            same = (np.isnan(a) & np.isnan(b)) | (a == b) | (np.abs(a - b) <= tolerance * size + tiny)
            zeros = (a == 0) & (b == 0) & np.isfinite(z[:count])
            same &= ~zeros | (np.signbit(a) == np.signbit(b)) | (op in ("stablehlo.logistic", "stablehlo.rsqrt"))
            wrong += [f"{op}({z[i]}): {got[i]}, not {want[i]}" for i in np.flatnonzero(~same)]
    assert not wrong, "\n".join(wrong[:40])


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_errors(results: tuple[str, Array, int, dict[str, Array]]) -> None:
    dtype, z, count, found = results
    z = z[count:]
    wide = z.astype(np.clongdouble if dtype == "f64" else np.complex128)
    errors = {}
    for op, reference in _FUNCTIONS.items():
        want = reference(wide)
        unit = np.exp2(np.floor(np.log2(np.abs(want)))) * np.finfo(z.dtype).eps
        errors[op] = float((np.abs(found[op][count:] - want) / unit).max())
    assert {op: error for op, error in errors.items() if error > _LIMIT[dtype]} == {}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_powers() -> None:
    """Errors grow with the logarithm of the result; powers of 0 are 1, 0 or have no direction."""
    rng = np.random.default_rng(12)
    z = 10 ** rng.uniform(-3, 3, 1000) * np.exp(1j * rng.uniform(-np.pi, np.pi, 1000))
    w = np.where(rng.random(1000) < 0.3, rng.integers(-9, 9, 1000), rng.uniform(-9, 9, (1000, 2)) @ [1, 1j])
    z[:4], w[:4] = 0, [0, 2, 1 + 1j, -1]
    text = """func.func @f(%a: tensor<1000xcomplex<f64>>, %b: tensor<1000xcomplex<f64>>) -> tensor<1000xcomplex<f64>> {
      %r = stablehlo.power %a, %b : tensor<1000xcomplex<f64>>
      return %r : tensor<1000xcomplex<f64>> }"""
    found = np.asarray(vm.load(codegen.compile_str(text)).f(z, w))
    assert found[:3].tolist() == [1, 0, 0] and np.isinf(found[3].real)
    exponent = w[4:].astype(np.clongdouble) * np.log(z[4:].astype(np.clongdouble))
    units = np.abs(found[4:] / np.exp(exponent) - 1) / np.finfo(np.float64).eps
    assert (units <= 2 + 2 * np.abs(exponent)).all()
