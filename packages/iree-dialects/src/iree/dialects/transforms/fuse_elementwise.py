"""Fuses elementwise operations with each other and into reductions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from iree.dialects.mlir import ir, run_upstream
from iree.dialects.passes import Pass
from iree.dialects.transforms.structure import Structure, functions, is_tensor, shape_of, walk

_FENCE = "flow.fence"


@dataclass(frozen=True)
class FuseElementwise(Pass):
    """Upstream's fusion of elementwise operations and reshapes, kept away from contractions and convolutions.

    These would take in what makes their operands, and compute it again for every use of an element; or take the shape
    of a reshape around them, which hides what they are. Reshapes that split or merge dimensions stay where they are.
    """

    name = "fuse-elementwise"

    def apply(self, module: Any) -> None:
        """See the class."""
        for function in functions(module):
            for op in walk(function):
                if _is_contraction(op) or _splits_or_merges(op):
                    _fence(op)
        run_upstream(module, "func.func(linalg-fuse-elementwise-ops),canonicalize,cse")
        for function in functions(module):
            for op in walk(function):
                if op.name == _FENCE:
                    op.results[0].replace_all_uses_with(op.operands[0])
                    op.erase()


def _is_contraction(op: Any) -> bool:
    structure = Structure.of(op)
    return structure is not None and bool(structure.reductions) and not structure.row_reduction


def _splits_or_merges(op: Any) -> bool:
    """Is it a reshape that does more than add or remove dimensions of size 1?"""
    if op.name not in ("tensor.expand_shape", "tensor.collapse_shape"):
        return False
    shapes = [[size for size in shape_of(v.type) if size != 1] for v in (op.operands[0], op.results[0])]
    return shapes[0] != shapes[1]


def _fence(op: Any) -> None:
    operands = op.operands
    with op.location:
        for number, value in enumerate(operands):
            if is_tensor(value.type):
                with ir.InsertionPoint(op):
                    operands[number] = ir.Operation.create(_FENCE, [value.type], [value]).result
        for result in op.results:
            with ir.InsertionPoint.after(op):
                fence = ir.Operation.create(_FENCE, [result.type], [result])
            result.replace_all_uses_except(fence.result, fence)
