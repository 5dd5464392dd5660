import numpy as np
import pytest
from linalg_evaluator import Program


@pytest.mark.parametrize("size", [0, 1, 2, 7, 64, 2000])
@pytest.mark.parametrize("dynamic", [False, True])
def test_sort_is_stable_in_total_order(size: int, dynamic: bool) -> None:
    n = "?" if dynamic else size
    text = f"""func.func @main(%a: tensor<{n}xf32>, %b: tensor<{n}xi32>) -> (tensor<{n}xf32>, tensor<{n}xi32>) {{
      %0:2 = "stablehlo.sort"(%a, %b) <{{dimension = 0 : i64, is_stable = true}}> ({{
      ^bb0(%x: tensor<f32>, %y: tensor<f32>, %i: tensor<i32>, %j: tensor<i32>):
        %c = stablehlo.compare LT, %x, %y, TOTALORDER : (tensor<f32>, tensor<f32>) -> tensor<i1>
        stablehlo.return %c : tensor<i1> }}) : (tensor<{n}xf32>, tensor<{n}xi32>) -> (tensor<{n}xf32>, tensor<{n}xi32>)
      return %0#0, %0#1 : tensor<{n}xf32>, tensor<{n}xi32> }}"""
    x = np.random.default_rng(size).integers(-9, 9, size).astype(np.float32)
    x[::5] = np.nan
    x[1::7] = -0.0
    bits = x.view(np.int32)
    order = np.argsort(np.where(bits < 0, bits ^ 0x7FFFFFFF, bits), kind="stable")
    values, positions = Program(text)(x, np.arange(size))
    np.testing.assert_array_equal(values.view(np.int32), bits[order])
    np.testing.assert_array_equal(positions, order)


def test_scatter_drops_what_falls_outside_and_adds_duplicates() -> None:
    text = """func.func @main(%a: tensor<?x2xf32>, %i: tensor<?x1xi32>, %u: tensor<?x2xf32>) -> tensor<?x2xf32> {
      %0 = "stablehlo.scatter"(%a, %i, %u) <{scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [1],
        inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>}> ({
      ^bb0(%x: tensor<f32>, %y: tensor<f32>): %c = stablehlo.add %x, %y : tensor<f32>
        stablehlo.return %c : tensor<f32> }) : (tensor<?x2xf32>, tensor<?x1xi32>, tensor<?x2xf32>) -> tensor<?x2xf32>
      return %0 : tensor<?x2xf32> }"""
    got = Program(text)(np.zeros((3, 2)), [[1], [-1], [3], [1], [0]], np.arange(10).reshape(5, 2))[0]
    np.testing.assert_array_equal(got, [[8, 9], [6, 8], [0, 0]])
