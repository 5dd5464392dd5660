# ruff: noqa: E501 - one case per line reads best
"""Types narrower than a byte and 8-bit floats: storage, conversion, arithmetic, reductions, control flow."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from conformance.case import FLOAT8, NARROW, NUMPY, Array, Case, Tensor, integer_range, make

RNG = np.random.default_rng(9)
_INTEGER = "add subtract multiply maximum minimum and or xor"
_FLOAT_UNARY = "abs negate sqrt tanh exponential floor sign"
_FLOAT_BINARY = "add subtract multiply divide maximum minimum"


def cases() -> Iterator[Case]:
    """All of them."""
    for dtype in NARROW:
        yield from _integers(dtype)
    for dtype in FLOAT8:
        yield from _floats(dtype)
    for dtype in (*NARROW, *FLOAT8, "i1"):
        yield from _moves(dtype)


def _all_values(dtype: str) -> Array:
    if dtype in FLOAT8:
        return np.arange(256).astype(np.uint8).view(NUMPY[dtype])
    if dtype == "i1":
        return np.array([False, True, True, False, True])
    low, high = integer_range(dtype)
    return np.arange(low, high + 1).astype(NUMPY[dtype])


def _wide(a: Array) -> Array:
    """Values in a type that computes without loss."""
    return a.astype(np.int64 if "int" in str(a.dtype) else np.float32)


def _wrap(values: Array, dtype: str) -> Array:
    """Integers modulo 2^bits."""
    low, high = integer_range(dtype)
    return ((values - low) % (high - low + 1) + low).astype(NUMPY[dtype])


def _integers(dtype: str) -> Iterator[Case]:
    values = _all_values(dtype)
    a, b = (v.reshape(-1) for v in np.meshgrid(values.astype(np.int64), values.astype(np.int64)))
    compute = {
        "add": np.add, "subtract": np.subtract, "multiply": np.multiply, "maximum": np.maximum, "minimum": np.minimum,
        "and": np.bitwise_and, "or": np.bitwise_or, "xor": np.bitwise_xor,
    }  # fmt: skip
    for op in _INTEGER.split():

        def binary(x: Array, y: Array, op: str = op) -> list[Array]:
            return [_wrap(compute[op](_wide(x), _wide(y)), dtype)]

        for dynamic in (False, True):
            body = f"%r0 = stablehlo.{op} %a0, %a1 : {{a0}}"
            yield make(op, body, [(dtype, a), (dtype, b)], [Tensor(a.shape, dtype)], dynamic=dynamic, reference=binary)
    for direction, test in (("LT", np.less), ("EQ", np.equal), ("GE", np.greater_equal)):
        kind = "UNSIGNED" if dtype.startswith("u") else "SIGNED"
        body = f"%r0 = stablehlo.compare {direction}, %a0, %a1, {kind} : ({{a0}}, {{a1}}) -> {{r0}}"
        yield make(
            "compare",
            body,
            [(dtype, a), (dtype, b)],
            [Tensor(a.shape, "i1")],
            label=f"{direction} {kind}",
            reference=lambda x, y, test=test: [test(_wide(x), _wide(y))],
        )
    for target in ("i8", "ui8", "i32", "f32", "f16", *NARROW):
        integer = target.lstrip("u").startswith("i")

        def widen(x: Array, target: str = target, integer: bool = integer) -> list[Array]:
            return [_wrap(_wide(x), target) if integer else _wide(x).astype(NUMPY[target])]

        body = "%r0 = stablehlo.convert %a0 : ({a0}) -> {r0}"
        yield make(
            "convert", body, [(dtype, values)], [Tensor(values.shape, target)], label=f"to {target}", reference=widen
        )
    source = np.arange(-20, 20)
    body = "%r0 = stablehlo.convert %a0 : ({a0}) -> {r0}"
    yield make(
        "convert",
        body,
        [("i32", source)],
        [Tensor(source.shape, dtype)],
        label=f"to {dtype}",
        reference=lambda x: [_wrap(x.astype(np.int64), dtype)],
    )
    body = f"""%z = stablehlo.constant dense<0> : tensor<{dtype}>
