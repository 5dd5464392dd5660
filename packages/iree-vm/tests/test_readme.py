"""The lines of README.md work as printed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

README = (Path(__file__).parents[1] / "README.md").read_text()


def test_lines(tmp_path: Path) -> None:
    blocks = dict(re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL))
    done = subprocess.run(
        [sys.executable, "-c", blocks["python"].replace("/tmp/", f"{tmp_path}/")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("42\n", "")
    for line in blocks["sh"].splitlines():
        command, _, said = line.partition("#")
        tool, *arguments = command.replace("/tmp/", f"{tmp_path}/").split()
        module = f"iree.vm.tools.{tool.removeprefix('iree-').replace('-', '_')}"
        done = subprocess.run([sys.executable, "-m", module, *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == 0 and said.strip() in (done.stdout.strip(), ""), done
