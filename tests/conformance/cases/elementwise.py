"""Elementwise operations: every dtype, edge values, all ranks from 0 to 5, static and dynamic, zero sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from conformance.case import (
    COMPLEX,
    EXACT,
    FLOATS,
    INTEGERS,
    SIGNED,
    UNSIGNED,
    Array,
    Case,
    Tensor,
    Tolerance,
    edges,
    make,
)

Reference = Callable[..., list[Array]]
ULP4 = Tolerance(ulp=4)
ROUNDED = {"f32": ULP4, "f64": ULP4, "f16": Tolerance(ulp=1), "bf16": Tolerance(ulp=1)}

_EXACT_FLOAT = "abs negate ceil floor round_nearest_even round_nearest_afz sign sqrt"
_ROUNDED_FLOAT = "cbrt cosine exponential exponential_minus_one log log_plus_one logistic rsqrt sine tan tanh"
_COMPLEX = "cosine exponential exponential_minus_one log log_plus_one logistic negate rsqrt sine sqrt tanh"
_BINARY_FLOAT = "add subtract multiply divide maximum minimum"
_BINARY_INTEGER = (
    "add subtract multiply maximum minimum and or xor shift_left shift_right_arithmetic shift_right_logical power"
)


def _unary(op: str, dtype: str, values: np.ndarray, tolerance: Tolerance, out: str | None = None) -> Iterator[Case]:
    for dynamic in (False, True):
        body = f'%r0 = "stablehlo.{op}"(%a0) : ({{a0}}) -> {{r0}}'
        yield make(
            op, body, [(dtype, values)], [Tensor(values.shape, out or dtype)], tolerance=tolerance, dynamic=dynamic
        )


def _pairs(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    a, b = np.meshgrid(np.arange(len(values)), np.arange(len(values)))
    return values[a.reshape(-1)], values[b.reshape(-1)]


def _binary(
    op: str, dtype: str, values: np.ndarray, tolerance: Tolerance = EXACT, reference: Reference | None = None
) -> Iterator[Case]:
    a, b = _pairs(values)
    for dynamic in (False, True):
        body = f'%r0 = "stablehlo.{op}"(%a0, %a1) : ({{a0}}, {{a1}}) -> {{r0}}'
        yield make(
            op,
            body,
            [(dtype, a), (dtype, b)],
            [Tensor(a.shape, dtype)],
            tolerance=tolerance,
            dynamic=dynamic,
            reference=reference,
        )


def _division(op: str) -> Reference:
    """Towards zero; what the specification leaves open (by 0, and the lowest number by -1) as XLA does it."""

    def compute(a: Array, b: Array) -> list[Array]:
        quotients, remainders = [], []
        for x, y in zip(a.tolist(), b.tolist(), strict=True):
            q = -1 if y == 0 else abs(x) // abs(y) * (1 if (x < 0) == (y < 0) else -1)
            quotients.append(q)
            remainders.append(x - q * y if y else x)
        chosen = quotients if op == "divide" else remainders
        bits = 8 * a.itemsize
        return [np.array([v % 2**bits for v in chosen], np.uint64).astype(f"u{a.itemsize}").view(a.dtype)]

    return compute


def cases() -> Iterator[Case]:
    """All of them."""
    for dtype in FLOATS:
        for op in _EXACT_FLOAT.split():
            yield from _unary(op, dtype, edges(dtype), Tolerance(ulp=1) if op == "sqrt" else EXACT)
        for op in _ROUNDED_FLOAT.split():
            yield from _unary(op, dtype, edges(dtype), ROUNDED[dtype])
        yield from _unary("is_finite", dtype, edges(dtype), EXACT, "i1")
        for op in _BINARY_FLOAT.split():
            yield from _binary(op, dtype, edges(dtype))
        yield from _binary("remainder", dtype, edges(dtype)[:19])
        for op in ("atan2", "power"):
            yield from _binary(op, dtype, edges(dtype)[:17], ROUNDED[dtype])
    for dtype in COMPLEX:
        for op in _COMPLEX.split():
            yield from _unary(
                op,
                dtype,
                edges(dtype)[1:] if op == "rsqrt" else edges(dtype),
                Tolerance(ulp=16, absolute=1e-6 if dtype == "complex<f32>" else 1e-14),
            )
        part = dtype[8:-1]
        for op in ("real", "imag"):
            yield from _unary(op, dtype, edges(dtype), EXACT, part)
        yield from _unary("abs", dtype, edges(dtype), ULP4, part)
        for op in ("add", "subtract", "multiply", "divide"):
            yield from _binary(
                op, dtype, edges(dtype)[1::5], Tolerance(ulp=8, absolute=1e-6 if part == "f32" else 1e-14)
            )
    for dtype in INTEGERS:
        for op in ("abs", "negate", "sign") if dtype in SIGNED else ("negate",):
            yield from _unary(op, dtype, edges(dtype), EXACT)
        for op in ("not", "popcnt", "count_leading_zeros"):
            yield from _unary(op, dtype, edges(dtype), EXACT)
        for op in _BINARY_INTEGER.split():
            yield from _binary(op, dtype, edges(dtype))
        for op in ("divide", "remainder"):
            yield from _binary(op, dtype, edges(dtype), EXACT, _division(op))
    for op in ("and", "or", "xor", "add", "multiply", "maximum", "minimum"):
        yield from _binary(op, "i1", edges("i1"))
    yield from _unary("not", "i1", edges("i1"), EXACT)
    yield from _compare()
    yield from _convert()
    yield from _shapes()
    yield from _select_clamp()


def _compare() -> Iterator[Case]:
    for dtype in (*FLOATS, *INTEGERS, "i1", *COMPLEX):
        a, b = _pairs(edges(dtype)[::3] if dtype in COMPLEX else edges(dtype))
        kinds = {
            "f": ("FLOAT", "TOTALORDER"),
            "b": ("FLOAT", "TOTALORDER"),
            "i": ("SIGNED",),
            "u": ("UNSIGNED",),
            "c": ("FLOAT",),
        }
        for kind in ("UNSIGNED",) if dtype == "i1" else kinds[dtype[0]]:
            for direction in ("EQ", "NE") if dtype in COMPLEX else ("EQ", "NE", "LT", "LE", "GT", "GE"):
                body = f"%r0 = stablehlo.compare {direction}, %a0, %a1, {kind} : ({{a0}}, {{a1}}) -> {{r0}}"
                total = kind == "TOTALORDER"
                yield make(
                    "compare",
                    body,
                    [(dtype, a), (dtype, b)],
                    [Tensor(a.shape, "i1")],
                    label=f"{direction} {kind}",
                    reference=_total_order(direction) if total else None,
                )


def _total_order(direction: str) -> Callable[[Array, Array], list[Array]]:
    """IEEE 754's totalOrder; the interpreter compares as floats here."""

    def key(x: Array) -> Array:
        bits = x.view(f"i{x.itemsize}")
        return np.where(bits < 0, bits ^ np.iinfo(bits.dtype).max, bits)

    compare = getattr(
        np,
        {"EQ": "equal", "NE": "not_equal", "LT": "less", "LE": "less_equal", "GT": "greater", "GE": "greater_equal"}[
            direction
        ],
    )
    return lambda a, b: [compare(key(a), key(b))]


