"""Threads of a workgroup and what they share."""

from __future__ import annotations

from typing import Any

from iree.codegen.spirv.distribute import gpu_index
from iree.codegen.spirv.flatten import WORKGROUP, storage_class
from iree.dialects.mlir import ir, memref


def thread_id() -> Any:
    """The thread's number in its workgroup."""
    return gpu_index("gpu.thread_id")


def barrier() -> None:
    """All threads of the workgroup come here before any goes on, and see what the others have stored."""
    ir.Operation.create("gpu.barrier")


def shared(type_: Any, count: int) -> Any:
    """Workgroup memory for that many elements."""
    kind = ir.MemRefType.get([count], type_, memory_space=storage_class(WORKGROUP))
    return memref.AllocOp(kind, [], []).result
