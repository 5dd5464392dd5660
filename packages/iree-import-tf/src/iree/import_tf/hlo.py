"""Making StableHLO operations: the few kinds that the importer's own lowerings need, with types worked out.

Everything is created at the current insertion point with the current location. A size is an `int` or a scalar i32
value; arithmetic on
sizes folds what is known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from iree.dialects.mlir import ir
from iree.import_tf.dtypes import Array

Value = Any
Type = Any
Size = Any
"""`int | Value`: a scalar i32."""


class Unranked(Exception):
    """A value's rank is asked for that is not known (yet): what asks does not apply."""


DYNAMIC = ir.ShapedType.get_dynamic_size()
_FOLD: Mapping[str, Callable[[int, int], int | None]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "maximum": max,
    "minimum": min,
    "divide": lambda a, b: abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1) if b else None,
}


def tensor(shape: Sequence[int | None], element: Type) -> Type:
    """A ranked tensor type; None stands for an open dimension."""
    return ir.RankedTensorType.get([DYNAMIC if size is None else size for size in shape], element)


def i32() -> Type:
    """The type i32."""
    return ir.IntegerType.get_signless(32)


def shape(value: Value) -> list[int | None]:
    """The dimensions of a value's type; None for open ones."""
    return shape_of(value.type)


def shape_of(type_: Type) -> list[int | None]:
    """The dimensions of a ranked type; None for open ones. Raises `Unranked`."""
    if isinstance(type_, ir.UnrankedTensorType):
        raise Unranked
    return [None if size == DYNAMIC else size for size in ir.RankedTensorType(type_).shape]


def element(value: Value) -> Type:
    """The element type of a value."""
    return ir.RankedTensorType(value.type).element_type


def create(name: str, operands: Sequence[Value], types: Sequence[Type], **attributes: Any) -> Any:
    """An operation; strings among the attributes are parsed."""
    parsed = {k: ir.Attribute.parse(v) if isinstance(v, str) else v for k, v in attributes.items()}
    return ir.Operation.create(name, results=list(types), operands=list(operands), attributes=parsed)


def op(name: str, operands: Sequence[Value], type_: Type, **attributes: Any) -> Value:
    """The result of a StableHLO operation that has one."""
    return create("stablehlo." + name, operands, [type_], **attributes).result


def constant(array: Array, element_type: Type | None = None) -> Value:
    """A constant."""
    array = np.asarray(array)
    if element_type is None:
        attribute = ir.DenseElementsAttr.get(array if array.ndim == 0 else np.ascontiguousarray(array))
    else:
        attribute = ir.DenseElementsAttr.get(array, type=tensor(array.shape, element_type))
    return op("constant", [], attribute.type, value=attribute)


def filled(value: float, type_: Type) -> Value:
    """A constant of static type with one value everywhere."""
    kind = ir.RankedTensorType(type_).element_type
    if isinstance(kind, ir.IntegerType):
        attribute = ir.IntegerAttr.get(kind, int(value))
    elif isinstance(kind, ir.ComplexType):
        # As text: MLIR's Python attributes cannot be complex numbers.
        text = f'"stablehlo.constant"() <{{value = dense<({float(value):e}, 0.0)> : {type_}}}> : () -> {type_}'
        made = ir.Operation.parse(text)
        ir.InsertionPoint.current.insert(made)
        return made.results[0]
    else:
        attribute = ir.FloatAttr.get(kind, float(value))
    return op("constant", [], type_, value=ir.DenseElementsAttr.get_splat(type_, attribute))


def size_value(size: Size) -> Value:
    """A size as a scalar i32 value."""
    return constant(np.asarray(size, np.int32)) if isinstance(size, int) else size


def dim(value: Value, axis: int) -> Size:
    """The size of a dimension."""
    known = shape(value)[axis]
    if known is not None:
        return known
    return op("get_dimension_size", [value], tensor([], i32()), dimension=f"{axis} : i64")


def arithmetic(kind: str, left: Size, right: Size) -> Size:
    """``add``, ``subtract``, ``multiply``, ``divide``, ``maximum`` or ``minimum`` of sizes."""
    if isinstance(left, int) and isinstance(right, int):
        folded: int | None = _FOLD[kind](left, right)
        if folded is not None:
            return folded
    if (kind, right) in (("add", 0), ("subtract", 0), ("multiply", 1), ("divide", 1)):
        return left
    if (kind, left) in (("add", 0), ("multiply", 1)):
        return right
    return op(kind, [size_value(left), size_value(right)], tensor([], i32()))


def compare(direction: str, left: Value, right: Value) -> Value:
    """An elementwise comparison: EQ, NE, LT, LE, GT or GE."""
    kind = element(left)
    compared = "FLOAT" if isinstance(kind, (ir.F16Type, ir.F32Type, ir.F64Type, ir.BF16Type)) else "SIGNED"
    if isinstance(kind, ir.IntegerType) and (kind.is_unsigned or kind.width == 1):
        compared = "UNSIGNED"
    return op(
        "compare",
        [left, right],
        tensor(shape(left), ir.IntegerType.get_signless(1)),
        comparison_direction=f"#stablehlo<comparison_direction {direction}>",
        compare_type=f"#stablehlo<comparison_type {compared}>",
    )


