# ruff: noqa: E501 - one case per line reads best
"""gather, scatter, sort, top_k."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
from conformance.case import FLOATS, INTEGERS, Array, Case, Tensor, edges, make, random

RNG = np.random.default_rng(5)


def cases() -> Iterator[Case]:
    """All of them."""
    for dtype in ("f32", "f64", "i8", "ui32", "i1", "complex<f32>", "bf16"):
        yield from _gathers(dtype)
    for dtype in ("f32", "i32", "ui8", "f16", "i64"):
        yield from _scatters(dtype)
    for dtype in (*FLOATS, *INTEGERS):
        yield from _sorts(dtype)
    yield from _top_k()


def _gathers(dtype: str) -> Iterator[Case]:
    table = [
        (
            (16, 8),
            np.array([[3], [15], [-1], [99], [0]]),
            (5, 8),
            "offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1",
            (1, 8),
        ),
        (
            (16, 8),
            np.array([3, 15, 0, 7]),
            (4, 2, 8),
            "offset_dims = [1, 2], start_index_map = [0], index_vector_dim = 1",
            (2, 8),
        ),
        (
            (5, 6, 7),
            np.array([[1, 2], [4, 9], [0, 0]]),
            (3, 2, 3),
            "offset_dims = [1, 2], collapsed_slice_dims = [0], start_index_map = [0, 2], index_vector_dim = 1",
            (1, 2, 3),
        ),
        (
            (3, 16, 8),
            RNG.integers(-2, 20, (3, 5, 1)),
            (3, 5, 8),
            "offset_dims = [2], collapsed_slice_dims = [1], operand_batching_dims = [0], start_indices_batching_dims = [0], start_index_map = [1], index_vector_dim = 2",
            (1, 1, 8),
        ),
        (
            (9,),
            np.array([[2, 7], [8, 0]]),
            (2, 2),
            "collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 2",
            (1,),
        ),
        (
            (4, 3),
            np.zeros((0, 1), int),
            (0, 3),
            "offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1",
            (1, 3),
        ),
    ]
    for shape, at, out, numbers, sizes in table:
        x = random(RNG, shape, dtype)
        for index in ("i32", "i64", "ui8") if dtype == "f32" else ("i32",):
            where = np.clip(at, 0, None) if index == "ui8" else at
            body = f'%r0 = "stablehlo.gather"(%a0, %a1) <{{dimension_numbers = #stablehlo.gather<{numbers}>, slice_sizes = array<i64: {str(sizes)[1:-1].rstrip(",")}>, indices_are_sorted = false}}> : ({{a0}}, {{a1}}) -> {{r0}}'
            yield make(
                "gather",
                body,
                [(dtype, x), (index, where)],
                [Tensor(out, dtype)],
                label=f"{shape} at {index} {at.shape}",
            )
            body = f'%s = stablehlo.constant dense<{list(sizes)}> : tensor<{len(sizes)}xi32>\n%r0 = "stablehlo.dynamic_gather"(%a0, %a1, %s) <{{dimension_numbers = #stablehlo.gather<{numbers}>, indices_are_sorted = false}}> : ({{a0}}, {{a1}}, tensor<{len(sizes)}xi32>) -> {{r0}}'
            for dynamic in (False, True):
                yield make(
                    "dynamic_gather",
                    body,
                    [(dtype, x), (index, where)],
                    [Tensor(out, dtype)],
                    label=f"{shape} at {index} {at.shape}",
                    dynamic=dynamic,
                )
            if dtype != "f32":
                continue
            body = f'%r0 = "stablehlo.dynamic_gather"(%a0, %a1, %a2) <{{dimension_numbers = #stablehlo.gather<{numbers}>, indices_are_sorted = false}}> : ({{a0}}, {{a1}}, tensor<{len(sizes)}xi32>) -> {{r0}}'
            yield _sizes_given(
                body,
                [(dtype, x), (index, where), ("i32", np.array(sizes))],
                out,
                f"{shape} at {index} {at.shape} sizes given",
            )
    table_, rows = random(RNG, (6, 4), dtype), np.array([5, 0, 3])
    yield make(
        "torch_index_select",
        '%r0 = "stablehlo.torch_index_select"(%a0, %a1) <{dim = 0 : i64, batch_dims = 0 : i64}> : ({a0}, {a1}) -> {r0}',
        [(dtype, table_), ("i32", rows)],
        [Tensor((3, 4), dtype)],
        reference=lambda a, i: [a[i]],
    )


def _sizes_given(body: str, inputs: list[tuple[str, Array]], out: tuple[int, ...], label: str) -> Case:
    """A gather of slices whose sizes are an argument; the interpreter gets their values."""
    case = make("dynamic_gather", body, inputs, [Tensor(out, inputs[0][0])], label=label, dynamic=True)
    sizes = case.arguments[2]
    return dataclasses.replace(case, arguments=(*case.arguments[:2], dataclasses.replace(sizes, dynamic=False)))


def _scatters(dtype: str) -> Iterator[Case]:
    table = [
        (
            (16, 8),
            np.array([[3], [15], [-1], [3], [16]]),
            (5, 8),
            "update_window_dims = [1], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1",
        ),
        (
            (6, 7),
            np.array([[1, 2], [5, 6], [0, 0], [1, 2]]),
            (4,),
            "inserted_window_dims = [0, 1], scatter_dims_to_operand_dims = [0, 1], index_vector_dim = 1",
        ),
        (
            (6, 7),
            np.array([[1, 2], [5, 6], [-1, 3]]),
            (3, 2, 3),
            "update_window_dims = [1, 2], scatter_dims_to_operand_dims = [0, 1], index_vector_dim = 1",
        ),
        (
            (3, 9, 2),
            RNG.integers(-1, 11, (3, 5, 1)),
            (3, 5, 2),
            "update_window_dims = [2], inserted_window_dims = [1], input_batching_dims = [0], scatter_indices_batching_dims = [0], scatter_dims_to_operand_dims = [1], index_vector_dim = 2",
        ),
        (
            (5,),
            np.array([4, 1, 1]),
            (3,),
            "inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1",
        ),
        (
            (4, 4),
            np.array([2]),
            (2, 4),
            "update_window_dims = [0, 1], scatter_dims_to_operand_dims = [0], index_vector_dim = 0",
        ),
        (
            (4, 3),
            np.zeros((0, 1), int),
            (0, 3),
            "update_window_dims = [1], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1",
        ),
    ]
    for op in ("add", "maximum", "multiply", "return"):
        for shape, at, updates, numbers in table:
            x, u = random(RNG, shape, dtype, 0, 5), random(RNG, updates, dtype, 0, 3)
            combine = "" if op == "return" else f"%c = stablehlo.{op} %x, %y : tensor<{dtype}>\n"
            body = f"""%r0 = "stablehlo.scatter"(%a0, %a1, %a2) <{{scatter_dimension_numbers = #stablehlo.scatter<{numbers}>}}> ({{
 ^bb0(%x: tensor<{dtype}>, %y: tensor<{dtype}>): {combine}stablehlo.return {"%y" if op == "return" else "%c"} : tensor<{dtype}> }}) : ({{a0}}, {{a1}}, {{a2}}) -> {{r0}}"""
            for dynamic in (False, True):
                yield make(
                    "scatter",
                    body,
                    [(dtype, x), ("i32", at), (dtype, u)],
                    [Tensor(shape, dtype)],
                    label=f"{op} {shape} at {at.shape}",
                    dynamic=dynamic,
                )


_SORT = """%r0 = "stablehlo.sort"(%a0) <{dimension = DIM : i64, is_stable = true}> ({ ^bb0(%x: tensor<T>, %y: tensor<T>):
 %c = stablehlo.compare DIR, %x, %y, KIND : (tensor<T>, tensor<T>) -> tensor<i1>
 stablehlo.return %c : tensor<i1> }) : ({a0}) -> {r0}"""
_SORT2 = """%r0, %r1 = "stablehlo.sort"(%a0, %a1) <{dimension = DIM : i64, is_stable = true}> ({ ^bb0(%x: tensor<T>, %y: tensor<T>, %i: tensor<i32>, %j: tensor<i32>):
 %c = stablehlo.compare DIR, %x, %y, KIND : (tensor<T>, tensor<T>) -> tensor<i1>
 stablehlo.return %c : tensor<i1> }) : ({a0}, {a1}) -> ({r0}, {r1})"""


def _sorts(dtype: str) -> Iterator[Case]:
    kind = "TOTALORDER" if dtype in FLOATS else ("UNSIGNED" if dtype[0] == "u" else "SIGNED")

    def text(body: str, dim: int, direction: str, kind: str = kind) -> str:
        return body.replace("T>", dtype + ">").replace("DIM", str(dim)).replace("DIR", direction).replace("KIND", kind)

    for shape, dim in (
        ((13,), 0),
        ((4, 9), 1),
        ((4, 9), 0),
        ((2, 5, 3), 1),
        ((1,), 0),
        ((0,), 0),
        ((3, 0), 0),
        ((2,), 0),
        ((100,), 0),
    ):
        x = random(RNG, shape, dtype, -5, 5)
        plain = "FLOAT" if dtype in FLOATS else kind
        for direction in ("LT", "GT"):
            for dynamic in (False, True):
                yield make(
                    "sort",
                    text(_SORT, dim, direction, plain),
                    [(dtype, x)],
                    [Tensor(shape, dtype)],
                    label=f"{direction} {shape} {dim}",
                    dynamic=dynamic,
                )
    values = edges(dtype)
    i = np.arange(len(values))
    if dtype in FLOATS:

        def reference(x: Array, j: Array) -> list[Array]:
            bits = x.view(f"i{x.itemsize}")
            order = np.argsort(np.where(bits < 0, bits ^ np.iinfo(bits.dtype).max, bits), kind="stable")
            return [x[order], j[order]]

        yield make(
            "sort",
            text(_SORT2, 0, "LT"),
            [(dtype, values), ("i32", i)],
            [Tensor(values.shape, dtype), Tensor(values.shape, "i32")],
            label="pairs, total order",
            reference=reference,
        )
    few = random(RNG, (40,), dtype, 0, 3)
    few = np.round(few.astype(np.float64)).astype(few.dtype)
    yield make(
        "sort",
        text(_SORT2, 0, "GT", "FLOAT" if dtype in FLOATS else kind),
        [(dtype, few), ("i32", np.arange(40))],
        [Tensor((40,), dtype), Tensor((40,), "i32")],
        label="stable pairs",
    )


def _top_k() -> Iterator[Case]:
    for dtype in ("f32", "f64", "f16", "i32", "ui8", "i64"):
        for shape, k in (((16,), 3), ((4, 9), 4), ((2, 3, 5), 5), ((7,), 1), ((300,), 10)):
            x = random(RNG, shape, dtype, 0, 9)

            def reference(a: Array, k: int = k) -> list[Array]:
                order = np.argsort(-a.astype(np.float64), axis=-1, kind="stable")[..., :k]
                return [np.take_along_axis(a, order, -1), order.astype(np.int32)]

            out = (*shape[:-1], k)
            body = f"%r0, %r1 = chlo.top_k(%a0, k = {k}) : {{a0}} -> ({{r0}}, {{r1}})"
            yield make(
                "chlo.top_k",
                body,
                [(dtype, x)],
                [Tensor(out, dtype), Tensor(out, "i32")],
                label=f"{shape} {k}",
                reference=reference,
            )
