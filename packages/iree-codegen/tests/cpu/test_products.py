"""Kernels of matrix products, compiled, linked and run, against NumPy in f64."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest
from cpu_harness import compile_text

RNG = np.random.default_rng(0)
_DTYPES = {"f32": np.float32, "f64": np.float64, "f16": np.float16, "bf16": ml_dtypes.bfloat16, "i32": np.int32}


def _normal(*shape: int) -> np.ndarray:
    return RNG.standard_normal(shape).astype(np.float32)


def _matmul(m: int, n: int, k: int, t: str = "f32", transpose_b: bool = False) -> str:
    b, map_b = (f"{n}x{k}", "(n, k)") if transpose_b else (f"{k}x{n}", "(k, n)")
    zero, mul, add = ("0", "muli", "addi") if t.startswith("i") else ("0.0", "mulf", "addf")
    return f"""
func.func @kernel(%a: tensor<{m}x{k}x{t}>, %b: tensor<{b}x{t}>) -> tensor<{m}x{n}x{t}> {{
  %z = arith.constant {zero} : {t}
  %e = tensor.empty() : tensor<{m}x{n}x{t}>
  %f = linalg.fill ins(%z : {t}) outs(%e : tensor<{m}x{n}x{t}>) -> tensor<{m}x{n}x{t}>
  %r = linalg.generic {{indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> {map_b}>,
      affine_map<(m, n, k) -> (m, n)>], iterator_types = ["parallel", "parallel", "reduction"]}}
    ins(%a, %b : tensor<{m}x{k}x{t}>, tensor<{b}x{t}>) outs(%f : tensor<{m}x{n}x{t}>) {{
  ^bb0(%x: {t}, %y: {t}, %o: {t}):
    %p = arith.{mul} %x, %y : {t}
    %s = arith.{add} %o, %p : {t}
    linalg.yield %s : {t} }} -> tensor<{m}x{n}x{t}>
  return %r : tensor<{m}x{n}x{t}>
}}"""


@pytest.mark.parametrize("transpose_b", [False, True])
@pytest.mark.parametrize(
    ("m", "n", "k"),
    [
        (64, 64, 64),
        (1, 1000, 128),
        (49, 320, 96),
        (17, 24, 33),
        (13, 7, 5),
        (128, 100, 7),
        (5, 1, 9),
        (1, 1, 1),
        (8, 32, 1),
        (200, 288, 50),
        (16, 96, 10),
        (24, 64, 6),
        (8, 32, 3),
        (130, 512, 260),
    ],
)
def test_matmul(m: int, n: int, k: int, transpose_b: bool) -> None:
    a, b = _normal(m, k), _normal(k, n)
    kernel = compile_text(_matmul(m, n, k, transpose_b=transpose_b))
    assert not any("failed" in stage for stage in kernel.stages)
    (r,) = kernel([a, b.T if transpose_b else b], [((m, n), np.float32)])
    np.testing.assert_allclose(r, a.astype(np.float64) @ b, rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("t", ["f64", "f16", "bf16", "i32"])
def test_matmul_types(t: str) -> None:
    a, b = (RNG.integers(-4, 4, s).astype(_DTYPES[t]) for s in ((16, 24), (24, 32)))
    (r,) = compile_text(_matmul(16, 32, 24, t))([a, b], [((16, 32), _DTYPES[t])])
    np.testing.assert_array_equal(r.astype(np.float64), a.astype(np.float64) @ b.astype(np.float64))


def _mixed(m: int, n: int, k: int, t: str, result: str) -> str:
    """A matrix product with inputs of one type and sums of another."""
    a, b, c = f"tensor<{m}x{k}x{t}>", f"tensor<{k}x{n}x{t}>", f"tensor<{m}x{n}x{result}>"
    return f"""
