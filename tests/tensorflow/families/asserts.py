"""Asserts that hold; those that do not are in test_asserts.py."""

# A table: a row is a line, lambdas are what is tested.
# ruff: noqa: PLW0108

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from harness import Family

FAMILY = Family()
D = tf.debugging


def _in_loop(x: Any) -> Any:
    for i in tf.range(4):
        D.assert_less(x[i], 100.0)
        x = x + 1.0
    return x


def _after(x: Any) -> Any:
    with tf.control_dependencies([D.assert_positive(tf.abs(x) + 1.0)]):
        return x * 2.0


def _plain(x: Any) -> Any:
    D.Assert(tf.reduce_all(x < 100.0), ["too large", x])
    return x + 1.0


def _some(x: Any) -> Any:
    D.assert_equal(tf.shape(x)[0], 4, "four rows")
    D.assert_near(x, x)
    D.assert_shapes([(x, ("N", 3))])
    D.assert_all_finite(x, "finite")
    return x - 1.0


FAMILY.function("in_loop", lambda x: _in_loop(x), (4,))
FAMILY.function("after", lambda x: _after(x), (4,))
FAMILY.function("plain", lambda x: _plain(x), (4,))
FAMILY.function("some", lambda x: _some(x), (4, 3))
FAMILY.function("open", lambda x: _some(x), tf.TensorSpec([None, 3]), shapes=[((4, 3),)])
FAMILY.function("ensure_shape", lambda x: tf.ensure_shape(x, [4, None]), tf.TensorSpec([None, 3]), shapes=[((4, 3),)])
FAMILY.function("scalar", lambda n: (D.Assert(n > 0, [n]), n + 1)[1], np.int32(3))
