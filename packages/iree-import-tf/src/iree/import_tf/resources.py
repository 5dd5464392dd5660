"""Updates of variables that TensorFlow does not take apart itself: read, change, assign.

Done before TensorFlow turns variables into arguments, which it can only if they are read and assigned.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from iree.dialects.mlir import ir

_SCATTERS: Mapping[str, str] = {
    f"tf.ResourceScatterNd{kind}": f"tf.TensorScatter{kind}" for kind in ("Update", "Add", "Sub", "Min", "Max")
}


def take_apart(module: Any) -> bool:
    """Rewrites such updates in place; returns whether there were any."""
    found: list[Any] = []

    def visit(op: Any) -> Any:
        if op.name in _SCATTERS:
            found.append(op)
        return ir.WalkResult.ADVANCE

    module.operation.walk(visit)
    for op in found:
        variable, indices, updates = op.operands
        with op.location, ir.InsertionPoint(op):
            old = ir.Operation.create("tf.ReadVariableOp", results=[_value_type(variable)], operands=[variable]).result
            changed = ir.Operation.create(_SCATTERS[op.name], results=[old.type], operands=[old, indices, updates]).result
            ir.Operation.create("tf.AssignVariableOp", operands=[variable, changed])
        op.operation.erase()
    return bool(found)


def _value_type(variable: Any) -> Any:
    """The type of a variable's value, which its handle's type tells: ``tensor<!tf_type.resource<tensor<8xf32>>>``."""
    inner: str = variable.type.element_type.data
    return ir.Type.parse(inner.removeprefix("resource").strip()[1:-1])
