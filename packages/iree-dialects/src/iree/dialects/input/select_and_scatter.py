"""select_and_scatter: a loop over the windows, each of which looks for its selected element and adds to it.

For many threads it is a loop over the elements instead, each of which looks through the windows around it for those
that select it: no two iterations store to the same place. Where small windows neither overlap nor reach out of the
operand, each stores all its elements: without branches, loops over windows become vectors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

from iree.dialects.input.build import Dim, as_value, cast, constant, dims, empty, index, scalar, signless
from iree.dialects.input.loops import at_least, for_many_threads, kernel, less, nest, when
from iree.dialects.input.rules import Rule
from iree.dialects.input.scalars import inline
from iree.dialects.input.sizes import same
from iree.dialects.input.window_attributes import attribute_list, padding_list
from iree.dialects.mlir import arith, cf, ir, linalg, tensor


def select_and_scatter(op: Any) -> list[Any]:
    """`stablehlo.select_and_scatter` with any windows, padding and computations."""
    operand, source, start = (signless(value) for value in op.operands)
    sizes = dims(operand)
    rank = len(sizes)
    window, strides = attribute_list(op, "window_dimensions", rank, 1), attribute_list(op, "window_strides", rank, 1)
    padding = padding_list(op, rank)
    low = [before for before, _ in padding]
    select, scatter = (region.blocks[0] for region in op.regions)
    i1, element = ir.IntegerType.get_signless(1), operand.type.element_type

    def position(i: Any, at: Any, axis: int) -> Any:
        begin = arith.SubIOp(arith.MulIOp(i, index(strides[axis])).result, index(low[axis])).result
        return arith.AddIOp(begin, at).result

    def selected(where: list[Any]) -> tuple[Any, list[Any]]:
        """Whether a window has an element, and the place of the one that is selected."""

        def consider(at: list[Any], best: list[Any]) -> Sequence[Any]:
            here = [position(i, offset, axis) for axis, (i, offset) in enumerate(zip(where, at, strict=True))]

            def compare() -> Sequence[Any]:
                found, chosen, *old = best
                value = tensor.ExtractOp(operand, here).result
                keep = arith.AndIOp(found, inline(select, [chosen, value])[0]).result
                places = [arith.SelectOp(keep, a, b).result for a, b in zip(old, here, strict=True)]
                return [constant(1, i1), arith.SelectOp(keep, chosen, value).result, *places]

            return when(_all_inside(here, sizes), [value.type for value in best], compare, best)

        nothing = tensor.ExtractOp(source, where).result  # any value: it is not looked at
        found, _, *chosen = nest(window, [constant(0, i1), nothing, *[index(0)] * rank], consider)
        return found, chosen

    def plus(old: Any, where: list[Any]) -> Any:
        return inline(scatter, [old, tensor.ExtractOp(source, where).result])[0]

    def one_window(where: list[Any], values: list[Any]) -> Sequence[Any]:
        found, chosen = selected(where)

        def add() -> Sequence[Any]:
            old = tensor.ExtractOp(values[0], chosen).result
            return [tensor.InsertOp(plus(old, where), values[0], chosen).result]

        return when(found, [values[0].type], add, values)

    def all_of_window(where: list[Any], values: list[Any]) -> Sequence[Any]:
        """Stores what every element becomes, that which is selected and the others."""
        i32 = ir.IntegerType.get_signless(32)
        places = [
            [position(i, index(offset), axis) for axis, (i, offset) in enumerate(zip(where, offsets, strict=True))]
            for offsets in product(*map(range, window))
        ]
        best, chosen = tensor.ExtractOp(operand, places[0]).result, constant(0, i32)
        for number, place in enumerate(places[1:], 1):
            value = tensor.ExtractOp(operand, place).result
            keep = inline(select, [best, value])[0]
            best = arith.SelectOp(keep, best, value).result
            chosen = arith.SelectOp(keep, chosen, constant(number, i32)).result
        first, filled = scalar(start), values[0]
        total = plus(first, where)
        for number, place in enumerate(places):
            here = arith.CmpIOp(arith.CmpIPredicate.eq, chosen, constant(number, i32)).result
            filled = tensor.InsertOp(arith.SelectOp(here, total, first).result, filled, place).result
        return [filled]

    around = [-(-n // step) for n, step in zip(window, strides, strict=True)]

    def one_element(here: list[Any], values: list[Any]) -> Sequence[Any]:
        """Adds the sources of the windows that select an element, in their order."""

        def one_of_its_windows(back: list[Any], sums: list[Any]) -> Sequence[Any]:
            # The last window that starts before the element, and those before that one.
            last = [
                arith.DivSIOp(arith.AddIOp(i, index(low[axis])).result, index(strides[axis])).result
                for axis, i in enumerate(here)
            ]
            where = [
                arith.SubIOp(i, arith.SubIOp(index(n - 1), j).result).result
                for i, n, j in zip(last, around, back, strict=True)
            ]

            def look() -> Sequence[Any]:
                found, chosen = selected(where)
                for a, b in zip(chosen, here, strict=True):
                    same = arith.CmpIOp(arith.CmpIPredicate.eq, a, b).result
                    found = arith.AndIOp(found, same).result
                return [arith.SelectOp(found, plus(sums[0], where), sums[0]).result]

            return when(_all_inside(where, dims(source)), [element], look, sums)

        (total,) = nest(around, [scalar(start)], one_of_its_windows)
        return [tensor.InsertOp(total, values[0], here).result]

    blank = empty(sizes, element)
    if for_many_threads(op) and min(low) >= 0 and prod(window) * prod(around) <= MOST:
        results = kernel(sizes, [blank], one_element)
    else:
        axes = list(zip(sizes, dims(source), window, strides, padding, strict=True))
        straight = not for_many_threads(op) and prod(window) <= MOST_AT_ONCE and all(_apart(*axis) for axis in axes)
        for axis, (size, count, *_) in enumerate(axes if straight else ()):
            if not (isinstance(size, int) and isinstance(count, int)) and not same(size, count):
                equal = arith.CmpIOp(arith.CmpIPredicate.eq, as_value(size), as_value(count)).result
                cf.AssertOp(equal, f"{op.name}: dimension {axis} of operand 0 and of operand 1 differ in size")
        covered = straight and all(_covered(*axis[:3]) for axis in axes)
        into = blank if covered else linalg.fill(scalar(start), outs=[blank])
        results = kernel(dims(source), [into], all_of_window if straight else one_window)
    return [cast(results[0], op.results[0].type)]


MOST = 1024
"""Elements of windows that are looked at for one element, at most."""

MOST_AT_ONCE = 64
"""Elements of a window that is no loop, at most."""


def _apart(size: Dim, count: Dim, window: int, stride: int, padding: tuple[int, int]) -> bool:
    """Whether the windows along a dimension neither overlap nor reach out of the operand; if it does not know one of
    the sizes, they have to be the same.
    """
    if padding[0] != 0 or stride < window:
        return False
    if isinstance(size, int) and isinstance(count, int):
        return (count - 1) * stride + window <= size
    return window == stride == 1 and padding[1] == 0


def _covered(size: Dim, count: Dim, window: int) -> bool:
    """Whether every place along a dimension is in one of the windows, which are apart."""
    return not isinstance(size, int) or not isinstance(count, int) or count * window == size


def _all_inside(place: Sequence[Any], sizes: Sequence[Any]) -> Any:
    inside = constant(1, ir.IntegerType.get_signless(1))
    for i, size in zip(place, sizes, strict=True):
        inside = arith.AndIOp(inside, at_least(i, index(0))).result
        inside = arith.AndIOp(inside, less(i, as_value(size))).result
    return inside


RULES: Mapping[str, Rule] = {"stablehlo.select_and_scatter": select_and_scatter}
