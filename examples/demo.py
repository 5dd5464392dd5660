"""The main job, end to end, through the real command lines: SavedModel -> artefact -> module -> answer.

Makes a MobileNetV2 with seeded weights, imports, compiles and runs it, and compares the answer with
TensorFlow's. Every stage is its own process and talks to the next through files in ``--output``.
"""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

TOLERANCE = 1e-4
"""Largest difference from TensorFlow allowed, relative to the largest magnitude of the output."""


def run(label: str, command: list[str]) -> float:
    """Runs one stage, showing its command line; returns its wall time in seconds."""
    print(f"\n\033[1m{label}\033[0m\n  $ {shlex.join(command)}", flush=True)
    start = time.perf_counter()
    status = subprocess.run(command, check=False).returncode
    if status:
        sys.exit(f"error: that command ended with status {status}; its message is above")
    return time.perf_counter() - start


def size_mb(path: Path) -> float:
    """Size of a file or of a folder's files, in MB (1e6 bytes)."""
    files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
    return sum(p.stat().st_size for p in files) / 1e6


def main() -> None:
    """Runs the demo; exits with status 1 if the answer differs from TensorFlow's."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=Path("build/demo"), help="folder for everything made")
    out = parser.parse_args().output
    out.mkdir(parents=True, exist_ok=True)
    here = Path(__file__).parent
    saved_model, artefact, module = out / "mobilenet_v2", out / "mobilenet_v2.model", out / "mobilenet_v2.vmfb"
    x, expected, actual = saved_model / "input.npy", saved_model / "expected.npy", out / "output.npy"

    make = [sys.executable, str(here / "make_mobilenet_v2.py"), str(saved_model)]
    import_tf = ["iree-import-tf", str(saved_model), "-o", str(artefact)]
    compile_ = ["iree-compile", str(artefact), "-o", str(module), "--target=cpu"]
    run_module = ["iree-run-module", f"--module={module}", "--device=cpu", "--function=serve"]
    run_module += [f"--input=@{x}", f"--output=@{actual}"]

    times = {
        "make the model (TensorFlow)": run("1. A Keras MobileNetV2, saved as a SavedModel", make),
        "iree-import-tf": run("2. Import: SavedModel -> StableHLO, weights, manifest", import_tf),
        "iree-compile": run("3. Compile: StableHLO -> flow -> executables -> hal -> vm", compile_),
        "iree-run-module": run("4. Run, with the runtime alone", run_module),
    }

    y, reference = np.load(actual), np.load(expected)
    difference = float(np.abs(y.astype(np.float64) - reference).max() / np.abs(reference).max())
    print("\n\033[1mResult\033[0m")
    for label, seconds in times.items():
        print(f"  {label:<28} {seconds:7.2f} s")
    for path in (saved_model, artefact, module):
        print(f"  {path!s:<28} {size_mb(path):7.2f} MB")
    for index in np.argsort(y[0])[::-1][:5]:
        print(f"  class {index:4d}   ours {y[0, index]:.7f}   TensorFlow {reference[0, index]:.7f}")
    print(f"  largest difference from TensorFlow: {difference:.2e} of the largest magnitude (at most {TOLERANCE:.0e})")
    if not difference <= TOLERANCE:
        sys.exit("error: the answer differs from TensorFlow's")
    print(
        f"""
\033[1mNext\033[0m
  how fast is it         ./run iree-benchmark-module --module={module} --function=serve --input=@{x}
  what is in the module  ./run iree-dump-module {module}
  every compiler phase   ./run iree-compile {artefact} -o {module} --dump-compilation-phases-to={out}/phases
  your own model         ./run iree-import-tf YOUR_SAVED_MODEL -o {out}/mine.model
  the tests              ./run test"""
    )


if __name__ == "__main__":
    main()
