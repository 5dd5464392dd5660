"""The errors that docs/accuracy.md promises."""

import re

import numpy as np
import pytest
from conformance import accuracy
from iree import codegen, vm


@pytest.mark.parametrize("dtype", accuracy.DTYPES)
def test_errors(dtype: str) -> None:
    measured = accuracy.measure(dtype)
    limits = {function.name: accuracy.limit(function, dtype) + function.slack for function in accuracy.FUNCTIONS}
    assert {name: error for name, error in measured.items() if error > limits[name]} == {}


def test_digamma_next_to_its_zeros() -> None:
    x, want = np.array(accuracy.DIGAMMA_NEXT_TO_ZEROS).T
    type_ = f"tensor<{len(x)}xf64>"
    text = f"func.func @f(%a: {type_}) -> {type_} {{ %r = chlo.digamma %a : {type_} -> {type_}\n return %r : {type_} }}"
    found = np.asarray(vm.load(codegen.compile_str(text)).f(x))
    units = np.abs(found - want) / np.spacing(np.abs(want))
    assert units.max() <= 8


def test_the_table_promises_what_is_checked() -> None:
    assert re.sub(r" \(\d+\.\d+\)", "", accuracy.OUTPUT.read_text()) == accuracy.table(None)
