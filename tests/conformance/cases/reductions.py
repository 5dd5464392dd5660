# ruff: noqa: E501, PLC0415 - one case per line reads best
"""reduce, reduce_window, select_and_scatter, map: any body, several operands, every dtype."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from conformance.case import EXACT, FLOATS, INTEGERS, NUMPY, Array, Case, Tensor, Tolerance, make, random

RNG = np.random.default_rng(3)
_SUM = {
    "f32": Tolerance(ulp=16, absolute=1e-5),
    "f64": Tolerance(ulp=16, absolute=1e-13),
    "f16": Tolerance(ulp=8, absolute=0.05),
    "bf16": Tolerance(ulp=8, absolute=0.4),
}


def cases() -> Iterator[Case]:
    """All of them."""
    for dtype in (*FLOATS, *INTEGERS, "i1"):
        for op in ("and", "or") if dtype == "i1" else ("add", "maximum", "minimum", "multiply"):
            yield from _reduce(op, dtype)
    yield from _argmax()
    for dtype in ("complex<f32>", "complex<f64>", "f32", "bf16"):
        yield from _computed_start(dtype)
    for dtype in ("f32", "f64", "i32", "f16"):
        yield from _windows(dtype)
    yield from _select_and_scatter()
    yield from _map()
    yield from _precision()
    for dtype in ("f16", "bf16", "f8E4M3FN", "f8E5M2"):
        yield from _of_many(dtype)


def _init(op: str, dtype: str) -> float:
    from conformance.case import integer_range

    if op in ("maximum", "minimum"):
        if dtype in FLOATS:
            return float("-inf") if op == "maximum" else float("inf")
        low, high = integer_range(dtype)
        return low if op == "maximum" else high
    return 1 if op in ("multiply", "and") else 0


def _computed_start(dtype: str) -> Iterator[Case]:
    """A start, and a padding, that are known only at run time."""
    x, z = random(RNG, (3, 4), dtype, -2, 2), random(RNG, (), dtype, -2, 2)
    start = "%z = stablehlo.add %a1, %a1 : {a1}\n"
    for dynamic in (False, True):
        body = "%r0 = stablehlo.reduce(%a0 init: %z) applies stablehlo.maximum across dimensions = [0] : ({a0}, {a1}) -> {r0}"
        if "complex" in dtype:
            body = body.replace("maximum", "add")
        yield make("reduce", start + body, [(dtype, x), (dtype, z)], [Tensor((4,), dtype)], label="computed start", tolerance=Tolerance(ulp=8, absolute=1e-6), dynamic=dynamic)  # fmt: skip
        body = "%r0 = stablehlo.pad %a0, %z, low = [1, 0], high = [0, 2], interior = [0, 0] : ({a0}, {a1}) -> {r0}"
        yield make("pad", start + body, [(dtype, x), (dtype, z)], [Tensor((4, 6), dtype)], label="computed value", dynamic=dynamic)  # fmt: skip


def _reduce(op: str, dtype: str) -> Iterator[Case]:
    shapes = [
        ((7,), (0,)),
        ((3, 5), (1,)),
        ((3, 5), (0,)),
        ((3, 5), (0, 1)),
        ((2, 3, 4), (0, 2)),
        ((2, 3, 1, 4, 2), (1, 3)),
        ((0, 3), (0,)),
        ((3, 0), (0,)),
        ((1, 1), (1,)),
    ]
    for shape, dims in shapes if dtype in ("f32", "i32") else shapes[1:4]:
        x = random(RNG, shape, dtype, 0 if op == "multiply" else -3, 2)
        if dtype in FLOATS:
            x = np.round(x * 8).astype(x.dtype) / np.array(8, x.dtype)
        init = np.array(_init(op, dtype))
        out = tuple(n for i, n in enumerate(shape) if i not in dims)
        text = "[" + ", ".join(map(str, dims)) + "]"
        body = f"%r0 = stablehlo.reduce(%a0 init: %a1) applies stablehlo.{op} across dimensions = {text} : ({{a0}}, {{a1}}) -> {{r0}}"
        tolerance = _SUM.get(dtype, EXACT) if op in ("add", "multiply") else EXACT
        for dynamic in (False, True):
            yield make(
                "reduce",
                body,
                [(dtype, x), (dtype, init)],
                [Tensor(out, dtype)],
                label=f"{op} {shape} over {dims}",
                tolerance=tolerance,
                dynamic=dynamic,
            )


def _argmax() -> Iterator[Case]:
    body = """%r0, %r1 = stablehlo.reduce(%a0 init: %a2), (%a1 init: %a3) across dimensions = [1] : ({a0}, {a1}, {a2}, {a3}) -> ({r0}, {r1})
 reducer(%x: tensor<T>, %y: tensor<T>) (%xi: tensor<i32>, %yi: tensor<i32>) {
  %c = stablehlo.compare GE, %x, %y : (tensor<T>, tensor<T>) -> tensor<i1>
  %v = stablehlo.select %c, %x, %y : tensor<i1>, tensor<T>
  %e = stablehlo.compare EQ, %x, %y : (tensor<T>, tensor<T>) -> tensor<i1>
  %m = stablehlo.minimum %xi, %yi : tensor<i32>
  %w = stablehlo.select %c, %xi, %yi : tensor<i1>, tensor<i32>
  %u = stablehlo.select %e, %m, %w : tensor<i1>, tensor<i32>
  stablehlo.return %v, %u : tensor<T>, tensor<i32>
 }"""
    for dtype in ("f32", "i32", "f64", "ui8"):
        x = random(RNG, (5, 9), dtype, 0, 5)
        i = np.broadcast_to(np.arange(9), (5, 9))
        inputs = [(dtype, x), ("i32", i), (dtype, np.array(0)), ("i32", np.array(0))]
        for dynamic in (False, True):
            yield make(
                "reduce",
                body.replace("T>", dtype + ">"),
                inputs,
                [Tensor((5,), dtype), Tensor((5,), "i32")],
                label="argmax",
                dynamic=dynamic,
            )


def _windows(dtype: str) -> Iterator[Case]:
    table = [
        ((1, 8, 8, 3), (1, 2, 2, 1), (1, 2, 2, 1), None, None, None),
        ((1, 8, 8, 3), (1, 3, 3, 1), (1, 1, 1, 1), ((0, 0), (1, 1), (1, 1), (0, 0)), None, None),
        ((1, 7, 9, 2), (1, 3, 2, 1), (1, 2, 3, 1), ((0, 0), (0, 1), (2, 0), (0, 0)), None, None),
        ((8, 8), (3, 3), (1, 1), None, (2, 1), (2, 2)),
        ((9,), (9,), (1,), ((8, 0),), None, None),
        ((2, 6), (1, 3), (1, 1), ((0, 0), (2, 0)), None, None),
        ((5,), (2,), (2,), None, None, (3,)),
        ((2, 4, 5, 3), (1, 3, 3, 1), (1, 2, 3, 1), None, None, None),
        ((4, 4), (2, 3), (3, 4), ((0, 1), (1, 1)), None, None),
        ((4, 2), (2, 2), (9, 2), ((0, 1), (1, 0)), (2, 3), None),
    ]
    for op in ("add", "maximum", "minimum"):
        for shape, window, strides, padding, base, dilation in table:
            rank = len(shape)
            padding_ = padding or ((0, 0),) * rank
            base_, dilation_ = base or (1,) * rank, dilation or (1,) * rank
            out = []
            for n, w, s, p, b, d in zip(shape, window, strides, padding_, base_, dilation_, strict=True):
                whole = (n - 1) * b + 1 + p[0] + p[1]
                out.append(max(0, (whole - ((w - 1) * d + 1)) // s + 1))
            attributes = f"window_dimensions = array<i64: {str(window)[1:-1].rstrip(',')}>, window_strides = array<i64: {str(strides)[1:-1].rstrip(',')}>"
            attributes += f", base_dilations = array<i64: {str(base_)[1:-1].rstrip(',')}>, window_dilations = array<i64: {str(dilation_)[1:-1].rstrip(',')}>"
            attributes += f", padding = dense<{[list(p) for p in padding_]}> : tensor<{rank}x2xi64>"
            body = f"""%r0 = "stablehlo.reduce_window"(%a0, %a1) <{{{attributes}}}> ({{ ^bb0(%x: tensor<{dtype}>, %y: tensor<{dtype}>):
  %m = stablehlo.{op} %x, %y : tensor<{dtype}>
  stablehlo.return %m : tensor<{dtype}> }}) : ({{a0}}, {{a1}}) -> {{r0}}"""
            x = random(RNG, shape, dtype, -3, 3)
            tolerance = _SUM.get(dtype, EXACT) if op == "add" else EXACT
            inputs = [(dtype, x), (dtype, np.array(_init(op, dtype)))]
            yield make(
                "reduce_window",
                body,
                inputs,
                [Tensor(tuple(out), dtype)],
                label=f"{op} {shape} {window}",
                tolerance=tolerance,
            )
            if base is None:
                yield make(
                    "reduce_window",
                    body,
                    inputs,
                    [Tensor(tuple(out), dtype)],
                    label=f"{op} {shape} {window}",
                    tolerance=tolerance,
                    dynamic=True,
                )


def _select_and_scatter() -> Iterator[Case]:
    for dtype, direction in (("f32", "GE"), ("i32", "LE"), ("f16", "GT")):
        for shape, out, window, strides, padding in (
            ((1, 4, 4, 1), (1, 2, 2, 1), (1, 2, 2, 1), (1, 2, 2, 1), ((0, 0),) * 4),
            ((1, 5, 5, 2), (1, 3, 3, 2), (1, 3, 3, 1), (1, 1, 1, 1), ((0, 0),) * 4),
            ((6,), (3,), (3,), (2,), ((1, 0),)),
        ):
            if dtype != "f16":
                yield _selects(dtype, direction, shape, out, (window, strides, padding), ties=False)
        # Apart from each other, with ties and NaNs: all of the operand, parts of it, and beyond it.
        for shape, out, window, strides, padding in (
            ((3, 4, 6, 19), (3, 2, 3, 19), (1, 2, 2, 1), (1, 2, 2, 1), ((0, 0),) * 4),
            ((2, 5, 7, 16), (2, 2, 2, 16), (1, 2, 3, 1), (1, 2, 4, 1), ((0, 0),) * 4),
            ((2, 5, 7, 16), (2, 3, 4, 16), (1, 2, 2, 1), (1, 2, 2, 1), ((0, 0), (0, 1), (1, 0), (0, 0))),
            ((0, 4, 4, 3), (0, 2, 2, 3), (1, 2, 2, 1), (1, 2, 2, 1), ((0, 0),) * 4),
            ((33,), (4,), (8,), (8,), ((0, 0),)),
        ):
            yield _selects(dtype, direction, shape, out, (window, strides, padding), ties=True)
        shape, out = (3, 4, 6, 19), (3, 2, 3, 19)
        yield _selects(
            dtype, direction, shape, out, ((1, 2, 2, 1), (1, 2, 2, 1), ((0, 0),) * 4), ties=True, dynamic=True
        )
        one_by_one = ((1, 1), (1, 1), ((0, 0),) * 2)
        yield _selects(dtype, direction, (3, 5), (3, 5), one_by_one, ties=True, dynamic=True)


def _selects(dtype: str, direction: str, shape: tuple[int, ...], out: tuple[int, ...], windows: tuple[Sequence[int], Sequence[int], Sequence[tuple[int, int]]], *, ties: bool, dynamic: bool = False) -> Case:  # fmt: skip
    """`windows`: their sizes, strides and padding. With ties a start that is not neutral is combined as often as the
    interpreter likes.
    """
    window, strides, padding = windows
    scatter = "maximum" if ties else "add"
    body = f"""%r0 = "stablehlo.select_and_scatter"(%a0, %a1, %a2) <{{window_dimensions = array<i64: {str(window)[1:-1].rstrip(",")}>, window_strides = array<i64: {str(strides)[1:-1].rstrip(",")}>, padding = dense<{[list(p) for p in padding]}> : tensor<{len(shape)}x2xi64>}}> ({{
^bb0(%x: tensor<{dtype}>, %y: tensor<{dtype}>): %c = stablehlo.compare {direction}, %x, %y : (tensor<{dtype}>, tensor<{dtype}>) -> tensor<i1>
 stablehlo.return %c : tensor<i1> }}, {{
^bb0(%x: tensor<{dtype}>, %y: tensor<{dtype}>): %c = stablehlo.{scatter} %x, %y : tensor<{dtype}>
 stablehlo.return %c : tensor<{dtype}> }}) : ({{a0}}, {{a1}}, {{a2}}) -> {{r0}}"""
    x = RNG.permutation(int(np.prod(shape))).reshape(shape)
    if ties:
        x = x % 3 if dtype in INTEGERS else np.where(x % 4 == 3, np.nan, x % 4)
    inputs = [(dtype, x), (dtype, random(RNG, out, dtype, 1, 9)), (dtype, np.array(2 if ties else 0))]
    label = f"{direction} {shape} {window}" if ties else f"{direction} {shape}"
    tolerance = _SUM.get(dtype, EXACT)
    return make("select_and_scatter", body, inputs, [Tensor(shape, dtype)], label=label, tolerance=tolerance, dynamic=dynamic)  # fmt: skip


def _map() -> Iterator[Case]:
    body = """%r0 = "stablehlo.map"(%a0, %a1) <{dimensions = array<i64: 0, 1>}> ({ ^bb0(%x: tensor<T>, %y: tensor<T>):
 %c = stablehlo.add %x, %y : tensor<T>
 %d = stablehlo.multiply %c, %x : tensor<T>
 stablehlo.return %d : tensor<T> }) : ({a0}, {a1}) -> {r0}"""
    for dtype in ("f32", "i32", "f16"):
        x, y = random(RNG, (3, 5), dtype), random(RNG, (3, 5), dtype)
        for dynamic in (False, True):
            yield make(
                "map",
                body.replace("T>", dtype + ">"),
                [(dtype, x), (dtype, y)],
                [Tensor((3, 5), dtype)],
                dynamic=dynamic,
            )


def _precision() -> Iterator[Case]:
    from conformance.case import edges

    for dtype in FLOATS:
        for form in ("e5m2", "e8m7", "e4m3", "e5m10"):
            body = f"%r0 = stablehlo.reduce_precision %a0, format = {form} : {{a0}}"
            yield make(
                "reduce_precision", body, [(dtype, edges(dtype))], [Tensor(edges(dtype).shape, dtype)], label=form
            )


def _of_many(dtype: str) -> Iterator[Case]:
    """Sums of so many that partial sums rounded to the type would stop growing."""
    x = random(RNG, (3, 4096), dtype, 0.01, 0.02)
    ones = np.ones((4096, 2), NUMPY[dtype])
    zero = f"%z = stablehlo.constant dense<0.0> : tensor<{dtype}>\n"

    def rounded(*values: Array) -> Sequence[Array]:
        return [value.astype(NUMPY[dtype]) for value in values]

    for dynamic in (False, True):
        body = f"%r0 = stablehlo.reduce(%a0 init: %z) applies stablehlo.add across dimensions = [1] : ({{a0}}, tensor<{dtype}>) -> {{r0}}"
        yield make("reduce", zero + body, [(dtype, x)], [Tensor((3,), dtype)], label="of many", tolerance=Tolerance(ulp=1), dynamic=dynamic,
                   reference=lambda x: rounded(x.astype(np.float64).sum(1)))  # fmt: skip
        body = "%r0 = stablehlo.dot_general %a0, %a1, contracting_dims = [1] x [0] : ({a0}, {a1}) -> {r0}"
        yield make("dot_general", body, [(dtype, x), (dtype, ones)], [Tensor((3, 2), dtype)], label="of many", tolerance=Tolerance(ulp=1), dynamic=dynamic,
                   reference=lambda x, y: rounded(x.astype(np.float64) @ y.astype(np.float64)))  # fmt: skip
    body = f"""%r0 = "stablehlo.reduce_window"(%a0, %z) <{{window_dimensions = array<i64: 1, 1024>, window_strides = array<i64: 1, 1024>}}> ({{ ^bb0(%x: tensor<{dtype}>, %y: tensor<{dtype}>):
  %m = stablehlo.add %x, %y : tensor<{dtype}>
  stablehlo.return %m : tensor<{dtype}> }}) : ({{a0}}, tensor<{dtype}>) -> {{r0}}"""
    yield make("reduce_window", zero + body, [(dtype, x)], [Tensor((3, 4), dtype)], label="of many", tolerance=Tolerance(ulp=1),
               reference=lambda x: rounded(x.astype(np.float64).reshape(3, 4, 1024).sum(2)))  # fmt: skip
