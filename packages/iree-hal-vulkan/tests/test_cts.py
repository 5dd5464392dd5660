"""The conformance suite over this driver, with the validation layer on: on memory that the host shares and as if the
device had memory of its own.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

from container import cts_executable
from devices import URI, needs_device
from iree import hal
from iree.hal.cts import *  # noqa: F403
from iree.hal.cts import Config, pytest

pytestmark = needs_device


@functools.cache
def has_unified_memory(uri: str) -> bool:
    return hal.open(uri).query("memory.unified") == 1


@functools.cache
def witness() -> hal.Device:
    return hal.open(URI)


def messages() -> int:
    """What the validation layer has said in this process."""
    return witness().query("validation.messages")


@pytest.fixture(params=["", "&unified=0"], ids=["shared", "discrete"])
def cts(request: pytest.FixtureRequest) -> Config:
    """How the suite reaches this driver."""
    uri = f"{URI}{request.param}"
    if request.param and not has_unified_memory(URI):
        pytest.skip("the device has memory of its own: both ways are the same")
    skips = {} if has_unified_memory(uri) else {"import": "memory of the device's own: host memory is copied"}
    return Config(uri, executable=cts_executable, skips=skips)


@pytest.fixture(autouse=True)
def validation_is_silent() -> Iterator[None]:
    """Fails a case during which the layer said something."""
    if "validate=1" not in URI:
        yield
        return
    before = messages()
    yield
    assert messages() == before
