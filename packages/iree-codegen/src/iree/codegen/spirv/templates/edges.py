"""What templates emit where a tile may reach beyond the data: conditions, places that may be read, zeros."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from iree.codegen.spirv.indices import Size, value_of
from iree.dialects.mlir import arith, ir, scf

_SLT = 2


@dataclass(frozen=True)
class Edge:
    """Rows or columns of a tile: the loops that they are, where they start, how many there are and in the tile."""

    loops: tuple[int, ...]
    start: Any
    size: Size
    extent: int


class Guard:
    """Emits what is in its block for indices below a limit; for all without one."""

    def __init__(self, limit: tuple[Any, Size] | None) -> None:
        self._limit = limit

    def __enter__(self) -> None:
        if self._limit is None:
            return
        guard = scf.IfOp(less(*self._limit))
        with ir.InsertionPoint(guard.then_block):
            end = scf.YieldOp([])
        self._point = ir.InsertionPoint(end)
        self._point.__enter__()

    def __exit__(self, *details: object) -> None:
        if self._limit is not None:
            self._point.__exit__(*details)


def barrier() -> None:
    """All threads of the workgroup arrive before one goes on."""
    ir.Operation.create("gpu.barrier")


def ceildiv(size: Size, step: int) -> Size:
    """Steps that cover a size."""
    if isinstance(size, int):
        return -(-size // step)
    return arith.CeilDivSIOp(size, value_of(step)).result


def divides(size: Size, step: int) -> bool:
    """Whether a size is known to be whole steps."""
    return isinstance(size, int) and size % step == 0


def less(a: Any, b: Size) -> Any:
    """Whether a < b."""
    return arith.CmpIOp(_SLT, value_of(a), value_of(b)).result


def both(a: Any, b: Any) -> Any:
    """Whether both hold; None is always true."""
    if a is None or b is None:
        return b if a is None else a
    return arith.AndIOp(a, b).result


def clamp(index: Any, size: Size, inside: Any, width: int = 1) -> Any:
    """`index`, or the last one that may be read if it is not inside."""
    if inside is None:
        return index
    last = size - width if isinstance(size, int) else arith.SubIOp(size, value_of(width)).result
    return arith.MinSIOp(value_of(index), value_of(last)).result


def or_zero(value: Any, inside: Any) -> Any:
    """`value`, or zero if it is not inside."""
    if inside is None:
        return value
    type_ = value.type
    element = type_.element_type if isinstance(type_, ir.VectorType) else type_
    zero = ir.FloatAttr.get(element, 0.0) if isinstance(element, ir.FloatType) else ir.IntegerAttr.get(element, 0)
    if isinstance(type_, ir.VectorType):
        zero = ir.DenseElementsAttr.get_splat(type_, zero)
    return arith.SelectOp(inside, value, arith.ConstantOp(type_, zero).result).result
