"""Kernels to measure, as StableHLO programs with one function `main`, and in the words of `jax.numpy`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

_DTYPES = {"f32": np.dtype(np.float32), "bf16": np.dtype(ml_dtypes.bfloat16), "i8": np.dtype(np.int8)}


@dataclass(frozen=True)
class Case:
    """A kernel.

    Attributes:
        inputs: Name, shape and element type of each input.
        result: Type of the result.
        body: The function's operations, of which `%r` is the result.
        expression: The same of the inputs' names with `jnp` and `jax`, empty if there is none.
        flops: Floating-point operations, 0 where they say little.
        constants: Inputs that are weights, known to the compilers.
        dense: NumPy's matrix product is the same.
    """

    name: str
    inputs: tuple[tuple[str, tuple[int, ...], str], ...]
    result: str
    body: str
    expression: str = ""
    flops: float = 0.0
    constants: frozenset[str] = frozenset()
    dense: bool = False

    def values(self) -> dict[str, NDArray[Any]]:
        """Random inputs."""
        rng = np.random.default_rng(0)
        return {
            name: rng.integers(-128, 128, shape).astype(np.int8)
            if kind == "i8"
            else rng.standard_normal(shape, np.float32).astype(_DTYPES[kind])
            for name, shape, kind in self.inputs
        }

    def text(self, values: dict[str, NDArray[Any]]) -> str:
        """The program; weights are in it."""
        types = {name: _type(shape, kind) for name, shape, kind in self.inputs}
        arguments = ", ".join(f"%{name}: {types[name]}" for name in types if name not in self.constants)
        constants = "\n".join(
            f'  %{name} = stablehlo.constant dense<"0x{values[name].tobytes().hex()}"> : {types[name]}'
            for name in types
            if name in self.constants
        )
        return f"""func.func @main({arguments}) -> {self.result} {{
{constants}
{self.body}
  return %r : {self.result}
}}"""


def _type(shape: Sequence[int], kind: str = "f32") -> str:
    return f"tensor<{''.join(f'{size}x' for size in shape)}{kind}>"


def matmul(m: int, n: int, k: int, *, kind: str = "f32", weights: bool = False) -> Case:
    """A matrix product; bytes are added up as i32, other types as f32."""
    a, b, c = _type((m, k), kind), _type((k, n), kind), _type((m, n), "i32" if kind == "i8" else "f32")
    wide = "int32" if kind == "i8" else "float32"
    return Case(
        f"matmul {m}x{n}x{k}" + (f" {kind}" if kind != "f32" else "") + (" weights" if weights else ""),
        (("a", (m, k), kind), ("b", (k, n), kind)),
        c,
        f"  %r = stablehlo.dot_general %a, %b, contracting_dims = [1] x [0] : ({a}, {b}) -> {c}",
        f"jax.lax.dot(a, b, preferred_element_type=jnp.{wide})",
        2.0 * m * n * k,
        frozenset("b" if weights else ""),
        dense=kind == "f32",
    )


def scores(batch: int, positions: int, heads: int, depth: int) -> Case:
    """Attention's scores, with heads between positions and features."""
    x, y = (batch, positions, heads, depth), _type((batch, heads, positions, positions))
    return Case(
        f"scores {batch}x{positions}x{heads}x{depth}",
        (("a", x, "f32"), ("b", x, "f32")),
        y,
        "  %r = stablehlo.dot_general %a, %b, batching_dims = [0, 2] x [0, 2], contracting_dims = [3] x [3]\n"
        f"    : ({_type(x)}, {_type(x)}) -> {y}",
        "jnp.einsum('bqhd,bkhd->bhqk', a, b)",
        2.0 * batch * heads * positions * positions * depth,
    )


