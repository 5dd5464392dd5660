"""Programs on disk between phases."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from iree.codegen.program import Program
from iree.dialects.mlir import make_context, parse_module


def test_what_a_program_no_longer_uses_is_not_saved(tmp_path: Path) -> None:
    extern = "#ml_program.extern : tensor<4xf32>"
    text = f'ml_program.global private @w({extern}) : tensor<4xf32> {{iree.parameter = "folded/0"}}'
    context = make_context()
    values = np.arange(4, dtype=np.float32)
    program = Program(parse_module(text, context), None, {"w": -values, "folded/0": values}, "flow")
    program.save(tmp_path / "m.mlirbc")
    loaded = Program.open(tmp_path / "m.mlirbc", "flow", context)
    assert list(loaded.parameters) == ["folded/0"]
    np.testing.assert_array_equal(loaded.parameters["folded/0"], values)
