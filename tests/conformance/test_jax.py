"""Programs that JAX emits, against what JAX computes."""

from __future__ import annotations

import numpy as np
import pytest
from conformance import jax_programs
from iree import codegen, vm


@pytest.mark.parametrize("group", jax_programs.GROUPS)
def test_jax(group: str) -> None:
    program = jax_programs.export(group)
    module = vm.load(codegen.compile_str(program.text))
    found = module.main(*program.inputs)
    values = iter(found if isinstance(found, tuple | list) else [found])
    wrong = []
    for name, expected, tolerance in zip(program.names, program.expected, program.tolerances, strict=True):
        for number, want in enumerate(expected):
            got = np.asarray(next(values))
            problem = _difference(got, want, tolerance)
            if problem:
                wrong.append(f"{name}: result {number} {problem}")
    assert not wrong, "\n".join(wrong)


def _difference(got: np.ndarray, want: np.ndarray, tolerance: float) -> str | None:
    if got.shape != want.shape or got.dtype != want.dtype:
        return f"is {got.dtype}{list(got.shape)} instead of {want.dtype}{list(want.shape)}"
    if tolerance == 0 or not want.size:
        same = np.array_equal(got, want, equal_nan=want.dtype.kind in "fc")
        return None if same else f"differs: {got.ravel()[:6]} instead of {want.ravel()[:6]}"
    scale = max(1.0, float(np.nanmax(np.abs(want))))
    with np.errstate(invalid="ignore"):
        near = np.isclose(got, want, rtol=tolerance, atol=tolerance * scale, equal_nan=True)
    return None if near.all() else f"is off: {got[~near][:4]} instead of {want[~near][:4]}"
