"""Gradients through branches: what one of them keeps for its gradient the others have not."""

# A table: a row is a line, lambdas are what is tested, and I is TensorFlow's int32.
# ruff: noqa: E741

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from harness import Calls, Family

FAMILY = Family()
F, I = tf.float32, tf.int32
Spec = tf.TensorSpec
NUMBERS = [(None, np.array(n, np.int32)) for n in (0, 1, 2)]


def _branch(x: Any) -> Any:
    return tf.cond(tf.reduce_sum(x) > 0.0, lambda: x * tf.sin(x), lambda: tf.exp(x) + tf.tanh(x[::-1]))


def _of_size(x: Any) -> Any:
    return tf.cond(tf.shape(x)[0] > 2, lambda: tf.exp(x[1:]) * x[:-1], lambda: tf.tanh(x))


def _gradient(function: Any) -> Any:
    def both(x: Any, *more: Any) -> Any:
        y = function(x, *more)
        return y, tf.gradients(tf.reduce_sum(y**2), x)

    return both


SIGNS = [(np.float32(x),) for x in ([1, 2, 3], [-1, 2, -3], [1, -2, 0], [-1, -2, 1])]
FAMILY.function("branch", _gradient(_branch), Spec([3]), shapes=SIGNS)
FAMILY.function("branch_of_open_size", _gradient(_of_size), Spec([None]), shapes=[((5,),), ((2,),), ((1,),)])
FAMILY.function("branch_after_branch", _gradient(lambda x: _branch(_branch(x) * 0.1)), Spec([3]), shapes=SIGNS)
FAMILY.function(
    "switch",
    _gradient(lambda x, n: tf.switch_case(n, [lambda: x * x, lambda: tf.exp(x), lambda: tf.sin(x) * tf.cos(x)])),
    (3,),
    Spec([], I),
    shapes=NUMBERS,
)
FAMILY.function("second", lambda x: tf.hessians(tf.reduce_sum(_branch(x)), x), Spec([3]), shapes=SIGNS)


@FAMILY.module
def trained() -> tuple[tf.Module, Calls]:
    class Model(tf.Module):
        def __init__(self) -> None:
            self.w = tf.Variable([[0.5, -0.3], [0.2, 0.7]])

        @tf.function(input_signature=[Spec([None, 2])])
        def step(self, x: Any) -> Any:
            with tf.GradientTape() as tape:
                y = x @ self.w
                loss = tf.reduce_sum(tf.nn.softplus(y) * y) if tf.reduce_sum(y) > 0.0 else tf.reduce_mean(tf.exp(y))
            self.w.assign_sub(0.1 * tape.gradient(loss, self.w))
            return loss

    x = np.float32([[1, 2], [0.5, -1]])
    return Model(), [("step", [x]), ("step", [-x]), ("step", [x[:1]])]
