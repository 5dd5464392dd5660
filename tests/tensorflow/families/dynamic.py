"""Inputs of open sizes, and code that asks for them."""

# A table: a row is a line, lambdas are what is tested, and I is TensorFlow's int32.
# ruff: noqa: E741, PLW0108

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from harness import Calls, Family

FAMILY = Family()
F, I = tf.float32, tf.int32
Spec = tf.TensorSpec
IMAGE = Spec([None, None, None, 4])
SIZES = [((2, 9, 12, 4),), ((1, 6, 5, 4),)]
ROWS = [((5, 3),), ((1, 3),)]
KERNEL = np.random.default_rng(1).standard_normal((3, 3, 4, 2)).astype(np.float32)

FAMILY.function(
    "depthwise",
    lambda x: [tf.nn.depthwise_conv2d(x, KERNEL, [1, s, s, 1], p) for s, p in ((1, "SAME"), (2, "SAME"), (1, "VALID"))],
    IMAGE,
    shapes=SIZES,
)
FAMILY.function(
    "depthwise_dilated",
    lambda x: tf.nn.depthwise_conv2d(x, KERNEL, [1, 1, 1, 1], "SAME", dilations=[2, 2]),
    IMAGE,
    shapes=SIZES,
)
FAMILY.function("grouped", lambda x: tf.nn.conv2d(x, np.reshape(KERNEL, (3, 3, 2, 4)), 1, "SAME"), IMAGE, shapes=SIZES)
FAMILY.function("convolution", lambda x: tf.nn.conv2d(x, KERNEL, 2, "SAME"), IMAGE, shapes=SIZES)
FAMILY.function(
    "pools", lambda x: (tf.nn.max_pool2d(x, 3, 2, "SAME"), tf.nn.avg_pool2d(x, 2, 2, "VALID")), IMAGE, shapes=SIZES
)
FAMILY.function(
    "pools_of_volumes",
    lambda x: (tf.nn.max_pool3d(x, [1, 2, 3], 2, "SAME"), tf.nn.avg_pool3d(x, [1, 2, 3], [1, 2, 1], "SAME")),
    Spec([None, None, None, None, 2]),
    shapes=[((1, 4, 5, 6, 2),), ((2, 1, 1, 1, 2),)],
)
FAMILY.function("pool_of_integers", lambda x: tf.nn.max_pool2d(tf.cast(x * 9.0, I), 2, 2, "SAME"), IMAGE, shapes=SIZES)
FAMILY.function(
    "convolution_of_volumes",
    lambda x: tf.nn.conv3d(x, np.reshape(KERNEL, (3, 3, 2, 2, 2)), [1, 1, 2, 1, 1], "SAME"),
    Spec([None, None, None, None, 2]),
    shapes=[((1, 4, 5, 6, 2),), ((2, 1, 1, 1, 2),)],
)
FAMILY.function(
    "global_pool", lambda x: (tf.reduce_mean(x, [1, 2]), tf.reduce_max(x, [1, 2], keepdims=True)), IMAGE, shapes=SIZES
)
FAMILY.function(
    "batch_norm",
    lambda x: tf.nn.batch_normalization(x, *tf.nn.moments(x, [0, 1, 2]), 0.1, 1.5, 1e-3),
    IMAGE,
    shapes=SIZES,
)
FAMILY.function("pad_reflect", lambda x: tf.pad(x, [[0, 0], [1, 2], [2, 1], [0, 0]]), IMAGE, shapes=SIZES)
FAMILY.function(
    "cumsum_open",
    lambda x: (tf.cumsum(x), tf.cumsum(x, exclusive=True), tf.cumsum(x, reverse=True)),
    Spec([None, 3]),
    shapes=ROWS,
)
FAMILY.function(
    "cumprod_open", lambda x: tf.math.cumprod(x, 0, reverse=True, exclusive=True), Spec([None, 3]), shapes=ROWS
)
FAMILY.function("sort_open", lambda x: (tf.sort(x, 0), tf.argsort(x, 0)), Spec([None, 3]), shapes=ROWS)
FAMILY.function("top_k_open", lambda x: tf.math.top_k(x, 2), Spec([2, None]), shapes=[((2, 5),), ((2, 2),)])
FAMILY.function("top_k_of_data", lambda x, k: tf.math.top_k(x, k), (2, 6), np.int32(3))
FAMILY.function("arg_open", lambda x: (tf.argmax(x, 0), tf.argmin(x, 0)), Spec([None, 3]), shapes=ROWS)
FAMILY.function("reverse_open", lambda x: (x[::-1], tf.reverse(x, [0])), Spec([None, 3]), shapes=ROWS)
FAMILY.function("roll_open", lambda x: tf.roll(x, 1, 0), Spec([None, 3]), shapes=ROWS)
FAMILY.function(
    "tile_open", lambda x, n: tf.tile(x, [n, 2]), Spec([None, 3]), Spec([], I), shapes=[((4, 3), np.array(2, np.int32))]
)
FAMILY.function(
    "matmul_open", lambda x: (x @ tf.ones([3, 2]), tf.matmul(x, x, transpose_b=True)), Spec([None, 3]), shapes=ROWS
)
FAMILY.function(
    "batch_matmul",
    lambda x, y: tf.matmul(x, y),
    Spec([None, None, 3]),
    Spec([None, 3, None]),
    shapes=[((2, 4, 3), (2, 3, 5))],
)
FAMILY.function(
    "flatten", lambda x: tf.reshape(x, [tf.shape(x)[0], -1]), Spec([None, None, 4]), shapes=[((2, 3, 4),), ((3, 1, 4),)]
)
FAMILY.function(
    "broadcast_gradient",
    lambda x, y: tf.gradients(tf.reduce_sum((x + y) * x), [x, y]),
    Spec([None, 3]),
    Spec([None, 1]),
    shapes=[((4, 3), (4, 1)), ((2, 3), (1, 1))],
)
FAMILY.function(
    "where_open", lambda x, y: tf.where(x > 0.0, x, y), Spec([None, None]), Spec([None]), shapes=[((4, 3), (3,))]
)
FAMILY.function("one_hot", lambda x: tf.one_hot(tf.cast(x, I) % 4, 4), Spec([None]), shapes=[((5,),), ((1,),)])
FAMILY.function("gather_last", lambda x: tf.gather(x, tf.shape(x)[0] - 1), Spec([None, 3]), shapes=ROWS)
FAMILY.function(
    "mean_of_mask",
    lambda x: tf.reduce_sum(tf.where(x > 0.0, x, 0.0)) / tf.reduce_sum(tf.cast(x > 0.0, F)),
    Spec([None, 3]),
    shapes=[((5, 3),)],
)
FAMILY.function(
    "concat_open",
    lambda x, y: tf.concat([x, y, x], 0),
    Spec([None, 3]),
    Spec([None, 3]),
    shapes=[((4, 3), (2, 3)), ((1, 3), (0, 3))],
)
FAMILY.function("split_open", lambda x: tf.split(x, 2, 1), Spec([None, 4]), shapes=[((3, 4),)])
FAMILY.function("stack_open", lambda x: tf.stack([x, x * 2.0], 1), Spec([None, 4]), shapes=[((3, 4),)])
FAMILY.function("loop_over_rows", lambda x: _loop(x), Spec([None, 3]), shapes=ROWS)
FAMILY.function("branch_on_size", lambda x: _branch(x), Spec([None, 3]), shapes=ROWS)
FAMILY.function("empty", lambda x: (x + 1.0, tf.reduce_sum(x), tf.shape(x)), Spec([None, 3]), shapes=[((0, 3),)])
FAMILY.function(
    "attention",
    lambda q, k: tf.nn.softmax(q @ tf.transpose(k) / 2.0) @ k,
    Spec([None, 8]),
    Spec([None, 8]),
    shapes=[((3, 8), (5, 8)), ((1, 8), (1, 8))],
)
FAMILY.function(
    "positions",
    lambda x: x + tf.cast(tf.range(tf.shape(x)[1]), F)[None, :, None],
    Spec([None, None, 4]),
    shapes=[((2, 3, 4),)],
)
FAMILY.function(
    "causal_mask", lambda x: tf.linalg.band_part(tf.ones([tf.shape(x)[0]] * 2), -1, 0), Spec([None]), shapes=[((4,),)]
)
FAMILY.function(
    "constant_mask",
    lambda x: tf.where(np.tri(11, 12, dtype=bool), x, 0.0),
    Spec([None, 11, 12]),
    shapes=[((2, 11, 12),)],
)
FAMILY.function(
    "resize_from_open",
    lambda x: (
        tf.image.resize(x, [5, 7]),
        tf.image.resize(x, [5, 7], "nearest"),
        tf.image.resize_with_pad(x, 10, 12),
        tf.compat.v1.image.resize_bilinear(x, [4, 1], align_corners=True),
        tf.compat.v1.image.resize_nearest_neighbor(x, [4, 3], align_corners=True),
    ),
    IMAGE,
    shapes=[*SIZES, ((1, 1, 1, 4),)],
)
FAMILY.function("resize_by_two", lambda x: tf.image.resize(x, 2 * tf.shape(x)[1:3]), IMAGE, shapes=SIZES)
FAMILY.function(
    "crop_or_pad", lambda x: tf.image.resize_with_crop_or_pad(x, 6, 10), Spec([None, 8, 8, 3]), shapes=[((2, 8, 8, 3),)]
)
FAMILY.function(
    "shape_of_int64",
    lambda x: (tf.shape(x, tf.int64), tf.size(x, tf.int64) + 1, tf.reshape(x, [tf.shape(x, tf.int64)[0], -1])),
    Spec([None, 2, None]),
    shapes=[((2, 2, 3),), ((1, 2, 1),)],
)
FAMILY.function(
    "colors",
    lambda x: (
        tf.image.adjust_hue(tf.sigmoid(x), 0.1),
        tf.image.adjust_hue(tf.sigmoid(x), -0.7),
        tf.image.adjust_saturation(tf.sigmoid(x), 0.3),
        tf.image.adjust_contrast(x, 1.7),
        tf.image.rgb_to_hsv(tf.round(tf.sigmoid(x))),
        tf.image.hsv_to_rgb(tf.sigmoid(x)),
    ),
    Spec([None, 4, 5, 3]),
    shapes=[((2, 4, 5, 3),)],
)
FAMILY.function(
    "unsorted_segments",
    lambda x, i: (
        tf.math.unsorted_segment_sum(x, i, tf.shape(x)[0] + 2),
        tf.math.unsorted_segment_max(x, i, tf.reduce_max(i) + 2),
        tf.math.unsorted_segment_min(x, i, 4),
        tf.math.unsorted_segment_mean(x, i, 4),
    ),
    Spec([None, 3]),
    Spec([None], I),
    shapes=[((4, 3), np.int32([2, 0, 2, -1]))],
)
FAMILY.function(
    "buckets",
    lambda x: tf.raw_ops.Bucketize(input=x, boundaries=[-0.5, 0.0, 0.5]),
    Spec([None, 3]),
    shapes=[((4, 3),), (np.float32([[np.nan, np.inf, -0.5]]),)],
)
FAMILY.function(
    "bincount_of_rows",
    lambda x: (
        tf.math.bincount(x, axis=-1, minlength=5),
        tf.math.bincount(x, axis=-1, minlength=5, binary_output=True),
        tf.math.bincount(x, weights=tf.cast(x, F) * 0.5, axis=-1, minlength=5),
    ),
    Spec([None, None], I),
    shapes=[(np.int32([[1, 2, 2, 4], [0, 0, 7, 1]]),)],
)
FAMILY.function(
    "euclidean_norm",
    lambda x: (tf.math.reduce_euclidean_norm(x), tf.math.reduce_euclidean_norm(x, -1, keepdims=True)),
    Spec([None, 3]),
    shapes=ROWS,
)
FAMILY.function("resize_open", lambda x: tf.image.resize(x, [6, 6]), Spec([None, 8, 8, 3]), shapes=[((2, 8, 8, 3),)])
FAMILY.function(
    "losses", lambda x: tf.nn.softmax_cross_entropy_with_logits(tf.nn.softmax(x), x), Spec([None, 3]), shapes=ROWS
)
FAMILY.function(
    "einsum_open",
    lambda x, y: tf.einsum("bqhd,bkhd->bhqk", x, y),
    Spec([None, None, 2, 4]),
    Spec([None, None, 2, 4]),
    shapes=[((2, 3, 2, 4), (2, 5, 2, 4))],
)
FAMILY.function(
    "gradient_open", lambda x: tf.gradients(tf.reduce_mean(tf.nn.softmax(x) ** 2), x), Spec([None, 3]), shapes=ROWS
)
FAMILY.function("expand_squeeze", lambda x: tf.squeeze(tf.expand_dims(x, 0), 0), Spec([None, 3]), shapes=ROWS)
FAMILY.function("max_unpooled", lambda x: tf.nn.max_pool_with_argmax(x, 2, 2, "VALID")[0], (1, 4, 4, 2))
FAMILY.function(
    "max_pool_places",
    lambda x: (
        tf.nn.max_pool_with_argmax(x, 3, 2, "SAME"),
        tf.nn.max_pool_with_argmax(x, 2, 1, "VALID", include_batch_in_index=True),
    ),
    Spec([None, 5, 4, 2]),
    shapes=[((2, 5, 4, 2),)],
)
FAMILY.function(
    "blocks",
    lambda x, p: tf.batch_to_space(tf.space_to_batch(x, [2, 3], p), [2, 3], [[1, 0], [0, 1]]),
    Spec([None, None, None, 2]),
    np.int32([[1, 2], [0, 1]]),
    shapes=[((2, 5, 8, 2), None), ((1, 1, 2, 2), None)],
)
FAMILY.function(
    "rolls",
    lambda x, n: tf.roll(x, [n, -1], [0, 1]),
    Spec([None, 3]),
    Spec([], I),
    shapes=[((5, 3), np.array(n, np.int32)) for n in (0, 7, -2)],
)
FAMILY.function(
    "arg_of_ties",
    lambda x: (tf.argmax(x, 1), tf.argmin(x, 1, tf.int32)),
    Spec([None, 4]),
    shapes=[(np.float32([[1, 3, 3, 0], [0, 0, 0, 0], [-np.inf, -1, -1, -np.inf]]),)],
)
FAMILY.function("arg_of_integers", lambda x: tf.argmax(x, 0), Spec([None], I), shapes=[(np.int32([-5, -3, -3]),)])