%r0 = stablehlo.reduce(%a0 init: %z) applies stablehlo.add across dimensions = [1] : ({{a0}}, tensor<{dtype}>) -> {{r0}}"""
    rows = RNG.integers(0, 4, (3, 7)).astype(np.int64)
    for dynamic in (False, True):
        yield make(
            "reduce",
            body,
            [(dtype, _wrap(rows, dtype))],
            [Tensor((3,), dtype)],
            label="add",
            dynamic=dynamic,
            reference=lambda x: [_wrap(_wide(x).sum(1), dtype)],
        )
    constant = f"%c = stablehlo.constant dense<[1, 0, 1]> : tensor<3x{dtype}>\n%r0 = stablehlo.add %a0, %c : {{a0}}"
    yield make(
        "constant",
        constant,
        [(dtype, np.array([0, 1, 1]))],
        [Tensor((3,), dtype)],
        reference=lambda x: [_wrap(_wide(x) + np.array([1, 0, 1]), dtype)],
    )


def _floats(dtype: str) -> Iterator[Case]:
    kind = NUMPY[dtype]
    values = _all_values(dtype)
    with np.errstate(all="ignore"):
        some = values[::5]
        a, b = (v.reshape(-1) for v in np.meshgrid(np.arange(len(some)), np.arange(len(some))))
    unary = {
        "abs": np.abs,
        "negate": np.negative,
        "sqrt": np.sqrt,
        "tanh": np.tanh,
        "exponential": np.exp,
        "floor": np.floor,
        "sign": lambda x: np.where(x == 0, x, np.sign(x)),
    }
    for op in _FLOAT_UNARY.split():

        def one(x: Array, op: str = op) -> list[Array]:
            with np.errstate(all="ignore"):
                return [
                    unary[op](x.astype(np.float64 if op in ("tanh", "exponential") else np.float32))
                    .astype(np.float32)
                    .astype(kind)
                ]

        yield make(
            op,
            f'%r0 = "stablehlo.{op}"(%a0) : ({{a0}}) -> {{r0}}',
            [(dtype, values)],
            [Tensor((256,), dtype)],
            reference=one,
        )
    binary = {
        "add": np.add,
        "subtract": np.subtract,
        "multiply": np.multiply,
        "divide": np.divide,
        "maximum": np.maximum,
        "minimum": np.minimum,
    }
    for op in _FLOAT_BINARY.split():

        def two(x: Array, y: Array, op: str = op) -> list[Array]:
            with np.errstate(all="ignore"):
                return [binary[op](_wide(x), _wide(y)).astype(kind)]

        for dynamic in (False, True):
            body = f"%r0 = stablehlo.{op} %a0, %a1 : {{a0}}"
            # Which of two zeros is larger is not specified for these.
            x, y = (some[a], some[b]) if op not in ("maximum", "minimum") else (some[a][1:], some[b][1:])
            yield make(op, body, [(dtype, x), (dtype, y)], [Tensor(x.shape, dtype)], dynamic=dynamic, reference=two)
    for direction, test in (("LT", np.less), ("EQ", np.equal), ("NE", np.not_equal)):
        body = f"%r0 = stablehlo.compare {direction}, %a0, %a1, FLOAT : ({{a0}}, {{a1}}) -> {{r0}}"
        yield make(
            "compare",
            body,
            [(dtype, some[a]), (dtype, some[b])],
            [Tensor(a.shape, "i1")],
            label=direction,
            reference=lambda x, y, test=test: [test(_wide(x), _wide(y))],
        )
    yield make(
        "is_finite",
        "%r0 = stablehlo.is_finite %a0 : ({a0}) -> {r0}",
        [(dtype, values)],
        [Tensor((256,), "i1")],
        reference=lambda x: [np.isfinite(_wide(x))],
    )
    for target in ("f32", "f64", "f16", "bf16", *FLOAT8):

        def convert(x: Array, target: str = target) -> list[Array]:
            with np.errstate(all="ignore"):
                return [_wide(x).astype(NUMPY[target])]

        body = "%r0 = stablehlo.convert %a0 : ({a0}) -> {r0}"
        for dynamic in (False, True):
            yield make(
                "convert",
                body,
                [(dtype, values)],
                [Tensor((256,), target)],
                label=f"to {target}",
                dynamic=dynamic,
                reference=convert,
            )
    exact = values.astype(np.float32)
    exact = np.sort(exact[np.isfinite(exact)])
    middle = (exact[1:] + exact[:-1]) / 2
    far = np.concatenate(
        [
            exact,
            middle,
            np.nextafter(middle, np.float32(9e9)),
            np.nextafter(middle, np.float32(-9e9)),
            [1e30, -1e30, np.inf, -np.inf, np.nan, 1e-30, -1e-30],
        ]
    )
    for source in ("f32", "f64"):

        def narrow(x: Array) -> list[Array]:
            with np.errstate(all="ignore"):
                return [x.astype(np.float32).astype(kind)]

        body = "%r0 = stablehlo.convert %a0 : ({a0}) -> {r0}"
        yield make(
            "convert",
            body,
            [(source, far.astype(NUMPY[source]))],
            [Tensor(far.shape, dtype)],
            label=f"to {dtype}",
            reference=narrow,
        )
    x, y = (RNG.integers(-2, 3, shape).astype(np.float32).astype(kind) for shape in ((4, 5), (5, 3)))
    for target in ("f32", dtype):
        body = "%r0 = stablehlo.dot_general %a0, %a1, contracting_dims = [1] x [0] : ({a0}, {a1}) -> {r0}"
        for dynamic in (False, True):
            yield make(
                "dot_general",
                body,
                [(dtype, x), (dtype, y)],
                [Tensor((4, 3), target)],
                label=f"to {target}",
                dynamic=dynamic,
                reference=lambda x, y, target=target: [(_wide(x) @ _wide(y)).astype(NUMPY[target])],
            )
    body = f"""%z = stablehlo.constant dense<0.0> : tensor<{dtype}>
