"""Tensors without elements are not computed: kernels over nothing are what code generation stumbles over."""

from __future__ import annotations

from typing import Any

from iree.dialects.input.build import DYNAMIC, index
from iree.dialects.input.rules import operations
from iree.dialects.mlir import ir, tensor


def skip_nothing(module: Any) -> bool:
    """Puts empty tensors in place of results that their types say to have no elements.

    Their other sizes are still those of the operations, which `resolve-ranked-shaped-type-result-dims` makes of
    operands.

    Returns:
        Whether there are any.
    """
    found = False
    for op in operations(module):
        if not (op.name.startswith("linalg.") or op.name in ("tensor.pad", "tensor.insert_slice")):
            continue
        for result in op.results:
            type_ = result.type
            if not isinstance(type_, ir.RankedTensorType) or 0 not in type_.shape or not list(result.uses):
                continue
            with op.location, ir.InsertionPoint.after(op):
                sizes = [
                    tensor.DimOp(result, index(i)).result if n == DYNAMIC else int(n) for i, n in enumerate(type_.shape)
                ]
                blank = tensor.EmptyOp(sizes, type_.element_type)
            kept = {size.owner for size in sizes if not isinstance(size, int)}
            for use in list(result.uses):
                if use.owner.operation not in kept:
                    use.owner.operands[use.operand_number] = blank.result
            found = True
    return found
