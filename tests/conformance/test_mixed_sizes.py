# ruff: noqa: E501 - programs read best as they are
"""What random programs found: types that know different things of the same sizes, and tensors of nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from iree import codegen, vm

X = np.arange(1, 7, dtype=np.float32).reshape(2, 3)
_D = "tensor<?x?xf32>"
_ONE = "%o = stablehlo.constant dense<1.0> : tensor<f32>\n"


def _pad(names: str, low: int, high: int, inner: int, types: tuple[str, str]) -> str:
    name, value = names.split()
    source, result = types
    return f"%{name} = stablehlo.pad %{value}, %o, low = [0, {low}], high = [0, {high}], interior = [0, {inner}] : ({source}, tensor<f32>) -> {result}\n"


def _padded(x: Any, low: int, high: int, inner: int) -> Any:
    wide = np.ones((x.shape[0], x.shape[1] + low + high + (x.shape[1] - 1) * inner), np.float32)
    wide[:, low : wide.shape[1] - high : inner + 1] = x
    return wide


_PROGRAMS: dict[str, tuple[str, Any, Any]] = {
    "complex of two types": (f"%b = stablehlo.convert %a : ({_D}) -> tensor<?x3xf32>\n%c = stablehlo.complex %a, %b : ({_D}, tensor<?x3xf32>) -> tensor<?x?xcomplex<f32>>\n%r = stablehlo.imag %c : (tensor<?x?xcomplex<f32>>) -> {_D}", X, X),
    "result that knows less": (f"%b = stablehlo.convert %a : ({_D}) -> tensor<2x3xf32>\n%c = stablehlo.concatenate %b, %a, dim = 1 : (tensor<2x3xf32>, {_D}) -> {_D}\n%r = stablehlo.slice %c [0:2, 1:5] : ({_D}) -> {_D}", X, np.hstack([X, X])[:, 1:5]),
    "slice": (f"%i = stablehlo.constant dense<1> : tensor<i32>\n%b = stablehlo.dynamic_slice %a, %i, %i, sizes = [2, 2] : ({_D}, tensor<i32>, tensor<i32>) -> tensor<2x?xf32>\n%r = stablehlo.abs %b : (tensor<2x?xf32>) -> {_D}", X, X[:, 1:]),
    "sort of two types": (f'%b = stablehlo.negate %a : ({_D}) -> tensor<?x3xf32>\n%s:2 = "stablehlo.sort"(%b, %a) <{{dimension = 1 : i64}}> ({{ ^bb0(%x: tensor<f32>, %y: tensor<f32>, %p: tensor<f32>, %q: tensor<f32>):\n%c = stablehlo.compare LT, %x, %y : (tensor<f32>, tensor<f32>) -> tensor<i1>\nstablehlo.return %c : tensor<i1> }}) : (tensor<?x3xf32>, {_D}) -> ({_D}, {_D})\n%r = stablehlo.abs %s#1 : {_D}', X, X[:, ::-1]),
    "sort of what its type does not know": (f'{_ONE}%z = stablehlo.constant dense<[0, 0]> : tensor<2xi64>\n%l = stablehlo.constant dense<[1, 0]> : tensor<2xi64>\n%k = stablehlo.convert %a : ({_D}) -> tensor<2x?xf32>\n%p = stablehlo.dynamic_pad %k, %o, %l, %z, %z : (tensor<2x?xf32>, tensor<f32>, tensor<2xi64>, tensor<2xi64>, tensor<2xi64>) -> {_D}\n%r = "stablehlo.sort"(%p) <{{dimension = 0 : i64}}> ({{ ^bb0(%x: tensor<f32>, %y: tensor<f32>):\n%c = stablehlo.compare GT, %x, %y : (tensor<f32>, tensor<f32>) -> tensor<i1>\nstablehlo.return %c : tensor<i1> }}) : ({_D}) -> {_D}', X, np.float32([[4, 5, 6], [1, 2, 3], [1, 1, 1]])),
    "reduce_precision": (f"%r = stablehlo.reduce_precision %a, format = e5m1 : {_D}", X, np.float32([[1, 2, 3], [4, 4, 6]])),
    "pad of a pad": (_ONE + _pad("b a", 1, 1, 0, (_D, _D)) + _pad("r b", 1, 1, 1, (_D, _D)), X, _padded(_padded(X, 1, 1, 0), 1, 1, 1)),
    "pad of a pad of known sizes": (f"{_ONE}%k = stablehlo.convert %a : ({_D}) -> tensor<2x3xf32>\n" + _pad("b k", 1, 1, 0, ("tensor<2x3xf32>", "tensor<2x5xf32>")) + _pad("r b", 1, 1, 1, ("tensor<2x5xf32>", _D)), X, _padded(_padded(X, 1, 1, 0), 1, 1, 1)),
    "pad of nothing": (f"{_ONE}%k = stablehlo.convert %a : ({_D}) -> tensor<0x?xf32>\n" + _pad("r k", 2, 1, 1, ("tensor<0x?xf32>", _D)), X[:0], np.ones((0, 8), np.float32)),
    "complex nothing": (f"%k = stablehlo.convert %a : ({_D}) -> tensor<2x3xf32>\n%c = stablehlo.complex %k, %k : tensor<2x3xcomplex<f32>>\n%i = stablehlo.constant dense<1> : tensor<i32>\n%d = stablehlo.dynamic_slice %c, %i, %i, sizes = [0, 2] : (tensor<2x3xcomplex<f32>>, tensor<i32>, tensor<i32>) -> tensor<0x2xcomplex<f32>>\n%e = stablehlo.real %d : (tensor<0x2xcomplex<f32>>) -> tensor<0x2xf32>\n%r = stablehlo.convert %e : (tensor<0x2xf32>) -> {_D}", X, X[:0, :2]),
    "scalar of the host": (f"%n = stablehlo.get_dimension_size %a, dim = 1 : ({_D}) -> tensor<i32>\n%m = stablehlo.reshape %n : (tensor<i32>) -> tensor<1x1xi32>\n%f = stablehlo.convert %m : (tensor<1x1xi32>) -> tensor<?x?xi32>\n%r = stablehlo.convert %f : (tensor<?x?xi32>) -> {_D}", X, np.float32([[3]])),
}  # fmt: skip


@pytest.fixture(scope="module")
def module() -> Any:
    text = "\n".join(
        f"func.func @f{number}(%a: {_D}) -> {_D} {{\n{body}\nreturn %r : {_D} }}"
        for number, (body, _, _) in enumerate(_PROGRAMS.values())
    )
    return vm.load(codegen.compile_str(text + _COMPLEX + _CONVOLUTION + _BOUNDED))


_COMPLEX = """
func.func @empty(%a: tensor<complex<f64>>) -> tensor<1x0xcomplex<f64>> {
  %b = stablehlo.reshape %a : (tensor<complex<f64>>) -> tensor<1x1xcomplex<f64>>
  %i = stablehlo.constant dense<-2> : tensor<i32>
  %r = stablehlo.dynamic_slice %b, %i, %i, sizes = [1, 0] : (tensor<1x1xcomplex<f64>>, tensor<i32>, tensor<i32>) -> tensor<1x0xcomplex<f64>>
  return %r : tensor<1x0xcomplex<f64>>
}
"""
_BOUNDED = """
func.func @bounded(%a: tensor<?xf32, #stablehlo.bounds<4>>) -> tensor<?xf32, #stablehlo.bounds<4>> {
  %r = stablehlo.add %a, %a : tensor<?xf32, #stablehlo.bounds<4>>
  return %r : tensor<?xf32, #stablehlo.bounds<4>>
}
"""
_CONVOLUTION = """
func.func @conv(%a: tensor<1x3x1xf32>, %k: tensor<1x1x1xf32>) -> tensor<1x9x1xf32> {
  %z = stablehlo.constant dense<0.0> : tensor<f32>
  %b = stablehlo.pad %a, %z, low = [0, 1, 0], high = [0, 1, 0], interior = [0, 0, 0] : (tensor<1x3x1xf32>, tensor<f32>) -> tensor<1x5x1xf32>
  %r = stablehlo.convolution(%b, %k) dim_numbers = [b, 0, f]x[0, i, o]->[b, 0, f], window = {lhs_dilate = [2]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<1x5x1xf32>, tensor<1x1x1xf32>) -> tensor<1x9x1xf32>
  return %r : tensor<1x9x1xf32>
}
"""


@pytest.mark.parametrize("name", _PROGRAMS)
def test_results(module: Any, name: str) -> None:
    _, argument, expected = _PROGRAMS[name]
    found = np.asarray(module[f"f{list(_PROGRAMS).index(name)}"](argument))
    np.testing.assert_array_equal(found, expected, strict=True)


def test_what_is_padded_and_then_dilated(module: Any) -> None:
    """Upstream's canonicalization of fills would forget the dilation."""
    image, one = np.float32([1, 2, 3]).reshape(1, 3, 1), np.ones((1, 1, 1), np.float32)
    assert np.asarray(module.conv(image, one)).ravel().tolist() == [0, 0, 1, 0, 2, 0, 3, 0, 0]
    assert np.asarray(module.empty(np.complex128(1))).shape == (1, 0)


def test_sizes_that_one_type_knows_are_checked(module: Any) -> None:
    with pytest.raises(vm.Error, match="dimension 1 of operand 0 is not 3"):
        module.f0(np.zeros((2, 4), np.float32))
    assert np.asarray(module.bounded(np.ones(4, np.float32))).tolist() == [2] * 4
    with pytest.raises(vm.Error, match="dimension 0 of argument 0 is larger than its bound, 4"):
        module.bounded(np.ones(5, np.float32))
