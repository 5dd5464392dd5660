"""Devices that tests run on."""

from __future__ import annotations

from typing import Any

import pytest
from iree import hal


def _open(uri: str) -> Any:
    try:
        return hal.open(uri)
    except hal.HalError as error:
        pytest.skip(f"{uri} cannot be opened: {error}")


@pytest.fixture(params=["cpu", "cpu?threads=1", "null"], ids=["cpu", "inline", "null"])
def device(request: pytest.FixtureRequest) -> Any:
    """Each driver that needs no special hardware."""
    return _open(request.param)


@pytest.fixture
def cpu() -> Any:
    """A device that does work."""
    return _open("cpu")
