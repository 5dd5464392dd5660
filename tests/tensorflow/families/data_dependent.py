"""Results whose sizes depend on data: unique, where, boolean_mask, non-max suppression, ragged rows."""

# A table: a row is a line, lambdas are what is tested, and I is TensorFlow's int32.
# ruff: noqa: E741, PLW0108

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from harness import Family

FAMILY = Family()
F, I = tf.float32, tf.int32
Spec = tf.TensorSpec
VALUES = np.int32([3, 1, 3, 7, 1, 1, 0, 7])
MASK = np.array([1, 0, 1, 1, 0], np.bool_)


def _boxes(count: int) -> Any:
    random = np.random.default_rng(3)
    corner, size = random.random((count, 2)), random.random((count, 2)) * 0.5
    return np.concatenate([corner, corner + size], 1).astype(np.float32)


def _mask_twice(x: Any) -> Any:
    y = tf.boolean_mask(x, x > 0.0)
    return tf.boolean_mask(y, y < 1.0)


def _scatter_where(x: Any) -> Any:
    places = tf.where(x > 0.0)
    return tf.scatter_nd(places, tf.gather_nd(x, places) * 2.0, [4, 5])


SCORES = np.random.default_rng(4).random(20).astype(np.float32)

FAMILY.function("unique", lambda x: tf.unique(x), VALUES)
FAMILY.function("unique_int64", lambda x: tf.unique(x, tf.int64), VALUES.astype(np.int64))
FAMILY.function("unique_floats", lambda x: tf.unique(x), np.float32([2.5, -1, 2.5, 0, -1]))
FAMILY.function("unique_v2", lambda x: tuple(tf.raw_ops.UniqueV2(x=x, axis=[0])), VALUES)
FAMILY.function("unique_of_one", lambda x: tf.unique(x), np.int32([5]))
FAMILY.function("unique_of_none", lambda x: tf.unique(x), np.zeros(0, np.int32))
FAMILY.function("unique_with_counts", lambda x: tf.unique_with_counts(x), VALUES)
FAMILY.function(
    "unique_open", lambda x: tf.unique(x), Spec([None], I), shapes=[(VALUES,), (VALUES[:3],), (VALUES[:0],)]
)
FAMILY.function("where", lambda x: tf.where(x > 0.0), (4, 5))
FAMILY.function("where_vector", lambda x: tf.where(x), MASK)
FAMILY.function("where_nothing", lambda x: tf.where(x > 99.0), (4, 5))
FAMILY.function("where_open", lambda x: tf.where(x > 0.0), Spec([None, 3]), shapes=[((4, 3),), ((0, 3),), ((1, 3),)])
FAMILY.function("where_3d", lambda x: tf.where(x > 0.0), (2, 3, 4))
FAMILY.function("where_of_numbers", lambda x: tf.where(x), np.int32([[0, 2], [3, 0]]))
FAMILY.function("boolean_mask", lambda x, m: tf.boolean_mask(x, m), (5, 3), MASK)
FAMILY.function("boolean_mask_axis", lambda x, m: tf.boolean_mask(x, m, axis=1), (2, 5, 3), MASK)
FAMILY.function(
    "boolean_mask_2d",
    lambda x, m: tf.boolean_mask(x, m),
    (2, 3),
    np.array([[True, False, True], [False, False, True]]),
)
FAMILY.function("boolean_mask_all_false", lambda x: tf.boolean_mask(x, x[:, 0] > 99.0), (5, 3))
FAMILY.function(
    "boolean_mask_open",
    lambda x: tf.boolean_mask(x, x[:, 0] > 0.0),
    Spec([None, 3]),
    shapes=[((7, 3),), ((1, 3),), ((0, 3),)],
)
FAMILY.function("mask_then_sum", lambda x: tf.reduce_sum(tf.boolean_mask(x, x > 0.0)), (4, 5))
FAMILY.function(
    "mask_then_work",
    lambda x: tf.nn.relu(tf.boolean_mask(x, x[:, 0] > 0.0) @ tf.ones([3, 2])) + 1.0,
    (8, 3),
)
FAMILY.function("mask_then_mean", lambda x: tf.reduce_mean(tf.boolean_mask(x, x[:, 0] > 0.0), 0), (8, 3))
FAMILY.function("mask_then_sort", lambda x: tf.sort(tf.boolean_mask(x, x > 0.0)), (12,))
FAMILY.function("mask_then_concat", lambda x: tf.concat([tf.boolean_mask(x, x > 0.0), x], 0), (12,))
FAMILY.function("mask_then_size", lambda x: tf.shape(tf.boolean_mask(x, x > 0.0))[0] * 2, (12,))
FAMILY.function("mask_twice", lambda x: _mask_twice(x), (12,))
FAMILY.function("gather_where", lambda x: tf.gather_nd(x, tf.where(x > 0.0)), (4, 5))
FAMILY.function("scatter_where", lambda x: _scatter_where(x), (4, 5))
FAMILY.function("count_nonzero", lambda x: tf.math.count_nonzero(x > 0.0, 1), (4, 5))
FAMILY.function("repeat", lambda x, n: tf.repeat(x, n, axis=0), (3, 2), np.int32([2, 0, 3]))
FAMILY.function("repeat_same", lambda x: tf.repeat(x, 3, axis=1), (3, 2))
FAMILY.function("range_of_data", lambda n: tf.range(n) * 2, np.int32(5))
FAMILY.function("range_with_step", lambda n: tf.range(1, n, 3), np.int32(11))
FAMILY.function("zeros_of_data", lambda n: tf.zeros([n, 2]) + 1.0, np.int32(3))
FAMILY.function("slice_of_data", lambda x, n: (x[:n], x[n:], x[n]), (7, 2), np.int32(3))
FAMILY.function("slice_of_data_negative", lambda x, n: (x[:n], x[n:]), (7, 2), np.int32(-3))
FAMILY.function("sequence_mask", lambda n: tf.sequence_mask(n), np.int32([1, 4, 2]))
FAMILY.function("dynamic_partition", lambda x: tf.dynamic_partition(x, [0, 1, 0, 1, 1], 2), (5, 3))
FAMILY.function(
    "dynamic_partition_of_data", lambda x, p: tf.dynamic_partition(x, p, 3), (5,), np.int32([2, 0, 2, 2, 0])
)
FAMILY.function("dynamic_stitch", lambda x, y: tf.dynamic_stitch([[0, 2], [1, 3]], [x, y]), (2, 3), (2, 3))
FAMILY.function("ragged_reduce", lambda x: tf.reduce_sum(tf.RaggedTensor.from_row_lengths(x, [2, 0, 3]), 1), (5,))
FAMILY.function("sparse_to_dense", lambda x: tf.sparse.to_dense(tf.sparse.from_dense(x)), np.float32([[0, 1], [2, 0]]))
FAMILY.function("segment_sum", lambda x: tf.math.segment_sum(x, [0, 0, 1, 3]), (4, 2))
FAMILY.function("segment_mean", lambda x: tf.math.segment_mean(x, [0, 0, 1, 1]), (4, 2))
FAMILY.function("bincount", lambda x: tf.math.bincount(x, minlength=8, maxlength=8), VALUES)
FAMILY.function("list_diff", lambda x: tf.raw_ops.ListDiff(x=x, y=[1, 7]), VALUES)

