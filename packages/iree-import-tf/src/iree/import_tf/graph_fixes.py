"""Nodes that TensorFlow's MLIR gets wrong, replaced in the FunctionDef by others that it gets right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

_COMPLEX = {1: 8, 2: 18}
"""float to complex64, double to complex128."""


def fix(function: Any) -> None:
    """Replaces such nodes of a FunctionDef in place. Names stay, so that what refers to them still does."""
    for node in list(function.node_def):
        rewrite = _FIXES.get(node.op)
        if rewrite is not None:
            rewrite(function, node)


def _cast(function: Any, node: Any) -> None:
    """Puts a complex number together from its parts: TensorFlow takes an FFT of a cast for a real one, and is wrong."""
    real, complex_ = node.attr["SrcT"].type, node.attr["DstT"].type
    if _COMPLEX.get(real) != complex_:
        return
    zero = function.node_def.add(name=f"{node.name}/imaginary", op="ZerosLike", input=[node.input[0]])
    zero.attr["T"].type = real
    parts = function.node_def.add(name=f"{node.name}/parts", op="Complex", input=[node.input[0], f"{zero.name}:y:0"])
    parts.attr["T"].type, parts.attr["Tout"].type = real, complex_
    node.attr["SrcT"].type = complex_
    node.input[0] = f"{parts.name}:out:0"


def _update(op: str, operands: int, attributes: Mapping[str, str]) -> Callable[[Any, Any], None]:
    """Takes an update of a variable apart: read, `op`, assign."""

    def rewrite(function: Any, node: Any) -> None:
        handle, *others = [name for name in node.input if not name.startswith("^")]
        control = [name for name in node.input if name.startswith("^")]
        read = function.node_def.add(name=f"{node.name}/read", op="ReadVariableOp", input=[handle, *control])
        read.attr["dtype"].type = node.attr["T"].type
        changed = function.node_def.add(
            name=f"{node.name}/changed", op=op, input=[f"{read.name}:value:0", *others[:operands]]
        )
        for name, source in attributes.items():
            if source in node.attr:  # defaults are not stored
                changed.attr[name].CopyFrom(node.attr[source])
        dtype = node.attr["T"].type
        node.op = "AssignVariableOp"
        node.ClearField("attr")
        node.attr["dtype"].type = dtype
        node.ClearField("input")
        node.input.extend([handle, f"{changed.name}:output:0", *control])

    return rewrite


_MASKS = ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask")
_FIXES: Mapping[str, Callable[[Any, Any], None]] = {
    "Cast": _cast,
    "ResourceStridedSliceAssign": _update(
        "TensorStridedSliceUpdate", 4, {"T": "T", "Index": "Index", **{name: name for name in _MASKS}}
    ),
    **{
        f"ResourceScatterNd{kind}": _update(f"TensorScatter{kind}", 2, {"T": "T", "Tindices": "Tindices"})
        for kind in ("Update", "Add", "Sub", "Min", "Max")
    },
}
