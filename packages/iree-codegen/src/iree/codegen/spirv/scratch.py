"""Memory for allocations whose size only the call tells: one more binding of a kernel of one workgroup."""

from __future__ import annotations

from typing import Any

from iree.codegen.cpu.kernel import Kernel
from iree.codegen.cpu.structured import find
from iree.codegen.spirv.distribute import expression, outer_loops
from iree.codegen.spirv.flatten import STORAGE, View, element_bytes, replace_view, row_major, storage_class
from iree.codegen.spirv.indices import Size
from iree.dialects.mlir import CompileError, affine, ir

_LINE = 64


def bind_scratch(kernel: Kernel, bindings: list[Any]) -> str:
    """Replaces the allocations by parts of a new block argument, which is put behind the bindings.

    Args:
        kernel: Bufferized, its bindings flat.
        bindings: The flat bindings' block arguments; the new one is added.

    Returns:
        Text of the affine map that gives the bytes; empty if there is no such allocation.

    Raises:
        CompileError: They are of several types, or a size is no expression of the index arguments.
    """
    found = [op for op in find(kernel.function, "memref.alloc") if not op.results[0].type.has_static_shape]
    if not found or outer_loops(kernel):
        return ""
    elements = [op.results[0].type.element_type for op in found]
    if any(element != elements[0] for element in elements):
        types = ", ".join(sorted({str(element) for element in elements}))
        raise CompileError(
            f"kernel needs scratch memory of unknown size for several types ({types}). Fuse less into one dispatch",
            found[0],
        )
    dynamic = ir.ShapedType.get_dynamic_size()
    type_ = ir.MemRefType.get([dynamic], elements[0], memory_space=storage_class(STORAGE))
    memory = kernel.block.add_argument(type_, kernel.function.location)
    bindings.append(memory)
    total = ir.AffineExpr.get_constant(0)
    arguments = [kernel.argument(i) for i in kernel.indices]
    for op in found:
        old, dims = op.results[0].type, iter(op.operands)
        sizes: list[Size] = [next(dims) if old.is_dynamic_dim(d) else old.shape[d] for d in range(old.rank)]
        with op.location, ir.InsertionPoint.at_block_begin(kernel.block):
            start = affine.AffineApplyOp(ir.AffineMap.get(0, len(arguments), [total]), arguments).result
        with op.location, ir.InsertionPoint(op):
            view = View(memory, start, sizes, row_major(sizes))
        total = total + _elements(kernel, op, sizes)
        replace_view(op.results[0], view)
        op.erase()
    size = ir.AffineExpr.get_ceil_div(total * element_bytes(elements[0]), ir.AffineExpr.get_constant(_LINE)) * _LINE
    return str(ir.AffineMapAttr.get(ir.AffineMap.get(0, len(arguments), [size])))


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
