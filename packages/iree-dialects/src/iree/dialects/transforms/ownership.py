"""Which tensors of host code may be overwritten: those that nobody else has and nobody reads again."""

from __future__ import annotations

from typing import Any

from iree.dialects import flow
from iree.dialects.mlir import ir
from iree.dialects.transforms.structure import body, defining

_FRESH = frozenset({"flow.dispatch", "flow.clone"})
"""Operations whose results are new memory, and stay so: equal splats may yet be merged."""


class Ownership:
    """Makes operands of a function's operations their own, with copies where it must be."""

    def __init__(self, function: Any) -> None:
        """`function` is host code with structured control flow."""
        self._function = function
        self._owned_arguments: set[Any] = set()

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

    @staticmethod
    def _goes_back(load: Any, op: Any) -> bool:
        """Is the result of `op` stored, in its block, to the variable that `load` read, and nothing in between?"""
        if load.block != op.block:
            return False
        name = load.attributes["global"]
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
    pending = [source]
    while pending:
        value = pending.pop()
        for use in value.uses:
            user = use.owner.operation
            if user == op:
                if use.operand_number != number:
                    return False
                continue
            top = user
            while top.block != block:
                top = top.parent.operation
            if not top.is_before_in_block(op):
                return False
            if user.name in ("flow.reshape", "flow.slice"):
                pending.append(user.results[0])
            elif user.name == "flow.dispatch":
                ties = list(ir.DenseI64ArrayAttr(user.attributes["tied"]))
                pending.extend(
                    result for result, tie in zip(user.results, ties, strict=True) if tie == use.operand_number
                )
            elif user.name == "arith.select":
                pending.append(user.results[0])
            elif user.name == "scf.yield" and user.parent.name == "scf.if":
                pending.append(user.parent.results[use.operand_number])
            elif user.name in ("ml_program.global_store", "scf.for", "scf.while", "scf.yield", "scf.condition"):
                return False  # the variable has it now, or what the loop gives may be it
    return True
