"""Fuses elementwise operations with each other and into reductions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from iree.dialects.bindings import max_bindings
from iree.dialects.mlir import ir, run_upstream
from iree.dialects.passes import Pass
from iree.dialects.transforms.fusion import MAX_OPERANDS
from iree.dialects.transforms.structure import Structure, defining, functions, is_tensor, shape_of, walk

_FENCE = "flow.fence"


@dataclass(frozen=True)
class FuseElementwise(Pass):
    """Upstream's fusion of elementwise operations and reshapes, kept away from contractions and convolutions.

    These would take in what makes their operands, and compute it again for every use of an element; or take the shape
    of a reshape around them, which hides what they are. Reshapes that split or merge dimensions stay where they are.
    Long chains, of selections that loops that are unrolled leave, say, are cut where one would read too many tensors.
    """

    name = "fuse-elementwise"

    def apply(self, module: Any) -> None:
        """See the class."""
        bound = max_bindings(module)
        if bound is None:
            _fuse(module, MAX_OPERANDS, merges=False)
            return
        most = min(MAX_OPERANDS, bound - 1)
        before = [function.clone() for function in functions(module)]
        if _fuse(module, most, merges=False) > bound - 1:
            for function, clone in zip(functions(module), before, strict=True):
                ir.InsertionPoint(function).insert(clone)
                function.erase()
            _fuse(module, most, merges=True)


def _fuse(module: Any, most: int, *, merges: bool) -> int:
    """Fuses; returns the number of tensors that the operation that was fused and reads most of them reads.

    Args:
        module: Changed in place.
        most: Tensors that an operation may read.
        merges: Whether what several operations read counts as if it became part of each, as it does of one into which
            they are all fused. There is no telling before; without, few operations are kept apart that could be one.
    """
    for function in functions(module):
        read: dict[Any, frozenset[Any]] = {}
        for op in walk(function):
            if _is_contraction(op) or _splits_or_merges(op):
                _fence(op)
            else:
                _cut(op, read, most, merges=merges)
    run_upstream(module, "func.func(linalg-fuse-elementwise-ops),canonicalize,cse")
    largest = 0
    for function in functions(module):
        for op in walk(function):
            if op.name == _FENCE:
                op.results[0].replace_all_uses_with(op.operands[0])
                op.erase()
        for op in walk(function):
            structure = Structure.of(op)
            if structure is not None:
                largest = max(largest, len({value for value in structure.inputs if is_tensor(value.type)}))
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


def _cut(op: Any, read: dict[Any, frozenset[Any]], most: int, *, merges: bool) -> None:
    """Fences operands where the operation, with what fusion would make part of it, read more than `most` tensors.

    Args:
        op: In the order of the program.
        read: Tensors that an operation would read, by its result; this one is added.
        most: Tensors that it may read.
        merges: See `_fuse`.
    """
    structure = Structure.of(op)
    if structure is None:
        if op.name in ("tensor.expand_shape", "tensor.collapse_shape"):
            read[op.results[0]] = _reads(op.operands[0], read, merges=merges)
        return
    reads = {
        number: _reads(value, read, merges=merges)
        for number, value in enumerate(structure.inputs)
        if is_tensor(value.type)
    }
    while len(all_read := frozenset[Any]().union(*reads.values())) > most:
        widest = max(reads, key=lambda number: len(reads[number]))
        if len(reads[widest]) <= 1:  # it reads as many by itself
            break
        value = op.operands[widest]
        with op.location, ir.InsertionPoint(op):
            op.operands[widest] = ir.Operation.create(_FENCE, [value.type], [value]).result
        reads[widest] = frozenset([value])
    if not structure.reductions:  # which nothing takes in
        read.update(dict.fromkeys(op.results, all_read))


def _reads(value: Any, read: dict[Any, frozenset[Any]], *, merges: bool) -> frozenset[Any]:
    """What is read for an operand: upstream takes in producers that have no other use, or none any more."""
    source = defining(value)
    if source is not None and source.name in ("arith.constant", "linalg.fill"):
        return frozenset()
    return read[value] if value in read and (merges or len(list(value.uses)) == 1) else frozenset([value])


def _fence(op: Any) -> None:
    operands = op.operands
    with op.location:
        for number, value in enumerate(operands):
            if is_tensor(value.type):
                with ir.InsertionPoint(op):
                    operands[number] = ir.Operation.create(_FENCE, [value.type], [value]).result
        for result in op.results:
            with ir.InsertionPoint.after(op):
                fence = ir.Operation.create(_FENCE, [result.type], [result])
            result.replace_all_uses_except(fence.result, fence)
