"""Programs of which some sizes are open: those that are known make other paths than in the tables."""

from __future__ import annotations

from typing import Any

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
func.func @depthwise(%a: tensor<?x5x4x8xf32>, %k: tensor<3x3x1x8xf32>, %b: tensor<?x5x4x8xf32>) -> tensor<?x5x4x8xf32> {
  %p = stablehlo.convolution(%a, %k) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {pad = [[1, 1], [1, 1]]} {batch_group_count = 1 : i64, feature_group_count = 8 : i64} : (tensor<?x5x4x8xf32>, tensor<3x3x1x8xf32>) -> tensor<?x5x4x8xf32>
  %r = stablehlo.add %p, %b : tensor<?x5x4x8xf32>
  return %r : tensor<?x5x4x8xf32>
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
        rows, added = (RNG.uniform(-1, 1, (batch, 5, 4, 8)).astype(np.float32) for _ in range(2))
        rows[:, 2, 3, 0], rows[:, 0, 0, 1] = np.nan, np.inf
        padded = np.pad(rows, [(0, 0), (1, 1), (1, 1), (0, 0)]).astype(np.float64)
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), (1, 2))
        each = np.einsum("bhwcij,ijc->bhwc", windows, kernel[..., 0]) + added
        found = module.depthwise(rows, np.ascontiguousarray(kernel[:, :, None, :, 0]), added)
        np.testing.assert_allclose(np.asarray(found), each, rtol=0, atol=1e-5)
        np.testing.assert_array_equal(
            module.pad(pixel), np.pad(pixel, [(0, 0)] * 2 + [(1, 1), (0, 0)], constant_values=0.5)
        )
        ones = np.zeros((batch, 3, 3, 128), np.float32)
        ones[:, 1, 1] = 1
        np.testing.assert_array_equal(module.pad_of_ones(np.zeros((batch, 2), np.float32)), ones)
        rows, divisor = (RNG.uniform(1, 2, size).astype(np.float32) for size in ((batch, 8), (batch, 5, 8)))
        np.testing.assert_array_equal(module.spread(rows, divisor), rows[:, None] / divisor)


_OPEN = """
func.func @depth(%a: tensor<9x?xf32>, %b: tensor<?x40xf32>) -> tensor<9x40xf32> {
  %r = stablehlo.dot_general %a, %b, contracting_dims = [1] x [0] : (tensor<9x?xf32>, tensor<?x40xf32>) -> tensor<9x40xf32>
  return %r : tensor<9x40xf32>
}
func.func @all(%a: tensor<?x?xf32>, %b: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %r = stablehlo.dot_general %a, %b, contracting_dims = [1] x [0] : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
  %t = stablehlo.abs %r : tensor<?x?xf32>
  return %t : tensor<?x?xf32>
}
func.func @turned(%a: tensor<?x?xf32>, %b: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %r = stablehlo.dot_general %a, %b, contracting_dims = [1] x [1] : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}
func.func @rows(%a: tensor<?x48xf32>, %b: tensor<48x72xf32>, %c: tensor<?x72xf32>) -> tensor<?x72xf32> {
  %r = stablehlo.dot_general %a, %b, contracting_dims = [1] x [0] : (tensor<?x48xf32>, tensor<48x72xf32>) -> tensor<?x72xf32>
  %s = stablehlo.add %r, %c : tensor<?x72xf32>
  return %s : tensor<?x72xf32>
}
func.func @turned_rows(%a: tensor<?x48xf32>, %b: tensor<96x48xf32>) -> tensor<?x96xf32> {
  %r = stablehlo.dot_general %a, %b, contracting_dims = [1] x [1] : (tensor<?x48xf32>, tensor<96x48xf32>) -> tensor<?x96xf32>
  return %r : tensor<?x96xf32>
}
func.func @batch(%a: tensor<?x16x24xf32>, %b: tensor<?x32x24xf32>) -> tensor<?x16x32xf32> {
  %r = stablehlo.dot_general %a, %b, batching_dims = [0] x [0], contracting_dims = [2] x [2] : (tensor<?x16x24xf32>, tensor<?x32x24xf32>) -> tensor<?x16x32xf32>
  return %r : tensor<?x16x32xf32>
}
func.func @image(%a: tensor<?x?x?x8xf32>, %k: tensor<3x3x8x16xf32>) -> tensor<?x?x?x16xf32> {
  %r = stablehlo.convolution(%a, %k) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {pad = [[1, 1], [1, 1]]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<?x?x?x8xf32>, tensor<3x3x8x16xf32>) -> tensor<?x?x?x16xf32>
  return %r : tensor<?x?x?x16xf32>
}
"""  # noqa: E501


def test_open_products() -> None:
    module = vm.load(codegen.compile_str(_OPEN))

    def near(found: Any, expected: Any) -> None:
        np.testing.assert_allclose(np.asarray(found), expected, rtol=0, atol=2e-5)

    def some(*shape: int) -> Any:
        return RNG.uniform(-1, 1, shape).astype(np.float32)

    for k in (0, 1, 3, 4, 7, 30):
        a, b = some(9, k), some(k, 40)
        near(module.depth(a, b), a.astype(np.float64) @ b)
    for m, n, k in ((1, 1, 1), (1, 40, 9), (7, 33, 6), (8, 64, 4), (13, 7, 5), (17, 100, 31), (0, 3, 4), (3, 0, 4)):
        a, b = some(m, k), some(k, n)
        product = a.astype(np.float64) @ b
        near(module.all(a, b), np.abs(product))
        near(module.turned(a, np.ascontiguousarray(b.T)), product)
    for m in (0, 1, 2, 5, 7, 8, 9, 19):
        a, b, c, d = some(m, 48), some(48, 72), some(m, 72), some(96, 48)
        near(module.rows(a, b, c), a.astype(np.float64) @ b + c)
        near(module.turned_rows(a, d), a.astype(np.float64) @ d.T)
        x, y = some(m, 16, 24), some(m, 32, 24)
        near(module.batch(x, y), np.einsum("bik,bjk->bij", x.astype(np.float64), y))
    kernel = some(3, 3, 8, 16)
    for batch, height, width in ((1, 1, 1), (2, 5, 9), (1, 3, 17), (3, 4, 8), (0, 2, 2)):
        x = some(batch, height, width, 8)
        padded = np.pad(x, [(0, 0), (1, 1), (1, 1), (0, 0)]).astype(np.float64)
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), (1, 2))
        near(module.image(x, kernel), np.einsum("bhwcij,ijco->bhwo", windows, kernel))
