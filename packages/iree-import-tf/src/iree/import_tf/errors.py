"""The one error that users see."""

from __future__ import annotations


class ImportFailure(Exception):
    """A program cannot be imported; the message says what, where and how to get on."""
