"""Recurrent programs: products of what comes in at each step are taken before the loop."""

from __future__ import annotations

import numpy as np
import pytest
from iree import codegen, vm

STEPS, BATCH, INPUTS, UNITS = 7, 3, 5, 8


def _program(reverse: bool) -> str:
    at = "%last" if reverse else "%i"
    x, h = f"tensor<{STEPS}x{BATCH}x{INPUTS}xf32>", f"tensor<{BATCH}x{UNITS}xf32>"
    w, u = f"tensor<{INPUTS}x{UNITS}xf32>", f"tensor<{UNITS}x{UNITS}xf32>"
    return f"""func.func @main(%x: {x}, %w: {w}, %u: {u}) -> {h} {{
  %zero = stablehlo.constant dense<0> : tensor<i32>
  %one = stablehlo.constant dense<1> : tensor<i32>
  %steps = stablehlo.constant dense<{STEPS}> : tensor<i32>
  %h0 = stablehlo.constant dense<0.0> : {h}
  %r:2 = stablehlo.while(%i = %zero, %h = %h0) : tensor<i32>, {h}
   cond {{
    %go = stablehlo.compare LT, %i, %steps : (tensor<i32>, tensor<i32>) -> tensor<i1>
    stablehlo.return %go : tensor<i1>
  }} do {{
    %j = stablehlo.add %i, %one : tensor<i32>
    %last = stablehlo.subtract %steps, %j : tensor<i32>
    %s = stablehlo.dynamic_slice %x, {at}, %zero, %zero, sizes = [1, {BATCH}, {INPUTS}]
      : ({x}, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<1x{BATCH}x{INPUTS}xf32>
    %v = stablehlo.reshape %s : (tensor<1x{BATCH}x{INPUTS}xf32>) -> tensor<{BATCH}x{INPUTS}xf32>
    %a = stablehlo.dot_general %v, %w, contracting_dims = [1] x [0] : (tensor<{BATCH}x{INPUTS}xf32>, {w}) -> {h}
    %b = stablehlo.dot_general %h, %u, contracting_dims = [1] x [0] : ({h}, {u}) -> {h}
    %c = stablehlo.add %a, %b : {h}
    %n = stablehlo.tanh %c : {h}
    stablehlo.return %j, %n : tensor<i32>, {h}
  }}
  return %r#1 : {h}
}}"""


@pytest.mark.parametrize("reverse", [False, True])
def test_a_recurrent_layer(*, reverse: bool) -> None:
    rng = np.random.default_rng(0)
    x, w, u = (rng.standard_normal(shape) for shape in ((STEPS, BATCH, INPUTS), (INPUTS, UNITS), (UNITS, UNITS)))
    module = vm.load(codegen.compile_str(_program(reverse), options=codegen.CompilerOptions(jobs=1)), device="cpu")
    found = np.asarray(module.main(*(value.astype(np.float32) for value in (x, w, u))))
    h = np.zeros((BATCH, UNITS))
    for row in x[::-1] if reverse else x:
        h = np.tanh(row @ w + h @ u)
    np.testing.assert_allclose(found, h, rtol=1e-4, atol=1e-5)
