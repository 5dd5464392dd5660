"""What loops do to memory, and copies of their operations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from iree.codegen.cpu.structured import defining, walk
from iree.codegen.spirv.indices import known
from iree.dialects.mlir import ir

PURE = ("arith.", "affine.", "math.", "complex.")
ALLOCATIONS = frozenset({"memref.alloc", "memref.alloca"})
VIEWS = frozenset(f"memref.{name}" for name in "dim subview collapse_shape expand_shape cast".split())

_READING = frozenset({"memref.load", "memref.dim", "scf.for", "scf.if", "scf.while", "scf.condition", "scf.yield"})


def is_pure(op: Any) -> bool:
    """Whether an operation computes numbers from numbers."""
    return bool(op.name.startswith(PURE)) and not op.regions


def effects(block: Any) -> list[Any]:
    """The operations of a block that do more than compute, allocate, load or end it."""
    silent = ALLOCATIONS | VIEWS | {"memref.load", "memref.dealloc", "func.return", "scf.yield"}
    return [op.operation for op in block.operations if not is_pure(op.operation) and op.operation.name not in silent]


def written(ops: Iterable[Any]) -> list[Any] | None:
    """The memrefs that operations, or those inside of them, store to; None if one does more than loads and stores."""
    found: list[Any] = []
    for root in ops:
        for op in walk(root):
            if op.name == "memref.store":
                if op.operands[1] not in found:
                    found.append(op.operands[1])
            elif op.name not in _READING and not is_pure(op):
                return None
    return found


def accesses(memref: Any, root: Any) -> list[list[Any]] | None:
    """Where a memref is loaded and stored inside an operation, as indices.

    None if it is used otherwise there, or if there are views of the same memory.
    """
    found = []
    made = defining(memref)
    if made is not None and made.name in VIEWS:
        return None
    for use in memref.uses:
        op = use.owner.operation
        if op.name in VIEWS and op.name != "memref.dim":
            return None
        if not is_inside(op, root):
            continue
        if op.name == "memref.load":
            found.append(list(op.operands)[1:])
        elif op.name == "memref.store" and op.operands[1] == memref:
            found.append(list(op.operands)[2:])
        elif op.name != "memref.dim":
            return None
    return found


def is_inside(op: Any, root: Any) -> bool:
    """Whether an operation is `root` or in one of its regions."""
    while op is not None and op != root:
        op = op.parent.operation if op.parent is not None else None
    return op is not None


def is_defined_inside(value: Any, root: Any) -> bool:
    """Whether a value is made inside an operation."""
    owner = value.owner.owner if isinstance(value.owner, ir.Block) else value.owner
    return is_inside(owner.operation, root) and not (owner.operation == root and not isinstance(value.owner, ir.Block))


def is_counted(loop: Any) -> bool:
    """Whether a loop counts up by one and passes nothing from one iteration to the next."""
    return loop.name == "scf.for" and not loop.results and known(loop.operands[2]) == 1


def is_parallel(loop: Any) -> bool:
    """Whether the iterations of a loop may run in any order."""
    return is_counted(loop) and stores_apart(loop)


def stores_apart(loop: Any) -> bool:
    """Whether no iteration of a loop touches what another one stores.

    That is so if some index of all accesses to a memref that it stores to is the loop's own, or a difference from it.
    """
    block = loop.regions[0].blocks[0]
    stored = written([op.operation for op in block.operations])
    if stored is None:
        return False
    iteration = block.arguments[0]
    for memref in stored:
        places = accesses(memref, loop)
        if places is None or not any(
            all(_distinct(place[d], places[0][d], iteration, loop) for place in places) for d in range(memref.type.rank)
        ):
            return False
    return True


def _distinct(index: Any, first: Any, iteration: Any, loop: Any) -> bool:
    """Whether an index is the same as another, and another one in every iteration."""
    if index == iteration:
        return bool(first == iteration)
    ops = [defining(index), defining(first)]
    if any(op is None or op.name not in ("arith.subi", "arith.addi") for op in ops):
        return False
    a, b = ops
    if a.name != b.name or list(a.operands) != list(b.operands):
        return False
    others = [value for value in a.operands if value != iteration]
    return len(others) == 1 and not is_defined_inside(others[0], loop)


def copy(ops: Sequence[Any], mapping: dict[Any, Any]) -> None:
    """Copies operations to the insertion point with other operands; what they make is added to the mapping."""
    for op in ops:
        new = op.operation.clone()
        for inner in walk(new):
            for number, operand in enumerate(inner.operands):
                if operand in mapping:
                    inner.operands[number] = mapping[operand]
        mapping.update(zip(op.results, new.results, strict=True))


def leading_to(values: Iterable[Any], block: Any) -> list[Any]:
    """The operations of a block that values depend on, in order."""
    needed: list[Any] = []
    pending = [value for value in values if not isinstance(value, ir.BlockArgument)]
    while pending:
        op = pending.pop().owner.operation
        while op.block != block and op.parent is not None and op.parent.operation.name != "func.func":
            op = op.parent.operation
        if op.block != block or op in needed:
            continue
        needed.append(op)
        for inner in walk(op):
            pending += [value for value in inner.operands if not isinstance(value, ir.BlockArgument)]
    return [op.operation for op in block.operations if op.operation in needed]
