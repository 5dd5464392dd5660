"""Floats of 8 and 16 bits and NaNs where f32 has no denormals and comparisons assume that there are no NaNs."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from iree import codegen
from iree.codegen.pipelines import context
from iree.codegen.spirv import portable
from iree.dialects.mlir import ir, make_context
from lanes import Array, Lanes  # type: ignore[import-not-found]

F8 = {
    "f8E4M3FN": ml_dtypes.float8_e4m3fn,
    "f8E5M2": ml_dtypes.float8_e5m2,
    "f8E4M3FNUZ": ml_dtypes.float8_e4m3fnuz,
    "f8E5M2FNUZ": ml_dtypes.float8_e5m2fnuz,
    "f8E4M3B11FNUZ": ml_dtypes.float8_e4m3b11fnuz,
}
TYPES: dict[str, Any] = {**F8, "bf16": ml_dtypes.bfloat16, "f16": np.float16, "f32": np.float32}
GROUP = 64
SPECIAL = np.array(
    [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0, 7.25, -100.0, 2.0**-120, 3e38, -3e38, np.inf, -np.inf, np.nan, -np.nan],
    np.float32,
)


def _run(body: str, types: list[str], *inputs: Array) -> Array:
    """The results of ``%r`` of a function of ``%0``, …; `types` are those of the operands and of the result."""
    size = inputs[0].size
    tensors = [f"tensor<{size}x{t}>" for t in types]
    arguments = ", ".join(f"%{i}: {t}" for i, t in enumerate(tensors[:-1]))
    text = f"func.func @main({arguments}) -> {tensors[-1]} {{\n{body}\nreturn %r : {tensors[-1]}\n}}"
    options = codegen.CompilerOptions(compile_to="flow", jobs=1)
    module = ir.Module.parse(codegen.compile_str(text, options=options), make_context())
    (executable,) = [op.operation for op in module.body.operations if op.operation.name == "flow.executable"]
    kernel = io.BytesIO()
    executable.regions[0].blocks[0].operations[0].operation.write_bytecode(kernel)
    stages: dict[str, str | bytes] = {}
    portable().compile_kernel(kernel.getvalue(), stages.__setitem__)
    result = np.zeros(size, TYPES[types[-1]])
    buffers = [_memory(x) for x in (*inputs, result)]
    with context(), ir.Location.unknown():
        scalar = ir.Module.parse(str(stages["6-arithmetic.mlir"]), context())
        Lanes(scalar, buffers, -(-size // GROUP) * GROUP, GROUP)
    return buffers[-1].view(np.uint8)[: result.nbytes].view(result.dtype)


def _memory(x: Array) -> Array:
    """A buffer: of f16 and f32 its elements, of others words."""
    if x.dtype in (np.float16, np.float32):
        return x.copy()
    return np.frombuffer(x.tobytes() + bytes(-x.nbytes % 4), np.uint32).copy()


def _patterns(type_: str) -> Array:
    """All values of a type; one more, so that each is computed by itself rather than four as a vector."""
    dtype = np.dtype(TYPES[type_])
    if dtype.itemsize == 1:
        return np.arange(257).astype(np.uint8).view(dtype)
    return np.arange((1 << 16) + 1).astype(np.uint16).view(dtype)


def _check(got: Array, want: Array, *, skip_denormals: bool = False) -> None:
    """Bits are equal but for those of NaNs, which are some NaN."""
    got, want = (np.asarray(x).astype(np.float32) for x in (got, want))
    nan = np.isnan(want)
    np.testing.assert_array_equal(np.isnan(got), nan)
    kept = ~nan
    if skip_denormals:
        kept &= (want == 0) | (np.abs(want) >= np.finfo(np.float32).tiny)
    np.testing.assert_array_equal(got[kept].view(np.uint32), want[kept].view(np.uint32))


CONVERSIONS = [
    *((name, "f32") for name in F8),
    *(("bf16", name) for name in F8),
    *itertools.combinations(("f8E5M2", "f8E4M3FN", "bf16"), 2),
    *(("f8E5M2", "f16"), ("f16", "f8E5M2"), ("bf16", "f32"), ("f16", "f32"), ("f32", "bf16")),
]


@pytest.mark.parametrize("pair", CONVERSIONS, ids="-".join)
def test_conversions_are_right_for_every_value(pair: tuple[str, str]) -> None:
    source, target = pair
    values = _patterns("bf16" if source == "f32" else source).astype(TYPES[source])
    if source == "f32":
        values = (values.view(np.uint32) + np.uint32(0x8000)).view(np.float32)  # halves, of denormals too
    size = values.size
    got = _run(f"%r = stablehlo.convert %0 : (tensor<{size}x{source}>) -> tensor<{size}x{target}>", list(pair), values)
    with np.errstate(all="ignore"):
        _check(got, values.astype(np.float32).astype(TYPES[target]))


UNARY: dict[str, Callable[[Array], Array]] = {
    "abs": np.abs,
    "negate": np.negative,
    "sqrt": np.sqrt,
    "rsqrt": lambda x: 1 / np.sqrt(x),
    "ceil": np.ceil,
    "floor": np.floor,
    "round_nearest_even": np.rint,
    "sign": lambda x: np.where(x == 0, x, np.sign(x)),
}
BINARY: dict[str, Callable[[Array, Array], Array]] = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.divide,
    "maximum": lambda a, b: np.where((a == 0) & (b == 0), a + b, np.maximum(a, b)),
    "minimum": lambda a, b: np.where((a == 0) & (b == 0), -(-a - b), np.minimum(a, b)),
}


@pytest.mark.parametrize(
    ("name", "type_"),
    [*((name, "bf16") for name in UNARY | BINARY), *((name, "f8E4M3FN") for name in ("sqrt", "floor", *BINARY))],
)
def test_elementwise_operations_keep_nans_and_denormals(name: str, type_: str) -> None:
    moves = name in ("abs", "negate")
    values = SPECIAL.astype(TYPES[type_]) if type_ == "bf16" and not moves else _patterns(type_)[:: 1 if moves else 5]
    operands, function = [values], UNARY.get(name)
    if function is None:
        operands, function = [x.reshape(-1) for x in np.meshgrid(values, values)], BINARY[name]
    names = ", ".join(f"%{i}" for i in range(len(operands)))
    got = _run(
        f"%r = stablehlo.{name} {names} : tensor<{operands[0].size}x{type_}>",
        [type_] * (len(operands) + 1),
        *operands,
    )
    with np.errstate(all="ignore"):
        want = function(*(x.astype(np.float32) for x in operands)).astype(values.dtype)
    _check(got, want, skip_denormals=not moves)


FUNCTIONS: dict[str, Callable[[Array], Array]] = {
    "exponential": np.exp,
    "exponential_minus_one": np.expm1,
    "log_plus_one": np.log1p,
    "logistic": lambda x: 1 / (1 + np.exp(-x)),
    "tanh": np.tanh,
}


@pytest.mark.parametrize("type_", ["f32", "f16", "bf16"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_keep_nans(name: str, type_: str) -> None:
    values = np.append(SPECIAL[np.abs(SPECIAL) < 20], [np.nan, np.float32(1.5e-38)]).astype(TYPES[type_])
    got = _run(f"%r = stablehlo.{name} %0 : tensor<{values.size}x{type_}>", [type_] * 2, values).astype("f4")
    with np.errstate(all="ignore"):
        want = FUNCTIONS[name](values.astype("f8"))
    np.testing.assert_array_equal(np.isnan(got), np.isnan(want))
    np.testing.assert_allclose(got, want, rtol={"f32": 2e-6, "f16": 2e-3, "bf16": 1e-2}[type_])


@pytest.mark.parametrize("type_", ["f32", "bf16"])
def test_powers_of_nans_are_1_or_nan(type_: str) -> None:
    values = np.array([0, -0.0, 1, -1, 2, 0.5, np.inf, -np.inf, np.nan], np.float32).astype(TYPES[type_])
    bases, exponents = (x.reshape(-1) for x in np.meshgrid(values, values))
    got = _run(f"%r = stablehlo.power %0, %1 : tensor<{bases.size}x{type_}>", [type_] * 3, bases, exponents)
    with np.errstate(all="ignore"):
        want = np.power(bases.astype("f8"), exponents.astype("f8"))
    np.testing.assert_allclose(got.astype("f4"), want, rtol=1e-2)
