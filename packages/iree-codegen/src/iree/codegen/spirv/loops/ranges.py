"""Scatters by many workgroups: each has a range of what is updated, and does the updates of it in order.

Every workgroup looks at all iterations, a tile at a time: threads find where each would update, and list those in the
workgroup's range in the order of the loop. Of those that update one element, the first does the work of all, one after
the other, so that results are the same in every run and those of the loop.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from iree.codegen.cpu.structured import walk
from iree.codegen.spirv.distribute import WORKERS
from iree.codegen.spirv.flatten import row_major
from iree.codegen.spirv.indices import Size, add, delinearize, dot, known, multiply, product, value_of
from iree.codegen.spirv.loops.nests import copy
from iree.codegen.spirv.loops.scatters import Scatter, loop_size, update, values_at
from iree.codegen.spirv.loops.threads import barrier, shared, thread_id
from iree.codegen.spirv.templates.edges import ceildiv
from iree.dialects.mlir import arith, ir, memref, scf

SHARED = "iree_shared"
"""On a loop whose threads share the work already."""

_EACH = 8
"""Iterations of a tile that a thread looks at."""
_TILE = _EACH * WORKERS
_RANGES, _UPDATES, _COLUMNS = 256, 64, 32
"""Workgroups at most; updates and columns that are worth one."""
_NE, _SLT, _SGE, _ULT, _UGE = 1, 2, 5, 6, 9
_HEAD = 1 << 30
"""Marks the first of several updates of one element."""


@dataclass(frozen=True)
class Ranged:
    """A scatter that is cut by what it updates.

    Attributes:
        scatter: It.
        counted: Its loops whose iterations are looked at, in order.
        columns: Its loops that update other elements in each of their iterations, whatever the others do.
        keys: The dimensions that are cut, with the place that an iteration updates.
    """

    scatter: Scatter
    counted: tuple[Any, ...]
    columns: tuple[Any, ...]
    keys: tuple[tuple[int, Any], ...]


def read_ranged(scatter: Scatter, columns: Sequence[Any]) -> Ranged | None:
    """The scatter as one that is cut, if it is long and its places depend on no column."""
    counted = tuple(loop for loop in scatter.loops if loop not in columns)
    inside = tuple(loop for loop in scatter.loops if loop in columns)
    counters = [loop.regions[0].blocks[0].arguments[0] for loop in inside]
    keys = tuple((d, v) for d, v in enumerate(scatter.target) if v is not None and v not in counters)
    sizes = [known(loop.operands[1]) for loop in counted]
    short = prod(size or _TILE for size in sizes) < _TILE
    if not keys or not counted or short:
        return None
    needed = _needed([value for _, value in keys], scatter)
    if any(operand in counters for op in needed for inner in [op, *walk(op)] for operand in inner.operands):
        return None
    return Ranged(scatter, counted, inside, keys)


def _needed(values: Sequence[Any], scatter: Scatter) -> list[Any]:
    """The operations of the loops' blocks that values depend on, in order."""
    blocks = [loop.regions[0].blocks[0] for loop in scatter.loops]
    found: list[Any] = []
    pending = [value for value in values if not isinstance(value, ir.BlockArgument)]
    while pending:
        op = pending.pop().owner.operation
        if op.block not in blocks or op in found:
            continue
        found.append(op)
        pending += [v for inner in [op, *walk(op)] for v in inner.operands if not isinstance(v, ir.BlockArgument)]
    return [op.operation for block in blocks for op in block.operations if op.operation in found]


def cut(ranged: Ranged) -> None:
    """Replaces the nest by an `scf.forall` over workgroups, whose threads share what is in it."""
    _Writer(ranged).write()
    ranged.scatter.loops[0].erase()


