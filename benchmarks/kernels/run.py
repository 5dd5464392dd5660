"""Times single kernels beside the machine's peak, IREE, XLA and NumPy's OpenBLAS, one after the other in one run.

usage: run.py [--peers PYTHON] [--seconds S] [NAME…]

PYTHON is an interpreter that has `iree-base-compiler` and `iree-base-runtime` 3.13 installed, and `jax` if XLA is to be
measured. All run on one thread. Of IREE the better of its default flags and O3 is shown. `peak` is the part of the
measured peak of f32 multiply-adds that a kernel reaches; bytes and bf16 can go beyond it.
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
from typing import Any

# The best kernel for the machine, not one that the environment presets.
for variable in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(variable, None)
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np  # noqa: E402
import peak  # noqa: E402
from cases import CASES, Case  # noqa: E402
from iree import codegen, vm  # noqa: E402

_PEERS = Path(__file__).resolve().parent.parent / "peers"


def fastest(call: Callable[[], object], seconds: float) -> float:
    """Milliseconds of the fastest call, after a warm-up."""
    call()
    best, end = float("inf"), time.perf_counter() + seconds
    while best == float("inf") or time.perf_counter() < end:
        start = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - start)
    return best * 1e3


def _aligned(x: Any) -> Any:
    """The array at a multiple of 64 bytes, as results lie and as the peers' device arrays do.

    What NumPy allocates is 16 bytes beyond one: kernels read it in place, but vectors of 64 bytes from two lines of
    the cache each, which makes the depthwise convolution take 1.5 times as long.
    """
    raw = np.empty(x.nbytes + 64, np.uint8)
    start = -raw.ctypes.data % 64
    found = raw[start : start + x.nbytes].view(x.dtype).reshape(x.shape)
    found[...] = x
    return found


def measure(case: Case, peers: str | None, seconds: float) -> dict[str, float]:
    """Milliseconds by implementation."""
    values: dict[str, Any] = case.values()
    inputs = {name: _aligned(value) for name, value in values.items() if name not in case.constants}
    with tempfile.TemporaryDirectory() as directory:
        source, output, given, every = (Path(directory) / name for name in ("k.mlir", "k.vmfb", "k.npz", "all.npz"))
        source.write_text(case.text(values))
        codegen.compile_file(source, target="cpu", output=output)
        module = vm.load(output, device="cpu?threads=1")
        times = {"this": fastest(lambda: np.asarray(module.main(*inputs.values())), seconds)}
        if peers and all(value.dtype.isbuiltin == 1 for value in values.values()):
            np.savez(given, **inputs)
            np.savez(every, **values)
            command = [peers, str(_PEERS / "iree_peer.py"), str(source), str(given), "1", str(seconds)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            times["IREE"] = min(row["min_ms"] for row in json.loads(done.stdout).values())
            weights = ",".join(case.constants)
            command = [peers, str(_PEERS / "jax_peer.py"), case.expression, str(every), weights, str(seconds)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode == 0:
                times["XLA"] = float(done.stdout)
    if case.dense:
        times["OpenBLAS"] = fastest(lambda: np.matmul(*values.values()), seconds)
    return times


def main() -> None:
    """Prints a row per kernel."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers")
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("names", nargs="*")
    given = parser.parse_args()
    best = peak.measure(given.seconds)
    print(f"peak of f32 multiply-adds: {best:.1f} GFLOP/s")
    for case in CASES:
        if given.names and not any(name in case.name for name in given.names):
            continue
        cells = []
        for name, ms in measure(case, given.peers, given.seconds).items():
            rate = case.flops / ms / 1e6
            cells.append(f"{name} {ms:9.3f} ms" + (f" {rate:6.1f} GF/s {rate / best:4.0%} peak" if rate else ""))
        print(f"{case.name:30s} {' | '.join(cells)}", flush=True)


if __name__ == "__main__":
    main()
