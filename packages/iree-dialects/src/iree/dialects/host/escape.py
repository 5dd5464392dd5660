"""Which tensors of a host function outlive the commands that are executed with their own."""

from __future__ import annotations

from typing import Any

from iree.dialects.mlir import ir
from iree.dialects.transforms.structure import body, is_tensor


class Escapes:
    """Finds, before a function is lowered, what its lowering must give a buffer of its own.

    The commands of a block are executed together, except that the host reading an element of a tensor which they write
    ends a segment. What is used in another segment or block escapes.
    """

    def __init__(self, function: Any) -> None:
        """Looks through all blocks of `function`."""
        self._same: dict[Any, Any] = {}
        self._escapes: set[Any] = set()
        self._host: set[Any] = set()
        self._home: dict[Any, tuple[Any, int]] = {}
        self._passed: list[tuple[Any, Any]] = []
        for block in function.regions[0].blocks:
            self._block(block)
        # What the host reads as a block's argument it reads wherever it comes from.
        changed = True
        while changed:
            before = len(self._host)
            self._host.update(value for value, argument in self._passed if argument in self._host)
            changed = len(self._host) != before

    def escapes(self, value: Any) -> bool:
        """Is the tensor used outside of its segment?"""
        return self.canonical(value) in self._escapes

    def host(self, value: Any) -> bool:
        """Does the host or the caller read it?"""
        return self.canonical(value) in self._host

    def canonical(self, value: Any) -> Any:
        """The tensor whose memory `value` has, of those of its block."""
        while value in self._same:
            value = self._same[value]
        return value

    def _block(self, block: Any) -> None:
        segment = 0
        pending: set[Any] = set()
        for op in body(block):
            operands = [self.canonical(value) for value in op.operands if is_tensor(value.type)]
            if op.name == "tensor.extract" and operands[0] in pending:
                segment += 1
                pending.clear()
            for value in operands:
                if self._home.get(value, (block, segment)) != (block, segment):
                    self._escapes.add(value)
            if op.name in ("flow.reshape", "flow.slice"):
                self._same[op.results[0]] = op.operands[0]
            elif op.name == "flow.dispatch":
                for result, tied in zip(op.results, ir.DenseI64ArrayAttr(op.attributes["tied"]), strict=True):
                    if tied >= 0:
                        self._same[result] = op.operands[tied]
                    else:
                        self._home[result] = (block, segment)
                    pending.add(self.canonical(result))
            elif op.name in ("arith.constant", "tensor.splat", "tensor.from_elements", "flow.clone"):
                self._home[op.results[0]] = (block, segment)
                pending.add(op.results[0])
            elif op.name == "ml_program.global_store":
                self._escapes.update(operands)
                self._host.update(operands)
            elif op.name in ("tensor.extract", "func.return"):
                self._escapes.update(operands)
                self._host.update(operands)
            elif len(op.successors):
                self._escapes.update(operands)
                values = list(op.operands)[len(op.operands) - sum(len(b.arguments) for b in op.successors) :]
                arguments = [argument for successor in op.successors for argument in successor.arguments]
                self._passed += [
                    (self.canonical(value), argument)
                    for value, argument in zip(values, arguments, strict=True)
                    if is_tensor(argument.type)
                ]
