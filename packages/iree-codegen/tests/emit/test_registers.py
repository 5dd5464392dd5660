"""Allocation is right if a run on registers reads what a run on values reads."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from iree.codegen.emit.registers import Block, Edge, Step, allocate, moves


def _dominators(blocks: list[Block]) -> list[set[int]]:
    everything = set(range(len(blocks)))
    dominators = [{0}] + [everything] * (len(blocks) - 1)
    for _ in blocks:
        for number in range(1, len(blocks)):
            before = [dominators[i] for i, b in enumerate(blocks) if any(e.block == number for e in b.edges)]
            dominators[number] = {number} | (set.intersection(*before) if before else everything)
    return dominators


def _program(seed: int) -> tuple[list[str], list[Block]]:
    """A random program in SSA form, unreachable blocks and loops included."""
    rng = random.Random(seed)
    types: list[str] = []

    def value() -> int:
        types.append(rng.choice("iiIfFrr"))
        return len(types) - 1

    blocks = [Block([value() for _ in range(rng.randrange(4))]) for _ in range(rng.randrange(1, 8))]
    for block in blocks:
        targets = rng.choices(range(1, len(blocks)), k=rng.randrange(4)) if len(blocks) > 1 else []
        block.edges = [Edge(target, []) for target in targets]
    dominators = _dominators(blocks)
    defined: list[list[int]] = [[*b.parameters] for b in blocks]
    plans = [[[value() for _ in range(rng.choice([0, 1, 1, 1, 3]))] for _ in range(rng.randrange(6))] for _ in blocks]
    for number, plan in enumerate(plans):
        defined[number] += [v for step in plan for v in step]
    for number, block in enumerate(blocks):
        above = [v for d in dominators[number] if d != number for v in defined[d]]
        seen = above + list(block.parameters)
        for defines in plans[number]:
            uses = rng.choices(seen, k=rng.randrange(4)) if seen else []
            block.steps.append(Step(defines, uses))
            seen = seen + defines
        edges = []
        for edge in block.edges:
            choices = [[v for v in seen if types[v] == types[p]] for p in blocks[edge.block].parameters]
            if all(choices):
                edges.append(Edge(edge.block, [rng.choice(c) for c in choices]))
        block.edges = edges  # dropping edges only makes more values dominate
    return types, blocks


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32))
def test_registers_hold_the_values(seed: int) -> None:
    types, blocks = _program(seed)
    allocation = allocate(types, blocks)
    rng = random.Random(seed)
    registers: dict[tuple[bool, int], int] = {}
    values: dict[int, int] = {}
    token = 0

    def place(v: int) -> tuple[bool, int]:
        assert allocation.register[v] >= 0
        if types[v] != "r":
            assert allocation.value_types[allocation.register[v]] == types[v]
        else:
            assert allocation.register[v] < allocation.ref_count
        return types[v] == "r", allocation.register[v]

    def define(group: list[int]) -> None:
        nonlocal token
        assert len({place(v) for v in group}) == len(group)
        for v in group:
            token += 1
            registers[place(v)] = values[v] = token

    define(list(blocks[0].parameters))
    current = blocks[0]
    for _ in range(60):
        for step in current.steps:
            assert [registers[place(v)] for v in step.uses] == [values[v] for v in step.uses]
            define(list(step.defines))
        if not current.edges:
            break
        edge = rng.choice(current.edges)
        target = blocks[edge.block]
        passed = [values[v] for v in edge.arguments]
        for is_ref, pairs in enumerate(moves(allocation, types, blocks, edge)):
            read = [registers[bool(is_ref), source] for source, _ in pairs]
            registers.update({(bool(is_ref), to): new for (_, to), new in zip(pairs, read, strict=True)})
        values.update(zip(target.parameters, passed, strict=True))
        assert [registers[place(v)] for v in target.parameters] == passed
        current = target


def test_arguments_come_first_in_order() -> None:
    types = ["r", "i", "F", "r", "i"]
    allocation = allocate(types, [Block([0, 1, 2, 3, 4], [Step([], [4, 0])])])
    assert allocation.register == [0, 0, 1, 1, 2]
    assert allocation.value_types == ["i", "F", "i"]


@pytest.mark.parametrize("length", [10, 1000])
def test_a_chain_needs_two_registers(length: int) -> None:
    types = ["I"] * (length + 1)
    steps = [Step([i + 1], [i, i]) for i in range(length)]
    assert len(allocate(types, [Block([0], steps)]).value_types) <= 2


def test_a_loop_counter_is_not_moved() -> None:
    # 0: n, start -> 1; 1(i): next = i + n; branch 1(next) or 2
    types = ["I", "I", "I", "I"]
    blocks = [
        Block([0, 1], [], [Edge(1, [1])]),
        Block([2], [Step([3], [2, 0])], [Edge(1, [3]), Edge(2, [])]),
        Block([], [Step([], [0])]),
    ]
    allocation = allocate(types, blocks)
    assert moves(allocation, types, blocks, blocks[1].edges[0]) == ([], [])
