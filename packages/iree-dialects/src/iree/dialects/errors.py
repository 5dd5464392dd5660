"""What the compiler says of a program that it cannot compile. Needs no MLIR, which takes long to load."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Diagnostic:
    """One message of MLIR or of a pass.

    Attributes:
        severity: ``error``, ``warning``, ``remark`` or ``note``.
        message: The text.
        location: Where, as MLIR prints it without the ``loc(…)`` around it.
        notes: Messages attached to it.
    """

    severity: str
    message: str
    location: str
    notes: tuple[Diagnostic, ...] = ()

    def __str__(self) -> str:
        lines = [f"{self.location}: {self.severity}: {self.message}"]
        return "\n".join(lines + [str(note) for note in self.notes])


class CompileError(Exception):
    """A program cannot be compiled: says what, where and how to get on.

    Attributes:
        message: What is wrong and what to do.
        location: Where in the program, or an empty string.
        diagnostics: What MLIR said, if anything.
    """

    def __init__(self, message: str, at: Any = None, diagnostics: tuple[Diagnostic, ...] = ()) -> None:
        """Args: `at` is an operation, a value's owner or a location."""
        self.message = message
        self.location = "" if at is None else location_text(getattr(at, "location", at))
        self.diagnostics = diagnostics
        head = f"{self.location}: error: {message}" if self.location else f"error: {message}"
        super().__init__("\n".join([head, *map(str, diagnostics)]))


def location_text(location: Any) -> str:
    """A location as MLIR prints it, without ``loc(…)`` and quotes: ``model.mlir:3:5``."""
    text = str(location)
    text = text[4:-1] if text.startswith("loc(") else text
    return text.replace('"', "")
