"""What can be chosen about a compilation."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from iree.codegen.cache import DEFAULT_BYTES
from iree.dialects.phase_names import PHASES


def processors() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0))


@dataclass(frozen=True)
class Limits:
    """Bounds on one kernel.

    Attributes:
        seconds: Wall-clock time.
        memory: Bytes of data of the process that compiles it.
    """

    seconds: float = 60.0
    memory: int = 6 << 30


@dataclass(frozen=True)
class CompilerOptions:
    """Choices for `compile_file` and `compile_str`.

    Attributes:
        target_options: Keyword arguments of the target, e.g. ``{"cpu": "host"}``.
        compile_to: Phase to stop after; the output is MLIR bytecode then. None for a module file.
        compile_from: Phase that the input is in, when it is the output of an earlier `compile_to`. None for a
            program or import artefact.
        dump_phases: Directory that gets the program after each phase, as text with large constants left out.
        dump_dispatches: Directory that gets a directory per kernel with every stage down to assembly. The cache is
            not read then.
        fold_constants: Compute at compile time what depends on constants and immutable variables alone.
        use_cache: Whether to keep compiled kernels and finished modules.
        cache_directory: Where; None for ``$XDG_CACHE_HOME/iree-codegen``.
        cache_bytes: Size beyond which the kernels used least recently are removed, and likewise for modules.
        jobs: Kernels compiled at the same time.
        limits: Time and memory for one kernel.
        reproducers: Directory for kernels that cannot be compiled; None for ``iree-reproducers`` in the temporary
            directory.
        progress: Show progress on stderr if it is a terminal.
    """

    target_options: Mapping[str, str] = field(default_factory=dict)
    compile_to: str | None = None
    compile_from: str | None = None
    dump_phases: Path | None = None
    dump_dispatches: Path | None = None
    fold_constants: bool = True
    use_cache: bool = True
    cache_directory: Path | None = None
    cache_bytes: int = DEFAULT_BYTES
    jobs: int = field(default_factory=processors)
    limits: Limits = field(default_factory=Limits)
    reproducers: Path | None = None
    progress: bool = False

    def __post_init__(self) -> None:
        for name in ("compile_to", "compile_from"):
            phase = getattr(self, name)
            if phase is not None and phase not in PHASES:
                raise ValueError(f"{name}: there is no phase '{phase}'; the phases are {', '.join(PHASES)}")
        if self.compile_to and self.compile_from and PHASES.index(self.compile_to) <= PHASES.index(self.compile_from):
            raise ValueError(f"compile_to={self.compile_to} is not after compile_from={self.compile_from}")
        if self.jobs < 1:
            raise ValueError(f"jobs: {self.jobs} is less than 1")
