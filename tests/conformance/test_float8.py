"""8-bit floats that cannot be arguments or results, inside of programs, against ml_dtypes."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np
import pytest
from iree import codegen, vm

_TEXT = """
func.func @decode(%a: tensor<256xui8>) -> tensor<256xf32> {
  %b = stablehlo.bitcast_convert %a : (tensor<256xui8>) -> tensor<256xTYPE>
  %r = stablehlo.convert %b : (tensor<256xTYPE>) -> tensor<256xf32>
  return %r : tensor<256xf32>
}
func.func @encode(%a: tensor<?xf32>) -> tensor<?xui8> {
  %b = stablehlo.convert %a : (tensor<?xf32>) -> tensor<?xTYPE>
  %r = stablehlo.bitcast_convert %b : (tensor<?xTYPE>) -> tensor<?xui8>
  return %r : tensor<?xui8>
}
func.func @compute(%a: tensor<256xui8>, %c: tensor<256xui8>) -> tensor<256xf32> {
  %b = stablehlo.bitcast_convert %a : (tensor<256xui8>) -> tensor<256xTYPE>
  %d = stablehlo.bitcast_convert %c : (tensor<256xui8>) -> tensor<256xTYPE>
  %e = stablehlo.add %b, %d : tensor<256xTYPE>
  %f = stablehlo.constant dense<1.5> : tensor<256xTYPE>
  %g = stablehlo.multiply %e, %f : tensor<256xTYPE>
  %r = stablehlo.convert %g : (tensor<256xTYPE>) -> tensor<256xf32>
  return %r : tensor<256xf32>
}"""
_TYPES = {"f8E4M3": ml_dtypes.float8_e4m3, "f8E3M4": ml_dtypes.float8_e3m4}


@pytest.mark.parametrize("name", _TYPES)
def test_float8_inside(name: str) -> None:
    dtype: Any = _TYPES[name]
    module = vm.load(codegen.compile_str(_TEXT.replace("TYPE", name)))
    rng, codes = np.random.default_rng(0), np.arange(256, dtype=np.uint8)
    numbers = codes.view(dtype)
    np.testing.assert_array_equal(module.decode(codes), numbers.astype(np.float32))
    exact = numbers.astype(np.float32)
    halves = (exact[:-1] + exact[1:]) / 2
    spread = rng.standard_normal(2000) * 10 ** rng.uniform(-5, 3, 2000)
    edges = [0.0, -0.0, np.inf, -np.inf, np.nan, 1e30, -1e-30, 1e-45]
    values = np.concatenate([exact, halves, np.nextafter(halves, 0), spread, edges]).astype(np.float32)
    with np.errstate(all="ignore"):
        expected = values.astype(dtype)
        changed = rng.permutation(codes)
        computed = ((numbers + changed.view(dtype)) * dtype(1.5)).astype(np.float32)
    found = np.asarray(module.encode(values))
    is_nan = np.isnan(expected.astype(np.float32))
    np.testing.assert_array_equal(found[~is_nan], expected.view(np.uint8)[~is_nan])
    assert np.isnan(found[is_nan].view(dtype).astype(np.float32)).all()
    np.testing.assert_array_equal(module.compute(codes, changed), computed)
