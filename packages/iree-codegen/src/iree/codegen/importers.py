"""Importers: what turns programs of other frameworks into import artefacts. Plug-ins of the group ``iree.importers``.

They let `iree-compile` take a framework's own format. The entry point names an object with the functions of `Importer`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, cast

from iree.codegen import plugins

GROUP = "iree.importers"


class Importer(Protocol):
    """Imports programs of one framework."""

    def accepts(self, path: Path) -> bool:
        """Whether the file or directory looks like such a program; quick, and without loading the framework."""

    def convert(self, path: Path, output: Path) -> None:
        """Imports the program into the artefact `output`, a directory that is made.

        Raises:
            ValueError: The program cannot be imported; the message says why.
        """


def importer_for(path: Path) -> Importer | None:
    """The first importer, by name, that accepts the path; None if none does.

    Raises:
        CompileError: Two packages claim one name, or an importer cannot be loaded.
    """
    for point in plugins.discover(GROUP).values():
        importer = cast("Importer", plugins.load(point))
        if importer.accepts(path):
            return importer
    return None
