"""Lowerings of our own, for what TensorFlow leaves. Each module has a table from operation names to rewrites.

A rewrite gets an operation, with the insertion point in front of it and its location current, and returns the values
that take the results' places and are equal to them, or None (or raises `hlo.Unranked`) if it does not apply. It
changes nothing else: `dims` remembers what it found out about the program.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from iree.dialects.mlir import ir
from iree.import_tf import dims, hlo

Rewrite = Callable[[Any], "Sequence[Any] | None"]
Table = Mapping[str, Rewrite]


def apply(module: Any, table: Table) -> int:
    """Applies each rewrite to every operation of its name, in program order; returns how many applied."""
    found: list[Any] = []

    def visit(op: Any) -> Any:
        if op.name in table:
            found.append(op)
        return ir.WalkResult.ADVANCE

    module.operation.walk(visit, ir.WalkOrder.PRE_ORDER)
    applied = 0
    with dims.remembering():
        for op in found:
            try:
                with op.location, ir.InsertionPoint(op):
                    values = table[op.name](op)
            except hlo.Unranked:
                values = None
            if values is None:
                continue
            applied += 1
            dims.replacing(op)
            for result, value in zip(op.results, values, strict=True):
                result.replace_all_uses_with(value)
            op.operation.erase()
    return applied
