"""Sizes and offsets that are known or values: arithmetic on them, and slices by them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from iree.dialects.input.build import DYNAMIC, Dim, as_value, like, refine
from iree.dialects.mlir import arith, ir, tensor


def subtract(a: Dim, b: Dim) -> Dim:
    """A - b, folded where both are known."""
    if isinstance(a, int) and isinstance(b, int):
        return a - b
    return a if b == 0 and isinstance(b, int) else arith.SubIOp(as_value(a), as_value(b)).result


def add(a: Dim, b: Dim) -> Dim:
    """A + b, folded where both are known."""
    if isinstance(a, int) and isinstance(b, int):
        return a + b
    if isinstance(a, int):
        a, b = b, a
    return a if isinstance(b, int) and b == 0 else arith.AddIOp(as_value(a), as_value(b)).result


def multiply(a: Dim, b: Dim) -> Dim:
    """A * b, folded where both are known."""
    if isinstance(a, int) and isinstance(b, int):
        return a * b
    if isinstance(a, int):
        a, b = b, a
    return a if isinstance(b, int) and b == 1 else arith.MulIOp(as_value(a), as_value(b)).result


def ceil_div(a: Dim, b: Dim) -> Dim:
    """A / b rounded up, folded where both are known."""
    if isinstance(a, int) and isinstance(b, int):
        return -(-a // b)
    return a if isinstance(b, int) and b == 1 else arith.CeilDivSIOp(as_value(a), as_value(b)).result


def maximum(a: Dim, b: Dim) -> Dim:
    """The larger, folded where both are known."""
    if isinstance(a, int) and isinstance(b, int):
        return max(a, b)
    return arith.MaxSIOp(as_value(a), as_value(b)).result


def minimum(a: Dim, b: Dim) -> Dim:
    """The smaller, folded where both are known."""
    if isinstance(a, int) and isinstance(b, int):
        return min(a, b)
    return arith.MinSIOp(as_value(a), as_value(b)).result


def split(values: Sequence[Dim]) -> tuple[list[int], list[Any]]:
    """Static entries (with the dynamic marker) and dynamic values, as slicing operations take them."""
    return [v if isinstance(v, int) else DYNAMIC for v in values], [v for v in values if not isinstance(v, int)]


def extract_slice(value: Any, offsets: Sequence[Dim], sizes: Sequence[Dim], strides: Sequence[Dim]) -> Any:
    """`tensor.extract_slice` with mixed static and dynamic numbers."""
    (so, do), (sz, dz), (st, dt) = split(offsets), split(sizes), split(strides)
    if 0 in sz:  # an offset would have to lie inside
        return tensor.EmptyOp(list(sizes), value.type.element_type).result
    return tensor.ExtractSliceOp(like(value.type, sz), value, do, dz, dt, so, sz, st).result


def insert_slice(value: Any, into: Any, offsets: Sequence[Dim], sizes: Sequence[Dim], strides: Sequence[Dim]) -> Any:
    """`tensor.insert_slice` with mixed static and dynamic numbers; of `sizes` more may be known than of `value`'s."""
    (so, do), (sz, dz), (st, dt) = split(offsets), split(sizes), split(strides)
    if 0 in sz:
        return into
    return tensor.InsertSliceOp(refine(value, like(value.type, sz)), into, do, dz, dt, so, sz, st).result


_PURE = ("arith.addi", "arith.constant", "arith.index_cast", "arith.muli", "arith.subi", "tensor.dim", "tensor.extract")


def same(a: Dim, b: Dim, depth: int = 8) -> bool:
    """Whether two sizes are equal, as far as their computation shows."""
    if isinstance(a, int) or isinstance(b, int):
        return bool(a == b)
    a, b = strip(a), strip(b)
    if a == b:
        return True
    if isinstance(a, ir.BlockArgument) or isinstance(b, ir.BlockArgument) or depth == 0:
        return False
    x, y = a.owner, b.owner
    if x.name != y.name or x.name not in _PURE or len(x.operands) != len(y.operands):
        return False
    if x.name == "arith.constant":
        return bool(x.attributes["value"] == y.attributes["value"])
    return all(p == q or same(p, q, depth - 1) for p, q in zip(x.operands, y.operands, strict=True))


def strip(value: Any) -> Any:
    """The value behind conversions between integers and index, which keep sizes as they are."""
    while not isinstance(value, ir.BlockArgument) and value.owner.name == "arith.index_cast":
        value = value.owner.operands[0]
    return value
