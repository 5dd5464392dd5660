"""What all templates for products of matrices do: the loop over tiles of the result, and its last operations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, Protocol, TypeVar

from iree.codegen.spirv.indices import Size, add, delinearize, multiply, product
from iree.codegen.spirv.scalar import extents
from iree.codegen.spirv.templates.edges import Guard, ceildiv, divides
from iree.codegen.spirv.templates.elementwise import Lanes, evaluate, is_stored_in_vectors
from iree.codegen.spirv.templates.match import Product
from iree.dialects.mlir import ir, scf, vector

_LANES = 4


class Tile(Protocol):
    """What a workgroup makes of the result."""

    @property
    def m(self) -> int:
        """Rows."""

    @property
    def n(self) -> int:
        """Columns."""


T = TypeVar("T", bound=Tile)


class Emitter(Generic[T]):
    """Emits one product; subclasses say what a workgroup does for a tile."""

    def __init__(self, found: Product, tiling: T) -> None:
        self.found, self.tiling = found, tiling
        self.generic = found.contraction

    def emit(self) -> None:
        """Replaces the kernel's generics."""
        found, tiling = self.found, self.tiling
        last = (found.after or (found.contraction,))[-1].op
        with last.location, ir.InsertionPoint(last):
            self.sizes = extents(self.generic)
            self.m, self.n, self.k = (product([self.sizes[i] for i in loops]) for loops in (found.m, found.n, found.k))
            batch = product([self.sizes[i] for i in found.batch])
            bounds = [batch, ceildiv(self.m, tiling.m), ceildiv(self.n, tiling.n)]
            loop = scf.ForallOp([0, 0, 0], bounds, [1, 1, 1])
        with last.location, ir.InsertionPoint.at_block_begin(loop.body):
            number, row, column = list(loop.body.arguments)[:3]
            self.tile(number, multiply(row, tiling.m), multiply(column, tiling.n))
        if not list(loop.body.operations) or list(loop.body.operations)[-1].operation.name != "scf.forall.in_parallel":
            with last.location, ir.InsertionPoint(loop.body):
                scf.InParallelOp()
        for generic in (*found.after[::-1], found.contraction, found.fill):
            generic.op.erase()

    def tile(self, batch: Any, row: Any, column: Any) -> None:
        """Emits what a workgroup does for the tile whose first element is at `row` and `column`."""
        raise NotImplementedError

    def locate(self, indices: list[Size], loops: Sequence[int], position: Any) -> None:
        """Sets the indices of loops to those of a row-major position in them."""
        sizes = [self.sizes[i] for i in loops]
        for loop, index in zip(loops, delinearize(position, sizes), strict=True):
            indices[loop] = index

    def store_vector(self, value: Any, indices: list[Size], n: Any) -> None:
        """Applies the operations after the product to four sums and stores them.

        Args:
            value: The vector.
            indices: Of all loops; those of the columns are set here.
            n: The first one's column.
        """
        found, tile = self.found, self.tiling.n
        if self._whole_vectors():
            with Guard(None if divides(self.n, tile) else (n, self.n)):
                self.locate(indices, found.n, n)
                evaluate(found.contraction, found.after, value, indices, Lanes(found.n[-1], _LANES))
            return
        for c in range(_LANES):
            place = add(n, c)
            with Guard(None if divides(self.n, tile) else (place, self.n)):
                self.locate(indices, found.n, place)
                element = vector.ExtractOp(value, [], [c]).result
                evaluate(found.contraction, found.after, element, indices, Lanes(found.n[-1], 1))

    def _whole_vectors(self) -> bool:
        """Whether four columns are always neighbours in the result."""
        stored = [v.type for v in (*self.generic.inits, *(v for g in self.found.after for v in g.operands))]
        inner = self.sizes[self.found.n[-1]]
        return (
            isinstance(inner, int)
            and inner % _LANES == 0
            and self.generic.dims(2)[-1] == self.found.n[-1]
            and all(g.dims(len(g.inputs)) == tuple(range(len(g.iterators))) for g in self.found.after)
            and all(is_stored_in_vectors(t.element_type) for t in stored if isinstance(t, ir.MemRefType))
        )
