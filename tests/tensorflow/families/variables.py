"""Variables: scatter updates, aliases, inside of branches and loops, kinds of state, optimizers."""

# A table: a row is a line, lambdas are what is tested, and I is TensorFlow's int32.
# ruff: noqa: E741, PLW0108

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf
from harness import Calls, Family

FAMILY = Family()
F, I = tf.float32, tf.int32
Spec = tf.TensorSpec
TABLE = np.arange(12, dtype=np.float32).reshape(4, 3)
ROWS = np.float32([[1, 2, 3], [-4, 5, 0.5]])
PLACES = np.int32([2, 0])
TWICE = np.int32([1, 1])


def _update(name: str, update: Callable[[Any, Any, Any], Any], places: Any = PLACES) -> None:
    """A table of which rows are changed."""

    def make() -> tuple[tf.Module, Calls]:
        module = tf.Module()
        module.table = tf.Variable(TABLE)

        @tf.function(input_signature=[Spec([2], I), Spec([2, 3])])
        def step(i: Any, x: Any) -> Any:
            update(module.table, i, x)
            return tf.reduce_sum(module.table), module.table[1]

        module.step = step
        return module, [("step", [places, ROWS])] * 2

    make.__name__ = name
    FAMILY.module(make)


for _kind in ("update", "add", "sub", "mul", "div", "max", "min"):
    _update(f"scatter_{_kind}", lambda v, i, x, k=_kind: getattr(v, f"scatter_{k}")(tf.IndexedSlices(x, i)))
for _kind in ("update", "add", "sub", "max", "min"):
    _update(f"scatter_nd_{_kind}", lambda v, i, x, k=_kind: getattr(v, f"scatter_nd_{k}")(i[:, None], x))
_update("scatter_add_twice", lambda v, i, x: v.scatter_add(tf.IndexedSlices(x, i)), TWICE)
_update("slice_assign", lambda v, i, x: v[1:3].assign(x))
_update("slice_assign_of_data", lambda v, i, x: v[i[1], :].assign(x[0]))
_update("slice_assign_strided", lambda v, i, x: v[::2, 1].assign(x[:, 0]))
_update("assign_add", lambda v, i, x: v.assign_add(tf.concat([x, x], 0)))
_update("assign_sub", lambda v, i, x: v.assign_sub(tf.tile(x, [2, 1])))
_update("gathers", lambda v, i, x: v.assign(tf.gather(v, tf.concat([i, i], 0)) + v.sparse_read(i)[:1]))
_update("gather_nd", lambda v, i, x: v.assign(v * v.gather_nd(i[None, :])))
_update("in_loop", lambda v, i, x: _loop(v, i, x))
_update("in_branch", lambda v, i, x: _branch(v, x))
_update("in_nested_function", lambda v, i, x: tf.function(lambda: v.assign(v * 0.5 + tf.reduce_sum(x)))())
_update("read_before_and_after", lambda v, i, x: v.assign(v + (v.assign(v * 2.0) - v)))
_update(
    "switch",
    lambda v, i, x: tf.switch_case(i[0], [lambda: v.assign(v + 1.0), lambda: v.assign(v * 2.0), lambda: v.assign(-v)]),
)


def _loop(v: Any, i: Any, x: Any) -> None:
    for k in tf.range(3):
        v.scatter_nd_add([[k]], [x[k % 2]])
        if x[k % 2, 0] > 0.0:
            v.assign(v * 0.9)


def _branch(v: Any, x: Any) -> None:
    if tf.reduce_sum(x) > tf.reduce_sum(v):
        v.assign(v + 1.0)
    elif x[0, 0] > 0.0:
        v.scatter_nd_update([[0]], [x[1]])


@FAMILY.module
def aliased() -> tuple[tf.Module, Calls]:
    class Model(tf.Module):
        def __init__(self) -> None:
            self.a = tf.Variable([1.0, 2.0])
            self.b = self.a
            self.both = [self.a, tf.Variable([5.0, 5.0])]

        @tf.function(input_signature=[])
        def step(self) -> Any:
            self.a.assign_add([1.0, 1.0])
            self.both[0].assign(self.b * 2.0)
            self.both[1].assign_sub(self.a)
            return self.a + self.b

    return Model(), [("step", [])] * 3


@FAMILY.module
def shared_by_functions() -> tuple[tf.Module, Calls]:
    class Model(tf.Module):
        def __init__(self) -> None:
            self.n = tf.Variable(0, dtype=tf.int64)
            self.history = {"last": tf.Variable(np.zeros(3, np.float32)), "count": tf.Variable(0)}

        @tf.function(input_signature=[Spec([3])])
        def push(self, x: Any) -> Any:
            self.history["last"].assign(x)
            self.n.assign_add(1)

        @tf.function(input_signature=[])
        def read(self) -> Any:
            self.history["count"].assign_add(1)
            return self.history["last"] * tf.cast(self.n, F)

    x = np.float32([1, 2, 3])
    return Model(), [("read", []), ("push", [x]), ("read", []), ("push", [x * 2]), ("read", [])]


@FAMILY.module
def dtypes() -> tuple[tf.Module, Calls]:
    kinds = (
        tf.int8,
        tf.uint8,
        tf.int16,
        tf.int32,
        tf.int64,
        tf.float16,
        tf.bfloat16,
        tf.float64,
        tf.bool,
        tf.complex64,
        tf.uint32,
    )

    class Model(tf.Module):
        def __init__(self) -> None:
            self.values = {kind.name: tf.Variable(tf.cast([1, 0, 3], kind)) for kind in kinds}

        @tf.function(input_signature=[])
        def step(self) -> Any:
            for value in self.values.values():
                value.assign(tf.reverse(value, [0]))
            return {
                name: tf.cast(value, tf.complex64 if name == "complex64" else F) for name, value in self.values.items()
            }

    return Model(), [("step", [])] * 2


def _trained(name: str, optimizer: Callable[[], Any]) -> None:
    def make() -> tuple[tf.Module, Calls]:
        random = np.random.default_rng(3)

        class Model(tf.Module):
            def __init__(self) -> None:
                self.w = tf.Variable(random.standard_normal((4, 2)).astype(np.float32))
                self.b = tf.Variable(np.zeros(2, np.float32))
                self.optimizer = optimizer()
                self.optimizer.build([self.w, self.b])

            @tf.function(input_signature=[Spec([5, 4]), Spec([5, 2])])
            def train(self, x: Any, y: Any) -> Any:
                with tf.GradientTape() as tape:
                    loss = tf.reduce_mean((tf.tanh(x @ self.w + self.b) - y) ** 2)
                gradients = tape.gradient(loss, [self.w, self.b])
                gradients, norm = tf.clip_by_global_norm(gradients, 0.1)
                self.optimizer.apply_gradients(zip(gradients, [self.w, self.b], strict=True))
                return loss, norm

        x, y = (random.standard_normal(s).astype(np.float32) for s in ((5, 4), (5, 2)))
        return Model(), [("train", [x, y])] * 3

    make.__name__ = f"train_{name}"
    FAMILY.module(make)


for _name, _make in {
    "sgd": lambda: tf.keras.optimizers.SGD(0.1),
    "momentum": lambda: tf.keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    "adam": lambda: tf.keras.optimizers.Adam(0.05),
    "adamw": lambda: tf.keras.optimizers.AdamW(0.05),
    "rmsprop": lambda: tf.keras.optimizers.RMSprop(0.05, momentum=0.5),
    "adagrad": lambda: tf.keras.optimizers.Adagrad(0.1),
}.items():
    _trained(_name, _make)
