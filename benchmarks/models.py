"""Latency of whole models on the CPU, ours beside IREE's, in one run.

usage: python benchmarks/models.py ARTEFACT INPUT.npy… [--function NAME] [--threads 1 2] [--peers PYTHON]

`--peers` is the interpreter of an environment with iree-base-compiler and iree-base-runtime; it must not be the
project's
own, since both have a package `iree`. The two are measured one after the other, pinned to the same cores. A figure
is the
median of single calls in milliseconds, with the minimum beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent


def measure(call: Any, seconds: float) -> dict[str, float]:
    """Median and minimum of single calls, in milliseconds, after a warm-up."""
    times: list[float] = []
    for _ in range(3):
        call()
    end = time.perf_counter() + seconds
    while len(times) < 5 or time.perf_counter() < end:
        start = time.perf_counter()
        call()
        times.append((time.perf_counter() - start) * 1e3)
    return {"median_ms": float(np.median(times)), "min_ms": min(times)}


def ours(module: Path, function: str, inputs: list[Any], threads: int, seconds: float) -> dict[str, float]:
    """Runs in a process of its own, so that pinning and threads are as asked."""
    from iree import vm  # noqa: PLC0415 (this process is the measured one)

    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    call = getattr(vm.load(module, device=f"cpu?threads={threads}"), function)
    return measure(lambda: np.asarray(call(*inputs)), seconds)


def inline_weights(artefact: Path, function: str, output: Path) -> None:
    """Writes the program as StableHLO text with its weights as constants and the function as @main."""
    from iree.dialects import artifact  # noqa: PLC0415
    from iree.dialects.mlir import ir  # noqa: PLC0415

    loaded = artifact.load(artefact)
    with loaded.module.context, ir.Location.unknown():
        values = {}
        for op in list(loaded.module.body.operations):
            if op.operation.name == "ml_program.global":
                values[op.sym_name.value] = loaded.parameters[
                    ir.StringAttr(op.operation.attributes["iree.parameter"]).value
                ]
                op.operation.erase()
            elif op.sym_name.value == function:
                op.operation.attributes["sym_name"] = ir.StringAttr.get("main")
                body = op
        for op in list(body.regions[0].blocks[0].operations):
            if op.operation.name == "ml_program.global_load":
                value = values[op.operation.attributes["global"].value]
                with ir.InsertionPoint(op):
                    constant = ir.Operation.create(
                        "stablehlo.constant",
                        results=[op.operation.results[0].type],
                        attributes={"value": ir.DenseElementsAttr.get(np.ascontiguousarray(value))},
                    )
                op.operation.results[0].replace_all_uses_with(constant.results[0])
                op.operation.erase()
    output.write_text(str(loaded.module))


def main() -> None:
    """Prints one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("artefact", type=Path)
    parser.add_argument("inputs", type=Path, nargs="+")
    parser.add_argument("--function", default="serve")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--seconds", type=float, default=3.0, help="for each measurement")
    parser.add_argument("--peers", help="Python of the environment with IREE")
    parser.add_argument(
        "--measure", type=int, help=argparse.SUPPRESS
    )  # the artefact is a module; print its figures as JSON
    options = parser.parse_args()
    inputs = [np.load(path) for path in options.inputs]
    if options.measure:
        print(json.dumps(ours(options.artefact, options.function, inputs, options.measure, options.seconds)))
        return
    from iree import codegen  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        start = time.perf_counter()
        module = directory / "model.vmfb"
        codegen.compile_file(options.artefact, output=module, options=codegen.CompilerOptions(use_cache=False))
        compiled = time.perf_counter() - start
        print(f"{'':<14}{'threads':>8}{'median ms':>11}{'min ms':>9}{'compile s':>11}{'MB':>8}")

        def row(label: str, threads: int, figures: dict[str, float]) -> None:
            print(
                f"{label:<14}{threads:>8}{figures['median_ms']:>11.3f}{figures['min_ms']:>9.3f}"
                f"{figures['compile_s']:>11.2f}{figures['bytes'] / 1e6:>8.2f}",
                flush=True,
            )

        if options.peers:
            inline_weights(options.artefact, options.function, directory / "model.mlir")
            np.savez(directory / "inputs.npz", *inputs)
        for threads in options.threads:
            arguments = [str(module), *map(str, options.inputs), "--function", options.function]
            command = [
                sys.executable,
                __file__,
                *arguments,
                "--measure",
                str(threads),
                "--seconds",
                str(options.seconds),
            ]
            figures = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            row("iree (this)", threads, {**figures, "compile_s": compiled, "bytes": module.stat().st_size})
            if options.peers:
                peer = [options.peers, str(HERE / "peers" / "iree_peer.py"), str(directory / "model.mlir")]
                peer += [str(directory / "inputs.npz"), str(threads), str(options.seconds)]
                done = subprocess.run(peer, check=True, stdout=subprocess.PIPE, text=True)
                for flags, figures in json.loads(done.stdout).items():
                    row(f"IREE {flags}", threads, figures)


if __name__ == "__main__":
    main()
