from __future__ import annotations

from pathlib import Path

import programs
import pytest
from iree.dialects.opt import main


@pytest.fixture
def program(tmp_path: Path) -> str:
    path = tmp_path / "mlp.mlir"
    path.write_text(programs.MLP)
    return str(path)


def test_any_pipeline_on_text_and_bytecode(
    program: str, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    flow = str(tmp_path / "flow.mlirbc")
    assert main([program, "--pass-pipeline=input-to-linalg", "--to=flow", "--emit-bytecode", "-o", flow, "--time"]) == 0
    assert b"all passes" in capfdbinary.readouterr().err
    assert main([flow, "--pass-pipeline=func.func(cse)", "--print-before=all"]) == 0
    printed = capfdbinary.readouterr()
    assert b"flow.dispatch" in printed.out
    assert b"before func.func(cse)" in printed.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--pass-pipeline=input-to-linalg,nonsense"], "'nonsense' does not refer to a registered pass"),
        (["--pass-pipeline=form-dispatches{x=1}"], "no option 'x'"),
        (["--pass-pipeline=input-to-linalg", "--to=vm"], "host code cannot compute with values of type tensor"),
    ],
)
def test_errors_are_one_message(
    arguments: list[str], message: str, program: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([program, *arguments]) == 1
    printed = capsys.readouterr().err
    assert message in printed
    assert "Traceback" not in printed


def test_errors_point_at_the_program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.mlir"
    path.write_text('func.func @f() {\n  "vm.nonsense"() : () -> ()\n  return\n}')
    assert main([str(path)]) == 1
    assert f"{path}:2:3: error: 'vm.nonsense' is not a known operation" in capsys.readouterr().err


def test_a_failure_is_reproduced(program: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    failed = tmp_path / "failed.mlirbc"
    assert main([program, "--pass-pipeline=input-to-linalg,form-dispatches", "--to=hal", f"--reproduce={failed}"]) == 1
    first = capsys.readouterr().err
    assert f"iree-opt --run-reproducer {failed}" in first
    assert main([str(failed), "--run-reproducer"]) == 1
    assert capsys.readouterr().err.splitlines()[0] == first.splitlines()[0]


def test_a_missing_file_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nowhere.mlir"]) == 1
    assert "nowhere.mlir" in capsys.readouterr().err


def test_passes_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list-passes"]) == 0
    assert "form-dispatches{fuse-pads=false attention=false}" in capsys.readouterr().out
