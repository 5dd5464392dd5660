"""Makes the threads of a workgroup share the operations that follow each other in it.

Elements of a result are dealt out to the threads, and barriers stand between operations. A reduction with few results
is computed in parts: each thread reduces every n-th element, and subgroups, or a tree in workgroup memory, join them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from iree.codegen.cpu.structured import PARALLEL, Generic, defining, read_generic, walk
from iree.codegen.spirv.folds import read_fold, share_fold
from iree.codegen.spirv.indices import Size, delinearize, product, value_of
from iree.codegen.spirv.loops.combiners import NEUTRAL, combine, neutral
from iree.codegen.spirv.loops.nests import ALLOCATIONS, VIEWS, is_parallel, is_pure, written
from iree.codegen.spirv.loops.ranges import SHARED
from iree.codegen.spirv.loops.scans import read_scan, share_scan
from iree.codegen.spirv.loops.scatters import read_scatter, share_scatter
from iree.codegen.spirv.loops.threads import barrier, shared, thread_id
from iree.codegen.spirv.scalar import extents, load, nest, reduce, reduce_into, store
from iree.codegen.spirv.subgroups import can_reduce, reduce_subgroup
from iree.dialects.mlir import arith, ir, memref, scf

_SAME = frozenset({"func.return", "scf.forall.in_parallel", "scf.yield", "memref.dealloc", "gpu.thread_id"})


def cooperate(block: Any, threads: int, *, subgroups: bool) -> None:
    """Shares the operations of a block, each executed by all of the workgroup's threads before the next starts.

    Args:
        block: The function's, or that of the `scf.forall` whose iterations are workgroups. Its operations on
            structures are generics, and loops over elements.
        threads: Of a workgroup; a power of two.
        subgroups: Whether there are operations over the threads of a subgroup.
    """
    alone: list[Any] = []
    loaded = False

    def meet(op: Any) -> None:
        nonlocal loaded
        if loaded:
            with op.location, ir.InsertionPoint(op):
                barrier()
        loaded = False

    for op in [op.operation for op in block.operations]:
        if SHARED in op.attributes:
            _alone(alone)
            meet(op)
        elif op.name == "linalg.generic":
            _alone(alone)
            meet(op)
            _share(op, threads, subgroups=subgroups)
        elif is_shared(op):
            _alone(alone)
            meet(op)
            _share_loop(op, threads, subgroups=subgroups)
        elif op.name == "memref.load" or (op.name == "scf.for" and written([op]) == []):
            _alone(alone)
            loaded = True
        elif op.name == "scf.yield" and block.owner.name == "scf.for":
            _alone(alone)
            meet(op)
        elif op.name not in VIEWS | ALLOCATIONS | _SAME and not is_pure(op):
            meet(op)
            alone.append(op)
    _alone(alone)


def is_shared(op: Any) -> bool:
    """Whether the threads of a workgroup gain from running a loop together, each with a part of what is in it."""
    if op.name != "scf.for":
        return False
    if is_parallel(op):
        return not any(inner.name in ALLOCATIONS | {"linalg.generic"} for inner in walk(op))
    if read_scan(op) is not None or read_scatter(op) is not None:
        return True
    return any(is_shared(inner.operation) for inner in op.regions[0].blocks[0].operations) and _all_run(op)


def _all_run(loop: Any) -> bool:
    """Whether what a loop's operations make is the same for all threads, so that each can run all of them.

    Only one thread executes what stores, and so has what that makes.
    """
    ops = [op.operation for op in loop.regions[0].blocks[0].operations]
    return all(not op.results or op.name in VIEWS | ALLOCATIONS or _is_same(op) for op in ops)


def _is_same(op: Any) -> bool:
    return op.name == "memref.load" or is_pure(op) or (op.name == "scf.for" and (written([op]) == [] or is_shared(op)))


def _share_loop(op: Any, threads: int, *, subgroups: bool) -> None:
    scan, scatter = read_scan(op), read_scatter(op)
    if is_parallel(op):
        with op.location, ir.InsertionPoint(op):
            op.operands[0] = arith.AddIOp(op.operands[0], thread_id()).result
            op.operands[2] = value_of(threads)
        with op.location, ir.InsertionPoint.after(op):
            barrier()
    elif scan is not None:
        share_scan(scan, threads)
    elif scatter is not None:
        share_scatter(scatter, threads)
    else:
        cooperate(op.regions[0].blocks[0], threads, subgroups=subgroups)


def _alone(ops: list[Any]) -> None:
    """Only the first thread executes these. Empties the list."""
    if not ops:
        return
    with ops[-1].location, ir.InsertionPoint.after(ops[-1]):
        first = arith.CmpIOp(0, thread_id(), value_of(0)).result
        guard = scf.IfOp(first)
        with ir.InsertionPoint(guard.then_block):
            end = scf.YieldOp([]).operation
        barrier()
    for op in ops:
        op.move_before(end)
    ops.clear()


def _share(op: Any, threads: int, *, subgroups: bool) -> None:
    generic = read_generic(op)
    with op.location, ir.InsertionPoint(op):
        sizes = extents(generic)
        parallel = [i for i, kind in enumerate(generic.iterators) if kind == PARALLEL]
        total = product([sizes[i] for i in parallel])
        combiners = combiners_of(generic)
        if generic.reductions and combiners is not None and isinstance(total, int) and total < threads:
            types = [init.type.element_type for init in generic.inits]
            fits = subgroups and all(can_reduce(name, t) for name, t in zip(combiners, types, strict=True))
            _tree(generic, sizes, parallel, combiners, join=_by_subgroups if fits else _by_halves, threads=threads)
        elif isinstance(total, int) and total < threads and (fold := read_fold(generic, sizes)) is not None:
            share_fold(fold, sizes, parallel, threads)
        else:
            _deal(generic, sizes, parallel, total, threads)
        barrier()
    op.erase()


def _deal(generic: Generic, sizes: list[Size], parallel: list[int], total: Size, threads: int) -> None:
    """Every thread does every n-th point of the parallel loops."""
    indices: list[Size] = [0] * len(sizes)
    thread = thread_id()

    def point(place: Any) -> None:
        for loop, index in zip(parallel, delinearize(place, [sizes[i] for i in parallel]), strict=True):
            indices[loop] = index
        reduce_into(generic, sizes, indices)
        scf.YieldOp([])

    if isinstance(total, int) and total <= threads:
        guard = scf.IfOp(arith.CmpIOp(6, thread, value_of(total)).result)
        with ir.InsertionPoint(guard.then_block):
            point(thread)
        return
    loop = scf.ForOp(thread, value_of(total), value_of(threads))
    with ir.InsertionPoint(loop.body):
        point(loop.induction_variable)


# --- Reductions in parts ---

Join = Callable[[Sequence[str], Sequence[Any], int], list[Callable[[], Any]]]
"""Makes one of each thread's partial results, given the combining operations: what the first thread calls for it."""


