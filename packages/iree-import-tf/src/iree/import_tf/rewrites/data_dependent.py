"""Results whose size depends on data: TensorFlow bounds them in the type, which StableHLO programs need not."""

from __future__ import annotations

from typing import Any

from iree.dialects.mlir import ir
from iree.import_tf import hlo
from iree.import_tf.rewrites import Table


def set_size(op: Any) -> list[Any]:
    """``set_dimension_size``: the front part."""
    value, size = op.operands
    axis = op.attributes["dimension"].value
    rank = len(hlo.shape(value))
    limits = [hlo.to_i32(size) if i == axis else hlo.dim(value, i) for i in range(rank)]
    return [hlo.slice_between(value, [0] * rank, limits)]


def same(op: Any) -> list[Any] | None:
    """A cast that only forgets a bound."""
    source, wanted = op.operands[0], op.result.type
    if not isinstance(wanted, ir.RankedTensorType) or hlo.shape(source) != hlo.shape(op.result):
        return None
    return [source] if hlo.element(source) == hlo.element(op.result) else None


def unbound(module: Any) -> None:
    """Removes bounds from all types."""

    def visit(op: Any) -> Any:
        for result in op.results:
            type_ = result.type
            if isinstance(type_, ir.RankedTensorType) and type_.encoding is not None:
                result.set_type(ir.RankedTensorType.get(type_.shape, type_.element_type))
        return ir.WalkResult.ADVANCE

    module.operation.walk(visit)


TABLE: Table = {"stablehlo.set_dimension_size": set_size, "tensor.cast": same}
