"""`iree-devices`: what is there, what it can do, and why something is not usable."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from . import _listing, _registry
from ._errors import HalError, NotFoundError
from ._native import ABI_VERSION
from ._version import __version__

# What hal.h names, what GPUs are asked for most, and the formats that compilers make; a driver may know more.
QUERIES = (
    "concurrency",
    "memory.total",
    "memory.used",
    "memory.peak",
    "binding.size",
    "workgroup.invocations",
    "workgroup.memory",
    "subgroup.size",
    "executable.format.cpu-elf-x86_64",
    "executable.format.cpu-elf-aarch64",
    "executable.format.spirv-portable",
    "executable.format.spirv-vulkan",
    *(
        f"spirv.capability.{name}"
        for name in ("Float16", "Float64", "Int8", "Int16", "Int64", "BFloat16TypeKHR", "CooperativeMatrixKHR")
    ),
)
# Answers that are yes or no: only what is there is listed.
YES_OR_NO = ("executable.format.", "spirv.capability.")


def _limits(uri: str) -> tuple[str, dict[str, int], str | None]:
    """The device's name, its limits, and why it is not usable."""
    try:
        device = _registry.open(uri)
    except HalError as error:
        return "", {}, str(error)
    limits: dict[str, int] = {}
    for key in QUERIES:
        try:
            value = device.query(key)
        except NotFoundError:
            continue
        if value or not key.startswith(YES_OR_NO):
            limits[key] = value
    return device.name, limits, None


def describe(uris: list[str]) -> list[dict[str, Any]]:
    """A row for each device: `DeviceInfo`'s fields and `limits`; only for `uris` if there are any."""
    rows: list[dict[str, Any]] = []
    infos = [_listing.DeviceInfo(uri, "", "") for uri in uris] or _listing.devices()
    for info in infos:
        row: dict[str, Any] = info._asdict() | {"limits": {}}
        if info.unusable is None:
            name, row["limits"], row["unusable"] = _limits(info.uri)
            row["name"] = info.name or name
        rows.append(row)
    return rows


def _print(rows: list[dict[str, Any]]) -> None:
    width = max((len(row["uri"]) for row in rows), default=0)
    for row in rows:
        package = f"[{row['package']}]" if row["package"] else ""
        print(f"{row['uri']:{width}}  {row['name']}  {package}".rstrip())
        if row["unusable"]:
            print(f"{'':{width}}  not usable: {row['unusable']}")
        for key, value in row["limits"].items():
            print(f"{'':{width}}  {key} = {value}")


def main(arguments: list[str] | None = None) -> int:
    """Entry point; 1 if a device named on the command line cannot be used."""
    parser = argparse.ArgumentParser(prog="iree-devices", description="Lists the devices that programs can run on.")
    parser.add_argument("uri", nargs="*", help="only these, such as cpu?threads=4")
    parser.add_argument("--json", action="store_true", help="machine-readable, one list of objects")
    parser.add_argument("--version", action="store_true", help="the versions of iree-hal and of each driver")
    options = parser.parse_args(arguments)
    try:
        if options.version:
            print(f"iree-hal {__version__} (ABI {ABI_VERSION})")
            for entry in _registry.drivers().values():
                print(f"driver {entry.name}: {entry.package} {entry.version}")
            return 0
        rows = describe(options.uri)
    except HalError as error:
        print(f"iree-devices: {error}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(rows, indent=2))
    else:
        _print(rows)
    return 1 if options.uri and any(row["unusable"] for row in rows) else 0
