"""DeviceArray in the memory of this device."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import numpy as np
import pytest

from iree import hal

from .config import LONG, SHORT, needs

DTYPES = "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 complex64 complex128".split()
SHAPES = [(), (1,), (0,), (3,), (2, 3), (2, 0, 3), (1, 1, 1, 1), (5, 4, 3, 2)]


def sample(shape: tuple[int, ...], dtype: str) -> np.ndarray[Any, Any]:
    return (np.arange(np.prod(shape, dtype=int)) * 3 % 7 - 2 * (dtype[0] != "u")).reshape(shape).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_array_of_a_dtype(device: hal.Device, dtype: str) -> None:
    for shape in SHAPES:
        values = sample(shape, dtype)
        array = device.array(values)
        assert array.shape == shape
        assert array.dtype == values.dtype
        assert array.nbytes == values.nbytes
        np.testing.assert_array_equal(array.numpy(), values)
        np.testing.assert_array_equal(np.asarray(array), values)
        np.testing.assert_array_equal(np.from_dlpack(array), values)
        assert array.tolist() == values.tolist()


@pytest.mark.parametrize("copy", [None, True])
def test_large_array(device: hal.Device, copy: bool | None) -> None:
    values = np.random.default_rng(0).random((1000, 333), np.float32)
    np.testing.assert_array_equal(device.array(values, copy=copy).numpy(), values)


@pytest.mark.parametrize(
    "layout",
    [
        lambda x: x.T,
        lambda x: x[::2],
        lambda x: x[:, ::-1],
        lambda x: x.astype(">f4"),
        lambda x: np.broadcast_to(x[:1], x.shape),
        np.asfortranarray,
    ],
    ids=["transposed", "strided", "reversed", "big-endian", "broadcast", "fortran"],
)
def test_array_of_any_layout(device: hal.Device, layout: Any) -> None:
    values = layout(np.arange(20, dtype=np.float32).reshape(4, 5))
    array = device.array(values)
    assert array.shape == values.shape
    np.testing.assert_array_equal(array.numpy(), values)


def test_array_of_another_device(device: hal.Device) -> None:
    other = hal.open(device.uri)
    array = other.array(device.array([1.5, 2.5]))
    assert array.device == other
    assert array.tolist() == [1.5, 2.5]


@needs("data")
def test_reading_waits_until_ready(device: hal.Device) -> None:
    start, done = device.create_semaphore(), device.create_semaphore()
    buffer = device.allocate(16)
    device.queue_fill(buffer, b"\1\0\0\0", wait=[(start, 1)], signal=[(done, 1)])
    array = hal.DeviceArray.from_buffer(buffer, np.int32, (4,), ready=hal.Fence([(done, 1)]))
    threading.Timer(SHORT, start.signal, [1]).start()
    assert array.tolist() == [1, 1, 1, 1]
    assert memoryview(array).tolist() == [1, 1, 1, 1]


@needs("data")
def test_awaiting_an_array(device: hal.Device) -> None:
    async def main() -> list[int]:
        start, done = device.create_semaphore(), device.create_semaphore()
        buffer = device.allocate(8)
        device.queue_fill(buffer, b"\2\0\0\0", wait=[(start, 1)], signal=[(done, 1)])
        threading.Timer(SHORT, start.signal, [1]).start()
        array = hal.DeviceArray.from_buffer(buffer, np.int32, (2,), ready=hal.Fence([(done, 1)]))
        ready = await asyncio.wait_for(when_ready(array), LONG)
        assert ready is array
        values: list[int] = ready.tolist()
        return values

    assert asyncio.run(main()) == [2, 2]


async def when_ready(array: hal.DeviceArray) -> hal.DeviceArray:
    return await array


def test_array_over_part_of_a_buffer(device: hal.Device) -> None:
    buffer = device.array(np.arange(10, dtype=np.int16)).buffer
    assert hal.DeviceArray.from_buffer(buffer, "int16", (2, 2), offset=6).tolist() == [[3, 4], [5, 6]]
    with pytest.raises(IndexError):
        hal.DeviceArray.from_buffer(buffer, "int16", (4, 2), offset=6)
