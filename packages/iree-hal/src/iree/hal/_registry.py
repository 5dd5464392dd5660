"""Drivers by entry point, devices by URI. A driver's package is imported when one of its devices is asked for."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from threading import Lock
from typing import Any, NamedTuple

from ._entry_points import EntryPoint, entry_points
from ._errors import AlreadyExistsError, HalError, IncompatibleError, NotFoundError
from ._native import Device, Driver, null_driver  # noqa: F401 (what this package's own entry point names)
from ._uri import DeviceUri

GROUP = "iree.hal.drivers"
# Packages that a missing driver's name suggests.
_KNOWN = {name: f"iree-hal-{name}" for name in ("cpu", "vulkan", "webgpu")}


class DeviceInfo(NamedTuple):
    """A device that could be opened, or why not."""

    uri: str
    name: str
    package: str
    unusable: str | None = None


_loaded: dict[str, Driver] = {}
_lock = Lock()


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
                f"driver {entry.name!r} comes from both {_owner(other)} and {_owner(entry)}: uninstall one of them"
            )
    return found


def _owner(entry: EntryPoint) -> str:
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
                f"driver {name!r} of {_owner(entry)} does not load: {type(error).__name__}: {error}"
            ) from error
        try:
            driver = Driver.from_capsule(capsule, _owner(entry))
        except (TypeError, ValueError) as error:
            raise IncompatibleError(f"{_owner(entry)} gives no capsule of a driver for {name!r}: {error}") from error
        if driver.name != name:
            raise IncompatibleError(f"{_owner(entry)} registers driver {driver.name!r} as {name!r}")
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


def devices() -> list[DeviceInfo]:
    """Every device of every installed driver, with the reason for each that cannot be used."""
    result: list[DeviceInfo] = []
    for name, entry in drivers().items():
        try:
            rows = load(name).enumerate()
        except (HalError, OSError) as error:
            result.append(DeviceInfo(name, entry.package, _owner(entry), str(error)))
            continue
        for path, device, unusable in rows:
            result.append(DeviceInfo(str(DeviceUri(name, path)), device, _owner(entry), unusable))
    return result
