"""Loads and stores of vectors: a binding that is only accessed by vectors is a buffer of vectors."""

from __future__ import annotations

from typing import Any

from iree.codegen.cpu.structured import find
from iree.codegen.spirv.indices import add, value_of
from iree.dialects.mlir import arith, ir, memref, vector

_LANES = 4


_WIDE = 8


def legalize_vectors(buffers: list[Any]) -> None:
    """Rewrites `vector.load` and `vector.store` of flat buffers. Their places are multiples of the vectors' length.

    Vectors of eight, of 16 bits each, are loaded to be taken for four words with `vector.bitcast`.
    """
    for buffer in buffers:
        uses = [use.owner.operation for use in buffer.uses]
        wide = [op for op in uses if op.name == "vector.load" and op.results[0].type.shape[0] == _WIDE]
        if wide:
            element = buffer.type.element_type
            _load_words(buffer, wide, whole=len(wide) == len(uses))
            uses = [use.owner.operation for use in buffer.uses]
            if buffer.type.element_type != element:
                continue
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


def _load_words(buffer: Any, loads: list[Any], *, whole: bool) -> None:
    """Loads of four words each, from a buffer of such vectors if all that uses it is these loads."""
    words = ir.VectorType.get([_WIDE // 2], ir.IntegerType.get_signless(32))
    element = buffer.type.element_type
    if whole:
        buffer.set_type(ir.MemRefType.get(buffer.type.shape, words, memory_space=buffer.type.memory_space))
    for op in loads:
        (cast,) = [use.owner.operation for use in op.results[0].uses]
        with op.location, ir.InsertionPoint(op):
            place = op.operands[1]
            if whole:
                value = memref.LoadOp(buffer, [arith.DivUIOp(place, value_of(_WIDE)).result]).result
            else:
                halves = [memref.LoadOp(buffer, [value_of(add(place, i))]).result for i in range(_WIDE)]
                value = vector.FromElementsOp(
                    words, [_word(halves[i : i + 2], element) for i in range(0, _WIDE, 2)]
                ).result
        cast.results[0].replace_all_uses_with(value)
        cast.erase()
        op.erase()


def _word(halves: list[Any], element: Any) -> Any:
    pair = vector.FromElementsOp(ir.VectorType.get([2], element), halves).result
    word = vector.BitCastOp(ir.VectorType.get([1], ir.IntegerType.get_signless(32)), pair).result
    return vector.ExtractOp(word, [], [0]).result


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
