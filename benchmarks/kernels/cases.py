"""Kernels to measure, as StableHLO programs with one function `main`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """A program, the shapes of its f32 inputs and its floating-point operations, 0 where they say little."""

    name: str
    text: str
    inputs: tuple[tuple[int, ...], ...]
    flops: float


def _type(shape: Sequence[int]) -> str:
    return f"tensor<{''.join(f'{size}x' for size in shape)}f32>"


def matmul(m: int, n: int, k: int) -> Case:
    """A matrix product."""
    a, b, c = _type((m, k)), _type((k, n)), _type((m, n))
    text = f"""func.func @main(%a: {a}, %b: {b}) -> {c} {{
  %r = stablehlo.dot_general %a, %b, contracting_dims = [1] x [0] : ({a}, {b}) -> {c}
  return %r : {c}
}}"""
    return Case(f"matmul {m}x{n}x{k}", text, ((m, k), (k, n)), 2.0 * m * n * k)


def convolution(size: int, channels: int, out: int, *, depthwise: bool = False) -> Case:
    """A 3x3 convolution of an image with a border of zeros."""
    groups = channels if depthwise else 1
    x, w = (1, size, size, channels), (3, 3, channels // groups, out)
    y = (1, size, size, out)
    text = f"""func.func @main(%x: {_type(x)}, %w: {_type(w)}) -> {_type(y)} {{
  %r = stablehlo.convolution(%x, %w) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f],
    window = {{stride = [1, 1], pad = [[1, 1], [1, 1]]}}
    {{feature_group_count = {groups} : i64, batch_group_count = 1 : i64}} : ({_type(x)}, {_type(w)}) -> {_type(y)}
  return %r : {_type(y)}
}}"""
    name = "depthwise 3x3" if depthwise else "conv 3x3"
    flops = 2.0 * 9 * size * size * out * (channels // groups)
    return Case(f"{name} {size}x{size}x{channels}", text, (x, w), flops)


def elementwise(op: str, size: int) -> Case:
    """One function over a vector."""
    t = _type((size,))
    return Case(
        f"{op} {size}",
        f"func.func @main(%a: {t}) -> {t} {{\n  %r = stablehlo.{op} %a : {t}\n  return %r : {t}\n}}",
        ((size,),),
        0,
    )


def softmax(rows: int, columns: int) -> Case:
    """Along rows."""
    t, v = _type((rows, columns)), _type((rows,))

    def reduce(name: str, source: str, init: str, op: str) -> str:
        return f"""  %{name} = stablehlo.reduce(%{source} init: %{init}) applies stablehlo.{op} across dimensions = [1]
    : ({t}, tensor<f32>) -> {v}
  %{name}_b = stablehlo.broadcast_in_dim %{name}, dims = [0] : ({v}) -> {t}
"""

    text = f"""func.func @main(%a: {t}) -> {t} {{
  %low = stablehlo.constant dense<0xFF800000> : tensor<f32>
  %zero = stablehlo.constant dense<0.0> : tensor<f32>
{reduce("max", "a", "low", "maximum")}  %d = stablehlo.subtract %a, %max_b : {t}
  %e = stablehlo.exponential %d : {t}
{reduce("sum", "e", "zero", "add")}  %r = stablehlo.divide %e, %sum_b : {t}
  return %r : {t}
}}"""
    return Case(f"softmax {rows}x{columns}", text, ((rows, columns),), 0)


CASES = (
    matmul(512, 512, 512),
    matmul(1024, 1024, 1024),
    matmul(1000, 1000, 1000),
    matmul(1023, 1021, 1019),
    matmul(128, 3072, 768),
    matmul(1, 1024, 1024),
    convolution(56, 64, 64),
    convolution(112, 96, 96, depthwise=True),
    softmax(128, 1024),
    elementwise("tanh", 1 << 20),
    elementwise("exponential", 1 << 20),
)
"""What `run.py` measures."""
