"""Products of f16 or bf16 matrices by what a subgroup multiplies together (VK_KHR_cooperative_matrix), sums in f32.

Tiles of both operands lie in workgroup memory as they lie in the buffers, by rows or by columns, in 16 bytes where the
buffers' rows allow it. While a tile is multiplied, threads hold their parts of the next one in registers. Sums go
through workgroup memory on their way to the operations after the product.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from iree.codegen.cpu.kernel import Kernel
from iree.codegen.spirv.distribute import gpu_index
from iree.codegen.spirv.flatten import WORKGROUP, storage_class
from iree.codegen.spirv.indices import Size, add, multiply, value_of
from iree.codegen.spirv.profile import Matrices
from iree.codegen.spirv.scalar import place
from iree.codegen.spirv.templates.edges import Edge, Guard, barrier, both, clamp, divides, less, or_zero
from iree.codegen.spirv.templates.match import Product, read_product
from iree.codegen.spirv.templates.product import Emitter
from iree.dialects.mlir import arith, ir, memref, scf, vector

_LANES = 4
_WIDE = 8
"""Elements in 16 bytes."""
_STEPS = 2
"""Multiplications along the inner dimension of a tile."""


@dataclass(frozen=True)
class Tiling:
    """How a product is cut.

    Attributes:
        unit: What a subgroup multiplies at a time.
        rows: Subgroups along the rows of a tile.
        columns: Subgroups along its columns.
        row_parts: Matrices along the rows that a subgroup has.
        column_parts: Matrices along the columns.
    """

    unit: Matrices
    rows: int
    columns: int
    row_parts: int
    column_parts: int

    @property
    def threads(self) -> int:
        """Of a workgroup."""
        return self.rows * self.columns * self.unit.subgroup

    @property
    def m(self) -> int:
        """Rows of a tile."""
        return self.rows * self.row_parts * self.unit.m

    @property
    def n(self) -> int:
        """Columns of a tile."""
        return self.columns * self.column_parts * self.unit.n

    @property
    def depth(self) -> int:
        """Of the tiles in workgroup memory."""
        return _STEPS * self.unit.k


_TILINGS = ((2, 4, 4, 4), (2, 2, 4, 4), (2, 2, 2, 2), (2, 2, 1, 1))
"""Largest first."""
_ENOUGH = (264, 132, 66, 0)
"""Workgroups that make each of them worthwhile."""


@dataclass(frozen=True)
class Applied:
    """What the template has made of a kernel.

    Attributes:
        threads: Of a workgroup.
        brain: Whether the matrices are of bf16, which `module.to_spirv` must be told: in `gpu` they are of f16.
    """

    threads: int
    brain: bool


def apply(kernel: Kernel, unit: Matrices) -> Applied | None:
    """Rewrites a bufferized kernel whose operations are all generics to an `scf.forall` over workgroups.

    Args:
        kernel: The kernel.
        unit: What the device multiplies.

    Returns:
        None, with nothing changed, if it is not a product of f16 or bf16 matrices that are large enough, of known
        depth.
    """
    found = read_product(kernel)
    if found is None or not _types_fit(found):
        return None
    sizes = found.contraction.loop_sizes()
    depth = [sizes[i] for i in found.k]
    if None in depth or prod(size or 0 for size in depth) < unit.k:
        return None
    m, n, batch = (prod(sizes[i] or 4 * unit.m for i in loops) for loops in (found.m, found.n, found.batch))
    if m < unit.m or n < unit.n:
        return None
    tiling = _choose(unit, m, n, batch)
    brain = isinstance(found.contraction.inputs[0].type.element_type, ir.BF16Type)
    _Emitter(found, tiling).emit()
    return Applied(tiling.threads, brain)


def is_product_of_halves(op: Any) -> bool:
    """Whether an operation on tensors may become what `apply` takes."""
    types = [v.type for v in op.operands]
    if not op.name.startswith("linalg.") or len(types) != 3:
        return False
    elements = [t.element_type if isinstance(t, ir.RankedTensorType) else None for t in types]
    return _are_halves(elements)


def _choose(unit: Matrices, m: int, n: int, batch: int) -> Tiling:
    tilings = [Tiling(unit, *numbers) for numbers in _TILINGS]
    fitting = (t for t, e in zip(tilings, _ENOUGH, strict=True) if -(-m // t.m) * -(-n // t.n) * batch >= e)
    return next(fitting)


def _types_fit(found: Product) -> bool:
    return _are_halves([v.type.element_type for v in found.contraction.operands])


def _are_halves(elements: Sequence[Any]) -> bool:
    *operands, result = elements
    alike = any(all(isinstance(t, kind) for t in operands) for kind in (ir.F16Type, ir.BF16Type))
    return alike and isinstance(result, ir.F32Type)


class _Emitter(Emitter[Tiling]):
    """Emits one product."""

    def tile(self, batch: Any, row: Any, column: Any) -> None:
        """See `Emitter.tile`."""
        tiling, found, unit = self.tiling, self.found, self.tiling.unit
        thread, subgroup = gpu_index("gpu.thread_id"), _subgroup()
        columns = value_of(tiling.columns)
        sy, sx = arith.DivUIOp(subgroup, columns).result, arith.RemUIOp(subgroup, columns).result
        indices: list[Size] = [0] * len(self.sizes)
        self.locate(indices, found.batch, batch)
        left = _Stage(self, 0, Edge(found.m, row, self.m, tiling.m), indices)
        right = _Stage(self, 1, Edge(found.n, column, self.n, tiling.n), indices)
        top, side = multiply(sy, tiling.row_parts * unit.m), multiply(sx, tiling.column_parts * unit.n)
        sums = [_constant(unit, found.initial)] * (tiling.row_parts * tiling.column_parts)
        held = [*left.load(thread, 0), *right.load(thread, 0)]
        loop = scf.ForOp(value_of(0), value_of(self.k), value_of(tiling.depth), [*sums, *held])
        with ir.InsertionPoint(loop.body):
            arguments = list(loop.inner_iter_args)
            sums, held = arguments[: len(sums)], arguments[len(sums) :]
            left.store(thread, held[: left.items])
            right.store(thread, held[left.items :])
            barrier()
            after = add(loop.induction_variable, tiling.depth)
            held = [*left.load(thread, after), *right.load(thread, after)]
            sums = self._multiply(left, right, top, side, sums)
            barrier()
            scf.YieldOp([*sums, *held])
        self._finish(list(loop.results)[: len(sums)], subgroup, thread, (row, column), indices)

    def _multiply(self, left: _Stage, right: _Stage, top: Any, side: Any, sums: list[Any]) -> list[Any]:
        tiling, unit = self.tiling, self.tiling.unit
        sums = list(sums)
        for k in range(0, tiling.depth, unit.k):
            columns = [right.read(add(side, unit.n * j), k) for j in range(tiling.column_parts)]
            for i in range(tiling.row_parts):
                rows = left.read(add(top, unit.m * i), k)
                for j, part in enumerate(columns):
                    at = i * tiling.column_parts + j
                    sums[at] = ir.Operation.create(
                        "gpu.subgroup_mma_compute", [sums[at].type], [rows, part, sums[at]]
                    ).result
        return sums

    def _finish(
        self, sums: list[Any], subgroup: Any, thread: Any, corner: tuple[Any, Any], indices: list[Size]
    ) -> None:
        """One matrix of each subgroup after the other: to workgroup memory, and from there on."""
        tiling, unit = self.tiling, self.tiling.unit
        pitch = unit.n // _LANES + 1
        each = unit.m * unit.n // _LANES
        kind = ir.VectorType.get([_LANES], ir.F32Type.get())
        total = tiling.rows * tiling.columns
        type_ = ir.MemRefType.get([total * unit.m * pitch], kind, memory_space=storage_class(WORKGROUP))
        memory = memref.AllocOp(type_, [], []).result
        own = multiply(subgroup, unit.m * pitch)
        for number, matrix in enumerate(sums):
            i, j = divmod(number, tiling.column_parts)
            _store_matrix(matrix, memory, own, pitch)
            barrier()
            for first in range(0, total * each, tiling.threads):
                item = value_of(add(thread, first))
                with Guard(None if total * each - first >= tiling.threads else (item, total * each)):
                    which, inside = _split(item, each)
                    r, c = _split(inside, unit.n // _LANES)
                    y, x = _split(which, tiling.columns)
                    value = memref.LoadOp(
                        memory, [value_of(add(multiply(add(multiply(which, unit.m), r), pitch), c))]
                    ).result
                    m = add(add(corner[0], multiply(y, tiling.row_parts * unit.m)), add(r, i * unit.m))
                    n = add(
                        add(corner[1], multiply(x, tiling.column_parts * unit.n)), add(multiply(c, _LANES), j * unit.n)
                    )
                    with Guard(None if divides(self.m, tiling.m) else (m, self.m)):
                        self.locate(indices, self.found.m, m)
                        self.store_vector(value, indices, n)
            barrier()


class _Stage:
    """An operand's tiles in workgroup memory: rows along the dimension that is consecutive in the buffer."""

    def __init__(self, emitter: _Emitter, operand: int, edge: Edge, indices: list[Size]) -> None:
        self.emitter, self.operand = emitter, operand
        self.loops, self.start, self.size, self.extent = edge.loops, edge.start, edge.size, edge.extent
        self.indices = list(indices)
        generic, depth = emitter.generic, emitter.tiling.depth
        last = generic.dims(operand)[-1]
        self.across = last == edge.loops[-1]
        """Whether rows run along the result's rows or columns, not along the inner dimension."""
        inner = emitter.sizes[last] if last in (edge.loops[-1], emitter.found.k[-1]) and last is not None else None
        self.width = _WIDE if isinstance(inner, int) and inner % _WIDE == 0 else 1
        self.row = (self.extent if self.across else depth) // self.width
        self.pitch = self.row + _WIDE // self.width  # other banks for the next row
        rows = depth if self.across else self.extent
        self.items = rows * self.row // emitter.tiling.threads
        words = ir.VectorType.get([4], ir.IntegerType.get_signless(32))
        self.held = words if self.width == _WIDE else ir.F16Type.get()
        type_ = ir.MemRefType.get([rows * self.pitch], self.held, memory_space=storage_class(WORKGROUP))
        self.memory = memref.AllocOp(type_, [], []).result

    def load(self, thread: Any, start: Any) -> list[Any]:
        """Emits the thread's loads of the tile that starts at `start` in the inner dimension, or of any behind it."""
        emitter, threads = self.emitter, self.emitter.tiling.threads
        values = []
        for item in range(self.items):
            slow, fast = _split(value_of(add(thread, item * threads)), self.row)
            fast = multiply(fast, self.width)
            position, k = (fast, slow) if self.across else (slow, fast)
            position, k = add(self.start, position), value_of(add(start, k))
            inside = None if divides(self.size, self.extent) else less(position, self.size)
            within = None if divides(emitter.k, emitter.tiling.depth) else less(k, emitter.k)
            width = self.width if self.across else 1
            emitter.locate(self.indices, self.loops, clamp(position, self.size, inside, width))
            last = value_of(emitter.k - (1 if self.across else self.width))
            emitter.locate(self.indices, emitter.found.k, arith.MinSIOp(k, last).result)
            values.append(or_zero(self._read(), both(inside, within)))
        return values

    def _read(self) -> Any:
        generic = self.emitter.generic
        source = generic.operands[self.operand]
        at = place(generic, self.operand, self.indices)
        if self.width == 1:
            value = memref.LoadOp(source, at).result
            if isinstance(value.type, ir.F16Type):
                return value
            bits = arith.BitcastOp(ir.IntegerType.get_signless(16), value).result
            return arith.BitcastOp(self.held, bits).result
        wide = vector.LoadOp(ir.VectorType.get([_WIDE], source.type.element_type), source, at).result
        return vector.BitCastOp(self.held, wide).result

    def store(self, thread: Any, values: Sequence[Any]) -> None:
        """Emits the stores of what `load` gave."""
        for item, value in enumerate(values):
            slow, fast = _split(value_of(add(thread, item * self.emitter.tiling.threads)), self.row)
            memref.StoreOp(value, self.memory, [value_of(add(multiply(slow, self.pitch), fast))])

    def read(self, position: Any, k: int) -> Any:
        """A matrix of the tile, `position` along the result's rows or columns."""
        unit = self.emitter.tiling.unit
        fast, slow = (position, k) if self.across else (k, position)
        at = add(multiply(slow, self.pitch), _divided(fast, self.width))
        rows, columns, name = (unit.m, unit.k, "AOp") if self.operand == 0 else (unit.k, unit.n, "BOp")
        attributes = {"leadDimension": ir.IntegerAttr.get(ir.IndexType.get(), self.pitch)}
        if self.across == (self.operand == 0):
            attributes["transpose"] = ir.UnitAttr.get()
        type_ = ir.Type.parse(f'!gpu.mma_matrix<{rows}x{columns}xf16, "{name}">')
        return ir.Operation.create(
            "gpu.subgroup_mma_load_matrix", [type_], [self.memory, value_of(at)], attributes
        ).result


def _constant(unit: Matrices, value: Any) -> Any:
    type_ = ir.Type.parse(f'!gpu.mma_matrix<{unit.m}x{unit.n}xf32, "COp">')
    return ir.Operation.create("gpu.subgroup_mma_constant_matrix", [type_], [value]).result


def _store_matrix(matrix: Any, memory: Any, place_: Any, pitch: int) -> None:
    attributes = {"leadDimension": ir.IntegerAttr.get(ir.IndexType.get(), pitch)}
    ir.Operation.create("gpu.subgroup_mma_store_matrix", [], [matrix, memory, value_of(place_)], attributes)


def _subgroup() -> Any:
    return ir.Operation.create("gpu.subgroup_id", [ir.IndexType.get()]).result


def _split(value: Any, size: int) -> tuple[Any, Any]:
    """Quotient and remainder."""
    return arith.DivUIOp(value, value_of(size)).result, arith.RemUIOp(value, value_of(size)).result


def _divided(value: Size, by: int) -> Size:
    if isinstance(value, int):
        return value // by
    if by == 1:
        return value
    return arith.DivUIOp(value, value_of(by)).result
