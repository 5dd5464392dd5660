"""What arrays need NumPy's Python side for; the extension calls these on its slow paths."""

from __future__ import annotations

from typing import Any

import numpy as np

_HOST_DEVICES = (1, 3)  # kDLCPU, kDLCUDAHost


def dtype_named(name: str) -> np.dtype[Any]:
    """The dtype of that name, from ml_dtypes if NumPy has none."""
    if name in np.sctypeDict:
        return np.dtype(name)
    try:
        import ml_dtypes  # noqa: PLC0415
    except ImportError as error:
        raise ImportError(f"{name} arrays need ml_dtypes: pip install ml_dtypes") from error
    dtype: np.dtype[Any] = np.dtype(getattr(ml_dtypes, name))
    return dtype


def to_dense(value: Any, dtype: Any = None) -> np.ndarray[Any, Any]:
    """`value` as an aligned row-major array in native byte order; 0-d stays 0-d."""
    if isinstance(value, bytes | bytearray):
        value = np.frombuffer(value, np.uint8)  # NumPy would make a string of it
    array = np.asarray(value, dtype)
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    return np.require(array, requirements=["C", "A"]).reshape(array.shape)


_RANKS = {"b": 0, "i": 1, "u": 1, "f": 2, "c": 3}


def _rank(dtype: np.dtype[Any]) -> int | None:
    """Of booleans, integers, floats and complex numbers: each takes what comes before it."""
    rank = _RANKS.get(dtype.kind)
    if rank is None and dtype.kind == "V":  # ml_dtypes'
        return 1 if dtype.name.startswith(("int", "uint")) else 2 if "float" in dtype.name else None
    return rank


def to_expected(value: Any, dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """`value`, which is no array, for an input of that type; floats are rounded, all else must come out as it is.

    Raises:
        TypeError: Not numbers, or fractions for integers, or complex numbers for real ones.
        OverflowError: An integer that the type does not hold.
    """
    if isinstance(value, bytes | bytearray):
        return to_dense(value)
    found = np.asarray(value)
    if found.dtype == dtype:
        return to_dense(found)
    rank, wanted = _rank(found.dtype), _rank(dtype)
    assert wanted is not None
    if found.dtype == object:  # integers of more than 64 bits, or anything
        other = next((type(item).__name__ for item in found.flat if not isinstance(item, int)), None)
        if other is not None:
            raise TypeError(f"{other} is no number")
    elif found.size and (rank is None or rank > max(wanted, 1)):
        raise TypeError(f"{found.dtype} does not become {dtype}")
    array = to_dense(value, dtype)
    if wanted <= 1 and ((array.astype(np.int64) if dtype.kind == "V" else array) != found).any():
        raise OverflowError(f"{dtype} does not hold all values")
    return array


def dlpack_capsule(value: Any, required: bool = False) -> Any:
    """The DLPack capsule of an object in host memory; None if it has the buffer protocol or no DLPack."""
    export = getattr(type(value), "__dlpack__", None)
    if export is None:
        if required:
            raise TypeError(f"{type(value).__name__} has no __dlpack__")
        return None
    if not required and (hasattr(value, "__array_interface__") or _has_buffer(value)):
        return None
    device = value.__dlpack_device__()
    if device[0] not in _HOST_DEVICES:
        raise BufferError(f"DLPack tensor on device {tuple(device)}: copy it to host memory first")
    try:
        return value.__dlpack__(max_version=(1, 0))
    except TypeError:  # a library from before DLPack 1.0
        return value.__dlpack__()


def _has_buffer(value: Any) -> bool:
    try:
        memoryview(value).release()
    except (TypeError, BufferError):
        return False
    return True


def array_repr(array: Any, uri: str) -> str:
    """Like NumPy's, with the device."""
    text = np.array2string(array.numpy(), separator=", ", prefix="DeviceArray(", threshold=1000)
    return f"DeviceArray({text}, dtype={array.element_type}, shape={array.shape}, device={uri!r})"
