"""What can be seen of a pipeline: the module around each pass, times, reproducers of failures."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, TextIO

from iree.dialects.mlir import CompileError, ir, parse_file
from iree.dialects.passes import Observer, bytecode

PIPELINE = "iree.pipeline"
"""On the module of a reproducer: the pipeline that fails on it."""


def name_of(step: str) -> str:
    """The name of a pass without its options; of a nested pipeline all of it."""
    return step if "(" in step.partition("{")[0] else step.partition("{")[0]


class Printer(Observer):
    """Prints the module before and after passes."""

    def __init__(self, before: set[str], after: set[str], stream: TextIO | None = None, elide: int = 32) -> None:
        """Args: names of passes, or ``all``; to stderr by default; constants of over `elide` elements are left out."""
        self._before, self._after = before, after
        self._stream, self._elide = stream, elide

    def before(self, step: str, module: Any) -> None:
        """Prints if `step` is among the passes to print before."""
        self._print("before", step, self._before, module)

    def after(self, step: str, module: Any, seconds: float) -> None:
        """Prints if `step` is among the passes to print after."""
        self._print("after", step, self._after, module)

    def _print(self, when: str, step: str, wanted: set[str], module: Any) -> None:
        if "all" in wanted or name_of(step) in wanted:
            text = module.operation.get_asm(large_elements_limit=self._elide)
            print(f"// ----- {when} {step} -----\n{text}", file=self._stream or sys.stderr)


class Timer(Observer):
    """Times passes.

    Attributes:
        seconds: (step, seconds) in the order in which they ran.
    """

    def __init__(self) -> None:
        """Starts with no times."""
        self.seconds: list[tuple[str, float]] = []

    def after(self, step: str, module: Any, seconds: float) -> None:
        """Notes the time."""
        self.seconds.append((step, seconds))

    def report(self) -> str:
        """A table, one line per pass, and the sum."""
        lines = [f"{1e3 * seconds:10.2f} ms  {step}" for step, seconds in self.seconds]
        total = sum(seconds for _, seconds in self.seconds)
        return "\n".join([*lines, f"{1e3 * total:10.2f} ms  all passes"])


class Reproducer(Observer):
    """Writes one file that has what a failed pass was given, and how to run it."""

    wants_source = True

    def __init__(self, path: Path) -> None:
        """`path` is the file to write."""
        self._path = path

    def failed(self, step: str, source: bytes, context: Any) -> None:
        """Writes the file."""
        with context:
            module = ir.Module.parse(source)
            module.operation.attributes[PIPELINE] = ir.StringAttr.get(step)
            self._path.write_bytes(bytecode(module))


def read_reproducer(path: Path, context: Any) -> tuple[Any, str]:
    """The module and the pipeline of a reproducer.

    Raises:
        CompileError: It is not one.
    """
    module = parse_file(path, context)
    attributes = module.operation.attributes
    if PIPELINE not in attributes:
        raise CompileError(f"{path} is no reproducer: its module has no attribute '{PIPELINE}'")
    pipeline = ir.StringAttr(attributes[PIPELINE]).value
    del attributes[PIPELINE]
    return module, pipeline
