"""What calling a module costs, beside iree-base-runtime, ONNX Runtime and LiteRT, in one run.

Usage: ``python benchmarks/runtime/run.py --peers peers/bin/python [--build build/runtime-benchmarks] [--cpp]``

The peers' environment holds ``iree-base-compiler==3.13.* iree-base-runtime==3.13.* onnx onnxruntime ai-edge-litert
numpy`` and, for ``--cpp``, ``tbb-devel``; this one holds the project and, to make LiteRT's models, TensorFlow. Every
runtime is measured in a process of its own, one after the other, three times over: the smallest number of each counts,
since anything else on the machine only adds. Answers are compared. ``--cpp`` builds and runs the C++ benchmarks of the
VM and the scheduler as well, with OpenMP and oneTBB beside them.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ROUNDS = 3
STARTS = 10
RUNTIMES = {"ours": "this project", "iree": "IREE 3.13", "onnx": "ONNX Runtime", "litert": "LiteRT"}
ROWS = (
    ("no-op, us", "noop", 1, "0.7"),
    ("add one, 1 element, us", "add_one", 1, "1.5"),
    ("add one, 2 threads, us", "add_one", 2, "1.5"),
    ("16 dependent dispatches, us", "chain", 1, "2.5"),
    ("16 dispatches, 2 threads, us", "chain", 2, ""),
    ("MLP 784-128-10, us", "mlp", 1, ""),
    ("load 1 MB of weights, us", "weights_1mb", 1, "200"),
    ("load 1 GB of weights, us", "weights_1gb", 1, "200"),
)


def prepare(directory: Path, python: dict[str, str]) -> None:
    """Makes the programs that are not there yet."""
    directory.mkdir(parents=True, exist_ok=True)
    for runtime in RUNTIMES:
        made = directory / f"{runtime}.made"
        if made.exists():
            continue
        interpreter = sys.executable if runtime == "litert" else python[runtime]
        done = subprocess.run(
            [interpreter, str(HERE / "programs.py"), str(directory), runtime],
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise SystemExit(f"the programs for {runtime} cannot be made:\n{done.stderr}")
        made.touch()


def first_answer(command: list[str]) -> tuple[float, float]:
    """Seconds from nothing to the end of a process, and its peak memory in MB; the smallest of some.

    Linux counts the memory of the process that starts it too: this script imports little.
    """
    seconds, megabytes = float("inf"), float("inf")
    for _ in range(STARTS):
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"failed: {' '.join(command)}")
        seconds = min(seconds, time.perf_counter() - start)
        megabytes = min(megabytes, usage.ru_maxrss / 1024)
    return seconds, megabytes


def measure(directory: Path, python: dict[str, str]) -> dict[tuple[str, str, int], float]:
    """(runtime, program, threads) -> microseconds."""
    best: dict[tuple[str, str, int], float] = {}
    answers: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for runtime in RUNTIMES:
            for threads in (1, 2):
                command = [python[runtime], str(HERE / "measure.py"), runtime, str(directory), str(threads)]
                done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
                result = json.loads(done.stdout.splitlines()[-1])
                for name, us in result["rows"].items():
                    key = (runtime, name, threads)
                    best[key] = min(us, best.get(key, us))
                for name, answer in result["answers"].items():
                    pairs = zip(answer, answers.setdefault(name, answer), strict=True)
                    if not all(math.isclose(a, b, rel_tol=1e-3, abs_tol=1e-4) for a, b in pairs):
                        raise SystemExit(f"{runtime} gives another answer of {name}")
    return best


def print_cpp(build: Path, modules: Path, peers: str) -> None:
    """The C++ benchmarks, as they print themselves."""
    vm, cpu = build / "vm", build / "cpu"
    options = ["-DCMAKE_BUILD_TYPE=Release", f"-DPython_EXECUTABLE={sys.executable}"]
    prefix = f"-DCMAKE_PREFIX_PATH={Path(peers).absolute().parents[1]}"
    for source, target, names, more in (
        (ROOT / "packages/iree-vm/native", vm, ["vm_benchmark"], ["-DIREE_VM_PYTHON=OFF", "-DIREE_VM_TOOLS=ON"]),
        (
            ROOT / "packages/iree-hal-cpu",
            cpu,
            ["dispatch_benchmark", "baseline_benchmark"],
            ["-DIREE_HAL_CPU_PYTHON=OFF", "-DIREE_HAL_CPU_TOOLS=ON", prefix],
        ),
    ):
        subprocess.run(["cmake", "-S", source, "-B", target, *options, *more], check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["cmake", "--build", target, "-j2", "--target", *names], check=True, stdout=subprocess.DEVNULL)
    script = ROOT / "packages/iree-vm/benchmarks/vm_benchmark.py"
    subprocess.run([sys.executable, script, vm / "vm_benchmark", "--only-cpp"], check=True)
    for name in ("dispatch_benchmark", "baseline_benchmark"):
        subprocess.run([cpu / name], check=True)


def main() -> None:
    """Print a table, ours first; what the issue of the runtime allows last."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", required=True, help="the interpreter of the peers' environment")
    parser.add_argument("--build", type=Path, default=ROOT / "build/runtime-benchmarks")
    parser.add_argument("--cpp", action="store_true", help="the C++ benchmarks too")
    options = parser.parse_args()
    python = {runtime: sys.executable if runtime == "ours" else options.peers for runtime in RUNTIMES}
    modules = options.build.absolute() / "programs"
    prepare(modules, python)
    best = measure(modules, python)
    print("| |", " | ".join(RUNTIMES.values()), "| goal |")
    print("|---" * (len(RUNTIMES) + 2) + "|")
    for title, name, threads, goal in ROWS:
        cells = [f"{best[r, name, threads]:.2f}" if (r, name, threads) in best else "" for r in RUNTIMES]
        print(f"| {title} | {' | '.join(cells)} | {goal} |")
    starts = {r: first_answer([python[r], str(HERE / "measure.py"), "first", r, str(modules)]) for r in RUNTIMES}
    starts["import"] = first_answer([sys.executable, "-c", "import numpy"])
    starts["buffers"] = first_answer([sys.executable, str(HERE / "first.py"), str(modules / "mlp.ours")])
    for title, column, goal in (("new process to first answer, s", 0, "0.10"), ("its memory, MB", 1, "40")):
        for arrays, ours in (("array.array, peers NumPy", "buffers"), ("NumPy", "ours")):
            cells = (starts[ours if r == "ours" else r][column] for r in RUNTIMES)
            print(f"| {title} ({arrays} in and out) |", " | ".join(f"{cell:.3g}" for cell in cells), f"| {goal} |")
    print(f"\nof which `import numpy` in an empty process: {starts['import'][0]:.3f} s, {starts['import'][1]:.1f} MB")
    if options.cpp:
        print_cpp(options.build, modules, options.peers)


if __name__ == "__main__":
    main()
