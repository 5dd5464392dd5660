"""Every device there is, whether it can be used or not."""

from __future__ import annotations

from typing import NamedTuple

from ._errors import HalError
from ._registry import drivers, load, owner
from ._uri import DeviceUri


class DeviceInfo(NamedTuple):
    """A device that could be opened, or why not."""

    uri: str
    name: str
    package: str
    unusable: str | None = None


def devices() -> list[DeviceInfo]:
    """Every device of every installed driver, with the reason for each that cannot be used."""
    result: list[DeviceInfo] = []
    for name, entry in drivers().items():
        try:
            rows = load(name).enumerate()
        except (HalError, OSError) as error:
            result.append(DeviceInfo(name, entry.package, owner(entry), str(error)))
            continue
        for path, device, unusable in rows:
            result.append(DeviceInfo(str(DeviceUri(name, path)), device, owner(entry), unusable))
    return result
