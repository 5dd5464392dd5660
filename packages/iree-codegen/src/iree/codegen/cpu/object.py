"""LLVM IR text -> optimized -> ELF object, through llvmlite."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import llvmlite.binding as llvm
from iree.codegen.cpu import vector_functions
from iree.codegen.cpu.features import Machine


@cache
def _initialize() -> None:
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()


@cache
def _target_machine(machine: Machine) -> llvm.TargetMachine:
    _initialize()
    target = llvm.Target.from_triple(machine.triple)
    return target.create_target_machine(
        cpu=machine.llvm_cpu, features=machine.llvm_features, opt=3, reloc="pic", codemodel="small"
    )


def optimize(text: str, machine: Machine, *, name: str, level: int = 3) -> llvm.ModuleRef:
    """Parses, verifies and optimizes a module.

    Args:
        text: LLVM IR as LLVM 22 reads it, without triple and data layout.
        machine: What to optimize for.
        name: Goes into the object.
        level: As in ``-O2``.

    Raises:
        RuntimeError: The text is not valid IR.
    """
    module = _parse(text, machine, name)
    _run_passes(module, machine, level)
    if vector_functions.KEEP in text:
        # Now that loops are vectorized the functions that they call are linked in, and inlined.
        lines = [line for line in str(module).splitlines() if not line.startswith(vector_functions.KEEP)]
        module = _parse("\n".join(vector_functions.in_step(lines)), machine, name)
        module.link_in(_parse(vector_functions.library(), machine, name))
        _run_passes(module, machine, level)
    return module


def _parse(text: str, machine: Machine, name: str) -> llvm.ModuleRef:
    module = llvm.parse_assembly(text)
    module.name = name
    module.triple = machine.triple
    module.data_layout = str(_target_machine(machine).target_data)
    module.verify()
    return module


def _run_passes(module: llvm.ModuleRef, machine: Machine, level: int) -> None:
    tuning = llvm.create_pipeline_tuning_options(speed_level=level)
    tuning.loop_vectorization = True
    tuning.slp_vectorization = True
    tuning.loop_unrolling = True
    builder = llvm.create_pass_builder(_target_machine(machine), tuning)
    builder.getModulePassManager().run(module, builder)


def make_local(module: llvm.ModuleRef, names: Iterable[str]) -> None:
    """Makes functions such as other objects do not see."""
    for name in names:
        module.get_function(name).linkage = "internal"


def emit_object(module: llvm.ModuleRef, machine: Machine) -> bytes:
    """The ELF object of an optimized module."""
    return bytes(_target_machine(machine).emit_object(module))


def emit_assembly(module: llvm.ModuleRef, machine: Machine) -> str:
    """The same as assembly text."""
    return str(_target_machine(machine).emit_assembly(module))
