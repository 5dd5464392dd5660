"""State of an import artefact: kept between calls, read and set from outside."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from iree import codegen, vm
from iree.dialects import artifact
from iree.dialects.manifest import Function, Manifest, Slot, TensorSpec, Variable
from iree.dialects.mlir import make_context, parse_module

PROGRAM = """
func.func @step(%x: tensor<3xf32>, %total: tensor<3xf32>, %w: tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>) {
  %0 = stablehlo.multiply %x, %w : tensor<3xf32>
  %1 = stablehlo.add %total, %0 : tensor<3xf32>
  return %1, %1 : tensor<3xf32>, tensor<3xf32>
}
func.func @peek(%total: tensor<3xf32>) -> tensor<3xf32> {
  return %total : tensor<3xf32>
}
"""
X = np.float32([1, 2, 3])
W = np.float32([10, 100, 1000])


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A compiled module that adds w * x to a total."""
    directory = tmp_path_factory.mktemp("state")
    leaf = TensorSpec(0, "f32", (3,), "x")
    total, w = Slot("variable", name="total"), Slot("variable", name="w")
    manifest = Manifest(
        "test",
        [
            Function("step", "step", [Slot("input", 0), total, w], [Slot("output", 0), total], [leaf], {}, leaf),
            Function("peek", "peek", [total], [Slot("output", 0)], [], {}, leaf),
        ],
        [Variable("total", "f32", (3,), True, "total"), Variable("w", "f32", (3,), False, "w")],
    )
    module = parse_module(PROGRAM, make_context())
    artifact.save(directory / "m", module, manifest, {"total": np.zeros(3, np.float32), "w": W})
    codegen.compile_file(directory / "m", output=directory / "m.vmfb")
    return directory / "m.vmfb"


def test_state_is_shared_by_functions_and_readable(path: Path) -> None:
    module = vm.load(path, device="cpu")
    assert np.asarray(module.variables["total"]).tolist() == [0, 0, 0]
    first = module.step(X)
    assert np.asarray(module.variables["total"]).tolist() == [10, 200, 3000]
    second = module.step(X)
    assert np.asarray(module.peek()).tolist() == [20, 400, 6000]
    assert np.asarray(first).tolist() == [10, 200, 3000]  # not changed by the second call
    assert np.asarray(second).tolist() == [20, 400, 6000]


def test_state_can_be_set(path: Path) -> None:
    module = vm.load(path, device="cpu")
    value = np.float32([1, 1, 1])
    module.variables["total"] = value
    value[:] = 7  # the variable holds a copy
    assert np.asarray(module.step(X)).tolist() == [11, 201, 3001]


def test_only_what_changes_is_a_variable(path: Path) -> None:
    module = vm.load(path, device="cpu")
    assert list(module.variables) == ["total"]
    assert sorted(f["name"] for f in module.manifest["functions"]) == ["peek", "step"]


def test_what_was_read_stays(path: Path) -> None:
    module = vm.load(path, device="cpu")
    module.step(X)
    read = module.variables["total"]
    peeked = module.peek()
    module.step(X)
    assert np.asarray(read).tolist() == np.asarray(peeked).tolist() == [10, 200, 3000]
