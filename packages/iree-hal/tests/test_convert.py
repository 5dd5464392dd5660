"""What is no array, as an input of a type that is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from iree.hal._convert import dtype_named, to_expected


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (3, "float32"), (True, "float32"), (0.7, "float16"), (2**200, "float64"), (1, "complex64"), (1j, "complex128"),
        ([1, 0, True], "bool"), ([[1, 2], [3, 4]], "int8"), (2**64 - 1, "uint64"), (-(2**63), "int64"), ([], "int32"),
        (np.float64(1.5), "float32"), (memoryview(np.arange(3.0)), "float32"), (range(3), "uint8"), ((), "bool"),
        ([-8, 7], "int4"), (1.5, "bfloat16"), ([1, 2], "float8_e5m2"),
    ],
)  # fmt: skip
def test_numbers_that_fit(value: Any, dtype: str) -> None:
    if dtype in ("int4", "bfloat16", "float8_e5m2"):
        pytest.importorskip("ml_dtypes")
    wanted = dtype_named(dtype)
    array = to_expected(value, wanted)
    expected = np.asarray(value).astype(wanted)
    assert array.dtype == wanted and array.shape == expected.shape and array.tobytes() == expected.tobytes()


@pytest.mark.parametrize(
    ("value", "dtype", "error", "message"),
    [
        ("1", "float32", TypeError, "<U1 does not become float32"),
        (["1", "2"], "int32", TypeError, "<U1 does not become int32"),
        ([1.5], "int64", TypeError, "float64 does not become int64"),
        (1.0, "bool", TypeError, "float64 does not become bool"),
        (1j, "float64", TypeError, "complex128 does not become float64"),
        ([1, None], "float32", TypeError, "NoneType is no number"),
        ({}, "float32", TypeError, "dict is no number"),
        (object(), "bool", TypeError, "object is no number"),
        (np.datetime64(1, "s"), "int64", TypeError, "datetime64.* does not become int64"),
        (2, "bool", OverflowError, "bool does not hold all values"),
        (300, "int8", OverflowError, "out of bounds"),
        (-1, "uint8", OverflowError, "out of bounds"),
        (2**63, "int64", OverflowError, "too large|too big"),
        (np.uint64(2**63), "int64", OverflowError, "int64 does not hold all values"),
        (memoryview(np.array([1, 300])), "int8", OverflowError, "int8 does not hold all values"),
        ([[1, 2], [3]], "float32", ValueError, "inhomogeneous"),
        (10**400, "float64", OverflowError, "too large"),
    ],
)
def test_what_would_change_is_refused(value: Any, dtype: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        to_expected(value, np.dtype(dtype))


def test_bytes_are_bytes() -> None:
    assert to_expected(b"12", np.dtype(np.float32)).dtype == np.uint8
