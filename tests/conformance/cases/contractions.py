# ruff: noqa: E501, PLR0917 - one case per line reads best
"""dot_general and convolution in all their forms."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from conformance.case import Case, Tensor, Tolerance, make, random

RNG = np.random.default_rng(4)
TOLERANCE = {
    "f32": Tolerance(ulp=16, absolute=1e-5), "f64": Tolerance(ulp=16, absolute=1e-13), "f16": Tolerance(ulp=8, absolute=0.1),
    "bf16": Tolerance(ulp=8, absolute=1.5), "complex<f32>": Tolerance(ulp=16, absolute=1e-4), "complex<f64>": Tolerance(ulp=16, absolute=1e-12),
}  # fmt: skip


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _dots()
    yield from _convolutions()


def _dot(
    dtype: str,
    out: str,
    left: tuple[int, ...],
    right: tuple[int, ...],
    batch: tuple[list[int], list[int]],
    contract: tuple[list[int], list[int]],
) -> Iterator[Case]:
    x, y = random(RNG, left, dtype), random(RNG, right, dtype)
    free = [n for i, n in enumerate(left) if i not in batch[0] + contract[0]] + [
        n for i, n in enumerate(right) if i not in batch[1] + contract[1]
    ]
    shape = tuple([left[i] for i in batch[0]] + free)
    batching = f"batching_dims = {batch[0]} x {batch[1]}, " if batch[0] else ""
    body = f"%r0 = stablehlo.dot_general %a0, %a1, {batching}contracting_dims = {contract[0]} x {contract[1]} : ({{a0}}, {{a1}}) -> {{r0}}"
    for dynamic in (False, True):
        yield make(
            "dot_general",
            body,
            [(dtype, x), (dtype, y)],
            [Tensor(shape, out)],
            label=f"{left} x {right} {contract} to {out}",
            tolerance=TOLERANCE.get(out, Tolerance()),
            dynamic=dynamic,
        )


def _dots() -> Iterator[Case]:
    forms = [
        ((4, 8), (8, 3), ([], []), ([1], [0])), ((1, 7), (7, 1), ([], []), ([1], [0])), ((8, 4), (3, 8), ([], []), ([0], [1])),
        ((2, 4, 8), (2, 8, 3), ([0], [0]), ([2], [1])), ((4, 2, 8), (8, 2, 3), ([], []), ([1, 2], [1, 0])), ((5,), (5,), ([], []), ([0], [0])),
        ((4, 8), (8,), ([], []), ([1], [0])), ((3,), (2,), ([], []), ([], [])), ((2, 3, 4, 5), (3, 2, 5, 6), ([0, 1], [1, 0]), ([3], [2])),
        ((0, 4), (4, 3), ([], []), ([1], [0])), ((3, 0), (0, 2), ([], []), ([1], [0])), ((17, 33), (33, 19), ([], []), ([1], [0])),
        ((4, 2, 3), (3, 2, 5), ([1], [1]), ([2], [0])),
    ]  # fmt: skip
    for form in forms:
        yield from _dot("f32", "f32", *form)
    for dtype, out in (("f64", "f64"), ("f16", "f16"), ("bf16", "bf16"), ("f16", "f32"), ("bf16", "f32"), ("i8", "i32"), ("ui8", "ui32"), ("i8", "i8"), ("i32", "i32"), ("i64", "i64"), ("ui8", "ui8"), ("complex<f32>", "complex<f32>"), ("complex<f64>", "complex<f64>"), ("f32", "f64"), ("i16", "i32")):  # fmt: skip
        for form in forms[:5]:
            yield from _dot(dtype, out, *form)
    x, y = random(RNG, (4, 8), "f32"), random(RNG, (8, 3), "f32")
    yield make(
        "dot",
        "%r0 = stablehlo.dot %a0, %a1 : ({a0}, {a1}) -> {r0}",
        [("f32", x), ("f32", y)],
        [Tensor((4, 3), "f32")],
        tolerance=TOLERANCE["f32"],
    )
    yield make(
        "einsum",
        '%r0 = stablehlo.einsum %a0, %a1, config = "ij,jk->ik" : ({a0}, {a1}) -> {r0}',
        [("f32", x), ("f32", y)],
        [Tensor((4, 3), "f32")],
        tolerance=TOLERANCE["f32"],
        reference=lambda a, b: [a @ b],
    )
    yield make(
        "unary_einsum",
        '%r0 = stablehlo.unary_einsum %a0, config = "ij->ji" : ({a0}) -> {r0}',
        [("f32", x)],
        [Tensor((8, 4), "f32")],
        reference=lambda a: [a.T.copy()],
    )
    yield make(
        "unary_einsum",
        '%r0 = stablehlo.unary_einsum %a0, config = "ij->i" : ({a0}) -> {r0}',
        [("f32", x)],
        [Tensor((4,), "f32")],
        tolerance=TOLERANCE["f32"],
        reference=lambda a: [a.sum(1)],
    )


_NHWC, _NCHW = "[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]", "[b, f, 0, 1]x[o, i, 0, 1]->[b, f, 0, 1]"


def _convolutions() -> Iterator[Case]:
    table = [
        (_NHWC, (1, 8, 8, 3), (3, 3, 3, 4), (1, 6, 6, 4), "", 1, 1),
        (_NHWC, (2, 8, 7, 3), (3, 3, 3, 4), (2, 4, 4, 4), "stride = [2, 2], pad = [[1, 1], [1, 1]]", 1, 1),
        (_NHWC, (1, 8, 8, 3), (3, 3, 3, 4), (1, 4, 4, 4), "rhs_dilate = [2, 2]", 1, 1),
        (_NHWC, (1, 8, 8, 3), (3, 3, 3, 4), (1, 13, 13, 4), "lhs_dilate = [2, 2]", 1, 1),
        (_NHWC, (1, 4, 4, 3), (3, 2, 3, 4), (1, 9, 9, 4), "pad = [[2, 2], [1, 2]], lhs_dilate = [2, 2]", 1, 1),
        (_NHWC, (1, 8, 8, 4), (3, 3, 2, 4), (1, 6, 6, 4), "", 1, 2),
        (_NHWC, (1, 8, 8, 4), (3, 3, 1, 4), (1, 6, 6, 4), "", 1, 4),
        (_NHWC, (1, 8, 8, 4), (3, 3, 1, 4), (1, 4, 4, 4), "stride = [2, 2], pad = [[1, 1], [0, 1]]", 1, 4),
        (_NHWC, (1, 8, 8, 4), (3, 3, 1, 8), (1, 6, 6, 8), "", 1, 4),
        (_NHWC, (2, 8, 8, 4), (3, 3, 4, 4), (1, 6, 6, 4), "", 2, 1),
        (_NHWC, (1, 8, 8, 3), (3, 3, 3, 4), (1, 6, 6, 4), "reverse = [true, true]", 1, 1),
        (_NHWC, (1, 8, 8, 3), (1, 1, 3, 4), (1, 8, 8, 4), "", 1, 1),
        (_NHWC, (1, 8, 8, 3), (1, 1, 3, 4), (1, 4, 4, 4), "stride = [2, 2]", 1, 1),
        (_NHWC, (1, 6, 6, 2), (3, 3, 2, 4), (1, 2, 3, 4), "pad = [[-1, -1], [0, -1]]", 1, 1),
        (_NCHW, (1, 3, 8, 8), (4, 3, 3, 3), (1, 4, 6, 6), "", 1, 1),
        (_NCHW, (2, 4, 7, 7), (4, 1, 3, 3), (2, 4, 4, 4), "stride = [2, 2], pad = [[1, 1], [1, 1]]", 1, 4),
        ("[b, 0, f]x[0, i, o]->[b, 0, f]", (1, 8, 3), (3, 3, 4), (1, 6, 4), "", 1, 1),
        ("[b, f, 0]x[o, i, 0]->[b, f, 0]", (2, 4, 9), (6, 2, 3), (2, 6, 9), "pad = [[1, 1]]", 1, 2),
        (
            "[b, 0, 1, 2, f]x[0, 1, 2, i, o]->[b, 0, 1, 2, f]",
            (1, 5, 5, 5, 2),
            (3, 3, 3, 2, 3),
            (1, 3, 3, 3, 3),
            "",
            1,
            1,
        ),
        (_NHWC, (2, 4, 4, 3), (3, 3, 3, 4), (2, 1, 1, 4), "stride = [2, 2]", 1, 1),
        (_NHWC, (1, 4, 6, 4), (3, 3, 1, 4), (1, 1, 2, 4), "stride = [2, 3]", 1, 4),
        (
            _NCHW,
            (1, 3, 3, 4),
            (4, 3, 2, 2),
            (1, 4, 1, 1),
            "stride = [9, 9], pad = [[1, 1], [0, 2]], lhs_dilate = [1, 2]",
            1,
            1,
        ),
        ("[b, f]x[i, o]->[b, f]", (3, 4), (4, 5), (3, 5), "", 1, 1),
        ("[f, 0, b, 1]x[0, i, o, 1]->[0, f, b, 1]", (3, 6, 2, 5), (2, 3, 4, 2), (5, 4, 2, 4), "", 1, 1),
    ]
    for dtype, out in (
        ("f32", "f32"),
        ("f64", "f64"),
        ("f16", "f16"),
        ("i8", "i32"),
        ("i32", "i32"),
        ("ui8", "ui32"),
        ("complex<f32>", "complex<f32>"),
    ):
        for numbers, left, right, shape, window, batch, groups in table if dtype == "f32" else table[:8] + table[14:15]:
            x, y = random(RNG, left, dtype, -2, 2), random(RNG, right, dtype, -2, 2)
            body = f"%r0 = stablehlo.convolution(%a0, %a1) dim_numbers = {numbers}, window = {{{window}}} {{batch_group_count = {batch} : i64, feature_group_count = {groups} : i64}} : ({{a0}}, {{a1}}) -> {{r0}}"
            yield make(
                "convolution",
                body,
                [(dtype, x), (dtype, y)],
                [Tensor(shape, out)],
                label=f"{numbers} {left} x {right} {window} groups {groups} {batch} to {out}",
                tolerance=TOLERANCE.get(out, Tolerance()),
            )
