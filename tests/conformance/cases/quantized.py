# ruff: noqa: E501 - one case per line reads best
"""Quantized tensors, against what the specification says, written with NumPy: the interpreter does not run them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from conformance.case import Array, Case, Tensor, Tolerance, make, random

RNG = np.random.default_rng(11)
_ULP = Tolerance(ulp=1)


@dataclass(frozen=True)
class Type:
    """A quantized element type; `axis` is the dimension along which scales differ."""

    storage: str
    scales: tuple[float, ...]
    zeros: tuple[int, ...]
    axis: int | None = None
    limits: tuple[int, int] | None = None

    def __str__(self) -> str:
        ends = "" if self.limits is None else f"<{self.limits[0]}:{self.limits[1]}>"
        pairs = ", ".join(f"{s!r}:{z}" for s, z in zip(self.scales, self.zeros, strict=True))
        name = self.storage.replace("ui", "u")
        if self.axis is None:
            return f"!quant.uniform<{name}{ends}:f32, {pairs}>"
        return f"!quant.uniform<{name}{ends}:f32:{self.axis}, {{{pairs}}}>"

    def _spread(self, values: Sequence[float], x: Array) -> Array:
        kind = np.float32 if isinstance(values[0], float) else np.int64
        shape = [-1 if i == self.axis else 1 for i in range(x.ndim)] if self.axis is not None else []
        return np.array(values if shape else values[0], kind).reshape(shape)

    def quantize(self, x: Array) -> Array:
        """Storage integers, as i64."""
        bits = int(self.storage.lstrip("ui"))
        whole = (0, 2**bits - 1) if self.storage.startswith("u") else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
        low, high = self.limits or whole
        found = np.rint(x.astype(np.float32) / self._spread(self.scales, x)).astype(np.int64)
        return np.clip(found + self._spread(self.zeros, x), low, high)

    def dequantize(self, q: Array) -> Array:
        """The f32s that storage integers stand for."""
        return (q.astype(np.int64) - self._spread(self.zeros, q)).astype(np.float32) * self._spread(self.scales, q)

    def round(self, x: Array) -> Array:
        """There and back."""
        return self.dequantize(self.quantize(x))


Q = Type("i8", (0.05,), (3,))
U = Type("ui8", (0.04,), (128,))
WEIGHTS = Type("i8", (0.02,), (0,))
ROWS = Type("i8", (0.05, 0.1, 0.02), (1, 2, -3), 0)
COLUMNS = Type("i8", (0.05, 0.1, 0.02), (1, 2, -3), 1)
TYPES = (Q, U, WEIGHTS, ROWS, COLUMNS, Type("i16", (0.001,), (0,)), Type("i4", (0.5,), (1,)), Type("i32", (0.0025,), (0,)), Type("i8", (0.05,), (0,), None, (-127, 127)), Type("ui4", (0.25,), (7,)))  # fmt: skip


def _in(number: int, type_: Type) -> str:
    of = str(type_)
    return f"%q{number} = stablehlo.uniform_quantize %a{number} : ({{a{number}}}) -> {{a{number}:{of}}}\n"


def _typed(text: str, shapes: Sequence[tuple[int, ...]], dynamic: bool) -> str:
    """``{aN:TYPE}`` is the shape of argument N with another element type."""

    def tensor(found: re.Match[str]) -> str:
        sizes = "".join(f"{'?' if dynamic else n}x" for n in shapes[int(found[1])])
        return f"tensor<{sizes}{found[2]}>"

    return re.sub(r"\{a(\d+):((?:[^{}]|\{[^{}]*\})*)\}", tensor, text)


def _case(  # noqa: PLR0917
    op: str, body: str, inputs: Sequence[Array], out: tuple[int, ...], reference: Callable[..., Array],
    label: str = "", dtype: str = "f32", dynamic: bool = False, tolerance: Tolerance = _ULP,
) -> Case:  # fmt: skip
    text = _typed(body, [x.shape for x in inputs], dynamic)
    return make(op, text, [("f32", x) for x in inputs], [Tensor(out, dtype)], label=f"quantized {label}".strip(), tolerance=tolerance, dynamic=dynamic, reference=lambda *xs: [reference(*xs)])  # fmt: skip


def cases() -> Iterator[Case]:
    """All of them."""
    x = random(RNG, (3, 3), "f32", -9, 9)
    for type_ in TYPES:
        body = _in(0, type_) + f"%r0 = stablehlo.uniform_dequantize %q0 : ({{a0:{type_}}}) -> {{r0}}"
        for dynamic in (False, True) if type_.axis is None else (False,):
            yield _case("uniform_quantize", body, [x], (3, 3), type_.round, str(type_), dynamic=dynamic)
    halves = (np.arange(12) / 2 - 3).astype(np.float32)
    odd = Type("i8", (1.0,), (1,))
    body = _in(0, odd) + f"%r0 = stablehlo.uniform_dequantize %q0 : ({{a0:{odd}}}) -> {{r0}}"
    yield _case("uniform_quantize", body, [halves], (12,), odd.round, "halves")
    again = (
        _in(0, Q)
        + f"%s = stablehlo.uniform_quantize %q0 : ({{a0:{Q}}}) -> {{a0:{U}}}\n%r0 = stablehlo.uniform_dequantize %s : ({{a0:{U}}}) -> {{r0}}"
    )
    yield _case("uniform_quantize", again, [x], (3, 3), lambda a: U.round(Q.round(a)), "again")
    yield from _arithmetic()
    yield from _moving()
    yield from _products()
    yield from _boundary()


def _arithmetic() -> Iterator[Case]:
    x, y = random(RNG, (2, 5), "f32", 0.3, 4), random(RNG, (2, 5), "f32", 1, 4)
    binary = {"add": np.add, "subtract": np.subtract, "multiply": np.multiply, "divide": np.divide, "maximum": np.maximum, "minimum": np.minimum}  # fmt: skip
    for dynamic in (False, True):
        for op, function in binary.items():
            body = (
                _in(0, Q)
                + _in(1, Q)
                + f"%s = stablehlo.{op} %q0, %q1 : {{a0:{Q}}}\n%r0 = stablehlo.uniform_dequantize %s : ({{a0:{Q}}}) -> {{r0}}"
            )
            yield _case(
                op, body, [x, y], (2, 5), lambda a, b, f=function: Q.round(f(Q.round(a), Q.round(b))), dynamic=dynamic
            )
        for op, function in {
            "abs": np.abs,
            "negate": np.negative,
            "tanh": np.tanh,
            "sqrt": np.sqrt,
            "floor": np.floor,
        }.items():
            body = (
                _in(0, Q)
                + f"%s = stablehlo.{op} %q0 : {{a0:{Q}}}\n%r0 = stablehlo.uniform_dequantize %s : ({{a0:{Q}}}) -> {{r0}}"
            )
            yield _case(op, body, [x], (2, 5), lambda a, f=function: Q.round(f(Q.round(a))), dynamic=dynamic)
    body = _in(0, Q) + _in(1, Q) + f"%r0 = stablehlo.compare LT, %q0, %q1 : ({{a0:{Q}}}, {{a1:{Q}}}) -> {{r0}}"
    yield _case("compare", body, [x, y], (2, 5), lambda a, b: Q.quantize(a) < Q.quantize(b), dtype="i1")


def _moving() -> Iterator[Case]:
    x = random(RNG, (3, 4), "f32")
    rows = [
        ("transpose", "stablehlo.transpose %q0, dims = [1, 0] : ({a0:Q}) -> tensor<4x3xQ>", (4, 3), np.transpose),
        ("reshape", "stablehlo.reshape %q0 : ({a0:Q}) -> tensor<12xQ>", (12,), np.ravel),
        ("slice", "stablehlo.slice %q0 [1:3, 0:4:2] : ({a0:Q}) -> tensor<2x2xQ>", (2, 2), lambda a: a[1:3, 0:4:2]),
        ("reverse", "stablehlo.reverse %q0, dims = [0] : {a0:Q}", (3, 4), lambda a: a[::-1]),
        ("broadcast_in_dim", "stablehlo.broadcast_in_dim %q0, dims = [1, 2] : ({a0:Q}) -> tensor<2x3x4xQ>", (2, 3, 4), lambda a: np.broadcast_to(a, (2, 3, 4))),
        ("concatenate", "stablehlo.concatenate %q0, %q0, dim = 0 : ({a0:Q}, {a0:Q}) -> tensor<6x4xQ>", (6, 4), lambda a: np.concatenate([a, a])),
    ]  # fmt: skip
    for op, text, out, function in rows:
        sizes = "x".join(map(str, out))
        body = (
            _in(0, Q)
            + f"%s = {text.replace('Q', str(Q))}\n%r0 = stablehlo.uniform_dequantize %s : (tensor<{sizes}x{Q}>) -> {{r0}}"
        )
        yield _case(op, body, [x], out, lambda a, f=function: f(Q.round(a)))
    total = (
        _in(0, Q)
        + f"""%z = "stablehlo.constant"() <{{value = dense<3> : tensor<i8>}}> : () -> tensor<{Q}>
