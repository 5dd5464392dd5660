"""Nested inputs and outputs, keyword arguments, Python values among the arguments. Calls by name: test_structure.py."""

# A table: a row is a line, lambdas are what is tested, and I is TensorFlow's int32.
# ruff: noqa: E741

from __future__ import annotations

import collections
from typing import Any

import numpy as np
import tensorflow as tf
from harness import Calls, Family

FAMILY = Family()
I = tf.int32
Spec = tf.TensorSpec
Pair = collections.namedtuple("Pair", ["second", "first"])
X, Y = np.float32([1, 2, 3]), np.float32([4, 5, 6])


@FAMILY.module
def nested() -> tuple[tf.Module, Calls]:
    class Model(tf.Module):
        @tf.function(input_signature=[{"b": [Spec([3]), (Spec([3]), Spec([], I))], "a": Spec([3])}])
        def f(self, d: Any) -> Any:
            x, (y, n) = d["b"]
            return {"z": (x + y, [d["a"] * tf.cast(n, tf.float32)]), "a": {"k": n + 1}}, x

    return Model(), [("f", [{"b": [X, (Y, np.int32(4))], "a": X}])]


@FAMILY.module
def named_tuples() -> tuple[tf.Module, Calls]:
    class Model(tf.Module):
        @tf.function(input_signature=[Spec([3])])
        def f(self, x: Any) -> Any:
            return Pair(first=x, second=x * 2.0)

    return Model(), [("f", [X])]


@FAMILY.module
def composites() -> tuple[tf.Module, Calls]:
    """Results whose parts have sizes that depend on data."""

    class Model(tf.Module):
        @tf.function(input_signature=[Spec([None, 3])])
        def ragged(self, x: Any) -> Any:
            rows = tf.RaggedTensor.from_row_lengths(tf.boolean_mask(x, x > 0.0), tf.reduce_sum(tf.cast(x > 0.0, I), 1))
            return {"rows": rows * 2.0, "x": x}

        @tf.function(input_signature=[Spec([2, 3])])
        def sparse(self, x: Any) -> Any:
            return x, tf.sparse.from_dense(tf.nn.relu(x))

        @tf.function(input_signature=[Spec([4, 3])])
        def slices(self, x: Any) -> Any:
            return tf.gradients(tf.reduce_sum(tf.gather(x, [2, 0]) ** 2), x)

    x = np.float32([[1, -2, 3], [-1, -2, -3]])
    return Model(), [("ragged", [x]), ("sparse", [x]), ("ragged", [x[1:]]), ("slices", [np.float32([[1, 2, 3]] * 4)])]


@FAMILY.module
def no_inputs_no_outputs() -> tuple[tf.Module, Calls]:
    class Model(tf.Module):
        def __init__(self) -> None:
            self.n = tf.Variable(0)

        @tf.function(input_signature=[])
        def f(self) -> Any:
            self.n.assign_add(2)

        @tf.function(input_signature=[])
        def g(self) -> Any:
            return tf.constant([1.0, 2.0])

    return Model(), [("f", []), ("g", []), ("f", [])]


@FAMILY.module
def passes_inputs_on() -> tuple[tf.Module, Calls]:
    class Model(tf.Module):
        @tf.function(input_signature=[Spec([3]), Spec([3])])
        def f(self, x: Any, y: Any) -> Any:
            return y, x, x, None

    return Model(), [("f", [X, Y])]


@FAMILY.module
def traced_with_python_values() -> tuple[tf.Module, Calls]:
    class Model(tf.Module):
        @tf.function
        def f(self, x: Any, training: bool = False, scale: float = 2.0) -> Any:
            return x * scale if training else x - scale

    model = Model()
    model.f.get_concrete_function(Spec([3]))
    return model, [("f", [X])]
