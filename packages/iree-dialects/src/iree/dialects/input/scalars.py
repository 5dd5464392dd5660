"""StableHLO evaluated on scalars: regions of sort, scatter and the like, and small tensors that the host needs.

`elements` follows a small tensor of integers back to what it is made of (constants, sizes, loop counters) and gives its
elements as scalars, so that shapes, indexes and conditions never become device work. Where it cannot follow, it
extracts.
"""

from __future__ import annotations

import math as pymath
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from iree.dialects.input.build import as_value, constant, dim, index, signless, signless_type
from iree.dialects.mlir import arith, ir, stablehlo, tensor

MAX_ELEMENTS = 64
"""Larger tensors are data, not shapes."""

Scalars = list[Any]


def _is_float(type_: Any) -> bool:
    return isinstance(type_, ir.FloatType)


def _is_unsigned(type_: Any) -> bool:
    return isinstance(type_, ir.IntegerType) and (type_.is_unsigned or type_.width == 1)


def _by_kind(float_op: Any, signed_op: Any, unsigned_op: Any, bool_op: Any) -> Callable[..., Any]:
    """A binary operation for each kind of element; None where StableHLO's semantics need more than one arith
    operation.
    """

    def emit(_op: Any, type_: Any, a: Any, b: Any) -> Any:
        if _is_float(type_):
            chosen = float_op
        elif not isinstance(type_, ir.IntegerType):
            chosen = None
        elif type_.width == 1:
            chosen = bool_op
        else:
            chosen = unsigned_op if type_.is_unsigned else signed_op
        return None if chosen is None else chosen(a, b).result

    return emit


_FLOAT = {"EQ": "oeq", "NE": "une", "LT": "olt", "LE": "ole", "GT": "ogt", "GE": "oge"}


def _compare(op: Any, type_: Any, a: Any, b: Any) -> Any:
    direction = stablehlo.ComparisonDirectionAttr(op.attributes["comparison_direction"]).value
    total = is_total_order(op)
    if _is_float(type_) and not total:
        return arith.CmpFOp(getattr(arith.CmpFPredicate, _FLOAT[direction].upper()), a, b).result
    if _is_float(type_):
        a, b = order_key(a, type_), order_key(b, type_)
    elif not isinstance(type_, ir.IntegerType):
        return None
    name = direction.lower()
    if name not in ("eq", "ne"):
        name = ("u" if _is_unsigned(type_) else "s") + name
    return arith.CmpIOp(getattr(arith.CmpIPredicate, name), a, b).result


def is_total_order(op: Any) -> bool:
    """Whether a comparison orders floats totally, -0 before 0 and NaN after infinity."""
    if "compare_type" not in op.attributes:
        return False
    return bool(stablehlo.ComparisonTypeAttr(op.attributes["compare_type"]).value == "TOTALORDER")


def order_key(value: Any, type_: Any) -> Any:
    """An integer that orders as IEEE 754's totalOrder does: bits, with all but the sign flipped for negative
    numbers.
    """
    integer = ir.IntegerType.get_signless(type_.width)
    bits = arith.BitcastOp(integer, value).result
    sign = arith.ShRSIOp(bits, constant(type_.width - 1, integer)).result
    low = arith.ShRUIOp(sign, constant(1, integer)).result
    return arith.XOrIOp(bits, low).result


def _select(_op: Any, _type: Any, condition: Any, a: Any, b: Any) -> Any:
    return arith.SelectOp(condition, a, b).result


def _not(_op: Any, type_: Any, a: Any) -> Any:
    return arith.XOrIOp(a, constant(-1, a.type)).result if isinstance(type_, ir.IntegerType) else None


def _negate(_op: Any, type_: Any, a: Any) -> Any:
    if _is_float(type_):
        return arith.NegFOp(a).result
    return arith.SubIOp(constant(0, a.type), a).result if isinstance(type_, ir.IntegerType) else None


