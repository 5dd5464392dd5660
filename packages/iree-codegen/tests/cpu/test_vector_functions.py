"""Functions of f32 by tables, over all of f32, and where they take the place of others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import scipy.special
from cpu_harness import compile_text
from iree.codegen.cpu import features, vector_functions
from iree.codegen.cpu.features import machine

needs_avx512 = pytest.mark.skipif(not machine("host").has("avx512vl"), reason="the machine has no AVX-512")

_KERNEL = """
func.func @kernel(%a: tensor<?xf32>, %n: index, %m: index) -> tensor<?xf32> {{
  %half = arith.constant 0.5 : f32
  %one = arith.constant 1.0 : f32
  %root = arith.constant 1.41421354 : f32
  %inverse = arith.constant 0.707106769 : f32
  %other = arith.constant 0.7072 : f32
  %e = tensor.empty(%m) : tensor<?xf32>
  %r = linalg.generic {{indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
      iterator_types = ["parallel"]}} ins(%a : tensor<?xf32>) outs(%e : tensor<?xf32>) {{
  ^bb0(%x: f32, %o: f32):
    {}
    linalg.yield %y : f32 }} -> tensor<?xf32>
  return %r : tensor<?xf32>
}}
"""
_GELUS = tuple(
    f"%s = arith.{scaled} : f32\n %e0 = math.erf %s : f32\n %p = arith.addf {total} : f32\n"
    f" %h = arith.mulf {first} : f32\n %y = arith.mulf {second} : f32"
    for scaled, total, first, second in (
        ("mulf %x, %inverse", "%e0, %one", "%x, %half", "%h, %p"),
        ("divf %x, %root", "%one, %e0", "%half, %x", "%p, %h"),
        ("mulf %inverse, %x", "%e0, %one", "%p, %half", "%x, %h"),
        ("mulf %x, %inverse", "%e0, %one", "%p, %x", "%h, %half"),
    )
)
_NO_GELU = _GELUS[0].replace("%inverse", "%other")


def _run(
    body: str, x: np.ndarray[Any, Any], cpu: str = "host", used: features.Machine | None = None
) -> np.ndarray[Any, Any]:
    kernel = compile_text(_KERNEL.format(body), cpu, used)
    (y,) = kernel([x], [(x.shape, np.float32)], [], [len(x), len(x)])
    return y


def _ulps(got: np.ndarray[Any, Any], want: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Errors of finite results in units of the last place, once the others are right."""
    with np.errstate(over="ignore"):
        rounded = want.astype(np.float32)
    np.testing.assert_array_equal(np.isnan(got), np.isnan(want))
    finite = np.isfinite(rounded) & np.isfinite(got)
    near_limit = np.abs(np.where(np.isfinite(got), got, rounded)) > np.finfo(np.float32).max * (1 - 2.0**-21)
    assert (finite | (got == rounded) | np.isnan(got) | near_limit).all()
    unit = np.exp2(np.floor(np.log2(np.maximum(np.abs(want), 2.0**-126))) - 23)
    return np.where(finite, np.abs(np.where(finite, got, 0) - np.where(finite, want, 0)) / unit, 0)


@pytest.mark.parametrize("cpu", ["host", "x86-64-v3", "x86-64-v2"])
@pytest.mark.parametrize(
    ("name", "exact", "limit"), [("exp", np.exp, 1.0), ("tanh", np.tanh, 3.0), ("erf", scipy.special.erf, 1.5)]
)
def test_errors_over_all_numbers(name: str, exact: Callable[..., Any], limit: float, cpu: str) -> None:
    """Every 1021st number, and the first and last of each kind."""
    edges = np.array([0, 1, 0x7FFFFF, 0x800000, 0x7F7FFFFF, 0x7F800000, 0x7FC00000], np.uint32)
    x = np.concatenate([edges, edges | 0x80000000, np.arange(0, 2**32, 1021, np.uint32)]).view(np.float32)
    y = _run(f"%y = math.{name} %x : f32", x, cpu=cpu)
    with np.errstate(all="ignore"):
        errors = _ulps(y, exact(x.astype(np.float64)))
    worst = int(np.argmax(errors))
    assert errors[worst] <= (limit if machine(cpu).fused else 2 * limit), (x[worst], y[worst])
    zeros = x == 0
    if name != "exp":
        np.testing.assert_array_equal(np.signbit(y[zeros]), np.signbit(x[zeros]))


@needs_avx512
@pytest.mark.parametrize("body", _GELUS)
def test_gelu(body: str) -> None:
    """Whatever the order of its parts; where they lose all digits in the tail, the function keeps most."""
    magnitude = np.exp2(np.random.default_rng(0).uniform(-140, 3, 300_000))
    x = np.concatenate([magnitude, -magnitude, [0.0, -0.0, np.inf, 1e30, -1e30, np.nan]]).astype(np.float32)
    y = _run(body, x)
    wide = x.astype(np.float64)
    want = np.where(x == np.inf, np.inf, wide * scipy.special.ndtr(wide))
    errors = _ulps(y, want)
    assert errors[~(x < -1)].max() <= 4
    assert errors[(x >= -2) & (x < -1)].max() <= 8
    tail = (x >= -6.2) & (x < -2)
    distances = np.abs(y[tail] - want[tail])
    assert distances.max() <= 2e-8
    assert np.max((distances / np.abs(want[tail]))[x[tail] > -5.5]) <= 5e-5
    assert (y[x < -6.2] == 0).all()
    assert (np.signbit(y) == np.signbit(x))[~np.isnan(x)].all()
    assert np.isnan(_run(body, np.full(17, -np.inf, np.float32))).all()


@needs_avx512
def test_gelu_stays_in_parts() -> None:
    """What is not quite one, and where nothing may be reassociated: both have the rounding of the parts."""
    x = np.linspace(-6, 2, 5000).astype(np.float32)
    in_order = _run(_GELUS[0], x, used=replace(machine("host"), reassociate=False))
    for y, root in ((in_order, np.float32(0.707106769)), (_run(_NO_GELU, x), np.float32(0.7072))):
        sums = 1 + _run("%y = math.erf %x : f32", x * root)
        np.testing.assert_array_equal(y, x * np.float32(0.5) * sums)


@needs_avx512
@pytest.mark.parametrize("body", [*(f"%y = math.{name} %x : f32" for name in ("exp", "erf", "tanh")), _GELUS[0]])
def test_all_variants_give_the_same(body: str) -> None:
    """Several vectors in step, one, part of one, single elements."""
    x = np.random.default_rng(5).uniform(-10, 10, 1000).astype(np.float32)
    x[:7] = 0.0, -0.0, np.inf, -np.inf, np.nan, 200.0, -200.0
    whole = _run(body, x)
    for size in (1, 7, 8, 16, 33):
        parts = np.concatenate([_run(body, x[start : start + size]) for start in range(0, 66, size)])
        np.testing.assert_array_equal(parts[:66], whole[:66])


def test_calls_that_follow_each_other_are_grouped() -> None:
    def line(result: str, argument: str) -> str:
        return f"  %{result} = tail call <16 x float> @iree.exp.v16(<16 x float> %{argument})"

    grouped = vector_functions.in_step([line("b", "a"), line("d", "c"), line("f", "e"), "  ret void"])
    assert "@iree.exp.v16x2(<16 x float> %a, <16 x float> %c)" in grouped[0]
    assert [text.split(" = ")[0] for text in grouped[1:3]] == ["  %b", "  %d"]
    assert grouped[3:5] == [line("f", "e"), "  ret void"]
    dependent = [line("b", "a"), line("c", "b")]
    assert vector_functions.in_step(dependent) == dependent
