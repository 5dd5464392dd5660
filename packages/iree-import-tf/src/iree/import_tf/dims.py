"""Which sizes are known and which are equal, without running the program.

A size is described by an `int`, by `Dim(value, axis)` (the size of a dimension of a value whose type leaves it
open), or by
`Scalar(value)`. Dimensions that must be equal, because an operation only accepts or makes equal ones, get the same
description.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from iree.dialects.mlir import ir, stablehlo
from iree.import_tf import hlo

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


def dim(value: Any, axis: int) -> Size:
    """The size of dimension `axis` of a ranked tensor."""
    known = hlo.shape(value)[axis]
    if known is not None:
        return known
    source = _source(value, axis)
    return Dim(value, axis) if source is None else source


def _source(value: Any, axis: int) -> Size | None:
    """The size as something that stands before the operation which makes `value`."""
    owner = value.owner
    if isinstance(owner, ir.Block):
        return _of_argument(value, axis)
    kind = owner.name.removeprefix("stablehlo.").removeprefix("chlo.")
    operands = owner.operands
    if kind in _SAME or (owner.name.startswith("chlo.") and len(operands) == 1 and not kind.startswith("top_k")):
        rank = len(hlo.shape(value))
        same = [operand for operand in operands if len(hlo.shape(operand)) == rank]
        known = [hlo.shape(operand)[axis] for operand in same if hlo.shape(operand)[axis] is not None]
        return known[0] if known else dim(same[0], axis) if same else None
    match kind:
        case "dynamic_broadcast_in_dim" | "dynamic_reshape":
            return _element(operands[1], axis)
        case "dynamic_iota":
            return _element(operands[0], axis)
        case "transpose":
            return dim(operands[0], list(owner.attributes["permutation"])[axis])
        case "while":
            return _of_argument(owner.regions[1].blocks[0].arguments[_position(value)], axis)
        case "if" | "case":
            ends = {dim(_returned(region)[_position(value)], axis) for region in owner.regions}
            return ends.pop() if len(ends) == 1 else None
        case "real_dynamic_slice":
            start, limit, step = (_element(operand, axis) for operand in operands[1:])
            return limit if (start, step) == (0, 1) else None
        case "dynamic_update_slice" | "scatter":
            return dim(operands[0], axis)
        case "dynamic_pad":
            amounts = {_element(operand, axis) for operand in operands[2:]}
            return dim(operands[0], axis) if amounts == {0} else None
        case "tf.IreeTensorListSetItem":
            grows = owner.attributes["resize_if_index_out_of_bounds"].value
            return None if grows and axis == 0 else dim(operands[0], axis)
        case "concatenate" if owner.attributes["dimension"].value != axis:
            return dim(operands[0], axis)
        case "reverse":
            return dim(operands[0], axis)
        case "slice":
            return None
        case "pad":
            edges = [
                list(owner.attributes[name])[axis]
                for name in ("edge_padding_low", "edge_padding_high", "interior_padding")
            ]
            return dim(operands[0], axis) if edges == [0, 0, 0] else None
        case "reduce":
            reduced = set(owner.attributes["dimensions"])
            kept = [i for i in range(len(hlo.shape(operands[0]))) if i not in reduced]
            return dim(operands[0], kept[axis])
        case "reduce_window":
            return dim(operands[0], axis) if _passes_through(owner, axis) else None
        case "convolution":
            return _of_convolution(owner, axis)
        case "dot_general":
            return _of_dot_general(owner, axis)
        case "gather":
            return _of_gather(owner, axis)
    return None


_assumed: dict[tuple[Any, int], Size] = {}
"""Sizes of loop-carried values while it is checked that the loop keeps them."""


def _of_argument(argument: Any, axis: int) -> Size | None:
    """The size of a loop-carried value, if the loop does not change it: by induction over the iterations."""
    if (argument, axis) in _assumed:
        return _assumed[argument, axis]
    loop = argument.owner.owner
    if loop.name != "stablehlo.while":
        return None
    place = (loop.operation.regions[1].blocks[0].arguments[argument.arg_number], axis)
    if place in _assumed:
        return _assumed[place]
    start = dim(loop.operation.operands[argument.arg_number], axis)
    _assumed[place] = start
    try:
        end = dim(_returned(loop.operation.regions[1])[argument.arg_number], axis)
    finally:
        del _assumed[place]
    return start if start == end else None


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


def _of_convolution(owner: Any, axis: int) -> Size | None:
    numbers = stablehlo.ConvDimensionNumbers(owner.attributes["dimension_numbers"])
    if axis == numbers.output_batch_dimension and owner.attributes["batch_group_count"].value == 1:
        return dim(owner.operands[0], numbers.input_batch_dimension)
    return None


def _of_dot_general(owner: Any, axis: int) -> Size:
    numbers = stablehlo.DotDimensionNumbers(owner.attributes["dot_dimension_numbers"])
    left, right = owner.operands
    batch = list(numbers.lhs_batching_dimensions)
    rest_left = [
        i for i in range(len(hlo.shape(left))) if i not in batch and i not in set(numbers.lhs_contracting_dimensions)
    ]
    taken = set(numbers.rhs_batching_dimensions) | set(numbers.rhs_contracting_dimensions)
    rest_right = [i for i in range(len(hlo.shape(right))) if i not in taken]
    places = [(left, i) for i in [*batch, *rest_left]] + [(right, i) for i in rest_right]
    return dim(*places[axis])


def _of_gather(owner: Any, axis: int) -> Size | None:
    numbers = stablehlo.GatherDimensionNumbers(owner.attributes["dimension_numbers"])
    offsets = list(numbers.offset_dims)
    if axis in offsets:
        return None
    place = axis - sum(offset < axis for offset in offsets)
    indices = owner.operands[1]
    batch = [i for i in range(len(hlo.shape(indices))) if i != numbers.index_vector_dim]
    return dim(indices, batch[place])


def elements(vector: Any) -> list[Size] | None:
    """What is known of each element of a small integer vector or scalar (one element); None if it is neither."""
    type_ = vector.type
    if not _is_small(type_):
        return None
    count = type_.shape[0] if isinstance(type_, ir.RankedTensorType) and len(type_.shape) else 1
    found = [_element(vector, i) for i in range(count)]
    return None if any(size is None for size in found) else found  # type: ignore[return-value]


def _is_small(type_: Any) -> bool:
    """Whether values of the type are integer scalars or short vectors."""
    if isinstance(type_, (ir.IndexType, ir.IntegerType)):
        return True
    if not isinstance(type_, ir.RankedTensorType) or not type_.has_static_shape or len(type_.shape) > 1:
        return False
    integers = isinstance(type_.element_type, (ir.IntegerType, ir.IndexType))
    return integers and (not len(type_.shape) or type_.shape[0] <= _LONGEST)


def _element(vector: Any, index: int) -> Size | None:
    """Element `index` of an integer vector (or scalar, `index` 0)."""
    known = hlo.known_elements(vector)
    if known is not None:
        return int(known[index])
    index_type = isinstance(vector.type, ir.IndexType)
    if index_type and (value := hlo.known_index(vector)) is not None:
        return value
    owner = vector.owner
    scalar = index_type or not len(vector.type.shape)
    if isinstance(owner, ir.Block):
        return Scalar(vector) if scalar else None
    operands = owner.operands
    match owner.name:
        case "stablehlo.get_dimension_size":
            return dim(operands[0], owner.attributes["dimension"].value)
        case "shape.broadcast":
            return _broadcast(owner, index)
        case "stablehlo.reshape" | "stablehlo.convert" | "arith.index_cast" | "tensor.cast" | "shape.to_extent_tensor":
            return _element(operands[0], index) if _is_small(operands[0].type) else None
        case "stablehlo.concatenate":
            for part in operands:
                size = part.type.shape[0]
                if index < size:
                    return _element(part, index)
                index -= size
        case "stablehlo.gather":
            indices = hlo.known_elements(operands[1])
            table = operands[0].type
            if indices is None or len(indices) <= index or not _is_small(table) or len(table.shape) != 1:
                return None
            return _element(operands[0], min(max(int(indices[index]), 0), table.shape[0] - 1))
        case "stablehlo.reduce" if len(operands) == 2 and _is_small(operands[0].type) and operands[0].type.shape == [1]:
            return _element(operands[0], 0)  # of one element, from a neutral start
        case "stablehlo.slice":
            start = list(owner.attributes["start_indices"])
            step = list(owner.attributes["strides"])
            return _element(operands[0], start[0] + index * step[0]) if len(start) == 1 else None
        case "tensor.dim":
            axis = hlo.known_index(operands[1])
            return None if axis is None else dim(operands[0], axis)
        case "tensor.from_elements":
            return _element(operands[index], 0)
        case "tensor.extract":
            axis = hlo.known_index(operands[1]) if len(operands) == 2 else 0 if len(operands) == 1 else None
            return None if axis is None else _element(operands[0], axis)
        case "shape.shape_of":
            return dim(operands[0], index)
        case "shape.const_shape":
            return int(hlo.known_list(owner.attributes["shape"])[index])
        case name if name.removeprefix("stablehlo.") in ("add", "subtract", "multiply", "divide", "maximum", "minimum"):
            left, right = (_element(operand, index) for operand in operands)
            found = _arithmetic(name.removeprefix("stablehlo."), left, right)
            if found is not None:
                return found
    return Scalar(vector) if scalar else None


def _broadcast(owner: Any, index: int) -> Size | None:
    """Element `index` of a broadcast shape: what is not 1, if there is only one such."""
    ranks = [operand.type.shape[0] for operand in owner.operands]
    places = [(operand, index - max(ranks) + rank) for operand, rank in zip(owner.operands, ranks, strict=True)]
    found = {_element(operand, place) for operand, place in places if place >= 0} - {1}
    return 1 if not found else found.pop() if len(found) == 1 else None


def _arithmetic(kind: str, left: Size | None, right: Size | None) -> Size | None:
    if isinstance(left, int) and isinstance(right, int):
        folded = hlo.arithmetic(kind, left, right) if right or kind != "divide" else None
        return folded if isinstance(folded, int) else None
    if kind == "subtract" and left == right and left is not None:
        return 0
    if kind == "maximum" and 0 in (left, right):
        other = right if left == 0 else left
        return other if other is not None and is_count(other) else None
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


def is_count(size: Size) -> bool:
    """Whether a size certainly is not negative."""
    if isinstance(size, int):
        return size >= 0
    if isinstance(size, Dim):
        return True
    owner = size.value.owner
    if isinstance(owner, ir.Block):
        return False
    if owner.name == "stablehlo.reduce" and _returned(owner.regions[0])[0].owner.name in (
        "stablehlo.multiply",
        "stablehlo.add",
    ):
        factors = elements(owner.operands[0])
        return factors is not None and all(map(is_count, factors))
    if owner.name in (
        "stablehlo.multiply",
        "stablehlo.add",
        "stablehlo.divide",
        "stablehlo.minimum",
        "stablehlo.convert",
    ):
        parts = [_element(operand, 0) for operand in owner.operands]
        return all(part is not None and is_count(part) for part in parts)
    return owner.name == "stablehlo.maximum" and any(
        part is not None and is_count(part) for part in (_element(operand, 0) for operand in owner.operands)
    )


def materialize(size: Size) -> hlo.Size:
    """The size as `hlo` takes it, made at the current insertion point."""
    match size:
        case Dim():
            return hlo.dim(size.value, size.axis)
        case Scalar():
            return hlo.to_i32(size.value)
        case _:
            return size
