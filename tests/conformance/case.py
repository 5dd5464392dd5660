"""One conformance case: a small StableHLO function, its inputs and how near its results must be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Shape = tuple[int, ...]

NUMPY = {
    "i1": np.bool_, "i2": ml_dtypes.int2, "i4": ml_dtypes.int4, "i8": np.int8, "i16": np.int16, "i32": np.int32,
    "i64": np.int64, "ui2": ml_dtypes.uint2, "ui4": ml_dtypes.uint4, "ui8": np.uint8, "ui16": np.uint16,
    "ui32": np.uint32, "ui64": np.uint64, "f16": np.float16, "bf16": ml_dtypes.bfloat16, "f32": np.float32,
    "f64": np.float64, "f8E4M3FN": ml_dtypes.float8_e4m3fn, "f8E5M2": ml_dtypes.float8_e5m2,
    "f8E4M3FNUZ": ml_dtypes.float8_e4m3fnuz, "f8E5M2FNUZ": ml_dtypes.float8_e5m2fnuz,
    "f8E4M3B11FNUZ": ml_dtypes.float8_e4m3b11fnuz, "complex<f32>": np.complex64, "complex<f64>": np.complex128,
}  # fmt: skip
"""MLIR element type -> NumPy dtype."""

FLOATS = ("f32", "f64", "f16", "bf16")
COMPLEX = ("complex<f32>", "complex<f64>")
SIGNED = ("i8", "i16", "i32", "i64")
UNSIGNED = ("ui8", "ui16", "ui32", "ui64")
INTEGERS = SIGNED + UNSIGNED
NARROW = ("i2", "i4", "ui2", "ui4")
FLOAT8 = ("f8E4M3FN", "f8E5M2", "f8E4M3FNUZ", "f8E5M2FNUZ", "f8E4M3B11FNUZ")


@dataclass(frozen=True)
class Tensor:
    """A type: shape and element type; `dynamic` writes its sizes as ``?``."""

    shape: Shape
    dtype: str
    dynamic: bool = False

    def __str__(self) -> str:
        sizes = "".join(f"{'?' if self.dynamic else size}x" for size in self.shape)
        return f"tensor<{sizes}{self.dtype}>"


@dataclass(frozen=True)
class Tolerance:
    """A result `got` is right if ``|got - want| <= absolute + ulp * spacing(want)``; by default only if it is equal."""

    ulp: float = 0
    absolute: float = 0


EXACT = Tolerance()


@dataclass(frozen=True)
class Case:
    """A function to run.

    Attributes:
        op: The operation it is about, as the coverage table lists it.
        dtype: Element type that it is about.
        label: What is special about it.
        body: The function's text; its arguments are ``%a0``, ``%a1``, …; it ends with a return.
        arguments: Types of the arguments.
        results: Types of the results.
        inputs: Values of the arguments.
        tolerance: How near the results must be.
        reference: Computes the results with NumPy where the interpreter cannot run.
        prelude: Functions that the body calls.
        static: The same with known sizes, for the interpreter; None if this is it.
    """

    op: str
    dtype: str
    label: str
    body: str
    arguments: tuple[Tensor, ...]
    results: tuple[Tensor, ...]
    inputs: tuple[Array, ...]
    tolerance: Tolerance = EXACT
    reference: Callable[..., Sequence[Array]] | None = field(default=None, compare=False)
    prelude: str = ""
    static: Case | None = None

    @property
    def dynamic(self) -> bool:
        """Whether any size is only known at run time."""
        return any(t.dynamic for t in (*self.arguments, *self.results))

    @property
    def name(self) -> str:
        """For messages."""
        return f"{self.op}[{self.dtype}{', ' + self.label if self.label else ''}{', dynamic' if self.dynamic else ''}]"

    def function(self, symbol: str) -> str:
        """The function's text."""
        arguments = ", ".join(f"%a{i}: {t}" for i, t in enumerate(self.arguments))
        results = ", ".join(map(str, self.results))
        return f"func.func @{symbol}({arguments}) -> ({results}) {{\n{self.body}\n}}\n"


