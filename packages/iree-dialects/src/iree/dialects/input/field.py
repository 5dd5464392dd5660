"""Arithmetic on scalars that are floats or complex numbers, and on integers where it makes sense."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from iree.dialects.input.build import constant
from iree.dialects.mlir import arith, complex, ir, math


def _binary(float_op: Any, complex_op: Any) -> Callable[[Any, Any], Any]:
    def emit(a: Any, b: Any) -> Any:
        return (complex_op if isinstance(a.type, ir.ComplexType) else float_op)(a, b).result

    return emit


add = _binary(arith.AddFOp, complex.AddOp)
sub = _binary(arith.SubFOp, complex.SubOp)
mul = _binary(arith.MulFOp, complex.MulOp)
div = _binary(arith.DivFOp, complex.DivOp)


def conjugate(a: Any) -> Any:
    """The complex conjugate; a real number is its own."""
    return complex.ConjOp(a).result if isinstance(a.type, ir.ComplexType) else a


def zero(element: Any) -> Any:
    """0 of an element type."""
    if not isinstance(element, ir.ComplexType):
        return constant(0, element)
    part = ir.FloatAttr.get(element.element_type, 0.0)
    return complex.ConstantOp(element, ir.ArrayAttr.get([part, part])).result


def sqrt_of_real(a: Any) -> Any:
    """The square root of a number whose imaginary part is zero."""
    if not isinstance(a.type, ir.ComplexType):
        return math.SqrtOp(a).result
    real = math.SqrtOp(complex.ReOp(a).result).result
    return complex.CreateOp(a.type, real, constant(0, a.type.element_type)).result
