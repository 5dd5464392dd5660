# ruff: noqa: E501  (MLIR text)
from __future__ import annotations

import re

import programs
import pytest
from iree.dialects import flow
from iree.dialects.bindings import bound_bindings
from iree.dialects.input import input_to_linalg
from iree.dialects.mlir import CompileError, ir, make_context, parse_module
from iree.dialects.passes import run_pipeline
from iree.dialects.phases import to_flow
from iree.dialects.transforms.structure import body, walk


def kernels(text: str, *, attention: bool = False) -> list[list[str]]:
    """Per kernel of the program's flow phase the linalg and tensor operations in it."""
    module = programs.linalg_module(text)
    to_flow(module, attention=attention)
    found = []
    for op in body(module.body):
        if op.name == "flow.executable":
            names = [inner.name for inner in walk(flow.kernel(op))]
            found.append([name for name in names if re.match(r"(linalg|tensor)\.(?!yield|empty|fill|index)", name)])
    return found


CASES = {
    "MLP": [["linalg.matmul", "linalg.generic"]],
    "CONV_RELU6": [["linalg.conv_2d_nhwc_hwcf", "linalg.generic"]],
    "SOFTMAX": [["linalg.generic"] * 4],
    "LAYER_NORM": [["linalg.generic"] * 4],
    "ATTENTION": [
        ["linalg.matmul", "linalg.generic"],  # with bias
        ["linalg.matmul"],  # both others
        ["linalg.generic"] * 2,  # operands read transposed; scaled
        ["linalg.generic"] * 4,  # softmax
        ["linalg.generic"] * 2,  # result written transposed
    ],
    "DYNAMIC_MLP": [["linalg.matmul", "linalg.generic"]],
    "PASS_ON": [],
    "COUNTED_LOOP": [["linalg.generic"]],
}


@pytest.mark.parametrize("name", CASES)
def test_what_shares_a_dispatch(name: str) -> None:
    assert kernels(getattr(programs, name)) == CASES[name]


def test_attention_is_one_dispatch() -> None:
    text = programs.ATTENTION
    apart = CASES["ATTENTION"]
    assert kernels(text, attention=True) == [*apart[:2], ["linalg.generic"] * 8]
    # Not where something else reads what is on the way.
    leak = text.replace("-> tensor<16x32xf32> {", "-> (tensor<16x32xf32>, tensor<1x4x16x16xf32>) {")
    leak = leak.replace("return %or : tensor<16x32xf32>", "return %or, %p : tensor<16x32xf32>, tensor<1x4x16x16xf32>")
    assert kernels(leak, attention=True) == kernels(leak)


def test_sizes_are_arguments() -> None:
    module = programs.flow_module(programs.DYNAMIC_MLP)
    executable = next(op for op in body(module.body) if op.name == "flow.executable")
    kernel = flow.kernel(executable)
    type_ = ir.FunctionType(ir.TypeAttr(kernel.attributes["function_type"]).value)
    # x: ?x16, w, b; then the dimension of x, then that of the result.
    assert [str(t) for t in type_.inputs[3:]] == ["index", "index"]
    assert all(op.name != "tensor.dim" for op in walk(kernel))


def test_a_result_with_several_users_is_computed_once() -> None:
    text = """
func.func @main(%x: tensor<64x64xf32>, %w: tensor<64x64xf32>) -> (tensor<64x64xf32>, tensor<64x64xf32>) {
  %0 = stablehlo.dot_general %x, %w, contracting_dims = [1] x [0] : (tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<64x64xf32>
  %1 = stablehlo.tanh %0 : tensor<64x64xf32>
  return %0, %1 : tensor<64x64xf32>, tensor<64x64xf32>
}"""
    # not with the product: its kernel has one result, which is kept in registers
    assert kernels(text) == [["linalg.matmul"], ["linalg.generic"]]


