"""What loops over tiles leave over: code of its own, and of known size wherever that can be known."""

from __future__ import annotations

from typing import Any

from iree.codegen.cpu.passes import run
from iree.codegen.cpu.structured import defining, find
from iree.dialects.mlir import affine, arith, ir, scf


def peel(function: Any) -> None:
    """Splits the last, smaller iteration off every loop, so that the others have static sizes."""
    run("peel", function.operation.parent)
    if _name_sizes(function):
        run("clean", function.operation.parent)


def divide_rests(function: Any, step: int, tile: int) -> None:
    """Divides what loops with this step leave over, where its size is known only when the kernel runs.

    Args:
        function: After `peel`.
        step: Of the loops.
        tile: How many iterations of what is left over are taken at a time, at most `step`. Of what then is left there
            is a copy for each size that it can have.
    """
    for loop in _unknown_rests(function, step):
        if tile < step:
            _take_whole(loop, tile)
        results = _switch(loop, tile)
        for old, new in zip(list(loop.results), results, strict=True):
            old.replace_all_uses_with(new)
        loop.erase()
    run("clean", function.operation.parent)


def _unknown_rests(root: Any, step: int) -> list[Any]:
    """The innermost loops that loops with this step left over; one over columns may have the same step as that over
    rows in it.
    """
    found = [
        loop
        for loop in find(root, "scf.for")
        if _is_rest(loop) and _constant(loop.operands[2]) == step and _sizes(loop)
    ]
    return [loop for loop in found if not any(loop in _parents(other) for other in found)]


def _parents(op: Any) -> list[Any]:
    parent = op.parent
    return [parent.operation, *_parents(parent.operation)] if parent is not None else []


def _is_rest(loop: Any) -> bool:
    """Whether it is the remainder of a peeled loop."""
    start = defining(loop.operands[0])
    return start is not None and start.name == "affine.apply" and list(start.operands) == [loop.operands[1]]


def _take_whole(loop: Any, tile: int) -> None:
    """Takes as many whole tiles as there are of a loop's only iteration before it."""
    lower, upper = loop.operands[:2]
    first, last = (ir.AffineExpr.get_dim(n) for n in (0, 1))
    whole = ir.AffineExpr.get_floor_div(last - first, ir.AffineExpr.get_constant(tile)) * tile
    with loop.location, ir.InsertionPoint(loop):
        end = affine.AffineApplyOp(ir.AffineMap.get(2, 0, [first + whole]), [lower, upper]).result
        tiles = loop.clone()
        _set_sizes(tiles, tile)
        tiles.operands[1], tiles.operands[2] = end, arith.ConstantOp.create_index(tile).result
        tiles.move_after(tiles.operands[2].owner)
    loop.operands[0] = end
    for number, value in enumerate(tiles.results):
        loop.operands[3 + number] = value


def _switch(loop: Any, tile: int) -> list[Any]:
    """The results of a loop's only iteration, by one of its copies for 0 to `tile` - 1."""
    lower, upper, _, *inits = loop.operands
    if tile == 1:
        return list(inits)
    first, last = (ir.AffineExpr.get_dim(n) for n in (0, 1))
    with loop.location, ir.InsertionPoint(loop):
        left = affine.AffineApplyOp(ir.AffineMap.get(2, 0, [last - first]), [lower, upper]).result
        zero, one = (arith.ConstantOp.create_index(n).result for n in (0, 1))
        cases = ir.DenseI64ArrayAttr.get(list(range(1, tile)))
        types = [v.type for v in loop.results]
        switch = ir.Operation.create("scf.index_switch", types, [left], {"cases": cases}, regions=tile)
        for count, region in enumerate(switch.regions):
            with ir.InsertionPoint(region.blocks.append()):
                if not count:
                    scf.YieldOp(inits)
                    continue
                copy = loop.clone()
                _set_sizes(copy, count)
                copy.regions[0].blocks[0].arguments[0].replace_all_uses_with(lower)
                copy.operands[0], copy.operands[1], copy.operands[2] = zero, one, one
                scf.YieldOp(list(copy.results))
    return list(switch.results)


def _sizes(loop: Any) -> list[Any]:
    """What computes how much is left from an iteration on."""
    iterator, upper = loop.regions[0].blocks[0].arguments[0], loop.operands[1]
    users = [use.owner.operation for use in iterator.uses]
    return [
        op
        for op in users
        if op.name == "affine.apply" and list(op.operands) == [iterator, upper] and _is_difference(op)
    ]


def _set_sizes(loop: Any, number: int) -> None:
    for size in _sizes(loop):
        with size.location, ir.InsertionPoint(size):
            size.results[0].replace_all_uses_with(arith.ConstantOp.create_index(number).result)


def _name_sizes(function: Any) -> bool:
    """Replaces sizes of last iterations by numbers.

    A workgroup's part of a loop of known size is whole tiles or the loop's end, so what is left over of it is what is
    left over of the whole loop. Returns whether there were any.
    """
    found = False
    for loop in find(function, "scf.for"):
        upper, step = loop.operands[1], _constant(loop.operands[2])
        total = _total(upper, step) if step else None
        if not total or not total % step or not _is_rest(loop):
            continue
        found = found or bool(_sizes(loop))
        _set_sizes(loop, total % step)
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
