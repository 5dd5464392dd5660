"""The executables phase with a fake target, and reproducers."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from iree import codegen, vm
from iree.codegen import cli
from iree.codegen.cache import KernelCache
from iree.codegen.executables import compile_executables
from iree.codegen.pool import WorkerPool
from iree.codegen.report import ExecutableReport
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


def program(*ops: str, name: str = "dispatch") -> Any:
    """A program with a kernel per operation."""
    text = "".join(
        f'"flow.executable"() ({{{KERNEL.format(name=f"{name}_{i}", op=op)}}}) '
        f'{{sym_name = "{name}_{i}"}} : () -> () loc("model.mlir":{i + 1}:1)\n'
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
        settings = {
            "reproducer_directory": tmp_path / "repro",
            "cache": None,
            "dump_directory": None,
            "progress": lambda *_: None,
            **more,
        }
        return compile_executables(module, [target], lambda _: pool, **settings)


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


def test_what_was_compiled_before_under_any_name_comes_from_the_cache(tmp_path: Path) -> None:
    cache = KernelCache(tmp_path / "cache")
    first = run(program("addf", "mulf", "addf"), tmp_path, cache=cache)
    assert [k.cached for k in first.kernels] == [False, False, True]
    module = program("mulf", "maximumf", "addf", name="other")
    second = run(module, tmp_path, cache=cache)
    assert [k.cached for k in second.kernels] == [True, False, True]
    compiled = [k.compiled for k in second.kernels if k.compiled]
    assert [c.object for c in compiled] == [b"mulf;", b"maximumf;", b"addf;"]
    assert [c.title for c in compiled] == ["other_0", "other_1", "other_2"]
    assert [op.name for op in module.body.operations] == ["hal.executables"]


@pytest.mark.parametrize("changes", [{"name": "another"}, {"key": "other options"}])
def test_another_target_compiles_anew(tmp_path: Path, changes: dict[str, str]) -> None:
    from fake_target import OperationTarget  # noqa: PLC0415

    cache = KernelCache(tmp_path / "cache")
    target = OperationTarget()
    run(program("addf"), tmp_path, target, cache=cache)
    assert not run(program("addf"), tmp_path, replace(target, **changes), cache=cache).kernels[0].cached


def _blocks(count: int, channels: int) -> str:
    """Residual blocks: two convolutions with bias and activation each, on 8x8 images; as a ResNet has them."""
    image, weight = f"tensor<1x8x8x{channels}xf32>", f"tensor<3x3x{channels}x{channels}xf32>"
    weights = "".join(f", %w{i}: {weight}, %b{i}: tensor<{channels}xf32>" for i in range(2 * count))
    lines = [
        f"func.func @main(%x0: {image}{weights}) -> {image} {{",
        f"%zero = stablehlo.constant dense<0.0> : {image}",
    ]
    for i in range(2 * count):
        source = f"%x{i // 2}" if i % 2 == 0 else f"%r{i - 1}"
        lines.append(
            f"%c{i} = stablehlo.convolution({source}, %w{i}) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], "
            "window = {pad = [[1, 1], [1, 1]]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : "
            f"({image}, {weight}) -> {image}\n"
            f"%d{i} = stablehlo.broadcast_in_dim %b{i}, dims = [3] : (tensor<{channels}xf32>) -> {image}\n"
            f"%a{i} = stablehlo.add %c{i}, %d{i} : {image}"
        )
        if i % 2:
            lines.append(f"%s{i} = stablehlo.add %a{i}, %x{i // 2} : {image}")
        result = f"%x{i // 2 + 1} = stablehlo.maximum %s{i}" if i % 2 else f"%r{i} = stablehlo.maximum %a{i}"
        lines.append(f"{result}, %zero : {image}")
    return "\n".join([*lines, f"return %x{count} : {image}", "}"])


def test_a_deeper_model_of_the_same_blocks_compiles_no_kernel(tmp_path: Path) -> None:
    options = codegen.CompilerOptions(cache_directory=tmp_path / "cache", jobs=1)
    new = []
    for name, text in {"shallow": _blocks(2, 8), "deep": _blocks(5, 8), "wide": _blocks(2, 16)}.items():
        path = tmp_path / f"{name}.mlir"
        path.write_text(text)
        report = codegen.compile_file(path, options=options).executables
        assert report is not None and report.kernels
        new.append([k.name for k in report.kernels if not k.cached])
    assert new[0] and not new[1] and new[2]
    arrays = [np.ones((1, 8, 8, 8), np.float32)] + [np.full(s, 0.01, np.float32) for s in ((3, 3, 8, 8), 8)] * 10
    result = np.asarray(vm.load(tmp_path / "deep.vmfb", device="cpu").main(*arrays))
    assert result.shape == (1, 8, 8, 8) and result[0, 4, 4, 0] > 2


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


def test_what_was_compiled_plainly_is_cached_and_warned_of_again(tmp_path: Path) -> None:
    from fake_target import OperationTarget, PlainTarget  # noqa: PLC0415

    cache = KernelCache(tmp_path / "cache")
    for cached in (False, True):
        with pytest.warns(RuntimeWarning, match=r"model.mlir:1:1: dispatch dispatch_0 is compiled plainly .*SIGABRT"):
            report = run(program("divf"), tmp_path, target=OperationTarget(plain=PlainTarget()), cache=cache)
        assert [(k.cached, k.plain) for k in report.kernels] == [(cached, True)]
    with pytest.raises(CompileError):
        run(program("subf"), tmp_path, cache=cache)
    with pytest.raises(CompileError):  # failures are not kept
        run(program("subf"), tmp_path, cache=cache)


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