def attention(queries: int, keys: int, heads: int, depth: int) -> Case:
    """Attention of a block of queries, with heads between positions and features; a mask of additions."""
    q, k = _type((1, queries, heads, depth)), _type((1, keys, heads, depth))
    s, r, m = (_type((1, heads, queries, keys)), _type((1, heads, queries)), _type((1, 1, queries, keys)))

    def reduce(name: str, source: str, init: str, op: str) -> str:
        return f"""  %{name} = stablehlo.reduce(%{source} init: %{init}) applies stablehlo.{op} across dimensions = [3]
    : ({s}, tensor<f32>) -> {r}
  %{name}_b = stablehlo.broadcast_in_dim %{name}, dims = [0, 1, 2] : ({r}) -> {s}
"""

    body = f"""  %low = stablehlo.constant dense<0xFF800000> : tensor<f32>
  %zero = stablehlo.constant dense<0.0> : tensor<f32>
  %scale = stablehlo.constant dense<{depth**-0.5}> : {s}
  %p = stablehlo.dot_general %q, %k, batching_dims = [0, 2] x [0, 2], contracting_dims = [3] x [3]
    : ({q}, {k}) -> {s}
  %scaled = stablehlo.multiply %p, %scale : {s}
  %mask = stablehlo.broadcast_in_dim %m, dims = [0, 1, 2, 3] : ({m}) -> {s}
  %s = stablehlo.add %scaled, %mask : {s}
{reduce("max", "s", "low", "maximum")}  %d = stablehlo.subtract %s, %max_b : {s}
  %e = stablehlo.exponential %d : {s}
{reduce("sum", "e", "zero", "add")}  %w = stablehlo.divide %e, %sum_b : {s}
  %o = stablehlo.dot_general %w, %v, batching_dims = [0, 1] x [0, 2], contracting_dims = [3] x [1]
    : ({s}, {k}) -> {_type((1, heads, queries, depth))}
  %r = stablehlo.transpose %o, dims = [0, 2, 1, 3] : ({_type((1, heads, queries, depth))}) -> {q}"""
    x, y = (1, queries, heads, depth), (1, keys, heads, depth)
    return Case(
        f"attention {queries}x{keys}x{heads}x{depth}",
        (("q", x, "f32"), ("k", y, "f32"), ("v", y, "f32"), ("m", (1, 1, queries, keys), "f32")),
        q,
        body,
        "jax.nn.dot_product_attention(q, k, v, bias=m)",
        4.0 * heads * queries * keys * depth,
    )


