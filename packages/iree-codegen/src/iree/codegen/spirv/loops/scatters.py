"""Loops whose iterations meet only where they update the same element: scatters, histograms.

Of integers that are added and the like, all iterations run at once, with atomic operations. Others are dealt out to
the threads of a workgroup, a tile at a time: of those that update one element, the first does the work of all, in the
order of the loop, so that results are the same in every run and those of the loop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from iree.codegen.cpu.structured import defining, find, walk
from iree.codegen.spirv.flatten import row_major
from iree.codegen.spirv.indices import Size, delinearize, dot, known, product, value_of
from iree.codegen.spirv.loops.nests import accesses, copy, effects, is_counted, is_defined_inside, leading_to, written
from iree.codegen.spirv.loops.threads import barrier, shared, thread_id
from iree.dialects.mlir import arith, ir, memref, scf

_EQ, _NE, _ULT, _SGE = 0, 1, 6, 5
_ATOMIC = {
    "arith.addi": 1,
    "arith.andi": 2,
    "arith.maxsi": 6,
    "arith.maxui": 7,
    "arith.minsi": 10,
    "arith.minui": 11,
    "arith.ori": 14,
}
"""`arith::AtomicRMWKind` of what SPIR-V has for 32-bit integers."""


@dataclass(frozen=True)
class Scatter:
    """A nest of loops that updates elements.

    Attributes:
        loops: The nest, outermost first; each counts from zero by one.
        guard: The `scf.if` around the updates, or None.
        stored: What is updated.
        target: Where: the same indices in all of `stored`; None is an index that is the same in all iterations.
    """

    loops: tuple[Any, ...]
    guard: Any
    stored: tuple[Any, ...]
    target: tuple[Any, ...]

    @property
    def body(self) -> Any:
        """The innermost loop's block."""
        return self.loops[-1].regions[0].blocks[0]


def read_scatter(outer: Any) -> Scatter | None:
    """The scatter that a nest of loops is, or None."""
    loops = [outer]
    while True:
        loop = loops[-1]
        if not is_counted(loop) or known(loop.operands[0]) != 0:
            return None
        if any(is_defined_inside(loop.operands[1], other) for other in loops[:-1]):
            return None
        inner = effects(loop.regions[0].blocks[0])
        if len(inner) != 1 or inner[0].name != "scf.for":
            break
        loops.append(inner[0])
    guard = inner[0] if len(inner) == 1 and inner[0].name == "scf.if" else None
    if guard is not None and (guard.results or len(guard.regions[1].blocks) or _branches(guard)):
        return None
    if guard is None and any(op.name != "memref.store" for op in inner):
        return None
    stored = written([outer])
    places = [accesses(value, outer) for value in stored or ()]
    first = places[0] if places else None
    if not stored or first is None or any(found is None for found in places):
        return None
    target = first[0]
    if any(place != target for found in places for place in found or ()):
        return None
    if any(value.type.shape != stored[0].type.shape for value in stored):
        return None
    if any(guard is not None and is_defined_inside(value, guard) for value in target):
        return None
    moving = [value if is_defined_inside(value, outer) else None for value in target]
    if not any(value is not None for value in moving):
        return None
    needed = [value for value in moving if value is not None] + ([] if guard is None else [guard.operands[0]])
    leading = [op for loop in loops for op in leading_to(needed, loop.regions[0].blocks[0])]
    if any(op.name == "memref.load" and op.operands[0] in stored for op in leading):
        return None
    return Scatter(tuple(loops), guard, tuple(stored), tuple(moving))


def _branches(guard: Any) -> bool:
    return any(op.name in ("scf.if", "scf.for") for op in list(walk(guard)) if op != guard)


# --- In order, by a workgroup ---


@dataclass(frozen=True)
class _Tile:
    """Iterations that a workgroup does at once.

    Attributes:
        start: The first.
        threads: How many there are; each is a thread's.
        thread: The thread's number.
        keys: What each updates, in workgroup memory.
    """

    start: Any
    threads: int
    thread: Any
    keys: Any


def share_scatter(scatter: Scatter, threads: int) -> None:
    """Replaces the nest by a loop over tiles that all threads of a workgroup run."""
    outer = scatter.loops[0]
    with outer.location, ir.InsertionPoint(outer):
        thread = thread_id()
        keys = shared(ir.IndexType.get(), threads)
        sizes: list[Size] = [loop_size(loop) for loop in scatter.loops]
        total = product(sizes)
        tiles = scf.ForOp(value_of(0), value_of(total), value_of(threads))
    with outer.location, ir.InsertionPoint(tiles.body):
        tile = _Tile(tiles.induction_variable, threads, thread, keys)
        number = arith.AddIOp(tile.start, thread).result
        inside = arith.CmpIOp(_ULT, number, value_of(total)).result
        key = _if_else(inside, partial(_key, scatter, number, sizes), value_of(-1))
        memref.StoreOp(key, keys, [thread])
        barrier()
        some = scf.IfOp(arith.CmpIOp(_SGE, key, value_of(0)).result)
        with ir.InsertionPoint(some.then_block):
            alone = scf.IfOp(_is_first(tile, key))
            with ir.InsertionPoint(alone.then_block):
                _update_all(scatter, tile, key, sizes)
                scf.YieldOp([])
            scf.YieldOp([])
        barrier()
        scf.YieldOp([])
    outer.erase()


