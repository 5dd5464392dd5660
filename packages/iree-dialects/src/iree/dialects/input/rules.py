"""Rules that lower one operation each, and the loop that applies them.

A family of operations is a file with a table ``RULES``: operation name -> rule. A rule is called with the insertion
point before
its operation and the operation's location current. It returns the values that replace the results (the operation is
then erased),
or None to leave the operation alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from iree.dialects.mlir import ir

_CONTROL = ("stablehlo.case", "stablehlo.if", "stablehlo.while")
SCALAR_TOO = ("stablehlo.add", "stablehlo.compare", "stablehlo.convert", *_CONTROL)
"""Operations whose rules also work in regions of scalar computations (of reduce, sort, …), which must stay
StableHLO.
"""

Rule = Callable[[Any], Sequence[Any] | None]


def apply(module: Any, rules: Mapping[str, Rule]) -> None:
    """Applies `rules`, inner operations first, until none of them changes anything. Rules may make operations that
    rules lower.
    """
    while _sweep(module, rules):
        pass


def _sweep(module: Any, rules: Mapping[str, Rule]) -> bool:
    pending = deque(operations(module, rules))
    changed = False
    while pending:
        op = pending.popleft()  # no reference may be left to an operation inside one that is erased
        if in_scalar_region(op) and op.name not in SCALAR_TOO:
            continue
        with op.location, ir.InsertionPoint(op):
            values = rules[op.name](op)
        if values is None:
            continue
        for result, value in zip(op.results, values, strict=True):
            result.replace_all_uses_with(value)
        op.erase()
        changed = True
    return changed


def in_scalar_region(op: Any) -> bool:
    """Whether an operation is part of what a reduce, sort or the like computes for each element."""
    parent = op.parent
    while parent is not None and parent.operation.name in _CONTROL:
        parent = parent.operation.parent
    return parent is not None and parent.operation.name.startswith("stablehlo.")


def operations(
    module: Any, names: Mapping[str, object] | None = None, order: Any = ir.WalkOrder.POST_ORDER
) -> list[Any]:
    """The operations in `module`, of these names if given; by default inner ones first.

    For loops that may raise: an exception that crosses `walk` comes out wrapped in another.
    """
    found = []

    def visit(op: Any) -> Any:
        if names is None or op.name in names:
            found.append(op)
        return ir.WalkResult.ADVANCE

    module.operation.walk(visit, order)
    return found


def made_values(op: Any) -> Iterator[Any]:
    """The values that an operation defines: its results, and the arguments of its blocks."""
    yield from op.results
    for region in op.regions:
        for block in region:
            yield from block.arguments
