# ruff: noqa: E402, E501 - the environment is set before NumPy is loaded; programs read best as they are
"""Operations other than matrix products against NumPy, SciPy and C: `python benchmarks/ops/run.py [NAME …]`.

Times are single-threaded; each round runs the module and what it is compared with in turn, and the minimum of all
rounds counts, so that ratios hold on a busy machine too.
"""

from __future__ import annotations

import os

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from iree import codegen, vm

RNG = np.random.default_rng(0)
MILLION = 1 << 20


@dataclass(frozen=True)
class Benchmark:
    """A program and what it is compared with.

    Attributes:
        text: StableHLO; the function is ``main``.
        inputs: Its arguments.
        peer: What computes the same.
        goal: The ratio of times that is wanted.
        check: Whether results agree.
    """

    text: str
    inputs: list[Any]
    peer: Callable[..., Any]
    goal: float
    check: Callable[[Any, Any], bool]


def _aligned(x: Any) -> Any:
    """The array in memory as results have it, at a multiple of 64 bytes, which kernels read in place.

    What NumPy allocates is 16 bytes beyond one, so that it is copied first: that is no matter of the kernel's.
    """
    raw = np.empty(x.nbytes + 64, np.uint8)
    start = -raw.ctypes.data % 64
    found = raw[start : start + x.nbytes].view(x.dtype).reshape(x.shape)
    found[...] = x
    return found


def _close(a: Any, b: Any) -> bool:
    return bool(np.allclose(a, b, rtol=1e-3, atol=1e-3))


def _equal(a: Any, b: Any) -> bool:
    return bool(np.array_equal(a, b))


def _c(source: str, name: str) -> Any:
    """A function in C."""
    import ctypes  # noqa: PLC0415
    import subprocess  # noqa: PLC0415
    import tempfile  # noqa: PLC0415
    from pathlib import Path  # noqa: PLC0415

    directory = Path(tempfile.mkdtemp(prefix="iree-benchmark-"))
    (directory / "peer.c").write_text(source)
    command = ["cc", "-O3", "-march=native", "-shared", "-fPIC", "-o", directory / "peer.so", directory / "peer.c"]
    subprocess.run(command, check=True)
    return getattr(ctypes.CDLL(str(directory / "peer.so")), name)


def _sort() -> Benchmark:
    text = f"""func.func @main(%a: tensor<{MILLION}xf32>) -> tensor<{MILLION}xf32> {{
%r = "stablehlo.sort"(%a) <{{dimension = 0 : i64, is_stable = true}}> ({{ ^bb0(%x: tensor<f32>, %y: tensor<f32>):
 %c = stablehlo.compare LT, %x, %y, TOTALORDER : (tensor<f32>, tensor<f32>) -> tensor<i1>
 stablehlo.return %c : tensor<i1> }}) : (tensor<{MILLION}xf32>) -> tensor<{MILLION}xf32>
return %r : tensor<{MILLION}xf32> }}"""
    return Benchmark(text, [RNG.standard_normal(MILLION).astype("f4")], np.sort, 1.5, _equal)


def _sort_pairs() -> Benchmark:
    text = f"""func.func @main(%a: tensor<{MILLION}xf32>) -> tensor<{MILLION}xi32> {{
%i = stablehlo.iota dim = 0 : tensor<{MILLION}xi32>
%r:2 = "stablehlo.sort"(%a, %i) <{{dimension = 0 : i64, is_stable = true}}> ({{
 ^bb0(%x: tensor<f32>, %y: tensor<f32>, %p: tensor<i32>, %q: tensor<i32>):
 %c = stablehlo.compare LT, %x, %y, TOTALORDER : (tensor<f32>, tensor<f32>) -> tensor<i1>
 stablehlo.return %c : tensor<i1> }}) : (tensor<{MILLION}xf32>, tensor<{MILLION}xi32>)
  -> (tensor<{MILLION}xf32>, tensor<{MILLION}xi32>)
return %r#1 : tensor<{MILLION}xi32> }}"""
    inputs = [RNG.standard_normal(MILLION).astype("f4")]
    return Benchmark(text, inputs, lambda a: np.argsort(a, kind="stable"), 1.5, _equal)


