"""Lowers `linalg.generic` on memrefs to loops over single elements, sums of reductions in registers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from iree.codegen.cpu.structured import PARALLEL, Generic, dim, find, read_generic
from iree.codegen.spirv.indices import Size, value_of
from iree.dialects.mlir import CompileError, affine, ir, memref, scf


def lower_generics(function: Any) -> None:
    """Lowers all generics of a function to sequential loops."""
    for op in find(function, "linalg.generic"):
        with op.location, ir.InsertionPoint(op):
            generic = read_generic(op)
            sizes = extents(generic)
            parallel = [i for i, kind in enumerate(generic.iterators) if kind == PARALLEL]
            indices: list[Size] = [0] * len(sizes)
            nest(parallel, sizes, indices, partial(reduce_into, generic, sizes, indices))
        op.erase()


def extents(generic: Generic) -> list[Size]:
    """Iterations of each loop, at the insertion point."""
    sizes: list[Size] = [None] * len(generic.iterators)
    for number, operand in enumerate(generic.operands):
        if not isinstance(operand.type, ir.MemRefType):
            continue
        for position, loop in enumerate(generic.dims(number)):
            if loop is None or isinstance(sizes[loop], int):
                continue
            if not operand.type.is_dynamic_dim(position):
                sizes[loop] = operand.type.shape[position]
            elif sizes[loop] is None:
                sizes[loop] = memref.DimOp(operand, value_of(position)).result
    if any(size is None for size in sizes):
        raise CompileError("no operand says how often a loop of this operation runs", generic.op)
    return sizes


def nest(loops: Sequence[int], sizes: Sequence[Size], indices: list[Size], body: Callable[[], None]) -> None:
    """Emits loops over some of a generic's loops around `body`, which finds their indices in `indices`."""
    if not loops:
        body()
        return
    if isinstance(sizes[loops[0]], int) and sizes[loops[0]] == 1:
        indices[loops[0]] = 0
        nest(loops[1:], sizes, indices, body)
        return
    loop = scf.ForOp(value_of(0), value_of(sizes[loops[0]]), value_of(1))
    indices[loops[0]] = loop.induction_variable
    with ir.InsertionPoint(loop.body):
        nest(loops[1:], sizes, indices, body)
        scf.YieldOp([])


def reduce_into(generic: Generic, sizes: Sequence[Size], indices: list[Size]) -> None:
    """Emits everything for one point of the parallel loops: loads the accumulators, reduces, stores them."""
    count = len(generic.inputs)
    if generic.reductions and any(isinstance(init.type.element_type, ir.ComplexType) for init in generic.inits):
        nest(generic.reductions, sizes, indices, partial(_accumulate, generic, indices))
        return
    used = [bool(list(generic.block.arguments[count + i].uses)) for i in range(len(generic.inits))]
    initial = [load(generic, count + i, indices) if used[i] or generic.reductions else None for i in range(len(used))]
    results = reduce(generic, generic.reductions, sizes, indices, initial)
    for i, result in enumerate(results):
        store(generic, count + i, indices, result)


def _accumulate(generic: Generic, indices: list[Size]) -> None:
    """One step of a reduction in memory: complex numbers are no values that loops can pass on."""
    count = len(generic.inputs)
    values = [load(generic, count + i, indices) for i in range(len(generic.inits))]
    for i, result in enumerate(inline(generic, indices, values)):
        store(generic, count + i, indices, result)


def reduce(
    generic: Generic,
    loops: Sequence[int],
    sizes: Sequence[Size],
    indices: list[Size],
    accumulators: Sequence[Any],
    *,
    first: Size = 0,
    step: Size = 1,
) -> list[Any]:
    """Emits loops over the reductions with accumulators as their values.

    Args:
        generic: Its body is moved, so it can be emitted once.
        loops: The reduction loops that are left.
        sizes: Of all loops.
        indices: Of all loops.
        accumulators: Values to start from.
        first: Where the innermost loop starts.
        step: Its step.

    Returns:
        The accumulators' last values.
    """
    if not loops:
        return inline(generic, indices, accumulators)
    last = len(loops) == 1
    if isinstance(sizes[loops[0]], int) and sizes[loops[0]] == 1 and not (last and isinstance(step, int) and step != 1):
        indices[loops[0]] = 0
        return reduce(generic, loops[1:], sizes, indices, accumulators, first=first, step=step)
    lower, by = (first, step) if last else (0, 1)
    loop = scf.ForOp(value_of(lower), value_of(sizes[loops[0]]), value_of(by), list(accumulators))
    indices[loops[0]] = loop.induction_variable
    with ir.InsertionPoint(loop.body):
        inner = list(loop.inner_iter_args)
        scf.YieldOp(reduce(generic, loops[1:], sizes, indices, inner, first=first, step=step))
    return list(loop.results)


def inline(generic: Generic, indices: Sequence[Size], accumulators: Sequence[Any]) -> list[Any]:
    """Moves the body to the insertion point, for one point of all loops. Returns what it yields."""
    arguments = list(generic.block.arguments)
    values = [load(generic, i, indices) for i in range(len(generic.inputs))] + list(accumulators)
    for argument, value in zip(arguments, values, strict=True):
        if value is not None:
            argument.replace_all_uses_with(value)
    for op in find(generic.op, "linalg.index"):
        with op.location, ir.InsertionPoint(op):
            op.results[0].replace_all_uses_with(value_of(indices[ir.IntegerAttr(op.attributes["dim"]).value]))
        op.erase()
    *body, end = generic.body
    for op in body:
        op.detach_from_parent()
        ir.InsertionPoint.current.insert(op)
    return list(end.operands)


def load(generic: Generic, operand: int, indices: Sequence[Size]) -> Any:
    """An operand's element at one point of the loops; a scalar is itself."""
    value = generic.operands[operand]
    if not isinstance(value.type, ir.MemRefType):
        return value
    return memref.LoadOp(value, place(generic, operand, indices)).result


def store(generic: Generic, operand: int, indices: Sequence[Size], value: Any) -> None:
    """Writes an operand's element at one point of the loops."""
    memref.StoreOp(value, generic.operands[operand], place(generic, operand, indices))


def place(generic: Generic, operand: int, indices: Sequence[Size]) -> list[Any]:
    """The indices of an operand's element at one point of the loops."""
    values = [value_of(i) if i is not None else value_of(0) for i in indices]
    places = []
    for expr in generic.maps[operand].results:
        loop = dim(expr)
        if loop is not None:
            places.append(values[loop])
        else:
            places.append(affine.AffineApplyOp(ir.AffineMap.get(len(values), 0, [expr]), values).result)
    return places
