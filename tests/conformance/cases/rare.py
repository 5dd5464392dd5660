# ruff: noqa: E501 - one case per line reads best
"""Operations and forms that frontends seldom emit."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator

import numpy as np
from conformance.case import COMPLEX, FLOAT8, INTEGERS, NUMPY, Array, Case, Tensor, Tolerance, make, random

RNG = np.random.default_rng(12)
_LOOSE = {"f32": Tolerance(ulp=64, absolute=1e-5), "f64": Tolerance(ulp=256, absolute=1e-12), "f16": Tolerance(ulp=2, absolute=2e-3), "bf16": Tolerance(ulp=2, absolute=2e-2), "complex<f32>": Tolerance(ulp=64, absolute=1e-5), "complex<f64>": Tolerance(ulp=64, absolute=1e-12)}  # fmt: skip
_ADD = "({{ ^bb0(%x: tensor<{0}>, %y: tensor<{0}>):\n %s = stablehlo.add %x, %y : tensor<{0}>\n stablehlo.return %s : tensor<{0}> }})"


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _special_functions()
    yield from _broadcasting()
    yield from _complex()
    yield from _products()
    yield from _conversions()
    yield from _computations()
    yield from _collectives()
    yield from _random_numbers()
    yield from _shapes_from_data()


def _digamma(x: float) -> float:
    """By recurrence and the asymptotic series."""
    total = 0.0
    while x < 12:
        total -= 1 / x
        x += 1
    square = 1 / (x * x)
    return total + math.log(x) - 0.5 / x - square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square / 240)))


def _zeta(s: float, q: float) -> float:
    """By Euler and Maclaurin's sum."""
    n = 40
    end = q + n
    total = sum((q + k) ** -s for k in range(n)) + end ** (1 - s) / (s - 1) + end**-s / 2
    term = s * end ** (-s - 1)
    return total + term / 12 - term * (s + 1) * (s + 2) / end**2 / 720


def _polygamma(n: float, x: float) -> float:
    return _digamma(x) if n == 0 else (-1) ** (n + 1) * math.factorial(int(n)) * _zeta(n + 1, x)


def _each(function: Callable[..., float]) -> Callable[..., list[Array]]:
    def reference(*arrays: Array) -> list[Array]:
        rows = zip(*(a.astype(np.float64) for a in arrays), strict=True)
        return [np.array([function(*map(float, row)) for row in rows]).astype(arrays[0].dtype)]

    return reference


