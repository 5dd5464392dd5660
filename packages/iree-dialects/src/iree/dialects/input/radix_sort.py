"""Sorting by keys that are unsigned integers: from the least digit to the most, each pass stable (radix sort)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from iree.dialects.input.build import as_value, constant, dims, empty, fill, index
from iree.dialects.input.loops import kernel, loop
from iree.dialects.input.sort_keys import Key
from iree.dialects.mlir import arith, ir, tensor

LEAST = 1024
"""Shorter rows are merged: counting the digits would take longer than sorting."""


def radix_sort(operands: Sequence[Any], axis: int, key: Key) -> list[Any]:
    """The operands with the rows along `axis` sorted."""
    digit = 8 if key.bits <= 16 else 11
    values = list(operands)
    for shift in range(0, key.bits, digit):
        values = _pass(values, axis, key, shift, min(digit, key.bits - shift))
    return values


def _pass(operands: Sequence[Any], axis: int, key: Key, shift: int, digit: int) -> list[Any]:
    """Sorts by one digit: counts how often each occurs, adds up where its elements start, and moves them there."""
    sizes = dims(operands[0])
    length = as_value(sizes[axis])
    rows = [size for i, size in enumerate(sizes) if i != axis]
    integer, wide = ir.IntegerType.get_signless(key.bits), ir.IntegerType.get_signless(64)

    def bucket(element: Any) -> Any:
        bits = key.make(element)
        if shift:
            bits = arith.ShRUIOp(bits, constant(shift, integer)).result
        if shift + digit < key.bits:
            bits = arith.AndIOp(bits, constant((1 << digit) - 1, integer)).result
        return arith.IndexCastUIOp(ir.IndexType.get(), bits).result

    def one_row(where: list[Any], out: list[Any]) -> Sequence[Any]:
        def at(i: Any) -> list[Any]:
            return [*where[:axis], i, *where[axis:]]

        def taken(counts: Any, number: Any) -> tuple[Any, Any]:
            """How many there were, and the counts with one more."""
            old = tensor.ExtractOp(counts, [number]).result
            more = arith.AddIOp(old, constant(1, wide)).result
            return old, tensor.InsertOp(more, counts, [number]).result

        def count(i: Any, carried: list[Any]) -> Sequence[Any]:
            element = tensor.ExtractOp(operands[key.operand], at(i)).result
            return [taken(carried[0], bucket(element))[1]]

        def start(number: Any, carried: list[Any]) -> Sequence[Any]:
            counts, total = carried
            here = tensor.ExtractOp(counts, [number]).result
            return [tensor.InsertOp(total, counts, [number]).result, arith.AddIOp(total, here).result]

        def move(i: Any, carried: list[Any]) -> Sequence[Any]:
            starts, *targets = carried
            elements = [tensor.ExtractOp(value, at(i)).result for value in operands]
            old, starts = taken(starts, bucket(elements[key.operand]))
            to = at(arith.IndexCastOp(ir.IndexType.get(), old).result)
            return [starts, *[tensor.InsertOp(e, t, to).result for e, t in zip(elements, targets, strict=True)]]

        zero = constant(0, wide)
        counts = loop(0, length, [fill(zero, [1 << digit])], count)[0]
        starts = loop(0, index(1 << digit), [counts, zero], start)[0]
        return loop(0, length, [starts, *out], move)[1:]

    return kernel(rows, [empty(sizes, value.type.element_type) for value in operands], one_row)
