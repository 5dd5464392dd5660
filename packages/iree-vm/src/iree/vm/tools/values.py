"""Inputs and outputs on the command line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
from iree.vm.tools.common import ToolError

Array = np.ndarray[Any, Any]

_NUMPY = {
    "i1": "bool",
    "i8": "int8",
    "i16": "int16",
    "i32": "int32",
    "i64": "int64",
    "ui8": "uint8",
    "ui16": "uint16",
    "ui32": "uint32",
    "ui64": "uint64",
    "f16": "float16",
    "f32": "float32",
    "f64": "float64",
    "complex<f32>": "complex64",
    "complex<f64>": "complex128",
}
_ML_DTYPES = {
    "bf16": "bfloat16",
    "i2": "int2",
    "i4": "int4",
    "ui2": "uint2",
    "ui4": "uint4",
    "f8E4M3FN": "float8_e4m3fn",
    "f8E5M2": "float8_e5m2",
    "f8E4M3FNUZ": "float8_e4m3fnuz",
    "f8E5M2FNUZ": "float8_e5m2fnuz",
    "f8E4M3B11FNUZ": "float8_e4m3b11fnuz",
}
_NAMES = {numpy: mlir for mlir, numpy in (_NUMPY | _ML_DTYPES).items()}
_TYPE = re.compile(r"(?P<shape>(?:\d+x)*)(?P<dtype>[a-z][A-Za-z0-9<>]*)")


def dtype_of(name: str) -> np.dtype[Any]:
    """The dtype with MLIR's name."""
    if name in _NUMPY:
        return np.dtype(_NUMPY[name])
    if name in _ML_DTYPES:
        try:
            import ml_dtypes  # noqa: PLC0415
        except ImportError:
            raise ToolError(f"{name} needs ml_dtypes: pip install ml_dtypes") from None
        found: np.dtype[Any] = np.dtype(getattr(ml_dtypes, _ML_DTYPES[name]))
        return found
    raise ToolError(f"unknown element type {name!r}: one of {', '.join((*_NUMPY, *_ML_DTYPES))}")


def type_of(array: Array) -> str:
    """``4xf32``."""
    name: str = array.dtype.name
    return "".join(f"{d}x" for d in array.shape) + _NAMES.get(name, name)


def _number(text: str, dtype: np.dtype[Any]) -> Any:
    if dtype.kind == "b":
        if text not in ("0", "1", "true", "false"):
            raise ValueError
        return text in ("1", "true")
    if dtype.kind in "iu":
        return int(text, 0)
    return complex(text) if dtype.kind == "c" else float(text)


def parse(text: str) -> Array:
    """Read an input or an expected output.

    ``4xf32=1,2,3,4``, ``f32=2.5`` (a scalar), ``2x2xi32=7`` (all the same), ``4xf32`` (zeros), ``@x.npy``,
    ``2x2xf32=@x.bin`` (raw bytes in row-major order).

    Raises:
        ToolError: Malformed; says what is wrong.
    """
    if text.startswith("@"):
        return _read_npy(text[1:])
    type_text, equals, value = text.partition("=")
    match = _TYPE.fullmatch(type_text)
    if not match:
        raise ToolError(f"{text!r}: expected a type such as 4xf32, then = and values; or @file.npy")
    shape = tuple(int(d) for d in match["shape"].split("x")[:-1])
    dtype = dtype_of(match["dtype"])
    count = int(np.prod(shape, dtype=object))
    if value.startswith("@"):
        data = _read(value[1:])
        if len(data) != count * dtype.itemsize:
            raise ToolError(f"{text!r}: the file has {len(data)} bytes, {type_text} takes {count * dtype.itemsize}")
        return np.frombuffer(data, dtype).reshape(shape)
    words = re.split(r"[\s,]+", value.replace("[", " ").replace("]", " ").strip()) if value.strip() else []
    if not equals and count:
        words = ["0"]
    try:
        numbers = np.array([_number(word, dtype) for word in words], dtype)
    except (ValueError, OverflowError):
        raise ToolError(f"{text!r}: a value is no number of type {match['dtype']}") from None
    if numbers.size == 1:
        numbers = np.repeat(numbers, count)
    if numbers.size != count:
        raise ToolError(f"{text!r}: {numbers.size} values for {count} elements")
    return numbers.reshape(shape)


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ToolError(f"{path}: {error.strerror}") from None


def _read_npy(path: str) -> Array:
    try:
        with Path(path).open("rb") as file:
            array: Array = np.lib.format.read_array(file, allow_pickle=False)
    except OSError as error:
        raise ToolError(f"{path}: {error.strerror or error}") from None
    except ValueError as error:
        raise ToolError(f"{path}: not one array in an .npy file: {error}") from None
    return array


def show(array: Array) -> str:
    """``4xf32=[1 2 3 4]``."""
    with np.printoptions(threshold=1000, linewidth=120):
        return f"{type_of(array)}={array}"


def write(target: str, array: Array) -> None:
    """Write an output: ``-`` prints, ``@x.npy`` NumPy's format, ``@x`` raw bytes in row-major order."""
    if target == "-":
        print(show(array))
    elif not target.startswith("@"):
        raise ToolError(f"--output={target}: expected - or @file.npy or @file.bin")
    elif target.endswith(".npy"):
        np.save(target[1:], array, allow_pickle=False)
    else:
        Path(target[1:]).write_bytes(array.tobytes())


def difference(actual: Array, expected: Array, atol: float, rtol: float) -> str | None:
    """Say how `actual` differs from `expected`; None if it is within ``atol + rtol * |expected|`` or both are NaN."""
    if actual.dtype != expected.dtype or actual.shape != expected.shape:
        return f"expected {type_of(expected)}, got {type_of(actual)}"
    if actual.dtype.kind in "biu":
        bad = actual != expected
        error = np.abs(actual.astype(object) - expected.astype(object)) if bad.any() else np.zeros(actual.shape)
    else:
        wide: Any = np.complex128 if actual.dtype.kind == "c" else np.float64
        a, e = actual.astype(wide), expected.astype(wide)
        same = (a == e) | (np.isnan(a) & np.isnan(e))
        with np.errstate(invalid="ignore"):
            error = np.where(same, 0, np.abs(a - e))
            bad = ~(error <= atol + rtol * np.abs(e)) & ~same
    if not bad.any():
        return None
    where = tuple(
        int(i) for i in np.unravel_index(int(np.argmax(np.where(bad, error, -1).astype(np.float64))), bad.shape)
    )
    return (
        f"{int(bad.sum())} of {bad.size} elements differ; most at {list(where)}: "
        f"expected {expected[where]}, got {actual[where]}"
    )
