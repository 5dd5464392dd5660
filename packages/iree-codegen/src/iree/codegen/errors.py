"""The error that compilation ends with."""

from __future__ import annotations


class CompileError(Exception):
    """A program, an option or an environment that cannot be compiled, said so that the reader can act.

    Attributes:
        what: What is wrong, naming the op, dispatch, file or option.
        where: Source location or file, if known.
        hint: What to do about it.
    """

    def __init__(self, what: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(what, where, hint)
        self.what = what
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text}\n  hint: {self.hint}" if self.hint else text