def loop_size(loop: Any) -> Size:
    """The iterations of a loop that counts from zero."""
    size = known(loop.operands[1])
    return loop.operands[1] if size is None else size


def _if_else(condition: Any, then: Any, otherwise: Any) -> Any:
    choice = scf.IfOp(condition, [otherwise.type], has_else=True)
    with ir.InsertionPoint(choice.then_block):
        scf.YieldOp([then()])
    with ir.InsertionPoint(choice.else_block):
        scf.YieldOp([otherwise])
    return choice.results[0]


def values_at(scatter: Scatter, places: Sequence[Size], *wanted: Any) -> dict[Any, Any]:
    """The loops' counters in an iteration, and at the insertion point what wanted values are in it."""
    counters = [loop.regions[0].blocks[0].arguments[0] for loop in scatter.loops]
    mapping = dict(zip(counters, map(value_of, places), strict=True))
    for loop, inner in zip(scatter.loops, [*scatter.loops[1:], None], strict=True):
        block = loop.regions[0].blocks[0]
        values = [value for op in walk(inner) for value in op.operands] if inner is not None else list(wanted)
        copy([op for op in leading_to(values, block) if inner is None or op != inner], mapping)
    return mapping


def _key(scatter: Scatter, number: Any, sizes: Sequence[Size]) -> Any:
    """The place that an iteration updates; -1 if it updates none."""
    moving = [value for value in scatter.target if value is not None]
    wanted = moving if scatter.guard is None else [*moving, scatter.guard.operands[0]]
    mapping = values_at(scatter, delinearize(number, sizes), *wanted)
    first = scatter.stored[0]
    extents: list[Size] = []
    for d, size in enumerate(first.type.shape):
        dynamic = first.type.is_dynamic_dim(d)
        extents.append(memref.DimOp(first, value_of(d)).result if dynamic else size)
    indices = [0 if value is None else mapping.get(value, value) for value in scatter.target]
    place = value_of(dot(indices, row_major(extents)))
    if scatter.guard is None:
        return place
    condition = scatter.guard.operands[0]
    return arith.SelectOp(mapping.get(condition, condition), place, value_of(-1)).result


def _is_first(tile: _Tile, key: Any) -> Any:
    """Whether no thread before has the same key."""
    bit = ir.IntegerType.get_signless(1)
    yes = arith.ConstantOp(bit, ir.IntegerAttr.get(bit, 1)).result
    loop = scf.ForOp(value_of(0), tile.thread, value_of(1), [yes])
    with ir.InsertionPoint(loop.body):
        other = memref.LoadOp(tile.keys, [loop.induction_variable]).result
        differs = arith.CmpIOp(_NE, other, key).result
        scf.YieldOp([arith.AndIOp(loop.inner_iter_args[0], differs).result])
    return loop.results[0]


def _update_all(scatter: Scatter, tile: _Tile, key: Any, sizes: Sequence[Size]) -> None:
    """Does all of a tile's updates of one element, from the thread's own on."""
    loop = scf.ForOp(tile.thread, value_of(tile.threads), value_of(1))
    with ir.InsertionPoint(loop.body):
        same = arith.CmpIOp(_EQ, memref.LoadOp(tile.keys, [loop.induction_variable]).result, key).result
        guard = scf.IfOp(same)
        with ir.InsertionPoint(guard.then_block):
            number = arith.AddIOp(tile.start, loop.induction_variable).result
            update(scatter, values_at(scatter, delinearize(number, sizes)))
            scf.YieldOp([])
        scf.YieldOp([])


def update(scatter: Scatter, mapping: dict[Any, Any], *, guarded: bool = False) -> None:
    """What an iteration does; without `guarded`, one whose condition holds."""
    ops = [op.operation for op in scatter.body.operations][:-1]
    if scatter.guard is None or guarded:
        copy(ops, mapping)
        return
    inner = [op.operation for op in scatter.guard.regions[0].blocks[0].operations][:-1]
    copy([op for op in ops if op != scatter.guard], mapping)
    copy(inner, mapping)


# --- In any order ---


def make_atomic(scatter: Scatter) -> bool:
    """Makes the updates atomic where any order gives the same results. Returns whether it has."""
    word = ir.IntegerType.get_signless(32)
    stores = find(scatter.loops[0], "memref.store")
    if len(stores) != 1 or stores[0].operands[1].type.element_type != word:
        return False
    if len(accesses(scatter.stored[0], scatter.loops[0]) or []) != 2:
        return False
    store = stores[0]
    op = defining(store.operands[0])
    if op is None or op.name not in _ATOMIC or op.operation.block != store.operation.block:
        return False
    loads = [v for v in op.operands if (load := defining(v)) is not None and _reads(load, scatter.stored[0])]
    if len(loads) != 1 or len(list(loads[0].uses)) != 1 or len(list(op.results[0].uses)) != 1:
        return False
    value = op.operands[1] if op.operands[0] == loads[0] else op.operands[0]
    with store.location, ir.InsertionPoint(store):
        kind = ir.IntegerAttr.get(ir.IntegerType.get_signless(64), _ATOMIC[op.name])
        operands = [value, *list(store.operands)[1:]]
        ir.Operation.create("memref.atomic_rmw", [word], operands, {"kind": kind})
    load = loads[0].owner
    store.erase()
    op.operation.erase()
    load.operation.erase()
    return True


def _reads(op: Any, memref_: Any) -> bool:
    return bool(op.name == "memref.load" and op.operands[0] == memref_)
