"""A flat kernel function -> a `gpu.module` -> a `spirv.module` -> words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from iree.codegen.cpu.kernel import WRITE, Kernel
from iree.codegen.cpu.structured import walk
from iree.codegen.spirv import passes
from iree.codegen.spirv.profile import Profile
from iree.codegen.spirv.vectors import spread_conditions
from iree.dialects.mlir import CompileError, gpu, ir

ENTRY = "d0"
"""Name of every entry point: WebGPU has no others than letters and digits, and keywords are in the way."""


_ACCESSES = {
    "spirv.Load": "memory_access",
    "spirv.Store": "memory_access",
    "spirv.KHR.CooperativeMatrixLoad": "memory_operand",
    "spirv.KHR.CooperativeMatrixStore": "memory_operand",
}
"""Operations on memory, whose first operand is the pointer, and the attribute that says how."""


@dataclass(frozen=True)
class Spirv:
    """A SPIR-V module.

    Attributes:
        words: Its bytes.
        text: The `spirv.module`, for people.
        workgroup_memory: Bytes of Workgroup variables.
    """

    words: bytes
    text: str


def outline(kernel: Kernel, arguments: Sequence[Any], workgroup: Sequence[int], profile: Profile) -> Any:
    """Moves the function's body to a `gpu.func` with these block arguments, in a module of its own.

    Returns:
        The `ir.Module`.
    """
    types = ", ".join(f"%a{i}: {a.type}" for i, a in enumerate(arguments))
    size = ", ".join(map(str, workgroup))
    module = ir.Module.parse(
        f"module attributes {{gpu.container_module}} {{ gpu.module @m attributes {{spirv.target_env = "
        f"{profile.environment}}} {{ gpu.func @{ENTRY}({types}) kernel attributes {{spirv.entry_point_abi = "
        f"#spirv.entry_point_abi<workgroup_size = [{size}]>}} {{ gpu.return }} }} }}"
    )
    function = next(op for op in walk(module) if op.name == "gpu.func")
    block = function.regions[0].blocks[0]
    end = list(block.operations)[-1].operation
    for op in list(kernel.block.operations)[:-1]:
        op.operation.move_before(end)
    for old, new in zip(arguments, block.arguments, strict=True):
        old.replace_all_uses_with(new)
    return module


def to_spirv(module: Any, access: Sequence[int], pushed: bool, profile: Profile, *, brain: bool = False) -> Spirv:
    """Lowers an outlined module.

    Args:
        module: From `outline`; its first arguments are the bindings.
        access: Of each binding.
        pushed: Whether the argument after the bindings is pushed.
        profile: What it may use.
        brain: Whether matrices of f16 stand for such of bf16, which `gpu` does not have.

    Raises:
        CompileError: An operation or type has no lowering.
    """
    passes.run("outlined", module)
    spread_conditions(module)
    passes.run("spirv", module)
    if not profile.tests_nans:
        passes.run("portable", module)
    found = [op for op in walk(module) if op.name == "spirv.module"]
    if len(found) != 1:
        raise CompileError("SPIR-V code generation made no module")
    spirv = found[0]
    _variables(spirv, access, pushed, profile)
    _order_memory(spirv, shared=profile.matrices is not None)
    if brain:
        _use_brain_floats(spirv)
    passes.run("capabilities", module)
    return Spirv(_serialize(spirv, profile), str(spirv))


def _variables(spirv: Any, access: Sequence[int], pushed: bool, profile: Profile) -> None:
    """Push constants have no binding; bindings say what is not read or written of them."""
    for op in walk(spirv):
        if op.name != "spirv.GlobalVariable" or "binding" not in op.attributes:
            continue
        number = ir.IntegerAttr(op.attributes["binding"]).value
        if number < len(access):
            if profile.marks_read_only and not access[number] & WRITE:
                op.attributes["non_writable"] = ir.UnitAttr.get()
        elif pushed:
            del op.attributes["binding"], op.attributes["descriptor_set"]


def _order_memory(spirv: Any, *, shared: bool) -> None:
    """Barriers order storage buffers too, not only workgroup memory, and atomic operations order nothing else.

    With `shared`, accesses to workgroup memory say that other threads see them: in the memory model that comes with
    cooperative matrices the barriers do not order those that do not.
    """
    more = "|MakeAvailable|MakeVisible" if shared else ""
    relaxed = ir.Attribute.parse("#spirv.memory_semantics<None>")
    semantics = ir.Attribute.parse(f"#spirv.memory_semantics<AcquireRelease|UniformMemory|WorkgroupMemory{more}>")
    access = ir.Attribute.parse("#spirv.memory_access<NonPrivatePointer>")
    if shared:
        spirv.attributes["memory_model"] = ir.Attribute.parse("#spirv.memory_model<Vulkan>")
    for op in walk(spirv):
        if op.name == "spirv.ControlBarrier":
            op.attributes["memory_semantics"] = semantics
        elif op.name.startswith("spirv.Atomic"):
            op.attributes["semantics"] = relaxed
        elif shared and op.name in _ACCESSES and "Workgroup" in str(op.operands[0].type):
            op.attributes[_ACCESSES[op.name]] = access


def _use_brain_floats(spirv: Any) -> None:
    """Makes the matrices of f16 ones of bf16: their elements come from memory as they are, so only the types change."""
    for op in walk(spirv):
        for result in op.results:
            name = str(result.type)
            if name.startswith("!spirv.coopmatrix") and "xf16," in name:
                result.set_type(ir.Type.parse(name.replace("xf16,", "xbf16,")))


def _serialize(spirv: Any, profile: Profile) -> bytes:
    """The words. The binary is made by a pass that wants a `gpu.module` with a target around the `spirv.module`."""
    whole = ir.Module.parse(
        f"module attributes {{gpu.container_module}} {{ gpu.module @w [{profile.environment}] {{ }} }}"
    )
    whole.body.operations[0].regions[0].blocks[0].append(spirv.clone())
    passes.run("binary", whole)
    binary = next(op for op in walk(whole) if op.name == "gpu.binary")
    return bytes(gpu.ObjectAttr(binary.attributes["objects"][0]).object)
