"""Replaces the outermost `scf.forall` of a flattened kernel by the workgroup's ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from iree.codegen.cpu.kernel import Kernel
from iree.dialects.mlir import affine, ir

_DYNAMIC = -(1 << 63)
_COMBINE = (
    (ir.AffineAddExpr, ir.AffineExpr.get_add),
    (ir.AffineMulExpr, ir.AffineExpr.get_mul),
    (ir.AffineModExpr, ir.AffineExpr.get_mod),
    (ir.AffineFloorDivExpr, ir.AffineExpr.get_floor_div),
    (ir.AffineCeilDivExpr, ir.AffineExpr.get_ceil_div),
)


@dataclass(frozen=True)
class _Range:
    """A dimension of the loop; `lower` and `upper` are affine expressions over the index arguments."""

    lower: Any
    upper: Any
    step: int

    @property
    def count(self) -> Any:
        """Number of iterations."""
        return ir.AffineExpr.get_ceil_div(self.upper - self.lower, ir.AffineExpr.get_constant(self.step))


def distribute(kernel: Kernel) -> str:
    """Gives each workgroup one iteration of the function's `scf.forall`, if it has exactly one.

    Returns:
        The workgroup count: an affine map over the kernel's index arguments with 3 results, x running fastest. It is
        1 when there is
        no such loop or its bounds are no affine function of the index arguments: one workgroup then runs the loop.
    """
    loops = [op for op in kernel.block.operations if op.operation.name == "scf.forall"]
    ranges = _ranges(kernel, loops[0]) if len(loops) == 1 else None
    one = ir.AffineExpr.get_constant(1)
    counts = []
    if ranges is not None and len(ranges) <= 3:
        ids = list(kernel.block.arguments)[-3:]
        _inline(loops[0], list(zip(reversed(ids[: len(ranges)]), ranges, strict=True)))
        counts = [r.count for r in reversed(ranges)]
    return str(ir.AffineMapAttr.get(ir.AffineMap.get(len(kernel.indices), 0, (counts + [one] * 3)[:3])))


def _ranges(kernel: Kernel, loop: Any) -> list[_Range] | None:
    """The loop's dimensions; None if a bound is not affine in the index arguments."""
    attributes, operands, columns = loop.attributes, iter(loop.operands), []
    for static in ("staticLowerBound", "staticUpperBound", "staticStep"):
        values = list(attributes[static])
        columns.append(
            [_affine(kernel, next(operands)) if v == _DYNAMIC else ir.AffineExpr.get_constant(v) for v in values]
        )
    ranges = []
    for lower, upper, step in zip(*columns, strict=True):
        if lower is None or upper is None or step is None:
            return None
        width = step.maybe_downcast()
        if not isinstance(width, ir.AffineConstantExpr):
            return None
        ranges.append(_Range(lower, upper, width.value))
    return ranges


def _affine(kernel: Kernel, value: Any) -> Any:
    """`value` as an affine expression of the index arguments, or None."""
    if isinstance(value, ir.BlockArgument):
        known = value.owner == kernel.block and value.arg_number in kernel.indices
        return ir.AffineExpr.get_dim(kernel.indices.index(value.arg_number)) if known else None
    op = value.owner
    if op.name == "arith.constant":
        return ir.AffineExpr.get_constant(ir.IntegerAttr(op.attributes["value"]).value)
    if op.name != "affine.apply":
        return None
    inputs = [_affine(kernel, v) for v in op.operands]
    if any(i is None for i in inputs):
        return None
    map_ = ir.AffineMapAttr(op.attributes["map"]).value
    return _substitute(map_.results[0], inputs[: map_.n_dims], inputs[map_.n_dims :])


def _substitute(expr: Any, dims: Sequence[Any], symbols: Sequence[Any]) -> Any:
    expr = expr.maybe_downcast()
    if isinstance(expr, ir.AffineDimExpr):
        return dims[expr.position]
    if isinstance(expr, ir.AffineSymbolExpr):
        return symbols[expr.position]
    for kind, combine in _COMBINE:
        if isinstance(expr, kind):
            return combine(_substitute(expr.lhs, dims, symbols), _substitute(expr.rhs, dims, symbols))
    return expr


def _inline(loop: Any, ids: Sequence[tuple[Any, _Range]]) -> None:
    body = loop.regions[0].blocks[0]
    with loop.location, ir.InsertionPoint(loop):
        for argument, (number, range_) in zip(list(body.arguments), ids, strict=True):
            place = range_.lower + ir.AffineExpr.get_dim(0) * range_.step
            argument.replace_all_uses_with(affine.AffineApplyOp(ir.AffineMap.get(1, 0, [place]), [number]).result)
    for op in list(body.operations)[:-1]:
        op.operation.move_before(loop.operation)
    loop.operation.erase()
