"""Sums of the columns of narrow matrices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cpu_harness import compile_text
from iree.codegen.cpu import column_sums

RNG = np.random.default_rng(0)


def _text(height: int, width: int) -> str:
    """Init + the columns' sums of a * b."""
    a, c = f"tensor<{height}x{width}xf32>", f"tensor<{width}xf32>"
    return f"""
func.func @kernel(%a: {a}, %b: {a}, %init: {c}) -> {c} {{
  %r = linalg.generic {{indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>,
      affine_map<(i, j) -> (j)>], iterator_types = ["reduction", "parallel"]}} ins(%a, %b : {a}, {a})
      outs(%init : {c}) {{
  ^bb0(%x: f32, %y: f32, %s: f32):
    %p = arith.mulf %x, %y : f32
    %t = arith.addf %s, %p : f32
    linalg.yield %t : f32 }} -> {c}
  return %r : {c}
}}"""


@pytest.mark.parametrize(
    ("height", "width", "lengthened"),
    [(1568, 16, True), (1000, 10, True), (64, 255, True), (64, 256, False), (31, 5, False)],
)
def test_sums(monkeypatch: pytest.MonkeyPatch, height: int, width: int, *, lengthened: bool) -> None:
    made: list[int] = []
    whole = column_sums._in_two_steps

    def in_two_steps(generic: Any, rows: int) -> Any:
        made.append(rows)
        return whole(generic, rows)

    monkeypatch.setattr(column_sums, "_in_two_steps", in_two_steps)
    a, b = (RNG.standard_normal((height, width)).astype(np.float32) for _ in range(2))
    init = RNG.standard_normal(width).astype(np.float32)
    (r,) = compile_text(_text(height, width))([a, b, init], [((width,), np.float32)])
    np.testing.assert_allclose(r, init + (a.astype(np.float64) * b).sum(0), rtol=1e-4, atol=1e-4)
    assert bool(made) == lengthened
