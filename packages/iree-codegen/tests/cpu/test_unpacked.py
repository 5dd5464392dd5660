# ruff: noqa: E501  (MLIR text)
"""Kernels whose constant operand comes packed in panels of columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from cpu_harness import compile_text
from iree import codegen, vm

RNG = np.random.default_rng(0)


def _normal(*shape: int) -> np.ndarray:
    return RNG.standard_normal(shape).astype(np.float32)


def _kernel(m: str, n: int, k: int, columns: int) -> str:
    """X times packed W plus a bias, rectified."""
    panels, size, index = -(-n // columns), "%d1" if m == "?" else "", ", %d0: index, %d1: index" if m == "?" else ""
    c = f"tensor<{m}x{n}xf32>"
    return f"""
func.func @kernel(%x: tensor<{m}x{k}xf32>, %p: tensor<{panels}x{k}x{columns}xf32>, %b: tensor<{n}xf32>{index}) -> {c} {{
  %z = arith.constant 0.0 : f32
  %e = tensor.empty({size}) : {c}
  %u = tensor.empty() : tensor<{k}x{n}xf32>
  %w = linalg.unpack %p outer_dims_perm = [1, 0] inner_dims_pos = [1] inner_tiles = [{columns}] into %u : tensor<{panels}x{k}x{columns}xf32> -> tensor<{k}x{n}xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : {c}) -> {c}
  %y = linalg.matmul ins(%x, %w : tensor<{m}x{k}xf32>, tensor<{k}x{n}xf32>) outs(%f : {c}) -> {c}
  %r = linalg.generic {{indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>],
    iterator_types = ["parallel", "parallel"]}} ins(%y, %b : {c}, tensor<{n}xf32>) outs(%e : {c}) {{
  ^bb0(%v: f32, %q: f32, %o: f32):
    %s = arith.addf %v, %q : f32
    %t = arith.maximumf %s, %z : f32
    linalg.yield %t : f32 }} -> {c}
  return %r : {c}
}}"""


def _pack(w: np.ndarray, columns: int) -> np.ndarray:
    padded = np.pad(w, ((0, 0), (0, -w.shape[1] % columns)))
    return np.ascontiguousarray(padded.reshape(w.shape[0], -1, columns).transpose(1, 0, 2))


@pytest.mark.parametrize("cpu", ["host", "x86-64-v3"])
@pytest.mark.parametrize("dynamic", [False, True])
@pytest.mark.parametrize(
    ("m", "n", "k", "columns"),
    [
        (49, 96, 64, 32),
        (1, 1000, 128, 128),
        (17, 1000, 33, 32),
        (64, 144, 24, 16),
        (7, 64, 2, 32),
        (1, 48, 5, 16),
        (23, 93, 11, 32),
        (9, 256, 7, 128),
        (1, 512, 9, 512),
    ],
)
def test_matmul(m: int, n: int, k: int, columns: int, *, dynamic: bool, cpu: str) -> None:
    x, w, bias = _normal(m, k), _normal(k, n), _normal(n)
    kernel = compile_text(_kernel("?" if dynamic else str(m), n, k, columns), cpu)
    assert not any("failed" in stage for stage in kernel.stages)
    (r,) = kernel([x, _pack(w, columns), bias], [((m, n), np.float32)], [], [m, m] if dynamic else [])
    np.testing.assert_allclose(r, np.maximum(x.astype(np.float64) @ w + bias, 0), rtol=2e-5, atol=3e-5)


@pytest.mark.parametrize(
    ("n", "k", "function", "cpu"),
    [(93, 11, "relu", "host"), (1000, 33, "relu", "x86-64-v3"), (49, 5, "tanh", "host"), (33, 7, "tanh", "x86-64-v2")],
)
def test_any_number_of_rows(n: int, k: int, function: str, cpu: str) -> None:
    """Every number of rows beside the register tiles; those of long epilogues are taken in two parts."""
    text = _kernel("?", n, k, 32)
    text = text if function == "relu" else text.replace("arith.maximumf %s, %z", "math.tanh %s")
    kernel = compile_text(text, cpu)
    assert not any("failed" in stage for stage in kernel.stages)
    x, w, bias = _normal(40, k), _normal(k, n), _normal(n)
    sums = x.astype(np.float64) @ w + bias
    expected = np.maximum(sums, 0) if function == "relu" else np.tanh(sums)
    for m in range(41):
        (r,) = kernel([x[:m], _pack(w, 32), bias], [((m, n), np.float32)], [], [m, m])
        np.testing.assert_allclose(r, expected[:m], rtol=2e-5, atol=3e-5)


def test_without_a_template() -> None:
    """What no template takes gathers from the panels."""
    text = """
