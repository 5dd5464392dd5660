"""How each runtime opens a program: a function from NumPy array to NumPy array."""

from __future__ import annotations

# ruff: noqa: PLC0415  # every environment has only some of the packages
from collections.abc import Callable
from typing import Any

import numpy as np

Call = Callable[..., Any]


def open_ours(path: str, threads: int) -> Call:
    """This project."""
    from iree import vm

    main = vm.load(path, device=f"cpu?threads={threads}").main
    if "noop" in path:
        return main
    return lambda x: np.asarray(main(x))


def load(path: str) -> object:
    """A module of this project, not called."""
    from iree import vm

    return vm.load(path)


def open_iree(path: str, threads: int) -> Call:
    """iree-base-runtime: one thread without the task system, as its documentation recommends."""
    from iree import runtime

    runtime.flags.parse_flags(f"--task_topology_group_count={threads}")
    config = runtime.Config("local-sync" if threads == 1 else "local-task")
    context = runtime.SystemContext(config=config)
    context.add_vm_module(runtime.VmModule.mmap(context.instance, path))
    main = next(m for n, m in context.modules.items() if n != "hal")["main"]
    if "noop" in path:
        return main
    return lambda x: main(x).to_host()


def open_onnx(path: str, threads: int) -> Call:
    """ONNX Runtime."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda x: session.run(None, {"x0": x})[0]


def open_litert(path: str, threads: int) -> Call:
    """LiteRT, with its default kernels."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(path, num_threads=threads)
    interpreter.allocate_tensors()
    source, target = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]

    def call(x: Any) -> Any:
        interpreter.set_tensor(source, x)
        interpreter.invoke()
        return interpreter.get_tensor(target)

    return call


OPENERS: dict[str, Callable[[str, int], Call]] = {
    "ours": open_ours,
    "iree": open_iree,
    "onnx": open_onnx,
    "litert": open_litert,
}