FAMILY.function(
    "gather_in_batches",
    lambda x, i: (
        tf.gather(x, i, batch_dims=1),
        tf.gather(x, i, axis=2, batch_dims=1),
        tf.gather_nd(x, i[..., None], 1),
    ),
    Spec([None, None, None]),
    Spec([None, None], I),
    shapes=[((2, 4, 5), np.int32([[1, 0], [3, 2]])), ((1, 1, 1), np.int32([[0]]))],
)
FAMILY.function(
    "split_with_rest",
    lambda x, n: (*tf.split(x, [1, -1, 2]), *tf.split(x, [n, -1])),
    Spec([None, 2]),
    Spec([], I),
    shapes=[((6, 2), np.array(4, np.int32)), ((3, 2), np.array(0, np.int32))],
)
FAMILY.function(
    "broadcast_of_shapes",
    lambda x, y: (tf.broadcast_dynamic_shape(tf.shape(x), tf.shape(y)[1:]), x + y[0]),
    Spec([None, None]),
    Spec([None, None, None]),
    shapes=[((2, 3), (1, 2, 1)), ((1, 3), (1, 4, 3)), ((1, 1), (2, 1, 1))],
)
FAMILY.function(
    "convolution_all_open",
    lambda x: tf.nn.conv2d(x, np.full((3, 3, 2, 4), 0.1, np.float32), [1, 2, 1, 1], "SAME"),
    Spec([None] * 4),
    shapes=[((2, 7, 5, 2),), ((1, 1, 1, 2),)],
)
for _rank in (2, 3):

    def _fourier(x: Any, rank: int = _rank) -> Any:
        forth, back = (getattr(tf.signal, f"{name}{rank}d") for name in ("fft", "ifft"))
        real, again = (getattr(tf.signal, f"{name}{rank}d") for name in ("rfft", "irfft"))
        z = forth(tf.complex(x, x * 0.5))
        lengths = [5, 4, 8][-rank:]
        return z, back(z), real(x), again(real(x)), real(x, lengths), again(z[..., :3], lengths)

    FAMILY.function(
        f"fourier_{_rank}", _fourier, Spec([None, 3, 6, 4]), shapes=[((2, 3, 6, 4),), ((1, 3, 6, 4),), ((0, 3, 6, 4),)]
    )