func.func @kernel(%p: tensor<3x5x16xf32>) -> tensor<5x40xf32> {
  %u = tensor.empty() : tensor<5x40xf32>
  %w = linalg.unpack %p outer_dims_perm = [1, 0] inner_dims_pos = [1] inner_tiles = [16] into %u : tensor<3x5x16xf32> -> tensor<5x40xf32>
  return %w : tensor<5x40xf32>
}"""
    w = _normal(5, 40)
    (r,) = compile_text(text)([_pack(w, 16)], [((5, 40), np.float32)])
    np.testing.assert_array_equal(r, w)


def _literal(values: np.ndarray) -> str:
    return f'dense<"0x{values.tobytes().hex().upper()}"> : tensor<{"x".join(map(str, values.shape))}xf32>'


PROGRAMS = {
    "convolution": (
        (1, 9, 9, 8),
        (3, 3, 8, 64),
        (1, 7, 7, 64),
        """stablehlo.convolution(%x, %w) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {stride = [1, 1]}
           {feature_group_count = 1 : i64, batch_group_count = 1 : i64}""",
    ),
    "strided 1x1 convolution": (
        (1, 8, 8, 16),
        (1, 1, 16, 64),
        (1, 4, 4, 64),
        """stablehlo.convolution(%x, %w) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {stride = [2, 2]}
           {feature_group_count = 1 : i64, batch_group_count = 1 : i64}""",
    ),
    "heads": ((2, 6, 16), (16, 3, 64), (2, 6, 3, 64), "stablehlo.dot_general %x, %w, contracting_dims = [2] x [0]"),
    "rows of the weight": ((6, 24), (96, 24), (6, 96), "stablehlo.dot_general %x, %w, contracting_dims = [1] x [1]"),
    "batches": (
        (3, 5, 16),
        (3, 16, 64),
        (3, 5, 64),
        "stablehlo.dot_general %x, %w, batching_dims = [0] x [0], contracting_dims = [2] x [1]",
    ),
}


@pytest.mark.parametrize(("x", "w", "y", "op"), PROGRAMS.values(), ids=PROGRAMS.keys())
def test_programs(x: Sequence[int], w: Sequence[int], y: Sequence[int], op: str) -> None:
    """With the weight as a constant, which is packed, for this level or a wider one, and as an argument, which is not."""
    types = [f"tensor<{'x'.join(map(str, shape))}xf32>" for shape in (x, w, y)]
    values = [_normal(*x), _normal(*w)]

    def run(levels: str, constant: bool) -> np.ndarray:
        argument = "" if constant else f", %w: {types[1]}"
        weight = f"%w = stablehlo.constant {_literal(values[1])}" if constant else ""
        text = f"""func.func @main(%x: {types[0]}{argument}) -> {types[2]} {{ {weight}
          %r = {op} : ({types[0]}, {types[1]}) -> {types[2]}
          return %r : {types[2]} }}"""
        options = codegen.CompilerOptions(target_options={"cpu": levels})
        binary = codegen.compile_str(text, options=options)
        assert not constant or binary.count(values[1].tobytes()) == 0
        # No machine has the wider level.
        module = vm.load(binary.replace(b"avx512f", b"z" * 7), device="cpu")
        return np.asarray(module.main(*values[: 1 if constant else 2]))

    expected = run("x86-64-v3", constant=False)
    for levels in ("x86-64-v3", "x86-64-v4,x86-64-v3"):
        np.testing.assert_allclose(run(levels, constant=True), expected, rtol=1e-5, atol=1e-5)
