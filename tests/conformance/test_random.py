# ruff: noqa: E501 - one operation per line reads best
"""Random programs against the StableHLO interpreter. A failure is shrunk to a small program."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

import numpy as np
from conformance.case import NUMPY, Array, Case, Tensor, Tolerance, make
from conformance.verdict import judge
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

PROGRAMS = int(os.environ.get("IREE_RANDOM_PROGRAMS", "12"))
"""Of each of these, several variants are compiled; more find more."""
TOGETHER = 6
_FLOAT = "add subtract multiply maximum minimum"
_INTEGER = "add subtract multiply maximum minimum and or xor"
_UNARY = {"f32": "abs negate floor sign tanh logistic", "i32": "abs negate sign not popcnt"}


@dataclass(frozen=True)
class Value:
    """A value of a program: its number, shape and element type."""

    number: int
    shape: tuple[int, ...]
    dtype: str

    @property
    def type(self) -> str:
        """Its type."""
        return str(Tensor(self.shape, self.dtype))


@dataclass
class Program:
    """A program as it grows."""

    lines: list[str] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)

    def define(self, text: str, shape: tuple[int, ...], dtype: str, before: str = "") -> None:
        """Adds a value, whose type the text calls RESULT, and a line before it, which may name it by NUMBER."""
        value = Value(len(self.values), shape, dtype)
        line = f"{before}\n%v{value.number} = " + text.replace("RESULT", value.type)
        self.lines.append(line.strip().replace("NUMBER", str(value.number)))
        self.values.append(value)


@st.composite
def programs(draw: st.DrawFn) -> Case:
    """A program of up to eight operations on tensors of up to three dimensions."""
    inputs: list[tuple[str, Array]] = []
    program = Program()
    for i in range(draw(st.integers(1, 2))):
        shape = tuple(draw(st.lists(st.integers(0, 5), max_size=3)))
        dtype = draw(st.sampled_from(["f32", "i32"]))
        seed = draw(st.integers(0, 99))
        array = np.random.default_rng(seed).integers(-9, 10, shape).astype(NUMPY[dtype])
        inputs.append((dtype, array / np.float32(4) if dtype == "f32" else array))
        program.define(f"stablehlo.reshape %a{i} : (RESULT) -> RESULT", shape, dtype)
    for _ in range(draw(st.integers(1, 8))):
        _operation(draw, draw(st.sampled_from(program.values)), program)
    last = program.values[-1]
    body = "\n".join([*program.lines, f"%r0 = stablehlo.reshape %v{last.number} : ({last.type}) -> {last.type}"])
    tolerance = Tolerance(ulp=64, absolute=1e-4) if last.dtype == "f32" else Tolerance()
    return make("program", body, inputs, [Tensor(last.shape, last.dtype)], tolerance=tolerance)


def _operation(draw: st.DrawFn, x: Value, program: Program) -> None:
    """Adds an operation on `x`, and perhaps on another value of its type."""
    kinds = ["unary", "binary", "select", "compare", "reshape", "convert"]
    if x.shape:
        kinds += ["transpose", "reverse", "slice", "pad", "concatenate", "reduce", "broadcast", "sort", "scan"]
    kind = draw(st.sampled_from(kinds))
    alike = draw(st.sampled_from([v for v in program.values if (v.shape, v.dtype) == (x.shape, x.dtype)]))
    axis = draw(st.integers(0, max(len(x.shape) - 1, 0)))
    a, b, type_ = f"%v{x.number}", f"%v{alike.number}", x.type
    scalar = f"tensor<{x.dtype}>"
    zero = f"%zNUMBER = stablehlo.constant dense<{'0.0' if x.dtype == 'f32' else '0'}> : {scalar}"
    if kind == "unary":
        program.define(f"stablehlo.{draw(st.sampled_from(_UNARY[x.dtype].split()))} {a} : RESULT", x.shape, x.dtype)
    elif kind == "binary":
        names = (_FLOAT if x.dtype == "f32" else _INTEGER).split()
        program.define(f"stablehlo.{draw(st.sampled_from(names))} {a}, {b} : RESULT", x.shape, x.dtype)
    elif kind in ("select", "compare"):
        flags = str(Tensor(x.shape, "i1"))
        order = "FLOAT" if x.dtype == "f32" else "SIGNED"
        compare = f"%cNUMBER = stablehlo.compare LT, {a}, {b}, {order} : ({type_}, {type_}) -> {flags}"
        if kind == "compare":
            program.define(f"stablehlo.convert %cNUMBER : ({flags}) -> RESULT", x.shape, x.dtype, compare)
        else:
            program.define(f"stablehlo.select %cNUMBER, {b}, {a} : {flags}, RESULT", x.shape, x.dtype, compare)
    elif kind == "reshape":
        count = int(np.prod(x.shape))
        shapes = [(count,), (1, count), (count, 1)] + [(n, count // n) for n in (2, 3) if count % n == 0]
        program.define(f"stablehlo.reshape {a} : ({type_}) -> RESULT", draw(st.sampled_from(shapes)), x.dtype)
    elif kind == "convert":
        bounded = f"stablehlo.convert {a} : ({type_}) -> RESULT"
        if x.dtype == "i32":
            program.define(bounded, x.shape, "f32")
    elif kind == "transpose":
        order = draw(st.permutations(range(len(x.shape))))
        program.define(
            f"stablehlo.transpose {a}, dims = {list(order)} : ({type_}) -> RESULT",
            tuple(x.shape[i] for i in order),
            x.dtype,
        )
    elif kind == "reverse":
        program.define(f"stablehlo.reverse {a}, dims = [{axis}] : RESULT", x.shape, x.dtype)
    elif kind == "slice":
        low = [draw(st.integers(0, n)) for n in x.shape]
        high = [draw(st.integers(start, n)) for start, n in zip(low, x.shape, strict=True)]
        step = [draw(st.integers(1, 2)) for _ in x.shape]
        ranges = ", ".join(f"{i}:{j}:{k}" for i, j, k in zip(low, high, step, strict=True))
        shape = tuple(-(-(j - i) // k) for i, j, k in zip(low, high, step, strict=True))
        program.define(f"stablehlo.slice {a} [{ranges}] : ({type_}) -> RESULT", shape, x.dtype)
    elif kind == "pad":
        low, high, inner = ([draw(st.integers(0, 2)) for _ in x.shape] for _ in range(3))
        shape = tuple(n + p + q + max(n - 1, 0) * r for n, p, q, r in zip(x.shape, low, high, inner, strict=True))
        program.define(
            f"stablehlo.pad {a}, %zNUMBER, low = {low}, high = {high}, interior = {inner} : ({type_}, {scalar}) -> RESULT",
            shape,
            x.dtype,
            zero.replace("0.0", "0.5"),
        )
    elif kind == "concatenate":
        shape = tuple(2 * n if i == axis else n for i, n in enumerate(x.shape))
        program.define(f"stablehlo.concatenate {a}, {b}, dim = {axis} : ({type_}, {type_}) -> RESULT", shape, x.dtype)
    elif kind == "reduce":
        shape = tuple(n for i, n in enumerate(x.shape) if i != axis)
        program.define(
            f"stablehlo.reduce({a} init: %zNUMBER) applies stablehlo.add across dimensions = [{axis}] : ({type_}, {scalar}) -> RESULT",
            shape,
            x.dtype,
            zero,
        )
    elif kind == "broadcast":
        dims = list(range(1, len(x.shape) + 1))
        if len(x.shape) < 3:
            program.define(
                f"stablehlo.broadcast_in_dim {a}, dims = {dims} : ({type_}) -> RESULT", (2, *x.shape), x.dtype
            )
    elif kind == "sort":
        order = "FLOAT" if x.dtype == "f32" else "SIGNED"
        program.define(
            f'"stablehlo.sort"({a}) <{{dimension = {axis} : i64, is_stable = true}}> ({{ ^bb0(%x: {scalar}, %y: {scalar}):\n'
            f" %c = stablehlo.compare LT, %x, %y, {order} : ({scalar}, {scalar}) -> tensor<i1>\n"
            f" stablehlo.return %c : tensor<i1> }}) : ({type_}) -> RESULT",
            x.shape, x.dtype,
        )  # fmt: skip
    elif kind == "scan" and x.shape[axis] > 1:
        n = x.shape[axis]
        window = [n if i == axis else 1 for i in range(len(x.shape))]
        padding = [[n - 1 if i == axis else 0, 0] for i in range(len(x.shape))]
        program.define(
            f'"stablehlo.reduce_window"({a}, %zNUMBER) <{{window_dimensions = array<i64: {str(window)[1:-1]}>, '
            f"padding = dense<{padding}> : tensor<{len(window)}x2xi64>}}> ({{ ^bb0(%x: {scalar}, %y: {scalar}):\n"
            f" %s = stablehlo.add %x, %y : {scalar}\n stablehlo.return %s : {scalar} }}) : ({type_}, {scalar}) -> RESULT",
            x.shape, x.dtype, zero,
        )  # fmt: skip


@settings(
    max_examples=PROGRAMS,
    deadline=None,
    database=None,
    derandomize="IREE_RANDOM_PROGRAMS" not in os.environ,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate, Phase.shrink],
)
@given(st.lists(programs(), min_size=TOGETHER, max_size=TOGETHER))
def test_random_programs(cases: list[Case]) -> None:
    wrong = [f"{v.problem}\n{v.case.function('main')}" for v in judge(cases) if v.problem is not None]
    assert not wrong, "\n".join(wrong)
