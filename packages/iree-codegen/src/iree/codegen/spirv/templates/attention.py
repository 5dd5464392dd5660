"""Attention: a workgroup computes a block of queries of one head against all keys, a tile of them at a time.

Scores are never stored: a tile of them is in registers, and what a reduction along the keys makes of one is joined
with what it makes of the others at the end of a pass over the keys. What needs a reduction belongs to a later pass, for
which scores are computed again, unless there are so few keys that all of them stay in registers. Weights go through
workgroup memory, a tile at a time, where groups of threads multiply them with the values, each some of the keys. A
division of the weights by what is the same for all keys is made once per result instead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import prod
from typing import Any

from iree.codegen.cpu.kernel import Kernel
from iree.codegen.cpu.structured import Generic, generics
from iree.codegen.spirv.indices import Size, add, delinearize, known, multiply, product, value_of
from iree.codegen.spirv.loops.combiners import combine, neutral
from iree.codegen.spirv.loops.threads import barrier, shared, thread_id
from iree.codegen.spirv.scalar import extents, place
from iree.codegen.spirv.templates.attention_plan import SCORES, Plan, marked
from iree.codegen.spirv.templates.contraction import ContractionEmitter, Stage, Tiling
from iree.codegen.spirv.templates.edges import Edge, Guard, ceildiv, clamp, divides, less, or_zero
from iree.codegen.spirv.templates.elementwise import Lanes, apply_all, is_stored_in_vectors
from iree.codegen.spirv.templates.match import Product
from iree.codegen.spirv.templates.product import Emitter
from iree.dialects.mlir import arith, ir, memref, scf, vector
from iree.dialects.mlir import math as math_ops
from iree.dialects.transforms.attention import FEATURE, FIRST

_LANES = 4
_ROWS = 4
"""Queries of a thread."""
_KEPT = 4
"""Tiles of keys whose scores stay in registers."""
_FEW_KEYS = 64
_ENOUGH = 128
"""Workgroups that make blocks of many queries worthwhile."""
_LARGE = 24 << 10
"""Bytes of workgroup memory that larger tiles need."""

Rows = list[Any]
"""A value per query of the thread."""


@dataclass
class _Keys:
    """A tile of keys as a thread sees it.

    Attributes:
        first: The first key of the tile.
        key: The thread's first key.
        inside: Per lane whether there is such a key; None if there always is.
        values: What is known of the parts: vectors along the keys.
        loaded: Operands' elements, by part and operand.
    """

    first: Size
    key: Any
    inside: Any
    values: dict[int, Rows]
    loaded: dict[tuple[int, int], Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Vectors:
    """The tile of a product whose results are stored four at a time."""

    m: int = _ROWS
    n: int = _LANES


def apply(kernel: Kernel, plan: Plan, memory: int) -> int | None:
    """Rewrites a bufferized kernel to an `scf.forall` over workgroups.

    Args:
        kernel: The kernel, whose parts are marked.
        plan: What was found in it.
        memory: Bytes that a workgroup may share.

    Returns:
        Threads of a workgroup; None, with nothing changed, if bufferization has left something else.
    """
    found = marked(kernel)
    rest = [g for g in generics(kernel.function) if g.op not in [part.op for part in found.values()]]
    fills = all(not isinstance(v.type, ir.MemRefType) for g in rest for v in g.inputs)
    if set(found) != set(range(len(plan.parts))) or not fills:
        return None
    tiling = _choose(plan, found[SCORES].loop_sizes(), large=memory >= _LARGE)
    _Writer(plan, found, tiling).write()
    for generic in reversed([*rest, *found.values()]):
        generic.op.erase()
    return tiling.threads


def _choose(plan: Plan, sizes: Sequence[int | None], *, large: bool) -> Tiling:
    """The tile of scores: few queries by so many keys that all can be kept, or many queries if they cannot."""
    depth, keys = 16 if large else 8, sizes[plan.key]
    if keys is not None and keys <= _FEW_KEYS:
        return Tiling(8, 16, 1, 1, depth)
    few, many = Tiling(4, 32, 1, 1, depth), Tiling(16, 16, 1, 1, depth)
    blocks = prod(sizes[loop] or 1 for loop in plan.outer) * ((sizes[plan.query] or _ENOUGH * many.m) // many.m)
    kept = keys is not None and keys <= few.n * _KEPT
    return few if kept or not large or blocks < _ENOUGH else many


class _Writer:
    """Writes one kernel."""

    def __init__(self, plan: Plan, found: dict[int, Generic], tiling: Tiling) -> None:
        self.plan, self.found, self.tiling = plan, found, tiling
        self.scores = found[SCORES]
        batch, rows, columns = plan.outer, (plan.query,), (plan.key,)
        of_scores = Product(self.scores, self.scores, batch, rows, columns, (plan.depth,), ())
        self.contraction = ContractionEmitter(of_scores, tiling)
        self.known, self.reduced = plan.levels()
        self.rows: dict[int, Rows] = {}
        self.at: dict[int, Size] = {FIRST: 0}

    def write(self) -> None:
        """Writes the loop over workgroups before the last of the kernel's operations."""
        last = self.found[max(self.found)].op
        with last.location, ir.InsertionPoint(last):
            sizes = extents(self.scores)
            self.contraction.sizes = sizes
            self.queries, self.keys = sizes[self.plan.query], sizes[self.plan.key]
            self.contraction.m, self.contraction.n, self.contraction.k = self.queries, self.keys, sizes[self.plan.depth]
            outer = [sizes[loop] for loop in self.plan.outer]
            values = extents(self.found[self.plan.product])
            self.feature = self.plan.parts[self.plan.product].places.index(FEATURE)
            self.features, self.value_sizes = values[self.feature], values
            loop = scf.ForallOp([0, 0], [product(outer), ceildiv(self.queries, self.tiling.m)], [1, 1])
        with last.location, ir.InsertionPoint.at_block_begin(loop.body):
            number, block = list(loop.body.arguments)[:2]
            self.at.update(zip(self.plan.outer, delinearize(number, outer), strict=True))
            self._workgroup(multiply(block, self.tiling.m))
        if not list(loop.body.operations) or list(loop.body.operations)[-1].operation.name != "scf.forall.in_parallel":
            with last.location, ir.InsertionPoint(loop.body):
                scf.InParallelOp()

    def _workgroup(self, first: Any) -> None:
        tiling, plan = self.tiling, self.plan
        self.thread = thread_id()
        columns = value_of(tiling.columns)
        self.tx, self.ty = arith.RemUIOp(self.thread, columns).result, arith.DivUIOp(self.thread, columns).result
        self.row = add(first, multiply(self.ty, _ROWS))
        indices: list[Size] = [self.at.get(loop, 0) for loop in range(len(self.contraction.sizes))]
        edges = (Edge((plan.query,), first, self.queries, tiling.m), Edge((plan.key,), 0, self.keys, tiling.n))
        self.stages = (
            Stage(self.contraction, plan.queries, edges[0], indices),
            Stage(self.contraction, 1 - plan.queries, edges[1], indices),
        )
        kind = ir.VectorType.get([_LANES], ir.F32Type.get())
        self.pitch = tiling.columns + 1
        self.weights = shared(kind, tiling.m * self.pitch)
        self.parts = shared(ir.F32Type.get(), tiling.threads)
        self.vectors = ceildiv(self.features, _LANES)
        self.groups = max(1, tiling.columns // self.vectors)
        zero = _constant(self.found[plan.product].inits[0].type.element_type, plan.parts[plan.product].initial)
        per = ceildiv(self.vectors, tiling.columns)
        sums = [vector.BroadcastOp(kind, zero).result] * (_ROWS * per)
        count = known(ceildiv(self.keys, tiling.n)) if isinstance(self.keys, int) else None
        kept = [self._tile(i * tiling.n) for i in range(count)] if count is not None and count <= _KEPT else None
        last = self.known[plan.weights]
        for level in range(max([last, *self.reduced.values()]) + 1):
            sums = self._pass(level, kept, sums, multiplies=level == last)
            self._per_row(level + 1)
        self._finish(sums)

    # --- Passes over the keys ---

    def _tile(self, first: Size) -> _Keys:
        """Computes the scores of a tile of keys."""
        right = self.stages[1]
        right.start = first
        initial = _constant(ir.F32Type.get(), self.plan.parts[SCORES].initial)
        scores = self.contraction.accumulate(*self.stages, (self.thread, self.tx, self.ty), initial)
        key = add(first, multiply(self.tx, _LANES))
        inside = None
        if not (divides(self.keys, self.tiling.n)):
            lanes = [less(add(key, i), self.keys) for i in range(_LANES)]
            inside = vector.FromElementsOp(ir.VectorType.get([_LANES], lanes[0].type), lanes).result
        return _Keys(first, key, inside, {SCORES: scores})

    def _pass(self, level: int, kept: list[_Keys] | None, sums: Rows, *, multiplies: bool) -> Rows:
        """One pass: its reductions, and the second product if that belongs to it. Returns the product's sums."""
        numbers = [number for number, at in self.reduced.items() if at == level]
        partials = [self._neutral(n) for n in numbers for _ in range(_ROWS)]

        def step(keys: _Keys, carried: Rows) -> Rows:
            count = len(numbers) * _ROWS
            partials = [
                self._reduce(n, keys, row, carried[i * _ROWS + row])
                for i, n in enumerate(numbers)
                for row in range(_ROWS)
            ]
            return [*partials, *(self._multiply(keys, carried[count:]) if multiplies else carried[count:])]

        carried = [*partials, *(sums if multiplies else ())]
        if kept is not None:
            for keys in kept:
                carried = step(keys, carried)
        else:
            loop = scf.ForOp(value_of(0), value_of(self.keys), value_of(self.tiling.n), carried)
            with ir.InsertionPoint(loop.body):
                scf.YieldOp(step(self._tile(loop.induction_variable), list(loop.inner_iter_args)))
            carried = list(loop.results)
        for i, number in enumerate(numbers):
            self.rows[number] = self._join(number, carried[i * _ROWS : (i + 1) * _ROWS])
        return carried[len(numbers) * _ROWS :] if multiplies else sums

    def _neutral(self, number: int) -> Any:
        """What a reduction starts from: a vector along the keys."""
        element = self.found[number].inits[0].type.element_type
        start = neutral(self.plan.parts[number].combiner, element)
        return vector.BroadcastOp(ir.VectorType.get([_LANES], element), start).result

    def _per_row(self, level: int) -> None:
        """Computes what is the same for all keys and needs no later pass."""
        for number in self.plan.steps:
            part = self.plan.parts[number]
            if part.over_keys or part.combiner or self.known[number] != level:
                continue
            generic, rows = self.found[number], []
            for row in range(_ROWS):
                given = self._given(number, partial(self._row_value, row))
                for operand, argument in enumerate(list(generic.block.arguments)[: len(generic.inputs)]):
                    if argument not in given:
                        given[argument] = self._load(number, operand, self._indices(number, row, 0))
                rows.append(apply_all(generic, self._indexed(number, given, row, 0), [], Lanes(0, 1))[0])
            self.rows[number] = rows

    def _row_value(self, row: int, number: int) -> Any:
        return self.rows[number][row]

    def _value(self, number: int, keys: _Keys) -> Rows:
        """What a part makes of a tile."""
        if number in self.rows:
            return self.rows[number]
        if number not in keys.values:
            keys.values[number] = [self._evaluate(number, keys, row, {}) for row in range(_ROWS)]
        return keys.values[number]

    def _reduce(self, number: int, keys: _Keys, row: int, before: Any) -> Any:
        generic = self.found[number]
        after = self._evaluate(number, keys, row, {generic.block.arguments[len(generic.inputs)]: before})
        return after if keys.inside is None else arith.SelectOp(keys.inside, after, before).result

    def _evaluate(self, number: int, keys: _Keys, row: int, more: dict[Any, Any]) -> Any:
        """A part's vector along the keys for one of the thread's queries."""
        generic = self.found[number]
        given = {**self._given(number, lambda source: self._value(source, keys)[row]), **more}
        externals = [
            (i, a) for i, a in enumerate(generic.block.arguments) if i < len(generic.inputs) and a not in given
        ]
        if _fits_vectors(generic):
            for operand, argument in externals:
                given[argument] = self._load_keys(number, operand, keys, row)
            return apply_all(generic, given, [], Lanes(0, _LANES))[0]
        results = []
        for lane in range(_LANES):
            key = clamp(add(keys.key, lane), self.keys, keys.inside)
            single = {a: _lane(value, lane) for a, value in given.items()}
            single |= {a: self._load(number, i, self._indices(number, row, key)) for i, a in externals}
            results.append(apply_all(generic, self._indexed(number, single, row, key), [], Lanes(0, 1))[0])
        return vector.FromElementsOp(ir.VectorType.get([_LANES], results[0].type), results).result

    def _given(self, number: int, value: Callable[[int], Any]) -> dict[Any, Any]:
        """Block arguments of a part that other parts make."""
        generic, part = self.found[number], self.plan.parts[number]
        return {a: value(s) for a, s in zip(generic.block.arguments, part.sources, strict=False) if s is not None}

    def _indexed(self, number: int, given: dict[Any, Any], row: int, key: Size) -> dict[Any, Any]:
        """The values of `given`, and of the indices in a part's body."""
        indices, generic = self._indices(number, row, key), self.found[number]
        for op in generic.body:
            if op.name == "linalg.index":
                given[op.results[0]] = value_of(indices[ir.IntegerAttr(op.attributes["dim"]).value])
        return given

    def _indices(self, number: int, row: int, key: Size) -> list[Size]:
        """Of a part's loops; rows that are not there are the last one."""
        at = {**self.at, self.plan.key: key, self.plan.query: self._query(row)}
        return [at.get(loop, 0) for loop in self.plan.parts[number].places]

    def _query(self, row: int) -> Any:
        exact = divides(self.queries, self.tiling.m)
        return clamp(add(self.row, row), self.queries, None if exact else True)

    def _load(self, number: int, operand: int, indices: Sequence[Size]) -> Any:
        generic = self.found[number]
        source = generic.operands[operand]
        if not isinstance(source.type, ir.MemRefType):
            return source
        return memref.LoadOp(source, place(generic, operand, indices)).result

    def _load_keys(self, number: int, operand: int, keys: _Keys, row: int) -> Any:
        """An operand's elements along the keys, or one that is the same for all of them."""
        generic, places = self.found[number], self.plan.parts[number].places
        loops = [loop for loop in generic.dims(operand) if loop is not None]
        by_query = any(places[loop] == self.plan.query for loop in loops)
        if not by_query and (number, operand) in keys.loaded:
            return keys.loaded[number, operand]
        source = generic.operands[operand]
        along = [loop for loop in loops if places[loop] == self.plan.key]
        if not along or not isinstance(source.type, ir.MemRefType):
            value = self._load(number, operand, self._indices(number, row, 0))
        elif generic.dims(operand)[-1] == along[0] and len(along) == 1 and divides(self.keys, _LANES):
            key = clamp(keys.key, self.keys, keys.inside, _LANES)
            kind = ir.VectorType.get([_LANES], source.type.element_type)
            where = place(generic, operand, self._indices(number, row, key))
            value = vector.LoadOp(kind, source, where).result
        else:
            at = [clamp(add(keys.key, lane), self.keys, keys.inside) for lane in range(_LANES)]
            values = [self._load(number, operand, self._indices(number, row, key)) for key in at]
            value = vector.FromElementsOp(ir.VectorType.get([_LANES], values[0].type), values).result
        keys.loaded[number, operand] = value
        return value

    # --- What threads make together ---

    def _join(self, number: int, partials: Rows) -> Rows:
        """Joins what the threads have reduced of their keys."""
        tiling, part = self.tiling, self.plan.parts[number]
        element = self.found[number].inits[0].type.element_type
        for row, value in enumerate(partials):
            memref.StoreOp(_float(value), self.weights, [value_of(self._place(row, self.tx))])
        barrier()
        each = tiling.threads // tiling.m
        by = value_of(each)
        row, first = arith.DivUIOp(self.thread, by).result, arith.RemUIOp(self.thread, by).result
        found = [
            memref.LoadOp(self.weights, [value_of(add(multiply(row, self.pitch), add(first, i)))]).result
            for i in range(0, tiling.columns, each)
        ]
        whole = found[0]
        for other in found[1:]:
            whole = combine(part.combiner, whole, other)
        memref.StoreOp(_across(part.combiner, whole), self.parts, [self.thread])
        barrier()
        rows = []
        for row in range(_ROWS):
            start = multiply(add(multiply(self.ty, _ROWS), row), each)
            value = _constant(ir.F32Type.get(), part.initial)
            for i in range(each):
                value = combine(part.combiner, value, memref.LoadOp(self.parts, [value_of(add(start, i))]).result)
            rows.append(_float(value, element))
        return rows

    def _place(self, row: int, column: Any) -> Size:
        return add(multiply(add(multiply(self.ty, _ROWS), row), self.pitch), column)

    def _multiply(self, keys: _Keys, sums: Rows) -> Rows:
        """Adds the products of a tile's weights and values: of a thread's queries and vectors of features."""
        tiling = self.tiling
        zero = vector.BroadcastOp(ir.VectorType.get([_LANES], ir.F32Type.get()), _zero()).result
        for row, value in enumerate(self._value(self.plan.weights, keys)):
            weight = _float(value)
            if keys.inside is not None:
                weight = arith.SelectOp(keys.inside, weight, zero).result
            memref.StoreOp(weight, self.weights, [value_of(self._place(row, self.tx))])
        barrier()
        group, features = self._own_features()
        rest = self.keys - keys.first if isinstance(self.keys, int) and isinstance(keys.first, int) else None
        if rest is None:
            left = ceildiv(arith.SubIOp(value_of(self.keys), value_of(keys.first)).result, _LANES)
            end: Any = arith.MinSIOp(value_of(left), value_of(tiling.columns)).result
        else:
            end = value_of(min(tiling.columns, ceildiv(rest, _LANES)))
        loop = scf.ForOp(value_of(group), end, value_of(self.groups), sums)
        with ir.InsertionPoint(loop.body):
            sums, at = list(loop.inner_iter_args), loop.induction_variable
            weights = [memref.LoadOp(self.weights, [value_of(self._place(row, at))]).result for row in range(_ROWS)]
            kind = weights[0].type
            for lane in range(_LANES):
                key = add(keys.first, add(multiply(at, _LANES), lane))
                values = [self._load_values(key, feature) for feature in features]
                for row in range(_ROWS):
                    weight = vector.BroadcastOp(kind, _lane(weights[row], lane)).result
                    for j, value in enumerate(values):
                        number = row * len(features) + j
                        sums[number] = math_ops.FmaOp(weight, value, sums[number]).result
            scf.YieldOp(sums)
        barrier()
        return list(loop.results)

    def _own_features(self) -> tuple[Size, list[Any]]:
        """Which keys of a tile the thread has, counted in vectors, and the first of each of its vectors of features."""
        if self.groups > 1:
            by = value_of(self.vectors)
            group, number = arith.DivUIOp(self.tx, by).result, arith.RemUIOp(self.tx, by).result
            return group, [multiply(number, _LANES)]
        count = ceildiv(self.vectors, self.tiling.columns)
        return 0, [multiply(add(self.tx, self.tiling.columns * j), _LANES) for j in range(count)]

    def _load_values(self, key: Any, feature: Any) -> Any:
        plan, generic = self.plan, self.found[self.plan.product]
        operand = 1 - plan.probabilities
        source = generic.operands[operand]
        inside = None if divides(self.keys, _LANES) else less(key, self.keys)
        at = {**self.at, plan.key: clamp(key, self.keys, inside)}

        def where(index: Any) -> list[Any]:
            places = {**at, FEATURE: index}
            return place(generic, operand, [places.get(loop, 0) for loop in plan.parts[plan.product].places])

        kind = ir.VectorType.get([_LANES], source.type.element_type)
        whole = divides(self.features, self.tiling.columns * _LANES) or self.groups > 1
        if divides(self.features, _LANES):
            value = vector.LoadOp(
                kind, source, where(clamp(feature, self.features, None if whole else True, _LANES))
            ).result
        else:
            at_ = [clamp(add(feature, lane), self.features, True) for lane in range(_LANES)]
            value = vector.FromElementsOp(kind, [memref.LoadOp(source, where(i)).result for i in at_]).result
        return or_zero(_float(value), inside)

    # --- Results ---

    def _finish(self, sums: Rows) -> None:
        """Divides the sums, joins those of the groups of keys, and stores what the operations after make of them."""
        plan, tiling = self.plan, self.tiling
        if plan.divisor is not None:
            per = len(sums) // _ROWS
            by = [vector.BroadcastOp(sums[0].type, _float(value)).result for value in self.rows[plan.divisor]]
            sums = [arith.DivFOp(value, by[number // per]).result for number, value in enumerate(sums)]
        group, features = self._own_features()
        if self.groups == 1:
            for row in range(_ROWS):
                for j, feature in enumerate(features):
                    self._store(row, feature, sums[row * len(features) + j])
            return
        with Guard((group, self.groups)):
            for row, value in enumerate(sums):
                memref.StoreOp(value, self.weights, [value_of(self._part(group, row, features[0], first=False))])
        barrier()
        for row in range(_ROWS):
            for start in range(0, self.vectors, tiling.columns):
                feature = multiply(add(self.tx, start), _LANES)
                with Guard((feature, self.vectors * _LANES)):
                    value = None
                    for number in range(self.groups):
                        part = memref.LoadOp(self.weights, [value_of(self._part(number, row, feature))]).result
                        value = part if value is None else arith.AddFOp(value, part).result
                    self._store(row, feature, value, inside=True)

    def _part(self, group: Size, row: int, feature: Any, *, first: bool = True) -> Size:
        """Where a group's sum of one query is kept until all are there."""
        number = arith.DivUIOp(value_of(feature), value_of(_LANES)).result
        query = add(multiply(self.ty, _ROWS), row)
        return add(multiply(add(multiply(group, self.tiling.m), query), self.vectors), number)

    def _store(self, row: int, feature: Any, value: Any, *, inside: bool = False) -> None:
        plan = self.plan
        generic = self.found[plan.product]
        after = tuple(self.found[number] for number in range(plan.product + 1, len(plan.parts)))
        result = Product(generic, generic, (), (), (self.feature,), (), after)
        emitter = Emitter(result, _Vectors())
        emitter.sizes, emitter.n = self.value_sizes, self.features
        at = {**self.at, plan.query: add(self.row, row), plan.key: 0, FEATURE: feature}
        indices = [at.get(loop, 0) for loop in plan.parts[plan.product].places]
        exact = divides(self.queries, self.tiling.m)
        whole = inside or divides(self.vectors, self.tiling.columns)
        with (
            Guard(None if exact else (at[plan.query], self.queries)),
            Guard(None if whole else (feature, self.features)),
        ):
            emitter.store_vector(value, indices, feature)


def _fits_vectors(generic: Generic) -> bool:
    """Whether a body can be computed on vectors in every profile."""
    types = [v.type.element_type if isinstance(v.type, ir.MemRefType) else v.type for v in generic.operands]
    inner = [r.type for op in generic.body for r in op.results]
    bit = ir.IntegerType.get_signless(1)
    return all(map(is_stored_in_vectors, types)) and all(t == bit or is_stored_in_vectors(t) for t in inner)


def _lane(value: Any, lane: int) -> Any:
    return vector.ExtractOp(value, [], [lane]).result if isinstance(value.type, ir.VectorType) else value


def _across(name: str, value: Any) -> Any:
    whole = _lane(value, 0)
    for lane in range(1, _LANES):
        whole = combine(name, whole, _lane(value, lane))
    return whole


def _constant(type_: Any, attribute: Any) -> Any:
    return arith.ConstantOp(type_, ir.FloatAttr.get(type_, ir.FloatAttr(attribute).value)).result


def _float(value: Any, element: Any = None) -> Any:
    """A float, or vector of them, as one of another type: f32 if none is given."""
    type_ = value.type
    before = type_.element_type if isinstance(type_, ir.VectorType) else type_
    after = element or ir.F32Type.get()
    if before == after:
        return value
    wanted = ir.VectorType.get(type_.shape, after) if isinstance(type_, ir.VectorType) else after
    return (arith.ExtFOp if after.width > before.width else arith.TruncFOp)(wanted, value).result


def _zero() -> Any:
    type_ = ir.F32Type.get()
    return arith.ConstantOp(type_, ir.FloatAttr.get(type_, 0.0)).result
