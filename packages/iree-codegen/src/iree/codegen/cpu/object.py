"""LLVM IR text -> optimized -> ELF object, through llvmlite."""

from __future__ import annotations

from functools import cache

import llvmlite.binding as llvm
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
    target = _target_machine(machine)
    module = llvm.parse_assembly(text)
    module.name = name
    module.triple = machine.triple
    module.data_layout = str(target.target_data)
    module.verify()
    tuning = llvm.create_pipeline_tuning_options(speed_level=level)
    tuning.loop_vectorization = True
    tuning.slp_vectorization = True
    tuning.loop_unrolling = True
    builder = llvm.create_pass_builder(target, tuning)
    builder.getModulePassManager().run(module, builder)
    return module


def emit_object(module: llvm.ModuleRef, machine: Machine) -> bytes:
    """The ELF object of an optimized module."""
    return bytes(_target_machine(machine).emit_object(module))


def emit_assembly(module: llvm.ModuleRef, machine: Machine) -> str:
    """The same as assembly text."""
    return str(_target_machine(machine).emit_assembly(module))
