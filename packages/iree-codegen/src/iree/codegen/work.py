"""How much kernels do, for statistics and for compiling the largest ones first."""

from __future__ import annotations

import math
from typing import Any

from iree.codegen.statistics import Statistics
from iree.dialects.mlir import ir, linalg
from iree.dialects.transforms.structure import functions, is_tensor, static_bytes, walk

FREE = {
    "arith.index_cast",
    "arith.bitcast",
    "arith.constant",
    "linalg.index",
    "linalg.yield",
    "arith.extf",
    "arith.extsi",
}


def kernel_flops(module: Any) -> int | None:
    """Arithmetic operations of one call of a kernel, counted on its linalg ops; None if a size is dynamic.

    A math function counts as one, a data movement as none.
    """
    total = 0
    dynamic = False

    def visit(op: Any) -> Any:
        nonlocal total, dynamic
        if op.name.startswith("linalg.") and op.regions and len(op.regions[0].blocks):
            per_element = sum(inner.operation.name not in FREE for inner in op.regions[0].blocks[0].operations)
            points = _iterations(op)
            if points is None:
                dynamic = True
            else:
                total += per_element * points
            return ir.WalkResult.SKIP
        return ir.WalkResult.ADVANCE

    module.walk(visit, ir.WalkOrder.PRE_ORDER)
    return None if dynamic else total


def _iterations(op: Any) -> int | None:
    """Size of a linalg op's iteration space, read from the operands that its dimensions index directly."""
    maps = linalg.get_indexing_maps(op)
    if maps is None:  # not a structured op
        return 0
    sizes: dict[int, int] = {}
    for operand, attribute in zip(op.operands, maps, strict=False):
        if not isinstance(operand.type, ir.ShapedType) and not hasattr(operand.type, "shape"):
            continue
        for size, expression in zip(operand.type.shape, attribute.value.results, strict=True):
            if isinstance(expression, ir.AffineDimExpr):
                sizes[expression.position] = size
    if any(size < 0 for size in sizes.values()):
        return None
    return math.prod(sizes.values())


def count_dispatches(module: Any, statistics: Statistics) -> None:
    """Adds the dispatches of a module in the flow phase."""
    for op in [op for function in functions(module) for op in walk(function)]:
        if op.name == "flow.dispatch":
            statistics.dispatches[ir.FlatSymbolRefAttr(op.attributes["callee"]).value] += 1
            tensors = [value.type for value in (*op.operands, *op.results) if is_tensor(value.type)]
            statistics.tensor_bytes += sum(static_bytes(type_) or 0 for type_ in tensors)
        statistics.copies += op.name == "flow.clone"
