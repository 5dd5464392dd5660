"""Merges of sorted runs, as `iree.dialects.input.sort` writes them, with every element found by itself.

Element k of two merged runs follows from how many of the k elements before it are of the first run, which bisection
finds: S. Odeh, O. Green, Z. Mwassi, O. Shmueli, Y. Birk: Merge Path (2012). It is the same element if the runs are
sorted by an order; if the comparator is none, which one comes is as little defined as it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from iree.codegen.cpu.structured import defining, find
from iree.codegen.spirv.indices import known, value_of
from iree.codegen.spirv.loops.nests import accesses, copy, effects, is_defined_inside, leading_to, written
from iree.dialects.mlir import arith, ir, scf

_ULT, _SLT, _SGE = 6, 2, 5


@dataclass(frozen=True)
class _Merge:
    """A loop over pairs of neighbouring runs.

    Attributes:
        pairs: The loop.
        elements: Its inner loop, over the elements of two runs, which carries the next of each.
        before: In the inner loop: whether the second run's next must come before the first's.
    """

    pairs: Any
    elements: Any
    before: Any


def split_merges(function: Any) -> None:
    """Rewrites the merges to loops over all elements, none of which needs another's result."""
    for loop in find(function, "scf.for"):
        merge = _read(loop)
        if merge is not None:
            with loop.location, ir.InsertionPoint(loop):
                _rewrite(merge)
            loop.erase()


def _read(pairs: Any) -> _Merge | None:
    if pairs.results or known(pairs.operands[0]) != 0:
        return None
    block = pairs.regions[0].blocks[0]
    inner = effects(block)
    if len(inner) != 1 or inner[0].name != "scf.for" or len(inner[0].results) != 2:
        return None
    elements = inner[0]
    _, stop, step = pairs.operands
    start, end, by, first, middle = elements.operands
    iteration = block.arguments[0]
    if start != iteration or first != iteration or known(by) != 1 or is_defined_inside(step, pairs):
        return None
    double, half = _bounded(end, stop, iteration), _bounded(middle, stop, iteration)
    if double is None or half is None or double != step:
        return None
    before = _takes_second(elements, middle, end)
    return None if before is None or not _writes_apart(elements) else _Merge(pairs, elements, before)


def _bounded(value: Any, stop: Any, iteration: Any) -> Any:
    """The w of ``min(iteration + w, stop)``, or None."""
    smaller = _operands(value, "arith.minsi")
    if smaller is None or stop not in smaller:
        return None
    total = _operands(smaller[0] if smaller[1] == stop else smaller[1], "arith.addi")
    if total is None or iteration not in total:
        return None
    return total[0] if total[1] == iteration else total[1]


def _operands(value: Any, name: str) -> list[Any] | None:
    op = defining(value)
    return list(op.operands) if op is not None and op.name == name else None


def _takes_second(elements: Any, middle: Any, end: Any) -> Any:
    """The comparison on which depends, where there is a choice, that an element of the second run is next; or None."""
    block = elements.regions[0].blocks[0]
    _, left, right = block.arguments
    *_, last = block.operations
    to_left, to_right = (_operands(value, "arith.addi") for value in last.operands)
    if to_left is None or to_right is None or right not in to_right or left not in to_left:
        return None
    moved = to_right[0] if to_right[1] == right else to_right[1]
    stay = _operands(to_left[0] if to_left[1] == left else to_left[1], "arith.subi")
    taken = _operands(moved, "arith.index_castui")
    if stay is None or known(stay[0]) != 1 or stay[1] != moved or taken is None:
        return None
    both = _operands(taken[0], "arith.andi")
    if both is None:
        return None
    for inside, choice in (both, both[::-1]):
        either = _operands(choice, "arith.ori")
        if either is None or not _compares(inside, _SLT, right, end):
            continue
        for over, before in (either, either[::-1]):
            if _compares(over, _SGE, left, middle):
                return before
    return None


def _compares(value: Any, predicate: int, a: Any, b: Any) -> bool:
    op = defining(value)
    return (
        op is not None
        and op.name == "arith.cmpi"
        and ir.IntegerAttr(op.attributes["predicate"]).value == predicate
        and list(op.operands) == [a, b]
    )


def _writes_apart(elements: Any) -> bool:
    """Whether all that the loop stores goes where its counter says, into memory that it does not read."""
    block = elements.regions[0].blocks[0]
    stored = written([op.operation for op in block.operations])
    counter = block.arguments[0]
    if not stored:
        return False
    for memref in stored:
        places = accesses(memref, elements)
        if places is None or len(places) != 1 or places[0].count(counter) != 1:
            return False
    return True


def _rewrite(merge: _Merge) -> None:
    """Writes the new loop at the insertion point."""
    pairs, elements = merge.pairs, merge.elements
    outer, inner = pairs.regions[0].blocks[0], elements.regions[0].blocks[0]
    stop, step = pairs.operands[1], pairs.operands[2]
    one = value_of(1)
    loop = scf.ForOp(value_of(0), stop, one)
    with ir.InsertionPoint(loop.body):
        to = loop.induction_variable
        start = arith.MulIOp(arith.DivUIOp(to, step).result, step).result
        mapping = {outer.arguments[0]: start}
        copy([op.operation for op in list(outer.operations)[:-1] if op.operation != elements], mapping)
        end, middle = (mapping.get(v, v) for v in (elements.operands[1], elements.operands[4]))
        number = arith.SubIOp(to, start).result
        firsts, seconds = arith.SubIOp(middle, start).result, arith.SubIOp(end, middle).result
        least = arith.MaxSIOp(arith.SubIOp(number, seconds).result, value_of(0)).result
        most = arith.MinSIOp(number, firsts).result

        def compare(at: Any) -> Any:
            """Whether the element of the second run that would be number - 1 with `at` before comes first."""
            other = arith.SubIOp(arith.SubIOp(number, at).result, one).result
            places = {inner.arguments[1]: arith.AddIOp(start, at).result}
            places[inner.arguments[2]] = arith.AddIOp(middle, other).result
            here = {**mapping, **places}
            copy(leading_to([merge.before], inner), here)
            return here.get(merge.before, merge.before)

        taken = _bisect(least, most, compare)
        left = arith.AddIOp(start, taken).result
        right = arith.AddIOp(middle, arith.SubIOp(number, taken).result).result
        values = {**mapping, **dict(zip(inner.arguments, (to, left, right), strict=True))}
        copy([op.operation for op in inner.operations][:-1], values)
        scf.YieldOp([])


def _bisect(least: Any, most: Any, compare: Any) -> Any:
    """The first number from `least` on for which `compare` holds, or `most`."""
    index = ir.IndexType.get()
    search = ir.Operation.create("scf.while", [index, index], [least, most], regions=2)
    location = search.location
    test = search.regions[0].blocks.append(index, index, arg_locs=[location] * 2)
    with ir.InsertionPoint(test):
        more = arith.CmpIOp(_ULT, test.arguments[0], test.arguments[1]).result
        scf.ConditionOp(more, list(test.arguments))
    body = search.regions[1].blocks.append(index, index, arg_locs=[location] * 2)
    with ir.InsertionPoint(body):
        low, high = body.arguments
        at = arith.ShRUIOp(arith.AddIOp(low, high).result, value_of(1)).result
        found = compare(at)
        next_low = arith.SelectOp(found, low, arith.AddIOp(at, value_of(1)).result).result
        scf.YieldOp([next_low, arith.SelectOp(found, at, high).result])
    return search.results[0]
