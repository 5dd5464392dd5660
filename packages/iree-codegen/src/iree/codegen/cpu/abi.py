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

from iree.codegen.cpu.kernel import READ, WRITE, Kernel
from iree.codegen.cpu.scratch import CACHE_LINE, place
from iree.dialects.mlir import CompileError, arith, ir, memref

MAX_BINDINGS, MAX_CONSTANT_WORDS = 64, 256
_BINDING_ALIGNMENT = 16  # of cpu_executable.h
_LLVM_TYPES = {"index": "i64", "f16": "half", "bf16": "bfloat", "f32": "float", "f64": "double"}


@dataclass(frozen=True)
class Signature:
    """What the wrapper needs to know.

    Attributes:
        name: The exported symbol.
        body: Symbol of the function it calls.
        bindings: Number of buffers that the body takes.
        scratch: Offsets of scratch buffers in the worker's local memory.
        local_memory: Bytes of it.
        shared: Bytes of each scratch buffer in the binding behind the others, of which every workgroup has its own:
            affine expressions over the index arguments as symbols, of which the first is constant `first_index`.
        constants: LLVM type of each constant: ``i1``, ``i32``, ``float`` …
    """

    name: str
    body: str
    bindings: int
    scratch: tuple[int, ...]
    local_memory: int
    constants: tuple[str, ...]
    shared: tuple[Any, ...] = ()
    first_index: int = 0

    @property
    def constant_words(self) -> int:
        """32-bit words of constants."""
        return sum(_words(kind) for kind in self.constants)

    def word(self, constant: int) -> int:
        """Where a constant begins, in 32-bit words."""
        return sum(_words(kind) for kind in self.constants[:constant])

    @property
    def access(self) -> tuple[int, ...]:
        """Of the binding for scratch, if there is one: see `iree.codegen.targets.CompiledKernel`."""
        return (READ | WRITE,) if self.shared else ()

    @property
    def scratch_bytes(self) -> str:
        """Bytes of that binding for each workgroup: an affine map over the index arguments; empty if there is none."""
        if not self.shared:
            return ""
        indices = len(self.constants) - self.first_index
        return str(ir.AffineMapAttr.get(ir.AffineMap.get(0, indices, [_sum(self.shared)])))


def flatten(kernel: Kernel) -> Signature:
    """Turns the bufferized function's memrefs into bare pointers, allocations into scratch.

    Afterwards `kernel.constants` and `kernel.indices` number the new arguments; the last three arguments are the
    workgroup's ids.

    Raises:
        CompileError: More bindings or constants than a dispatch can hold, or a scratch buffer that is too large or
            whose size depends on data.
    """
    block, function = kernel.block, kernel.function
    placed = place(kernel)
    scratch_ops = [op for op, _ in (*placed.local, *placed.shared)]
    old = list(block.arguments)
    needed = len(kernel.bindings) + bool(placed.shared)
    if needed > MAX_BINDINGS:
        raise CompileError(f"kernel has {needed} buffers; {MAX_BINDINGS} are possible", function)
    index = ir.IndexType.get()
    pointer = ir.MemRefType.get([1], ir.IntegerType.get_signless(8))
    buffers = [block.add_argument(pointer, function.location) for _ in kernel.bindings]
    scratch = [block.add_argument(pointer, function.location) for _ in scratch_ops]
    constants = {c: block.add_argument(old[c].type, function.location) for c in kernel.constants}
    for _ in range(3):
        block.add_argument(index, function.location)
    doomed: list[Any] = []  # erased last: the insertion point is before the first operation, which may be one of them
    with function.location, ir.InsertionPoint.at_block_begin(block):
        zero = arith.ConstantOp(index, ir.IntegerAttr.get(index, 0)).result
        for number, new in constants.items():
            old[number].replace_all_uses_with(new)
        for binding, buffer in zip(kernel.bindings, buffers, strict=True):
            sizes = [constants[s] for s in binding.sizes]
            view = memref.ViewOp(old[binding.argument].type, buffer, zero, sizes).result
            old[binding.argument].replace_all_uses_with(view)
            doomed += _reshape_views(view, buffer, zero, sizes)
        for op, buffer in zip(scratch_ops, scratch, strict=True):
            with op.location, ir.InsertionPoint(op):
                view = memref.ViewOp(op.results[0].type, buffer, zero, list(op.operands)).result
            op.results[0].replace_all_uses_with(view)
            op.erase()
    for op in doomed:
        op.erase()
    access = kernel.access
    for _ in old:
        block.erase_argument(0)
    kernel.constants = [len(buffers) + len(scratch) + i for i in range(len(constants))]
    kernel.indices = [c for c in kernel.constants if kernel.argument(c).type == index]
    _set_attributes(kernel, access, len(scratch))
    kinds = tuple(_llvm_type(kernel.argument(c).type) for c in kernel.constants)
    signature = Signature(
        kernel.name,
        f"{kernel.name}.body",
        len(buffers),
        tuple(offset for _, offset in placed.local),
        placed.local_bytes,
        kinds,
        tuple(size for _, size in placed.shared),
        len(kernel.constants) - len(kernel.indices),
    )
    if signature.constant_words > MAX_CONSTANT_WORDS:
        raise CompileError(f"kernel has {signature.constant_words} words of constants", function)
    return signature


