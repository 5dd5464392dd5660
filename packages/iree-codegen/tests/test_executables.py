"""The executables phase with a fake target, and reproducers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from iree.codegen import cli
from iree.codegen.cache import KernelCache
from iree.codegen.executables import ExecutableReport, compile_executables
from iree.codegen.pool import WorkerPool
from iree.codegen.reproducer import replay, write_reproducer
from iree.codegen.targets import load
from iree.dialects.mlir import CompileError, make_context, parse_module

FAKES = Path(__file__).parent / "fakes"
KERNEL = """
  builtin.module {{
    func.func @{name}(%a: tensor<4xf32>) -> tensor<4xf32> {{
      %0 = arith.{op} %a, %a : tensor<4xf32>
      return %0 : tensor<4xf32> loc("model.mlir":7:3)
    }}
  }}
"""


def program(*ops: str) -> Any:
    """A program with a kernel per operation."""
    text = "".join(
        f'"flow.executable"() ({{{KERNEL.format(name=f"dispatch_{i}", op=op)}}}) '
        f'{{sym_name = "dispatch_{i}"}} : () -> () loc("model.mlir":{i + 1}:1)\n'
        for i, op in enumerate(ops)
    )
    return parse_module(text, make_context())


@pytest.fixture(autouse=True)
def _fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(FAKES))
    monkeypatch.setattr(sys, "path", [str(FAKES), *sys.path])


def run(module: Any, tmp_path: Path, target: Any = None, **more: Any) -> ExecutableReport:
    """Compiles the kernels: those with subf fail, those with divf crash."""
    from fake_target import OperationTarget  # type: ignore[import-not-found]  # noqa: PLC0415

    target = target or OperationTarget()
    with WorkerPool(target, 2) as pool, module.context:
        settings = {"cache": None, "dump_directory": None, "progress": lambda *_: None, **more}
        return compile_executables(module, [(target, pool)], reproducer_directory=tmp_path / "repro", **settings)


def test_kernels_become_one_executable_in_order(tmp_path: Path) -> None:
    module = program("addf", "mulf")
    report = run(module, tmp_path)
    assert report.size == len("addf;mulf;")
    operations = list(module.body.operations)
    assert [op.operation.name for op in operations] == ["hal.executables"]
    inner = [op.operation for op in operations[0].regions[0].blocks[0].operations]
    assert [op.attributes["sym_name"].value for op in inner[:2]] == ["dispatch_0", "dispatch_1"]
    assert [op.attributes["ordinal"].value for op in inner[:2]] == [0, 1]
    assert inner[2].attributes["format"].value == "fake-binary"


def test_the_second_time_comes_from_the_cache(tmp_path: Path) -> None:
    cache = KernelCache(tmp_path / "cache")
    first = run(program("addf", "mulf"), tmp_path, cache=cache)
    second = run(program("addf", "mulf", "maximumf"), tmp_path, cache=cache)
    assert [k.cached for k in first.kernels] == [False, False]
    assert [k.cached for k in second.kernels] == [True, True, False]


def test_failures_name_dispatch_location_and_reproducer(tmp_path: Path) -> None:
    with pytest.raises(CompileError) as raised:
        run(program("addf", "subf", "divf"), tmp_path)
    text = str(raised.value)
    assert "2 of the program's dispatches cannot be compiled for fake" in text
    assert "model.mlir:2:1: error: dispatch dispatch_1: no subtraction" in text
    assert "model.mlir:3:1: error: dispatch dispatch_2: the compiler crashed (SIGABRT)" in text
    assert f"iree-compile --replay {tmp_path}/repro/dispatch_2.mlir" in text
    made = {p.name: p.read_text() for p in (tmp_path / "repro").iterdir()}
    assert sorted(made) == ["dispatch_1.mlir", "dispatch_2.log", "dispatch_2.mlir"]
    assert made["dispatch_2.log"] == "last words"


def test_what_takes_the_compiler_down_is_compiled_plainly(tmp_path: Path) -> None:
    from fake_target import OperationTarget, PlainTarget  # noqa: PLC0415

    with pytest.warns(RuntimeWarning, match=r"model.mlir:2:1: dispatch dispatch_1 is compiled plainly .*SIGABRT"):
        report = run(program("addf", "divf"), tmp_path, target=OperationTarget(plain=PlainTarget()))
    assert [k.compiled.object for k in report.kernels if k.compiled] == [b"addf;", b"plain;"]


def test_dumps_are_per_kernel(tmp_path: Path) -> None:
    run(program("addf", "mulf"), tmp_path, dump_directory=tmp_path / "dump")
    assert (tmp_path / "dump" / "dispatch_1" / "1-name.txt").read_text() == "mulf"


def test_a_reproducer_is_replayed_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import io  # noqa: PLC0415

    module = parse_module(KERNEL.format(name="k", op="addf"), make_context(ours=False))
    buffer = io.BytesIO()
    next(iter(module.body.operations)).operation.write_bytecode(buffer)
    path = write_reproducer(tmp_path / "k.mlir", buffer.getvalue(), load("cpu", {"cpu": "generic"}))
    assert replay(path, None).name == "k"
    assert cli.main(["--replay", str(path), "--dump-dispatches-to", str(tmp_path / "stages")]) == 0
    assert "bytes of object code" in capsys.readouterr().out
    assert len(list((tmp_path / "stages").iterdir())) > 2
    path.write_text("module {}")
    with pytest.raises(CompileError, match="no reproducer"):
        replay(path, None)