class _Writer:
    """Writes one loop."""

    def __init__(self, ranged: Ranged) -> None:
        self.ranged, self.scatter = ranged, ranged.scatter

    def write(self) -> None:
        """Writes it before the nest."""
        outer = self.scatter.loops[0]
        with outer.location, ir.InsertionPoint(outer):
            self.counts = [loop_size(loop) for loop in self.ranged.counted]
            self.widths = [loop_size(loop) for loop in self.ranged.columns]
            first = self.scatter.stored[0]
            dims = [d for d, _ in self.ranged.keys]
            self.extents: list[Size] = [
                memref.DimOp(first, value_of(d)).result if first.type.is_dynamic_dim(d) else first.type.shape[d]
                for d in dims
            ]
            total, width, count = product(self.extents), product(self.widths), product(self.counts)
            ranges = min(_RANGES, total) if isinstance(total, int) else _RANGES
            ranges = max(1, min(ranges, count // _UPDATES) if isinstance(count, int) else ranges)
            blocks = ceildiv(width, _COLUMNS) if isinstance(width, int) else 1
            ranges = max(1, min(ranges, 4 * _RANGES // blocks))
            loop = scf.ForallOp([0, 0], [ranges, blocks], [1, 1])
        with outer.location, ir.InsertionPoint.at_block_begin(loop.body):
            number, block = list(loop.body.arguments)[:2]
            part = ceildiv(total, ranges)
            self.low, self.part = multiply(number, part), value_of(part)
            self.first_column = multiply(block, _COLUMNS) if blocks > 1 else 0
            rest = value_of(_COLUMNS) if blocks > 1 else value_of(width)
            if blocks > 1 and isinstance(width, int) and width % _COLUMNS:
                left = arith.SubIOp(value_of(width), value_of(self.first_column)).result
                rest = arith.MinSIOp(rest, left).result
            self.columns = rest
            self.thread = thread_id()
            index = ir.IndexType.get()
            self.updates, self.keys, self.next = (shared(index, _TILE) for _ in range(3))
            self.sums = [shared(index, WORKERS) for _ in range(2)]
            self.total = value_of(count)
            tiles = scf.ForOp(value_of(0), self.total, value_of(_TILE))
            tiles.operation.attributes[SHARED] = ir.UnitAttr.get()
            with ir.InsertionPoint(tiles.body):
                self._tile(tiles.induction_variable)
                scf.YieldOp([])
            scf.InParallelOp()

    def _tile(self, start: Any) -> None:
        number = self._list(start)
        self._link(number)
        barrier()
        columns, items = self.columns, arith.MulIOp(number, self.columns).result
        loop = scf.ForOp(self.thread, items, value_of(WORKERS))
        with ir.InsertionPoint(loop.body):
            item = loop.induction_variable
            entry, column = arith.DivUIOp(item, columns).result, arith.RemUIOp(item, columns).result
            first = memref.LoadOp(self.updates, [entry]).result
            guard = scf.IfOp(arith.CmpIOp(_SGE, first, value_of(_HEAD)).result)
            with ir.InsertionPoint(guard.then_block):
                self._update_all(start, entry, value_of(add(self.first_column, column)))
                scf.YieldOp([])
            scf.YieldOp([])
        barrier()

    def _list(self, start: Any) -> Any:
        """Lists the iterations of a tile that update something in the range. Returns how many there are."""
        own = add(start, multiply(self.thread, _EACH))
        found = []
        for each in range(_EACH):
            number = value_of(add(own, each))
            inside = arith.CmpIOp(_ULT, number, self.total).result
            choice = scf.IfOp(inside, [ir.IndexType.get()], has_else=True)
            with ir.InsertionPoint(choice.then_block):
                scf.YieldOp([arith.SubIOp(self._key(number), value_of(self.low)).result])
            with ir.InsertionPoint(choice.else_block):
                scf.YieldOp([value_of(-1)])
            key = choice.results[0]
            found.append((number, key, arith.CmpIOp(_ULT, key, self.part).result))
        one, zero = value_of(1), value_of(0)
        counts = [arith.SelectOp(mine, one, zero).result for _, _, mine in found]
        place, whole = self._before(_sum(counts))
        for (number, key, mine), count in zip(found, counts, strict=True):
            guard = scf.IfOp(mine)
            with ir.InsertionPoint(guard.then_block):
                memref.StoreOp(arith.SubIOp(number, start).result, self.updates, [place])
                memref.StoreOp(key, self.keys, [place])
                memref.StoreOp(value_of(-1), self.next, [place])
                scf.YieldOp([])
            place = arith.AddIOp(place, count).result
        barrier()
        return whole

    def _before(self, count: Any) -> tuple[Any, Any]:
        """What the threads before a thread have together, and all."""
        memref.StoreOp(count, self.sums[0], [self.thread])
        barrier()
        width, source = 1, 0
        while width < WORKERS:
            mine = memref.LoadOp(self.sums[source], [self.thread]).result
            guard = scf.IfOp(arith.CmpIOp(_UGE, self.thread, value_of(width)).result, [mine.type], has_else=True)
            with ir.InsertionPoint(guard.then_block):
                other = memref.LoadOp(self.sums[source], [arith.SubIOp(self.thread, value_of(width)).result]).result
                scf.YieldOp([arith.AddIOp(mine, other).result])
            with ir.InsertionPoint(guard.else_block):
                scf.YieldOp([mine])
            memref.StoreOp(guard.results[0], self.sums[1 - source], [self.thread])
            barrier()
            width, source = 2 * width, 1 - source
        until = memref.LoadOp(self.sums[source], [self.thread]).result
        whole = memref.LoadOp(self.sums[source], [value_of(WORKERS - 1)]).result
        return arith.SubIOp(until, count).result, whole

    def _key(self, number: Any) -> Any:
        """The place that an iteration updates, among those that are cut."""
        counters = [loop.regions[0].blocks[0].arguments[0] for loop in self.ranged.counted]
        mapping = dict(zip(counters, map(value_of, delinearize(number, self.counts)), strict=True))
        values = [value for _, value in self.ranged.keys]
        copy(_needed(values, self.scatter), mapping)
        return value_of(dot([mapping.get(value, value) for value in values], row_major(self.extents)))

    def _link(self, count: Any) -> None:
        """Notes of every update which is the next one of the same element, and which are the first."""
        loop = scf.ForOp(self.thread, count, value_of(WORKERS))
        with ir.InsertionPoint(loop.body):
            entry = loop.induction_variable
            key = memref.LoadOp(self.keys, [entry]).result

            def differs(other: Any) -> Any:
                inside = arith.CmpIOp(_SGE, other, value_of(0)).result
                at = arith.MaxSIOp(other, value_of(0)).result
                same = arith.CmpIOp(_NE, memref.LoadOp(self.keys, [at]).result, key).result
                return arith.AndIOp(inside, same).result

            before = _while(
                arith.SubIOp(entry, value_of(1)).result, differs, lambda i: arith.SubIOp(i, value_of(1)).result
            )
            choice = scf.IfOp(arith.CmpIOp(_SLT, before, value_of(0)).result, has_else=True)
            with ir.InsertionPoint(choice.then_block):
                update_ = memref.LoadOp(self.updates, [entry]).result
                memref.StoreOp(arith.AddIOp(update_, value_of(_HEAD)).result, self.updates, [entry])
                scf.YieldOp([])
            with ir.InsertionPoint(choice.else_block):
                memref.StoreOp(entry, self.next, [before])
                scf.YieldOp([])
            scf.YieldOp([])

    def _update_all(self, start: Any, entry: Any, column: Any) -> None:
        """Does the updates of one element that a tile has, from the first on."""
        places = delinearize(column, self.widths)

        def do(at: Any) -> Any:
            listed = memref.LoadOp(self.updates, [at]).result
            offset = arith.AndIOp(listed, value_of(_HEAD - 1)).result
            counted = dict(zip(self.ranged.counted, delinearize(add(start, offset), self.counts), strict=True))
            counted |= dict(zip(self.ranged.columns, places, strict=True))
            places_ = [counted[loop] for loop in self.scatter.loops]
            update(self.scatter, values_at(self.scatter, places_), guarded=True)
            return memref.LoadOp(self.next, [at]).result

        _while(entry, lambda at: arith.CmpIOp(_SGE, at, value_of(0)).result, do)


def _sum(values: Sequence[Any]) -> Any:
    total = values[0]
    for value in values[1:]:
        total = arith.AddIOp(total, value).result
    return total


def _while(start: Any, condition: Callable[[Any], Any], body: Callable[[Any], Any]) -> Any:
    """Goes on from a number to the next while a condition holds. Returns the first for which it does not."""
    loop = scf.WhileOp([start.type], [start])
    before = loop.regions[0].blocks.append(start.type, arg_locs=[ir.Location.current])
    with ir.InsertionPoint(before):
        scf.ConditionOp(condition(before.arguments[0]), [before.arguments[0]])
    after = loop.regions[1].blocks.append(start.type, arg_locs=[ir.Location.current])
    with ir.InsertionPoint(after):
        scf.YieldOp([body(after.arguments[0])])
    return loop.results[0]
