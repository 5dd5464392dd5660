"""Lets the tests import their helpers in any import mode; keeps Mesa quiet; skips where there is no adapter."""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
# Mesa's layer for choosing among GPUs complains on the standard error output of machines without a desktop.
os.environ.setdefault("NODEVICE_SELECT", "1")


@pytest.fixture(autouse=True, scope="session")
def adapter() -> None:
    """Skips everything, with the driver's own words, where Dawn finds nothing to run on."""
    from iree import hal  # noqa: PLC0415
    from iree.hal._errors import NotFoundError  # noqa: PLC0415

    try:
        hal.open("webgpu")
    except NotFoundError as error:
        pytest.skip(str(error))
