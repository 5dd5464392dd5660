"""The errors that docs/accuracy.md promises."""

import re

import pytest
from conformance import accuracy


@pytest.mark.parametrize("dtype", accuracy.DTYPES)
def test_errors(dtype: str) -> None:
    measured = accuracy.measure(dtype)
    limits = {function.name: accuracy.limit(function, dtype) + function.slack for function in accuracy.FUNCTIONS}
    assert {name: error for name, error in measured.items() if error > limits[name]} == {}


def test_the_table_promises_what_is_checked() -> None:
    assert re.sub(r" \(\d+\.\d+\)", "", accuracy.OUTPUT.read_text()) == accuracy.table(None)
