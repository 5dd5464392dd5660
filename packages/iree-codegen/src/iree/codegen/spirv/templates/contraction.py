"""Matrix products and convolutions: tiles of both operands in workgroup memory, tiles of the result in registers.

A convolution is the product of the same loops: rows are the positions of its windows, the inner dimension is what a
window covers, and elements find their place through the operand's index map (implicit GEMM).

Both operands lie in workgroup memory as rows of the inner dimension, in vectors of four along the result's rows or
columns: a thread reads vectors and multiplies every element of one with the whole of the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from iree.codegen.cpu.kernel import Kernel
from iree.codegen.spirv.distribute import gpu_index
from iree.codegen.spirv.flatten import WORKGROUP, storage_class
from iree.codegen.spirv.indices import Size, add, delinearize, multiply, product, value_of
from iree.codegen.spirv.scalar import extents, place
from iree.codegen.spirv.templates.elementwise import Lanes, evaluate
from iree.codegen.spirv.templates.match import Product, read_product
from iree.dialects.mlir import arith, ir, memref, scf, vector
from iree.dialects.mlir import math as math_ops

_LANES = 4
_UNKNOWN = 512
"""What an unknown size is taken for."""
_SLT = 2


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
    _Emitter(found, tiling).emit()
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


class _Emitter:
    """Emits one product."""

    def __init__(self, found: Product, tiling: Tiling) -> None:
        self.found, self.tiling = found, tiling
        self.generic = found.contraction
        self.element = self.generic.inits[0].type.element_type
        self.vector = ir.VectorType.get([_LANES], self.element)
        self.casts = {op.operands[0]: op for op in self.generic.body if op.name.startswith("arith.ext")}

    def emit(self) -> None:
        """Replaces the kernel's generics."""
        found, tiling = self.found, self.tiling
        last = (found.after or (found.contraction,))[-1].op
        with last.location, ir.InsertionPoint(last):
            self.sizes = extents(self.generic)
            self.m, self.n, self.k = (product([self.sizes[i] for i in loops]) for loops in (found.m, found.n, found.k))
            batch = product([self.sizes[i] for i in found.batch])
            bounds = [batch, _ceildiv(self.m, tiling.m), _ceildiv(self.n, tiling.n)]
            loop = scf.ForallOp([0, 0, 0], bounds, [1, 1, 1])
        with last.location, ir.InsertionPoint.at_block_begin(loop.body):
            number, row, column = list(loop.body.arguments)[:3]
            self._tile(number, multiply(row, tiling.m), multiply(column, tiling.n))
        if not list(loop.body.operations) or list(loop.body.operations)[-1].operation.name != "scf.forall.in_parallel":
            with last.location, ir.InsertionPoint(loop.body):
                scf.InParallelOp()
        for generic in (*found.after[::-1], found.contraction, found.fill):
            generic.op.erase()

    def _tile(self, batch: Any, row: Any, column: Any) -> None:
        tiling, found = self.tiling, self.found
        thread = gpu_index("gpu.thread_id")
        threads = value_of(tiling.columns)
        tx, ty = arith.RemUIOp(thread, threads).result, arith.DivUIOp(thread, threads).result
        indices: list[Size] = [0] * len(self.sizes)
        for loop, index in zip(found.batch, delinearize(batch, [self.sizes[i] for i in found.batch]), strict=True):
            indices[loop] = index
        left = _Stage(self, 0, _Edge(found.m, row, self.m, tiling.m), indices)
        right = _Stage(self, 1, _Edge(found.n, column, self.n, tiling.n), indices)
        zero = vector.BroadcastOp(self.vector, found.initial).result
        count = tiling.row_vectors * _LANES * tiling.column_vectors
        loop = scf.ForOp(value_of(0), value_of(self.k), value_of(tiling.depth), [zero] * count)
        with ir.InsertionPoint(loop.body):
            for stage in (left, right):
                stage.copy(thread, loop.induction_variable)
            _barrier()
            sums = self._multiply(left, right, tx, ty, list(loop.inner_iter_args))
            _barrier()
            scf.YieldOp(sums)
        self._store(list(loop.results), indices, (row, ty), (column, tx))

    def _multiply(self, left: _Stage, right: _Stage, tx: Any, ty: Any, sums: list[Any]) -> list[Any]:
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
                with _Guard(None if _divides(self.m, tiling.m) else (m, self.m)):
                    for loop, index in zip(found.m, delinearize(m, [self.sizes[x] for x in found.m]), strict=True):
                        indices[loop] = index
                    for j in range(tiling.column_vectors):
                        at = (i * _LANES + r) * tiling.column_vectors + j
                        n = add(columns[0], multiply(add(columns[1], tiling.columns * j), _LANES))
                        self._store_vector(sums[at], indices, n)

    def _store_vector(self, value: Any, indices: list[Size], n: Any) -> None:
        found, sizes = self.found, [self.sizes[x] for x in self.found.n]
        if self._whole_vectors():
            with _Guard(None if _divides(self.n, self.tiling.n) else (n, self.n)):
                self._column(indices, n, sizes)
                evaluate(found.contraction, found.after, value, indices, Lanes(found.n[-1], _LANES))
            return
        for c in range(_LANES):
            place_ = add(n, c)
            with _Guard(None if _divides(self.n, self.tiling.n) else (place_, self.n)):
                self._column(indices, place_, sizes)
                element = vector.ExtractOp(value, [], [c]).result
                evaluate(found.contraction, found.after, element, indices, Lanes(found.n[-1], 1))

    def _column(self, indices: list[Size], n: Any, sizes: Sequence[Size]) -> None:
        for loop, index in zip(self.found.n, delinearize(n, sizes), strict=True):
            indices[loop] = index

    def _whole_vectors(self) -> bool:
        """Whether four columns are always neighbours in the result."""
        last = (self.found.after or (self.generic,))[-1]
        inner = self.sizes[self.found.n[-1]]
        return (
            isinstance(inner, int)
            and inner % _LANES == 0
            and self.generic.dims(2)[-1] == self.found.n[-1]
            and all(g.dims(len(g.inputs)) == tuple(range(len(g.iterators))) for g in self.found.after)
            and last.inits[0].type.element_type.width in (16, 32)
        )


