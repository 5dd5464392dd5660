"""Fuzzes everything that reads outside bytes, in parallel: modules, executables, parameter files and manifests.

Usage: ``python tests/fuzz/fuzz.py [--executions 10000000] [--jobs 16] [--seed 1] [--only modules …]``

The C++ readers are built with the address and undefined-behaviour sanitizers under ``--build`` (kept between runs).
Every job has a seed of its own, counted up from ``--seed``, and prints its own command, so that it can be run alone; a
finding of any of them fails the run and shows its output. ``--corpus-only`` makes the modules to start from, for
a machine that has a compiler but not the packages: carry the build directory there.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Target:
    """One reader: its program takes the number of executions, the seed and files to start from."""

    name: str
    source: Path | None  # a CMake project, or None for Python
    program: str
    options: tuple[str, ...] = ()

    def build(self, directory: Path) -> list[str]:
        """Builds it; the command without its arguments."""
        if self.source is None:
            return [sys.executable, str(ROOT / self.program)]
        configure = ["cmake", "-S", str(self.source), "-B", str(directory / self.name), "-DCMAKE_BUILD_TYPE=None"]
        configure += ["-DCMAKE_CXX_FLAGS=-O2", f"-DPython_EXECUTABLE={sys.executable}", *self.options]
        build = ["cmake", "--build", str(directory / self.name), "-j", str(os.cpu_count()), "--target", self.program]
        for command in (configure, build):
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return [str(directory / self.name / self.program)]


def _sanitized(prefix: str) -> tuple[str, ...]:
    return (f"-D{prefix}_PYTHON=OFF", f"-D{prefix}_TOOLS=ON", f"-D{prefix}_SANITIZE=address,undefined")


TARGETS = (
    Target("modules", ROOT / "packages/iree-vm/native", "vm_fuzz", _sanitized("IREE_VM")),
    Target("executables", ROOT / "packages/iree-hal-cpu", "fuzz_elf", _sanitized("IREE_HAL_CPU")),
    Target("parameters", None, "tests/fuzz/parameters.py"),
)


def make_corpus(directory: Path) -> list[Path]:
    """The modules to start from, made once by the tests of iree-vm."""
    if not any(directory.glob("*.vmfb")):
        command = [sys.executable, "-m", "tests.corpus", str(directory)]
        subprocess.run(command, check=True, cwd=ROOT / "packages/iree-vm")
    return sorted(directory.glob("*.vmfb"))


def run_job(command: list[str]) -> tuple[bool, str]:
    """Whether it ended well, and its last line or, if not, all that it said."""
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode == 0:
        return True, done.stdout.splitlines()[-1]
    return False, f"{done.stdout}\nexit status {done.returncode} of: {' '.join(command)}"


def main() -> int:
    """0 without a finding."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--executions", type=int, default=10_000_000, help="of each target, over all jobs")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", choices=[t.name for t in TARGETS], default=[t.name for t in TARGETS])
    parser.add_argument("--build", type=Path, default=ROOT / "build/fuzz")
    parser.add_argument("--corpus-only", action="store_true")
    options = parser.parse_args()
    corpus = make_corpus(options.build.resolve() / "corpus")
    if options.corpus_only:
        return 0
    os.environ["PYTHONPATH"] = str(ROOT / "packages/iree-dialects/src")  # the readers need nothing but NumPy
    share = -(-options.executions // options.jobs)
    failed = False
    for target in (t for t in TARGETS if t.name in options.only):
        program = target.build(options.build)
        files = [str(path) for path in corpus] if target.name == "modules" else []
        commands = [[*program, str(share), str(options.seed + i), *files] for i in range(options.jobs)]
        start = time.perf_counter()
        with ThreadPoolExecutor(options.jobs) as pool:
            results = list(pool.map(run_job, commands))
        seconds = time.perf_counter() - start
        for _, text in results:
            print(f"{target.name}: {text}")
        findings = sum(not ok for ok, _ in results)
        failed |= findings > 0
        print(
            f"{target.name}: {share * (options.jobs - findings):,} executions in {options.jobs} jobs, "
            f"{seconds:.0f} s, {findings} findings",
            flush=True,
        )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
