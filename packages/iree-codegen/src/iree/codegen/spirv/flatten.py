"""Buffers as SPIR-V takes them: one dimension, a storage class, no views."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from iree.codegen.cpu.kernel import Kernel, dynamic_dims
from iree.codegen.cpu.structured import walk
from iree.codegen.spirv.indices import Size, add, dot, multiply, product, value_of
from iree.dialects.mlir import CompileError, ir, memref, vector

STORAGE, WORKGROUP, PRIVATE = "StorageBuffer", "Workgroup", "Function"
_DYNAMIC = ir.ShapedType.get_dynamic_size()


@dataclass(frozen=True)
class View:
    """A part of a flat memref: element ``[i, j, …]`` is at ``offset + i * strides[0] + j * strides[1] + …``."""

    base: Any
    offset: Size
    sizes: Sequence[Size]
    strides: Sequence[Size]

    def place(self, indices: Sequence[Size]) -> Size:
        """Where an element is."""
        return add(self.offset, dot(indices, self.strides))


def storage_class(name: str) -> Any:
    """The attribute that memrefs of a storage class have as memory space."""
    return ir.Attribute.parse(f"#spirv.storage_class<{name}>")


def flatten_bindings(kernel: Kernel) -> list[Any]:
    """Replaces the bindings' memrefs by new block arguments of one dimension and unknown size.

    Returns:
        The new arguments.
    """
    arguments = []
    for binding in kernel.bindings:
        old = kernel.argument(binding.argument)
        sizes = _sizes(old.type, [kernel.argument(s) for s in binding.sizes])
        type_ = ir.MemRefType.get([_DYNAMIC], old.type.element_type, memory_space=storage_class(STORAGE))
        new = kernel.block.add_argument(type_, kernel.function.location)
        with kernel.function.location, ir.InsertionPoint.at_block_begin(kernel.block):
            view = View(new, 0, sizes, row_major(sizes))
        replace_view(old, view)
        arguments.append(new)
    return arguments


def flatten_allocations(kernel: Kernel, space: str, limit: int) -> int:
    """Replaces allocations by ones of one dimension at the function's start.

    Args:
        kernel: The kernel.
        space: `PRIVATE` or `WORKGROUP`, for those that do not say where they are.
        limit: Bytes that they may take.

    Returns:
        Bytes of workgroup memory.

    Raises:
        CompileError: They take more, or one has a size that only the run tells.
    """
    total = {PRIVATE: 0, WORKGROUP: 0}
    for op in [op for op in walk(kernel.function) if op.name in ("memref.alloc", "memref.alloca")]:
        old = op.results[0].type
        if not old.has_static_shape:
            raise CompileError(f"kernel needs scratch memory of unknown size ({old}). Fuse less into one dispatch", op)
        count = max(1, prod(old.shape))
        made_for = WORKGROUP if old.memory_space is not None else space
        total[made_for] += count * element_bytes(old.element_type)
        if old.memory_space is not None:  # made for a workgroup on purpose
            op.move_before(kernel.block.operations[0])
            continue
        type_ = ir.MemRefType.get([count], old.element_type, memory_space=storage_class(space))
        with op.location, ir.InsertionPoint.at_block_begin(kernel.block):
            new = (memref.AllocaOp if space == PRIVATE else memref.AllocOp)(type_, [], []).result
        sizes = _sizes(old, [])
        with op.location, ir.InsertionPoint(op):
            view = View(new, 0, sizes, row_major(sizes))
        replace_view(op.results[0], view)
        op.erase()
    for op in [op for op in walk(kernel.function) if op.name == "memref.dealloc"]:
        op.erase()
    needed = max(total.values())
    if needed > limit:
        raise CompileError(
            f"kernel needs {needed} bytes of scratch memory; {limit} are possible. Fuse less into one dispatch",
            kernel.function,
        )
    return total[WORKGROUP]


def drop_arguments(kernel: Kernel, kept: list[Any]) -> None:
    """Erases all block arguments but the last ones, `kept`."""
    for _ in range(len(kernel.block.arguments) - len(kept)):
        kernel.block.erase_argument(0)
    retype(kernel)


def retype(kernel: Kernel) -> None:
    """Makes the function's type that of its block: arguments and no results."""
    types = [a.type for a in kernel.block.arguments]
    attributes = kernel.function.attributes
    attributes["function_type"] = ir.TypeAttr.get(ir.FunctionType.get(types, []))
    for name in ("arg_attrs", "res_attrs"):
        if name in attributes:
            del attributes[name]