FAMILY.function("non_max_suppression", lambda b, s: tf.image.non_max_suppression(b, s, 6, 0.4), _boxes(20), SCORES)
FAMILY.function(
    "non_max_suppression_threshold",
    lambda b, s: tf.image.non_max_suppression(b, s, 20, 0.3, 0.5),
    _boxes(20),
    SCORES,
)
FAMILY.function(
    "non_max_suppression_then_gather",
    lambda b, s: tf.gather(b, tf.image.non_max_suppression(b, s, 5, 0.4)),
    _boxes(20),
    SCORES,
)


def _crowd(*shape: int) -> Any:
    random = np.random.default_rng(5)
    corner, size = random.random((*shape, 2)) * 1.2 - 0.1, random.random((*shape, 2)) * 0.5
    return np.concatenate([corner, corner + size], -1).astype(np.float32)


def _ranks(*shape: int) -> Any:
    return np.random.default_rng(6).permutation(np.prod(shape)).reshape(shape).astype(np.float32) / np.float32(
        np.prod(shape)
    )


def _combined(boxes: Any, scores: Any, **options: Any) -> Any:
    return tuple(tf.image.combined_non_max_suppression(boxes, scores, 4, 9, 0.3, 0.2, **options))


FAMILY.function("combined", _combined, _crowd(2, 12, 1), _ranks(2, 12, 3))
FAMILY.function(
    "combined_of_classes",
    lambda b, s: _combined(b, s, pad_per_class=True, clip_boxes=False),
    Spec([None, None, 2, 4]),
    Spec([None, None, 2]),
    shapes=[(_crowd(2, 12, 2), _ranks(2, 12, 2)), (_crowd(1, 3, 2), _ranks(1, 3, 2))],
)
