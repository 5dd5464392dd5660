import numpy as np
import pytest
from linalg_evaluator import Program

_LOOP = """func.func @main(%n: tensor<i32>, %v: tensor<?xf32>) -> (tensor<i32>, tensor<?xf32>) {
  %one = stablehlo.constant dense<1> : tensor<i32>
  %zero = stablehlo.constant dense<0> : tensor<i32>
  %0:2 = stablehlo.while(%i = %zero, %x = %v) : tensor<i32>, tensor<?xf32>
  cond { %c = stablehlo.compare LT, %i, %n : (tensor<i32>, tensor<i32>) -> tensor<i1>
    stablehlo.return %c : tensor<i1> }
  do { %j = stablehlo.add %i, %one : tensor<i32>
    %y = stablehlo.add %x, %x : tensor<?xf32>
    stablehlo.return %j, %y : tensor<i32>, tensor<?xf32> }
  return %0#0, %0#1 : tensor<i32>, tensor<?xf32> }"""


@pytest.mark.parametrize("steps", [-1, 0, 3])
def test_while(steps: int) -> None:
    count, x = Program(_LOOP)(steps, [1.0, 2.0])
    assert count == max(steps, 0)
    np.testing.assert_array_equal(x, np.array([1, 2], np.float32) * 2 ** max(steps, 0))


def test_counters_stay_on_the_host() -> None:
    text = Program(_LOOP).linalg
    assert "scf.while (%arg2 = %c0_i32, " in text
    assert "linalg.generic" not in text[: text.index("} do {")]


@pytest.mark.parametrize(("number", "expected"), [(0, 5), (1, -5), (2, 10), (3, 10), (-1, 10)])
def test_case_takes_the_last_branch_for_what_is_out_of_range(number: int, expected: int) -> None:
    text = """func.func @main(%n: tensor<i32>, %x: tensor<ui16>) -> tensor<ui16> {
      %0 = "stablehlo.case"(%n) ({ stablehlo.return %x : tensor<ui16> },
        { %a = stablehlo.negate %x : tensor<ui16>
          stablehlo.return %a : tensor<ui16> },
        { %a = stablehlo.add %x, %x : tensor<ui16>
          stablehlo.return %a : tensor<ui16> }) : (tensor<i32>) -> tensor<ui16>
      return %0 : tensor<ui16> }"""
    assert Program(text)(number, 5)[0] == np.array(expected).astype(np.uint16)
