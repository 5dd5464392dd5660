"""Random numbers from seeds: TensorFlow's own bits; generators with state."""

# A table: a row is a line, lambdas are what is tested, and I is TensorFlow's int32.
# ruff: noqa: E741, PLW0108

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from harness import Calls, Family

FAMILY = Family()
I = tf.int32
SEED = np.int32([7, -3])
WIDE = np.int64([2**40 + 5, -(2**35)])
R = tf.random

FAMILY.function("uniform", lambda s: R.stateless_uniform([3, 5], s), SEED)
FAMILY.function("uniform_wide_seed", lambda s: R.stateless_uniform([3, 5], s), WIDE)
FAMILY.function("uniform_philox", lambda s: R.stateless_uniform([7], s, alg="philox"), SEED)
FAMILY.function("uniform_bounds", lambda s: R.stateless_uniform([3, 5], s, -2.0, 3.0), SEED)
for _dtype in (tf.float16, tf.bfloat16, tf.float64):
    FAMILY.function(f"uniform_{_dtype.name}", lambda s, d=_dtype: R.stateless_uniform([6], s, dtype=d), SEED)
for _dtype in (tf.int32, tf.int64, tf.uint32, tf.uint64):
    FAMILY.function(f"bits_{_dtype.name}", lambda s, d=_dtype: R.stateless_uniform([7], s, None, None, d), SEED)
FAMILY.function("integers", lambda s: R.stateless_uniform([9], s, -5, 100, tf.int32), SEED)
FAMILY.function("integers_64", lambda s: R.stateless_uniform([9], s, -(2**40), 2**41, tf.int64), SEED)
FAMILY.function("normal", lambda s: R.stateless_normal([4, 5], s), SEED)
FAMILY.function("normal_double", lambda s: R.stateless_normal([5], s, dtype=tf.float64), SEED)
FAMILY.function("normal_half", lambda s: R.stateless_normal([5], s, dtype=tf.float16), SEED)
FAMILY.function("truncated_normal", lambda s: R.stateless_truncated_normal([40], s), SEED)
FAMILY.function("truncated_normal_double", lambda s: R.stateless_truncated_normal([41], s, dtype=tf.float64), SEED)
FAMILY.function("open_shape", lambda s, n: R.stateless_uniform([n, 2], s), SEED, np.int32(5))
FAMILY.function("old_op", lambda s: tf.raw_ops.StatelessRandomUniform(shape=[3, 2], seed=s), SEED)
FAMILY.function("old_normal", lambda s: tf.raw_ops.StatelessRandomNormal(shape=[3, 2], seed=s), SEED)
FAMILY.function("split", lambda s: R.experimental.stateless_split(s, 3), SEED)
FAMILY.function("fold_in", lambda s: R.experimental.stateless_fold_in(s, 11), SEED)
FAMILY.function("dropout", lambda x, s: tf.nn.experimental.stateless_dropout(x, 0.4, s), (4, 6), SEED)
FAMILY.function("shuffle_by_sort", lambda x, s: tf.gather(x, tf.argsort(R.stateless_uniform([6], s))), (6, 2), SEED)
FAMILY.function("flip", lambda x, s: tf.image.stateless_random_flip_left_right(x, s), (4, 4, 3), SEED)
FAMILY.function("crop", lambda x, s: tf.image.stateless_random_crop(x, [3, 3, 3], s), (6, 6, 3), SEED)
FAMILY.function("brightness", lambda x, s: tf.image.stateless_random_brightness(x, 0.3, s), (4, 4, 3), SEED)


@FAMILY.module
def generator() -> tuple[tf.Module, Calls]:
    class Model(tf.Module):
        def __init__(self) -> None:
            self.generator = tf.random.Generator.from_seed(5, alg="philox")

        @tf.function(input_signature=[])
        def draw(self) -> Any:
            return self.generator.uniform([5]), self.generator.normal([3])

    return Model(), [("draw", [])] * 3


@FAMILY.module
def keras_dropout() -> tuple[tf.Module, Calls]:
    class Model(tf.Module):
        def __init__(self) -> None:
            self.layer = tf.keras.layers.Dropout(0.5, seed=3)
            self.seed = self.layer.seed_generator.state.value

        @tf.function(input_signature=[tf.TensorSpec([4, 6])])
        def train(self, x: Any) -> Any:
            return self.layer(x, training=True)

    return Model(), [("train", [np.ones((4, 6), np.float32)])] * 3