def _reshape_views(view: Any, buffer: Any, zero: Any, sizes: list[Any]) -> list[Any]:
    """Makes what collapses a view's dimensions a view itself; returns the operations that are of no use then.

    Lowered as it is, each access would find its indices by division, which no loop can be vectorized with.
    """
    done = []
    for use in list(view.uses):
        op = use.owner.operation
        if op.name != "memref.collapse_shape":
            continue
        old, new = view.type, op.results[0].type
        remaining = iter(sizes)
        extents = [next(remaining) if old.is_dynamic_dim(d) else old.shape[d] for d in range(old.rank)]
        groups = [[ir.IntegerAttr(d).value for d in ir.ArrayAttr(g)] for g in op.attributes["reassociation"]]
        collapsed = [_product([extents[i] for i in g]) for d, g in enumerate(groups) if new.is_dynamic_dim(d)]
        op.results[0].replace_all_uses_with(memref.ViewOp(new, buffer, zero, collapsed).result)
        done.append(op)
    return done


def _product(extents: list[Any]) -> Any:
    """The product as an index value at the insertion point."""
    index = ir.IndexType.get()
    total = arith.ConstantOp(index, ir.IntegerAttr.get(index, prod(e for e in extents if isinstance(e, int)))).result
    for extent in extents:
        if not isinstance(extent, int):
            total = arith.MulIOp(total, extent).result
    return total


def _set_attributes(kernel: Kernel, access: tuple[int, ...], scratch: int) -> None:
    attributes = kernel.function.attributes
    types = [a.type for a in kernel.block.arguments]
    attributes["function_type"] = ir.TypeAttr.get(ir.FunctionType.get(types, []))
    attributes["sym_name"] = ir.StringAttr.get(f"{kernel.name}.body")
    attributes["llvm.linkage"] = ir.Attribute.parse("#llvm.linkage<internal>")
    unit, alignments = ir.UnitAttr.get(), [_BINDING_ALIGNMENT] * len(access) + [CACHE_LINE] * scratch
    rows = []
    for number in range(len(types)):
        row = {}
        if number < len(access) + scratch:
            align = ir.Attribute.parse(f"{alignments[number]} : i64")
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


_POINTERS = """%constants = load ptr, ptr %dispatch, align 8
%bindings_at = getelementptr i8, ptr %dispatch, i64 8
%bindings = load ptr, ptr %bindings_at, align 8
%local_at = getelementptr i8, ptr %workgroup, i64 16
%local = load ptr, ptr %local_at, align 8"""
_WRAPPER = """
define i32 @"{name}"(ptr noalias nonnull readonly %dispatch, ptr noalias nonnull readonly %workgroup) nounwind {{
{loads}
  call void @"{body}"({arguments})
  ret i32 0
}}
"""


