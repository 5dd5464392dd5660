"""Products of a loop's slices become one before it where the loop uses most of them; results are tested by codegen."""

from __future__ import annotations

import pytest
from iree.dialects.mlir import make_context, parse_module
from iree.dialects.passes import run_pipeline
from iree.dialects.transforms.structure import functions, walk

TEXT = """
func.func @main(%x: tensor<{slices}x2x4xf32>, %w: tensor<4x8xf32>, %n: i32) -> tensor<2x8xf32> {{
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %steps = arith.constant {steps} : i32
  %e = tensor.empty() : tensor<2x8xf32>
  %init = linalg.fill ins(%zero : f32) outs(%e : tensor<2x8xf32>) -> tensor<2x8xf32>
  %r:2 = scf.while (%i = %c0, %h = %init) : (i32, tensor<2x8xf32>) -> (i32, tensor<2x8xf32>) {{
    %go = arith.cmpi slt, %i, {limit} : i32
    scf.condition(%go) %i, %h : i32, tensor<2x8xf32>
  }} do {{
  ^bb0(%i: i32, %h: tensor<2x8xf32>):
    %k = arith.index_cast %i : i32 to index
    %f = linalg.fill ins(%zero : f32) outs(%e : tensor<2x8xf32>) -> tensor<2x8xf32>
    {product}
    %s = linalg.add ins(%p, %h : tensor<2x8xf32>, tensor<2x8xf32>) outs(%e : tensor<2x8xf32>) -> tensor<2x8xf32>
    %j = arith.addi %i, %one : i32
    scf.yield %j, %s : i32, tensor<2x8xf32>
  }}
  return %r#1 : tensor<2x8xf32>
}}"""
SLICE = """%a = tensor.extract_slice %x[%k, 0, 0] [1, 2, 4] [1, 1, 1] : tensor<{slices}x2x4xf32> to tensor<1x2x4xf32>
    %b = tensor.collapse_shape %a [[0, 1], [2]] : tensor<1x2x4xf32> into tensor<2x4xf32>
    %p = linalg.matmul ins(%b, {w} : tensor<2x4xf32>, tensor<4x8xf32>) outs(%f : tensor<2x8xf32>) -> tensor<2x8xf32>"""
REDUCED = SLICE.replace("to tensor<1x2x4xf32>", "to tensor<2x4xf32>").replace(
    "%b = tensor.collapse_shape %a [[0, 1], [2]] : tensor<1x2x4xf32> into tensor<2x4xf32>", ""
)
OWN = "%w2 = linalg.abs ins(%w : tensor<4x8xf32>) outs(%w : tensor<4x8xf32>) -> tensor<4x8xf32>\n    " + SLICE
CARRIED = """%b = tensor.extract_slice %h[0, 0] [2, 4] [1, 1] : tensor<2x8xf32> to tensor<2x4xf32>
    %p = linalg.matmul ins(%b, %w : tensor<2x4xf32>, tensor<4x8xf32>) outs(%f : tensor<2x8xf32>) -> tensor<2x8xf32>"""


@pytest.mark.parametrize(
    ("product", "values", "hoisted"),
    [
        (SLICE, {}, True),
        (REDUCED.replace("%b,", "%a,"), {}, True),
        (SLICE, {"steps": 3}, True),
        (SLICE, {"steps": 2}, False),  # most slices are not used
        (SLICE, {"limit": "%n"}, False),
        (OWN, {"w": "%w2"}, False),
        (CARRIED, {}, False),
    ],
)
def test_what_is_hoisted(product: str, values: dict[str, object], *, hoisted: bool) -> None:
    settings = {"slices": 5, "steps": 5, "limit": "%steps", "w": "%w", **values}
    module = parse_module(TEXT.format(product=product.format(**settings), **settings), make_context())
    run_pipeline(module, "hoist-products,canonicalize,cse")
    (product_op,) = [op for op in walk(functions(module)[0]) if op.name == "linalg.matmul"]
    assert (product_op.parent.name == "func.func") == hoisted
    assert list(product_op.results[0].type.shape) == ([10, 8] if hoisted else [2, 8])
