"""One line on the terminal that says how far the compiler is."""

from __future__ import annotations

import shutil
import sys


class Progress:
    """Rewrites one line of stderr; writes nothing unless that is a terminal and `enabled`."""

    def __init__(self, enabled: bool) -> None:
        self._on = enabled and sys.stderr.isatty()

    def show(self, text: str) -> None:
        """Replaces the line."""
        if self._on:
            width = shutil.get_terminal_size().columns - 1
            sys.stderr.write(f"\r\x1b[K{text[:width]}")
            sys.stderr.flush()

    def clear(self) -> None:
        """Removes the line."""
        if self._on:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
