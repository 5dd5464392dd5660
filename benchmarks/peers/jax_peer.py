"""Times an expression in XLA through JAX; runs in the peers' environment and prints the least milliseconds of a call.

usage: jax_peer.py EXPRESSION INPUTS.npz CONSTANTS SECONDS

The expression is in the names of the arrays in INPUTS.npz, `jax` and `jnp`; arrays named in CONSTANTS (with commas
between) are known when it is compiled. One thread.
"""

from __future__ import annotations

import os
import sys
import time

os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax  # type: ignore[import-not-found]  # noqa: E402
import jax.numpy as jnp  # type: ignore[import-not-found]  # noqa: E402
import numpy as np  # noqa: E402


def main() -> None:
    """Compiles, warms up and measures."""
    expression, inputs, constants, seconds = sys.argv[1], np.load(sys.argv[2]), sys.argv[3].split(","), sys.argv[4]
    values = {name: inputs[name] for name in inputs.files}
    fixed = {name: value for name, value in values.items() if name in constants}
    given = [jnp.asarray(value) for name, value in values.items() if name not in constants]
    names = ", ".join(name for name in values if name not in constants)
    # The expression is one of `kernels/cases.py`.
    function = jax.jit(eval(f"lambda {names}: {expression}", {"jax": jax, "jnp": jnp, **fixed}))
    function(*given).block_until_ready()
    best, end = float("inf"), time.perf_counter() + float(seconds)
    while best == float("inf") or time.perf_counter() < end:
        start = time.perf_counter()
        np.asarray(function(*given))
        best = min(best, time.perf_counter() - start)
    print(best * 1e3)


if __name__ == "__main__":
    main()
