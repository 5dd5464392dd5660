"""The one place that imports MLIR.

Everything else writes ``from iree.dialects.mlir import ir, arith, make_context``, so that another build of the same
bindings can take the place of the ``torch-mlir`` wheel by a change here.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import iree.dialects.mlir_libraries  # noqa: F401  (before any of torch_mlir)
from iree.dialects.errors import CompileError, Diagnostic, location_text

# isort: split
from torch_mlir import ir, passmanager, rewrite
from torch_mlir._mlir_libs import _mlirDialectsLLVM as llvm  # without classes of operations: they take long to load
from torch_mlir._mlir_libs import _stablehlo, _torchMlir
from torch_mlir.dialects import (
    affine,
    arith,
    bufferization,
    builtin,
    cf,
    complex,
    ext,
    func,
    gpu,
    linalg,
    math,
    memref,
    ml_program,
    quant,
    scf,
    shape,
    tensor,
    transform,
    vector,
)
from torch_mlir.dialects.transform import interpreter as transform_interpreter
from torch_mlir.dialects.transform import loop as transform_loop
from torch_mlir.dialects.transform import structured as transform_structured

__all__ = [
    "CompileError",
    "Diagnostic",
    "affine",
    "arith",
    "bufferization",
    "builtin",
    "capture_diagnostics",
    "cf",
    "complex",
    "diagnostics_of",
    "ext",
    "func",
    "gpu",
    "ir",
    "linalg",
    "llvm",
    "location_text",
    "make_context",
    "math",
    "memref",
    "ml_program",
    "parse_file",
    "parse_module",
    "passmanager",
    "quant",
    "rewrite",
    "run_upstream",
    "scf",
    "shape",
    "stablehlo",
    "tensor",
    "transform",
    "transform_interpreter",
    "transform_loop",
    "transform_structured",
    "vector",
]

stablehlo = _stablehlo
"""StableHLO's module-level functions (portable artefacts, the reference interpreter)."""

_stablehlo.register_stablehlo_passes()

for _dialect in ("chlo", "flow", "hal", "stablehlo", "tf", "vm"):
    # MLIR looks for a module with classes for an operation's dialect, each time until it finds one; these have none.
    sys.modules[f"torch_mlir.dialects.{_dialect}"] = ModuleType(_dialect)


def _diagnostic(raw: Any) -> Diagnostic:
    return Diagnostic(
        str(raw.severity).rsplit(".", maxsplit=1)[-1].lower(),
        raw.message,
        location_text(raw.location),
        tuple(_diagnostic(note) for note in raw.notes),
    )


def diagnostics_of(error: Any) -> tuple[Diagnostic, ...]:
    """What an `ir.MLIRError` carries."""
    return tuple(_diagnostic(d) for d in error.error_diagnostics)


@dataclass
class Captured:
    """Diagnostics of a `capture_diagnostics` block, in order."""

    diagnostics: list[Diagnostic] = field(default_factory=list)

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The errors alone."""
        return tuple(d for d in self.diagnostics if d.severity == "error")


@contextmanager
def capture_diagnostics(context: Any) -> Iterator[Captured]:
    """Collects what MLIR says in `context` instead of letting it print to stderr."""
    captured = Captured()

    def handle(raw: Any) -> bool:
        captured.diagnostics.append(_diagnostic(raw))
        return True

    handler = context.attach_diagnostic_handler(handle)
    try:
        yield captured
    finally:
        handler.detach()


def make_context(*, ours: bool = True, stablehlo_too: bool = True) -> Any:
    """A context in which the dialects that the compiler uses are known.

    Args:
        ours: Take the flow, hal and vm dialects too. MLIR then lets any unknown operation through;
            `iree.dialects.phases.check` refuses what is not ours.
        stablehlo_too: Load StableHLO and CHLO.

    Returns:
        An `ir.Context`, not entered. Multithreading is off: passes written in Python take part in pipelines.
    """
    context = ir.Context()
    context.enable_multithreading(False)
    context.allow_unregistered_dialects = ours
    if not stablehlo_too:
        return context
    with context, ir.Location.unknown():
        _stablehlo.register_dialect(context)
        _torchMlir.register_dialect(context)
        # CHLO has no registration of its own; a pass that depends on it loads it.
        empty = ir.Module.parse("module { func.func private @empty() }")
        passmanager.PassManager.parse("builtin.module(func.func(convert-torch-to-stablehlo))").run(empty.operation)
    return context


def parse_module(source: str | bytes, context: Any) -> Any:
    """Reads and verifies a module given as MLIR text or bytecode. Locations name no file: see `parse_file`.

    Returns:
        The `ir.Module`.

    Raises:
        CompileError: It does not parse or does not verify.
    """
    return _parse(context, lambda: ir.Module.parse(source), "the program")


def parse_file(path: str | Path, context: Any) -> Any:
    """Reads and verifies a module in a file of MLIR text or bytecode.

    Returns:
        The `ir.Module`; operations without location of their own get the file's name and line.

    Raises:
        OSError: The file cannot be read.
        CompileError: It does not parse or does not verify.
    """
    with open(path, "rb"):  # MLIR's own message does not say why a file cannot be read
        return _parse(context, lambda: ir.Module.parseFile(str(path)), str(path))


def _parse(context: Any, parse: Callable[[], Any], name: str) -> Any:
    with context, capture_diagnostics(context) as captured:
        try:
            return parse()
        except ir.MLIRError as error:
            found = captured.errors or diagnostics_of(error)
            raise CompileError(f"{name} is not a valid MLIR module", None, found) from None


def run_upstream(module: Any, pipeline: str) -> None:
    """Runs upstream passes.

    Args:
        module: The `ir.Module` (or module operation), changed in place.
        pipeline: The textual pipeline inside ``builtin.module(…)``.

    Raises:
        CompileError: A pass failed or is not known.
    """
    operation = module.operation
    with operation.context, capture_diagnostics(operation.context) as captured:
        try:
            passmanager.PassManager.parse(f"builtin.module({pipeline})").run(operation)
        except (ir.MLIRError, ValueError) as error:
            found = captured.errors
            if isinstance(error, ir.MLIRError) and not found:
                found = diagnostics_of(error)
            detail = "" if found else f": {error}"
            raise CompileError(f"the pass pipeline {pipeline!r} failed{detail}", None, found) from None
