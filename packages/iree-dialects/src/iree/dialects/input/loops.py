"""Loop nests over tensors that are one kernel each: what has no form in linalg, such as sorting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from iree.dialects.input.build import Dim, as_value, index
from iree.dialects.mlir import arith, ir, scf

KERNEL = "iree.kernel"
"""The attribute of an operation that becomes one dispatch as it is."""

MANY_THREADS = "iree.many_threads"
"""The attribute of a module for devices on which work that many threads share is done sooner than less work that one
thread does.
"""

NO_DOUBLES = "iree.no_doubles"
"""The attribute of a module for devices of which some have no f64."""

Body = Callable[[list[Any], list[Any]], Sequence[Any]]
"""From the loops' indexes and the carried values to the next carried values."""


def for_many_threads(op: Any) -> bool:
    """Whether an operation is in a module with `MANY_THREADS`."""
    return _is_noted(op, MANY_THREADS)


def without_doubles(op: Any) -> bool:
    """Whether an operation is in a module with `NO_DOUBLES`."""
    return _is_noted(op, NO_DOUBLES)


def _is_noted(op: Any, attribute: str) -> bool:
    while op is not None and op.operation.name != "builtin.module":
        op = op.operation.parent
    return op is not None and attribute in op.operation.attributes


def kernel(sizes: Sequence[Dim], carried: Sequence[Any], body: Body) -> list[Any]:
    """A nest of loops over 0..size, outermost first, as one kernel; without sizes the body runs once.

    The nest is wrapped in a region that canonicalization leaves alone, as it would inline loops of one iteration.

    Returns:
        The carried values after the loops.
    """
    region = scf.ExecuteRegionOp([value.type for value in carried])
    region.operation.attributes["no_inline"] = ir.UnitAttr.get()
    region.operation.attributes[KERNEL] = ir.UnitAttr.get()
    with ir.InsertionPoint(region.region.blocks.append()):
        scf.YieldOp(nest(sizes, carried, body))
    return list(region.results)


def nest(sizes: Sequence[Dim], carried: Sequence[Any], body: Body) -> list[Any]:
    """A nest of loops over 0..size, outermost first."""

    def level(number: int, where: list[Any], values: Sequence[Any]) -> Sequence[Any]:
        if number == len(sizes):
            return body(where, list(values))
        return loop(0, sizes[number], values, lambda i, inner: level(number + 1, [*where, i], inner))

    return list(level(0, [], carried))


def loop(
    start: Dim, stop: Dim, carried: Sequence[Any], body: Callable[[Any, list[Any]], Sequence[Any]], step: Dim = 1
) -> list[Any]:
    """One loop."""
    op = scf.ForOp(as_value(start), as_value(stop), as_value(step), list(carried))
    with ir.InsertionPoint(op.body):
        scf.YieldOp(list(body(op.induction_variable, list(op.inner_iter_args))))
    return list(op.results)


def when(
    condition: Any, types: Sequence[Any], then: Callable[[], Sequence[Any]], otherwise: Sequence[Any]
) -> list[Any]:
    """The values of `then` where `condition` holds, else `otherwise`."""
    op = scf.IfOp(condition, list(types), has_else=True)
    with ir.InsertionPoint(op.then_block):
        scf.YieldOp(list(then()))
    with ir.InsertionPoint(op.else_block):
        scf.YieldOp(list(otherwise))
    return list(op.results)


def less(a: Any, b: Any) -> Any:
    """A < b for indexes."""
    return arith.CmpIOp(arith.CmpIPredicate.slt, a, b).result


def at_least(a: Any, b: Any) -> Any:
    """A >= b for indexes."""
    return arith.CmpIOp(arith.CmpIPredicate.sge, a, b).result


def clamp(value: Any, low: int, high: Any) -> Any:
    """An index moved into [low, high]."""
    return arith.MaxSIOp(arith.MinSIOp(value, as_value(high)).result, index(low)).result
