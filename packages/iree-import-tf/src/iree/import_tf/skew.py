"""What TensorFlow's MLIR and this one write differently: text on its way from one to the other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from iree.dialects.mlir import ir, run_upstream
from iree.import_tf import dims, hlo, rewrites
from iree.import_tf.rewrites import shapes

_BITS = re.compile(r'dense<"0x([0-9A-F]+)"> : tensor<((?:\d+x)*)i1>')
_RESHAPABLE = re.compile(r"(?:stablehlo|mhlo)\.cstr_reshapable %.*?-> !shape\.witness")
_RESHAPE_SHAPE = re.compile(r"(?:stablehlo|mhlo)\.compute_reshape_shape (%[\w#]+, %[\w#]+) :")
_SHAPE = "iree.compute_reshape_shape"


def incoming(text: str) -> str:
    """TensorFlow's text as this MLIR reads it. `settle` lowers what that leaves.

    StableHLO had operations for open reshapes until TensorFlow 2.17.
    """
    text = _RESHAPABLE.sub("shape.const_witness true", _BITS.sub(_unpack_bits, text))
    return _RESHAPE_SHAPE.sub(rf'"{_SHAPE}"(\1) :', text)


def outgoing(text: str) -> str:
    """This MLIR's text as TensorFlow's reads it."""
    return _BITS.sub(_spell_bits, text)


def settle(module: Any) -> None:
    """Lowers operations that only old versions of StableHLO have, and what they had no operation for."""
    rewrites.apply(module, {"stablehlo.custom_call": _tangent})
    if rewrites.apply(module, {_SHAPE: _reshape_shape}):
        run_upstream(module, "canonicalize")  # inlines `shape.assuming`


def _tangent(op: Any) -> list[Any] | None:
    """A call of XLA's operation for what StableHLO had none, until TensorFlow 2.17."""
    if ir.StringAttr(op.attributes["call_target_name"]).value != "mhlo.tan":
        return None
    return [hlo.op("tan", list(op.operands), op.results[0].type)]


def _reshape_shape(op: Any) -> list[Any]:
    """The sizes of a reshape; one that is -1 becomes what makes the number of elements right."""
    wanted = shapes.sizes_in(op.operands[1])
    if all(dims.is_count(size) for size in wanted):
        return [op.operands[1]]
    count = _product([dims.materialize(size) for size in shapes.sizes_in(op.operands[0].owner.operands[0])])
    sizes = [dims.materialize(size) for size in wanted]
    others = _product([hlo.choose("LT", size, 0, 1, size) for size in sizes])
    rest = hlo.arithmetic("divide", count, hlo.arithmetic("maximum", others, 1))
    values = hlo.vector([hlo.choose("LT", size, 0, rest, size) for size in sizes])
    if isinstance(hlo.element(op.result), ir.IndexType):
        return [hlo.create("arith.index_cast", [values], [op.result.type]).result]
    return [hlo.convert(values, op.result.type)]


def _product(sizes: Sequence[hlo.Size]) -> hlo.Size:
    product: hlo.Size = 1
    for size in sizes:
        product = hlo.arithmetic("multiply", product, size)
    return product


def _unpack_bits(match: re.Match[str]) -> str:
    """Large i1 constants as newer MLIR reads them, with a byte for each element: TensorFlow's MLIR packs eight into
    one.
    """
    count = int(np.prod([int(size) for size in match[2].split("x")[:-1]], dtype=np.int64))
    packed = np.frombuffer(bytes.fromhex(match[1]), np.uint8)
    if len(packed) == count:  # MLIR before the packing was dropped; a splat has one byte in both
        return match[0]
    values = np.unpackbits(packed, count=count, bitorder="little")
    return f'dense<"0x{values.tobytes().hex().upper()}"> : tensor<{match[2]}i1>'


def _spell_bits(match: re.Match[str]) -> str:
    """Large i1 constants as every MLIR reads them: element by element, for this one has a byte for each."""
    values = np.frombuffer(bytes.fromhex(match[1]), np.bool_)
    nested = str(values.reshape([int(size) for size in match[2].split("x")[:-1]]).tolist()).lower()
    return f"dense<{nested}> : tensor<{match[2]}i1>"