def _convert() -> Iterator[Case]:
    dtypes = (*FLOATS, *INTEGERS, "i1")
    for source in (*dtypes, *COMPLEX):
        values = edges(source)
        if source in FLOATS:  # what does not fit an integer is not specified
            values = np.array([0, 0.5, 1, 1.5, 2.5, 3.99, 100, 0.1], dtype=values.dtype)
        for target in (*dtypes, *COMPLEX):
            if source in COMPLEX and target in UNSIGNED:
                continue
            body = "%r0 = stablehlo.convert %a0 : ({a0}) -> {r0}"
            yield make("convert", body, [(source, values)], [Tensor(values.shape, target)], label=f"to {target}")


def _shapes() -> Iterator[Case]:
    rng = np.random.default_rng(1)
    for shape in ((), (1,), (7,), (3, 5), (2, 3, 5), (2, 1, 3, 5), (2, 3, 1, 2, 5), (0,), (3, 0), (2, 0, 3), (1, 1, 1)):
        for dynamic in (False, True) if shape else (False,):
            for dtype in ("f32", "i32"):
                a, b = (rng.integers(-9, 9, shape).astype("f4" if dtype == "f32" else "i4") for _ in range(2))
                body = "%0 = stablehlo.add %a0, %a1 : {a0}\n%r0 = stablehlo.multiply %0, %a1 : {r0}"
                label = f"chain of rank {len(shape)}" + (" (empty)" if 0 in shape else "")
                yield make("add", body, [(dtype, a), (dtype, b)], [Tensor(shape, dtype)], label=label, dynamic=dynamic)


def _select_clamp() -> Iterator[Case]:
    for dtype in (*FLOATS, *INTEGERS):
        a, b = _pairs(edges(dtype))
        flags = np.arange(len(a)) % 3 == 0
        body = "%r0 = stablehlo.select %a0, %a1, %a2 : {a0}, {a1}"
        for dynamic in (False, True):
            inputs = [("i1", flags), (dtype, a), (dtype, b)]
            yield make("select", body, inputs, [Tensor(a.shape, dtype)], dtype=dtype, dynamic=dynamic)
        scalar = "%r0 = stablehlo.select %a0, %a1, %a2 : (tensor<i1>, {a1}, {a2}) -> {r0}"
        yield make(
            "select",
            scalar,
            [("i1", True), (dtype, a), (dtype, b)],
            [Tensor(a.shape, dtype)],
            dtype=dtype,
            label="scalar",
        )
        clamp = "%r0 = stablehlo.clamp %a0, %a1, %a2 : ({a0}, {a1}, {a2}) -> {r0}"
        low, high = np.array(1).astype(a.dtype), np.array(3).astype(a.dtype)
        yield make(
            "clamp", clamp, [(dtype, low), (dtype, edges(dtype)), (dtype, high)], [Tensor(edges(dtype).shape, dtype)]
        )
        yield make(
            "clamp",
            clamp,
            [(dtype, np.minimum(a, b)), (dtype, b), (dtype, np.maximum(a, b))],
            [Tensor(a.shape, dtype)],
            label="tensors",
        )