%s = "stablehlo.reduce"(%q0, %z) <{{dimensions = array<i64: 1>}}> ({{^bb0(%x: tensor<{Q}>, %y: tensor<{Q}>):
 %k = stablehlo.add %x, %y : tensor<{Q}>
 stablehlo.return %k : tensor<{Q}> }}) : ({{a0:{Q}}}, tensor<{Q}>) -> tensor<3x{Q}>
%r0 = stablehlo.uniform_dequantize %s : (tensor<3x{Q}>) -> {{r0}}"""
    )
    yield _case("reduce", total, [x / 4], (3,), lambda a: Q.dequantize((Q.quantize(a) - 3).sum(1) + 3))


def _products() -> Iterator[Case]:
    x, w = random(RNG, (2, 4), "f32"), random(RNG, (4, 3), "f32")
    channels = Type("i8", (0.02, 0.01, 0.03), (0, 0, 0), 1)
    for right in (WEIGHTS, channels):
        body = (
            _in(0, Q)
            + _in(1, right)
            + f"%s = stablehlo.dot_general %q0, %q1, contracting_dims = [1] x [0] : ({{a0:{Q}}}, {{a1:{right}}}) -> tensor<2x3x{U}>\n%r0 = stablehlo.uniform_dequantize %s : (tensor<2x3x{U}>) -> {{r0}}"
        )
        if right is WEIGHTS:
            yield _case(
                "dot_general", body, [x, w], (2, 3), lambda a, b, t=right: U.round(Q.round(a) @ t.round(b)), str(right)
            )
        body = (
            _in(1, right)
            + f"%r0 = stablehlo.dot_general %a0, %q1, contracting_dims = [1] x [0] : ({{a0}}, {{a1:{right}}}) -> {{r0}}"
        )
        if right is WEIGHTS:
            yield _case(
                "dot_general",
                body,
                [x, w],
                (2, 3),
                lambda a, b, t=right: a @ t.round(b),
                "hybrid",
                tolerance=Tolerance(ulp=16, absolute=1e-5),
            )
    image, kernel = random(RNG, (1, 5, 5, 3), "f32"), random(RNG, (3, 3, 3, 2), "f32", -0.3, 0.3)
    filters = Type("i8", (0.02, 0.01), (0, 0), 3)
    body = (
        _in(0, Q)
        + _in(1, filters)
        + f"%s = stablehlo.convolution(%q0, %q1) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {{}} {{batch_group_count = 1 : i64, feature_group_count = 1 : i64}} : ({{a0:{Q}}}, {{a1:{filters}}}) -> tensor<1x3x3x2x{U}>\n%r0 = stablehlo.uniform_dequantize %s : (tensor<1x3x3x2x{U}>) -> {{r0}}"
    )

    def convolve(a: Array, k: Array) -> Array:
        left, right = Q.round(a).astype(np.float64), filters.round(k).astype(np.float64)
        total = sum(left[:, i : i + 3, j : j + 3] @ right[i, j] for i in range(3) for j in range(3))
        return U.round(np.asarray(total))

    # A sum next to a half may go to either side.
    yield _case("convolution", body, [image, kernel], (1, 3, 3, 2), convolve, tolerance=Tolerance(absolute=0.0401))


def _boundary() -> Iterator[Case]:
    """Quantized tensors cross the boundary as their storage integers."""
    for type_ in (Q, U):
        whole = f"tensor<4x{type_}>"
        text = f"%f = stablehlo.uniform_dequantize %a0 : ({whole}) -> tensor<4xf32>\n%d = stablehlo.add %f, %f : tensor<4xf32>\n%r0 = stablehlo.uniform_quantize %d : (tensor<4xf32>) -> {whole}"
        x = np.array([0, 1, 5, 120])
        one = make(
            "uniform_dequantize",
            text,
            [(type_.storage, x)],
            [Tensor((4,), type_.storage)],
            label=f"boundary {type_}",
            reference=lambda a, t=type_: [t.quantize(2 * t.dequantize(a)).astype(a.dtype)],
        )
        yield Quantized(**{name: getattr(one, name) for name in one.__dataclass_fields__}, type=str(type_))


@dataclass(frozen=True)
class Quantized(Case):
    """A case whose arguments and results are of a quantized type, written in the place of its storage's."""

    type: str = ""

    def function(self, symbol: str) -> str:
        """The function's text."""
        shape = f"tensor<4x{self.type}>"
        value = self.body.rpartition("return %r0")[0]
        return f"func.func @{symbol}(%a0: {shape}) -> {shape} {{\n{value}return %r0 : {shape}\n}}\n"
