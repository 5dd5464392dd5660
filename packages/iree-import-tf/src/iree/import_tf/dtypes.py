"""TensorFlow's element types and tensors as NumPy's and MLIR's."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import ml_dtypes
import numpy as np
from iree.import_tf.errors import ImportFailure
from iree.import_tf.tensorflow import protos
from numpy.typing import NDArray

Array = NDArray[Any]

_TYPES: Mapping[int, tuple[str, Any, str]] = {
    # DataType: MLIR's name, NumPy's type, the field of TensorProto that holds single values
    1: ("f32", np.float32, "float_val"),
    2: ("f64", np.float64, "double_val"),
    3: ("i32", np.int32, "int_val"),
    4: ("ui8", np.uint8, "int_val"),
    5: ("i16", np.int16, "int_val"),
    6: ("i8", np.int8, "int_val"),
    8: ("complex<f32>", np.complex64, "scomplex_val"),
    9: ("i64", np.int64, "int64_val"),
    10: ("i1", np.bool_, "bool_val"),
    14: ("bf16", ml_dtypes.bfloat16, "half_val"),
    17: ("ui16", np.uint16, "int_val"),
    18: ("complex<f64>", np.complex128, "dcomplex_val"),
    19: ("f16", np.float16, "half_val"),
    22: ("ui32", np.uint32, "uint32_val"),
    23: ("ui64", np.uint64, "uint64_val"),
    24: ("f8E5M2", ml_dtypes.float8_e5m2, "float8_val"),
    25: ("f8E4M3FN", ml_dtypes.float8_e4m3fn, "float8_val"),
    29: ("i4", ml_dtypes.int4, "int_val"),
    30: ("ui4", ml_dtypes.uint4, "int_val"),
}
"""Quantized types, strings, resources and variants have no values that could leave TensorFlow."""

STRING, RESOURCE, VARIANT = 7, 20, 21


def type_name(dtype: int) -> str:
    """TensorFlow's name, such as ``float`` or ``string``."""
    name: str = protos("framework.types_pb2").DataType.Name(dtype)
    return name.removeprefix("DT_").lower()


def mlir_dtype(dtype: int) -> str | None:
    """MLIR's name of a DataType, or None."""
    return _TYPES[dtype][0] if dtype in _TYPES else None


def numpy_dtype(dtype: int) -> np.dtype[Any] | None:
    """NumPy's type for a DataType, or None."""
    return np.dtype(_TYPES[dtype][1]) if dtype in _TYPES else None


def tensor_bytes(tensor: Any) -> int:
    """Size in bytes of a TensorProto's value; 0 for types without values outside TensorFlow."""
    dtype = numpy_dtype(tensor.dtype)
    return 0 if dtype is None else math.prod(dim.size for dim in tensor.tensor_shape.dim) * dtype.itemsize


def tensor_array(tensor: Any) -> Array:
    """The value of a TensorProto. Raises `ImportFailure` for a type without values outside TensorFlow."""
    dtype = numpy_dtype(tensor.dtype)
    if dtype is None:
        raise ImportFailure(
            f"a constant has the dtype {type_name(tensor.dtype)}, which has no values outside TensorFlow"
        )
    shape = tuple(dim.size for dim in tensor.tensor_shape.dim)
    if tensor.tensor_content:
        return np.frombuffer(tensor.tensor_content, dtype).reshape(shape)
    field = _TYPES[tensor.dtype][2]
    raw = getattr(tensor, field)
    if field == "half_val":
        values = np.array(raw, np.uint16).view(dtype)
    elif field == "float8_val":
        values = np.frombuffer(raw, dtype)
    elif field in ("scomplex_val", "dcomplex_val"):
        values = np.array(raw, np.float64).view(np.complex128).astype(dtype)
    else:
        values = np.array(raw, dtype)
    count = math.prod(shape)
    if len(values) < count:  # the last value stands for all that follow
        values = np.concatenate([values, np.full(count - len(values), values[-1] if len(values) else 0, dtype)])
    return values.reshape(shape)
