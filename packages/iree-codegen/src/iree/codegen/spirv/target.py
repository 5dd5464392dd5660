"""The SPIR-V targets: kernels become SPIR-V modules, modules one container."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import Any

from iree.codegen.cpu import lower
from iree.codegen.cpu.expand_math import EXPANSIONS
from iree.codegen.cpu.features import machine
from iree.codegen.cpu.kernel import READ, WRITE, read_kernel
from iree.codegen.cpu.prepare import prepare
from iree.codegen.cpu.structured import walk
from iree.codegen.cpu.vectors import apply
from iree.codegen.pipelines import context
from iree.codegen.spirv import container, passes, tile
from iree.codegen.spirv.check import check_types
from iree.codegen.spirv.complexes import split_values
from iree.codegen.spirv.constants import PUSHED, load_constants
from iree.codegen.spirv.conversions import convert_to_bf16
from iree.codegen.spirv.cooperate import cooperate
from iree.codegen.spirv.distribute import THREADS, WORKERS, distribute, outer_loops, single
from iree.codegen.spirv.expand import expand_arithmetic
from iree.codegen.spirv.flatten import PRIVATE, WORKGROUP, drop_arguments, flatten_allocations, flatten_bindings, retype
from iree.codegen.spirv.integers import legalize_counts
from iree.codegen.spirv.loops.merges import split_merges
from iree.codegen.spirv.loops.spread import spread
from iree.codegen.spirv.module import ENTRY, outline, to_spirv
from iree.codegen.spirv.moves import gather_moves
from iree.codegen.spirv.nans import keep_nans, use_bits
from iree.codegen.spirv.narrow import widen
from iree.codegen.spirv.profile import HALVES, PORTABLE, VULKAN, Profile, with_matrices
from iree.codegen.spirv.rounding import name_rounding
from iree.codegen.spirv.scalar import lower_generics
from iree.codegen.spirv.scratch import bind_scratch
from iree.codegen.spirv.storage import bits_of_bf16, legalize_storage
from iree.codegen.spirv.templates import attention, contraction, depthwise, elementwise, matrices, transpose
from iree.codegen.spirv.templates.attention_plan import find_plan
from iree.codegen.spirv.vectors import legalize_vectors
from iree.codegen.spirv.words import finish
from iree.codegen.targets import CompiledKernel, Dump
from iree.dialects.mlir import ir, parse_module


class SpirvTarget:
    """Compiles for every device that has what a profile allows."""

    def __init__(self, profile: Profile, *, templates: bool = True, ordinary: SpirvTarget | None = None) -> None:
        self.profile = profile
        self.ordinary = ordinary
        self._templates = templates
        self.options: dict[str, str] = {}

    @property
    def name(self) -> str:
        """``spirv-vulkan`` or ``spirv-portable``."""
        return self.profile.name

    @property
    def format(self) -> str:
        """The same: drivers know the profiles by these names."""
        return self.profile.name

    @property
    def many_threads(self) -> bool:
        """See `iree.codegen.targets.ManyThreads`."""
        return True

    @property
    def fuses_attention(self) -> bool:
        """See `iree.codegen.targets.FusesAttention`."""
        return True

    @property
    def fuses_pads(self) -> bool:
        """See `iree.codegen.targets.FusesPads`."""
        return True

    @property
    def max_bindings(self) -> int:
        """See `iree.codegen.targets.BoundsBindings`: one binding is left for scratch memory."""
        return self.profile.bindings - 1

    @property
    def lacks_doubles(self) -> bool:
        """See `iree.codegen.targets.LacksDoubles`."""
        return 64 not in self.profile.floats

    @property
    def plain(self) -> SpirvTarget | None:
        """Without templates."""
        profile = VULKAN if self.profile.matrices else self.profile
        return SpirvTarget(profile, templates=False) if self._templates else None

    @property
    def key(self) -> str:
        """What code depends on beside the kernel."""
        unit = self.profile.matrices
        matrices = f" {unit}" if unit else ""
        return f"iree-codegen {version('iree-codegen')} torch-mlir {version('torch-mlir')} {self.name}{matrices}"

    def gains(self, kernel: Any) -> bool:
        """See `iree.codegen.targets.Specialized`: whether there may be f16 or bf16 matrices to multiply."""
        return self.profile.matrices is not None and any(map(matrices.is_product_of_halves, walk(kernel)))

    def compile_kernel(self, kernel: bytes, dump: Dump | None) -> CompiledKernel:
        """See `iree.codegen.targets.Target`."""
        write = dump or _no_dump
        with context(), ir.Location.unknown():
            module = parse_module(kernel, context())
            made = self._compile(module, write, templates=self._templates)
            if made is None:
                made = self._compile(parse_module(kernel, context()), write, templates=False)
            assert made is not None
            return made

    def _compile(self, module: Any, dump: Dump, *, templates: bool) -> CompiledKernel | None:
        """None if a template was to fit, but did not."""
        dump("0-kernel.mlir", str(module))
        function = next(op for op in walk(module) if op.name == "func.func")
        gather_moves(function)
        kernel = read_kernel(module)
        access = kernel.access
        exact = any(op.name in EXPANSIONS or op.name == "math.fpowi" for op in walk(module))
        like = machine("x86-64-v3" if self.profile.fuses else "x86-64-v2")
        if not self.profile.tests_nans:
            keep_nans(kernel.function)
        prepare(kernel, like, doubles=64 in self.profile.floats)
        name_rounding(kernel.function)
        dump("1-prepared.mlir", str(module))
        windows = templates and depthwise.is_depthwise(kernel.function)
        product = templates and not windows and tile.is_product(kernel.function)
        vectors = templates and not product and tile.is_elementwise(kernel.function)
        focus = find_plan(kernel.function) if templates and not product and not vectors else None
        untiled = windows or product or vectors or focus is not None
        plan = tile.Plan(None, product) if untiled else tile.plan(kernel)
        if plan.script is not None:
            apply(plan.script, kernel)
            dump("2-tiled.mlir", str(module))
        lower.bufferize(kernel)
        retype(kernel)
        passes.run("generalize", module)
        dump("3-bufferized.mlir", str(module))
        together = WORKERS if plan.cooperative else 0
        if plan.script is None and not untiled:
            split_merges(kernel.function)
            together = spread(kernel, checked=self.profile.checks_barriers)
        threads, each = (together, 1) if together else (THREADS, THREADS)
        profile, unit, brain = VULKAN if self.profile.matrices else self.profile, None, False
        if windows:
            if not depthwise.apply(kernel):
                return None
            passes.run("clean", module)
        elif product:
            halves = matrices.apply(kernel, self.profile.matrices) if self.profile.matrices else None
            if halves is not None:
                profile, unit, brain = self.profile, self.profile.matrices, halves.brain
            found = contraction.apply(kernel, profile.workgroup_memory) if halves is None else halves.threads
            if found is None:
                return None
            threads = found
            passes.run("clean", module)
        elif focus is not None:
            found = attention.apply(kernel, focus, profile.workgroup_memory)
            if found is None:
                return None
            threads, each, together = found, 1, 0
            passes.run("clean", module)
        elif vectors:
            if transpose.apply(kernel):
                threads, each = transpose.THREADS, 1
            elif not elementwise.apply(kernel):
                return None
            passes.run("clean", module)
        elif together:
            loops = outer_loops(kernel)
            cooperate(loops[0].regions[0].blocks[0] if loops else kernel.block, threads, subgroups=profile.subgroups)
        lower_generics(kernel.function)
        bindings = flatten_bindings(kernel)
        scratch = bind_scratch(kernel, bindings, each, profile.workgroup_memory)
        access = (*access, READ | WRITE) if scratch else access
        space = WORKGROUP if each == 1 else PRIVATE
        memory = flatten_allocations(kernel, space, profile.workgroup_memory)
        retype(kernel)
        passes.run("clean", module)
        dump("4-loops.mlir", str(module))
        grid = distribute(kernel, profile, threads, each=each) or single(kernel, threads)
        kind, words, block = load_constants(kernel, profile.push_words)
        drop_arguments(kernel, [*bindings, *([] if block is None else [block])])
        dump("5-flat.mlir", str(module))
        legalize_vectors(bindings)
        retype(kernel)
        legalize_storage(kernel.function)
        split_values(kernel.function, integers=64 not in profile.integers)
        legalize_counts(kernel.function)
        retype(kernel)
        passes.run("lower", module)
        convert_to_bf16(kernel.function)
        expand_arithmetic(kernel.function, words_only=profile.integers == {32})
        passes.run("arithmetic", module)
        bits_of_bf16(kernel.function)
        if not profile.tests_nans:
            use_bits(kernel.function)
        widen(kernel.function, profile)
        retype(kernel)
        check_types(kernel.function, profile)
        passes.run("clean" if 64 in profile.integers else "emulate", module)
        dump("6-arithmetic.mlir", str(module))
        outlined = outline(kernel, [*bindings, *([] if block is None else [block])], grid.workgroup, profile)
        dump("7-outlined.mlir", str(outlined))
        spirv = to_spirv(outlined, access, kind == PUSHED, profile, brain=brain)
        dump("8-code.mlir", spirv.text)
        code = finish(spirv.words, exact=exact)
        dump("9-code.spv", code)
        entry = container.Entry(
            kernel.name,
            code,
            ENTRY,
            grid.workgroup,
            access,
            words,
            kind,
            workgroup_memory=memory,
            flags=(container.USES_GRID if grid.uses_count else 0) | (container.FULL_SUBGROUPS if unit else 0),
            subgroup_size=unit.subgroup if unit else 0,
            multiplications=(container.halves(unit.m, unit.n, unit.k, brain=brain),) if unit else (),
        )
        return CompiledKernel(kernel.name, container.pack(entry), grid.count, 0, access, words, scratch)

    def link(self, kernels: Sequence[CompiledKernel]) -> bytes:
        """See `iree.codegen.targets.Target`."""
        return container.write(
            self.profile.number,
            [replace(container.unpack(k.object), access=k.access, label=k.title) for k in kernels],
        )


def _no_dump(name: str, content: str | bytes) -> None:
    pass


def vulkan() -> SpirvTarget:
    """The target ``spirv-vulkan``: for devices with cooperative matrices, with the one for others beside it."""
    return SpirvTarget(with_matrices(HALVES), ordinary=SpirvTarget(VULKAN))


def portable() -> SpirvTarget:
    """The target ``spirv-portable``."""
    return SpirvTarget(PORTABLE)
