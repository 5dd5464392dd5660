"""The executables phase: every `flow.executable` becomes machine code, a variant of one `hal.executables` per target.

Kernels travel as bytecode to worker processes (`iree.codegen.pool`); what was compiled before comes from the cache.
"""

from __future__ import annotations

import functools
import io
import operator
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from iree.codegen import cache as caching
from iree.codegen.cache import Entry, KernelCache
from iree.codegen.messages import Job
from iree.codegen.pool import Outcome, WorkerPool
from iree.codegen.report import ExecutableReport, Kernel
from iree.codegen.reproducer import write_reproducer
from iree.codegen.sources import sources_digest
from iree.codegen.targets import CompiledKernel, Specialized, Target
from iree.codegen.work import kernel_flops
from iree.dialects import flow
from iree.dialects.mlir import CompileError, ir, location_text

EXECUTABLE = "executable"
"""Symbol of the `hal.executables`."""
NO_SCRATCH = "affine_map<() -> (0)>"
"""Bytes of scratch memory of kernels that need none."""
ENTRY_POINT = "kernel"
"""Symbol of every kernel while it is compiled: what it is called in a program does not make it another one."""
MAX_EXPLAINED = 5
"""Kernels that cannot be compiled of which an error tells more than their number."""


@dataclass(frozen=True)
class Variant:
    """The kernels of a program for one target."""

    target: Target
    kernels: list[Kernel]


def compile_executables(
    module: Any,
    targets: Sequence[Target],
    pool: Callable[[Target], WorkerPool],
    *,
    cache: KernelCache | None,
    dump_directory: Path | None,
    reproducer_directory: Path,
    progress: Callable[[int, int, str], None],
) -> ExecutableReport:
    """Replaces the module's `flow.executable`s by one `hal.executables`.

    Args:
        module: The `ir.Module`, in the flow phase; changed in place.
        targets: What compiles and links; in the order in which the runtime is to try them. A `Specialized` one that
            gains nothing makes no variant.
        pool: Gives a target's worker processes.
        cache: Kernels compiled before, or None.
        dump_directory: Gets a directory per kernel with every stage that the target shows, or None. Then nothing is
            taken from the cache. With several targets, each has a directory of that kind.
        reproducer_directory: Where a kernel is written that crashes the compiler or that it cannot do.
        progress: Called with the number of kernels done, of all, and the name of the last one.

    Raises:
        CompileError: Kernels that cannot be compiled, each with its dispatch, source location and reproducer.
    """
    report = ExecutableReport()
    variants: list[Variant] = []
    modules = [flow.kernel_module(executable.operation) for executable in _executables(module)]
    wanted = [t for t in targets if (special := _special(t)) is None or any(map(special.gains, modules))]
    for number, target in reversed(list(enumerate(wanted))):
        kernels = waiting = _collect(module, target)
        others = _ordinary(target, variants)
        if others is not None:
            waiting = _take_over(target, kernels, others, modules)
        dump = dump_directory / f"{number}-{target.name}" if dump_directory and len(wanted) > 1 else dump_directory
        _compile(
            waiting,
            target,
            pool(target),
            cache,
            dump_directory=dump,
            reproducer_directory=reproducer_directory,
            progress=progress,
        )
        report.kernels += waiting
        if others is None or any(k.compiled != o.compiled for k, o in zip(kernels, others.kernels, strict=True)):
            variants.insert(0, Variant(target, kernels))
    if not report.kernels:
        return report
    start = time.perf_counter()
    _agree(variants)
    binaries = [v.target.link([k.compiled for k in v.kernels if k.compiled is not None]) for v in variants]
    report.size = sum(map(len, binaries))
    _replace(module, variants, binaries)
    report.link_seconds = time.perf_counter() - start
    return report


def _special(target: Target) -> Specialized | None:
    """A target that is for some devices only."""
    return target if isinstance(target, Specialized) and target.ordinary is not None else None


def _ordinary(target: Target, variants: Sequence[Variant]) -> Variant | None:
    """The variant for the devices that a specialized target is not for, if there is one."""
    special = _special(target)
    return None if special is None else next((v for v in variants if v.target is special.ordinary), None)


def _take_over(target: Target, kernels: Sequence[Kernel], others: Variant, modules: Sequence[Any]) -> list[Kernel]:
    """Gives kernels of a specialized target the ordinary code where it gains nothing. Returns the others."""
    special = _special(target)
    waiting = []
    for kernel, other, inner in zip(kernels, others.kernels, modules, strict=True):
        if special is None or special.gains(inner):
            waiting.append(kernel)
        else:
            kernel.compiled, kernel.cached = other.compiled, True
    return waiting


