"""Device URIs: `driver`, `driver://path`, either with `?key=value&key=value`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from ._errors import InvalidArgumentError

_DRIVER = re.compile(r"[a-z][a-z0-9_-]*")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class DeviceUri:
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

        def bad(why: str) -> InvalidArgumentError:
            return InvalidArgumentError(f"device URI {text!r}: {why}; the form is driver://path?key=value&key=value")

        def decode(part: str) -> str:
            if _BAD_ESCAPE.search(part):
                raise bad(f"incomplete % escape in {part!r}")
            try:
                decoded = unquote(part, errors="strict")
            except UnicodeDecodeError:
                raise bad(f"the % escapes in {part!r} are not UTF-8") from None
            if "\0" in decoded:
                raise bad("a NUL character")
            return decoded

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
            text += "://" + quote(self.path, safe="/:")
        if self.options:
            text += "?" + "&".join(f"{quote(key, safe='')}={quote(value, safe='')}" for key, value in self.options)
        return text
