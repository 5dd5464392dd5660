# ruff: noqa: E501 - one case per line reads best
"""while, if, case, and what means nothing on one device."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from conformance.case import Case, Tensor, Tolerance, make, random

RNG = np.random.default_rng(7)


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _loops()
    for dtype in ("f32", "i32", "ui8", "i1", "f16", "complex<f32>"):
        yield from _branches(dtype)
    yield from _nothing()


def _loops() -> Iterator[Case]:
    counted = """%zero = stablehlo.constant dense<0> : tensor<i32>
%one = stablehlo.constant dense<1> : tensor<i32>
%i, %n, %r0 = stablehlo.while(%x = %zero, %m = %a0, %v = %a1) : tensor<i32>, tensor<i32>, {a1}
cond { %c = stablehlo.compare LT, %x, %m : (tensor<i32>, tensor<i32>) -> tensor<i1>
 stablehlo.return %c : tensor<i1> }
do { %d = stablehlo.add %x, %one : tensor<i32>
 %w = stablehlo.add %v, %v : {a1}
 stablehlo.return %d, %m, %w : tensor<i32>, tensor<i32>, {a1} }"""
    for dtype in ("f32", "i64", "ui8"):
        for steps in (0, 1, 5):
            for dynamic in (False, True):
                x = random(RNG, (3, 4), dtype)
                yield make(
                    "while",
                    counted,
                    [("i32", steps), (dtype, x)],
                    [Tensor((3, 4), dtype)],
                    dtype=dtype,
                    label=f"{steps} steps",
                    dynamic=dynamic,
                )
    converge = """%limit = stablehlo.constant dense<1.0e-2> : tensor<f32>
%half = stablehlo.constant dense<0.5> : tensor<f32>
%r0 = stablehlo.while(%v = %a0) : {a0}
cond { %c = stablehlo.compare GT, %v, %limit : (tensor<f32>, tensor<f32>) -> tensor<i1>
 stablehlo.return %c : tensor<i1> }
do { %w = stablehlo.multiply %v, %half : {a0}
 stablehlo.return %w : {a0} }"""
    yield make("while", converge, [("f32", 3.0)], [Tensor((), "f32")], label="until small")
    nested = """%zero = stablehlo.constant dense<0> : tensor<i32>
%one = stablehlo.constant dense<1> : tensor<i32>
%three = stablehlo.constant dense<3> : tensor<i32>
%i, %r0 = stablehlo.while(%x = %zero, %v = %a0) : tensor<i32>, {a0}
cond { %c = stablehlo.compare LT, %x, %three : (tensor<i32>, tensor<i32>) -> tensor<i1>
 stablehlo.return %c : tensor<i1> }
do {
 %j, %s = stablehlo.while(%y = %zero, %u = %v) : tensor<i32>, {a0}
 cond { %c = stablehlo.compare LT, %y, %x : (tensor<i32>, tensor<i32>) -> tensor<i1>
  stablehlo.return %c : tensor<i1> }
 do { %e = stablehlo.add %y, %one : tensor<i32>
  %t = stablehlo.add %u, %v : {a0}
  stablehlo.return %e, %t : tensor<i32>, {a0} }
 %d = stablehlo.add %x, %one : tensor<i32>
 stablehlo.return %d, %s : tensor<i32>, {a0} }"""
    yield make("while", nested, [("i32", random(RNG, (4,), "i32"))], [Tensor((4,), "i32")], label="nested")
    indexed = """%zero = stablehlo.constant dense<0> : tensor<i32>
%one = stablehlo.constant dense<1> : tensor<i32>
%four = stablehlo.constant dense<4> : tensor<i32>
%i, %r0 = stablehlo.while(%x = %zero, %v = %a0) : tensor<i32>, {a0}
cond { %c = stablehlo.compare LT, %x, %four : (tensor<i32>, tensor<i32>) -> tensor<i1>
 stablehlo.return %c : tensor<i1> }
