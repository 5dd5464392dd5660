"""The switch that keeps reductions in order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from cpu_harness import compile_text
from iree.codegen.cpu import CpuTarget
from iree.codegen.cpu.features import machine

RNG = np.random.default_rng(0)


def _reduction(output: str, sizes: str) -> str:
    """Sums of a 37x1001 tensor; `output` names the loop that stays."""
    kinds = ", ".join('"parallel"' if loop == output else '"reduction"' for loop in "ij")
    result = f"tensor<{sizes}f32>"
    return f"""
func.func @kernel(%a: tensor<37x1001xf32>) -> {result} {{
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : {result}
  %f = linalg.fill ins(%z : f32) outs(%e : {result}) -> {result}
  %r = linalg.generic {{indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> ({output})>],
      iterator_types = [{kinds}]}} ins(%a : tensor<37x1001xf32>) outs(%f : {result}) {{
  ^bb0(%x: f32, %o: f32):
    %s = arith.addf %o, %x : f32
    linalg.yield %s : f32 }} -> {result}
  return %r : {result}
}}"""


def _in_order(values: np.ndarray) -> np.float32:
    total = np.float32(0)
    for value in values:
        total = np.float32(total + value)
    return total


@pytest.mark.parametrize(("output", "shape"), [("i", (37,)), ("j", (1001,)), ("", ())])
def test_sums_are_in_order(output: str, shape: tuple[int, ...]) -> None:
    a = (RNG.standard_normal((37, 1001)) * 10.0 ** RNG.integers(-6, 6, (37, 1001))).astype(np.float32)
    text = _reduction(output, "".join(f"{size}x" for size in shape))
    compiled = compile_text(text, machine=replace(machine("host"), reassociate=False))
    assert "reassoc" not in compiled.stages["6-llvm.ll"]
    (r,) = compiled([a], [(shape, np.float32)])
    lines = {"i": list(a), "j": list(a.T), "": [a.reshape(-1)]}[output]
    np.testing.assert_array_equal(r.reshape(-1), [_in_order(line) for line in lines])


def test_otherwise_they_may_be_regrouped() -> None:
    assert "reassoc" in compile_text(_reduction("i", "37x")).stages["6-llvm.ll"]


def test_options() -> None:
    target = CpuTarget("x86-64-v3", reassociate="false")
    assert not target.machine.reassociate
    assert target.plain is not None and not target.plain.machine.reassociate and target.plain.plain is None
    assert target.key != CpuTarget("x86-64-v3").key
    with pytest.raises(ValueError, match="'true' or 'false'"):
        CpuTarget("x86-64-v3", reassociate="no")
