"""Asserts that do not hold are errors at run time, with TensorFlow's message; the module goes on working."""

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
        @tf.function(input_signature=[tf.TensorSpec([2])])
        def positive(self, x: Any) -> Any:
            tf.debugging.assert_positive(x, "only positive numbers")
            return tf.sqrt(x)

        @tf.function(input_signature=[tf.TensorSpec([3])])
        def in_loop(self, x: Any) -> Any:
            for i in tf.range(3):
                tf.debugging.Assert(x[i] < 5.0, ["row", i, "is too large"])
            return x * 2.0

        @tf.function(input_signature=[tf.TensorSpec([3])])
        def uneven(self, x: Any) -> Any:
            rows = tf.TensorArray(tf.float32, 3, infer_shape=False, element_shape=[None])
            for i in tf.range(3):
                rows = rows.write(i, x[: i + 1])
            return rows.stack()

        @tf.function(input_signature=[tf.TensorSpec([3]), tf.TensorSpec([], tf.int32)])
        def unwritten(self, x: Any, n: Any) -> Any:
            rows = tf.TensorArray(tf.float32, 4, infer_shape=False, element_shape=[None])
            for i in tf.range(n):
                rows = rows.write(i, x[: i + 1])
            return rows.concat()

        @tf.function(input_signature=[tf.TensorSpec([3, 2])])
        def of_other_widths(self, x: Any) -> Any:
            rows = tf.TensorArray(tf.float32, 2, infer_shape=False, element_shape=[None, None])
            for i in tf.range(2):
                rows = rows.write(i, x[:, i:])
            return rows.concat()

    folder = tmp_path_factory.mktemp("asserts")
    import_module(Model(), folder / "model")
    codegen.compile_file(folder / "model", target="cpu", output=folder / "model.vmfb")
    return vm.load(folder / "model.vmfb", device="cpu")


def test_fails_with_its_message(module: Any) -> None:
    with pytest.raises(vm.Error, match="only positive numbers") as error:
        module.positive(np.float32([1, -1]))
    assert "test_asserts.py" in str(error.value), "the source line"
    np.testing.assert_array_equal(np.asarray(module.positive(np.float32([1, 4]))), [1, 2])


def test_inside_of_a_loop(module: Any) -> None:
    np.testing.assert_array_equal(np.asarray(module.in_loop(np.float32([1, 2, 3]))), [2, 4, 6])
    with pytest.raises(vm.Error, match="row is too large"):
        module.in_loop(np.float32([1, 2, 6]))


@pytest.mark.parametrize(
    ("function", "inputs", "message"),
    [
        ("uneven", [np.zeros(3)], "elements of one TensorArray have different shapes"),
        ("unwritten", [np.zeros(3), 3], "an element of a TensorArray is read that was not written"),
        ("of_other_widths", [np.zeros((3, 2))], "that are concatenated differ in more than their first dimension"),
    ],
)
def test_lists(function: str, inputs: list[Any], message: str, module: Any) -> None:
    dtypes = [np.float32, np.int32]
    with pytest.raises(vm.Error, match=message):
        module[function](*(np.asarray(value, dtype) for value, dtype in zip(inputs, dtypes, strict=False)))
