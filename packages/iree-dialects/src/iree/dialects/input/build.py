"""Short names for what the lowerings build over and over. All of them insert at the current insertion point."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from iree.dialects.mlir import arith, complex, ir, linalg, stablehlo, tensor

DYNAMIC = ir.ShapedType.get_dynamic_size()
Dim = int | Any
"""A size or index: a Python int where it is known, else a value of type index."""


def hlo(name: str, operands: Sequence[Any], result: Any, **attributes: Any) -> Any:
    """A StableHLO operation with one result of type `result`; attributes are given as `ir.Attribute`s."""
    op = ir.Operation.create(f"stablehlo.{name}", results=[result], operands=list(operands), attributes=attributes)
    return op.result


def like(type_: Any, shape: Sequence[int] | None = None, element: Any = None) -> Any:
    """The tensor type `type_` with another shape or element type (and no encoding)."""
    return ir.RankedTensorType.get(type_.shape if shape is None else shape, element or type_.element_type)


def signless_type(type_: Any) -> Any:
    """`type_` with signless integers in place of signed and unsigned ones."""
    if isinstance(type_, ir.RankedTensorType):
        return ir.RankedTensorType.get(type_.shape, signless_type(type_.element_type))
    if isinstance(type_, ir.IntegerType) and not type_.is_signless:
        return ir.IntegerType.get_signless(type_.width)
    return type_


def cast(value: Any, type_: Any) -> Any:
    """`value` seen as `type_`, which differs in signedness only; `signless.make_signless` removes such casts."""
    if value.type == type_:
        return value
    return ir.Operation.create("builtin.unrealized_conversion_cast", results=[type_], operands=[value]).result


def signless(value: Any) -> Any:
    """`value` with signless integers."""
    return cast(value, signless_type(value.type))


def index(value: int) -> Any:
    """A constant of type index."""
    return arith.ConstantOp(ir.IndexType.get(), value).result


def as_value(dim: Dim) -> Any:
    """A size or index as a value of type index."""
    return index(dim) if isinstance(dim, int) else dim


SAME_SHAPE = {
    f"stablehlo.{name}": position
    for position, names in (
        (
            0,
            "abs add and atan2 cbrt ceil compare complex convert cosine count_leading_zeros divide exponential "
            "exponential_minus_one floor imag is_finite log log_plus_one logistic map maximum minimum "
            "multiply negate not or "
            "popcnt power real reduce_precision remainder reverse round_nearest_afz round_nearest_even rsqrt "
            "shift_left "
            "shift_right_arithmetic shift_right_logical sign sine sqrt subtract tan tanh xor",
        ),
        (1, "clamp select"),
    )
    for name in names.split()
} | {
    "tensor.cast": 0,
    "builtin.unrealized_conversion_cast": 0,
    "tensor.insert": 1,
    "tensor.insert_slice": 1,
}
"""Operation -> the operand whose shape its result has."""


Source = tuple[int, int] | None
"""Number of an operand and its dimension."""


def _of_reduce(op: Any, _result: int, axis: int) -> Source:
    reduced = set(op.attributes["dimensions"])
    return 0, [i for i in range(op.operands[0].type.rank) if i not in reduced][axis]


def _of_dot_general(op: Any, _result: int, axis: int) -> Source:
    numbers = stablehlo.DotDimensionNumbers(op.attributes["dot_dimension_numbers"])
    found = [(0, i) for i in numbers.lhs_batching_dimensions]
    for number, batch, contracted in (
        (0, numbers.lhs_batching_dimensions, numbers.lhs_contracting_dimensions),
        (1, numbers.rhs_batching_dimensions, numbers.rhs_contracting_dimensions),
    ):
        gone = {*batch, *contracted}
        found += [(number, i) for i in range(op.operands[number].type.rank) if i not in gone]
    return found[axis]


def _of_convolution(op: Any, _result: int, axis: int) -> Source:
    numbers = stablehlo.ConvDimensionNumbers(op.attributes["dimension_numbers"])
    groups = ir.IntegerAttr(op.attributes["batch_group_count"]).value
    if axis == numbers.output_batch_dimension and groups == 1:
        return 0, numbers.input_batch_dimension
    return (1, numbers.kernel_output_feature_dimension) if axis == numbers.output_feature_dimension else None


def _of_concatenate(op: Any, _result: int, axis: int) -> Source:
    return None if op.attributes["dimension"].value == axis else (0, axis)


def _of_pad(op: Any, _result: int, axis: int) -> Source:
    names = ("edge_padding_low", "edge_padding_high", "interior_padding")
    return None if any(list(op.attributes[name])[axis] for name in names) else (0, axis)


_SOURCES: dict[str, Callable[[Any, int, int], Source]] = {
    "stablehlo.concatenate": _of_concatenate,
    "stablehlo.convolution": _of_convolution,
    "stablehlo.dot_general": _of_dot_general,
    "stablehlo.dynamic_update_slice": lambda _op, _result, axis: (0, axis),
    "stablehlo.pad": _of_pad,
    "stablehlo.reduce": _of_reduce,
    "stablehlo.sort": lambda _op, result, axis: (result, axis),
    "stablehlo.transpose": lambda op, _result, axis: (0, list(op.attributes["permutation"])[axis]),
}
"""Operation -> which operand's dimension the dimension of a result is as large as, None if it is none's."""


def source_of(op: Any, result: int, axis: int) -> Source:
    """Which operand's dimension a dimension of a result is as large as, if that is known of the operation."""
    return _SOURCES[op.name](op, result, axis) if op.name in _SOURCES else None


