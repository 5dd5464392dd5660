"""Each package's wheel alone in a fresh environment."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from iree import codegen

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
RUNTIME = ("iree-hal", "iree-hal-cpu", "iree-vm")
WHEELS = (*RUNTIME, "iree-dialects", "iree-codegen")
MAX_RUNTIME_BYTES = 1_000_000
PROGRAM = """
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = stablehlo.add %x, %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}
"""


def _run(*command: str | Path) -> str:
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Wheel of each package, built from a copy of this tree: its build directories are the developer's."""
    directory = tmp_path_factory.mktemp("wheels")
    packages = tmp_path_factory.mktemp("tree") / "packages"
    shutil.copytree(
        ROOT / "packages", packages, ignore=shutil.ignore_patterns("build", ".*_cache", "__pycache__", "*.so")
    )
    here = all(map(importlib.util.find_spec, ("hatchling", "scikit_build_core", "nanobind", "cmake", "ninja")))
    tools = ["--no-build-isolation"] if here else []
    for name in WHEELS:
        _run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", *tools, "-w", directory, packages / name)
    found = {path.name.split("-")[0].replace("_", "-"): path for path in directory.glob("*.whl")}
    assert sorted(found) == sorted(WHEELS)
    return found


class Environment:
    """A fresh virtual environment with some of the wheels and what they depend on."""

    def __init__(self, directory: Path, wheels: list[Path]) -> None:
        venv.create(directory, with_pip=True)
        self.bin = directory / "bin"
        _run(self.bin / "python", "-m", "pip", "install", "-q", "--disable-pip-version-check", *wheels)

    def run(self, command: str, *arguments: str | Path) -> str:
        return _run(self.bin / command, *arguments)

    def importable(self, *modules: str) -> list[str]:
        """Which of the modules can be found."""
        code = f"import importlib.util as u; print(*[m for m in {modules!r} if u.find_spec(m)])"
        return self.run("python", "-c", code).split()


def test_runtime_wheels_are_small(wheels: dict[str, Path]) -> None:
    sizes = {name: wheels[name].stat().st_size for name in RUNTIME}
    assert sum(sizes.values()) <= MAX_RUNTIME_BYTES, sizes


def test_no_wheel_has_an_init_for_the_namespace(wheels: dict[str, Path]) -> None:
    for path in wheels.values():
        names = _run(sys.executable, "-m", "zipfile", "-l", path)
        assert "iree/__init__.py" not in names
        assert "py.typed" in names


def test_the_runtime_runs_a_module_without_a_compiler(wheels: dict[str, Path], tmp_path: Path) -> None:
    module = tmp_path / "m.vmfb"
    module.write_bytes(codegen.compile_str(PROGRAM))
    environment = Environment(tmp_path / "venv", [wheels[name] for name in RUNTIME])
    assert environment.importable("torch_mlir", "mlir", "llvmlite", "tensorflow", "iree.dialects", "iree.codegen") == []
    environment.run(
        "iree-run-module",
        f"--module={module}",
        "--device=cpu",
        "--function=main",
        "--input=4xf32=1,2,3,4",
        "--expected_output=4xf32=2,4,6,8",
    )
    code = (
        "import sys, numpy as np; from iree import vm;"
        "y = np.asarray(vm.load(sys.argv[1], device='cpu').main(np.float32([1, 2, 3, 4])));"
        "print(y.tolist())"
    )
    assert environment.run("python", "-c", code, module).strip() == "[2.0, 4.0, 6.0, 8.0]"


def test_the_dialects_run_passes_without_code_generation(wheels: dict[str, Path], tmp_path: Path) -> None:
    source = tmp_path / "m.mlir"
    source.write_text(PROGRAM)
    environment = Environment(tmp_path / "venv", [wheels["iree-dialects"]])
    assert environment.importable("llvmlite", "tensorflow", "iree.codegen", "iree.vm") == []
    assert "torch-mlir" in environment.run("iree-opt", "--version")
    assert "stablehlo.add" in environment.run("iree-opt", "--pass-pipeline=builtin.module(canonicalize)", source)


def test_the_compiler_compiles_without_tensorflow(wheels: dict[str, Path], tmp_path: Path) -> None:
    source = tmp_path / "m.mlir"
    source.write_text(PROGRAM)
    environment = Environment(tmp_path / "venv", list(wheels.values()))
    assert environment.importable("tensorflow", "iree.import_tf") == []
    environment.run("iree-compile", source, "-o", tmp_path / "m.vmfb", "--target=cpu", "--no-cache")
    assert (tmp_path / "m.vmfb").stat().st_size > 0
    assert "iree-codegen" in environment.run("iree-compile", "--version")
