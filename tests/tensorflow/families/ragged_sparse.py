"""Ragged and sparse tensors inside of functions, crops of images by boxes, functions that are called by their names."""

# A table: a row is a line, and I is TensorFlow's int32.
# ruff: noqa: E741

from __future__ import annotations

import numpy as np
import tensorflow as tf
from harness import Family

FAMILY = Family()
F, I = tf.float32, tf.int32
Spec = tf.TensorSpec
Ragged, Sparse = tf.RaggedTensor, tf.SparseTensor
PLACES = np.int64([[0, 1], [1, 0], [2, 2]])
BOXES = np.float32([[0.1, 0.2, 0.8, 0.9], [-0.3, 0.0, 1.4, 1.0], [0.9, 0.8, 0.1, 0.3]])

FAMILY.function("to_tensor", lambda x: Ragged.from_row_splits(x, [0, 2, 2, 5]).to_tensor(-1.0), (5,))
FAMILY.function("to_tensor_of_rows", lambda x: Ragged.from_row_lengths(x, [2, 0, 3]).to_tensor(2.0), (5, 3))
FAMILY.function("to_tensor_cut", lambda x: Ragged.from_row_lengths(x, [2, 0, 3]).to_tensor(shape=[None, 2]), (5,))
FAMILY.function("to_tensor_of_ids", lambda x: Ragged.from_value_rowids(x, [0, 0, 2, 3], 5).to_tensor(), (4,))
FAMILY.function(
    "to_tensor_nested", lambda x: Ragged.from_nested_row_splits(x, [[0, 1, 3], [0, 2, 2, 5]]).to_tensor(), (5, 2)
)
FAMILY.function(
    "to_tensor_open",
    lambda x, n: Ragged.from_row_lengths(x, n).to_tensor(),
    Spec([None, 2]),
    Spec([None], I),
    shapes=[((4, 2), np.int32([1, 0, 3])), ((0, 2), np.int32([0, 0]))],
)
FAMILY.function("ragged_mask", lambda x: tf.ragged.boolean_mask(x, x > 0.0).to_tensor(), (4, 5))
FAMILY.function(
    "sparse_product", lambda x: tf.sparse.sparse_dense_matmul(Sparse(PLACES, [1.0, 2.0, 3.0], [4, 3]), x), (3, 2)
)
FAMILY.function(
    "sparse_product_adjoint",
    lambda x: tf.sparse.sparse_dense_matmul(Sparse(PLACES, [1.0, 2.0, 3.0], [3, 4]), x, adjoint_a=True, adjoint_b=True),
    Spec([None, 3]),
    shapes=[((2, 3),), ((5, 3),)],
)
for _axis in (0, 1, None):
    FAMILY.function(
        f"sparse_sum_{_axis}",
        lambda x, axis=_axis: tf.sparse.reduce_sum(tf.sparse.from_dense(tf.nn.relu(x)), axis, keepdims=axis == 1),
        (3, 4),
    )
for _method in ("bilinear", "nearest"):
    FAMILY.function(
        f"crop_{_method}",
        lambda x, m=_method: tf.image.crop_and_resize(x, BOXES, [0, 1, 1], [4, 5], m, extrapolation_value=2.0),
        (2, 8, 7, 3),
    )
FAMILY.function(
    "crop_open",
    lambda x, b: tf.image.crop_and_resize(x, b, tf.zeros_like(b[:, 0], I), [1, 3]),
    Spec([None, None, None, 2]),
    Spec([None, 4]),
    shapes=[((1, 8, 7, 2), BOXES), ((2, 4, 9, 2), BOXES[:1])],
)
FAMILY.function(
    "ctc_loss",
    lambda x: tf.nn.ctc_loss(np.int32([[1, 2], [3, 1]]), x, [2, 2], [5, 4], logits_time_major=False, blank_index=0),
    (2, 5, 4),
)
