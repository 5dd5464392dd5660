"""Elementwise operations on values in registers: one element, or a vector along one loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from iree.codegen.cpu.structured import Generic
from iree.codegen.spirv.indices import Size, add
from iree.codegen.spirv.scalar import place
from iree.dialects.mlir import arith, ir, memref, vector


@dataclass(frozen=True)
class Lanes:
    """The loop along which vectors are, and their length: 1 for single elements."""

    loop: int
    count: int


def evaluate(first: Generic, after: Sequence[Generic], value: Any, indices: Sequence[Size], lanes: Lanes) -> None:
    """Applies generics to a result in registers, and stores it where the last of them does.

    Args:
        first: The generic whose result `value` is.
        after: Elementwise, each on the result of the one before.
        value: An element, or a vector.
        indices: Of the loops of `first`; of the vector's first element.
        lanes: Of the loops of `first`.
    """
    previous, places, loop = first, list(indices), lanes.loop
    for generic in after:
        dims = generic.dims(len(generic.inputs))
        made = previous.dims(len(previous.inputs))
        own: list[Size] = [0] * len(generic.iterators)
        for mine, theirs in zip(dims, made, strict=True):
            own[mine] = places[theirs]
            if theirs == loop:
                inner = mine
        value = _apply(generic, previous.inits[0], value, own, Lanes(inner, lanes.count))
        previous, places, loop = generic, own, inner
    target = previous.inits[0]
    where = place(previous, len(previous.inputs), places)
    if lanes.count == 1:
        memref.StoreOp(value, target, where)
    else:
        vector.StoreOp(value, target, where)


def _apply(generic: Generic, known: Any, value: Any, indices: list[Size], along: Lanes) -> Any:
    lanes = along.count
    values = {}
    for number, (argument, operand) in enumerate(zip(generic.block.arguments, generic.inputs, strict=False)):
        if operand == known:
            values[argument] = value
        elif list(argument.uses):
            values[argument] = load(generic, number, indices, along)
    for op in generic.body[:-1]:
        operands = [_widened(values.get(v, v), lanes) for v in op.operands]
        types = [r.type if lanes == 1 else ir.VectorType.get([lanes], r.type) for r in op.results]
        attributes = {name: op.attributes[name] for name in op.attributes}
        if op.name == "arith.constant":
            values[op.results[0]] = _widened(op.results[0], lanes) if lanes > 1 else _constant(op)
            continue
        new = ir.Operation.create(op.name, types, operands, attributes)
        values.update(zip(op.results, new.results, strict=True))
    result = generic.body[-1].operands[0]
    return _widened(values.get(result, result), lanes)


def _constant(op: Any) -> Any:
    return arith.ConstantOp(op.results[0].type, op.attributes["value"]).result


def load(generic: Generic, operand: int, indices: Sequence[Size], along: Lanes) -> Any:
    """An operand's element, or its elements along a loop: a vector, or one element spread."""
    source, loop, lanes = generic.operands[operand], along.loop, along.count
    if not isinstance(source.type, ir.MemRefType):
        return source
    where = place(generic, operand, indices)
    dims = generic.dims(operand)
    if lanes == 1 or loop not in dims:
        return memref.LoadOp(source, where).result
    kind = ir.VectorType.get([lanes], source.type.element_type)
    if dims[-1] == loop and dims.count(loop) == 1:
        return vector.LoadOp(kind, source, where).result
    return vector.FromElementsOp(
        kind, [memref.LoadOp(source, place(generic, operand, _moved(indices, loop, i))).result for i in range(lanes)]
    ).result


def _moved(indices: Sequence[Size], loop: int, by: int) -> list[Size]:
    return [add(index, by) if i == loop else index for i, index in enumerate(indices)]


def _widened(value: Any, lanes: int) -> Any:
    if lanes == 1 or isinstance(value.type, ir.VectorType):
        return value
    return vector.BroadcastOp(ir.VectorType.get([lanes], value.type), value).result
