"""A sample of the cases on each GPU driver and on an emulated CPU; `python -m conformance.coverage` runs all, which
takes long.
"""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest
from conformance import emulated
from conformance.runner import driver
from iree import hal

DEVICES = ("vulkan://0?unified=0", "webgpu")
"""Memory counts as the device's own, as on discrete GPUs: what works so also works where host and device share it."""


@pytest.mark.parametrize("device", DEVICES)
def test_an_operation_does_on_a_gpu_what_it_does_on_the_cpu(device: str) -> None:
    if not any(d.uri.startswith(driver(device)) and d.unusable is None for d in hal.devices()):
        pytest.skip(f"there is no {device} device")
    _sample(device)


@pytest.mark.parametrize("machine", emulated.MACHINES)
def test_an_operation_does_on_another_cpu_what_it_does_on_this_one(machine: str) -> None:
    if lack := emulated.missing(machine):
        # `./run test` installs it on x86-64.
        (pytest.fail if os.environ.get("CI") and platform.machine() == "x86_64" else pytest.skip)(lack)
    _sample(machine)


def _sample(device: str) -> None:
    command = [sys.executable, "-m", "conformance.sample", device]
    result = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
