"""Kernels compiled, linked and run, against NumPy in f64."""

from __future__ import annotations

from collections.abc import Sequence

import ml_dtypes
import numpy as np
import pytest
from cpu_harness import compile_text

RNG = np.random.default_rng(0)
_DTYPES = {"f32": np.float32, "f64": np.float64, "f16": np.float16, "bf16": ml_dtypes.bfloat16, "i32": np.int32}


def _normal(*shape: int) -> np.ndarray:
    return RNG.standard_normal(shape).astype(np.float32)


def _conv(shape: Sequence[int], out: int | None, window: int, stride: int, pad: tuple[int, int]) -> str:
    """Convolution of NHWC with bias and relu6; `out` None is depthwise."""
    n, h, w, c = shape
    f = out or c
    hp, wp = h + sum(pad), w + sum(pad)
    ho, wo = (hp - window) // stride + 1, (wp - window) // stride + 1
    t, kind = f"{n}x{ho}x{wo}x{f}xf32", "conv_2d_nhwc_hwcf" if out else "depthwise_conv_2d_nhwc_hwc"
    filter_ = f"{window}x{window}x{c}x{out}xf32" if out else f"{window}x{window}x{c}xf32"
    padded = f"{n}x{hp}x{wp}x{c}xf32"
    body = (
        ""
        if pad == (0, 0)
        else f"""
  %p = tensor.pad %x low[0, {pad[0]}, {pad[0]}, 0] high[0, {pad[1]}, {pad[1]}, 0] {{
  ^bb0(%i: index, %j: index, %k: index, %l: index): tensor.yield %z : f32 }} : tensor<{n}x{h}x{w}x{c}xf32> to
  tensor<{padded}>"""
    )
    return f"""
func.func @kernel(%x: tensor<{n}x{h}x{w}x{c}xf32>, %w: tensor<{filter_}>, %bias: tensor<{f}xf32>) -> tensor<{t}> {{
  %e = tensor.empty() : tensor<{t}>
  %z = arith.constant 0.0 : f32
  %six = arith.constant 6.0 : f32 {body}
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<{t}>) -> tensor<{t}>
  %c = linalg.{kind} {{strides = dense<{stride}> : tensor<2xi64>}}
    ins({"%x" if pad == (0, 0) else "%p"}, %w : tensor<{padded}>, tensor<{filter_}>) outs(%f : tensor<{t}>) ->
    tensor<{t}>
  %r = linalg.generic {{indexing_maps = [affine_map<(a, b, c, d) -> (a, b, c, d)>, affine_map<(a, b, c, d) -> (d)>,
      affine_map<(a, b, c, d) -> (a, b, c, d)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}}
    ins(%c, %bias : tensor<{t}>, tensor<{f}xf32>) outs(%e : tensor<{t}>) {{
  ^bb0(%v: f32, %q: f32, %o: f32):
    %s = arith.addf %v, %q : f32
    %u = arith.maximumf %s, %z : f32
    %y = arith.minimumf %u, %six : f32
    linalg.yield %y : f32 }} -> tensor<{t}>
  return %r : tensor<{t}>
}}"""


