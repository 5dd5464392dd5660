"""The filter of a convolution's gradient is transposed, that of a convolution stays as it is."""

from __future__ import annotations

import pytest
from iree.dialects.mlir import ir, make_context, parse_module
from iree.dialects.passes import run_pipeline
from iree.dialects.transforms.structure import functions, walk


@pytest.mark.parametrize(("filter_", "transposed"), [("k, l, f, c", True), ("k, l, c, f", False)])
def test_the_last_dimension_is_the_output_channel(filter_: str, transposed: bool) -> None:
    sizes = {"k": "3", "l": "3", "f": "8", "c": "4"}
    weights = "x".join(sizes[name] for name in filter_.split(", "))
    text = f"""
func.func @main(%x: tensor<1x6x6x4xf32>, %w: tensor<{weights}xf32>, %y: tensor<1x4x4x8xf32>) -> tensor<1x4x4x8xf32> {{
  %0 = linalg.generic {{indexing_maps = [affine_map<(n, h, w, f, k, l, c) -> (n, h + k, w + l, c)>,
      affine_map<(n, h, w, f, k, l, c) -> ({filter_})>, affine_map<(n, h, w, f, k, l, c) -> (n, h, w, f)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]}}
      ins(%x, %w : tensor<1x6x6x4xf32>, tensor<{weights}xf32>) outs(%y : tensor<1x4x4x8xf32>) {{
  ^bb0(%a: f32, %b: f32, %c: f32):
    %1 = arith.mulf %a, %b : f32
    %2 = arith.addf %c, %1 : f32
    linalg.yield %2 : f32
  }} -> tensor<1x4x4x8xf32>
  return %0 : tensor<1x4x4x8xf32>
}}"""
    module = parse_module(text, make_context())
    run_pipeline(module, "transpose-filters")
    (function,) = functions(module)
    ops = list(walk(function))
    assert any(op.name == "linalg.transpose" for op in ops) == transposed
    (generic,) = [op for op in ops if op.name == "linalg.generic"]
    assert list(ir.RankedTensorType(generic.operands[1].type).shape) == [3, 3, 4, 8]
