"""Running sums, and the like, by a workgroup: tiles one after the other, each summed side by side.

Within a tile every thread sums a few neighbours, and the threads' sums are added up in log2 steps: W. D. Hillis, G. L.
Steele: Data Parallel Algorithms (1986).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from iree.codegen.cpu.structured import defining
from iree.codegen.spirv.indices import add, known, value_of
from iree.codegen.spirv.loops.combiners import NEUTRAL, combine, neutral
from iree.codegen.spirv.loops.nests import copy, leading_to, stores_apart
from iree.codegen.spirv.loops.threads import barrier, shared, thread_id
from iree.dialects.mlir import arith, ir, memref, scf

_EACH = 4
"""Elements of a tile that a thread has."""
_ULT, _UGE = 6, 9


@dataclass(frozen=True)
class Scan:
    """A loop that carries one result.

    Attributes:
        loop: The `scf.for`.
        name: The operation that combines what came before with the next value.
        value: The next value; nothing it is made of depends on what came before.
        result: What the operation makes of them.
    """

    loop: Any
    name: str
    value: Any
    result: Any


def read_scan(loop: Any) -> Scan | None:
    """The scan that a loop is, or None. What it stores goes to places that are each iteration's own."""
    if loop.name != "scf.for" or len(loop.results) != 1 or known(loop.operands[2]) != 1:
        return None
    block = loop.regions[0].blocks[0]
    before = block.arguments[1]
    result = list(block.operations)[-1].operands[0]
    op = defining(result)
    if op is None or op.name not in NEUTRAL or op.operation.block != block or before not in op.operands:
        return None
    a, b = op.operands
    value = b if a == before else a
    if isinstance(value.type, (ir.IndexType, ir.VectorType, ir.ComplexType)):
        return None
    leading = leading_to([value], block)
    if any(before in list(inner.operands) for inner in leading) or value == before:
        return None
    return Scan(loop, op.name, value, result) if stores_apart(loop) else None


def share_scan(scan: Scan, threads: int) -> None:
    """Replaces the loop by one that all threads of a workgroup run."""
    loop, each = scan.loop, _EACH
    block = loop.regions[0].blocks[0]
    start, stop, _, initial = loop.operands
    leading = leading_to([scan.value], block)
    combined = scan.result.owner.operation
    replaced = [combined, leading[-1]] if leading else [combined]
    following = [op.operation for op in list(block.operations)[:-1] if op.operation not in replaced]
    type_ = initial.type
    with loop.location, ir.InsertionPoint(loop):
        thread = thread_id()
        sums = [shared(type_, threads) for _ in range(2)]
        own = arith.MulIOp(thread, value_of(each)).result
        tiles = scf.ForOp(start, stop, value_of(each * threads), [initial])
    with loop.location, ir.InsertionPoint(tiles.body):
        first = arith.AddIOp(tiles.induction_variable, own).result
        carried = tiles.inner_iter_args[0]
        places, values = [], []
        for number in range(each):
            place = value_of(add(first, number))
            inside = arith.CmpIOp(_ULT, place, stop).result
            guard = scf.IfOp(inside, [type_], has_else=True)
            with ir.InsertionPoint(guard.then_block):
                found = {block.arguments[0]: place}
                copy(leading, found)
                scf.YieldOp([found.get(scan.value, scan.value)])
            with ir.InsertionPoint(guard.else_block):
                scf.YieldOp([neutral(scan.name, type_)])
            places.append((place, inside))
            values.append(guard.results[0])
        total = values[0]
        for value in values[1:]:
            total = combine(scan.name, total, value)
        memref.StoreOp(total, sums[0], [thread])
        barrier()
        width, source = 1, 0
        while width < threads:
            _step(scan, sums[source], sums[1 - source], thread, width)
            barrier()
            width, source = 2 * width, 1 - source
        running = _before(scan, sums[source], thread, carried)
        for (place, inside), value in zip(places, values, strict=True):
            after = combine(scan.name, running, value)
            guard = scf.IfOp(inside)
            with ir.InsertionPoint(guard.then_block):
                here = {block.arguments[0]: place, block.arguments[1]: running, scan.result: after}
                if leading:
                    here[scan.value] = value
                copy(following, here)
                scf.YieldOp([])
            running = after
        last = memref.LoadOp(sums[source], [value_of(threads - 1)]).result
        whole = combine(scan.name, carried, last)
        barrier()
        scf.YieldOp([whole])
    loop.results[0].replace_all_uses_with(tiles.results[0])
    loop.erase()


def _step(scan: Scan, source: Any, target: Any, thread: Any, distance: int) -> None:
    """Adds each sum to the one that is `distance` threads further on."""
    mine = memref.LoadOp(source, [thread]).result
    guard = scf.IfOp(arith.CmpIOp(_UGE, thread, value_of(distance)).result, [mine.type], has_else=True)
    with ir.InsertionPoint(guard.then_block):
        other = memref.LoadOp(source, [arith.SubIOp(thread, value_of(distance)).result]).result
        scf.YieldOp([combine(scan.name, other, mine)])
    with ir.InsertionPoint(guard.else_block):
        scf.YieldOp([mine])
    memref.StoreOp(guard.results[0], target, [thread])


def _before(scan: Scan, sums: Any, thread: Any, carried: Any) -> Any:
    """What comes before a thread's first element."""
    guard = scf.IfOp(arith.CmpIOp(_UGE, thread, value_of(1)).result, [carried.type], has_else=True)
    with ir.InsertionPoint(guard.then_block):
        other = memref.LoadOp(sums, [arith.SubIOp(thread, value_of(1)).result]).result
        scf.YieldOp([combine(scan.name, carried, other)])
    with ir.InsertionPoint(guard.else_block):
        scf.YieldOp([carried])
    return guard.results[0]
