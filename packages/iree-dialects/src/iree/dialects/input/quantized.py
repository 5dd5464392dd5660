"""Quantized tensors become tensors of their storage integers, at the boundary of functions too.

Operations that only move elements, and those with regions, keep their form. Every other one dequantizes its operands,
computes with floats and quantizes its results, as the specification says. Upstream's
`stablehlo-legalize-quant-to-math` is not used: it rounds after the zero point was added, which sends halves to the
other side where that is odd, folds a requantization into one multiplication, which rounds differently, and leaves
reductions, reversals and scales along other dimensions than the last.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from iree.dialects.input.build import hlo, like
from iree.dialects.input.rules import in_scalar_region, made_values, operations
from iree.dialects.mlir import CompileError, ir, quant

_MOVING = frozenset(
    f"stablehlo.{name}"
    for name in (
        "all_gather all_reduce all_to_all bitcast_convert broadcast broadcast_in_dim case collective_broadcast "
        "collective_permute concatenate constant custom_call dynamic_broadcast_in_dim dynamic_gather dynamic_pad "
        "dynamic_reshape dynamic_slice dynamic_update_slice gather get_dimension_size get_tuple_element if map "
        "optimization_barrier pad real_dynamic_slice reduce reduce_scatter reduce_window reshape return reverse "
        "scatter select select_and_scatter slice sort transpose tuple while"
    ).split()
)
"""Operations that mean the same of the storage integers; regions say what to compute with scalars."""


def lower(module: Any) -> None:
    """Rewrites every quantized value in `module` in place; what is left is StableHLO on integers and floats.

    Raises:
        CompileError: An operation with regions is none that StableHLO lets be quantized.
    """
    found = [op for op in operations(module) if _concerns(op)]
    for op in found:
        if op.name.partition(".")[0] == "func" or op.name in _MOVING:
            continue
        with op.location, ir.InsertionPoint(op):
            for result, value in zip(op.results, _compute(op), strict=True):
                # Until all are rewritten a value keeps its type, by which those that use it read it.
                kept = value if value.type == result.type else hlo("bitcast_convert", [value], result.type)
                result.replace_all_uses_with(kept)
        op.erase()
    for op in operations(module) if found else ():
        for value in made_values(op):
            value.set_type(storage(value.type))
        if op.name == "func.func":
            old = op.attributes["function_type"].value
            types = [[storage(t) for t in some] for some in (old.inputs, old.results)]
            op.attributes["function_type"] = ir.TypeAttr.get(ir.FunctionType.get(*types))


def is_quantized(type_: Any) -> bool:
    """Whether a type is that of a tensor of quantized elements."""
    return isinstance(type_, ir.RankedTensorType) and isinstance(type_.element_type, quant.QuantizedType)


def storage(type_: Any) -> Any:
    """A type with storage integers in the place of quantized elements."""
    if isinstance(type_, ir.TupleType):
        return ir.TupleType.get_tuple([storage(type_.get_type(i)) for i in range(type_.num_types)], type_.context)
    if not is_quantized(type_):
        return type_
    element = type_.element_type
    width = element.storage_type_integral_width
    make = ir.IntegerType.get_signless if element.is_signed else ir.IntegerType.get_unsigned
    with ir.Location.unknown(type_.context):
        return ir.RankedTensorType.get(type_.shape, make(width), type_.encoding)


def _concerns(op: Any) -> bool:
    if op.name == "func.func":
        type_ = op.attributes["function_type"].value
        return any(storage(t) != t for t in (*type_.inputs, *type_.results))
    return any(storage(value.type) != value.type for value in (*op.operands, *made_values(op)))


def _compute(op: Any) -> list[Any]:
    operands = [_dequantize(value, op) if is_quantized(value.type) else value for value in op.operands]
    if op.name == "stablehlo.uniform_dequantize":
        return operands
    if op.name == "stablehlo.uniform_quantize":
        return [_quantize(operands[0], op.results[0].type, op)]
    if len(op.regions):
        raise CompileError(f"{op.name} of quantized tensors is not supported: dequantize them before", op)
    types = [
        like(result.type, element=result.type.element_type.expressed_type) if is_quantized(result.type) else result.type
        for result in op.results
    ]
    attributes = {name: op.attributes[name] for name in op.attributes}
    made = ir.Operation.create(op.name, results=types, operands=operands, attributes=attributes)
    return [
        _quantize(value, result.type, op) if is_quantized(result.type) else value
        for value, result in zip(made.results, op.results, strict=True)
    ]


class _Parameters:
    """What a quantized type says.

    Attributes:
        scales: One, or one per element of the dimension.
        zeros: Zero points, likewise.
        low: The least storage integer.
        high: The greatest.
        wide: An integer type that holds differences of storage integers.
    """

    def __init__(self, type_: Any) -> None:
        element = type_.element_type
        self._trailing = 0
        if isinstance(element, quant.UniformQuantizedPerAxisType):
            self.scales, self.zeros = list(element.scales), list(element.zero_points)
            self._trailing = type_.rank - 1 - int(element.quantized_dimension)
        else:
            self.scales, self.zeros = [element.scale], [element.zero_point]
        self._per_axis = isinstance(element, quant.UniformQuantizedPerAxisType)
        self.low, self.high = element.storage_type_min, element.storage_type_max
        self.wide = ir.IntegerType.get_signless(64 if element.storage_type_integral_width > 16 else 32)

    def constant(self, values: Sequence[float], element: Any) -> Any:
        """A constant that broadcasts along the quantized dimension."""
        shape = [len(values), *[1] * self._trailing] if self._per_axis else []
        type_ = ir.RankedTensorType.get(shape, element)
        floats = isinstance(element, ir.FloatType)
        make = ir.FloatAttr.get if floats else ir.IntegerAttr.get
        parts = [make(element, float(value) if floats else int(value)) for value in values]
        splat = len(set(values)) == 1
        value = ir.DenseElementsAttr.get_splat(type_, parts[0]) if splat else ir.DenseElementsAttr.get(parts, type_)
        return hlo("constant", [], type_, value=value)


def _quantize(value: Any, type_: Any, op: Any) -> Any:
    """The quotient by the scale is rounded to even before the zero point is added, and what is too large is clamped."""
    parameters = _Parameters(type_)
    expressed = type_.element_type.expressed_type
    value = _converted(value, expressed)
    low, high = ([end - zero for zero in parameters.zeros] for end in (parameters.low, parameters.high))
    if type_.element_type.storage_type_integral_width > 16:  # the nearest f32s inside
        low, high = ([float(np.nextafter(np.float32(x), np.float32(0))) for x in ends] for ends in (low, high))
    rounded = _binary("divide", value, parameters.constant(parameters.scales, expressed), op)
    rounded = hlo("round_nearest_even", [rounded], rounded.type)
    rounded = _binary("maximum", rounded, parameters.constant(low, expressed), op)
    rounded = _binary("minimum", rounded, parameters.constant(high, expressed), op)
    whole = _converted(rounded, parameters.wide)
    moved = _binary("add", whole, parameters.constant(parameters.zeros, parameters.wide), op)
    return _converted(moved, storage(type_).element_type)


def _dequantize(value: Any, op: Any) -> Any:
    """(x - zero point) * scale; its operand still has its quantized type, and gets that of the storage."""
    type_ = value.type
    parameters = _Parameters(type_)
    plain = hlo("bitcast_convert", [value], storage(type_))
    moved = _converted(plain, parameters.wide)
    moved = _binary("subtract", moved, parameters.constant(parameters.zeros, parameters.wide), op)
    expressed = type_.element_type.expressed_type
    return _binary("multiply", _converted(moved, expressed), parameters.constant(parameters.scales, expressed), op)


def _converted(value: Any, element: Any) -> Any:
    type_ = like(value.type, element=element)
    return value if value.type == type_ else hlo("convert", [value], type_)


def _binary(name: str, value: Any, other: Any, op: Any) -> Any:
    """An operation with a constant; scalars of regions must stay StableHLO."""
    if in_scalar_region(op):
        return hlo(name, [value, other], value.type)
    return ir.Operation.create(f"chlo.broadcast_{name}", results=[value.type], operands=[value, other]).result
