"""What the passes need to know of an operation on tensors: its loops, and how its operands are indexed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from iree.dialects import hal
from iree.dialects.mlir import ir, linalg

DYNAMIC = -1


def is_tensor(type_: Any) -> bool:
    """Is it a ranked tensor?"""
    return isinstance(type_, ir.RankedTensorType)


def shape_of(type_: Any) -> tuple[int, ...]:
    """The shape of a ranked tensor type with -1 for dynamic dimensions."""
    return tuple(DYNAMIC if type_.is_dynamic_dim(i) else type_.get_dim_size(i) for i in range(type_.rank))


def dynamic_dims(type_: Any) -> list[int]:
    """Which dimensions of a ranked tensor type are dynamic."""
    return [i for i in range(type_.rank) if type_.is_dynamic_dim(i)]


def element_bytes(type_: Any) -> int:
    """Bytes of one element of a tensor type; 8 for types that cannot be stored."""
    return hal.element_size(type_.element_type) or 8


def static_bytes(type_: Any) -> int | None:
    """Bytes of a tensor of static shape, else None."""
    shape = shape_of(type_)
    return None if DYNAMIC in shape else math.prod(shape) * element_bytes(type_)


def is_linalg(op: Any) -> bool:
    """Is it a structured operation on tensors?"""
    return bool(op.name.startswith("linalg.") and op.name != "linalg.yield" and op.results)


@dataclass(frozen=True)
class Structure:
    """The loops of a linalg operation.

    Attributes:
        op: The operation.
        inputs: Its input operands (tensors and scalars).
        inits: Its output operands.
        maps: Per operand, inputs first: the loop that indexes each of its dimensions, or None if some dimension is not
            indexed by a loop alone.
        loops: Number of loops.
        domain: Trip count of each loop, -1 if it is dynamic or not known.
        reductions: The loops that do not index the outputs.
    """

    op: Any
    inputs: tuple[Any, ...]
    inits: tuple[Any, ...]
    maps: tuple[tuple[int, ...] | None, ...]
    loops: int
    domain: tuple[int, ...]
    reductions: frozenset[int]

    @classmethod
    def of(cls, op: Any) -> Structure | None:
        """The structure of a linalg operation, None for others."""
        if not is_linalg(op):
            return None
        affine = linalg.get_indexing_maps(op)
        if affine is None:
            return None
        operands = list(op.operands)
        inits = len(op.results)
        maps = tuple(_dims(attribute.value) for attribute in affine)
        loops = affine[0].value.n_dims if len(affine) else 0
        domain = [DYNAMIC] * loops
        for value, dims in zip(operands, maps, strict=True):
            if dims is None or not is_tensor(value.type):
                continue
            for size, loop in zip(shape_of(value.type), dims, strict=True):
                if size != DYNAMIC:
                    domain[loop] = size
        outputs = {loop for dims in maps[len(operands) - inits :] for loop in dims or ()}
        return cls(
            op,
            tuple(operands[: len(operands) - inits]),
            tuple(operands[len(operands) - inits :]),
            maps,
            loops,
            tuple(domain),
            frozenset(range(loops)) - outputs,
        )

    @cached_property
    def elementwise(self) -> bool:
        """All loops parallel, outputs indexed by a permutation of them, inputs by some of them or all."""
        outputs = self.maps[len(self.inputs) :]
        return (
            not self.reductions
            and all(dims is not None for dims in self.maps)
            and all(dims is not None and sorted(dims) == list(range(self.loops)) for dims in outputs)
        )

    @cached_property
    def row_reduction(self) -> bool:
        """Reduces one operand, or several that are indexed alike: no contraction, no window."""
        if not self.reductions or any(dims is None for dims in self.maps):
            return False
        full = [dims for dims in self.maps[: len(self.inputs)] if dims is not None and self.reductions & set(dims)]
        return bool(full) and all(len(dims) == self.loops and dims == full[0] for dims in full)

    def map_of(self, value: Any) -> list[tuple[int, ...] | None]:
        """How each use of `value` as an input is indexed."""
        return [dims for operand, dims in zip(self.inputs, self.maps, strict=False) if operand == value]


def _dims(affine: Any) -> tuple[int, ...] | None:
    positions = []
    for result in affine.results:
        if not isinstance(result, ir.AffineDimExpr):
            return None
        positions.append(result.position)
    return tuple(positions)


def body(block: Any) -> list[Any]:
    """The operations of a block, as `ir.Operation`s, collected."""
    return [view.operation for view in block.operations]


def walk(root: Any) -> Iterator[Any]:
    """All operations below and including `root`, outermost first, collected before the first is given."""
    found: list[Any] = []

    def visit(op: Any) -> Any:
        found.append(op)
        return ir.WalkResult.ADVANCE

    root.operation.walk(visit, ir.WalkOrder.PRE_ORDER)
    return iter(found)


def free_values(op: Any) -> list[Any]:
    """Values that `op` or an operation inside of it uses and that come from outside, in order of first use."""
    if not len(op.regions):
        return list(dict.fromkeys(op.operands))
    inside: set[Any] = set()
    used: dict[Any, None] = {}
    for nested in walk(op):
        used.update(dict.fromkeys(nested.operands))
        inside.update(nested.results)
        for region in nested.regions:
            for block in region.blocks:
                inside.update(block.arguments)
    return [value for value in used if value not in inside]


def functions(module: Any) -> list[Any]:
    """The functions with a body at the module's top level."""
    return [op for op in body(module.body) if op.name == "func.func" and len(op.regions[0].blocks)]


def defining(value: Any) -> Any | None:
    """The operation that a value is a result of, or None for block arguments."""
    owner = value.owner
    return None if isinstance(owner, ir.Block) else owner.operation if hasattr(owner, "operation") else owner
