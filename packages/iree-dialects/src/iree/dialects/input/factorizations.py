"""QR, Hessenberg and LU decompositions, as LAPACK and XLA define them: what frontends call by name.

Householder reflections are LAPACK's (geqrf, gehrd, ungqr); LU is Gaussian elimination with partial pivoting (getrf).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from iree.dialects.input import field
from iree.dialects.input.build import Dim, as_value, constant, dims, empty, fill, index
from iree.dialects.input.loops import kernel, loop
from iree.dialects.input.sizes import maximum, minimum, subtract
from iree.dialects.mlir import arith, complex, ir, math, tensor

_OGT, _UEQ = arith.CmpFPredicate.OGT, arith.CmpFPredicate.OEQ


def at(value: Any, *where: Any) -> Any:
    """An element."""
    return tensor.ExtractOp(value, list(where)).result


def put(number: Any, value: Any, *where: Any) -> Any:
    """`value` with another element."""
    return tensor.InsertOp(number, value, list(where)).result


def after(i: Any) -> Any:
    """The next index."""
    return arith.AddIOp(i, index(1)).result


def square(a: Any) -> Any:
    """|a|^2, real."""
    return field.real(field.mul(a, field.conjugate(a)))


def _sum(start: Any, stop: Dim, first: Any, term: Callable[[Any], Any]) -> Any:
    return loop(start, stop, [first], lambda i, sums: [field.add(sums[0], term(i))])[0]


def qr(operand: Any) -> list[Any]:
    """The Householder vectors below R, and their factors tau, of (…, m, n)."""
    *batch, m, n = dims(operand)
    element = operand.type.element_type
    k = minimum(m, n)

    def column(where: Sequence[Any], j: Any, values: list[Any]) -> Sequence[Any]:
        a, tau = _eliminate(values[0], values[1], where, (j, j), m)
        return [_reflect(a, a, where, (j, j), after(j), (m, n), field.conjugate(at(tau, *where, j))), tau]

    def matrix(where: list[Any], values: list[Any]) -> Sequence[Any]:
        return loop(0, k, values, lambda j, inner: column(where, j, inner))

    start = [operand, fill(field.zero(element), [*batch, k])]
    return kernel(batch, start, matrix)


def hessenberg(operand: Any) -> list[Any]:
    """Q^H A Q of (…, n, n), zero below the diagonal under the main one, where Q's Householder vectors lie instead, and
    their factors tau.
    """
    *batch, n, _ = dims(operand)
    element = operand.type.element_type
    k = subtract(maximum(n, 1), 1)

    def column(where: Sequence[Any], j: Any, values: list[Any]) -> Sequence[Any]:
        pivot = (after(j), j)
        a, tau = _eliminate(values[0], values[1], where, pivot, n)
        factor = at(tau, *where, j)

        def row(i: Any, xs: list[Any]) -> Sequence[Any]:
            """Row i times the reflection."""
            dot = _sum(
                after(pivot[0]),
                n,
                at(xs[0], *where, i, pivot[0]),
                lambda c: field.mul(at(xs[0], *where, i, c), at(xs[0], *where, c, j)),
            )
            dot = field.mul(dot, factor)
            x = put(field.sub(at(xs[0], *where, i, pivot[0]), dot), xs[0], *where, i, pivot[0])

            def entry(c: Any, inner: list[Any]) -> Sequence[Any]:
                v = field.conjugate(at(inner[0], *where, c, j))
                return [put(field.sub(at(inner[0], *where, i, c), field.mul(dot, v)), inner[0], *where, i, c)]

            return loop(after(pivot[0]), n, [x], entry)

        a = loop(0, n, [a], row)[0]
        return [_reflect(a, a, where, pivot, pivot[0], (n, n), field.conjugate(factor)), tau]

    def matrix(where: list[Any], values: list[Any]) -> Sequence[Any]:
        return loop(0, k, values, lambda j, inner: column(where, j, inner))

    return kernel(batch, [operand, fill(field.zero(element), [*batch, k])], matrix)


def _eliminate(a: Any, tau: Any, where: Sequence[Any], pivot: tuple[Any, Any], m: Dim) -> tuple[Any, Any]:
    """LAPACK's larfg: the reflection that makes a column zero below `pivot`, stored there, and its factor in `tau`."""
    element = a.type.element_type
    part = field.real_type(element)
    head, j = pivot
    below = after(head)
    norm = _sum(below, m, constant(0, part), lambda i: square(at(a, *where, i, j)))
    alpha = at(a, *where, head, j)
    length = math.SqrtOp(arith.AddFOp(norm, square(alpha)).result).result
    beta = field.of_real(arith.NegFOp(math.CopySignOp(length, field.real(alpha)).result).result, element)
    # A column that is zero below the pivot, which is real, stays as it is.
    rest = norm
    if isinstance(element, ir.ComplexType):
        rest = arith.AddFOp(norm, math.AbsFOp(complex.ImOp(alpha).result).result).result
    plain = arith.CmpFOp(_UEQ, rest, constant(0, part)).result
    zero, one = field.zero(element), field.number(1, element)
    beta = arith.SelectOp(plain, alpha, beta).result
    divisor = arith.SelectOp(plain, one, beta).result
    factor = field.div(field.sub(beta, alpha), divisor)
    scale = arith.SelectOp(plain, one, field.sub(alpha, beta)).result
    a = loop(below, m, [a], lambda i, xs: [put(field.div(at(xs[0], *where, i, j), scale), xs[0], *where, i, j)])[0]
    a = put(beta, a, *where, head, j)
    return a, put(arith.SelectOp(plain, zero, factor).result, tau, *where, j)


