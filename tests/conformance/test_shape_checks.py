"""Sizes that only the run knows and that do not fit: an error that names the operation and the dimension, never a
number.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from iree import codegen, vm

X = np.arange(8, dtype=np.float32)


def _i(*values: int) -> Any:
    return np.array(values, np.int32)


VECTOR, MATRIX, SHAPE1, SHAPE2 = "tensor<?xf32>", "tensor<?x?xf32>", "tensor<1xi32>", "tensor<2xi32>"
A = np.ones((3, 4), np.float32)
# Name: types of arguments and of the result, the operation, inputs that fit, and others with what is wrong with them.
CASES: dict[str, tuple[list[str], str, str, list[Any], list[tuple[list[Any], str]]]] = {
    "add": (
        [VECTOR, VECTOR], VECTOR, "stablehlo.add %a0, %a1 : {r}", [X, X],
        [([X, X[:5]], "dimension 0 of operand 0 and dimension 0 of operand 1 differ"), ([X, X[:1]], "differ in size")],
    ),
    "select": (
        ["tensor<?xi1>", VECTOR, VECTOR], VECTOR, "stablehlo.select %a0, %a1, %a2 : {0}, {1}", [X > 3, X, X],
        [([X[:4] > 3, X, X], "operand 0 and .* operand 1"), ([X > 3, X, X[:7]], "operand 0 and .* operand 2")],
    ),
    "convert to a known size": (
        [VECTOR], "tensor<8xf32>", "stablehlo.abs %a0 : ({0}) -> {r}", [X],
        [([X[:7]], "dimension 0 of operand 0 is not 8")],
    ),
    "concatenate": (
        [MATRIX, MATRIX], MATRIX, "stablehlo.concatenate %a0, %a1, dim = 1 : ({0}, {1}) -> {r}", [A, A],
        [([A, A[:2]], "dimension 0 of operand 0 and dimension 0 of operand 1 differ")],
    ),
    "dot": (
        [MATRIX, MATRIX], MATRIX, "stablehlo.dot_general %a0, %a1, contracting_dims = [1] x [0] : ({0}, {1}) -> {r}",
        [A, A.T], [([A, A], "dimension 1 of operand 0 and dimension 0 of operand 1 differ")],
    ),
    "slice": (
        [VECTOR], "tensor<4xf32>", "stablehlo.slice %a0 [2:6] : ({0}) -> {r}", [X], [([X[:5]], "limit 0 is larger")],
    ),
    "dynamic_slice": (
        [VECTOR, "tensor<i32>"], "tensor<4xf32>", "stablehlo.dynamic_slice %a0, %a1, sizes = [4] : ({0}, {1}) -> {r}",
        [X, np.int32(9)], [([X[:3], np.int32(0)], "the slice's size 0 is larger")],
    ),
    "dynamic_update_slice": (
        [VECTOR, VECTOR, "tensor<i32>"], VECTOR,
        "stablehlo.dynamic_update_slice %a0, %a1, %a2 : ({0}, {1}, {2}) -> {r}", [X, X[:3], np.int32(2)],
        [([X[:3], X, np.int32(0)], "the update's size 0 is larger")],
    ),
    "real_dynamic_slice": (
        [VECTOR, SHAPE1, SHAPE1, SHAPE1], VECTOR,
        "stablehlo.real_dynamic_slice %a0, %a1, %a2, %a3 : ({0}, {1}, {2}, {3}) -> {r}", [X, _i(0), _i(8), _i(3)],
        [
            ([X, _i(-1), _i(5), _i(1)], "start 0 is negative"), ([X, _i(0), _i(9), _i(1)], "limit 0 is larger"),
            ([X, _i(5), _i(3), _i(1)], "behind its limit"), ([X, _i(0), _i(8), _i(0)], "stride 0 is not positive"),
        ],
    ),
    "dynamic_reshape": (
        [VECTOR, SHAPE2], MATRIX, "stablehlo.dynamic_reshape %a0, %a1 : ({0}, {1}) -> {r}", [X, _i(2, 4)],
        [
            ([X, _i(3, 3)], "not as many elements"), ([X, _i(1, 7)], "not as many elements"),
            ([X, _i(-2, -4)], "size 0 is negative"),
        ],
    ),
    "reshape": (
        [VECTOR], "tensor<2x4xf32>", "stablehlo.reshape %a0 : ({0}) -> {r}", [X], [([X[:7]], "not as many elements")],
    ),
    "dynamic_broadcast_in_dim": (
        [VECTOR, SHAPE2], MATRIX, "stablehlo.dynamic_broadcast_in_dim %a0, %a1, dims = [1] : ({0}, {1}) -> {r}",
        [X[:1], _i(2, 9)],
        [([X, _i(2, 9)], "dimension 0 of operand 0 is neither 1 nor"), ([X, _i(-1, 8)], "size 0 is negative")],
    ),
    "broadcast_in_dim": (
        [VECTOR], "tensor<2x8xf32>", "stablehlo.broadcast_in_dim %a0, dims = [1] : ({0}) -> {r}", [X],
        [([X[:3]], "neither 1 nor of the size of dimension 1")],
    ),
    "dynamic_iota": (
        [SHAPE1], VECTOR, "stablehlo.dynamic_iota %a0, dim = 0 : ({0}) -> {r}", [_i(3)], [([_i(-1)], "negative")],
    ),
    "dynamic_pad": (
        [VECTOR, "tensor<f32>", SHAPE1, SHAPE1, SHAPE1], VECTOR,
        "stablehlo.dynamic_pad %a0, %a1, %a2, %a3, %a4 : ({0}, {1}, {2}, {3}, {4}) -> {r}",
        [X, np.float32(0), _i(-20), _i(20), _i(1)], [([X, np.float32(0), _i(0), _i(0), _i(-1)], "interior padding 0")],
    ),
    "set_dimension_size": (
        ["tensor<8xf32>", "tensor<i32>"], "tensor<?xf32, #stablehlo.bounds<8>>",
        "stablehlo.set_dimension_size %a0, %a1, dim = 0 : ({0}, {1}) -> {r}", [X, np.int32(8)],
        [([X, np.int32(9)], "larger than dimension 0"), ([X, np.int32(-1)], "negative")],
    ),
    "transpose": (
        [MATRIX], "tensor<4x3xf32>", "stablehlo.transpose %a0, dims = [1, 0] : ({0}) -> {r}", [A],
        [([A.T], "dimension [01] of operand 0 is not [34]")],
    ),
    "gather": (
        [MATRIX, "tensor<2x1xi32>"], "tensor<2x3xf32>",
        '"stablehlo.gather"(%a0, %a1) <{{dimension_numbers = #stablehlo.gather<offset_dims = [1], '
        "collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, "
        "slice_sizes = array<i64: 1, 3>}}> : ({0}, {1}) -> {r}",
        [A, _i(0, 2)[:, None]],
        [([A[:, :2], _i(0, 1)[:, None]], "slice size 1 is larger"), ([A[:0], _i(0, 1)[:, None]], "slice size 0")],
    ),
    "top_k": (
        [VECTOR], "tensor<3xf32>", "chlo.top_k(%a0, k = 3) : {0} -> ({r}, tensor<3xi32>)", [X],
        [([X[:2]], "k is larger")],
    ),
    "convolution": (
        ["tensor<1x?x?xf32>", "tensor<3x4x2xf32>"], "tensor<1x?x2xf32>",
        "stablehlo.convolution(%a0, %a1) dim_numbers = [b, 0, f]x[0, i, o]->[b, 0, f], window = {{}} "
        "{{batch_group_count = 1 : i64, feature_group_count = 1 : i64}} : ({0}, {1}) -> {r}",
        [np.ones((1, 5, 4), np.float32), np.ones((3, 4, 2), np.float32)],
        [([np.ones((1, 5, 3), np.float32), np.ones((3, 4, 2), np.float32)], "not as many features")],
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def module() -> Any:
    """All cases in one."""
    text = ""
    for number, (arguments, result, body, *_) in enumerate(CASES.values()):
        name = "%r:2" if "top_k" in body else "%r"
        value = "%r#0" if "top_k" in body else "%r"
        takes = ", ".join(f"%a{i}: {type_}" for i, type_ in enumerate(arguments))
        operation = body.format(*arguments, r=result)
        text += f"func.func @f{number}({takes}) -> {result} {{\n{name} = {operation}\nreturn {value} : {result} }}\n"
    return vm.load(codegen.compile_str(text))


@pytest.mark.parametrize("name", CASES)
def test_sizes_that_do_not_fit(module: Any, name: str) -> None:
    *_, good, wrong = CASES[name]
    function = module[f"f{list(CASES).index(name)}"]
    np.asarray(function(*good))
    for bad, message in wrong:
        with pytest.raises(vm.Error, match=message) as error:
            function(*bad)
        assert "-:" in str(error.value)  # where
