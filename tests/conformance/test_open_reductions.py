"""Reductions of rows whose size only the call knows to few elements: GPUs cut them into parts."""

from __future__ import annotations

import numpy as np
import pytest
from conformance.runner import DEVICE, TARGETS, driver
from iree import codegen, vm

RNG = np.random.default_rng(11)
_SUM = """
func.func @NAME(%a: tensor<?xTYPE>) -> tensor<TYPE> {
  %z = stablehlo.constant dense<START> : tensor<TYPE>
  %r = stablehlo.reduce(%a init: %z) applies stablehlo.NAME across dimensions = [0] : (tensor<?xTYPE>, tensor<TYPE>) -> tensor<TYPE>
  return %r : tensor<TYPE>
}"""  # noqa: E501
_PROGRAM = """
func.func @distance(%a: tensor<3x?x?x2xf32>, %b: tensor<3x?x?x2xf32>) -> tensor<3x2xf32> {
  %z = stablehlo.constant dense<1.0> : tensor<f32>
  %d = stablehlo.subtract %a, %b : tensor<3x?x?x2xf32>
  %e = stablehlo.multiply %d, %d : tensor<3x?x?x2xf32>
  %r = stablehlo.reduce(%e init: %z) applies stablehlo.add across dimensions = [1, 2] : (tensor<3x?x?x2xf32>, tensor<f32>) -> tensor<3x2xf32>
  return %r : tensor<3x2xf32>
}
func.func @last(%a: tensor<4x?xf32>, %i: tensor<4x?xi32>) -> (tensor<4xf32>, tensor<4xi32>) {
  %ninf = stablehlo.constant dense<0xFF800000> : tensor<f32>
  %none = stablehlo.constant dense<-1> : tensor<i32>
  %v, %w = stablehlo.reduce(%a init: %ninf), (%i init: %none) across dimensions = [1] : (tensor<4x?xf32>, tensor<4x?xi32>, tensor<f32>, tensor<i32>) -> (tensor<4xf32>, tensor<4xi32>)
  reducer(%x: tensor<f32>, %y: tensor<f32>) (%j: tensor<i32>, %k: tensor<i32>) {
    %g = stablehlo.compare GT, %x, %y : (tensor<f32>, tensor<f32>) -> tensor<i1>
    %m = stablehlo.select %g, %x, %y : tensor<i1>, tensor<f32>
    %n = stablehlo.select %g, %j, %k : tensor<i1>, tensor<i32>
    stablehlo.return %m, %n : tensor<f32>, tensor<i32>
  }
  return %v, %w : tensor<4xf32>, tensor<4xi32>
}"""  # noqa: E501
_TABLE = {
    "add": ("f32", "-0.0"), "maximum": ("f32", "0xFF800000"), "minimum": ("ui8", "200"), "multiply": ("i64", "3"),
    "and": ("i1", "true"), "or": ("i32", "5"),
}  # fmt: skip


def test_open_reductions() -> None:
    text = "".join(
        _SUM.replace("NAME", name).replace("TYPE", type_).replace("START", start)
        for name, (type_, start) in _TABLE.items()
    )
    module = vm.load(codegen.compile_str(text + _PROGRAM, TARGETS.get(driver(DEVICE), "cpu")), device=DEVICE)
    for n in (0, 1, 63, 64, 65, 1000, 1024, 1025, (1 << 20) + 3):
        x = RNG.uniform(-1, 1, n).astype(np.float32)
        np.testing.assert_allclose(np.asarray(module.add(x)), x.sum(dtype=np.float64), rtol=1e-5, atol=1e-3)
        np.testing.assert_array_equal(module.maximum(x), x.max(initial=-np.inf))
        for special in (np.nan, np.inf, -np.inf) if n else ():
            x[n // 2] = special
            np.testing.assert_array_equal(module.add(x), np.float32(special))
            np.testing.assert_array_equal(module.maximum(x), x.max())
        i = RNG.integers(1, 256, n)
        np.testing.assert_array_equal(module.minimum(i.astype(np.uint8)), i.min(initial=200))
        np.testing.assert_array_equal(module.multiply(i | 1), np.multiply.reduce(i | 1, initial=3))
        np.testing.assert_array_equal(getattr(module, "or")(i.astype(np.int32)), np.bitwise_or.reduce(i, initial=5))
        truth = np.ones(n, np.bool_)
        assert np.asarray(getattr(module, "and")(truth))
        truth[n // 3 :][:1] = False
        assert np.asarray(getattr(module, "and")(truth)) == (n == 0)
    for p, q in ((0, 5), (1, 1), (3, 7), (1, 5000), (5000, 1), (333, 77)):
        a, b = (RNG.uniform(-1, 1, (3, p, q, 2)).astype(np.float32) for _ in range(2))
        expected = 1 + ((a.astype(np.float64) - b) ** 2).sum((1, 2))
        np.testing.assert_allclose(np.asarray(module.distance(a, b)), expected, rtol=1e-5)
        with pytest.raises(Exception, match="differ in size"):
            module.distance(a, np.zeros((3, p, q + 1, 2), np.float32))
    for n in (0, 1, 5, 257, 3000, 4097):
        a = RNG.integers(0, 4, (4, n)).astype(np.float32)
        a[3] = -np.inf
        where = np.broadcast_to(np.arange(n, dtype=np.int32), (4, n))
        values, places = module.last(a, np.ascontiguousarray(where))
        np.testing.assert_array_equal(values, a.max(1, initial=-np.inf))
        np.testing.assert_array_equal(places, n - 1 - a[:, ::-1].argmax(1) if n else [-1] * 4)