def _special_functions() -> Iterator[Case]:
    for dtype in ("f32", "f64", "f16", "bf16"):
        positive, few = random(RNG, (31,), dtype, 0.3, 9), RNG.integers(0, 4, 31)
        yield make(
            "chlo.digamma",
            "%r0 = chlo.digamma %a0 : {a0} -> {r0}",
            [(dtype, positive)],
            [Tensor((31,), dtype)],
            tolerance=_LOOSE[dtype],
            reference=_each(_digamma),
        )
        exponents = random(RNG, (31,), dtype, 1.2, 5)
        for op, function, left in (("zeta", _zeta, exponents), ("polygamma", _polygamma, few)):
            tolerance = _LOOSE[dtype] if op == "zeta" or dtype == "f64" else Tolerance(ulp=256)
            body = f"%r0 = chlo.broadcast_{op} %a0, %a1 : ({{a0}}, {{a1}}) -> {{r0}}"
            yield make(
                f"chlo.broadcast_{op}",
                body,
                [(dtype, left), (dtype, positive)],
                [Tensor((31,), dtype)],
                tolerance=tolerance,
                reference=_each(function),
            )
        x = random(RNG, (31,), dtype, -0.97, 0.97)

        def inverse(a: Array) -> list[Array]:
            """Newton's steps on erf."""
            values = []
            for y in a.astype(np.float64):
                v = 0.0
                for _ in range(60):
                    v -= (math.erf(v) - y) / (2 / math.sqrt(math.pi) * math.exp(-v * v))
                values.append(v)
            return [np.array(values).astype(a.dtype)]

        yield make(
            "chlo.erf_inv",
            "%r0 = chlo.erf_inv %a0 : {a0} -> {r0}",
            [(dtype, x)],
            [Tensor((31,), dtype)],
            tolerance=_LOOSE[dtype],
            reference=inverse,
        )

        def bessel(a: Array) -> list[Array]:
            """The integral of exp(x cos t) cos t."""
            t = (np.arange(4000) + 0.5) * math.pi / 4000
            wide = a.astype(np.float64)[:, None]
            return [(np.exp(wide * np.cos(t) - np.abs(wide)) * np.cos(t)).mean(1).astype(a.dtype)]

        wide = random(RNG, (31,), dtype, -12, 12)
        yield make(
            "chlo.bessel_i1e",
            "%r0 = chlo.bessel_i1e %a0 : {a0} -> {r0}",
            [(dtype, wide)],
            [Tensor((31,), dtype)],
            tolerance=_LOOSE[dtype],
            reference=bessel,
        )
        near = [(dtype, np.array([0, 0, 1, -1, 2, np.inf, -3, 3])), (dtype, np.array([1, -1, 1, 0, 9, 0, 0, np.nan]))]
        body = "%r0 = chlo.broadcast_next_after %a0, %a1 : ({a0}, {a1}) -> {r0}"
        yield make(
            "chlo.broadcast_next_after", body, near, [Tensor((8,), dtype)], reference=lambda a, b: [np.nextafter(a, b)]
        )
        for dynamic in (False, True):
            body = f'%r0 = "chlo.constant_like"(%a0) <{{value = 2.5 : {dtype}}}> : ({{a0}}) -> {{r0}}'
            yield make(
                "chlo.constant_like",
                body,
                [(dtype, x)],
                [Tensor((31,), dtype)],
                dynamic=dynamic,
                reference=lambda a: [np.full_like(a, 2.5)],
            )
    for dtype in INTEGERS:
        bits = int(dtype.lstrip("ui"))
        low, high = (0, 2**bits - 1) if dtype[0] == "u" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
        row = [low, low + 1, 0, 1, 2**(bits - 2) + 3, 77, high]  # fmt: skip
        pairs = [(a, b) for a in row for b in row]
        want = np.array([a * b >> bits for a, b in pairs], object)
        arrays = [(dtype, np.array([pair[i] for pair in pairs], object).astype(NUMPY[dtype])) for i in (0, 1)]
        yield make(
            "chlo.mulhi",
            '%r0 = "chlo.mulhi"(%a0, %a1) : ({a0}, {a1}) -> {r0}',
            arrays,
            [Tensor((49,), dtype)],
            reference=lambda a, b, w=want: [w.astype(a.dtype)],
        )


def _broadcasting() -> Iterator[Case]:
    floats = {"atan2": np.arctan2, "divide": np.divide, "minimum": np.minimum, "power": np.power, "remainder": np.fmod}
    integers = {"and": np.bitwise_and, "or": np.bitwise_or, "xor": np.bitwise_xor, "shift_left": np.left_shift, "shift_right_arithmetic": np.right_shift, "shift_right_logical": np.right_shift}  # fmt: skip
    for dtype, table in (("f32", floats), ("f64", floats), ("i32", integers), ("ui8", integers)):
        for op, function in table.items():
            a, b = random(RNG, (4, 1), dtype, 1, 60), random(RNG, (1, 5), dtype, 1, 6)
            for dynamic in (False, True):
                body = f"%r0 = chlo.broadcast_{op} %a0, %a1 : ({{a0}}, {{a1}}) -> {{r0}}"
                yield make(
                    f"chlo.broadcast_{op}",
                    body,
                    [(dtype, a), (dtype, b)],
                    [Tensor((4, 5), dtype)],
                    tolerance=Tolerance(ulp=4),
                    dynamic=dynamic,
                    reference=lambda a, b, f=function: [f(a, b)],
                )
    a, b, c = random(RNG, (4, 1), "f32"), random(RNG, (1, 3), "f32"), random(RNG, (4, 3), "i1")
    for dynamic in (False, True):
        yield make(
            "chlo.broadcast_complex",
            "%r0 = chlo.broadcast_complex %a0, %a1 : ({a0}, {a1}) -> {r0}",
            [("f32", a), ("f32", b)],
            [Tensor((4, 3), "complex<f32>")],
            dynamic=dynamic,
            reference=lambda a, b: [(a + 1j * b).astype(np.complex64)],
        )
        wide = [("i1", c), ("f32", np.broadcast_to(a, (4, 3))), ("f32", np.broadcast_to(b, (4, 3)))]
        yield make(
            "chlo.broadcast_select",
            "%r0 = chlo.broadcast_select %a0, %a1, %a2 : ({a0}, {a1}, {a2}) -> {r0}",
            wide,
            [Tensor((4, 3), "f32")],
            dtype="f32",
            dynamic=dynamic,
            reference=lambda c, a, b: [np.where(c, a, b)],
        )
        body = "%r0 = chlo.broadcast_compare %a0, %a1 {comparison_direction = #chlo<comparison_direction LT>} : ({a0}, {a1}) -> {r0}"
        yield make(
            "chlo.broadcast_compare",
            body,
            [("f32", a), ("f32", b)],
            [Tensor((4, 3), "i1")],
            dynamic=dynamic,
            reference=lambda a, b: [a < b],
        )


