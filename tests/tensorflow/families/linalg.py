"""Linear algebra: factorizations, solving, determinants, norms, banded and structured matrices."""

# A table: a row is a line, lambdas are what is tested.
# ruff: noqa: PLW0108

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from harness import Family

FAMILY = Family()
Spec = tf.TensorSpec
L = tf.linalg


def _spd(x: Any) -> Any:
    """Symmetric and positive definite, and well conditioned."""
    return tf.matmul(x, x, transpose_b=True) + 4 * tf.eye(tf.shape(x)[-1], dtype=x.dtype)


def _eigen(x: Any) -> Any:
    """Eigenvalues, and the matrix again from values and vectors: the vectors' signs are free."""
    values, vectors = L.eigh(_spd(x))
    return values, tf.matmul(vectors * values[..., None, :], vectors, transpose_b=True)


def _svd(x: Any) -> Any:
    s, u, v = L.svd(x)
    return s, tf.matmul(u * s[..., None, :], v, adjoint_b=True)


FAMILY.function("cholesky", lambda x: L.cholesky(_spd(x)), (2, 4, 4))
FAMILY.function("cholesky_solve", lambda x, b: L.cholesky_solve(L.cholesky(_spd(x)), b), (4, 4), (4, 2))
FAMILY.function("triangular_solve", lambda x, b: L.triangular_solve(_spd(x), b, lower=False), (2, 4, 4), (2, 4, 3))
FAMILY.function("triangular_adjoint", lambda x, b: L.triangular_solve(_spd(x), b, adjoint=True), (4, 4), (4, 3))
FAMILY.function("solve", lambda x, b: L.solve(_spd(x), b), (2, 5, 5), (2, 5, 3))
FAMILY.function("solve_pivoting", lambda x, b: L.solve(x, b), np.float32([[0, 2], [3, 1]]), (2, 3))
FAMILY.function("solve_adjoint", lambda x, b: L.solve(x + 4 * tf.eye(4), b, adjoint=True), (4, 4), (4, 2))
FAMILY.function("solve_double", lambda x, b: L.solve(_spd(x), b), Spec([6, 6], tf.float64), Spec([6, 2], tf.float64))
FAMILY.function("inverse", lambda x: L.inv(_spd(x)), (3, 5, 5))
FAMILY.function("inverse_of_one", lambda x: L.inv(_spd(x)), (1, 1))
FAMILY.function("inverse_open", lambda x: L.inv(_spd(x)), Spec([None, 3, 3]), shapes=[((4, 3, 3),), ((1, 3, 3),)])
FAMILY.function("pseudo_inverse", lambda x: L.pinv(x), (4, 3))
FAMILY.function("determinant", lambda x: L.det(x), (2, 5, 5))
FAMILY.function("determinant_singular", lambda x: L.det(x), np.float32([[1, 2], [2, 4]]))
FAMILY.function("log_determinant", lambda x: (L.slogdet(x), L.logdet(_spd(x))), (4, 4))
FAMILY.function("qr", lambda x: L.qr(x), (2, 5, 3))
FAMILY.function("qr_full", lambda x: L.qr(x, full_matrices=True), (5, 3))
FAMILY.function("qr_wide", lambda x: L.qr(x), (3, 5))
FAMILY.function("qr_square", lambda x: L.qr(x), (4, 4))
FAMILY.function(
    "qr_open",
    lambda x: (*L.qr(x), *L.qr(x, full_matrices=True), *L.qr(tf.transpose(x, [0, 2, 1]))),
    Spec([None, 4, 3]),
    shapes=[((2, 4, 3),)],
)
FAMILY.function("least_squares_wide", lambda x, b: L.lstsq(x, b, fast=False), (2, 3, 5), (2, 3, 2))
FAMILY.function("least_squares", lambda x, b: L.lstsq(x, b), (6, 3), (6, 2))
FAMILY.function("least_squares_qr", lambda x, b: L.lstsq(x, b, fast=False), (6, 3), (6, 2))
FAMILY.function("eigen", lambda x: _eigen(x), (2, 5, 5))
FAMILY.function("eigen_even", lambda x: _eigen(x), (6, 6))
FAMILY.function("eigen_of_one", lambda x: _eigen(x), (1, 1))
FAMILY.function("eigen_of_two", lambda x: _eigen(x), (2, 2))
FAMILY.function("eigen_double", lambda x: _eigen(x), Spec([7, 7], tf.float64))
FAMILY.function("eigenvalues", lambda x: L.eigvalsh(_spd(x)), (3, 4, 4))
FAMILY.function("eigen_open", lambda x: _eigen(x), Spec([None, 3, 3]), shapes=[((4, 3, 3),)])
FAMILY.function("svd", lambda x: _svd(x), (4, 3))
FAMILY.function("svd_values", lambda x: L.svd(x, compute_uv=False), (2, 3, 5))
FAMILY.function("norms", lambda x: (tf.norm(x), tf.norm(x, 1, 0), L.norm(x, "euclidean"), tf.norm(x, np.inf)), (4, 3))
FAMILY.function("trace_diag", lambda x: (L.trace(x), L.diag_part(x), L.diag(x[0]), L.set_diag(x, x[0])), (4, 4))
FAMILY.function("diagonals", lambda x: (L.diag_part(x, k=1), L.diag(x[0, :3], k=-1), L.diag_part(x, k=(-1, 1))), (4, 4))
FAMILY.function("bands", lambda x: (L.band_part(x, 1, 0), L.band_part(x, 0, -1), L.band_part(x, -1, 2)), (5, 4))
FAMILY.function("tridiagonal", lambda x, b: L.tridiagonal_solve(x + np.float32([[0], [5], [0]]), b), (3, 4), (4, 2))
FAMILY.function("tridiagonal_product", lambda x, b: L.tridiagonal_matmul(x, b, "compact"), (3, 4), (4, 2))
FAMILY.function("matrix_power", lambda x: L.expm(x * 0.3), (3, 3))
FAMILY.function("cross_outer", lambda x: (L.cross(x, x[::-1]), tf.tensordot(x[0], x[1], 0)), (4, 3))
FAMILY.function("matvec", lambda x, v: (L.matvec(x, v), L.matmul(x, x, adjoint_a=True)), (2, 4, 3), (2, 3))
FAMILY.function(
    "operators",
    lambda x: L.LinearOperatorFullMatrix(_spd(x)).solve(L.LinearOperatorDiag(x[0]).to_dense()),
    (3, 3),
)
FAMILY.function("gradient_of_inverse", lambda x: tf.gradients(tf.reduce_sum(L.inv(_spd(x)) ** 2), x), (3, 3))
FAMILY.function("gradient_of_cholesky", lambda x: tf.gradients(tf.reduce_sum(L.cholesky(_spd(x)) ** 2), x), (3, 3))
FAMILY.function("gradient_of_determinant", lambda x: tf.gradients(L.det(_spd(x)), x), (3, 3))
FAMILY.function(
    "complex_solve", lambda x, b: L.solve(x, b), np.complex64([[2, 1j], [1 - 1j, 3]]), np.complex64([[1], [2j]])
)
FAMILY.function(
    "identity_of_size",
    lambda n: (tf.eye(n), tf.eye(n, batch_shape=[2]), tf.eye(n, n + 1), tf.eye(n + 2, n)),
    Spec([], tf.int32),
    shapes=[(np.array(n, np.int32),) for n in (3, 1, 0)],
)
FAMILY.function(
    "diagonals_open",
    lambda x: (L.diag(x), L.diag_part(x), L.set_diag(x, L.diag_part(x) * 2), L.trace(x), L.band_part(x, 0, -1)),
    Spec([None, None]),
    shapes=[((3, 4),), ((4, 2),), ((1, 1),), ((0, 2),)],
)
for _name, _function in {
    "inverse": lambda x: L.inv(_spd(x)),
    "solve_batch": lambda x: L.solve(_spd(x), x[..., :1]),
    "determinants": lambda x: (L.det(x), L.slogdet(_spd(x))),
    "cholesky": lambda x: (L.cholesky(_spd(x)), L.cholesky_solve(L.cholesky(_spd(x)), x)),
    "lu": lambda x: L.lu(x),
}.items():
    FAMILY.function(
        f"{_name}_of_open_size",
        _function,
        Spec([None, None, None]),
        shapes=[((2, 4, 4),), ((1, 1, 1),), ((0, 3, 3),)],
    )
for _kind in (tf.float64, tf.complex64):
    FAMILY.function(f"lu_{_kind.name}", lambda x: L.lu(x), Spec([3, 5, 5], _kind))
FAMILY.function("lu_solve", lambda x, b: L.lu_solve(*L.lu(x), b), (2, 4, 4), (2, 4, 3))
FAMILY.function(
    "solve_of_open_size", lambda x, b: L.solve(x, b, adjoint=True), Spec([None, None]), Spec([None, None]),
    shapes=[((4, 4), (4, 2)), ((1, 1), (1, 3))],
)  # fmt: skip
