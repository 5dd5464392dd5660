# ruff: noqa: E501  (MLIR text)
from __future__ import annotations

import programs
from iree.dialects.transforms.structure import body

KEEPDIMS_SOFTMAX = """
func.func @main(%x: tensor<1x4x64x64xf32>) -> tensor<1x4x64x64xf32> {
  %low = stablehlo.constant dense<0xFF800000> : tensor<f32>
  %zero = stablehlo.constant dense<0.0> : tensor<f32>
  %m = stablehlo.reduce(%x init: %low) applies stablehlo.maximum across dimensions = [3] : (tensor<1x4x64x64xf32>, tensor<f32>) -> tensor<1x4x64xf32>
  %mk = stablehlo.reshape %m : (tensor<1x4x64xf32>) -> tensor<1x4x64x1xf32>
  %mb = stablehlo.broadcast_in_dim %mk, dims = [0, 1, 2, 3] : (tensor<1x4x64x1xf32>) -> tensor<1x4x64x64xf32>
  %d = stablehlo.subtract %x, %mb : tensor<1x4x64x64xf32>
  %e = stablehlo.exponential %d : tensor<1x4x64x64xf32>
  %s = stablehlo.reduce(%e init: %zero) applies stablehlo.add across dimensions = [3] : (tensor<1x4x64x64xf32>, tensor<f32>) -> tensor<1x4x64xf32>
  %sk = stablehlo.reshape %s : (tensor<1x4x64xf32>) -> tensor<1x4x64x1xf32>
  %sb = stablehlo.broadcast_in_dim %sk, dims = [0, 1, 2, 3] : (tensor<1x4x64x1xf32>) -> tensor<1x4x64x64xf32>
  %r = stablehlo.divide %e, %sb : tensor<1x4x64x64xf32>
  return %r : tensor<1x4x64x64xf32>
}"""


def test_a_softmax_that_keeps_its_dimensions_is_one_dispatch() -> None:
    module = programs.flow_module(KEEPDIMS_SOFTMAX)
    assert [op.name for op in body(module.body)].count("flow.executable") == 1
    assert "flow.reshape" not in str(module)
