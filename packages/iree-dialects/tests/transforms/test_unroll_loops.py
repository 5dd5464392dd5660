"""Loops whose trip count is known become straight code; others stay."""

from __future__ import annotations

import pytest
from iree.dialects.mlir import make_context, parse_module
from iree.dialects.passes import run_pipeline
from iree.dialects.transforms.structure import functions, walk

TEXT = """
func.func @main(%x: tensor<4xf32>, %n: i32) -> (tensor<4xf32>, i32) {{
  %c0 = arith.constant {start} : i32
  %one = arith.constant {step} : i32
  %end = arith.constant {end} : i32
  %r:2 = scf.while (%v = %x, %i = %c0) : (tensor<4xf32>, i32) -> (tensor<4xf32>, i32) {{
    %a = arith.cmpi {compare}, %i, {limit} : i32
    %b = arith.cmpi slt, %i, %end : i32
    %c = arith.andi %a, %b : i1
    scf.condition(%c) %v, %i : tensor<4xf32>, i32
  }} do {{
  ^bb0(%v: tensor<4xf32>, %i: i32):
    %k = arith.index_cast %i : i32 to index
    %w = "flow.dispatch"(%v, %k) {{callee = @kernel, tied = array<i64: -1>}} : (tensor<4xf32>, index) -> tensor<4xf32>
    %j = arith.addi %i, %one : i32
    scf.yield %w, %j : tensor<4xf32>, i32
  }}
  return %r#0, %r#1 : tensor<4xf32>, i32
}}"""


@pytest.mark.parametrize(
    ("values", "count"),
    [
        ({}, 5),
        ({"start": 7}, 0),
        ({"start": -4, "step": 3}, 3),
        ({"compare": "ult", "start": -1}, 0),
        ({"end": 100000}, None),  # too many
        ({"limit": "%n"}, None),
        ({"step": 0}, None),  # never ends
    ],
)
def test_trip_counts(values: dict[str, object], count: int | None) -> None:
    settings = {"start": 0, "step": 1, "end": 5, "compare": "slt", "limit": "%end", **values}
    module = parse_module(TEXT.format(**settings), make_context())
    run_pipeline(module, "unroll-loops,canonicalize")
    (function,) = functions(module)
    names = [op.name for op in walk(function)]
    assert ("scf.while" in names) == (count is None)
    if count is not None:
        assert names.count("flow.dispatch") == count
