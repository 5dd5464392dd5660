"""Drawing inputs for functions and comparing what they return with TensorFlow."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

Array = NDArray[Any]

_TOLERANCE = {"f": 2e-5, "c": 2e-5}
_COARSE = {"float16": 4e-3, "bfloat16": 3e-2}


def draw(spec: Any, random: np.random.Generator) -> Array:
    """A value for a TensorSpec, or the array itself."""
    if not isinstance(spec, tf.TensorSpec):
        return np.asarray(spec)
    shape, dtype = tuple(spec.shape), spec.dtype.as_numpy_dtype
    if spec.dtype.is_bool:
        return np.asarray(random.random(shape) < 0.5)
    if spec.dtype.is_integer:
        return np.asarray(random.integers(0, 5, shape)).astype(dtype)
    return np.asarray(random.standard_normal(shape)).astype(dtype)


def flatten(structure: Any) -> list[Array]:
    """The tensors of a nested result, in the order of the artefact's indexes."""
    return [np.asarray(leaf) for leaf in tf.nest.flatten(structure, expand_composites=True) if leaf is not None]


def assert_close(actual: list[Array], expected: list[Array]) -> None:
    """Same number, shapes, dtypes and values; floating point up to rounding."""
    assert len(actual) == len(expected)
    for i, (a, e) in enumerate(zip(actual, expected, strict=True)):
        assert (a.shape, a.dtype) == (e.shape, e.dtype), f"output {i}"
        if e.dtype.kind in "fcV" or e.dtype.name in _COARSE:
            tolerance = _COARSE.get(e.dtype.name, _TOLERANCE.get(e.dtype.kind, 2e-5))
            wide = np.complex128 if e.dtype.kind == "c" else np.float64
            np.testing.assert_allclose(a.astype(wide), e.astype(wide), tolerance, tolerance, err_msg=f"output {i}")
        else:
            np.testing.assert_array_equal(a, e, err_msg=f"output {i}")
