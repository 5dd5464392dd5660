"""Programs that the SPIR-V targets are tested with: StableHLO, inputs, what NumPy makes of them in float64."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from ml_dtypes import bfloat16

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Program:
    """A function ``main``, inputs and the function that it is; results are as near as `tolerance`, relatively."""

    name: str
    text: str
    inputs: tuple[Array, ...]
    reference: Callable[..., Array]
    tolerance: float = 1e-5
    portable: bool = True


def _random(*shape: int, dtype: str = "f4", seed: int = 0) -> Array:
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def _function(arguments: str, result: str, body: str) -> str:
    last = body.strip().splitlines()[-1].split("=")[0].strip()
    return f"func.func @main({arguments}) -> {result} {{\n{body}\nreturn {last} : {result}\n}}"


def _matmul(m: int, k: int, n: int, dtype: str = "f32") -> str:
    a, b, c = f"tensor<{m}x{k}x{dtype}>", f"tensor<{k}x{n}x{dtype}>", f"tensor<{m}x{n}xf32>"
    return _function(
        f"%a: {a}, %b: {b}, %c: {c}",
        c,
        f"%0 = stablehlo.dot_general %a, %b, contracting_dims = [1] x [0] : ({a}, {b}) -> {c}\n"
        f"%1 = stablehlo.add %0, %c : {c}\n%2 = stablehlo.maximum %1, %c : {c}",
    )


def _product(a: Array, b: Array, c: Array) -> Array:
    return np.maximum(a.astype("f8") @ b.astype("f8") + c, c)


_DYNAMIC_MATMUL = _function(
    "%a: tensor<?x?xf32>, %b: tensor<?x?xf32>",
    "tensor<?x?xf32>",
    "%0 = stablehlo.dot_general %a, %b, contracting_dims = [1] x [0] "
    ": (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>",
)

_CONVOLUTION = _function(
    "%a: tensor<1x17x19x5xf32>, %f: tensor<3x3x5x12xf32>",
    "tensor<1x9x10x12xf32>",
    "%0 = stablehlo.convolution(%a, %f) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], "
    "window = {stride = [2, 2], pad = [[1, 1], [1, 1]]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} "
    ": (tensor<1x17x19x5xf32>, tensor<3x3x5x12xf32>) -> tensor<1x9x10x12xf32>",
)


_IMAGE = _random(1, 6, 5, 128)
_DEEP_CONVOLUTION = _function(
    "%a: tensor<1x6x5x128xf32>, %f: tensor<3x3x128x8xf32>, %b: tensor<1x6x5x8xf32>",
    "tensor<1x6x5x8xf32>",
    "%0 = stablehlo.convolution(%a, %f) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], "
    "window = {stride = [1, 1], pad = [[1, 1], [1, 1]]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} "
    ": (tensor<1x6x5x128xf32>, tensor<3x3x128x8xf32>) -> tensor<1x6x5x8xf32>\n"
    "%1 = stablehlo.add %0, %b : tensor<1x6x5x8xf32>",
)


def _convolve_deep(a: Array, f: Array, b: Array) -> Array:
    padded = np.pad(a.astype("f8"), ((0, 0), (1, 1), (1, 1), (0, 0)))
    return b + sum(
        np.einsum("bhwc,co->bhwo", padded[:, i : i + 6, j : j + 5], f[i, j]) for i in range(3) for j in range(3)
    )


def _depthwise(height: int, width: int, channels: int, stride: int, each: int) -> str:
    """A convolution of each channel by itself with some 3x3 filters and a border of zeros, and a bias."""
    rows, columns = ((size + stride - 1) // stride for size in (height, width))
    results = channels * each
    image, filters = f"tensor<1x{height}x{width}x{channels}xf32>", f"tensor<3x3x1x{results}xf32>"
    out, bias = f"tensor<1x{rows}x{columns}x{results}xf32>", f"tensor<{results}xf32>"
    return _function(
        f"%a: {image}, %f: {filters}, %b: {bias}",
        out,
        "%0 = stablehlo.convolution(%a, %f) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], "
        f"window = {{stride = [{stride}, {stride}], pad = [[1, 1], [1, 1]]}} {{batch_group_count = 1 : i64, "
        f"feature_group_count = {channels} : i64}} : ({image}, {filters}) -> {out}\n"
        f"%1 = stablehlo.broadcast_in_dim %b, dims = [3] : ({bias}) -> {out}\n%2 = stablehlo.add %0, %1 : {out}",
    )


_OPEN_DEPTHWISE = _function(
    "%a: tensor<?x13x11x8xf32>, %f: tensor<3x3x1x8xf32>",
    "tensor<?x13x11x8xf32>",
    "%0 = stablehlo.convolution(%a, %f) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], "
    "window = {pad = [[1, 1], [1, 1]]} {batch_group_count = 1 : i64, feature_group_count = 8 : i64} "
    ": (tensor<?x13x11x8xf32>, tensor<3x3x1x8xf32>) -> tensor<?x13x11x8xf32>",
)


def _convolve_depthwise(stride: int) -> Callable[..., Array]:
    def apply(a: Array, f: Array, b: Array) -> Array:
        height, width = a.shape[1:3]
        each = f.shape[3] // a.shape[3]
        padded = np.pad(a.astype("f8"), ((0, 0), (1, 1), (1, 1), (0, 0))).repeat(each, axis=3)
        windows = (
            (i, j, padded[:, i : i + height : stride, j : j + width : stride]) for i in range(3) for j in range(3)
        )
        return np.asarray(b + sum(part * f[i, j, 0] for i, j, part in windows))

    return apply


def _pool(height: int, width: int, channels: int) -> str:
    """The largest of windows of 3x2 in steps of 2."""
    image, out = f"tensor<{height}x{width}x{channels}xf32>", f"tensor<{(height - 1) // 2}x{width // 2}x{channels}xf32>"
    return _function(
        f"%a: {image}",
        out,
        "%ninf = stablehlo.constant dense<0xFF800000> : tensor<f32>\n"
        '%0 = "stablehlo.reduce_window"(%a, %ninf) <{window_dimensions = array<i64: 3, 2, 1>, window_strides = '
        "array<i64: 2, 2, 1>}> ({ ^bb0(%x: tensor<f32>, %y: tensor<f32>): %m = stablehlo.maximum %x, %y : tensor<f32> "
        f"stablehlo.return %m : tensor<f32> }}) : ({image}, tensor<f32>) -> {out}",
    )


def _pooled(a: Array) -> Array:
    rows, columns = (a.shape[0] - 1) // 2, a.shape[1] // 2
    parts = [a[i : i + 2 * rows - 1 : 2, j : j + 2 * columns - 1 : 2] for i in range(3) for j in range(2)]
    return np.asarray(np.max(parts, axis=0))


def _convolve(a: Array, f: Array) -> Array:
    padded = np.pad(a.astype("f8"), ((0, 0), (1, 1), (1, 1), (0, 0)))
    out = np.zeros((1, 9, 10, 12))
    for i in range(3):
        for j in range(3):
            out += np.einsum("bhwc,co->bhwo", padded[:, i : i + 17 : 2, j : j + 19 : 2], f[i, j])
    return out


def _softmax(rows: str, columns: str) -> str:
    t, r = f"tensor<{rows}x{columns}xf32>", f"tensor<{rows}xf32>"
    return _function(
        f"%a: {t}",
        t,
        "%ninf = stablehlo.constant dense<0xFF800000> : tensor<f32>\n"
        "%zero = stablehlo.constant dense<0.0> : tensor<f32>\n"
        f"%m = stablehlo.reduce(%a init: %ninf) applies stablehlo.maximum across dimensions = [1] "
        f": ({t}, tensor<f32>) -> {r}\n"
        f"%mb = stablehlo.broadcast_in_dim %m, dims = [0] : ({r}) -> {t}\n%s = stablehlo.subtract %a, %mb : {t}\n"
        f"%e = stablehlo.exponential %s : {t}\n"
        f"%t = stablehlo.reduce(%e init: %zero) applies stablehlo.add across dimensions = [1] "
        f": ({t}, tensor<f32>) -> {r}\n"
        f"%tb = stablehlo.broadcast_in_dim %t, dims = [0] : ({r}) -> {t}\n%r = stablehlo.divide %e, %tb : {t}",
    )


def _softmax_of(a: Array) -> Array:
    e = np.exp(a.astype("f8") - a.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def _attention(sizes: Sequence[int], change: str) -> str:
    """Queries, keys and values by head, and a mask by query and key that `change` makes %y of the scores %x with."""
    heads, queries, keys, depth, features = sizes
    q, k = f"tensor<{heads}x{queries}x{depth}xf32>", f"tensor<{heads}x{keys}x{depth}xf32>"
    v, m = f"tensor<{heads}x{keys}x{features}xf32>", f"tensor<{queries}x{keys}xi1>"
    s, r = f"tensor<{heads}x{queries}x{keys}xf32>", f"tensor<{heads}x{queries}xf32>"
    o, out = f"tensor<{heads}x{queries}x{features}xf32>", f"tensor<{queries}x{heads}x{features}xf32>"
    bits = s.replace("f32", "i1")
    return _function(
        f"%q: {q}, %k: {k}, %v: {v}, %m: {m}",
        out,
        "%ninf = stablehlo.constant dense<0xFF800000> : tensor<f32>\n"
        "%zero = stablehlo.constant dense<0.0> : tensor<f32>\n"
        "%x = stablehlo.dot_general %q, %k, batching_dims = [0] x [0], contracting_dims = [2] x [2] "
        f": ({q}, {k}) -> {s}\n"
        f"%low = stablehlo.constant dense<0xFF800000> : {s}\n"
        f"%mb = stablehlo.broadcast_in_dim %m, dims = [1, 2] : ({m}) -> {bits}\n"
        f"{change.format(s=s, bits=bits, i=s.replace('f32', 'i32'))}\n"
        f"%most = stablehlo.reduce(%y init: %ninf) applies stablehlo.maximum across dimensions = [2] "
        f": ({s}, tensor<f32>) -> {r}\n"
        f"%mostb = stablehlo.broadcast_in_dim %most, dims = [0, 1] : ({r}) -> {s}\n"
        f"%d = stablehlo.subtract %y, %mostb : {s}\n%e = stablehlo.exponential %d : {s}\n"
        f"%t = stablehlo.reduce(%e init: %zero) applies stablehlo.add across dimensions = [2] "
        f": ({s}, tensor<f32>) -> {r}\n"
        f"%tb = stablehlo.broadcast_in_dim %t, dims = [0, 1] : ({r}) -> {s}\n%p = stablehlo.divide %e, %tb : {s}\n"
        "%o = stablehlo.dot_general %p, %v, batching_dims = [0] x [0], contracting_dims = [2] x [1] "
        f": ({s}, {v}) -> {o}\n%r = stablehlo.transpose %o, dims = [1, 0, 2] : ({o}) -> {out}",
    )


MASKED = "%y = stablehlo.select %mb, %x, %low : {bits}, {s}"
CAUSAL = (
    "%i0 = stablehlo.iota dim = 1 : {i}\n%i1 = stablehlo.iota dim = 2 : {i}\n"
    "%c = stablehlo.compare GE, %i0, %i1 : ({i}, {i}) -> {bits}\n%y = stablehlo.select %c, %x, %low : {bits}, {s}"
)


def _attended(q: Array, k: Array, v: Array, mask: Array) -> Array:
    scores = np.einsum("hqd,hkd->hqk", q.astype("f8"), k)
    weights = np.exp(np.where(mask, scores, -np.inf) - np.where(mask, scores, -np.inf).max(-1, keepdims=True))
    return np.asarray(np.einsum("hqk,hke->qhe", weights / weights.sum(-1, keepdims=True), v))


def attention(sizes: Sequence[int], change: str = MASKED, *, halves: bool = False) -> Program:
    """Heads, queries, keys, depth and features; without `MASKED` the mask is causal. Of f32, or of f16."""
    heads, queries, keys, depth, features = sizes
    shapes = (heads, queries, depth), (heads, keys, depth), (heads, keys, features)
    seen = np.random.default_rng(3).random((queries, keys)) < 0.5
    seen[:, 0] = True
    element = np.float16 if halves else np.float32
    inputs = (*(_random(*shape, seed=i).astype(element) for i, shape in enumerate(shapes)), seen)
    text = _attention(sizes, change)
    order = np.arange(queries)[:, None] >= np.arange(keys)
    return Program(
        f"attention {queries} {keys} {features}{' f16' * halves}",
        text.replace("f32", "f16").replace("0xFF800000", "0xFC00") if halves else text,
        inputs,
        lambda q, k, v, m: _attended(q, k, v, m if change == MASKED else order),
        5e-3 if halves else 1e-5,
    )


def _unary(shape: str, dtype: str, *operations: str) -> str:
    t = f"tensor<{shape}{dtype}>"
    body = "\n".join(f"%{i + 1} = stablehlo.{op} %{i} : {t}" for i, op in enumerate(operations))
    return _function(f"%0: {t}", t, body)


def _binary(shape: str, dtype: str, operation: str) -> str:
    t = f"tensor<{shape}{dtype}>"
    return _function(f"%a: {t}, %b: {t}", t, f"%0 = stablehlo.{operation} %a, %b : {t}")


def _largest(rows: int, columns: int) -> str:
    """Where the first of the largest elements of each row is."""
    t, r, i = f"tensor<{rows}x{columns}xf32>", f"tensor<{rows}xf32>", f"tensor<{rows}x{columns}xi32>"
    p, bit = f"tensor<{rows}xi32>", "tensor<i1>"
    return _function(
        f"%a: {t}",
        p,
        f"%i = stablehlo.iota dim = 1 : {i}\n%ninf = stablehlo.constant dense<0xFF800000> : tensor<f32>\n"
        "%zero = stablehlo.constant dense<0> : tensor<i32>\n"
        "%r:2 = stablehlo.reduce(%a init: %ninf), (%i init: %zero) across dimensions = [1] "
        f": ({t}, {i}, tensor<f32>, tensor<i32>) -> ({r}, {p})\n"
        "reducer(%x: tensor<f32>, %y: tensor<f32>) (%j: tensor<i32>, %k: tensor<i32>) {\n"
        f"%gt = stablehlo.compare GT, %y, %x : (tensor<f32>, tensor<f32>) -> {bit}\n"
        f"%v = stablehlo.select %gt, %y, %x : {bit}, tensor<f32>\n"
        f"%w = stablehlo.select %gt, %k, %j : {bit}, tensor<i32>\n"
        "stablehlo.return %v, %w : tensor<f32>, tensor<i32>\n}\n"
        f"%n = stablehlo.add %r#1, %r#1 : {p}",
    )


def _sum_of_squares(size: int) -> str:
    t = f"tensor<{size}xf32>"
    return _function(
        f"%a: {t}",
        "tensor<f32>",
        f"%z = stablehlo.constant dense<3.0> : tensor<f32>\n%b = stablehlo.multiply %a, %a : {t}\n"
        f"%r = stablehlo.reduce(%b init: %z) applies stablehlo.add across dimensions = [0] "
        f": ({t}, tensor<f32>) -> tensor<f32>",
    )


def _row_maximum(rows: int, columns: int) -> str:
    t, r = f"tensor<{rows}x{columns}xf32>", f"tensor<{rows}xf32>"
    return _function(
        f"%a: {t}",
        r,
        "%ninf = stablehlo.constant dense<0xFF800000> : tensor<f32>\n"
        f"%m = stablehlo.reduce(%a init: %ninf) applies stablehlo.maximum across dimensions = [1] "
        f": ({t}, tensor<f32>) -> {r}",
    )


def _rows() -> Array:
    """All negative, with NaNs of both signs, with zeros of both signs, infinite."""
    rows = -np.abs(_random(5, 301)) - 1
    rows[1, 7] = np.nan
    rows[2, 300] = np.copysign(np.nan, -1)
    rows[3] = -0.0
    rows[3, 200] = 0.0
    rows[4] = -np.inf
    return rows


_PAD = _function(
    "%a: tensor<5x7xf32>, %v: tensor<f32>",
    "tensor<9x10xf32>",
    "%0 = stablehlo.pad %a, %v, low = [1, 2], high = [3, 1], interior = [0, 0] "
    ": (tensor<5x7xf32>, tensor<f32>) -> tensor<9x10xf32>",
)
_TRANSPOSE = _function(
    "%a: tensor<100x70xf32>, %b: tensor<70x100xf32>",
    "tensor<70x100xf32>",
    "%0 = stablehlo.transpose %a, dims = [1, 0] : (tensor<100x70xf32>) -> tensor<70x100xf32>\n"
    "%1 = stablehlo.exponential %b : tensor<70x100xf32>\n%2 = stablehlo.add %0, %1 : tensor<70x100xf32>",
)
_COMPARE = _function(
    "%a: tensor<33xf32>, %b: tensor<33xf32>",
    "tensor<33xi1>",
    "%0 = stablehlo.compare LT, %a, %b : (tensor<33xf32>, tensor<33xf32>) -> tensor<33xi1>",
)
_EDGES = np.array([0.0, -0.0, 1.5, -2.5, np.inf, -np.inf, np.nan, 3e38, -1e-30, 7.0], "f4")
_BYTES = np.array([-128, -127, -1, 0, 1, 2, 100, 127], "i1")
_LONG = np.array([0, 1, -1, 2**62, -(2**62), 2**32, 12345678901], "i8")


def _pairs(values: Array) -> tuple[Array, Array]:
    return np.repeat(values, len(values)), np.tile(values, len(values))


def _quotient(a: Array, b: Array) -> Array:
    """Rounded towards zero."""
    quotients = [abs(int(x)) // abs(int(y)) * (1 if (x < 0) == (y < 0) else -1) for x, y in zip(a, b, strict=True)]
    return np.array(quotients, "i8")


def _wrapping(operation: Callable[..., Array]) -> Callable[..., Array]:
    def apply(*arrays: Array) -> Array:
        with np.errstate(all="ignore"):
            return operation(*arrays)

    return apply


_KEYS = np.random.default_rng(4).integers(0, 30, (3, 1001)).astype("f4")
_KEYS_IN_PARTS = np.random.default_rng(4).integers(0, 30, (1, 32768)).astype("f4")
PROGRAMS = [
    Program("matmul", _matmul(64, 32, 128), (_random(64, 32), _random(32, 128), _random(64, 128)), _product),
    Program("matmul odd", _matmul(37, 19, 45), (_random(37, 19), _random(19, 45), _random(37, 45)), _product),
    Program(
        "matmul f16",
        _matmul(33, 64, 36, "f16"),
        (_random(33, 64, dtype="f2"), _random(64, 36, dtype="f2"), _random(33, 36)),
        _product,
    ),
    Program(
        "matmul bf16",
        _matmul(33, 64, 36, "bf16"),
        (_random(33, 64).astype(bfloat16), _random(64, 36).astype(bfloat16), _random(33, 36)),
        _product,
    ),
    Program("matmul dynamic", _DYNAMIC_MATMUL, (_random(21, 40), _random(40, 70)), lambda a, b: a.astype("f8") @ b),
    Program("convolution", _CONVOLUTION, (_random(1, 17, 19, 5), _random(3, 3, 5, 12)), _convolve),
    *(
        Program(
            f"depthwise {height} {width} {channels} {each}",
            _depthwise(height, width, channels, stride, each),
            (_random(1, height, width, channels), _random(3, 3, 1, channels * each), _random(channels * each)),
            _convolve_depthwise(stride),
        )
        for height, width, channels, stride, each in (
            (13, 11, 8, 2, 1),
            (9, 7, 5, 1, 1),
            (41, 43, 64, 1, 1),
            (7, 6, 3, 1, 4),
        )
    ),
    Program(
        "depthwise, any number",
        _OPEN_DEPTHWISE,
        (_random(3, 13, 11, 8), _random(3, 3, 1, 8)),
        lambda a, f: _convolve_depthwise(1)(a, f, np.zeros(8)),
    ),
    Program("pool", _pool(9, 10, 12), (_random(9, 10, 12),), _pooled, 0),
    Program("softmax", _softmax("7", "301"), (_random(7, 301),), _softmax_of),
    Program("softmax short", _softmax("70", "11"), (_random(70, 11),), _softmax_of),
    Program("row maximum", _row_maximum(5, 301), (_rows(),), lambda a: a.max(1), 0),
    Program(
        "vectors", _unary("64x128x", "f32", "tanh", "exponential"), (_random(64, 128),), lambda a: np.exp(np.tanh(a))
    ),
    Program("transpose", _TRANSPOSE, (_random(100, 70), _random(70, 100)), lambda a, b: a.T + np.exp(b.astype("f8"))),
    Program("dynamic", _unary("?x?x", "f32", "abs", "sqrt"), (_random(3, 5),), lambda a: np.sqrt(np.abs(a))),
    Program("empty", _unary("?x?x", "f32", "abs"), (_random(0, 5),), np.abs),
    Program("one", _unary("", "f32", "negate"), (_random(),), np.negative),
    Program("pad", _PAD, (_random(5, 7), np.float32(2.5)), lambda a, v: np.pad(a, ((1, 3), (2, 1)), constant_values=v)),
    Program("maximum", _binary("100x", "f32", "maximum"), _pairs(_EDGES), np.maximum, 0),
    Program("bytes", _binary("64x", "i8", "multiply"), _pairs(_BYTES), _wrapping(np.multiply), 0),
    Program("smallest byte", _binary("64x", "i8", "minimum"), _pairs(_BYTES), np.minimum, 0),
    Program("long", _binary("49x", "i64", "multiply"), _pairs(_LONG), _wrapping(np.multiply), 0),
    Program("long quotient", _binary("49x", "i64", "divide"), _pairs(_LONG | 1), _quotient, 0),
    Program("long remainder", _binary("49x", "ui64", "remainder"), _pairs(_LONG.astype("u8") | 1), np.remainder, 0),
    Program("sign", _unary("7x", "f16", "sign"), (_EDGES[:7].astype("f2"),), np.sign, 0),
    Program("truth", _COMPARE, (_random(33), _random(33, seed=1)), np.less, 0),
    Program("double", _unary("40x", "f64", "exponential"), (_random(40, dtype="f8"),), np.exp, 1e-14, portable=False),
    Program(
        "product in parts", _matmul(5, 2048, 9), (_random(5, 2048), _random(2048, 9), _random(5, 9)), _product, 1e-4
    ),
    Program("row in parts", _matmul(1, 768, 40), (_random(1, 768), _random(768, 40), _random(1, 40)), _product, 1e-4),
    Program(
        "convolution in parts",
        _DEEP_CONVOLUTION,
        (_IMAGE, _random(3, 3, 128, 8), _random(1, 6, 5, 8)),
        _convolve_deep,
        1e-4,
    ),
    Program("sum in parts", _sum_of_squares(49152), (_random(49152),), lambda a: 3 + (a.astype("f8") ** 2).sum(), 1e-5),
    Program("place of the largest", _largest(3, 1001), (_KEYS,), lambda a: 2 * a.argmax(1), 0),
    Program("in parts too", _largest(1, 32768), (_KEYS_IN_PARTS,), lambda a: 2 * a.argmax(1), 0),
    attention((2, 21, 70, 9, 12)),
    attention((1, 40, 37, 8, 130), CAUSAL),
    attention((2, 21, 70, 9, 12), halves=True),
]
