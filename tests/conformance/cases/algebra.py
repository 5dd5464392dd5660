# ruff: noqa: E501, PLR0917 - one case per line reads best
"""fft, cholesky, triangular_solve, calls of decompositions, batch norms."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from conformance.case import NUMPY, Array, Case, Tensor, Tolerance, make, random

RNG = np.random.default_rng(6)
EPSILON = float(np.float32(1e-3))
_LOOSE = {"f32": Tolerance(ulp=32, absolute=2e-5), "f64": Tolerance(ulp=32, absolute=1e-12), "complex<f32>": Tolerance(ulp=32, absolute=2e-5), "complex<f64>": Tolerance(ulp=32, absolute=1e-12), "f16": Tolerance(ulp=16, absolute=0.02)}  # fmt: skip


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _ffts()
    for dtype in ("f32", "f64", "complex<f32>", "complex<f64>"):
        yield from _cholesky(dtype)
        yield from _solve(dtype)
        yield from _decompositions(dtype)
    yield from _batch_norms()


def _ffts() -> Iterator[Case]:
    table = [
        ("FFT", (8,), [8]), ("FFT", (3, 12), [12]), ("IFFT", (3, 15), [15]), ("FFT", (2, 6, 5), [6, 5]), ("RFFT", (2, 6, 5), [6, 5]),
        ("RFFT", (16,), [16]), ("IRFFT", (2, 6, 5), [6, 8]), ("IRFFT", (2, 6, 5), [6, 9]), ("FFT", (2, 3, 4, 5), [3, 4, 5]),
        ("FFT", (134,), [134]), ("IFFT", (2, 101), [101]), ("FFT", (2, 1), [1]), ("FFT", (1024,), [1024]), ("RFFT", (0, 4), [4]),
    ]  # fmt: skip
    compute = {"FFT": np.fft.fftn, "IFFT": np.fft.ifftn, "RFFT": np.fft.rfftn}
    for real in ("f32", "f64"):
        for kind, shape, lengths in table:
            source = real if kind == "RFFT" else f"complex<{real}>"
            target = real if kind == "IRFFT" else f"complex<{real}>"
            axes = tuple(range(len(shape) - len(lengths), len(shape)))

            def reference(
                x: Array,
                kind: str = kind,
                lengths: list[int] = lengths,
                axes: tuple[int, ...] = axes,
                target: str = target,
            ) -> list[Array]:
                if 0 in x.shape:
                    return [np.zeros((*x.shape[:-1], lengths[-1] // 2 + 1), NUMPY[target])]
                wide = x.astype(np.complex128 if x.dtype.kind == "c" else np.float64)
                found = np.fft.irfftn(wide, s=lengths, axes=axes) if kind == "IRFFT" else compute[kind](wide, axes=axes)
                return [found.astype(NUMPY[target])]

            last = lengths[-1] // 2 + 1 if kind == "RFFT" else lengths[-1]
            out = (*shape[:-1], last)
            body = f"%r0 = stablehlo.fft %a0, type = {kind}, length = {lengths} : ({{a0}}) -> {{r0}}"
            tolerance = Tolerance(ulp=16, absolute=(2e-6 if real == "f32" else 4e-15) * np.prod(lengths))
            yield make(
                "fft",
                body,
                [(source, random(RNG, shape, source))],
                [Tensor(out, target)],
                dtype=real,
                label=f"{kind} {shape} {lengths}",
                tolerance=tolerance,
                reference=reference,
            )


def _matrix(dtype: str, batch: tuple[int, ...], n: int) -> Array:
    return random(RNG, (*batch, n, n), dtype, -1, 1)


def _cholesky(dtype: str) -> Iterator[Case]:
    for batch, n in (((), 1), ((), 5), ((2,), 4), ((2, 2), 3), ((), 17)):
        x = _matrix(dtype, batch, n)
        positive = x @ np.conj(np.swapaxes(x, -1, -2)) + n * np.eye(n)
        for lower in (True, False):

            def reference(a: Array, lower: bool = lower) -> list[Array]:
                found = np.linalg.cholesky(a)
                return [found if lower else np.conj(np.swapaxes(found, -1, -2))]

            body = f"%r0 = stablehlo.cholesky %a0, lower = {str(lower).lower()} : {{a0}}"
            for dynamic in (False, True):
                yield make(
                    "cholesky",
                    body,
                    [(dtype, positive)],
                    [Tensor(positive.shape, dtype)],
                    label=f"{batch} {n} {lower}",
                    tolerance=_LOOSE[dtype],
                    reference=reference,
                    dynamic=dynamic,
                )


def _solve(dtype: str) -> Iterator[Case]:
    for left in (True, False):
        for lower in (True, False):
            for unit in (True, False):
                for transpose in ("NO_TRANSPOSE", "TRANSPOSE", "ADJOINT"):
                    a = _matrix(dtype, (2,), 5) + 4 * np.eye(5)
                    b = random(RNG, (2, 5, 3) if left else (2, 3, 5), dtype)

                    def reference(
                        a: Array,
                        b: Array,
                        left: bool = left,
                        lower: bool = lower,
                        unit: bool = unit,
                        transpose: str = transpose,
                    ) -> list[Array]:
                        t = np.tril(a) if lower else np.triu(a)
                        if unit:
                            t = t - t * np.eye(5) + np.eye(5)
                        o = t if transpose[0] == "N" else np.swapaxes(t, -1, -2)
                        o = np.conj(o) if transpose[0] == "A" else o
                        if left:
                            return [np.linalg.solve(o, b).astype(b.dtype)]
                        return [
                            np.swapaxes(np.linalg.solve(np.swapaxes(o, -1, -2), np.swapaxes(b, -1, -2)), -1, -2).astype(
                                b.dtype
                            )
                        ]

                    body = f'%r0 = "stablehlo.triangular_solve"(%a0, %a1) <{{left_side = {str(left).lower()}, lower = {str(lower).lower()}, unit_diagonal = {str(unit).lower()}, transpose_a = #stablehlo<transpose {transpose}>}}> : ({{a0}}, {{a1}}) -> {{r0}}'
                    tolerance = Tolerance(ulp=64, absolute=1e-3 if "32" in dtype else 1e-11)
                    yield make(
                        "triangular_solve",
                        body,
                        [(dtype, a), (dtype, b)],
                        [Tensor(b.shape, dtype)],
                        label=f"{left} {lower} {unit} {transpose}",
                        tolerance=tolerance,
                        reference=reference,
                        dynamic=transpose == "ADJOINT",
                    )


def _dot(result: str, a: str, b: str, axes: tuple[int, int], types: str) -> str:
    """The product of two batches of matrices over these axes."""
    return f"%{result} = stablehlo.dot_general %{a}, %{b}, batching_dims = [0] x [0], contracting_dims = [{axes[0]}] x [{axes[1]}] : {types}"


def _decompositions(dtype: str) -> Iterator[Case]:
    """As TensorFlow calls them, whose results are a tuple, and as JAX does. The signs of vectors are free, so vectors
    are checked to be orthonormal and to make the matrix diagonal.
    """
    real = dtype.removeprefix("complex<").removesuffix(">")
    tolerance = Tolerance(ulp=64, absolute=2e-5 if real == "f32" else 4e-14)

    def conj(value: str, type_: str) -> str:
        op = "stablehlo.optimization_barrier" if real == dtype else "chlo.conj"
        return f"{op} %{value} : {type_}" + (f" -> {type_}" if real != dtype else "")

    def eigenvalues(a: Array) -> list[Array]:
        w = np.linalg.eigvalsh(a.astype(np.complex128))
        eye = np.broadcast_to(np.eye(a.shape[-1]), a.shape)
        return [w.astype(NUMPY[real]), (w[..., None] * eye).astype(a.dtype), eye.astype(a.dtype)]

    def singular_values(a: Array) -> list[Array]:
        s = np.linalg.svd(a.astype(np.complex128), compute_uv=False)
        batch, m, n = a.shape
        eyes = [np.broadcast_to(np.eye(k), (batch, k, k)).astype(a.dtype) for k in (m, n)]
        return [s.astype(NUMPY[real]), (s[:, None, :] * np.eye(m, n)).astype(a.dtype), *eyes]

    product = "({r1}, {r1}) -> {r1}"
    eigh = f"""%t = stablehlo.custom_call @Eigh(%a0) {{backend_config = "1,1,100,1e-6"}} : ({{a0}}) -> tuple<{{r1}}, {{r0}}>