def _convert(op: Any, type_: Any, a: Any) -> Any:
    target = op.results[0].type.element_type
    to = signless_type(target)
    if not isinstance(type_, ir.IntegerType) or not isinstance(to, ir.IntegerType):
        return a if type_ == target else None
    if to.width == 1 and type_.width != 1:
        return arith.CmpIOp(arith.CmpIPredicate.ne, a, constant(0, a.type)).result
    if to.width == type_.width:
        return a
    if to.width < type_.width:
        return arith.TruncIOp(to, a).result
    return (arith.ExtUIOp if _is_unsigned(type_) else arith.ExtSIOp)(to, a).result


ELEMENTWISE: Mapping[str, Callable[..., Any]] = {
    "stablehlo.add": _by_kind(arith.AddFOp, arith.AddIOp, arith.AddIOp, arith.OrIOp),
    "stablehlo.subtract": _by_kind(arith.SubFOp, arith.SubIOp, arith.SubIOp, None),
    "stablehlo.multiply": _by_kind(arith.MulFOp, arith.MulIOp, arith.MulIOp, arith.AndIOp),
    "stablehlo.divide": _by_kind(arith.DivFOp, None, None, None),
    "stablehlo.maximum": _by_kind(arith.MaximumFOp, arith.MaxSIOp, arith.MaxUIOp, arith.OrIOp),
    "stablehlo.minimum": _by_kind(arith.MinimumFOp, arith.MinSIOp, arith.MinUIOp, arith.AndIOp),
    "stablehlo.and": _by_kind(None, arith.AndIOp, arith.AndIOp, arith.AndIOp),
    "stablehlo.or": _by_kind(None, arith.OrIOp, arith.OrIOp, arith.OrIOp),
    "stablehlo.xor": _by_kind(None, arith.XOrIOp, arith.XOrIOp, arith.XOrIOp),
    "stablehlo.compare": _compare,
    "stablehlo.select": _select,
    "stablehlo.not": _not,
    "stablehlo.negate": _negate,
    "stablehlo.convert": _convert,
}
"""Operation -> (operation, element type of its last operand, scalars) -> scalar, or None where it has no such simple
form.
"""


def apply_scalar(op: Any, scalars: Sequence[Any]) -> Any:
    """An elementwise operation on signless scalars, as one scalar."""
    emit = ELEMENTWISE.get(op.name)
    result = None if emit is None else emit(op, op.operands[-1].type.element_type, *scalars)
    return _through_tensors(op, scalars) if result is None else result


def _through_tensors(op: Any, scalars: Sequence[Any]) -> Any:
    """The operation as it is, on tensors of rank 0."""
    operands = []
    for scalar, operand in zip(scalars, op.operands, strict=True):
        type_ = ir.RankedTensorType.get([], operand.type.element_type)
        packed = tensor.FromElementsOp(ir.RankedTensorType.get([], scalar.type), [scalar]).result
        operands.append(_cast(packed, type_))
    result = ir.RankedTensorType.get([], op.results[0].type.element_type)
    attributes = {name: op.attributes[name] for name in op.attributes}
    copy = ir.Operation.create(op.name, results=[result], operands=operands, attributes=attributes)
    return tensor.ExtractOp(signless(copy.result), []).result


def _cast(value: Any, type_: Any) -> Any:
    if value.type == type_:
        return value
    return ir.Operation.create("builtin.unrealized_conversion_cast", results=[type_], operands=[value]).result


def inline(block: Any, scalars: Sequence[Any]) -> Scalars:
    """What a region of scalar StableHLO returns for these signless scalars; the region is left as it is.

    Values from outside the region are tensors of rank 0 and are extracted.
    """
    return _inline(block, dict(zip(block.arguments, scalars, strict=True)), None)


def inline_value(value: Any, argument: Any, scalar: Any) -> Any:
    """What a value in such a region, which depends on one argument, is for this signless scalar."""
    if isinstance(value, ir.BlockArgument):
        return scalar
    needed: list[Any] = []
    stack = [value.owner]
    while stack:
        op = stack.pop()
        needed.append(op)
        stack += [operand.owner for operand in op.operands if not isinstance(operand, ir.BlockArgument)]
    return _inline(value.owner.block, {argument: scalar}, needed, value)[0]


