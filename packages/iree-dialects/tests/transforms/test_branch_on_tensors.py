# ruff: noqa: E501  (MLIR text)
from __future__ import annotations

from iree.dialects.mlir import ir, make_context, parse_module
from iree.dialects.passes import run_pipeline
from iree.dialects.transforms.structure import functions


def test_choices_by_one_condition_share_a_branch() -> None:
    text = """
func.func @main(%c: i1, %d: i1, %x: tensor<4xf32>, %y: tensor<4xf32>, %n: i32, %m: i32) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, i32) {
  %k = arith.select %c, %n, %m : i32
  %0 = arith.select %c, %x, %y : tensor<4xf32>
  %1 = arith.select %c, %y, %x : tensor<4xf32>
  %2 = arith.select %c, %0, %1 : tensor<4xf32>
  %3 = arith.select %d, %2, %0 : tensor<4xf32>
  return %1, %2, %3, %k : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, i32
}"""
    module = parse_module(text, make_context())
    with module.context, ir.Location.unknown():
        run_pipeline(module, "branch-on-tensors")
        assert module.operation.verify()
        blocks = list(functions(module)[0].regions[0].blocks)
        # The third choice reads the first two, and the fourth has another condition.
        assert [len(block.arguments) for block in blocks] == [6, 2, 1, 1]
        assert [[op.operation.name for op in block.operations] for block in blocks] == [
            ["arith.select", "cf.cond_br"],
            ["cf.cond_br"],
            ["cf.cond_br"],
            ["func.return"],
        ]
