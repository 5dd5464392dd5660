"""What a driver tells the suite, and the fixtures and helpers that the cases share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol, TypeVar

import pytest

from iree import hal

# Seconds after which a wait that should end counts as hung.
LONG = 60.0
# Seconds that something which should not happen is given to happen.
SHORT = 0.02

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class TestExecutable:
    """Device code with the entries of `kernels.c`, in that order."""

    __test__ = False
    format: str
    data: bytes


@dataclass(frozen=True)
class Config:
    """How to test a driver.

    Attributes:
        uri: what `iree.hal.open` gets.
        executable: makes the test executable; None skips the cases that need one.
        skips: name of a case (`test_…`) or of a need (`data`, `import`, `dispatch`) to the reason why it is left out.
    """

    uri: str
    executable: Callable[[], TestExecutable] | None = None
    skips: Mapping[str, str] = field(default_factory=dict)

    def reason_to_skip(self, name: str, needs: tuple[str, ...]) -> str | None:
        """None if the case runs."""
        for key in (name, *needs):
            if key in self.skips:
                return f"{self.uri}: {self.skips[key]}"
        if "executable" in needs and self.executable is None:
            return f"{self.uri}: the driver's suite gives no test executable"
        return None


def needs(*names: str) -> Callable[[F], F]:
    """Marks a case as needing what some drivers lack. `dispatch` is `executable` and `data`."""
    full = {part for name in names for part in (("dispatch", "executable", "data") if name == "dispatch" else (name,))}

    def mark(function: F) -> F:
        function.cts_needs = tuple(sorted(full))  # type: ignore[attr-defined]
        return function

    return mark


@pytest.fixture(autouse=True)
def skip_what_is_lacking(request: pytest.FixtureRequest) -> None:
    """Skips a case that the driver's `Config.skips` names."""
    function = getattr(request, "function", None)
    if function is None or "cts" not in request.fixturenames:
        return
    config: Config = request.getfixturevalue("cts")
    reason = config.reason_to_skip(function.__name__, getattr(function, "cts_needs", ()))
    if reason is not None:
        pytest.skip(reason)


@pytest.fixture
def device(cts: Config) -> hal.Device:
    """A fresh device for every case."""
    return hal.open(cts.uri)


class Submit(Protocol):
    """A queue operation but for what it signals."""

    def __call__(self, *, signal: list[tuple[hal.Semaphore, int]]) -> object:
        """Submits it."""


def finish(device: hal.Device, submit: Submit) -> None:
    """Calls `submit(signal=…)` and waits until that is reached."""
    done = device.create_semaphore()
    submit(signal=[(done, 1)])
    done.wait(1, LONG)


def execute(
    device: hal.Device, record: Callable[[hal.CommandBuffer], object], bindings: list[Any] | None = None
) -> None:
    """Records a command buffer with as many slots as `bindings`, executes it once and waits."""
    bindings = bindings or []
    commands = device.create_command_buffer(len(bindings))
    record(commands)
    commands.finalize()
    finish(device, partial(device.queue_execute, commands, bindings))


def pattern_bytes(count: int, seed: int = 1) -> bytes:
    """Bytes without a short period."""
    return bytes((i * i * 31 + i * 7 + seed) % 251 for i in range(count))


def new_buffer(device: hal.Device, data: bytes) -> hal.Buffer:
    """A buffer that holds `data`."""
    buffer = device.allocate(len(data))
    buffer.write(data)
    return buffer


def ints(buffer: hal.Buffer) -> list[int]:
    """The contents as 32-bit integers."""
    return memoryview(buffer.read()).cast("i").tolist()