def _complex() -> Iterator[Case]:
    functions = {"acos": np.arccos, "acosh": np.arccosh, "asin": np.arcsin, "asinh": np.arcsinh, "atan": np.arctan, "atanh": np.arctanh, "cosh": np.cosh, "sinh": np.sinh, "tan": np.tan, "square": np.square, "conj": np.conj}  # fmt: skip
    for dtype in COMPLEX:
        x, y = random(RNG, (29,), dtype, -3, 3), random(RNG, (29,), dtype, -3, 3)
        for op, function in functions.items():
            yield make(
                f"chlo.{op}",
                f"%r0 = chlo.{op} %a0 : {{a0}} -> {{r0}}",
                [(dtype, x)],
                [Tensor((29,), dtype)],
                tolerance=_LOOSE[dtype],
                reference=lambda a, f=function: [f(a.astype(np.complex128)).astype(a.dtype)],
            )
        plain = {"cbrt": lambda a: a ** (1 / 3), "tan": np.tan, "sign": lambda a: a / np.abs(a)}
        for op, function in plain.items():
            for dynamic in (False, True):
                yield make(
                    op,
                    f"%r0 = stablehlo.{op} %a0 : {{a0}}",
                    [(dtype, x)],
                    [Tensor((29,), dtype)],
                    dynamic=dynamic,
                    tolerance=_LOOSE[dtype],
                    reference=lambda a, f=function: [f(a.astype(np.complex128)).astype(a.dtype)],
                )
        yield make(
            "power",
            "%r0 = stablehlo.power %a0, %a1 : {a0}",
            [(dtype, x), (dtype, y)],
            [Tensor((29,), dtype)],
            tolerance=Tolerance(ulp=256, absolute=1e-3 if dtype == "complex<f32>" else 1e-10),
            reference=lambda a, b: [np.power(a.astype(np.complex128), b).astype(a.dtype)],
        )
        parts = np.array([0, -0.0, 1, -1.5, np.inf, -np.inf, np.nan, 1e30])
        edges = np.empty((8, 8), np.complex128)
        edges.real, edges.imag = parts[:, None], parts
        real = dtype[8:-1]
        for op, out in (("abs", real), ("real", real), ("imag", real), ("negate", dtype)):
            types = "{a0}" if out == dtype else "({a0}) -> {r0}"
            yield make(
                op,
                f"%r0 = stablehlo.{op} %a0 : {types}",
                [(dtype, edges.reshape(-1))],
                [Tensor((64,), out)],
                label="edges",
                tolerance=Tolerance(ulp=2),
            )
        yield make(
            "bitcast_convert",
            "%r0 = stablehlo.bitcast_convert %a0 : ({a0}) -> {r0}",
            [(dtype, x)],
            [Tensor((29,), dtype)],
            reference=lambda a: [a],
        )
    a, b = random(RNG, (3, 2), "f32"), random(RNG, (3, 2), "f32")
    for dynamic in (False, True):
        yield make(
            "complex",
            "%r0 = stablehlo.complex %a0, %a1 : {r0}",
            [("f32", a), ("f32", b)],
            [Tensor((3, 2), "complex<f32>")],
            dynamic=dynamic,
        )


