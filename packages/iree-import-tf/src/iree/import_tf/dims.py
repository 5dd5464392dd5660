"""Which sizes are known and which are equal, without running the program.

A size is described by an `int`, by `Dim(value, axis)` (the size of a dimension of a value whose type leaves it
open), or by
`Scalar(value)`. Dimensions that must be equal, because an operation only accepts or makes equal ones, get the same
description.

What was found out is kept as long as `remembering` lasts, else for one call.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from iree.dialects.mlir import ir, stablehlo
from iree.import_tf import hlo
from iree.import_tf.queries import Assume, Memory, Question, Rule, Settle, Step

_SAME = frozenset(
    "abs add and atan2 cbrt ceil clamp complex convert cosine count_leading_zeros divide exponential "
    "exponential_minus_one floor imag "
    "is_finite log log_plus_one logistic maximum minimum multiply negate not or popcnt power real "
    "reduce_precision remainder "
    "round_nearest_afz round_nearest_even rsqrt select shift_left shift_right_arithmetic shift_right_logical "
    "sign sine sqrt subtract "
    "tan tanh xor compare".split()
)
"""Operations whose results have their operands' shape (scalar predicates and bounds apart)."""
_ARITHMETIC = frozenset(("add", "subtract", "multiply", "divide", "maximum", "minimum"))
_LONGEST = 32
"""Vectors of more elements hold no shapes."""


@dataclass(frozen=True)
class Dim:
    """The size of dimension `axis` of `value`."""

    value: Any
    axis: int


@dataclass(frozen=True)
class Scalar:
    """A scalar integer about which nothing is known."""

    value: Any


Size = int | Dim | Scalar


_current: Memory | None = None
"""The memory of `remembering`."""


@contextmanager
def remembering() -> Iterator[Memory]:
    """Keeps what is found out about a program: until the end, only `replacing` may change it.

    Raises:
        AssertionError: Something is remembered already.
    """
    global _current  # noqa: PLW0603  (ambient, as MLIR's insertion point and location)
    assert _current is None, "two memories would not know of each other's changes"
    _current = Memory()
    try:
        yield _current
    finally:
        _current = None


def replacing(op: Any) -> None:
    """Says that equal values will take the places of an operation's results, and that it will be erased."""
    if _current is None:
        return
    forget(op.results)
    for region in op.regions:
        for block in region.blocks:
            forget(block.arguments)
            for inner in block.operations:
                replacing(inner.operation)


def forget(values: Iterable[Any]) -> None:
    """Says that there may be more to find out about values than there was."""
    if _current is not None:
        for value in values:
            _current.forget(value, _is_about)


def _is_about(answer: Any, value: Any) -> bool:
    return answer is None or answer is False or (isinstance(answer, (Dim, Scalar)) and answer.value == value)


def _ask(question: Question) -> Any:
    return (_current or Memory()).ask(*question)


def dim(value: Any, axis: int) -> Size:
    """The size of dimension `axis` of a ranked tensor."""
    known = hlo.shape(value)[axis]
    return known if known is not None else _ask((_dim, value, axis))


def elements(vector: Any) -> list[Size] | None:
    """What is known of each element of a small integer vector or scalar (one element); None if it is neither."""
    type_ = vector.type
    if not _is_small(type_):
        return None
    count = type_.shape[0] if isinstance(type_, ir.RankedTensorType) and len(type_.shape) else 1
    found = [_ask((_element, vector, i)) for i in range(count)]
    return None if any(size is None for size in found) else found


def is_count(size: Size) -> bool:
    """Whether a size certainly is not negative."""
    if isinstance(size, int):
        return size >= 0
    return isinstance(size, Dim) or _ask((_is_count, size.value, 0))


def _dim(value: Any, axis: int) -> Step:
    """What `dim` finds."""
    known = hlo.shape(value)[axis]
    if known is not None:
        return known
    source = yield from _source(value, axis)
    return Dim(value, axis) if source is None else source


