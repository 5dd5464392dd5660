"""Loads and stores of vectors: a binding that is only accessed by vectors is a buffer of vectors."""

from __future__ import annotations

from typing import Any

from iree.codegen.cpu.structured import find
from iree.codegen.spirv.indices import add, value_of
from iree.dialects.mlir import arith, ir, memref, vector

_LANES = 4


def legalize_vectors(buffers: list[Any]) -> None:
    """Rewrites `vector.load` and `vector.store` of flat buffers. Their places are multiples of the vectors' length."""
    for buffer in buffers:
        uses = [use.owner.operation for use in buffer.uses]
        vectors = [op for op in uses if op.name in ("vector.load", "vector.store")]
        if not vectors:
            continue
        whole = len(vectors) == len(uses) and _fits(buffer.type.element_type)
        if whole:
            type_ = ir.VectorType.get([_LANES], buffer.type.element_type)
            buffer.set_type(ir.MemRefType.get(buffer.type.shape, type_, memory_space=buffer.type.memory_space))
        for op in vectors:
            with op.location, ir.InsertionPoint(op):
                (_whole if whole else _single)(op, buffer)
            op.erase()


def _fits(type_: Any) -> bool:
    return isinstance(type_, (ir.F32Type, ir.F16Type)) or type_ == ir.IntegerType.get_signless(32)


def _whole(op: Any, buffer: Any) -> None:
    number = arith.DivUIOp(list(op.operands)[-1], value_of(_LANES)).result
    if op.name == "vector.load":
        op.results[0].replace_all_uses_with(memref.LoadOp(buffer, [number]).result)
    else:
        memref.StoreOp(op.operands[0], buffer, [number])


def _single(op: Any, buffer: Any) -> None:
    place = list(op.operands)[-1]
    places = [value_of(add(place, lane)) for lane in range(_LANES)]
    if op.name == "vector.load":
        elements = [memref.LoadOp(buffer, [p]).result for p in places]
        op.results[0].replace_all_uses_with(vector.FromElementsOp(op.results[0].type, elements).result)
        return
    for lane, p in enumerate(places):
        memref.StoreOp(vector.ExtractOp(op.operands[0], [], [lane]).result, buffer, [p])


def spread_conditions(function: Any) -> None:
    """Makes the condition of a selection between vectors a vector too: SPIR-V before 1.4 has no other."""
    for op in find(function, "arith.select"):
        condition, type_ = op.operands[0], op.results[0].type
        if isinstance(type_, ir.VectorType) and not isinstance(condition.type, ir.VectorType):
            with op.location, ir.InsertionPoint(op):
                wide = ir.VectorType.get(type_.shape, condition.type)
                elements = [condition] * type_.shape[0]
                op.operands[0] = vector.FromElementsOp(wide, elements).result