def combiners_of(generic: Generic) -> list[str] | None:
    """The operation that joins partial results, per result; None if there is none for one of them."""
    found = []
    *_, end = generic.body
    arguments = list(generic.block.arguments)[len(generic.inputs) :]
    for argument, value in zip(arguments, end.operands, strict=True):
        if isinstance(value.type, ir.ComplexType):
            return None
        op, uses = defining(value), list(argument.uses)
        if op is None or op.name not in NEUTRAL or len(uses) != 1 or uses[0].owner.operation != op:
            return None
        found.append(op.name)
    return found


def _tree(
    generic: Generic,
    sizes: list[Size],
    parallel: list[int],
    combiners: list[str],
    *,
    join: Join,
    threads: int,
) -> None:
    """For each point of the parallel loops: partial results per thread, which `join` makes one."""
    indices: list[Size] = [0] * len(sizes)
    nest(parallel, sizes, indices, lambda: _tree_point(generic, sizes, indices, combiners, join=join, threads=threads))


def _tree_point(
    generic: Generic,
    sizes: list[Size],
    indices: list[Size],
    combiners: list[str],
    *,
    join: Join,
    threads: int,
) -> None:
    count = len(generic.inputs)
    thread = thread_id()
    types = [init.type.element_type for init in generic.inits]
    start = [neutral(name, type_) for name, type_ in zip(combiners, types, strict=True)]
    *outer, inner = sorted(generic.reductions, key=lambda i: sizes[i] if isinstance(sizes[i], int) else 1 << 30)
    partials = reduce(generic, [*outer, inner], sizes, indices, start, first=thread, step=threads)
    shared = join(combiners, partials, threads)
    guard = scf.IfOp(arith.CmpIOp(0, thread, value_of(0)).result)
    with ir.InsertionPoint(guard.then_block):
        for i, (name, whole) in enumerate(zip(combiners, shared, strict=True)):
            store(generic, count + i, indices, combine(name, load(generic, count + i, indices), whole()))
        scf.YieldOp([])
    barrier()


