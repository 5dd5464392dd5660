"""The cost rule that decides which operations of a block share a dispatch.

Operations join the group of a producer when that saves a round trip through memory and asks for no work twice:

- elementwise operations over what a contraction, convolution or window reduction gives (bias, activation, residual);
- elementwise operations and row reductions over one domain (softmax, layer norm);
- elementwise operations that share a producer over one domain (several results of one dispatch);
- attention: both its products, what is between them and what reads its result row by row.

Whatever is grouped stays correct: a group is only a set of operations that run together. Cheap operations (constants,
fills, slices, shapes) belong to no group: every group that needs one gets its own copy.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from iree.dialects.input.loops import for_many_threads
from iree.dialects.mlir import ir
from iree.dialects.transforms.attention import Attention, find_attention, goes_on
from iree.dialects.transforms.structure import (
    DYNAMIC,
    Structure,
    defining,
    dynamic_dims,
    free_values,
    is_linalg,
    is_tensor,
    shape_of,
    static_bytes,
)

MAX_OPERANDS = 24
"""Operands that a group may take, also where the target has no bound on bindings."""
SMALL_REDUCTION = 1 << 14
"""Elements below which a reduction may join its producer although few rows can run in parallel."""
MIN_ROWS = 32
"""Rows above which a reduction may join its elementwise producer."""
_LANES = 4
"""Channels of the smallest vectors that code for images has."""

MAX_KEYS, MAX_KEYS_OF_HALVES, MIN_QUERIES = 512, 128, 8
"""Of attention that is faster as one dispatch on a GPU: scores stay in registers, and queries fill a tile. Of f16 two
products by cooperative matrices win from fewer keys on."""
MAX_SCORES = 1 << 30
"""Bytes of scores above which attention is one dispatch whatever that costs: no buffer may be that large."""

CHEAP = "iree.cheap"
"""On an operation that each dispatch that uses it shall compute."""
HOST_SHAPES = frozenset({"tensor.collapse_shape", "tensor.expand_shape", "tensor.cast", "tensor.reshape"})
"""Operations that change the shape alone."""
_MOVEMENT = frozenset(
    {"tensor.pad", "tensor.insert_slice", "tensor.concat", "tensor.gather", "tensor.scatter", "tensor.generate",
     "tensor.insert", "tensor.bitcast", "tensor.extract_slice", "linalg.pack",
     "linalg.unpack"}
)  # fmt: skip
_ENDING = ("contraction", "attention")
"""Kinds of groups that have one result."""
_CHEAP = frozenset({"tensor.empty", "tensor.extract_slice", "tensor.splat", "tensor.from_elements"})


def is_kernel(op: Any) -> bool:
    """Can the operation be (part of) a dispatch?"""
    return "iree.kernel" in op.attributes or is_linalg(op) or op.name in _MOVEMENT


def is_cheap(op: Any) -> bool:
    """Is it rather computed again by each dispatch that uses it than stored?"""
    if op.name in ("complex.constant", "complex.create"):
        return True
    if op.name == "tensor.extract":  # kernels take no complex scalars: they read the tensor
        return isinstance(op.results[0].type, ir.ComplexType)
    if op.name == "arith.constant":
        type_ = op.results[0].type
        return not is_tensor(type_) or op.attributes["value"].is_splat
    if op.name in _CHEAP:
        return True
    if CHEAP in op.attributes:
        return True
    if op.name in HOST_SHAPES:  # of a fill, say
        source = defining(op.operands[0])
        return source is not None and source.name != "tensor.extract_slice" and is_cheap(source)
    return op.name == "linalg.fill" and not is_tensor(op.operands[0].type)


def pads_a_convolution(op: Any) -> bool:
    """Is it the padding with zeros of one depthwise convolution of f32 or f64, of static shape? Code for that need not
    read what lies outside the image. The number of images may be unknown where channels fill vectors.
    """
    uses = list(op.results[0].uses) if op.name == "tensor.pad" else []
    if len(uses) != 1 or not (static_bytes(op.results[0].type) is not None or _pads_images(op)):
        return False
    user, element = uses[0].owner.operation, op.results[0].type.element_type
    if not user.name.startswith("linalg.depthwise_conv_") or not isinstance(element, (ir.F32Type, ir.F64Type)):
        return False
    if any(v.type.element_type != element for v in user.operands):
        return False
    value = defining(list(op.regions[0].blocks[0].operations)[-1].operands[0])
    return value is not None and value.name == "arith.constant" and ir.FloatAttr(value.attributes["value"]).value == 0


def _pads_images(op: Any) -> bool:
    """Is it a padding of an unknown number of images of known sizes, whose channels come last and fill vectors?"""
    number, *sizes = shape_of(op.results[0].type)
    if number != DYNAMIC or DYNAMIC in sizes or len(sizes) < 2 or sizes[-1] % _LANES:
        return False
    return not any(ir.DenseI64ArrayAttr(op.attributes[name])[0] for name in ("static_low", "static_high"))


@dataclass
class Group:
    """Operations that become one dispatch, or one operation that stays on the host.

    Attributes:
        index: Its number.
        ops: In program order.
        kernel: Does it become a dispatch?
        kind: ``contraction``, ``attention``, ``reduction``, ``elementwise`` or ``other``: what the cost rule goes by.
        domain: Trip counts of the loops of its largest operation.
        kept: For a reduction, the loops that it keeps.
        needs: Bit set of the groups that must come before it.
        operands: Tensors that it reads.
        attention: What the group begins with, if that is attention.
    """

    index: int
    ops: list[Any]
    kernel: bool
    kind: str = "other"
    domain: tuple[int, ...] = ()
    kept: frozenset[int] = frozenset()
    needs: int = 0
    operands: set[Any] = field(default_factory=set)
    attention: Attention | None = None


class Grouping:
    """Groups the operations of one block."""

    def __init__(
        self,
        ops: list[Any],
        cheap: set[Any],
        dims: dict[Any, list[Any]],
        *,
        attention: bool = False,
        max_bindings: int | None = None,
    ) -> None:
        """Groups operations.

        Args:
            ops: Those of a block without its terminator, in order.
            cheap: Those of them that each group gets copies of.
            dims: Dynamic dimensions of results, which must be there before the operation.
            attention: Shall attention be one group?
            max_bindings: Tensors that a group of several operations may read and give; None for any number.
        """
        self._dims = dims
        self._max_bindings = max_bindings
        self._cheap_values = {value for op in cheap for value in op.results}
        self._attention = attention
        self._awaited: dict[Any, Group] = {}
        self.groups: list[Group] = []
        self.owner: dict[Any, Group] = {}
        self._cheap: dict[Any, Any] = {}
        self._last_effect: Group | None = None
        for op in ops:
            if op in cheap:
                self._cheap.update(dict.fromkeys(op.results, op))
                continue
            self._place(op)

    def _inputs(self, op: Any) -> list[Any]:
        """Values that the operation needs, through cheap operations, and the sizes of those that are tensors."""
        found: dict[Any, None] = {}
        pending = [*free_values(op), *(size for result in op.results for size in self._dims.get(result, ()))]
        while pending:
            value = pending.pop(0)
            cheap = self._cheap.get(value)
            if cheap is not None:
                pending.extend(free_values(cheap))
            elif value not in found:
                found[value] = None
                pending.extend(self._dims.get(value, ()))
        return list(found)

    def _place(self, op: Any) -> None:
        inputs = self._inputs(op)
        producers = {self.owner[value].index: self.owner[value] for value in inputs if value in self.owner}
        kernel = is_kernel(op)
        structure = Structure.of(op) if kernel else None
        needs = 0
        for group in producers.values():
            needs |= group.needs | 1 << group.index
        if kernel and len(op.results) and (begun := self._awaited.get(op.results[0])) is not None:
            assert structure is not None
            self._join(begun, op, structure, inputs, needs & ~(1 << begun.index))
            return
        if kernel and structure is not None:
            for group in self._candidates(op, structure, producers):
                if self._may_join(group, op, inputs, producers):
                    self._join(group, op, structure, inputs, needs & ~(1 << group.index))
                    return
        group = Group(len(self.groups), [op], kernel, needs=needs)
        group.operands = {value for value in inputs if is_tensor(value.type)}
        if structure is not None:
            _describe(group, structure)
            self._await(group)
        if not kernel and _has_effects(op):
            if self._last_effect is not None:
                group.needs |= self._last_effect.needs | 1 << self._last_effect.index
            self._last_effect = group
        self.groups.append(group)
        self.owner.update(dict.fromkeys(op.results, group))

    def _await(self, group: Group) -> None:
        """If the group's operation is where attention begins, the rest is to join it, as nothing else reads it."""
        found = find_attention(group.ops[0]) if self._attention and group.kind == "contraction" else None
        if found is None:
            return
        if not _suits_gpus(found) if for_many_threads(found.scores.op) else found.halves:
            return
        if self._has_many_queries(found) and not self._reads_cheap(found):
            group.kind, group.attention = "attention", found
            self._awaited.update((op.results[0], group) for op in found.ops[1:])

    def _has_many_queries(self, found: Attention) -> bool:
        """Is the number of queries known, or the same as that of keys? It could be one by many keys otherwise."""
        place, scores = found.query, found.scores
        if place is None or scores.domain[place] != DYNAMIC:
            return True
        dims, result = scores.maps[-1] or (), scores.op.results[0]
        sizes = dict(zip(dynamic_dims(result.type), self._dims.get(result, ()), strict=False))
        queries, keys = (sizes.get(dims.index(loop)) for loop in (place, found.key))
        return queries is not None and queries == keys

    def _reads_cheap(self, found: Attention) -> bool:
        """Does it read what its kernel would have to compute first, a slice say? That is no part of attention."""
        structures = [found.scores, *(step.structure for step in (*found.steps, found.product, *found.after))]
        return any(is_tensor(v.type) and v in self._cheap for structure in structures for v in structure.inputs)

    def _candidates(self, op: Any, structure: Structure, producers: dict[int, Group]) -> list[Group]:
        found = []
        for value in dict.fromkeys(structure.inputs):
            group = self.owner.get(value)
            if group is not None and group.kernel and group not in found and _fits(group, value, structure):
                found.append(group)
        # A contraction first: its result is the one that is worth most to keep in registers; then the latest.
        return sorted(found, key=lambda g: (g.kind not in _ENDING, -g.index))

    def _may_join(self, group: Group, op: Any, inputs: list[Any], producers: dict[int, Group]) -> bool:
        bit = 1 << group.index
        if any(other.needs & bit for other in producers.values()):
            return False  # something between the group and the operation would have to run in their middle
        if group.kind in _ENDING and not self._ends_in(group, op, inputs):
            return False
        if group.attention is not None and goes_on(group.attention, op) is None:
            return False
        tensors = {v for v in inputs if is_tensor(v.type) and self.owner.get(v) is not group}
        read = len(group.operands | tensors)
        if self._max_bindings is not None and read + self._given([*group.ops, op]) > self._max_bindings:
            return False
        return read <= MAX_OPERANDS

    def _given(self, ops: list[Any]) -> int:
        """The number of results of `ops` that other operations use."""
        inside = {value for op in ops for value in op.results}
        return sum(leaves(value, inside, self._cheap_values) for value in inside)

    def _ends_in(self, group: Group, op: Any, inputs: list[Any]) -> bool:
        """Is what `op` reads of the group read by `op` alone, so that the group keeps one result?"""
        users = [use.owner.operation for v in inputs if self.owner.get(v) is group for use in v.uses]
        return all(user == op or user in group.ops or user.name == "tensor.dim" for user in users)

    def _join(self, group: Group, op: Any, structure: Structure, inputs: list[Any], needs: int) -> None:
        group.ops.append(op)
        if group.attention is not None and op.results[0] not in self._awaited:
            group.attention = goes_on(group.attention, op)
        group.operands |= {v for v in inputs if is_tensor(v.type) and self.owner.get(v) is not group}
        if group.kind == "elementwise" and structure.reductions:
            _describe(group, structure)
        group.needs |= needs
        bit = 1 << group.index
        for other in self.groups:
            if other.needs & bit:
                other.needs |= group.needs
        self.owner.update(dict.fromkeys(op.results, group))

    def ordered(self) -> list[Group]:
        """The groups, each after those that it needs, otherwise as in the program."""
        placed = 0  # a bit per group, as in `Group.needs`
        order: list[Group] = []

        def place(group: Group) -> None:
            nonlocal placed
            if placed >> group.index & 1:
                return
            placed |= 1 << group.index
            while missing := group.needs & ~placed:
                place(self.groups[(missing & -missing).bit_length() - 1])
            order.append(group)

        for group in self.groups:
            place(group)
        return order


