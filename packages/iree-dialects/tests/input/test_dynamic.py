import numpy as np
import pytest
from linalg_evaluator import Program


@pytest.mark.parametrize(("size", "to"), [(1, 4), (4, 4), (1, 1), (1, 0), (0, 0)])
def test_broadcast_expands_at_run_time_what_is_one(size: int, to: int) -> None:
    text = """func.func @main(%a: tensor<?xf32>, %s: tensor<2xi32>) -> tensor<?x?xf32> {
      %0 = stablehlo.dynamic_broadcast_in_dim %a, %s, dims = [1] : (tensor<?xf32>, tensor<2xi32>) -> tensor<?x?xf32>
      return %0 : tensor<?x?xf32> }"""
    x = np.arange(size, dtype=np.float32)
    np.testing.assert_array_equal(Program(text)(x, [3, to])[0], np.broadcast_to(x, (3, to)))


def test_sizes_that_are_provably_equal_do_not_expand() -> None:
    text = """func.func @main(%a: tensor<?x4xf32>, %b: tensor<4xf32>) -> tensor<?x4xf32> {
      %n = stablehlo.get_dimension_size %a, dim = 0 : (tensor<?x4xf32>) -> tensor<i32>
      %n1 = stablehlo.reshape %n : (tensor<i32>) -> tensor<1xi32>
      %f = stablehlo.constant dense<4> : tensor<1xi32>
      %s = stablehlo.concatenate %n1, %f, dim = 0 : (tensor<1xi32>, tensor<1xi32>) -> tensor<2xi32>
      %0 = stablehlo.dynamic_broadcast_in_dim %b, %s, dims = [1] : (tensor<4xf32>, tensor<2xi32>) -> tensor<?x4xf32>
      %1 = stablehlo.dynamic_broadcast_in_dim %a, %s, dims = [0, 1]
        : (tensor<?x4xf32>, tensor<2xi32>) -> tensor<?x4xf32>
      %2 = stablehlo.add %0, %1 : tensor<?x4xf32>
      return %2 : tensor<?x4xf32> }"""
    program = Program(text)
    assert "tensor.extract" not in program.linalg
    np.testing.assert_array_equal(program(np.ones((2, 4)), [1, 2, 3, 4])[0], [[2, 3, 4, 5]] * 2)


_SOURCE = """func.func @main(%a: tensor<?x4xf32>, %b: tensor<4x?xf32>) -> tensor<?x?xf32> {
      %zero = stablehlo.constant dense<0.0> : tensor<f32>
      %p = stablehlo.dot_general %a, %b, contracting_dims = [1] x [0]
        : (tensor<?x4xf32>, tensor<4x?xf32>) -> tensor<?x?xf32>
      %m = stablehlo.get_dimension_size %a, dim = 0 : (tensor<?x4xf32>) -> tensor<i32>
      %n = stablehlo.get_dimension_size %b, dim = 1 : (tensor<4x?xf32>) -> tensor<i32>
      %m1 = stablehlo.reshape %m : (tensor<i32>) -> tensor<1xi32>
      %n1 = stablehlo.reshape %n : (tensor<i32>) -> tensor<1xi32>
      %s = stablehlo.concatenate %m1, %n1, dim = 0 : (tensor<1xi32>, tensor<1xi32>) -> tensor<2xi32>
      %sum = stablehlo.reduce(%p init: %zero) applies stablehlo.add across dimensions = [AXIS]
        : (tensor<?x?xf32>, tensor<f32>) -> tensor<?xf32>
      %0 = stablehlo.dynamic_broadcast_in_dim %sum, %s, dims = [OTHER]
        : (tensor<?xf32>, tensor<2xi32>) -> tensor<?x?xf32>
      %1 = stablehlo.divide %p, %0 : tensor<?x?xf32>
      return %1 : tensor<?x?xf32> }"""


@pytest.mark.parametrize("axis", [0, 1])
def test_sizes_of_sums_and_products_are_those_of_their_operands(axis: int) -> None:
    program = Program(_SOURCE.replace("AXIS", str(axis)).replace("OTHER", str(1 - axis)))
    assert "tensor.extract" not in program.linalg
    assert "cf.assert" not in program.linalg
    a, b = np.arange(8, dtype=np.float32).reshape(2, 4), np.arange(1, 13, dtype=np.float32).reshape(4, 3)
    np.testing.assert_allclose(program(a, b)[0], a @ b / (a @ b).sum(axis, keepdims=True), rtol=1e-6)


@pytest.mark.parametrize(("low", "high", "interior"), [(0, 0, 0), (2, 1, 0), (-1, 0, 2), (1, -2, 1), (-2, -3, 0)])
def test_pad_by_values(low: int, high: int, interior: int) -> None:
    text = """func.func @main(%a: tensor<?xf32>, %v: tensor<f32>, %l: tensor<1xi32>, %h: tensor<1xi32>,
        %i: tensor<1xi32>) -> tensor<?xf32> {
      %0 = stablehlo.dynamic_pad %a, %v, %l, %h, %i
        : (tensor<?xf32>, tensor<f32>, tensor<1xi32>, tensor<1xi32>, tensor<1xi32>) -> tensor<?xf32>
      return %0 : tensor<?xf32> }"""
    x = np.arange(1, 6, dtype=np.float32)
    wide = np.full(5 + 4 * interior, 9, np.float32)
    wide[:: interior + 1] = x
    wide = wide[max(-low, 0) : len(wide) - max(-high, 0)]
    want = np.pad(wide, (max(low, 0), max(high, 0)), constant_values=9)
    np.testing.assert_array_equal(Program(text)(x, 9, [low], [high], [interior])[0], want)


def test_convolution_with_padding_from_values() -> None:
    text = """func.func @main(%a: tensor<?x?x2xf32>, %b: tensor<3x2x4xf32>, %p: tensor<1x2xi32>) -> tensor<?x?x4xf32> {
      %0 = "stablehlo.dynamic_conv"(%a, %b, %p) <{dimension_numbers = #stablehlo.conv<[b, 0, f]x[0, i, o]->[b, 0, f]>,
        batch_group_count = 1 : i64, feature_group_count = 1 : i64}>
        : (tensor<?x?x2xf32>, tensor<3x2x4xf32>, tensor<1x2xi32>) -> tensor<?x?x4xf32>
      return %0 : tensor<?x?x4xf32> }"""
    rng = np.random.default_rng(0)
    x, k = rng.standard_normal((2, 5, 2)).astype(np.float32), rng.standard_normal((3, 2, 4)).astype(np.float32)
    padded = np.pad(x, ((0, 0), (1, 2), (0, 0)))
    want = sum(padded[:, i : i + 6] @ k[i] for i in range(3))
    np.testing.assert_allclose(Program(text)(x, k, [[1, 2]])[0], want, atol=1e-5)
