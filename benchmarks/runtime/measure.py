"""Times one runtime in its own process; prints JSON: microseconds, the smallest mean of a batch.

Usage: ``python measure.py RUNTIME DIRECTORY THREADS``, or ``python measure.py first RUNTIME DIRECTORY``, which answers
once and ends.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from programs import INPUTS
from runtimes import OPENERS, load


def best_us(call: Callable[[], object], batches: int = 40, seconds: float = 0.01) -> float:
    """Of batches of about `seconds`, after a warm-up."""
    count = 1
    while True:
        start = time.perf_counter()
        for _ in range(count):
            call()
        if (elapsed := time.perf_counter() - start) > seconds / 2:
            break
        count *= 4
    count = max(1, int(count * seconds / elapsed))
    best = float("inf")
    for _ in range(batches):
        start = time.perf_counter()
        for _ in range(count):
            call()
        best = min(best, (time.perf_counter() - start) / count)
    return best * 1e6


def main() -> None:
    """Measure what there is a file for."""
    if sys.argv[1] == "first":
        runtime, directory = sys.argv[2:]
        OPENERS[runtime](f"{directory}/mlp.{runtime}", 1)(np.ones(INPUTS["mlp"], np.float32))
        return
    runtime, directory, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    rows: dict[str, float] = {}
    answers: dict[str, list[float]] = {}
    for name, shape in INPUTS.items():
        path = f"{directory}/{name}.{runtime}"
        if not Path(path).exists():
            continue
        call = OPENERS[runtime](path, threads)
        if shape is None:
            rows[name] = best_us(call)
            continue
        x = np.linspace(-1, 1, int(np.prod(shape)), dtype=np.float32).reshape(shape)
        answers[name] = [float(v) for v in call(x).reshape(-1)]
        rows[name] = best_us(lambda call=call, x=x: call(x))  # type: ignore[misc]
    for name in ("weights_1mb", "weights_1gb"):
        path = f"{directory}/{name}.{runtime}"
        if Path(path).exists():
            rows[name] = best_us(lambda path=path: load(path))  # type: ignore[misc]
    print(json.dumps({"rows": rows, "answers": answers}))


if __name__ == "__main__":
    main()
