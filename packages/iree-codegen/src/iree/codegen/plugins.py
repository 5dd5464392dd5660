"""Plug-ins: entry points by name, each name with one owner."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from typing import Any

from iree.dialects.entry_points import entry_points
from iree.dialects.errors import CompileError


def discover(group: str) -> dict[str, EntryPoint]:
    """Entry points of a group by name; nothing is loaded.

    Raises:
        CompileError: Two packages claim one name.
    """
    kind = group.removeprefix("iree.").removesuffix("s")
    found: dict[str, EntryPoint] = {}
    for point in entry_points(group=group):
        other = found.setdefault(point.name, point)
        if other.value != point.value:
            first, second = sorted(f"{owner(p)} ({p.value})" for p in (other, point))
            raise CompileError(f"{kind} '{point.name}' is claimed by two packages: {first} and {second}; uninstall one")
    return dict(sorted(found.items()))


def load(point: EntryPoint) -> Any:
    """What an entry point names.

    Raises:
        CompileError: Its package cannot be imported or lacks it.
    """
    try:
        return point.load()
    except (ImportError, AttributeError) as error:
        raise CompileError(
            f"'{point.name}' of {point.group} cannot be loaded from {point.value}: {error}; reinstall {owner(point)}"
        ) from error


def owner(point: EntryPoint) -> str:
    """Name of the distribution that an entry point belongs to."""
    return point.dist.name if point.dist is not None else "an unknown package"
