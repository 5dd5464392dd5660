"""Nodes that TensorFlow's MLIR gets wrong, replaced in the FunctionDef by others that it gets right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from iree.import_tf.dtypes import numpy_dtype, tensor_array

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


def _renamed(op: str, **attributes: str) -> Callable[[Any, Any], None]:
    """The same under another name, with string attributes."""

    def rewrite(function: Any, node: Any) -> None:
        del function
        node.op = op
        for name, value in attributes.items():
            node.attr[name].s = value.encode()

    return rewrite


def _constant(function: Any, name: str) -> Any:
    """The TensorProto of a constant that a node takes, or None."""
    source = name.partition(":")[0]
    found = next((node for node in function.node_def if node.name == source and node.op == "Const"), None)
    return None if found is None else found.attr["value"].tensor


def _window(op: str, operands: int) -> Callable[[Any, Any], None]:
    """A pool whose window and strides are constant operands: they become attributes."""

    def rewrite(function: Any, node: Any) -> None:
        data = [name for name in node.input if not name.startswith("^")]
        values = [_constant(function, name) for name in data[operands:]]
        if None in values:
            return
        node.op = op
        for name, value in zip(("ksize", "strides"), values, strict=True):
            node.attr[name].list.i.extend(tensor_array(value).ravel().tolist())
        control = [name for name in node.input if name.startswith("^")]
        node.ClearField("input")
        node.input.extend([*data[:operands], *control])

    return rewrite


def _reverse(function: Any, node: Any) -> None:
    """``Reverse`` of the dimensions whose flags are set, as ``ReverseV2`` of their numbers."""
    value = _constant(function, node.input[1])
    if value is None:
        return
    axes = function.node_def.add(name=f"{node.name}/axes", op="Const")
    axes.attr["dtype"].type = axes.attr["value"].tensor.dtype = 3
    numbers = [i for i, flag in enumerate(tensor_array(value).ravel().tolist()) if flag]
    axes.attr["value"].tensor.tensor_shape.dim.add(size=len(numbers))
    axes.attr["value"].tensor.int_val.extend(numbers)
    node.op = "ReverseV2"
    node.attr["Tidx"].type = 3
    node.input[1] = f"{axes.name}:output:0"


def _is_initialized(function: Any, node: Any) -> None:
    """Every variable has a value when a function is called."""
    old, new = f"{node.name}:is_initialized:0", f"{node.name}:output:0"
    for other in function.node_def:
        other.input[:] = [new if name == old else name for name in other.input]
    for key, name in list(function.ret.items()):
        function.ret[key] = new if name == old else name
    node.op = "Const"
    node.ClearField("attr")
    node.ClearField("input")
    node.attr["dtype"].type = node.attr["value"].tensor.dtype = 10
    node.attr["value"].tensor.bool_val.append(True)
    node.attr["value"].tensor.tensor_shape.SetInParent()


def _diagonal_part(function: Any, node: Any) -> None:
    """``MatrixDiagPart`` as its third version, which takes which diagonal and what to fill up with."""
    which = function.node_def.add(name=f"{node.name}/which", op="Const")
    which.attr["dtype"].type = which.attr["value"].tensor.dtype = 3
    which.attr["value"].tensor.int_val.append(0)
    which.attr["value"].tensor.tensor_shape.SetInParent()
    zero = function.node_def.add(name=f"{node.name}/zero", op="Const")
    zero.attr["dtype"].type = zero.attr["value"].tensor.dtype = node.attr["T"].type
    zero.attr["value"].tensor.tensor_shape.SetInParent()
    zero.attr["value"].tensor.tensor_content = bytes(numpy_dtype(node.attr["T"].type).itemsize)  # type: ignore[union-attr]
    node.op = "MatrixDiagPartV3"
    node.attr["align"].s = b"LEFT_LEFT"
    control = [name for name in node.input if name.startswith("^")]
    source = node.input[0]
    node.ClearField("input")
    node.input.extend([source, f"{which.name}:output:0", f"{zero.name}:output:0", *control])


SCATTER = "_iree_scatter"
"""Attribute of a ``TensorScatterAdd`` that combines by another operation: StableHLO's name of that."""