@dataclass(frozen=True)
class _Edge:
    """Rows or columns of a tile: the loops that they are, where they start, how many there are and in the tile."""

    loops: tuple[int, ...]
    start: Any
    size: Size
    extent: int


class _Stage:
    """An operand's tiles in workgroup memory: ``depth`` rows of vectors along the result's rows or columns."""

    def __init__(self, emitter: _Emitter, operand: int, edge: _Edge, indices: list[Size]) -> None:
        self.emitter, self.operand = emitter, operand
        loops, self.start, size, extent = edge.loops, edge.start, edge.size, edge.extent
        self.loops, self.size = loops, size
        self.indices = list(indices)
        self.generic = emitter.generic
        self.vectors = extent // _LANES
        self.pitch = self.vectors + 1  # the same column of two rows is in different banks
        self.exact = _divides(size, extent)
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
            with _Guard(None if items - first >= tiling.threads else (item, items)):
                value = self._load(number, k, add(start, k))
                memref.StoreOp(value, self.memory, [value_of(add(multiply(k, self.pitch), number))])

    def _load(self, number: Any, row: Any, k: Any) -> Any:
        emitter = self.emitter
        inside = None if _divides(emitter.k, emitter.tiling.depth) else _less(k, emitter.k)
        self._set(emitter.found.k, _clamp(k, emitter.k, inside))
        start = add(self.start, multiply(number, _LANES))
        if self.along:
            fits = _both(inside, None if self.exact else _less(start, self.size))
            self._set(self.loops, _clamp(start, self.size, None if self.exact else fits, _LANES))
            source = self.generic.operands[self.operand]
            kind = ir.VectorType.get([_LANES], source.type.element_type)
            value = vector.LoadOp(kind, source, place(self.generic, self.operand, self.indices)).result
            return _or_zero(self._convert(value), fits)
        values = []
        for lane in range(_LANES):
            at = add(start, lane)
            within = None if self.exact else _less(at, self.size)
            self._set(self.loops, _clamp(at, self.size, within))
            source = self.generic.operands[self.operand]
            value = memref.LoadOp(source, place(self.generic, self.operand, self.indices)).result
            values.append(_or_zero(self._convert(value), _both(inside, within)))
        return vector.FromElementsOp(emitter.vector, values).result

    def _set(self, loops: Sequence[int], position: Any) -> None:
        sizes = [self.emitter.sizes[i] for i in loops]
        for loop, index in zip(loops, delinearize(position, sizes), strict=True):
            self.indices[loop] = index

    def _convert(self, value: Any) -> Any:
        cast = self.emitter.casts.get(self.generic.block.arguments[self.operand])
        if cast is None:
            return value
        element = cast.results[0].type
        wanted = ir.VectorType.get([_LANES], element) if isinstance(value.type, ir.VectorType) else element
        return ir.Operation.create(cast.name, [wanted], [value]).result


class _Guard:
    """Emits what is in its block for indices below a limit; for all without one."""

    def __init__(self, limit: tuple[Any, Size] | None) -> None:
        self._limit = limit

    def __enter__(self) -> None:
        if self._limit is None:
            return
        guard = scf.IfOp(_less(*self._limit))
        with ir.InsertionPoint(guard.then_block):
            end = scf.YieldOp([])
        self._point = ir.InsertionPoint(end)
        self._point.__enter__()

    def __exit__(self, *details: object) -> None:
        if self._limit is not None:
            self._point.__exit__(*details)


def _barrier() -> None:
    ir.Operation.create("gpu.barrier")


def _ceildiv(size: Size, step: int) -> Size:
    if isinstance(size, int):
        return -(-size // step)
    return arith.CeilDivSIOp(size, value_of(step)).result


def _divides(size: Size, step: int) -> bool:
    return isinstance(size, int) and size % step == 0


def _less(a: Any, b: Size) -> Any:
    return arith.CmpIOp(_SLT, value_of(a), value_of(b)).result


def _both(a: Any, b: Any) -> Any:
    if a is None or b is None:
        return b if a is None else a
    return arith.AndIOp(a, b).result


def _clamp(index: Any, size: Size, inside: Any, width: int = 1) -> Any:
    """`index`, or the last one that may be read if it is not inside."""
    if inside is None:
        return index
    last = size - width if isinstance(size, int) else arith.SubIOp(size, value_of(width)).result
    return arith.MinSIOp(value_of(index), value_of(last)).result


def _or_zero(value: Any, inside: Any) -> Any:
    if inside is None:
        return value
    type_ = value.type
    element = type_.element_type if isinstance(type_, ir.VectorType) else type_
    zero = ir.FloatAttr.get(element, 0.0) if isinstance(element, ir.FloatType) else ir.IntegerAttr.get(element, 0)
    if isinstance(type_, ir.VectorType):
        zero = ir.DenseElementsAttr.get_splat(type_, zero)
    return arith.SelectOp(inside, value, arith.ConstantOp(type_, zero).result).result
