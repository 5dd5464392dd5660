# ruff: noqa: E501, PLC0415 - one program per line reads best; JAX is loaded in a process of its own
"""Programs that JAX makes: its functions, exported as StableHLO, with inputs and what JAX itself computes."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Arrays = list[np.ndarray]


@dataclass(frozen=True)
class Program:
    """Several functions in one program.

    Attributes:
        names: Of the functions.
        text: StableHLO.
        inputs: The arguments of all functions.
        expected: Per function its results.
        tolerances: Per function, relative to the largest element.
    """

    names: list[str]
    text: str
    inputs: Arrays
    expected: list[Arrays]
    tolerances: list[float]


def export(group: str) -> Program:
    """The functions of a group."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_export, (group,))


def _export(group: str) -> Program:
    os.environ["JAX_PLATFORMS"] = "cpu"
    import jax

    jax.config.update("jax_enable_x64", True)
    rows = [(name, *row) for name, row in _groups()[group]().items()]
    inputs, slices = [], []
    for _, _, arguments, _ in rows:
        slices.append(slice(len(inputs), len(inputs) + len(arguments)))
        inputs += [np.asarray(argument) for argument in arguments]

    def run(*values: Any) -> Any:
        return [function(*values[part]) for (_, function, _, _), part in zip(rows, slices, strict=True)]

    calls = ["Qr", "ProductOfElementaryHouseholderReflectors", "LuDecomposition", "Eigh", "ApproxTopK"]
    calls += [f"lapack_{letter}{name}_ffi" for letter in "sdcz" for name in ("gehrd", "gtsv")]
    checks = [jax.export.DisabledSafetyCheck.custom_call(name) for name in calls]
    types = _open_types(inputs) if group == OPEN else inputs
    exported = jax.export.export(jax.jit(run, keep_unused=True), platforms=["cpu"], disabled_checks=checks)(*types)
    found = [[np.asarray(x) for x in jax.tree_util.tree_leaves(jax.jit(row[1])(*row[2]))] for row in rows]
    return Program([row[0] for row in rows], exported.mlir_module(), inputs, found, [row[3] for row in rows])


def _open_types(inputs: Arrays) -> list[Any]:
    """Types whose first dimension is unknown, but for keys; where they have the same number of rows, that is known."""
    import jax

    scope = jax.export.SymbolicScope()

    def type_(x: Any) -> Any:
        shape = ", ".join([f"n{x.shape[0]}", *map(str, x.shape[1:])])
        return jax.ShapeDtypeStruct(jax.export.symbolic_shape(shape, scope=scope), x.dtype)

    return [x if x.dtype == np.uint32 else type_(x) for x in inputs]


_Row = tuple[Callable[..., Any], list[Any], float]


def _groups() -> dict[str, Callable[[], dict[str, _Row]]]:
    return {
        "elementwise": _elementwise, "special": _special, "arrays": _arrays, "indexing": _indexing, "reductions": _reductions,
        "linear algebra": _linear_algebra, "windows": _windows, "control flow": _control_flow, "random": _random,
        "gradients": _gradients, OPEN: _open_sizes,
    }  # fmt: skip


OPEN = "open sizes"
"""The group whose programs are exported for any size of the first dimension of their arguments."""
GROUPS = (
    "elementwise", "special", "arrays", "indexing", "reductions", "linear algebra", "windows", "control flow", "random",
    "gradients", OPEN,
)  # fmt: skip


def _values(seed: int, *shape: int, dtype: str = "f4", low: float = -3, high: float = 3) -> Any:
    return np.random.default_rng(seed).uniform(low, high, shape).astype(dtype)