def _products() -> Iterator[Case]:
    a, b = random(RNG, (3, 4), "f32"), random(RNG, (4, 2), "f32")

    def reduced(x: Array) -> Array:
        """With the ten bits of TF32."""
        bits = x.view(np.uint32)
        return ((bits + 0xFFF + ((bits >> 13) & 1)) & 0xFFFFE000).view(np.float32)

    for left, total, count in (
        ("bf16", "f32", 1),
        ("bf16", "f32", 3),
        ("tf32", "f32", 1),
        ("f64", "f64", 1),
        ("f16", "f32", 1),
    ):
        body = f'%r0 = "stablehlo.dot_general"(%a0, %a1) <{{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>, algorithm = #stablehlo.dot_algorithm<lhs_precision_type = {left}, rhs_precision_type = {left}, accumulation_type = {total}, lhs_component_count = 1, rhs_component_count = 1, num_primitive_operations = {count}, allow_imprecise_accumulation = false>}}> : ({{a0}}, {{a1}}) -> {{r0}}'

        def product(a: Array, b: Array, left: str = left, count: int = count) -> list[Array]:
            if left == "tf32":
                a, b = reduced(a), reduced(b)
            elif count == 1:
                a, b = (x.astype(NUMPY[left]) for x in (a, b))
            return [(a.astype(np.float64) @ b.astype(np.float64)).astype(np.float32)]

        yield make(
            "dot_general",
            body,
            [("f32", a), ("f32", b)],
            [Tensor((3, 2), "f32")],
            label=f"algorithm {left} {count}",
            tolerance=Tolerance(ulp=8, absolute=1e-5),
            reference=product,
        )
    for dynamic in (False, True):
        for label, left, right, out, numbers, window in (
            ("1d", (1, 3, 9), (3, 2, 4), (1, 4, 6), "[b, f, 0]x[i, 0, o]->[b, f, 0]", "lhs_dilate = [2], rhs_dilate = [3], stride = [2], pad = [[-2, -1]], reverse = [true]"),
            ("3d", (2, 4, 4, 4, 3), (2, 2, 2, 3, 5), (2, 3, 3, 3, 5), "[b, 0, 1, 2, f]x[0, 1, 2, i, o]->[b, 0, 1, 2, f]", ""),
            ("0d", (7, 3), (3, 5), (7, 5), "[b, f]x[i, o]->[b, f]", ""),
            ("no batch", (0, 5, 5, 2), (3, 3, 2, 4), (0, 3, 3, 4), "[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]", ""),
            ("no features", (1, 5, 5, 0), (3, 3, 0, 4), (1, 3, 3, 4), "[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]", ""),
        ):  # fmt: skip
            body = f"%r0 = stablehlo.convolution(%a0, %a1) dim_numbers = {numbers}, window = {{{window}}} {{batch_group_count = 1 : i64, feature_group_count = 1 : i64}} : ({{a0}}, {{a1}}) -> {{r0}}"
            yield make(
                "convolution",
                body,
                [("f32", random(RNG, left, "f32")), ("f32", random(RNG, right, "f32"))],
                [Tensor(out, "f32")],
                label=label,
                dynamic=dynamic,
                tolerance=Tolerance(ulp=32, absolute=1e-4),
                reference=(lambda a, b, n=out: [np.zeros(n, a.dtype)]) if label == "no features" else None,
            )
    x, k = random(RNG, (4, 3), "f32"), random(RNG, (2, 3, 5), "f32")
    body = '%r0 = "chlo.ragged_dot"(%a0, %a1, %a2) <{ragged_dot_dimension_numbers = #chlo.ragged_dot<lhs_batching_dimensions = [], rhs_batching_dimensions = [], lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [1], lhs_ragged_dimensions = [0], rhs_group_dimensions = [0]>}> : ({a0}, {a1}, {a2}) -> {r0}'
    yield make(
        "chlo.ragged_dot",
        body,
        [("f32", x), ("f32", k), ("i32", [3, 1])],
        [Tensor((4, 5), "f32")],
        tolerance=Tolerance(ulp=16, absolute=1e-5),
        reference=lambda x, k, _: [np.concatenate([x[:3] @ k[0], x[3:] @ k[1]])],
    )
    signal = random(RNG, (3, 8), "complex<f32>")
    open_ = make(
        "fft",
        "%r0 = stablehlo.fft %a0, type = FFT, length = [8] : ({a0}) -> {r0}",
        [("complex<f32>", signal)],
        [Tensor((3, 8), "complex<f32>")],
        dtype="f32",
        label="open",
        tolerance=Tolerance(ulp=16, absolute=1e-5),
        dynamic=True,
        reference=lambda a: [np.fft.fft(a).astype(np.complex64)],
    )
    yield open_


