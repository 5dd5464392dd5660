"""Timeline semaphores from the host: query, signal, fail, wait, on_reach."""

from __future__ import annotations

import select
import threading
import time
from collections.abc import Callable

import pytest

from iree import hal

from .._errors import (
    AbortedError,
    CancelledError,
    DataLossError,
    DeadlineExceededError,
    HalError,
    InvalidArgumentError,
    UnavailableError,
)
from .config import LONG, SHORT

TOP = (1 << 64) - 2


@pytest.mark.parametrize("value", [0, 1, 1 << 32, TOP])
def test_semaphore_starts_at(device: hal.Device, value: int) -> None:
    semaphore = device.create_semaphore(value)
    assert semaphore.value == value
    semaphore.wait(value, 0)
    semaphore.wait(0, 0)


@pytest.mark.parametrize("values", [[1], [1, 2, 3], [5, 1 << 40, TOP], list(range(1, 100, 7))])
def test_signal_raises_the_value(device: hal.Device, values: list[int]) -> None:
    semaphore = device.create_semaphore()
    for value in values:
        semaphore.signal(value)
        assert semaphore.value == value


@pytest.mark.parametrize(("now", "then"), [(0, 0), (5, 5), (5, 4), (5, 0), (TOP, 1)])
def test_signal_never_lowers_the_value(device: hal.Device, now: int, then: int) -> None:
    semaphore = device.create_semaphore(now)
    with pytest.raises(InvalidArgumentError):
        semaphore.signal(then)
    assert semaphore.value == now
    semaphore.signal(now + 1)


@pytest.mark.parametrize("timeout", [0, 0.001, 0.03])
def test_wait_times_out(device: hal.Device, timeout: float) -> None:
    semaphore = device.create_semaphore(3)
    start = time.monotonic()
    with pytest.raises(DeadlineExceededError):
        semaphore.wait(4, timeout)
    assert time.monotonic() - start >= timeout
    semaphore.signal(4)
    semaphore.wait(4, timeout)


@pytest.mark.parametrize("timeout", [-1, float("nan"), -1e-9])
def test_wait_refuses_a_time_before_now(device: hal.Device, timeout: float) -> None:
    with pytest.raises(ValueError, match="timeout"):
        device.create_semaphore().wait(1, timeout)


@pytest.mark.parametrize("timeout", [1e300, float("inf"), None, LONG])
def test_wait_for_what_is_reached(device: hal.Device, timeout: float | None) -> None:
    device.create_semaphore(3).wait(2, timeout)


def test_wait_wakes_on_signal(device: hal.Device) -> None:
    semaphore = device.create_semaphore()
    thread = threading.Timer(SHORT, semaphore.signal, [7])
    thread.start()
    semaphore.wait(5, LONG)
    assert semaphore.value == 7
    thread.join()


def test_wait_wakes_on_failure(device: hal.Device) -> None:
    semaphore = device.create_semaphore()
    thread = threading.Timer(SHORT, semaphore.fail, ["told to"])
    thread.start()
    with pytest.raises(AbortedError, match="told to"):
        semaphore.wait(5, LONG)
    thread.join()


def test_many_threads_wait_for_different_values(device: hal.Device) -> None:
    semaphore = device.create_semaphore()
    reached: list[int] = []

    def wait(value: int) -> None:
        semaphore.wait(value, LONG)
        assert semaphore.value >= value
        reached.append(value)

    threads = [threading.Thread(target=wait, args=[value]) for value in range(1, 33)]
    for thread in threads:
        thread.start()
    semaphore.signal(10)
    for thread in threads[:10]:
        thread.join(LONG)
    assert sorted(reached) == list(range(1, 11))
    semaphore.signal(32)
    for thread in threads:
        thread.join(LONG)
    assert sorted(reached) == list(range(1, 33))


@pytest.mark.parametrize(
    ("code", "error"),
    # 4 is DEADLINE_EXCEEDED: who waits for ever would take it for a sign to look again.
    [(10, AbortedError), (14, UnavailableError), (15, DataLossError), (1, CancelledError), (4, AbortedError)],
)
def test_failure_is_what_every_use_gets(device: hal.Device, code: int, error: type[HalError]) -> None:
    semaphore = device.create_semaphore(3)
    semaphore.fail("it broke", code)
    uses: list[Callable[[], object]] = [
        lambda: semaphore.value,
        lambda: semaphore.wait(1, 0),
        lambda: semaphore.wait(9, 0),
        lambda: semaphore.wait(9, None),
        lambda: semaphore.signal(10),
    ]
    for use in uses * 2:
        with pytest.raises(error, match="it broke"):
            use()


