"""Fake distributions: modules with entry points, found through a directory on the path, as an installed wheel is."""

from __future__ import annotations

import textwrap
from pathlib import Path


def install(directory: Path, name: str, source: str, points: dict[str, dict[str, str]]) -> None:
    """Puts a distribution into a directory.

    Args:
        directory: A directory on `sys.path`.
        name: Of the distribution; its module is that with ``_`` for ``-``.
        source: The module's text, indented as one likes.
        points: Entry points by group and name.
    """
    (directory / f"{name.replace('-', '_')}.py").write_text(textwrap.dedent(source))
    info = directory / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    sections = (f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in rows.items()) for group, rows in points.items())
    (info / "entry_points.txt").write_text("\n".join(sections))
