"""Memory for allocations that are too large for a workgroup, or whose size only the call tells: one more binding."""

from __future__ import annotations

from math import prod
from typing import Any

from iree.codegen.cpu.kernel import Kernel
from iree.codegen.cpu.structured import find
from iree.codegen.spirv.distribute import expression, iterations, outer_loops
from iree.codegen.spirv.flatten import STORAGE, View, element_bytes, replace_view, row_major, storage_class
from iree.codegen.spirv.indices import Size, add, multiply, value_of
from iree.codegen.spirv.loops.nests import is_inside
from iree.dialects.mlir import CompileError, affine, ir

_LINE = 64


def bind_scratch(kernel: Kernel, bindings: list[Any], each: int, limit: int) -> str:
    """Replaces allocations by parts of a new block argument, which is put behind the bindings.

    Args:
        kernel: Bufferized, its bindings flat. Each iteration of its `scf.forall` has a part of its own.
        bindings: The flat bindings' block arguments; the new one is added.
        each: Iterations of one workgroup.
        limit: Bytes that other memory has for allocations whose size is known.

    Returns:
        Text of the affine map that gives the bytes of a workgroup; empty if there is no such allocation.

    Raises:
        CompileError: They are of several types, or a size is no expression of the index arguments.
    """
    found = _wanted(kernel, limit)
    if not found:
        return ""
    loops = outer_loops(kernel)
    element = found[0].results[0].type.element_type
    dynamic = ir.ShapedType.get_dynamic_size()
    type_ = ir.MemRefType.get([dynamic], element, memory_space=storage_class(STORAGE))
    memory = kernel.block.add_argument(type_, kernel.function.location)
    bindings.append(memory)
    arguments = [kernel.argument(i) for i in kernel.indices]
    shapes = [_shape(op) for op in found]
    totals = [_elements(kernel, op, sizes) for op, sizes in zip(found, shapes, strict=True)]
    whole = sum(totals, ir.AffineExpr.get_constant(0))
    start = ir.AffineExpr.get_constant(0)

    def value(expr: Any) -> Any:
        return affine.AffineApplyOp(ir.AffineMap.get(0, len(arguments), [expr]), arguments).result

    for op, sizes, total in zip(found, shapes, totals, strict=True):
        with op.location, ir.InsertionPoint.at_block_begin(kernel.block):
            place, part = value(start), value(whole)
        with op.location, ir.InsertionPoint(op):
            if loops:
                place = value_of(add(place, multiply(_number(loops, op), part)))
            view = View(memory, place, sizes, row_major(sizes))
        start = start + total
        replace_view(op.results[0], view)
        op.erase()
    bytes_ = whole * (element_bytes(element) * (each if loops else 1))
    size = ir.AffineExpr.get_ceil_div(bytes_, ir.AffineExpr.get_constant(_LINE)) * _LINE
    return str(ir.AffineMapAttr.get(ir.AffineMap.get(0, len(arguments), [size])))


def _wanted(kernel: Kernel, limit: int) -> list[Any]:
    """The allocations that no other memory holds, all of one type."""
    plain = [op for op in find(kernel.function, "memref.alloc") if op.results[0].type.memory_space is None]
    unknown = [op for op in plain if not op.results[0].type.has_static_shape]
    known = sorted((op for op in plain if op not in unknown), key=_bytes)
    held = [op for op in find(kernel.function, "memref.alloc") if op not in plain]
    left = limit - sum(map(_bytes, held))
    found = list(unknown)
    if sum(map(_bytes, known)) > left:
        largest = found[0] if found else known[-1]
        found += [op for op in known if _element(op) == _element(largest)]
    if any(_element(op) != _element(found[0]) for op in found):
        types = ", ".join(sorted({str(_element(op)) for op in found}))
        raise CompileError(
            f"kernel needs scratch memory of unknown size for several types ({types}). Fuse less into one dispatch",
            found[0],
        )
    return found


def _element(op: Any) -> Any:
    return op.results[0].type.element_type


def _bytes(op: Any) -> int:
    type_ = op.results[0].type
    return int(prod(type_.shape)) * element_bytes(type_.element_type)


def _number(loops: list[Any], op: Any) -> Any:
    """Which iteration of the loops around it an operation is in."""
    (loop,) = [loop for loop in loops if is_inside(op, loop)]
    return iterations(loop)


def _shape(op: Any) -> list[Size]:
    type_, dims = op.results[0].type, iter(op.operands)
    return [next(dims) if type_.is_dynamic_dim(d) else type_.shape[d] for d in range(type_.rank)]


def _elements(kernel: Kernel, op: Any, sizes: list[Size]) -> Any:
    count = ir.AffineExpr.get_constant(1)
    for size in sizes:
        factor = ir.AffineExpr.get_constant(size) if isinstance(size, int) else expression(kernel, size)
        if factor is None:
            raise CompileError(
                f"kernel needs scratch memory whose size depends on data ({op.results[0].type}). "
                "Fuse less into one dispatch",
                op,
            )
        count = ir.AffineExpr.get_mul(count, factor)
    return count
