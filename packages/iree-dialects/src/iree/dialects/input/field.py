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


def number(value: float, element: Any) -> Any:
    """A constant."""
    if not isinstance(element, ir.ComplexType):
        return constant(value, element)
    parts = [ir.FloatAttr.get(element.element_type, part) for part in (value, 0.0)]
    return complex.ConstantOp(element, ir.ArrayAttr.get(parts)).result


def zero(element: Any) -> Any:
    """0 of an element type."""
    return number(0, element)


def sqrt_of_real(a: Any) -> Any:
    """The square root of a number whose imaginary part is zero."""
    if not isinstance(a.type, ir.ComplexType):
        return math.SqrtOp(a).result
    real = math.SqrtOp(complex.ReOp(a).result).result
    return complex.CreateOp(a.type, real, constant(0, a.type.element_type)).result


def real(a: Any) -> Any:
    """The real part."""
    return complex.ReOp(a).result if isinstance(a.type, ir.ComplexType) else a


def of_real(a: Any, element: Any) -> Any:
    """A real number as one of an element type, which may be complex."""
    if not isinstance(element, ir.ComplexType):
        return a
    return complex.CreateOp(element, a, constant(0, element.element_type)).result


def real_type(element: Any) -> Any:
    """The element type of real parts."""
    return element.element_type if isinstance(element, ir.ComplexType) else element


def scale(a: Any, factor: Any) -> Any:
    """A number times a real one."""
    if not isinstance(a.type, ir.ComplexType):
        return arith.MulFOp(a, factor).result
    parts = [arith.MulFOp(take(a).result, factor).result for take in (complex.ReOp, complex.ImOp)]
    return complex.CreateOp(a.type, *parts).result


def magnitude(a: Any) -> Any:
    """|a|, real."""
    return (complex.AbsOp if isinstance(a.type, ir.ComplexType) else math.AbsFOp)(a).result