def wrapper(signature: Signature) -> str:
    """LLVM IR of the exported `iree_cpu_kernel_t`."""
    loads, arguments = load_arguments(signature)
    loads += _shared(signature)
    return _WRAPPER.format(
        name=signature.name, body=signature.body, loads="\n".join(loads), arguments=", ".join(arguments)
    )


def load_arguments(signature: Signature) -> tuple[list[str], list[str]]:
    """LLVM IR that loads what the body takes of ``%dispatch`` and ``%workgroup``, and the arguments, of which the last
    are the workgroup's ids.
    """
    loads, arguments = [_POINTERS], list[str]()
    for i in range(signature.bindings):
        loads.append(f"%b{i}_at = getelementptr ptr, ptr %bindings, i64 {i}\n%b{i} = load ptr, ptr %b{i}_at, align 8")
        arguments.append(f"ptr %b{i}")
    for i, offset in enumerate(signature.scratch):
        loads.append(f"%s{i} = getelementptr i8, ptr %local, i64 {offset}")
        arguments.append(f"ptr %s{i}")
    arguments += [f"ptr %shared{i}" for i in range(len(signature.shared))]
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
    return loads, arguments


GROUP = """%dispatch_count_at = getelementptr i8, ptr %dispatch, i64 16
%count0_32 = load i32, ptr %dispatch_count_at, align 4
%count0 = zext i32 %count0_32 to i64
%count1_at = getelementptr i8, ptr %dispatch, i64 20
%count1_32 = load i32, ptr %count1_at, align 4
%count1 = zext i32 %count1_32 to i64
%group0 = mul i64 %w2, %count1
%group1 = add i64 %group0, %w1
%group2 = mul i64 %group1, %count0
%group = add i64 %group2, %w0"""


def _shared(signature: Signature) -> list[str]:
    """Loads of the pointers to the workgroup's part of the scratch binding."""
    if not signature.shared:
        return []
    lines = [GROUP]
    number = signature.bindings
    lines.append(f"%b{number}_at = getelementptr ptr, ptr %bindings, i64 {number}")
    lines.append(f"%b{number} = load ptr, ptr %b{number}_at, align 8")
    each = arithmetic(_sum(signature.shared), signature, lines)
    lines.append(f"%part = mul i64 %group, {each}")
    lines.append(f"%shared0 = getelementptr i8, ptr %b{number}, i64 %part")
    for i, size in enumerate(signature.shared[:-1]):
        lines.append(f"%shared{i + 1} = getelementptr i8, ptr %shared{i}, i64 {arithmetic(size, signature, lines)}")
    return lines


def _sum(expressions: tuple[Any, ...]) -> Any:
    total = expressions[0]
    for expression in expressions[1:]:
        total = ir.AffineExpr.get_add(total, expression)
    return total


def arithmetic(expression: Any, signature: Signature, lines: list[str]) -> str:
    """The LLVM IR value of an affine expression of the index arguments; appends the instructions that compute it."""
    e = expression.maybe_downcast()
    if isinstance(e, ir.AffineConstantExpr):
        return str(e.value)
    if isinstance(e, ir.AffineSymbolExpr | ir.AffineDimExpr):
        return f"%c{signature.first_index + e.position}"
    left, right = (arithmetic(part, signature, lines) for part in (e.lhs, e.rhs))

    def emit(operation: str, a: str, b: str) -> str:
        lines.append(f"%e{len(lines)} = {operation} i64 {a}, {b}")
        return f"%e{len(lines) - 1}"

    if isinstance(e, ir.AffineCeilDivExpr):
        return emit("udiv", emit("add", left, emit("sub", right, "1")), right)
    names = {ir.AffineAddExpr: "add", ir.AffineMulExpr: "mul", ir.AffineFloorDivExpr: "udiv", ir.AffineModExpr: "urem"}
    return emit(next(name for kind, name in names.items() if isinstance(e, kind)), left, right)