%r0 = stablehlo.reduce(%a0 init: %z) applies stablehlo.add across dimensions = [1] : ({{a0}}, tensor<{dtype}>) -> {{r0}}"""
    for dynamic in (False, True):
        yield make(
            "reduce",
            body,
            [(dtype, x)],
            [Tensor((4,), dtype)],
            label="add",
            dynamic=dynamic,
            reference=lambda x: [_wide(x).sum(1).astype(kind)],
        )
    constant = (
        f"%c = stablehlo.constant dense<[1.0, 0.5, -2.0]> : tensor<3x{dtype}>\n%r0 = stablehlo.add %a0, %c : {{a0}}"
    )
    yield make(
        "constant",
        constant,
        [(dtype, np.array([0.5, 1, 2]))],
        [Tensor((3,), dtype)],
        reference=lambda x: [(_wide(x) + np.float32([1, 0.5, -2])).astype(kind)],
    )


def _moves(dtype: str) -> Iterator[Case]:
    values = _all_values(dtype)
    x = values[RNG.integers(0, len(values), (4, 6))]
    y = values[RNG.integers(0, len(values), (4, 2))]
    zero = np.zeros((), NUMPY[dtype])
    for dynamic in (False, True):

        def case(  # noqa: PLR0917
            op: str, body: str, inputs: list[tuple[str, Array]], out: Array, label: str = "", dynamic: bool = dynamic
        ) -> Case:
            return make(
                op,
                body,
                inputs,
                [Tensor(out.shape, dtype)],
                dtype=dtype,
                label=label,
                dynamic=dynamic,
                reference=lambda *_: [out],
            )

        yield case("transpose", "%r0 = stablehlo.transpose %a0, dims = [1, 0] : ({a0}) -> {r0}", [(dtype, x)], x.T)
        yield case("reverse", "%r0 = stablehlo.reverse %a0, dims = [1] : {a0}", [(dtype, x)], x[:, ::-1])
        yield case(
            "concatenate",
            "%r0 = stablehlo.concatenate %a0, %a1, dim = 1 : ({a0}, {a1}) -> {r0}",
            [(dtype, x), (dtype, y)],
            np.concatenate([x, y], 1),
        )
        at = np.array([3, 0, 2])
        body = '%r0 = "stablehlo.gather"(%a0, %a1) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, slice_sizes = array<i64: 1, 6>, indices_are_sorted = false}> : ({a0}, {a1}) -> {r0}'
        if not dynamic:
            yield case("gather", body, [(dtype, x), ("i32", at)], x[at])
            yield case(
                "pad",
                "%r0 = stablehlo.pad %a0, %a1, low = [1, 0], high = [0, 2], interior = [0, 1] : ({a0}, {a1}) -> {r0}",
                [(dtype, x), (dtype, zero)],
                _padded(x),
            )
            yield case("slice", "%r0 = stablehlo.slice %a0 [1:3, 0:6:2] : ({a0}) -> {r0}", [(dtype, x)], x[1:3, ::2])
            yield case("reshape", "%r0 = stablehlo.reshape %a0 : ({a0}) -> {r0}", [(dtype, x)], x.reshape(2, 12))
        yield case(
            "select",
            "%r0 = stablehlo.select %a0, %a1, %a2 : {a0}, {a1}",
            [("i1", at == 0), (dtype, x[:3, 0]), (dtype, x[:3, 1])],
            np.where(at == 0, x[:3, 0], x[:3, 1]),
        )
        body = f"""%r0 = "stablehlo.scatter"(%a0, %a1, %a2) <{{scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [1], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>}}> ({{
 ^bb0(%x: tensor<{dtype}>, %y: tensor<{dtype}>): stablehlo.return %y : tensor<{dtype}> }}) : ({{a0}}, {{a1}}, {{a2}}) -> {{r0}}"""
        put = x.copy()
        put[at] = x[:3, ::-1]
        yield case("scatter", body, [(dtype, x), ("i32", at), (dtype, x[:3, ::-1])], put, "set")
        loop = """%zero = stablehlo.constant dense<0> : tensor<i32>
%one = stablehlo.constant dense<1> : tensor<i32>
%two = stablehlo.constant dense<2> : tensor<i32>
%i, %r0 = stablehlo.while(%n = %zero, %v = %a0) : tensor<i32>, {a0}
cond { %c = stablehlo.compare LT, %n, %two : (tensor<i32>, tensor<i32>) -> tensor<i1>
 stablehlo.return %c : tensor<i1> }
do { %d = stablehlo.add %n, %one : tensor<i32>
 %w = stablehlo.reverse %v, dims = [0] : {a0}
 stablehlo.return %d, %w : tensor<i32>, {a0} }"""
        yield case("while", loop, [(dtype, x)], x)


def _padded(x: Array) -> Array:
    out = np.zeros((5, 13), x.dtype)
    out[1:, 0:11:2] = x
    return out
