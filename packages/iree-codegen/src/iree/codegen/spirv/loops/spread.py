"""Loops around everything that a kernel does: each iteration gets a workgroup, or a thread, of its own."""

from __future__ import annotations

from itertools import pairwise
from math import prod
from typing import Any

from iree.codegen.cpu.kernel import Kernel
from iree.codegen.cpu.structured import defining
from iree.codegen.spirv.distribute import WORKERS, expression
from iree.codegen.spirv.indices import known
from iree.codegen.spirv.loops import ranges
from iree.codegen.spirv.loops.nests import (
    ALLOCATIONS,
    accesses,
    effects,
    is_counted,
    is_defined_inside,
    is_parallel,
    is_pure,
    stores_apart,
    written,
)
from iree.codegen.spirv.loops.ranges import cut, read_ranged
from iree.codegen.spirv.loops.scans import read_scan
from iree.codegen.spirv.loops.scatters import make_atomic, read_scatter
from iree.dialects.mlir import ir, scf

_MANY = 16384
"""Iterations that keep a device busy with a thread for each, though each could use a workgroup."""


def spread(kernel: Kernel, *, checked: bool) -> int:
    """Makes parallel loops that are all that a kernel does one `scf.forall`.

    Args:
        kernel: Bufferized.
        checked: See `ranges.cut`.

    Returns:
        The threads of a workgroup that is to share each iteration; 0 if a thread is to have it.
    """
    found = effects(kernel.block)
    nests = [op for op in found if not _prepares(op)]
    if len(nests) != 1 or nests[0].name != "scf.for":
        return WORKERS
    loops = _nest(nests[0])
    parallel = [loop for loop in loops if _is_free(kernel, loop, loops)]
    scatter = read_scatter(nests[0])
    if len(found) == 1 and scatter is not None and len(parallel) < len(loops):
        sizes_known = all(_is_known(kernel, loop) for loop in scatter.loops)
        if sizes_known and make_atomic(scatter):
            loops = parallel = list(scatter.loops)
        elif (ranged := read_ranged(scatter, parallel)) is not None:
            cut(ranged, checked=checked)
            return ranges.THREADS
    if not parallel:
        return WORKERS
    rest = [loop for loop in loops if loop not in parallel]
    shared = _gains(rest[0] if rest else loops[-1].regions[0].blocks[0]) and _count(parallel) <= _MANY
    _replace(kernel, loops, parallel, rest)
    return WORKERS if shared else 0


def _prepares(op: Any) -> bool:
    """Whether an operation does no more than fill memory of the kernel's own."""
    if op.name != "linalg.generic":
        return False
    count = list(op.attributes["operandSegmentSizes"])[1]
    targets = list(op.operands)[-count:]
    return all((made := defining(target)) is not None and made.name in ALLOCATIONS for target in targets)


def _nest(loop: Any) -> list[Any]:
    """Loops of which each does nothing but the next, beside what may as well be done inside of it."""
    loops = [loop]
    while is_counted(loop):
        block = loop.regions[0].blocks[0]
        inner = effects(block)
        if len(inner) != 1 or inner[0].name != "scf.for" or not is_counted(inner[0]):
            break
        stored = written([inner[0]])
        between = [op.operation for op in block.operations if op.operation != inner[0]][:-1]
        if stored is None or any(not _moves(op, stored) for op in between):
            break
        if any(is_defined_inside(bound, loops[0]) for bound in list(inner[0].operands)[:2]):
            break
        loop = inner[0]
        loops.append(loop)
    return loops


def _moves(op: Any, stored: list[Any]) -> bool:
    return is_pure(op) or (op.name == "memref.load" and op.operands[0] not in stored)


def _is_known(kernel: Kernel, loop: Any) -> bool:
    return all(expression(kernel, bound) is not None for bound in list(loop.operands)[:2])


def _is_free(kernel: Kernel, loop: Any, loops: list[Any]) -> bool:
    """Whether the iterations of one of a nest's loops may run in any order, whatever those of the others."""
    if not is_counted(loop) or not _is_known(kernel, loop):
        return False
    if loop == loops[0]:
        return is_parallel(loop)
    stored = written([loops[0]])
    return stored is not None and all(accesses(value, loop) is not None for value in stored) and stores_apart(loop)


def _count(loops: list[Any]) -> int:
    return prod((known(loop.operands[1]) or _MANY) - (known(loop.operands[0]) or 0) for loop in loops)


def _gains(root: Any) -> bool:
    """Whether a loop, or what is in a block, is shared by the threads of a workgroup with profit."""
    if isinstance(root, ir.Block):
        return any(_gains(op.operation) for op in root.operations)
    if root.name == "linalg.generic":
        return False
    if root.name == "scf.for" and (is_parallel(root) or read_scan(root) is not None or read_scatter(root) is not None):
        return True
    return any(_gains(block) for region in root.regions for block in region.blocks)


def _replace(kernel: Kernel, loops: list[Any], parallel: list[Any], rest: list[Any]) -> None:
    """Puts an `scf.forall` of the parallel loops around the others."""
    outer, inner = loops[0], loops[-1].regions[0].blocks[0]
    bounds = [[known(v) if known(v) is not None else v for v in list(loop.operands)[:2]] for loop in parallel]
    with outer.location, ir.InsertionPoint(outer):
        forall = scf.ForallOp([b[0] for b in bounds], [b[1] for b in bounds], [1] * len(parallel))
    with outer.location, ir.InsertionPoint.at_block_begin(forall.body):
        end = scf.InParallelOp().operation
    for op in [op.operation for op in kernel.block.operations]:
        if op.name in ALLOCATIONS or op.name == "linalg.generic":
            op.move_before(end)
    counters = list(forall.body.arguments)
    for loop, counter in zip(parallel, counters, strict=False):
        loop.regions[0].blocks[0].arguments[0].replace_all_uses_with(counter)
    between = [
        op.operation
        for loop, nested in pairwise(loops)
        for op in list(loop.regions[0].blocks[0].operations)[:-1]
        if op.operation != nested
    ]
    body = [op.operation for op in list(inner.operations)[:-1]]
    place = end
    for loop in rest:
        with loop.location, ir.InsertionPoint(place):
            new = scf.ForOp(*list(loop.operands)[:3])
        with loop.location, ir.InsertionPoint(new.body):
            place = scf.YieldOp([]).operation
        loop.regions[0].blocks[0].arguments[0].replace_all_uses_with(new.induction_variable)
    for op in [*between, *body]:
        op.move_before(place)
    outer.erase()
