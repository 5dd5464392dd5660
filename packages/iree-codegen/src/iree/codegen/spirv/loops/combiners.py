"""Operations that may be regrouped: sums, extremes and the like."""

from __future__ import annotations

from typing import Any

import numpy as np
from iree.dialects.mlir import arith, ir

NEUTRAL: dict[str, Any] = {
    "arith.addf": -0.0,
    "arith.mulf": 1.0,
    "arith.maximumf": -np.inf,
    "arith.maxnumf": np.nan,
    "arith.minimumf": np.inf,
    "arith.minnumf": np.nan,
    "arith.addi": 0,
    "arith.ori": 0,
    "arith.xori": 0,
    "arith.maxui": 0,
    "arith.muli": 1,
    "arith.andi": -1,
    "arith.minui": -1,
    "arith.maxsi": lambda width: -(1 << (width - 1)),
    "arith.minsi": lambda width: (1 << (width - 1)) - 1,
}
"""What leaves the other operand as it is."""


def neutral(name: str, type_: Any) -> Any:
    """That value of a type, at the insertion point."""
    value = NEUTRAL[name]
    if isinstance(type_, ir.FloatType):
        return arith.ConstantOp(type_, ir.FloatAttr.get(type_, value)).result
    number = value(type_.width) if callable(value) else value
    return arith.ConstantOp(type_, ir.IntegerAttr.get(type_, number)).result


def combine(name: str, a: Any, b: Any) -> Any:
    """What an operation makes of two values, at the insertion point."""
    return ir.Operation.create(name, [a.type], [a, b]).result
