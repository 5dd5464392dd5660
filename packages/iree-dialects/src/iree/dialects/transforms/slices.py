"""Slices that dispatches read where they are: consecutive elements, so that an offset is all it takes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from iree.dialects import flow
from iree.dialects.mlir import arith, ir
from iree.dialects.transforms.fusion import HOST_SHAPES, is_kernel
from iree.dialects.transforms.structure import Structure, body, element_bytes, shape_of

ALIGNMENT = 64
"""Bytes at whose multiples a binding starts."""


def slice_on_host(blocks: Iterable[Any]) -> None:
    """Makes slices of host blocks `flow.slice`s where dispatches alone read them.

    Slices that elementwise operations read as they are become part of their kernels instead.
    """
    for block in blocks:
        for op in [op for op in body(block) if op.name == "tensor.extract_slice"]:
            if not _read_by_dispatches(op):
                continue
            with ir.InsertionPoint(op), op.location:
                start = _first_element(op)
                if start is not None:
                    new = flow.slice_(op.operands[0], start, op.results[0].type)
                    op.results[0].replace_all_uses_with(new)
                    op.erase()


def _read_by_dispatches(op: Any) -> bool:
    """Do kernels alone use the result, one of them at least other than elementwise or under another shape?"""
    needed = False
    pending = [(op.results[0], False)]
    while pending:
        value, reshaped = pending.pop()
        for use in value.uses:
            user = use.owner.operation
            if user.name in HOST_SHAPES:
                pending.append((user.results[0], True))
            elif is_kernel(user):
                structure = Structure.of(user)
                needed = needed or reshaped or structure is None or not structure.elementwise
            else:
                return False
    return needed


def _first_element(op: Any) -> Any | None:
    """The number of the first of the slice's elements, an index value; None if they are not consecutive or it may not
    begin a cache line.
    """
    shape = shape_of(op.operands[0].type)
    offsets, sizes, strides = (
        list(ir.DenseI64ArrayAttr(op.attributes[name])) for name in ("static_offsets", "static_sizes", "static_strides")
    )
    dynamic = ir.ShapedType.get_dynamic_size()
    unknown = ir.ShapedType.get_dynamic_stride_or_offset()
    if -1 in shape or dynamic in sizes or any(stride != 1 for stride in strides):
        return None
    whole = len(shape)
    while whole and sizes[whole - 1] == shape[whole - 1]:
        whole -= 1
    if any(size != 1 for size in sizes[: max(whole - 1, 0)]):
        return None
    width = element_bytes(op.operands[0].type)
    given = iter(list(op.operands)[1:])
    known, terms = 0, []
    for dimension, offset in enumerate(offsets):
        stride = math.prod(shape[dimension + 1 :])
        if offset == unknown:
            if stride * width % ALIGNMENT:
                return None
            terms.append((next(given), stride))
        else:
            known += offset * stride
    if known * width % ALIGNMENT:
        return None
    index = ir.IndexType.get()
    total = arith.constant(index, known)
    for value, stride in terms:
        total = arith.addi(total, arith.muli(value, arith.constant(index, stride)))
    return total
