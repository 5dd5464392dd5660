"""safetensors files, mapped into memory: nothing is copied on reading, everything is checked.

The layout is https://github.com/huggingface/safetensors#format: a little-endian u64 with the header's length, the
header
(JSON), the data. dtypes that safetensors lacks are stored in another one; `STORAGE` says how.
"""

from __future__ import annotations

import json
import math
import mmap
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import ml_dtypes
import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[Any]

MAX_HEADER = 100 * 1024 * 1024
"""safetensors readers refuse longer headers (bytes)."""


class WeightsError(ValueError):
    """A safetensors file that cannot be used; the message names the file, the tensor and the fault."""


@dataclass(frozen=True)
class Storage:
    """How one MLIR dtype is stored: `tail` are extra trailing dimensions that the stored shape has."""

    numpy: np.dtype[Any]
    code: str
    tail: tuple[int, ...] = ()


def _storage(numpy: DTypeLike, code: str, *tail: int) -> Storage:
    return Storage(np.dtype(numpy), code, tail)


STORAGE: Mapping[str, Storage] = {
    "i1": _storage(np.bool_, "BOOL"),
    "i4": _storage(ml_dtypes.int4, "I8"),
    "i8": _storage(np.int8, "I8"),
    "i16": _storage(np.int16, "I16"),
    "i32": _storage(np.int32, "I32"),
    "i64": _storage(np.int64, "I64"),
    "ui4": _storage(ml_dtypes.uint4, "U8"),
    "ui8": _storage(np.uint8, "U8"),
    "ui16": _storage(np.uint16, "U16"),
    "ui32": _storage(np.uint32, "U32"),
    "ui64": _storage(np.uint64, "U64"),
    "f16": _storage(np.float16, "F16"),
    "bf16": _storage(ml_dtypes.bfloat16, "BF16"),
    "f32": _storage(np.float32, "F32"),
    "f64": _storage(np.float64, "F64"),
    "f8E4M3FN": _storage(ml_dtypes.float8_e4m3fn, "F8_E4M3"),
    "f8E5M2": _storage(ml_dtypes.float8_e5m2, "F8_E5M2"),
    "f8E4M3FNUZ": _storage(ml_dtypes.float8_e4m3fnuz, "U8"),
    "f8E5M2FNUZ": _storage(ml_dtypes.float8_e5m2fnuz, "U8"),
    "f8E4M3B11FNUZ": _storage(ml_dtypes.float8_e4m3b11fnuz, "U8"),
    "complex<f32>": _storage(np.complex64, "F32", 2),
    "complex<f64>": _storage(np.complex128, "F64", 2),
    **{  # older versions of ml_dtypes, which older versions of TensorFlow insist on, have none of these
        name: _storage(getattr(ml_dtypes, kind), code)
        for name, kind, code in (("i2", "int2", "I8"), ("ui2", "uint2", "U8"))
        if hasattr(ml_dtypes, kind)
    },
}
"""MLIR dtype -> its NumPy dtype and its form in the file. i2, i4 take a byte per element; a complex number is two
floats.
"""

_DTYPE_OF: Mapping[np.dtype[Any], str] = {storage.numpy: dtype for dtype, storage in STORAGE.items()}
_ITEMSIZE = {
    "BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "U16": 2, "I16": 2, "F16": 2, "BF16": 2,
    "U32": 4, "I32": 4, "F32": 4, "U64": 8, "I64": 8, "F64": 8,
}  # fmt: skip


def dtype_of(array: Array) -> str:
    """The MLIR name of an array's dtype. Raises `WeightsError` if there is none."""
    try:
        return _DTYPE_OF[array.dtype]
    except KeyError:
        raise WeightsError(f"arrays of dtype {array.dtype} have no MLIR element type") from None


@dataclass(frozen=True)
class Entry:
    """One tensor of a file: its safetensors dtype, its shape and the offsets [begin, end) of its bytes in the file."""

    code: str
    shape: tuple[int, ...]
    begin: int
    end: int