def _inline(block: Any, known: dict[Any, Any], only: Sequence[Any] | None, wanted: Any = None) -> Scalars:
    """The operations of a region, or some of them, on scalars; the results of its terminator, or one value."""

    def lookup(value: Any) -> Any:
        if value not in known:
            known[value] = tensor.ExtractOp(signless(value), []).result
        return known[value]

    for view in block.operations:
        op = view.operation
        if only is not None and op not in only:
            continue
        if op.name in ("stablehlo.return", "func.return"):
            return [lookup(value) for value in op.operands]
        if op.name == "stablehlo.constant":
            known[op.results[0]] = _constants(op)[0]
        elif op.name in ("stablehlo.reshape", "stablehlo.broadcast_in_dim"):  # rank 0 to rank 0
            known[op.results[0]] = lookup(op.operands[0])
        else:
            known[op.results[0]] = apply_scalar(op, [lookup(value) for value in op.operands])
        if wanted is not None and op == wanted.owner:
            return [known[wanted]]
    raise AssertionError("a region ends with a return")


def _constants(op: Any) -> Scalars:
    type_ = op.results[0].type
    element = signless_type(type_.element_type)
    value = op.attributes["value"]
    count = pymath.prod(type_.shape)
    if isinstance(element, ir.IntegerType | ir.FloatType):
        one = value.get_splat_value() if value.is_splat else None
        if one is not None:
            return [_constant_of(one, element)] * count
    if isinstance(element, ir.IntegerType | ir.IndexType):
        return [constant(int(x), element) for x in np.array(value).reshape(-1)]
    packed = signless(op.results[0])
    return [_extract(packed, i) for i in range(count)]


def _constant_of(attribute: Any, element: Any) -> Any:
    if isinstance(element, ir.FloatType):
        return arith.ConstantOp(element, attribute).result
    value = attribute.value
    if element.width > 1 and value >= 1 << (element.width - 1):
        value -= 1 << element.width
    return arith.ConstantOp(element, ir.IntegerAttr.get(element, value)).result


def _extract(value: Any, position: int) -> Any:
    """Element `position`, in row-major order, of a tensor with static sizes."""
    where = np.unravel_index(position, value.type.shape) if value.type.rank else ()
    return tensor.ExtractOp(value, [index(int(i)) for i in where]).result


def elements(value: Any) -> Scalars:
    """The elements of a small tensor of static shape, in row-major order, as signless scalars on the host."""
    type_ = value.type
    count = pymath.prod(type_.shape)
    op = None if isinstance(value, ir.BlockArgument) else value.owner
    follow = _FOLLOW.get(op.name) if op is not None and count <= MAX_ELEMENTS and type_.has_static_shape else None
    if op is not None and follow is None and op.name in ELEMENTWISE and count <= MAX_ELEMENTS:
        operands = [elements(operand) for operand in op.operands]
        return [apply_scalar(op, [xs[i if len(xs) > 1 else 0] for xs in operands]) for i in range(count)]
    result = None if follow is None else follow(op)
    if result is None:
        packed = signless(value)
        return [_extract(packed, i) for i in range(count)]
    return result


_KNOWN = ("arith.constant", "shape.shape_of", "stablehlo.constant", "stablehlo.get_dimension_size", "stablehlo.iota")


def on_host(value: Any) -> bool:
    """Whether `elements` would follow a small tensor all the way, without reading one that a kernel makes."""
    type_ = value.type
    if isinstance(value, ir.BlockArgument):  # what loops carry on the host: counters
        counts = type_.rank == 0 and isinstance(type_.element_type, ir.IntegerType)
        return counts and value.owner.owner.name == "stablehlo.while"
    if not type_.has_static_shape or pymath.prod(type_.shape) > MAX_ELEMENTS:
        return False
    op = value.owner
    if op.name in _KNOWN or op.name == "tensor.from_elements":
        return True
    return (op.name in _FOLLOW or op.name in ELEMENTWISE) and all(on_host(operand) for operand in op.operands)


