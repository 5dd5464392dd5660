"""A cache of finished modules: a program that did not change is not compiled again, by a compiler that did not either.

The key is a digest of all that a module depends on: the program's files, the targets and their options, the compiler's
own files, the versions of all installed packages, and the machine's processor (which ``host`` stands for, and on which
constants are computed). An entry carries a digest of its content, so that a damaged one is a miss. This file and what
it imports need no MLIR, which takes longer to load than to copy a module.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from iree.codegen import targets
from iree.codegen.cache import Cache, key, usable_directory
from iree.codegen.options import CompilerOptions
from iree.codegen.sources import tree_digest
from iree.codegen.statistics import Statistics

MAGIC = b"IREEMOD2"
CHUNK = 1 << 20
PART = 1 << 24
ARTEFACT_MANIFEST = "manifest.json"
CPU_INFORMATION = Path("/proc/cpuinfo")
CPU_FIELDS = {
    "vendor_id", "cpu family", "model", "model name", "stepping", "flags",
    "CPU implementer", "CPU architecture", "CPU variant", "CPU part", "CPU revision", "Features",
}  # fmt: skip

State = tuple[tuple[str, int, int, int], ...]


@dataclass(frozen=True)
class Key:
    """What a module is kept under.

    Attributes:
        name: The digest.
        files: The program's files, with what changes when they do.
    """

    name: str
    files: State


class ModuleCache(Cache):
    """Finished modules by key. One of more than half of `limit` bytes is not kept."""

    @classmethod
    def of(cls, options: CompilerOptions) -> ModuleCache | None:
        """The cache that a compilation with these options uses, or None if it uses none."""
        o = options
        if not o.use_cache or o.compile_to or o.compile_from or o.dump_phases or o.dump_dispatches:
            return None
        directory = usable_directory(o.cache_directory)
        return cls(directory / "modules", o.cache_bytes) if directory else None

    def get(self, wanted: Key, output: Path) -> Statistics | None:
        """Writes the module of that key to `output`.

        Returns:
            What is known of it; None if there is none or it is damaged.

        Raises:
            OSError: The output cannot be written.
        """
        path = self.path(wanted.name)
        try:
            source = path.open("rb")
        except OSError:
            return None
        partial = output.with_name(f"{output.name}.{os.getpid()}.partial")
        with source:
            head = source.read(len(MAGIC) + 32 + 4)
            size = int.from_bytes(head[-4:], "little")
            fields = source.read(size)
            try:
                with partial.open("wb") as file:
                    digest = _copy(source, file)
                if head[:-4] == MAGIC + hashlib.sha256(fields + digest).digest():
                    os.utime(path)
                    os.replace(partial, output)
                    return Statistics.from_json(json.loads(fields))
            finally:
                partial.unlink(missing_ok=True)
        path.unlink(missing_ok=True)
        return None

    def put(self, wanted: Key, output: Path, statistics: Statistics) -> None:
        """Stores the module that was written to `output`, unless the program's files changed meanwhile.

        Raises:
            OSError: The directory cannot be written.
        """
        if output.stat().st_size > self.limit // 2 or _state([Path(name) for name, *_ in wanted.files]) != wanted.files:
            return
        fields = json.dumps(statistics.to_json()).encode()
        with output.open("rb") as source, self.writing(wanted.name) as file:
            file.write(MAGIC + bytes(32) + len(fields).to_bytes(4, "little") + fields)
            digest = _copy(source, file)
            file.seek(len(MAGIC))
            file.write(hashlib.sha256(fields + digest).digest())
        self.trim()


def module_key(path: Path, names: str | Sequence[str], options: CompilerOptions) -> Key | None:
    """The key of what a program becomes; None if it cannot be known without compiling.

    Args:
        path: An import artefact, or a file of StableHLO.
        names: The targets, as `iree.codegen.targets.load_all` takes them.
        options: Those that change the module count.
    """
    files = _program_files(path)
    processor = _processor()
    if not files or processor is None:
        return None
    state = _state(files)
    wanted = [part.strip() for name in ([names] if isinstance(names, str) else names) for part in name.split(",")]
    owners = {targets.top_level_package(name) for name in wanted}
    packages = frozenset(owner for owner in owners if owner is not None) | {"iree"}
    parts: list[str | bytes] = [tree_digest(packages), sys.version, processor, *_installed()]
    parts += [json.dumps([wanted, dict(options.target_options), options.fold_constants], sort_keys=True)]
    for file in files:
        # Source locations name a file of text.
        parts += [file.name if path.is_dir() else str(file), _file_digest(file)]
    return Key(key(parts), state)


def _program_files(path: Path) -> list[Path]:
    """Files that the program is in; none if an importer makes it of something else."""
    if path.is_file():
        return [path]
    if not (path / ARTEFACT_MANIFEST).is_file():
        return []
    return sorted(file for file in path.iterdir() if file.is_file())


def _state(files: Sequence[Path]) -> State:
    return tuple((str(f), status.st_size, status.st_mtime_ns, status.st_ino) for f in files for status in [f.stat()])


def _file_digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return _digest(file.fileno(), 0)


def _copy(source: BinaryIO, target: BinaryIO) -> bytes:
    """Copies what is left of a file; returns its `_digest`, which is computed meanwhile."""
    with ThreadPoolExecutor(1) as executor:
        digest = executor.submit(_digest, source.fileno(), source.tell())
        while chunk := source.read(CHUNK):
            target.write(chunk)
        return digest.result()


def _digest(file: int, start: int) -> bytes:
    """SHA-256 of those of the parts of a file from `start` on; parts are read by several threads."""
    size = os.fstat(file).st_size

    def of_part(offset: int) -> bytes:
        digest, end = hashlib.sha256(), min(offset + PART, size)
        while chunk := os.pread(file, min(CHUNK, end - offset), offset):
            digest.update(chunk)
            offset += len(chunk)
        return digest.digest()

    offsets = range(start, size, PART)
    if len(offsets) < 2:
        return b"".join(map(of_part, offsets))
    with ThreadPoolExecutor() as executor:
        return hashlib.sha256(b"".join(executor.map(of_part, offsets))).digest()


def _installed() -> Iterator[str]:
    """Names and versions of the packages installed, from the names of their directories."""
    for directory in sys.path:
        if os.path.isdir(directory):
            yield from sorted(name for name in os.listdir(directory) if name.endswith((".dist-info", ".egg-info")))


def _processor() -> str | None:
    """What the processor is and can do; None where there is no such file."""
    try:
        lines = CPU_INFORMATION.read_text().partition("\n\n")[0].splitlines()
    except OSError:
        return None
    return "\n".join(line for line in lines if line.partition(":")[0].strip() in CPU_FIELDS) or None
