"""The C++ tests, plain and under each sanitizer."""

import shutil
import subprocess
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (shutil.which("cmake") and shutil.which("g++")), reason="needs CMake and a C++ compiler"),
]


@pytest.mark.parametrize("sanitizer", ["", "address,undefined", "thread"])
def test_native(tmp_path: Path, sanitizer: str) -> None:
    configure = [
        "cmake",
        "-S",
        PACKAGE,
        "-B",
        tmp_path,
        "-DCMAKE_BUILD_TYPE=None",
        "-DCMAKE_CXX_FLAGS=-O1",
        "-DIREE_HAL_PYTHON=OFF",
    ]
    subprocess.run([*configure, "-DIREE_HAL_TOOLS=ON", f"-DIREE_HAL_SANITIZE={sanitizer}"], check=True)
    subprocess.run(["cmake", "--build", tmp_path, "-j2"], check=True)
    result = subprocess.run([tmp_path / "iree_hal_test"], capture_output=True, text=True, check=False, timeout=300)
    assert result.returncode == 0, result.stdout + result.stderr
