"""Latency of the models of `benchmarks/zoo.py` on the CPU, beside other runtimes, in one run.

usage: python benchmarks/models.py [NAME…] [--threads 1 2] [--rounds N] [--peers PYTHON] [--work DIRECTORY]

`--peers` is the interpreter of an environment with iree-base-compiler, iree-base-runtime, ai-edge-litert and openvino
(what is
missing there is left out); it must not be the project's own, since both have a package `iree`. Every model's results
are first
compared with TensorFlow's over several calls. Then the runtimes take turns, each in a process of its own, pinned to
the same
cores; a figure is the smallest of the rounds' medians in milliseconds, with the smallest call beside it. Models are
kept in the directory `--work` between runs.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
NAMES = ("mlp", "mlp_dynamic", "lstm", "mobilenet_v2", "decoder", "training", "resnet50", "bert")
IREE_FLAGS = {"IREE": [], "IREE O3": ["--iree-opt-level=O3"]}
TOLERANCE = 1e-3
"""Largest error that is allowed, relative to the largest magnitude of a result."""


def inline_weights(artefact: Path, output: Path) -> None:
    """Writes the program as StableHLO text with its weights as constants, its state as globals, `serve` as @main."""
    from iree.dialects import artifact  # noqa: PLC0415
    from iree.dialects.mlir import ir  # noqa: PLC0415

    loaded = artifact.load(artefact)
    with loaded.module.context, ir.Location.unknown():
        constants: dict[str, Any] = {}
        functions = []
        for op in [op.operation for op in loaded.module.body.operations]:
            name = ir.StringAttr(op.attributes["sym_name"]).value
            if op.name == "ml_program.global":
                key = ir.StringAttr(op.attributes["iree.parameter"]).value
                value = ir.DenseElementsAttr.get(np.ascontiguousarray(loaded.parameters[key]))
                if "is_mutable" in op.attributes:
                    op.attributes["value"] = value
                    del op.attributes["iree.parameter"]
                else:
                    constants[name] = value
                    op.erase()
            elif name == "serve":
                op.attributes["sym_name"] = ir.StringAttr.get("main")
                functions.append(op)
        for function in functions:
            for op in [op.operation for op in function.regions[0].blocks[0].operations]:
                if op.name.startswith("ml_program.global_load"):
                    name = ir.FlatSymbolRefAttr(op.attributes["global"]).value
                    if name in constants:
                        with ir.InsertionPoint(op):
                            new = ir.Operation.create(
                                "stablehlo.constant", [op.results[0].type], attributes={"value": constants[name]}
                            )
                        op.results[0].replace_all_uses_with(new.results[0])
                        op.erase()
    output.write_text(str(loaded.module))


def prepare(name: str, directory: Path, peers: str | None) -> dict[str, str]:
    """Makes what is missing of a model's files; returns what each runtime's model is called that there is."""
    if not (directory / "model.json").exists():
        _run([sys.executable, str(HERE / "zoo.py"), name, "--to", str(directory.parent)])
    if not (directory / "model.model" / "manifest.json").exists():
        _run(["iree-import-tf", str(directory / "saved"), "-o", str(directory / "model.model")])
    found: dict[str, str] = {}
    if peers is None:
        return found
    compiler = Path(peers).parent / "iree-compile"
    for label, flags in IREE_FLAGS.items():
        module = directory / f"{label.replace(' ', '-')}.vmfb"
        if compiler.exists() and not module.exists():
            if not (directory / "inlined.mlir").exists():
                inline_weights(directory / "model.model", directory / "inlined.mlir")
            arguments = ["--iree-hal-target-backends=llvm-cpu", "--iree-llvmcpu-target-cpu=host"]
            arguments += ["--iree-input-type=stablehlo", str(directory / "inlined.mlir"), "-o", str(module)]
            done = subprocess.run([str(compiler), *arguments, *flags], check=False, capture_output=True, text=True)
            if done.returncode:
                print(f"{name}: {label} cannot compile it: {done.stderr[:200]}", file=sys.stderr)
        if module.exists():
            found[label] = f"iree {module}"
    if (directory / "model.tflite").exists():
        found |= {"LiteRT": "litert", "OpenVINO": "openvino"}
    return found


def compile_model(directory: Path) -> dict[str, float]:
    """Compiles without a cache; seconds, MB of the largest process, and bytes per byte of weights."""
    start = time.perf_counter()
    module = directory / "model.vmfb"
    _run(["iree-compile", str(directory / "model.model"), "-o", str(module), "--no-cache"])
    weights = (directory / "model.model" / "weights.safetensors").stat().st_size
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3
    return {"s": time.perf_counter() - start, "MB": memory, "size": module.stat().st_size / weights}


def ours(directory: Path, call: int, threads: int, seconds: float) -> dict[str, float]:
    """Checks every call, then times one; runs in a process of its own, so that pinning and threads are as asked."""
    from iree import vm  # noqa: PLC0415

    sys.path.insert(0, str(HERE))
    from peers.model_peer import measure  # type: ignore[import-not-found]  # noqa: PLC0415

    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    serve = vm.load(directory / "model.vmfb", device=f"cpu?threads={threads}").serve
    saved = np.load(directory / "calls.npz")
    count = json.loads((directory / "model.json").read_text())["calls"]
    calls = [_numbered(saved, f"{i}.") for i in range(count)]
    error = 0.0
    for number, inputs in enumerate(calls):
        results = serve(*inputs)
        results = list(results.values()) if isinstance(results, dict) else results
        results = results if isinstance(results, (list, tuple)) else [results]
        for result, wanted in zip(results, _numbered(saved, f"{number}="), strict=True):
            error = max(error, float(np.abs(np.asarray(result) - wanted).max() / np.abs(wanted).max()))
    if not error < TOLERANCE:
        raise SystemExit(f"{directory.name}: results differ from TensorFlow's by {error:.1e} of their magnitude")
    return {"error": error, **measure(lambda: np.asarray(_first(serve(*calls[call]))), seconds)}


def tensorflow(directory: Path, call: int, threads: int, seconds: float) -> Any:
    """TensorFlow itself, from the SavedModel."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    import tensorflow as tf  # noqa: PLC0415

    sys.path.insert(0, str(HERE))
    from peers.model_peer import measure  # noqa: PLC0415

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    module = tf.saved_model.load(str(directory / "saved"))  # its variables live as long as it does
    inputs = [tf.constant(value) for value in _numbered(np.load(directory / "calls.npz"), f"{call}.")]
    return measure(lambda: _first(tf.nest.flatten(module.serve(*inputs))).numpy(), seconds)


