"""Takes products of a loop that do not depend on what its iterations make out of it: all of them at once, before it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from iree.dialects.mlir import ir, linalg, tensor
from iree.dialects.passes import Pass
from iree.dialects.transforms.structure import DYNAMIC, Structure, body, defining, functions, shape_of, walk
from iree.dialects.transforms.unroll_loops import trip_count

_RESHAPES = frozenset({"tensor.collapse_shape", "tensor.expand_shape"})
_MAPS = ((0, 2), (2, 1), (0, 1))
"""Of a product without transposes."""
_MOST_STEPS = 4096
"""Loops that run longer are left alone: their trip count is not followed."""


@dataclass(frozen=True)
class HoistProducts(Pass):
    """Products of slices of a tensor, one for each iteration of a loop, with a matrix become one product before it.

    Recurrent layers multiply what they get at a time step, a row or a few, with a matrix that each step reads anew: the
    product of all steps reads it once. This is done if the loop is known to use at least half of the slices.
    """

    name = "hoist-products"

    def apply(self, module: Any) -> None:
        """See the class."""
        for function in functions(module):
            for loop in [op for op in walk(function) if op.name == "scf.while"]:
                found = [site for op in body(loop.regions[1].blocks[0]) if (site := _site(op, loop)) is not None]
                steps = trip_count(loop, _MOST_STEPS) if found else None
                for site in found:
                    if steps is not None and 2 * steps >= site.count:
                        site.hoist(loop)


@dataclass(frozen=True)
class _Site:
    """A product to take out.

    Attributes:
        op: It.
        zero: The constant that its sums start from.
        slice: The slice that its first operand is, of some shape.
        count: Slices that there are.
    """

    op: Any
    zero: Any
    slice: Any
    count: int

    def hoist(self, loop: Any) -> None:
        """Puts the product of all slices before the loop, and slices of that where the product was."""
        source = self.slice.operands[0]
        rows, depth = shape_of(self.op.operands[0].type)
        columns = shape_of(self.op.results[0].type)[1]
        element, total = self.op.results[0].type.element_type, rows * self.count
        with ir.InsertionPoint(loop), self.op.location:
            flat = _reshape(source, [math.prod(shape_of(source.type))])
            every = _reshape(flat, [total, depth])
            empty = tensor.EmptyOp([total, columns], element).result
            filled = linalg.fill(self.zero.clone().results[0], outs=[empty])
            product = linalg.matmul(every, self.op.operands[1], outs=[filled])
            steps = _reshape(product, [self.count, rows, columns])
        offsets = ir.DenseI64ArrayAttr(self.slice.attributes["static_offsets"])
        # Reshaped, so that it becomes a place in memory: a kernel that takes it in may find no template.
        with ir.InsertionPoint(self.op), self.op.location:
            type_ = ir.RankedTensorType.get([1, rows, columns], element)
            part = tensor.ExtractSliceOp(
                type_, steps, list(self.slice.operands)[1:], [], [],
                [offsets[0], 0, 0], [1, rows, columns], [1, 1, 1],
            ).result  # fmt: skip
            part = tensor.CollapseShapeOp(self.op.results[0].type, part, [[0, 1], [2]]).result
        self.op.results[0].replace_all_uses_with(part)
        self.op.erase()


def _site(op: Any, loop: Any) -> _Site | None:
    structure = Structure.of(op) if op.name == "linalg.matmul" else None
    if structure is None or structure.maps != _MAPS or DYNAMIC in structure.domain:
        return None
    fill = defining(op.operands[2])
    zero = defining(fill.operands[0]) if fill is not None and fill.name == "linalg.fill" else None
    if zero is None or zero.name != "arith.constant" or not _outside(op.operands[1], loop):
        return None
    slice_ = defining(op.operands[0])
    while slice_ is not None and slice_.name in _RESHAPES:
        slice_ = defining(slice_.operands[0])
    if slice_ is None or slice_.name != "tensor.extract_slice" or not _outside(slice_.operands[0], loop):
        return None
    source = shape_of(slice_.operands[0].type)
    offsets, sizes, strides = (
        list(ir.DenseI64ArrayAttr(slice_.attributes[f"static_{name}"])) for name in ("offsets", "sizes", "strides")
    )
    whole = sizes[1:] == list(source[1:]) and not any(offsets[1:])
    if DYNAMIC in source or sizes[0] != 1 or not whole or set(strides) != {1}:
        return None
    return _Site(op, zero, slice_, source[0])


def _outside(value: Any, loop: Any) -> bool:
    """Whether a value is there before the loop: what it is defined by is in a block around it."""
    owner = value.owner if isinstance(value.owner, ir.Block) else defining(value).block  # type: ignore[union-attr]
    above = loop
    while above.name != "func.func":
        if above.block == owner:
            return True
        above = above.parent.operation
    return False


def _reshape(value: Any, shape: list[int]) -> Any:
    """A vector of all elements, or another shape of a vector or of a matrix by rows."""
    old = shape_of(value.type)
    if list(old) == shape:
        return value
    type_ = ir.RankedTensorType.get(shape, value.type.element_type)
    if len(shape) == 1:
        return tensor.CollapseShapeOp(type_, value, [list(range(len(old)))]).result
    groups = [list(range(len(shape) - len(old) + 1)), *([d] for d in range(len(shape) - len(old) + 1, len(shape)))]
    return tensor.ExpandShapeOp(type_, value, groups, [], shape).result
