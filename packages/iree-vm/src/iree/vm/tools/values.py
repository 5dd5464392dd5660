"""Inputs and outputs on the command line."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
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


def _number(word: str, dtype: str) -> complex:
    if dtype == "i1":
        if word.lower() not in ("0", "1", "true", "false"):
            raise ToolError(f"{word!r} is no i1: true or false")
        return word.lower() in ("1", "true")
    integer = re.fullmatch(r"u?i(\d+)", dtype)
    try:
        if integer is None:
            return complex(word) if dtype.startswith("complex") else float(word)
        value = int(word, 0)
    except ValueError:
        raise ToolError(f"{word!r} is no {dtype}") from None
    bits = int(integer[1])
    low, high = (0, (1 << bits) - 1) if dtype.startswith("u") else (-(1 << bits - 1), (1 << bits - 1) - 1)
    if not low <= value <= high:
        raise ToolError(f"{word} is no {dtype}, which holds {low} to {high}")
    return value


def _numbers(text: str, dtype: str) -> Array:
    words = re.split(r"[\s,]+", text.replace("[", " ").replace("]", " ").strip()) if text.strip(" []") else []
    with np.errstate(over="ignore", invalid="ignore"):
        numbers = np.array([_number(word, dtype) for word in words], dtype_of(dtype))
    if not re.fullmatch(r"u?i\d+", dtype):
        for i in np.flatnonzero(~np.isfinite(numbers)):
            if not re.search("inf|nan", words[i].lower()):
                raise ToolError(f"{words[i]} is too large for {dtype}")
    return numbers


def _is_type(text: str) -> bool:
    match = _TYPE.fullmatch(text)
    return match is not None and match["dtype"] in _NAMES.values()


def _fill(text: str, values: str, dtype: str, sizes: Sequence[int]) -> Array:
    count = math.prod(sizes)
    try:
        numbers = _numbers(values, dtype)
        if numbers.size == 1:
            numbers = np.repeat(numbers, count)
        if numbers.size != count:
            raise ToolError(f"{numbers.size} values for {count} elements")
    except ToolError as error:
        raise ToolError(f"{_short(text)}: {error}") from None
    return numbers.reshape(sizes)


def _short(text: str) -> str:
    return repr(text) if len(text) <= 80 else repr(text[:79]) + "…"


def parse(text: str, dtype: str | None = None, shape: Sequence[int | None] | None = None) -> Array:
    """Read an input or an expected output.

    ``4xf32=1,2,3,4``, ``f32=2.5`` (a scalar), ``2x2xi32=7`` (all the same), ``4xf32`` (zeros), ``@x.npy``,
    ``2x2xf32=@x.bin`` (raw bytes in row-major order). Where the function says the type (`dtype`, and `shape` with all
    sizes), it may be left out: ``2.5``, ``true``.

    Raises:
        ToolError: Malformed; says what is wrong.
    """
    if text.startswith("@"):
        return _read_npy(text[1:], dtype)
    type_text, equals, value = text.partition("=")
    if not equals and dtype is not None and not _is_type(text):
        sizes = [size for size in shape or () if size is not None]
        if shape is None or len(sizes) != len(shape):
            raise ToolError(f"{_short(text)}: the function leaves sizes open: give them, as in 2x3x{dtype}=0")
        return _fill(text, text, dtype, sizes)
    match = _TYPE.fullmatch(type_text)
    if not match:
        raise ToolError(f"{_short(text)}: expected a type such as 4xf32, then = and values; or @file.npy")
    name, sizes = match["dtype"], [int(size) for size in match["shape"].split("x")[:-1]]
    if value.startswith("@"):
        takes = math.prod(sizes) * dtype_of(name).itemsize
        data = _read(value[1:], takes + 1)
        if len(data) != takes:
            has = f"{len(data)}" if len(data) < takes else f"more than {takes}"
            raise ToolError(f"{_short(text)}: the file has {has} bytes, {type_text} takes {takes}")
        return np.frombuffer(data, dtype_of(name)).reshape(sizes)
    return _fill(text, value if equals else "0", name, sizes)


def _read(path: str, most: int) -> bytes:
    try:
        with Path(path).open("rb") as file:
            return file.read(most)
    except OSError as error:
        raise ToolError(f"{path}: {error.strerror}") from None


def _read_npy(path: str, dtype: str | None) -> Array:
    try:
        with Path(path).open("rb") as file:
            array: Array = np.lib.format.read_array(file, allow_pickle=False)
    except OSError as error:
        raise ToolError(f"{path}: {error.strerror or error}") from None
    except ValueError as error:
        raise ToolError(f"{path}: not one array in an .npy file: {error}") from None
    if dtype in _ML_DTYPES and array.dtype == np.dtype(f"V{dtype_of(dtype).itemsize}"):
        return array.view(dtype_of(dtype))  # NumPy's format has no name for it
    return array


def show(array: Array) -> str:
    """``4xf32=[1 2 3 4]``."""
    with np.printoptions(threshold=1000, linewidth=120):
        return f"{type_of(array)}={array!s}"


def write(target: str, name: str, array: Array) -> None:
    """Write an output: ``-`` prints, ``@x.npy`` NumPy's format, ``@x`` raw bytes in row-major order."""
    if target == "-":
        print(f"{name}: {show(array)}")
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
    if not bad.ndim:
        return f"expected {expected!s}, got {actual!s}"
    where = tuple(
        int(i) for i in np.unravel_index(int(np.argmax(np.where(bad, error, -1).astype(np.float64))), bad.shape)
    )
    return (
        f"{int(bad.sum())} of {bad.size} elements differ; most at {list(where)}: "
        f"expected {expected[where]}, got {actual[where]}"
    )
