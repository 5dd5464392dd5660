"""Eigenvalues of Hermitian matrices and singular values, by Jacobi's rotations.

G. Golub and C. Van Loan, Matrix Computations, 8.5 (two-sided, cyclic) and 8.6.3 (one-sided). Errors are those of
LAPACK's drivers: eigenvalues, singular values, and the matrix that the factors multiply to are off by a small multiple
of n * epsilon * norm(A), and vectors are orthonormal up to n * epsilon.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from iree.dialects.input import field
from iree.dialects.input.build import Dim, constant, dims, elementwise, empty, fill
from iree.dialects.input.factorizations import after, at, exchange, householder_product, put, qr
from iree.dialects.input.loops import kernel, less, loop, when
from iree.dialects.input.sizes import extract_slice, insert_slice, minimum
from iree.dialects.mlir import arith, complex, ir, math

SWEEPS = 16
"""The methods converge quadratically; this many sweeps are never needed, and those that find nothing are short."""

_OGT = arith.CmpFPredicate.OGT


def _epsilon(part: Any) -> float:
    return float(2.0 ** (-24 if part == ir.F32Type.get() else -53))


class _Rotation:
    """The unitary change of columns p and q that makes [[pp, pq], [conj(pq), qq]] diagonal.

    A complex pq is made real by its phase e first: column q is multiplied by conj(e).
    """

    def __init__(self, pp: Any, qq: Any, pq: Any) -> None:
        one = constant(1, pp.type)
        size = pq
        self._phase = None
        if isinstance(pq.type, ir.ComplexType):
            size = field.magnitude(pq)
            self._phase = field.scale(pq, arith.DivFOp(one, size).result)
        theta = arith.DivFOp(arith.SubFOp(qq, pp).result, arith.AddFOp(size, size).result).result
        root = math.SqrtOp(arith.AddFOp(arith.MulFOp(theta, theta).result, one).result).result
        t = arith.DivFOp(one, arith.AddFOp(math.AbsFOp(theta).result, root).result).result
        t = math.CopySignOp(t, theta).result
        self._c = arith.DivFOp(one, math.SqrtOp(arith.AddFOp(arith.MulFOp(t, t).result, one).result).result).result
        self._s = arith.MulFOp(t, self._c).result

    def __call__(self, x: Any, p: Sequence[Any], q: Sequence[Any], *, rows: bool = False) -> Any:
        """`x` with its elements at p and q changed, as parts of columns, or of rows of the adjoint."""
        u, v = at(x, *p), at(x, *q)
        if self._phase is not None:
            v = field.mul(v, self._phase if rows else field.conjugate(self._phase))
        first = field.sub(field.scale(u, self._c), field.scale(v, self._s))
        second = field.add(field.scale(u, self._s), field.scale(v, self._c))
        return put(second, put(first, x, *p), *q)


def _pairs(n: Dim, values: list[Any], turn: Callable[[Any, Any, list[Any]], Sequence[Any]]) -> list[Any]:
    """Sweeps over all p < q."""
    return loop(
        0,
        SWEEPS,
        values,
        lambda _, xs: loop(0, n, xs, lambda p, ys: loop(after(p), n, ys, lambda q, zs: turn(p, q, zs))),
    )


def _ordered(
    where: Sequence[Any], n: Dim, keys: Any, matrices: Sequence[tuple[Any, Dim]], comes_first: Any
) -> list[Any]:
    """Keys in order, and the columns of matrices (with their numbers of rows) moved with them."""

    def place(j: Any, values: list[Any]) -> Sequence[Any]:
        def better(i: Any, found: list[Any]) -> Sequence[Any]:
            value = at(values[0], *where, i)
            first = arith.CmpFOp(comes_first, value, found[0]).result
            return [arith.SelectOp(first, value, found[0]).result, arith.SelectOp(first, i, found[1]).result]

        best = loop(after(j), n, [at(values[0], *where, j), j], better)[1]
        moved = [exchange(values[0], [*where, j], [*where, best])]
        for (_, m), matrix in zip(matrices, values[1:], strict=True):
            moved += loop(0, m, [matrix], lambda i, xs: [exchange(xs[0], [*where, i, j], [*where, i, best])])
        return moved

    return loop(0, n, [keys, *(matrix for matrix, _ in matrices)], place)


def eigh(operand: Any, lower: bool) -> list[Any]:
    """Eigenvectors as columns and eigenvalues, ascending, of Hermitian matrices of which one triangle is read.

    Args:
        operand: Shape (…, n, n), real or complex floats.
        lower: The triangle that is read; imaginary parts on the diagonal are not.

    Returns:
        Vectors (…, n, n) and real values (…, n).
    """
    element = operand.type.element_type
    part = field.real_type(element)
    *batch, n, _ = dims(operand)
    zero, one = field.zero(element), field.number(1, element)
    tiny = constant(_epsilon(part) ** 2, part)

    def fill_matrix(where: Sequence[Any], values: list[Any]) -> list[Any]:
        def entry(i: Any, j: Any, xs: list[Any]) -> list[Any]:
            swap = less(i, j) if lower else less(j, i)
            row, column = arith.SelectOp(swap, j, i).result, arith.SelectOp(swap, i, j).result
            same = arith.CmpIOp(arith.CmpIPredicate.eq, i, j).result
            value = at(operand, *where, row, column)
            if isinstance(element, ir.ComplexType):
                value = arith.SelectOp(swap, field.conjugate(value), value).result
                value = arith.SelectOp(same, field.of_real(field.real(value), element), value).result
            return [
                put(value, xs[0], *where, i, j),
                put(arith.SelectOp(same, one, zero).result, xs[1], *where, i, j),
                xs[2],
            ]

        return loop(0, n, values, lambda i, xs: loop(0, n, xs, lambda j, inner: entry(i, j, inner)))

    def rotate(where: Sequence[Any], p: Any, q: Any, values: list[Any]) -> Sequence[Any]:
        a = values[0]
        pp, qq, pq = field.real(at(a, *where, p, p)), field.real(at(a, *where, q, q)), at(a, *where, p, q)
        scale = arith.AddFOp(math.AbsFOp(pp).result, math.AbsFOp(qq).result).result
        size = field.magnitude(pq)
        needed = arith.CmpFOp(_OGT, size, arith.MulFOp(scale, tiny).result).result

        def turn() -> Sequence[Any]:
            change = _Rotation(pp, qq, pq)
            columns = loop(0, n, values[:2], lambda i, xs: [change(x, (*where, i, p), (*where, i, q)) for x in xs])
            rows = loop(0, n, columns[:1], lambda i, xs: [change(xs[0], (*where, p, i), (*where, q, i), rows=True)])
            exact = put(zero, put(zero, rows[0], *where, p, q), *where, q, p)
            return [exact, columns[1], values[2]]

        return when(needed, [value.type for value in values], turn, values)

    def matrix(where: list[Any], values: list[Any]) -> Sequence[Any]:
        a, v, w = _pairs(n, fill_matrix(where, values), lambda p, q, xs: rotate(where, p, q, xs))
        w = loop(0, n, [w], lambda i, xs: [put(field.real(at(a, *where, i, i)), xs[0], *where, i)])[0]
        w, v = _ordered(where, n, w, [(v, n)], arith.CmpFPredicate.OLT)
        return [a, v, w]

    matrices = [*batch, n, n]
    found = kernel(batch, [empty(matrices, element), empty(matrices, element), empty([*batch, n], part)], matrix)
    return [found[1], found[2]]


def svd(operand: Any, full: bool) -> list[Any]:
    """The singular values, descending, with left vectors as columns and right vectors as rows.

    Rotations make the columns of A V orthogonal: they are the left vectors times the values. A QR decomposition of
    these makes vectors of them, also where values are zero, and completes them to a basis.

    Args:
        operand: Shape (…, m, n), real or complex floats.
        full: Whether U is (…, m, m) and V^H (…, n, n), or (…, m, k) and (…, k, n), where k = min(m, n).

    Returns:
        U, the values (…, k) and V^H.
    """
    *batch, m, n = dims(operand)
    if isinstance(m, int) and isinstance(n, int) and m < n:
        u, s, vh = svd(_adjoint(operand), full)
        return [_adjoint(vh), s, _adjoint(u)]
    k = minimum(m, n)
    g, s, v = _orthogonal(operand)
    taken = _first(g, [*batch, m, k])
    if full:
        zeros = fill(field.zero(operand.type.element_type), [*batch, m, m])
        taken = insert_slice(taken, zeros, [0] * zeros.type.rank, dims(taken), [1] * zeros.type.rank)
    factors, tau = qr(taken)

    def signs(where: list[Any], values: list[Any]) -> Sequence[Any]:
        """The diagonal of R is real, and its sign goes to V."""

        def column(j: Any, xs: list[Any]) -> Sequence[Any]:
            sign = math.CopySignOp(constant(1, s.type.element_type), field.real(at(factors, *where, j, j))).result
            return loop(0, n, xs, lambda i, ys: [put(field.scale(at(ys[0], *where, i, j), sign), ys[0], *where, i, j)])

        return loop(0, k, values, column)

    v = kernel(batch, [v], signs)[0]
    if not full:
        v = _first(v, [*batch, n, k])
    return [householder_product(factors, tau)[0], _first(s, [*batch, k]), _adjoint(v)]


def _first(value: Any, sizes: Sequence[Dim]) -> Any:
    """The first elements of each dimension."""
    return extract_slice(value, [0] * len(sizes), sizes, [1] * len(sizes))


def _adjoint(value: Any) -> Any:
    *batch, m, n = dims(value)
    rank = len(batch) + 2
    axes = [*range(rank - 2), rank - 1, rank - 2]
    return elementwise([value], [*batch, n, m], value.type.element_type, field.conjugate, [axes])


def _orthogonal(operand: Any) -> list[Any]:
    """A V, the lengths of its columns, which are orthogonal and in descending order, and V, of (…, m, n)."""
    *batch, m, n = dims(operand)
    element = operand.type.element_type
    part = field.real_type(element)
    epsilon = constant(_epsilon(part), part)
    zero, one = field.zero(element), field.number(1, element)

    def product(x: Any, where: Sequence[Any], p: Any, q: Any) -> Any:
        """The inner product of two columns."""
        return loop(
            0,
            m,
            [zero],
            lambda i, sums: [field.add(sums[0], field.mul(field.conjugate(at(x, *where, i, p)), at(x, *where, i, q)))],
        )[0]

    def largest(where: Sequence[Any]) -> Any:
        def entry(i: Any, j: Any, found: Any) -> Any:
            value = at(operand, *where, i, j)
            for take in (complex.ReOp, complex.ImOp) if isinstance(element, ir.ComplexType) else (None,):
                found = arith.MaximumFOp(found, math.AbsFOp(take(value).result if take else value).result).result
            return found

        return loop(0, m, [constant(0, part)], lambda i, xs: loop(0, n, xs, lambda j, ys: [entry(i, j, ys[0])]))[0]

    def fill_matrices(where: Sequence[Any], scale: Any, values: list[Any]) -> list[Any]:
        """A, with elements of at most 1 so that no square overflows, and the identity."""
        g, s, v = values
        inverse = arith.DivFOp(constant(1, part), scale).result

        def entry(i: Any, j: Any, x: Any) -> Any:
            return put(field.scale(at(operand, *where, i, j), inverse), x, *where, i, j)

        def unit(i: Any, j: Any, x: Any) -> Any:
            same = arith.CmpIOp(arith.CmpIPredicate.eq, i, j).result
            return put(arith.SelectOp(same, one, zero).result, x, *where, i, j)

        g = loop(0, m, [g], lambda i, xs: loop(0, n, xs, lambda j, ys: [entry(i, j, ys[0])]))[0]
        v = loop(0, n, [v], lambda i, xs: loop(0, n, xs, lambda j, ys: [unit(i, j, ys[0])]))[0]
        return [g, s, v]

    def rotate(where: Sequence[Any], noise: Any, pair: tuple[Any, Any], values: list[Any]) -> Sequence[Any]:
        p, q = pair
        g = values[0]
        pp, qq, pq = field.real(product(g, where, p, p)), field.real(product(g, where, q, q)), product(g, where, p, q)
        lengths = arith.MulFOp(math.SqrtOp(pp).result, math.SqrtOp(qq).result).result
        size = field.magnitude(pq)
        limit = arith.MaximumFOp(arith.MulFOp(lengths, epsilon).result, noise).result
        needed = arith.CmpFOp(_OGT, size, limit).result

        def turn() -> Sequence[Any]:
            change = _Rotation(pp, qq, pq)
            g, v = (
                loop(0, count, [x], lambda i, xs: [change(xs[0], (*where, i, p), (*where, i, q))])[0]
                for x, count in ((values[0], m), (values[2], n))
            )
            return [g, values[1], v]

        return when(needed, [value.type for value in values], turn, values)

    def matrix(where: list[Any], values: list[Any]) -> Sequence[Any]:
        scale = largest(where)
        some = arith.CmpFOp(arith.CmpFPredicate.UNE, scale, constant(0, part)).result
        scale = arith.SelectOp(some, scale, constant(1, part)).result
        values = fill_matrices(where, scale, values)
        # What columns that are zero but for rounding have in common is noise. The largest element is 1.
        noise = arith.MulFOp(epsilon, epsilon).result
        g, s, v = _pairs(n, values, lambda p, q, xs: rotate(where, noise, (p, q), xs))

        def length(j: Any, xs: list[Any]) -> Sequence[Any]:
            root = math.SqrtOp(field.real(product(g, where, j, j))).result
            return [put(arith.MulFOp(root, scale).result, xs[0], *where, j)]

        s = loop(0, n, [s], length)[0]
        s, g, v = _ordered(where, n, s, [(g, m), (v, n)], _OGT)
        return [g, s, v]

    return kernel(
        batch, [empty([*batch, m, n], element), empty([*batch, n], part), empty([*batch, n, n], element)], matrix
    )
