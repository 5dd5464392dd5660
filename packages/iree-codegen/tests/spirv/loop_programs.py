"""Programs whose kernels are loops over single elements: sorts, scatters, scans, decompositions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from gpu_programs import Program, _function, _random  # type: ignore[import-not-found]
from numpy.typing import NDArray

Array = NDArray[Any]


def _ints(low: int, high: int, *shape: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).integers(low, high, shape).astype("i4")


def _sort(shape: str, dimension: int, *dtypes: str, direction: str = "LT") -> str:
    """By the first operand, which the others follow."""
    types = [f"tensor<{shape}{dtype}>" for dtype in dtypes]
    scalars = [f"%{side}{i}: tensor<{dtype}>" for i, dtype in enumerate(dtypes) for side in "xy"]
    names = ", ".join(f"%a{i}" for i in range(len(dtypes)))
    first = f"tensor<{dtypes[0]}>"
    signature = f"({', '.join(types)})"
    results = ", ".join(f"%r#{i}" for i in range(len(dtypes)))
    return (
        f"func.func @main({', '.join(f'%a{i}: {t}' for i, t in enumerate(types))}) -> {signature} {{\n"
        f'%r:{len(dtypes)} = "stablehlo.sort"({names}) ({{\n^bb0({", ".join(scalars)}):\n'
        f"%c = stablehlo.compare {direction}, %x0, %y0 : ({first}, {first}) -> tensor<i1>\n"
        f"stablehlo.return %c : tensor<i1>\n}}) {{dimension = {dimension} : i64, is_stable = true}} "
        f": {signature} -> {signature}\nreturn {results} : {', '.join(types)}\n}}"
    )


def _sorted(a: Array, *others: Array) -> Sequence[Array]:
    order = np.argsort(a, 1, kind="stable")
    return [np.take_along_axis(x, order, 1) for x in (a, *others)]


def _scatter(target: str, updates: str, dtype: str, body: str, windows: str) -> str:
    t, u = f"tensor<{target}x{dtype}>", f"tensor<{updates}x{dtype}>"
    indices = f"tensor<{updates.split('x', maxsplit=1)[0]}x1xi32>"
    return (
        f"func.func @main(%a: {t}, %i: {indices}, %u: {u}) -> {t} {{\n"
        f'%0 = "stablehlo.scatter"(%a, %i, %u) ({{\n^bb0(%x: tensor<{dtype}>, %y: tensor<{dtype}>):\n{body}'
        f"stablehlo.return %z : tensor<{dtype}>\n}}) {{scatter_dimension_numbers = #stablehlo.scatter<{windows}"
        "inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>} "
        f": ({t}, {indices}, {u}) -> {t}\nreturn %0 : {t}\n}}"
    )


def _scattered(operation: Any) -> Any:
    def apply(a: Array, indices: Array, updates: Array) -> Array:
        out = a.copy()
        for (i,), update in zip(indices, updates, strict=True):
            if 0 <= i < len(out):
                out[i] = operation(out[i], update)
        return out

    return apply


def _scan(shape: Sequence[int], axis: int, *, reverse: bool = False, dtype: str = "f32") -> str:
    text, n = "x".join(map(str, shape)), shape[axis]
    t, window = f"tensor<{text}x{dtype}>", [n if i == axis else 1 for i in range(len(shape))]
    around = [[0, n - 1] if reverse else [n - 1, 0] if i == axis else [0, 0] for i in range(len(shape))]
    around = [pair if i == axis else [0, 0] for i, pair in enumerate(around)]
    zero = "0.0" if dtype.startswith("f") else "0"
    return (
        f"func.func @main(%a: {t}) -> {t} {{\n"
        f"%z = stablehlo.constant dense<{zero}> : tensor<{dtype}>\n"
        f'%0 = "stablehlo.reduce_window"(%a, %z) ({{\n^bb0(%x: tensor<{dtype}>, %y: tensor<{dtype}>):\n'
        f"%s = stablehlo.add %x, %y : tensor<{dtype}>\nstablehlo.return %s : tensor<{dtype}>\n}}) "
        f"{{window_dimensions = array<i64: {', '.join(map(str, window))}>, "
        f"padding = dense<{around}> : tensor<{len(shape)}x2xi64>}} : ({t}, tensor<{dtype}>) -> {t}\nreturn %0 : {t}\n}}"
    )


def _positive(n: int) -> Array:
    a = _random(2, n, n)
    return np.asarray(a @ a.transpose(0, 2, 1) + n * np.eye(n, dtype="f4"))


_ADD = "%z = stablehlo.add %x, %y : tensor<{}>\n"
_DIFFER = (
    "%h = stablehlo.constant dense<0.5> : tensor<f32>\n%p = stablehlo.multiply %h, %x : tensor<f32>\n"
    "%z = stablehlo.subtract %p, %y : tensor<f32>\n"
)
_KEYS = _ints(0, 40, 3, 3000).astype("f4")
LOOP_PROGRAMS = [
    Program("sort", _sort("3x300x", 1, "f32"), (_random(3, 300),), lambda a: np.sort(a, 1), 0),
    Program("sort long", _sort("3x3000x", 1, "f32"), (_random(3, 3000),), lambda a: np.sort(a, 1), 0),
    Program(
        "sort by keys",
        _sort("3x700x", 1, "f32", "i8"),
        (_KEYS[:, :700], _ints(-99, 99, 3, 700).astype("i1")),
        lambda *a: _sorted(*a)[1],
        0,
    ),
    Program(
        "sort dynamic", _sort("?x?x", 1, "f32", "i32"), (_KEYS, _ints(0, 9999, 3, 3000)), lambda *a: _sorted(*a)[1], 0
    ),
    Program(
        "scatter rows",
        _scatter("30x8", "200x8", "f32", _ADD.format("f32"), "update_window_dims = [1], "),
        (_random(30, 8), _ints(-3, 33, 200, 1), _random(200, 8)),
        _scattered(np.add),
        0,
    ),
    Program(
        "scatter many rows",  # by several workgroups; updates of an element cannot be exchanged
        _scatter("90x40", "1500x40", "f32", _DIFFER, "update_window_dims = [1], "),
        (_random(90, 40), _ints(-3, 93, 1500, 1), _random(1500, 40)),
        _scattered(lambda old, update: np.float32(0.5) * old - update),
        0,
    ),
    Program(
        "scatter in order",  # more than a tile, and more updates of a workgroup's elements than it lists at a time
        _scatter("300", "33000", "f32", _DIFFER, ""),
        (_random(300), np.sort(_ints(0, 300, 33000, 1), 0), _random(33000)),
        _scattered(lambda old, update: np.float32(0.5) * old - update),
        0,
    ),
    Program(
        "scatter the last",
        _scatter("50", "999", "i32", "%z = stablehlo.add %y, %y : tensor<i32>\n", ""),
        (_ints(0, 9, 50), _ints(-3, 53, 999, 1), _ints(-99, 99, 999)),
        _scattered(lambda _, update: 2 * update),
        0,
    ),
    Program(
        "scatter atomically",
        _scatter("50", "999", "i32", _ADD.format("i32"), ""),
        (_ints(0, 9, 50), _ints(-3, 53, 999, 1), _ints(-99, 99, 999)),
        _scattered(np.add),
        0,
    ),
    Program("scan", _scan((3, 1300), 1), (_random(3, 1300),), lambda a: np.cumsum(a.astype("f8"), 1), 1e-4),
    Program(
        "scan back",
        _scan((2, 700), 1, reverse=True, dtype="i32"),
        (_ints(-99, 99, 2, 700),),
        lambda a: np.cumsum(a[:, ::-1], 1)[:, ::-1],
        0,
    ),
    Program("scan in tiles", _scan((2, 20001), 1), (_random(2, 20001),), lambda a: np.cumsum(a.astype("f8"), 1), 1e-3),
    Program(
        "scan back in tiles",
        _scan((16385,), 0, reverse=True, dtype="i32"),
        (_ints(-99, 99, 16385),),
        lambda a: np.cumsum(a[::-1])[::-1],
        0,
    ),
    Program("scan columns", _scan((2, 50, 7), 1), (_random(2, 50, 7),), lambda a: np.cumsum(a.astype("f8"), 1), 1e-4),
    Program(
        "cholesky",
        _function(
            "%a: tensor<2x20x20xf32>",
            "tensor<2x20x20xf32>",
            "%0 = stablehlo.cholesky %a, lower = true : tensor<2x20x20xf32>",
        ),
        (_positive(20),),
        np.linalg.cholesky,
        1e-4,
    ),
]
