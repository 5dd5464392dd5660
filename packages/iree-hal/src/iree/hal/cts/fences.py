"""Fences: several timepoints as one, also in asyncio."""

from __future__ import annotations

import asyncio
import threading

import pytest

from iree import hal

from .._errors import AbortedError, DeadlineExceededError, InvalidArgumentError
from .config import LONG, SHORT


@pytest.mark.parametrize("nothing", [None, [], ()])
def test_fence_of_nothing_is_reached(nothing: object) -> None:
    fence = hal.Fence(nothing)  # type: ignore[arg-type]
    assert len(fence) == 0
    assert fence.reached
    fence.wait(0)


@pytest.mark.parametrize("count", [1, 2, 4, 5, 100])
def test_fence_waits_for_all(device: hal.Device, count: int) -> None:
    semaphores = [device.create_semaphore() for _ in range(count)]
    fence = hal.Fence([(semaphore, index + 1) for index, semaphore in enumerate(semaphores)])
    assert len(fence) == count
    assert fence.timepoints == [(semaphore, index + 1) for index, semaphore in enumerate(semaphores)]
    for index, semaphore in enumerate(semaphores):
        assert not fence.reached
        with pytest.raises(DeadlineExceededError):
            fence.wait(0)
        semaphore.signal(index + 1)
    assert fence.reached
    fence.wait(0)


def test_fence_keeps_its_semaphores(device: hal.Device) -> None:
    fence = hal.Fence([(device.create_semaphore(), 1), (device.create_semaphore(), 2)])
    fence.signal()
    assert [semaphore.value for semaphore, _ in fence.timepoints] == [1, 2]


def test_fence_signals_all(device: hal.Device) -> None:
    fence = hal.Fence([(device.create_semaphore(), 1), (device.create_semaphore(8), 9)])
    threading.Timer(SHORT, fence.signal).start()
    fence.wait(LONG)
    with pytest.raises(InvalidArgumentError):
        fence.signal()


def test_fence_failed_by_one(device: hal.Device) -> None:
    one, two = device.create_semaphore(), device.create_semaphore()
    fence = hal.Fence([(one, 1), (two, 1)])
    one.signal(1)
    two.fail("two is bad")
    with pytest.raises(AbortedError, match="two is bad"):
        fence.wait(LONG)
    with pytest.raises(AbortedError, match="two is bad"):
        _ = fence.reached


def test_fence_fails_all(device: hal.Device) -> None:
    one, two = device.create_semaphore(), device.create_semaphore()
    hal.Fence([(one, 1), (two, 1)]).fail("enough")
    for semaphore in (one, two):
        with pytest.raises(AbortedError, match="enough"):
            semaphore.wait(1, 0)


def test_fence_as_a_capsule(device: hal.Device) -> None:
    fence = hal.Fence([(device.create_semaphore(), 1)])
    again = hal.Fence.from_capsule(fence.__iree_hal_fence__())
    fence.signal()
    del fence
    assert again.reached


@pytest.mark.parametrize("points", [[1], [(1, 2)], [("a",)], [None], [(None, 1)], [()], 7, "ab"])
def test_fence_of_something_else(points: object) -> None:
    with pytest.raises(TypeError):
        hal.Fence(points)  # type: ignore[arg-type]


def test_await_what_is_reached(device: hal.Device) -> None:
    async def main() -> None:
        await hal.Fence([(device.create_semaphore(4), 4)])

    asyncio.run(main())


def test_await_what_comes_later(device: hal.Device) -> None:
    async def main() -> None:
        fence = hal.Fence([(device.create_semaphore(), 1), (device.create_semaphore(), 1)])
        threading.Timer(SHORT, fence.signal).start()
        await asyncio.wait_for(fence_as_coroutine(fence), LONG)

    asyncio.run(main())


def test_await_a_failure(device: hal.Device) -> None:
    async def main() -> None:
        fence = hal.Fence([(device.create_semaphore(), 1)])
        threading.Timer(SHORT, fence.fail, ["no good"]).start()
        with pytest.raises(AbortedError, match="no good"):
            await fence

    asyncio.run(main())


def test_await_many(device: hal.Device) -> None:
    async def main() -> None:
        semaphore = device.create_semaphore()

        def signal() -> None:
            for value in range(1, 1001):
                semaphore.signal(value)

        waits = [fence_as_coroutine(hal.Fence([(semaphore, value)])) for value in range(1, 1001)]
        threading.Timer(SHORT, signal).start()
        await asyncio.wait_for(asyncio.gather(*waits), LONG)
        assert semaphore.value == 1000

    asyncio.run(main())


def test_await_can_be_cancelled(device: hal.Device) -> None:
    async def main() -> None:
        fence = hal.Fence([(device.create_semaphore(), 1)])
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(fence_as_coroutine(fence), SHORT)
        fence.signal()
        await fence

    asyncio.run(main())


def test_await_in_one_loop_after_another(device: hal.Device) -> None:
    for _ in range(3):
        test_await_what_comes_later(device)


async def fence_as_coroutine(fence: hal.Fence) -> None:
    await fence
