"""The reproducers of docs/webgpu.md still reproduce. One that does not says that a workaround may go."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1]
SCRIPTS = sorted(path.name for path in (PACKAGE / "reproducers").glob("*.py") if path.name != "dawn.py")


@pytest.mark.parametrize("script", SCRIPTS)
def test_reproduces(script: str) -> None:
    done = subprocess.run(
        [sys.executable, PACKAGE / "reproducers" / script], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("reproduces\n")


def test_document_names_them_all() -> None:
    document = PACKAGE.parents[1] / "docs" / "webgpu.md"
    if not document.exists():
        pytest.skip("the package is not in its repository")
    text = document.read_text()
    assert [script for script in SCRIPTS if script not in text] == []
