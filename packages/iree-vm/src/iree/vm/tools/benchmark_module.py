"""iree-benchmark-module: how long a call of an export takes."""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Sequence

from iree.vm.tools.common import ToolError, add_call_flags, choose_function, make_parser, run_tool

_PERCENTILES = (50, 90, 99)


def percentile(ordered: Sequence[float], p: float) -> float:
    """The `p`-th percentile of ascending numbers, interpolated linearly."""
    position = (len(ordered) - 1) * p / 100
    low = int(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)


def batch_size(call: Callable[[], object], minimum_seconds: float) -> int:
    """How many calls take at least that long."""
    count = 1
    while True:
        start = time.perf_counter()
        for _ in range(count):
            call()
        elapsed = time.perf_counter() - start
        if elapsed >= minimum_seconds or count >= 1 << 20:
            return count
        count = min(max(count * 2, int(count * minimum_seconds / max(elapsed, 1e-9))), 1 << 20)


def measure(call: Callable[[], object], repetitions: int, batch: int) -> list[float]:
    """Seconds of a call in each repetition, the mean of its batch."""
    samples = []
    for _ in range(repetitions):
        start = time.perf_counter()
        for _ in range(batch):
            call()
        samples.append((time.perf_counter() - start) / batch)
    return samples


def summarize(samples: Sequence[float]) -> dict[str, float]:
    """Minimum, percentiles, mean and maximum in microseconds."""
    ordered = sorted(s * 1e6 for s in samples)
    result = {"min": ordered[0]}
    result |= {f"p{p}": percentile(ordered, p) for p in _PERCENTILES}
    return result | {"max": ordered[-1], "mean": sum(ordered) / len(ordered)}


def _main(arguments: argparse.Namespace) -> int:
    from iree.vm.module import load  # noqa: PLC0415
    from iree.vm.tools import signature, values  # noqa: PLC0415
    from iree.vm.tools.run_module import bind_flat  # noqa: PLC0415

    if arguments.repetitions < 1 or arguments.batch < 0:
        raise ToolError("--repetitions must be at least 1, --batch at least 0")
    start = time.perf_counter()
    module = load(arguments.module, arguments.device)
    load_time = time.perf_counter() - start
    function = choose_function(module, arguments.function)
    inputs = signature.parse_inputs(function, arguments.input)
    call = bind_flat(function, inputs)
    start = time.perf_counter()
    call()
    first = time.perf_counter() - start
    end = time.perf_counter() + arguments.warmup
    while time.perf_counter() < end:
        call()
    batch = arguments.batch or batch_size(call, 1e-3)
    summary = summarize(measure(call, arguments.repetitions, batch))
    report = {
        "module": arguments.module,
        "function": function.name,
        "device": arguments.device,
        "inputs": [values.type_of(i) for i in inputs],
        "cpus": len(os.sched_getaffinity(0)),
        "repetitions": arguments.repetitions,
        "batch": batch,
        "load_us": load_time * 1e6,
        "first_call_us": first * 1e6,
        "call_us": summary,
    }
    if arguments.json:
        print(json.dumps(report, indent=2))
        return 0
    print(f"{function.name} on {arguments.device}: {arguments.repetitions} repetitions of {batch} calls")
    print(f"  load {load_time * 1e6:.1f} us, first call {first * 1e6:.1f} us")
    print("  call " + ", ".join(f"{name} {value:.2f}" for name, value in summary.items()) + " us")
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit status."""
    parser = make_parser("iree-benchmark-module", "Measure how long a call of a module's function takes.")
    add_call_flags(parser)
    parser.add_argument("--warmup", type=float, default=0.5, metavar="SECONDS", help="default: %(default)s")
    parser.add_argument("--repetitions", type=int, default=50, metavar="N", help="samples (default: %(default)s)")
    parser.add_argument("--batch", type=int, default=0, metavar="N", help="calls per sample (default: enough for 1 ms)")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    return run_tool(_main, parser, argv)


if __name__ == "__main__":
    raise SystemExit(main())
