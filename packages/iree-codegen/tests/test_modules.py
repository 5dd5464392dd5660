"""The cache of modules: what is found is what would be compiled, and whatever a module depends on is in the key."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from iree import codegen
from iree.codegen import modules
from iree.codegen.cache import KernelCache
from iree.codegen.modules import ModuleCache, module_key
from iree.codegen.options import CompilerOptions
from iree.codegen.statistics import Statistics

PROGRAM = """
func.func @main(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %w = stablehlo.constant dense<[[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]]> : tensor<1x8xf32>
  %e = stablehlo.exponential %w : tensor<1x8xf32>
  %b = stablehlo.broadcast_in_dim %e, dims = [0, 1] : (tensor<1x8xf32>) -> tensor<4x8xf32>
  %s = stablehlo.tanh %x : tensor<4x8xf32>
  %r = stablehlo.add %s, %b : tensor<4x8xf32>
  return %r : tensor<4x8xf32>
}"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "program.mlir"
    path.write_text(PROGRAM)
    return path


def test_a_pipe_stays_one(program: Path, tmp_path: Path) -> None:
    options = CompilerOptions(cache_directory=tmp_path / "cache", jobs=1)
    codegen.compile_file(program, output=tmp_path / "out.vmfb", options=options)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as pool:
        read = pool.submit(pipe.read_bytes)
        codegen.compile_file(program, output=pipe, options=options)
        assert read.result() == (tmp_path / "out.vmfb").read_bytes()
    assert pipe.is_fifo()


def test_bytes_are_the_same_whatever_was_kept(program: Path, tmp_path: Path) -> None:
    """Compiled anew, with its kernels kept, the module kept, and without any cache."""
    options = CompilerOptions(cache_directory=tmp_path / "cache", jobs=1)
    found: list[tuple[bytes, Statistics]] = []
    for clear, wanted in (
        (True, options),
        (True, options),
        (False, options),
        (True, replace(options, use_cache=False)),
    ):
        if clear:
            for entry in (tmp_path / "cache" / "modules").glob("??/*"):
                entry.unlink()
        output = tmp_path / "out.vmfb"
        statistics = codegen.compile_file(program, output=output, options=wanted)
        found.append((output.read_bytes(), statistics))
    assert len({data for data, _ in found}) == 1
    assert [list(s.seconds) == ["cache"] for _, s in found] == [False, False, True, False]
    assert [all(k.cached for k in s.executables.kernels) for _, s in found if s.executables] == [
        False,
        True,
        True,
        False,
    ]
    assert found[2][1].to_json() == found[0][1].to_json()
    assert not list(tmp_path.glob("*.partial"))


def test_whatever_a_module_depends_on_is_in_the_key(
    program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = CompilerOptions()

    def name(path: Path = program, target: str = "cpu", wanted: CompilerOptions = options) -> str:
        key = module_key(path, target, wanted)
        assert key is not None
        return key.name

    first = name()
    assert name(target=" cpu ") == name(wanted=replace(options, jobs=1, progress=True)) == first
    others = [
        name(target="cpu,spirv-vulkan"),
        name(wanted=replace(options, target_options={"cpu": "generic"})),
        name(wanted=replace(options, target_options={"templates": "false"})),
        name(wanted=replace(options, fold_constants=False)),
    ]
    moved = program.rename(tmp_path / "moved.mlir")  # locations name the file
    others.append(name(moved))
    moved.rename(program).write_text(PROGRAM + "\n")
    others.append(name())
    program.write_text(PROGRAM)
    assert name() == first
    with monkeypatch.context() as patch:
        patch.setattr(modules, "tree_digest", lambda packages: "another compiler")
        others.append(name())
    with monkeypatch.context() as patch:
        patch.setattr(modules, "CPU_INFORMATION", tmp_path / "cpu")
        (tmp_path / "cpu").write_text("vendor_id : Another\nflags : sse2\n\nvendor_id : NotRead\n")
        others.append(name())
        (tmp_path / "cpu").write_text("cpu MHz : 1\n")
        assert module_key(program, "cpu", options) is None
    (tmp_path / "package-9.dist-info").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    others.append(name())
    assert len({first, *others}) == len(others) + 1


def test_files_of_an_artefact_count_and_its_place_does_not(tmp_path: Path) -> None:
    keys = []
    for place, weights in (("a", b"1"), ("b", b"1"), ("c", b"2")):
        (tmp_path / place).mkdir()
        (tmp_path / place / "manifest.json").write_text("{}")
        (tmp_path / place / "weights.safetensors").write_bytes(weights)
        keys.append(module_key(tmp_path / place, "cpu", CompilerOptions()))
    (tmp_path / "other").mkdir()
    assert module_key(tmp_path / "other", "cpu", CompilerOptions()) is None
    names = [key.name for key in keys if key is not None]
    assert len(names) == 3 and names[0] == names[1] != names[2]


@pytest.mark.parametrize(
    "damage", [lambda d: b"", lambda d: d[:20], lambda d: d[:-1], lambda d: d[:50] + b"!" + d[51:], lambda d: d + b"x"]
)
def test_a_damaged_module_is_a_miss(program: Path, tmp_path: Path, damage: object) -> None:
    cache = ModuleCache(tmp_path / "modules", 1 << 20)
    output = tmp_path / "out.vmfb"
    output.write_bytes(b"module")
    key = module_key(program, "cpu", CompilerOptions())
    assert key is not None
    cache.put(key, output, Statistics(copies=3))
    assert (found := cache.get(key, tmp_path / "copy.vmfb")) is not None and found.copies == 3
    assert (tmp_path / "copy.vmfb").read_bytes() == b"module"
    entry = cache.path(key.name)
    entry.write_bytes(damage(entry.read_bytes()))  # type: ignore[operator]
    assert cache.get(key, output) is None
    assert output.read_bytes() == b"module" and not entry.exists() and not list(tmp_path.glob("*.partial"))


def test_what_is_not_kept(program: Path, tmp_path: Path) -> None:
    """A module of a program that changed while it was compiled, a large one, and what other options ask for."""
    output = tmp_path / "out.vmfb"
    output.write_bytes(bytes(100))
    key = module_key(program, "cpu", CompilerOptions())
    assert key is not None
    for limit, change in ((1 << 20, True), (199, False)):
        cache = ModuleCache(tmp_path / str(limit), limit)
        if change:
            os.utime(program, (1, 1))
        cache.put(key, output, Statistics())
        assert cache.get(key, output) is None
    for options in (
        CompilerOptions(use_cache=False), CompilerOptions(compile_to="flow"), CompilerOptions(compile_from="flow"),
        CompilerOptions(dump_phases=tmp_path), CompilerOptions(dump_dispatches=tmp_path),
    ):  # fmt: skip
        assert ModuleCache.of(options) is None


def test_names_are_noted(tmp_path: Path) -> None:
    cache = KernelCache(tmp_path)
    assert not cache.noted("ab12")
    cache.note("ab12")
    assert cache.noted("ab12") and cache.get("ab12") is None
