"""Times a model of `benchmarks/zoo.py` in another runtime; runs in the peers' environment and prints JSON.

usage: model_peer.py RUNTIME MODEL_DIRECTORY CALL THREADS SECONDS

RUNTIME is ``litert``, ``openvino`` or ``iree``, which takes `model.iree.vmfb`; CALL numbers the inputs to use.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np


def measure(call: Callable[[], object], seconds: float) -> dict[str, float]:
    """Median and minimum of single calls, in milliseconds, after a warm-up."""
    times = []
    for _ in range(3):
        call()
    end = time.perf_counter() + seconds
    while len(times) < 5 or time.perf_counter() < end:
        start = time.perf_counter()
        call()
        times.append((time.perf_counter() - start) * 1e3)
    return {"median_ms": float(np.median(times)), "min_ms": min(times)}


def iree(directory: Path, inputs: list[Any], threads: int) -> Callable[[], object]:
    """IREE with the module that `models.py` compiled."""
    from iree import runtime  # type: ignore[attr-defined]  # noqa: PLC0415

    runtime.flags.parse_flags(f"--task_topology_group_count={threads}")
    config = runtime.Config("local-sync" if threads == 1 else "local-task")
    context = runtime.SystemContext(config=config)
    module = runtime.VmModule.mmap(context.instance, str(directory / "model.iree.vmfb"))
    context.add_vm_module(module)
    function = next(m for n, m in context.modules.items() if n != "hal")["main"]
    values = [runtime.asdevicearray(config.device, value) for value in inputs]
    return lambda: function(*values).to_host()


def litert(directory: Path, inputs: list[Any], threads: int) -> Callable[[], object]:
    """LiteRT with XNNPACK."""
    from ai_edge_litert.interpreter import Interpreter  # type: ignore[import-not-found]  # noqa: PLC0415

    interpreter = Interpreter(model_path=str(directory / "model.tflite"), num_threads=threads)
    details = interpreter.get_input_details()
    for detail, value in zip(details, inputs, strict=True):
        interpreter.resize_tensor_input(detail["index"], value.shape)
    interpreter.allocate_tensors()
    (output, *_) = interpreter.get_output_details()

    def call() -> object:
        for detail, value in zip(details, inputs, strict=True):
            interpreter.set_tensor(detail["index"], value)
        interpreter.invoke()
        return interpreter.get_tensor(output["index"])

    return call


def openvino(directory: Path, inputs: list[Any], threads: int) -> Callable[[], object]:
    """OpenVINO reads the LiteRT model."""
    import openvino as ov  # type: ignore[import-not-found]  # noqa: PLC0415

    core = ov.Core()
    model = core.read_model(directory / "model.tflite")
    settings = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
    request = core.compile_model(model, "CPU", settings).create_infer_request()
    return lambda: request.infer(inputs)[0]


RUNTIMES = {"iree": iree, "litert": litert, "openvino": openvino}


def main() -> None:
    """Prints the figures."""
    name, directory, call, threads, seconds = sys.argv[1:]
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(threads)])
    calls = np.load(Path(directory) / "calls.npz")
    inputs = [calls[f"{call}.{i}"] for i in range(sum(key.startswith(f"{call}.") for key in calls.files))]
    print(json.dumps(measure(RUNTIMES[name](Path(directory), inputs, int(threads)), float(seconds))))


if __name__ == "__main__":
    main()
