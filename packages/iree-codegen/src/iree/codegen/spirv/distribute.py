"""Gives every iteration of a kernel's `scf.forall` loops a thread or a workgroup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from iree.codegen.cpu.kernel import Kernel
from iree.codegen.spirv.indices import Size, add, delinearize, known, multiply, product, value_of
from iree.codegen.spirv.profile import Profile
from iree.dialects.mlir import arith, ir, scf

THREADS = 64
"""Threads of a workgroup where each works for itself."""
WORKERS = 128
"""Threads of a workgroup that work together."""
_DYNAMIC = -(1 << 63)
_ROW = 32768
"""Workgroups in a row of a grid that is larger than a device takes in one dimension."""
_EXPRESSIONS = {
    "arith.addi": ir.AffineExpr.get_add,
    "arith.muli": ir.AffineExpr.get_mul,
    "arith.divui": ir.AffineExpr.get_floor_div,
    "arith.divsi": ir.AffineExpr.get_floor_div,
    "arith.floordivsi": ir.AffineExpr.get_floor_div,
    "arith.ceildivsi": ir.AffineExpr.get_ceil_div,
    "arith.ceildivui": ir.AffineExpr.get_ceil_div,
}


@dataclass(frozen=True)
class Grid:
    """How a kernel is launched.

    Attributes:
        workgroup: Threads in each dimension.
        count: Text of the affine map that gives the workgroups; its symbols are the index arguments.
        uses_count: Whether the kernel reads the number of workgroups.
    """

    workgroup: tuple[int, int, int]
    count: str
    uses_count: bool = False


@dataclass(frozen=True)
class _Range:
    """A dimension of a loop: where it starts, its step and its number of iterations."""

    lower: Size
    step: Size
    count: Size


def gpu_index(name: str, dimension: str = "x") -> Any:
    """A number of the launch: ``gpu.thread_id``, ``gpu.block_id``, ``gpu.grid_dim``."""
    attribute = ir.Attribute.parse(f"#gpu<dim {dimension}>")
    return ir.Operation.create(name, [ir.IndexType.get()], attributes={"dimension": attribute}).result


def outer_loops(kernel: Kernel) -> list[Any]:
    """The `scf.forall` loops directly in the function."""
    return [op.operation for op in kernel.block.operations if op.operation.name == "scf.forall"]


def distribute(kernel: Kernel, profile: Profile, threads: int, *, each: int) -> Grid | None:
    """Replaces the loops directly in the function.

    Args:
        kernel: Bufferized.
        profile: For its limits.
        threads: Threads of a workgroup.
        each: Iterations that one workgroup does: `threads` if every thread does one, 1 if all work on one.

    Returns:
        The grid; None, with nothing changed, if the number of iterations is no expression of the index arguments.
    """
    loops = outer_loops(kernel)
    totals = [_total_expression(kernel, loop) for loop in loops]
    if not loops or any(total is None for total in totals):
        return None
    with kernel.function.location, ir.InsertionPoint.at_block_begin(kernel.block):
        grid, group, whole = _grid(kernel, profile, threads, each, totals)
        place = group if each == 1 else add(multiply(group, threads), gpu_index("gpu.thread_id"))
    for loop in loops:
        _inline(loop, place, exact=len(loops) == 1 and each == 1 and whole)
    return grid


def single(kernel: Kernel, threads: int) -> Grid:
    """One workgroup."""
    return Grid((threads, 1, 1), f"affine_map<(){_symbols(kernel)} -> (1, 1, 1)>")


def _symbols(kernel: Kernel) -> str:
    return f"[{', '.join(f's{i}' for i in range(len(kernel.indices)))}]"


def _grid(kernel: Kernel, profile: Profile, threads: int, each: int, totals: Sequence[Any]) -> tuple[Grid, Any, bool]:
    """The grid for the largest of several loops, the workgroup's number in it, and whether there are no others."""
    one = ir.AffineExpr.get_constant(1)
    constants = [t.value for t in totals if isinstance(t, ir.AffineConstantExpr)]
    if len(constants) == len(totals):
        count = -(-max(constants) // each)
        rows = _rows(count) if profile.grid_limit and count > profile.grid_limit else 1
        x = -(-count // rows)
        exprs = [ir.AffineExpr.get_constant(x), ir.AffineExpr.get_constant(rows), one]
        group = gpu_index("gpu.block_id")
        if rows > 1:
            group = add(group, multiply(gpu_index("gpu.block_id", "y"), x))
        return Grid((threads, 1, 1), _map(kernel, exprs)), group, x * rows == count
    total = totals[0]
    for other in totals[1:]:
        total = total + other  # not less than the largest: there is no maximum in affine expressions
    count = ir.AffineExpr.get_ceil_div(total, ir.AffineExpr.get_constant(each))
    # Where threads meet at barriers no condition may be around them: the grid must be exact then.
    if not profile.grid_limit or each == 1:
        return Grid((threads, 1, 1), _map(kernel, [count, one, one])), gpu_index("gpu.block_id"), True
    rows = ir.AffineExpr.get_floor_div(count, ir.AffineExpr.get_constant(_ROW)) + 1
    group = add(gpu_index("gpu.block_id"), multiply(gpu_index("gpu.block_id", "y"), gpu_index("gpu.grid_dim")))
    grid = Grid((threads, 1, 1), _map(kernel, [ir.AffineExpr.get_ceil_div(count, rows), rows, one]), True)
    return grid, group, False


def _rows(count: int) -> int:
    """Rows of a grid of at least that many workgroups: a divisor if one is near."""
    least = -(-count // _ROW)
    return next((rows for rows in range(least, 64 * least) if count % rows == 0), least)


def _map(kernel: Kernel, exprs: Sequence[Any]) -> str:
    return str(ir.AffineMapAttr.get(ir.AffineMap.get(0, len(kernel.indices), list(exprs))))


def _ranges(loop: Any) -> list[_Range]:
    attributes, operands, columns = loop.attributes, iter(loop.operands), []
    for static in ("staticLowerBound", "staticUpperBound", "staticStep"):
        columns.append([next(operands) if v == _DYNAMIC else v for v in attributes[static]])
    ranges = []
    for lower, upper, step in zip(*columns, strict=True):
        if isinstance(lower, int) and isinstance(upper, int) and isinstance(step, int):
            count: Size = max(0, -(-(upper - lower) // step))
        else:
            span = upper if known(lower) == 0 else arith.SubIOp(value_of(upper), value_of(lower)).result
            count = span if known(step) == 1 else arith.CeilDivSIOp(value_of(span), value_of(step)).result
        ranges.append(_Range(lower, step, count))
    return ranges


def iterations(loop: Any) -> Size:
    """The number of the iteration of an `scf.forall` that the insertion point, inside of it, is in."""
    number: Size = 0
    for counter, range_ in zip(loop.regions[0].blocks[0].arguments, _ranges(loop), strict=True):
        here: Any = counter
        if known(range_.lower) != 0:
            here = arith.SubIOp(here, value_of(range_.lower)).result
        if known(range_.step) != 1:
            here = arith.DivUIOp(here, value_of(range_.step)).result
        number = add(multiply(number, range_.count), here)
    return number


def _total_expression(kernel: Kernel, loop: Any) -> Any:
    """Iterations of a loop as an affine expression whose symbols are the index arguments, or None."""
    attributes, operands, columns = loop.attributes, iter(loop.operands), []
    for static in ("staticLowerBound", "staticUpperBound", "staticStep"):
        columns.append(
            [
                expression(kernel, next(operands)) if v == _DYNAMIC else ir.AffineExpr.get_constant(v)
                for v in attributes[static]
            ]
        )
    total = ir.AffineExpr.get_constant(1)
    for lower, upper, step in zip(*columns, strict=True):
        if lower is None or upper is None or step is None:
            return None
        total = total * ir.AffineExpr.get_ceil_div(upper - lower, step)
    return total.maybe_downcast()


def expression(kernel: Kernel, value: Any) -> Any:
    """`value` as an affine expression whose symbols are the index arguments, or None."""
    if isinstance(value, ir.BlockArgument):
        at = value.arg_number
        inside = value.owner == kernel.block and at in kernel.indices
        return ir.AffineExpr.get_symbol(kernel.indices.index(at)) if inside else None
    op = value.owner
    if op.name == "arith.constant":
        return ir.AffineExpr.get_constant(ir.IntegerAttr(op.attributes["value"]).value)
    if op.name == "memref.dim":
        return expression(kernel, _argument_size(kernel, op)) if _argument_size(kernel, op) is not None else None
    inputs = [expression(kernel, v) for v in op.operands]
    if any(i is None for i in inputs):
        return None
    if op.name in _EXPRESSIONS:
        return _EXPRESSIONS[op.name](*inputs)
    if op.name == "arith.subi":
        return inputs[0] - inputs[1]
    if op.name == "affine.apply":
        map_ = ir.AffineMapAttr(op.attributes["map"]).value
        return _substitute(map_.results[0], inputs[: map_.n_dims], inputs[map_.n_dims :])
    return None


def _argument_size(kernel: Kernel, dim: Any) -> Any:
    """The index argument that holds the size that a `memref.dim` reads of a binding, or None."""
    source, number = dim.operands[0], known(dim.operands[1])
    for binding in kernel.bindings:
        if source == kernel.argument(binding.argument) and number is not None:
            dynamic = [d for d in range(source.type.rank) if source.type.is_dynamic_dim(d)]
            return kernel.argument(binding.sizes[dynamic.index(number)])
    return None


def _substitute(expr: Any, dims: Sequence[Any], symbols: Sequence[Any]) -> Any:
    expr = expr.maybe_downcast()
    if isinstance(expr, ir.AffineDimExpr):
        return dims[expr.position]
    if isinstance(expr, ir.AffineSymbolExpr):
        return symbols[expr.position]
    if isinstance(expr, ir.AffineConstantExpr):
        return expr
    lhs, rhs = _substitute(expr.lhs, dims, symbols), _substitute(expr.rhs, dims, symbols)
    if isinstance(expr, ir.AffineAddExpr):
        return lhs + rhs
    if isinstance(expr, ir.AffineMulExpr):
        return lhs * rhs
    if isinstance(expr, ir.AffineModExpr):
        return ir.AffineExpr.get_mod(lhs, rhs)
    if isinstance(expr, ir.AffineFloorDivExpr):
        return ir.AffineExpr.get_floor_div(lhs, rhs)
    return ir.AffineExpr.get_ceil_div(lhs, rhs)


def _inline(loop: Any, place: Any, *, exact: bool) -> None:
    """Puts the body of `loop` in its place, for the iteration whose number is `place`, if there is one.

    With `exact` there is one.
    """
    body = loop.regions[0].blocks[0]
    with loop.location, ir.InsertionPoint(loop):
        ranges = _ranges(loop)
        last: Any = loop
        if not exact:
            inside = arith.CmpIOp(6, value_of(place), value_of(product([r.count for r in ranges]))).result
            guard = scf.IfOp(inside)
            with ir.InsertionPoint(guard.then_block):
                last = scf.YieldOp([]).operation
    with loop.location, ir.InsertionPoint(last):
        numbers = delinearize(place, [r.count for r in ranges])
        for argument, number, range_ in zip(list(body.arguments), numbers, ranges, strict=True):
            argument.replace_all_uses_with(value_of(add(range_.lower, multiply(number, range_.step))))
    for op in list(body.operations)[:-1]:
        op.operation.move_before(last.operation)
    loop.operation.erase()
