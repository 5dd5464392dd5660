"""What stands in the way of importing a function, as far as its graph shows before anything is lowered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from iree.import_tf import cut
from iree.import_tf.dtypes import numpy_dtype, type_name
from iree.import_tf.program import Export, Program

_REFUSED = (
    (re.compile(r"PyFunc|EagerPyFunc|NumpyFunction"), "calls Python code"),
    (
        re.compile(
            r"String|Regex|AsString|Substr|Unicode|Base64|DecodeRaw|Decode(Csv|Json|Proto)|Parse|NGrams|ReduceJoin"
        ),
        "works on strings",
    ),
    (re.compile(r"Lookup|HashTable|InitializeTable"), "uses a lookup table"),
    (
        re.compile(
            r"ReadFile|WriteFile|MatchingFiles|Save|Restore|Decode(Jpeg|Png|Gif|Bmp|Image|Wav|AndCropJpeg)|Encode(Jpeg|Png|Wav)"
        ),
        "handles files or their formats",
    ),
    (re.compile(r"Print|Summary"), "prints or logs"),
    (re.compile(r"RaggedTensor(To|From)Variant"), "takes a ragged tensor apart into objects that only TensorFlow has"),
    (
        re.compile(r"Dataset|Iterator|Queue|Barrier|Stack(Push|Pop)?V2"),
        "keeps data in an object that only TensorFlow has",
    ),
)


def find(program: Program, export: Export) -> list[str]:
    """The reasons; an empty list promises nothing, but a reason given is certain to stop the import."""
    reasons = [
        f"input {leaf.name!r} is a {type_name(leaf.dtype)}" for leaf in export.inputs if numpy_dtype(leaf.dtype) is None
    ]
    reasons += [f"input {leaf.name!r} has an open rank" for leaf in export.inputs if leaf.shape is None]
    reasons += [
        f"output {leaf.name!r} is a {type_name(leaf.dtype)}"
        for leaf in export.output_leaves
        if numpy_dtype(leaf.dtype) is None
    ]
    reasons += [f"it uses the {capture.name}" for capture in export.captures if capture.kind == "other"]
    seen: set[str] = set()
    for function, node, op in _nodes(program, export.function):
        for pattern, what in _REFUSED:
            if op not in seen and pattern.search(op):
                seen.add(op)
                reasons.append(f"{op} {what}: node {node!r} in function {function!r}")
    return reasons


def advice(program: Program, export: Export, said: str) -> str:
    """What to add to a refusal: the obstacles that it does not name, and behind which nodes the function may be cut."""
    operations = [reason for reason in find(program, export) if ": node " in reason]
    lines = [f"  {reason}" for reason in operations if reason.partition(" ")[0] not in said]
    places = _behind(program.library[export.function])
    if places:
        lines.append(f"what lies behind can be imported: --inputs {' '.join(places)}")
    return "\n".join(lines)


def _behind(function: Any) -> list[str]:
    """Results of nodes that cannot be imported which the function's outputs need, and which are no strings."""
    nodes = {node.name: node for node in function.node_def}
    found: dict[str, None] = {}
    seen: set[str] = set()
    todo = [(reference, "") for reference in function.ret.values()]
    while todo:
        reference, user = todo.pop()
        node = nodes.get(reference.partition(":")[0])
        if node is None or reference in seen:
            continue
        seen.add(reference)
        if not any(pattern.search(node.op) for pattern, _ in _REFUSED):
            todo += [(other, reference) for other in node.input if not other.startswith("^")]
            continue
        for place in (reference, user):  # its user where nothing is known of its rank
            leaf = cut.leaf(function, place) if place else None
            if leaf is not None and leaf.shape is not None and numpy_dtype(leaf.dtype) is not None:
                found[leaf.name] = None
                break
    return sorted(found)


def _nodes(program: Program, root: str) -> Iterator[tuple[str, str, str]]:
    """Function, name and op of every node that `root` reaches."""
    todo, seen = [root], {root}
    while todo:
        name = todo.pop()
        for node in program.library[name].node_def:
            yield name, node.name, node.op
            called = [node.op]  # a call may have its function's name for an op
            for attribute in node.attr.values():
                called += [callee.name for callee in (attribute.func, *attribute.list.func)]
            todo += [callee for callee in dict.fromkeys(called) if callee in program.library and callee not in seen]
            seen.update(called)
