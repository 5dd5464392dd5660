"""Matrix products and convolutions: tiles of both operands in workgroup memory, tiles of the result in registers.

A convolution is the product of the same loops: rows are the positions of its windows, the inner dimension is what a
window covers, and elements find their place through the operand's index map (implicit GEMM).

Both operands lie in workgroup memory as rows of the inner dimension, in vectors of four along the result's rows or
columns: a thread reads vectors and multiplies every element of one with the whole of the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

from iree.codegen.cpu.kernel import Kernel
from iree.codegen.spirv.distribute import gpu_index
from iree.codegen.spirv.flatten import WORKGROUP, storage_class
from iree.codegen.spirv.indices import Size, add, multiply, value_of
from iree.codegen.spirv.scalar import place
from iree.codegen.spirv.templates.edges import Edge, Guard, barrier, both, clamp, divides, less, or_zero
from iree.codegen.spirv.templates.elementwise import is_stored_in_vectors
from iree.codegen.spirv.templates.match import Product, read_product
from iree.codegen.spirv.templates.product import Emitter
from iree.dialects.mlir import arith, ir, memref, scf, vector
from iree.dialects.mlir import math as math_ops

_LANES = 4
_UNKNOWN = 512
"""What an unknown size is taken for."""


@dataclass(frozen=True)
class Tiling:
    """How a product is cut.

    Attributes:
        rows: Threads along the rows of a tile.
        columns: Threads along its columns.
        row_vectors: Vectors of rows that a thread has.
        column_vectors: Vectors of columns that a thread has.
        depth: Of the tiles in workgroup memory.
    """

    rows: int
    columns: int
    row_vectors: int
    column_vectors: int
    depth: int = 16

    @property
    def threads(self) -> int:
        """Of a workgroup."""
        return self.rows * self.columns

    @property
    def elements(self) -> int:
        """Of workgroup memory."""
        return self.depth * (self.m + self.n + 2 * _LANES)

    @property
    def m(self) -> int:
        """Rows of a tile."""
        return self.rows * self.row_vectors * _LANES

    @property
    def n(self) -> int:
        """Columns of a tile."""
        return self.columns * self.column_vectors * _LANES


_TILINGS = (Tiling(16, 16, 2, 2), Tiling(16, 16, 1, 1), Tiling(8, 8, 1, 1), Tiling(4, 8, 1, 1))
"""Largest first."""
_ENOUGH = (256, 128, 64, 0)
"""Workgroups that make each of them worthwhile."""


def apply(kernel: Kernel, memory: int) -> int | None:
    """Rewrites a bufferized kernel whose operations are all generics to an `scf.forall` over workgroups.

    Args:
        kernel: The kernel.
        memory: Bytes that a workgroup may share.

    Returns:
        Threads of a workgroup; None, with nothing changed, if it is not a product of matrices.
    """
    found = read_product(kernel)
    if found is None or not _types_fit(found):
        return None
    sizes = [size or _UNKNOWN for size in found.contraction.loop_sizes()]
    m, n, batch = (prod(sizes[i] for i in loops) for loops in (found.m, found.n, found.batch))
    if m < _LANES or n < _LANES or prod(sizes[i] for i in found.k) < _LANES:
        return None
    width = found.contraction.inits[0].type.element_type.width // 8
    tiling = _choose(m, n, batch, memory // width)
    ContractionEmitter(found, tiling).emit()
    return tiling.threads


def _choose(m: int, n: int, batch: int, elements: int) -> Tiling:
    for tiling, enough in zip(_TILINGS, _ENOUGH, strict=True):
        if tiling.elements <= elements and -(-m // tiling.m) * -(-n // tiling.n) * batch >= enough:
            return tiling
    return _TILINGS[-1]


def _types_fit(found: Product) -> bool:
    types = [v.type.element_type for v in found.contraction.operands]
    result = types[2]
    if not isinstance(result, (ir.F32Type, ir.F16Type)) and result != ir.IntegerType.get_signless(32):
        return False
    return all(isinstance(t, (ir.F32Type, ir.F16Type, ir.BF16Type, ir.IntegerType)) for t in types)


class ContractionEmitter(Emitter[Tiling]):
    """Emits one product."""

    def __init__(self, found: Product, tiling: Tiling) -> None:
        super().__init__(found, tiling)
        self.element = self.generic.inits[0].type.element_type
        self.vector = ir.VectorType.get([_LANES], self.element)
        self.casts = {op.operands[0]: op for op in self.generic.body if op.name.startswith("arith.ext")}

    def tile(self, batch: Any, row: Any, column: Any) -> None:
        tiling, found = self.tiling, self.found
        thread = gpu_index("gpu.thread_id")
        threads = value_of(tiling.columns)
        tx, ty = arith.RemUIOp(thread, threads).result, arith.DivUIOp(thread, threads).result
        indices: list[Size] = [0] * len(self.sizes)
        self.locate(indices, found.batch, batch)
        left = Stage(self, 0, Edge(found.m, row, self.m, tiling.m), indices)
        right = Stage(self, 1, Edge(found.n, column, self.n, tiling.n), indices)
        sums = self.accumulate(left, right, (thread, tx, ty), found.initial)
        self._store(sums, indices, (row, ty), (column, tx))

    def accumulate(self, left: Stage, right: Stage, threads: tuple[Any, Any, Any], initial: Any) -> list[Any]:
        """Emits the product of two operands' tiles.

        Args:
            left: The rows' operand.
            right: The columns' operand.
            threads: The thread's number, and its column and row among the threads.
            initial: What sums start from.

        Returns:
            Vectors along the columns, by the thread's rows.
        """
        tiling, (thread, tx, ty) = self.tiling, threads
        zero = vector.BroadcastOp(self.vector, initial).result
        count = tiling.row_vectors * _LANES * tiling.column_vectors
        loop = scf.ForOp(value_of(0), value_of(self.k), value_of(tiling.depth), [zero] * count)
        with ir.InsertionPoint(loop.body):
            for stage in (left, right):
                stage.copy(thread, loop.induction_variable)
            barrier()
            sums = self._multiply(left, right, tx, ty, list(loop.inner_iter_args))
            barrier()
            scf.YieldOp(sums)
        return list(loop.results)

    def _multiply(self, left: Stage, right: Stage, tx: Any, ty: Any, sums: list[Any]) -> list[Any]:
        tiling = self.tiling
        for k in range(tiling.depth):
            columns = [right.read(k, add(tx, tiling.columns * j)) for j in range(tiling.column_vectors)]
            for i in range(tiling.row_vectors):
                rows = left.read(k, add(ty, tiling.rows * i))
                for r in range(_LANES):
                    factor = vector.BroadcastOp(self.vector, vector.ExtractOp(rows, [], [r]).result).result
                    for j, values in enumerate(columns):
                        at = (i * _LANES + r) * tiling.column_vectors + j
                        sums[at] = self._add(factor, values, sums[at])
        return sums

    def _add(self, a: Any, b: Any, c: Any) -> Any:
        if isinstance(self.element, ir.FloatType):
            return math_ops.FmaOp(a, b, c).result
        return arith.AddIOp(c, arith.MulIOp(a, b).result).result

    def _store(self, sums: list[Any], indices: list[Size], rows: tuple[Any, Any], columns: tuple[Any, Any]) -> None:
        tiling, found = self.tiling, self.found
        for i in range(tiling.row_vectors):
            for r in range(_LANES):
                m = add(rows[0], add(multiply(add(rows[1], tiling.rows * i), _LANES), r))
                with Guard(None if divides(self.m, tiling.m) else (m, self.m)):
                    self.locate(indices, found.m, m)
                    for j in range(tiling.column_vectors):
                        at = (i * _LANES + r) * tiling.column_vectors + j
                        n = add(columns[0], multiply(add(columns[1], tiling.columns * j), _LANES))
                        self.store_vector(sums[at], indices, n)


class Stage:
    """An operand's tiles in workgroup memory: ``depth`` rows of vectors along the result's rows or columns."""

    def __init__(self, emitter: ContractionEmitter, operand: int, edge: Edge, indices: list[Size]) -> None:
        self.emitter, self.operand = emitter, operand
        loops, self.start, size, extent = edge.loops, edge.start, edge.size, edge.extent
        self.loops, self.size = loops, size
        self.indices = list(indices)
        self.generic = emitter.generic
        self.vectors = extent // _LANES
        self.pitch = self.vectors + 1  # the same column of two rows is in different banks
        self.exact = divides(size, extent)
        dims = self.generic.dims(operand)
        inner = emitter.sizes[loops[-1]]
        self.along = dims[-1] == loops[-1] and isinstance(inner, int) and inner % _LANES == 0
        type_ = ir.MemRefType.get(
            [emitter.tiling.depth * self.pitch], emitter.vector, memory_space=storage_class(WORKGROUP)
        )
        self.memory = memref.AllocOp(type_, [], []).result

    def read(self, k: int, number: Any) -> Any:
        """A vector of row `k`."""
        return memref.LoadOp(self.memory, [value_of(add(number, k * self.pitch))]).result

    def copy(self, thread: Any, start: Any) -> None:
        """Emits the copy of the tile that starts at `start` in the inner dimension."""
        tiling = self.emitter.tiling
        items = tiling.depth * self.vectors
        for first in range(0, items, tiling.threads):
            item = add(thread, first)
            inner = value_of(self.vectors if self.along else tiling.depth)
            fast, slow = arith.RemUIOp(value_of(item), inner).result, arith.DivUIOp(value_of(item), inner).result
            number, k = (fast, slow) if self.along else (slow, fast)
            with Guard(None if items - first >= tiling.threads else (item, items)):
                value = self._load(number, k, add(start, k))
                memref.StoreOp(value, self.memory, [value_of(add(multiply(k, self.pitch), number))])

    def _load(self, number: Any, row: Any, k: Any) -> Any:
        emitter = self.emitter
        inside = None if divides(emitter.k, emitter.tiling.depth) else less(k, emitter.k)
        emitter.locate(self.indices, emitter.found.k, clamp(k, emitter.k, inside))
        start = add(self.start, multiply(number, _LANES))
        if self.along and is_stored_in_vectors(self.generic.operands[self.operand].type.element_type):
            fits = both(inside, None if self.exact else less(start, self.size))
            emitter.locate(self.indices, self.loops, clamp(start, self.size, None if self.exact else fits, _LANES))
            source = self.generic.operands[self.operand]
            kind = ir.VectorType.get([_LANES], source.type.element_type)
            value = vector.LoadOp(kind, source, place(self.generic, self.operand, self.indices)).result
            return or_zero(self._convert(value), fits)
        values = []
        for lane in range(_LANES):
            at = add(start, lane)
            within = None if self.exact else less(at, self.size)
            emitter.locate(self.indices, self.loops, clamp(at, self.size, within))
            source = self.generic.operands[self.operand]
            value = memref.LoadOp(source, place(self.generic, self.operand, self.indices)).result
            values.append(or_zero(self._convert(value), both(inside, within)))
        return vector.FromElementsOp(emitter.vector, values).result

    def _convert(self, value: Any) -> Any:
        cast = self.emitter.casts.get(self.generic.block.arguments[self.operand])
        if cast is None:
            return value
        element = cast.results[0].type
        wanted = ir.VectorType.get([_LANES], element) if isinstance(value.type, ir.VectorType) else element
        return ir.Operation.create(cast.name, [wanted], [value]).result
