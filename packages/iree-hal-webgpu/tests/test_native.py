"""The C++ tests: threads, the device's loss and last references, under sanitizers. Built in a temporary directory."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from iree.hal_webgpu._library import find_library
from spirv_builder import Entry
from test_executable import REWRITTEN

PACKAGE = Path(__file__).parents[1]
SUPPRESSIONS = PACKAGE / "tests" / "native"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (shutil.which("cmake") and shutil.which("c++")), reason="no cmake or C++ compiler"),
]


def build(directory: Path, sanitize: str) -> Path:
    """The test program, built with the sanitizers; IREE_HAL_WEBGPU_BUILDS keeps it between runs."""
    root = Path(os.environ.get("IREE_HAL_WEBGPU_BUILDS", directory)) / sanitize.replace(",", "-")
    configure = ["cmake", "-S", str(PACKAGE), "-B", str(root), f"-DIREE_HAL_WEBGPU_SANITIZE={sanitize}"]
    configure += [
        "-DIREE_HAL_WEBGPU_PYTHON=OFF",
        "-DIREE_HAL_WEBGPU_TOOLS=ON",
        "-DCMAKE_BUILD_TYPE=None",
        "-DCMAKE_CXX_FLAGS=-O1",
    ]
    subprocess.run(configure, check=True, capture_output=True)
    done = subprocess.run(["cmake", "--build", root, "-j2"], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    return root / "webgpu_test"


@pytest.mark.parametrize("sanitize", ["address,undefined", "thread"])
def test_sanitized(tmp_path: Path, sanitize: str) -> None:
    options = {
        "LSAN_OPTIONS": f"suppressions={SUPPRESSIONS / 'leaks.txt'}:print_suppressions=0",
        "TSAN_OPTIONS": f"suppressions={SUPPRESSIONS / 'races.txt'}",
    }
    modules = []
    for name, (body, _) in REWRITTEN.items():
        modules.append(tmp_path / f"{name}.spv")
        modules[-1].write_bytes(Entry("d0", body, 1, 0, 1, 1).module())
    done = subprocess.run(
        [build(tmp_path, sanitize), find_library(), *modules],
        env={**os.environ, **options}, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout == "no finding\n"
