"""Making StableHLO operations with regions that `hlo` has no use for: loops, sorts, and what is built of them.

As in `hlo`, everything is created at the current insertion point with the current location.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from iree.dialects.mlir import ir
from iree.import_tf import dims, hlo

Value = Any


def while_loop(
    start: Sequence[Value],
    holds: Callable[[Sequence[Value]], Value],
    step: Callable[[Sequence[Value]], Sequence[Value]],
) -> list[Value]:
    """``stablehlo.while``: `step` changes the state as long as `holds` (a scalar i1). Types stay as they are."""
    types = [value.type for value in start]
    loop = ir.Operation.create("stablehlo.while", results=types, operands=list(start), regions=2)
    here = ir.Location.current
    makers: Sequence[Callable[[Sequence[Value]], Sequence[Value]]] = (lambda state: [holds(state)], step)
    for region, make in zip(loop.regions, makers, strict=True):
        block = ir.Block.create_at_start(region, types, [here] * len(types))
        with ir.InsertionPoint(block):
            hlo.create("stablehlo.return", list(make(list(block.arguments))), [])
    dims.forget(argument for region in loop.regions for argument in region.blocks[0].arguments)
    return list(loop.results)


def counted(
    count: hlo.Size, start: Sequence[Value], step: Callable[[Value, Sequence[Value]], Sequence[Value]]
) -> list[Value]:
    """Applies `step` to a scalar i32, which counts from 0 to `count` (exclusive), and the state."""
    limit = hlo.size_value(count)

    def advance(state: Sequence[Value]) -> list[Value]:
        index, *values = state
        following = hlo.op("add", [index, hlo.size_value(1)], index.type)
        return [following, *step(index, values)]

    return while_loop([hlo.size_value(0), *start], lambda s: hlo.compare("LT", s[0], limit), advance)[1:]


def sort(values: Sequence[Value], axis: int, direction: str = "LT") -> list[Value]:
    """A stable sort along `axis` by the first of `values`; the others, of the same shape, move along."""
    made = ir.Operation.create(
        "stablehlo.sort",
        results=[value.type for value in values],
        operands=list(values),
        attributes={
            "dimension": ir.IntegerAttr.get(ir.IntegerType.get_signless(64), axis),
            "is_stable": ir.BoolAttr.get(True),
        },
        regions=1,
    )
    scalars = [hlo.tensor([], hlo.element(value)) for value in values for _ in range(2)]
    block = ir.Block.create_at_start(made.regions[0], scalars, [ir.Location.current] * len(scalars))
    with ir.InsertionPoint(block):
        hlo.create("stablehlo.return", [hlo.compare(direction, *list(block.arguments)[:2])], [])
    return list(made.results)


def sizes_of(value: Value) -> list[hlo.Size]:
    """The sizes of a value's dimensions."""
    return [dims.materialize(dims.dim(value, axis)) for axis in range(len(hlo.shape(value)))]


def iota(sizes: Sequence[hlo.Size], axis: int, kind: Any | None = None) -> Value:
    """Positions along `axis` in a tensor of the given sizes; of i32 unless `kind` says otherwise."""
    type_ = hlo.tensor([size if isinstance(size, int) else None for size in sizes], kind or hlo.i32())
    if ir.RankedTensorType(type_).has_static_shape:
        return hlo.op("iota", [], type_, iota_dimension=f"{axis} : i64")
    return hlo.op("dynamic_iota", [hlo.vector(sizes)], type_, iota_dimension=f"{axis} : i64")


def cumulate(kind: str, value: Value, axis: int, neutral: float, *, exclusive: bool, back: bool) -> Value:
    """Sums (or what `kind` says) of all up to each element along `axis`: distances double with each step (Hillis and
    Steele, Data parallel algorithms, 1986).
    """
    sizes = sizes_of(value)
    count, rank = sizes[axis], len(sizes)
    filler = hlo.filled(neutral, hlo.tensor([], hlo.element(value)))

    def shifted(old: Value, distance: Value) -> Value:
        """`old` moved by `distance` along the axis, filled up with the neutral element."""
        around = [count if i == axis else 0 for i in range(rank)]
        low, high = ([0] * rank, around) if back else (around, [0] * rank)
        wide = [None if i == axis else size for i, size in enumerate(hlo.shape(value))]
        pads = [hlo.vector(low), hlo.vector(high), hlo.vector([0] * rank)]
        padded = hlo.op("dynamic_pad", [old, filler, *pads], hlo.tensor(wide, hlo.element(value)))
        at = hlo.arithmetic("minimum", distance, count)
        begin = at if back else hlo.arithmetic("subtract", count, at)
        starts = [begin if i == axis else 0 for i in range(rank)]
        limits = [hlo.arithmetic("add", begin, count) if i == axis else size for i, size in enumerate(sizes)]
        return hlo.cast(hlo.slice_between(padded, starts, limits), value.type)

    def step(state: Sequence[Value]) -> list[Value]:
        distance, old = state
        joined = hlo.op(kind, [old, shifted(old, distance)], value.type)
        return [hlo.op("add", [distance, distance], distance.type), joined]

    total = while_loop(
        [hlo.size_value(1), value], lambda state: hlo.compare("LT", state[0], hlo.size_value(count)), step
    )[1]
    return shifted(total, hlo.size_value(1)) if exclusive else total


_OPEN = "iree.open"
"""The target of a custom call that hides a size from upstream's refinement of shapes."""


def open_changing(module: Any) -> None:
    """Hides the sizes with which a loop starts, unless the loop keeps them: upstream takes all to stay."""
    found: list[Any] = []

    def visit(op: Any) -> Any:
        if op.name == "stablehlo.while":
            found.append(op)
        return ir.WalkResult.ADVANCE

    module.operation.walk(visit)
    with dims.remembering():
        changing = [(loop, i, a.type) for loop in found for i, a in enumerate(_arguments(loop)) if _changes(a)]
    for loop, i, type_ in changing:
        with loop.location, ir.InsertionPoint(loop):
            call = hlo.create("stablehlo.custom_call", [loop.operands[i]], [type_], call_target_name=f'"{_OPEN}"')
        loop.operands[i] = call.result


def _arguments(loop: Any) -> list[Any]:
    return list(loop.regions[1].blocks[0].arguments)


def _changes(argument: Any) -> bool:
    """Whether a loop may change the size of what it carries."""
    return any(
        size is None and dims.dim(argument, axis) == dims.Dim(argument, axis)
        for axis, size in enumerate(hlo.shape(argument))
    )


def _opened(op: Any) -> list[Any] | None:
    if ir.StringAttr(op.attributes["call_target_name"]).value != _OPEN:
        return None
    return [hlo.cast(op.operands[0], op.result.type)]


OPENED = {"stablehlo.custom_call": _opened}
"""Undoes `open_changing`."""
