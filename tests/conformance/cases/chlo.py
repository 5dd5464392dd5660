# ruff: noqa: E501 - one case per line reads best
"""CHLO: special functions against SciPy-free references of Python's math module, and broadcasting operations."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
from conformance.case import Array, Case, Tensor, Tolerance, make, random

RNG = np.random.default_rng(8)
_SCALAR: dict[str, tuple[Callable[[float], float], float, float]] = {
    "acos": (math.acos, -1, 1), "acosh": (math.acosh, 1, 50), "asin": (math.asin, -1, 1), "asinh": (math.asinh, -50, 50),
    "atan": (math.atan, -50, 50), "atanh": (math.atanh, -0.99, 0.99), "cosh": (math.cosh, -10, 10), "sinh": (math.sinh, -10, 10),
    "erf": (math.erf, -5, 5), "erfc": (math.erfc, -5, 9), "lgamma": (math.lgamma, 0.1, 30), "square": (lambda x: x * x, -9, 9),
    "tan": (math.tan, -9, 9),
}  # fmt: skip
_LIMIT = {
    "f32": Tolerance(ulp=16, absolute=4e-6),
    "f64": Tolerance(ulp=64, absolute=1e-13),
    "f16": Tolerance(ulp=2, absolute=1e-3),
    "bf16": Tolerance(ulp=2, absolute=1e-2),
}


def cases() -> Iterator[Case]:
    """All of them."""
    for op, (function, low, high) in _SCALAR.items():
        for dtype in ("f32", "f64", "f16", "bf16"):
            x = random(RNG, (41,), dtype, low, high)

            def reference(a: Array, function: Callable[[float], float] = function) -> list[Array]:
                with np.errstate(all="ignore"):
                    return [np.array([function(float(v)) for v in a]).astype(a.dtype)]

            for dynamic in (False, True):
                body = f"%r0 = chlo.{op} %a0 : {{a0}} -> {{r0}}"
                yield make(
                    f"chlo.{op}",
                    body,
                    [(dtype, x)],
                    [Tensor((41,), dtype)],
                    tolerance=_LIMIT[dtype],
                    reference=reference,
                    dynamic=dynamic,
                )
    for dtype in ("f32", "f64", "f16"):
        special = np.array([0, -0.0, 1.5, np.inf, -np.inf, np.nan])
        for op, test in (("is_inf", np.isinf), ("is_pos_inf", np.isposinf), ("is_neg_inf", np.isneginf)):
            body = f"%r0 = chlo.{op} %a0 : {{a0}} -> {{r0}}"
            yield make(
                f"chlo.{op}", body, [(dtype, special)], [Tensor((6,), "i1")], reference=lambda a, test=test: [test(a)]
            )
    yield from _broadcasts()


def _broadcasts() -> Iterator[Case]:
    shapes = [
        ((3,), (2, 3)),
        ((2, 1), (1, 3)),
        ((), (2, 3)),
        ((2, 3), (2, 3)),
        ((1,), (4,)),
        ((4, 1, 3), (2, 1)),
        ((0,), (1,)),
    ]
    for op, compute in (("add", np.add), ("multiply", np.multiply), ("maximum", np.maximum), ("subtract", np.subtract)):
        for dtype in ("f32", "i32", "ui8"):
            for left, right in shapes:
                x, y = random(RNG, left, dtype, 0, 9), random(RNG, right, dtype, 0, 9)
                for dynamic in (False, True):
                    body = f"%r0 = chlo.broadcast_{op} %a0, %a1 : ({{a0}}, {{a1}}) -> {{r0}}"
                    shape = np.broadcast_shapes(left, right)
                    yield make(
                        f"chlo.broadcast_{op}",
                        body,
                        [(dtype, x), (dtype, y)],
                        [Tensor(shape, dtype)],
                        label=f"{left} {right}",
                        dynamic=dynamic,
                        reference=lambda a, b, compute=compute: [compute(a, b)],
                    )
