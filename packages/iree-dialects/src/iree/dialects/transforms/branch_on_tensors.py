"""A choice between two tensors is a branch of the host, which passes on the one that is chosen without a copy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from iree.dialects.mlir import cf, ir
from iree.dialects.passes import Pass
from iree.dialects.transforms.structure import body, functions, is_tensor


@dataclass(frozen=True)
class BranchOnTensors(Pass):
    """Turns each `arith.select` of tensors into a branch to what follows it, of which the tensor is an argument.

    Upstream's canonicalization makes such selections of conditionals that compute nothing. Choices by the same
    condition, one after the other, share a branch.
    """

    name = "branch-on-tensors"

    def apply(self, module: Any) -> None:
        """See the class. Host functions have their control flow in blocks by now."""
        for function in functions(module):
            pending = list(function.regions[0].blocks)
            while pending:
                following = _branch(pending.pop())
                if following is not None:
                    pending.append(following)


def _branch(block: Any) -> Any | None:
    """Ends the block at its first choice between tensors and returns the block that follows, if there is one."""
    ops = body(block)
    first = next((i for i, op in enumerate(ops) if _is_choice(op)), None)
    if first is None:
        return None
    condition = ops[first].operands[0]
    choices = [ops[first]]
    for op in ops[first + 1 :]:
        made = {choice.results[0] for choice in choices}
        if not _is_choice(op) or op.operands[0] != condition or not made.isdisjoint(op.operands):
            break
        choices.append(op)
    types = [choice.results[0].type for choice in choices]
    following = block.create_after(*types, arg_locs=[choice.location for choice in choices])
    for op in ops[first + len(choices) :]:
        following.append(op)
    for choice, argument in zip(choices, following.arguments, strict=True):
        choice.results[0].replace_all_uses_with(argument)
    with ir.InsertionPoint(block), choices[0].location:
        yes, no = ([choice.operands[i] for choice in choices] for i in (1, 2))
        cf.cond_br(condition, yes, no, following, following)
    for choice in choices:
        choice.erase()
    return following


def _is_choice(op: Any) -> bool:
    return bool(op.name == "arith.select" and is_tensor(op.results[0].type))