def _reference_conv(x: np.ndarray, w: np.ndarray, bias: np.ndarray, stride: int, pad: tuple[int, int]) -> np.ndarray:
    x = np.pad(x.astype(np.float64), ((0, 0), pad, pad, (0, 0)))
    window = w.shape[0]
    ho, wo = ((s - window) // stride + 1 for s in x.shape[1:3])
    total = np.zeros((x.shape[0], ho, wo, w.shape[-1]))
    for i in range(window):
        for j in range(window):
            part = x[:, i : i + (ho - 1) * stride + 1 : stride, j : j + (wo - 1) * stride + 1 : stride]
            total += part @ w[i, j] if w.ndim == 4 else part * w[i, j]
    return np.clip(total + bias, 0, 6)


@pytest.mark.parametrize(
    ("shape", "out", "window", "stride", "pad"),
    [
        ((1, 8, 8, 16), 32, 1, 1, (0, 0)),
        ((1, 32, 32, 3), 32, 3, 2, (0, 1)),
        ((1, 14, 14, 32), 64, 3, 1, (1, 1)),
        ((2, 7, 9, 8), 16, 3, 2, (1, 1)),
        ((1, 20, 20, 3), 16, 7, 2, (3, 3)),
        ((1, 28, 28, 32), None, 3, 1, (1, 1)),
        ((1, 56, 56, 48), None, 3, 2, (0, 1)),
        ((1, 7, 7, 960), None, 3, 1, (1, 1)),
        ((2, 11, 13, 16), None, 5, 1, (2, 2)),
        ((1, 9, 9, 5), 7, 3, 1, (1, 1)),
        ((1, 6, 6, 3), None, 3, 1, (0, 0)),
        ((1, 64, 64, 64), None, 3, 1, (1, 1)),
        ((3, 2, 3, 8), None, 5, 1, (3, 3)),
        ((1, 19, 21, 24), None, 2, 3, (1, 2)),
        ((1, 5, 1, 16), None, 3, 1, (1, 1)),
    ],
)
def test_convolution(shape: Sequence[int], out: int | None, window: int, stride: int, pad: tuple[int, int]) -> None:
    x, bias = _normal(*shape), _normal(out or shape[-1])
    w = _normal(window, window, shape[-1], out) if out else _normal(window, window, shape[-1])
    expected = _reference_conv(x, w, bias, stride, pad)
    kernel = compile_text(_conv(shape, out, window, stride, pad))
    (r,) = kernel([x, w, bias], [(expected.shape, np.float32)])
    np.testing.assert_allclose(r, expected, rtol=1e-5, atol=5e-5)
    if out is None and shape[-1] % 4 == 0:
        assert not kernel.kernel.local_memory, "the image is copied"


def _pool(kind: str, shape: Sequence[int], window: int, stride: int) -> str:
    n, h, w, c = shape
    ho, wo = (h - window) // stride + 1, (w - window) // stride + 1
    source, result = f"tensor<{n}x{h}x{w}x{c}xf32>", f"tensor<{n}x{ho}x{wo}x{c}xf32>"
    return f"""
func.func @kernel(%x: {source}) -> {result} {{
  %e = tensor.empty() : {result}
  %i = arith.constant {"0xFF800000" if kind == "max" else "0.0"} : f32
  %w = tensor.empty() : tensor<{window}x{window}xf32>
  %f = linalg.fill ins(%i : f32) outs(%e : {result}) -> {result}
  %r = linalg.pooling_nhwc_{kind} {{strides = dense<{stride}> : tensor<2xi64>}}
    ins(%x, %w : {source}, tensor<{window}x{window}xf32>) outs(%f : {result}) -> {result}
  return %r : {result}
}}"""


def _reference_pool(kind: str, x: np.ndarray, window: int, stride: int) -> np.ndarray:
    windows = np.lib.stride_tricks.sliding_window_view(x, (window, window), axis=(1, 2))[:, ::stride, ::stride]
    return windows.max((-2, -1)) if kind == "max" else windows.sum((-2, -1), dtype=np.float64)


@pytest.mark.parametrize(
    ("kind", "shape", "window", "stride"), [("max", (2, 9, 12, 16), 3, 2), ("sum", (1, 8, 7, 5), 2, 1)]
)
def test_pool(kind: str, shape: Sequence[int], window: int, stride: int) -> None:
    x = _normal(*shape)
    x[0, 3, 3] = np.nan
    expected = _reference_pool(kind, x, window, stride)
    (r,) = compile_text(_pool(kind, shape, window, stride))([x], [(expected.shape, np.float32)])
    np.testing.assert_allclose(r, expected, rtol=1e-6, atol=1e-6)


def _any_number(text: str, number: int) -> str:
    """The kernel for any number of images instead of this one."""
    text = text.replace(f"tensor<{number}x", "tensor<?x").replace(
        ") -> tensor<?x", ", %d: index, %m: index) -> tensor<?x", 1
    )
    return text.replace("%e = tensor.empty()", "%e = tensor.empty(%m)")


@pytest.mark.parametrize(
    ("shape", "window", "stride", "numbers"),
    [((5, 6, 8), 3, 1, (0, 1, 3, 200)), ((33, 30, 32), 3, 2, (0, 1, 3))],
    ids=["small", "large"],
)
def test_any_number_of_images(shape: Sequence[int], window: int, stride: int, numbers: Sequence[int]) -> None:
    pad = (1, 1)
    convolution, pool = (
        compile_text(_any_number(text, 77))
        for text in (_conv((77, *shape), None, window, stride, pad), _pool("max", (77, *shape), window, stride))
    )
    assert all(
        "2-depthwise-script.mlir" in kernel.stages and not kernel.kernel.local_memory for kernel in (convolution, pool)
    )
    w, bias = _normal(window, window, shape[-1]), _normal(shape[-1])
    for number in numbers:
        x = _normal(number, *shape)
        x[-1:, 2, 2], x[:1, 0, 0, 1:], x[-1:, 4, 4] = np.nan, np.inf, -np.inf
        with np.errstate(invalid="ignore"):
            expected = _reference_conv(x, w, bias, stride, pad)
        (r,) = convolution([x, w, bias], [(expected.shape, np.float32)], indices=[number] * 2)
        np.testing.assert_allclose(r, expected, rtol=1e-5, atol=5e-5)
        largest = _reference_pool("max", x, window, stride)
        (r,) = pool([x], [(largest.shape, np.float32)], indices=[number] * 2)
        np.testing.assert_array_equal(r, largest)


def _softmax(rows: int | None, columns: int | None) -> str:
    m, v = (
        f"{'?' if rows is None else rows}x{'?' if columns is None else columns}xf32",
        f"{'?' if rows is None else rows}xf32",
    )
    names = [f"%d{i}" for i in range((rows is None) + (columns is None))]
    sizes = ", ".join(names)
    row = "%d0" if rows is None else ""
    arguments = "".join(f", {n}: index" for n in (*names, *(n.replace("d", "q") for n in names)))
    matrix, vector = "affine_map<(i, j) -> (i, j)>", "affine_map<(i, j) -> (i)>"

    def reduce(name: str, source: str, init: str, op: str) -> str:
        return f"""
  %{name} = linalg.generic {{indexing_maps = [{matrix}, {vector}], iterator_types = ["parallel", "reduction"]}}
    ins(%{source} : tensor<{m}>) outs(%{init} : tensor<{v}>) {{
  ^bb0(%x: f32, %o: f32):
    %y = arith.{op} %x, %o : f32
    linalg.yield %y : f32 }} -> tensor<{v}>"""

    def each(name: str, source: str, other: str, body: str) -> str:
        return f"""
  %{name} = linalg.generic {{indexing_maps = [{matrix}, {vector}, {matrix}], iterator_types = ["parallel", "parallel"]}}
    ins(%{source}, %{other} : tensor<{m}>, tensor<{v}>) outs(%em : tensor<{m}>) {{
  ^bb0(%x: f32, %w: f32, %o: f32):
    {body}
    linalg.yield %y : f32 }} -> tensor<{m}>"""

    return f"""
func.func @kernel(%a: tensor<{m}>{arguments}) -> tensor<{m}> {{
  %low = arith.constant 0xFF800000 : f32
  %zero = arith.constant 0.0 : f32
  %ev = tensor.empty({row}) : tensor<{v}>
  %em = tensor.empty({sizes}) : tensor<{m}>
  %il = linalg.fill ins(%low : f32) outs(%ev : tensor<{v}>) -> tensor<{v}>
  %iz = linalg.fill ins(%zero : f32) outs(%ev : tensor<{v}>) -> tensor<{v}>
  {reduce("max", "a", "il", "maximumf")}
  {each("exp", "a", "max", "%d = arith.subf %x, %w : f32" + chr(10) + "    %y = math.exp %d : f32")}
  {reduce("sum", "exp", "iz", "addf")}
  {each("res", "exp", "sum", "%y = arith.divf %x, %w : f32")}
  return %res : tensor<{m}>
}}"""


@pytest.mark.parametrize("shape", [(128, 1024), (3, 7), (1, 1), (1000, 10), (5, 4097)])
@pytest.mark.parametrize("dynamic", ["", "rows", "columns", "rows columns"])
def test_softmax(shape: tuple[int, int], dynamic: str) -> None:
    a = _normal(*shape) * 5
    rows, columns = (None if name in dynamic else size for name, size in zip(("rows", "columns"), shape, strict=True))
    sizes = [size for size, static in zip(shape, (rows, columns), strict=True) if static is None]
    (r,) = compile_text(_softmax(rows, columns))([a], [(shape, np.float32)], [], sizes * 2)
    e = np.exp(a.astype(np.float64) - a.max(1, keepdims=True))
    np.testing.assert_allclose(r, e / e.sum(1, keepdims=True), rtol=1e-5)


def _argmax(rows: int, columns: int, dimension: int) -> str:
    a, v, w = (
        f"tensor<{size}x{t}>"
        for size, t in (
            (f"{rows}x{columns}", "f32"),
            ((columns, rows)[dimension], "f32"),
            ((columns, rows)[dimension], "i32"),
        )
    )
    kept, kinds = ("j", '"reduction", "parallel"') if dimension == 0 else ("i", '"parallel", "reduction"')
    return f"""
func.func @kernel(%a: {a}) -> ({v}, {w}) {{
  %low = arith.constant 0xFF800000 : f32
  %zero = arith.constant 0 : i32
  %ev = tensor.empty() : {v}
  %ew = tensor.empty() : {w}
  %fv = linalg.fill ins(%low : f32) outs(%ev : {v}) -> {v}
  %fw = linalg.fill ins(%zero : i32) outs(%ew : {w}) -> {w}
  %r:2 = linalg.generic {{indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> ({kept})>,
      affine_map<(i, j) -> ({kept})>], iterator_types = [{kinds}]}} ins(%a : {a}) outs(%fv, %fw : {v}, {w}) {{
  ^bb0(%x: f32, %m: f32, %n: i32):
    %d = linalg.index {dimension} : index
    %k = arith.index_cast %d : index to i32
    %c = arith.cmpf oge, %m, %x : f32
    %p = arith.select %c, %m, %x : f32
    %q = arith.select %c, %n, %k : i32
    linalg.yield %p, %q : f32, i32 }} -> ({v}, {w})
  return %r#0, %r#1 : {v}, {w}
}}"""


@pytest.mark.parametrize("dimension", [0, 1])
@pytest.mark.parametrize("shape", [(1, 1), (5, 7), (2000, 300), (300, 2001)])
def test_several_results(shape: tuple[int, int], dimension: int) -> None:
    a = RNG.integers(-50, 50, shape).astype(np.float32)
    kernel = compile_text(_argmax(*shape, dimension))
    size = (shape[1 - dimension],)
    highest, where = kernel([a], [(size, np.float32), (size, np.int32)])
    np.testing.assert_array_equal(highest, a.max(dimension))
    np.testing.assert_array_equal(where, a.argmax(dimension))
    assert (kernel.count([])[0] > 1) == (a.size > 1000)


_VARIANCE = """
func.func @kernel(%a: tensor<5x48xf32>) -> tensor<5xf32> {
  %zero = arith.constant 0.0 : f32
  %n = arith.constant 48.0 : f32
  %e = tensor.empty() : tensor<5xf32>
  %w = tensor.empty() : tensor<5x48xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<5xf32>) -> tensor<5xf32>
  %s = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>],
      iterator_types = ["parallel", "reduction"]} ins(%a : tensor<5x48xf32>) outs(%f : tensor<5xf32>) {
  ^bb0(%x: f32, %o: f32):
    %p = arith.addf %o, %x : f32
    linalg.yield %p : f32 } -> tensor<5xf32>
  %d = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>,
      affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%a, %s : tensor<5x48xf32>, tensor<5xf32>) outs(%w : tensor<5x48xf32>) {
  ^bb0(%x: f32, %t: f32, %o: f32):
    %m = arith.divf %t, %n : f32
    %p = arith.subf %x, %m : f32
    linalg.yield %p : f32 } -> tensor<5x48xf32>
  %v = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>],
      iterator_types = ["parallel", "reduction"]} ins(%d : tensor<5x48xf32>) outs(%f : tensor<5xf32>) {
  ^bb0(%x: f32, %o: f32):
    %q = arith.mulf %x, %x : f32
    %p = arith.addf %o, %q : f32
    linalg.yield %p : f32 } -> tensor<5xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>,
      affine_map<(i, j) -> (i)>], iterator_types = ["parallel", "reduction"]}
      ins(%d, %v : tensor<5x48xf32>, tensor<5xf32>) outs(%f : tensor<5xf32>) {
  ^bb0(%x: f32, %t: f32, %o: f32):
    %q = arith.divf %x, %t : f32
    %p = arith.maximumf %o, %q : f32
    linalg.yield %p : f32 } -> tensor<5xf32>
  return %r : tensor<5xf32>
}"""


def test_cheap_values_are_computed_again() -> None:
    a = _normal(5, 48) + 3
    compiled = compile_text(_VARIANCE)
    (r,) = compiled([a], [((5,), np.float32)])
    d = a.astype(np.float64) - a.mean(1, keepdims=True, dtype=np.float64)
    np.testing.assert_allclose(r, (d / (d * d).sum(1, keepdims=True)).max(1), rtol=1e-4)
    buffers = [line for line in compiled.stages["5-distributed.mlir"].splitlines() if "memref.alloc" in line]
    assert buffers and not any("48xf32" in line for line in buffers), "differences are stored"


_ADD = """
func.func @kernel(%a: tensor<?x?xf32>, %b: tensor<?xf32>, %k: f32, %d0: index, %d1: index, %d2: index,
    %d3: index, %d4: index) -> tensor<?x?xf32> {
  %e = tensor.empty(%d3, %d4) : tensor<?x?xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>,
      affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]} ins(%a, %b : tensor<?x?xf32>, tensor<?xf32>) outs(%e :
      tensor<?x?xf32>) {
  ^bb0(%x: f32, %y: f32, %o: f32):
    %p = arith.mulf %y, %k : f32
    %s = arith.addf %x, %p : f32
    linalg.yield %s : f32 } -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}"""


@pytest.mark.parametrize("shape", [(0, 5), (5, 0), (1, 1), (3, 5), (1000, 999), (1, 100000), (100000, 1)])
def test_dynamic_elementwise(shape: tuple[int, int]) -> None:
    a, b = _normal(*shape), _normal(shape[1])
    (r,) = compile_text(_ADD)([a, b], [(shape, np.float32)], [np.float32(3)], [*shape, shape[1], *shape])
    np.testing.assert_array_equal(r, a + b * np.float32(3))


@pytest.mark.parametrize("shape", [(7, 3, 16), (300, 500, 32), (1, 1, 48), (5, 48)])
def test_short_rows(shape: tuple[int, ...]) -> None:
    """Whole vectors, where one operand has a value per row and another a row."""
    a, b, c = _normal(*shape), _normal(*shape[:-1]), _normal(shape[-1])
    loops = ", ".join("ijk"[: len(shape)])
    types = [f"tensor<{'x'.join(map(str, value.shape))}xf32>" for value in (a, b, c)]
    maps = [loops, loops[:-3], loops[-1], loops]
    compiled = compile_text(f"""
func.func @kernel(%a: {types[0]}, %b: {types[1]}, %c: {types[2]}) -> {types[0]} {{
  %e = tensor.empty() : {types[0]}
  %r = linalg.generic {{indexing_maps = [{", ".join(f"affine_map<({loops}) -> ({map_})>" for map_ in maps)}],
      iterator_types = [{", ".join(['"parallel"'] * len(shape))}]}} ins(%a, %b, %c : {", ".join(types)})
      outs(%e : {types[0]}) {{
  ^bb0(%x: f32, %y: f32, %z: f32, %o: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %p, %z : f32
    linalg.yield %s : f32 }} -> {types[0]}
  return %r : {types[0]}
}}""")
    assert not any("failed" in stage for stage in compiled.stages)
    (r,) = compiled([a, b, c], [(shape, np.float32)])
    np.testing.assert_array_equal(r, a * b[..., None] + c)


def test_constants_are_words_low_first() -> None:
    text = """
func.func @kernel(%a: tensor<4xi64>, %i: i32, %l: i64, %f: f64) -> tensor<4xi64> {
  %e = tensor.empty() : tensor<4xi64>
  %r = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
    ins(%a : tensor<4xi64>) outs(%e : tensor<4xi64>) {
  ^bb0(%x: i64, %o: i64):
    %w = arith.extsi %i : i32 to i64
    %g = arith.fptosi %f : f64 to i64
    %1 = arith.addi %x, %w : i64
    %2 = arith.addi %1, %l : i64
    %3 = arith.addi %2, %g : i64
    linalg.yield %3 : i64 } -> tensor<4xi64>
  return %r : tensor<4xi64>
}"""
    kernel = compile_text(text)
    assert kernel.kernel.constant_words == 5
    (r,) = kernel([np.arange(4)], [((4,), np.int64)], [np.int32(-7), np.int64(1 << 40), np.float64(1e9)])
    np.testing.assert_array_equal(r, np.arange(4) - 7 + (1 << 40) + 10**9)


def test_booleans_are_bytes() -> None:
    text = """
func.func @kernel(%a: tensor<37xf32>, %m: tensor<37xi1>) -> tensor<37xi1> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<37xi1>
  %r = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
      iterator_types = ["parallel"]} ins(%a, %m : tensor<37xf32>, tensor<37xi1>) outs(%e : tensor<37xi1>) {
  ^bb0(%x: f32, %y: i1, %o: i1):
    %c = arith.cmpf ogt, %x, %z : f32
    %s = arith.andi %c, %y : i1
    linalg.yield %s : i1 } -> tensor<37xi1>
  return %r : tensor<37xi1>
}"""
    a, m = _normal(37), RNG.integers(0, 2, 37).astype(np.bool_)
    (r,) = compile_text(text)([a, m], [((37,), np.uint8)])
    np.testing.assert_array_equal(r, ((a > 0) & m).astype(np.uint8))


_TIED = """
func.func @kernel(%a: tensor<8x8xf32>, %b: tensor<8x8xf32>) -> (tensor<8x8xf32>, tensor<8xf32>)
    attributes {{iree.tied = array<i64: 0, -1>}} {{
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<8x8xf32>
  %v = tensor.empty() : tensor<8xf32>
  %i = linalg.fill ins(%z : f32) outs(%v : tensor<8xf32>) -> tensor<8xf32>
  %r = linalg.generic {{indexing_maps = [affine_map<(i, j) -> {map}>, affine_map<(i, j) -> (i, j)>,
      affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}} ins(%a, %b : tensor<8x8xf32>, tensor<8x8xf32>) outs(%e :
      tensor<8x8xf32>) {{
  ^bb0(%x: f32, %y: f32, %o: f32):
    %s = arith.addf %x, %y : f32
    linalg.yield %s : f32 }} -> tensor<8x8xf32>
  %t = linalg.generic {{indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>],
      iterator_types = ["parallel", "reduction"]}} ins(%a : tensor<8x8xf32>) outs(%i : tensor<8xf32>) {{
  ^bb0(%x: f32, %o: f32):
    %s = arith.addf %x, %o : f32
    linalg.yield %s : f32 }} -> tensor<8xf32>
  return %r, %t : tensor<8x8xf32>, tensor<8xf32>
}}"""


@pytest.mark.parametrize("transposed", [False, True])
def test_tied_result_overwrites_what_is_still_read(transposed: bool) -> None:
    a, b = _normal(8, 8), _normal(8, 8)
    kernel = compile_text(_TIED.format(map="(j, i)" if transposed else "(i, j)"))
    assert kernel.kernel.access == (3, 1, 2)
    r, t = kernel([a, b], [((8,), np.float32)])
    np.testing.assert_array_equal(r, (a.T if transposed else a) + b)
    np.testing.assert_allclose(t, a.sum(1), rtol=1e-5, atol=1e-6)


def test_gather_and_remainder() -> None:
    text = """
func.func @kernel(%a: tensor<10xf32>, %i: tensor<100xi32>) -> tensor<100xf32> {
  %n = arith.constant 0.7 : f32
  %e = tensor.empty() : tensor<100xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
    ins(%i : tensor<100xi32>) outs(%e : tensor<100xf32>) {
  ^bb0(%x: i32, %o: f32):
    %p = arith.index_cast %x : i32 to index
    %v = tensor.extract %a[%p] : tensor<10xf32>
    %m = arith.remf %v, %n : f32
    linalg.yield %m : f32 } -> tensor<100xf32>
  return %r : tensor<100xf32>
}"""
    a, i = _normal(10) * 1e3, RNG.integers(0, 10, 100).astype(np.int32)
    (r,) = compile_text(text)([a, i], [((100,), np.float32)])
    np.testing.assert_array_equal(r, np.fmod(a, np.float32(0.7))[i])


def _scan(rows: int, length: int, t: str, op: str, start: str, *, reverse: bool) -> str:
    """Running results along rows, as one loop."""
    shape = f"tensor<{rows}x{length}x{t}>"
    at, place = ("%p = arith.subi %last, %j : index", "%p") if reverse else ("", "%j")
    return f"""
func.func @kernel(%a: {shape}) -> {shape} {{
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %m = arith.constant {rows} : index
  %n = arith.constant {length} : index
  %last = arith.constant {length - 1} : index
  %start = arith.constant {start} : {t}
  %e = tensor.empty() : {shape}
  %r = scf.for %i = %c0 to %m step %c1 iter_args(%o = %e) -> ({shape}) {{
    %s:2 = scf.for %j = %c0 to %n step %c1 iter_args(%sum = %start, %b = %o) -> ({t}, {shape}) {{
      {at}
      %x = tensor.extract %a[%i, {place}] : {shape}
      %y = arith.{op} %sum, %x : {t}
      %w = tensor.insert %y into %b[%i, {place}] : {shape}
      scf.yield %y, %w : {t}, {shape}
    }}
    scf.yield %s#1 : {shape}
  }}
  return %r : {shape}
}}"""


@pytest.mark.parametrize(
    ("t", "dtype", "op", "start"),
    [
        ("f32", np.float32, "addf", "0.0"),
        ("f32", np.float32, "maximumf", "0xFF800000"),
        ("f64", np.float64, "mulf", "1.0"),
        ("i8", np.int8, "addi", "0"),
        ("i64", np.int64, "minsi", "9223372036854775807"),
        ("i16", np.uint16, "maxui", "0"),
    ],
)
@pytest.mark.parametrize("reverse", [False, True])
def test_scan(t: str, dtype: type, op: str, start: str, reverse: bool) -> None:
    a = RNG.choice([-1.0, 0.5, 2.0], (3, 1027)) if op == "mulf" else RNG.integers(-100, 100, (3, 1027))
    a = a.astype(dtype)
    a.ravel()[:3] = 0
    if op == "maximumf":
        a[1, 500] = np.nan
    compiled = compile_text(_scan(*a.shape, t, op, start, reverse=reverse))
    assert "2-scan-script.mlir" in compiled.stages and "2-templates-failed.txt" not in compiled.stages
    (r,) = compiled([a], [(a.shape, dtype)])
    ufunc = {"add": np.add, "mul": np.multiply, "max": np.maximum, "min": np.minimum}[op[:3]]
    order = slice(None, None, -1 if reverse else 1)
    np.testing.assert_array_equal(r, ufunc.accumulate(a[:, order], axis=1, dtype=dtype)[:, order])


def test_complex() -> None:
    text = """
func.func @kernel(%a: tensor<9xcomplex<f32>>) -> tensor<9xcomplex<f32>> {
  %e = tensor.empty() : tensor<9xcomplex<f32>>
  %r = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
    ins(%a : tensor<9xcomplex<f32>>) outs(%e : tensor<9xcomplex<f32>>) {
  ^bb0(%x: complex<f32>, %o: complex<f32>):
    %y = complex.exp %x : complex<f32>
    %z = complex.mul %y, %x : complex<f32>
    linalg.yield %z : complex<f32> } -> tensor<9xcomplex<f32>>
  return %r : tensor<9xcomplex<f32>>
}"""
    a = (_normal(9) + 1j * _normal(9)).astype(np.complex64)
    (r,) = compile_text(text)([a], [((9,), np.complex64)])
    np.testing.assert_allclose(r, np.exp(a) * a, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("cpu", ["generic", "x86-64-v2", "x86-64-v3"])
def test_other_machines(cpu: str) -> None:
    """Conversions, rounding and fused operations must not become calls where there are no instructions for them."""
    text = """
func.func @kernel(%a: tensor<33xf16>, %b: tensor<33xbf16>) -> tensor<33xbf16> {
  %e = tensor.empty() : tensor<33xbf16>
  %r = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
      iterator_types = ["parallel"]} ins(%a, %b : tensor<33xf16>, tensor<33xbf16>) outs(%e : tensor<33xbf16>) {
  ^bb0(%x: f16, %y: bf16, %o: bf16):
    %1 = arith.extf %x : f16 to f32
    %2 = arith.extf %y : bf16 to f32
    %3 = math.floor %1 : f32
    %4 = math.roundeven %2 : f32
    %5 = math.fma %3, %4, %2 : f32
    %6 = math.round %5 : f32
    %7 = math.ceil %6 : f32
    %8 = arith.truncf %7 : f32 to bf16
    linalg.yield %8 : bf16 } -> tensor<33xbf16>
  return %r : tensor<33xbf16>
}"""
    a, b = (_normal(33) * 8).astype(np.float16), (_normal(33) * 8).astype(ml_dtypes.bfloat16)
    (r,) = compile_text(text, cpu=cpu)([a, b], [((33,), ml_dtypes.bfloat16)])
    w = b.astype(np.float32)
    v = np.floor(a.astype(np.float32)) * np.round(w) + w
    expected = np.copysign(np.floor(np.abs(v) + 0.5), v).astype(ml_dtypes.bfloat16)
    np.testing.assert_array_equal(r.astype(np.float32), expected.astype(np.float32))


def test_operands_are_not_written() -> None:
    text = """
func.func @kernel(%a: tensor<8xf32>, %b: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  %r = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
    ins(%b : tensor<8xf32>) outs(%a : tensor<8xf32>) {
  ^bb0(%x: f32, %o: f32):
    %s = arith.addf %x, %o : f32
    linalg.yield %s : f32 } -> tensor<8xf32>
  %t = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
    ins(%r : tensor<8xf32>) outs(%b : tensor<8xf32>) {
  ^bb0(%x: f32, %o: f32):
    %s = arith.mulf %x, %o : f32
    linalg.yield %s : f32 } -> tensor<8xf32>
  return %r, %t : tensor<8xf32>, tensor<8xf32>
}"""
    a, b = _normal(8), _normal(8)
    r, t = compile_text(text)([a, b], [((8,), np.float32)] * 2)
    np.testing.assert_array_equal(r, a + b)
    np.testing.assert_array_equal(t, (a + b) * b)