def test_first_failure_stays(device: hal.Device) -> None:
    semaphore = device.create_semaphore()
    semaphore.fail("first")
    semaphore.fail("second", 14)
    with pytest.raises(AbortedError, match="first"):
        semaphore.wait(1, 0)


def test_failure_message_of_any_text(device: hal.Device) -> None:
    semaphore = device.create_semaphore()
    text = "100 % %s %n ünïcode 設備 " + "long " * 1000
    semaphore.fail(text)
    with pytest.raises(AbortedError) as caught:
        semaphore.wait(1, 0)
    assert str(caught.value) == text


class Listener:
    """A completion queue that is waited for."""

    def __init__(self) -> None:
        self.queue = hal.CompletionQueue()

    def next(self) -> list[tuple[int, Exception | None]]:
        while True:
            assert select.select([self.queue], [], [], LONG)[0]
            if done := self.queue.drain():
                return done


@pytest.fixture
def listener() -> Listener:
    return Listener()


def test_on_reach_of_what_is_reached(device: hal.Device, listener: Listener) -> None:
    semaphore = device.create_semaphore(5)
    for token, value in enumerate([0, 4, 5]):
        listener.queue.watch([(semaphore, value)], token)
    assert sorted(listener.queue.drain()) == [(0, None), (1, None), (2, None)]


def test_on_reach_later(device: hal.Device, listener: Listener) -> None:
    semaphore = device.create_semaphore()
    listener.queue.watch([(semaphore, 2)], 77)
    assert listener.queue.drain() == []
    semaphore.signal(1)
    assert listener.queue.drain() == []
    semaphore.signal(2)
    assert listener.next() == [(77, None)]
    assert listener.queue.drain() == []


def test_on_reach_each_once(device: hal.Device, listener: Listener) -> None:
    semaphore = device.create_semaphore()
    for value in range(1, 501):
        listener.queue.watch([(semaphore, value)], value)
    done: list[int] = []
    for value in (1, 2, 100, 499, 500):
        semaphore.signal(value)
        while len(done) < value:
            done += [token for token, error in listener.next() if error is None]
        assert sorted(done) == list(range(1, value + 1))


def test_on_reach_gets_the_failure(device: hal.Device, listener: Listener) -> None:
    semaphore = device.create_semaphore()
    listener.queue.watch([(semaphore, 1)], 1)
    listener.queue.watch([(semaphore, 2)], 2)
    semaphore.fail("gone", 14)
    got: list[tuple[int, Exception | None]] = []
    while len(got) < 2:
        got += listener.next()
    listener.queue.watch([(semaphore, 0)], 3)
    got += listener.next()
    assert sorted(token for token, _ in got) == [1, 2, 3]
    assert all(isinstance(error, UnavailableError) and "gone" in str(error) for _, error in got)


def test_on_reach_of_a_semaphore_that_goes_first(device: hal.Device, listener: Listener) -> None:
    semaphore = device.create_semaphore()
    listener.queue.watch([(semaphore, 1)], 9)
    del semaphore
    ((token, error),) = listener.next()
    assert token == 9
    assert isinstance(error, CancelledError)


def test_on_reach_of_several(device: hal.Device, listener: Listener) -> None:
    one, two = device.create_semaphore(), device.create_semaphore()
    listener.queue.watch([(one, 1), (two, 3)], 1)
    one.signal(1)
    two.signal(2)
    assert listener.queue.drain() == []
    two.signal(3)
    assert listener.next() == [(1, None)]


def test_on_reach_of_several_with_a_failure(device: hal.Device, listener: Listener) -> None:
    one, two = device.create_semaphore(), device.create_semaphore()
    listener.queue.watch([(one, 1), (two, 3)], 1)
    one.fail("first one")
    two.signal(3)
    ((token, error),) = listener.next()
    assert token == 1
    assert "first one" in str(error)


def test_on_reach_from_many_threads(device: hal.Device, listener: Listener) -> None:
    semaphores = [device.create_semaphore() for _ in range(8)]
    for index, semaphore in enumerate(semaphores):
        for value in range(1, 101):
            listener.queue.watch([(semaphore, value)], index * 1000 + value)

    def signal(semaphore: hal.Semaphore) -> None:
        for value in range(1, 101):
            semaphore.signal(value)

    threads = [threading.Thread(target=signal, args=[semaphore]) for semaphore in semaphores]
    for thread in threads:
        thread.start()
    done: list[int] = []
    while len(done) < 800:
        done += [token for token, error in listener.next() if error is None]
    for thread in threads:
        thread.join()
    assert sorted(done) == [index * 1000 + value for index in range(8) for value in range(1, 101)]


def test_completion_queue_that_goes_first(device: hal.Device) -> None:
    semaphore = device.create_semaphore()
    other = Listener()
    other.queue.watch([(semaphore, 1)], 1)
    del other
    semaphore.signal(1)
