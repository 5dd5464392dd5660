"""What the whole pipeline promises: named linalg operations where there are some, signless integers, clear errors."""

import pytest
from iree.dialects.input import input_to_linalg
from iree.dialects.mlir import CompileError, make_context, parse_module

_CONVOLUTION = """func.func @main(%a: tensor<{n}x8x8x4xf32>, %b: tensor<3x3x{i}x4xf32>) -> tensor<{n}x6x6x4xf32> {{
  %0 = stablehlo.convolution(%a, %b) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {{}}
    {{batch_group_count = 1 : i64, feature_group_count = {g} : i64}}
    : (tensor<{n}x8x8x4xf32>, tensor<3x3x{i}x4xf32>) -> tensor<{n}x6x6x4xf32>
  return %0 : tensor<{n}x6x6x4xf32>
}}"""


def lowered(text: str) -> str:
    module = parse_module(text, make_context())
    input_to_linalg(module)
    return str(module)


@pytest.mark.parametrize("n", ["1", "?"])
@pytest.mark.parametrize(
    ("i", "g", "expected"), [(4, 1, "linalg.conv_2d_nhwc_hwcf"), (1, 4, "linalg.depthwise_conv_2d_nhwc_hwc")]
)
def test_convolutions_keep_their_names(n: str, i: int, g: int, expected: str) -> None:
    assert expected in lowered(_CONVOLUTION.format(n=n, i=i, g=g))


def test_products_keep_their_names() -> None:
    text = """func.func @main(%a: tensor<?x8xf32>, %b: tensor<8x3xf32>) -> tensor<?x3xf32> {
      %0 = stablehlo.dot_general %a, %b, contracting_dims = [1] x [0]
        : (tensor<?x8xf32>, tensor<8x3xf32>) -> tensor<?x3xf32>
      return %0 : tensor<?x3xf32> }"""
    assert "linalg.matmul" in lowered(text)


def test_unsigned_integers_become_signless_and_the_signature_says_what_they_were() -> None:
    text = """ml_program.global private mutable @g(dense<[1, 255]> : tensor<2xui8>) : tensor<2xui8>
    func.func @main(%a: tensor<2xui8>) -> tensor<2xui8> {
      %0 = ml_program.global_load @g : tensor<2xui8>
      %1 = stablehlo.divide %a, %0 : tensor<2xui8>
      ml_program.global_store @g = %1 : tensor<2xui8>
      return %1 : tensor<2xui8> }"""
    found = lowered(text)
    assert "iree.signature = (tensor<2xui8>) -> tensor<2xui8>" in found
    assert found.count("ui8") == 2
    assert "@g(dense<[1, -1]> : tensor<2xi8>)" in found
    assert "arith.divui" in found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "func.func @main(%a: tensor<4xf32>) -> tensor<4xf32> {\n"
            "  %0 = stablehlo.custom_call @foo(%a) : (tensor<4xf32>) -> tensor<4xf32>\n  return %0 : tensor<4xf32>\n}",
            r"-:2:8: error: custom_call @foo is not supported; known targets are ",
        ),
        (
            'func.func @main(%a: tensor<4xf32>) -> tensor<4xf32> {\n  %0 = "stablehlo.all_reduce"(%a) '
            "<{replica_groups = dense<[[0, 1]]> : tensor<1x2xi64>}> ({ ^bb0(%x: tensor<f32>, %y: tensor<f32>):\n"
            "  %c = stablehlo.add %x, %y : tensor<f32>\n  stablehlo.return %c : tensor<f32> "
            "}) : (tensor<4xf32>) -> tensor<4xf32>\n"
            "  return %0 : tensor<4xf32>\n}",
            r"all_reduce runs over several replicas",
        ),
    ],
)
def test_what_is_not_supported_is_named(text: str, message: str) -> None:
    with pytest.raises(CompileError, match=message):
        lowered(text)
