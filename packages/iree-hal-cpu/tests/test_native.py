"""The C++ tests: the scheduler under the thread sanitizer, the loader under mutation with the address and
undefined-behaviour sanitizers, every allocation failing in turn. Built in a temporary directory.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from elf_builder import kernel_image

PACKAGE = Path(__file__).parents[1]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (shutil.which("cmake") and shutil.which("c++")), reason="no cmake or C++ compiler"),
]


def build(directory: Path, sanitize: str, *targets: str) -> Path:
    """The directory with these programs, built with the sanitizers; IREE_HAL_CPU_BUILDS keeps it between runs."""
    root = Path(os.environ.get("IREE_HAL_CPU_BUILDS", directory)) / (sanitize or "plain").replace(",", "-")
    configure: list[str | Path] = [
        *("cmake", "-S", PACKAGE, "-B", root, "-DIREE_HAL_CPU_PYTHON=OFF", "-DIREE_HAL_CPU_TOOLS=ON"),
        *("-DCMAKE_BUILD_TYPE=None", "-DCMAKE_CXX_FLAGS=-O1", f"-DIREE_HAL_CPU_SANITIZE={sanitize}"),
    ]
    for command in (configure, ["cmake", "--build", root, "-j2", "--target", *targets]):
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    return root


def run(*command: object) -> str:
    done = subprocess.run([str(c) for c in command], check=False, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_without_sanitizers(tmp_path: Path) -> None:
    """Failing allocations, and where workers run: one build."""
    root = build(tmp_path, "", "fail_allocation", "topology")
    assert run(root / "fail_allocation").count("no leak") == 2
    assert "as described" in run(root / "topology")


def test_memory_and_undefined_behaviour(tmp_path: Path) -> None:
    root = build(tmp_path, "address,undefined", "stress", "fuzz_elf")
    run(root / "stress")
    image = tmp_path / "kernels.elf"
    image.write_bytes(kernel_image())
    seed = os.environ.get("IREE_FUZZ_SEED", "1")
    assert "no finding" in run(root / "fuzz_elf", 200_000, seed, image)


def test_races(tmp_path: Path) -> None:
    run(build(tmp_path, "thread", "stress") / "stress", 2)
