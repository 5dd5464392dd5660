"""Fuses elementwise operations with each other and into reductions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from iree.dialects.bindings import max_bindings
from iree.dialects.mlir import ir, run_upstream
from iree.dialects.passes import Pass
from iree.dialects.transforms.fusion import MAX_OPERANDS
from iree.dialects.transforms.structure import Structure, defining, functions, is_tensor, shape_of, walk

_FENCE = "flow.fence"
MAX_OPERATIONS = 1024
"""Of one that others were fused into."""


@dataclass(frozen=True)
class FuseElementwise(Pass):
    """Upstream's fusion of elementwise operations and reshapes, kept away from contractions and convolutions.

    These would take in what makes their operands, and compute it again for every use of an element; or take the shape
    of a reshape around them, which hides what they are. Reshapes that split or merge dimensions stay where they are.
    Long chains, of selections that loops that are unrolled leave, say, are cut where one would read too many tensors,
    and where it would have so many operations that upstream, whose time is their number squared, would not end.
    """

    name = "fuse-elementwise"

    def apply(self, module: Any) -> None:
        """See the class."""
        bound = max_bindings(module)
        if bound is None:
            _fuse(module, MAX_OPERANDS, _Shared.READ)
            return
        most = min(MAX_OPERANDS, bound - 1)
        before = [function.clone() for function in functions(module)]
        for shared in _Shared:
            _fuse(module, most, shared)
            if _most_read(module) <= bound - 1:
                return
            if shared is not _Shared.APART:
                for function, clone in zip(functions(module), before, strict=True):
                    ir.InsertionPoint(function).insert(clone.clone())
                    function.erase()


class _Shared(Enum):
    """What is supposed of values with several uses, for there is no telling before: those that read them may all
    become one operation, which then takes in what makes them too.
    """

    READ = "tensors that are read"
    MERGED = "part of whatever reads them"
    APART = "tensors that are read, as they are kept apart: little is fused, but nothing reads more than is known"


def _fuse(module: Any, most: int, shared: _Shared) -> None:
    """Fuses.

    Args:
        module: Changed in place.
        most: Tensors that an operation may read.
        shared: What to suppose.
    """
    for function in functions(module):
        read: dict[Any, frozenset[Any]] = {}
        sizes: dict[Any, int] = {}
        for op in walk(function):
            if _is_contraction(op) or _splits_or_merges(op):
                _fence(op)
            else:
                _cut(op, read, most, shared)
                _cut_long(op, sizes)
    run_upstream(module, "func.func(linalg-fuse-elementwise-ops),canonicalize,cse")
    for function in functions(module):
        for op in walk(function):
            if op.name == _FENCE:
                op.results[0].replace_all_uses_with(op.operands[0])
                op.erase()


def _most_read(module: Any) -> int:
    """The number of tensors that the operation reads that reads most of them."""
    largest = 0
    for function in functions(module):
        for op in walk(function):
            structure = Structure.of(op)
            if structure is not None:
                tensors = {value for value in structure.inputs if is_tensor(value.type) and not _is_constant(value)}
                largest = max(largest, len(tensors))
    return largest


def _is_contraction(op: Any) -> bool:
    structure = Structure.of(op)
    return structure is not None and bool(structure.reductions) and not structure.row_reduction


def _splits_or_merges(op: Any) -> bool:
    """Is it a reshape that does more than add or remove dimensions of size 1?"""
    if op.name not in ("tensor.expand_shape", "tensor.collapse_shape"):
        return False
    shapes = [[size for size in shape_of(v.type) if size != 1] for v in (op.operands[0], op.results[0])]
    return shapes[0] != shapes[1]


def _cut(op: Any, read: dict[Any, frozenset[Any]], most: int, shared: _Shared) -> None:
    """Fences operands where the operation, with what fusion would make part of it, read more than `most` tensors.

    Args:
        op: In the order of the program.
        read: Tensors that an operation would read, by its result; this one is added.
        most: Tensors that it may read.
        shared: What to suppose.
    """
    structure = Structure.of(op)
    if structure is None:
        if op.name in ("tensor.expand_shape", "tensor.collapse_shape"):
            read[op.results[0]] = _reads(op.operands[0], read, shared)
        return
    reads = {
        number: _reads(value, read, shared) for number, value in enumerate(structure.inputs) if is_tensor(value.type)
    }
    if shared is _Shared.APART:
        for number, found in reads.items():
            if found and not _has_one_use(op.operands[number]):
                _fence_operand(op, number)
    while len(all_read := frozenset[Any]().union(*reads.values())) > most:
        widest = max(reads, key=lambda number: len(reads[number]))
        if len(reads[widest]) <= 1:  # it reads as many by itself
            break
        reads[widest] = frozenset([op.operands[widest]])
        _fence_operand(op, widest)
    if not structure.reductions:  # which nothing takes in
        read.update(dict.fromkeys(op.results, all_read))


def _cut_long(op: Any, sizes: dict[Any, int]) -> None:
    """Fences the longest operands where the operation, with what fusion would make part of it, would be too long.

    Args:
        op: In the order of the program.
        sizes: Numbers of operations that an operation would have, by its result; this one is added.
    """
    structure = Structure.of(op)
    if structure is None:
        if op.name in ("tensor.expand_shape", "tensor.collapse_shape"):
            sizes[op.results[0]] = sizes.get(op.operands[0], 0)
        return
    parts = {number: sizes.get(value, 0) for number, value in enumerate(structure.inputs)}
    own = sum(1 for _ in op.regions[0].blocks[0].operations) if op.regions else 1
    while own + sum(parts.values()) > MAX_OPERATIONS and any(parts.values()):
        longest = max(parts, key=lambda number: parts[number])
        parts[longest] = 0
        _fence_operand(op, longest)
    sizes.update(dict.fromkeys(op.results, own + sum(parts.values())))


def _reads(value: Any, read: dict[Any, frozenset[Any]], shared: _Shared) -> frozenset[Any]:
    """What is read for an operand: upstream takes in producers that have no other use, or none any more."""
    if _is_constant(value):
        return frozenset()
    fused = value in read and (shared is _Shared.MERGED or _has_one_use(value))
    return read[value] if fused else frozenset([value])


def _is_constant(value: Any) -> bool:
    source = defining(value)
    return source is not None and source.name in ("arith.constant", "linalg.fill")


def _has_one_use(value: Any) -> bool:
    return len(list(value.uses)) == 1


def _fence_operand(op: Any, number: int) -> None:
    value = op.operands[number]
    with op.location, ir.InsertionPoint(op):
        op.operands[number] = ir.Operation.create(_FENCE, [value.type], [value]).result


def _fence(op: Any) -> None:
    for number, value in enumerate(op.operands):
        if is_tensor(value.type):
            _fence_operand(op, number)
    with op.location:
        for result in op.results:
            with ir.InsertionPoint.after(op):
                fence = ir.Operation.create(_FENCE, [result.type], [result])
            result.replace_all_uses_except(fence.result, fence)
