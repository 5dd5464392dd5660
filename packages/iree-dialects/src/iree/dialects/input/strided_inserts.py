"""Keeps upstream from a wrong rewriting: what is padded and then spread over a tensor of the same number.

`linalg.fill`'s canonicalization puts what `tensor.pad` padded straight into the filled tensor, at offsets that forget
the strides of the `tensor.insert_slice` between them. A `linalg.generic` that yields the number stays as it is.
"""

from __future__ import annotations

from typing import Any

from iree.dialects.input.build import dims, elementwise, refine
from iree.dialects.input.rules import operations
from iree.dialects.mlir import ir

_CASTS = ("builtin.unrealized_conversion_cast", "tensor.cast")


def keep_strides(module: Any) -> None:
    """Rewrites the fills that padded tensors are inserted into with strides, in place."""
    for op in operations(module, {"tensor.insert_slice": None}):
        if all(stride == 1 for stride in op.attributes["static_strides"]) or _owner(op.operands[0]) != "tensor.pad":
            continue
        into = op.operands[1]
        if _owner(into) != "linalg.fill":
            continue
        while into.owner.name in _CASTS:
            into = into.owner.operands[0]
        with op.location, ir.InsertionPoint(op):
            number = into.owner.operands[0]
            spread = elementwise([], dims(into), into.type.element_type, lambda number=number: number)
            op.operands[1] = refine(spread, op.operands[1].type)


def _owner(value: Any) -> str | None:
    """The name of the operation that a tensor comes from, whatever it is cast to."""
    while not isinstance(value, ir.BlockArgument):
        if value.owner.name not in _CASTS:
            return str(value.owner.name)
        value = value.owner.operands[0]
    return None
