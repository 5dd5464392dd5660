"""Content-addressed caches on disk: what they have in common, and that of compiled kernels.

An entry is a file named by the SHA-256 of what it was made from. It is written beside its place and renamed, so that a
reader never sees half of one, and starts with a digest of its content, so that a damaged one is a miss. Reading an
entry touches it; when the cache outgrows its bound the entries touched least recently go.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import tempfile
import time
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from iree.codegen.targets import CompiledKernel

MAGIC = b"IREEKRN2"
DIGEST = 32
DEFAULT_BYTES = 1 << 30
TRIM_SECONDS = 3600


def usable_directory(wanted: Path | None) -> Path | None:
    """Where caches are: as `wanted`, by default ``$XDG_CACHE_HOME/iree-codegen`` or ``~/.cache/iree-codegen``.

    Returns:
        None, after a warning, if the default cannot be written, as for users without a home.
    """
    if wanted is not None:
        return wanted
    base = os.environ.get("XDG_CACHE_HOME", "")
    try:
        directory = (Path(base) if Path(base).is_absolute() else Path.home() / ".cache") / "iree-codegen"
        directory.mkdir(parents=True, exist_ok=True)
        if os.access(directory, os.W_OK):
            return directory
        reason = f"{directory} cannot be written"
    except (OSError, RuntimeError) as error:  # RuntimeError: there is no home
        reason = str(error)
    _warn(reason)
    return None


@functools.cache
def _warn(reason: str) -> None:
    text = f"no cache of what is compiled: {reason}; XDG_CACHE_HOME or --cache-dir says where it may be"
    warnings.warn(text, RuntimeWarning, stacklevel=2)


def key(parts: Iterable[str | bytes]) -> str:
    """The name of the entry made from these parts; their boundaries count."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "little"))
        digest.update(data)
    return digest.hexdigest()


@dataclass(frozen=True)
class Entry:
    """A compiled kernel; `reason` says why it was compiled plainly, empty if it was not."""

    kernel: CompiledKernel
    reason: str = ""


class Cache:
    """Files by key in a directory, at most `limit` bytes of them. Several processes may share a directory."""

    def __init__(self, directory: Path, limit: int) -> None:
        self.directory = directory
        self.limit = limit

    def path(self, name: str) -> Path:
        """Where the entry of that key is, or would be."""
        return self.directory / name[:2] / name[2:]

    @contextmanager
    def writing(self, name: str) -> Iterator[BinaryIO]:
        """A file that becomes the entry of that key once it is complete.

        Raises:
            OSError: The directory cannot be written.
        """
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                yield file
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise

    def tidy(self) -> None:
        """Trims the cache if nobody has for an hour: looking at all entries takes longer than compiling some.

        Raises:
            OSError: The directory cannot be written.
        """
        mark = self.directory / "trimmed"
        try:
            if time.time() - mark.stat().st_mtime < TRIM_SECONDS:
                return
        except FileNotFoundError:
            self.directory.mkdir(parents=True, exist_ok=True)
        mark.touch()
        self.trim()

    def trim(self) -> None:
        """Removes the entries used least recently until the rest fits the limit."""
        entries: list[tuple[float, int, Path]] = []
        for path in self.directory.glob("??/*"):
            try:
                status = path.stat()
            except FileNotFoundError:  # another process trims too
                continue
            entries.append((status.st_mtime, status.st_size, path))
        total = sum(size for _, size, _ in entries)
        for _, size, path in sorted(entries):
            if total <= self.limit:
                break
            path.unlink(missing_ok=True)
            total -= size


class KernelCache(Cache):
    """Compiled kernels by key."""

    def __init__(self, directory: Path, limit: int = DEFAULT_BYTES) -> None:
        super().__init__(directory, limit)

    def get(self, name: str) -> Entry | None:
        """The entry of that key, or None if there is none or it is damaged."""
        path = self.path(name)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        entry = _decode(data)
        if entry is None:
            path.unlink(missing_ok=True)
        else:
            os.utime(path)
        return entry

    def put(self, name: str, entry: Entry) -> None:
        """Stores a kernel.

        Raises:
            OSError: The directory cannot be written.
        """
        with self.writing(name) as file:
            file.write(_encode(entry))

    def noted(self, name: str) -> bool:
        """Whether `note` was called with that name."""
        try:
            os.utime(self.path(name))
        except OSError:
            return False
        return True

    def note(self, name: str) -> None:
        """Keeps a name alone.

        Raises:
            OSError: The directory cannot be written.
        """
        with self.writing(name):
            pass


def _encode(entry: Entry) -> bytes:
    fields = asdict(entry)
    del fields["kernel"]["object"]
    head = json.dumps(fields).encode()
    body = len(head).to_bytes(4, "little") + head + entry.kernel.object
    return MAGIC + hashlib.sha256(body).digest() + body


def _decode(data: bytes) -> Entry | None:
    start = len(MAGIC) + DIGEST
    body = data[start:]
    if not data.startswith(MAGIC) or hashlib.sha256(body).digest() != data[len(MAGIC) : start]:
        return None
    size = int.from_bytes(body[:4], "little")
    fields: dict[str, Any] = json.loads(body[4 : 4 + size])
    kernel = fields["kernel"]
    kernel["access"] = tuple(kernel["access"])
    return Entry(CompiledKernel(object=body[4 + size :], **kernel), fields["reason"])
