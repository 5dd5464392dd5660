"""State seen from Python: read, set, saved, restored, and kept apart between instances of one module."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from iree import codegen, vm
from iree.import_tf import import_module


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    class Model(tf.Module):
        def __init__(self) -> None:
            self.total = tf.Variable([1.0, 2.0], name="total")
            self.steps = tf.Variable(0, name="steps")

        @tf.function(input_signature=[tf.TensorSpec([2])])
        def add(self, x: Any) -> Any:
            self.steps.assign_add(1)
            return self.total.assign_add(x)

    folder = tmp_path_factory.mktemp("state")
    import_module(Model(), folder / "model")
    codegen.compile_file(folder / "model", target="cpu", output=folder / "model.vmfb")
    return folder / "model.vmfb"


ONE = np.float32([1, 1])


def test_starts_from_the_checkpoint_and_lives_on(file: Path) -> None:
    module = vm.load(file, device="cpu")
    np.testing.assert_array_equal(np.asarray(module.variables["total"]), [1, 2])
    module.add(ONE)
    module.add(ONE)
    np.testing.assert_array_equal(np.asarray(module.variables["total"]), [3, 4])
    assert int(np.asarray(module.variables["steps"])) == 2


def test_instances_do_not_share(file: Path) -> None:
    first, second = vm.load(file, device="cpu"), vm.load(file, device="cpu")
    first.add(ONE)
    np.testing.assert_array_equal(np.asarray(second.add(ONE * 10)), [11, 12])
    np.testing.assert_array_equal(np.asarray(first.variables["total"]), [2, 3])


def test_saved_and_restored(file: Path, tmp_path: Path) -> None:
    module = vm.load(file, device="cpu")
    module.add(ONE * 5)
    np.savez(tmp_path / "state.npz", **{name: np.asarray(value) for name, value in module.variables.items()})
    other = vm.load(file, device="cpu")
    with np.load(tmp_path / "state.npz") as saved:
        for name in saved:
            other.variables[name] = saved[name]
    np.testing.assert_array_equal(np.asarray(other.add(ONE)), [7, 8])
    assert int(np.asarray(other.variables["steps"])) == 2
