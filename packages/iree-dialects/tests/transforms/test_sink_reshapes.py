# ruff: noqa: E501  (MLIR text)
from __future__ import annotations

import programs
import pytest
from iree.dialects.transforms.structure import body

SHAPES = [("16x32", "1x16x32"), ("1x32", "1x1x32"), ("16x32", "16x1x32"), ("16x32", "1x16x1x32x1")]


@pytest.mark.parametrize(("before", "after"), SHAPES)
def test_what_follows_a_reshape_joins_the_contraction(before: str, after: str) -> None:
    rows = before.partition("x")[0]
    last = after.split("x").index("32")
    text = f"""
func.func @main(%x: tensor<{before}xf32>, %w: tensor<32x32xf32>, %b: tensor<32xf32>, %r: tensor<{after}xf32>) -> tensor<{after}xf32> {{
  %0 = stablehlo.dot_general %x, %w, contracting_dims = [1] x [0] : (tensor<{rows}x32xf32>, tensor<32x32xf32>) -> tensor<{before}xf32>
  %1 = stablehlo.reshape %0 : (tensor<{before}xf32>) -> tensor<{after}xf32>
  %c = stablehlo.broadcast_in_dim %b, dims = [{last}] : (tensor<32xf32>) -> tensor<{after}xf32>
  %2 = stablehlo.add %1, %c : tensor<{after}xf32>
  %3 = stablehlo.tanh %2 : tensor<{after}xf32>
  %4 = stablehlo.add %3, %r : tensor<{after}xf32>
  return %4 : tensor<{after}xf32>
}}"""
    module = programs.flow_module(text)
    assert [op.name for op in body(module.body)].count("flow.executable") == 1


@pytest.mark.parametrize(
    ("bias", "dims", "kernels"), [("4x8", "2, 3", 1), ("32", "1", 1), ("8", "3", 2), ("4", "2", 2)]
)
def test_a_bias_of_heads_joins_the_contraction(bias: str, dims: str, kernels: int) -> None:
    text = f"""
func.func @main(%x: tensor<32x16xf32>, %w: tensor<16x32xf32>, %b: tensor<{bias}xf32>) -> tensor<1x32x4x8xf32> {{
  %0 = stablehlo.dot_general %x, %w, contracting_dims = [1] x [0] : (tensor<32x16xf32>, tensor<16x32xf32>) -> tensor<32x32xf32>
  %1 = stablehlo.reshape %0 : (tensor<32x32xf32>) -> tensor<1x32x4x8xf32>
  %c = stablehlo.broadcast_in_dim %b, dims = [{dims}] : (tensor<{bias}xf32>) -> tensor<1x32x4x8xf32>
  %2 = stablehlo.add %1, %c : tensor<1x32x4x8xf32>
  return %2 : tensor<1x32x4x8xf32>
}}"""
    module = programs.flow_module(text)
    assert [op.name for op in body(module.body)].count("flow.executable") == kernels
