"""Images resampled by every kernel (and back, for gradients), seen through transforms and windows."""

# A table: a row is a line, lambdas are what is tested.

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from harness import Family

FAMILY = Family()
IMAGE = tf.TensorSpec([None, None, None, 3])
SIZES = [((2, 6, 8, 3),), ((1, 1, 1, 3),), ((1, 9, 3, 3),)]
TRANSFORMS = np.float32([[1, 0.1, 0.3, -0.2, 1, 1, 0, 0], [0.7, -0.5, 2, 0.5, 0.8, -1, 0.01, 0.02]])

for _kernel in ("lanczos3", "lanczos5", "gaussian", "mitchellcubic", "area"):
    FAMILY.function(
        _kernel, lambda x, k=_kernel: (tf.image.resize(x, [3, 4], k), tf.image.resize(x, [9, 13], k)), (2, 6, 8, 3)
    )
FAMILY.function(
    "antialiased",
    lambda x: [tf.image.resize(x, [3, 9], k, antialias=True) for k in ("bilinear", "bicubic", "lanczos3")],
    IMAGE,
    shapes=SIZES,
)
FAMILY.function("area_open", lambda x: tf.image.resize(x, [3, 4], "area"), IMAGE, shapes=SIZES)


def _project(x: Any, transforms: Any, interpolation: str, mode: str) -> Any:
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=x,
        transforms=transforms,
        output_shape=[5, 7],
        fill_value=0.5,
        interpolation=interpolation,
        fill_mode=mode,
    )


for _kind in ("NEAREST", "BILINEAR"):
    for _mode in ("CONSTANT", "REFLECT", "WRAP", "NEAREST"):
        FAMILY.function(
            f"project_{_kind.lower()}_{_mode.lower()}",
            lambda x, k=_kind, m=_mode: (_project(x, TRANSFORMS, k, m), _project(x, TRANSFORMS[:1] * 1.3, k, m)),
            tf.TensorSpec([None, 6, 6, 2]),
            shapes=[((2, 6, 6, 2),)],
        )

_DILATIONS = (
    ([1, 1, 1, 1], [1, 2, 2, 1], "SAME"),
    ([1, 2, 1, 1], [1, 1, 1, 1], "VALID"),
    ([1, 2, 3, 1], [1, 1, 2, 1], "SAME"),
)
for _strides, _rates, _padding in _DILATIONS:

    def _dilation(x: Any, k: Any, s: Any = _strides, r: Any = _rates, p: str = _padding) -> Any:
        y = tf.nn.dilation2d(x, k, s, p, "NHWC", r)
        return y, tf.nn.erosion2d(x, k, s, p, "NHWC", r), tf.gradients(tf.reduce_sum(y**2), [x, k])

    FAMILY.function(f"dilation_{_padding.lower()}_{_strides[1]}", _dilation, (2, 7, 9, 3), (3, 2, 3))
    FAMILY.function(
        f"dilation_open_{_padding.lower()}_{_strides[1]}",
        _dilation,
        tf.TensorSpec([None, None, None, 3]),
        (3, 2, 3),
        shapes=[(size, (3, 2, 3)) for size in ((2, 7, 9, 3), (1, 5, 5, 3))],
    )
    FAMILY.function(
        f"patches_{_padding.lower()}_{_strides[1]}",
        lambda x, s=_strides, r=_rates, p=_padding: tf.image.extract_patches(x, [1, 3, 2, 1], s, r, p),
        IMAGE,
        shapes=[((2, 7, 9, 3),), ((1, 5, 5, 3),)],
    )
for _name in ("bilinear", "bicubic", "nearest"):
    FAMILY.function(
        f"gradient_of_{_name}",
        lambda x, k=_name: [
            tf.gradients(tf.reduce_sum(tf.image.resize(x, size, k) ** 2), x) for size in ([5, 9], [3, 1], [4, 6])
        ],
        tf.TensorSpec([None, 4, 6, 2]),
        shapes=[((2, 4, 6, 2),), ((0, 4, 6, 2),)],
    )
FAMILY.function(
    "space_and_depth",
    lambda x: (tf.nn.space_to_depth(x, 2), tf.nn.depth_to_space(x, 2)),
    tf.TensorSpec([None, None, None, 4]),
    shapes=[((2, 4, 6, 4),), ((1, 2, 2, 4),), ((0, 2, 2, 4),)],
)
for _mode in ("REFLECT", "SYMMETRIC"):
    FAMILY.function(
        f"mirrored_{_mode.lower()}",
        lambda x, m=_mode: (tf.pad(x, [[0, 1], [2, 1]], m), tf.pad(x, [[1, 0], [0, 0]], m)),
        tf.TensorSpec([None, None]),
        shapes=[((3, 5),), ((2, 3),)],
    )