def _source(value: Any, axis: int) -> Step:
    """The size as something that stands before the operation which makes `value`; None if there is no such."""
    owner = value.owner
    if isinstance(owner, ir.Block):
        return (yield from _of_argument(value, axis))
    kind = owner.name.removeprefix("stablehlo.").removeprefix("chlo.")
    operands = owner.operands
    if kind in _SAME or (owner.name.startswith("chlo.") and len(operands) == 1 and not kind.startswith("top_k")):
        rank = len(hlo.shape(value))
        same = [operand for operand in operands if len(hlo.shape(operand)) == rank]
        known = [hlo.shape(operand)[axis] for operand in same if hlo.shape(operand)[axis] is not None]
        return known[0] if known else (yield _dim, same[0], axis) if same else None
    match kind:
        case "dynamic_broadcast_in_dim" | "dynamic_reshape":
            return (yield _element, operands[1], axis)
        case "dynamic_iota":
            return (yield _element, operands[0], axis)
        case "tf.Reshape" | "tf.IreeReshape":
            size = yield _element, operands[1], axis
            return None if size is None or not all((yield from _counts(size))) else size
        case "transpose":
            return (yield _dim, operands[0], list(owner.attributes["permutation"])[axis])
        case "while":
            return (yield from _of_argument(owner.regions[1].blocks[0].arguments[_position(value)], axis))
        case "if" | "case":
            ends = set()
            for region in owner.regions:
                ends.add((yield _dim, _returned(region)[_position(value)], axis))
            return ends.pop() if len(ends) == 1 else None
        case "real_dynamic_slice":
            start, limit, step = yield from _each(_element, operands[1:], axis)
            return limit if (start, step) == (0, 1) else None
        case "dynamic_update_slice" | "scatter" | "reverse":
            return (yield _dim, operands[0], axis)
        case "dynamic_pad":
            amounts = yield from _each(_element, operands[2:], axis)
            return (yield _dim, operands[0], axis) if set(amounts) == {0} else None
        case "tf.IreeTensorListSetItem":
            grows = owner.attributes["resize_if_index_out_of_bounds"].value
            if axis == 0:
                return None if grows else (yield _dim, operands[0], axis)
            size = yield _dim, operands[0], axis
            return None if size == 0 else size  # a list that does not know its elements' size yet starts with 0
        case "concatenate" if owner.attributes["dimension"].value != axis:
            return (yield _dim, operands[0], axis)
        case "pad":
            edges = [
                list(owner.attributes[name])[axis]
                for name in ("edge_padding_low", "edge_padding_high", "interior_padding")
            ]
            return (yield _dim, operands[0], axis) if edges == [0, 0, 0] else None
        case "reduce":
            reduced = set(owner.attributes["dimensions"])
            kept = [i for i in range(len(hlo.shape(operands[0]))) if i not in reduced]
            return (yield _dim, operands[0], kept[axis])
        case "reduce_window":
            return (yield _dim, operands[0], axis) if _passes_through(owner, axis) else None
        case "convolution":
            return (yield from _of_convolution(owner, axis))
        case "dot_general":
            return (yield from _of_dot_general(owner, axis))
        case "gather":
            return (yield from _of_gather(owner, axis))
    return None


def _each(rule: Rule, values: Iterable[Any], index: int) -> Step:
    """The answers to one question about each of some values."""
    answers = []
    for value in values:
        answers.append((yield rule, value, index))
    return answers


def _of_argument(argument: Any, axis: int) -> Step:
    """The size of a loop-carried value, if the loop does not change it."""
    loop = argument.owner.owner
    if loop.name != "stablehlo.while" or not _is_finished(loop.operation):
        return None
    sizes = yield _kept_sizes, loop.operation.regions[1].blocks[0].arguments[0], 0
    return sizes.get((argument.arg_number, axis))


def _kept_sizes(first: Any, _: int) -> Step:
    """The open sizes that a loop (whose body's first argument is given) keeps, by number of the value and axis.

    By induction over the iterations, for all of them together: those that turn out to change are left out, until
    what is left follows from itself.
    """
    loop = first.owner.owner.operation
    bodies = [region.blocks[0] for region in loop.regions]
    values, returned = list(loop.operands), _returned(loop.regions[1])
    open_ = [(i, axis) for i, a in enumerate(bodies[1].arguments) for axis in _open_axes(a.type)]
    starts: dict[tuple[int, int], Size] = {}
    for i, axis in open_:
        starts[i, axis] = yield _dim, values[i], axis
    while True:
        places = [(block.arguments[i], i, axis) for block in bodies for i, axis in open_]
        yield Assume({(_dim, v, axis): starts.get((i, axis), Dim(v, axis)) for v, i, axis in places})
        changed = []
        for (i, axis), start in starts.items():
            if (yield _dim, returned[i], axis) != start:
                changed.append((i, axis))
        yield Settle(not changed)
        if not changed:
            return starts
        for place in changed:
            del starts[place]


def _is_finished(loop: Any) -> bool:
    """Whether the body of a loop is there: a rewrite may ask while it makes one."""
    blocks = list(loop.regions[1].blocks)
    operations = blocks[0].operations if blocks else ()
    return len(operations) > 0 and operations[len(operations) - 1].operation.name == "stablehlo.return"


