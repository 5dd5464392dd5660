"""The CPU target: kernels become ELF objects, objects one executable image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from typing import Any

import llvmlite.binding as llvm
from iree.codegen import pipelines
from iree.codegen.cpu import abi, elf, linker, lower, support, unpacked, vectors, versions
from iree.codegen.cpu.column_sums import lengthen_rows
from iree.codegen.cpu.distribute import distribute
from iree.codegen.cpu.features import machine
from iree.codegen.cpu.kernel import read_kernel
from iree.codegen.cpu.loops import reuse_dying_inputs
from iree.codegen.cpu.object import emit_assembly, emit_object, make_local, optimize
from iree.codegen.cpu.prepare import prepare
from iree.codegen.cpu.templates.select import ATTEMPTS, select
from iree.codegen.targets import CompiledKernel, Dump
from iree.dialects.mlir import CompileError, ir, parse_module


@dataclass(frozen=True)
class _Code:
    """A kernel's function in LLVM IR.

    Attributes:
        text: The IR.
        signature: How to call it.
        count: Workgroups: text of an affine map over the kernel's index arguments.
        access: Per binding, without that for scratch.
    """

    text: str
    signature: abi.Signature
    count: str
    access: tuple[int, ...]


class CpuTarget:
    """Compiles for one CPU: the code may use its features, and the executable lists them.

    Args:
        cpu: ``host``, ``generic``, ``x86-64``, ``x86-64-v2``, ``x86-64-v3``, ``x86-64-v4`` or ``aarch64``.
        templates: ``true`` or ``false``: use the templates of `iree.codegen.cpu.templates`; without, every kernel is
            plain loops, to compare with.
        reassociate: ``true`` or ``false``: may sums and products of a reduction be regrouped, as vectors of partial
            results? Without, they are computed in the order of the loops, which is slow for those along rows.

    Raises:
        ValueError: The CPU is not known, or a value is neither ``true`` nor ``false``.
    """

    name = "cpu"

    def __init__(self, cpu: str = "host", *, templates: str = "true", reassociate: str = "true") -> None:
        self.machine = replace(machine(cpu), reassociate=_flag("reassociate", reassociate))
        self.options = {"cpu": cpu, "templates": templates, "reassociate": reassociate}
        self._templates = _flag("templates", templates)

    @property
    def plain(self) -> CpuTarget | None:
        """Compiles every kernel to loops."""
        return CpuTarget(**{**self.options, "templates": "false"}) if self._templates else None

    @property
    def panel_bytes(self) -> int:
        """See `iree.codegen.targets.PacksConstants`: two vectors, as register tiles of contractions have."""
        return 2 * self.machine.vector_bytes

    @property
    def fuses_attention(self) -> bool:
        """See `iree.codegen.targets.FusesAttention`."""
        return self._templates

    @property
    def fuses_pads(self) -> bool:
        """See `iree.codegen.targets.FusesPads`."""
        return self._templates

    @property
    def max_bindings(self) -> int:
        """See `iree.codegen.targets.BoundsBindings`: those of a dispatch but one for scratch memory."""
        return abi.MAX_BINDINGS - 1

    @property
    def format(self) -> str:
        """``cpu-elf-x86_64`` or ``cpu-elf-aarch64``."""
        return f"cpu-elf-{self.machine.arch}"

    @property
    def rank(self) -> int:
        """The number of features: of several levels, the runtime tries the highest first."""
        return len(self.machine.features)

    @property
    def key(self) -> str:
        """What machine code depends on beside the kernel."""
        m = self.machine
        tools = ".".join(map(str, llvm.llvm_version_info))
        own = f"iree-codegen {version('iree-codegen')} torch-mlir {version('torch-mlir')} llvm {tools}"
        return f"{own} {m.triple} {m.llvm_cpu} {','.join(m.features)} {m.reassociate} {self._templates}"

    def compile_kernel(self, kernel: bytes, dump: Dump | None) -> CompiledKernel:
        """See `iree.codegen.targets.Target`. A kernel that no template fits, or whose template fails, is compiled as
        plain loops.
        """
        context = pipelines.context()
        write = dump or _no_dump
        with context, ir.Location.unknown():
            *attempts, last = ATTEMPTS if self._templates else ATTEMPTS[1:]
            for attempt in attempts:
                try:
                    return self._compile(kernel, context, write, attempt)
                except (vectors.TemplateError, CompileError) as error:
                    write(f"2-{attempt}-failed.txt", str(error))
            return self._compile(kernel, context, write, last)

    def _compile(self, kernel: bytes, context: Any, dump: Dump, attempt: str) -> CompiledKernel:
        code, wanted = self._code(parse_module(kernel, context), dump, attempt, None)
        made = []
        for each in wanted:
            try:
                other, _ = self._code(parse_module(kernel, context), _labelled(dump, each.label), attempt, each)
            except (vectors.TemplateError, CompileError) as error:
                dump(f"2-{each.label}-failed.txt", str(error))
                continue
            if not other.signature.shared:
                made.append((each, other))
        signature = code.signature
        end = versions.entry(signature, [each for each, _ in made]) if made else abi.wrapper(signature)
        module = self._optimize(code.text + end, signature.name, dump)
        for each, other in made:
            text = other.text + versions.wrapper(other.signature, other.count, each)
            module.link_in(self._optimize(text, signature.name, _labelled(dump, each.label)))
        make_local(module, versions.symbols(signature, [each for each, _ in made]))
        emitted = emit_object(module, self.machine)
        missing = [name for name in elf.read_object(emitted).undefined() if name not in support.PROVIDED]
        if missing:
            raise CompileError(f"kernel '{signature.name}' would call {', '.join(missing)}, which kernels cannot")
        local = max(c.signature.local_memory for c in (code, *(other for _, other in made)))
        access, words = code.access + signature.access, signature.constant_words
        return CompiledKernel(signature.name, emitted, code.count, local, access, words, signature.scratch_bytes)

    def _code(
        self, module: Any, dump: Dump, attempt: str, version: versions.Version | None
    ) -> tuple[_Code, list[versions.Version]]:
        """LLVM IR of a kernel, or of a version of it, and the versions that it should have."""
        dump("0-kernel.mlir", str(module))
        kernel = read_kernel(module)
        access = kernel.access
        if version is not None:
            versions.specialize(kernel, version)
        if attempt == "templates":
            unpacked.hide(kernel.function, self.panel_bytes)
        else:
            unpacked.expand(kernel.function)
        prepare(kernel, self.machine, recomputes=True)
        if self.machine.reassociate:
            lengthen_rows(kernel.function)
        unpacked.settle(kernel.function)
        dump("1-prepared.mlir", str(module))
        template = select(kernel, self.machine, attempt, version.without if version is not None else ())
        wanted = versions.versions(kernel, template[0]) if template is not None and version is None else []
        if template is not None:
            dump(f"2-{template[0]}-script.mlir", template[1].text)
            vectors.apply(template[1], kernel)
            dump("3-vectorized.mlir", str(module))
        else:
            reuse_dying_inputs(kernel.function)
        unpacked.check_read(kernel.function)
        lower.bufferize(kernel)
        dump("4-bufferized.mlir", str(module))
        signature = abi.flatten(kernel)
        count = distribute(kernel)
        dump("5-distributed.mlir", str(module))
        return _Code(lower.to_llvm(kernel, self.machine), signature, count, access), wanted

    def _optimize(self, text: str, name: str, dump: Dump) -> llvm.ModuleRef:
        dump("6-llvm.ll", text)
        optimized = optimize(text, self.machine, name=name)
        if dump is not _no_dump:
            dump("7-optimized.ll", str(optimized))
            dump("8-code.s", emit_assembly(optimized, self.machine))
        return optimized

    def link(self, kernels: Sequence[CompiledKernel]) -> bytes:
        """See `iree.codegen.targets.Target`."""
        m = self.machine
        try:
            return linker.link(kernels, partial(support.object_of, m), m.features, m.cpu)
        except elf.ElfError as error:
            raise CompileError(f"cannot link {len(kernels)} kernels: {error}") from error


def _flag(name: str, value: str) -> bool:
    if value not in ("true", "false"):
        raise ValueError(f"option '{name}' is 'true' or 'false', not '{value}'")
    return value == "true"


def _labelled(dump: Dump, label: str) -> Dump:
    """Writes to files of which the names begin with a label."""
    return dump if dump is _no_dump else lambda name, content: dump(f"{label}-{name}", content)


def _no_dump(name: str, content: str | bytes) -> None:
    pass
