"""Functions of real numbers that the math dialect has, for which code generation guarantees an error.

Upstream writes them with others, which loses digits, or the smallest results. Values of 16 bits are computed as f32,
but for asin of f16: where its sign is copied last, LLVM would round the sign from f64 to f16, by a call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from iree.dialects.input import complex_functions
from iree.dialects.input.build import constant, dims, elementwise, hlo, like, refine
from iree.dialects.input.rules import Rule
from iree.dialects.mlir import arith, ir, math, stablehlo

_FINITE = "iree.finite"
"""Marks the magnitude of complex numbers whose infinite parts are looked at elsewhere."""


def _is_real(op: Any) -> bool:
    element = op.operands[0].type.element_type
    return isinstance(element, ir.FloatType) and element.width >= 16 and op.results[0].type.element_type == element


def _function(emit: Callable[[Any], Any], *, as_is: bool = False) -> Rule:
    def rule(op: Any) -> list[Any] | None:
        if not _is_real(op):
            return None
        operand = op.operands[0]
        element = operand.type.element_type
        narrow = element.width == 16 and not (as_is and isinstance(element, ir.F16Type))
        wide = ir.F32Type.get() if narrow else element

        def body(x: Any) -> Any:
            result = emit(x if wide == element else arith.ExtFOp(wide, x).result)
            return result if wide == element else arith.TruncFOp(element, result).result

        return [refine(elementwise([operand], dims(operand), element, body), op.results[0].type)]

    return rule


def _math(operation: Any) -> Rule:
    return _function(lambda x: operation(x).result, as_is=operation is math.AsinOp)


def _logistic(x: Any) -> Any:
    """1 / (1 + e^-x), for negative x as e^x / (1 + e^x), which does not overflow."""
    one = constant(1.0, x.type)
    power = math.ExpOp(arith.NegFOp(math.AbsFOp(x).result).result).result
    inverse = arith.DivFOp(one, arith.AddFOp(one, power).result).result
    negative = arith.CmpFOp(arith.CmpFPredicate.OLT, x, constant(0.0, x.type)).result
    return arith.SelectOp(negative, arith.MulFOp(power, inverse).result, inverse).result


_MATH = {
    "acos": math.AcosOp,
    "acosh": math.AcoshOp,
    "asin": math.AsinOp,
    "asinh": math.AsinhOp,
    "atan": math.AtanOp,
    "atanh": math.AtanhOp,
    "cosh": math.CoshOp,
    "erf": math.ErfOp,
    "erfc": math.ErfcOp,
    "sinh": math.SinhOp,
    "tan": math.TanOp,
}


def complex_cbrt(op: Any) -> list[Any] | None:
    """The principal cube root: of the magnitude, at a third of the angle."""
    operand, type_ = op.operands[0], op.results[0].type
    if not isinstance(type_.element_type, ir.ComplexType):
        return None
    part = like(type_, element=type_.element_type.element_type)
    real, imag = (hlo(name, [operand], part) for name in ("real", "imag"))
    size = hlo("cbrt", [hlo("abs", [operand], part)], part)
    third = ir.FloatAttr.get(part.element_type, 3.0)
    three = ir.Operation.create(
        "chlo.constant_like", results=[part], operands=[real], attributes={"value": third}
    ).result
    angle = hlo("divide", [hlo("atan2", [imag, real], part), three], part)
    parts = [hlo("multiply", [size, hlo(name, [angle], part)], part) for name in ("cosine", "sine")]
    return [hlo("complex", parts, type_)]


def complex_abs(op: Any) -> list[Any] | None:
    """Infinite if a part is, whatever the other is."""
    operand, type_ = op.operands[0], op.results[0].type
    if not isinstance(operand.type.element_type, ir.ComplexType) or _FINITE in op.attributes:
        return None
    infinity = ir.FloatAttr.get(type_.element_type, float("inf"))
    flags = like(type_, element=ir.IntegerType.get_signless(1))
    parts = [hlo("abs", [hlo(name, [operand], type_)], type_) for name in ("real", "imag")]
    filled = ir.Operation.create(
        "chlo.constant_like", results=[type_], operands=[parts[0]], attributes={"value": infinity}
    ).result
    equal = stablehlo.ComparisonDirectionAttr.get("EQ")
    infinite = hlo("or", [hlo("compare", [x, filled], flags, comparison_direction=equal) for x in parts], flags)
    size = hlo("abs", [operand], type_, **{_FINITE: ir.UnitAttr.get()})
    return [hlo("select", [infinite, filled, size], type_)]


def _either(*rules: Rule) -> Rule:
    """The first of the rules that applies."""

    def rule(op: Any) -> Sequence[Any] | None:
        return next((values for values in (apply(op) for apply in rules) if values is not None), None)

    return rule


_HERE: Mapping[str, Rule] = {
    **{f"chlo.{name}": _math(operation) for name, operation in _MATH.items()},
    "stablehlo.abs": complex_abs,
    "stablehlo.cbrt": complex_cbrt,
    "stablehlo.logistic": _function(_logistic),
}
RULES: Mapping[str, Rule] = {
    **_HERE,
    **{name: _either(rule, _HERE[name]) if name in _HERE else rule for name, rule in complex_functions.RULES.items()},
}
"""For before upstream's rewriting of CHLO. What is here of complex numbers is for devices without f64."""
