# ruff: noqa: E501, PLR0917, PLC0415 - one case per line reads best
"""Operations that move data: reshapes, broadcasts, slices, pads, and those whose sizes are values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from conformance.case import COMPLEX, FLOATS, INTEGERS, Case, Tensor, make, random

DTYPES = (*FLOATS, *INTEGERS, "i1", *COMPLEX)
RNG = np.random.default_rng(2)


def _text(values: Sequence[int]) -> str:
    return "[" + ", ".join(map(str, values)) + "]"


def _array(values: Sequence[int]) -> str:
    return "array<i64" + (": " + ", ".join(map(str, values)) if values else "") + ">"


def cases() -> Iterator[Case]:
    """All of them."""
    for dtype in DTYPES:
        yield from _moves(dtype)
    yield from _broadcasts()
    yield from _slices()
    yield from _pads()
    yield from _iota()
    yield from _bitcasts()
    yield from _sized_by_values()


def _moves(dtype: str) -> Iterator[Case]:
    x = random(RNG, (2, 3, 4), dtype)
    for dynamic in (False, True):
        order = (2, 0, 1)
        body = f"%r0 = stablehlo.transpose %a0, dims = {_text(order)} : ({{a0}}) -> {{r0}}"
        yield make("transpose", body, [(dtype, x)], [Tensor((4, 2, 3), dtype)], dynamic=dynamic)
        body = "%r0 = stablehlo.reverse %a0, dims = [0, 2] : {a0}"
        yield make("reverse", body, [(dtype, x)], [Tensor(x.shape, dtype)], dynamic=dynamic)
        y = random(RNG, (2, 1, 4), dtype)
        body = "%r0 = stablehlo.concatenate %a0, %a1, dim = 1 : ({a0}, {a1}) -> {r0}"
        yield make("concatenate", body, [(dtype, x), (dtype, y)], [Tensor((2, 4, 4), dtype)], dynamic=dynamic)
        z = random(RNG, (2, 0, 4), dtype)
        yield make(
            "concatenate",
            body,
            [(dtype, x), (dtype, z)],
            [Tensor((2, 3, 4), dtype)],
            dynamic=dynamic,
            label="with nothing",
        )
    for shape in ((24,), (6, 4), (2, 12), (1, 2, 3, 1, 4), (3, 8)):
        yield make(
            "reshape",
            "%r0 = stablehlo.reshape %a0 : ({a0}) -> {r0}",
            [(dtype, x)],
            [Tensor(shape, dtype)],
            label=_text(shape),
        )
    for shape in ((), (1,), (1, 1, 1)):
        one = random(RNG, (1, 1), dtype)
        yield make(
            "reshape",
            "%r0 = stablehlo.reshape %a0 : ({a0}) -> {r0}",
            [(dtype, one)],
            [Tensor(shape, dtype)],
            label=_text(shape),
        )


def _broadcasts() -> Iterator[Case]:
    for dtype in ("f32", "i8", "i1"):
        for source, dims, target in (
            ((), (), (3, 4)), ((4,), (1,), (3, 4)), ((3,), (0,), (3, 4)), ((3, 1), (0, 1), (3, 4)), ((1, 4), (0, 1), (3, 4)),
            ((3, 4), (0, 1), (3, 4)), ((1,), (0,), (5,)), ((2, 3), (2, 0), (3, 5, 2)), ((0,), (0,), (0, 3)), ((1,), (0,), (0,)),
        ):  # fmt: skip
            x = random(RNG, source, dtype)
            body = f"%r0 = stablehlo.broadcast_in_dim %a0, dims = {_text(dims)} : ({{a0}}) -> {{r0}}"
            yield make("broadcast_in_dim", body, [(dtype, x)], [Tensor(target, dtype)], label=f"{source} to {target}")
            for dynamic in (False, True):
                body = f"%r0 = stablehlo.dynamic_broadcast_in_dim %a0, %a1, dims = {_text(dims)} : ({{a0}}, tensor<{len(target)}xi32>) -> {{r0}}"
                case = _with_sizes(
                    "dynamic_broadcast_in_dim",
                    body,
                    dtype,
                    [x],
                    [target],
                    Tensor(target, dtype),
                    dynamic,
                    f"{source} to {target}",
                )
                yield case


def _with_sizes(
    op: str,
    body: str,
    dtype: str,
    tensors: Sequence[np.ndarray],
    vectors: Sequence[Sequence[int]],
    result: Tensor,
    dynamic: bool,
    label: str,
) -> Case:
    """A case whose last arguments are small vectors of static size."""
    import dataclasses

    inputs = [(dtype, x) for x in tensors] + [("i32", np.array(v, np.int32)) for v in vectors]
    case = make(op, body, inputs, [result], dynamic=dynamic, label=label)
    fixed = tuple(
        dataclasses.replace(t, dynamic=False) if i >= len(tensors) else t for i, t in enumerate(case.arguments)
    )
    return dataclasses.replace(case, arguments=fixed)


def _slices() -> Iterator[Case]:
    x = random(RNG, (7, 5), "f32")
    for start, limit, stride in (
        ((0, 0), (7, 5), (1, 1)),
        ((1, 2), (6, 5), (2, 1)),
        ((0, 0), (7, 5), (3, 4)),
        ((2, 2), (2, 5), (1, 1)),
    ):
        out = x[start[0] : limit[0] : stride[0], start[1] : limit[1] : stride[1]]
        text = ", ".join(f"{a}:{b}:{s}" for a, b, s in zip(start, limit, stride, strict=True))
        body = f"%r0 = stablehlo.slice %a0 [{text}] : ({{a0}}) -> {{r0}}"
        yield make("slice", body, [("f32", x)], [Tensor(out.shape, "f32")], label=text)
        for dynamic in (False, True):
            body = "%r0 = stablehlo.real_dynamic_slice %a0, %a1, %a2, %a3 : ({a0}, tensor<2xi32>, tensor<2xi32>, tensor<2xi32>) -> {r0}"
            yield _with_sizes(
                "real_dynamic_slice", body, "f32", [x], [start, limit, stride], Tensor(out.shape, "f32"), dynamic, text
            )
    for dtype in ("f32", "i64", "ui8", "i1", "complex<f32>"):
        x, u = random(RNG, (7, 5), dtype), random(RNG, (2, 3), dtype)
        for at in ((1, 2), (-3, 9), (6, 1), (0, 0)):
            indexes = [("i32", np.array(i)) for i in at]
            body = "%r0 = stablehlo.dynamic_slice %a0, %a1, %a2, sizes = [2, 3] : ({a0}, {a1}, {a2}) -> {r0}"
            yield make("dynamic_slice", body, [(dtype, x), *indexes], [Tensor((2, 3), dtype)], label=_text(at))
            for dynamic in (False, True):
                body = "%r0 = stablehlo.dynamic_update_slice %a0, %a1, %a2, %a3 : ({a0}, {a1}, {a2}, {a3}) -> {r0}"
                yield make(
                    "dynamic_update_slice",
                    body,
                    [(dtype, x), (dtype, u), *indexes],
                    [Tensor((7, 5), dtype)],
                    label=_text(at),
                    dynamic=dynamic,
                )


def _pads() -> Iterator[Case]:
    for dtype in ("f32", "i8", "i1", "bf16"):
        for shape, low, high, interior in (
            ((2, 3), (1, 0), (2, 1), (0, 0)), ((2, 3), (0, 0), (0, 0), (1, 2)), ((4, 4), (-1, 2), (0, -1), (0, 0)),
            ((4, 4), (-1, 1), (-2, -1), (1, 1)), ((3,), (0,), (0,), (0,)), ((0, 2), (1, 0), (1, 0), (0, 1)), ((1,), (2,), (-1,), (3,)),
            ((1, 3), (-2, 4), (3, -5), (0, 0)), ((2,), (3,), (-4,), (0,)),
        ):  # fmt: skip
            x, v = random(RNG, shape, dtype), random(RNG, (), dtype)
            out = tuple(a + b + n + max(n - 1, 0) * i for n, a, b, i in zip(shape, low, high, interior, strict=True))
            body = f"%r0 = stablehlo.pad %a0, %a1, low = {_text(low)}, high = {_text(high)}, interior = {_text(interior)} : ({{a0}}, {{a1}}) -> {{r0}}"
            label = f"{_text(low)} {_text(high)} {_text(interior)}"
            for dynamic in (False, True):
                yield make("pad", body, [(dtype, x), (dtype, v)], [Tensor(out, dtype)], label=label, dynamic=dynamic)
            n = len(shape)
            body = f"%r0 = stablehlo.dynamic_pad %a0, %a1, %a2, %a3, %a4 : ({{a0}}, {{a1}}, tensor<{n}xi32>, tensor<{n}xi32>, tensor<{n}xi32>) -> {{r0}}"
            yield _with_sizes(
                "dynamic_pad", body, dtype, [x, v], [low, high, interior], Tensor(out, dtype), True, label
            )


def _iota() -> Iterator[Case]:
    for dtype in (*FLOATS, *INTEGERS, *COMPLEX):
        for shape, dim in (((5,), 0), ((3, 4), 1), ((3, 4), 0), ((2, 3, 2), 1), ((0, 3), 1)):
            yield make(
                "iota",
                f"%r0 = stablehlo.iota dim = {dim} : {{r0}}",
                [],
                [Tensor(shape, dtype)],
                dtype=dtype,
                label=f"{_text(shape)} {dim}",
            )
            body = f"%r0 = stablehlo.dynamic_iota %a0, dim = {dim} : (tensor<{len(shape)}xi32>) -> {{r0}}"
            yield _with_sizes(
                "dynamic_iota", body, "i32", [], [shape], Tensor(shape, dtype), True, f"{dtype} {_text(shape)} {dim}"
            )


def _bitcasts() -> Iterator[Case]:
    wide = RNG.integers(0, 256, (3, 16)).astype(np.uint8)
    sizes = {"f32": 4, "i32": 4, "ui32": 4, "f64": 8, "i64": 8, "f16": 2, "bf16": 2, "i16": 2, "ui8": 1, "i8": 1}
    for source, size in sizes.items():
        from conformance.case import NUMPY

        with np.errstate(all="ignore"):
            x = (
                wide.view(NUMPY[source])
                if source[0] in "ui"
                else np.arange(48 // size * 1.0).reshape(3, -1).astype(NUMPY[source])
            )
        for target, to in sizes.items():
            if target[0] in "fb" and source[0] in "ui" and (source, target) != ("i32", "f32"):
                continue  # arbitrary bits would be signalling NaNs
            value = x
            if to == size:
                shape: tuple[int, ...] = x.shape
            elif to < size:
                shape = (*x.shape, size // to)
            else:
                value = x[:, : to // size]
                shape = x.shape[:-1]
            yield make(
                "bitcast_convert",
                "%r0 = stablehlo.bitcast_convert %a0 : ({a0}) -> {r0}",
                [(source, value)],
                [Tensor(shape, target)],
                label=f"to {target}",
            )


def _sized_by_values() -> Iterator[Case]:
    for dtype in ("f32", "i16", "i1", "complex<f64>"):
        x = random(RNG, (2, 6), dtype)
        for shape in ((3, 4), (12,), (2, 2, 3), (1, 12), (2, 6)):
            for dynamic in (False, True):
                body = f"%r0 = stablehlo.dynamic_reshape %a0, %a1 : ({{a0}}, tensor<{len(shape)}xi32>) -> {{r0}}"
                yield _with_sizes(
                    "dynamic_reshape", body, dtype, [x], [shape], Tensor(shape, dtype), dynamic, _text(shape)
                )
        for dim in (0, 1):
            body = f"%r0 = stablehlo.get_dimension_size %a0, dim = {dim} : ({{a0}}) -> {{r0}}"
            for dynamic in (False, True):
                yield make(
                    "get_dimension_size", body, [(dtype, x)], [Tensor((), "i32")], label=str(dim), dynamic=dynamic
                )
