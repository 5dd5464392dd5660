"""Conversions that upstream leaves open or fails at: floats beyond the range of integers, bits of other widths."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from iree.dialects.input.build import constant, dims, elementwise, hlo, index, like, refine, signless
from iree.dialects.input.rules import Rule
from iree.dialects.mlir import CompileError, arith, ir, linalg, stablehlo, tensor

_IN_RANGE = "iree.in_range"
"""Marks a conversion whose operand is known to be in range."""
_PRECISIONS = {"f16": (5, 10), "bf16": (8, 7), "tf32": (8, 10)}
"""Type of `dot_algorithm` -> bits of the exponent and the mantissa."""


def convert(op: Any) -> list[Any] | None:
    """Of floats to integers: NaN becomes 0, what is too large or small the nearest integer that there is.

    That is what the reference interpreter does; the specification leaves it open, and LLVM gives anything.
    """
    type_, operand = op.results[0].type, op.operands[0]
    element, source = type_.element_type, operand.type.element_type
    if _IN_RANGE in op.attributes or not isinstance(source, ir.FloatType) or not isinstance(element, ir.IntegerType):
        return None
    if element.width == 1:
        return None
    if source.width < 32:
        operand = hlo("convert", [operand], like(operand.type, element=ir.F32Type.get()))
        source = ir.F32Type.get()
    bits = element.width
    low, high = (0, 2**bits - 1) if element.is_unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    kind = np.float32 if source == ir.F32Type.get() else np.float64
    top = float(kind(high))
    exact = int(top) == high
    inside = top if exact else float(np.nextafter(kind(top), kind(0)))

    def number(value: float) -> Any:
        return _filled(ir.FloatAttr.get(source, value), operand)

    def compare(a: Any, b: Any, direction: str) -> Any:
        flags = like(operand.type, element=ir.IntegerType.get_signless(1))
        return hlo("compare", [a, b], flags, comparison_direction=stablehlo.ComparisonDirectionAttr.get(direction))

    clamped = hlo("clamp", [number(float(low)), operand, number(inside)], operand.type)
    plain = like(operand.type, element=element)
    value = hlo("convert", [clamped], plain, **{_IN_RANGE: ir.UnitAttr.get()})
    if not exact:
        most = _filled(ir.IntegerAttr.get(element, -1 if element.is_unsigned else high), operand)  # all ones
        value = hlo("select", [compare(operand, number(top), "GE"), most, value], plain)
    nothing = _filled(ir.IntegerAttr.get(element, 0), operand)
    value = hlo("select", [compare(operand, operand, "NE"), nothing, value], plain)
    return [value if value.type == type_ else hlo("convert", [value], type_)]


def _filled(value: Any, shaped: Any) -> Any:
    """A constant in the shape of a tensor."""
    if not shaped.type.has_static_shape:
        made = ir.Operation.create(
            "chlo.constant_like",
            results=[like(shaped.type, element=value.type)],
            operands=[shaped],
            attributes={"value": value},
        )
        return made.result
    type_ = like(shaped.type, element=value.type)
    return hlo("constant", [], type_, value=ir.DenseElementsAttr.get_splat(type_, value))


def bitcast_convert(op: Any) -> list[Any] | None:
    """Bits of other widths where sizes are unknown, and of complex numbers as what they are."""
    operand, type_ = op.operands[0], op.results[0].type
    source, target = operand.type.element_type, type_.element_type
    if isinstance(source, ir.ComplexType) or isinstance(target, ir.ComplexType):
        if source != target:
            raise CompileError(
                f"stablehlo.bitcast_convert of {source} to {target} is not supported: take its parts", op
            )
        return [refine(operand, type_)]
    if source.width == target.width or (operand.type.has_static_shape and type_.has_static_shape):
        return None
    operand = signless(operand)
    ratio = max(source.width, target.width) // min(source.width, target.width)
    bits, wide = (ir.IntegerType.get_signless(element.width) for element in (source, target))
    plain = signless_element(target)

    def to_target(value: Any) -> Any:
        return value if value.type == plain else arith.BitcastOp(plain, value).result

    def of_source(value: Any) -> Any:
        return value if value.type == bits else arith.BitcastOp(bits, value).result

    def here(axis: int) -> Any:
        return linalg.IndexOp(ir.IntegerAttr.get(ir.IntegerType.get_signless(64), axis)).result

    if source.width > target.width:
        rank = operand.type.rank

        def part(x: Any) -> Any:
            shift = arith.IndexCastOp(bits, arith.MulIOp(here(rank), index(target.width)).result).result
            moved = arith.ShRUIOp(of_source(x), shift).result
            return to_target(arith.TruncIOp(wide, moved).result)

        found = elementwise([operand], [*dims(operand), ratio], plain, part, [range(rank)])
    else:
        sizes = dims(operand)[:-1]

        def whole() -> Any:
            total = constant(0, wide)
            for j in range(ratio):
                value = tensor.ExtractOp(operand, [*(here(i) for i in range(len(sizes))), index(j)]).result
                moved = arith.ShLIOp(arith.ExtUIOp(wide, of_source(value)).result, constant(j * source.width, wide))
                total = arith.OrIOp(total, moved.result).result
            return to_target(total)

        found = elementwise([], sizes, plain, whole)
    return [refine(found, type_)]


def signless_element(element: Any) -> Any:
    """An element type without signedness."""
    return ir.IntegerType.get_signless(element.width) if isinstance(element, ir.IntegerType) else element


def dot_algorithm(op: Any) -> list[Any] | None:
    """A `dot_general` that names its algorithm: operands are rounded to its types, sums are of its type.

    Algorithms of several products per product (bf16 three, six or nine times) stand for f32, and are that here.
    """
    if "algorithm" not in op.attributes:
        return None
    algorithm = stablehlo.DotAlgorithm(op.attributes["algorithm"])
    total = algorithm.accumulation_type
    attributes = {name: op.attributes[name] for name in op.attributes if name != "algorithm"}
    operands = []
    for value, precision in zip(op.operands, (algorithm.lhs_precision_type, algorithm.rhs_precision_type), strict=True):
        name = str(precision)
        rounded = value
        if algorithm.num_primitive_operations == 1 and name in _PRECISIONS and str(value.type.element_type) != name:
            exponent, mantissa = (ir.IntegerAttr.get(ir.IntegerType.get_signless(32), n) for n in _PRECISIONS[name])
            rounded = hlo("reduce_precision", [value], value.type, exponent_bits=exponent, mantissa_bits=mantissa)
        operands.append(_as_element(rounded, total))
    type_ = op.results[0].type
    found = hlo("dot_general", operands, like(type_, element=total), **attributes)
    return [_as_element(found, type_.element_type)]


def _as_element(value: Any, element: Any) -> Any:
    if value.type.element_type == element:
        return value
    return hlo("convert", [value], like(value.type, element=element))


EARLY: Mapping[str, Rule] = {"stablehlo.convert": convert, "stablehlo.dot_general": dot_algorithm}
"""They rewrite to StableHLO and CHLO."""
RULES: Mapping[str, Rule] = {"stablehlo.bitcast_convert": bitcast_convert}
