"""The bytes of a `vm.rodata_segment`, from constants and parameters, without copying the large ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from iree.codegen.emit.constants import constant_bytes
from iree.dialects.mlir import CompileError, ir
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]


def segment_pieces(segment: Any, parameters: Mapping[str, NDArray[Any]]) -> list[tuple[int, Bytes]]:
    """The pieces of a segment with their offsets, ascending; what is between them is zero.

    Args:
        segment: The `vm.rodata_segment`.
        parameters: Arrays that `parameter` pieces name.

    Raises:
        CompileError: A parameter is not there or has another size, or pieces overlap or do not fit the segment.
    """
    name = ir.StringAttr(segment.attributes["sym_name"]).value
    size = ir.IntegerAttr(segment.attributes["size"]).value
    pieces = []
    for attribute in ir.ArrayAttr(segment.attributes["pieces"]):
        piece = ir.DictAttr(attribute)
        pieces.append((ir.IntegerAttr(piece["offset"]).value, _piece_bytes(piece, name, parameters)))
    pieces.sort(key=lambda piece: piece[0])
    end = 0
    for offset, data in pieces:
        if offset < end:
            raise CompileError(
                f"segment @{name}: the piece at {offset} overlaps the one before, which ends at {end}", segment
            )
        end = offset + data.size
    if end > size:
        raise CompileError(f"segment @{name} has {size} bytes, but its pieces end at {end}", segment)
    return pieces


def _piece_bytes(piece: Any, segment: str, parameters: Mapping[str, NDArray[Any]]) -> Bytes:
    if "text" in piece:
        return np.frombuffer(ir.StringAttr(piece["text"]).value_bytes, np.uint8)
    if "value" in piece:
        return constant_bytes(piece["value"])
    key = ir.StringAttr(piece["parameter"]).value
    if key not in parameters:
        raise CompileError(
            f"segment @{segment} holds the parameter {key!r}, which the program's parameters do not have"
        )
    array = parameters[key]
    if not array.flags.c_contiguous:
        raise CompileError(f"the parameter {key!r} is not contiguous in memory")
    data: Bytes = array.reshape(-1).view(np.uint8) if array.size else np.empty(0, np.uint8)
    length = ir.IntegerAttr(piece["length"]).value
    if data.size != length:
        raise CompileError(f"segment @{segment} holds {length} bytes of the parameter {key!r}, which has {data.size}")
    return data