def element_bytes(type_: Any) -> int:
    """Bytes of an element in memory."""
    if isinstance(type_, ir.ComplexType):
        return 2 * element_bytes(type_.element_type)
    if isinstance(type_, ir.VectorType):
        return int(prod(type_.shape)) * element_bytes(type_.element_type)
    return 4 if isinstance(type_, ir.IndexType) else -(-int(type_.width) // 8)


def _sizes(type_: Any, dynamic: list[Any]) -> list[Size]:
    values = iter(dynamic)
    unknown = dynamic_dims(type_)
    return [next(values) if d in unknown else type_.shape[d] for d in range(type_.rank)]


def row_major(sizes: Sequence[Size]) -> list[Size]:
    """Strides of an array without gaps."""
    strides: list[Size] = [1]
    for size in list(sizes)[:0:-1]:
        strides.append(multiply(strides[-1], size))
    return strides[::-1] if sizes else []


def replace_view(old: Any, view: View) -> None:
    """Makes what uses a memref use its flat replacement, through views of it."""
    for use in list(old.uses):
        op = use.owner.operation
        with op.location, ir.InsertionPoint(op):
            if op.name in _VIEWS:
                replace_view(op.results[0], _VIEWS[op.name](op, view))
            elif op.name == "memref.load":
                place = value_of(view.place(list(op.operands)[1:]))
                op.results[0].replace_all_uses_with(memref.LoadOp(view.base, [place]).result)
            elif op.name == "memref.store" and op.operands[1] == old:
                memref.StoreOp(op.operands[0], view.base, [value_of(view.place(list(op.operands)[2:]))])
            elif op.name == "vector.load":
                kind = op.results[0].type
                place = value_of(view.place(list(op.operands)[1:]))
                op.results[0].replace_all_uses_with(vector.LoadOp(kind, view.base, [place]).result)
            elif op.name == "vector.store":
                vector.StoreOp(op.operands[0], view.base, [value_of(view.place(list(op.operands)[2:]))])
            elif op.name == "memref.atomic_rmw":
                place = value_of(view.place(list(op.operands)[2:]))
                attributes = {"kind": op.attributes["kind"]}
                ir.Operation.create(op.name, [op.results[0].type], [op.operands[0], view.base, place], attributes)
            elif op.name == "memref.dim":
                size = view.sizes[ir.IntegerAttr(op.operands[1].owner.attributes["value"]).value]
                op.results[0].replace_all_uses_with(value_of(size))
            elif op.name != "memref.dealloc":
                raise CompileError(f"SPIR-V code generation cannot see through '{op.name}' of {old.type}", op)
        op.erase()


def _subview(op: Any, view: View) -> View:
    operands = iter(list(op.operands)[1:])
    offsets, sizes, steps = (
        [next(operands) if v == _DYNAMIC else v for v in op.attributes[name]]
        for name in ("static_offsets", "static_sizes", "static_strides")
    )
    start = add(view.offset, dot(offsets, view.strides))
    strides = [multiply(step, stride) for step, stride in zip(steps, view.strides, strict=True)]
    kept = _kept(list(sizes), op.results[0].type.rank)
    return View(view.base, start, [sizes[d] for d in kept], [strides[d] for d in kept])


def _kept(sizes: list[Size], rank: int) -> list[int]:
    """Dimensions that a view of lower rank keeps: as many as it has, of size one the last go first."""
    dropped = [d for d, size in enumerate(sizes) if isinstance(size, int) and size == 1][: len(sizes) - rank]
    return [d for d in range(len(sizes)) if d not in dropped]


def _collapse_shape(op: Any, view: View) -> View:
    sizes, strides = [], []
    for group in op.attributes["reassociation"]:
        dims = [ir.IntegerAttr(d).value for d in group]
        sizes.append(product([view.sizes[d] for d in dims]))
        wide = [d for d in dims if not (isinstance(view.sizes[d], int) and view.sizes[d] == 1)]
        strides.append(view.strides[(wide or dims)[-1]])
    return View(view.base, view.offset, sizes, strides)


def _expand_shape(op: Any, view: View) -> View:
    operands = iter(list(op.operands)[1:])
    sizes = [next(operands) if v == _DYNAMIC else v for v in op.attributes["static_output_shape"]]
    strides: list[Size] = [0] * len(sizes)
    for group, stride in zip(op.attributes["reassociation"], view.strides, strict=True):
        inner = stride
        for d in [ir.IntegerAttr(d).value for d in group][::-1]:
            strides[d] = inner
            inner = multiply(inner, sizes[d])
    return View(view.base, view.offset, sizes, strides)


def _cast(op: Any, view: View) -> View:
    return view


_VIEWS: dict[str, Callable[[Any, View], View]] = {
    "memref.subview": _subview,
    "memref.collapse_shape": _collapse_shape,
    "memref.expand_shape": _expand_shape,
    "memref.cast": _cast,
}
