"""StableHLO text to results on the CPU, through the module file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from iree import codegen, vm

from tests.end_to_end import open_programs
from tests.end_to_end.programs import CASES, COUNTER, IF_STORE, Array, Case, rand

ADD = """
func.func @main(%a: tensor<3xf32>, %b: tensor<3xf32>) -> tensor<3xf32> {
  %0 = stablehlo.add %a, %b : tensor<3xf32>
  return %0 : tensor<3xf32>
}
"""


def close(got: Array, want: Array, rtol: float) -> None:
    """Compares dtype, shape and values; a float's error is relative to the largest magnitude."""
    assert got.dtype == want.dtype and got.shape == want.shape
    if want.dtype.kind != "f":
        np.testing.assert_array_equal(got, want)
        return
    finite = np.abs(want[np.isfinite(want)])
    np.testing.assert_allclose(got, want, rtol=0, atol=rtol * float(finite.max(initial=1e-30)))


def results(returned: object) -> list[Array]:
    """The results of a call as NumPy arrays."""
    return [np.asarray(r) for r in (returned if isinstance(returned, tuple) else (returned,))]


@pytest.mark.parametrize(
    "case",
    [*CASES, *(pytest.param(case, id=f"open-{case.name}") for case in open_programs.CASES)],
    ids=lambda c: c.name,
)
def test_program(case: Case) -> None:
    module = vm.load(codegen.compile_str(case.text), device="cpu")
    for arguments in case.calls:
        got = results(module.main(*arguments))
        want = case.expected(*arguments)
        assert len(got) == len(want)
        for g, w in zip(got, want, strict=True):
            close(g, np.asarray(w), case.rtol)


def test_state_is_kept_between_calls() -> None:
    module = vm.load(codegen.compile_str(COUNTER), device="cpu")
    total = np.zeros(4, np.float32)
    kept = []
    for _ in range(4):
        x = rand(4)
        before, after = results(module.main(x))
        close(before, total, 1e-6)
        total = total + x
        close(after, total, 1e-6)
        kept.append((after, total))
    for array, value in kept:  # results are the caller's: a later call does not change them
        close(array, value, 1e-6)


def test_two_contexts_have_state_of_their_own() -> None:
    data = codegen.compile_str(COUNTER)
    a, b = vm.load(data, device="cpu"), vm.load(data, device="cpu")
    one = np.ones(4, np.float32)
    for _ in range(3):
        a.main(one)
    assert results(b.main(one))[0].tolist() == [0] * 4
    assert results(a.main(one))[0].tolist() == [3] * 4


def test_state_stored_in_one_branch_only() -> None:
    module = vm.load(codegen.compile_str(IF_STORE), device="cpu")
    value = np.ones(2, np.float32)
    for p in (True, False, True):
        x = rand(2)
        value = value + x if p else value
        close(results(module.main(np.bool_(p), x))[0], value, 1e-6)


def test_the_file_is_mapped_and_runs(tmp_path: Path) -> None:
    source = tmp_path / "mlp.mlir"
    case = next(c for c in CASES if c.name == "mlp")
    source.write_text(case.text)
    statistics = codegen.compile_file(source)
    assert statistics.output_bytes == (tmp_path / "mlp.vmfb").stat().st_size
    module = vm.load(tmp_path / "mlp.vmfb", device="cpu")
    close(results(module.main(*case.calls[0]))[0], case.expected(*case.calls[0])[0], 1e-5)


def test_a_process_without_numpy_calls_a_module(tmp_path: Path) -> None:
    (tmp_path / "add.vmfb").write_bytes(codegen.compile_str(ADD))
    code = """
import sys
from array import array
sys.modules["numpy"] = None  # importing it is an error
from iree import vm
y = vm.load(sys.argv[1], device="cpu").main(array("f", [1, 2, 3]), array("f", [4, 5, 6]))
assert memoryview(y).tolist() == [5, 7, 9] and (y.shape, y.element_type) == ((3,), "f32")
"""
    subprocess.run([sys.executable, "-c", code, tmp_path / "add.vmfb"], check=True)


@pytest.mark.parametrize("phase", ["input", "flow", "executables", "hal", "vm"])
def test_stopping_after_a_phase_changes_nothing(phase: str, tmp_path: Path) -> None:
    case = next(c for c in CASES if c.name == "mlp")
    (tmp_path / "m.mlir").write_text(case.text)
    codegen.compile_file(tmp_path / "m.mlir", output=tmp_path / "whole.vmfb")
    middle = tmp_path / "middle.mlirbc"
    codegen.compile_file(tmp_path / "m.mlir", output=middle, options=codegen.CompilerOptions(compile_to=phase))
    codegen.compile_file(middle, output=tmp_path / "rest.vmfb", options=codegen.CompilerOptions(compile_from=phase))
    x = case.calls[0]
    whole, rest = (results(vm.load(tmp_path / f"{name}.vmfb", device="cpu").main(*x)) for name in ("whole", "rest"))
    np.testing.assert_array_equal(whole[0], rest[0])