func.func @kernel(%a: {a}, %b: {b}) -> {c} {{
  %z = arith.constant {"0" if result == "i32" else "0.0"} : {result}
  %e = tensor.empty() : {c}
  %f = linalg.fill ins(%z : {result}) outs(%e : {c}) -> {c}
  %r = linalg.matmul ins(%a, %b : {a}, {b}) outs(%f : {c}) -> {c}
  return %r : {c}
}}"""


@pytest.mark.parametrize("cpu", ["host", "x86-64", "x86-64-v3", "x86-64-v4"])
@pytest.mark.parametrize("shape", [(16, 32, 24), (9, 64, 130), (5, 7, 3), (3, 16, 5), (8, 32, 4)])
def test_matmul_i8(shape: tuple[int, int, int], cpu: str) -> None:
    m, n, k = shape
    a, b = (RNG.integers(-128, 128, s).astype(np.int8) for s in ((m, k), (k, n)))
    a[0], b[:, 0] = -128, -128
    (r,) = compile_text(_mixed(m, n, k, "i8", "i32"), cpu)([a, b], [((m, n), np.int32)])
    np.testing.assert_array_equal(r, a.astype(np.int32) @ b.astype(np.int32))


@pytest.mark.parametrize("unsigned", [(True, False), (False, True), (True, True)])
def test_matmul_of_unsigned_bytes(unsigned: tuple[bool, bool]) -> None:
    m, n, k = 12, 64, 40
    casts = ["arith.extui" if flag else "arith.extsi" for flag in unsigned]
    a, b, c = (f"tensor<{size}x{t}>" for size, t in ((f"{m}x{k}", "i8"), (f"{k}x{n}", "i8"), (f"{m}x{n}", "i32")))
    text = f"""
func.func @kernel(%a: {a}, %b: {b}) -> {c} {{
  %z = arith.constant 0 : i32
  %e = tensor.empty() : {c}
  %f = linalg.fill ins(%z : i32) outs(%e : {c}) -> {c}
  %r = linalg.generic {{indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (k, j)>,
      affine_map<(i, j, k) -> (i, j)>], iterator_types = ["parallel", "parallel", "reduction"]}}
    ins(%a, %b : {a}, {b}) outs(%f : {c}) {{
  ^bb0(%x: i8, %y: i8, %s: i32):
    %v = {casts[0]} %x : i8 to i32
    %w = {casts[1]} %y : i8 to i32
    %p = arith.muli %v, %w : i32
    %t = arith.addi %s, %p : i32
    linalg.yield %t : i32 }} -> {c}
  return %r : {c}
}}"""
    x, y = (RNG.integers(0, 256, shape).astype(np.uint8) for shape in ((m, k), (k, n)))
    x[0], y[:, 0] = 255, 128
    (r,) = compile_text(text)([x, y], [((m, n), np.int32)])
    wide = [
        v.astype(np.int32) if flag else v.view(np.int8).astype(np.int32)
        for v, flag in zip((x, y), unsigned, strict=True)
    ]
    np.testing.assert_array_equal(r, wide[0] @ wide[1])


@pytest.mark.parametrize("cpu", ["host", "x86-64-v3"])
@pytest.mark.parametrize("t", ["f16", "bf16"])
@pytest.mark.parametrize("result", ["f32", "same"])
def test_matmul_of_16_bits_adds_in_f32(t: str, result: str, cpu: str) -> None:
    m, n, k = 17, 64, 1000
    a, b = (RNG.uniform(0, 1, s).astype(_DTYPES[t]) for s in ((m, k), (k, n)))
    kind = t if result == "same" else result
    (r,) = compile_text(_mixed(m, n, k, t, kind), cpu)([a, b], [((m, n), _DTYPES[kind])])
    expected = a.astype(np.float64) @ b.astype(np.float64)
    tolerance = {"f32": 2e-6, "f16": 2.0**-11, "bf16": 2.0**-8}[kind] * 1.01
    np.testing.assert_allclose(r.astype(np.float64), expected, rtol=tolerance)


def _dynamic_matmul(m: int | None, n: int | None, k: int | None) -> tuple[str, list[int]]:
    """relu(a @ b + bias), the sizes that are None dynamic; also which size (0 m, 1 n, 2 k) each index argument is."""
    names = ["?" if size is None else str(size) for size in (m, n, k)]
    ms, ns, ks = names
    order = [d for d, name in ((0, ms), (2, ks), (2, ks), (1, ns), (1, ns), (0, ms), (1, ns)) if name == "?"]
    arguments = "".join(f", %d{i}: index" for i in range(len(order)))
    last = {d: i for i, d in enumerate(order)}
    sizes = ", ".join(f"%d{last[d]}" for d, name in ((0, ms), (1, ns)) if name == "?")
    t = f"{ms}x{ns}xf32"
    text = f"""