_SIZES = {"tensor.empty": 0, "tensor.expand_shape": 1, "tensor.generate": 0, "tensor.splat": 1}
"""Operation -> the first of the operands that are its result's dynamic sizes."""


def dim(value: Any, axis: int) -> Dim:
    """The size of a tensor's dimension, taken from where it first arose, so that equal sizes are equal values."""
    entered: list[tuple[Any, int]] = []
    while True:
        size = value.type.shape[axis]
        if size != DYNAMIC:
            return int(size)
        if isinstance(value, ir.BlockArgument):
            break
        op = value.owner
        if op.name in SAME_SHAPE:
            value = op.operands[SAME_SHAPE[op.name]]
        elif op.name in _SOURCES:
            source = _SOURCES[op.name](op, value.result_number, axis)
            if source is None:
                break
            value, axis = op.operands[source[0]], source[1]
        elif op.name.startswith("linalg.") and op.name not in ("linalg.pack", "linalg.unpack"):
            value = op.operands[len(op.operands) - len(op.results) + value.result_number]
        elif op.name == "scf.for":
            value = op.operands[3 + value.result_number]
        elif op.name == "scf.execute_region" and len(op.regions[0].blocks) == 1:
            entered.append((value, axis))
            value = list(op.regions[0].blocks[0].operations)[-1].operands[value.result_number]
        elif op.name == "scf.if" and entered:  # in kernels both branches give what the loops around them carry
            value = list(op.regions[1].blocks[0].operations)[-1].operands[value.result_number]
        elif op.name in _SIZES:
            dynamic = [i for i, n in enumerate(value.type.shape) if n == DYNAMIC]
            return op.operands[_SIZES[op.name] + dynamic.index(axis)]
        else:
            break
        if not isinstance(value.type, ir.RankedTensorType):
            break
    # What it arose from may be inside of a region whose results alone can be asked for here.
    value, axis = next(((v, i) for v, i in entered if _is_inside(value, v.owner)), (value, axis))
    return tensor.DimOp(value, index(axis)).result


def _is_inside(value: Any, region: Any) -> bool:
    """Whether a value is defined in a region of an operation."""
    op = value.owner.owner if isinstance(value, ir.BlockArgument) else value.owner.operation.parent
    while op is not None and op.operation != region.operation:
        op = op.operation.parent
    return op is not None


