"""Functions whose inputs have open dimensions: name -> specs, function, shapes to call it with."""

# A table: a row is a line, lambdas are what is tested, and I is TensorFlow's int32.
# ruff: noqa: E741, PLW0108

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

F, I = tf.float32, tf.int32
Spec = tf.TensorSpec
CASES: dict[str, tuple[Sequence[Any], Callable[..., Any], Sequence[Sequence[tuple[int, ...]]]]] = {}


def case(name: str, function: Callable[..., Any], shapes: Sequence[Any], *calls: Sequence[tuple[int, ...]]) -> None:
    """Adds a case: `shapes` have None where open; each call has the shapes of its inputs."""
    assert name not in CASES, name
    CASES[name] = ([Spec(s, F) if isinstance(s, tuple) else s for s in shapes], function, calls)


def _reshape(x: Any) -> Any:
    n, m = tf.shape(x)[0], tf.shape(x)[1]
    y = tf.reshape(x, [n * m, 4])
    return y, tf.reshape(tf.transpose(y), [4, n, -1]), tf.reshape(x, [-1]), tf.cast(n, F) * x


case("reshape", _reshape, [(None, None, 4)], [(2, 3, 4)], [(5, 1, 4)])
case("elementwise", lambda x: tf.nn.relu(tf.tanh(x) * 2.0 + 1.0), [(None, 3)], [(4, 3)], [(1, 3)])
case(
    "broadcast",
    lambda x, y: (x + y, tf.where(x > y, x, y), tf.broadcast_to(y, tf.shape(x)), x[:, None] * y),
    [(None, None), (None,)],
    [(3, 4), (4,)],
    [(1, 2), (2,)],
)
case("softmax", lambda x: tf.nn.softmax(x), [(None, None)], [(3, 5)], [(1, 1)])
case(
    "reduce",
    lambda x: (tf.reduce_mean(x, 0), tf.reduce_sum(x), tf.reduce_max(x, 1, keepdims=True)),
    [(None, None)],
    [(3, 5)],
    [(2, 2)],
)
case(
    "matmul",
    lambda x, y: (x @ y, tf.matmul(x, x, transpose_a=True)),
    [(None, 4), (4, 3)],
    [(2, 4), (4, 3)],
    [(1, 4), (4, 3)],
)
case(
    "attention",
    lambda q, k: tf.matmul(tf.nn.softmax(tf.matmul(q, k, transpose_b=True)), k),
    [(None, None, 8), (None, None, 8)],
    [(2, 3, 8), (2, 5, 8)],
)
case("einsum", lambda a, w: tf.einsum("abc,cde->abde", a, w), [(None, None, 8), (8, 2, 4)], [(2, 3, 8), (8, 2, 4)])
case("slices", lambda x: (x[1:], x[:-1], x[::2], x[-1], x[:, 1:], x[::-1]), [(None, 3)], [(5, 3)], [(2, 3)])
case(
    "pad_concat",
    lambda x: (tf.pad(x, [[1, 2], [0, 1]]), tf.concat([x, x], 0), tf.concat([x, x], 1), tf.tile(x, [2, 1])),
    [(None, 3)],
    [(4, 3)],
)
case(
    "makers",
    lambda x: (
        tf.zeros_like(x),
        tf.ones([tf.shape(x)[0], 2]),
        tf.range(tf.shape(x)[0]),
        tf.fill([tf.shape(x)[0]], 3.0),
    ),
    [(None, 3)],
    [(4, 3)],
)
case("split_stack", lambda x: (*tf.split(x, 2, 1), tf.stack([x, x], 1), *tf.unstack(x, axis=1)), [(None, 4)], [(3, 4)])
case("gather", lambda x: (tf.gather(x, [2, 0], axis=1), tf.gather(x, tf.range(tf.shape(x)[0]))), [(None, 3)], [(4, 3)])
case(
    "conv",
    lambda x, k: tf.nn.relu(tf.nn.conv2d(x, k, 2, "SAME")),
    [(None, 8, 8, 3), (3, 3, 3, 4)],
    [(2, 8, 8, 3), (3, 3, 3, 4)],
)
case(
    "pool",
    lambda x: (tf.nn.max_pool2d(x, 2, 2, "VALID"), tf.nn.avg_pool2d(x, 3, 1, "SAME"), tf.reduce_mean(x, [1, 2])),
    [(None, 8, 8, 3)],
    [(2, 8, 8, 3)],
)
case("arg", lambda x: (tf.argmax(x, 1), tf.argmin(x, 1)), [(None, 9)], [(3, 9)])
case("cumsum", lambda x: (tf.cumsum(x, 1), tf.cumsum(x, 1, reverse=True, exclusive=True)), [(None, 9)], [(3, 9)])
case("one_hot", lambda x: tf.one_hot(tf.cast(x, I), 5), [(None,)], [(3,)])
case(
    "layer_norm",
    lambda x: (
        (x - tf.reduce_mean(x, -1, keepdims=True)) * tf.math.rsqrt(tf.math.reduce_variance(x, -1, keepdims=True) + 1e-5)
    ),
    [(None, None, 6)],
    [(2, 3, 6)],
)
case("resize", lambda x: tf.image.resize(x, [4, 4]), [(None, 6, 6, 3)], [(2, 6, 6, 3)])
case("transpose", lambda x: tf.transpose(x, [1, 0, 2]), [(None, None, 2)], [(2, 3, 2)])
case("squeeze", lambda x: (tf.squeeze(x, 1), tf.expand_dims(x, 0)), [(None, 1, 4)], [(3, 1, 4)])
case(
    "conv_open_image",
    lambda x, k: (tf.nn.conv2d(x, k, 2, "SAME"), tf.nn.conv2d(x, k, 1, "SAME"), tf.nn.conv2d(x, k, 2, "VALID")),
    [(None, None, None, 3), (3, 3, 3, 4)],
    [(2, 9, 12, 3), (3, 3, 3, 4)],
)
case(
    "pool_open_image",
    lambda x: (
        tf.nn.max_pool2d(x, 2, 2, "SAME"),
        tf.nn.avg_pool2d(x, 3, 2, "SAME"),
        tf.nn.max_pool2d(x, 2, 1, "VALID"),
    ),
    [(None, None, None, 3)],
    [(2, 7, 8, 3)],
)
case(
    "resize_kinds",
    lambda x: (
        tf.image.resize(x, [7, 5], "nearest"),
        tf.image.resize(x, [7, 5], "bicubic"),
        tf.compat.v1.image.resize_bilinear(x, [7, 5], align_corners=True),
    ),
    [(None, 6, 6, 3)],
    [(2, 6, 6, 3)],
)
