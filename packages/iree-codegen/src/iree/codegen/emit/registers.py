"""Register allocation for one function: values in SSA form to registers of two banks.

The interference graph of a program in SSA form is chordal, and visiting definitions in an order in which dominators
come first
colours it with as few registers as values are ever live together (Hack, Grund, Goos: Register Allocation for
Programs in
SSA-Form, CC 2006). So there is no spilling and no interference graph: one walk over the blocks with exact liveness.

The VM passes block arguments as parallel moves, so nothing has to be sequenced; a value is placed, where that is
free, in
the register of the block argument that it is passed to, and the move vanishes.

A register of the value bank has one type for the whole function; references have a bank of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

REF = "r"


@dataclass
class Edge:
    """A branch to block number `block` with its arguments, in the order of the block's parameters."""

    block: int
    arguments: Sequence[int]


@dataclass
class Step:
    """One instruction: the values it defines and uses."""

    defines: Sequence[int]
    uses: Sequence[int]


@dataclass
class Block:
    """A basic block; `edges` are those of its terminator, whose other uses are in the last step."""

    parameters: Sequence[int]
    steps: list[Step] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)


@dataclass
class Allocation:
    """Where each value lives.

    Attributes:
        register: Per value its register, in the bank of its type; -1 for a value of an unreachable block.
        value_types: Type letter of each register of the value bank.
        ref_count: Number of registers of the reference bank.
    """

    register: list[int]
    value_types: list[str]
    ref_count: int


def allocate(types: Sequence[str], blocks: Sequence[Block]) -> Allocation:
    """Assigns registers. The parameters of block 0 get the first registers of their banks, in order.

    Args:
        types: Per value its type letter: ``i``, ``I``, ``f``, ``F`` or ``r``.
        blocks: The function; block 0 is the entry and nobody branches to it.
    """
    order = _reverse_postorder(blocks)
    live_out = _liveness(blocks, order)
    hints = _hints(types, blocks)
    register = [-1] * len(types)
    value_types: list[str] = []
    ref_count = 0
    taken_values: set[int] = set()
    taken_refs: set[int] = set()

    def place(value: int) -> None:
        nonlocal ref_count
        kind = types[value]
        taken = taken_refs if kind == REF else taken_values
        for hint in hints.get(value, ()):
            wanted = register[hint]
            if wanted >= 0 and wanted not in taken:
                break
        else:
            if kind == REF:
                wanted = next((r for r in range(ref_count) if r not in taken), ref_count)
            else:
                wanted = next((r for r, t in enumerate(value_types) if t == kind and r not in taken), len(value_types))
        if kind == REF:
            ref_count = max(ref_count, wanted + 1)
        elif wanted == len(value_types):
            value_types.append(kind)
        register[value] = wanted
        taken.add(wanted)

    def free(value: int) -> None:
        (taken_refs if types[value] == REF else taken_values).discard(register[value])

    for number in order:
        block = blocks[number]
        last, dead = _last_uses(block, live_out[number])
        live_in = _live_in(block, live_out[number])
        taken_values = {register[v] for v in live_in if types[v] != REF}
        taken_refs = {register[v] for v in live_in if types[v] == REF}
        if number == 0:  # the calling convention: arguments in order, so no two may share
            for value in block.parameters:
                if types[value] == REF:
                    register[value] = ref_count
                    ref_count += 1
                    taken_refs.add(register[value])
                else:
                    register[value] = len(value_types)
                    value_types.append(types[value])
                    taken_values.add(register[value])
        else:
            for value in block.parameters:
                place(value)
        for value in block.parameters:
            if value in dead:
                free(value)
        for index, step in enumerate(block.steps):
            for value in last.get(index, ()):
                free(value)
            for value in step.defines:
                place(value)
            for value in step.defines:
                if value in dead:
                    free(value)
    return Allocation(register, value_types, ref_count)


def moves(
    allocation: Allocation, types: Sequence[str], blocks: Sequence[Block], edge: Edge
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """The parallel moves (from, to) of an edge: of the value bank, of the reference bank."""
    values: list[tuple[int, int]] = []
    refs: list[tuple[int, int]] = []
    for source, target in zip(edge.arguments, blocks[edge.block].parameters, strict=True):
        pair = (allocation.register[source], allocation.register[target])
        if pair[0] != pair[1]:
            (refs if types[source] == REF else values).append(pair)
    return values, refs


def _reverse_postorder(blocks: Sequence[Block]) -> list[int]:
    order: list[int] = []
    seen = {0}
    stack = [(0, iter(blocks[0].edges))]
    while stack:
        number, edges = stack[-1]
        for edge in edges:
            if edge.block not in seen:
                seen.add(edge.block)
                stack.append((edge.block, iter(blocks[edge.block].edges)))
                break
        else:
            order.append(number)
            stack.pop()
    return order[::-1]


def _live_in(block: Block, live_out: set[int]) -> set[int]:
    live = set(live_out)
    for edge in block.edges:
        live.update(edge.arguments)
    for step in reversed(block.steps):
        live.difference_update(step.defines)
        live.update(step.uses)
    live.difference_update(block.parameters)
    return live


def _liveness(blocks: Sequence[Block], order: Sequence[int]) -> list[set[int]]:
    """Per block what is live when it ends, arguments of its branches apart."""
    live_in: list[set[int]] = [set() for _ in blocks]
    live_out: list[set[int]] = [set() for _ in blocks]
    changed = True
    while changed:
        changed = False
        for number in reversed(order):
            out = set().union(*(live_in[e.block] for e in blocks[number].edges))
            into = _live_in(blocks[number], out)
            if len(into) != len(live_in[number]) or len(out) != len(live_out[number]):  # both only grow
                live_in[number], live_out[number] = into, out
                changed = True
    return live_out


def _last_uses(block: Block, live_out: set[int]) -> tuple[dict[int, list[int]], set[int]]:
    """Per step the values whose last use it is; and the values of the block that are never used."""
    after = set(live_out)
    for edge in block.edges:
        after.update(edge.arguments)
    last: dict[int, list[int]] = {}
    for index in range(len(block.steps) - 1, -1, -1):
        for value in dict.fromkeys(block.steps[index].uses):
            if value not in after:
                after.add(value)
                last.setdefault(index, []).append(value)
    defined = [v for step in block.steps for v in step.defines]
    return last, {v for v in (*block.parameters, *defined) if v not in after}


def _hints(types: Sequence[str], blocks: Sequence[Block]) -> dict[int, list[int]]:
    """Values that would share a register if they could: block arguments and what is passed to them."""
    hints: dict[int, list[int]] = {}
    for block in blocks:
        for edge in block.edges:
            for source, target in zip(edge.arguments, blocks[edge.block].parameters, strict=True):
                assert types[source] == types[target]
                hints.setdefault(source, []).append(target)
                hints.setdefault(target, []).append(source)
    return hints
