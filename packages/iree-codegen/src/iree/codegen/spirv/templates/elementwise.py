"""Elementwise operations on values in registers: one element, or a vector along one loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from iree.codegen.cpu.kernel import Kernel
from iree.codegen.cpu.structured import Generic, generics
from iree.codegen.spirv.indices import Size, add, multiply
from iree.codegen.spirv.scalar import extents, place
from iree.dialects.mlir import arith, ir, memref, scf, vector

_LANES = 4


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
        dims = generic.dims(list(generic.inputs).index(previous.inits[0]))
        made = previous.dims(len(previous.inputs))
        own: list[Size] = [0] * len(generic.iterators)
        inner = 0
        for mine, theirs in zip(dims, made, strict=True):
            assert mine is not None and theirs is not None  # the template takes no others
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
    given = {a: value for a, v in zip(generic.block.arguments, generic.inputs, strict=False) if v == known}
    return apply_all(generic, given, indices, along)[0]


def apply_all(generic: Generic, given: dict[Any, Any], indices: Sequence[Size], along: Lanes) -> list[Any]:
    """Copies a generic's body for one element or vector; `given` has some of its values."""
    lanes = along.count
    values = dict(given)
    for number, argument in enumerate(list(generic.block.arguments)[: len(generic.inputs)]):
        if argument not in values and list(argument.uses):
            values[argument] = load(generic, number, indices, along)
    for op in generic.body[:-1]:
        if op.results[0] in values:
            continue
        operands = [_widened(values.get(v, v), lanes) for v in op.operands]
        types = [r.type if lanes == 1 else ir.VectorType.get([lanes], r.type) for r in op.results]
        attributes = {name: op.attributes[name] for name in op.attributes}
        if op.name == "arith.constant":
            values[op.results[0]] = _widened(op.results[0], lanes) if lanes > 1 else _constant(op)
            continue
        new = ir.Operation.create(op.name, types, operands, attributes)
        values.update(zip(op.results, new.results, strict=True))
    return [_widened(values.get(result, result), lanes) for result in generic.body[-1].operands]


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


_SMALL = 4096
"""Elements below which single elements per thread keep more of a device busy."""


def apply(kernel: Kernel) -> bool:
    """Rewrites a bufferized kernel of one elementwise operation to an `scf.forall` over vectors of four elements.

    Returns:
        False, with nothing changed, if it is something else or its rows are no multiple of four.
    """
    found = generics(kernel.function)
    if len(found) != 1 or not is_elementwise(found[0]):
        return False
    generic = found[0]
    sizes = [size or 0 for size in generic.loop_sizes()]
    if sizes[-1] == 0 or sizes[-1] % _LANES or prod(size or 1 for size in sizes) < _SMALL:
        return False
    inner = len(sizes) - 1
    with generic.op.location, ir.InsertionPoint(generic.op):
        *outer, last = extents(generic)
        loop = scf.ForallOp([0] * len(sizes), [*outer, last // _LANES], [1] * len(sizes))
    with generic.op.location, ir.InsertionPoint.at_block_begin(loop.body):
        *places, number = list(loop.body.arguments)[: len(sizes)]
        indices = [*places, multiply(number, _LANES)]
        results = apply_all(generic, {}, indices, Lanes(inner, _LANES))
        for i, value in enumerate(results):
            vector.StoreOp(value, generic.inits[i], place(generic, len(generic.inputs) + i, indices))
        scf.InParallelOp()
    generic.op.erase()
    return True


def is_elementwise(generic: Generic) -> bool:
    """Whether a generic makes every element of its results from operands' elements by arithmetic alone."""
    count = len(generic.inputs)
    identity = ir.AffineMap.get_identity(len(generic.iterators))
    return (
        not generic.reductions
        and len(generic.iterators) > 0
        and all(generic.maps[count + i] == identity for i in range(len(generic.inits)))
        and all(None not in generic.dims(i) for i in range(count))
        and all(
            is_stored_in_vectors(v.type.element_type) for v in generic.operands if isinstance(v.type, ir.MemRefType)
        )
        and all(op.name.startswith(("arith.", "math.", "linalg.yield")) for op in generic.body)
        and not any(list(argument.uses) for argument in list(generic.block.arguments)[count:])
    )


def is_stored_in_vectors(type_: Any) -> bool:
    """Whether buffers of this type can be ones of vectors in every profile."""
    return isinstance(type_, (ir.F32Type, ir.F16Type)) or type_ == ir.IntegerType.get_signless(32)