def _by_halves(combiners: Sequence[str], partials: Sequence[Any], threads: int) -> list[Callable[[], Any]]:
    """Joins partial results in workgroup memory, each half of the threads the other's. Returns what loads them."""
    thread, buffers = thread_id(), [shared(part.type, threads) for part in partials]
    for part, buffer in zip(partials, buffers, strict=True):
        memref.StoreOp(part, buffer, [thread])
    barrier()
    width = threads // 2
    while width:
        guard = scf.IfOp(arith.CmpIOp(6, thread, value_of(width)).result)
        with ir.InsertionPoint(guard.then_block):
            other = arith.AddIOp(thread, value_of(width)).result
            for name, buffer in zip(combiners, buffers, strict=True):
                joined = combine(name, memref.LoadOp(buffer, [thread]).result, memref.LoadOp(buffer, [other]).result)
                memref.StoreOp(joined, buffer, [thread])
            scf.YieldOp([])
        barrier()
        width //= 2
    return [partial(_first, buffer) for buffer in buffers]


def _first(buffer: Any) -> Any:
    return memref.LoadOp(buffer, [value_of(0)]).result


def _by_subgroups(combiners: Sequence[str], partials: Sequence[Any], threads: int) -> list[Callable[[], Any]]:
    """Joins partial results within the subgroups, and theirs in workgroup memory. Returns what joins the latter."""
    lane, subgroup, subgroups = (_subgroup_index(name) for name in ("lane_id", "subgroup_id", "num_subgroups"))
    buffers = [shared(part.type, threads) for part in partials]
    joined = [reduce_subgroup(name, part) for name, part in zip(combiners, partials, strict=True)]
    guard = scf.IfOp(arith.CmpIOp(0, lane, value_of(0)).result)
    with ir.InsertionPoint(guard.then_block):
        for value, buffer in zip(joined, buffers, strict=True):
            memref.StoreOp(value, buffer, [subgroup])
        scf.YieldOp([])
    barrier()

    def whole(name: str, buffer: Any) -> Any:
        first = memref.LoadOp(buffer, [value_of(0)]).result
        loop = scf.ForOp(value_of(1), subgroups, value_of(1), [first])
        with ir.InsertionPoint(loop.body):
            other = memref.LoadOp(buffer, [loop.induction_variable]).result
            scf.YieldOp([combine(name, loop.inner_iter_args[0], other)])
        return loop.results[0]

    return [partial(whole, name, buffer) for name, buffer in zip(combiners, buffers, strict=True)]


def _subgroup_index(name: str) -> Any:
    return ir.Operation.create(f"gpu.{name}", [ir.IndexType.get()]).result
