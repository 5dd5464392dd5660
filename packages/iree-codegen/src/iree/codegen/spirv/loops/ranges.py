"""Scatters by many workgroups: each has a range of what is updated, and does the updates of it in order.

Every workgroup looks at all iterations, a tile at a time: neighbouring threads at neighbouring iterations, of which
they note as bits those that update something in the workgroup's range. In the order of the bits, which is the loop's,
updates are listed, as many at a time as fit. Of those that update one element, the first does the work of all, one
after the other, so that results are the same in every run and those of the loop.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from iree.codegen.cpu.structured import walk
from iree.codegen.spirv.flatten import row_major
from iree.codegen.spirv.indices import Size, add, delinearize, dot, known, multiply, product, value_of
from iree.codegen.spirv.loops.nests import copy
from iree.codegen.spirv.loops.scatters import Scatter, loop_size, update, values_at
from iree.codegen.spirv.loops.threads import barrier, shared, thread_id
from iree.codegen.spirv.templates.edges import Guard, ceildiv
from iree.dialects.mlir import arith, ir, memref, scf

SHARED = "iree_shared"
"""On a loop whose threads share the work already."""

THREADS = 256
"""Of a workgroup."""
_BITS, _WORDS = 32, 4
"""Of a word of bits; words that a thread has."""
_TILE = THREADS * _BITS * _WORDS
_LISTED = 2 * THREADS
"""Updates that are listed at a time."""
_MARKS = THREADS * _BITS
"""Elements that are told apart before updates are compared one by one."""
_GROUP = 16
"""Threads whose updates are counted together: so many groups there are, too."""
_SHORT = 1024
"""Iterations that one workgroup does as well."""
_RANGES, _UPDATES, _COLUMNS = 256, 64, 32
"""Workgroups at most; updates and columns that are worth one."""
_EQ, _NE, _SLT, _SGE, _ULT = 0, 1, 2, 5, 6
_OR = 14  # `arith::AtomicRMWKind`
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
    short = prod(size or _SHORT for size in sizes) < _SHORT
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


def cut(ranged: Ranged, *, checked: bool) -> None:
    """Replaces the nest by an `scf.forall` over workgroups, whose threads share what is in it.

    Args:
        ranged: What is cut.
        checked: Whether somebody checks that barriers do not depend on what is in memory.
    """
    _Writer(ranged, checked=checked).write()
    ranged.scatter.loops[0].erase()


class _Writer:
    """Writes one loop."""

    def __init__(self, ranged: Ranged, *, checked: bool) -> None:
        self.ranged, self.scatter, self.checked = ranged, ranged.scatter, checked

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
            self.updates, self.keys, self.next = (shared(index, _LISTED) for _ in range(3))
            word = ir.IntegerType.get_signless(32)
            self.bits = shared(word, THREADS * _WORDS)
            self.seen, self.again = shared(word, THREADS), shared(word, THREADS)
            self.noted, self.groups = shared(index, THREADS), shared(index, THREADS // _GROUP)
            self.total = value_of(count)
            tiles = scf.ForOp(value_of(0), self.total, value_of(_TILE))
            tiles.operation.attributes[SHARED] = ir.UnitAttr.get()
            with ir.InsertionPoint(tiles.body):
                self._tile(tiles.induction_variable)
                scf.YieldOp([])
            scf.InParallelOp()

    def _tile(self, start: Any) -> None:
        self._note(start)
        before, whole = self._before()
        rounds = scf.ForOp(value_of(0), value_of(_TILE) if self.checked else whole, value_of(_LISTED))
        with ir.InsertionPoint(rounds.body):
            first = rounds.induction_variable
            self._list(start, before, first)
            barrier()
            self._do(start, arith.MinSIOp(arith.SubIOp(whole, first).result, value_of(_LISTED)).result)
            barrier()
            scf.YieldOp([])

    def _note(self, start: Any) -> None:
        """Sets the bits of the iterations of a tile that update something in the range."""
        for word in range(_WORDS):
            memref.StoreOp(_word(0), self.bits, [self._own(word)])
        barrier()
        last = arith.SubIOp(self.total, value_of(1)).result
        group, bit = _bit(self.thread)
        parts = scf.ForOp(value_of(0), value_of(_WORDS), value_of(1))
        with ir.InsertionPoint(parts.body):
            part = parts.induction_variable
            own = add(start, add(multiply(part, _BITS * THREADS), self.thread))
            # One number of all that is found: code that goes on after each of them would wait for each load.
            found = _word(0)
            for each in range(_BITS):
                number = value_of(add(own, each * THREADS))
                inside = arith.CmpIOp(_ULT, number, self.total).result
                key = arith.SubIOp(self._key(arith.MinSIOp(number, last).result), value_of(self.low)).result
                mine = arith.AndIOp(inside, arith.CmpIOp(_ULT, key, self.part).result).result
                found = arith.OrIOp(found, arith.SelectOp(mine, _word(1 << each), _word(0)).result).result
            first = add(multiply(part, THREADS), group)

            def note(found: Any) -> list[Any]:
                each = arith.IndexCastOp(ir.IndexType.get(), _lowest(found)).result
                _set(self.bits, add(first, multiply(each, THREADS // _BITS)), bit)
                return [_rest(found)]

            _while([found], lambda found: arith.CmpIOp(_NE, found, _word(0)).result, note)
            scf.YieldOp([])
        barrier()

    def _own(self, word: int) -> Any:
        """The place of one of the thread's words of bits, which follow each other."""
        return value_of(add(multiply(self.thread, _WORDS), word))

    def _before(self) -> tuple[Any, Any]:
        """How many updates are noted before the thread's words, and in all."""
        words = [memref.LoadOp(self.bits, [self._own(word)]).result for word in range(_WORDS)]
        count = _sum([ir.Operation.create("math.ctpop", [word.type], [word]).result for word in words])
        memref.StoreOp(arith.IndexCastOp(ir.IndexType.get(), count).result, self.noted, [self.thread])
        barrier()
        with Guard((self.thread, THREADS // _GROUP)):
            first = multiply(self.thread, _GROUP)
            parts = [memref.LoadOp(self.noted, [value_of(add(first, i))]).result for i in range(_GROUP)]
            memref.StoreOp(_sum(parts), self.groups, [self.thread])
        barrier()
        group, place = _split(self.thread, _GROUP)
        groups = [memref.LoadOp(self.groups, [value_of(i)]).result for i in range(THREADS // _GROUP)]
        first = multiply(group, _GROUP)
        near = [memref.LoadOp(self.noted, [value_of(add(first, i))]).result for i in range(_GROUP)]
        return _sum([*_below(groups, group), *_below(near, place)]), _sum(groups)

    def _list(self, start: Any, before: Any, first: Any) -> None:
        """Lists the updates noted in the thread's words, of which `before` are before them, from the first on."""
        memref.StoreOp(_word(0), self.seen, [self.thread])
        memref.StoreOp(_word(0), self.again, [self.thread])
        words = scf.ForOp(value_of(0), value_of(_WORDS), value_of(1), [before])
        with ir.InsertionPoint(words.body):
            own = value_of(add(multiply(self.thread, _WORDS), words.induction_variable))

            def more(bits: Any, _: Any) -> Any:
                return arith.CmpIOp(_NE, bits, _word(0)).result

            def note(bits: Any, place: Any) -> list[Any]:
                at = arith.SubIOp(place, first).result
                guard = scf.IfOp(arith.CmpIOp(_ULT, at, value_of(_LISTED)).result)
                with ir.InsertionPoint(guard.then_block):
                    offset = value_of(multiply(own, _BITS))
                    update_ = arith.AddIOp(offset, arith.IndexCastOp(place.type, _lowest(bits)).result).result
                    key = self._key(arith.AddIOp(start, update_).result)
                    memref.StoreOp(update_, self.updates, [at])
                    memref.StoreOp(arith.SubIOp(key, value_of(self.low)).result, self.keys, [at])
                    memref.StoreOp(value_of(-1), self.next, [at])
                    scf.YieldOp([])
                return [_rest(bits), arith.AddIOp(place, value_of(1)).result]

            bits = memref.LoadOp(self.bits, [own]).result
            scf.YieldOp(_while([bits, words.inner_iter_args[0]], more, note)[1:])

    def _do(self, start: Any, number: Any) -> None:
        """Does the updates that are listed."""
        self._mark(number)
        barrier()
        self._link(number)
        barrier()
        columns, items = self.columns, arith.MulIOp(number, self.columns).result
        loop = scf.ForOp(self.thread, items, value_of(THREADS))
        with ir.InsertionPoint(loop.body):
            item = loop.induction_variable
            entry, column = arith.DivUIOp(item, columns).result, arith.RemUIOp(item, columns).result
            first = memref.LoadOp(self.updates, [entry]).result
            guard = scf.IfOp(arith.CmpIOp(_SGE, first, value_of(_HEAD)).result)
            with ir.InsertionPoint(guard.then_block):
                self._update_all(start, entry, value_of(add(self.first_column, column)))
                scf.YieldOp([])
            scf.YieldOp([])

    def _key(self, number: Any) -> Any:
        """The place that an iteration updates, among those that are cut."""
        counters = [loop.regions[0].blocks[0].arguments[0] for loop in self.ranged.counted]
        mapping = dict(zip(counters, map(value_of, delinearize(number, self.counts)), strict=True))
        values = [value for _, value in self.ranged.keys]
        copy(_needed(values, self.scatter), mapping)
        return value_of(dot([mapping.get(value, value) for value in values], row_major(self.extents)))

    def _mark(self, count: Any) -> None:
        """Marks the elements that several updates may have."""
        loop = scf.ForOp(self.thread, count, value_of(THREADS))
        with ir.InsertionPoint(loop.body):
            key = memref.LoadOp(self.keys, [loop.induction_variable]).result
            place, bit = _bit(arith.RemUIOp(key, value_of(_MARKS)).result)
            before = _set(self.seen, place, bit)
            guard = scf.IfOp(arith.CmpIOp(_NE, arith.AndIOp(before, bit).result, _word(0)).result)
            with ir.InsertionPoint(guard.then_block):
                _set(self.again, place, bit)
                scf.YieldOp([])
            scf.YieldOp([])

    def _link(self, count: Any) -> None:
        """Notes of every update which is the next one of the same element, and which are the first."""
        loop = scf.ForOp(self.thread, count, value_of(THREADS))
        with ir.InsertionPoint(loop.body):
            entry = loop.induction_variable
            key = memref.LoadOp(self.keys, [entry]).result
            place, bit = _bit(arith.RemUIOp(key, value_of(_MARKS)).result)
            again = arith.AndIOp(memref.LoadOp(self.again, [place]).result, bit).result
            alone = arith.CmpIOp(_EQ, again, _word(0)).result

            def differs(other: Any) -> Any:
                inside = arith.CmpIOp(_SGE, other, value_of(0)).result
                at = arith.MaxSIOp(other, value_of(0)).result
                same = arith.CmpIOp(_NE, memref.LoadOp(self.keys, [at]).result, key).result
                return arith.AndIOp(inside, same).result

            one = value_of(1)
            near = arith.SelectOp(alone, value_of(-1), arith.SubIOp(entry, one).result).result
            (before,) = _while([near], differs, lambda i: [arith.SubIOp(i, one).result])
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

        def do(at: Any) -> list[Any]:
            listed = memref.LoadOp(self.updates, [at]).result
            offset = arith.AndIOp(listed, value_of(_HEAD - 1)).result
            counted = dict(zip(self.ranged.counted, delinearize(add(start, offset), self.counts), strict=True))
            counted |= dict(zip(self.ranged.columns, places, strict=True))
            places_ = [counted[loop] for loop in self.scatter.loops]
            update(self.scatter, values_at(self.scatter, places_), guarded=True)
            return [memref.LoadOp(self.next, [at]).result]

        _while([entry], lambda at: arith.CmpIOp(_SGE, at, value_of(0)).result, do)


def _sum(values: Sequence[Any]) -> Any:
    total = values[0]
    for value in values[1:]:
        total = arith.AddIOp(total, value).result
    return total


def _below(values: Sequence[Any], limit: Any) -> list[Any]:
    """The values before the limit; zero for others."""
    zero = value_of(0)
    return [
        arith.SelectOp(arith.CmpIOp(_ULT, value_of(i), limit).result, value, zero).result
        for i, value in enumerate(values[:-1])
    ]


def _split(value: Any, size: int) -> tuple[Any, Any]:
    """Quotient and remainder."""
    return arith.DivUIOp(value, value_of(size)).result, arith.RemUIOp(value, value_of(size)).result


def _bit(number: Any) -> tuple[Any, Any]:
    """The word of a number's bit, and the bit."""
    place, lane = _split(number, _BITS)
    return place, arith.ShLIOp(_word(1), arith.IndexCastOp(_word(0).type, lane).result).result


def _set(words: Any, place: Any, bit: Any) -> Any:
    """Sets a bit of a word that other threads may change too. Returns what the word was."""
    kind = ir.IntegerAttr.get(ir.IntegerType.get_signless(64), _OR)
    return ir.Operation.create("memref.atomic_rmw", [bit.type], [bit, words, value_of(place)], {"kind": kind}).result


def _lowest(bits: Any) -> Any:
    """The number of the lowest bit that is set."""
    return ir.Operation.create("math.cttz", [bits.type], [bits]).result


def _rest(bits: Any) -> Any:
    """The bits without the lowest."""
    return arith.AndIOp(bits, arith.SubIOp(bits, _word(1)).result).result


def _word(value: int) -> Any:
    type_ = ir.IntegerType.get_signless(32)
    return arith.ConstantOp(type_, ir.IntegerAttr.get(type_, value - (1 << 32) if value >> 31 else value)).result


def _while(start: Sequence[Any], condition: Callable[..., Any], body: Callable[..., list[Any]]) -> list[Any]:
    """Goes on from some values to the next while a condition holds. Returns the first for which it does not."""
    types = [value.type for value in start]
    loop = scf.WhileOp(types, list(start))
    before = loop.regions[0].blocks.append(*types, arg_locs=[ir.Location.current] * len(types))
    with ir.InsertionPoint(before):
        scf.ConditionOp(condition(*before.arguments), list(before.arguments))
    after = loop.regions[1].blocks.append(*types, arg_locs=[ir.Location.current] * len(types))
    with ir.InsertionPoint(after):
        scf.YieldOp(body(*after.arguments))
    return list(loop.results)
