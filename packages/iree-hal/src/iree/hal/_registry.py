"""Drivers by entry point, devices by URI. A driver's package is imported when one of its devices is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from threading import Lock
from typing import Any

from ._errors import AlreadyExistsError, HalError, IncompatibleError, NotFoundError
from ._native import Device, Driver, null_driver  # noqa: F401 (what this package's own entry point names)
from ._uri import DeviceUri

GROUP = "iree.hal.drivers"
# Packages that a missing driver's name suggests.
_KNOWN = {name: f"iree-hal-{name}" for name in ("cpu", "vulkan", "webgpu")}


@dataclass(frozen=True, slots=True)
class DriverEntry:
    """A driver that is installed: not loaded, so perhaps not working."""

    name: str
    package: str
    version: str
    entry_point: EntryPoint

    @property
    def owner(self) -> str:
        """`package version`."""
        return f"{self.package} {self.version}"


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """A device that could be opened, or why not."""

    uri: str
    name: str
    package: str
    unusable: str | None = None


_loaded: dict[str, Driver] = {}
_lock = Lock()


@lru_cache(maxsize=1)
def drivers() -> dict[str, DriverEntry]:
    """The installed drivers by name. Looked up once in a process.

    Raises:
        AlreadyExistsError: two packages bring a driver of the same name; says which.
    """
    found: dict[str, DriverEntry] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        package, version = (point.dist.name, point.dist.version) if point.dist else ("an unknown package", "")
        entry = DriverEntry(point.name, package, version, point)
        other = found.get(entry.name)
        if other is None:
            found[entry.name] = entry
        elif (other.package, other.entry_point.value) != (entry.package, entry.entry_point.value):
            raise AlreadyExistsError(
                f"driver {entry.name!r} comes from both {other.owner} and {entry.owner}: uninstall one of them"
            )
    return found


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
            capsule: Any = entry.entry_point.load()()
        except HalError:
            raise
        except Exception as error:
            raise IncompatibleError(
                f"driver {name!r} of {entry.owner} does not load: {type(error).__name__}: {error}"
            ) from error
        try:
            driver = Driver.from_capsule(capsule, entry.owner)
        except (TypeError, ValueError) as error:
            raise IncompatibleError(f"{entry.owner} gives no capsule of a driver for {name!r}: {error}") from error
        if driver.name != name:
            raise IncompatibleError(f"{entry.owner} registers driver {driver.name!r} as {name!r}")
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
            result.append(DeviceInfo(name, entry.package, entry.owner, str(error)))
            continue
        for path, device, unusable in rows:
            result.append(DeviceInfo(str(DeviceUri(name, path)), device, entry.owner, unusable))
    return result
