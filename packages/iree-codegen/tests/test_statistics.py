"""What is counted of a program in the flow phase."""

from __future__ import annotations

from iree.codegen.statistics import Statistics
from iree.codegen.work import count_dispatches
from iree.dialects.mlir import make_context, parse_module

PROGRAM = """
func.func @main(%x: tensor<4xf32>, %y: tensor<?xf32>, %n: index) -> (tensor<4xf32>, tensor<?xf32>) {
  %a = "flow.dispatch"(%x) {callee = @k, tied = array<i64: -1>} : (tensor<4xf32>) -> tensor<4xf32>
  %b = "flow.dispatch"(%a) {callee = @k, tied = array<i64: -1>} : (tensor<4xf32>) -> tensor<4xf32>
  %c = "flow.clone"(%y) : (tensor<?xf32>) -> tensor<?xf32>
  %d = "flow.dispatch"(%c, %n) {callee = @l, tied = array<i64: 0>} : (tensor<?xf32>, index) -> tensor<?xf32>
  return %b, %d : tensor<4xf32>, tensor<?xf32>
}"""


def test_dispatches_are_counted() -> None:
    statistics = Statistics()
    count_dispatches(parse_module(PROGRAM, make_context()), statistics)
    assert statistics.dispatches == {"k": 2, "l": 1}
    assert (statistics.copies, statistics.tensor_bytes) == (1, 64)
