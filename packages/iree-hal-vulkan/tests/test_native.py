"""The reader of executables under mutation, with the address and undefined-behaviour sanitizers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest
from container import CTS_ENTRIES, PORTABLE_ENTRIES, Container, assemble, cts_executable

PACKAGE = Path(__file__).parents[1]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (shutil.which("c++") and shutil.which("spirv-as")), reason="no C++ compiler or no spirv-as"),
]


def test_fuzz_the_reader(tmp_path: Path) -> None:
    # Headers only, so that it takes neither CMake nor Vulkan's declarations.
    program = tmp_path / "fuzz_executable"
    include = PACKAGE.parent / "iree-hal/include"
    options = ["-std=c++20", "-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", f"-I{include}"]
    source = PACKAGE / "tests/native/fuzz_executable.cpp"
    compiler = os.environ.get("CXX") or sysconfig.get_config_var("CXX").split()[0]
    subprocess.run([compiler, *options, source, "-o", program], check=True)
    seeds = {
        "plain": Container((assemble("cts"),), CTS_ENTRIES).build(),
        "compressed": cts_executable().data,
        "portable": Container((assemble("portable"),), PORTABLE_ENTRIES, 0).build(),
    }
    for name, data in seeds.items():
        (tmp_path / name).write_bytes(data)
    command = [program, "200000", os.environ.get("IREE_FUZZ_SEED", "1"), *(tmp_path / name for name in seeds)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no finding" in done.stdout
