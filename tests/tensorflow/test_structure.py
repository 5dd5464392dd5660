"""Calls by name and with defaults: what the manifest keeps of a function's parameters."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from iree import codegen, vm
from iree.import_tf import import_module


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Any:
    class Model(tf.Module):
        @tf.function
        def predict(self, features: dict[str, tf.Tensor], training: bool = False, *, scale: tf.Tensor) -> Any:
            x = features["a"] * scale
            return {"sum": tf.reduce_sum(x), "x": x if training else -x}

    model = Model()
    model.predict.get_concrete_function({"a": tf.TensorSpec([2])}, scale=tf.TensorSpec([]))
    folder = tmp_path_factory.mktemp("structure")
    import_module(model, folder / "model", ["predict"])
    codegen.compile_file(folder / "model", target="cpu", output=folder / "model.vmfb")
    return vm.load(folder / "model.vmfb", device="cpu")


X = np.float32([1, 2])


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        ((), {"features": {"a": X}, "training": False, "scale": np.float32(3)}),
        (({"a": X}, False), {"scale": np.float32(3)}),
        (({"a": X},), {"scale": np.float32(3)}),
    ],
)
def test_by_name(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    result = module.predict(*args, **kwargs)
    assert list(result) == ["sum", "x"]
    assert np.asarray(result["sum"]) == 9
    np.testing.assert_array_equal(np.asarray(result["x"]), -3 * X)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        (
            {"features": {"a": X}, "training": True, "scale": np.float32(1)},
            "input training.*made for False, given True",
        ),
        ({"features": {"b": X}, "scale": np.float32(1)}, "input features: expected the keys"),
        ({"features": {"a": X}}, "missing input scale"),
        ({"features": {"a": X}, "scale": np.float32(1), "mode": 1}, "unknown: input 'mode'"),
    ],
)
def test_what_does_not_fit(module: Any, kwargs: dict[str, Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError, vm.Error), match=message):
        module.predict(**kwargs)
