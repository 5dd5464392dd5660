"""The calling convention: bufferized kernels take bare pointers; a wrapper unpacks `iree_cpu_kernel_t`'s structures.

The bufferized function takes memrefs for bindings. `flatten` makes it take, in this order: one pointer per binding,
one per
scratch buffer, the constants, three workgroup ids. All pointers are ``noalias``; memrefs are views of them with
sizes from
the constants, so that static and dynamic shapes go the same way.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

from iree.codegen.cpu.kernel import WRITE, Kernel
from iree.codegen.cpu.structured import defining
from iree.dialects.mlir import CompileError, arith, ir, memref

MAX_BINDINGS, MAX_CONSTANT_WORDS = 64, 256
STACK_BUFFER_BYTES, STACK_BYTES = 4 * 1024, 32 * 1024
LOCAL_MEMORY_BYTES = 8 << 20
_CACHE_LINE = 64
_LLVM_TYPES = {"index": "i64", "f16": "half", "bf16": "bfloat", "f32": "float", "f64": "double"}


@dataclass(frozen=True)
class Signature:
    """What the wrapper needs to know.

    Attributes:
        name: The exported symbol.
        body: Symbol of the function it calls.
        bindings: Number of buffers.
        scratch: Offsets of scratch buffers in the worker's local memory.
        local_memory: Bytes of it.
        constants: LLVM type of each constant: ``i1``, ``i32``, ``float`` …
    """

    name: str
    body: str
    bindings: int
    scratch: tuple[int, ...]
    local_memory: int
    constants: tuple[str, ...]

    @property
    def constant_words(self) -> int:
        """32-bit words of constants."""
        return sum(_words(kind) for kind in self.constants)


def flatten(kernel: Kernel) -> Signature:
    """Turns the bufferized function's memrefs into bare pointers, allocations into scratch.

    Afterwards `kernel.constants` and `kernel.indices` number the new arguments; the last three arguments are the
    workgroup's ids.

    Raises:
        CompileError: More bindings or constants than a dispatch can hold, or a scratch buffer that is too large or of
            unknown size.
    """
    block, function = kernel.block, kernel.function
    scratch_ops, offsets = _scratch(kernel)
    old = list(block.arguments)
    if len(kernel.bindings) > MAX_BINDINGS:
        raise CompileError(f"kernel has {len(kernel.bindings)} buffers; {MAX_BINDINGS} are possible", function)
    index = ir.IndexType.get()
    pointer = ir.MemRefType.get([1], ir.IntegerType.get_signless(8))
    buffers = [block.add_argument(pointer, function.location) for _ in kernel.bindings]
    scratch = [block.add_argument(pointer, function.location) for _ in scratch_ops]
    constants = {c: block.add_argument(old[c].type, function.location) for c in kernel.constants}
    for _ in range(3):
        block.add_argument(index, function.location)
    with function.location, ir.InsertionPoint.at_block_begin(block):
        zero = arith.ConstantOp(index, ir.IntegerAttr.get(index, 0)).result
        for number, new in constants.items():
            old[number].replace_all_uses_with(new)
        for binding, buffer in zip(kernel.bindings, buffers, strict=True):
            sizes = [constants[s] for s in binding.sizes]
            view = memref.ViewOp(old[binding.argument].type, buffer, zero, sizes).result
            old[binding.argument].replace_all_uses_with(view)
        for op, buffer in zip(scratch_ops, scratch, strict=True):
            with op.location, ir.InsertionPoint(op):
                view = memref.ViewOp(op.results[0].type, buffer, zero, list(op.operands)).result
            op.results[0].replace_all_uses_with(view)
            op.erase()
    access = kernel.access
    for _ in old:
        block.erase_argument(0)
    kernel.constants = [len(buffers) + len(scratch) + i for i in range(len(constants))]
    kernel.indices = [c for c in kernel.constants if kernel.argument(c).type == index]
    _set_attributes(kernel, access, len(scratch))
    total = offsets.pop()
    kinds = tuple(_llvm_type(kernel.argument(c).type) for c in kernel.constants)
    signature = Signature(kernel.name, f"{kernel.name}.body", len(buffers), tuple(offsets), total, kinds)
    if signature.constant_words > MAX_CONSTANT_WORDS:
        raise CompileError(f"kernel has {signature.constant_words} words of constants", function)
    return signature


def _scratch(kernel: Kernel) -> tuple[list[Any], list[int]]:
    """Moves small buffers to the stack. The others, their offsets in local memory, and as the last offset their
    total size.
    """
    buffers: list[Any] = []

    def visit(op: Any) -> Any:
        if op.name == "memref.alloc":
            buffers.append(op)
        return ir.WalkResult.ADVANCE

    kernel.function.operation.walk(visit)
    stack, local, offsets = 0, [], [0]
    for op in buffers:
        size = _byte_size(op)
        if size <= STACK_BUFFER_BYTES and stack + size <= STACK_BYTES:
            stack += size
            _move_to_stack(kernel, op, size)
        else:
            local.append(op)
            offsets.append(offsets[-1] + -(-size // _CACHE_LINE) * _CACHE_LINE)
    if offsets[-1] > LOCAL_MEMORY_BYTES:
        raise CompileError(
            f"kernel needs {offsets[-1]} bytes of scratch memory; {LOCAL_MEMORY_BYTES} are possible. "
            "Fuse less into one dispatch",
            local[-1],
        )
    return local, offsets


def _move_to_stack(kernel: Kernel, op: Any, size: int) -> None:
    type_ = op.results[0].type
    static = bool(type_.has_static_shape)
    held = type_ if static else ir.MemRefType.get([size], ir.IntegerType.get_signless(8))
    with op.location, ir.InsertionPoint.at_block_begin(kernel.block):
        alignment = ir.IntegerAttr.get(ir.IntegerType.get_signless(64), _CACHE_LINE)
        on_stack = memref.AllocaOp(held, [], [], alignment=alignment).result
    if not static:
        with op.location, ir.InsertionPoint(op):
            zero = arith.ConstantOp(ir.IndexType.get(), ir.IntegerAttr.get(ir.IndexType.get(), 0)).result
            on_stack = memref.ViewOp(type_, on_stack, zero, list(op.operands)).result
    op.results[0].replace_all_uses_with(on_stack)
    op.erase()


def _byte_size(op: Any) -> int:
    """Bytes of an allocation; of one with dynamic sizes the most that they can be."""
    type_, sizes = op.results[0].type, iter(op.operands)
    extents = [_upper_bound(next(sizes)) if type_.is_dynamic_dim(d) else type_.shape[d] for d in range(type_.rank)]
    if None in extents:
        raise CompileError(f"kernel needs scratch memory of unknown size ({type_}). Fuse less into one dispatch", op)
    return prod(e or 0 for e in extents) * _element_bytes(type_.element_type)


def _upper_bound(value: Any) -> int | None:
    """The most that a tile's size can be: tiling writes it as the minimum of the tile size and what is left."""
    op = defining(value)
    if op is None:
        return None
    if op.name == "arith.constant":
        return int(ir.IntegerAttr(op.attributes["value"]).value)
    if op.name == "arith.minsi":
        bounds = [_upper_bound(v) for v in op.operands]
        return min((b for b in bounds if b is not None), default=None)
    if op.name == "affine.min":
        results = [e.maybe_downcast() for e in ir.AffineMapAttr(op.attributes["map"]).value.results]
        return min((int(e.value) for e in results if isinstance(e, ir.AffineConstantExpr)), default=None)
    if op.name == "affine.apply" and len(op.operands) == 2:
        return _rest_bound(op)
    return None