def _open_axes(type_: Any) -> list[int]:
    if not isinstance(type_, ir.RankedTensorType):
        return []
    return [axis for axis in range(len(type_.shape)) if type_.is_dynamic_dim(axis)]


def _returned(region: Any) -> Any:
    operations = region.blocks[0].operations
    return operations[len(operations) - 1].operation.operands


def _position(value: Any) -> int:
    """Which result of its operation a value is."""
    return int(ir.OpResult(value).result_number)


def _passes_through(owner: Any, axis: int) -> bool:
    attributes = owner.attributes
    for name, neutral in (
        ("window_dimensions", 1),
        ("window_strides", 1),
        ("base_dilations", 1),
        ("window_dilations", 1),
    ):
        if name in attributes and list(attributes[name])[axis] != neutral:
            return False
    padding = hlo.known_list(attributes["padding"]) if "padding" in attributes else []
    return not padding or padding[2 * axis : 2 * axis + 2] == [0, 0]


def _of_convolution(owner: Any, axis: int) -> Step:
    numbers = stablehlo.ConvDimensionNumbers(owner.attributes["dimension_numbers"])
    if axis == numbers.output_batch_dimension and owner.attributes["batch_group_count"].value == 1:
        return (yield _dim, owner.operands[0], numbers.input_batch_dimension)
    return None


def _of_dot_general(owner: Any, axis: int) -> Step:
    numbers = stablehlo.DotDimensionNumbers(owner.attributes["dot_dimension_numbers"])
    left, right = owner.operands
    batch = list(numbers.lhs_batching_dimensions)
    rest_left = [
        i for i in range(len(hlo.shape(left))) if i not in batch and i not in set(numbers.lhs_contracting_dimensions)
    ]
    taken = set(numbers.rhs_batching_dimensions) | set(numbers.rhs_contracting_dimensions)
    rest_right = [i for i in range(len(hlo.shape(right))) if i not in taken]
    places = [(left, i) for i in [*batch, *rest_left]] + [(right, i) for i in rest_right]
    operand, place = places[axis]
    return (yield _dim, operand, place)


def _of_gather(owner: Any, axis: int) -> Step:
    numbers = stablehlo.GatherDimensionNumbers(owner.attributes["dimension_numbers"])
    offsets = list(numbers.offset_dims)
    if axis in offsets:
        return None
    place = axis - sum(offset < axis for offset in offsets)
    indices = owner.operands[1]
    batch = [i for i in range(len(hlo.shape(indices))) if i != numbers.index_vector_dim]
    return (yield _dim, indices, batch[place])


def _is_small(type_: Any) -> bool:
    """Whether values of the type are integer scalars or short vectors."""
    if isinstance(type_, (ir.IndexType, ir.IntegerType)):
        return True
    if not isinstance(type_, ir.RankedTensorType) or not type_.has_static_shape or len(type_.shape) > 1:
        return False
    integers = isinstance(type_.element_type, (ir.IntegerType, ir.IndexType))
    return integers and (not len(type_.shape) or type_.shape[0] <= _LONGEST)


def _element(vector: Any, index: int) -> Step:
    """Element `index` of an integer vector (or scalar, `index` 0); None if nothing is known of it."""
    known = hlo.known_elements(vector)
    if known is not None:
        return int(known[index])
    plain = isinstance(vector.type, (ir.IndexType, ir.IntegerType))
    if plain and (value := hlo.known_index(vector)) is not None:
        return value
    scalar = plain or not len(vector.type.shape)
    found = None if isinstance(vector.owner, ir.Block) else (yield from _element_of(vector.owner, index))
    return Scalar(vector) if found is None and scalar else found


