"""QR, LU and symmetric eigenvalue decompositions, as LAPACK and XLA define them: what frontends call by name.

Householder reflections are LAPACK's (geqrf, ungqr); LU is Gaussian elimination with partial pivoting (getrf);
eigenvalues come from cyclic Jacobi rotations (G. Golub and C. Van Loan, Matrix Computations, 8.5).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from iree.dialects.input import field
from iree.dialects.input.build import Dim, as_value, constant, dims, empty, fill, index
from iree.dialects.input.loops import kernel, less, loop, when
from iree.dialects.input.sizes import minimum
from iree.dialects.mlir import CompileError, arith, complex, ir, math, tensor

SWEEPS = 16
"""Jacobi's method converges quadratically; this many sweeps are never needed, and those that find nothing are short."""

_OGT, _UEQ = arith.CmpFPredicate.OGT, arith.CmpFPredicate.OEQ


def _at(value: Any, *where: Any) -> Any:
    return tensor.ExtractOp(value, list(where)).result


def _put(number: Any, value: Any, *where: Any) -> Any:
    return tensor.InsertOp(number, value, list(where)).result


def _after(i: Any) -> Any:
    return arith.AddIOp(i, index(1)).result


def _real(a: Any) -> Any:
    return complex.ReOp(a).result if isinstance(a.type, ir.ComplexType) else a


def _of_real(a: Any, element: Any) -> Any:
    if not isinstance(element, ir.ComplexType):
        return a
    return complex.CreateOp(element, a, constant(0, element.element_type)).result


def _square(a: Any) -> Any:
    """|a|^2, real."""
    return _real(field.mul(a, field.conjugate(a)))


def _sum(start: Any, stop: Dim, first: Any, term: Callable[[Any], Any]) -> Any:
    return loop(start, stop, [first], lambda i, sums: [field.add(sums[0], term(i))])[0]


def qr(operand: Any) -> list[Any]:
    """The Householder vectors below R, and their factors tau, of (…, m, n)."""
    *batch, m, n = dims(operand)
    element = operand.type.element_type
    k = minimum(m, n)

    def column(where: Sequence[Any], j: Any, values: list[Any]) -> Sequence[Any]:
        a, tau = values
        below = _after(j)
        real = element.element_type if isinstance(element, ir.ComplexType) else element
        norm = _sum(below, m, constant(0, real), lambda i: _square(_at(a, *where, i, j)))
        alpha = _at(a, *where, j, j)
        length = math.SqrtOp(arith.AddFOp(norm, _square(alpha)).result).result
        beta = _of_real(arith.NegFOp(math.CopySignOp(length, _real(alpha)).result).result, element)
        # A column that is zero below the diagonal, whose diagonal is real, stays as it is.
        rest = norm
        if isinstance(element, ir.ComplexType):
            rest = arith.AddFOp(norm, math.AbsFOp(complex.ImOp(alpha).result).result).result
        plain = arith.CmpFOp(_UEQ, rest, constant(0, real)).result
        zero, one = field.zero(element), _of_real(constant(1, real), element)
        beta = arith.SelectOp(plain, alpha, beta).result
        divisor = arith.SelectOp(plain, one, beta).result
        factor = field.div(field.sub(beta, alpha), divisor)
        scale = arith.SelectOp(plain, one, field.sub(alpha, beta)).result
        a = loop(below, m, [a], lambda i, xs: [_put(field.div(_at(xs[0], *where, i, j), scale), xs[0], *where, i, j)])[
            0
        ]
        a = _put(beta, a, *where, j, j)
        tau = _put(arith.SelectOp(plain, zero, factor).result, tau, *where, j)
        conjugated = field.conjugate(_at(tau, *where, j))
        return [_reflect(a, a, where, j, below, (m, n), conjugated), tau]

    def matrix(where: list[Any], values: list[Any]) -> Sequence[Any]:
        return loop(0, k, values, lambda j, inner: column(where, j, inner))

    start = [operand, fill(field.zero(element), [*batch, k])]
    return kernel(batch, start, matrix)


