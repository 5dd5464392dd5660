import numpy as np
import pytest
from linalg_evaluator import Program

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("n", [1, 2, 4, 6, 31, 64, 101, 134, 1024])
@pytest.mark.parametrize("kind", ["FFT", "IFFT"])
def test_fft_of_any_length(n: int, kind: str) -> None:
    text = f"""func.func @main(%a: tensor<?x{n}xcomplex<f64>>) -> tensor<?x{n}xcomplex<f64>> {{
      %0 = stablehlo.fft %a, type = {kind}, length = [{n}] : (tensor<?x{n}xcomplex<f64>>) -> tensor<?x{n}xcomplex<f64>>
      return %0 : tensor<?x{n}xcomplex<f64>> }}"""
    x = RNG.standard_normal((2, n)) + 1j * RNG.standard_normal((2, n))
    want = np.fft.fft(x) if kind == "FFT" else np.fft.ifft(x)
    np.testing.assert_allclose(Program(text)(x)[0], want, atol=1e-13 * n)


@pytest.mark.parametrize("lower", [True, False])
def test_cholesky_of_complex_matrices(lower: bool) -> None:
    text = f"""func.func @main(%a: tensor<2x5x5xcomplex<f64>>) -> tensor<2x5x5xcomplex<f64>> {{
      %0 = stablehlo.cholesky %a, lower = {str(lower).lower()} : tensor<2x5x5xcomplex<f64>>
      return %0 : tensor<2x5x5xcomplex<f64>> }}"""
    x = RNG.standard_normal((2, 5, 5)) + 1j * RNG.standard_normal((2, 5, 5))
    a = x @ x.conj().swapaxes(1, 2) + np.eye(5)
    want = np.linalg.cholesky(a)
    half = np.tril(a) if lower else np.triu(a)  # the other half must not matter
    np.testing.assert_allclose(Program(text)(half)[0], want if lower else want.conj().swapaxes(1, 2), atol=1e-13)


@pytest.mark.parametrize("transpose", ["NO_TRANSPOSE", "TRANSPOSE", "ADJOINT"])
@pytest.mark.parametrize("left", [True, False])
@pytest.mark.parametrize("lower", [True, False])
def test_triangular_solve(left: bool, lower: bool, transpose: str) -> None:
    shape = "?x3" if left else "3x?"
    text = f"""func.func @main(%a: tensor<?x?xf64>, %b: tensor<{shape}xf64>) -> tensor<{shape}xf64> {{
      %0 = "stablehlo.triangular_solve"(%a, %b) <{{left_side = {str(left).lower()}, lower = {str(lower).lower()},
        unit_diagonal = false, transpose_a = #stablehlo<transpose {transpose}>}}>
        : (tensor<?x?xf64>, tensor<{shape}xf64>) -> tensor<{shape}xf64>
      return %0 : tensor<{shape}xf64> }}"""
    a = RNG.standard_normal((4, 4)) + 4 * np.eye(4)
    b = RNG.standard_normal((4, 3) if left else (3, 4))
    t = np.tril(a) if lower else np.triu(a)
    t = t if transpose == "NO_TRANSPOSE" else t.T
    want = np.linalg.solve(t, b) if left else np.linalg.solve(t.T, b.T).T
    np.testing.assert_allclose(Program(text)(a, b)[0], want, atol=1e-12)
