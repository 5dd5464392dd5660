"""Times single kernels against IREE and, for matrix products, NumPy's OpenBLAS, one after the other in one run.

usage: run.py [--peers PYTHON] [--seconds S] [NAME…]

PYTHON is an interpreter that has `iree-base-compiler` and `iree-base-runtime` 3.13 installed. All run on one thread.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

# The best kernel for the machine, not one that the environment presets.
for variable in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(variable, None)
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np  # noqa: E402
from cases import CASES, Case  # noqa: E402
from iree import codegen, vm  # noqa: E402

_PEER = Path(__file__).resolve().parent.parent / "peers" / "iree_peer.py"


def fastest(call: Callable[[], object], seconds: float) -> float:
    """Milliseconds of the fastest call, after a warm-up."""
    best, end = float("inf"), time.perf_counter() + seconds
    call()
    while time.perf_counter() < end:
        start = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - start)
    return best * 1e3


def measure(case: Case, peers: str | None, seconds: float) -> dict[str, float]:
    """Milliseconds by implementation."""
    rng = np.random.default_rng(0)
    inputs = [rng.standard_normal(shape).astype(np.float32) for shape in case.inputs]
    with tempfile.TemporaryDirectory() as directory:
        source, output, values = (Path(directory) / name for name in ("k.mlir", "k.vmfb", "k.npz"))
        source.write_text(case.text)
        codegen.compile_file(source, target="cpu", output=output)
        module = vm.load(output, device="cpu?threads=1")
        times = {"this": fastest(lambda: np.asarray(module.main(*inputs)), seconds)}
        if peers:
            np.savez(values, *inputs)
            command = [peers, str(_PEER), str(source), str(values), "1", str(seconds)]
            rows = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
            times["IREE"] = min(row["min_ms"] for row in rows.values())
    if case.name.startswith("matmul"):
        times["OpenBLAS"] = fastest(lambda: np.matmul(*inputs), seconds)
    return times


def main() -> None:
    """Prints a row per kernel."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers")
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("names", nargs="*")
    given = parser.parse_args()
    for case in CASES:
        if given.names and not any(name in case.name for name in given.names):
            continue
        times = measure(case, given.peers, given.seconds)
        cells = [
            f"{name} {ms:9.3f} ms" + (f" {case.flops / ms / 1e6:6.1f} GF/s" if case.flops else "")
            for name, ms in times.items()
        ]
        print(f"{case.name:26s} {' | '.join(cells)}", flush=True)


if __name__ == "__main__":
    main()
