"""Functions of real numbers that the math dialect has, for which code generation guarantees an error.

Upstream writes them with others, which loses digits, or the smallest results. Values of 16 bits are computed as f32,
but for asin of f16: where its sign is copied last, LLVM would round the sign from f64 to f16, by a call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from iree.dialects.input.build import constant, dims, elementwise, refine
from iree.dialects.input.rules import Rule
from iree.dialects.mlir import arith, ir, math


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

RULES: Mapping[str, Rule] = {f"chlo.{name}": _math(operation) for name, operation in _MATH.items()} | {
    "stablehlo.logistic": _function(_logistic),
}
"""For before upstream's rewriting of CHLO."""