def make(
    op: str,
    body: str,
    inputs: Sequence[tuple[str, Any]],
    results: Sequence[Tensor],
    *,
    dtype: str | None = None,
    label: str = "",
    tolerance: Tolerance = EXACT,
    dynamic: bool = False,
    reference: Callable[..., Sequence[Array]] | None = None,
) -> Case:
    """A case whose body is given without its return: it defines ``%r0``, ``%r1`` and so on.

    In `body`, ``{a0}`` stands for the type of argument 0 and ``{r0}`` for that of result 0.

    Args:
        op: Operation.
        body: Text.
        inputs: Element type and value of each argument.
        results: Types of the results.
        dtype: By default that of the first argument, else of the first result.
        label: What is special.
        tolerance: How near.
        dynamic: Write every size of rank > 0 as ``?``.
        reference: See `Case`.
    """
    arrays = tuple(np.array(value, dtype=NUMPY[element]) for element, value in inputs)

    def build(unknown: bool, static: Case | None) -> Case:
        arguments = tuple(Tensor(a.shape, e, unknown) for a, (e, _) in zip(arrays, inputs, strict=True))
        outs = tuple(Tensor(t.shape, t.dtype, unknown) for t in results)
        text = body
        for letter, types in (("a", arguments), ("r", outs)):
            for i, type_ in enumerate(types):
                text = text.replace(f"{{{letter}{i}}}", str(type_))
        values = ", ".join(f"%r{i}" for i in range(len(outs)))
        text += f"\nreturn {values} : {', '.join(map(str, outs))}"
        about = dtype or (*arguments, *outs)[0].dtype
        return Case(op, about, label, text, arguments, outs, arrays, tolerance, reference, static=static)

    static = build(False, None)
    return build(True, static) if dynamic else static


def random(rng: np.random.Generator, shape: Shape, dtype: str, low: float = -4, high: float = 4) -> Array:
    """Random values of any dtype; integers from `low` to `high`."""
    if dtype == "i1":
        return rng.integers(0, 2, shape).astype(np.bool_)
    if dtype in COMPLEX:
        return (rng.uniform(low, high, shape) + 1j * rng.uniform(low, high, shape)).astype(NUMPY[dtype])
    if dtype.startswith("ui"):
        return rng.integers(0, max(int(high), 1) + 1, shape).astype(NUMPY[dtype])
    if dtype.startswith("i"):
        return rng.integers(int(low), int(high) + 1, shape).astype(NUMPY[dtype])
    return rng.uniform(low, high, shape).astype(NUMPY[dtype])


def integer_range(dtype: str) -> tuple[int, int]:
    """Smallest and largest value of an integer dtype."""
    bits = int(dtype.lstrip("ui"))
    return (0, 2**bits - 1) if dtype.startswith("u") else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def edges(dtype: str) -> Array:
    """Values where implementations go wrong: extremes, zeros of both signs, infinities, NaN, halves."""
    if dtype == "i1":
        return np.array([False, True])
    if dtype in COMPLEX:
        parts = np.array([0, 1, -1.5, 2.25, -0.25, 3])
        return (parts[:, None] + 1j * parts[None, :]).reshape(-1).astype(NUMPY[dtype])
    if dtype.lstrip("u").startswith("i"):
        low, high = integer_range(dtype)
        chosen = {low, low + 1, high, high - 1, high // 2, 0, 1, 2, 3, low // 2} | ({-1, -2, -3} if low else set())
        return np.array(sorted(v for v in chosen if low <= v <= high)).astype(NUMPY[dtype])
    info = ml_dtypes.finfo(NUMPY[dtype])
    values = [0.0, -0.0, 0.5, -0.5, 1, -1, 1.5, -1.5, 2.5, -2.5, 3.25, 7, -7.75, 0.1, -0.3, 20, -20, 88.5, -88.5]
    values += [float(info.max), float(info.min), float(info.smallest_normal), -float(info.smallest_normal)]
    values += [float("inf"), float("-inf"), float("nan")]
    with np.errstate(all="ignore"):
        return np.array(values).astype(NUMPY[dtype])
