from __future__ import annotations

import programs
from iree.dialects.mlir import ir, make_context, parse_module
from iree.dialects.transforms.loop_sizes import LoopSizes
from iree.dialects.transforms.structure import walk

# %a keeps its size, %b takes that of %a, %c grows.
_LOOP = """
func.func @main(%x: tensor<?xf32>, %y: tensor<?xf32>, %n: i32) -> (tensor<?xf32>, tensor<?xf32>, index, index, index) {
  %i0 = arith.constant 0 : i32
  %i1 = arith.constant 1 : i32
  %c0 = arith.constant 0 : index
  %r:4 = scf.while (%i = %i0, %a = %x, %b = %x, %c = %y)
      : (i32, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) -> (i32, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) {
    %p = arith.cmpi slt, %i, %n : i32
    scf.condition(%p) %i, %a, %b, %c : i32, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>
  } do {
  ^bb0(%i: i32, %a: tensor<?xf32>, %b: tensor<?xf32>, %c: tensor<?xf32>):
    %j = arith.addi %i, %i1 : i32
    %m = tensor.dim %b, %c0 : tensor<?xf32>
    %e = tensor.empty(%m) : tensor<?xf32>
    %new = linalg.add ins(%a, %b : tensor<?xf32>, tensor<?xf32>) outs(%e : tensor<?xf32>) -> tensor<?xf32>
    %k = tensor.dim %c, %c0 : tensor<?xf32>
    %k2 = arith.addi %k, %k : index
    %e2 = tensor.empty(%k2) : tensor<?xf32>
    scf.yield %j, %new, %a, %e2 : i32, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>
  }
  %da = tensor.dim %r#1, %c0 : tensor<?xf32>
  %db = tensor.dim %r#2, %c0 : tensor<?xf32>
  %dc = tensor.dim %r#3, %c0 : tensor<?xf32>
  return %r#1, %r#3, %da, %db, %dc : tensor<?xf32>, tensor<?xf32>, index, index, index
}"""


def test_sizes_that_iterations_keep_are_those_from_before() -> None:
    module = parse_module(_LOOP, make_context())
    with module.context:
        LoopSizes().apply(module)
    ops = list(walk(module.operation))
    dims = [op for op in ops if op.name == "tensor.dim"]
    (main,) = [op for op in ops if op.name == "func.func"]
    x = main.regions[0].blocks[0].arguments[0]
    results = list(next(op for op in ops if op.name == "func.return").operands)
    assert results[2] == results[3] == dims[0].results[0]
    assert dims[0].operands[0] == x
    # of %c in the loop and behind it
    assert [isinstance(op.operands[0], ir.BlockArgument) for op in dims[1:]] == [True, False]


def test_what_they_keep_needs_no_check() -> None:
    module = programs.flow_module(programs.SLICED_LOOP)
    messages = {str(op.attributes["msg"]) for op in walk(module.operation) if op.name == "cf.assert"}
    assert not any("stablehlo.add" in message for message in messages)