def test_no_cycle_between_dispatches() -> None:
    # d needs a and, through the second product, a again: it must not run within a's dispatch.
    text = """
func.func @main(%x: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %a = stablehlo.dot_general %x, %x, contracting_dims = [1] x [0] : (tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<64x64xf32>
  %b = stablehlo.dot_general %a, %x, contracting_dims = [1] x [0] : (tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<64x64xf32>
  %d = stablehlo.add %a, %b : tensor<64x64xf32>
  return %d : tensor<64x64xf32>
}"""
    assert kernels(text) == [["linalg.matmul"], ["linalg.matmul", "linalg.generic"]]


def test_a_reshaped_fill_that_the_host_needs() -> None:
    text = """
func.func @main(%x: tensor<?x3xf32>) -> tensor<?x?x3xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %d = tensor.dim %x, %c0 : tensor<?x3xf32>
  %e = tensor.empty(%d) : tensor<0x?x3xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<0x?x3xf32>) -> tensor<0x?x3xf32>
  %s = tensor.from_elements %c0, %d, %d : tensor<3xindex>
  %r = tensor.reshape %f(%s) : (tensor<0x?x3xf32>, tensor<3xindex>) -> tensor<0x?x3xf32>
  %c = tensor.cast %r : tensor<0x?x3xf32> to tensor<?x?x3xf32>
  return %c : tensor<?x?x3xf32>
}"""
    module = parse_module(text, make_context())
    to_flow(module)
    host = [op.name for function in body(module.body) for op in walk(function)]
    assert "linalg.fill" not in host
    assert "tensor.splat" in host


def test_scalars_of_any_width_are_passed_as_words() -> None:
    text = """
func.func @main(%x: tensor<4xf16>, %f: tensor<f16>, %p: tensor<i1>) -> tensor<4xf16> {
  %a = tensor.extract %f[] : tensor<f16>
  %c = tensor.extract %p[] : tensor<i1>
  %e = tensor.empty() : tensor<4xf16>
  %r = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%x : tensor<4xf16>) outs(%e : tensor<4xf16>) {
    ^bb0(%in: f16, %out: f16):
      %s = arith.addf %in, %a : f16
      %t = arith.select %c, %s, %in : f16
      linalg.yield %t : f16
  } -> tensor<4xf16>
  return %r : tensor<4xf16>
}"""
    module = parse_module(text, make_context())
    run_pipeline(module, "form-dispatches")
    dispatch = next(op for op in walk(module.operation) if op.name == "flow.dispatch")
    assert sorted(str(v.type) for v in dispatch.operands) == ["i32", "i32", "tensor<4xf16>"]


@pytest.mark.parametrize(
    ("option", "groups", "kind", "expected", "shape"),
    [
        ("", 3, "f32", 2, "1x8x8x3"),
        ("{fuse-pads}", 3, "f32", 1, "1x8x8x3"),
        ("{fuse-pads}", 1, "f32", 2, "1x8x8x3"),
        ("{fuse-pads}", 3, "f16", 3, "1x8x8x3"),
        ("{fuse-pads}", 8, "f32", 1, "?x8x8x8"),
        ("{fuse-pads}", 3, "f32", 2, "?x8x8x3"),
        ("{fuse-pads}", 8, "f32", 2, "1x?x8x8"),
    ],
)
def test_padding_is_a_dispatch_or_part_of_one(option: str, groups: int, kind: str, expected: int, shape: str) -> None:
    channels = int(shape.rsplit("x", maxsplit=1)[-1])
    x, w = f"tensor<{shape}x{kind}>", f"tensor<3x3x{channels // groups}x{channels}x{kind}>"
    text = f"""
func.func @main(%x: {x}, %w: {w}) -> {x} {{
  %0 = stablehlo.convolution(%x, %w) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {{pad = [[1, 1], [1, 1]]}}
    {{batch_group_count = 1 : i64, feature_group_count = {groups} : i64}} : ({x}, {w}) -> {x}
  return %0 : {x}
}}"""
    module = programs.linalg_module(text)
    run_pipeline(module, f"form-dispatches{option}")
    assert [op.name for op in body(module.body)].count("flow.executable") == expected