%v = stablehlo.get_tuple_element %t[0] : (tuple<{{r1}}, {{r0}}>) -> {{r1}}
%r0 = stablehlo.get_tuple_element %t[1] : (tuple<{{r1}}, {{r0}}>) -> {{r0}}
%c = {conj("v", "{r1}")}
{_dot("av", "a0", "v", (2, 1), product)}\n{_dot("r1", "c", "av", (1, 1), product)}\n{_dot("r2", "c", "v", (1, 1), product)}"""
    svd = f"""%a, %r0, %u, %v, %i = stablehlo.custom_call @lapack_{{letter}}gesdd_ffi(%a0) {{mhlo.backend_config = {{mode = 65 : ui8}}}} : ({{a0}}) -> ({{a0}}, {{r0}}, {{r2}}, {{r3}}, tensor<{{batch}}xi32>)
%c = {conj("u", "{r2}")}
%w = {conj("v", "{r3}")}
{_dot("ua", "c", "a0", (1, 1), "({r2}, {a0}) -> {r1}")}\n{_dot("r1", "ua", "w", (2, 2), "({r1}, {r3}) -> {r1}")}
{_dot("r2", "c", "u", (1, 1), "({r2}, {r2}) -> {r2}")}\n{_dot("r3", "v", "w", (2, 2), "({r3}, {r3}) -> {r3}")}"""
    svd = svd.replace("{letter}", {"f32": "s", "f64": "d", "complex<f32>": "c", "complex<f64>": "z"}[dtype])
    for batch, n in ((2, 4), (1, 1), (3, 2)):
        x = random(RNG, (batch, n + batch - 1, n), dtype)
        hermitian = x[:, :n] + np.conj(np.swapaxes(x[:, :n], -1, -2))
        m, square, values = x.shape[1], Tensor(hermitian.shape, dtype), Tensor((batch, n), real)
        rows = [
            ("Eigh", eigh, hermitian, [values, square, square], eigenvalues),
            ("gesdd", svd.replace("{batch}", str(batch)), x, [values, Tensor(x.shape, dtype), Tensor((batch, m, m), dtype), square], singular_values),
        ]  # fmt: skip
        for name, body, a, results, reference in rows:
            for dynamic in (False, True):
                yield make("custom_call", body, [(dtype, a)], results, label=f"{name} {a.shape}", tolerance=tolerance, reference=reference, dynamic=dynamic)  # fmt: skip


def _batch_norms() -> Iterator[Case]:
    for dtype in ("f32", "f64", "f16"):
        for shape, feature in (((4, 8), 1), ((2, 3, 5, 4), 3), ((2, 3, 5, 4), 1), ((7,), 0), ((1, 6), 1)):
            x = random(RNG, shape, dtype)
            scale, offset, mean, variance = (random(RNG, (shape[feature],), dtype, 0.5, 2) for _ in range(4))
            dy = random(RNG, shape, dtype, -1, 1)
            attributes = f"<{{epsilon = 1.0e-3 : f32, feature_index = {feature} : i64}}>"
            label, whole, vector = f"{shape} {feature}", Tensor(shape, dtype), Tensor((shape[feature],), dtype)
            others = tuple(i for i in range(len(shape)) if i != feature)
            spread = [None if i != feature else slice(None) for i in range(len(shape))]

            def wide(*arrays: Array) -> list[Array]:
                return [a.astype(np.float64) for a in arrays]

            def inference(*arrays: Array, at: tuple = tuple(spread)) -> list[Array]:
                x, s, o, m, v = wide(*arrays)
                return [((x - m[at]) / np.sqrt(v[at] + EPSILON) * s[at] + o[at]).astype(arrays[0].dtype)]

            def training(*arrays: Array, at: tuple = tuple(spread), others: tuple = others) -> list[Array]:
                x, s, o = wide(*arrays)
                m, v = x.mean(others), x.var(others)
                y = (x - m[at]) / np.sqrt(v[at] + EPSILON) * s[at] + o[at]
                return [a.astype(arrays[0].dtype) for a in (y, m, v)]

            def gradient(*arrays: Array, at: tuple = tuple(spread), others: tuple = others) -> list[Array]:
                x, s, m, v, g = wide(*arrays)
                n = np.prod([x.shape[i] for i in others])
                inverse = 1 / np.sqrt(v + EPSILON)
                centered = x - m[at]
                dot = (g * centered).sum(others)
                dx = (s * inverse / n)[at] * (n * g - g.sum(others)[at] - centered * (dot * inverse**2)[at])
                return [a.astype(arrays[0].dtype) for a in (dx, dot * inverse, g.sum(others))]

            for dynamic in (False, True):
                body = f'%r0 = "stablehlo.batch_norm_inference"(%a0, %a1, %a2, %a3, %a4) {attributes} : ({{a0}}, {{a1}}, {{a2}}, {{a3}}, {{a4}}) -> {{r0}}'
                yield make(
                    "batch_norm_inference",
                    body,
                    [(dtype, v) for v in (x, scale, offset, mean, variance)],
                    [whole],
                    label=label,
                    tolerance=_LOOSE[dtype],
                    reference=inference,
                    dynamic=dynamic,
                )
                if dtype == "f16":
                    continue
                body = f'%r0, %r1, %r2 = "stablehlo.batch_norm_training"(%a0, %a1, %a2) {attributes} : ({{a0}}, {{a1}}, {{a2}}) -> ({{r0}}, {{r1}}, {{r2}})'
                yield make(
                    "batch_norm_training",
                    body,
                    [(dtype, v) for v in (x, scale, offset)],
                    [whole, vector, vector],
                    label=label,
                    tolerance=_LOOSE[dtype],
                    reference=training,
                    dynamic=dynamic,
                )
                body = f'%r0, %r1, %r2 = "stablehlo.batch_norm_grad"(%a0, %a1, %a2, %a3, %a4) {attributes} : ({{a0}}, {{a1}}, {{a2}}, {{a3}}, {{a4}}) -> ({{r0}}, {{r1}}, {{r2}})'
                yield make(
                    "batch_norm_grad",
                    body,
                    [(dtype, v) for v in (x, scale, mean, variance, dy)],
                    [whole, vector, vector],
                    label=label,
                    tolerance=_LOOSE[dtype],
                    reference=gradient,
                    dynamic=dynamic,
                )