def choose(direction: str, left: Size, right: Size, yes: Size, no: Size) -> Size:
    """`yes` if the comparison of two sizes holds, else `no`."""
    if isinstance(left, int) and isinstance(right, int):
        holds = {"EQ": left == right, "LT": left < right, "GT": left > right, "LE": left <= right, "GE": left >= right}
        return yes if holds[direction] else no
    condition = compare(direction, size_value(left), size_value(right))
    return op("select", [condition, size_value(yes), size_value(no)], tensor([], i32()))


def vector(sizes: Sequence[Size]) -> Value:
    """Sizes as a tensor<Nxi32>."""
    if all(isinstance(size, int) for size in sizes):
        return constant(np.array(sizes, np.int32))
    parts = [op("reshape", [size_value(size)], tensor([1], i32())) for size in sizes]
    if len(parts) == 1:
        return parts[0]
    return op("concatenate", parts, tensor([len(parts)], i32()), dimension="0 : i64")


def to_i32(value: Value) -> Value:
    """An integer tensor (or a scalar of index type) as i32."""
    if isinstance(value.type, (ir.IndexType, ir.IntegerType)):
        value = create("tensor.from_elements", [value], [tensor([], value.type)]).result
    if isinstance(element(value), ir.IndexType):
        return create("arith.index_cast", [value], [tensor(shape(value), i32())]).result
    if element(value) == i32():
        return value
    return op("convert", [value], tensor(shape(value), i32()))


def at(values: Value, index: int) -> Size:
    """Element `index` of a vector of integers."""
    known = known_elements(values)
    if known is not None:
        return int(known[index])
    kind = element(values)
    part = op(
        "slice", [values], tensor([1], kind),
        start_indices=f"array<i64: {index}>", limit_indices=f"array<i64: {index + 1}>", strides="array<i64: 1>",
    )  # fmt: skip
    return to_i32(op("reshape", [part], tensor([], kind)))


def known_elements(value: Value) -> Array | None:
    """The value of an integer constant, flattened; None if it is none."""
    owner = value.owner
    if isinstance(owner, ir.Block) or owner.name not in ("stablehlo.constant", "arith.constant", "tf.Const"):
        return None
    attribute = owner.attributes["value"]
    if not isinstance(attribute, ir.DenseIntElementsAttr):
        return None
    return np.array([attribute[i] for i in range(len(attribute))], np.int64)


def known_index(value: Value) -> int | None:
    """The value of a scalar constant of index or integer type; None if it is none."""
    owner = value.owner
    if isinstance(owner, ir.Block) or owner.name != "arith.constant":
        return None
    attribute = owner.attributes["value"]
    return attribute.value if isinstance(attribute, ir.IntegerAttr) else None


def known_list(attribute: Any) -> list[int]:
    """The integers of a dense attribute, flattened."""
    return [int(attribute[i]) for i in range(len(attribute))]


def convert(value: Value, type_: Type) -> Value:
    """`value` with another element type; see `cast` for what else may change."""
    kind = ir.ShapedType(type_).element_type
    if element(value) != kind:
        value = op("convert", [value], tensor(shape(value), kind))
    return cast(value, type_)


def cast(value: Value, type_: Type) -> Value:
    """`value` with more or fewer open dimensions in its type; sizes that only one type knows are taken to be right.
    A type without rank asks for nothing.
    """
    if value.type == type_ or isinstance(type_, ir.UnrankedTensorType):
        return value
    wanted = [None if size == DYNAMIC else size for size in ir.RankedTensorType(type_).shape]
    sizes = [dim(value, axis) if size is None else size for axis, size in enumerate(wanted)]
    return op("dynamic_reshape", [value, vector(sizes)], type_)


def reduce(kind: str, value: Value, start: Value, axes: Sequence[int]) -> Value:
    """A reduction by a binary operation such as ``add`` or ``maximum``."""
    kept = [size for axis, size in enumerate(shape(value)) if axis not in axes]
    made = ir.Operation.create(
        "stablehlo.reduce",
        results=[tensor(kept, element(value))],
        operands=[value, start],
        attributes={"dimensions": ir.Attribute.parse(array(axes))},
        regions=1,
    )
    _body(made.regions[0], element(value), lambda a, b: op(kind, [a, b], a.type))
    return made.result


def scatter(value: Value, indices: Value, updates: Value, numbers: str, kind: str | None = None) -> Value:
    """A scatter that overwrites, or that combines with the binary operation `kind`."""
    made = ir.Operation.create(
        "stablehlo.scatter",
        results=[value.type],
        operands=[value, indices, updates],
        attributes={
            "scatter_dimension_numbers": ir.Attribute.parse(numbers),
            "indices_are_sorted": ir.BoolAttr.get(False),
            "unique_indices": ir.BoolAttr.get(False),
        },
        regions=1,
    )
    _body(made.regions[0], element(value), lambda a, b: b if kind is None else op(kind, [a, b], a.type))
    return made.result