def _reflect(  # noqa: PLR0917
    vectors: Any,
    target: Any,
    where: Sequence[Any],
    pivot: tuple[Any, Any],
    first: Any,
    sizes: tuple[Dim, Dim],
    factor: Any,
) -> Any:
    """Applies I - factor v v^H to columns of `target`, from `first` on.

    v is what lies in `vectors` below `pivot`, a row and a column, and 1 there.
    """
    m, n = sizes
    head, j = pivot
    below = after(head)

    def column(c: Any, values: list[Any]) -> Sequence[Any]:
        x = values[0]
        dot = _sum(
            below,
            m,
            at(x, *where, head, c),
            lambda i: field.mul(
                field.conjugate(at(vectors if vectors is not target else x, *where, i, j)), at(x, *where, i, c)
            ),
        )
        dot = field.mul(dot, factor)
        x = put(field.sub(at(x, *where, head, c), dot), x, *where, head, c)

        def row(i: Any, inner: list[Any]) -> Sequence[Any]:
            v = at(inner[0] if vectors is target else vectors, *where, i, j)
            return [put(field.sub(at(inner[0], *where, i, c), field.mul(v, dot)), inner[0], *where, i, c)]

        return loop(below, m, [x], row)

    return loop(first, n, [target], column)[0]


def householder_product(vectors: Any, factors: Any) -> list[Any]:
    """The first n columns of the product of reflections (…, m, n) with factors (…, k)."""
    *batch, m, n = dims(vectors)
    k = dims(factors)[-1]
    element = vectors.type.element_type
    last = arith.SubIOp(as_value(k), index(1)).result

    def matrix(where: list[Any], values: list[Any]) -> Sequence[Any]:
        one = field.number(1, element)
        unit = loop(0, minimum(m, n), values, lambda i, xs: [put(one, xs[0], *where, i, i)])

        def apply(step: Any, inner: list[Any]) -> Sequence[Any]:
            j = arith.SubIOp(last, step).result
            return [_reflect(vectors, inner[0], where, (j, j), j, (m, n), at(factors, *where, j))]

        return loop(0, k, unit, apply)

    return kernel(batch, [fill(field.zero(element), [*batch, m, n])], matrix)


def lu(operand: Any, first: int) -> list[Any]:
    """L below U, the row that each row was exchanged with, counted from `first`, and the permutation of (…, m, n)."""
    *batch, m, n = dims(operand)
    element, i32 = operand.type.element_type, ir.IntegerType.get_signless(32)
    k = minimum(m, n)

    def step(where: Sequence[Any], j: Any, values: list[Any]) -> Sequence[Any]:
        a, pivots, order = values
        size = square(at(a, *where, j, j))

        def best(i: Any, found: list[Any]) -> Sequence[Any]:
            here = square(at(a, *where, i, j))
            larger = arith.CmpFOp(_OGT, here, found[0]).result
            return [arith.SelectOp(larger, here, found[0]).result, arith.SelectOp(larger, i, found[1]).result]

        p = loop(after(j), m, [size, j], best)[1]
        number = arith.AddIOp(arith.IndexCastOp(i32, p).result, constant(first, i32)).result
        pivots = put(number, pivots, *where, j)
        order = exchange(order, [*where, j], [*where, p])
        a = loop(0, n, [a], lambda c, xs: [exchange(xs[0], [*where, j, c], [*where, p, c])])[0]
        pivot = at(a, *where, j, j)
        zero = arith.CmpFOp(_UEQ, square(pivot), square(field.zero(element))).result

        def row(i: Any, xs: list[Any]) -> Sequence[Any]:
            old = at(xs[0], *where, i, j)
            factor = arith.SelectOp(zero, old, field.div(old, pivot)).result
            x = put(factor, xs[0], *where, i, j)

            def entry(c: Any, inner: list[Any]) -> Sequence[Any]:
                rest = field.sub(at(inner[0], *where, i, c), field.mul(factor, at(inner[0], *where, j, c)))
                return [put(rest, inner[0], *where, i, c)]

            return loop(after(j), n, [x], entry)

        return [loop(after(j), m, [a], row)[0], pivots, order]

    def matrix(where: list[Any], values: list[Any]) -> Sequence[Any]:
        a, pivots, order = values
        order = loop(0, m, [order], lambda i, xs: [put(arith.IndexCastOp(i32, i).result, xs[0], *where, i)])[0]
        return loop(0, k, [a, pivots, order], lambda j, inner: step(where, j, inner))

    return kernel(batch, [operand, empty([*batch, k], i32), empty([*batch, m], i32)], matrix)


def exchange(value: Any, a: Sequence[Any], b: Sequence[Any]) -> Any:
    """`value` with two elements exchanged."""
    x, y = at(value, *a), at(value, *b)
    return put(x, put(y, value, *a), *b)