def _conversions() -> Iterator[Case]:
    """Of what is too large, which takes the nearest integer; and of bits where sizes are open."""
    values = [
        0,
        0.9,
        -0.9,
        127.5,
        128,
        -128.9,
        -129,
        255.9,
        256,
        -1,
        3e4,
        7e4,
        2147483520,
        2147483648,
        -2147483904,
        5e9,
        -5e9,
        1e19,
        -1e19,
        2e19,
        np.inf,
        -np.inf,
        np.nan,
    ]
    for source in ("f32", "f64", "f16", "bf16", *FLOAT8):
        with np.errstate(all="ignore"):
            x = np.array(values).astype(NUMPY[source])
        for target in (*INTEGERS, "i4", "ui2"):
            for dynamic in (False, True) if source in ("f32", "f8E5M2") else (False,):
                yield make(
                    "convert",
                    "%r0 = stablehlo.convert %a0 : ({a0}) -> {r0}",
                    [(source, x)],
                    [Tensor((23,), target)],
                    label=f"beyond {target}",
                    dynamic=dynamic,
                    reference=lambda a, t=target: [_saturate(a, t)],
                )
    for source, target, before, after in (("f32", "i8", (3,), (3, 4)), ("i8", "f32", (3, 4), (3,)), ("i64", "f16", (2,), (2, 4)), ("ui8", "i4", (3,), (3, 2)), ("i2", "i8", (3, 4), (3,)), ("f8E5M2", "bf16", (2, 3, 2), (2, 3)), ("f64", "i4", (2,), (2, 16)), ("f64", "f8E4M3FN", (0,), (0, 8))):  # fmt: skip
        yield make(
            "bitcast_convert",
            "%r0 = stablehlo.bitcast_convert %a0 : ({a0}) -> {r0}",
            [(source, random(RNG, before, source))],
            [Tensor(after, target)],
            label=f"{source} {target} {before}",
            dynamic=True,
        )


def _saturate(a: Array, target: str) -> Array:
    bits = int(target.lstrip("ui"))
    low, high = (0, 2**bits - 1) if target[0] == "u" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    found = []
    for x in a.astype(np.float64):
        if math.isnan(x):
            found.append(0)
        else:
            found.append(high if x >= high else low if x <= low else int(x))
    return np.array(found, object).astype(np.int64 if low else np.uint64).astype(NUMPY[target])


