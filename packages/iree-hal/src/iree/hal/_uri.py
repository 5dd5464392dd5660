"""Device URIs: `driver`, `driver://path`, either with `?key=value&key=value`."""

from __future__ import annotations

from ._errors import InvalidArgumentError

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")
_NAME = _LETTERS | frozenset("0123456789_-")
_HEX = frozenset("0123456789ABCDEFabcdef")
# What stands for itself; not urllib.parse, which takes longer to import than all of iree.hal, and nothing else that
# would be compiled at every start, such as regular expressions.
_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def _unquote(text: str) -> str:
    """Undoes percent escapes. ValueError (or UnicodeError, which is one) if it cannot."""
    first, *escaped = text.split("%")
    decoded = bytearray(first.encode())
    for part in escaped:
        if len(part) < 2 or not _HEX.issuperset(part[:2]):
            raise ValueError("an incomplete % escape")
        decoded.append(int(part[:2], 16))
        decoded += part[2:].encode()
    if 0 in decoded:
        raise ValueError("a NUL character")
    return decoded.decode()


def _quote(text: str, plain: bytes = b"") -> str:
    return "".join(chr(byte) if byte in _PLAIN or byte in plain else f"%{byte:02X}" for byte in text.encode())


class DeviceUri:
    """A parsed URI, to be compared and hashed by its parts. `str()` gives text that parses to the same."""

    __slots__ = ("driver", "options", "path")

    def __init__(self, driver: str, path: str = "", options: tuple[tuple[str, str], ...] = ()) -> None:
        self.driver, self.path, self.options = driver, path, options

    def _parts(self) -> tuple[object, ...]:
        return self.driver, self.path, self.options

    def __eq__(self, other: object) -> bool:
        return self._parts() == other._parts() if isinstance(other, DeviceUri) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._parts())

    def __repr__(self) -> str:
        return f"DeviceUri{self._parts()!r}"

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
        if driver[:1] not in _LETTERS or not _NAME.issuperset(driver):
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
