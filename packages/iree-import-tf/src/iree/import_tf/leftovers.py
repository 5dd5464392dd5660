"""TensorFlow's pipelines succeed with ops left over: finds them, and says what each is, where it stands and what to
do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from iree.dialects.mlir import ir
from iree.import_tf import locations
from iree.import_tf.errors import ImportFailure
from iree.import_tf.rewrites.kept import PREFIX

_ALLOWED = ("stablehlo.", "chlo.", "func.", "builtin.module")
CUT = "cut the model around it: --inputs and --outputs select a sub-graph"


def check(module: Any, name: str, traces: Mapping[str, Sequence[tuple[str, int]]]) -> None:
    """Raises `ImportFailure`, which names each kind of op that is no StableHLO, unless there is none."""
    found: dict[str, list[Any]] = {}

    def visit(op: Any) -> Any:
        if not op.name.startswith(_ALLOWED):
            found.setdefault(op.name, []).append(op)
        return ir.WalkResult.ADVANCE

    module.operation.walk(visit)
    if not found:
        return
    causes = {kind: [op for op in ops if not _lacks_a_rank(op)] for kind, ops in found.items()}
    if any(causes.values()):  # the others are left because what they take has no rank
        found = {kind: ops for kind, ops in causes.items() if ops}
    lines = []
    for kind, ops in sorted(found.items()):
        node = locations.find(ops[0].location, traces)
        times = f", {len(ops)} times, first" if len(ops) > 1 else ""
        name_there = kind.replace(PREFIX, "tf.")
        lines.append(f"  {name_there}{times} at {node or ops[0].location} on {_types(ops[0])}")
    raise ImportFailure(f"{name}: no lowering for\n" + "\n".join(lines) + f"\n{CUT}")


def _lacks_a_rank(op: Any) -> bool:
    return any(isinstance(operand.type, ir.UnrankedTensorType) for operand in op.operands)


def _types(op: Any) -> str:
    inputs = ", ".join(str(value.type) for value in op.operands)
    return f"({inputs}) -> {', '.join(str(value.type) for value in op.results)}"
