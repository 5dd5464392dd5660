"""TensorFlow operations that are lowered here although TensorFlow could: its lowering is wrong, fails, or hides sizes.

`keep` renames them before TensorFlow legalizes the rest; it passes over names that it does not know.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from iree.dialects.mlir import ir
from iree.import_tf import hlo
from iree.import_tf.rewrites import Rewrite

PREFIX = "tf.Iree"


@dataclass(frozen=True)
class Kept:
    """How one operation is kept.

    Attributes:
        rewrite: Its lowering, once TensorFlow has lowered the rest.
        attributes: The attributes that the lowering reads.
        wanted: Whether this one operation is to be kept.
    """

    rewrite: Rewrite
    attributes: tuple[str, ...] = ()
    wanted: Callable[[Any], bool] = lambda op: True


def keep(module: Any, table: dict[str, Kept]) -> None:
    """Renames the operations that `table` (by TensorFlow's name) lowers."""
    found: list[Any] = []

    def visit(op: Any) -> Any:
        kept = table.get(op.name)
        with contextlib.suppress(hlo.Unranked):  # TensorFlow may know what to do
            if kept is not None and kept.wanted(op):
                found.append(op)
        return ir.WalkResult.ADVANCE

    module.operation.walk(visit)
    for op in found:
        rename(op, table[op.name].attributes)


def rename(op: Any, attributes: tuple[str, ...]) -> None:
    """Hides an operation from TensorFlow's legalization."""
    with op.location, ir.InsertionPoint(op):
        kept = ir.Operation.create(
            PREFIX + op.name.removeprefix("tf."),
            results=[result.type for result in op.results],
            operands=list(op.operands),
            attributes={name: op.attributes[name] for name in attributes if name in op.attributes},
        )
    for old, new in zip(op.results, kept.results, strict=True):
        old.replace_all_uses_with(new)
    op.operation.erase()
