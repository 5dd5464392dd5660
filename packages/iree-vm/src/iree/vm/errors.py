"""What can go wrong: every exception this package raises of its own is an `Error`."""

from __future__ import annotations

from typing import NoReturn


class Error(Exception):
    """An error of the runtime, a module or a device.

    Attributes:
        code: Status code as in `iree/hal.h`, 2 (unknown) if there is none.
        location: Source location of the instruction that failed; "" if not known.
        trace: Functions of the module on the stack, innermost first, one a line.
    """

    def __init__(self, message: str, *, code: int = 2, location: str = "", trace: str = "") -> None:
        super().__init__(message)
        self.code, self.location, self.trace = code, location, trace

    def __str__(self) -> str:
        where = "".join(f"\n  in {line}" for line in self.trace.splitlines())
        return f"{self.args[0]}{where}"


class ModuleFormatError(Error, ValueError):
    """Not a module file, or one that is truncated, damaged or of another version."""


class IncompatibleError(Error):
    """A module or an executable that is well-formed, but for another machine or another version of the runtime."""


class Trap(Error, RuntimeError):
    """A module ended a call: a failed assertion, a division by zero, an index out of bounds, …."""


class InvalidArgumentError(Trap, ValueError):
    """A trap because of a value that could never be right."""


class ResourceError(Trap, MemoryError):
    """Out of memory, or at the bound of an invocation's stack or memory."""


class DeadlineError(Error, TimeoutError):
    """The call took longer than it may."""


class CancelledError(Error):
    """The call was cancelled."""


class DeviceLostError(Error, RuntimeError):
    """The device is gone."""


class InputCountError(Error, TypeError):
    """Too few or too many inputs."""


class InputTypeError(Error, TypeError):
    """An input of another structure or element type than the module expects."""


class InputShapeError(Error, ValueError):
    """An input of another shape than the module expects."""


_BY_CODE: dict[int, type[Error]] = {
    1: CancelledError,
    3: InvalidArgumentError,
    4: DeadlineError,
    8: ResourceError,
    14: DeviceLostError,
    15: ModuleFormatError,
    16: IncompatibleError,
}


def from_status(code: int, message: str, location: str, trace: str) -> Error:
    """Return the exception for a status; called by native code."""
    return _BY_CODE.get(code, Trap)(message, code=code, location=location, trace=trace)


def raise_input_error(error: Error, cause: BaseException | None = None) -> NoReturn:
    """Raise an error about an input, which is the caller's fault: code INVALID_ARGUMENT."""
    error.code = 3
    raise error from cause
