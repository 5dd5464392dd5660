"""Any function from any thread at any time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from iree import hal

from .config import LONG, Config, execute, finish, needs, new_buffer, pattern_bytes

THREADS = 8


def in_threads(body: Callable[[int], object], count: int = THREADS) -> None:
    """Runs `body(index)` in as many threads; raises what any raises."""
    with ThreadPoolExecutor(count) as pool:
        for result in [pool.submit(body, index) for index in range(count)]:
            result.result(LONG)


def test_threads_allocate(device: hal.Device) -> None:
    def body(seed: int) -> None:
        for step in range(100):
            data = pattern_bytes(1 + 37 * step, seed)
            assert new_buffer(device, data).read() == data

    in_threads(body)


@needs("data")
def test_threads_fill_and_copy(device: hal.Device) -> None:
    def body(seed: int) -> None:
        for step in range(50):
            one, two = device.allocate(512), device.allocate(512)
            timeline = device.create_semaphore()
            device.queue_fill(one, bytes([seed, step]), signal=[(timeline, 1)])
            device.queue_copy(one, two, wait=[(timeline, 1)], signal=[(timeline, 2)])
            timeline.wait(2, LONG)
            assert two.read() == bytes([seed, step]) * 256

    in_threads(body)


@needs("data")
def test_threads_execute_one_command_buffer(device: hal.Device) -> None:
    commands = device.create_command_buffer(2)
    commands.copy(hal.Binding.of_slot(0, 0, 64), hal.Binding.of_slot(1, 0, 64))
    commands.finalize()

    def body(seed: int) -> None:
        for step in range(50):
            source, target = new_buffer(device, pattern_bytes(64, seed * 50 + step)), device.allocate(64)
            finish(device, partial(device.queue_execute, commands, [source, target]))
            assert target.read() == pattern_bytes(64, seed * 50 + step)

    in_threads(body)


def test_threads_pass_a_token_round(device: hal.Device) -> None:
    timeline = device.create_semaphore()

    def body(index: int) -> None:
        for turn in range(50):
            mine = turn * THREADS + index
            timeline.wait(mine, LONG)
            timeline.signal(mine + 1)

    in_threads(body)
    assert timeline.value == 50 * THREADS


def test_threads_race_to_signal(device: hal.Device) -> None:
    semaphore = device.create_semaphore()
    won: list[int] = []

    def body(index: int) -> None:
        for value in range(1, 201):
            try:
                semaphore.signal(value)
            except ValueError:
                continue
            won.append(value)

    in_threads(body)
    assert semaphore.value == 200
    assert len(won) == len(set(won))


def test_threads_open_devices(cts: Config) -> None:
    def body(index: int) -> None:
        for _ in range(5):
            execute(hal.open(cts.uri), lambda commands: commands.barrier())

    in_threads(body)


@needs("data")
def test_threads_submit_chains_across(device: hal.Device) -> None:
    # Each thread's work waits for its neighbour's, and for its own last step: else two steps that become ready together
    # could signal in either order. The last one starts them all.
    points = [device.create_semaphore() for _ in range(THREADS + 1)]
    buffer = device.allocate(THREADS)

    def body(index: int) -> None:
        for step in range(20):
            device.queue_fill(
                hal.Binding(buffer, index, 1),
                bytes([step]),
                wait=[(points[index], step + 1), (points[index + 1], step)],
                signal=[(points[index + 1], step + 1)],
            )

    in_threads(body)
    for step in range(20):
        points[0].signal(step + 1)
    points[THREADS].wait(20, LONG)
    hal.Fence([(point, 20) for point in points]).wait(LONG)
    assert buffer.read() == bytes([19]) * THREADS


@needs("executable")
def test_threads_prepare_executables(cts: Config, device: hal.Device) -> None:
    assert cts.executable is not None
    made = cts.executable()

    def body(index: int) -> None:
        for _ in range(20):
            assert device.prepare_executable(made.format, made.data).entry_count == 4

    in_threads(body)


@pytest.mark.parametrize("kind", ["signal", "fail"])
def test_threads_wait_while_one_ends_it(device: hal.Device, kind: str) -> None:
    for _ in range(20):
        semaphore = device.create_semaphore()

        def body(index: int, semaphore: hal.Semaphore = semaphore) -> None:
            if index == 0:
                semaphore.signal(1) if kind == "signal" else semaphore.fail("over")
                return
            try:
                semaphore.wait(1, LONG)
            except RuntimeError as error:
                assert kind == "fail" and "over" in str(error)
            else:
                assert kind == "signal"

        in_threads(body)