def _scatter(kind: str) -> Callable[[Any, Any], None]:
    """Takes an update of a variable's rows apart: read, scatter by `kind`, assign."""

    def rewrite(function: Any, node: Any) -> None:
        handle, indices, updates = [name for name in node.input if not name.startswith("^")]
        control = [name for name in node.input if name.startswith("^")]
        dtype, index_type = node.attr["dtype"].type, node.attr["Tindices"].type
        read = function.node_def.add(name=f"{node.name}/read", op="ReadVariableOp", input=[handle, *control])
        read.attr["dtype"].type = dtype
        axis = function.node_def.add(name=f"{node.name}/axis", op="Const")
        axis.attr["dtype"].type = 3
        axis.attr["value"].tensor.dtype = 3
        axis.attr["value"].tensor.int_val.append(-1)
        axis.attr["value"].tensor.tensor_shape.SetInParent()
        places = function.node_def.add(
            name=f"{node.name}/places", op="ExpandDims", input=[indices, f"{axis.name}:output:0"]
        )
        places.attr["T"].type, places.attr["Tdim"].type = index_type, 3
        changed = function.node_def.add(
            name=f"{node.name}/changed",
            op="TensorScatterAdd",
            input=[f"{read.name}:value:0", f"{places.name}:output:0", updates],
        )
        changed.attr["T"].type, changed.attr["Tindices"].type = dtype, index_type
        changed.attr[SCATTER].s = kind.encode()
        node.op = "AssignVariableOp"
        node.ClearField("attr")
        node.attr["dtype"].type = dtype
        node.ClearField("input")
        node.input.extend([handle, f"{changed.name}:output:0", *control])

    return rewrite


def _gather_nd(function: Any, node: Any) -> None:
    """Takes ``ResourceGatherNd`` apart: read, gather."""
    handle, indices, *control = node.input
    read = function.node_def.add(name=f"{node.name}/read", op="ReadVariableOp", input=[handle, *control])
    read.attr["dtype"].type = dtype = node.attr["dtype"].type
    node.op = "GatherNd"
    node.attr["Tparams"].type = dtype
    del node.attr["dtype"]
    node.ClearField("input")
    node.input.extend([f"{read.name}:value:0", indices, *control])


_MASKS = ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask")
_FIXES: Mapping[str, Callable[[Any, Any], None]] = {
    "Cast": _cast,
    "MatrixDiagPart": _diagonal_part,
    "MatrixDiagPartV2": _renamed("MatrixDiagPartV3", align="LEFT_LEFT"),
    "MatrixDiagV2": _renamed("MatrixDiagV3", align="LEFT_LEFT"),
    "MatrixSetDiagV2": _renamed("MatrixSetDiagV3", align="LEFT_LEFT"),
    "MaxPoolV2": _window("MaxPool", 1),
    "MaxPoolGradV2": _window("MaxPoolGrad", 3),
    "MaxPoolGradGradV2": _window("MaxPoolGradGrad", 3),
    "ResourceGatherNd": _gather_nd,
    "Reverse": _reverse,
    "Snapshot": _renamed("Identity"),
    "XlaSharding": _renamed("Identity"),
    "VarIsInitializedOp": _is_initialized,
    "ResourceStridedSliceAssign": _update(
        "TensorStridedSliceUpdate", 4, {"T": "T", "Index": "Index", **{name: name for name in _MASKS}}
    ),
    **{
        f"ResourceScatter{name}": _scatter(kind)
        for name, kind in (
            ("Sub", "subtract"),
            ("Mul", "multiply"),
            ("Div", "divide"),
            ("Max", "maximum"),
            ("Min", "minimum"),
        )
    },
    **{
        f"ResourceScatterNd{kind}": _update(f"TensorScatter{kind}", 2, {"T": "T", "Tindices": "Tindices"})
        for kind in ("Update", "Add", "Sub", "Min", "Max")
    },
}
