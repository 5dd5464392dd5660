"""The sources that a target's results depend on, so that work on them does not need a new version to be seen."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from functools import cache
from importlib.abc import InspectLoader
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import find_spec
from pathlib import Path
from types import CodeType

from iree.codegen.cache import key

SUFFIXES = (".py", EXTENSION_SUFFIXES[-1])
"""Of files with code."""


@cache
def sources_digest(start: str) -> str:
    """Digest of the Python files of a loaded module and of all that it imports from its own package or from iree.

    What is imported inside functions counts once it is loaded.
    """
    roots = ("iree.", start.partition(".")[0] + ".")
    found: dict[str, None] = {}
    pending = [start]
    while pending:
        name = pending.pop()
        if name not in found:
            found[name] = None
            pending += _imports(name, roots)
    parts: list[str | bytes] = []
    for name in sorted(found):
        file = getattr(sys.modules[name], "__file__", None)
        parts += [name, Path(file).read_bytes() if file else b""]
    return key(parts)


@cache
def tree_digest(packages: frozenset[str]) -> str:
    """Digest of all Python files and extension modules of top-level packages, whether they are loaded or not.

    Coarser than `sources_digest`, and quick.
    """
    parts: list[str | bytes] = []
    for package in sorted(packages):
        specification = find_spec(package)
        if specification is None:
            continue
        files = [] if specification.origin is None else [specification.origin]
        for root in specification.submodule_search_locations or ():
            for directory, _, names in os.walk(root):
                files += [os.path.join(directory, name) for name in names if name.endswith(SUFFIXES)]
        for path in sorted(files):
            with suppress(FileNotFoundError):  # of a tree that is worked on, a file may go meanwhile
                parts += [path, Path(path).read_bytes()]
    return key(parts)


def _imports(name: str, roots: tuple[str, ...]) -> list[str]:
    """The loaded modules among the names that a module's code refers to."""
    specification = sys.modules[name].__spec__
    loader = specification.loader if specification is not None else None
    code = loader.get_code(name) if isinstance(loader, InspectLoader) else None
    if code is None:
        return []
    names = set(_names(code))
    whole = [used for used in names if used.startswith(roots) and used in sys.modules]
    packages = [used for used in whole if hasattr(sys.modules[used], "__path__")]
    parts = [f"{package}.{part}" for package in packages for part in names]
    return [*whole, *(part for part in parts if part in sys.modules)]


def _names(code: CodeType) -> list[str]:
    inner = [name for constant in code.co_consts if isinstance(constant, CodeType) for name in _names(constant)]
    return [*code.co_names, *inner]
