"""How many tensors a dispatch may have: devices bound the buffers of a kernel."""

from __future__ import annotations

from typing import Any

from iree.dialects.mlir import ir

MAX_BINDINGS = "iree.max_bindings"
"""The attribute of a module for targets that have a bound: the smallest of theirs, an i64."""


def bound_bindings(module: Any, number: int) -> None:
    """Notes on a module how many tensors each of its dispatches may read and give."""
    with module.context:
        attribute = ir.IntegerAttr.get(ir.IntegerType.get_signless(64), number)
    module.operation.attributes[MAX_BINDINGS] = attribute


def max_bindings(op: Any) -> int | None:
    """What the module that an operation is in, or is, has noted; None if there is no bound."""
    while op is not None:
        if MAX_BINDINGS in op.operation.attributes:
            return int(ir.IntegerAttr(op.operation.attributes[MAX_BINDINGS]).value)
        op = op.operation.parent
    return None
