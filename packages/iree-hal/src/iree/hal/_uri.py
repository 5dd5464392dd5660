"""Device URIs: `driver`, `driver://path`, either with `?key=value&key=value`."""

from __future__ import annotations

import re
from typing import NamedTuple

from ._errors import InvalidArgumentError

_DRIVER = re.compile(r"[a-z][a-z0-9_-]*")
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})?")
# What stands for itself; not urllib.parse, which takes longer to import than all of iree.hal.
_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def _unquote(text: str) -> str:
    """Undoes percent escapes. ValueError (or UnicodeError, which is one) if it cannot."""

    def byte(match: re.Match[bytes]) -> bytes:
        if match[1] is None:
            raise ValueError("an incomplete % escape")
        return bytes([int(match[1], 16)])

    decoded = _ESCAPE.sub(byte, text.encode()).decode()
    if "\0" in decoded:
        raise ValueError("a NUL character")
    return decoded


def _quote(text: str, plain: bytes = b"") -> str:
    return "".join(chr(byte) if byte in _PLAIN or byte in plain else f"%{byte:02X}" for byte in text.encode())


class DeviceUri(NamedTuple):
    """A parsed URI. `str()` gives text that parses to the same."""

    driver: str
    path: str = ""
    options: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, text: str) -> DeviceUri:
        """Parses a URI; percent escapes stand for UTF-8 in path, keys and values.

        Raises:
            InvalidArgumentError: naming the part that is wrong.
        """

        def bad(why: object) -> InvalidArgumentError:
            return InvalidArgumentError(f"device URI {text!r}: {why}; the form is driver://path?key=value&key=value")

        def decode(part: str) -> str:
            try:
                return _unquote(part)
            except UnicodeError:
                raise bad(f"{part!r} is not UTF-8") from None
            except ValueError as error:
                raise bad(error) from None

        head, has_query, query = text.partition("?")
        driver, has_path, path = head.partition("://")
        if not _DRIVER.fullmatch(driver):
            raise bad(f"{driver!r} is no driver name (lower-case letters, digits, - and _)")
        if has_path and not path:
            raise bad("nothing after ://")
        options: dict[str, str] = {}
        for part in query.split("&") if has_query else ():
            key, has_value, value = part.partition("=")
            if not key or not has_value:
                raise bad(f"{part!r} is not key=value")
            key = decode(key)
            if key in options:
                raise bad(f"{key!r} is given twice")
            options[key] = decode(value)
        return cls(driver, decode(path), tuple(options.items()))

    def __str__(self) -> str:
        text = self.driver
        if self.path:
            text += "://" + _quote(self.path, b"/:")
        if self.options:
            text += "?" + "&".join(f"{_quote(key)}={_quote(value)}" for key, value in self.options)
        return text
