"""The committed stub is what the extension says of itself."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("nanobind", reason="the generator of stubs")

PACKAGE = Path(__file__).parents[1]


def test_stub_is_up_to_date(tmp_path: Path) -> None:
    made = tmp_path / "_native.pyi"
    patterns = PACKAGE / "native/stubs.pat"
    command = [sys.executable, "-m", "nanobind.stubgen", "-q", "-m", "iree.hal._native", "-p", patterns, "-o", made]
    subprocess.run(command, check=True)
    committed = (PACKAGE / "src/iree/hal/_native.pyi").read_text()
    assert made.read_text() == committed, "run the command in README.md under Stubs"
