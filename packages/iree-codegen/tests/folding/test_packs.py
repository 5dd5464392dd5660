# ruff: noqa: E501  (MLIR text)
"""Packed constants are computed without compiling, and shared."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from iree.codegen.folding import fold_packs
from iree.dialects.mlir import make_context, parse_module
from iree.dialects.transforms.pack_constants import PackConstants
from iree.dialects.transforms.structure import functions, walk


def _program(n: int, functions_: int) -> str:
    body = "".join(
        f"""
func.func @f{i}(%x: tensor<8x64xf32>, %o: tensor<8x{n}xf32>) -> tensor<8x{n}xf32> {{
  %w = ml_program.global_load @w : tensor<64x{n}xf32>
  %r = linalg.matmul ins(%x, %w : tensor<8x64xf32>, tensor<64x{n}xf32>) outs(%o : tensor<8x{n}xf32>) -> tensor<8x{n}xf32>
  return %r : tensor<8x{n}xf32>
}}"""
        for i in range(functions_)
    )
    extern = f"#ml_program.extern : tensor<64x{n}xf32>"
    return f'ml_program.global private @w({extern}) : tensor<64x{n}xf32> {{iree.parameter = "w"}}{body}'


@pytest.mark.parametrize("n", [96, 1000])
@pytest.mark.parametrize("count", [1, 2])
def test_packs(n: int, count: int) -> None:
    module = parse_module(_program(n, count), make_context())
    w = np.random.default_rng(0).standard_normal((64, n)).astype(np.float32)
    parameters = {"w": w}
    with module.context:
        PackConstants(128).apply(module)
    with ThreadPoolExecutor(1) as executor:
        copies = fold_packs(module, parameters, executor)
    assert list(copies) == ["folded/0"]
    padded = np.pad(w, ((0, 0), (0, -n % 32)))
    assert list(parameters) == ["w", "folded/0"]
    np.testing.assert_array_equal(parameters["folded/0"], padded.reshape(64, -1, 32).transpose(1, 0, 2))
    names = [op.name for function in functions(module) for op in walk(function)]
    assert names.count("linalg.unpack") == count
    assert not {"linalg.transpose", "tensor.pad"} & set(names)
    assert "@w" not in str(module)