def convolution(size: int, channels: int, out: int, *, depthwise: bool = False) -> Case:
    """A 3x3 convolution of an image with a border of zeros; the filter is a weight."""
    groups = channels if depthwise else 1
    x, w = (1, size, size, channels), (3, 3, channels // groups, out)
    y = _type((1, size, size, out))
    body = f"""  %r = stablehlo.convolution(%x, %w) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f],
    window = {{stride = [1, 1], pad = [[1, 1], [1, 1]]}}
    {{feature_group_count = {groups} : i64, batch_group_count = 1 : i64}} : ({_type(x)}, {_type(w)}) -> {y}"""
    name = "depthwise 3x3" if depthwise else "conv 3x3"
    return Case(
        f"{name} {size}x{size}x{channels}",
        (("x", x, "f32"), ("w", w, "f32")),
        y,
        body,
        "jax.lax.conv_general_dilated(x, w, (1, 1), 'SAME', dimension_numbers=('NHWC', 'HWIO', 'NHWC'), "
        f"feature_group_count={groups})",
        2.0 * 9 * size * size * out * (channels // groups),
        frozenset("w"),
    )


def elementwise(op: str, size: int, expression: str) -> Case:
    """One function over a vector."""
    t = _type((size,))
    return Case(f"{op} {size}", (("a", (size,), "f32"),), t, f"  %r = stablehlo.{op} %a : {t}", expression)


def softmax(rows: int, columns: int) -> Case:
    """Along rows."""
    t, v = _type((rows, columns)), _type((rows,))

    def reduce(name: str, source: str, init: str, op: str) -> str:
        return f"""  %{name} = stablehlo.reduce(%{source} init: %{init}) applies stablehlo.{op} across dimensions = [1]
    : ({t}, tensor<f32>) -> {v}
  %{name}_b = stablehlo.broadcast_in_dim %{name}, dims = [0] : ({v}) -> {t}
"""

    body = f"""  %low = stablehlo.constant dense<0xFF800000> : tensor<f32>
  %zero = stablehlo.constant dense<0.0> : tensor<f32>
{reduce("max", "a", "low", "maximum")}  %d = stablehlo.subtract %a, %max_b : {t}
  %e = stablehlo.exponential %d : {t}
{reduce("sum", "e", "zero", "add")}  %r = stablehlo.divide %e, %sum_b : {t}"""
    return Case(f"softmax {rows}x{columns}", (("a", (rows, columns), "f32"),), t, body, "jax.nn.softmax(a)")


def layer_norm(rows: int, columns: int) -> Case:
    """Along rows, with scale and offset."""
    t, v, w = _type((rows, columns)), _type((rows,)), _type((columns,))

    def mean(name: str, source: str) -> str:
        return f"""  %{name}_s = stablehlo.reduce(%{source} init: %zero) applies stablehlo.add across dimensions = [1]
    : ({t}, tensor<f32>) -> {v}
  %{name} = stablehlo.divide %{name}_s, %count : {v}
"""

    body = f"""  %zero = stablehlo.constant dense<0.0> : tensor<f32>
  %count = stablehlo.constant dense<{columns}.0> : {v}
  %small = stablehlo.constant dense<1.0e-6> : {v}
{mean("m", "a")}  %m_b = stablehlo.broadcast_in_dim %m, dims = [0] : ({v}) -> {t}
  %d = stablehlo.subtract %a, %m_b : {t}
  %q = stablehlo.multiply %d, %d : {t}
{mean("q_m", "q")}  %shifted = stablehlo.add %q_m, %small : {v}
  %root = stablehlo.rsqrt %shifted : {v}
  %root_b = stablehlo.broadcast_in_dim %root, dims = [0] : ({v}) -> {t}
  %n = stablehlo.multiply %d, %root_b : {t}
  %scale = stablehlo.broadcast_in_dim %s, dims = [1] : ({w}) -> {t}
  %offset = stablehlo.broadcast_in_dim %o, dims = [1] : ({w}) -> {t}
  %scaled = stablehlo.multiply %n, %scale : {t}
  %r = stablehlo.add %scaled, %offset : {t}"""
    inputs = (("a", (rows, columns), "f32"), ("s", (columns,), "f32"), ("o", (columns,), "f32"))
    expression = "(a - a.mean(1, keepdims=True)) * jax.lax.rsqrt(a.var(1, keepdims=True) + 1e-6) * s + o"
    return Case(f"layer norm {rows}x{columns}", inputs, t, body, expression)


def gelu(size: int) -> Case:
    """By the error function."""
    t = _type((size,))
    body = f"""  %half = stablehlo.constant dense<0.5> : {t}
  %root = stablehlo.constant dense<0.707106769> : {t}
  %one = stablehlo.constant dense<1.0> : {t}
  %x = stablehlo.multiply %a, %root : {t}
  %e = chlo.erf %x : {t} -> {t}
  %p = stablehlo.add %e, %one : {t}
  %h = stablehlo.multiply %a, %half : {t}
  %r = stablehlo.multiply %h, %p : {t}"""
    return Case(f"gelu {size}", (("a", (size,), "f32"),), t, body, "jax.nn.gelu(a, approximate=False)")


CASES = (
    matmul(512, 512, 512),
    matmul(1024, 1024, 1024),
    matmul(1000, 1000, 1000),
    matmul(1023, 1021, 1019),
    matmul(128, 3072, 768),
    matmul(128, 3072, 768, weights=True),
    matmul(1, 1024, 1024),
    matmul(1, 1024, 1024, weights=True),
    matmul(512, 512, 512, kind="i8"),
    matmul(512, 512, 512, kind="bf16"),
    scores(1, 128, 12, 64),
    attention(128, 128, 12, 64),
    attention(512, 512, 12, 64),
    attention(1, 256, 12, 64),
    convolution(56, 64, 64),
    convolution(112, 96, 96, depthwise=True),
    softmax(128, 1024),
    layer_norm(128, 768),
    gelu(1 << 20),
    elementwise("tanh", 1 << 20, "jnp.tanh(a)"),
    elementwise("exponential", 1 << 20, "jnp.exp(a)"),
)
"""What `run.py` measures."""
