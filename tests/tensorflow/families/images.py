"""Images resampled by every kernel and seen through transforms."""

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
