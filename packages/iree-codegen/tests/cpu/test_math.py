"""Errors of the math functions in units of the last place, against NumPy's 80-bit and the f64 functions of `math`."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from cpu_harness import compile_text
from iree.codegen.cpu.features import machine

_TEMPLATE = """
func.func @kernel(%a: tensor<?x{t}>, %n: index, %m: index) -> tensor<?x{t}> {{
  %e = tensor.empty(%m) : tensor<?x{t}>
  %r = linalg.generic {{indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
      iterator_types = ["parallel"]}} ins(%a : tensor<?x{t}>) outs(%e : tensor<?x{t}>) {{
  ^bb0(%x: {t}, %o: {t}):
    %y = math.{name} %x : {t}
    linalg.yield %y : {t} }} -> tensor<?x{t}>
  return %r : tensor<?x{t}>
}}
"""
_TEMPLATE_2 = (
    _TEMPLATE.replace("math.{name} %x :", "math.{name} %x, %w :")
    .replace("ins(%a : tensor<?x{t}>)", "ins(%a, %b : tensor<?x{t}>, tensor<?x{t}>)")
    .replace("%a: tensor<?x{t}>,", "%a: tensor<?x{t}>, %b: tensor<?x{t}>, %k: index,")
    .replace("^bb0(%x: {t},", "^bb0(%x: {t}, %w: {t},")
    .replace("[affine_map<(i) -> (i)>, ", "[affine_map<(i) -> (i)>, affine_map<(i) -> (i)>, ")
)

_LONG = np.longdouble
# name: reference on long doubles, domain, limits of the error in ulp for f32 and f64
FUNCTIONS: dict[str, tuple[Callable[..., object], tuple[float, float], float, float]] = {
    "exp": (np.exp, (-110, 90), 1.5, 1.5),
    "exp2": (np.exp2, (-150, 129), 1.5, 1.5),
    "expm1": (np.expm1, (-30, 90), 2.0, 2.0),
    "log": (np.log, (0, 1e30), 1.5, 1.5),
    "log1p": (np.log1p, (-1, 1e30), 1.5, 1.5),
    "log2": (np.log2, (0, 1e30), 1.5, 1.5),
    "log10": (np.log10, (0, 1e30), 1.5, 1.5),
    "rsqrt": (lambda x: 1 / np.sqrt(x), (0, 1e30), 2.0, 2.0),
    "cbrt": (np.cbrt, (-1e30, 1e30), 1.0, 2.0),
    "sinh": (np.sinh, (-89, 89), 1.0, 4.0),
    "cosh": (np.cosh, (-89, 89), 1.0, 4.0),
    "tanh": (np.tanh, (-20, 20), 3.0, 3.0),
    "asinh": (np.arcsinh, (-1e30, 1e30), 1.0, 3.0),
    "acosh": (np.arccosh, (1, 1e30), 1.0, 3.0),
    "atanh": (np.arctanh, (-1, 1), 1.0, 3.0),
    "sin": (np.sin, (-1e4, 1e4), 1.0, 1.5),
    "cos": (np.cos, (-1e4, 1e4), 1.0, 1.5),
    "tan": (np.tan, (-1e4, 1e4), 1.0, 3.0),
    "asin": (np.arcsin, (-1, 1), 1.0, 3.0),
    "acos": (np.arccos, (-1, 1), 1.0, 3.0),
    "atan": (np.arctan, (-1e30, 1e30), 1.0, 1.5),
    "erf": (np.vectorize(math.erf), (-6, 6), 1.5, 3.0),
    "erfc": (np.vectorize(math.erfc), (-5, 9), 1.0, 4.0),
}


def _arguments(low: float, high: float, dtype: type) -> np.ndarray:
    rng = np.random.default_rng(1)
    wide = 10.0 ** rng.uniform(-12, math.log10(max(abs(low), abs(high))), 3000) * rng.choice([-1.0, 1.0], 3000)
    x = np.concatenate(
        [wide, rng.uniform(max(low, -4), min(high, 4), 1500), rng.uniform(max(low, -90), min(high, 90), 1500)]
    )
    x = x.astype(dtype)
    return x[(x > low) & (x < high)]


def _ulps(result: np.ndarray, reference: np.ndarray, dtype: type) -> np.ndarray:
    info = np.finfo(dtype)
    scale = np.maximum(np.abs(reference), info.tiny)
    unit = np.exp2(np.floor(np.log2(scale)) - info.nmant)
    return np.abs(result.astype(_LONG) - reference) / unit


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_error(name: str, dtype: type) -> None:
    reference, (low, high), limit_32, limit_64 = FUNCTIONS[name]
    x = _arguments(low, high, dtype)
    kernel = compile_text(_TEMPLATE.format(t="f32" if dtype is np.float32 else "f64", name=name))
    (y,) = kernel([x], [(x.shape, dtype)], [], [len(x), len(x)])
    expected = np.asarray(reference(x.astype(_LONG)), dtype=_LONG)
    finite = np.abs(expected) <= np.finfo(dtype).max
    assert np.isinf(y[~finite]).all()
    errors = _ulps(y[finite], expected[finite], dtype)
    worst = int(np.argmax(errors))
    assert errors[worst] <= (limit_32 if dtype is np.float32 else limit_64), (name, x[finite][worst], y[finite][worst])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_special_values(name: str, dtype: type) -> None:
    x = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, -1.0, -2.0], dtype)
    kernel = compile_text(_TEMPLATE.format(t="f32" if dtype is np.float32 else "f64", name=name))
    (y,) = kernel([x], [(x.shape, dtype)], [], [len(x), len(x)])
    with np.errstate(all="ignore"):
        reference = FUNCTIONS[name][0]
        expected = np.asarray(reference(x), dtype)
    exact = ~np.isfinite(expected) | (expected == 0)
    np.testing.assert_array_equal(y[exact], expected[exact])
    np.testing.assert_allclose(y[~exact], expected[~exact], rtol=1e-6)
    odd = expected[:2] == 0
    if name not in {"cos", "acos", "erfc", "cosh", "rsqrt"}:
        np.testing.assert_array_equal(np.signbit(y[:2])[odd], np.signbit(expected[:2])[odd])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ["sin", "cos", "tan"])
@pytest.mark.parametrize("cpu", ["host", "generic"])
def test_large_arguments(name: str, dtype: type, cpu: str) -> None:
    """Over the whole range, and next to multiples of pi/2, where most digits cancel."""
    rng = np.random.default_rng(3)
    info = np.finfo(dtype)
    wide = np.exp2(rng.uniform(-140, info.maxexp - 0.01, 20000)) * rng.choice([-1.0, 1.0], 20000)
    near = (rng.integers(1, 2**20, 4000).astype(_LONG) * (_LONG(np.pi) + _LONG(1.2246467991473532e-16))) / 2
    hard = (
        [6381956970095103.0 * 2.0**797, 5.1e22, 1e22, 2.0**60, 16367173 * 2.0**72, 7.2e75]
        if dtype is np.float64
        else [16367173 * 2.0**72, 1.6e38, 2.0**60]
    )
    x = np.concatenate([wide, near.astype(dtype), hard, [info.max, info.tiny, info.smallest_subnormal]]).astype(dtype)
    kernel = compile_text(_TEMPLATE.format(t="f32" if dtype is np.float32 else "f64", name=name), cpu=cpu)
    (y,) = kernel([x], [(x.shape, dtype)], [], [len(x), len(x)])
    expected = getattr(np, name)(x.astype(_LONG))
    errors = _ulps(y, expected, dtype)
    worst = int(np.argmax(errors))
    assert errors[worst] <= FUNCTIONS[name][2 if dtype is np.float32 else 3], (x[worst], y[worst], expected[worst])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_pow(dtype: type) -> None:
    rng = np.random.default_rng(2)
    special = np.array([0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 3.0, -3.0, 0.5, -0.5, np.inf, -np.inf, np.nan], dtype)
    a, b = (v.ravel() for v in np.meshgrid(special, special))
    x = np.concatenate([a, np.exp(rng.uniform(-20, 20, 3000)).astype(dtype)])
    y = np.concatenate([b, rng.uniform(-6, 6, 3000).astype(dtype)])
    kernel = compile_text(_TEMPLATE_2.format(t="f32" if dtype is np.float32 else "f64", name="powf"))
    (r,) = kernel([x, y], [(x.shape, dtype)], [], [len(x)] * 3)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(r[: len(a)][~np.isfinite(a**b)], (a**b)[~np.isfinite(a**b)])
        expected = np.power(x.astype(_LONG), y.astype(_LONG))
    finite = np.abs(expected) <= np.finfo(dtype).max
    assert _ulps(r[finite], expected[finite], dtype).max() <= 2.0


def test_atan2_quadrants() -> None:
    values = np.array([0.0, -0.0, 1.0, -1.0, 3e-9, 5.0, np.inf, -np.inf, np.nan])
    y, x = (v.ravel() for v in np.meshgrid(values, values))
    kernel = compile_text(_TEMPLATE_2.format(t="f64", name="atan2"))
    (r,) = kernel([y, x], [(x.shape, np.float64)], [], [len(x)] * 3)
    expected = np.arctan2(y, x)
    np.testing.assert_allclose(r, expected, rtol=1e-15)
    np.testing.assert_array_equal(np.signbit(r)[expected == 0], np.signbit(expected)[expected == 0])


@pytest.mark.parametrize("name", ["exp", "log", "tanh", "sin", "erf"])
@pytest.mark.parametrize("cpu", ["generic", "x86-64-v3"])
def test_other_machines(name: str, cpu: str) -> None:
    """Without fused multiply-add, errors may double."""
    reference, (low, high), limit, _ = FUNCTIONS[name]
    x = _arguments(low, high, np.float32)
    kernel = compile_text(_TEMPLATE.format(t="f32", name=name), cpu=cpu)
    (y,) = kernel([x], [(x.shape, np.float32)], [], [len(x), len(x)])
    expected = np.asarray(reference(x.astype(_LONG)), dtype=_LONG)
    finite = np.abs(expected) <= np.finfo(np.float32).max
    assert _ulps(y[finite], expected[finite], np.float32).max() <= 2 * limit


@pytest.mark.parametrize("name", ["exp", "erf", "tanh"])
@pytest.mark.parametrize("cpu", ["host", "x86-64-v4"])
def test_variants_agree(name: str, cpu: str) -> None:
    """An element's result does not depend on whether it is computed alone, in a loop or as part of a vector."""
    if not machine("host").has("avx512vl"):
        pytest.skip("the machine has no AVX-512")
    x = np.random.default_rng(5).uniform(-5, 5, (5, 48)).astype(np.float32)
    x[0, :4] = 0.0, -0.0, np.inf, np.nan
    text = _TEMPLATE.format(t="f32", name=name)
    kernel = compile_text(text, cpu=cpu)
    alone = np.concatenate([kernel([e], [((1,), np.float32)], [], [1, 1])[0] for e in x.reshape(-1, 1)])
    for size in (0, 7, 8, 9, 16, 31, 240):
        (y,) = kernel([x.reshape(-1)[:size]], [((size,), np.float32)], [], [size, size])
        np.testing.assert_array_equal(y, alone[:size])
    for rows, columns in ((5, 48), (2, 12)):
        whole = text.replace("?x", f"{rows}x{columns}x").replace("%n: index, %m: index", "%n: index")
        whole = whole.replace("tensor.empty(%m)", "tensor.empty()").replace("(i) -> (i)", "(i, j) -> (i, j)")
        whole = whole.replace('["parallel"]', '["parallel", "parallel"]').replace(", %n: index", "")
        part = x.reshape(-1)[: rows * columns].reshape(rows, columns)
        (y,) = compile_text(whole, cpu=cpu)([part], [(part.shape, np.float32)])
        np.testing.assert_array_equal(y.reshape(-1), alone[: part.size])