def _agree(variants: Sequence[Variant]) -> None:
    """Gives kernels one more binding, which they do not use, where those of another variant need scratch memory."""
    for kernels in zip(*(variant.kernels for variant in variants), strict=True):
        compiled = [k.compiled for k in kernels if k.compiled is not None]
        if any(c.scratch for c in compiled):
            for kernel, c in zip(kernels, compiled, strict=True):
                if not c.scratch:
                    kernel.compiled = replace(c, access=(*c.access, 3), scratch=NO_SCRATCH)
        plain = [c.access[: -1 if c.scratch else None] for c in compiled]
        if len({len(access) for access in plain}) > 1:
            names = ", ".join(variant.target.name for variant in variants)
            raise CompileError(f"dispatch {kernels[0].name} has different bindings for the targets {names}")


def _compile(
    kernels: list[Kernel],
    target: Target,
    pool: WorkerPool,
    cache: KernelCache | None,
    *,
    dump_directory: Path | None,
    reproducer_directory: Path,
    progress: Callable[[int, int, str], None],
) -> None:
    """Compiles kernels for one target."""
    store = _Store(cache, target, pool, reproducer_directory)
    same: dict[str, list[Kernel]] = {}
    for kernel in kernels:
        same.setdefault(kernel.key, []).append(kernel)
    distinct = [found[0] for found in same.values()]
    waiting = [k for k in distinct if dump_directory or not store.load(k)]
    waiting.sort(key=lambda k: -(k.flops or 0))  # the slowest to compile first, so that none is left at the end
    done = len(distinct) - len(waiting)
    failures: list[tuple[Kernel, Outcome]] = []

    def finished(index: int, outcome: Outcome) -> None:
        nonlocal done
        kernel = waiting[index]
        kernel.seconds = outcome.seconds
        kernel.compiled = outcome.kernel
        done += 1
        progress(done, len(distinct), kernel.name)
        if outcome.kernel is None:
            failures.append((kernel, outcome))
        else:
            store.keep(kernel)

    # A worker may have another current directory.
    jobs = [Job(k.bytecode, str((dump_directory / k.name).absolute()) if dump_directory else "") for k in waiting]
    pool.run(jobs, finished)
    failures = _try_plainly(failures, target, pool, store)
    if failures:
        raise CompileError(_explain(failures, target, reproducer_directory))
    for first, *others in same.values():
        for kernel in others:
            kernel.compiled, kernel.cached = first.compiled, True
    for kernel in kernels:
        kernel.compiled = replace(_compiled(kernel), label=kernel.name)
    if cache is not None and waiting:
        cache.tidy()


@dataclass(frozen=True)
class _Store:
    """Results of earlier compilations for one target."""

    cache: KernelCache | None
    target: Target
    pool: WorkerPool
    reproducer_directory: Path

    def load(self, kernel: Kernel) -> bool:
        """Whether the kernel was compiled before: it then has its code."""
        entry = None
        if self.cache is not None:
            entry = self.cache.get(kernel.key) or self.cache.get(self._plain_key(kernel))
        if entry is not None:
            kernel.compiled, kernel.cached = entry.kernel, True
            if entry.reason:
                kernel.plain = True
                self._warn(kernel, entry.reason)
        return entry is not None

    def keep(self, kernel: Kernel, reason: str = "") -> None:
        """Stores a kernel's code; with the reason if it was compiled plainly, of which it warns."""
        if reason:
            kernel.plain = True
            self._warn(kernel, reason)
        if self.cache is not None:
            self.cache.put(self._plain_key(kernel) if reason else kernel.key, Entry(_compiled(kernel), reason))

    def _plain_key(self, kernel: Kernel) -> str:
        """Other limits may let the compiler do better."""
        limits = self.pool.limits
        return caching.key([kernel.key, "plain", f"{limits.seconds} s {limits.memory} bytes"])

    def _warn(self, kernel: Kernel, reason: str) -> None:
        path = write_reproducer(self.reproducer_directory / f"{kernel.name}.mlir", kernel.bytecode, self.target)
        where = kernel.location + ": " if kernel.location else ""
        warnings.warn(
            f"{where}dispatch {kernel.name} is compiled plainly and will be slow: {reason}; "
            f"to reproduce: iree-compile --replay {path}",
            RuntimeWarning,
            stacklevel=2,
        )


def _try_plainly(
    failures: list[tuple[Kernel, Outcome]], target: Target, pool: WorkerPool, store: _Store
) -> list[tuple[Kernel, Outcome]]:
    """Compiles kernels that took the compiler down in the target's plain way, and warns of each.

    Returns:
        The failures that remain.
    """
    crashed = [failure for failure in failures if failure[1].crashed and target.plain is not None]
    remaining = [failure for failure in failures if failure not in crashed]

    def finished(index: int, outcome: Outcome) -> None:
        kernel, first = crashed[index]
        kernel.compiled = outcome.kernel
        if outcome.kernel is None:
            remaining.append(crashed[index])
            return
        assert first.failure is not None
        store.keep(kernel, first.failure.message)

    pool.run([Job(kernel.bytecode, "", plain=True) for kernel, _ in crashed], finished)
    return remaining