do { %s = stablehlo.dynamic_slice %v, %x, %zero, sizes = [1, 3] : ({a0}, tensor<i32>, tensor<i32>) -> tensor<1x3xf32>
 %t = stablehlo.add %s, %s : tensor<1x3xf32>
 %d = stablehlo.add %x, %one : tensor<i32>
 %w = stablehlo.dynamic_update_slice %v, %t, %d, %zero : ({a0}, tensor<1x3xf32>, tensor<i32>, tensor<i32>) -> {a0}
 stablehlo.return %d, %w : tensor<i32>, {a0} }"""
    for dynamic in (False, True):
        yield make(
            "while",
            indexed,
            [("f32", random(RNG, (5, 3), "f32"))],
            [Tensor((5, 3), "f32")],
            label="rows",
            dynamic=dynamic,
        )


def _branches(dtype: str) -> Iterator[Case]:
    x, y = random(RNG, (3, 2), dtype), random(RNG, (3, 2), dtype)
    choose = """%r0 = "stablehlo.if"(%a0) ({ %s = stablehlo.OP %a1, %a2 : {a1}
 stablehlo.return %s : {a1} }, { stablehlo.return %a2 : {a1} }) : (tensor<i1>) -> {a1}""".replace(
        "OP", "or" if dtype == "i1" else "add"
    )
    many = """%r0 = "stablehlo.case"(%a0) ({ stablehlo.return %a1 : {a1} }, { %s = stablehlo.OP %a1, %a2 : {a1}
 stablehlo.return %s : {a1} }, { stablehlo.return %a2 : {a1} }) : (tensor<i32>) -> {a1}""".replace(
        "OP", "or" if dtype == "i1" else "add"
    )
    for dynamic in (False, True):
        for flag in (True, False):
            yield make(
                "if",
                choose,
                [("i1", flag), (dtype, x), (dtype, y)],
                [Tensor(x.shape, dtype)],
                dtype=dtype,
                label=str(flag),
                dynamic=dynamic,
            )
        for number in (0, 1, 2, -1, 7):
            yield make(
                "case",
                many,
                [("i32", number), (dtype, x), (dtype, y)],
                [Tensor(x.shape, dtype)],
                dtype=dtype,
                label=str(number),
                dynamic=dynamic,
            )
    one = '%r0 = "stablehlo.case"(%a0) ({ stablehlo.return %a1 : {a1} }) : (tensor<i32>) -> {a1}'
    yield make("case", one, [("i32", 3), (dtype, x)], [Tensor(x.shape, dtype)], dtype=dtype, label="one branch")


def _nothing() -> Iterator[Case]:
    for dtype in ("f32", "ui8"):
        x = random(RNG, (3, 2), dtype)
        yield make(
            "optimization_barrier",
            "%r0 = stablehlo.optimization_barrier %a0 : {a0}",
            [(dtype, x)],
            [Tensor(x.shape, dtype)],
        )
        reduce = f"""%r0 = "stablehlo.all_reduce"(%a0) <{{replica_groups = dense<0> : tensor<1x1xi64>}}> ({{ ^bb0(%x: tensor<{dtype}>, %y: tensor<{dtype}>):
 %c = stablehlo.add %x, %y : tensor<{dtype}>
 stablehlo.return %c : tensor<{dtype}> }}) : ({{a0}}) -> {{a0}}"""
        yield make("all_reduce", reduce, [(dtype, x)], [Tensor(x.shape, dtype)], reference=lambda a: [a])
        sharding = '%r0 = stablehlo.custom_call @Sharding(%a0) {backend_config = ""} : ({a0}) -> {r0}'
        yield make(
            "custom_call", sharding, [(dtype, x)], [Tensor(x.shape, dtype)], label="Sharding", reference=lambda a: [a]
        )
        pair = "%t = stablehlo.tuple %a0, %a0 : tuple<{a0}, {a0}>\n%r0 = stablehlo.get_tuple_element %t[1] : (tuple<{a0}, {a0}>) -> {a0}"
        yield make("tuple", pair, [(dtype, x)], [Tensor(x.shape, dtype)], reference=lambda a: [a])
    yield make(
        "partition_id",
        "%r0 = stablehlo.partition_id : {r0}",
        [],
        [Tensor((), "ui32")],
        reference=lambda: [np.array(0, np.uint32)],
    )
    yield make(
        "replica_id",
        "%r0 = stablehlo.replica_id : {r0}",
        [],
        [Tensor((), "ui32")],
        reference=lambda: [np.array(0, np.uint32)],
    )
    for algorithm in ("DEFAULT", "THREE_FRY", "PHILOX"):
        body = f"%s, %r0 = stablehlo.rng_bit_generator %a0, algorithm = {algorithm} : ({{a0}}) -> ({{a0}}, {{r0}})"
        for dtype, shape in (("ui32", (8,)), ("ui64", (3, 4))):
            yield make(
                "rng_bit_generator",
                body,
                [("ui64", np.array([42, 7]))],
                [Tensor(shape, dtype)],
                dtype=dtype,
                label=algorithm,
            )
    body = """%q = stablehlo.uniform_quantize %a0 : ({a0}) -> tensor<9x!quant.uniform<i8:f32, 5.000000e-01:3>>
%r0 = stablehlo.uniform_dequantize %q : (tensor<9x!quant.uniform<i8:f32, 5.000000e-01:3>>) -> {r0}"""
    values = np.array([0, 0.2, 0.25, 0.6, -1.3, 100, -100, 62, 1e9])
    yield make(
        "uniform_quantize",
        body,
        [("f32", values)],
        [Tensor((9,), "f32")],
        tolerance=Tolerance(),
        reference=lambda a: [((np.clip(np.round(a / np.float32(0.5)) + 3, -128, 127) - 3) * 0.5).astype(np.float32)],
    )
