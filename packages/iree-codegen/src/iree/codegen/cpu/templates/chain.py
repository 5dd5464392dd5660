"""A kernel as templates see it: generics that lead to one result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from iree.codegen.cpu.structured import PARALLEL, Generic, defining, generics, made_by
from iree.dialects.mlir import ir

_FREE = {
    "arith.constant",
    "arith.muli",
    "builtin.unrealized_conversion_cast",
    "tensor.empty",
    "tensor.collapse_shape",
    "tensor.expand_shape",
    "tensor.dim",
    "bufferization.materialize_in_destination",
    "func.return",
    "linalg.fill",
}


@dataclass(frozen=True)
class Chain:
    """Generics, fills and pads of a kernel with one result; `root` makes it and all others lead to it.

    Attributes:
        pads: `tensor.pad` operations.
    """

    generics: list[Generic]
    pads: list[Any]

    @property
    def root(self) -> Generic:
        """The generic whose result is the kernel's."""
        return self.generics[-1]

    @property
    def root_rank(self) -> int:
        """Loops of the root."""
        return len(self.root.iterators)

    def mark(self, generic: Generic, name: str) -> None:
        """Sets an attribute that scripts find the operation by."""
        generic.op.attributes[name] = ir.UnitAttr.get()

    def depends(self, generic: Generic, on: Generic) -> bool:
        """Whether `generic` uses the result of `on`, directly or through others."""
        producers = [g for g in self.generics for v in generic.operands if made_by(v, g.op)]
        return any(p.op == on.op or self.depends(p, on) for p in producers)

    def loops_of(self, generic: Generic) -> dict[int, int] | None:
        """For each parallel loop of `generic` the root's loop that it corresponds to; None if some have none."""
        loops = self.shared_loops_of(generic)
        parallel = {i for i, kind in enumerate(generic.iterators) if kind == PARALLEL}
        return loops if parallel <= set(loops) else None

    def shared_loops_of(self, generic: Generic) -> dict[int, int]:
        """Parallel loops of `generic` whose iterations correspond to those of one of the root's parallel loops, with
        that loop.

        If the root depends on it in several ways, they correspond in all of them.
        """
        if generic.op == self.root.op:
            return {i: i for i, kind in enumerate(generic.iterators) if kind == PARALLEL}
        result: dict[int, int] | None = None
        for user in self.generics:
            for number, value in enumerate(user.operands):
                if not made_by(value, generic.op):
                    continue
                above = self.shared_loops_of(user)
                made = generic.dims(len(generic.inputs))
                used = user.dims(number)
                here = {
                    m: above[u]
                    for m, u in zip(made, used, strict=True)
                    if m is not None and u is not None and u in above
                }
                result = here if result is None else {k: v for k, v in here.items() if result.get(k) == v}
        return result or {}


def read_chain(function: Any) -> Chain | None:
    """The function's chain; None if it has other operations, several results or a result that no generic makes."""
    block = function.regions[0].blocks[0]
    ops = [op.operation for op in block.operations]
    found = generics(function)
    pads = [op for op in ops if op.name == "tensor.pad"]
    known = {g.op for g in found} | set(pads)
    if any(op not in known and op.name not in _FREE for op in ops) or not found:
        return None
    results = list(ops[-1].operands)
    if len(results) != 1 or len(found[-1].inits) != 1:
        return None
    value = results[0]
    while (op := defining(value)) is not None and op.name in _FREE:
        value = op.operands[0]
    if not made_by(value, found[-1].op):
        return None
    return Chain(found, pads)