def _rest_bound(apply: Any) -> int | None:
    """The step of the loop that peeling splits off another: what is left, `end - index`, is less there, as it starts
    at the last multiple of the step.
    """
    index, end = apply.operands
    if not isinstance(index, ir.BlockArgument) or index.owner.owner.name != "scf.for":
        return None
    start, stop, by = list(index.owner.owner.operands)[:3]
    first, step = defining(start), _upper_bound(by)
    if stop != end or step is None or first is None or first.name != "affine.apply" or list(first.operands) != [end]:
        return None
    left, multiple = (ir.AffineMapAttr(op.attributes["map"]).value for op in (apply, first))
    dim, symbol = ir.AffineExpr.get_dim(0), ir.AffineExpr.get_symbol(0)
    minus = ir.AffineExpr.get_mul(dim, ir.AffineExpr.get_constant(-1))
    lefts = [
        ir.AffineMap.get(1, 1, [ir.AffineExpr.get_add(minus, symbol)]),
        ir.AffineMap.get(2, 0, [ir.AffineExpr.get_add(minus, ir.AffineExpr.get_dim(1))]),
    ]
    multiples = [
        ir.AffineMap.get(*counts, [ir.AffineExpr.get_mul(ir.AffineExpr.get_floor_div(value, size), size)])
        for counts, value in (((1, 0), dim), ((0, 1), symbol))
        for size in [ir.AffineExpr.get_constant(step)]
    ]
    return step if left in lefts and multiple in multiples else None


