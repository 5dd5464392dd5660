"""Small StableHLO programs with what NumPy says they give: one row per way through the compiler."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
F32 = np.float32
RNG = np.random.default_rng(7)


def rand(*shape: int, dtype: Any = F32) -> Array:
    """Values from the normal distribution, or small integers."""
    if np.issubdtype(dtype, np.integer):
        return RNG.integers(-9, 10, shape).astype(dtype)
    return np.asarray(RNG.standard_normal(shape)).astype(dtype)


@dataclass(frozen=True)
class Case:
    """A program whose function `main` is called once per entry of `calls`.

    Attributes:
        name: Of the case.
        text: The program.
        calls: Arguments of each call.
        expected: From the arguments to the results.
        rtol: Relative to the largest magnitude of a result.
    """

    name: str
    text: str
    calls: Sequence[Sequence[Array]]
    expected: Callable[..., Sequence[Array]]
    rtol: float = 1e-5


def unary(op: str, type_: str) -> str:
    """A function of one operation."""
    return f"func.func @main(%x: {type_}) -> {type_} {{ %0 = stablehlo.{op} %x : {type_}\n return %0 : {type_} }}"


def binary(op: str, type_: str) -> str:
    """A function of one operation on two values."""
    body = f"%0 = stablehlo.{op} %a, %b : {type_}\n return %0 : {type_}"
    return f"func.func @main(%a: {type_}, %b: {type_}) -> {type_} {{ {body} }}"


def softmax(x: Array) -> Array:
    """Along the last axis, in float64."""
    e = np.exp(x.astype(np.float64) - x.max(-1, keepdims=True))
    return np.asarray(e / e.sum(-1, keepdims=True), F32)


def conv(x: Array, w: Array, stride: int = 1, pad: int = 0, groups: int = 1) -> Array:
    """2-D convolution, NHWC and HWIO, in float64."""
    x = np.pad(x.astype(np.float64), ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    kh, kw, ci, co = w.shape
    n, h, wd, _ = x.shape
    oh, ow = (h - kh) // stride + 1, (wd - kw) // stride + 1
    out = np.zeros((n, oh, ow, co))
    for g in range(groups):
        xs, ws = x[..., g * ci : (g + 1) * ci], w[..., g * (co // groups) : (g + 1) * (co // groups)]
        for i in range(kh):
            for j in range(kw):
                patch = xs[:, i : i + stride * oh : stride, j : j + stride * ow : stride]
                out[..., g * (co // groups) : (g + 1) * (co // groups)] += patch @ ws[i, j].astype(np.float64)
    return np.asarray(out, F32)


def conv_text(
    x: Sequence[int | str], w: Sequence[int], y: Sequence[int | str], *, stride: int = 1, pad: int = 0, groups: int = 1
) -> str:
    """A function that convolves."""
    x_, w_, y_ = ("x".join(map(str, s)) + "xf32" for s in (x, w, y))
    return f"""
