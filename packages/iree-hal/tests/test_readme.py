"""The lines of README.md work as printed."""

import doctest
from pathlib import Path


def test_readme() -> None:
    failures, tried = doctest.testfile(str(Path(__file__).parents[1] / "README.md"), module_relative=False)
    assert tried > 10
    assert failures == 0
