"""Finds attention: a product, what makes probabilities of it along one of its loops, and the product with these.

Whatever stands between the products is taken as it is, as long as it goes element by element or reduces along the
keys: scaling, masks and biases before a softmax, or anything else of that form. All of it can then be computed for a
few queries at a time, without the scores of the others ever being stored.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from iree.dialects.mlir import ir, linalg
from iree.dialects.transforms.structure import DYNAMIC, Structure, body, is_linalg, is_tensor

FEATURE = -1
"""Stands for the loop of the second product that its values alone are indexed by."""

FIRST = -2
"""Stands for no loop: the only index of a dimension of size 1 that is broadcast."""

MAX_KEYS = 1 << 14
"""Of which scores of a block of queries are kept."""

Places = tuple[int, ...]
"""Per loop of an operation the loop of the first product that it corresponds to, or `FEATURE`."""


@dataclass(frozen=True)
class Step:
    """An operation after the first product, with the places of its loops.

    Attributes:
        structure: The operation.
        places: Of its loops.
        indexing: Per operand, inputs first, the loop that indexes each of its dimensions, or `FIRST`.
    """

    structure: Structure
    places: Places
    indexing: tuple[tuple[int, ...], ...]

    @property
    def op(self) -> Any:
        """The operation."""
        return self.structure.op

    def dims(self, operand: int) -> Places:
        """Per dimension of an operand, inputs first, the place of the loop that indexes it."""
        return tuple(loop if loop == FIRST else self.places[loop] for loop in self.indexing[operand])


@dataclass(frozen=True)
class Attention:
    """The parts, whose loops are those of the first product.

    Attributes:
        scores: The first product.
        queries: Number of its operand that has no keys.
        key: The loop over keys, which index the other operand.
        query: The longest loop over queries alone, or None if both operands have all loops but that over keys.
        depth: The loop that is reduced.
        steps: What makes the probabilities, in order.
        product: The second product.
        probabilities: Number of its operand that the steps make.
        after: Elementwise operations that it alone is read by.
    """

    scores: Structure
    queries: int
    key: int
    query: int | None
    depth: int
    steps: tuple[Step, ...]
    product: Step
    probabilities: int
    after: tuple[Step, ...]

    @property
    def ops(self) -> list[Any]:
        """All operations."""
        return [self.scores.op, *(step.op for step in (*self.steps, self.product, *self.after))]

    @property
    def outer(self) -> list[int]:
        """Loops of the first product that are neither `key`, `query` nor `depth`."""
        return [i for i in range(self.scores.loops) if i not in (self.key, self.query, self.depth)]

    @property
    def features(self) -> int:
        """How many of them values and results have, -1 if that is not known."""
        return self.product.structure.domain[self.product.places.index(FEATURE)]

    @property
    def halves(self) -> bool:
        """Whether the products are of f16."""
        return any(isinstance(s.inputs[0].type.element_type, ir.F16Type) for s in (self.scores, self.product.structure))

    @property
    def last(self) -> Step:
        """What makes the result."""
        return self.after[-1] if self.after else self.product


def find_attention(op: Any) -> Attention | None:
    """The attention whose first product `op` is, or None if it is none."""
    if not _is_product(op):
        return None
    scores = Structure.of(op)
    if scores is None or len(scores.reductions) != 1 or None in scores.maps:
        return None
    found = _follow(scores)
    if found is None:
        return None
    steps, product, probabilities = found
    reduced = [product.places[loop] for loop in product.structure.reductions]
    if len(reduced) != 1 or product.places.count(FEATURE) != 1:
        return None
    key, (depth,) = reduced[0], scores.reductions
    sides = [key in (scores.maps[number] or ()) for number in (0, 1)]
    if sides[0] == sides[1] or not any(step.structure.reductions for step in steps):
        return None
    if any({step.places[loop] for loop in step.structure.reductions} - {key} for step in steps):
        return None
    queries, values = sides.index(False), product.dims(1 - probabilities)
    others = set(scores.maps[1 - queries] or ())
    free = [loop for loop in scores.maps[queries] or () if loop not in others]
    longest = [loop for loop in free if scores.domain[loop] == DYNAMIC] or sorted(free, key=lambda i: scores.domain[i])
    query = longest[-1] if longest else None
    if query in values or values[-1] != FEATURE:
        return None
    result = Attention(scores, queries, key, query, depth, steps, product, probabilities, _after(product))
    unknown = [loop for loop in result.outer if scores.domain[loop] == DYNAMIC]
    single = 1 in (scores.domain[key], scores.domain[depth]) or result.features == 1
    fits = not single and len(unknown) < 2 and scores.domain[key] <= MAX_KEYS
    return result if fits and _ends_in_features(result.last) else None


def goes_on(attention: Attention, op: Any) -> Attention | None:
    """The attention with an elementwise operation that reads its result, row by row; None if that cannot be."""
    step = _next(attention.last, op)
    return replace(attention, after=(*attention.after, step)) if step is not None and _ends_in_features(step) else None


def _is_product(op: Any) -> bool:
    """Does it add products of two f32 tensors, or of two f16 ones as f32?"""
    if not is_linalg(op) or len(op.operands) != 3 or not all(is_tensor(v.type) for v in op.operands):
        return False
    *factors, result = [v.type.element_type for v in op.operands]
    if not isinstance(result, ir.F32Type) or not isinstance(factors[0], (ir.F32Type, ir.F16Type)):
        return False
    if factors[0] != factors[1]:
        return False
    inner = body(op.regions[0].blocks[0])
    widened = 0 if factors[0] == result else 2
    if [i.name for i in inner] != ["arith.extf"] * widened + ["arith.mulf", "arith.addf", "linalg.yield"]:
        return False
    left, right, sums = op.regions[0].blocks[0].arguments
    *casts, product, total, _ = inner
    wide = {cast.operands[0]: cast.results[0] for cast in casts}
    if set(product.operands) != {wide.get(left, left), wide.get(right, right)}:
        return False
    return set(total.operands) == {sums, product.results[0]}


def _follow(scores: Structure) -> tuple[tuple[Step, ...], Step, int] | None:
    """What reads the scores, and in turn what is made of them, up to one product of it."""
    made: dict[Any, Places] = {scores.op.results[0]: scores.maps[-1] or ()}
    steps: list[Step] = []
    product: tuple[Step, int] | None = None
    waiting = _users(scores.op)
    while waiting:
        user = waiting[0]
        for other in waiting[1:]:
            user = other if other != user and other.is_before_in_block(user) else user
        waiting = [other for other in waiting if other != user]
        if user.block != scores.op.block:
            return None
        is_product = _is_product(user)
        step = _step(user, made, FEATURE if is_product else None)
        if step is None:
            return None
        if is_product:
            inside = [number for number, value in enumerate(step.structure.inputs) if value in made]
            if product is not None or len(inside) != 1:
                return None
            product = step, inside[0]
            continue
        reads = [value in made for value in step.structure.inputs]
        if step.structure.reductions and not all(reads):
            return None
        steps.append(step)
        made[user.results[0]] = step.dims(len(reads))
        waiting += _users(user)
    return None if product is None else (tuple(steps), *product)


def _users(op: Any) -> list[Any]:
    return [use.owner.operation for use in op.results[0].uses]


def _step(op: Any, made: dict[Any, Places], other: int | None) -> Step | None:
    """An operation with one result that reads what is in `made`, element by element or reducing it.

    The places of its loops follow from how it does; those of others are `other`. None if it is another kind.
    """
    structure = Structure.of(op) if len(op.results) == 1 else None
    if structure is None or any(value in made for value in structure.inits):
        return None
    indexing = tuple(_indices(attribute.value) for attribute in linalg.get_indexing_maps(op))
    known = tuple(dims for dims in indexing if dims is not None)
    kept = set(range(structure.loops)) - structure.reductions
    if len(known) < len(indexing) or FIRST in known[-1] or set(known[-1]) != kept or len(kept) != len(known[-1]):
        return None
    found: dict[int, int] = {}
    for value, dims in zip(structure.inputs, known, strict=False):
        for loop, place in zip(dims, made.get(value, ()), strict=False):
            if loop == FIRST or found.setdefault(loop, place) != place:
                return None
    places = tuple(found.get(loop, other) for loop in range(structure.loops))
    sure = tuple(place for place in places if place is not None)
    return Step(structure, sure, known) if len(sure) == len(places) == len(set(sure)) else None


def _indices(affine: Any) -> tuple[int, ...] | None:
    """The loop, or `FIRST`, of each result of an indexing map; None if it has others."""
    found = []
    for result in affine.results:
        if isinstance(result, ir.AffineDimExpr):
            found.append(int(result.position))
        elif isinstance(result, ir.AffineConstantExpr) and result.value == 0:
            found.append(FIRST)
        else:
            return None
    return tuple(found)


def _after(product: Step) -> tuple[Step, ...]:
    """What writes the result of the product elsewhere, if that is what alone reads it."""
    users = _users(product.op)
    if _ends_in_features(product) or len(users) != 1 or users[0].block != product.op.block:
        return ()
    step = _next(product, users[0])
    return () if step is None else (step,)


def _next(before: Step, op: Any) -> Step | None:
    """An elementwise operation that reads the result of `before`; None if it reads features other than in rows."""
    made = {before.op.results[0]: before.dims(len(before.structure.inputs))}
    step = _step(op, made, None) if is_linalg(op) else None
    if step is None or step.structure.reductions:
        return None
    others = [step.dims(i) for i, value in enumerate(step.structure.inputs) if value not in made]
    return step if all(FEATURE not in dims[:-1] for dims in others) else None


def _ends_in_features(step: Step) -> bool:
    dims = step.dims(len(step.structure.inputs))
    return dims[-1:] == (FEATURE,) and not step.op.results[0].type.is_dynamic_dim(len(dims) - 1)