func.func @main(%x: tensor<{x_}>, %w: tensor<{w_}>) -> tensor<{y_}> {{
  %0 = stablehlo.convolution(%x, %w) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f],
    window = {{stride = [{stride}, {stride}], pad = [[{pad}, {pad}], [{pad}, {pad}]]}}
    {{batch_group_count = 1 : i64, feature_group_count = {groups} : i64}}
    : (tensor<{x_}>, tensor<{w_}>) -> tensor<{y_}>
  return %0 : tensor<{y_}>
}}"""


SOFTMAX = """
func.func @main(%x: tensor<7x33xf32>) -> tensor<7x33xf32> {
  %low = stablehlo.constant dense<0xFF800000> : tensor<f32>
  %zero = stablehlo.constant dense<0.0> : tensor<f32>
  %m = stablehlo.reduce(%x init: %low) applies stablehlo.maximum across dimensions = [1]
    : (tensor<7x33xf32>, tensor<f32>) -> tensor<7xf32>
  %mb = stablehlo.broadcast_in_dim %m, dims = [0] : (tensor<7xf32>) -> tensor<7x33xf32>
  %d = stablehlo.subtract %x, %mb : tensor<7x33xf32>
  %e = stablehlo.exponential %d : tensor<7x33xf32>
  %s = stablehlo.reduce(%e init: %zero) applies stablehlo.add across dimensions = [1]
    : (tensor<7x33xf32>, tensor<f32>) -> tensor<7xf32>
  %sb = stablehlo.broadcast_in_dim %s, dims = [0] : (tensor<7xf32>) -> tensor<7x33xf32>
  %r = stablehlo.divide %e, %sb : tensor<7x33xf32>
  return %r : tensor<7x33xf32>
}"""

MLP_W1, MLP_B1, MLP_W2 = rand(20, 16), rand(16), rand(16, 10)


def _dense(array: Array) -> str:
    return f"dense<{array.tolist()}> : tensor<{'x'.join(map(str, array.shape))}xf32>"


def mlp_text(batch: str) -> str:
    """Two layers with constant weights; `batch` is a number or ``?``."""
    x, h, y = (f"tensor<{batch}x{n}xf32>" for n in (20, 16, 10))
    if batch == "?":
        dims = """
  %n = stablehlo.get_dimension_size %x, dim = 0 : (tensor<?x20xf32>) -> tensor<i32>
  %n1 = stablehlo.reshape %n : (tensor<i32>) -> tensor<1xi32>
  %c16 = stablehlo.constant dense<16> : tensor<1xi32>
  %shape = stablehlo.concatenate %n1, %c16, dim = 0 : (tensor<1xi32>, tensor<1xi32>) -> tensor<2xi32>"""
        broadcast = (
            f"stablehlo.dynamic_broadcast_in_dim %b1, %shape, dims = [1] : (tensor<16xf32>, tensor<2xi32>) -> {h}"
        )
        zeros = f"stablehlo.dynamic_broadcast_in_dim %zero, %shape, dims = [] : (tensor<f32>, tensor<2xi32>) -> {h}"
    else:
        dims = ""
        broadcast = f"stablehlo.broadcast_in_dim %b1, dims = [1] : (tensor<16xf32>) -> {h}"
        zeros = f"stablehlo.broadcast_in_dim %zero, dims = [] : (tensor<f32>) -> {h}"
    return f"""
