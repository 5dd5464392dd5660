"""Values that could share memory with one that is updated in place: through branches, loops and variables."""

from __future__ import annotations

import numpy as np
import pytest
from iree import codegen, vm

_TEXT = """
func.func @pick(%c: tensor<i1>, %x: tensor<8x4xf32>, %y: tensor<8x4xf32>, %u: tensor<1x4xf32>) -> (tensor<8x4xf32>, tensor<8x4xf32>) {
  %c0 = stablehlo.constant dense<0> : tensor<i32>
  %a = stablehlo.add %x, %x : tensor<8x4xf32>
  %b = stablehlo.add %y, %y : tensor<8x4xf32>
  %s = "stablehlo.if"(%c) ({ stablehlo.return %a : tensor<8x4xf32> }, { stablehlo.return %b : tensor<8x4xf32> }) : (tensor<i1>) -> tensor<8x4xf32>
  %r = stablehlo.dynamic_update_slice %b, %u, %c0, %c0 : (tensor<8x4xf32>, tensor<1x4xf32>, tensor<i32>, tensor<i32>) -> tensor<8x4xf32>
  return %s, %r : tensor<8x4xf32>, tensor<8x4xf32>
}
func.func @work(%c: tensor<i1>, %x: tensor<8x4xf32>, %y: tensor<8x4xf32>, %u: tensor<1x4xf32>) -> (tensor<8x4xf32>, tensor<8x4xf32>) {
  %c0 = stablehlo.constant dense<0> : tensor<i32>
  %a = stablehlo.add %x, %x : tensor<8x4xf32>
  %b = stablehlo.add %y, %y : tensor<8x4xf32>
  %s = "stablehlo.if"(%c) ({ %k = stablehlo.dot_general %a, %b, contracting_dims = [0] x [0] : (tensor<8x4xf32>, tensor<8x4xf32>) -> tensor<4x4xf32>
     %q = stablehlo.dot_general %a, %k, contracting_dims = [1] x [0] : (tensor<8x4xf32>, tensor<4x4xf32>) -> tensor<8x4xf32>
     stablehlo.return %q : tensor<8x4xf32> }, { stablehlo.return %b : tensor<8x4xf32> }) : (tensor<i1>) -> tensor<8x4xf32>
  %r = stablehlo.dynamic_update_slice %b, %u, %c0, %c0 : (tensor<8x4xf32>, tensor<1x4xf32>, tensor<i32>, tensor<i32>) -> tensor<8x4xf32>
  return %s, %r : tensor<8x4xf32>, tensor<8x4xf32>
}
func.func @loop(%n: tensor<i32>, %x: tensor<8x4xf32>, %u: tensor<1x4xf32>) -> (tensor<8x4xf32>, tensor<8x4xf32>) {
  %c0 = stablehlo.constant dense<0> : tensor<i32>
  %c1 = stablehlo.constant dense<1> : tensor<i32>
  %b = stablehlo.add %x, %x : tensor<8x4xf32>
  %w:2 = "stablehlo.while"(%c0, %b) ({ ^bb0(%i: tensor<i32>, %t: tensor<8x4xf32>):
     %p = stablehlo.compare LT, %i, %n : (tensor<i32>, tensor<i32>) -> tensor<i1>
     stablehlo.return %p : tensor<i1> }, { ^bb0(%i: tensor<i32>, %t: tensor<8x4xf32>):
     %j = stablehlo.add %i, %c1 : tensor<i32>
     %k = stablehlo.dot_general %t, %t, contracting_dims = [0] x [0] : (tensor<8x4xf32>, tensor<8x4xf32>) -> tensor<4x4xf32>
     %q = stablehlo.dot_general %t, %k, contracting_dims = [1] x [0] : (tensor<8x4xf32>, tensor<4x4xf32>) -> tensor<8x4xf32>
     stablehlo.return %j, %q : tensor<i32>, tensor<8x4xf32> }) : (tensor<i32>, tensor<8x4xf32>) -> (tensor<i32>, tensor<8x4xf32>)
  %r = stablehlo.dynamic_update_slice %b, %u, %c0, %c0 : (tensor<8x4xf32>, tensor<1x4xf32>, tensor<i32>, tensor<i32>) -> tensor<8x4xf32>
  return %w#1, %r : tensor<8x4xf32>, tensor<8x4xf32>
}
ml_program.global private mutable @v(dense<1.0> : tensor<8x4xf32>) : tensor<8x4xf32>
ml_program.global private mutable @w(dense<1.0> : tensor<8x4xf32>) : tensor<8x4xf32>
func.func @two(%x: tensor<8x4xf32>, %u: tensor<1x4xf32>) -> (tensor<8x4xf32>, tensor<8x4xf32>) {
  %c0 = stablehlo.constant dense<0> : tensor<i32>
  %a = ml_program.global_load @v : tensor<8x4xf32>
  ml_program.global_store @w = %x : tensor<8x4xf32>
  %b = ml_program.global_load @v : tensor<8x4xf32>
  %r = stablehlo.dynamic_update_slice %b, %u, %c0, %c0 : (tensor<8x4xf32>, tensor<1x4xf32>, tensor<i32>, tensor<i32>) -> tensor<8x4xf32>
  ml_program.global_store @v = %r : tensor<8x4xf32>
  %q = ml_program.global_load @v : tensor<8x4xf32>
  return %a, %q : tensor<8x4xf32>, tensor<8x4xf32>
}
func.func @inner(%c: tensor<i1>, %u: tensor<1x4xf32>) -> (tensor<8x4xf32>, tensor<8x4xf32>) {
  %c0 = stablehlo.constant dense<0> : tensor<i32>
  %a = ml_program.global_load @v : tensor<8x4xf32>
  "stablehlo.if"(%c) ({
    %b = ml_program.global_load @v : tensor<8x4xf32>
    %r = stablehlo.dynamic_update_slice %b, %u, %c0, %c0 : (tensor<8x4xf32>, tensor<1x4xf32>, tensor<i32>, tensor<i32>) -> tensor<8x4xf32>
    ml_program.global_store @v = %r : tensor<8x4xf32>
    stablehlo.return
  }, { stablehlo.return }) : (tensor<i1>) -> ()
  %q = ml_program.global_load @v : tensor<8x4xf32>
  return %a, %q : tensor<8x4xf32>, tensor<8x4xf32>
}
func.func @get() -> tensor<8x4xf32> {
  %a = ml_program.global_load @v : tensor<8x4xf32>
  return %a : tensor<8x4xf32>
}
func.func @copy() {
  %a = ml_program.global_load @v : tensor<8x4xf32>
  ml_program.global_store @w = %a : tensor<8x4xf32>
  return
}
func.func @put(%x: tensor<8x4xf32>) -> tensor<8x4xf32> {
  ml_program.global_store @v = %x : tensor<8x4xf32>
  return %x : tensor<8x4xf32>
}
func.func @swap() {
  %a = ml_program.global_load @v : tensor<8x4xf32>
  %b = ml_program.global_load @w : tensor<8x4xf32>
  ml_program.global_store @v = %b : tensor<8x4xf32>
  ml_program.global_store @w = %a : tensor<8x4xf32>
  return
}
func.func @both(%x: tensor<8x4xf32>) -> tensor<8x4xf32> {
  %y = stablehlo.add %x, %x : tensor<8x4xf32>
  ml_program.global_store @v = %y : tensor<8x4xf32>
  ml_program.global_store @w = %y : tensor<8x4xf32>
  return %y : tensor<8x4xf32>
}
func.func @choose(%c: tensor<i1>) {
  %a = ml_program.global_load @v : tensor<8x4xf32>
  %b = ml_program.global_load @w : tensor<8x4xf32>
  %s = "stablehlo.if"(%c) ({ stablehlo.return %a : tensor<8x4xf32> }, { stablehlo.return %b : tensor<8x4xf32> }) : (tensor<i1>) -> tensor<8x4xf32>
  ml_program.global_store @v = %s : tensor<8x4xf32>
  return
}
func.func @set(%u: tensor<1x4xf32>) {
  %c0 = stablehlo.constant dense<0> : tensor<i32>
  %b = ml_program.global_load @v : tensor<8x4xf32>
  %r = stablehlo.dynamic_update_slice %b, %u, %c0, %c0 : (tensor<8x4xf32>, tensor<1x4xf32>, tensor<i32>, tensor<i32>) -> tensor<8x4xf32>
  ml_program.global_store @v = %r : tensor<8x4xf32>
  return
}
func.func @getw() -> tensor<8x4xf32> {
  %a = ml_program.global_load @w : tensor<8x4xf32>
  return %a : tensor<8x4xf32>
}
"""  # noqa: E501