def dims(value: Any) -> list[Dim]:
    """The sizes of a tensor's dimensions."""
    return [dim(value, axis) for axis in range(value.type.rank)]


def empty(sizes: Sequence[Dim], element: Any) -> Any:
    """An uninitialised tensor."""
    return tensor.EmptyOp(list(sizes), element).result


def constant(value: float | int, element: Any) -> Any:
    """A scalar constant of a float, signless integer or index type."""
    if isinstance(element, ir.FloatType):
        return arith.ConstantOp(element, ir.FloatAttr.get(element, float(value))).result
    return arith.ConstantOp(element, ir.IntegerAttr.get(element, int(value))).result


def scalar(value: Any) -> Any:
    """The element of a tensor of rank 0."""
    return tensor.ExtractOp(value, []).result


def from_scalar(value: Any) -> Any:
    """A tensor of rank 0."""
    return tensor.FromElementsOp(ir.RankedTensorType.get([], value.type), [value]).result


def fill(value: Any, sizes: Sequence[Dim]) -> Any:
    """A tensor filled with a scalar."""
    return linalg.fill(value, outs=[empty(sizes, value.type)])


def generic(
    inputs: Sequence[Any],
    maps: Sequence[Any],
    outputs: Sequence[Any],
    iterators: Sequence[str],
    body: Callable[..., Any],
) -> list[Any]:
    """A `linalg.generic`. `body` gets the scalars of inputs and outputs, and returns one scalar or a sequence.

    `maps` are the affine maps of the inputs, then of the outputs.
    """
    types = [output.type for output in outputs]
    kinds = ir.ArrayAttr.get([ir.Attribute.parse(f"#linalg.iterator_type<{kind}>") for kind in iterators])
    affine_maps = ir.ArrayAttr.get([ir.AffineMapAttr.get(map_) for map_ in maps])
    op = linalg.GenericOp(types, list(inputs), list(outputs), affine_maps, kinds)
    elements = [value.type.element_type for value in (*inputs, *outputs)]
    block = op.regions[0].blocks.append(*elements)
    with ir.InsertionPoint(block):
        results = body(*block.arguments)
        linalg.YieldOp(list(results) if isinstance(results, list | tuple) else [results])
    return list(op.results)


def elementwise(
    inputs: Sequence[Any],
    sizes: Sequence[Dim],
    element: Any,
    body: Callable[..., Any],
    axes: Sequence[Sequence[int] | None] = (),
) -> Any:
    """A parallel `linalg.generic` with one result of shape `sizes`; `body` gets the inputs' scalars.

    `axes[i]` lists the result's dimensions that input i runs over; by default all.
    """
    rank = len(sizes)
    chosen = [range(rank) if i >= len(axes) or axes[i] is None else axes[i] for i in range(len(inputs))]
    maps = [
        ir.AffineMap.get(rank, 0, [ir.AffineDimExpr.get(a) for a in list(chosen_axes or ())]) for chosen_axes in chosen
    ]
    maps.append(ir.AffineMap.get_identity(rank))
    return generic(inputs, maps, [empty(sizes, element)], ["parallel"] * rank, lambda *args: body(*args[:-1]))[0]


def number(value: Any, element: Any) -> Any:
    """An i64 converted to an element type."""
    if isinstance(element, ir.IntegerType):
        if element.width == value.type.width:
            return value
        return (arith.TruncIOp if element.width < value.type.width else arith.ExtSIOp)(element, value).result
    if isinstance(element, ir.ComplexType):
        real = arith.SIToFPOp(element.element_type, value).result
        return complex.CreateOp(element, real, constant(0, element.element_type)).result
    return arith.SIToFPOp(element, value).result


def refine(value: Any, type_: Any) -> Any:
    """`value` with exactly the sizes and signedness of `type_`."""
    same = like(type_, element=value.type.element_type)
    if value.type != same:
        value = tensor.CastOp(same, value).result
    return cast(value, type_)
