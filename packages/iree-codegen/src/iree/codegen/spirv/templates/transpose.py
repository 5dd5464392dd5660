"""Elementwise operations that read an operand across its rows: by way of workgroup memory, a square tile at a time.

Neighbouring threads read neighbours of the operand and write neighbours of the result; a tile's rows are one element
longer than they hold, so that its columns lie in different banks (G. Ruetsch, P. Micikevicius: Optimizing Matrix
Transpose in CUDA, 2009).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from iree.codegen.cpu.kernel import Kernel
from iree.codegen.cpu.structured import Generic, generics
from iree.codegen.spirv.indices import Size, add, multiply, value_of
from iree.codegen.spirv.loops.threads import barrier, shared, thread_id
from iree.codegen.spirv.scalar import load, place
from iree.codegen.spirv.templates.elementwise import Lanes, apply_all, is_elementwise
from iree.dialects.mlir import arith, ir, memref, scf

THREADS = 128
_TILE = 32
_PITCH = _TILE + 1
_ULT = 6


def apply(kernel: Kernel) -> bool:
    """Rewrites a bufferized kernel of one such operation to an `scf.forall` over tiles, each for a workgroup.

    Returns:
        False, with nothing changed, if it is something else or too small.
    """
    found = generics(kernel.function)
    if len(found) != 1 or not is_elementwise(found[0]):
        return False
    generic = found[0]
    sizes = [size or 0 for size in generic.loop_sizes()]
    inner = len(sizes) - 1
    across = _across(generic, inner)
    if across is None or min(sizes) <= 0 or sizes[inner] < _TILE or sizes[across] < _TILE:
        return False
    operands = [i for i in range(len(generic.inputs)) if _last(generic, i) == across]
    counts = [-(-size // _TILE) if i in (inner, across) else size for i, size in enumerate(sizes)]
    with generic.op.location, ir.InsertionPoint(generic.op):
        loop = scf.ForallOp([0] * len(sizes), counts, [1] * len(sizes))
    with generic.op.location, ir.InsertionPoint.at_block_begin(loop.body):
        tiles = list(loop.body.arguments)[: len(sizes)]
        thread = thread_id()
        column = arith.RemUIOp(thread, value_of(_TILE)).result
        first = arith.DivUIOp(thread, value_of(_TILE)).result
        buffers = [shared(generic.operands[i].type.element_type, _TILE * _PITCH) for i in operands]
        starts = [multiply(tile, _TILE) if i in (inner, across) else tile for i, tile in enumerate(tiles)]

        def rows(fast: int, slow: int, body: Any) -> None:
            """Calls `body` for the tile's elements that a thread has, the columns along the loop `fast`."""
            for number in range(0, _TILE, THREADS // _TILE):
                row = value_of(add(first, number))
                indices: list[Size] = list(starts)
                indices[fast], indices[slow] = add(starts[fast], column), add(starts[slow], row)
                _inside(indices, sizes, (fast, slow), lambda row=row, indices=indices: body(row, indices))

        def read(row: Any, indices: Sequence[Size]) -> None:
            at = value_of(add(multiply(row, _PITCH), column))
            for operand, buffer in zip(operands, buffers, strict=True):
                memref.StoreOp(load(generic, operand, indices), buffer, [at])

        def write(row: Any, indices: Sequence[Size]) -> None:
            at = value_of(add(multiply(column, _PITCH), row))
            given = {
                generic.block.arguments[operand]: memref.LoadOp(buffer, [at]).result
                for operand, buffer in zip(operands, buffers, strict=True)
            }
            for i, value in enumerate(apply_all(generic, given, indices, Lanes(inner, 1))):
                memref.StoreOp(value, generic.inits[i], place(generic, len(generic.inputs) + i, indices))

        rows(across, inner, read)
        barrier()
        rows(inner, across, write)
        scf.InParallelOp()
    generic.op.erase()
    return True


def _last(generic: Generic, operand: int) -> int | None:
    """The loop along which neighbours in memory are, of an operand that is an array."""
    dims = generic.dims(operand)
    return dims[-1] if dims and isinstance(generic.operands[operand].type, ir.MemRefType) else None


def _across(generic: Generic, inner: int) -> int | None:
    """The loop along which the operands that the inner loop reads across are contiguous; None unless there is one."""
    found = {
        _last(generic, i) for i in range(len(generic.inputs)) if inner in generic.dims(i) and _last(generic, i) != inner
    }
    return found.pop() if len(found) == 1 else None


def _inside(indices: Sequence[Size], sizes: Sequence[int], loops: Sequence[int], body: Any) -> None:
    """Calls `body` for elements that there are."""
    tests = [
        arith.CmpIOp(_ULT, value_of(indices[i]), value_of(sizes[i])).result for i in loops if sizes[i] % _TILE != 0
    ]
    if not tests:
        body()
        return
    guard = scf.IfOp(tests[0] if len(tests) == 1 else arith.AndIOp(*tests).result)
    with ir.InsertionPoint(guard.then_block):
        body()
        scf.YieldOp([])
