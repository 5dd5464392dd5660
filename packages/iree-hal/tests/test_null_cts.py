"""The null driver and the conformance suite: also the example of how a driver joins it."""

import struct

import pytest

from iree.hal.cts import *  # noqa: F403
from iree.hal.cts import Config, TestExecutable


def executable() -> TestExecutable:
    """The format "null": magic, number of entries, then bindings and constants of each (see null_commands.cpp)."""
    return TestExecutable("null", b"NULL" + struct.pack("9I", 4, 1, 1, 3, 0, 1, 1, 2, 2))


@pytest.fixture
def cts() -> Config:
    return Config("null", executable, {"data": "the null driver does no work"})
