"""Ragged and sparse tensors inside of functions, unique rows, crops of images by boxes."""

# A table: a row is a line, and I is TensorFlow's int32.
# ruff: noqa: E741, PLW0108

from __future__ import annotations

from typing import Any

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

ROWS = [((5,), np.int64([0, 2, 2, 5])), ((1,), np.int64([0, 1])), ((0,), np.int64([0, 0, 0])), ((0,), np.int64([0]))]
"""Values and row splits, down to no values and no rows."""
OPEN_ROWS = (Spec([None]), Spec([None], tf.int64))
PICKED = [(x, s, np.arange(len(s) - 1, dtype=np.int32)[::-1].repeat(2)) for x, s in ROWS]


def _parts(x: Any) -> Any:
    return x.indices, x.values, x.dense_shape


def _ragged(name: str, function: Any, *more: Any, calls: Any = None) -> None:
    FAMILY.function(
        f"ragged_{name}",
        lambda x, s, *m: function(Ragged.from_row_splits(x, s), *m),
        *OPEN_ROWS,
        *more,
        shapes=calls or ROWS,
    )


_ragged("gather", lambda r, i: tf.gather(r, i).to_tensor(), Spec([None], I), calls=PICKED)
_ragged("gather_table", lambda r, i: tf.gather(r, tf.stack([i, i], 1)).to_tensor(), Spec([None], I), calls=PICKED)
_ragged("gather_nested", lambda r, i: tf.gather(r[tf.newaxis], i * 0).to_tensor(), Spec([None], I), calls=PICKED[:1])
_ragged("concat_rows", lambda r: tf.concat([r, r[:, ::-1], r[:, :1]], 1).to_tensor())
_ragged("slices", lambda r: (r[:-1].to_tensor(), r[1:, 1:].to_tensor(), r[:, -1:].to_tensor()))
_ragged("tile", lambda r: tf.tile(r, [2, 3]).to_tensor())
_ragged("to_sparse", lambda r: _parts(r.to_sparse()))
_ragged("softmax", lambda r: tf.nn.softmax(r).to_tensor(), calls=ROWS[:2])
FAMILY.function(
    "ragged_to_sparse_nested",
    lambda x: _parts(Ragged.from_nested_row_splits(x, [[0, 1, 1, 3], [0, 2, 2, 5]]).to_sparse()),
    (5,),
)
for _kind in (I, tf.int64, F, tf.float64):
    FAMILY.function(
        f"ragged_range_{_kind.name}",
        lambda a, b, c: tf.ragged.range(a, b, c).to_tensor(),
        *[Spec([None], _kind)] * 3,
        shapes=[
            [np.array(v, _kind.as_numpy_dtype) for v in bounds]
            for bounds in (([3, 0, 9, 5], [8, 0, 1, 5], [2, 1, -3, 7]), ([4], [5], [1]), ([], [], []), ([1], [0], [4]))
        ],
    )
FAMILY.function("ragged_range_of_lengths", lambda n: tf.ragged.range(n).to_tensor(), np.int32([3, 0, 2]))
FAMILY.function("sequence_of_rows", lambda n: tf.ragged.range(n, row_splits_dtype=I).row_splits, np.int32([3, 0, 2]))

BOX = np.int64([3, 4])
PLACED = [
    (PLACES, (3,), BOX),
    (PLACES[:1], (1,), BOX),
    (PLACES[:0], (0,), BOX),
    (np.int64([[0, 0], [0, 3], [1, 1], [2, 0], [2, 1]]), np.float32([1, -1, 2, 0, 3]), BOX),
]
"""Coordinates, values and the shape, down to no values."""
OPEN_PLACES = (Spec([None, 2], tf.int64), Spec([None]), Spec([2], tf.int64))


def _sparse(name: str, function: Any, *more: Any, given: Any = ()) -> None:
    FAMILY.function(
        f"sparse_{name}",
        lambda i, v, s, *m: function(Sparse(i, v, s), *m),
        *OPEN_PLACES,
        *more,
        shapes=[(*one, *given) for one in PLACED],
    )


S = tf.sparse
DENSE = np.arange(12, dtype=np.float32).reshape(3, 4) - 5
_sparse("add", lambda x: _parts(S.add(x, Sparse(PLACES, [1.0, -2.0, 3.0], [3, 4]))))
_sparse("add_threshold", lambda x: _parts(S.add(x, Sparse(PLACES, [1.0, -2.0, 3.0], [3, 4]), 1.5)))
_sparse("add_dense", lambda x, d: S.add(x, d), Spec([None, None]), given=(DENSE,))
_sparse("times_dense", lambda x, d: _parts(x * d), Spec([None, None]), given=(DENSE,))
_sparse("times_row", lambda x, d: (_parts(x * d[0]), _parts(x / d[:, :1])), Spec([None, None]), given=(DENSE,))
_sparse("reduce_max", lambda x: (S.reduce_max(x), S.reduce_max(x, 0), S.reduce_max(x, [-1], keepdims=True)))
_sparse("transpose", lambda x: _parts(S.transpose(x)))
_sparse("reorder", lambda x: _parts(S.reorder(Sparse(x.indices[::-1], x.values[::-1], x.dense_shape))))
_sparse("slice", lambda x: (_parts(S.slice(x, [1, 0], [9, 2])), _parts(S.slice(x, [0, 1], [2, 1]))))
_sparse("concat", lambda x: (_parts(S.concat(1, [x, x, x])), _parts(S.concat(-2, [x, x]))))
_sparse("split", lambda x: [_parts(part) for part in S.split(x, 3, 1)])
_sparse("softmax", lambda x: _parts(S.softmax(x)))
_sparse("extremes", lambda x: [_parts(f(x, Sparse(PLACES, [1.0, -2.0, 3.0], [3, 4]))) for f in (S.maximum, S.minimum)])
_sparse("fill_empty_rows", lambda x: [_parts(x) if isinstance(x, Sparse) else x for x in S.fill_empty_rows(x, 7.0)])
_sparse("mean_of_rows", lambda x, t: tf.nn.safe_embedding_lookup_sparse(
    t, Sparse(x.indices, tf.cast(x.indices[:, 1], tf.int64), x.dense_shape), combiner="mean"
), Spec([None, 2]), given=(DENSE.reshape(6, 2),))  # fmt: skip
FAMILY.function(
    "sparse_product_complex",
    lambda x: S.sparse_dense_matmul(
        Sparse(PLACES, tf.complex([1.0, 2.0, 3.0], [1.0, 0.0, 2.0]), [3, 4]), x, adjoint_a=True, adjoint_b=True
    ),
    Spec([2, 3], tf.complex64),
)
FAMILY.function(
    "sparse_cube", lambda x: _parts(S.reorder(S.transpose(S.from_dense(tf.nn.relu(x)), [2, 0, 1]))), (2, 3, 4)
)

BANDS = np.int32([[1, 2], [0, 1], [1, 2], [0, 1], [3, 3]])
for _op in (tf.raw_ops.UniqueV2, tf.raw_ops.UniqueWithCountsV2):
    for _axis in (0, 1):
        FAMILY.function(
            f"{_op.__name__.lower()}_{_axis}",
            lambda x, op=_op, axis=_axis: tuple(op(x=x, axis=[axis])),
            Spec([None, None], I),
            shapes=[(BANDS,), (BANDS.T.copy(),), (BANDS[:1],), (BANDS[:0],)],
        )
FAMILY.function("unique_floats_in_space", lambda x: tuple(tf.raw_ops.UniqueV2(x=tf.round(x), axis=[1])), (2, 9, 1))
