"""What the compiler and its worker processes say to each other, pickled over a socket pair."""

from __future__ import annotations

from dataclasses import dataclass

from iree.codegen.targets import CompiledKernel, Target

IDLE_SECONDS = 300.0
"""A worker that gets no job for so long ends. Its parent sends none after half of that."""


@dataclass(frozen=True)
class Setup:
    """First message to a worker. `memory_limit` in bytes, 0 for none."""

    target: Target
    memory_limit: int


@dataclass(frozen=True)
class Ready:
    """The worker has loaded its target."""


@dataclass(frozen=True)
class Job:
    """One kernel to compile, as bytecode; stages go to files of `dump_directory` unless it is empty.

    `plain` asks the target's `plain` to compile it.
    """

    kernel: bytes
    dump_directory: str
    plain: bool = False


@dataclass(frozen=True)
class Done:
    """The kernel is compiled."""

    kernel: CompiledKernel


@dataclass(frozen=True)
class Failed:
    """The target raised; `traceback` is empty if it raised `CompileError`."""

    message: str
    location: str
    traceback: str
