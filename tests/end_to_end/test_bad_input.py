"""Bad input gets an error that says what and where, on stderr, with a status that is not 0 and without a traceback."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from iree import codegen

BIN = Path(sys.executable).parent
ADD = """
func.func @main(%a: tensor<4xf32>, %b: tensor<4xf32>) -> tensor<4xf32> {
  %0 = stablehlo.add %a, %b : tensor<4xf32>
  return %0 : tensor<4xf32>
}
"""
UNSUPPORTED = """
func.func @main(%a: tensor<4xf32>) -> tensor<4xf32> {
  %0 = stablehlo.custom_call @somebodys_kernel(%a) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with good and bad files."""
    directory = tmp_path_factory.mktemp("files")
    (directory / "add.mlir").write_text(ADD)
    (directory / "unsupported.mlir").write_text(UNSUPPORTED)
    (directory / "syntax.mlir").write_text("func.func @main( {")
    (directory / "no_function.mlir").write_text("module {}")
    (directory / "empty").mkdir()
    module = codegen.compile_str(ADD)
    (directory / "add.vmfb").write_bytes(module)
    (directory / "truncated.vmfb").write_bytes(module[: len(module) // 2])
    (directory / "foreign.vmfb").write_bytes(b"PK\3\4" + bytes(200))
    (directory / "nothing.vmfb").write_bytes(b"")
    options = codegen.CompilerOptions(target_options={"cpu": "aarch64"})
    (directory / "arm.vmfb").write_bytes(codegen.compile_str(ADD, options=options))
    np.save(directory / "five.npy", np.zeros(5, np.float32))
    return directory


RUN = ("iree-run-module", "--module={}/add.vmfb", "--device=cpu", "--function=main")
GOOD = "--input=4xf32=1,2,3,4"
CASES: list[tuple[str, Sequence[str], list[str]]] = [
    ("no input", ["iree-compile"], ["input is needed"]),
    ("no such file", ["iree-compile", "{}/none.mlir"], ["none.mlir", "no such file"]),
    ("not MLIR", ["iree-compile", "{}/syntax.mlir"], [r"syntax.mlir.*:1:\d+"]),
    ("no function", ["iree-compile", "{}/no_function.mlir"], ["no public function"]),
    ("no artefact", ["iree-compile", "{}/empty"], ["empty", "manifest.json"]),
    ("unsupported op", ["iree-compile", "{}/unsupported.mlir"],
     ["unsupported.mlir:3:", "custom_call", "--dump-compilation-phases-to"]),
    ("no such target", ["iree-compile", "{}/add.mlir", "--target=abacus"], ["abacus", "installed are: .*cpu"]),
    ("no such cpu", ["iree-compile", "{}/add.mlir", "--target-cpu=z80"], ["z80", "x86-64-v3"]),
    ("no such option", ["iree-compile", "{}/add.mlir", "--target-option=speed=9"], ["'speed'", "it has: .*cpu"]),
    ("wrong phase", ["iree-compile", "{}/add.mlir", "--compile-from=flow"], ["add.mlir", "iree.phase"]),
    ("phases in the wrong order", ["iree-compile", "{}/add.mlir", "--compile-from=hal", "--compile-to=flow"],
     ["is not after"]),
    ("unwritable output", ["iree-compile", "{}/add.mlir", "-o", "{}/none/x.vmfb"], ["none/x.vmfb"]),
    ("no such function", ["iree-run-module", "--module={}/add.vmfb", "--device=cpu", "--function=predict"],
     ["predict", "main"]),
    ("too few inputs", [*RUN, GOOD], [r"\b2\b", r"\b1\b"]),
    ("too many inputs", [*RUN, GOOD, GOOD, GOOD], [r"\b2\b", r"\b3\b"]),
    ("wrong shape", [*RUN, GOOD, "--input=@{}/five.npy"], [r"4xf32|\[4\]|\(4,?\)", r"5xf32|\[5\]|\(5,?\)"]),
    ("wrong dtype", [*RUN, GOOD, "--input=4xi32=1,2,3,4"], ["f32|float32", "i32|int32"]),
    ("no such device", ["iree-run-module", "--module={}/add.vmfb", "--device=abacus", "--function=main", GOOD, GOOD],
     ["abacus", "cpu"]),
    ("truncated module", ["iree-run-module", "--module={}/truncated.vmfb", "--device=cpu", "--function=main"],
     ["truncated.vmfb", "truncated|length|bytes"]),
    ("empty module", ["iree-run-module", "--module={}/nothing.vmfb", "--device=cpu", "--function=main"],
     ["nothing.vmfb"]),
    ("foreign module", ["iree-run-module", "--module={}/foreign.vmfb", "--device=cpu", "--function=main"],
     ["foreign.vmfb", "not a module|magic"]),
    ("module for another CPU",
     ["iree-run-module", "--module={}/arm.vmfb", "--device=cpu", "--function=main", GOOD, GOOD], ["aarch64"]),
    ("not a SavedModel", ["iree-import-tf", "{}/empty", "-o", "{}/artefact"], ["empty", "SavedModel"]),
]  # fmt: skip


@pytest.mark.parametrize(("command", "wanted"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_bad_input(command: Sequence[str], wanted: list[str], files: Path) -> None:
    arguments = [argument.replace("{}", str(files)) for argument in command]
    done = subprocess.run(
        [str(BIN / arguments[0]), *arguments[1:]], capture_output=True, text=True, check=False, cwd=files
    )
    assert done.returncode not in (0, -6, -11), done
    assert "Traceback" not in done.stderr
    for pattern in wanted:
        assert re.search(pattern, done.stderr), f"{pattern!r} is not in:\n{done.stderr}"


def test_traceback_on_request(files: Path) -> None:
    command = [BIN / "iree-compile", files / "unsupported.mlir", "--traceback"]
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "Traceback" in done.stderr
