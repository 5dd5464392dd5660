"""Pass pipelines of the targets by name, each parsed once per process, and the context that kernels live in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from iree.dialects.mlir import CompileError, capture_diagnostics, ir, passmanager


@cache
def context() -> Any:
    """The process's context for kernels. Upstream's dialects are all that they hold, and loading others takes its
    time.
    """
    made = ir.Context()
    made.enable_multithreading(False)
    return made


class Pipelines:
    """Those of one target."""

    def __init__(self, target: str, texts: Mapping[str, str]) -> None:
        """Nothing is parsed yet.

        Args:
            target: For messages.
            texts: By name what goes inside ``builtin.module(…)``.
        """
        self._target, self._texts = target, texts
        self._managers: dict[str, Any] = {}

    def run(self, name: str, module: Any) -> None:
        """Runs a pipeline over a module of `context`.

        Raises:
            CompileError: A pass failed; carries what MLIR said.
        """
        if name not in self._managers:
            with context():
                self._managers[name] = passmanager.PassManager.parse(f"builtin.module({self._texts[name]})")
        with capture_diagnostics(context()) as captured:
            try:
                self._managers[name].run(module.operation)
            except ir.MLIRError as error:
                detail = "" if captured.errors else f": {error}"
                text = f"{self._target} code generation failed in '{name}'{detail}"
                raise CompileError(text, None, captured.errors) from None
