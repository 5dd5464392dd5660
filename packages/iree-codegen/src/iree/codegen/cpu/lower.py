"""A kernel on tensors -> memrefs -> loops and vectors -> LLVM IR text."""

from __future__ import annotations

from typing import Any

from iree.codegen.cpu import passes, vector_functions
from iree.codegen.cpu.dot_products import use_dot_products
from iree.codegen.cpu.features import Machine
from iree.codegen.cpu.kernel import Kernel
from iree.codegen.cpu.llvm_text import to_llvm22
from iree.codegen.cpu.structured import defining, find, walk
from iree.codegen.cpu.vectors import lower_vectors
from iree.dialects.mlir import CompileError, func, ir, linalg, llvm, tensor


def bufferize(kernel: Kernel) -> None:
    """Tensors become memrefs; copies become loops, so that none calls out."""
    _separate_empties(kernel)
    passes.run("destinations", kernel.module)
    _drop_stores(kernel)
    passes.run("bufferize", kernel.module)
    _store_results(kernel)
    for op in find(kernel.module, "memref.copy"):
        if op.operands[0] != op.operands[1]:
            with op.location, ir.InsertionPoint(op):
                linalg.copy(op.operands[0], outs=[op.operands[1]])
        op.erase()


def _separate_empties(kernel: Kernel) -> None:
    """Gives every use its own `tensor.empty`: one that is shared would be one buffer with conflicting contents."""
    for empty in find(kernel.module, "tensor.empty"):
        for use in list(empty.results[0].uses)[1:]:
            user = use.owner
            with user.location, ir.InsertionPoint(user):
                copy = tensor.EmptyOp.build_generic([empty.results[0].type], list(empty.operands))
            user.operands[use.operand_number] = copy.results[0]


def _drop_stores(kernel: Kernel) -> None:
    """Drops the store of what loops make in the tensor that they start from: bufferization would take it for a
    conflict.

    `_store_results` puts it back if the loop was not bufferized in place.
    """
    for store in find(kernel.module, "bufferization.materialize_in_destination"):
        source, into = store.operands
        start = source
        while (loop := defining(start)) is not None and loop.name == "scf.for":
            start = loop.operands[3 + list(loop.results).index(start)]
        if start != source and start == into:
            store.results[0].replace_all_uses_with(source)
            store.erase()


def _store_results(kernel: Kernel) -> None:
    """Copies results that bufferization left elsewhere to their destinations; the function then returns nothing."""
    terminator = list(kernel.block.operations)[-1]
    with terminator.location, ir.InsertionPoint(terminator):
        for result, number in zip(list(terminator.operands), kernel.destinations, strict=True):
            destination = kernel.argument(number)
            base = result
            while (op := defining(base)) is not None and op.name in _VIEWS:
                base = op.operands[0]
            if base != destination:
                linalg.copy(result, outs=[destination])
        func.ReturnOp([])
    terminator.operation.erase()


_VIEWS = {"memref.collapse_shape", "memref.expand_shape", "memref.cast"}


def to_llvm(kernel: Kernel, machine: Machine) -> str:
    """Lowers a flattened kernel.

    Returns:
        LLVM IR as LLVM 22 reads it.

    Raises:
        CompileError: Some operation has no lowering; names it.
    """
    if any(isinstance(r.type, ir.VectorType) for op in walk(kernel.module) for r in op.results):
        use_dot_products(kernel.module, machine)
        lower_vectors(kernel.module)
    passes.run("loops", kernel.module)
    functions = vector_functions.call(kernel.module, combine=machine.reassociate)
    passes.run("llvm" if machine.reassociate else "llvm, in order", kernel.module)
    if not machine.fused:
        _split_fused(kernel)
    check_lowered(kernel.module)
    text = to_llvm22(str(llvm.translate_module_to_llvmir(kernel.module.operation)))
    return text + (vector_functions.keep(functions) if functions else "")


def _split_fused(kernel: Kernel) -> None:
    """Where there is no fused multiply-add, products are rounded twice: LLVM would call a function otherwise."""
    for op in find(kernel.module, "llvm.intr.fma"):
        with op.location, ir.InsertionPoint(op):
            new = ir.Operation.create("llvm.intr.fmuladd", [op.results[0].type], list(op.operands))
        op.results[0].replace_all_uses_with(new.results[0])
        op.erase()


def check_lowered(module: Any) -> None:
    """The translation to LLVM IR crashes on foreign operations: refuse them first."""
    for op in walk(module):
        if not op.name.startswith("llvm.") and op.name != "builtin.module":
            raise CompileError(
                f"CPU code generation cannot lower '{op.name}'; --dump-compilation-phases-to=DIR shows the kernel", op
            )
