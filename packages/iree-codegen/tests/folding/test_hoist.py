"""What is found to be computable at compile time, and that the program uses it afterwards."""

from __future__ import annotations

import numpy as np
import pytest
from iree.codegen.folding import hoist, replace
from iree.dialects.mlir import make_context, parse_module, run_upstream

MAP = "affine_map<(d0) -> (d0)>"
GLOBALS = """
ml_program.global private @w(#ml_program.extern : tensor<4xf32>) : tensor<4xf32> {iree.parameter = "w"}
ml_program.global private mutable @s(#ml_program.extern : tensor<4xf32>) : tensor<4xf32> {iree.parameter = "s"}
"""


def add(name: str, a: str, b: str) -> str:
    """An addition of two 4xf32."""
    return f"""
  {name}_e = tensor.empty() : tensor<4xf32>
  {name} = linalg.generic {{indexing_maps = [{MAP}, {MAP}, {MAP}], iterator_types = ["parallel"]}}
    ins({a}, {b} : tensor<4xf32>, tensor<4xf32>) outs({name}_e : tensor<4xf32>) {{
    ^bb0(%x: f32, %y: f32, %z: f32):
      %r = arith.addf %x, %y : f32
      linalg.yield %r : f32
  }} -> tensor<4xf32>"""


W = "%w = ml_program.global_load @w : tensor<4xf32>"
S = "%s = ml_program.global_load @s : tensor<4xf32>"
MAIN = "func.func @main(%a: tensor<4xf32>) -> tensor<4xf32> {"
RETURN = "return %out : tensor<4xf32> }"
FILL = """
  %c = arith.constant 2.0 : f32
  %e = tensor.empty() : tensor<4xf32>
  %f = linalg.fill ins(%c : f32) outs(%e : tensor<4xf32>) -> tensor<4xf32>"""
BROADCAST = """
  %e = tensor.empty() : tensor<4x9999xf32>
  %b = linalg.broadcast ins(%w : tensor<4xf32>) outs(%e : tensor<4x9999xf32>) dimensions = [1]
  %col = tensor.extract_slice %b[0, 0] [4, 1] [1, 1] : tensor<4x9999xf32> to tensor<4xf32>"""

CASES = {
    "a chain of globals": (W + add("%u", "%w", "%w") + add("%v", "%u", "%w") + add("%out", "%v", "%a"), 1),
    "a global alone is a load already": (W + add("%out", "%w", "%a"), 0),
    "mutable state is not constant": (S + add("%u", "%s", "%s") + add("%out", "%u", "%a"), 0),
    "an argument is not constant": (add("%u", "%a", "%a") + add("%out", "%u", "%a"), 0),
    "a fill is cheaper made than loaded": (FILL + add("%out", "%f", "%a"), 0),
    "two uses are one value": (W + add("%u", "%w", "%w") + add("%v", "%u", "%a") + add("%out", "%v", "%u"), 1),
    "a result may be constant": (W + add("%out", "%w", "%w"), 1),
    "a broadcast is not stored, its operand is": (
        W + BROADCAST + add("%out", "%col", "%a"),
        1,
    ),
}


@pytest.mark.parametrize(("body", "count"), CASES.values(), ids=CASES.keys())
def test_values(body: str, count: int) -> None:
    module = parse_module(GLOBALS + MAIN + body + RETURN, make_context())
    with module.context:
        found = hoist(module)
        assert (len(found.values) if found else 0) == count
        if found is None:
            return
        assert found.module.operation.verify()
        parameters = {"w": np.ones(4, np.float32)}
        replace(module, found, [np.full(4, 7, np.float32)] * count, parameters)
        assert sorted(parameters) == ["folded/0", "w"]
        assert module.operation.verify()
        run_upstream(module, "canonicalize,cse,symbol-dce")
        assert hoist(module) is None


def test_captured_values_are_part_of_the_program() -> None:
    body = (
        W
        + """
  %i = arith.constant 1 : index
  %e = tensor.empty() : tensor<4xf32>
  %u = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]}
    outs(%e : tensor<4xf32>) {
    ^bb0(%z: f32):
      %r = tensor.extract %w[%i] : tensor<4xf32>
      linalg.yield %r : f32
  } -> tensor<4xf32>"""
        + add("%out", "%u", "%a")
    )
    module = parse_module(GLOBALS + MAIN + body + RETURN, make_context())
    with module.context:
        found = hoist(module)
        assert found is not None
        assert found.module.operation.verify()
        assert "@w" in str(found.module)
