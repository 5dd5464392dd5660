"""Writes the loops of `iree.codegen.cpu.templates.attention`, pass by pass.

What one pass makes for another is stored in scratch memory: tensors of a row per key and a lane per query.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

from iree.codegen.cpu.features import Machine
from iree.codegen.cpu.structured import Generic, defining, find, read_generic
from iree.codegen.cpu.templates.attention_plan import make_plan
from iree.codegen.cpu.templates.blocks import (
    Size,
    index,
    insert_parallel,
    less,
    load,
    loop,
    multiple_below,
    multiply_add,
    plus,
    remaining,
    slice_,
    store,
    transpose_block,
)
from iree.codegen.cpu.templates.lanes import compute, spread
from iree.dialects.mlir import affine, arith, ir, scf, tensor
from iree.dialects.transforms.attention import FEATURE, FIRST, Attention, Step

_ROWS = 8
"""Rows of a register tile, at most."""


def write(function: Any, attention: Attention, machine: Machine) -> None:
    """Replaces the generics of an attention by a loop over workgroups."""
    root = attention.last.op
    with root.location, ir.InsertionPoint(root):
        result = _Kernel(attention, machine).write()
    root.results[0].replace_all_uses_with(result)
    for op in reversed(attention.ops):
        op.erase()
    for fill in find(function, "linalg.fill"):
        if not list(fill.results[0].uses):
            fill.erase()


@dataclass
class _State:
    """Values at a point of the program.

    Attributes:
        slots: Tensors that hold values of one pass for another.
        sums: What the reductions of the pass have come to.
        rows: What earlier passes have made per query, as vectors.
    """

    slots: list[Any] = field(default_factory=list)
    sums: list[Any] = field(default_factory=list)
    rows: dict[Any, Any] = field(default_factory=dict)

    @property
    def carried(self) -> list[Any]:
        """What loops carry."""
        return [*self.slots, *self.sums]

    def having(self, carried: Sequence[Any]) -> _State:
        """The state within or after a loop."""
        count = len(self.slots)
        return _State(list(carried[:count]), list(carried[count:]), self.rows)


class _Kernel:
    """Writes the loop over workgroups."""

    def __init__(self, attention: Attention, machine: Machine) -> None:
        self._attention = attention
        self._plan = make_plan(attention, machine)
        self._generics = {step.op.results[0]: read_generic(step.op) for step in self._all_steps}
        assert attention.query is not None
        self._query, self._key = attention.query, attention.key
        self._sizes = {place: self._size(place) for place in [*range(attention.scores.loops), FEATURE]}
        self._lanes = _lanes(self._sizes[self._query], machine.vector_bytes // 4)
        rows = min(_ROWS, (machine.vector_registers - 4) // max(1, 4 * self._lanes // machine.vector_bytes))
        self._rows = 1 << (rows.bit_length() - 1)
        self._at: dict[int, Size] = {FIRST: 0}
        self._count: Size = 0
        self._masks: dict[tuple[Any, int], Any] = {}
        self._slot_of: dict[Any, int] = {}

    @property
    def _all_steps(self) -> list[Step]:
        return [*self._attention.steps, self._attention.product, *self._attention.after]

    def _size(self, place: int) -> Size:
        """Iterations of a loop: a number, or a value where it is not known."""
        scores, product = self._attention.scores, self._attention.product
        found: Size | None = None
        for number, value in [*enumerate(scores.inputs), *enumerate(product.structure.inputs, len(scores.inputs))]:
            of_scores = number < len(scores.inputs)
            dims = (scores.maps[number] or ()) if of_scores else product.dims(number - len(scores.inputs))
            if place not in dims:
                continue
            position = dims.index(place)
            if not value.type.is_dynamic_dim(position):
                return int(value.type.shape[position])
            if found is None and value not in self._generics and value != scores.op.results[0]:
                found = tensor.DimOp(value, index(position)).result
        assert found is not None
        return found

    def write(self) -> Any:
        """Writes it at the insertion point; returns the result."""
        attention, step = self._attention, self._attention.last
        # Of one loop the extent may be unknown.
        outer = sorted(attention.outer, key=lambda place: isinstance(self._sizes[place], int))
        others = outer[1:]
        sizes = [self._sizes[outer[0]] if outer else 1, prod(self._sizes[p] for p in others), self._sizes[self._query]]
        into = step.structure.inits[0]
        if (fill := defining(into)) is not None and fill.name == "linalg.fill":
            into = fill.operands[1]
        forall = scf.ForallOp([0] * 3, sizes, [1, 1, self._lanes], [into])
        with ir.InsertionPoint(forall.body):
            head, rest, query = forall.induction_variables
            if outer:
                self._at[outer[0]] = head
            for number, place in enumerate(others):
                inner = prod(self._sizes[p] for p in others[number + 1 :])
                self._at[place] = _digit(rest, inner, self._sizes[place])
            self._at[self._query] = query
            self._count = remaining(query, self._sizes[self._query], self._lanes)
            dims_out = step.dims(len(step.structure.inputs))
            offsets = [0 if place == FEATURE else self._at[place] for place in dims_out]
            extents: list[Size] = [
                self._count if place == self._query else self._sizes[FEATURE] if place == FEATURE else 1
                for place in dims_out
            ]
            out = forall.inner_iter_args[0]
            made = self._write_features(self._write_weights(), slice_(out, offsets, extents))
            with ir.InsertionPoint(scf.InParallelOp().block):
                insert_parallel(made, out, offsets, extents)
        return forall.results[0]

    # --- The first product, and the passes ---

    def _write_weights(self) -> _State:
        plan, state = self._plan, _State()
        attention = self._attention
        number = attention.queries
        dims = attention.scores.maps[number] or ()
        queries = self._transposed(attention.scores.inputs[number], dims, attention.depth)
        for step in attention.steps:
            self._copy_masks(step)
        for pass_, steps in enumerate(plan.passes):
            self._write_rows(pass_, state)
            self._assign_slots(pass_, state)
            reductions = [step for step in steps if step.structure.reductions]
            state.sums = [spread(_start(step.structure), self._lanes) for step in reductions]
            keys = self._sizes[self._key]
            if pass_ == 0:
                whole = multiple_below(keys, self._rows)
                state = self._write_scores(queries, state, 0, whole, self._rows)
                if whole is not keys and whole != keys:
                    state = self._write_scores(queries, state, whole, keys, 1)
            else:
                state = self._write_pass(pass_, state)
            state.rows.update({step.op.results[0]: value for step, value in zip(reductions, state.sums, strict=True)})
            state.sums = []
        self._write_rows(len(plan.passes), state)
        return state

    def _write_pass(self, pass_: int, state: _State) -> _State:
        def step(key: Any, carried: Sequence[Any]) -> list[Any]:
            return self._step(pass_, key, {}, state.having(carried)).carried

        return state.having(loop(0, self._sizes[self._key], 1, state.carried, step))

    def _write_scores(self, queries: Any, state: _State, first: Size, last: Size, rows: int) -> _State:
        """The scores of some keys, `rows` at a time, and the first pass over them."""
        scores, number = self._attention.scores, 1 - self._attention.queries
        keys, dims = scores.inputs[number], scores.maps[number] or ()

        def tile(key: Any, carried: Sequence[Any]) -> list[Any]:
            places = [self._at | {self._key: plus(key, r)} for r in range(rows)]

            def element(row: int, depth: Any) -> Any:
                at = places[row] | {self._attention.depth: depth}
                return tensor.ExtractOp(keys, [index(at[place]) for place in dims]).result

            start = spread(_start(scores), self._lanes)
            depths = self._sizes[self._attention.depth]
            sums = multiply_add(depths, [start] * rows, element, lambda d: load(queries, [d, 0], self._lanes))
            inside = state.having(carried)
            for row, value in enumerate(sums):
                inside = self._step(0, places[row][self._key], {scores.op.results[0]: value}, inside)
            return inside.carried

        return state.having(loop(first, last, rows, state.carried, tile))

    def _step(self, pass_: int, key: Any, values: dict[Any, Any], state: _State) -> _State:
        """A pass at one key, all of whose loads come before its stores."""
        plan, sums, values = self._plan, list(state.sums), dict(values)
        reduced = 0
        for step in plan.passes[pass_]:
            generic, operands = self._generics[step.op.results[0]], list[Any]()
            for number, value in enumerate(step.structure.inputs):
                if value in self._slot_of and value not in values and plan.made_in[value] < pass_:
                    values[value] = load(state.slots[self._slot_of[value]], [key, 0], self._lanes)
                operands.append(self._operand(step, number, key, values, state))
            if step.structure.reductions:
                sums[reduced] = self._compute(step, generic, [*operands, sums[reduced]], key)
                reduced += 1
            else:
                values[step.op.results[0]] = self._compute(step, generic, [*operands, None], key)
        slots = list(state.slots)
        for value, slot in self._slot_of.items():
            if plan.made_in[value] == pass_ and plan.used_until[value] > pass_:
                slots[slot] = store(values[value], slots[slot], [key, 0])
        return _State(slots, sums, state.rows)

    def _write_rows(self, pass_: int, state: _State) -> None:
        for step in self._plan.rows[pass_]:
            operands = [self._operand(step, n, None, {}, state) for n in range(len(step.structure.inputs))]
            generic = self._generics[step.op.results[0]]
            state.rows[step.op.results[0]] = self._compute(step, generic, [*operands, None], None)

    def _assign_slots(self, pass_: int, state: _State) -> None:
        """Finds memory for what a pass makes for later ones: that of what it is the last to use, or more."""
        plan = self._plan
        for value, made in plan.made_in.items():
            if made != pass_ or plan.used_until[value] <= pass_:
                continue
            element = value.type.element_type
            taken = {slot for other, slot in self._slot_of.items() if plan.used_until[other] > pass_}
            free = [n for n, t in enumerate(state.slots) if n not in taken and t.type.element_type == element]
            if not free:
                free = [len(state.slots)]
                state.slots.append(tensor.EmptyOp([self._sizes[self._key], self._lanes], element).result)
            self._slot_of[value] = free[0]

    def _compute(self, step: Step, generic: Generic, operands: Sequence[Any], key: Any) -> Any:
        def iterations(number: int) -> Any:
            place = step.places[number]
            at = key if place == self._key else self._at[place]
            return self._iterations(at, lanes=place == self._query)

        return compute(generic, operands, self._lanes, iterations)

    def _iterations(self, at: Any, *, lanes: bool, count: int | None = None) -> Any:
        """A loop's iteration in all lanes; in those after the first those after it, if `lanes`."""
        count = count or self._lanes
        same = spread(index(at), count)
        if not lanes:
            return same
        numbers = [ir.IntegerAttr.get(ir.IndexType.get(), n) for n in range(count)]
        offsets = arith.ConstantOp(same.type, ir.DenseElementsAttr.get(numbers, same.type)).result
        return arith.AddIOp(same, offsets).result

    def _operand(self, step: Step, number: int, key: Any, values: dict[Any, Any], state: _State) -> Any:
        """What a step reads of an input, a lane per query."""
        value = step.structure.inputs[number]
        if value in values:
            return values[value]
        if value in state.rows:
            return state.rows[value]
        if not isinstance(value.type, ir.RankedTensorType):
            return spread(value, self._lanes)
        mask = self._masks.get((step.op.results[0], number))
        if mask is not None:
            return load(mask, [key if self._key in step.dims(number) else 0, 0], self._lanes)
        at = self._at | {self._key: key}
        scalar = tensor.ExtractOp(value, [index(at[place]) for place in step.dims(number)]).result
        return spread(scalar, self._lanes)

    # --- Copies ---

    def _copy_masks(self, step: Step) -> None:
        """Copies what depends on the query and is none of our results, a row per key, or one."""
        made = {self._attention.scores.op.results[0], *self._generics}
        for number, value in enumerate(step.structure.inputs):
            dims = step.dims(number) if isinstance(value.type, ir.RankedTensorType) else ()
            if value not in made and self._query in dims:
                column = self._key if self._key in dims else None
                self._masks[step.op.results[0], number] = self._transposed(value, dims, column)

    def _transposed(self, value: Any, dims: Sequence[int], column: int | None) -> Any:
        """A copy of the block's part of a tensor: a row per iteration of `column`, a lane per query."""
        columns = 1 if column is None else self._sizes[column]
        into = tensor.EmptyOp([columns, self._lanes], value.type.element_type).result

        def indices(query: Any, at: Any) -> list[Any]:
            place = (
                self._at | {self._query: plus(self._at[self._query], query)} | ({} if column is None else {column: at})
            )
            return [index(place[p]) for p in dims]

        contiguous = column is not None and dims[-1] == column
        return transpose_block(value, into, indices, self._count, columns, contiguous=contiguous)

    # --- The second product ---

    def _write_features(self, state: _State, out: Any) -> Any:
        """The second product and what follows, into a slice of the result with `count` queries."""
        weights = state.slots[self._slot_of[self._plan.weights]]
        divisors = None
        if self._plan.divisor is not None:
            row = state.rows[self._plan.divisor]
            divisors = store(row, tensor.EmptyOp([self._lanes], row.type.element_type).result, [0])
        features = self._sizes[FEATURE]
        assert isinstance(features, int)
        whole = features // self._lanes * self._lanes

        def columns(first: Any, out: Any, width: int) -> Any:
            def tile(query: Any, carried: Sequence[Any]) -> list[Any]:
                return [self._write_tile(weights, divisors, carried[0], query=query, first=first, width=width)]

            return loop(0, self._count, self._rows, [out], tile)[0]

        if whole:
            (out,) = loop(0, whole, self._lanes, [out], lambda first, o: [columns(first, o[0], self._lanes)])
        return columns(whole, out, features - whole) if whole < features else out

    def _write_tile(self, weights: Any, divisors: Any, out: Any, *, query: Any, first: Any, width: int) -> Any:
        product = self._attention.product
        number = 1 - self._attention.probabilities
        values, dims = product.structure.inputs[number], product.dims(number)

        def features(key: Any) -> Any:
            at = self._at | {self._key: key, FEATURE: first}
            return load(values, [at[place] for place in dims], width)

        def weight(row: int, key: Any) -> Any:
            return tensor.ExtractOp(weights, [index(key), index(plus(query, row))]).result

        start = spread(_start(product.structure), width)
        sums = multiply_add(self._sizes[self._key], [start] * self._rows, weight, features)
        for row, value in enumerate(sums):
            at = plus(query, row)
            if isinstance(self._count, int) and self._count % self._rows == 0:
                out = self._finish(value, divisors, out, query=at, first=first, width=width)
                continue
            branch = scf.IfOp(less(at, self._count), [out.type], has_else=True)
            with ir.InsertionPoint(branch.then_block):
                scf.YieldOp([self._finish(value, divisors, out, query=at, first=first, width=width)])
            with ir.InsertionPoint(branch.else_block):
                scf.YieldOp([out])
            out = branch.results[0]
        return out

    def _finish(self, value: Any, divisors: Any, out: Any, *, query: Any, first: Any, width: int) -> Any:
        """Divides, computes what follows, and stores a part of a row."""
        if divisors is not None:
            value = arith.DivFOp(value, spread(tensor.ExtractOp(divisors, [index(query)]).result, width)).result
        places = self._at | {self._query: plus(self._at[self._query], query), FEATURE: first}
        values = {self._attention.product.op.results[0]: value}
        for step in self._attention.after:
            operands: list[Any] = []
            for number, operand in enumerate(step.structure.inputs):
                dims = step.dims(number) if isinstance(operand.type, ir.RankedTensorType) else ()
                if operand in values:
                    operands.append(values[operand])
                elif FEATURE in dims:
                    operands.append(load(operand, [places[place] for place in dims], width))
                elif isinstance(operand.type, ir.RankedTensorType):
                    scalar = tensor.ExtractOp(operand, [index(places[place]) for place in dims]).result
                    operands.append(spread(scalar, width))
                else:
                    operands.append(spread(operand, width))

            def iterations(number: int, step: Step = step) -> Any:
                place = step.places[number]
                return self._iterations(places[place], lanes=place == FEATURE, count=width)

            generic = self._generics[step.op.results[0]]
            value = values[step.op.results[0]] = compute(generic, [*operands, None], width, iterations)
        last = self._attention.last
        dims = last.dims(len(last.structure.inputs))
        return store(value, out, [query if p == self._query else first if p == FEATURE else 0 for p in dims])


def _lanes(queries: Size, vector: int) -> int:
    """Queries of a block: two vectors, or one if that leaves fewer lanes empty."""
    if not isinstance(queries, int):
        return 2 * vector
    one, two = (-(-queries // lanes) * lanes for lanes in (vector, 2 * vector))
    return vector if 1.15 * one < two else 2 * vector


def _start(structure: Any) -> Any:
    """The number that a reduction starts from."""
    return structure.inits[0].owner.operands[0]


def _digit(number: Any, inner: int, size: int) -> Any:
    """(number / inner) mod size."""
    expr = ir.AffineExpr.get_mod(ir.AffineExpr.get_floor_div(ir.AffineExpr.get_dim(0), inner), size)
    return affine.AffineApplyOp(ir.AffineMap.get(1, 0, [expr]), [number]).result
