"""Entry points of one group, without importlib.metadata: that takes longer to import than the rest of the runtime.

Reads what pip installs, `*.dist-info/entry_points.txt` in the directories of `sys.path`. Where packages may be
elsewhere (zip files, import hooks that bring distributions of their own), importlib.metadata is asked after all.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable


class EntryPoint:
    """`name = value`, and the distribution that says so. No `NamedTuple`, which is compiled at every start."""

    __slots__ = ("name", "package", "value", "version")

    def __init__(self, name: str, value: str, package: str, version: str) -> None:
        self.name, self.value, self.package, self.version = name, value, package, version

    def __repr__(self) -> str:
        return f"EntryPoint({self.name!r}, {self.value!r}, {self.package!r}, {self.version!r})"


def entry_points(group: str) -> list[EntryPoint]:
    """The entry points of the group, sorted by name; of packages that hide others of the same name, the first."""
    if not _only_directories():
        return _from_metadata(group)
    found: dict[str, list[EntryPoint]] = {}
    for folder in sys.path:
        try:
            with os.scandir(folder or ".") as entries:
                names = sorted(entry.name for entry in entries if entry.name.endswith(".dist-info"))
        except OSError:
            continue
        for name in names:
            package, _, version = name.removesuffix(".dist-info").partition("-")
            package = package.replace("_", "-").lower()
            if package not in found:
                found[package] = _read(os.path.join(folder, name, "entry_points.txt"), group, package, version)
    return _in_order(point for points in found.values() for point in points)


def _in_order(points: Iterable[EntryPoint]) -> list[EntryPoint]:
    return sorted(points, key=lambda point: (point.name, point.package, point.value))


def _only_directories() -> bool:
    if any(hasattr(finder, "find_distributions") and not _is_path_finder(finder) for finder in sys.meta_path):
        return False
    return not any(os.path.isfile(folder) for folder in sys.path)


def _is_path_finder(finder: object) -> bool:
    return getattr(finder, "__name__", "") == "PathFinder"


def _read(path: str, group: str, package: str, version: str) -> list[EntryPoint]:
    try:
        with open(path, "rb", buffering=0) as file:
            data = file.read()
    except OSError:
        return []
    points: list[EntryPoint] = []
    if group.encode() not in data:
        return points
    section = ""
    for line in data.decode().splitlines():
        line = line.strip()  # noqa: PLW2901
        if line.startswith("["):
            section = line.strip("[]").strip()
        elif section == group and line and not line.startswith(("#", ";")):
            name, equals, value = line.partition("=")
            if equals:
                points.append(EntryPoint(name.strip(), value.strip(), package, version))
    return points


def _from_metadata(group: str) -> list[EntryPoint]:
    from importlib import metadata  # noqa: PLC0415

    return _in_order(
        EntryPoint(
            point.name, point.value, point.dist.name if point.dist else "?", point.dist.version if point.dist else "?"
        )
        for point in metadata.entry_points(group=group)
    )
