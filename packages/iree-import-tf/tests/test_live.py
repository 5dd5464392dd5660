"""Live functions, imported from their graphs; data classes in signatures; cuts at nodes inside."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, Self

import numpy as np
import pytest
import tensorflow as tf
from evaluator import ArtefactRunner
from iree.import_tf import ImportFailure, import_function, import_module, import_saved_model


@dataclasses.dataclass
class Pair:
    """A structure as TensorFlow takes it."""

    left: Any
    right: Any
    swapped: bool = False

    def __tf_flatten__(self) -> tuple[tuple[bool], tuple[Any, Any]]:
        return (self.swapped,), (self.left, self.right)

    @classmethod
    def __tf_unflatten__(cls, metadata: tuple[bool], components: tuple[Any, Any]) -> Self:
        return cls(*components, swapped=metadata[0])


class Swap(tf.Module):
    """A function from a pair to a pair, with a variable and a constant that is captured."""

    def __init__(self) -> None:
        self.calls = tf.Variable(0.0, name="calls")
        self.one = tf.constant(np.ones(3, np.float32))

    @tf.function(input_signature=[Pair(tf.TensorSpec([2]), tf.TensorSpec([3])), tf.TensorSpec([])])
    def f(self, pair: Pair, scale: tf.Tensor) -> Pair:
        self.calls.assign_add(1.0)
        probabilities = tf.nn.softmax(pair.left, name="probabilities")
        return Pair(pair.right * scale + self.one, probabilities + self.calls, True)


@pytest.mark.parametrize("live", [False, True])
def test_data_classes(live: bool, tmp_path: Path) -> None:
    module = Swap()
    if live:
        import_function(module.f, tmp_path, "f")
    else:
        import_module(module, tmp_path)
    runner = ArtefactRunner(tmp_path)
    (function,) = runner.manifest.functions
    assert list(function.input_names) == ["pair", "scale"]
    assert list(function.input_args[0]) == list(function.outputs) == ["left", "right"]
    assert "calls" in runner.variables
    left, right = np.float32([1, 2]), np.float32([3, 4, 5])
    for _ in range(2):
        expected = module.f(Pair(tf.constant(left), tf.constant(right)), tf.constant(2.0))
        actual = runner.call("f", [left, right, np.float32(2)])
        np.testing.assert_allclose(actual[0], expected.left, 1e-6)
        np.testing.assert_allclose(actual[1], expected.right, 1e-6)


def test_cut(tmp_path: Path) -> None:
    module = Swap()
    import_module(module, tmp_path / "whole")  # makes data classes known to TensorFlow
    tf.saved_model.save(module, str(tmp_path / "saved"), signatures={})
    import_saved_model(tmp_path / "saved", tmp_path / "part", ["f"], outputs=["probabilities"])
    (result,) = ArtefactRunner(tmp_path / "part").call("f", [np.float32([1, 1])])
    np.testing.assert_allclose(result, [0.5, 0.5])
    with pytest.raises(ImportFailure, match="there is no node 'nowhere'"):
        import_saved_model(tmp_path / "saved", tmp_path / "part", ["f"], outputs=["nowhere"])
