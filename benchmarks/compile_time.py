"""Time and memory that `iree-compile` takes for the models of `benchmarks/zoo.py`, and the size of what it makes.

usage: python benchmarks/compile_time.py [NAME…] [--rounds N] [--work DIRECTORY]

Each round compiles with an empty cache ("cold"), with the kernels of that run in the cache but not the module
("kernels", all passes run), and with the module in it too ("module"). The three must give the same bytes. Times are
the smallest of the rounds: wall-clock seconds, and those of all processors together, worker processes included;
memory is that of the largest process. On a machine that does other things too, the processors' seconds are the figure
to go by. Models are kept in the directory `--work` between runs, as for `benchmarks/models.py`.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from models import prepare  # type: ignore[import-not-found]

NAMES = ("mobilenet_v2", "resnet50", "bert")
STATES = ("cold", "kernels", "module")


@dataclass
class Cost:
    """Of one run: wall-clock and processor seconds, and MB of the largest process."""

    wall: float
    cpu: float
    megabytes: float


def run(arguments: list[str]) -> Cost:
    """Runs a command to its end, with the processes that it starts.

    Raises:
        SystemExit: It failed.
    """
    start = time.perf_counter()
    process = os.posix_spawnp(arguments[0], arguments, os.environ)
    _, status, usage = os.wait4(process, 0)
    if status:
        raise SystemExit(f"{' '.join(arguments)} ended with status {os.waitstatus_to_exitcode(status)}")
    return Cost(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1e3)


def measure(artefact: Path, rounds: int) -> tuple[dict[str, list[Cost]], int]:
    """Costs by state of the cache, a round each, and the bytes of the module."""
    costs: dict[str, list[Cost]] = {state: [] for state in STATES}
    with tempfile.TemporaryDirectory(prefix="iree-compile-time-") as directory:
        cache, output = Path(directory) / "cache", Path(directory) / "model.vmfb"
        known = ""  # a digest: a process starts with the memory of the one that starts it
        for _ in range(rounds):
            shutil.rmtree(cache, ignore_errors=True)
            for state in STATES:
                if state == "kernels":
                    shutil.rmtree(cache / "modules")
                costs[state].append(run(["iree-compile", str(artefact), "-o", str(output), "--cache-dir", str(cache)]))
                with output.open("rb") as file:
                    found = hashlib.file_digest(file, "sha256").hexdigest()
                if known not in ("", found):
                    raise SystemExit(f"{artefact}: with the cache in state '{state}' the module has other bytes")
                known = found
        return costs, output.stat().st_size


def main() -> int:
    """Prints a table, a row per model and state."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", default=NAMES)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--work", type=Path, default=Path("build/zoo"))
    parsed = parser.parse_args()
    print(f"{'model':<14}{'cache':<9}{'wall s':>8}{'CPU s':>8}{'MB':>7}{'MB allowed':>12}{'module/weights':>16}")
    for name in parsed.names:
        directory = parsed.work / name
        prepare(name, directory, None)
        costs, size = measure(directory / "model.model", parsed.rounds)
        weights = (directory / "model.model" / "weights.safetensors").stat().st_size
        allowed = 3 * weights / 1e6 + 1e3
        for state, found in costs.items():
            wall, cpu = min(c.wall for c in found), min(c.cpu for c in found)
            memory = max(c.megabytes for c in found)
            print(
                f"{name:<14}{state:<9}{wall:>8.2f}{cpu:>8.2f}{memory:>7.0f}{allowed:>12.0f}{size / weights:>16.4f}",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
