"""Which device the tests run on: IREE_VULKAN_TEST_DEVICE, else Mesa's software rasterizer. IREE_VULKAN_TEST_OPTIONS
takes the validation layer away where it is older than the device.
"""

from __future__ import annotations

import os
import shutil

import pytest
from iree import hal

DEVICE = os.environ.get("IREE_VULKAN_TEST_DEVICE", "vulkan://llvmpipe")
OPTIONS = os.environ.get("IREE_VULKAN_TEST_OPTIONS", "validate=1&cache=off")
URI = f"{DEVICE}?{OPTIONS}"


def _why_not() -> str:
    if not shutil.which("spirv-as"):
        return "no spirv-as (Debian: spirv-tools)"
    try:
        hal.open(URI)
    except (LookupError, RuntimeError) as error:
        return str(error)
    return ""


_reason = _why_not()
# Where CI is set the device has to be there.
needs_device = pytest.mark.skipif(bool(_reason) and not os.environ.get("CI"), reason=_reason or "it is there")
