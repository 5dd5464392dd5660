"""One exception per status code of hal.h, each also the built-in exception that fits."""

from __future__ import annotations


class HalError(RuntimeError):
    """An error that a device, a driver or the runtime reported; `code` is the number in hal.h."""

    code: int = 2


class CancelledError(HalError):
    """What was waited for went away first."""


class UnknownError(HalError):
    """A failure that says nothing about its kind."""


class InvalidArgumentError(HalError, ValueError):
    """An argument that could never be right."""


class DeadlineExceededError(HalError, TimeoutError):
    """The time-out passed first."""


class NotFoundError(HalError, LookupError):
    """No device, key or name like that."""


class AlreadyExistsError(HalError):
    """The name is taken."""


class PermissionDeniedError(HalError, PermissionError):
    """The operating system or the object's own flags forbid it."""


class ResourceExhaustedError(HalError, MemoryError):
    """No memory left for it."""


class FailedPreconditionError(HalError):
    """Not in the state that it is now."""


class AbortedError(HalError):
    """Somebody failed it on purpose."""


class OutOfRangeError(HalError, IndexError):
    """A range reaches past the end."""


class UnimplementedError(HalError, NotImplementedError):
    """This device cannot do that."""


class InternalError(HalError):
    """A bug in a driver or the runtime."""


class UnavailableError(HalError):
    """The device is lost."""


class DataLossError(HalError, ValueError):
    """Malformed bytes."""


class IncompatibleError(HalError):
    """Well-formed, but for another machine or version."""


# In the order of iree_hal_code_e, from 1.
ERRORS: tuple[type[HalError], ...] = (
    CancelledError,
    UnknownError,
    InvalidArgumentError,
    DeadlineExceededError,
    NotFoundError,
    AlreadyExistsError,
    PermissionDeniedError,
    ResourceExhaustedError,
    FailedPreconditionError,
    AbortedError,
    OutOfRangeError,
    UnimplementedError,
    InternalError,
    UnavailableError,
    DataLossError,
    IncompatibleError,
)
for _code, _error in enumerate(ERRORS, 1):
    _error.code = _code


def from_status(code: int, message: str) -> HalError:
    """The exception of a status; the extension calls this."""
    if 1 <= code <= len(ERRORS):
        return ERRORS[code - 1](message)
    return UnknownError(f"{message} (status code {code})")
