"""The conformance suite over this driver, on the first adapter that Dawn finds."""

from iree.hal.cts import *  # noqa: F403
from iree.hal.cts import Config, TestExecutable, pytest
from spirv_builder import FORMAT, kernel_container


@pytest.fixture
def cts() -> Config:
    """How the suite reaches this driver."""
    skips = {"import": "WebGPU has no memory of the host's; import_host says so"}
    return Config("webgpu", executable=lambda: TestExecutable(FORMAT, kernel_container()), skips=skips)
