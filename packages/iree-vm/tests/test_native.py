"""The native test programs, built here: fuzzing, failing allocations and threads under sanitizers; a short run of each.

For a long one: tests/fuzz/fuzz.py of the workspace.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from iree.vm.assembly import parse

from .corpus import GATE, write_corpus
from .test_calls import COUNTER
from .test_hal import FILLED, IMPORTS, RECORDED

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("cmake") is None or shutil.which("g++") is None, reason="needs cmake and g++"),
]
PACKAGE = Path(__file__).parents[1]


def build(directory: Path, sanitizers: str, target: str) -> Path:
    """Build one program; the path of the executable."""
    configure = [
        *("cmake", "-S", PACKAGE / "native", "-B", directory, "-DIREE_VM_PYTHON=OFF", "-DIREE_VM_TOOLS=ON"),
        *("-DCMAKE_BUILD_TYPE=None", "-DCMAKE_CXX_FLAGS=-O1", f"-DIREE_VM_SANITIZE={sanitizers}"),
        f"-DPython_EXECUTABLE={sys.executable}",
    ]
    for command in (configure, ["cmake", "--build", directory, "-j2", "--target", target]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    return directory / target


def run(*command: object) -> str:
    arguments = [str(c) for c in command]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, (done.stdout + done.stderr)[-5000:]
    return done.stdout


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_corpus(tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of builds with the address and undefined-behaviour sanitizers."""
    return tmp_path_factory.mktemp("checked")


def test_fuzz(corpus: list[Path], checked: Path) -> None:
    out = run(build(checked, "address,undefined", "vm_fuzz"), 20_000, 1, *corpus)
    assert "no finding" in out
    accepted = int(out.split(", ")[2].split()[0])
    assert accepted > 2000, out


def recorded(directory: Path) -> Path:
    path = directory / "recorded.vmfb"
    parse(IMPORTS + "\n" + RECORDED).write(path)
    return path


def test_calls_on_the_cpu_driver(checked: Path, tmp_path: Path) -> None:
    run(build(checked, "address,undefined", "vm_calls"), recorded(tmp_path), 4)


def test_every_allocation_fails_in_turn(checked: Path, tmp_path: Path) -> None:
    path = tmp_path / "m.vmfb"
    for name, text in (("fill", FILLED), ("state", COUNTER), ("lists", LISTS_ONCE)):
        path = tmp_path / f"{name}.vmfb"
        parse(IMPORTS + "\n" + text).write(path)
    out = run(build(checked, "address,undefined", "vm_fail_alloc"), *sorted(tmp_path.glob("*.vmfb")))
    assert int(out.split()[0]) > 150


LISTS_ONCE = """
func @f : values(i64) refs 2 {
  const.i64 %0, 3
  list.create $0, %0
  list.resize $0, %0
  list.create $1, %0
  const.i64 %0, 1
  list.set.ref $0, %0, $0
  list.set.ref $0, %0, $1
  return
}
export @f = @f plain
"""


def test_threads(tmp_path: Path) -> None:
    run(build(tmp_path / "build", "thread", "vm_calls"), recorded(tmp_path), 4)
    path = tmp_path / "gate.vmfb"
    parse(IMPORTS + "\n" + GATE).write(path)
    out = run(build(tmp_path / "build", "thread", "vm_stress"), path, 5)
    assert out.startswith("4000 tasks: ")
