"""Makes the threads of a workgroup share the operations that follow each other in it.

Elements of a result are dealt out to the threads, and barriers stand between operations. A reduction with few results
is computed in parts: each thread reduces every n-th element, and subgroups, or a tree in workgroup memory, join them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from iree.codegen.cpu.structured import PARALLEL, Generic, defining, read_generic
from iree.codegen.spirv.distribute import gpu_index
from iree.codegen.spirv.flatten import WORKGROUP, storage_class
from iree.codegen.spirv.indices import Size, delinearize, product, value_of
from iree.codegen.spirv.scalar import extents, load, nest, reduce, reduce_into, store
from iree.codegen.spirv.subgroups import can_reduce, reduce_subgroup
from iree.dialects.mlir import arith, ir, memref, scf

_PURE = ("arith.", "affine.", "math.", "complex.")
_ALSO = frozenset(
    f"memref.{name}" for name in "dim subview collapse_shape expand_shape cast alloc alloca dealloc".split()
)
_END = frozenset({"func.return", "scf.forall.in_parallel", "scf.yield"})


def cooperate(block: Any, threads: int, *, subgroups: bool) -> None:
    """Shares the operations of a block, each executed by all of the workgroup's threads before the next starts.

    Args:
        block: The function's, or that of the `scf.forall` whose iterations are workgroups. Its operations on
            structures are generics.
        threads: Of a workgroup; a power of two.
        subgroups: Whether there are operations over the threads of a subgroup.
    """
    alone: list[Any] = []
    loaded = False
    for op in [op.operation for op in block.operations]:
        if op.name == "linalg.generic":
            _alone(alone)
            if loaded:
                with op.location, ir.InsertionPoint(op):
                    _barrier()
            _share(op, threads, subgroups=subgroups)
            loaded = False
        elif op.name == "memref.load":
            _alone(alone)
            loaded = True
        elif op.name not in _ALSO | _END and not op.name.startswith(_PURE):
            if loaded:
                with op.location, ir.InsertionPoint(op):
                    _barrier()
            loaded = False
            alone.append(op)
    _alone(alone)


def _alone(ops: list[Any]) -> None:
    """Only the first thread executes these. Empties the list."""
    if not ops:
        return
    with ops[-1].location, ir.InsertionPoint.after(ops[-1]):
        first = arith.CmpIOp(0, gpu_index("gpu.thread_id"), value_of(0)).result
        guard = scf.IfOp(first)
        with ir.InsertionPoint(guard.then_block):
            end = scf.YieldOp([]).operation
        _barrier()
    for op in ops:
        op.move_before(end)
    ops.clear()


def _barrier() -> None:
    ir.Operation.create("gpu.barrier")


def _share(op: Any, threads: int, *, subgroups: bool) -> None:
    generic = read_generic(op)
    with op.location, ir.InsertionPoint(op):
        sizes = extents(generic)
        parallel = [i for i, kind in enumerate(generic.iterators) if kind == PARALLEL]
        total = product([sizes[i] for i in parallel])
        combiners = _combiners(generic)
        if generic.reductions and combiners is not None and isinstance(total, int) and total < threads:
            types = [init.type.element_type for init in generic.inits]
            fits = subgroups and all(can_reduce(name, t) for name, t in zip(combiners, types, strict=True))
            _tree(generic, sizes, parallel, combiners, join=_by_subgroups if fits else _by_halves, threads=threads)
        else:
            _deal(generic, sizes, parallel, total, threads)
        _barrier()
    op.erase()


def _deal(generic: Generic, sizes: list[Size], parallel: list[int], total: Size, threads: int) -> None:
    """Every thread does every n-th point of the parallel loops."""
    indices: list[Size] = [0] * len(sizes)
    thread = gpu_index("gpu.thread_id")

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

_NEUTRAL: dict[str, Any] = {
    "arith.addf": -0.0,
    "arith.mulf": 1.0,
    "arith.maximumf": -np.inf,
    "arith.maxnumf": np.nan,
    "arith.minimumf": np.inf,
    "arith.minnumf": np.nan,
    "arith.addi": 0,
    "arith.ori": 0,
    "arith.xori": 0,
    "arith.maxui": 0,
    "arith.muli": 1,
    "arith.andi": -1,
    "arith.minui": -1,
    "arith.maxsi": lambda width: -(1 << (width - 1)),
    "arith.minsi": lambda width: (1 << (width - 1)) - 1,
}
"""What leaves the other operand as it is."""


def _combiners(generic: Generic) -> list[str] | None:
    """The operation that joins partial results, per result; None if there is none for one of them."""
    found = []
    *_, end = generic.body
    arguments = list(generic.block.arguments)[len(generic.inputs) :]
    for argument, value in zip(arguments, end.operands, strict=True):
        if isinstance(value.type, ir.ComplexType):
            return None
        op, uses = defining(value), list(argument.uses)
        if op is None or op.name not in _NEUTRAL or len(uses) != 1 or uses[0].owner.operation != op:
            return None
        found.append(op.name)
    return found


def _neutral(name: str, type_: Any) -> Any:
    value = _NEUTRAL[name]
    if isinstance(type_, ir.FloatType):
        return arith.ConstantOp(type_, ir.FloatAttr.get(type_, value)).result
    number = value(type_.width) if callable(value) else value
    return arith.ConstantOp(type_, ir.IntegerAttr.get(type_, number)).result


def _combine(name: str, a: Any, b: Any) -> Any:
    return ir.Operation.create(name, [a.type], [a, b]).result


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
    thread = gpu_index("gpu.thread_id")
    types = [init.type.element_type for init in generic.inits]
    start = [_neutral(name, type_) for name, type_ in zip(combiners, types, strict=True)]
    *outer, inner = sorted(generic.reductions, key=lambda i: sizes[i] if isinstance(sizes[i], int) else 1 << 30)
    partials = reduce(generic, [*outer, inner], sizes, indices, start, first=thread, step=threads)
    shared = join(combiners, partials, threads)
    guard = scf.IfOp(arith.CmpIOp(0, thread, value_of(0)).result)
    with ir.InsertionPoint(guard.then_block):
        for i, (name, whole) in enumerate(zip(combiners, shared, strict=True)):
            store(generic, count + i, indices, _combine(name, load(generic, count + i, indices), whole()))
        scf.YieldOp([])
    _barrier()


def _shared(partials: Sequence[Any], threads: int) -> list[Any]:
    space = storage_class(WORKGROUP)
    return [memref.AllocOp(ir.MemRefType.get([threads], p.type, memory_space=space), [], []).result for p in partials]


def _by_halves(combiners: Sequence[str], partials: Sequence[Any], threads: int) -> list[Callable[[], Any]]:
    """Joins partial results in workgroup memory, each half of the threads the other's. Returns what loads them."""
    thread, shared = gpu_index("gpu.thread_id"), _shared(partials, threads)
    for part, buffer in zip(partials, shared, strict=True):
        memref.StoreOp(part, buffer, [thread])
    _barrier()
    width = threads // 2
    while width:
        guard = scf.IfOp(arith.CmpIOp(6, thread, value_of(width)).result)
        with ir.InsertionPoint(guard.then_block):
            other = arith.AddIOp(thread, value_of(width)).result
            for name, buffer in zip(combiners, shared, strict=True):
                joined = _combine(name, memref.LoadOp(buffer, [thread]).result, memref.LoadOp(buffer, [other]).result)
                memref.StoreOp(joined, buffer, [thread])
            scf.YieldOp([])
        _barrier()
        width //= 2
    return [partial(_first, buffer) for buffer in shared]


