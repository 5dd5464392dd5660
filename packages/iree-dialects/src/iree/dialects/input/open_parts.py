"""Rows of open sizes as equal parts: short ones are filled up at their front, where reductions are at their start.

Parts read elements by their positions, and what is made element by element of what is read is made of parts, so that
one kernel does all; it keeps what it reduces in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from iree.dialects.input.build import (
    DYNAMIC,
    Dim,
    as_value,
    cast,
    dim,
    elementwise,
    index,
    like,
    number,
    signless,
    signless_type,
)
from iree.dialects.input.loops import at_least
from iree.dialects.input.sizes import ceil_div, maximum, minimum, multiply, subtract
from iree.dialects.mlir import arith, ir, linalg, tensor

ELEMENTWISE = frozenset(
    f"stablehlo.{name}"
    for name in "abs add compare convert divide exponential log maximum minimum multiply negate power rsqrt select "
    "sqrt subtract tanh".split()
)
_SCALARS = ("stablehlo.broadcast_in_dim", "stablehlo.dynamic_broadcast_in_dim")


def is_read_once(value: Any) -> bool:
    """Whether one operation alone reads a value."""
    owners = [use.owner.operation for use in value.uses]
    return all(owner == owners[0] for owner in owners)


def in_open_parts(
    operands: Sequence[Any], fillers: Sequence[Any], axes: Sequence[int], most: int, least: int
) -> tuple[list[Any], list[int]] | None:
    """Operands of a reduction with its dimensions, the first of them cut into parts.

    Args:
        operands: Tensors of one shape.
        fillers: Of each operand the value, a tensor of rank 0, that parts are filled up with.
        axes: The reduced dimensions, in order.
        most: Parts at most.
        least: Elements of a part, if there is more than one.

    Returns:
        The operands with the parts as dimension `axes[0]`, and the other dimensions to reduce. None if other dimensions
        lie between the reduced ones, or are of unknown sizes.
    """
    shape = list(operands[0].type.shape)
    if any(size == DYNAMIC for axis, size in enumerate(shape) if axis not in axes):
        return None
    if list(axes) != list(range(axes[0], axes[0] + len(axes))):
        return None
    length: Dim = 1
    for axis in axes:
        length = multiply(length, dim(operands[0], axis))
    parts = maximum(minimum(ceil_div(length, least), most), 1)
    size = ceil_div(length, parts)
    before, after = shape[: axes[0]], shape[axes[-1] + 1 :]
    missing = subtract(multiply(size, parts), length)
    cut = _Cut(list(axes), [*before, parts, size, *after], size, missing)
    values = [_filled(cut.of(value), filler, cut) for value, filler in zip(operands, fillers, strict=True)]
    return values, [axes[0] + 1]


@dataclass(frozen=True)
class _Cut:
    """Dimensions that become one, and that one in parts: the sizes of all, of a part, and how many elements miss."""

    axes: list[int]
    sizes: list[Dim]
    part: Dim
    missing: Dim

    def of(self, value: Any) -> Any:
        """The parts of a value, without regard to what misses."""
        op = None if isinstance(value, ir.BlockArgument) else value.owner
        if op is not None and op.name in _SCALARS and op.operands[0].type.rank == 0:
            scalar = op.operands[0]
            return self._make([signless(scalar)], value.type, lambda element: element)
        if op is not None and op.name == "stablehlo.dynamic_iota" and self.axes == [_dimension(op)]:
            return self._make([], value.type, lambda: number(self._counted(), signless(value).type.element_type))
        alone = op is not None and op.name in ELEMENTWISE and is_read_once(value)
        if op is None or not alone or any(v.type.shape != value.type.shape for v in op.operands):
            return self._read(value)
        parts = {operand: self.of(operand) for operand in dict.fromkeys(op.operands)}
        copy = op.operation.clone()
        for position, operand in enumerate(op.operands):
            copy.operands[position] = parts[operand]
        copy.results[0].set_type(like(value.type, copy.operands[0].type.shape))
        return copy.results[0]

    def position(self) -> Any:
        """In the body of a generic of parts: the position of an element in its row; negative where one misses."""
        at = self.axes[0]
        start = arith.MulIOp(_here(at), as_value(self.part)).result
        return arith.SubIOp(arith.AddIOp(start, _here(at + 1)).result, as_value(self.missing)).result

    def _counted(self) -> Any:
        return arith.IndexCastOp(ir.IntegerType.get_signless(64), self.position()).result

    def _read(self, value: Any) -> Any:
        row = signless(value)
        first, last = self.axes[0], self.axes[-1]
        rank = row.type.rank
        if first != last:
            groups = [*([i] for i in range(first)), self.axes, *([i] for i in range(last + 1, rank))]
            shape = list(row.type.shape)
            row = tensor.CollapseShapeOp(like(row.type, [*shape[:first], DYNAMIC, *shape[last + 1 :]]), row, groups)
            row = row.result

        def body() -> Any:
            at = arith.MaxSIOp(self.position(), index(0)).result
            rest = range(first + 2, len(self.sizes))
            return tensor.ExtractOp(row, [*map(_here, range(first)), at, *map(_here, rest)]).result

        return self._make([], value.type, body)

    def _make(self, inputs: Sequence[Any], type_: Any, body: Callable[..., Any]) -> Any:
        made = elementwise(inputs, self.sizes, signless_type(type_.element_type), body, [[] for _ in inputs])
        return cast(made, like(made.type, element=type_.element_type))


def _filled(value: Any, filler: Any, cut: _Cut) -> Any:
    def body(element: Any, instead: Any) -> Any:
        there = at_least(cut.position(), index(0))
        return arith.SelectOp(there, element, instead).result

    parts, element = signless(value), signless(filler)
    made = elementwise([parts, element], cut.sizes, parts.type.element_type, body, [None, []])
    return cast(made, value.type)


def _here(axis: int) -> Any:
    return linalg.IndexOp(ir.IntegerAttr.get(ir.IntegerType.get_signless(64), axis)).result


def _dimension(op: Any) -> int:
    return int(ir.IntegerAttr(op.attributes["iota_dimension"]).value)
