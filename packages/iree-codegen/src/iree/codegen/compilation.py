"""One compilation: a program through its phases: input, flow, executables, hal, vm, module file."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from iree.codegen import targets
from iree.codegen._version import __version__
from iree.codegen.cache import KernelCache, key, usable_directory
from iree.codegen.emit import emit_module
from iree.codegen.executables import compile_executables, target_key
from iree.codegen.folding import evaluate, fold_packs, hoist, parameter_keys, replace
from iree.codegen.importers import importer_for
from iree.codegen.options import CompilerOptions
from iree.codegen.pool import WorkerPool, borrow
from iree.codegen.program import Program
from iree.codegen.progress import Progress
from iree.codegen.report import ExecutableReport
from iree.codegen.statistics import Statistics
from iree.codegen.targets import Target
from iree.codegen.variables import add_accessors
from iree.codegen.work import count_dispatches
from iree.dialects import artifact, phases
from iree.dialects.artifact import Artifact
from iree.dialects.bindings import bound_bindings
from iree.dialects.input import input_to_linalg
from iree.dialects.input.loops import MANY_THREADS, NO_DOUBLES
from iree.dialects.mlir import CompileError, ir, make_context, parse_module, run_upstream
from iree.dialects.passes import bytecode
from iree.dialects.phases import PHASES
from iree.dialects.transforms.hoist_products import HoistProducts
from iree.dialects.transforms.pack_constants import PackConstants
from iree.dialects.transforms.structure import functions, walk
from iree.vm.module_writer import ModuleBuilder

PRODUCER = f"iree-compile {__version__}"
LARGE = 100
"""Operations of a program that is likely to need all worker processes."""


def compile_path(path: Path, target: str | Sequence[str], output: Path, options: CompilerOptions) -> Statistics:
    """See `iree.codegen.compiler.compile_file`."""
    with Compilation(target, options) as compilation:
        with compilation.stage("load"):
            if options.compile_from:
                program = Program.open(path, options.compile_from, compilation.context)
            else:
                program = _from_artifact(_load(path, compilation.context))
        result = compilation.run(program)
        with compilation.stage("write"):
            if isinstance(result, ModuleBuilder):
                result.write(output)
            else:
                result.save(output)
        compilation.statistics.output_bytes = output.stat().st_size
        return compilation.statistics


def compile_text(text: str | bytes, target: str | Sequence[str], options: CompilerOptions) -> bytes:
    """See `iree.codegen.compiler.compile_str`."""
    with Compilation(target, options) as compilation:
        with compilation.stage("load"):
            module = parse_module(text, compilation.context)
            program = _from_artifact(artifact.from_stablehlo(module))
        return compilation.run(program).tobytes()


def _load(path: Path, context: Any) -> Artifact:
    importer = None
    if path.is_dir() and not (path / artifact.MANIFEST).exists():
        importer = importer_for(path)
    try:
        if importer is None:
            return artifact.load(path, context)
        with tempfile.TemporaryDirectory(prefix="iree-import-") as directory:
            importer.convert(path, Path(directory) / "artefact")
            return artifact.load(Path(directory) / "artefact", context)  # what it maps outlives the directory
    except ValueError as error:
        raise CompileError(str(error)) from error


def _from_artifact(loaded: Artifact) -> Program:
    return Program(loaded.module, loaded.manifest.to_json(), dict(loaded.parameters), PHASES[0])


@dataclass
class Compilation:
    """One run."""

    target_names: str | Sequence[str]
    options: CompilerOptions
    statistics: Statistics = field(default_factory=Statistics)
    context: Any = field(default_factory=make_context)

    def __enter__(self) -> Compilation:
        self._stack = ExitStack()
        self._progress = Progress(self.options.progress)
        self._stack.callback(self._progress.clear)
        self._targets = targets.load_all(self.target_names, self.options.target_options)
        self._pools: dict[str, WorkerPool] = {}
        self._copier = self._stack.enter_context(ThreadPoolExecutor(1))
        self._copies: dict[str, Future[None]] = {}  # of parameters that are not complete yet, by key
        self._note = ""
        self._cache: KernelCache | None = None
        if self.options.use_cache and (directory := usable_directory(self.options.cache_directory)):
            self._cache = KernelCache(directory, self.options.cache_bytes)
        return self

    def __exit__(self, *details: object) -> None:
        self._stack.close()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Shows and times a stage."""
        self._progress.show(f"{name} …")
        start = time.perf_counter()
        yield
        self.statistics.seconds[name] = time.perf_counter() - start

    def run(self, program: Program) -> Program | ModuleBuilder:
        """Takes a program through the phases that remain.

        Returns:
            The program in the last phase asked for, or the module file.
        """
        self.statistics.parameter_bytes = sum(array.nbytes for array in program.parameters.values())
        last = self.options.compile_to or PHASES[-1]
        if PHASES.index(program.phase) < PHASES.index("executables") <= PHASES.index(last):
            self._start_workers(program)
        with self.context:
            if program.phase == PHASES[0] and self.options.compile_from is None:
                with self.stage("input"):
                    if program.manifest is not None:
                        add_accessors(program.module, program.manifest)
                self._dump(program)
            for phase in PHASES[PHASES.index(program.phase) + 1 :]:
                if program.phase == self.options.compile_to:
                    self._complete(program.parameters)
                    return program
                with self.stage(phase):
                    self._advance(program, phase)
                program.phase = phase
                self._dump(program)
            self._complete(program.parameters)
            if self.options.compile_to:
                return program
            with self.stage("emit"):
                return emit_module(program.module, program.parameters, program.manifest, PRODUCER)

    def _advance(self, program: Program, phase: str) -> None:
        if phase == "flow":
            if all(isinstance(target, targets.ManyThreads) and target.many_threads for target in self._targets):
                program.module.operation.attributes[MANY_THREADS] = ir.UnitAttr.get()
            if any(isinstance(target, targets.LacksDoubles) and target.lacks_doubles for target in self._targets):
                program.module.operation.attributes[NO_DOUBLES] = ir.UnitAttr.get()
            bounds = [target.max_bindings for target in self._targets if isinstance(target, targets.BoundsBindings)]
            if bounds:
                bound_bindings(program.module, min(bounds))
            input_to_linalg(program.module)
            HoistProducts().apply(program.module)
            panels = [target.panel_bytes for target in self._targets if isinstance(target, targets.PacksConstants)]
            if self.options.fold_constants and len(panels) == len(self._targets):
                # The widest: narrower machines read a panel in parts.
                PackConstants(max(panels)).apply(program.module)
                self._copies = fold_packs(program.module, program.parameters, self._copier)
            self._fold(program)
            attention = all(isinstance(t, targets.FusesAttention) and t.fuses_attention for t in self._targets)
            pads = all(isinstance(t, targets.FusesPads) and t.fuses_pads for t in self._targets)
            phases.to_flow(program.module, attention=attention, fuse_pads=pads)
        elif phase == "executables":
            count_dispatches(program.module, self.statistics)
            dump = self.options.dump_dispatches
            self.statistics.executables = self._compile_executables(program, self._targets, dump)
            if self._cache is not None and self._note and not self._cache.noted(self._note):
                self._cache.note(self._note)
        elif phase == "hal":
            phases.to_hal(program.module)
        else:
            phases.to_vm(program.module)

    def _fold(self, program: Program) -> None:
        """Computes what depends on constants alone: compiles and runs it as a program of its own."""
        hoisted = hoist(program.module) if self.options.fold_constants else None
        if hoisted is None:
            return
        self._progress.show(f"computing {len(hoisted.values)} constants …")
        with tempfile.TemporaryDirectory(prefix="iree-fold-") as directory:
            path = Path(directory) / "constants.vmfb"
            part = Program(hoisted.module, None, program.parameters, "linalg")
            used = parameter_keys(part.module).values()
            phases.to_flow(part.module)
            self._compile_executables(part, [targets.load("cpu", {"cpu": "host"})], None)
            phases.to_hal(part.module)
            phases.to_vm(part.module)
            self._complete(used)
            emit_module(part.module, part.parameters, None, PRODUCER).write(path)
            results = evaluate(path)
        replace(program.module, hoisted, results, program.parameters)
        run_upstream(program.module, "canonicalize,cse,symbol-dce")

    def _complete(self, used: Iterable[str]) -> None:
        """Waits for the contents of parameters of these keys."""
        for name in used:
            if name in self._copies:
                self._copies.pop(name).result()

    def _start_workers(self, program: Program) -> None:
        """Lets worker processes load while the first phases of a large program run, unless its kernels are known."""
        count = sum(1 for function in functions(program.module) for _ in walk(function))
        wanted = [t for t in self._targets if not isinstance(t, targets.Specialized) or t.ordinary is None]
        if self._cache is not None and self.options.dump_dispatches is None:
            common = [part for target in self._targets for part in target_key(target)]
            options = f"fold constants: {self.options.fold_constants}"
            self._note = key(["program", *common, options, bytecode(program.module)])
            if self._cache.noted(self._note):
                return
        if count >= LARGE:
            for target in wanted:
                self._pool(target).start()

    def _pool(self, target: Target) -> WorkerPool:
        """The worker processes of a target."""
        key = f"{target.name} {target.key}"
        if key not in self._pools:
            pool = borrow(target, self.options.jobs, self.options.limits)
            self._pools[key] = self._stack.enter_context(pool)
        return self._pools[key]

    def _compile_executables(self, program: Program, wanted: Sequence[Target], dump: Path | None) -> ExecutableReport:
        report = compile_executables(
            program.module,
            wanted,
            self._pool,
            cache=self._cache,
            dump_directory=dump,
            reproducer_directory=self.options.reproducers or Path(tempfile.gettempdir()) / "iree-reproducers",
            progress=lambda done, total, name: self._progress.show(f"executables {done}/{total} {name}"),
        )
        self.statistics.plain |= any(kernel.plain for kernel in report.kernels)
        return report

    def _dump(self, program: Program) -> None:
        if self.options.dump_phases:
            number = PHASES.index(program.phase)
            program.dump(self.options.dump_phases / f"{number}-{program.phase}.mlir")
