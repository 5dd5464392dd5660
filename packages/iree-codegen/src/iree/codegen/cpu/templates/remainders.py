"""What loops over tiles leave over: code of its own, and of known size wherever that can be known."""

from __future__ import annotations

from typing import Any

from iree.codegen.cpu.passes import run
from iree.codegen.cpu.structured import defining, find
from iree.dialects.mlir import arith, ir


def peel(function: Any) -> None:
    """Splits the last, smaller iteration off every loop, so that the others have static sizes."""
    run("peel", function.operation.parent)
    if _name_sizes(function):
        run("clean", function.operation.parent)


def _name_sizes(function: Any) -> bool:
    """Replaces sizes of last iterations by numbers.

    A workgroup's part of a loop of known size is whole tiles or the loop's end, so what is left over of it is what is
    left over of the whole loop. Returns whether there were any.
    """
    found = False
    for loop in find(function, "scf.for"):
        upper, step = loop.operands[1], _constant(loop.operands[2])
        total = _total(upper, step) if step else None
        if not total or not total % step or defining(loop.operands[0]) is None:
            continue
        start = defining(loop.operands[0])
        if start.name != "affine.apply" or list(start.operands) != [upper]:
            continue  # not the remainder of a peeled loop
        iterator = loop.regions[0].blocks[0].arguments[0]
        for use in list(iterator.uses):
            size = use.owner.operation
            if size.name == "affine.apply" and list(size.operands) == [iterator, upper] and _is_difference(size):
                with size.location, ir.InsertionPoint(size):
                    index = ir.IndexType.get()
                    number = arith.ConstantOp(index, ir.IntegerAttr.get(index, total % step)).result
                size.results[0].replace_all_uses_with(number)
                found = True
    return found


def _total(upper: Any, step: int) -> int | None:
    """The size of the whole loop of which a workgroup's part ends at `upper` = min(-i + total, part)."""
    op = defining(upper)
    if op is None or op.name != "affine.min" or len(op.operands) != 1:
        return None
    total = part = None
    for expr in ir.AffineMapAttr(op.attributes["map"]).value.results:
        down = expr.maybe_downcast()
        if isinstance(down, ir.AffineConstantExpr):
            part = down.value
        elif isinstance(down, ir.AffineAddExpr):
            end = down.rhs.maybe_downcast()
            total = end.value if isinstance(end, ir.AffineConstantExpr) else None
    return total if total is not None and part is not None and part % step == 0 else None


def _is_difference(apply: Any) -> bool:
    """Whether it is its second operand less its first."""
    map_ = ir.AffineMapAttr(apply.attributes["map"]).value
    first = ir.AffineExpr.get_dim(0)
    second = ir.AffineExpr.get_symbol(0) if map_.n_symbols else ir.AffineExpr.get_dim(1)
    rest = ir.AffineExpr.simplify_affine_expr(map_.results[0] - (second - first), map_.n_dims, map_.n_symbols)
    return bool(rest == ir.AffineExpr.get_constant(0))


def _constant(value: Any) -> int:
    op = defining(value)
    return ir.IntegerAttr(op.attributes["value"]).value if op is not None and op.name == "arith.constant" else 0