def _computations() -> Iterator[Case]:
    """Regions with branches, and with elements wider than the operands'."""
    chosen = """%r0 = "stablehlo.reduce"(%a0, %z) <{dimensions = array<i64: 1>}> ({ ^bb0(%x: tensor<i32>, %y: tensor<i32>):
 %p = stablehlo.popcnt %x : tensor<i32>
 %q = stablehlo.popcnt %y : tensor<i32>
 %c = stablehlo.compare GT, %p, %q : (tensor<i32>, tensor<i32>) -> tensor<i1>
 %s = "stablehlo.if"(%c) ({ stablehlo.return %x : tensor<i32> }, { %w = stablehlo.xor %y, %x : tensor<i32>
  %v = "stablehlo.case"(%p) ({ stablehlo.return %w : tensor<i32> }, { %n = stablehlo.negate %w : tensor<i32>
   stablehlo.return %n : tensor<i32> }, { stablehlo.return %y : tensor<i32> }) : (tensor<i32>) -> tensor<i32>
  stablehlo.return %v : tensor<i32> }) : (tensor<i1>) -> tensor<i32>
 stablehlo.return %s : tensor<i32> }) : ({a0}, tensor<i32>) -> {r0}"""
    numbers = random(RNG, (5, 9), "i32", -99, 99)

    def fold(x: Array) -> list[Array]:
        def step(a: int, b: int) -> int:
            p, q = bin(a & 0xFFFFFFFF).count("1"), bin(b & 0xFFFFFFFF).count("1")
            return a if p > q else [b ^ a, -(b ^ a)][p] if p < 2 else b

        rows = []
        for row in x.tolist():
            total = 0
            for v in row:
                total = step(total, v)
            rows.append(total)
        return [np.array(rows, np.int32)]

    for dynamic in (False, True):
        yield make(
            "reduce",
            "%z = stablehlo.constant dense<0> : tensor<i32>\n" + chosen,
            [("i32", numbers)],
            [Tensor((5,), "i32")],
            label="branches",
            dynamic=dynamic,
            reference=fold,
        )
        body = """%k = stablehlo.constant dense<3.0> : tensor<f32>
%r0 = "stablehlo.map"(%a0) <{dimensions = array<i64: 0, 1>}> ({ ^bb0(%x: tensor<f32>):
 %p = stablehlo.compare GT, %x, %k : (tensor<f32>, tensor<f32>) -> tensor<i1>
 %s = "stablehlo.if"(%p) ({ stablehlo.return %k : tensor<f32> }, { %n = stablehlo.negate %x : tensor<f32>
  stablehlo.return %n : tensor<f32> }) : (tensor<i1>) -> tensor<f32>
 stablehlo.return %s : tensor<f32> }) : ({a0}) -> {r0}"""
        yield make(
            "map",
            body,
            [("f32", random(RNG, (3, 4), "f32"))],
            [Tensor((3, 4), "f32")],
            label="branches",
            dynamic=dynamic,
        )
    for narrow, wide in (("f16", "f32"), ("bf16", "f32"), ("f32", "f64"), ("i8", "i32")):
        x, zero = (
            random(RNG, (3, 70), narrow),
            f"%z = stablehlo.constant dense<{'0.0' if wide[0] == 'f' else '0'}> : tensor<{narrow}>\n",
        )
        tolerance = Tolerance(ulp=16, absolute=1e-5)
        kind = NUMPY[wide]
        for dynamic in (False, True):
            body = (
                zero
                + f'%r0 = "stablehlo.reduce"(%a0, %z) <{{dimensions = array<i64: 1>}}> {_ADD.format(wide)} : ({{a0}}, tensor<{narrow}>) -> {{r0}}'
            )
            yield make(
                "reduce",
                body,
                [(narrow, x)],
                [Tensor((3,), wide)],
                label=f"to {wide}",
                dynamic=dynamic,
                tolerance=tolerance,
                reference=lambda a, k=kind: [a.astype(k).sum(1, dtype=k)],
            )
            body = (
                zero
                + f'%r0 = "stablehlo.reduce_window"(%a0, %z) <{{window_dimensions = array<i64: 3, 1>}}> {_ADD.format(wide)} : ({{a0}}, tensor<{narrow}>) -> {{r0}}'
            )
            yield make(
                "reduce_window",
                body,
                [(narrow, x)],
                [Tensor((1, 70), wide)],
                label=f"to {wide}",
                dynamic=dynamic,
                tolerance=tolerance,
                reference=lambda a, k=kind: [a.astype(k).sum(0, keepdims=True, dtype=k)],
            )
            body = f'%r0 = "stablehlo.scatter"(%a0, %a1, %a2) <{{scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [1], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>}}> {_ADD.format(wide)} : ({{a0}}, {{a1}}, {{a2}}) -> {{r0}}'

            def add(a: Array, at: Array, updates: Array, kind: type = kind) -> list[Array]:
                found = a.astype(kind)
                np.add.at(found, at[:, 0], updates.astype(kind))
                return [found]

            yield make(
                "scatter",
                body,
                [
                    (narrow, random(RNG, (5, 3), narrow)),
                    ("i32", RNG.integers(0, 5, (7, 1))),
                    (narrow, random(RNG, (7, 3), narrow)),
                ],
                [Tensor((5, 3), wide)],
                label=f"to {wide}",
                dynamic=dynamic,
                tolerance=tolerance,
                reference=add,
            )


