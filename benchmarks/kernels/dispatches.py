"""Times every dispatch of a program by itself, on the CPU driver.

usage: dispatches.py PROGRAM [--threads N] [--only REGEX] [--seconds S] [--spread BYTES] [--cpu CPU] [--dump DIR]

PROGRAM is anything that `iree-compile` takes, or what `iree-compile --compile-to=flow` wrote. Dispatches of unknown
sizes are left out. A row: microseconds of one dispatch, how often the program has it, what that makes of the whole,
GFLOP/s and GB/s, the grid of workgroups and the seconds to compile it. Runs go round copies of the buffers that
together have `--spread` bytes, so that operands come from as far away as they do in a program of that size.
"""

from __future__ import annotations

import argparse
import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from iree import codegen, hal
from iree.codegen.cpu import CpuTarget
from iree.codegen.program import Program
from iree.codegen.work import kernel_flops
from iree.dialects.mlir import ir, make_context
from iree.dialects.passes import bytecode


@dataclass(frozen=True)
class Dispatch:
    """A kernel, how often the program's functions call it, and bytes per binding."""

    name: str
    module: bytes
    count: int
    flops: int | None
    bindings: tuple[int, ...]


def dispatches(path: Path) -> Iterator[Dispatch]:
    """The dispatches of a program whose sizes are known."""
    with tempfile.TemporaryDirectory() as directory:
        flow = path
        if path.suffix != ".mlirbc":
            flow = Path(directory) / "flow.mlirbc"
            codegen.compile_file(path, output=flow, options=codegen.CompilerOptions(compile_to="flow"))
        context = make_context()
        with context:
            module = Program.open(flow, "flow", context).module
            calls = Counter(_calls(module))
            for op in module.body.operations:
                if op.operation.name == "flow.executable":
                    name = ir.StringAttr(op.operation.attributes["sym_name"]).value
                    inner = op.operation.regions[0].blocks[0].operations[0].operation
                    function = inner.regions[0].blocks[0].operations[0]
                    sizes = _bindings(function)
                    if sizes is not None:
                        yield Dispatch(name, _bytecode(inner), calls[name], kernel_flops(inner), sizes)


def _bytecode(inner: Any) -> bytes:
    return bytecode(ir.Module.parse(inner.get_asm(use_local_scope=True)))


def _calls(module: Any) -> list[str]:
    found: list[str] = []

    def visit(op: Any) -> Any:
        if op.name == "flow.dispatch":
            found.append(ir.FlatSymbolRefAttr(op.attributes["callee"]).value)
        return ir.WalkResult.ADVANCE

    module.operation.walk(visit)
    return found


def _bindings(function: Any) -> tuple[int, ...] | None:
    """Bytes of operands and untied results; None if there are scalars or unknown sizes."""
    signature = function.type
    tied = list(ir.DenseI64ArrayAttr(function.attributes["iree.tied"])) if "iree.tied" in function.attributes else []
    results = [t for n, t in enumerate(signature.results) if n >= len(tied) or tied[n] < 0]
    types = [*signature.inputs, *results]
    if any(not isinstance(t, ir.RankedTensorType) or not t.has_static_shape for t in types):
        return None
    return tuple(int(np.prod(t.shape)) * -(-_width(t.element_type) // 8) for t in types)


def _width(type_: Any) -> int:
    return 2 * int(type_.element_type.width) if isinstance(type_, ir.ComplexType) else int(getattr(type_, "width", 64))


def measure(
    device: hal.Device, executable: hal.Executable, grid: list[int], sizes: tuple[int, ...], options: argparse.Namespace
) -> float:
    """Seconds of one dispatch, the least of several runs of many."""
    rng = np.random.default_rng(0)
    values = [rng.uniform(0, 1, -(-size // 4)).astype(np.float32) for size in sizes]
    copies = max(1, min(64, int(options.spread / sum(sizes))))
    buffers = [[device.array(value, copy=True).buffer for value in values] for _ in range(copies)]
    best, repeats, end = float("inf"), 1, time.perf_counter() + options.seconds
    while time.perf_counter() < end:
        commands = device.create_command_buffer()
        for i in range(repeats):
            commands.dispatch(executable, 0, grid, [], buffers[i % copies])
            commands.barrier()
        commands.finalize()
        for _ in range(5):
            done = device.create_semaphore()
            start = time.perf_counter()
            device.queue_execute(commands, [], None, [(done, 1)])
            done.wait(1)
            best = min(best, (time.perf_counter() - start) / repeats)
        repeats = max(1, min(200, int(3e-4 / best)))
    return best


def main() -> None:
    """Prints the slowest dispatches first."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only", default="", help="a pattern for names of dispatches")
    parser.add_argument("--seconds", type=float, default=0.05, help="for each dispatch")
    parser.add_argument("--spread", type=float, default=12e6, help="bytes; 0 to run on one set of buffers")
    parser.add_argument("--cpu", default="host")
    parser.add_argument("--dump", type=Path, help="gets every stage of the kernels")
    given = parser.parse_args()
    device, target = hal.open(f"cpu?threads={given.threads}"), CpuTarget(given.cpu)
    rows = []
    for dispatch in dispatches(given.program):
        if not re.search(given.only, dispatch.name):
            continue
        start = time.perf_counter()
        kernel = target.compile_kernel(dispatch.module, _writer(given.dump, dispatch.name))
        compiled = time.perf_counter() - start
        executable = device.prepare_executable(target.format, target.link([kernel]))
        grid = [int(n) for n in re.findall(r"\d+", kernel.workgroup_count.partition("->")[2])]
        seconds = measure(device, executable, grid, dispatch.bindings, given)
        rows.append((seconds * dispatch.count, seconds, compiled, grid, dispatch))
    total = sum(row[0] for row in rows)
    print(f"{'us':>9} {'times':>5} {'share':>6} {'GFLOP/s':>8} {'GB/s':>6} {'grid':>8} {'compile':>8}")
    for together, seconds, compiled, grid, dispatch in sorted(rows, key=lambda row: -row[0]):
        groups = "x".join(str(n) for n in grid if n != 1) or "1"
        print(
            f"{seconds * 1e6:9.1f} {dispatch.count:5} {together / total:6.1%} "
            f"{(dispatch.flops or 0) / seconds / 1e9:8.1f} {sum(dispatch.bindings) / seconds / 1e9:6.1f} "
            f"{groups:>8} {compiled:7.2f}s {dispatch.name}"
        )
    print(f"{total * 1e6:9.1f} all together")


def _writer(directory: Path | None, name: str) -> Any:
    if directory is None:
        return None

    def write(file: str, content: str | bytes) -> None:
        path = directory / name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    return write


if __name__ == "__main__":
    main()