def _loop(x: Any) -> Any:
    total = tf.zeros([3])
    for i in tf.range(tf.shape(x)[0]):
        total = total * 0.5 + x[i]
    return total


def _branch(x: Any) -> Any:
    return x * 2.0 if tf.shape(x)[0] > 2 else x - 1.0


@FAMILY.module
def state_of_any_rank() -> tuple[tf.Module, Calls]:
    class Last(tf.Module):
        def __init__(self) -> None:
            self.last = tf.Variable(np.zeros(2, np.float32), shape=tf.TensorShape(None))

        @tf.function(input_signature=[Spec([None])])
        def keep(self, x: Any) -> Any:
            before = self.last.read_value()
            self.last.assign(x)
            return before, tf.size(self.last)

    return Last(), [("keep", [np.float32([1, 2, 3])]), ("keep", [np.float32([4])])]


@FAMILY.module
def open_state() -> tuple[tf.Module, Calls]:
    class Cache(tf.Module):
        def __init__(self) -> None:
            self.rows = tf.Variable(np.zeros((0, 3), np.float32), shape=tf.TensorShape([None, 3]))

        @tf.function(input_signature=[Spec([None, 3])])
        def append(self, x: Any) -> Any:
            self.rows.assign(tf.concat([self.rows, x], 0))
            return tf.reduce_sum(self.rows, 0), tf.shape(self.rows)[0]

    x = np.float32([[1, 2, 3], [4, 5, 6]])
    return Cache(), [("append", [x]), ("append", [x[:1]]), ("append", [x])]