def _elementwise() -> dict[str, _Row]:
    import jax
    import jax.numpy as jnp

    x, y, p = _values(0, 3, 5), _values(1, 3, 5), _values(2, 3, 5, low=0.1)
    i, j = np.arange(-7, 8, dtype=np.int32), np.array([3, -2, 5] * 5, np.int32)
    return {
        "arctan2": (jnp.arctan2, [x, y], 1e-6), "hypot": (jnp.hypot, [x, y], 1e-6), "logaddexp": (jnp.logaddexp, [x, y], 1e-6),
        "power": (jnp.power, [p, y], 1e-5), "float_power": (jnp.float_power, [p, y], 1e-9), "fmod": (jnp.fmod, [x, y], 1e-6),
        "mod": (jnp.mod, [x, y], 1e-6), "floor_divide": (jnp.floor_divide, [i, j], 0), "remainder": (jnp.remainder, [i, j], 0),
        "divmod": (jnp.divmod, [x, y], 1e-6), "nextafter": (jnp.nextafter, [x, y], 0), "sinc": (jnp.sinc, [x], 1e-5),
        "frexp": (jnp.frexp, [x], 0), "ldexp": (jnp.ldexp, [x[0], np.arange(5, dtype=np.int32)], 0), "gcd": (jnp.gcd, [i, j], 0),
        "where": (lambda a, b: jnp.where(a > b, a, jnp.nan_to_num(b)), [x, y], 0), "cbrt": (jnp.cbrt, [x], 1e-6),
        "gelu": (jax.nn.gelu, [x], 1e-6), "softmax": (jax.nn.softmax, [x], 1e-6), "silu": (jax.nn.silu, [x], 1e-6),
        "bf16": (lambda a: jnp.tanh(a.astype(jnp.bfloat16) * 3).astype(jnp.float32), [x], 1e-2),
        "f8": (lambda a: (a.astype(jnp.float8_e4m3fn) + a.astype(jnp.float8_e4m3fn)).astype(jnp.float32), [x], 0.07),
        "int4": (lambda a: (a.astype(jnp.int4) * a.astype(jnp.int4)).astype(jnp.int32), [i], 0),
        "bits": (lambda a, b: (a & b, a | ~b, a ^ b, jnp.left_shift(a, 3), jnp.bitwise_count(a)), [i, j], 0),
    }  # fmt: skip


def _special() -> dict[str, _Row]:
    import jax.numpy as jnp
    from jax.scipy import special

    x, p = _values(3, 41, dtype="f8", low=-2.5, high=2.5), _values(4, 41, dtype="f8", low=0.1, high=5)
    unit = _values(5, 41, dtype="f8", low=-0.99, high=0.99)
    return {
        "erf": (special.erf, [x], 1e-14), "erfc": (special.erfc, [x], 1e-14), "erf_inv": (special.erfinv, [unit], 1e-12),
        "gammaln": (special.gammaln, [p], 1e-12), "digamma": (special.digamma, [p], 1e-12), "betaln": (special.betaln, [p, p + 1], 1e-11),
        "logit": (special.logit, [np.abs(unit)], 1e-13), "expit": (special.expit, [x], 1e-14), "xlogy": (special.xlogy, [p, p], 1e-13),
        "i0e": (special.i0e, [x], 1e-12), "i1e": (special.i1e, [x], 1e-12), "ndtr": (special.ndtr, [x], 1e-13),
        "zeta": (special.zeta, [p + 1.5, p], 1e-9), "polygamma": (lambda a: special.polygamma(1, a), [p], 1e-9),
        "gammainc": (special.gammainc, [p, p + 0.5], 1e-9), "entr": (special.entr, [p], 1e-13),
        "logsumexp": (lambda a: special.logsumexp(a.reshape(-1)), [x], 1e-13), "exp2": (jnp.exp2, [x], 1e-14),
    }  # fmt: skip


def _arrays() -> dict[str, _Row]:
    import jax.numpy as jnp

    x, y = _values(6, 4, 6), _values(7, 6, 4)
    return {
        "concatenate": (lambda a, b: jnp.concatenate([a, b.T], 0), [x, y], 0), "stack": (lambda a, b: jnp.stack([a, b.T], 1), [x, y], 0),
        "tile": (lambda a: jnp.tile(a, (2, 3)), [x], 0), "repeat": (lambda a: jnp.repeat(a, 3, axis=1), [x], 0),
        "roll": (lambda a: jnp.roll(a, (1, -2), (0, 1)), [x], 0), "flip": (lambda a: jnp.flip(a, 1), [x], 0), "rot90": (jnp.rot90, [x], 0),
        "pad": (lambda a: jnp.pad(a, ((1, 2), (0, 3)), mode="reflect"), [x], 0), "kron": (jnp.kron, [x, y], 1e-6),
        "tril": (lambda a: jnp.tril(a, 1), [x], 0), "diag": (lambda a: jnp.diag(a[0]), [x], 0), "moveaxis": (lambda a: jnp.moveaxis(a.reshape(2, 2, 6), 0, 2), [x], 0),
        "meshgrid": (lambda a: jnp.meshgrid(a[0], a[:, 0]), [x], 0), "linspace": (lambda a: jnp.linspace(a[0, 0], a[1, 1], 7), [x], 1e-6),
        "vander": (lambda a: jnp.vander(a[0], 4), [x], 1e-5), "split": (lambda a: jnp.split(a, 3, axis=1), [x], 0),
    }  # fmt: skip


