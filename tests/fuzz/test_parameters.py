"""A short run; ``fuzz.py`` makes long ones, of all readers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_parameter_files_and_manifests() -> None:
    command = [sys.executable, str(Path(__file__).with_name("parameters.py")), "5000", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no finding" in done.stdout