def _reflect(  # noqa: PLR0917
    vectors: Any, target: Any, where: Sequence[Any], j: Any, first: Any, sizes: tuple[Dim, Dim], factor: Any
) -> Any:
    """Applies I - factor v v^H to the columns of `target` from `first` on; v is column j of `vectors`, 1 at row j."""
    m, n = sizes
    below = _after(j)

    def column(c: Any, values: list[Any]) -> Sequence[Any]:
        x = values[0]
        dot = _sum(
            below,
            m,
            _at(x, *where, j, c),
            lambda i: field.mul(
                field.conjugate(_at(vectors if vectors is not target else x, *where, i, j)), _at(x, *where, i, c)
            ),
        )
        dot = field.mul(dot, factor)
        x = _put(field.sub(_at(x, *where, j, c), dot), x, *where, j, c)

        def row(i: Any, inner: list[Any]) -> Sequence[Any]:
            v = _at(inner[0] if vectors is target else vectors, *where, i, j)
            return [_put(field.sub(_at(inner[0], *where, i, c), field.mul(v, dot)), inner[0], *where, i, c)]

        return loop(below, m, [x], row)

    return loop(first, n, [target], column)[0]


def householder_product(vectors: Any, factors: Any) -> list[Any]:
    """The first n columns of the product of reflections (…, m, n) with factors (…, k)."""
    *batch, m, n = dims(vectors)
    k = dims(factors)[-1]
    element = vectors.type.element_type
    real = element.element_type if isinstance(element, ir.ComplexType) else element
    last = arith.SubIOp(as_value(k), index(1)).result

    def matrix(where: list[Any], values: list[Any]) -> Sequence[Any]:
        one = _of_real(constant(1, real), element)
        unit = loop(0, minimum(m, n), values, lambda i, xs: [_put(one, xs[0], *where, i, i)])

        def apply(step: Any, inner: list[Any]) -> Sequence[Any]:
            j = arith.SubIOp(last, step).result
            return [_reflect(vectors, inner[0], where, j, j, (m, n), _at(factors, *where, j))]

        return loop(0, k, unit, apply)

    return kernel(batch, [fill(field.zero(element), [*batch, m, n])], matrix)


def lu(operand: Any, first: int) -> list[Any]:
    """L below U, the row that each row was exchanged with, counted from `first`, and the permutation of (…, m, n)."""
    *batch, m, n = dims(operand)
    element, i32 = operand.type.element_type, ir.IntegerType.get_signless(32)
    k = minimum(m, n)

    def step(where: Sequence[Any], j: Any, values: list[Any]) -> Sequence[Any]:
        a, pivots, order = values
        size = _square(_at(a, *where, j, j))

        def best(i: Any, found: list[Any]) -> Sequence[Any]:
            here = _square(_at(a, *where, i, j))
            larger = arith.CmpFOp(_OGT, here, found[0]).result
            return [arith.SelectOp(larger, here, found[0]).result, arith.SelectOp(larger, i, found[1]).result]

        p = loop(_after(j), m, [size, j], best)[1]
        number = arith.AddIOp(arith.IndexCastOp(i32, p).result, constant(first, i32)).result
        pivots = _put(number, pivots, *where, j)
        order = _exchange(order, [*where, j], [*where, p])
        a = loop(0, n, [a], lambda c, xs: [_exchange(xs[0], [*where, j, c], [*where, p, c])])[0]
        pivot = _at(a, *where, j, j)
        zero = arith.CmpFOp(_UEQ, _square(pivot), _square(field.zero(element))).result

        def row(i: Any, xs: list[Any]) -> Sequence[Any]:
            old = _at(xs[0], *where, i, j)
            factor = arith.SelectOp(zero, old, field.div(old, pivot)).result
            x = _put(factor, xs[0], *where, i, j)

            def entry(c: Any, inner: list[Any]) -> Sequence[Any]:
                rest = field.sub(_at(inner[0], *where, i, c), field.mul(factor, _at(inner[0], *where, j, c)))
                return [_put(rest, inner[0], *where, i, c)]

            return loop(_after(j), n, [x], entry)

        return [loop(_after(j), m, [a], row)[0], pivots, order]

    def matrix(where: list[Any], values: list[Any]) -> Sequence[Any]:
        a, pivots, order = values
        order = loop(0, m, [order], lambda i, xs: [_put(arith.IndexCastOp(i32, i).result, xs[0], *where, i)])[0]
        return loop(0, k, [a, pivots, order], lambda j, inner: step(where, j, inner))

    return kernel(batch, [operand, empty([*batch, k], i32), empty([*batch, m], i32)], matrix)


def _exchange(value: Any, a: Sequence[Any], b: Sequence[Any]) -> Any:
    x, y = _at(value, *a), _at(value, *b)
    return _put(x, _put(y, value, *a), *b)