def _indexing() -> dict[str, _Row]:
    import jax.numpy as jnp
    from jax import lax

    x, at = _values(8, 7, 5), np.array([5, 0, 3, 3], np.int32)
    return {
        "take": (lambda a, i: jnp.take(a, i, axis=0), [x, at], 0), "rows": (lambda a, i: a[i, 1:4], [x, at], 0),
        "take_along_axis": (lambda a, i: jnp.take_along_axis(a, jnp.argsort(a, axis=1), axis=1), [x, at], 0),
        "set": (lambda a, i: a.at[i, 0].set(9.0), [x, at], 0), "add": (lambda a, i: a.at[i].add(1.5), [x, at], 1e-6),
        "max": (lambda a, i: a.at[:, 2].max(0.5), [x, at], 0), "sort": (lambda a: jnp.sort(a, axis=0), [x], 0),
        "argsort": (lambda a: jnp.argsort(a, axis=1, descending=True), [x], 0), "lexsort": (lambda a: jnp.lexsort((a[0], a[1] > 0)), [x], 0),
        "top_k": (lambda a: lax.top_k(a, 3), [x], 0), "approx_max_k": (lambda a: lax.approx_max_k(a, 3), [x], 0),
        "approx_min_k": (lambda a: lax.approx_min_k(a, 2, reduction_dimension=0), [x], 0), "searchsorted": (lambda a: jnp.searchsorted(jnp.sort(a[:, 0]), a[:, 1]), [x], 0),
        "unique": (lambda i: jnp.unique(i, size=5, fill_value=-1), [at], 0), "bincount": (lambda i: jnp.bincount(i, length=8), [at], 0),
        "nonzero": (lambda a: jnp.nonzero(a > 0, size=20, fill_value=-1), [x], 0), "median": (lambda a: jnp.median(a, axis=0), [x], 1e-6),
        "percentile": (lambda a: jnp.percentile(a, 30.0, axis=1), [x], 1e-6), "dynamic_slice": (lambda a, i: lax.dynamic_slice(a, (i[0], i[1]), (3, 2)), [x, at], 0),
    }  # fmt: skip


def _reductions() -> dict[str, _Row]:
    import jax.numpy as jnp
    from jax import lax

    x, i = _values(9, 6, 8), np.arange(48, dtype=np.int64).reshape(6, 8) % 11
    return {
        "sum": (lambda a: jnp.sum(a, axis=1), [x], 1e-6), "var": (lambda a: jnp.var(a, axis=0), [x], 1e-5), "std": (jnp.std, [x], 1e-5),
        "argmax": (lambda a: (jnp.argmax(a, axis=1), jnp.argmin(a)), [i], 0), "cumsum": (lambda a: jnp.cumsum(a, axis=1), [x], 1e-5),
        "cumprod": (lambda a: jnp.cumprod(a, axis=0), [x], 1e-5), "cummax": (lambda a: lax.cummax(a, axis=1, reverse=True), [x], 0),
        "cumlogsumexp": (lambda a: lax.cumlogsumexp(a, axis=0), [x], 1e-5), "prod": (lambda a: jnp.prod(a, axis=0), [x], 1e-5),
        "any": (lambda a: (jnp.any(a > 9, axis=0), jnp.all(a > 0, axis=1)), [i], 0), "ptp": (lambda a: jnp.ptp(a, axis=1), [x], 1e-6),
        "nanmean": (lambda a: jnp.nanmean(jnp.where(a > 2, jnp.nan, a), axis=1), [x], 1e-5), "histogram": (lambda a: jnp.histogram(a, bins=5)[0], [x], 0),
        "average": (lambda a: jnp.average(a, axis=0, weights=jnp.arange(6.0)), [x], 1e-5), "corrcoef": (jnp.corrcoef, [x], 1e-5),
    }  # fmt: skip


