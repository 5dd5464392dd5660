"""Elementwise operations that upstream's lowering gets wrong, written with others that it gets right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from iree.dialects.input.build import cast, constant, dims, elementwise, hlo, like, refine, signless, signless_type
from iree.dialects.input.float8 import is_float8
from iree.dialects.input.misc import zeros
from iree.dialects.input.rules import Rule, in_scalar_region
from iree.dialects.input.scalars import is_total_order, order_key
from iree.dialects.mlir import arith, ir, stablehlo


def _element(value: Any) -> Any:
    return value.type.element_type


def add(op: Any) -> list[Any] | None:
    """Or, of truth values: upstream adds modulo 2."""
    if _element(op.operands[0]) != ir.IntegerType.get_signless(1):
        return None
    return [hlo("or", op.operands, op.results[0].type)]


def compare(op: Any) -> list[Any] | None:
    """Compares the bits as integers for total order: upstream compares as floats."""
    element = _element(op.operands[0])
    if not isinstance(element, ir.FloatType) or not is_total_order(op):
        return None
    if in_scalar_region(op):
        return _compare_bits(op, element)
    direction = stablehlo.ComparisonDirectionAttr(op.attributes["comparison_direction"]).value.lower()
    predicate = getattr(arith.CmpIPredicate, direction if direction in ("eq", "ne") else f"s{direction}")

    def body(a: Any, b: Any) -> Any:
        return arith.CmpIOp(predicate, order_key(a, element), order_key(b, element)).result

    i1 = ir.IntegerType.get_signless(1)
    return [refine(elementwise(op.operands, dims(op.operands[0]), i1, body), op.results[0].type)]


def _compare_bits(op: Any, element: Any) -> list[Any] | None:
    """The same in StableHLO, for regions; sort and scatter do it themselves."""
    if op.parent.operation.name in ("stablehlo.scatter", "stablehlo.sort"):
        return None
    type_ = ir.RankedTensorType.get([], ir.IntegerType.get_signless(element.width))

    def number(value: int) -> Any:
        attribute = ir.DenseElementsAttr.get_splat(type_, ir.IntegerAttr.get(type_.element_type, value))
        return hlo("constant", [], type_, value=attribute)

    def key(value: Any) -> Any:
        bits = hlo("bitcast_convert", [value], type_)
        sign = hlo("shift_right_arithmetic", [bits, number(element.width - 1)], type_)
        return hlo("xor", [bits, hlo("shift_right_logical", [sign, number(1)], type_)], type_)

    attributes = {
        "comparison_direction": op.attributes["comparison_direction"],
        "compare_type": stablehlo.ComparisonTypeAttr.get("SIGNED"),
    }
    return [hlo("compare", [key(value) for value in op.operands], op.results[0].type, **attributes)]


def power(op: Any) -> list[Any] | None:
    """Squares over all bits of an integer exponent: upstream stops at six.

    Negative exponents give what division towards zero would: 1 and -1 have powers, others give 0.
    """
    element = _element(op.operands[0])
    if not isinstance(element, ir.IntegerType):
        return None
    plain = ir.IntegerType.get_signless(element.width)

    def body(base: Any, exponent: Any) -> Any:
        result, square, left = constant(1, plain), base, exponent
        for bit in range(element.width):
            odd = arith.TruncIOp(ir.IntegerType.get_signless(1), left).result if element.width > 1 else left
            result = arith.SelectOp(odd, arith.MulIOp(result, square).result, result).result
            if bit + 1 < element.width:
                square = arith.MulIOp(square, square).result
                left = arith.ShRUIOp(left, constant(1, plain)).result
        if element.is_unsigned:
            return result
        negative = arith.CmpIOp(arith.CmpIPredicate.slt, exponent, constant(0, plain)).result
        unit = arith.CmpIOp(arith.CmpIPredicate.eq, base, constant(1, plain)).result
        flips = arith.CmpIOp(arith.CmpIPredicate.eq, base, constant(-1, plain)).result
        small = arith.SelectOp(arith.OrIOp(unit, flips).result, result, constant(0, plain)).result
        return arith.SelectOp(negative, small, result).result

    a, b = (signless(value) for value in op.operands)
    return [
        cast(
            refine(elementwise([a, b], dims(a), plain, body), like(op.results[0].type, element=plain)),
            op.results[0].type,
        )
    ]


def contraction(op: Any) -> list[Any] | None:
    """Converts operands where upstream fails: unsigned ones, and those of grouped convolutions that the result widens.

    Unsigned ones become signless: products and sums wrap alike.
    """
    type_ = op.results[0].type
    if _sums_nothing(op):
        return [zeros(type_)]
    element, target = _element(op.operands[0]), type_.element_type
    unsigned = isinstance(target, ir.IntegerType) and target.is_unsigned
    grouped = "feature_group_count" in op.attributes and op.attributes["feature_group_count"].value > 1
    if not unsigned and (element == target or not grouped):
        return None
    wide = [
        signless(value if element == target else hlo("convert", [value], like(value.type, element=target)))
        for value in op.operands
    ]
    attributes = {name: op.attributes[name] for name in op.attributes}
    return [cast(hlo(op.name.removeprefix("stablehlo."), wide, signless_type(type_), **attributes), type_)]


def _sums_nothing(op: Any) -> bool:
    """Whether a convolution has an empty kernel: each of its results is a sum of nothing."""
    if op.name != "stablehlo.convolution" or not op.results[0].type.has_static_shape:
        return False
    return 0 in op.operands[1].type.shape and 0 not in op.results[0].type.shape


def is_finite(op: Any) -> list[Any] | None:
    """Of 8-bit floats by way of f32: not all of them have the infinity that upstream compares with."""
    operand = op.operands[0]
    if not is_float8(_element(operand)):
        return None
    wide = hlo("convert", [operand], like(operand.type, element=ir.F32Type.get()))
    return [hlo("is_finite", [wide], op.results[0].type)]


def reduce_precision(op: Any) -> list[Any] | None:
    """Of unknown sizes as a function of elements: upstream's lowering ends the process."""
    type_ = op.results[0].type
    if type_.has_static_shape:
        return None
    attributes = {name: op.attributes[name] for name in op.attributes}
    axes = ir.DenseI64ArrayAttr.get(list(range(type_.rank)))
    made = ir.Operation.create("stablehlo.map", [type_], list(op.operands), {"dimensions": axes}, regions=1)
    scalar = like(type_, [])
    block = made.regions[0].blocks.append(scalar, arg_locs=[op.location])
    with ir.InsertionPoint(block):
        rounded = hlo("reduce_precision", [block.arguments[0]], scalar, **attributes)
        ir.Operation.create("stablehlo.return", [], [rounded])
    return [made.result]


RULES: Mapping[str, Rule] = {
    "stablehlo.add": add,
    "stablehlo.compare": compare,
    "stablehlo.dot": contraction,
    "stablehlo.dot_general": contraction,
    "stablehlo.is_finite": is_finite,
    "stablehlo.power": power,
    "stablehlo.reduce_precision": reduce_precision,
}
