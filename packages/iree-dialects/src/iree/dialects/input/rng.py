"""rng: numbers of a fixed seed, of the distributions that upstream does not lower."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from iree.dialects.input.build import hlo, like
from iree.dialects.input.rules import Rule
from iree.dialects.mlir import ir, stablehlo


def rng(op: Any) -> list[Any] | None:
    """Normal numbers, as the inverse of their distribution, and uniform integers, as rounded f64."""
    normal = stablehlo.RngDistributionAttr(op.attributes["rng_distribution"]).value == "NORMAL"
    type_ = op.results[0].type
    element = type_.element_type
    if not normal and isinstance(element, ir.FloatType):
        return None
    a, b, shape = op.operands
    integers = not isinstance(element, ir.FloatType)
    wide = ir.F64Type.get() if integers else element
    if not integers and element.width < 32:
        wide = ir.F32Type.get()
    real = like(type_, element=wide)
    low, high = (_scalar(value, wide) for value in ((-1.0, 1.0) if normal else (0.0, 1.0)))
    distribution = ir.Attribute.parse("#stablehlo<rng_distribution UNIFORM>")
    value = hlo("rng", [low, high, shape], real, rng_distribution=distribution)
    first, second = (_converted(x, wide) for x in (a, b))
    if normal:  # sqrt(2) erf^-1(u) for u uniform in (-1, 1)
        value = ir.Operation.create("chlo.erf_inv", results=[real], operands=[value]).result
        second = hlo("multiply", [second, _scalar(2.0**0.5, wide)], second.type)
        found = _with_scalar("add", _with_scalar("multiply", value, second), first)
    else:
        steps = _with_scalar("multiply", value, hlo("subtract", [second, first], first.type))
        found = _with_scalar("add", hlo("floor", [steps], real), first)
    return [_converted(found, element)]


def _scalar(value: float, element: Any) -> Any:
    type_ = ir.RankedTensorType.get([], element)
    return hlo("constant", [], type_, value=ir.DenseElementsAttr.get_splat(type_, ir.FloatAttr.get(element, value)))


def _converted(value: Any, element: Any) -> Any:
    type_ = like(value.type, element=element)
    return value if value.type == type_ else hlo("convert", [value], type_)


def _with_scalar(name: str, value: Any, scalar: Any) -> Any:
    return ir.Operation.create(f"chlo.broadcast_{name}", results=[value.type], operands=[value, scalar]).result


RULES: Mapping[str, Rule] = {"stablehlo.rng": rng}
"""For before upstream's rewriting of CHLO."""
