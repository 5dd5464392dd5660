"""Numbers that become integers of a range, and back; histograms; sequences read off from scores."""

# A table: a row is a line, lambdas are what is tested.

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from harness import Family

FAMILY = Family()
Spec = tf.TensorSpec
INTEGERS = {tf.quint8: tf.uint8, tf.qint8: tf.int8, tf.quint16: tf.uint16, tf.qint16: tf.int16}
RANGES = [(-1.0, 2.0), (0.5, 0.5), (-3.0, -1.0), (0.0, 0.1)]
OPEN = [(size, np.float32(RANGES)) for size in ((40,), (1,), (0,))]


def _there_and_back(x: Any, ranges: Any, kind: Any, mode: str, **options: Any) -> Any:
    """Integers, bounds and what becomes of them, for each range."""
    results = []
    for i in range(len(RANGES)):
        q, low, high = tf.quantization.quantize(x, *tf.unstack(ranges[i]), kind, mode, **options)
        kept = {name: value for name, value in options.items() if name == "narrow_range"}
        results += [tf.bitcast(q, INTEGERS[kind]), low, high, tf.quantization.dequantize(q, low, high, mode, **kept)]
    return results


for _kind in INTEGERS:
    for _mode in ("MIN_COMBINED", "MIN_FIRST", "SCALED"):
        FAMILY.function(
            f"{_kind.name}_{_mode.lower()}",
            lambda x, r, k=_kind, m=_mode: _there_and_back(x, r, k, m),
            Spec([None]),
            Spec([4, 2]),
            shapes=OPEN,
        )
FAMILY.function(
    "scaled_narrow_and_even",
    lambda x, r: _there_and_back(
        x, r, tf.qint8, "SCALED", round_mode="HALF_TO_EVEN", narrow_range=True, ensure_minimum_range=0.3
    ),
    Spec([None]),
    Spec([4, 2]),
    shapes=OPEN,
)


def _by_channel(x: Any, low: Any, high: Any, mode: str) -> Any:
    q, low, high = tf.quantization.quantize(x, low, high, tf.qint8, mode, axis=1)
    return tf.bitcast(q, tf.int8), low, high, tf.quantization.dequantize(q, low, high, mode, axis=1)


for _mode in ("MIN_COMBINED", "SCALED"):
    FAMILY.function(
        f"by_channel_{_mode.lower()}", lambda x, a, b, m=_mode: _by_channel(x, a, b, m), Spec([None, 3, 2]),
        np.float32([-1, -2, 0]), np.float32([0, 1, 3]), shapes=[((4, 3, 2), None, None), ((0, 3, 2), None, None)],
    )  # fmt: skip
FAMILY.function(
    "to_bfloat16", lambda x: tf.quantization.dequantize(tf.bitcast(x, tf.quint8), -1.0, 2.0, dtype=tf.bfloat16),
    Spec([9], tf.uint8),
)  # fmt: skip
FAMILY.function("sums_of_32_bits", lambda x: tf.quantization.dequantize(tf.bitcast(x, tf.qint32), -9.0, 9.0),
                np.int32([0, 5, -(2**31), 2**31 - 1, 12345678]))  # fmt: skip

for _type in (tf.float32, tf.float64, tf.int32, tf.int64):
    _edges = np.array([-1, 3], _type.as_numpy_dtype)
    FAMILY.function(
        f"histogram_{_type.name}",
        lambda x, n, e=_edges: (
            tf.histogram_fixed_width(x, e, 7), tf.histogram_fixed_width(x, e, n, tf.int64),
            *([tf.histogram_fixed_width_bins(x, e, 5)] if e.dtype.kind == "f" else []),
        ),
        Spec([None, 2], _type),
        Spec([], tf.int32),
        shapes=[((n, 2), np.array(bins, np.int32)) for n, bins in ((30, 4), (1, 1), (0, 3))],
    )  # fmt: skip

for _merge in (True, False):
    for _blank in (None, 0):

        def _decoded(x: Any, n: Any, merge: bool = _merge, blank: int | None = _blank) -> Any:
            (decoded,), scores = tf.nn.ctc_greedy_decoder(tf.round(x), n, merge, blank)
            return decoded.indices, decoded.values, decoded.dense_shape, scores

        FAMILY.function(
            f"ctc_greedy_{'merged' if _merge else 'apart'}_{_blank}",
            _decoded,
            Spec([None, None, 3]),
            Spec([None], tf.int32),
            shapes=[((12, 3, 3), np.int32([12, 0, 5])), ((1, 1, 3), np.int32([1])), ((4, 2, 3), np.int32([0, 0]))],
        )