def _linear_algebra() -> dict[str, _Row]:
    import jax.numpy as jnp
    from jax import lax
    from jax.scipy import linalg

    a, b, wide = _values(10, 5, 5), _values(11, 2, 4, 4, dtype="f8"), _values(12, 4, 6)
    z = (_values(13, 4, 3) + 1j * _values(14, 4, 3)).astype("c8")
    spd = a @ a.T + 5 * np.eye(5, dtype="f4")

    def eigh(x: Any) -> Any:
        w, v = jnp.linalg.eigh(x)
        return w, jnp.abs(v)  # signs are free

    def svd(x: Any, full: bool = False) -> Any:
        u, s, vh = jnp.linalg.svd(x, full_matrices=full)
        k = s.shape[-1]
        grams = [jnp.swapaxes(q, -1, -2).conj() @ q for q in (u, jnp.swapaxes(vh, -1, -2))]
        return s, (u[..., :k] * s[..., None, :]) @ vh[..., :k, :], grams  # signs are free

    hermitian = (z[:3] + z[:3].conj().T).astype("c8")
    deficient = wide.T @ wide
    return {
        "matmul": (jnp.matmul, [a, wide[:, :5].T], 1e-5), "einsum": (lambda x: jnp.einsum("bij,bkj->bik", x, x), [b], 1e-13),
        "tensordot": (lambda x, y: jnp.tensordot(x, y, axes=([1], [1])), [a, a], 1e-5), "qr": (jnp.linalg.qr, [wide.T], 1e-5),
        "complex qr": (jnp.linalg.qr, [z], 1e-5), "complete qr": (lambda x: jnp.linalg.qr(x, mode="complete"), [wide.T], 1e-5),
        "lu": (linalg.lu, [a], 1e-5), "complex lu": (lambda x: linalg.lu(x[:3]), [z], 1e-5), "lu_factor": (linalg.lu_factor, [a], 1e-5),
        "solve": (jnp.linalg.solve, [a, wide[:1, :5].T], 1e-4), "inv": (jnp.linalg.inv, [b], 1e-10), "det": (jnp.linalg.det, [b], 1e-12),
        "slogdet": (jnp.linalg.slogdet, [a], 1e-5), "cholesky": (jnp.linalg.cholesky, [spd], 1e-5), "eigh": (eigh, [spd], 1e-4),
        "solve_triangular": (lambda x: linalg.solve_triangular(x, x[:, :2], trans=1, lower=True), [spd], 1e-5),
        "cho_solve": (lambda x: linalg.cho_solve(linalg.cho_factor(x), x[:, 0]), [spd], 1e-4), "norm": (jnp.linalg.norm, [a], 1e-6),
        "expm": (lambda x: linalg.expm(x / 4), [a], 1e-4), "complex eigh": (eigh, [hermitian], 1e-5), "svd": (svd, [wide], 1e-5),
        "full svd": (lambda x: svd(x, True), [b[:, :, :2]], 1e-13), "complex svd": (svd, [z], 1e-5), "svd of rank 4": (svd, [deficient], 2e-5),
        "svd of zeros": (lambda x: svd(x, True), [np.zeros((3, 2), "f4")], 1e-6), "pinv": (jnp.linalg.pinv, [wide], 1e-4),
        "hessenberg": (linalg.hessenberg, [a], 1e-5), "complex hessenberg": (lambda x: linalg.hessenberg(x[:3], calc_q=True), [z], 1e-5),
        "tridiagonal": (lambda d, x: lax.linalg.tridiagonal_solve(x[0], d, x[1], x.T), [a[0] / 9, a], 1e-4),
        "singular values": (lambda x: jnp.linalg.svd(x, compute_uv=False), [wide.T], 1e-5), "rank": (jnp.linalg.matrix_rank, [deficient], 0),
        "complex full svd": (lambda x: svd(x.T, True), [z], 1e-5), "lstsq": (lambda x, y: jnp.linalg.lstsq(x, y)[0], [wide.T, a[:1, :1] + wide.T], 1e-4),
    }  # fmt: skip


