"""Loops of the host, and what of their tensors has the same memory in all iterations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from iree.dialects import flow
from iree.dialects.host.escape import Escapes
from iree.dialects.host.sizes import known
from iree.dialects.mlir import ir
from iree.dialects.transforms.structure import body, dynamic_dims, is_tensor

_VIEWS = ("flow.reshape", "flow.slice")
_MOST_ITERATIONS = 4
"""Tensors that live longer get memory in every iteration."""


@dataclass(frozen=True)
class Places:
    """Memory of a tensor that a loop makes.

    Attributes:
        value: The tensor.
        sizes: Its dynamic sizes, values from before the loop.
        count: How many places it has, which iterations use by turns: as many as iterations in which it may live.
    """

    value: Any
    sizes: list[Any]
    count: int


@dataclass(eq=False)
class Loop:
    """Blocks that may run again and again; all ways into it lead to its header.

    Attributes:
        header: Its first block.
        blocks: All its blocks.
        places: Tensors whose memory is the loop's own: made in an iteration, needed in a later one or by the host, and
            gone some iterations later.
        outer: Is it in no other loop?
    """

    header: Any
    blocks: set[Any]
    places: list[Places] = field(default_factory=list)
    outer: bool = True


class Loops:
    """The loops of a function whose control flow is in blocks."""

    def __init__(self, function: Any, escapes: Escapes) -> None:
        """Looks through all blocks of `function`."""
        self._escapes = escapes
        blocks = list(function.regions[0].blocks)
        self._edges = {block: list(_edges(block)) for block in blocks}
        self._loops = self._find(blocks) if len(blocks) > 1 else []
        self._of: dict[Any, Loop] = {}
        for loop in sorted(self._loops, key=lambda loop: -len(loop.blocks)):  # inner ones last
            for block in loop.blocks:
                loop.outer = loop.outer and (block != loop.header or block not in self._of)
                self._of[block] = loop
        stored = {
            escapes.canonical(op.operands[0])
            for block in blocks
            for op in body(block)
            if op.name == "ml_program.global_store"
        }
        for block, loop in self._of.items():
            for op in body(block):
                for value, sizes in _made(op):
                    if value in stored or not escapes.escapes(value):
                        continue
                    count = self._iterations(value, loop)
                    if count is not None and all(
                        known(n) is not None or _block_of(n) not in loop.blocks for n in sizes
                    ):
                        loop.places.append(Places(value, sizes, count))

    def headed_by(self, block: Any) -> Loop | None:
        """The loop whose header a block is."""
        loop = self._of.get(block)
        return loop if loop is not None and loop.header == block else None

    def outermost(self, block: Any) -> Loop | None:
        """The outermost loop that a block is in."""
        return next((loop for loop in self._loops if loop.outer and block in loop.blocks), None)

    def _find(self, blocks: Sequence[Any]) -> list[Loop]:
        """Natural loops: an edge back to a block that dominates where it comes from, and all that leads to it."""
        before: dict[Any, list[Any]] = {block: [] for block in blocks}
        for block in blocks:
            for successor, _ in self._edges[block]:
                before[successor].append(block)
        dominators = _dominators(blocks, before)
        loops: dict[Any, Loop] = {}
        for block in blocks:
            for header in [successor for successor, _ in self._edges[block] if successor in dominators[block]]:
                loop = loops.setdefault(header, Loop(header, {header}))
                pending = [block]
                while pending:
                    found = pending.pop()
                    if found not in loop.blocks:
                        loop.blocks.add(found)
                        pending += before[found]
        return list(loops.values())

    def _iterations(self, value: Any, loop: Loop) -> int | None:
        """The number of iterations in which a tensor that one of them makes may live, its own included."""
        living = {value}
        for count in range(1, _MOST_ITERATIONS + 1):
            living = set().union(*(self._passed_on(value, loop) for value in living))
            if not living:
                return count
        return None

    def _passed_on(self, value: Any, loop: Loop) -> set[Any]:
        """The header's arguments that have the memory of a tensor of the loop in the next iteration."""
        found: set[Any] = set()
        seen = {value}
        pending = [value]
        while pending:
            value = pending.pop()
            same = []
            for use in value.uses:
                user, number = use.owner.operation, use.operand_number
                if user.block not in loop.blocks:
                    continue
                if user.name in _VIEWS:
                    same += list(user.results)
                elif user.name == "flow.dispatch":
                    ties = ir.DenseI64ArrayAttr(user.attributes["tied"])
                    same += [result for result, tie in zip(user.results, ties, strict=True) if tie == number]
                for successor, start in self._edges[user.block] if len(user.successors) else ():
                    if not start <= number < start + len(successor.arguments):
                        continue
                    argument = successor.arguments[number - start]
                    if successor == loop.header:
                        found.add(argument)
                    elif successor in loop.blocks:
                        same.append(argument)
            pending += [new for new in same if new not in seen]
            seen.update(same)
        return found


def _edges(block: Any) -> Iterator[tuple[Any, int]]:
    """The successors of a block, each with the number of the terminator's operand that is its first argument."""
    end = body(block)[-1]
    start = len(end.operands) - sum(len(successor.arguments) for successor in end.successors)
    for successor in end.successors:
        yield successor, start
        start += len(successor.arguments)


def _dominators(blocks: Sequence[Any], before: dict[Any, list[Any]]) -> dict[Any, set[Any]]:
    found = {block: set(blocks) for block in blocks}
    found[blocks[0]] = {blocks[0]}
    changed = True
    while changed:
        changed = False
        for block in blocks[1:]:
            new = {block}.union(set.intersection(*(found[b] for b in before[block])) if before[block] else ())
            changed = changed or new != found[block]
            found[block] = new
    return found


def _block_of(value: Any) -> Any:
    return value.owner if isinstance(value.owner, ir.Block) else value.owner.operation.block


def _made(op: Any) -> Iterator[tuple[Any, list[Any]]]:
    """The tensors that an operation makes in new memory, with their dynamic sizes."""
    if op.name == "flow.dispatch":
        ties = ir.DenseI64ArrayAttr(op.attributes["tied"])
        yield from (
            (result, sizes)
            for result, sizes, tied in zip(op.results, flow.result_sizes(op), ties, strict=True)
            if tied < 0
        )
    elif op.name == "tensor.splat":
        yield op.results[0], list(op.operands)[1:]
    elif op.name in ("arith.constant", "tensor.from_elements", "flow.clone") and is_tensor(op.results[0].type):
        if not dynamic_dims(op.results[0].type):
            yield op.results[0], []
