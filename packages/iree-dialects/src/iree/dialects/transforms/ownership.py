"""Which tensors of host code may be overwritten: those that nobody else has and nobody reads again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from iree.dialects import flow
from iree.dialects.mlir import ir
from iree.dialects.transforms.structure import body, defining, walk

_FRESH = frozenset({"flow.dispatch", "flow.clone"})
"""Operations whose results are new memory, and stay so: equal splats may yet be merged."""


class Ownership:
    """Makes operands of a function's operations their own, with copies where it must be."""

    def __init__(self, function: Any) -> None:
        """`function` is host code with structured control flow."""
        self._function = function
        self._owned_arguments: set[Any] = set()
        self._loads: dict[Any, list[Any]] = {}
        for op in walk(function):
            if op.name == "ml_program.global_load":
                self._loads.setdefault(op.attributes["global"], []).append(op)

    def own(self, op: Any, number: int) -> None:
        """Makes operand `number` of `op` a tensor that `op` may overwrite: inserts a `flow.clone` unless it is one."""
        value = op.operands[number]
        if not self._may_overwrite(value, op, number):
            with ir.InsertionPoint(op), op.location:
                op.operands[number] = flow.clone(value)

    def _may_overwrite(self, value: Any, op: Any, number: int) -> bool:
        source = _source(value)
        if _is_part(value) or not _dies(source, op, number):
            return False
        if not isinstance(source.owner, ir.Block):
            producer = defining(source)
            assert producer is not None
            if producer.name == "ml_program.global_load":
                return self._goes_back(producer, op)
            if producer.name in ("scf.for", "scf.while"):
                return self._own_result(producer, list(producer.results).index(source))
            return producer.name in _FRESH
        return self._own_argument(source)

    def _goes_back(self, load: Any, op: Any) -> bool:
        """Is the result of `op` stored, in its block, to the variable that `load` read, and nothing in between?

        What else was read of the variable before may not be used any more.
        """
        name = load.attributes["global"]
        if load.block != op.block or not all(other == load or _apart(other, op) for other in self._loads[name]):
            return False
        between = False
        for other in body(op.block):
            if other == load:
                between = True
            elif between and len(other.regions):
                return False
            elif between and other.name.startswith("ml_program.global_") and other.attributes["global"] == name:
                return bool(other.name == "ml_program.global_store" and _source_op(other.operands[0]) == op)
        return False

    def _own_argument(self, argument: Any) -> bool:
        """Makes a loop's argument one that each iteration may overwrite."""
        if argument in self._owned_arguments:
            return True
        block = argument.owner
        loop = block.owner.operation
        number = argument.arg_number
        if loop.name == "scf.for" and number > 0:
            self._owned_arguments.add(argument)
            self.own(loop, number + 2)
            self.own(body(block)[-1], number - 1)
            return True
        if loop.name != "scf.while":
            return False
        before, after = (region.blocks[0] for region in loop.regions)
        if block == after:
            # The condition's region passes it on; that it does so unchanged is the common case.
            condition = body(before)[-1]
            passed = condition.operands[number + 1]
            if not isinstance(passed.owner, ir.Block) or passed.owner != before:
                return False
            if not _dies(passed, condition, number + 1):
                return False
            self._owned_arguments.add(argument)
            return self._own_argument(passed)
        if block == before:
            self._owned_arguments.add(argument)
            self.own(loop, number)
            self.own(body(after)[-1], number)
            return True
        return False

    def _own_result(self, loop: Any, number: int) -> bool:
        """Is a loop's result memory that only the loop had?"""
        if loop.name == "scf.for":
            return self._own_argument(loop.regions[0].blocks[0].arguments[number + 1])
        passed = body(loop.regions[0].blocks[0])[-1].operands[number + 1]
        before = loop.regions[0].blocks[0]
        return isinstance(passed.owner, ir.Block) and passed.owner == before and self._own_argument(passed)


def _source(value: Any) -> Any:
    """The tensor whose memory `value` is a view of."""
    op = defining(value)
    while op is not None:
        if op.name in ("flow.reshape", "flow.slice"):
            value = op.operands[0]
        elif op.name == "flow.dispatch":
            tied = ir.DenseI64ArrayAttr(op.attributes["tied"])[list(op.results).index(value)]
            if tied < 0:
                break
            value = op.operands[tied]
        else:
            break
        op = defining(value)
    return value


def _is_part(value: Any) -> bool:
    """Is the tensor a slice of another?"""
    op = defining(value)
    while op is not None and op.name == "flow.reshape":
        op = defining(op.operands[0])
    return op is not None and op.name == "flow.slice"


def _source_op(value: Any) -> Any:
    op = defining(value)
    while op is not None and op.name == "flow.reshape":
        op = defining(op.operands[0])
    return op


def _dies(source: Any, op: Any, number: int) -> bool:
    """Is `op`, through operand `number`, the last to use the memory of `source`, which is of its block?"""
    block = source.owner if isinstance(source.owner, ir.Block) else defining(source).block  # type: ignore[union-attr]
    if block != op.block:
        return False
    for user, operand, passes_on in _uses(source):
        if user == op:
            if operand != number:
                return False
            continue
        top = user
        while top.block != block:
            top = top.parent.operation
        if passes_on or not top.is_before_in_block(op) or user.name == "ml_program.global_store":
            return False  # it is used later, or the variable has it now
    return True


def _apart(load: Any, op: Any) -> bool:
    """Is what `load` gave never used after `op`, unless it read after `op` too?"""
    later = _precedes(op, load)
    return all(not passes_on and (later or _precedes(user, op)) for user, _, passes_on in _uses(load.results[0]))


def _uses(source: Any) -> Iterator[tuple[Any, int, bool]]:
    """The uses of a tensor's memory: the operation, the number of its operand, and whether a loop may pass it on."""
    pending = [source]
    while pending:
        for use in pending.pop().uses:
            user = use.owner.operation
            if user.name in ("flow.reshape", "flow.slice", "arith.select"):
                pending.append(user.results[0])
            elif user.name == "flow.dispatch":
                ties = list(ir.DenseI64ArrayAttr(user.attributes["tied"]))
                pending.extend(
                    result for result, tie in zip(user.results, ties, strict=True) if tie == use.operand_number
                )
            elif user.name == "scf.yield" and user.parent.name == "scf.if":
                pending.append(user.parent.results[use.operand_number])
                continue
            yield user, use.operand_number, user.name in ("scf.for", "scf.while", "scf.yield", "scf.condition")


def _precedes(first: Any, second: Any) -> bool:
    """Does `first` run before `second`, in the innermost block that has both?"""
    above = {}
    while first.name != "func.func":
        above[first.block] = first
        first = first.parent.operation
    while second.block not in above:
        second = second.parent.operation
    return bool(above[second.block].is_before_in_block(second))