func.func @main(%x: {x}) -> {y} {{
  %w1 = stablehlo.constant {_dense(MLP_W1)}
  %b1 = stablehlo.constant {_dense(MLP_B1)}
  %w2 = stablehlo.constant {_dense(MLP_W2)}
  %zero = stablehlo.constant dense<0.0> : tensor<f32>{dims}
  %0 = stablehlo.dot_general %x, %w1, contracting_dims = [1] x [0] : ({x}, tensor<20x16xf32>) -> {h}
  %1 = {broadcast}
  %2 = stablehlo.add %0, %1 : {h}
  %3 = {zeros}
  %4 = stablehlo.maximum %2, %3 : {h}
  %5 = stablehlo.dot_general %4, %w2, contracting_dims = [1] x [0] : ({h}, tensor<16x10xf32>) -> {y}
  return %5 : {y}
}}"""


def mlp(x: Array) -> Array:
    """What `mlp_text` computes."""
    return np.asarray(np.maximum(x.astype(np.float64) @ MLP_W1 + MLP_B1, 0) @ MLP_W2, F32)


COUNTER = """
ml_program.global private mutable @counter(dense<0.0> : tensor<4xf32>) : tensor<4xf32>
func.func @main(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = ml_program.global_load @counter : tensor<4xf32>
  %1 = stablehlo.add %0, %x : tensor<4xf32>
  ml_program.global_store @counter = %1 : tensor<4xf32>
  return %0, %1 : tensor<4xf32>, tensor<4xf32>
}"""

WHILE = """
func.func @main(%x: tensor<4xf32>, %n: tensor<i32>) -> (tensor<4xf32>, tensor<i32>) {
  %zero = stablehlo.constant dense<0> : tensor<i32>
  %one = stablehlo.constant dense<1> : tensor<i32>
  %half = stablehlo.constant dense<0.5> : tensor<4xf32>
  %r:2 = stablehlo.while(%v = %x, %i = %zero) : tensor<4xf32>, tensor<i32>
  cond {
    %c = stablehlo.compare LT, %i, %n : (tensor<i32>, tensor<i32>) -> tensor<i1>
    stablehlo.return %c : tensor<i1>
  } do {
    %w = stablehlo.multiply %v, %half : tensor<4xf32>
    %u = stablehlo.add %w, %x : tensor<4xf32>
    %j = stablehlo.add %i, %one : tensor<i32>
    stablehlo.return %u, %j : tensor<4xf32>, tensor<i32>
  }
  return %r#0, %r#1 : tensor<4xf32>, tensor<i32>
}"""


def while_loop(x: Array, n: Array) -> tuple[Array, Array]:
    """What `WHILE` computes."""
    v = x
    for _ in range(int(n)):
        v = v * F32(0.5) + x
    return v, np.maximum(n, 0)


WHILE_DATA = """
func.func @main(%x: tensor<f32>) -> (tensor<f32>, tensor<i32>) {
  %zero = stablehlo.constant dense<0> : tensor<i32>
  %one = stablehlo.constant dense<1> : tensor<i32>
  %limit = stablehlo.constant dense<100.0> : tensor<f32>
  %two = stablehlo.constant dense<2.0> : tensor<f32>
  %r:2 = stablehlo.while(%v = %x, %i = %zero) : tensor<f32>, tensor<i32>
  cond {
    %c = stablehlo.compare LT, %v, %limit : (tensor<f32>, tensor<f32>) -> tensor<i1>
    stablehlo.return %c : tensor<i1>
  } do {
    %w = stablehlo.multiply %v, %two : tensor<f32>
    %j = stablehlo.add %i, %one : tensor<i32>
    stablehlo.return %w, %j : tensor<f32>, tensor<i32>
  }
  return %r#0, %r#1 : tensor<f32>, tensor<i32>
}"""


def while_data(x: Array) -> tuple[Array, Array]:
    """What `WHILE_DATA` computes."""
    v, i = F32(x), 0
    while v < 100:
        v, i = F32(v * 2), i + 1
    return np.asarray(v), np.asarray(i, np.int32)


IF = """
func.func @main(%p: tensor<i1>, %x: tensor<3x5xf32>) -> tensor<3x5xf32> {
  %r = "stablehlo.if"(%p) ({
    %0 = stablehlo.add %x, %x : tensor<3x5xf32>
    stablehlo.return %0 : tensor<3x5xf32>
  }, {
    %0 = stablehlo.negate %x : tensor<3x5xf32>
    stablehlo.return %0 : tensor<3x5xf32>
  }) : (tensor<i1>) -> tensor<3x5xf32>
  return %r : tensor<3x5xf32>
}"""

IF_STORE = """
ml_program.global private mutable @state(dense<1.0> : tensor<2xf32>) : tensor<2xf32>
func.func @main(%p: tensor<i1>, %x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = ml_program.global_load @state : tensor<2xf32>
  %r = "stablehlo.if"(%p) ({
    %1 = stablehlo.add %0, %x : tensor<2xf32>
    stablehlo.return %1 : tensor<2xf32>
  }, {
    stablehlo.return %0 : tensor<2xf32>
  }) : (tensor<i1>) -> tensor<2xf32>
  ml_program.global_store @state = %r : tensor<2xf32>
  return %r : tensor<2xf32>
}"""

TRANSPOSE = """
func.func @main(%x: tensor<5x7x3xf32>) -> (tensor<3x5x7xf32>, tensor<7x15xf32>) {
  %0 = stablehlo.transpose %x, dims = [2, 0, 1] : (tensor<5x7x3xf32>) -> tensor<3x5x7xf32>
  %1 = stablehlo.transpose %x, dims = [1, 0, 2] : (tensor<5x7x3xf32>) -> tensor<7x5x3xf32>
  %2 = stablehlo.reshape %1 : (tensor<7x5x3xf32>) -> tensor<7x15xf32>
  return %0, %2 : tensor<3x5x7xf32>, tensor<7x15xf32>
}"""

CALLS = """
func.func private @twice(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = stablehlo.add %x, %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = func.call @twice(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %1 = func.call @twice(%0) : (tensor<4xf32>) -> tensor<4xf32>
  return %1 : tensor<4xf32>
}"""

PASS_THROUGH = """
func.func @main(%x: tensor<4xf32>, %y: tensor<2xi32>) -> (tensor<2xi32>, tensor<4xf32>, tensor<4xf32>) {
  return %y, %x, %x : tensor<2xi32>, tensor<4xf32>, tensor<4xf32>
}"""

CONSTANT = """
func.func @main() -> (tensor<3xi32>, tensor<2x2xf32>) {
  %0 = stablehlo.constant dense<[1, -2, 3]> : tensor<3xi32>
  %1 = stablehlo.constant dense<1.5> : tensor<2x2xf32>
  return %0, %1 : tensor<3xi32>, tensor<2x2xf32>
}"""

DYNAMIC_ADD = """
func.func @main(%a: tensor<?x?xf32>, %b: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %0 = stablehlo.add %a, %b : tensor<?x?xf32>
  %1 = stablehlo.tanh %0 : tensor<?x?xf32>
  return %1 : tensor<?x?xf32>
}"""

OPEN_PRODUCT = """
func.func @main(%x: tensor<?x6x32xf32>, %w: tensor<32x32xf32>) -> tensor<?x6x32xf32> {
  %0 = stablehlo.dot_general %x, %w, contracting_dims = [2] x [1]
    : (tensor<?x6x32xf32>, tensor<32x32xf32>) -> tensor<?x6x32xf32>
  %1 = stablehlo.tanh %0 : tensor<?x6x32xf32>
  return %1 : tensor<?x6x32xf32>
}"""

TYPES = {"f32": np.float32, "f64": np.float64, "i32": np.int32, "i64": np.int64, "i8": np.int8, "i16": np.int16}


def _positive(*shape: int) -> Array:
    return np.abs(rand(*shape)) + F32(0.1)


X43 = rand(4, 3)
CASES: list[Case] = [
    *(
        Case(f"add-{t}", binary("add", f"tensor<3x5x{t}>"), [[rand(3, 5, dtype=d), rand(3, 5, dtype=d)]],
             lambda a, b: [a + b])
        for t, d in TYPES.items()
    ),
    Case("add-odd-size", binary("add", "tensor<1027xf32>"), [[rand(1027), rand(1027)]], lambda a, b: [a + b]),
    Case("add-empty", binary("add", "tensor<0x5xf32>"), [[rand(0, 5), rand(0, 5)]], lambda a, b: [a + b]),
    Case("add-scalar", binary("add", "tensor<f32>"), [[rand(), rand()]], lambda a, b: [a + b]),
    Case("maximum-nan", binary("maximum", "tensor<4xf32>"), [[F32([1, np.nan, -np.inf, 0]), F32([np.nan, 2, 1, 3])]],
         lambda a, b: [np.maximum(a, b)]),
    Case("exp", unary("exponential", "tensor<33xf32>"), [[rand(33)]], lambda x: [np.exp(x)]),
    Case("tanh", unary("tanh", "tensor<33xf32>"), [[rand(33)]], lambda x: [np.tanh(x)]),
    Case("sqrt", unary("sqrt", "tensor<33xf32>"), [[_positive(33)]], lambda x: [np.sqrt(x)]),
    Case("log", unary("log", "tensor<33xf32>"), [[_positive(33)]], lambda x: [np.log(x)]),
    Case("logistic", unary("logistic", "tensor<33xf32>"), [[rand(33)]], lambda x: [1 / (1 + np.exp(-x))]),
    Case("softmax", SOFTMAX, [[rand(7, 33)], [rand(7, 33) * 50]], lambda x: [softmax(x)]),
    Case("mlp", mlp_text("5"), [[rand(5, 20)]], lambda x: [mlp(x)]),
    Case("mlp-dynamic-batch", mlp_text("?"), [[rand(n, 20)] for n in (1, 7, 64, 0, 7)], lambda x: [mlp(x)]),
    Case("conv-3x3", conv_text((1, 9, 9, 5), (3, 3, 5, 7), (1, 9, 9, 7), pad=1),
         [[rand(1, 9, 9, 5), rand(3, 3, 5, 7)]],
         lambda x, w: [conv(x, w, 1, 1)]),
    Case("conv-stride-2", conv_text((2, 11, 11, 4), (3, 3, 4, 8), (2, 5, 5, 8), stride=2),
         [[rand(2, 11, 11, 4), rand(3, 3, 4, 8)]],
         lambda x, w: [conv(x, w, 2, 0)]),
    Case("conv-1x1", conv_text((1, 6, 6, 16), (1, 1, 16, 24), (1, 6, 6, 24)),
         [[rand(1, 6, 6, 16), rand(1, 1, 16, 24)]],
         lambda x, w: [conv(x, w)]),
    Case("conv-depthwise", conv_text((1, 8, 8, 6), (3, 3, 1, 6), (1, 8, 8, 6), pad=1, groups=6),
         [[rand(1, 8, 8, 6), rand(3, 3, 1, 6)]],
         lambda x, w: [conv(x, w, 1, 1, 6)]),
    Case("conv-grouped", conv_text((1, 8, 8, 6), (3, 3, 3, 8), (1, 6, 6, 8), groups=2),
         [[rand(1, 8, 8, 6), rand(3, 3, 3, 8)]],
         lambda x, w: [conv(x, w, 1, 0, 2)]),
    Case("transpose-reshape", TRANSPOSE, [[rand(5, 7, 3)]],
         lambda x: [x.transpose(2, 0, 1), x.transpose(1, 0, 2).reshape(7, 15)]),
    Case("calls", CALLS, [[rand(4)]], lambda x: [4 * x]),
    Case("pass-through", PASS_THROUGH, [[rand(4), rand(2, dtype=np.int32)]], lambda x, y: [y, x, x]),
    Case("constant", CONSTANT, [[], []], lambda: [np.int32([1, -2, 3]), np.full((2, 2), 1.5, F32)]),
    Case("if", IF, [[np.bool_(p), rand(3, 5)] for p in (True, False)], lambda p, x: [x + x if p else -x]),
    Case("while-counted", WHILE, [[rand(4), np.int32(n)] for n in (0, 1, 5, -3)], while_loop),
    Case("while-data-dependent", WHILE_DATA, [[F32(v)] for v in (1.5, 100, 0.001)], while_data),
    Case("conv-open-batch", conv_text(("?", 9, 7, 16), (3, 3, 16, 32), ("?", 9, 7, 32), pad=1),
         [[rand(n, 9, 7, 16), rand(3, 3, 16, 32)] for n in (1, 3, 0)], lambda x, w: [conv(x, w, pad=1)]),
    Case("conv-1x1-open-batch", conv_text(("?", 7, 7, 64), (1, 1, 64, 64), ("?", 7, 7, 64)),
         [[rand(n, 7, 7, 64), rand(1, 1, 64, 64)] for n in (1, 3, 0)], lambda x, w: [conv(x, w)]),
    Case("product-open-batch", OPEN_PRODUCT, [[rand(n, 6, 32), rand(32, 32)] for n in (1, 5, 0)],
         lambda x, w: [np.tanh(x @ w.T)]),
    Case("dynamic-2d", DYNAMIC_ADD, [[rand(*s), rand(*s)] for s in ((3, 5), (1, 1), (0, 4), (33, 65))],
         lambda a, b: [np.tanh(a + b)]),
]  # fmt: skip