def _body(region: Any, kind: Type, combine: Callable[[Value, Value], Value]) -> None:
    scalar = tensor([], kind)
    here = ir.Location.current
    block = ir.Block.create_at_start(region, [scalar, scalar], [here, here])
    with ir.InsertionPoint(block):
        create("stablehlo.return", [combine(*block.arguments)], [])


def reshape(value: Value, sizes: Sequence[Size], type_: Type | None = None) -> Value:
    """`value` in another shape; `type_` is what the result's type should be, if not what `sizes` say."""
    wanted = type_ or tensor([size if isinstance(size, int) else None for size in sizes], element(value))
    if ir.RankedTensorType(wanted).has_static_shape and ir.RankedTensorType(value.type).has_static_shape:
        return value if value.type == wanted else op("reshape", [value], wanted)
    return op("dynamic_reshape", [value, vector(sizes)], wanted)


def broadcast(value: Value, sizes: Sequence[Size], axes: Sequence[int]) -> Value:
    """`value` with its dimensions at `axes` of a result of the given sizes."""
    wanted = tensor([size if isinstance(size, int) else None for size in sizes], element(value))
    dimensions = "array<i64" + (": " + ", ".join(map(str, axes)) if axes else "") + ">"
    if ir.RankedTensorType(wanted).has_static_shape:
        return op("broadcast_in_dim", [value], wanted, broadcast_dimensions=dimensions)
    return op("dynamic_broadcast_in_dim", [value, vector(sizes)], wanted, broadcast_dimensions=dimensions)


def spread(scalar: Value, sizes: Sequence[Size]) -> Value:
    """A scalar in every place of a tensor of the given sizes."""
    return broadcast(scalar, sizes, [])


def slice_between(value: Value, starts: Sequence[Size], limits: Sequence[Size]) -> Value:
    """The part of `value` from `starts` to `limits` (exclusive)."""
    sizes = [
        limit - start if isinstance(limit, int) and isinstance(start, int) else None
        for start, limit in zip(starts, limits, strict=True)
    ]
    type_ = tensor(sizes, element(value))
    if all(isinstance(bound, int) for bound in (*starts, *limits)):
        ones = array([1] * len(sizes))
        return op("slice", [value], type_, start_indices=array(starts), limit_indices=array(limits), strides=ones)
    bounds = [vector(starts), vector(limits), vector([1] * len(sizes))]
    return op("real_dynamic_slice", [value, *bounds], type_)


def part(value: Value, axis: int, index: int) -> Value:
    """The part of a static value at `index` along `axis`, without that dimension."""
    sizes = shape(value)
    starts = [index if i == axis else 0 for i in range(len(sizes))]
    limits = [index + 1 if i == axis else size for i, size in enumerate(sizes)]
    return reshape(slice_between(value, starts, limits), [size for i, size in enumerate(sizes) if i != axis])


def take(value: Value, places: Value, axis: int) -> Value:
    """The slices of `value` along `axis` at the places in a vector; the other dimensions may be open."""
    rank = len(shape(value))
    numbers = (
        f"#stablehlo.gather<offset_dims = {[i for i in range(rank) if i != axis]}, collapsed_slice_dims = [{axis}], "
        f"start_index_map = [{axis}], index_vector_dim = 1>"
    )
    sizes = [1 if i == axis else dim(value, i) for i in range(rank)]
    result = tensor([shape(places)[0] if i == axis else size for i, size in enumerate(shape(value))], element(value))
    if all(isinstance(size, int) for size in sizes):
        return op(
            "gather", [value, places], result,
            dimension_numbers=numbers, slice_sizes=array(sizes), indices_are_sorted="false",
        )  # fmt: skip
    return op(
        "dynamic_gather", [value, places, vector(sizes)], result, dimension_numbers=numbers, indices_are_sorted="false"
    )


def reduce_window(  # noqa: PLR0917  (the operands and attributes of the operation)
    kind: str,
    value: Value,
    start: Value,
    window: Sequence[int],
    strides: Sequence[int],
    padding: Sequence[Sequence[int]],
) -> Value:
    """A reduction over windows by a binary operation; `padding` has (low, high) for each dimension."""
    sizes = [
        None if size is None else (size + low + high - width) // stride + 1
        for size, width, stride, (low, high) in zip(shape(value), window, strides, padding, strict=True)
    ]
    made = ir.Operation.create(
        "stablehlo.reduce_window",
        results=[tensor(sizes, element(value))],
        operands=[value, start],
        attributes={
            "window_dimensions": ir.Attribute.parse(array(window)),
            "window_strides": ir.Attribute.parse(array(strides)),
            "padding": ir.Attribute.parse(f"dense<{[list(p) for p in padding]}> : tensor<{len(window)}x2xi64>"),
        },
        regions=1,
    )
    _body(made.regions[0], element(value), lambda a, b: op(kind, [a, b], a.type))
    return made.result


def array(values: Sequence[int]) -> str:
    """The text of an array<i64> attribute."""
    return "array<i64" + (": " + ", ".join(map(str, values)) if values else "") + ">"
