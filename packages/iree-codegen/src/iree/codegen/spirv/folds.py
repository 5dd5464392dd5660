"""Reductions by whatever joins two elements, several results at a time, as of the largest element and its place.

Each thread joins consecutive elements, and what comes of neighbouring threads is joined in order: the operation is
taken to be associative, as StableHLO has it, but not commutative.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from iree.codegen.cpu.structured import Generic
from iree.codegen.spirv.indices import Size, value_of
from iree.codegen.spirv.loops.nests import copy
from iree.codegen.spirv.loops.threads import barrier, shared, thread_id
from iree.codegen.spirv.scalar import load, nest, store
from iree.dialects.mlir import arith, ir, memref, scf

_EQ, _SLT, _ULT = 0, 2, 6
_LONG = 256


@dataclass(frozen=True)
class Fold:
    """A reduction along one loop.

    Attributes:
        generic: It.
        loop: The loop.
        length: Its iterations.
        before: Operations of the body that make an element's values, before they are joined.
        joins: Those that join them with what there is.
        leaves: Per result, the value of an element that is joined with it.
    """

    generic: Generic
    loop: int
    length: int
    before: tuple[Any, ...]
    joins: tuple[Any, ...]
    leaves: tuple[Any, ...]


def read_fold(generic: Generic, sizes: Sequence[Size]) -> Fold | None:
    """The reduction as a fold if it is long, and its body joins as many values of an element as it has results."""
    loops = [loop for loop in generic.reductions if sizes[loop] != 1]
    length = sizes[loops[0]] if len(loops) == 1 else None
    if not isinstance(length, int) or length < _LONG:
        return None
    *body, end = generic.body
    sums = list(generic.block.arguments)[len(generic.inputs) :]
    if any(op.regions or not op.name.startswith(("arith.", "math.", "linalg.index")) for op in body):
        return None
    known, joins = set(sums), []
    for op in body:
        if any(value in known for value in op.operands):
            joins.append(op)
            known.update(op.results)
    inner = {value for op in body if op not in joins and op.name != "arith.constant" for value in op.results}
    inner.update(list(generic.block.arguments)[: len(generic.inputs)])
    used = {value for op in joins for value in op.operands if value in inner} | {v for v in end.operands if v in inner}
    leaves = [_partner(total, joins, inner) for total in sums]
    if any(leaf is None for leaf in leaves) or len(set(leaves)) < len(leaves) or used != set(leaves):
        return None
    before = tuple(op for op in body if op not in joins)
    return Fold(generic, loops[0], length, before, tuple(joins), tuple(leaves))


def _partner(total: Any, joins: Sequence[Any], inner: set[Any]) -> Any:
    """The element's value that a body chooses or combines with one of the results, None if there is not one alone."""
    found = {
        other
        for op in joins
        for value in op.operands
        for other in op.operands
        if value == total and other in inner and other.type == total.type and _takes(op, value, other)
    }
    return found.pop() if len(found) == 1 else None


def _takes(op: Any, value: Any, other: Any) -> bool:
    """Whether an operation makes a value of its type of two, rather than compares them."""
    return bool(op.results[0].type == value.type and value != other)


def share_fold(fold: Fold, sizes: Sequence[Size], parallel: Sequence[int], threads: int) -> None:
    """Emits the reduction for all threads of a workgroup, for each point of the parallel loops."""
    indices: list[Size] = [0] * len(sizes)
    nest(parallel, sizes, indices, lambda: _point(fold, indices, threads))


def _point(fold: Fold, indices: list[Size], threads: int) -> None:
    generic, count = fold.generic, len(fold.generic.inputs)
    thread = thread_id()
    each = -(-fold.length // threads)
    filled = -(-fold.length // each)
    first = arith.MulIOp(thread, value_of(each)).result
    start = _element(fold, indices, arith.MinSIOp(first, value_of(fold.length - 1)).result)
    last = arith.MinSIOp(arith.AddIOp(first, value_of(each)).result, value_of(fold.length)).result
    loop = scf.ForOp(arith.AddIOp(first, value_of(1)).result, last, value_of(1), start)
    with ir.InsertionPoint(loop.body):
        scf.YieldOp(_join(fold, list(loop.inner_iter_args), _element(fold, indices, loop.induction_variable)))
    buffers = [shared(value.type, threads) for value in start]
    for value, buffer in zip(loop.results, buffers, strict=True):
        memref.StoreOp(value, buffer, [thread])
    barrier()
    width = 1
    while width < filled:
        rest = arith.RemUIOp(thread, value_of(2 * width)).result
        other = arith.AddIOp(thread, value_of(width)).result
        there = arith.CmpIOp(_ULT, other, value_of(filled)).result
        guard = scf.IfOp(arith.AndIOp(arith.CmpIOp(_EQ, rest, value_of(0)).result, there).result)
        with ir.InsertionPoint(guard.then_block):
            pairs = [[memref.LoadOp(buffer, [at]).result for buffer in buffers] for at in (thread, other)]
            for value, buffer in zip(_join(fold, *pairs), buffers, strict=True):
                memref.StoreOp(value, buffer, [thread])
            scf.YieldOp([])
        barrier()
        width *= 2
    guard = scf.IfOp(arith.CmpIOp(_EQ, thread, value_of(0)).result)
    with ir.InsertionPoint(guard.then_block):
        initial = [load(generic, count + i, indices) for i in range(len(buffers))]
        whole = [memref.LoadOp(buffer, [value_of(0)]).result for buffer in buffers]
        for i, value in enumerate(_join(fold, initial, whole)):
            store(generic, count + i, indices, value)
        scf.YieldOp([])
    barrier()


def _element(fold: Fold, indices: Sequence[Size], at: Any) -> list[Any]:
    """Emits an element's values."""
    generic = fold.generic
    places = [at if loop == fold.loop else index for loop, index in enumerate(indices)]
    values = {
        argument: load(generic, number, places)
        for number, argument in enumerate(list(generic.block.arguments)[: len(generic.inputs)])
        if list(argument.uses)
    }
    for op in fold.before:
        if op.name == "linalg.index":
            values[op.results[0]] = value_of(places[ir.IntegerAttr(op.attributes["dim"]).value])
        else:
            copy([op], values)
    return [values[leaf] for leaf in fold.leaves]


def _join(fold: Fold, totals: Sequence[Any], values: Sequence[Any]) -> list[Any]:
    """Emits what the body makes of what there is and what comes after it."""
    generic = fold.generic
    sums = list(generic.block.arguments)[len(generic.inputs) :]
    mapping = dict(zip([*sums, *fold.leaves], [*totals, *values], strict=True))
    copy([op for op in fold.before if op.name == "arith.constant"], mapping)
    copy(fold.joins, mapping)
    return [mapping.get(value, value) for value in generic.body[-1].operands]
