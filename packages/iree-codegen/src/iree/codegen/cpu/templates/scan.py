"""Running sums: loops that combine one element after the other with what came before, as cumulative sums do.

Of each vector the running results are found by log2(lanes) steps, each of which combines it with itself shifted by
twice as many lanes as the one before. Only the last lane's result passes from one vector to the next, by one operation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from iree.codegen.cpu.features import Machine
from iree.codegen.cpu.structured import defining, find
from iree.codegen.cpu.templates.script import Script
from iree.dialects.mlir import arith, ir, scf, vector

_UNROLLED = 4
"""Vectors of one iteration, whose steps do not wait for each other."""
_VECTOR_BYTES = 32
"""At most: every doubling of a vector's lanes is one more step for each of them."""


def _bounds(low: bool, signed: bool) -> Callable[[int], int]:
    """The least or the greatest integer of so many bits."""

    def find_bound(bits: int) -> int:
        if not signed:
            return 0 if low else -1
        return -(1 << (bits - 1)) if low else (1 << (bits - 1)) - 1

    return find_bound


_NEUTRAL: dict[str, float | Callable[[int], int]] = {
    "arith.addf": -0.0,
    "arith.mulf": 1.0,
    "arith.maximumf": float("-inf"),
    "arith.minimumf": float("inf"),
    "arith.addi": lambda _: 0,
    "arith.muli": lambda _: 1,
    "arith.andi": lambda _: -1,
    "arith.ori": lambda _: 0,
    "arith.xori": lambda _: 0,
    "arith.maxsi": _bounds(low=True, signed=True),
    "arith.minsi": _bounds(low=False, signed=True),
    "arith.maxui": _bounds(low=True, signed=False),
    "arith.minui": _bounds(low=False, signed=False),
}
"""Operations that may be regrouped, with what leaves other values as they are: a number, for integers by their bits."""
_ROUNDED = ("arith.addf", "arith.mulf")
"""Those of which regrouping changes results."""


@dataclass(frozen=True)
class _Scan:
    """A loop ``for i in 0..size: sum = sum . source[place(i)]; into[place(i)] = sum``.

    Attributes:
        loop: The `scf.for`; it carries the sum, then the tensor.
        size: Its iterations.
        combine: The operation's name.
        source: What it reads.
        where: Indexes in all dimensions but the last.
        last: Where the scan is from the end, the last index: ``place(i) = last - i``; else None.
    """

    loop: Any
    size: int
    combine: str
    source: Any
    where: tuple[Any, ...]
    last: Any


def script(function: Any, machine: Machine) -> Script | None:
    """The script for a kernel with running sums along contiguous elements; None if there are none."""
    found = [scan for loop in find(function, "scf.for") if (scan := _read(loop, machine)) is not None]
    if not found:
        return None
    result = Script()
    result.then(partial(_vectorize, machine=machine))
    return result


def _lanes(element: Any, machine: Machine) -> int:
    return min(machine.vector_bytes, _VECTOR_BYTES) // (int(element.width) // 8)


def _read(loop: Any, machine: Machine) -> _Scan | None:
    """The parts of a loop that is a scan of at least one iteration's vectors."""
    block = loop.regions[0].blocks[0]
    body = [op.operation for op in block.operations]
    if len(block.arguments) != 3 or not isinstance(block.arguments[2].type, ir.RankedTensorType):
        return None
    iteration, before, into = block.arguments
    first, stop, step = (_constant(value) for value in list(loop.operands)[:3])
    if (first, step) != (0, 1) or stop is None:
        return None
    names = [op.name for op in body]
    reverse = names[:1] == ["arith.subi"]
    if len(body) != 4 + reverse or names[reverse::2] != ["tensor.extract", "tensor.insert"] or names[-1] != "scf.yield":
        return None
    extract, combine, insert, end = body[reverse:]
    element = before.type
    if combine.name not in _NEUTRAL or (combine.name in _ROUNDED and not machine.reassociate):
        return None
    if not isinstance(element, ir.IntegerType | ir.F32Type | ir.F64Type) or element.width < 8:
        return None
    at = body[0].results[0] if reverse else iteration
    where = list(extract.operands)[1:]
    fits = (
        where == list(insert.operands)[2:]
        and where[-1:] == [at]
        and not any((isinstance(v.owner, ir.Block) and v.owner == block) or v == at for v in where[:-1])
        and {*combine.operands} == {before, extract.results[0]}
        and list(insert.operands)[:2] == [combine.results[0], into]
        and list(end.operands) == [combine.results[0], insert.results[0]]
        and extract.operands[0] != into
    )
    last = body[0].operands[0] if reverse else None
    if reverse and (body[0].operands[1] != iteration or last == iteration):
        return None
    if not fits or stop < _UNROLLED * _lanes(element, machine):
        return None
    return _Scan(loop, stop, combine.name, extract.operands[0], tuple(where[:-1]), last)


