"""Asserts, kept as checks that the runtime makes: TensorFlow's lowering drops them.

In a graph an assert is a branch on its condition, whose other side prints tensors and fails. That branch becomes an
``Assert`` of the condition alone, with the text of the message in an attribute; later it becomes a
``stablehlo.custom_call @shape_assertion``, the form in which JAX exports such checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from iree.dialects.mlir import ir
from iree.import_tf import dims, hlo
from iree.import_tf.dtypes import STRING
from iree.import_tf.rewrites.kept import Kept

MESSAGE = "_iree_message"
_BRANCHES = ("If", "StatelessIf")
_LONGEST = 400


def simplify(function: Any, library: Mapping[str, Any]) -> None:
    """Replaces asserts and branches that only guard one in a FunctionDef."""
    nodes = {node.name: node for node in function.node_def}
    conditions: dict[str, str] = {}
    for node in function.node_def:
        if node.op == "Assert":
            texts = [_text(nodes, name) for name in node.input[1:] if not name.startswith("^")]
            _replace(node, node.input[0], texts)
        elif node.op in _BRANCHES:
            guarded = _guarded(node, library)
            if guarded is not None:
                data = [_text(nodes, name) for name in node.input[1:] if not name.startswith("^")]
                conditions[node.name] = node.input[0]
                _replace(node, node.input[0], [*data, *guarded])
    if not conditions:
        return
    for node in function.node_def:  # a branch also gave its condition
        for i, name in enumerate(node.input):
            source = name.partition(":")[0]
            if source in conditions:
                node.input[i] = conditions[source]
    for key, name in list(function.ret.items()):
        function.ret[key] = conditions.get(name.partition(":")[0], name)


def _replace(node: Any, condition: str, texts: list[str]) -> None:
    control = [name for name in node.input if name.startswith("^")]
    message = " ".join(dict.fromkeys(text for text in texts if text))
    node.op = "Assert"
    node.ClearField("input")
    node.input.extend([condition, *control])
    node.ClearField("attr")
    node.attr["T"].list.SetInParent()
    node.attr["summarize"].i = 3
    node.attr[MESSAGE].s = (message[:_LONGEST] or "an assertion failed").encode()


def _guarded(node: Any, library: Mapping[str, Any]) -> list[str] | None:
    """The texts of the assert that a branch guards; None if the branch does anything else."""
    names = [node.attr[name].func.name for name in ("then_branch", "else_branch")]
    if not all(name in library for name in names):
        return None
    branches = [library[name] for name in names]
    if len(branches[0].node_def) > len(branches[1].node_def):
        return None
    asserts = [inner for inner in branches[1].node_def if inner.op == "Assert"]
    others = {inner.op for branch in branches for inner in branch.node_def} - {"Assert", "Const", "Identity", "NoOp"}
    if len(asserts) != 1 or others or "Assert" in {inner.op for inner in branches[0].node_def}:
        return None
    inner = {item.name: item for item in branches[1].node_def}
    return [_text(inner, name) for name in asserts[0].input[1:] if not name.startswith("^")]


def _text(nodes: Mapping[str, Any], name: str) -> str:
    node = nodes.get(name.partition(":")[0])
    if node is None or node.op != "Const" or node.attr["value"].tensor.dtype != STRING:
        return ""
    return " ".join(text.decode(errors="replace") for text in node.attr["value"].tensor.string_val).strip()


def lower(op: Any) -> list[Any]:
    """``tf.Assert`` as a check at run time."""
    condition = op.operands[0]
    if hlo.shape(condition):
        condition = hlo.reshape(condition, [])
    check(condition, ir.StringAttr(op.attributes[MESSAGE]).value if MESSAGE in op.attributes else "an assertion failed")
    return []


def check(condition: Any, message: str) -> None:
    """Makes a check at run time that a scalar i1 is true; `message` is the error's."""
    hlo.create(
        "stablehlo.custom_call", [condition], [],
        call_target_name='"shape_assertion"', has_side_effect="true", error_message=ir.StringAttr.get(message),
        api_version="1 : i32",
    )  # fmt: skip


def ensure_shape(op: Any) -> list[Any]:
    """``tf.EnsureShape`` of a tensor of known rank: sizes that its type leaves open are checked at run time."""
    value = op.operands[0]
    wanted = hlo.shape(op.result)
    for axis, size in enumerate(wanted):
        found = dims.dim(value, axis)
        if size is not None and found != size:
            condition = hlo.compare("EQ", hlo.size_value(dims.materialize(found)), hlo.size_value(size))
            shape = ", ".join("?" if size is None else str(size) for size in wanted)
            check(condition, f"ensure_shape: dimension {axis} of a tensor that should be of shape ({shape}) differs")
    return [hlo.cast(value, op.result.type)]


def _leaves_open(op: Any) -> bool:
    types = (op.operands[0].type, op.result.type)
    return all(isinstance(type_, ir.RankedTensorType) for type_ in types) and None in hlo.shape(op.operands[0])


KEPT = {"tf.Assert": Kept(lower, (MESSAGE,)), "tf.EnsureShape": Kept(ensure_shape, (), _leaves_open)}
