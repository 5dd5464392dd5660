"""The lines of README.md work as printed."""

import doctest
from pathlib import Path

from devices import needs_device


@needs_device
def test_readme() -> None:
    failures, tried = doctest.testfile(str(Path(__file__).parents[1] / "README.md"), module_relative=False)
    assert tried > 2
    assert failures == 0