ROW = "tensor<3x40xf32>"
MANY = {
    "chain": (
        [f"%s{i + 1} = stablehlo.add %{f's{i}' if i else 'a0'}, %a{i + 1} : {ROW}" for i in range(11)],
        ["%s11"],
        ROW,
    ),
    "diamonds": (
        [
            *(f"%t{i} = stablehlo.tanh %a{i} : {ROW}" for i in range(12)),
            *(f"%p{i} = stablehlo.multiply %t{i}, %t{(i + 1) % 12} : {ROW}" for i in range(12)),
            *(f"%q{i} = stablehlo.add %p{i}, %t{(i + 5) % 12} : {ROW}" for i in range(12)),
            f"%s0 = stablehlo.maximum %q0, %p7 : {ROW}",
            *(
                f"%u{i} = stablehlo.add %s{i - 1}, %q{i} : {ROW}\n%s{i} = stablehlo.multiply %u{i}, %p{11 - i} : {ROW}"
                for i in range(1, 12)
            ),
        ],
        ["%s11"],
        ROW,
    ),
    "results": (
        [f"%t = stablehlo.tanh %a0 : {ROW}", *(f"%s{i} = stablehlo.add %a{i}, %t : {ROW}" for i in range(12))],
        [f"%s{i}" for i in range(12)],
        ROW,
    ),
    "concatenation": (
        [
            f"%s = stablehlo.concatenate {', '.join(f'%a{i}' for i in range(12))}, dim = 0 : "
            f"({', '.join([ROW] * 12)}) -> tensor<36x40xf32>"
        ],
        ["%s"],
        "tensor<36x40xf32>",
    ),
    "reduction": (
        [
            "%z = stablehlo.constant dense<0.0> : tensor<f32>",
            f'%s:5 = "stablehlo.reduce"(%a0, %a1, %a2, %a3, %a4, {", ".join(["%z"] * 5)})'
            " <{dimensions = array<i64: 1>}> ({ ^bb0("
            + ", ".join([f"%{v}{i}: tensor<f32>" for v in "xy" for i in range(5)])
            + "):\n%c = stablehlo.compare GT, %x0, %y0 : (tensor<f32>, tensor<f32>) -> tensor<i1>\n"
            + "\n".join(f"%m{i} = stablehlo.select %c, %x{i}, %y{i} : tensor<i1>, tensor<f32>" for i in range(5))
            + f"\nstablehlo.return {', '.join(f'%m{i}' for i in range(5))} : {', '.join(['tensor<f32>'] * 5)} }})"
            f" : ({', '.join([ROW] * 5 + ['tensor<f32>'] * 5)}) -> ({', '.join(['tensor<3xf32>'] * 5)})",
        ],
        [f"%s#{i}" for i in range(5)],
        "tensor<3xf32>",
    ),
}


def _most_tensors(name: str, bound: int | None) -> int:
    """Of a dispatch of a program among MANY."""
    lines, results, type_ = MANY[name]
    types = ", ".join([type_] * len(results))
    arguments = ", ".join(f"%a{i}: {ROW}" for i in range(12))
    text = "\n".join(
        [f"func.func @main({arguments}) -> ({types}) {{", *lines, f"return {', '.join(results)} : {types} }}"]
    )
    module = parse_module(text, make_context())
    if bound is not None:
        bound_bindings(module, bound)
    input_to_linalg(module)
    to_flow(module)
    found = [op for op in walk(module.operation) if op.name == "flow.dispatch"]
    return max(sum("tensor" in str(v.type) for v in (*op.operands, *op.results)) for op in found)


@pytest.mark.parametrize("name", MANY)
def test_dispatches_have_no_more_tensors_than_the_target_allows(name: str) -> None:
    assert _most_tensors(name, None) > 7
    assert _most_tensors(name, 7) <= 7


def test_an_operation_that_reads_too_many_tensors_is_named() -> None:
    with pytest.raises(CompileError, match=r"'linalg.generic' reads 5 tensors.* 3 beside"):
        _most_tensors("reduction", 4)