def _element_bytes(type_: Any) -> int:
    if isinstance(type_, ir.ComplexType):
        return 2 * _element_bytes(type_.element_type)
    return 8 if isinstance(type_, ir.IndexType) else -(-int(type_.width) // 8)


def _set_attributes(kernel: Kernel, access: tuple[int, ...], scratch: int) -> None:
    attributes = kernel.function.attributes
    types = [a.type for a in kernel.block.arguments]
    attributes["function_type"] = ir.TypeAttr.get(ir.FunctionType.get(types, []))
    attributes["sym_name"] = ir.StringAttr.get(f"{kernel.name}.body")
    attributes["llvm.linkage"] = ir.Attribute.parse("#llvm.linkage<internal>")
    unit, align = ir.UnitAttr.get(), ir.Attribute.parse(f"{_CACHE_LINE} : i64")
    rows = []
    for number in range(len(types)):
        row = {}
        if number < len(access) + scratch:
            row = {"llvm.noalias": unit, "llvm.nocapture": unit, "llvm.align": align}
        if number < len(access) and not access[number] & WRITE:
            row["llvm.readonly"] = unit
        rows.append(ir.DictAttr.get(row))
    attributes["arg_attrs"] = ir.ArrayAttr.get(rows)


def _llvm_type(type_: Any) -> str:
    text = str(type_)
    return _LLVM_TYPES.get(text, text)


def _words(kind: str) -> int:
    return 2 if kind in {"i64", "double"} else 1


_WRAPPER = """
define i32 @"{name}"(ptr noalias nonnull readonly %dispatch, ptr noalias nonnull readonly %workgroup) nounwind {{
  %constants = load ptr, ptr %dispatch, align 8
  %bindings_at = getelementptr i8, ptr %dispatch, i64 8
  %bindings = load ptr, ptr %bindings_at, align 8
  %local_at = getelementptr i8, ptr %workgroup, i64 16
  %local = load ptr, ptr %local_at, align 8
{loads}
  call void @"{body}"({arguments})
  ret i32 0
}}
"""


def wrapper(signature: Signature) -> str:
    """LLVM IR of the exported `iree_cpu_kernel_t`."""
    loads, arguments = [], []
    for i in range(signature.bindings):
        loads.append(f"%b{i}_at = getelementptr ptr, ptr %bindings, i64 {i}\n%b{i} = load ptr, ptr %b{i}_at, align 8")
        arguments.append(f"ptr %b{i}")
    for i, offset in enumerate(signature.scratch):
        loads.append(f"%s{i} = getelementptr i8, ptr %local, i64 {offset}")
        arguments.append(f"ptr %s{i}")
    word = 0
    for i, kind in enumerate(signature.constants):
        loads.append(
            f"%c{i}_at = getelementptr i32, ptr %constants, i64 {word}\n%c{i} = load {kind}, ptr %c{i}_at, align 4"
        )
        arguments.append(f"{kind} %c{i}")
        word += _words(kind)
    for i in range(3):
        loads.append(
            f"%w{i}_at = getelementptr i32, ptr %workgroup, i64 {i}\n%w{i}_32 = load i32, ptr %w{i}_at, align 4\n"
            f"%w{i} = zext i32 %w{i}_32 to i64"
        )
        arguments.append(f"i64 %w{i}")
    return _WRAPPER.format(
        name=signature.name, body=signature.body, loads="\n".join(loads), arguments=", ".join(arguments)
    )
