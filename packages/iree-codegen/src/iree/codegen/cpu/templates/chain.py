"""A kernel as templates see it: generics that lead to one result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from iree.codegen.cpu.structured import PARALLEL, Generic, defining, generics
from iree.dialects.mlir import ir

_FREE = {
    "arith.constant",
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

    def loops_of(self, generic: Generic) -> dict[int, int] | None:
        """For each parallel loop of `generic` the root's loop that it corresponds to; None if elements do not correspond one to one."""
        loops = {i: i for i in range(self.root_rank)}
        current = self.root
        while current.op != generic.op:
            step = next(
                (
                    (number, g)
                    for number, value in enumerate(current.operands)
                    for g in self.generics
                    if defining(value) == g.op and _leads(g, generic, self.generics)
                ),
                None,
            )
            if step is None:
                return None
            number, producer = step
            positions = current.dims(number)
            result = producer.dims(len(producer.inputs))
            if None in positions or None in result:
                return None
            loops = {r: loops[p] for r, p in zip(result, positions, strict=True) if r is not None and p in loops}  # type: ignore[index]
            current = producer
        parallel = {i for i, kind in enumerate(generic.iterators) if kind == PARALLEL}
        return {i: loops[i] for i in parallel} if parallel <= set(loops) else None


def _leads(start: Generic, goal: Generic, all_: list[Generic]) -> bool:
    """Whether `goal` is `start` or one of the operations that it depends on."""
    if start.op == goal.op:
        return True
    return any(defining(v) == g.op and _leads(g, goal, all_) for v in start.operands for g in all_)


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
    if defining(value) != found[-1].op:
        return None
    return Chain(found, pads)
