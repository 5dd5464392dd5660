"""Sizes of what loops carry are those of what they start with, where every iteration keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from iree.dialects import flow
from iree.dialects.input.build import Dim, as_value, dim
from iree.dialects.input.scalars import known_int
from iree.dialects.input.sizes import same
from iree.dialects.mlir import ir, run_upstream
from iree.dialects.passes import Pass
from iree.dialects.transforms.structure import body, defining, dynamic_dims, functions, is_tensor, walk


@dataclass(frozen=True)
class LoopSizes(Pass):
    """Replaces sizes of the tensors that an `scf.while` carries, inside of it and of its results, by sizes from before
    it, if all iterations keep them.

    What iterations make is then of a size that is known before the loop.
    """

    name = "loop-sizes"

    def apply(self, module: Any) -> None:
        """See the class."""
        changed = False
        for function in functions(module):
            for loop in [op for op in walk(function) if op.name == "scf.while"]:  # outer ones first
                changed = _replace(loop) or changed
        if changed:
            run_upstream(module, "canonicalize,cse")


def _replace(loop: Any) -> bool:
    before, after = (region.blocks[0] for region in loop.regions)
    condition, repeat = body(before)[-1], body(after)[-1]
    passed = list(condition.operands)[1:]
    carried = list(before.arguments)
    forwarded = {after.arguments[i]: value for i, value in enumerate(passed) if value in carried}
    with ir.InsertionPoint(loop), loop.location:
        kept: dict[tuple[Any, int], Dim] = {
            (argument, axis): _size(start, axis)
            for argument, start in zip(carried, loop.operands, strict=True)
            if is_tensor(argument.type)
            for axis in dynamic_dims(argument.type)
        }
    if not kept:
        return False
    with ir.InsertionPoint(repeat), repeat.location:
        ends = {(argument, axis): _size(repeat.operands[argument.arg_number], axis) for argument, axis in kept}

    def resolve(size: Dim) -> Dim:
        """A size in the loop as one from before it, if what is in `kept` holds."""
        op = None if isinstance(size, int) else defining(size)
        if op is not None and op.name == "tensor.dim":
            axis = known_int(op.operands[1])
            tensor = forwarded.get(op.operands[0], op.operands[0])
            return size if axis is None else kept.get((tensor, axis), size)
        return size

    while wrong := [place for place in kept if not same(resolve(ends[place]), kept[place])]:
        for place in wrong:
            del kept[place]
    changed = False
    for (argument, axis), size in kept.items():
        inside = [argument, *(value for value, source in forwarded.items() if source == argument)]
        outside = [result for result, value in zip(loop.results, passed, strict=True) if value == argument]
        for op in [op for value in (*inside, *outside) for op in _dims_of(value, axis)]:
            with ir.InsertionPoint(loop), loop.location:
                op.results[0].replace_all_uses_with(as_value(size))
            changed = True
    return changed


def _dims_of(value: Any, axis: int) -> Iterator[Any]:
    for use in value.uses:
        user = use.owner.operation
        if user.name == "tensor.dim" and known_int(user.operands[1]) == axis:
            yield user


def _size(value: Any, axis: int) -> Dim:
    """The size of a tensor's dimension, which host code says of dispatches and reshapes."""
    op = defining(value)
    if op is not None and op.name in ("flow.dispatch", "flow.reshape") and axis in dynamic_dims(value.type):
        number = list(op.results).index(value)
        sizes = flow.result_sizes(op)[number] if op.name == "flow.dispatch" else list(op.operands)[1:]
        return sizes[dynamic_dims(value.type).index(axis)]
    return dim(value, axis)
