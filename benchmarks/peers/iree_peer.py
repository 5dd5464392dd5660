"""Times a StableHLO program in IREE; runs in the peers' environment and prints JSON.

usage: iree_peer.py PROGRAM.mlir INPUTS.npz THREADS SECONDS
"""

from __future__ import annotations

import json
import os
import sys
import time

import numpy as np
from iree import (
    compiler,  # type: ignore[import-not-found]
    runtime,  # type: ignore[import-not-found]
)

FLAGS = {"default": [], "O3": ["--iree-opt-level=O3"]}


def measure(call: object, seconds: float) -> dict[str, float]:
    """Median and minimum of single calls, in milliseconds, after a warm-up."""
    times = []
    end = time.perf_counter() + seconds
    for _ in range(3):
        call()  # type: ignore[operator]
    while len(times) < 5 or time.perf_counter() < end:
        start = time.perf_counter()
        call()  # type: ignore[operator]
        times.append((time.perf_counter() - start) * 1e3)
    return {"median_ms": float(np.median(times)), "min_ms": min(times)}


def main() -> None:
    """Compiles with each set of flags and reports every one."""
    path, inputs, threads, seconds = sys.argv[1], np.load(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    runtime.flags.parse_flags(f"--task_topology_group_count={threads}")
    rows = {}
    for name, flags in FLAGS.items():
        start = time.perf_counter()
        arguments = ["--iree-llvmcpu-target-cpu=host", *flags]
        module = compiler.compile_file(path, target_backends=["llvm-cpu"], input_type="stablehlo", extra_args=arguments)
        compiled = time.perf_counter() - start
        config = runtime.Config("local-sync" if threads == 1 else "local-task")
        context = runtime.SystemContext(config=config)
        context.add_vm_module(runtime.VmModule.copy_buffer(context.instance, module))
        function = next(m for n, m in context.modules.items() if n != "hal")["main"]
        values = [runtime.asdevicearray(config.device, inputs[key]) for key in inputs.files]

        def call(function: object = function, values: object = values) -> object:
            return function(*values).to_host()  # type: ignore[operator, misc]

        rows[name] = {"compile_s": compiled, "bytes": len(module), **measure(call, seconds)}
    print(json.dumps(rows))


if __name__ == "__main__":
    main()
