"""sort: a stable bottom-up merge sort of each row, which calls the comparator in n log2 n places.

Long rows whose comparator orders by a number are sorted by its digits instead, if that is not for many threads: they
share a merge, but not the moves to where the digits' elements start.
"""

from __future__ import annotations

import math as pymath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from iree.dialects.input.build import Dim, as_value, cast, dims, empty, index, like, refine, signless, signless_type
from iree.dialects.input.loops import at_least, for_many_threads, kernel, less, loop
from iree.dialects.input.radix_sort import LEAST, radix_sort
from iree.dialects.input.rules import Rule
from iree.dialects.input.scalars import inline
from iree.dialects.input.sizes import split
from iree.dialects.input.sort_keys import key_of
from iree.dialects.mlir import arith, ir, math, tensor


@dataclass(frozen=True)
class _Row:
    """One row: how many elements, where the i-th is, and whether elements must come before others."""

    length: Any
    place: Callable[[Any], list[Any]]
    before: Callable[[Sequence[Any], Sequence[Any]], Any]


def sort(op: Any) -> list[Any]:
    """`stablehlo.sort`; unstable sorts are stable too."""
    sizes = dims(op.operands[0])  # of which more may be known than types tell
    operands = [refine(signless(value), like(signless_type(value.type), split(sizes)[0])) for value in op.operands]
    axis = op.attributes["dimension"].value if "dimension" in op.attributes else -1
    axis %= max(len(sizes), 1)
    block = op.regions[0].blocks[0]
    length = sizes[axis] if sizes else 1
    digits = isinstance(length, int) and length >= LEAST and not for_many_threads(op)
    key = key_of(block) if digits else None
    if key is not None:
        sorted_ = radix_sort(operands, axis, key)
        return [_seen_as(value, result.type) for value, result in zip(sorted_, op.results, strict=True)]

    def before(left: Sequence[Any], right: Sequence[Any]) -> Any:
        return inline(block, [x for pair in zip(left, right, strict=True) for x in pair])[0]

    results = _sort_rows(operands, sizes, axis, before)
    return [_seen_as(value, result.type) for value, result in zip(results, op.results, strict=True)]


def _seen_as(value: Any, type_: Any) -> Any:
    return cast(refine(value, signless_type(type_)), type_)


MAX_SCRATCH = 32 * 1024
"""Bytes that a kernel may use to sort in one dispatch; a kernel has no other memory than its stack."""


def _sort_rows(operands: Sequence[Any], sizes: Sequence[Dim], axis: int, before: Any) -> list[Any]:
    if not sizes or sizes[axis] in (0, 1):
        return list(operands)
    length = as_value(sizes[axis])
    rows = [size for i, size in enumerate(sizes) if i != axis]

    def row(where: list[Any]) -> _Row:
        return _Row(length, lambda i: [*where[:axis], i, *where[axis:]], before)

    def blank() -> list[Any]:
        return [empty(sizes, value.type.element_type) for value in operands]

    known = [size for size in sizes if isinstance(size, int)]
    if len(known) == len(sizes) and 16 * len(operands) * pymath.prod(known) <= MAX_SCRATCH:

        def sort_row(where: list[Any], values: list[Any]) -> Sequence[Any]:
            def two_passes(number: Any, data: list[Any]) -> Sequence[Any]:
                width = arith.ShLIOp(index(1), arith.MulIOp(number, index(2)).result).result
                merged = _merge(data, blank(), width, row(where))
                return _merge(merged, data, arith.ShLIOp(width, index(1)).result, row(where))

            return loop(0, arith.CeilDivSIOp(as_value(_passes(sizes[axis])), index(2)).result, values, two_passes)

        return kernel(rows, operands, sort_row)

    def one_pass(number: Any, data: list[Any]) -> Sequence[Any]:
        width = arith.ShLIOp(index(1), number).result
        return kernel(rows, blank(), lambda where, values: _merge(data, values, width, row(where)))

    return loop(0, _passes(sizes[axis]), operands, one_pass)


def _passes(size: Dim) -> Dim:
    """The number of doublings from 1 to the size."""
    if isinstance(size, int):
        return (size - 1).bit_length()
    wide = ir.IntegerType.get_signless(64)
    last = arith.SubIOp(arith.MaxSIOp(size, index(1)).result, index(1)).result
    zeros = math.CountLeadingZerosOp(arith.IndexCastOp(wide, last).result).result
    return arith.SubIOp(index(64), arith.IndexCastOp(ir.IndexType.get(), zeros).result).result


def _merge(source: Sequence[Any], target: Sequence[Any], width: Any, row: _Row) -> list[Any]:
    """Merges neighbouring runs of `width` elements of `source` into `target`."""
    length, place, before = row.length, row.place, row.before
    last = arith.SubIOp(length, index(1)).result
    double = arith.ShLIOp(width, index(1)).result

    def pair(start: Any, values: list[Any]) -> Sequence[Any]:
        middle = arith.MinSIOp(arith.AddIOp(start, width).result, length).result
        end = arith.MinSIOp(arith.AddIOp(start, double).result, length).result

        def step(to: Any, state: list[Any]) -> Sequence[Any]:
            left, right, *out = state
            at_left = place(arith.MinSIOp(left, last).result)
            at_right = place(arith.MinSIOp(right, last).result)
            lefts = [tensor.ExtractOp(value, at_left).result for value in source]
            rights = [tensor.ExtractOp(value, at_right).result for value in source]
            first = arith.OrIOp(at_least(left, middle), before(rights, lefts)).result
            take_right = arith.AndIOp(less(right, end), first).result
            chosen = [arith.SelectOp(take_right, b, a).result for a, b in zip(lefts, rights, strict=True)]
            out = [tensor.InsertOp(c, value, place(to)).result for c, value in zip(chosen, out, strict=True)]
            moved = arith.IndexCastUIOp(left.type, take_right).result
            stay = arith.SubIOp(index(1), moved).result
            return [arith.AddIOp(left, stay).result, arith.AddIOp(right, moved).result, *out]

        return loop(start, end, [start, middle, *values], step)[2:]

    return loop(0, length, target, pair, double)


RULES: Mapping[str, Rule] = {"stablehlo.sort": sort}
