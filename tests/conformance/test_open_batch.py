"""Programs of which the batch alone is open: the sizes that are known make other paths than in the tables."""

from __future__ import annotations

import numpy as np
from iree import codegen, vm

RNG = np.random.default_rng(8)
# One window alone, and more of the operand than it reads.
_TEXT = """
func.func @pool(%a: tensor<?x4x4x8xf32>) -> tensor<?x1x1x8xf32> {
  %z = stablehlo.constant dense<0xFF800000> : tensor<f32>
  %r = "stablehlo.reduce_window"(%a, %z) ({ ^bb0(%x: tensor<f32>, %y: tensor<f32>):
    %m = stablehlo.maximum %x, %y : tensor<f32>
    stablehlo.return %m : tensor<f32>
  }) {window_dimensions = array<i64: 1, 3, 3, 1>, window_strides = array<i64: 1, 2, 2, 1>} : (tensor<?x4x4x8xf32>, tensor<f32>) -> tensor<?x1x1x8xf32>
  return %r : tensor<?x1x1x8xf32>
}
func.func @conv(%a: tensor<?x4x4x8xf32>, %k: tensor<3x3x8x16xf32>) -> tensor<?x1x1x16xf32> {
  %r = stablehlo.convolution(%a, %k) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {stride = [2, 2]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<?x4x4x8xf32>, tensor<3x3x8x16xf32>) -> tensor<?x1x1x16xf32>
  return %r : tensor<?x1x1x16xf32>
}
func.func @pad(%a: tensor<?x1x1x24xf32>) -> tensor<?x1x3x24xf32> {
  %z = stablehlo.constant dense<0.5> : tensor<f32>
  %r = stablehlo.pad %a, %z, low = [0, 0, 1, 0], high = [0, 0, 1, 0], interior = [0, 0, 0, 0] : (tensor<?x1x1x24xf32>, tensor<f32>) -> tensor<?x1x3x24xf32>
  return %r : tensor<?x1x3x24xf32>
}
func.func @pad_of_ones(%a: tensor<?x2xf32>) -> tensor<?x3x3x128xf32> {
  %0 = stablehlo.constant dense<0.0> : tensor<f32>
  %1 = stablehlo.constant dense<1.0> : tensor<f32>
  %n = stablehlo.get_dimension_size %a, dim = 0 : (tensor<?x2xf32>) -> tensor<i32>
  %v = stablehlo.reshape %n : (tensor<i32>) -> tensor<1xi32>
  %c = stablehlo.constant dense<[1, 1, 128]> : tensor<3xi32>
  %s = stablehlo.concatenate %v, %c, dim = 0 : (tensor<1xi32>, tensor<3xi32>) -> tensor<4xi32>
  %o = stablehlo.dynamic_broadcast_in_dim %1, %s, dims = [] : (tensor<f32>, tensor<4xi32>) -> tensor<?x1x1x128xf32>
  %r = stablehlo.pad %o, %0, low = [0, 1, 1, 0], high = [0, 1, 1, 0], interior = [0, 0, 0, 0] : (tensor<?x1x1x128xf32>, tensor<f32>) -> tensor<?x3x3x128xf32>
  return %r : tensor<?x3x3x128xf32>
}
func.func @spread(%a: tensor<?x8xf32>, %x: tensor<?x5x8xf32>) -> tensor<?x5x8xf32> {
  %c1 = stablehlo.constant dense<1> : tensor<1xi32>
  %c8 = stablehlo.constant dense<8> : tensor<1xi32>
  %c5 = stablehlo.constant dense<5> : tensor<1xi32>
  %n = stablehlo.get_dimension_size %x, dim = 0 : (tensor<?x5x8xf32>) -> tensor<i32>
  %v = stablehlo.reshape %n : (tensor<i32>) -> tensor<1xi32>
  %s = stablehlo.concatenate %v, %c1, %c8, dim = 0 : (tensor<1xi32>, tensor<1xi32>, tensor<1xi32>) -> tensor<3xi32>
  %t = stablehlo.concatenate %v, %c5, %c8, dim = 0 : (tensor<1xi32>, tensor<1xi32>, tensor<1xi32>) -> tensor<3xi32>
  %b = stablehlo.dynamic_reshape %a, %s : (tensor<?x8xf32>, tensor<3xi32>) -> tensor<?x?x?xf32>
  %w = stablehlo.dynamic_broadcast_in_dim %b, %t, dims = [0, 1, 2] : (tensor<?x?x?xf32>, tensor<3xi32>) -> tensor<?x5x8xf32>
  %r = stablehlo.divide %w, %x : tensor<?x5x8xf32>
  return %r : tensor<?x5x8xf32>
}
"""  # noqa: E501


def test_sizes_of_one() -> None:
    module = vm.load(codegen.compile_str(_TEXT))
    kernel = RNG.uniform(-1, 1, (3, 3, 8, 16)).astype(np.float32)
    for batch in (1, 3, 0):
        image = RNG.uniform(-1, 1, (batch, 4, 4, 8)).astype(np.float32)
        pixel = RNG.uniform(-1, 1, (batch, 1, 1, 24)).astype(np.float32)
        np.testing.assert_array_equal(module.pool(image), image[:, :3, :3].max((1, 2), keepdims=True))
        product = np.einsum("bhwc,hwco->bo", image[:, :3, :3].astype(np.float64), kernel)
        np.testing.assert_allclose(np.asarray(module.conv(image, kernel))[:, 0, 0], product, rtol=0, atol=1e-5)
        np.testing.assert_array_equal(
            module.pad(pixel), np.pad(pixel, [(0, 0)] * 2 + [(1, 1), (0, 0)], constant_values=0.5)
        )
        ones = np.zeros((batch, 3, 3, 128), np.float32)
        ones[:, 1, 1] = 1
        np.testing.assert_array_equal(module.pad_of_ones(np.zeros((batch, 2), np.float32)), ones)
        rows, divisor = (RNG.uniform(1, 2, size).astype(np.float32) for size in ((batch, 8), (batch, 5, 8)))
        np.testing.assert_array_equal(module.spread(rows, divisor), rows[:, None] / divisor)