def leaves(value: Any, inside: Collection[Any], cheap: Collection[Any]) -> bool:
    """Is a result of an operation of a block used by others than those whose results are `inside`?

    Args:
        value: The result.
        inside: Results of the operations that run together.
        cheap: Results of the operations that each group copies.
    """
    block = value.owner.operation.block
    for use in value.uses:
        op = use.owner.operation
        while op.block != block:
            op = op.parent.operation
        if any(result in cheap for result in op.results):
            if any(leaves(result, inside, cheap) for result in op.results):
                return True
        elif not any(result in inside for result in op.results):
            return True
    return False


def _has_effects(op: Any) -> bool:
    """May the operation's place among others of its kind matter?"""
    dialect = op.name.partition(".")[0]
    return dialect not in ("arith", "math", "tensor", "complex", "affine", "index", "flow") or bool(len(op.regions))


def _describe(group: Group, structure: Structure) -> None:
    group.domain = structure.domain
    group.kept = frozenset(range(structure.loops)) - structure.reductions
    if structure.elementwise:
        group.kind = "elementwise"
    elif structure.row_reduction:
        group.kind = "reduction"
    elif structure.reductions:
        group.kind = "contraction"


def _suits_gpus(found: Attention) -> bool:
    """Does a GPU's workgroup gain from a block of queries and all keys?"""
    if found.query is None:
        return False
    queries, keys = (found.scores.domain[place] for place in (found.query, found.key))
    sizes = [size for loop, size in enumerate(found.scores.domain) if loop != found.depth]
    if keys < 1 or 0 < queries < MIN_QUERIES:
        return False
    if keys <= (MAX_KEYS_OF_HALVES if found.halves else MAX_KEYS):
        return True
    return DYNAMIC not in sizes and 4 * math.prod(sizes) > MAX_SCORES


def _fits(group: Group, value: Any, structure: Structure) -> bool:
    """Does an operation that reads `value` belong with the group that makes it?"""
    maps = structure.map_of(value)
    if any(dims is None for dims in maps):
        return False
    if structure.elementwise:
        whole = all(dims is not None and len(dims) == structure.loops for dims in maps)
        if whole and shape_of(value.type) != ():
            return group.kind in ("contraction", "attention", "elementwise", "reduction")
        if not structure.loops:
            return group.kind in ("elementwise", "reduction")
        return group.kind == "reduction" and structure.domain == group.domain
    if structure.row_reduction:
        if group.kind == "reduction":
            kept = frozenset(range(structure.loops)) - structure.reductions
            return structure.domain == group.domain and kept == group.kept
        if group.kind == "elementwise" and structure.domain == group.domain:
            sizes = [structure.domain[loop] for loop in range(structure.loops) if loop not in structure.reductions]
            rows, total = math.prod(map(abs, sizes)), math.prod(map(abs, structure.domain))
            return rows >= MIN_ROWS or -1 in sizes or total <= SMALL_REDUCTION
    return False
