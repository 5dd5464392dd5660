"""Drivers by entry point, devices by URI. A driver's package is imported when one of its devices is asked for."""

from __future__ import annotations

from _thread import allocate_lock  # as the standard library does: importing threading takes longer
from functools import lru_cache
from importlib import import_module
from typing import Any

from ._entry_points import EntryPoint, entry_points
from ._errors import AlreadyExistsError, HalError, IncompatibleError, NotFoundError
from ._native import Device, Driver, null_driver  # noqa: F401 (what this package's own entry point names)
from ._uri import DeviceUri

GROUP = "iree.hal.drivers"
# Packages that a missing driver's name suggests.
_KNOWN = {name: f"iree-hal-{name}" for name in ("cpu", "vulkan", "webgpu")}

_loaded: dict[str, Driver] = {}
_lock = allocate_lock()


@lru_cache(maxsize=1)
def drivers() -> dict[str, EntryPoint]:
    """The installed drivers by name: not loaded, so perhaps not working. Looked up once in a process.

    Raises:
        AlreadyExistsError: two packages bring a driver of the same name; says which.
    """
    found: dict[str, EntryPoint] = {}
    for entry in entry_points(GROUP):
        other = found.setdefault(entry.name, entry)
        if other is not entry:
            raise AlreadyExistsError(
                f"driver {entry.name!r} comes from both {owner(other)} and {owner(entry)}: uninstall one of them"
            )
    return found


def owner(entry: EntryPoint) -> str:
    """The package that brings it and its version, as people write them."""
    return f"{entry.package} {entry.version}"


def load(name: str) -> Driver:
    """The driver of that name, imported and checked.

    Raises:
        NotFoundError: it is not installed; says what to install.
        IncompatibleError: its package does not load or was made for another version of the ABI.
    """
    with _lock:
        if name in _loaded:
            return _loaded[name]
        entry = drivers().get(name)
        if entry is None:
            hint = f": pip install {_KNOWN[name]}" if name in _KNOWN else ""
            raise NotFoundError(f"no driver {name!r} is installed{hint} (installed: {', '.join(drivers()) or 'none'})")
        try:
            module, _, attribute = entry.value.partition(":")
            capsule: Any = getattr(import_module(module), attribute)()
        except HalError:
            raise
        except Exception as error:
            raise IncompatibleError(
                f"driver {name!r} of {owner(entry)} does not load: {type(error).__name__}: {error}"
            ) from error
        try:
            driver = Driver.from_capsule(capsule, owner(entry))
        except (TypeError, ValueError) as error:
            raise IncompatibleError(f"{owner(entry)} gives no capsule of a driver for {name!r}: {error}") from error
        if driver.name != name:
            raise IncompatibleError(f"{owner(entry)} registers driver {driver.name!r} as {name!r}")
        _loaded[name] = driver
        return driver


def open(uri: str) -> Device:
    """Opens a device: `cpu`, `cpu?threads=4`, `vulkan://1`.

    Raises:
        InvalidArgumentError: malformed URI, or an option that the driver does not know.
        NotFoundError: no such driver (says what to install) or device.
        IncompatibleError: the driver does not fit this version of iree-hal.
    """
    parsed = DeviceUri.parse(uri)
    return load(parsed.driver).create_device(parsed.path, parsed.options)
