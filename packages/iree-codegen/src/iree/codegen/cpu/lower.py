"""A kernel on tensors -> memrefs -> loops and vectors -> LLVM IR text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from iree.codegen.cpu import passes
from iree.codegen.cpu.kernel import Kernel
from iree.codegen.cpu.llvm_text import to_llvm22
from iree.codegen.cpu.vectors import lower_vectors
from iree.dialects.mlir import CompileError, ir, linalg, llvm


def bufferize(kernel: Kernel) -> None:
    """Tensors become memrefs; copies become loops, so that none calls out."""
    passes.run("bufferize", kernel.module)
    for op in find(kernel.module, "memref.copy"):
        if op.operands[0] != op.operands[1]:
            with op.location, ir.InsertionPoint(op):
                linalg.copy(op.operands[0], outs=[op.operands[1]])
        op.erase()


def to_llvm(kernel: Kernel) -> str:
    """Lowers a flattened kernel.

    Returns:
        LLVM IR as LLVM 22 reads it.

    Raises:
        CompileError: Some operation has no lowering; names it.
    """
    if any(isinstance(r.type, ir.VectorType) for op in walk(kernel.module) for r in op.results):
        lower_vectors(kernel.module)
    passes.run("loops", kernel.module)
    passes.run("llvm", kernel.module)
    check_lowered(kernel.module)
    return to_llvm22(str(llvm.translate_module_to_llvmir(kernel.module.operation)))


def check_lowered(module: Any) -> None:
    """The translation to LLVM IR crashes on foreign operations: refuse them first."""
    for op in walk(module):
        if not op.name.startswith("llvm.") and op.name != "builtin.module":
            raise CompileError(
                f"CPU code generation cannot lower '{op.name}'; --dump-compilation-phases-to=DIR shows the kernel", op
            )


def walk(root: Any) -> Iterator[Any]:
    """All operations below `root`, outermost first, collected before the first is given."""
    found: list[Any] = []

    def visit(op: Any) -> Any:
        found.append(op)
        return ir.WalkResult.ADVANCE

    root.operation.walk(visit, ir.WalkOrder.PRE_ORDER)
    return iter(found)


def find(root: Any, *names: str) -> list[Any]:
    """The operations below `root` with one of these names."""
    return [op for op in walk(root) if op.name in names]