class WeightsFile:
    """A mapped safetensors file. Arrays taken from it are read-only views that keep the mapping alive."""

    def __init__(self, path: Path) -> None:
        """Maps `path` and checks its header. Raises `WeightsError`, or `OSError` when the file cannot be opened."""
        self.path = path
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size < 8:
                raise WeightsError(f"{path}: {size} bytes are too few for a safetensors file")
            self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self.entries = _read_header(path, self._bytes, size)

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def array(self, key: str, dtype: str) -> Array:
        """The tensor `key` as MLIR `dtype`, without a copy. Raises `WeightsError` if the file holds something else."""
        entry = self.entries.get(key)
        if entry is None:
            raise WeightsError(f"{self.path}: no tensor {key!r}; it has {_some(self.entries)}")
        storage = STORAGE[dtype]
        if entry.code != storage.code:
            raise WeightsError(f"{self.path}: tensor {key!r} is {entry.code}, but {dtype} is stored as {storage.code}")
        tail = len(storage.tail)
        if entry.shape[len(entry.shape) - tail :] != storage.tail:
            raise WeightsError(
                f"{self.path}: tensor {key!r} of shape {list(entry.shape)} is no {dtype}: the last dimension must be 2"
            )
        shape = entry.shape[: len(entry.shape) - tail]
        raw = np.frombuffer(self._bytes, dtype=np.uint8, count=entry.end - entry.begin, offset=entry.begin)
        return cast(Array, raw.view(storage.numpy).reshape(shape))


def _read_header(path: Path, data: mmap.mmap, size: int) -> dict[str, Entry]:
    length = int.from_bytes(data[:8], "little")
    if length > min(MAX_HEADER, size - 8):
        raise WeightsError(f"{path}: the header claims {length} bytes; the file has {size}")
    try:
        header = json.loads(data[8 : 8 + length], object_pairs_hook=_unique_pairs)
    except (ValueError, RecursionError) as error:
        raise WeightsError(f"{path}: the header is not JSON: {error}") from error
    if not isinstance(header, dict):
        raise WeightsError(f"{path}: the header is not a JSON object")
    header.pop("__metadata__", None)
    start = 8 + length
    entries = {key: _read_entry(path, key, value, start) for key, value in header.items()}
    end = start
    for key, entry in sorted(entries.items(), key=lambda item: (item[1].begin, item[1].end)):
        if entry.begin != end:
            raise WeightsError(
                f"{path}: tensor {key!r} begins at byte {entry.begin}, not at {end}: tensors overlap or leave a hole"
            )
        end = entry.end
    if end != size:
        raise WeightsError(f"{path}: the tensors end at byte {end}, the file at {size}")
    return entries


def _unique_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key appears twice")
    return result


def _read_entry(path: Path, key: str, value: object, start: int) -> Entry:
    def natural(x: object) -> bool:
        return type(x) is int and 0 <= x < 2**63

    match value:
        case {"dtype": str(code), "shape": [*shape], "data_offsets": [begin, end]} if code in _ITEMSIZE and all(
            map(natural, [*shape, begin, end])
        ):
            need = math.prod(shape) * _ITEMSIZE[code]
            if end - begin != need:
                raise WeightsError(
                    f"{path}: tensor {key!r}: {code} of shape {shape} takes {need} bytes, its offsets span "
                    f"{end - begin}"
                )
            return Entry(code, tuple(shape), start + begin, start + end)
        case {"dtype": str(code)} if code not in _ITEMSIZE:
            raise WeightsError(f"{path}: tensor {key!r} is {code}, not one of {', '.join(_ITEMSIZE)}")
    raise WeightsError(f"{path}: tensor {key!r} needs a dtype, a shape and two data_offsets, all natural numbers")


def write(path: Path, arrays: Mapping[str, Array]) -> None:
    """Writes `arrays`; data begin at a multiple of 64 bytes and wide dtypes come first, so that every array is aligned.

    Raises `WeightsError` for a dtype without an MLIR name.
    """
    order = sorted(arrays, key=lambda key: (-_ITEMSIZE[STORAGE[dtype_of(arrays[key])].code], key))
    header: dict[str, object] = {}
    offset = 0
    for key in order:
        array = arrays[key]
        storage = STORAGE[dtype_of(array)]
        shape = [*array.shape, *storage.tail]
        end = offset + math.prod(shape) * _ITEMSIZE[storage.code]
        header[key] = {"dtype": storage.code, "shape": shape, "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(len(text) + 8) % 64)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for key in order:
            _write_array(file, arrays[key])


def _write_array(file: BinaryIO, array: Array) -> None:
    contiguous = np.ascontiguousarray(array)
    file.write(contiguous.reshape(-1).view(np.uint8).data)


def _some(keys: Mapping[str, object]) -> str:
    """A few of the names, for an error message."""
    names = [repr(key) for key in list(keys)[:8]]
    return (", ".join(names) + (", …" if len(keys) > 8 else "")) or "none"