def _vectorize(function: Any, machine: Machine) -> None:
    for loop in find(function, "scf.for"):
        scan = _read(loop, machine)
        if scan is not None:
            with loop.location, ir.InsertionPoint(loop):
                _Vectors(scan, machine).write()


class _Vectors:
    """Writes the loop over vectors before a scan's loop, which is left with the elements of less than one iteration."""

    def __init__(self, scan: _Scan, machine: Machine) -> None:
        self._scan = scan
        self._element = scan.loop.operands[3].type
        self._lanes = _lanes(self._element, machine)
        self._type = ir.VectorType.get([self._lanes], self._element)

    def write(self) -> None:
        scan, index = self._scan, ir.IndexType.get()
        step = _UNROLLED * self._lanes
        whole = scan.size // step * step
        zero, stop, by = (arith.ConstantOp(index, n).result for n in (0, whole, step))
        start = vector.BroadcastOp(self._type, scan.loop.operands[3]).result
        loop = scf.ForOp(zero, stop, by, [start, scan.loop.operands[4]])
        with ir.InsertionPoint(loop.body):
            before, into = loop.inner_iter_args
            sums = [self._sums(self._load(loop.induction_variable, i)) for i in range(_UNROLLED)]
            for i, value in enumerate(sums):
                result = self._combine(before, value)
                # What passes on does not wait for the elements' own results.
                before = self._combine(before, self._spread(value))
                into = self._store(result, into, loop.induction_variable, i)
            scf.YieldOp([before, into])
        carried, tensor_ = loop.results
        scan.loop.operands[0] = stop
        scan.loop.operands[3] = vector.ExtractOp(carried, [], [0]).result
        scan.loop.operands[4] = tensor_

    def _combine(self, before: Any, value: Any) -> Any:
        return ir.Operation.create(self._scan.combine, [before.type], [before, value]).result

    def _place(self, iteration: Any, number: int) -> list[Any]:
        """Where vector `number` of an iteration begins."""
        index = ir.IndexType.get()
        offset = number * self._lanes
        if self._scan.last is None:
            at = arith.AddIOp(iteration, arith.ConstantOp(index, offset).result).result
        else:
            at = arith.SubIOp(self._scan.last, iteration).result
            at = arith.SubIOp(at, arith.ConstantOp(index, offset + self._lanes - 1).result).result
        return [*self._scan.where, at]

    def _map(self) -> Any:
        return ir.AffineMap.get_minor_identity(len(self._scan.where) + 1, 1)

    def _load(self, iteration: Any, number: int) -> Any:
        unused = arith.ConstantOp(self._element, self._attribute(0)).result
        place = self._place(iteration, number)
        return vector.TransferReadOp(self._type, self._scan.source, place, self._map(), unused, [True]).result

    def _store(self, value: Any, into: Any, iteration: Any, number: int) -> Any:
        place = self._place(iteration, number)
        return vector.TransferWriteOp(into.type, value, into, place, self._map(), [True]).result

    def _attribute(self, number: float) -> Any:
        if isinstance(self._element, ir.IntegerType):
            return ir.IntegerAttr.get(self._element, int(number))
        return ir.FloatAttr.get(self._element, number)

    def _neutral(self) -> Any:
        neutral = _NEUTRAL[self._scan.combine]
        number = neutral(int(self._element.width)) if callable(neutral) else neutral
        return arith.ConstantOp(self._type, ir.DenseElementsAttr.get_splat(self._type, self._attribute(number))).result

    def _sums(self, value: Any) -> Any:
        """The running results within a vector."""
        neutral, shift = self._neutral(), 1
        while shift < self._lanes:
            if self._scan.last is None:
                lanes = [self._lanes - shift + i for i in range(self._lanes)]
                shifted = self._shuffle(value, neutral, [(n + self._lanes) % (2 * self._lanes) for n in lanes])
            else:
                shifted = self._shuffle(value, neutral, [shift + i for i in range(self._lanes)])
            value = self._combine(shifted, value)
            shift *= 2
        return value

    def _spread(self, value: Any) -> Any:
        """The last result of a vector in all lanes."""
        lane = self._lanes - 1 if self._scan.last is None else 0
        return self._shuffle(value, value, [lane] * self._lanes)

    def _shuffle(self, a: Any, b: Any, lanes: Sequence[int]) -> Any:
        return vector.ShuffleOp(a, b, lanes).result


def _constant(value: Any) -> int | None:
    op = defining(value)
    return int(ir.IntegerAttr(op.attributes["value"]).value) if op is not None and op.name == "arith.constant" else None