def _numbered(saved: Any, prefix: str) -> list[Any]:
    return [saved[f"{prefix}{i}"] for i in range(sum(key.startswith(prefix) for key in saved.files))]


def _first(results: Any) -> Any:
    if isinstance(results, dict):
        results = list(results.values())
    return results[0] if isinstance(results, (list, tuple)) else results


def _run(command: list[str]) -> str:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return done.stdout


def _time(label: str, model: str, directory: Path, numbers: list[str], peers: str | None) -> Any:
    """Figures of a runtime; `numbers` are the call, threads and seconds. None if it cannot run the model."""
    if label in ("this", "TensorFlow"):
        command = [sys.executable, __file__, "--measure", label, str(directory), *numbers]
    else:
        runtime, _, module = model.partition(" ")
        if module:
            (directory / "model.iree.vmfb").unlink(missing_ok=True)
            (directory / "model.iree.vmfb").symlink_to(module)
        command = [str(peers), str(HERE / "peers" / "model_peer.py"), runtime, str(directory), *numbers]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        print(f"{directory.name}: {label} failed: {(done.stderr.strip() or '?').splitlines()[-1]}", file=sys.stderr)
        return None
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    """Prints one table."""
    if sys.argv[1:2] == ["--measure"]:
        side = {"this": ours, "TensorFlow": tensorflow}[sys.argv[2]]
        print(json.dumps(side(Path(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]), float(sys.argv[6]))))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(NAMES)} (default: all)")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.0, help="of each runtime in each round")
    parser.add_argument("--peers", help="Python of the environment with the other runtimes")
    parser.add_argument("--without", nargs="*", default=[], help="runtimes to leave out")
    parser.add_argument("--work", type=Path, default=Path("build/zoo"))
    options = parser.parse_args()
    if unknown := set(options.names) - set(NAMES):
        parser.error(f"no such model: {', '.join(unknown)}")
    print(f"{'model':<16}{'runtime':<12}{'threads':>8}{'median ms':>11}{'min ms':>9}")
    for name in options.names or NAMES:
        directory = (options.work / name).resolve()
        runtimes = {"this": "", "TensorFlow": "", **prepare(name, directory, options.peers)}
        compiled = compile_model(directory)
        for call in range(3) if name == "mlp_dynamic" else (0,):
            for threads in options.threads:
                figures: dict[str, list[Any]] = {label: [] for label in runtimes if label not in options.without}
                for _ in range(options.rounds):
                    for label, rounds in figures.items():
                        if None not in rounds:
                            numbers = [str(call), str(threads), str(options.seconds)]
                            rounds.append(_time(label, runtimes[label], directory, numbers, options.peers))
                for label, rounds in figures.items():
                    if None not in rounds:
                        median, least = (min(r[key] for r in rounds) for key in ("median_ms", "min_ms"))
                        title = f"{name} {call}" if name == "mlp_dynamic" else name
                        print(f"{title:<16}{label:<12}{threads:>8}{median:>11.3f}{least:>9.3f}", flush=True)
        print(
            f"{name:<16}compiled in {compiled['s']:.1f} s, at most {compiled['MB']:.0f} MB in one process; "
            f"the module has {compiled['size']:.3f} of the weights' size"
        )


if __name__ == "__main__":
    main()