def _first(buffer: Any) -> Any:
    return memref.LoadOp(buffer, [value_of(0)]).result


def _by_subgroups(combiners: Sequence[str], partials: Sequence[Any], threads: int) -> list[Callable[[], Any]]:
    """Joins partial results within the subgroups, and theirs in workgroup memory. Returns what joins the latter."""
    lane, subgroup, subgroups = (_subgroup_index(name) for name in ("lane_id", "subgroup_id", "num_subgroups"))
    shared = _shared(partials, threads)
    joined = [reduce_subgroup(name, part) for name, part in zip(combiners, partials, strict=True)]
    guard = scf.IfOp(arith.CmpIOp(0, lane, value_of(0)).result)
    with ir.InsertionPoint(guard.then_block):
        for value, buffer in zip(joined, shared, strict=True):
            memref.StoreOp(value, buffer, [subgroup])
        scf.YieldOp([])
    _barrier()

    def whole(name: str, buffer: Any) -> Any:
        first = memref.LoadOp(buffer, [value_of(0)]).result
        loop = scf.ForOp(value_of(1), subgroups, value_of(1), [first])
        with ir.InsertionPoint(loop.body):
            other = memref.LoadOp(buffer, [loop.induction_variable]).result
            scf.YieldOp([_combine(name, loop.inner_iter_args[0], other)])
        return loop.results[0]

    return [partial(whole, name, buffer) for name, buffer in zip(combiners, shared, strict=True)]


def _subgroup_index(name: str) -> Any:
    return ir.Operation.create(f"gpu.{name}", [ir.IndexType.get()]).result