def _collectives() -> Iterator[Case]:
    alone = "replica_groups = dense<[[0]]> : tensor<1x1xi64>"
    add = _ADD.format("f32")
    rows = [
        ("all_gather", f"<{{all_gather_dim = 0 : i64, {alone}}}>", ""), ("all_to_all", f"<{{split_dimension = 0 : i64, concat_dimension = 0 : i64, split_count = 1 : i64, {alone}}}>", ""),
        ("collective_broadcast", f"<{{{alone}}}>", ""), ("collective_permute", "<{source_target_pairs = dense<[[0, 0]]> : tensor<1x2xi64>}>", ""),
        ("reduce_scatter", f"<{{scatter_dimension = 0 : i64, {alone}}}>", add), ("cross-replica-sum", f"<{{{alone}}}>", ""),
    ]  # fmt: skip
    x = random(RNG, (3,), "f32")
    for op, attributes, region in rows:
        yield make(
            op,
            f'%r0 = "stablehlo.{op}"(%a0) {attributes} {region} : ({{a0}}) -> {{r0}}',
            [("f32", x)],
            [Tensor((3,), "f32")],
            reference=lambda a: [a],
        )
    yield make(
        "broadcast",
        '%r0 = "stablehlo.broadcast"(%a0) <{broadcast_sizes = array<i64: 4, 1>}> : ({a0}) -> {r0}',
        [("f32", x)],
        [Tensor((4, 1, 3), "f32")],
        reference=lambda a: [np.broadcast_to(a, (4, 1, 3))],
    )
    yield make(
        "after_all",
        "%t = stablehlo.create_token : !stablehlo.token\n%u = stablehlo.after_all %t, %t : !stablehlo.token\n%r0 = stablehlo.add %a0, %a0 : {a0}",
        [("f32", x)],
        [Tensor((3,), "f32")],
        reference=lambda a: [a + a],
    )
    one = make(
        "composite",
        '%r0 = stablehlo.composite "my.op" %a0, %a0 {decomposition = @impl, version = 1 : i32} : ({a0}, {a0}) -> {r0}',
        [("f32", x)],
        [Tensor((3,), "f32")],
        reference=lambda a: [a * a],
    )
    yield dataclasses.replace(
        one,
        prelude="func.func private @impl(%x: tensor<3xf32>, %y: tensor<3xf32>) -> tensor<3xf32> { %s = stablehlo.multiply %x, %y : tensor<3xf32>\n return %s : tensor<3xf32> }\n",
    )


def _random_numbers() -> Iterator[Case]:
    """Statistics of a thousand numbers: inside their bounds, and their mean (times a thousand, or rounded) about right."""
    for dtype, kind, a, b, mean, spread in (("f32", "UNIFORM", 1, 2, 1.5, 0.3), ("f64", "UNIFORM", -1, 1, 0, 0.58), ("f32", "NORMAL", 3, 2, 3, 2), ("f64", "NORMAL", 0, 1, 0, 1), ("i32", "UNIFORM", -5, 5, -0.5, 2.9), ("ui8", "UNIFORM", 10, 20, 14.5, 2.9), ("i64", "UNIFORM", 0, 9, 4, 2.6)):  # fmt: skip
        point = ".0" if dtype[0] == "f" else ""
        wide = "f64"
        body = f"""%a = stablehlo.constant dense<{a}{point}> : tensor<{dtype}>
%b = stablehlo.constant dense<{b}{point}> : tensor<{dtype}>
%n = stablehlo.constant dense<[40, 25]> : tensor<2xi64>
%u = stablehlo.rng %a, %b, %n, distribution = {kind} : (tensor<{dtype}>, tensor<{dtype}>, tensor<2xi64>) -> tensor<40x25x{dtype}>
%v = stablehlo.convert %u : (tensor<40x25x{dtype}>) -> tensor<40x25x{wide}>
%z = stablehlo.constant dense<0.0> : tensor<{wide}>
%m = "stablehlo.reduce"(%v, %z) <{{dimensions = array<i64: 0, 1>}}> {_ADD.format(wide)} : (tensor<40x25x{wide}>, tensor<{wide}>) -> tensor<{wide}>
%w = stablehlo.multiply %v, %v : tensor<40x25x{wide}>
%q = "stablehlo.reduce"(%w, %z) <{{dimensions = array<i64: 0, 1>}}> {_ADD.format(wide)} : (tensor<40x25x{wide}>, tensor<{wide}>) -> tensor<{wide}>
%c = stablehlo.constant dense<1000.0> : tensor<{wide}>
%r0 = stablehlo.divide %m, %c : {{r0}}
%r1 = stablehlo.divide %q, %c : {{r1}}"""
        second = mean**2 + spread**2
        tolerance = Tolerance(absolute=0.25 * spread * (1 + abs(mean)))
        yield make(
            "rng",
            body,
            [],
            [Tensor((), wide), Tensor((), wide)],
            dtype=dtype,
            label=kind,
            tolerance=tolerance,
            reference=lambda m=mean, s=second: [np.float64(m), np.float64(s)],
        )


