# ruff: noqa: E501  (MLIR text)
"""Which constants are packed, and how."""

from __future__ import annotations

import pytest
from iree.dialects.mlir import make_context, parse_module, run_upstream
from iree.dialects.passes import run_pipeline
from iree.dialects.transforms.structure import functions, shape_of, walk

GLOBALS = """
ml_program.global private @w(#ml_program.extern : tensor<64x96xf32>) : tensor<64x96xf32>
ml_program.global private mutable @s(#ml_program.extern : tensor<64x96xf32>) : tensor<64x96xf32>
ml_program.global private @odd(#ml_program.extern : tensor<64x100xf32>) : tensor<64x100xf32>
ml_program.global private @wide(#ml_program.extern : tensor<64x1000xf32>) : tensor<64x1000xf32>
ml_program.global private @narrow(#ml_program.extern : tensor<64x32xf32>) : tensor<64x32xf32>
ml_program.global private @t(#ml_program.extern : tensor<96x64xf32>) : tensor<96x64xf32>
ml_program.global private @conv(#ml_program.extern : tensor<3x3x16x64xf32>) : tensor<3x3x16x64xf32>
ml_program.global private @heads(#ml_program.extern : tensor<64x12x64xf32>) : tensor<64x12x64xf32>
"""


def matmul(weight: str, m: str, n: int) -> str:
    """X times a 64 by `n` weight."""
    size = "%d" if m == "?" else ""
    return f"""
func.func @main(%x: tensor<{m}x64xf32>, %d: index) -> tensor<{m}x{n}xf32> {{
  %z = arith.constant 0.0 : f32
  %w = ml_program.global_load @{weight} : tensor<64x{n}xf32>
  %e = tensor.empty({size}) : tensor<{m}x{n}xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<{m}x{n}xf32>) -> tensor<{m}x{n}xf32>
  %r = linalg.matmul ins(%x, %w : tensor<{m}x64xf32>, tensor<64x{n}xf32>) outs(%f : tensor<{m}x{n}xf32>) -> tensor<{m}x{n}xf32>
  return %r : tensor<{m}x{n}xf32>
}}"""


def generic(weight: str, shape: str, map_: str, *, out: str, loops: str, iterators: str) -> str:
    """A contraction of an 8x64 tensor and a weight."""
    return f"""
func.func @main(%x: tensor<8x64xf32>, %o: tensor<{out}xf32>) -> tensor<{out}xf32> {{
  %w = ml_program.global_load @{weight} : tensor<{shape}xf32>
  %r = linalg.generic {{indexing_maps = [affine_map<({loops}) -> (m, k)>, affine_map<({loops}) -> ({map_})>, affine_map<({loops}) -> ({loops.removesuffix(", k")})>],
    iterator_types = [{iterators}]}} ins(%x, %w : tensor<8x64xf32>, tensor<{shape}xf32>) outs(%o : tensor<{out}xf32>) {{
    ^bb0(%a: f32, %b: f32, %c: f32):
      %p = arith.mulf %a, %b : f32
      %s = arith.addf %c, %p : f32
      linalg.yield %s : f32 }} -> tensor<{out}xf32>
  return %r : tensor<{out}xf32>
}}"""


CONVOLUTION = """
func.func @main(%x: tensor<1x10x10x16xf32>, %o: tensor<1x8x8x64xf32>) -> tensor<1x8x8x64xf32> {
  %w = ml_program.global_load @conv : tensor<3x3x16x64xf32>
  %r = linalg.conv_2d_nhwc_hwcf ins(%x, %w : tensor<1x10x10x16xf32>, tensor<3x3x16x64xf32>) outs(%o : tensor<1x8x8x64xf32>) -> tensor<1x8x8x64xf32>
  return %r : tensor<1x8x8x64xf32>
}"""
PLAIN_USE = """
func.func @other() -> tensor<64x96xf32> {
  %w = ml_program.global_load @w : tensor<64x96xf32>
  return %w : tensor<64x96xf32>
}"""


