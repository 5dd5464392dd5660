"""From MLIR locations to TensorFlow's nodes, functions and source lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from iree.dialects.mlir import ir

_INTERNAL = ("/site-packages/", "/tensorflow/python/", "/keras/src/", "<embedded")


@dataclass(frozen=True)
class Node:
    """A node of a TensorFlow graph; `function` is empty at the top level. `file` and `line` are there if the model
    was saved with them.
    """

    name: str
    function: str
    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        where = f" ({self.file}:{self.line})" if self.file else ""
        return (
            f"node {self.name!r} in function {self.function!r}{where}"
            if self.function
            else f"node {self.name!r}{where}"
        )


def _names(location: Any) -> Iterator[str]:
    """The names in a location, the innermost call first."""
    match location:
        case ir.CallSiteLoc():
            yield from _names(location.callee)
            yield from _names(location.caller)
        case ir.FusedLoc():
            for part in location.locations:
                yield from _names(part)
        case ir.NameLoc():
            yield location.name_str


def find(location: Any, traces: Mapping[str, Sequence[tuple[str, int]]]) -> Node | None:
    """The node that `location` speaks of, or None."""
    for name in _names(location):
        node, at, function = name.rpartition("@")
        if at:
            file, line = _user_frame(traces.get(name, ()))
            return Node(node, function, file, line)
    return None


def traces(info: Any) -> Mapping[str, Sequence[tuple[str, int]]]:
    """The stack traces in a GraphDebugInfo, by ``node@function``."""
    files = list(info.files)
    frames = {key: (files[frame.file_index], frame.line) for key, frame in info.frames_by_id.items()}
    found = {key: [frames[frame] for frame in trace.frame_id] for key, trace in info.traces_by_id.items()}
    result = {name: found[key] for name, key in info.name_to_trace_id.items() if key in found}
    result.update(
        {name: [(files[f.file_index], f.line) for f in trace.file_line_cols] for name, trace in info.traces.items()}
    )
    return result


def _user_frame(frames: Sequence[tuple[str, int]]) -> tuple[str, int]:
    """The innermost frame outside of TensorFlow, Keras and other installed packages; else the innermost."""
    for file, line in reversed(frames):
        if not any(part in file for part in _INTERNAL):
            return file, line
    return frames[-1] if frames else ("", 0)


def simplify(module: Any, traces: Mapping[str, Sequence[tuple[str, int]]]) -> None:
    """Gives every operation the name of its node (and the source line, if known) as location."""
    context = module.context

    def visit(op: Any) -> Any:
        node = find(op.location, traces)
        if node is None:
            op.location = ir.Location.unknown(context)
        elif node.file:
            op.location = ir.Location.name(node.name, ir.Location.file(node.file, node.line, 0, context), context)
        else:
            op.location = ir.Location.name(node.name, context=context)
        return ir.WalkResult.ADVANCE

    module.operation.walk(visit)
