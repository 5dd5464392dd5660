"""What only the null driver has: it loses devices when asked to."""

import pytest

from iree import hal
from iree.hal._errors import UnavailableError


@pytest.mark.parametrize("count", [0, 1, 5])
def test_device_is_lost_after(count: int) -> None:
    device = hal.open(f"null?lose_after={count}")
    assert device.uri == f"null?lose_after={count}"
    done = device.create_semaphore()
    for step in range(count):
        device.queue_execute(signal=[(done, step + 1)])
    for _ in range(3):
        with pytest.raises(UnavailableError, match="lost"):
            device.queue_execute(signal=[(done, count + 1)])
    assert done.value == count


def test_memory_is_counted() -> None:
    device = hal.open("null")
    buffer = device.allocate(1000)
    assert (device.query("memory.used"), device.query("memory.peak")) == (1000, 1000)
    del buffer
    assert (device.query("memory.used"), device.query("memory.peak")) == (0, 1000)