def _executables(module: Any) -> list[Any]:
    return [op for op in module.body.operations if op.operation.name == "flow.executable"]


def target_key(target: Target) -> list[str]:
    """All that a kernel's code depends on beside the kernel."""
    return [target.name, target.key, sources_digest(type(target).__module__)]


def _collect(module: Any, target: Target) -> list[Kernel]:
    kernels = []
    common = target_key(target)
    anonymous = ir.StringAttr.get(ENTRY_POINT)
    for executable in _executables(module):
        inner = flow.kernel_module(executable.operation).operation
        function = flow.kernel(executable.operation)
        symbol = function.attributes["sym_name"]
        function.attributes["sym_name"] = anonymous
        kernels.append(
            Kernel(
                name=ir.StringAttr(executable.operation.attributes["sym_name"]).value,
                location=_where(executable.operation.location),
                bytecode=_bytecode(inner),
                key=caching.key([*common, inner.get_asm(enable_debug_info=False, use_local_scope=True)]),
                flops=kernel_flops(inner),
            )
        )
        function.attributes["sym_name"] = symbol
    return kernels


def _bytecode(operation: Any) -> bytes:
    buffer = io.BytesIO()
    operation.write_bytecode(buffer)
    return buffer.getvalue()


def _where(location: Any) -> str:
    text = location_text(location)
    return "" if text == "unknown" else text


def _explain(failures: list[tuple[Kernel, Outcome]], target: Target, directory: Path) -> str:
    parts = []
    if len(failures) > 1:
        parts.append(f"{len(failures)} of the program's dispatches cannot be compiled for {target.name}")
    for kernel, outcome in failures[:MAX_EXPLAINED]:
        assert outcome.failure is not None
        path = write_reproducer(directory / f"{kernel.name}.mlir", kernel.bytecode, target)
        where = outcome.failure.location or kernel.location
        parts.append(f"{where + ': ' if where else ''}error: dispatch {kernel.name}: {outcome.failure.message}")
        if outcome.log:
            path.with_suffix(".log").write_text(outcome.log)
            parts.append(f"  what the compiler printed: {path.with_suffix('.log')}")
        parts.append(f"  to see the kernel: {path}\n  to compile it alone: iree-compile --replay {path}")
    if len(failures) > MAX_EXPLAINED:
        parts.append(f"… and {len(failures) - MAX_EXPLAINED} more")
    return "\n".join(parts)


def _replace(module: Any, variants: Sequence[Variant], binaries: Sequence[bytes]) -> None:
    old = _executables(module)
    i32 = ir.IntegerType.get_signless(32)
    with ir.InsertionPoint(old[0].operation), module.operation.location:
        executable = ir.Operation.create(
            "hal.executables", attributes={"sym_name": ir.StringAttr.get(EXECUTABLE)}, regions=1
        )
    with ir.InsertionPoint(executable.regions[0].blocks.append()), module.operation.location:
        for ordinal, kernel in enumerate(variants[0].kernels):
            ir.Operation.create(
                "hal.executable_export",
                attributes={
                    "sym_name": ir.StringAttr.get(kernel.name),
                    "ordinal": ir.IntegerAttr.get(i32, ordinal),
                    "access": ir.DenseI32ArrayAttr.get(_access([v.kernels[ordinal] for v in variants])),
                    "constant_words": ir.IntegerAttr.get(i32, _compiled(kernel).constant_words),
                },
            )
        for variant, binary in zip(variants, binaries, strict=True):
            compiled = [_compiled(kernel) for kernel in variant.kernels]
            counts = [ir.Attribute.parse(c.workgroup_count) for c in compiled]
            scratch = [ir.Attribute.parse(c.scratch or NO_SCRATCH) for c in compiled]
            ir.Operation.create(
                "hal.executable_variant",
                attributes={
                    "target": ir.StringAttr.get(variant.target.name),
                    "format": ir.StringAttr.get(variant.target.format),
                    "binary": ir.DenseElementsAttr.get(np.frombuffer(binary, np.int8)),
                    "workgroup_counts": ir.ArrayAttr.get(counts),
                    "scratch": ir.ArrayAttr.get(scratch),
                },
            )
    for operation in old:
        operation.operation.erase()


def _compiled(kernel: Kernel) -> CompiledKernel:
    assert kernel.compiled is not None
    return kernel.compiled


def _access(kernels: Sequence[Kernel]) -> list[int]:
    """Per binding what the kernel of any variant does with it, that of scratch memory left out."""
    rows = [k.access[: -1 if k.scratch else None] for k in map(_compiled, kernels)]
    return [functools.reduce(operator.or_, column) for column in zip(*rows, strict=True)]
