"""top_k: one pass over each row with a heap of the k best so far, whose root is the worst of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from iree.dialects.input.build import cast, constant, dims, empty, fill, index, refine, signless, signless_type
from iree.dialects.input.loops import for_many_threads, kernel, less, loop, when
from iree.dialects.input.rules import Rule
from iree.dialects.input.shape_checks import check_top_k
from iree.dialects.input.sort_keys import ordered
from iree.dialects.mlir import arith, ir, tensor

MOST = 1024
"""A larger k is left to sorting, and so is one that is more than a quarter of the row."""

MANY_ROWS = 2048
"""As many rows keep a device of many threads busy with a thread for each; fewer are sorted there."""


def top_k(op: Any) -> list[Any] | None:
    """`chlo.top_k`: the largest elements of the last dimension in descending order, equal ones by their index."""
    operand, type_ = op.operands[0], op.results[0].type
    k, length, element = type_.shape[-1], operand.type.shape[-1], operand.type.element_type
    known = isinstance(element, ir.FloatType | ir.IntegerType) and element.width in (8, 16, 32, 64)
    if (
        not known
        or not 0 < k <= MOST
        or 0 <= length < 4 * k
        or (isinstance(element, ir.FloatType) and element.width == 8)
    ):
        return None
    if for_many_threads(op) and 0 <= prod(operand.type.shape[:-1]) < MANY_ROWS:
        return None
    check_top_k(op)
    values = signless(operand)
    *rows, count = dims(values)
    heap = _Heap(k, ir.IntegerType.get_signless(element.width))
    number = op.results[1].type.element_type

    def row(where: list[Any], outs: list[Any]) -> Sequence[Any]:
        def scan(i: Any, carried: list[Any]) -> Sequence[Any]:
            key = ordered(tensor.ExtractOp(values, [*where, i]).result, element, True, False)
            better = heap.worse(heap.at(carried, index(0)), (key, i))
            return when(better, [c.type for c in carried], lambda: heap.replace_root(carried, (key, i)), carried)

        def take(step: Any, carried: list[Any]) -> Sequence[Any]:
            """The worst that is left goes to the end of what is left."""
            first, second, *state = carried
            place = arith.SubIOp(index(k - 1), step).result
            i = heap.at(state, index(0))[1]
            value = tensor.ExtractOp(values, [*where, i]).result
            at = arith.IndexCastOp(signless_type(number), i).result
            first = tensor.InsertOp(value, first, [*where, place]).result
            second = tensor.InsertOp(at, second, [*where, place]).result
            return [first, second, *heap.replace_root(state, heap.best())]

        state = loop(0, count, heap.start(), scan)
        return loop(0, index(k), [*outs, *state], take)[:2]

    blank = [empty([*rows, k], kind) for kind in (values.type.element_type, signless_type(number))]
    found = kernel(rows, blank, row)
    return [cast(refine(v, signless_type(r.type)), r.type) for v, r in zip(found, op.results, strict=True)]


Entry = tuple[Any, Any]
"""A key, an unsigned integer, and the index of its element."""


class _Heap:
    """A binary heap of `size` entries in two tensors, in which no entry is worse than its parent."""

    def __init__(self, size: int, integer: Any) -> None:
        self._size = size
        self._integer = integer

    def start(self) -> list[Any]:
        """Entries that are worse than all others."""
        last = constant(2**62, ir.IndexType.get())
        return [fill(constant(0, self._integer), [self._size]), fill(last, [self._size])]

    def best(self) -> Entry:
        """An entry that is better than all others."""
        return constant(-1, self._integer), index(-1)

    def at(self, state: Sequence[Any], place: Any) -> Entry:
        """An entry."""
        keys, indexes = state
        return tensor.ExtractOp(keys, [place]).result, tensor.ExtractOp(indexes, [place]).result

    def worse(self, a: Entry, b: Entry) -> Any:
        """Whether a is worse than b: a smaller key, or the same one later in the row."""
        smaller = arith.CmpIOp(arith.CmpIPredicate.ult, a[0], b[0]).result
        same = arith.CmpIOp(arith.CmpIPredicate.eq, a[0], b[0]).result
        return arith.OrIOp(smaller, arith.AndIOp(same, less(b[1], a[1])).result).result

    def replace_root(self, state: Sequence[Any], entry: Entry) -> list[Any]:
        """The heap with the entry in place of its root: worse children move up until it finds its place."""
        last = index(self._size - 1)

        def level(_: Any, carried: list[Any]) -> Sequence[Any]:
            place, *state = carried
            left = arith.AddIOp(arith.AddIOp(place, place).result, index(1)).result
            inside = less(left, index(self._size))
            left = arith.MinSIOp(left, last).result
            right = arith.MinSIOp(arith.AddIOp(left, index(1)).result, last).result
            a, b = self.at(state, left), self.at(state, right)
            use_right = self.worse(b, a)
            child = arith.SelectOp(use_right, right, left).result
            candidate = (arith.SelectOp(use_right, b[0], a[0]).result, arith.SelectOp(use_right, b[1], a[1]).result)
            down = arith.AndIOp(inside, self.worse(candidate, entry)).result
            return when(down, [c.type for c in carried], lambda: [child, *self._put(state, place, candidate)], carried)

        levels = max(self._size.bit_length() - 1, 0)
        place, *moved = loop(0, levels, [index(0), *state], level)
        return self._put(moved, place, entry)

    def _put(self, state: Sequence[Any], place: Any, entry: Entry) -> list[Any]:
        return [tensor.InsertOp(part, value, [place]).result for part, value in zip(entry, state, strict=True)]


def composite(op: Any) -> list[Any] | None:
    """A composite that stands for `chlo.top_k`, as JAX writes it."""
    if op.attributes["name"].value != "chlo.top_k":
        return None
    k = op.attributes["composite_attributes"]["k"]
    types = [result.type for result in op.results]
    return list(
        ir.Operation.create("chlo.top_k", results=types, operands=list(op.operands), attributes={"k": k}).results
    )


RULES: Mapping[str, Rule] = {"chlo.top_k": top_k, "stablehlo.composite": composite}