def _element_of(owner: Any, index: int) -> Step:
    """Element `index` of an operation's result."""
    operands = owner.operands
    match owner.name:
        case "stablehlo.get_dimension_size":
            return (yield _dim, operands[0], owner.attributes["dimension"].value)
        case "shape.broadcast":
            return (yield from _broadcast(owner, index))
        case "stablehlo.reshape" | "stablehlo.convert" | "arith.index_cast" | "tensor.cast" | "shape.to_extent_tensor":
            return (yield _element, operands[0], index) if _is_small(operands[0].type) else None
        case "stablehlo.concatenate":
            for part in operands:
                size = part.type.shape[0]
                if index < size:
                    return (yield _element, part, index)
                index -= size
        case "stablehlo.gather":
            indices = hlo.known_elements(operands[1])
            table = operands[0].type
            if indices is None or len(indices) <= index or not _is_small(table) or len(table.shape) != 1:
                return None
            return (yield _element, operands[0], min(max(int(indices[index]), 0), table.shape[0] - 1))
        case "stablehlo.reduce" if len(operands) == 2 and _is_small(operands[0].type) and operands[0].type.shape == [1]:
            return (yield _element, operands[0], 0)  # of one element, from a neutral start
        case "stablehlo.slice":
            start = list(owner.attributes["start_indices"])
            step = list(owner.attributes["strides"])
            return (yield _element, operands[0], start[0] + index * step[0]) if len(start) == 1 else None
        case "tensor.dim":
            axis = hlo.known_index(operands[1])
            return None if axis is None else (yield _dim, operands[0], axis)
        case "tensor.from_elements":
            return (yield _element, operands[index], 0)
        case "tensor.extract":
            axis = hlo.known_index(operands[1]) if len(operands) == 2 else 0 if len(operands) == 1 else None
            return None if axis is None else (yield _element, operands[0], axis)
        case "shape.shape_of":
            return (yield _dim, operands[0], index)
        case "shape.const_shape":
            return int(hlo.known_list(owner.attributes["shape"])[index])
        case name if name.removeprefix("stablehlo.") in _ARITHMETIC:
            left, right = yield from _each(_element, operands, index)
            kind = name.removeprefix("stablehlo.")
            counts = (yield from _counts(left, right)) if kind == "maximum" else ()
            return _arithmetic(kind, left, right, counts)
    return None


def _broadcast(owner: Any, index: int) -> Step:
    """Element `index` of a broadcast shape: what is not 1, if there is only one such."""
    ranks = [operand.type.shape[0] for operand in owner.operands]
    found = set()
    for operand, rank in zip(owner.operands, ranks, strict=True):
        place = index - max(ranks) + rank
        if place >= 0:
            found.add((yield _element, operand, place))
    found -= {1}
    return 1 if not found else found.pop() if len(found) == 1 else None


def _counts(*sizes: Size | None) -> Step:
    """Which sizes certainly are not negative."""
    answers = []
    for size in sizes:
        if isinstance(size, Scalar):
            answers.append((yield _is_count, size.value, 0))
        else:
            answers.append(isinstance(size, Dim) or (size is not None and size >= 0))
    return answers


def _arithmetic(kind: str, left: Size | None, right: Size | None, counts: Sequence[bool]) -> Size | None:
    """The result of an operation on sizes; `counts` tells the maximum which of them are not negative."""
    if isinstance(left, int) and isinstance(right, int):
        folded = hlo.arithmetic(kind, left, right) if right or kind != "divide" else None
        return folded if isinstance(folded, int) else None
    if kind == "subtract" and left == right and left is not None:
        return 0
    if kind == "maximum" and 0 in (left, right):
        return (right if counts[1] else None) if left == 0 else (left if counts[0] else None)
    if (kind in ("maximum", "minimum") and left == right) or (right, kind) in (
        (0, "add"),
        (0, "subtract"),
        (1, "multiply"),
        (1, "divide"),
    ):
        return left
    if (left, kind) in ((0, "add"), (1, "multiply")):
        return right
    return None


def _is_count(scalar: Any, _: int) -> Step:
    """Whether a scalar certainly is not negative."""
    owner = scalar.owner
    if isinstance(owner, ir.Block):
        return False
    if owner.name == "stablehlo.reduce" and _returned(owner.regions[0])[0].owner.name in (
        "stablehlo.multiply",
        "stablehlo.add",
    ):
        factors = owner.operands[0]
        if not _is_small(factors.type):
            return False
        for i in range(factors.type.shape[0] if len(factors.type.shape) else 1):
            factor = yield _element, factors, i
            if not all((yield from _counts(factor))):
                return False
        return True
    if owner.name in (
        "stablehlo.multiply",
        "stablehlo.add",
        "stablehlo.divide",
        "stablehlo.minimum",
        "stablehlo.convert",
    ):
        return all((yield from _counts(*(yield from _each(_element, owner.operands, 0)))))
    if owner.name == "stablehlo.maximum":
        return any((yield from _counts(*(yield from _each(_element, owner.operands, 0)))))
    return False


def materialize(size: Size) -> hlo.Size:
    """The size as `hlo` takes it, made at the current insertion point."""
    match size:
        case Dim():
            return hlo.dim(size.value, size.axis)
        case Scalar():
            return hlo.to_i32(size.value)
        case _:
            return size
