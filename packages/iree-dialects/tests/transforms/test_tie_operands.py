# ruff: noqa: E501  (MLIR text)
from __future__ import annotations

import programs
import pytest
from iree.dialects.mlir import ir
from iree.dialects.transforms.structure import functions, walk

CASES = {
    # program: (dispatches that update in place, copies made for them)
    "MLP": (0, 0),
    "UPDATE": (2, 1),  # the sum is the program's own, the input is the caller's
    "CACHE": (1, 0),  # the variable itself
    "RNN": (6, 1),  # once before the loop, not in each of its iterations
}


@pytest.mark.parametrize("name", CASES)
def test_updates_in_place(name: str) -> None:
    module = programs.flow_module(getattr(programs, name))
    ops = [op for function in functions(module) for op in walk(function)]
    tied = [op for op in ops if op.name == "flow.dispatch" and max(ir.DenseI64ArrayAttr(op.attributes["tied"])) >= 0]
    clones = [op for op in ops if op.name == "flow.clone"]
    assert (len(tied), len(clones)) == CASES[name]
    assert all(clone.parent.operation.name == "func.func" for clone in clones)


def test_what_is_read_later_is_copied() -> None:
    text = """
func.func @main(%x: tensor<8x4xf32>, %u: tensor<1x4xf32>) -> (tensor<8x4xf32>, tensor<8x4xf32>) {
  %c0 = stablehlo.constant dense<0> : tensor<i32>
  %y = stablehlo.add %x, %x : tensor<8x4xf32>
  %r = stablehlo.dynamic_update_slice %y, %u, %c0, %c0 : (tensor<8x4xf32>, tensor<1x4xf32>, tensor<i32>, tensor<i32>) -> tensor<8x4xf32>
  return %r, %y : tensor<8x4xf32>, tensor<8x4xf32>
}"""
    module = programs.flow_module(text)
    assert [op.name for f in functions(module) for op in walk(f)].count("flow.clone") == 1


def test_a_variable_that_is_stored_in_between_is_copied() -> None:
    text = """
ml_program.global private mutable @v(dense<0.0> : tensor<8x4xf32>) : tensor<8x4xf32>
func.func @main(%x: tensor<8x4xf32>, %u: tensor<1x4xf32>) {
  %c0 = stablehlo.constant dense<0> : tensor<i32>
  %a = ml_program.global_load @v : tensor<8x4xf32>
  %n = stablehlo.add %x, %x : tensor<8x4xf32>
  ml_program.global_store @v = %n : tensor<8x4xf32>
  %r = stablehlo.dynamic_update_slice %a, %u, %c0, %c0 : (tensor<8x4xf32>, tensor<1x4xf32>, tensor<i32>, tensor<i32>) -> tensor<8x4xf32>
  ml_program.global_store @v = %r : tensor<8x4xf32>
  return
}"""
    module = programs.flow_module(text)
    assert [op.name for f in functions(module) for op in walk(f)].count("flow.clone") == 1