def _top_k() -> Benchmark:
    text = f"""func.func @main(%a: tensor<{MILLION}xf32>) -> tensor<100xf32> {{
%r:2 = chlo.top_k(%a, k = 100) : tensor<{MILLION}xf32> -> (tensor<100xf32>, tensor<100xi32>)
return %r#0 : tensor<100xf32> }}"""
    inputs = [RNG.standard_normal(MILLION).astype("f4")]
    return Benchmark(text, inputs, lambda a: np.sort(a)[::-1][:100], 0.2, _equal)


def _fft() -> Benchmark:
    import scipy.fft  # noqa: PLC0415

    n = 1 << 16
    text = f"""func.func @main(%a: tensor<{n}xcomplex<f32>>) -> tensor<{n}xcomplex<f32>> {{
%r = stablehlo.fft %a, type = FFT, length = [{n}] : (tensor<{n}xcomplex<f32>>) -> tensor<{n}xcomplex<f32>>
return %r : tensor<{n}xcomplex<f32>> }}"""
    x = (RNG.standard_normal(n) + 1j * RNG.standard_normal(n)).astype("c8")
    return Benchmark(text, [x], lambda a: scipy.fft.fft(a, workers=1), 2, lambda a, b: bool(np.abs(a - b).max() < 1e-2))


def _cumsum() -> Benchmark:
    text = f"""func.func @main(%a: tensor<{MILLION}xf32>) -> tensor<{MILLION}xf32> {{
%z = stablehlo.constant dense<0.0> : tensor<f32>
%r = "stablehlo.reduce_window"(%a, %z) <{{window_dimensions = array<i64: {MILLION}>,
  padding = dense<[[{MILLION - 1}, 0]]> : tensor<1x2xi64>}}> ({{ ^bb0(%x: tensor<f32>, %y: tensor<f32>):
 %s = stablehlo.add %x, %y : tensor<f32>
 stablehlo.return %s : tensor<f32> }}) : (tensor<{MILLION}xf32>, tensor<f32>) -> tensor<{MILLION}xf32>
return %r : tensor<{MILLION}xf32> }}"""
    x = RNG.integers(-4, 5, MILLION).astype("f4")
    return Benchmark(text, [x], np.copy, 2, lambda a, _: _equal(a, np.cumsum(x)))


def _reduce_window() -> Benchmark:
    text = f"""func.func @main(%a: tensor<{MILLION}xf32>) -> tensor<{MILLION - 2}xf32> {{
%z = stablehlo.constant dense<0.0> : tensor<f32>
%r = "stablehlo.reduce_window"(%a, %z) <{{window_dimensions = array<i64: 3>}}> ({{
 ^bb0(%x: tensor<f32>, %y: tensor<f32>): %s = stablehlo.add %x, %y : tensor<f32>
 stablehlo.return %s : tensor<f32> }}) : (tensor<{MILLION}xf32>, tensor<f32>) -> tensor<{MILLION - 2}xf32>
return %r : tensor<{MILLION - 2}xf32> }}"""
    x = RNG.standard_normal(MILLION).astype("f4")
    return Benchmark(text, [x], np.copy, 2, lambda a, _: _close(a, x[:-2] + x[1:-1] + x[2:]))


