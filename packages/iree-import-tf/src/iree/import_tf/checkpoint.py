"""Reading the variables of a checkpoint, mapped into memory: no TensorFlow, no copy.

A checkpoint is a table of entries (`variables.index`) and data files. The table's layout is LevelDB's
(https://github.com/google/leveldb/blob/main/doc/table_format.md), the entries are `BundleEntryProto`
(tensorflow/core/protobuf/tensor_bundle.proto).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
from iree.import_tf.dtypes import Array, numpy_dtype, type_name
from iree.import_tf.errors import ImportFailure
from iree.import_tf.tensorflow import protos

_MAGIC = 0xDB4775248B80FB57
_FOOTER = 48
_OBJECT_GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"


class Checkpoint:
    """The tensors of a checkpoint by key. Arrays are read-only and mapped.

    Args:
        prefix: The path of the files without ``.index`` and ``.data-…``.

    Raises:
        ImportFailure: There is no such checkpoint, or it is damaged.
    """

    def __init__(self, prefix: Path) -> None:
        self._prefix = prefix
        index = prefix.parent / (prefix.name + ".index")
        bundle = protos("protobuf.tensor_bundle_pb2")
        try:
            data = index.read_bytes()
        except OSError as error:
            raise ImportFailure(f"{index}: {error.strerror}: the SavedModel has no values for its variables") from None
        self._entries: dict[str, Any] = {}
        try:
            for key, value in _table(data):
                message = bundle.BundleEntryProto() if key else bundle.BundleHeaderProto()
                message.ParseFromString(value)
                self._entries[key.decode()] = message
        except (IndexError, ValueError) as error:
            raise ImportFailure(f"{index}: this is no checkpoint, or it is damaged: {error}") from None
        header = self._entries.pop("", None)
        if header is None or header.endianness != header.LITTLE:
            raise ImportFailure(f"{index}: only little-endian checkpoints can be read")
        self._shards = header.num_shards
        self._mapped: dict[int, Array] = {}

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    def array(self, key: str) -> Array:
        """The tensor `key`. Raises `ImportFailure` if it is missing, damaged, in slices or of an unsupported dtype."""
        entry = self._entries.get(key)
        if entry is None:
            raise ImportFailure(f"{self._prefix}.index: no value for {key!r}")
        if entry.slices:
            raise ImportFailure(
                f"{self._prefix}.index: {key!r} is stored in slices, which cannot be read: save the model "
                f"without variable partitioning"
            )
        dtype = numpy_dtype(entry.dtype)
        if dtype is None:
            raise ImportFailure(
                f"{self._prefix}.index: {key!r} has the dtype {type_name(entry.dtype)}, which has no values "
                f"outside TensorFlow"
            )
        shape = tuple(dim.size for dim in entry.shape.dim)
        raw = self._bytes(key, entry)
        if len(raw) != math.prod(shape) * dtype.itemsize:
            raise ImportFailure(
                f"{self._prefix}.index: {key!r} takes {len(raw)} bytes, which does not fit "
                f"{type_name(entry.dtype)} of shape {list(shape)}"
            )
        return cast(Array, raw.view(dtype).reshape(shape))

    def object_graph(self) -> Any:
        """The `TrackableObjectGraph` that says which object has which key, or None in a checkpoint without."""
        entry = self._entries.get(_OBJECT_GRAPH)
        if entry is None:
            return None
        raw = self._bytes(_OBJECT_GRAPH, entry).tobytes()  # one string: its length, the length's checksum, its bytes
        length, start = _varint(raw, 0)
        graph = protos("protobuf.trackable_object_graph_pb2").TrackableObjectGraph()
        graph.ParseFromString(raw[start + 4 : start + 4 + length])
        return graph

    def _bytes(self, key: str, entry: Any) -> Array:
        if entry.shard_id not in self._mapped:
            path = self._prefix.parent / f"{self._prefix.name}.data-{entry.shard_id:05d}-of-{self._shards:05d}"
            try:
                empty = path.stat().st_size == 0
                self._mapped[entry.shard_id] = np.zeros(0, np.uint8) if empty else np.memmap(path, np.uint8, mode="r")
            except OSError as error:
                raise ImportFailure(f"{path}: {error.strerror}: the checkpoint is incomplete") from None
        data = self._mapped[entry.shard_id]
        if not 0 <= entry.offset <= entry.offset + entry.size <= len(data):
            raise ImportFailure(
                f"{self._prefix}.index: {key!r} lies outside its data file: the checkpoint is truncated"
            )
        return data[entry.offset : entry.offset + entry.size]


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """The number at `at` and where the next thing starts."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7


def _table(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The keys and values of a LevelDB table."""
    footer = data[-_FOOTER:]
    if len(footer) < _FOOTER or int.from_bytes(footer[-8:], "little") != _MAGIC:
        raise ValueError("it does not end in a table's footer")
    _, at = _varint(footer, 0)
    _, at = _varint(footer, at)
    offset, at = _varint(footer, at)
    size, at = _varint(footer, at)
    for _, handle in _block(data, offset, size):
        start, at = _varint(handle, 0)
        length, _ = _varint(handle, at)
        yield from _block(data, start, length)


def _block(data: bytes, offset: int, size: int) -> Iterator[tuple[bytes, bytes]]:
    if offset + size + 5 > len(data):
        raise ValueError("a block lies outside the file")
    if data[offset + size]:
        raise ValueError("its blocks are compressed")
    block = data[offset : offset + size]
    end = size - 4 - 4 * int.from_bytes(block[-4:], "little")
    key, at = b"", 0
    while at < end:
        shared, at = _varint(block, at)
        fresh, at = _varint(block, at)
        length, at = _varint(block, at)
        key = key[:shared] + block[at : at + fresh]
        yield key, block[at + fresh : at + fresh + length]
        at += fresh + length
