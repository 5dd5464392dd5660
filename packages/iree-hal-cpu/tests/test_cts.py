"""The conformance suite over this driver: inline and threaded."""

from elf_builder import FORMAT, kernel_image
from iree.hal.cts import *  # noqa: F403
from iree.hal.cts import Config, TestExecutable, pytest


@pytest.fixture(params=["cpu?threads=1", "cpu?threads=2", "cpu?threads=4"])
def cts(request: pytest.FixtureRequest) -> Config:
    """How the suite reaches this driver."""
    return Config(request.param, executable=lambda: TestExecutable(FORMAT, kernel_image(4)))