def _scatter() -> Benchmark:
    n = 1 << 16
    text = f"""func.func @main(%t: tensor<{n}xf32>, %i: tensor<{MILLION}x1xi32>, %u: tensor<{MILLION}xf32>) -> tensor<{n}xf32> {{
%r = "stablehlo.scatter"(%t, %i, %u) <{{scatter_dimension_numbers = #stablehlo.scatter<
  inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>}}> ({{
 ^bb0(%x: tensor<f32>, %y: tensor<f32>): %s = stablehlo.add %x, %y : tensor<f32>
 stablehlo.return %s : tensor<f32> }}) : (tensor<{n}xf32>, tensor<{MILLION}x1xi32>, tensor<{MILLION}xf32>) -> tensor<{n}xf32>
return %r : tensor<{n}xf32> }}"""
    source = """void peer(float *t, const int *i, const float *u, long count, long n) {
  for (long k = 0; k < count; ++k) if (i[k] >= 0 && i[k] < n) t[i[k]] += u[k]; }"""
    function = _c(source, "peer")
    inputs = [
        np.zeros(n, "f4"),
        RNG.integers(0, n, (MILLION, 1)).astype("i4"),
        RNG.integers(0, 9, MILLION).astype("f4"),
    ]

    def peer(t: Any, i: Any, u: Any) -> Any:
        import ctypes  # noqa: PLC0415

        out = t.copy()
        at = [ctypes.c_void_p(v.ctypes.data) for v in (out, i, u)]
        function(*at, ctypes.c_long(len(u)), ctypes.c_long(n))
        return out

    return Benchmark(text, inputs, peer, 2, _equal)


def _gather() -> Benchmark:
    rows, width, count = 1 << 16, 256, 1 << 14
    text = f"""func.func @main(%t: tensor<{rows}x{width}xf32>, %i: tensor<{count}x1xi32>) -> tensor<{count}x{width}xf32> {{
%r = "stablehlo.gather"(%t, %i) <{{dimension_numbers = #stablehlo.gather<offset_dims = [1],
  collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, slice_sizes = array<i64: 1, {width}>,
  indices_are_sorted = false}}> : (tensor<{rows}x{width}xf32>, tensor<{count}x1xi32>) -> tensor<{count}x{width}xf32>
return %r : tensor<{count}x{width}xf32> }}"""
    inputs = [RNG.standard_normal((rows, width)).astype("f4"), RNG.integers(0, rows, (count, 1)).astype("i4")]
    return Benchmark(text, inputs, lambda t, i: t.take(i[:, 0], axis=0), 1.5, _equal)


def _cholesky() -> Benchmark:
    import scipy.linalg  # noqa: PLC0415

    n = 512
    text = f"""func.func @main(%a: tensor<{n}x{n}xf32>) -> tensor<{n}x{n}xf32> {{
%r = stablehlo.cholesky %a, lower = true : tensor<{n}x{n}xf32>
return %r : tensor<{n}x{n}xf32> }}"""
    x = RNG.standard_normal((n, n)).astype("f4")
    spd = (x @ x.T + n * np.eye(n)).astype("f4")
    return Benchmark(text, [spd], lambda a: scipy.linalg.cholesky(a, lower=True, check_finite=False), 3, _close)


BENCHMARKS: dict[str, Callable[[], Benchmark]] = {
    "sort 1M f32, np.sort": _sort,
    "stable sort of 1M pairs, np.argsort": _sort_pairs,
    "top_k 100 of 1M f32, np.sort": _top_k,
    "fft 2^16, pocketfft": _fft,
    "cumsum 1M f32, copy": _cumsum,
    "reduce_window 1M f32, copy": _reduce_window,
    "scatter-add 1M, C": _scatter,
    "gather 16384 rows of 1 KiB, np.take": _gather,
    "cholesky 512, LAPACK": _cholesky,
}


def main(argv: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="parts of the names of what to run; by default everything")
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args(argv)
    for name, make in BENCHMARKS.items():
        if arguments.names and not any(part in name for part in arguments.names):
            continue
        benchmark = make()
        inputs = [_aligned(value) for value in benchmark.inputs]
        device = vm.load(codegen.compile_str(benchmark.text), device="cpu?threads=1")
        right = benchmark.check(np.asarray(device.main(*inputs)), benchmark.peer(*inputs))
        ours, theirs = float("inf"), float("inf")
        for _ in range(arguments.rounds):
            start = time.perf_counter()
            np.asarray(device.main(*inputs))
            middle = time.perf_counter()
            benchmark.peer(*inputs)
            theirs = min(theirs, time.perf_counter() - middle)
            ours = min(ours, middle - start)
        verdict = "" if right else " WRONG"
        print(
            f"{name}: {1e3 * ours:.2f} ms, peer {1e3 * theirs:.2f} ms, ratio {ours / theirs:.2f} (goal {benchmark.goal}){verdict}"
        )
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