@pytest.fixture(scope="module")
def code() -> bytes:
    return codegen.compile_str(_TEXT)


@pytest.fixture
def module(code: bytes) -> vm.Module:
    return vm.load(code)


def _arguments() -> list[np.ndarray]:
    random = np.random.default_rng(5)
    return [random.uniform(-1, 1, shape).astype(np.float32) for shape in ((8, 4), (8, 4), (1, 4))]


def _updated(value: np.ndarray, row: np.ndarray) -> np.ndarray:
    return np.concatenate([row, value[1:]])


@pytest.mark.parametrize("condition", [True, False])
@pytest.mark.parametrize("name", ["pick", "work"])
def test_branches(module: vm.Module, name: str, condition: bool) -> None:
    x, y, row = _arguments()
    chosen, updated = getattr(module, name)(np.array(condition), x, y, row)
    taken = x + x if name == "pick" else (x + x) @ ((x + x).T @ (y + y))
    np.testing.assert_allclose(chosen, taken if condition else y + y, rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(updated, _updated(y + y, row))


@pytest.mark.parametrize("count", [0, 1])
def test_loops(module: vm.Module, count: int) -> None:
    x, _, row = _arguments()
    last, updated = module.loop(np.int32(count), x, row)
    double = x + x
    np.testing.assert_allclose(last, double @ (double.T @ double) if count else double, rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(updated, _updated(double, row))


@pytest.mark.parametrize("name", ["two", "inner"])
def test_what_was_read_before_an_update_stays(module: vm.Module, name: str) -> None:
    first, _, row = _arguments()
    before, after = getattr(module, name)(first if name == "two" else np.array(True), row)
    ones = np.ones((8, 4), np.float32)
    np.testing.assert_array_equal(before, ones)
    np.testing.assert_array_equal(after, _updated(ones, row))


def test_variables_and_results_are_apart(module: vm.Module) -> None:
    random = np.random.default_rng(6)
    v = w = np.ones((8, 4), np.float32)
    held: list[tuple[object, np.ndarray]] = []
    for step in range(300):
        given, row = (random.standard_normal(shape).astype(np.float32) for shape in ((8, 4), (1, 4)))
        match random.integers(6):
            case 0:
                module.copy()
                w = v
            case 1:
                v = given.copy()
                held.append((module.put(given), v))
                given[:] = 7
            case 2:
                module.swap()
                v, w = w, v
            case 3:
                v = w = given + given
                held.append((module.both(given), v))
            case 4:
                module.choose(np.array(step % 2 == 0))
                v = v if step % 2 == 0 else w
            case _:
                module.set(row)
                v = _updated(v, row)
        held += [(module.get(), v), (module.getw(), w)]
        held = held[-20:]
        for value, expected in held:
            np.testing.assert_array_equal(np.asarray(value), expected)