def product(m: int, n: int, k: int) -> str:
    """Of two arguments."""
    a, b, c = f"tensor<{m}x{k}xf32>", f"tensor<{k}x{n}xf32>", f"tensor<{m}x{n}xf32>"
    return f"""
func.func @main(%a: {a}, %b: {b}, %c: {c}) -> {c} {{
  %r = linalg.matmul ins(%a, %b : {a}, {b}) outs(%c : {c}) -> {c}
  return %r : {c}
}}"""


SECOND = matmul("w", "16", 96).replace("@main", "@second")
P, R = '"parallel"', '"reduction"'

CASES = {
    "rows of any number": (matmul("w", "?", 96), [(3, 64, 32)]),
    "a single row has wider panels": (matmul("wide", "1", 1000), [(8, 64, 128)]),
    "columns are rounded up if that is little": (matmul("wide", "8", 1000), [(32, 64, 32)]),
    "but not if it is much": (matmul("odd", "8", 100), []),
    "a panel alone is packed already": (matmul("narrow", "8", 32), []),
    "state is no constant": (matmul("s", "8", 96), []),
    "not where something needs the plain form": (matmul("w", "8", 96) + PLAIN_USE, []),
    "functions that share a weight": (matmul("w", "8", 96) + SECOND, [(3, 64, 32), (3, 64, 32)]),
    "an argument, where no tile divides a large product": (product(1023, 1021, 1019), [(32, 1019, 32)]),
    "and where only the depth is odd": (product(200, 1024, 301), [(32, 301, 32)]),
    "not where tiles divide it": (product(1023, 1024, 512), []),
    "nor in a small one": (product(100, 1021, 1019), []),
    "columns first": (
        generic("t", "96x64", "n, k", out="8x96", loops="m, n, k", iterators=f"{P}, {P}, {R}"),
        [(3, 64, 32)],
    ),
    "several dimensions of columns": (
        generic("heads", "64x12x64", "k, h, n", out="8x12x64", loops="m, h, n, k", iterators=f"{P}, {P}, {P}, {R}"),
        [(12, 2, 64, 32)],
    ),
    "a convolution": (CONVOLUTION, [(2, 3, 3, 16, 32)]),
}


@pytest.mark.parametrize(("text", "packed"), CASES.values(), ids=CASES.keys())
def test_packing(text: str, packed: list[tuple[int, ...]]) -> None:
    module = parse_module(GLOBALS + text, make_context())
    run_pipeline(module, "pack-constants{register-bytes=128}")
    assert module.operation.verify()
    ops = [op for function in functions(module) for op in walk(function)]
    unpacks = [op for op in ops if op.name == "linalg.unpack"]
    assert [shape_of(op.operands[0].type) for op in unpacks] == packed
    assert all("iree.cheap" in op.attributes for op in unpacks)


def test_unpacking_is_the_inverse() -> None:
    """Upstream's lowering of the unpacking undoes what the pass made, down to the weight itself."""
    module = parse_module(GLOBALS + matmul("w", "8", 96), make_context())
    run_pipeline(module, "pack-constants")
    run_upstream(module, "canonicalize,cse")
    (unpack,) = [op for op in walk(functions(module)[0]) if op.name == "linalg.unpack"]
    assert shape_of(unpack.results[0].type) == (64, 96)
    perm = list(unpack.attributes["outer_dims_perm"])
    assert perm == [1, 0] and list(unpack.attributes["inner_dims_pos"]) == [1]


def test_long_chains_of_operations() -> None:
    type_ = "tensor<64x96xf32>"
    chain = "\n".join(f"%{i + 1} = arith.addf %{i}, %w : {type_}" for i in range(2000))
    text = f"func.func @main(%0: {type_}) -> {type_} {{ %w = ml_program.global_load @w : {type_}\n{chain}\n"
    module = parse_module(GLOBALS + text + f"return %2000 : {type_} }}" + SECOND, make_context())
    run_pipeline(module, "pack-constants")
    assert not any(op.name == "linalg.unpack" for function in functions(module) for op in walk(function))
