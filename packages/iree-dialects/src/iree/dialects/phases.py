"""The compiler's phases, and what a module in each of them may hold.

``input`` -> ``flow`` -> ``executables`` -> ``hal`` -> ``vm``. The executables phase belongs to code generation.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from iree.dialects import definition, flow, hal, vm
from iree.dialects._version import __version__
from iree.dialects.mlir import CompileError, ir
from iree.dialects.passes import Observer, run_pipeline
from iree.dialects.phase_names import PHASES

__all__ = ["DEFINITIONS", "PHASE", "PHASES", "VERSION", "check", "phase_of", "stamp", "to_flow", "to_hal", "to_vm"]

PHASE = "iree.phase"
VERSION = "iree.version"

DEFINITIONS = {**flow.DEFINITIONS, **hal.DEFINITIONS, **vm.DEFINITIONS}

FLOW_PIPELINE = ",".join(
    [
        "inline,canonicalize,cse,symbol-dce",
        "hoist-constants",
        # A size taken of a result is a second use, which would keep it from being fused.
        "resolve-ranked-shaped-type-result-dims,canonicalize,cse,loop-sizes",
        "fold-transposes,transpose-filters,fold-unit-dims,fuse-elementwise,sink-reshapes",
        "loop-invariant-code-motion,canonicalize,cse",
        "form-dispatches",
        "deduplicate-executables",
        "unroll-loops,canonicalize,cse,loop-sizes",  # again: dispatches take the sizes of their operands
        "tie-operands",
        "canonicalize,cse",
    ]
)
HAL_PIPELINE = "convert-scf-to-cf,lower-affine,canonicalize,branch-on-tensors,convert-to-hal,canonicalize,cse"
# Division that rounds up or down has no instruction.
VM_PIPELINE = "arith-expand,canonicalize,convert-to-vm"


def check(module: Any) -> None:
    """Verifies a module in any phase, our operations too.

    Raises:
        CompileError: Names what is wrong and where.
    """
    definition.check(module, DEFINITIONS)


def stamp(module: Any, phase: str) -> None:
    """Notes phase and compiler version on the module."""
    attributes = module.operation.attributes
    with module.context:
        attributes[PHASE] = ir.StringAttr.get(phase)
        attributes[VERSION] = ir.StringAttr.get(__version__)


def phase_of(module: Any) -> str | None:
    """The phase noted on a module, None if there is none.

    Raises:
        CompileError: The phase is not one of ours, or another version of the compiler wrote it.
    """
    attributes = module.operation.attributes
    if PHASE not in attributes:
        return None
    phase = str(ir.StringAttr(attributes[PHASE]).value)
    if phase not in PHASES:
        raise CompileError(f"the module is in phase '{phase}', which is none of {', '.join(PHASES)}")
    if VERSION in attributes and (by := ir.StringAttr(attributes[VERSION]).value) != __version__:
        raise CompileError(f"the module was written by version {by}, this is {__version__}: compile it from its source")
    return phase


def _run(module: Any, wanted: tuple[str, ...], pipeline: str, phase: str, observers: Iterable[Observer]) -> None:
    found = phase_of(module)
    if found is not None and found not in wanted:
        raise CompileError(f"the module is in phase '{found}'; {phase} is made from {' or '.join(wanted)}")
    run_pipeline(module, pipeline, observers)
    check(module)
    stamp(module, phase)


def to_flow(
    module: Any, observers: Iterable[Observer] = (), *, attention: bool = False, fuse_pads: bool = False
) -> None:
    """Takes a module of linalg on tensors (what `iree.dialects.input` gives) to the flow phase, in place.

    Args:
        module: Changed in place.
        observers: See `run_pipeline`.
        attention: The target wants attention as one dispatch.
        fuse_pads: It wants the padding of depthwise convolutions as part of their dispatch.

    Raises:
        CompileError: Something cannot be compiled; named with its location.
    """
    wanted = [name for name, chosen in (("fuse-pads", fuse_pads), ("attention", attention)) if chosen]
    form = f"form-dispatches{{{' '.join(wanted)}}}" if wanted else "form-dispatches"
    pipeline = FLOW_PIPELINE.replace("form-dispatches", form)
    _run(module, ("input",), pipeline, "flow", observers)


def to_hal(module: Any, observers: Iterable[Observer] = ()) -> None:
    """Takes a module from the executables phase to the hal phase, in place.

    Raises:
        CompileError: Something cannot be compiled; named with its location.
    """
    _run(module, ("flow", "executables"), HAL_PIPELINE, "hal", observers)


def to_vm(module: Any, observers: Iterable[Observer] = ()) -> None:
    """Takes a module from the hal phase to the vm phase, in place.

    Raises:
        CompileError: Something cannot be compiled; named with its location.
    """
    _run(module, ("hal",), VM_PIPELINE, "vm", observers)
