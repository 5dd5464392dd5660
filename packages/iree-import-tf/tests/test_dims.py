"""What is found out about sizes, and with how much work."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from iree.dialects.mlir import ir, make_context
from iree.import_tf import dims, hlo, loops, rewrites

DEPTH = 4000


@pytest.fixture(autouse=True)
def context() -> Iterator[None]:
    made = make_context(ours=False)
    made.allow_unregistered_dialects = True
    with made, ir.Location.unknown():
        yield


def function(arguments: list[str], body: str) -> tuple[Any, Any]:
    """A module with one function of the body's text, and that function's block."""
    listed = ", ".join(f"%arg{i}: {type_}" for i, type_ in enumerate(arguments))
    module = ir.Module.parse(f"func.func @f({listed}) {{\n{body}\nreturn\n}}")
    return module, module.body.operations[0].body.blocks[0]


def residual_chain(depth: int) -> tuple[Any, Any]:
    """Each value is the sum of the one before with itself, in the shape that TensorFlow makes of both."""
    step = """
      %s{i} = shape.shape_of %x{i} : tensor<?x8xf32> -> tensor<2xindex>
      %t{i} = shape.shape_of %y{i} : tensor<?x8xf32> -> tensor<2xindex>
      %b{i} = shape.broadcast %s{i}, %t{i} : tensor<2xindex>, tensor<2xindex> -> tensor<2xindex>
      %l{i} = stablehlo.dynamic_broadcast_in_dim %x{i}, %b{i}, dims = [0, 1]
        : (tensor<?x8xf32>, tensor<2xindex>) -> tensor<?x8xf32>
      %r{i} = stablehlo.dynamic_broadcast_in_dim %y{i}, %b{i}, dims = [0, 1]
        : (tensor<?x8xf32>, tensor<2xindex>) -> tensor<?x8xf32>
      %x{j} = stablehlo.add %l{i}, %r{i} : tensor<?x8xf32>
      %y{j} = stablehlo.tanh %x{j} : tensor<?x8xf32>"""
    start = "%x0 = stablehlo.abs %arg0 : tensor<?x8xf32>\n%y0 = stablehlo.tanh %x0 : tensor<?x8xf32>"
    return function(["tensor<?x8xf32>"], start + "".join(step.format(i=i, j=i + 1) for i in range(depth)))


def last(block: Any) -> Any:
    return block.operations[len(block.operations) - 2].result


def test_deep_residual_chains_take_linear_work() -> None:
    steps = []
    for depth in (DEPTH // 2, DEPTH):
        _module, block = residual_chain(depth)
        with dims.remembering() as memory:
            assert dims.dim(last(block), 0) == dims.Dim(block.arguments[0], 0)
            steps.append(memory.steps)
            assert dims.dim(last(block), 0) == dims.Dim(block.arguments[0], 0)
            assert memory.steps == steps[-1]
    assert steps[1] <= 2 * steps[0] <= 10 * DEPTH


def test_rewriting_asks_for_nothing_twice() -> None:
    """Every broadcast turns out to be one to the same shape, and is taken out while the program is walked."""
    module, block = residual_chain(50)
    table = {"stablehlo.dynamic_broadcast_in_dim": rewrites.shapes.FOLDS["stablehlo.dynamic_broadcast_in_dim"]}
    assert rewrites.apply(module, table) == 100
    assert module.operation.verify()
    assert dims.dim(last(block), 0) == dims.Dim(block.arguments[0], 0)


def test_what_is_replaced_is_forgotten() -> None:
    """The size of a value nobody knows is that value's own, until something known takes its place."""
    module, block = function(
        ["tensor<?xf32>"],
        """%a = "test.unknown"(%arg0) : (tensor<?xf32>) -> tensor<?xf32>
           %b = stablehlo.abs %a : tensor<?xf32>
           %c = "test.asked"(%b) : (tensor<?xf32>) -> tensor<?xf32>""",
    )
    argument, (_, sum_, _, _) = block.arguments[0], block.operations
    before: list[Any] = []

    def unknown(op: Any) -> list[Any]:
        before.append(dims.dim(sum_.result, 0) == dims.Dim(op.result, 0))
        return [hlo.op("negate", [argument], argument.type)]

    def asked(op: Any) -> list[Any]:
        before.append(dims.dim(op.operands[0], 0) == dims.Dim(argument, 0))
        return [op.operands[0]]

    assert rewrites.apply(module, {"test.unknown": unknown, "test.asked": asked}) == 2
    assert before == [True, True]


def test_sizes_that_a_loop_keeps() -> None:
    """The first value keeps its size through the second, which keeps its own; the third grows, and so does the fourth,
    which takes its place.
    """
    _module, block = function(
        ["tensor<?xf32>", "tensor<?xf32>"],
        """%count = stablehlo.constant dense<3> : tensor<i32>
        %r:5 = stablehlo.while(%i = %count, %a = %arg0, %b = %arg0, %c = %arg1, %d = %arg1)
          : tensor<i32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>
        cond {
          %p = stablehlo.compare GT, %i, %count : (tensor<i32>, tensor<i32>) -> tensor<i1>
          stablehlo.return %p : tensor<i1>
        } do {
          %e = stablehlo.add %a, %b : tensor<?xf32>
          %g = stablehlo.concatenate %c, %a, dim = 0 : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
          stablehlo.return %i, %b, %e, %g, %c : tensor<i32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>
        }""",
    )
    loop = block.operations[1].operation
    inside = list(loop.regions[1].blocks[0].arguments)
    first = dims.Dim(block.arguments[0], 0)
    for values in (list(loop.results), inside):
        assert [dims.dim(value, 0) for value in values[1:3]] == [first, first]
        assert [dims.dim(value, 0) for value in values[3:]] == [dims.Dim(value, 0) for value in values[3:]]
    assert [loops._changes(value) for value in inside] == [False, False, False, True, True]
