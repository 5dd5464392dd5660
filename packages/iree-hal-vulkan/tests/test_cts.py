"""The conformance suite over this driver, with the validation layer on: on memory that the host shares and as if the
device had memory of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from container import cts_executable
from devices import URI, needs_device
from iree import hal
from iree.hal.cts import *  # noqa: F403
from iree.hal.cts import Config, pytest

pytestmark = needs_device


@pytest.fixture(params=["", "&unified=0"], ids=["shared", "discrete"])
def cts(request: pytest.FixtureRequest) -> Config:
    """How the suite reaches this driver."""
    skips = {"import": "memory of the device's own: host memory is copied"} if request.param else {}
    return Config(f"{URI}{request.param}", executable=cts_executable, skips=skips)


@pytest.fixture(autouse=True)
def validation_is_silent() -> Iterator[None]:
    """Fails a case during which the layer said something."""
    before = hal.open(URI).query("validation.messages")
    yield
    assert hal.open(URI).query("validation.messages") == before
