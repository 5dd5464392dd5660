"""A HAL driver from another package. Drivers are looked up once in a process, so each case has its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.plugins.fakes import install

GROUP = "iree.hal.drivers"
DRIVER = """
    from iree.hal import _native

    def driver():
        return _native.null_driver()
"""


def run(site: Path, code: str) -> str:
    """What a program prints that can see the fake packages."""
    environment = {**os.environ, "PYTHONPATH": str(site)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def open_and_print(uri: str) -> str:
    """A program that opens a device and prints its name or the error."""
    return (
        "from iree import hal\n"
        f"try: print(hal.open({uri!r}))\n"
        "except hal.HalError as error: print(type(error).__name__, error)"
    )


def test_it_is_found_and_loaded(tmp_path: Path) -> None:
    install(tmp_path, "abacus-driver", DRIVER, {GROUP: {"abacus": "abacus_driver:driver"}})
    text = run(tmp_path, open_and_print("abacus"))
    assert "abacus-driver 1.0 registers driver 'null' as 'abacus'" in text  # so it was loaded and looked at


def test_it_is_not_loaded_unless_asked_for(tmp_path: Path) -> None:
    install(tmp_path, "abacus-driver", "raise SystemExit('loaded')", {GROUP: {"abacus": "abacus_driver:driver"}})
    assert "null" in run(tmp_path, open_and_print("null"))


def test_two_owners_of_one_name_are_refused(tmp_path: Path) -> None:
    for name in ("abacus-driver", "other-driver"):
        install(tmp_path, name, DRIVER, {GROUP: {"abacus": f"{name.replace('-', '_')}:driver"}})
    text = run(tmp_path, open_and_print("null"))
    assert "AlreadyExistsError" in text and "abacus-driver 1.0" in text and "other-driver 1.0" in text


def test_a_broken_one_is_named(tmp_path: Path) -> None:
    install(tmp_path, "abacus-driver", "import nothing_like_this", {GROUP: {"abacus": "abacus_driver:driver"}})
    text = run(tmp_path, open_and_print("abacus"))
    assert "IncompatibleError" in text and "nothing_like_this" in text and "abacus-driver 1.0" in text