def _windows() -> dict[str, _Row]:
    import jax
    import jax.numpy as jnp
    from jax import lax

    image, kernel = _values(15, 2, 9, 8, 3), _values(16, 3, 3, 3, 4)
    signal = _values(17, 24)
    numbers = ("NHWC", "HWIO", "NHWC")
    return {
        "conv": (lambda x, k: lax.conv_general_dilated(x, k, (2, 1), "SAME", dimension_numbers=numbers), [image, kernel], 1e-5),
        "dilated": (lambda x, k: lax.conv_general_dilated(x, k, (1, 1), "VALID", rhs_dilation=(2, 2), dimension_numbers=numbers), [image, kernel], 1e-5),
        "transposed": (lambda x, k: lax.conv_transpose(x, k, (2, 2), "SAME", dimension_numbers=numbers), [image, kernel], 1e-5),
        "max_pool": (lambda x: lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID"), [image], 0),
        "convolve": (lambda x: jnp.convolve(x, x[:5]), [signal], 1e-5), "fft": (jnp.fft.fft, [signal], 1e-5), "rfft": (jnp.fft.rfft, [signal], 1e-5),
        "irfft": (lambda x: jnp.fft.irfft(jnp.fft.rfft(x)), [signal], 1e-5), "fft2": (lambda x: jnp.fft.fft2(x[..., 0]), [image], 1e-5),
        "resize": (lambda x: jax.image.resize(x, (2, 5, 12, 3), "bilinear"), [image], 1e-5),
    }  # fmt: skip


def _control_flow() -> dict[str, _Row]:
    import jax
    import jax.numpy as jnp
    from jax import lax

    x, n = _values(18, 5), np.int32(4)
    return {
        "scan": (lambda a: lax.scan(lambda c, v: (c + v, c * v), jnp.float32(0), a), [x], 1e-6),
        "fori_loop": (lambda a, k: lax.fori_loop(0, k, lambda i, v: v * 0.5 + i, a), [x, n], 1e-6),
        "while_loop": (lambda a: lax.while_loop(lambda v: jnp.sum(v) < 50, lambda v: v * v + 1, a), [x], 1e-5),
        "cond": (lambda a: lax.cond(a[0] > 0, jnp.sin, jnp.cos, a), [x], 1e-6), "switch": (lambda a, k: lax.switch(k - 3, [jnp.sin, jnp.cos, jnp.exp], a), [x, n], 1e-6),
        "map": (lambda a: lax.map(lambda v: v * jnp.arange(3.0, dtype="f4"), a), [x], 1e-6), "associative_scan": (lambda a: lax.associative_scan(jnp.add, a), [x], 1e-6),
        "vmap": (jax.vmap(lambda v: lax.dynamic_slice(jnp.arange(9.0), (jnp.int32(v),), (2,))), [np.abs(x)], 0),
        "barrier": (lambda a: lax.optimization_barrier((a, a + 1)), [x], 1e-6), "checkpoint": (jax.checkpoint(lambda a: jnp.sin(a) * a), [x], 1e-6),
    }  # fmt: skip


def _random() -> dict[str, _Row]:
    import jax
    from jax import lax

    seed, wide = np.array([7, 42], np.uint32), np.array([3, 9], np.uint64)
    philox, threefry = lax.RandomAlgorithm.RNG_PHILOX, lax.RandomAlgorithm.RNG_THREE_FRY

    def bits(algorithm: Any, shape: tuple[int, ...], dtype: str) -> Callable[[Any], Any]:
        return lambda key: lax.rng_bit_generator(key, shape, dtype=dtype, algorithm=algorithm)

    rows: dict[str, _Row] = {
        "uniform": (lambda k: jax.random.uniform(k, (4, 3)), [seed], 1e-6), "normal": (lambda k: jax.random.normal(k, (17,)), [seed], 1e-5),
        "permutation": (lambda k: jax.random.permutation(k, 9), [seed], 0), "randint": (lambda k: jax.random.randint(k, (8,), 0, 1000), [seed], 0),
        "split": (jax.random.split, [seed], 0), "bernoulli": (lambda k: jax.random.bernoulli(k, 0.4, (9,)), [seed], 0),
    }  # fmt: skip
    for shape in ((8,), (3, 4), (7,), (2, 3, 5), (1,)):
        for dtype in ("uint32", "uint64", "uint8", "uint16"):
            rows[f"three_fry {dtype} {shape}"] = (bits(threefry, shape, dtype), [wide], 0)
            if dtype in ("uint32", "uint64"):
                rows[f"philox {dtype} {shape}"] = (bits(philox, shape, dtype), [wide], 0)
    return rows


def _gradients() -> dict[str, _Row]:
    import jax
    import jax.numpy as jnp
    from jax import lax

    x, w = _values(19, 4, 6), _values(20, 6, 3)
    image, kernel = _values(21, 1, 6, 6, 2), _values(22, 3, 3, 2, 2)
    numbers = ("NHWC", "HWIO", "NHWC")

    def loss(a: Any, b: Any) -> Any:
        return jnp.mean(jax.nn.log_softmax(jnp.tanh(a @ b)) ** 2)

    def convolution(a: Any, k: Any) -> Any:
        return jnp.sum(lax.conv_general_dilated(a, k, (2, 2), "SAME", dimension_numbers=numbers) ** 2)

    def pool(a: Any) -> Any:
        return jnp.sum(lax.reduce_window(a, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID") ** 2)

    return {
        "mlp": (jax.grad(loss, argnums=(0, 1)), [x, w], 1e-5), "convolution": (jax.grad(convolution, argnums=(0, 1)), [image, kernel], 1e-5),
        "max_pool": (jax.grad(pool), [image], 1e-5), "cumsum": (jax.grad(lambda a: jnp.sum(jnp.cumsum(a) ** 2)), [x[0]], 1e-5),
        "sort": (jax.grad(lambda a: jnp.sum(jnp.sort(a) * jnp.arange(6.0, dtype="f4"))), [x[0]], 1e-6), "hessian": (jax.hessian(lambda a: jnp.sum(jnp.sin(a) * a[0])), [x[0]], 1e-5),
        "inv": (jax.grad(lambda a: jnp.sum(jnp.linalg.inv(a @ a.T + 9 * jnp.eye(4, dtype="f4")))), [x], 1e-4), "scan": (jax.grad(lambda a: lax.scan(lambda c, v: (jnp.tanh(c + v), c), jnp.float32(0), a)[0]), [x[0]], 1e-5),
    }  # fmt: skip


def _open_sizes() -> dict[str, _Row]:
    import jax
    import jax.numpy as jnp
    from jax import lax
    from jax.scipy import linalg

    x, many = _values(23, 5, 7), _values(24, 1500)
    a, key = _values(25, 3, 4, 4), np.array([7, 42], np.uint32)
    z = (a + 1j * a[::-1]).astype("c8")

    def square(m: Any) -> Any:
        return m @ jnp.swapaxes(m, -1, -2).conj()

    rows: dict[str, _Row] = {
        "cumsum": (lambda v: jnp.cumsum(v, axis=0), [x], 1e-6), "cumsum of a row": (jnp.cumsum, [many], 1e-5),
        "cumsum along": (lambda v: jnp.cumsum(v.T, axis=1), [x], 1e-6), "cumsum of f16": (lambda v: jnp.cumsum(v, axis=0), [x.astype("f2")], 1e-2),
        "reversed cummax": (lambda v: lax.cummax(v, axis=0, reverse=True), [x], 0), "reversed cummin": (lambda v: lax.cummin(v.T, axis=1, reverse=True), [x], 0),
        "cumlogsumexp": (lambda v: lax.cumlogsumexp(v, axis=0), [x], 1e-6), "cumprod": (lambda v: jnp.cumprod(v, axis=0), [x], 1e-6),
        "pool of all": (lambda v: lax.reduce_window(v, -jnp.inf, lax.max, (v.shape[0], 2), (1, 2), "VALID"), [x], 0),
        "pool": (lambda v: lax.reduce_window(v, 0.0, lax.add, (2, 3), (2, 1), "SAME"), [x], 1e-6),
        "uniform": (lambda v, k: jax.random.uniform(k, v.shape), [x, key], 1e-6), "top_k": (lambda v: lax.top_k(v, 3), [x], 0),
        "tridiagonal": (lambda v: lax.linalg.tridiagonal_solve(v[:, 0], v[:, 1] + 9, v[:, 2], v), [a], 1e-4), "softmax": (jax.nn.softmax, [x], 1e-6),
        "scan": (lambda v: lax.scan(lambda c, r: (c + r, c), v[0], v), [x], 1e-6), "median": (lambda v: jnp.median(v, axis=0), [x], 1e-6),
        "repeat": (lambda v, r: jnp.repeat(v, r, axis=0, total_repeat_length=9), [x, np.array([1, 0, 2, 3, 1])], 0),
    }  # fmt: skip
    for name, m in (("", a), ("complex ", z)):
        rows |= {
            f"{name}inv": (jnp.linalg.inv, [m], 1e-3), f"{name}solve": (lambda v: jnp.linalg.solve(v, v[..., :2] * 2), [m], 1e-3),
            f"{name}qr": (jnp.linalg.qr, [m], 1e-4), f"{name}hessenberg": (linalg.hessenberg, [m], 1e-4), f"{name}det": (jnp.linalg.det, [m], 1e-4),
            f"{name}eigvalsh": (lambda v: jnp.linalg.eigvalsh(square(v)), [m], 1e-4), f"{name}singular values": (lambda v: jnp.linalg.svd(v, compute_uv=False), [m], 1e-4),
            f"{name}cholesky": (lambda v: jnp.linalg.cholesky(square(v) + jnp.eye(4)), [m], 1e-4),
        }  # fmt: skip
    return rows
