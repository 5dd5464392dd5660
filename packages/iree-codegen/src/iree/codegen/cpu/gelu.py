"""Finds Gaussian error linear units by their parts."""

from __future__ import annotations

import math
from typing import Any

from iree.codegen.cpu.structured import defining
from iree.dialects.mlir import ir


def find_gelu(erf: Any) -> tuple[Any, Any] | None:
    """The product x / 2 * (1 + erf(x / sqrt(2))), in any order, that an error function is for, and x."""
    scaled, total = defining(erf.operands[0]), _only_user(erf.results[0], "arith.addf")
    if scaled is None or total is None or not _is_near(_other(total, erf.results[0]), 1.0):
        return None
    root = {"arith.mulf": math.sqrt(0.5), "arith.divf": math.sqrt(2)}.get(scaled.name, 0.0)
    x = scaled.operands[1 if scaled.name == "arith.mulf" and _is_near(scaled.operands[0], root) else 0]
    if not root or not _is_near(_other(scaled, x), root):
        return None
    product, factors = total, list[Any]()
    while len(factors) < 2 and (outer := _only_user(product.results[0], "arith.mulf")) is not None:
        factor = _other(outer, product.results[0])
        op = defining(factor)
        factors += list(op.operands) if op is not None and op.name == "arith.mulf" and factor != x else [factor]
        product = outer
    if len(factors) == 2 and x in factors and _is_near(factors[1 - factors.index(x)], 0.5):
        return product.results[0], x
    return None


def _only_user(value: Any, name: str) -> Any:
    """The operation that alone uses a value, if it is of that name."""
    users = [use.owner for use in value.uses]
    return users[0] if len(users) == 1 and users[0].name == name else None


def _other(op: Any, operand: Any) -> Any:
    return op.operands[1] if op.operands[0] == operand else op.operands[0]


def _is_near(value: Any, wanted: float) -> bool:
    """Whether it is a constant, of all elements, within a unit of the last place of f32."""
    op = defining(value)
    if op is None or op.name != "arith.constant":
        return False
    found = op.attributes["value"]
    if isinstance(found, ir.DenseElementsAttr):
        if not found.is_splat:
            return False
        found = found.get_splat_value()
    return bool(abs(found.value / wanted - 1) < 2.0**-23)
