"""Gradients of broadcasts between open shapes: sums over the dimensions along which an operand was repeated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from iree.dialects.mlir import ir
from iree.import_tf import dims, hlo
from iree.import_tf.rewrites import Table

_ARGUMENTS = "tf.BroadcastGradientArgs"


def sum_of_gradient(op: Any) -> list[Any] | None:
    """``tf.Sum`` over what ``tf.BroadcastGradientArgs`` says: whether a dimension was repeated may show at run time.

    The shapes that were broadcast may be those of the first dimensions alone, as of batches of matrices.
    """
    value, axes = op.operands
    owner = axes.owner
    if isinstance(owner, ir.Block) or owner.name != _ARGUMENTS:
        return None
    counts = [hlo.shape(shape)[0] for shape in owner.operands]
    if None in counts:
        return None
    shape = owner.operands[ir.OpResult(axes).result_number]
    own = dims.elements(shape) or [dims.Scalar(hlo.at(shape, i)) for i in range(hlo.shape(shape)[0] or 0)]
    rank, broadcast = len(hlo.shape(value)), max(count or 0 for count in counts)
    ranked = isinstance(op.result.type, ir.RankedTensorType)
    if ranked and len(op.result.type.shape) != rank:
        return None  # without the dimensions that are summed, which are not known
    for axis in range(broadcast):
        place = axis - broadcast + len(own)
        size = 1 if place < 0 else own[place]
        if size == dims.dim(value, axis):
            continue
        if isinstance(size, int):
            value = _summed(value, axis) if size == 1 else value
        else:
            value = _summed_if(value, axis, dims.materialize(size))
    return [hlo.cast(value, op.result.type) if ranked else value]


def _summed(value: Any, axis: int) -> Any:
    """`value` with its sum along `axis`, where it then has the size 1."""
    zero = hlo.filled(0, hlo.tensor([], hlo.element(value)))
    total = hlo.reduce("add", value, zero, [axis])
    sizes = [1 if i == axis else dims.materialize(dims.dim(value, i)) for i in range(len(hlo.shape(value)))]
    return hlo.reshape(total, sizes)


def _summed_if(value: Any, axis: int, size: hlo.Size) -> Any:
    """`value`, or its sum along `axis` if `size` is 1."""
    open_ = hlo.tensor([None if i == axis else s for i, s in enumerate(hlo.shape(value))], hlo.element(value))
    branch = ir.Operation.create(
        "stablehlo.if",
        results=[open_],
        operands=[hlo.compare("EQ", hlo.size_value(size), hlo.size_value(1))],
        regions=2,
    )
    makers: tuple[Callable[[], Any], ...] = (lambda: _summed(value, axis), lambda: value)
    for region, make in zip(branch.regions, makers, strict=True):
        with ir.InsertionPoint(ir.Block.create_at_start(region, [])):
            hlo.create("stablehlo.return", [hlo.cast(make(), open_)], [])
    return branch.result


def arguments(op: Any) -> list[Any] | None:
    """``tf.BroadcastGradientArgs`` itself, once nothing asks for it any more."""
    if any(len(list(result.uses)) for result in op.results):
        return None
    return [hlo.filled(0, hlo.tensor([0], hlo.element(result))) for result in op.results]


SUMS: Table = {"tf.Sum": sum_of_gradient}
REST: Table = {_ARGUMENTS: arguments}
"""Once `SUMS` are done."""