func.func @kernel(%a: tensor<{ms}x{ks}xf32>, %b: tensor<{ks}x{ns}xf32>, %c: tensor<{ns}xf32>{arguments})
    -> tensor<{t}> {{
  %z = arith.constant 0.0 : f32
  %e = tensor.empty({sizes}) : tensor<{t}>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<{t}>) -> tensor<{t}>
  %p = linalg.matmul ins(%a, %b : tensor<{ms}x{ks}xf32>, tensor<{ks}x{ns}xf32>)
    outs(%f : tensor<{t}>) -> tensor<{t}>
  %r = linalg.generic {{indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>,
      affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}} ins(%p, %c : tensor<{t}>, tensor<{ns}xf32>) outs(%e : tensor<{t}>) {{
  ^bb0(%x: f32, %y: f32, %o: f32):
    %s = arith.addf %x, %y : f32
    %u = arith.maximumf %s, %z : f32
    linalg.yield %u : f32 }} -> tensor<{t}>
  return %r : tensor<{t}>
}}"""
    return text, order


@pytest.mark.parametrize("which", ["m", "n", "k", "mk", "mnk", ""])
def test_dynamic_matmul(which: str) -> None:
    sizes = {"m": [0, 1, 7, 64, 301], "n": [1, 16, 77], "k": [0, 1, 5, 64]}
    fixed = {"m": 24, "n": 48, "k": 20}
    text, order = _dynamic_matmul(*(None if d in which else fixed[d] for d in "mnk"))
    kernel = compile_text(text)
    for i in range(5 if which else 1):
        m, n, k = (sizes[d][i % len(sizes[d])] if d in which else fixed[d] for d in "mnk")
        a, b, c = _normal(m, k), _normal(k, n), _normal(n)
        (r,) = kernel([a, b, c], [((m, n), np.float32)], [], [(m, n, k)[d] for d in order])
        np.testing.assert_allclose(r, np.maximum(a.astype(np.float64) @ b + c, 0), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("n", "k", "cpu"), [(33, 7, "host"), (10, 33, "x86-64-v3")])
def test_any_number_of_rows(n: int, k: int, cpu: str) -> None:
    text, order = _dynamic_matmul(None, n, k)
    kernel = compile_text(text, cpu)
    a, b, c = _normal(40, k), _normal(k, n), _normal(n)
    expected = np.maximum(a.astype(np.float64) @ b + c, 0)
    for m in range(41):
        (r,) = kernel([a[:m], b, c], [((m, n), np.float32)], [], [m for _ in order])
        np.testing.assert_allclose(r, expected[:m], rtol=1e-5, atol=1e-5)


def test_any_number_of_rows_with_panels() -> None:
    """The product alone: its panels' copy is shared by all rows, whatever their number."""
    fixed = _matmul(40, 64, 16, transpose_b=True)
    text = (
        fixed.replace("40x", "?x")
        .replace("empty()", "empty(%d1)")
        .replace("64x16xf32>)", "64x16xf32>, %d0: index, %d1: index)", 1)
    )
    kernel = compile_text(text)
    assert "2-contraction-script.mlir" in kernel.stages and not any("failed" in stage for stage in kernel.stages)
    a, b = _normal(40, 16), _normal(16, 64)
    for m in range(41):
        (r,) = kernel([a[:m], b.T], [((m, 64), np.float32)], [], [m, m])
        np.testing.assert_allclose(r, a[:m].astype(np.float64) @ b, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("transpose_b", [False, True])
@pytest.mark.parametrize(("batch", "m", "n", "k"), [(12, 128, 64, 32), (3, 17, 32, 8), (2, 1, 40, 16), (4, 16, 5, 64)])
def test_batch_matmul(batch: int, m: int, n: int, k: int, transpose_b: bool) -> None:
    b, map_b = (f"{n}x{k}", "(b, n, k)") if transpose_b else (f"{k}x{n}", "(b, k, n)")
    t = f"{batch}x{m}x{n}xf32"
    text = f"""
func.func @kernel(%a: tensor<{batch}x{m}x{k}xf32>, %b: tensor<{batch}x{b}xf32>) -> tensor<{t}> {{
  %z = arith.constant 0.0 : f32
  %q = arith.constant 0.125 : f32
  %e = tensor.empty() : tensor<{t}>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<{t}>) -> tensor<{t}>
  %r = linalg.generic {{indexing_maps = [affine_map<(b, m, n, k) -> (b, m, k)>, affine_map<(b, m, n, k) -> {map_b}>,
      affine_map<(b, m, n, k) -> (b, m, n)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}}
    ins(%a, %b : tensor<{batch}x{m}x{k}xf32>, tensor<{batch}x{b}xf32>) outs(%f : tensor<{t}>) {{
  ^bb0(%x: f32, %y: f32, %o: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %o, %p : f32
    linalg.yield %s : f32 }} -> tensor<{t}>
  %g = linalg.generic {{indexing_maps = [affine_map<(b, m, n) -> (b, m, n)>, affine_map<(b, m, n) -> (b, m, n)>],
      iterator_types = ["parallel", "parallel", "parallel"]}} ins(%r : tensor<{t}>) outs(%e : tensor<{t}>) {{
  ^bb0(%x: f32, %o: f32):
    %p = arith.mulf %x, %q : f32
    linalg.yield %p : f32 }} -> tensor<{t}>
  return %g : tensor<{t}>
}}"""
    x, y = _normal(batch, m, k), _normal(batch, k, n)
    given = np.ascontiguousarray(y.transpose(0, 2, 1)) if transpose_b else y
    (r,) = compile_text(text)([x, given], [((batch, m, n), np.float32)])
    np.testing.assert_allclose(r, x.astype(np.float64) @ y * 0.125, rtol=2e-5, atol=2e-5)


def _scores(b: int, q: int, h: int, d: int, k: int) -> str:
    """Attention's scores, scaled: heads lie between positions and features."""
    x, y, r = f"tensor<{b}x{q}x{h}x{d}xf32>", f"tensor<{b}x{k}x{h}x{d}xf32>", f"tensor<{b}x{h}x{q}x{k}xf32>"
    same, loops = "affine_map<(b, h, q, k) -> (b, h, q, k)>", "affine_map<(b, h, q, k, d) ->"
    parallel = ", ".join(['"parallel"'] * 4)
    return f"""
func.func @kernel(%a: {x}, %b: {y}) -> {r} {{
  %z = arith.constant 0.0 : f32
  %c = arith.constant 0.125 : f32
  %e = tensor.empty() : {r}
  %f = linalg.fill ins(%z : f32) outs(%e : {r}) -> {r}
  %p = linalg.generic {{indexing_maps = [{loops} (b, q, h, d)>, {loops} (b, k, h, d)>, {loops} (b, h, q, k)>],
      iterator_types = [{parallel}, "reduction"]}} ins(%a, %b : {x}, {y}) outs(%f : {r}) {{
  ^bb0(%u: f32, %v: f32, %o: f32):
    %m = arith.mulf %u, %v : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32 }} -> {r}
  %r = linalg.generic {{indexing_maps = [{same}, {same}], iterator_types = [{parallel}]}}
    ins(%p : {r}) outs(%e : {r}) {{
  ^bb0(%u: f32, %o: f32):
    %s = arith.mulf %u, %c : f32
    linalg.yield %s : f32 }} -> {r}
  return %r : {r}
}}"""


@pytest.mark.parametrize("shape", [(1, 128, 12, 64, 128), (2, 33, 3, 16, 64), (1, 17, 2, 8, 32), (2, 5, 3, 7, 9)])
def test_attention_scores(shape: tuple[int, int, int, int, int]) -> None:
    b, q, h, d, k = shape
    x, y = _normal(b, q, h, d), _normal(b, k, h, d)
    compiled = compile_text(_scores(*shape))
    assert not any("failed" in stage for stage in compiled.stages)
    (r,) = compiled([x, y], [((b, h, q, k), np.float32)])
    expected = np.einsum("bqhd,bkhd->bhqk", x.astype(np.float64), y) * 0.125
    np.testing.assert_allclose(r, expected, rtol=2e-5, atol=2e-5)