def eigh(operand: Any, lower: bool, op: Any) -> list[Any]:
    """Eigenvectors as columns and eigenvalues, ascending, of symmetric matrices of which one triangle is read."""
    element = operand.type.element_type
    if isinstance(element, ir.ComplexType):
        raise CompileError(f"eigenvalues of Hermitian matrices of {element} are not supported: real ones are", op)
    *batch, n, _ = dims(operand)
    zero, one = constant(0, element), constant(1, element)
    tiny = constant(2.0 ** (-24 if element == ir.F32Type.get() else -53), element)
    count = as_value(n)

    def fill_matrix(where: Sequence[Any], values: list[Any]) -> list[Any]:
        def entry(i: Any, j: Any, xs: list[Any]) -> list[Any]:
            a, v, w = xs
            swap = less(i, j) if lower else less(j, i)
            row, column = arith.SelectOp(swap, j, i).result, arith.SelectOp(swap, i, j).result
            same = arith.CmpIOp(arith.CmpIPredicate.eq, i, j).result
            a = _put(_at(operand, *where, row, column), a, *where, i, j)
            return [a, _put(arith.SelectOp(same, one, zero).result, v, *where, i, j), w]

        return loop(0, n, values, lambda i, xs: loop(0, n, xs, lambda j, inner: entry(i, j, inner)))

    def rotate(where: Sequence[Any], p: Any, q: Any, values: list[Any]) -> Sequence[Any]:
        a = values[0]
        pp, qq, pq = _at(a, *where, p, p), _at(a, *where, q, q), _at(a, *where, p, q)
        scale = arith.AddFOp(math.AbsFOp(pp).result, math.AbsFOp(qq).result).result
        size = math.AbsFOp(pq).result
        needed = arith.CmpFOp(_OGT, size, arith.MulFOp(scale, arith.MulFOp(tiny, tiny).result).result).result

        def turn() -> Sequence[Any]:
            theta = arith.DivFOp(arith.SubFOp(qq, pp).result, arith.AddFOp(pq, pq).result).result
            root = math.SqrtOp(arith.AddFOp(arith.MulFOp(theta, theta).result, one).result).result
            t = arith.DivFOp(one, arith.AddFOp(math.AbsFOp(theta).result, root).result).result
            t = math.CopySignOp(t, theta).result
            c = arith.DivFOp(one, math.SqrtOp(arith.AddFOp(arith.MulFOp(t, t).result, one).result).result).result
            s = arith.MulFOp(t, c).result

            def mix(x: Any, at_p: Sequence[Any], at_q: Sequence[Any]) -> Any:
                u, v = _at(x, *where, *at_p), _at(x, *where, *at_q)
                first = arith.SubFOp(arith.MulFOp(c, u).result, arith.MulFOp(s, v).result).result
                second = arith.AddFOp(arith.MulFOp(s, u).result, arith.MulFOp(c, v).result).result
                return _put(second, _put(first, x, *where, *at_p), *where, *at_q)

            columns = loop(0, n, values[:2], lambda i, xs: [mix(x, (i, p), (i, q)) for x in xs])
            rows = loop(0, n, columns[:1], lambda i, xs: [mix(xs[0], (p, i), (q, i))])
            return [rows[0], columns[1], values[2]]

        return when(needed, [value.type for value in values], turn, values)

    def sweep(where: Sequence[Any], values: list[Any]) -> list[Any]:
        return loop(0, n, values, lambda p, xs: loop(_after(p), n, xs, lambda q, inner: rotate(where, p, q, inner)))

    def order(where: Sequence[Any], j: Any, values: list[Any]) -> Sequence[Any]:
        """Brings the least of the eigenvalues from j on to place j."""
        a, v, w = values
        least = loop(_after(j), n, [_at(w, *where, j), j], lambda i, xs: _lesser(_at(w, *where, i), i, xs))[1]
        w = _exchange(w, [*where, j], [*where, least])
        v = loop(0, n, [v], lambda i, xs: [_exchange(xs[0], [*where, i, j], [*where, i, least])])[0]
        return [a, v, w]

    def matrix(where: list[Any], values: list[Any]) -> Sequence[Any]:
        values = fill_matrix(where, values)
        values = loop(0, SWEEPS, values, lambda _, xs: sweep(where, xs))
        a = values[0]
        w = loop(0, n, [values[2]], lambda i, xs: [_put(_at(a, *where, i, i), xs[0], *where, i)])[0]
        return loop(0, count, [a, values[1], w], lambda j, xs: order(where, j, xs))

    square = [*batch, n, n]
    found = kernel(batch, [empty(square, element), empty(square, element), empty([*batch, n], element)], matrix)
    return [found[1], found[2]]


def _lesser(value: Any, i: Any, found: list[Any]) -> Sequence[Any]:
    smaller = arith.CmpFOp(arith.CmpFPredicate.OLT, value, found[0]).result
    return [arith.SelectOp(smaller, value, found[0]).result, arith.SelectOp(smaller, i, found[1]).result]