def scalar_of(value: Any) -> Any:
    """The element of a tensor of rank 0, as a signless scalar on the host."""
    return elements(value)[0]


def indexes(value: Any) -> list[int | Any]:
    """The elements of a small integer tensor as sizes: ints where they are constants, else values of type index."""
    return [_as_index(element) for element in elements(value)]


def _as_index(value: Any) -> int | Any:
    known = known_int(value)
    if known is not None:
        return known
    if isinstance(value.type, ir.IndexType):
        return value
    inner = value.owner if not isinstance(value, ir.BlockArgument) else None
    if inner is not None and inner.name == "arith.index_cast" and isinstance(inner.operands[0].type, ir.IndexType):
        return inner.operands[0]
    return arith.IndexCastOp(ir.IndexType.get(), value).result


def known_int(value: Any) -> int | None:
    """The integer that a scalar is, if it is a constant."""
    if isinstance(value, ir.BlockArgument) or value.owner.name != "arith.constant":
        return None
    attribute = value.owner.attributes["value"]
    return int(attribute.value) if isinstance(attribute, ir.IntegerAttr) else None


def _follow_dimension_size(op: Any) -> Scalars:
    size = dim(op.operands[0], op.attributes["dimension"].value)
    element = signless_type(op.results[0].type.element_type)
    if isinstance(size, int):
        return [constant(size, element)]
    return [arith.IndexCastOp(element, as_value(size)).result]


def _follow_concatenate(op: Any) -> Scalars | None:
    if op.attributes["dimension"].value:
        return None
    return [element for operand in op.operands for element in elements(operand)]


def _follow_slice(op: Any) -> Scalars | None:
    source = op.operands[0].type
    if source.rank != 1 or not source.has_static_shape or source.shape[0] > MAX_ELEMENTS:
        return None
    start, limit, stride = (int(op.attributes[name][0]) for name in ("start_indices", "limit_indices", "strides"))
    return list(elements(op.operands[0])[start:limit:stride])


def _follow_broadcast(op: Any) -> Scalars | None:
    source, result = op.operands[0].type, op.results[0].type
    if pymath.prod(source.shape) == 1:
        return elements(op.operands[0]) * int(pymath.prod(result.shape))
    return elements(op.operands[0]) if list(source.shape) == list(result.shape) and source.rank == 1 else None


def _follow_iota(op: Any) -> Scalars | None:
    element = signless_type(op.results[0].type.element_type)
    if op.results[0].type.rank != 1 or not isinstance(element, ir.IntegerType):
        return None
    return [constant(i, element) for i in range(op.results[0].type.shape[0])]


def _follow_operand(op: Any) -> Scalars | None:
    return elements(op.operands[0]) if op.operands[0].type.has_static_shape else None


def _follow_reduce(op: Any) -> Scalars | None:
    if len(op.operands) != 2 or op.operands[0].type.rank != 1 or not op.operands[0].type.has_static_shape:
        return None
    total = elements(op.operands[1])
    for element in elements(op.operands[0]):
        total = inline(op.regions[0].blocks[0], [total[0], element])
    return total


def _follow_shape_of(op: Any) -> Scalars | None:
    operand = op.operands[0]
    return [as_value(dim(operand, axis)) for axis in range(operand.type.rank)]


_FOLLOW: Mapping[str, Callable[[Any], Scalars | None]] = {
    "arith.constant": _constants,
    "builtin.unrealized_conversion_cast": _follow_operand,
    "shape.shape_of": _follow_shape_of,
    "stablehlo.broadcast_in_dim": _follow_broadcast,
    "stablehlo.concatenate": _follow_concatenate,
    "stablehlo.constant": _constants,
    "stablehlo.get_dimension_size": _follow_dimension_size,
    "stablehlo.iota": _follow_iota,
    "stablehlo.reduce": _follow_reduce,
    "stablehlo.reshape": _follow_operand,
    "stablehlo.slice": _follow_slice,
    "tensor.cast": _follow_operand,
    "tensor.from_elements": lambda op: list(op.operands),
}