def _shapes_from_data() -> Iterator[Case]:
    """Sizes that are arguments."""

    def opened(case: Case) -> Case:
        text = str(case.results[0])
        result = dataclasses.replace(case.results[0], dynamic=True)
        return dataclasses.replace(case, body=case.body.replace(text, str(result)), results=(result,), static=None)

    for dtype in ("f32", "i1", "i8"):
        for axes, shape, out in (
            ([1], (3,), (2, 3)),
            ([1], (1,), (2, 3)),
            ([0, 1], (1, 1), (2, 3)),
            ([], (), (2, 3)),
            ([0, 2], (2, 1), (2, 0, 3)),
        ):
            x = random(RNG, shape, dtype)

            def spread(a: Array, sizes: Array, axes: list[int] = axes) -> list[Array]:
                aligned = [1] * len(sizes)
                for i, axis in enumerate(axes):
                    aligned[axis] = a.shape[i]
                return [np.broadcast_to(a.reshape(aligned), tuple(sizes))]

            body = f"%r0 = stablehlo.dynamic_broadcast_in_dim %a0, %a1, dims = {axes} : ({{a0}}, {{a1}}) -> {{r0}}"
            yield opened(
                make(
                    "dynamic_broadcast_in_dim",
                    body,
                    [(dtype, x), ("i64", out)],
                    [Tensor(out, dtype)],
                    label=f"data {shape} {out}",
                    reference=spread,
                )
            )
    x = random(RNG, (4, 6), "f32")
    yield opened(
        make(
            "dynamic_reshape",
            "%r0 = stablehlo.dynamic_reshape %a0, %a1 : ({a0}, {a1}) -> {r0}",
            [("f32", x), ("i32", [2, 3, 4])],
            [Tensor((2, 3, 4), "f32")],
            label="data",
            reference=lambda a, s: [a.reshape(s)],
        )
    )
    yield opened(
        make(
            "dynamic_iota",
            "%r0 = stablehlo.dynamic_iota %a0, dim = 1 : ({a0}) -> {r0}",
            [("i64", [2, 5])],
            [Tensor((2, 5), "f32")],
            label="data",
            reference=lambda s: [np.broadcast_to(np.arange(5, dtype=np.float32), (2, 5))],
        )
    )
    body = '%r0 = "stablehlo.dynamic_conv"(%a0, %a1, %a2) <{dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>, feature_group_count = 1 : i64, batch_group_count = 1 : i64}> : ({a0}, {a1}, {a2}) -> {r0}'

    def convolve(x: Array, k: Array, pads: Array) -> list[Array]:
        wide = np.pad(x, [(0, 0), *map(tuple, pads), (0, 0)])
        h, w = wide.shape[1] - 2, wide.shape[2] - 2
        return [sum(wide[:, i : i + h, j : j + w] @ k[i, j] for i in range(3) for j in range(3))]

    image, kernel = random(RNG, (1, 5, 6, 3), "f32"), random(RNG, (3, 3, 3, 2), "f32")
    yield opened(
        make(
            "dynamic_conv",
            body,
            [("f32", image), ("f32", kernel), ("i64", [[1, 1], [2, 0]])],
            [Tensor((1, 5, 6, 2), "f32")],
            label="data",
            tolerance=Tolerance(ulp=64, absolute=1e-5),
            reference=convolve,
        )
    )
