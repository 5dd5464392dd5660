"""Systems of equations with three diagonals, by Gaussian elimination with exchanges of neighbouring rows.

LAPACK's gtsv: https://netlib.org/lapack/explore-html/, which gives the decomposition beside the solution.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from iree.dialects.input import field
from iree.dialects.input.build import Dim, dims, index
from iree.dialects.input.factorizations import after, at, put
from iree.dialects.input.loops import at_least, kernel, loop, when
from iree.dialects.input.sizes import subtract
from iree.dialects.mlir import arith


def solve(lower: Any, diagonal: Any, upper: Any, right: Any) -> list[Any]:
    """Solves A X = B.

    Args:
        lower: Elements below the diagonal, (…, n) of which the first counts for nothing, or (…, n - 1).
        diagonal: (…, n).
        upper: Elements above it, (…, n) of which the last counts for nothing, or (…, n - 1).
        right: B, (…, n, m).

    Returns:
        The second diagonal above that of U where `lower` was, the diagonal of U, the one above it, and X.
    """
    *batch, n, m = dims(right)
    below = 1 if dims(lower)[-1] == n else 0
    zero = field.zero(right.type.element_type)
    last = subtract(n, 1)

    def eliminate(where: Sequence[Any], k: Any, values: list[Any]) -> Sequence[Any]:
        low, diag, up, b = values
        next_ = after(k)
        place = arith.AddIOp(k, index(below)).result
        x, y = at(diag, *where, k), at(low, *where, place)
        stays = arith.CmpFOp(arith.CmpFPredicate.OGE, field.magnitude(x), field.magnitude(y)).result
        beyond = at_least(next_, _value(last))

        def plain() -> Sequence[Any]:
            nothing = arith.CmpFOp(arith.CmpFPredicate.OEQ, field.magnitude(y), field.real(zero)).result
            factor = arith.SelectOp(nothing, zero, field.div(y, x)).result
            changed = field.sub(at(diag, *where, next_), field.mul(factor, at(up, *where, k)))

            def entry(c: Any, xs: list[Any]) -> Sequence[Any]:
                rest = field.sub(at(xs[0], *where, next_, c), field.mul(factor, at(xs[0], *where, k, c)))
                return [put(rest, xs[0], *where, next_, c)]

            return [put(zero, low, *where, place), put(changed, diag, *where, next_), up, loop(0, m, [b], entry)[0]]

        def exchanged() -> Sequence[Any]:
            factor = field.div(x, y)
            old, beside = at(diag, *where, next_), at(up, *where, k)
            new_diag = put(field.sub(beside, field.mul(factor, old)), put(y, diag, *where, k), *where, next_)
            inner = arith.SelectOp(beyond, k, next_).result  # of the last pair of rows there is no more
            far = arith.SelectOp(beyond, zero, at(up, *where, inner)).result
            after_it = arith.SelectOp(beyond, beside, field.sub(zero, field.mul(factor, far))).result
            new_up = put(old, put(after_it, up, *where, inner), *where, k)

            def entry(c: Any, xs: list[Any]) -> Sequence[Any]:
                p, q = at(xs[0], *where, k, c), at(xs[0], *where, next_, c)
                first = put(q, xs[0], *where, k, c)
                return [put(field.sub(p, field.mul(factor, q)), first, *where, next_, c)]

            return [put(far, low, *where, place), new_diag, new_up, loop(0, m, [b], entry)[0]]

        return _either(stays, values, plain, exchanged)

    def substitute(where: Sequence[Any], step: Any, values: list[Any]) -> Sequence[Any]:
        low, diag, up, b = values
        k = arith.SubIOp(_value(last), step).result
        one, two = after(k), after(after(k))
        beside = arith.MinSIOp(one, _value(last)).result
        place = arith.MinSIOp(arith.AddIOp(k, index(below)).result, _value(subtract(dims(low)[-1], 1))).result
        above = arith.MinSIOp(k, _value(subtract(dims(up)[-1], 1))).result
        has_one, has_two = at_least(_value(last), one), at_least(_value(last), two)
        far = arith.MinSIOp(two, _value(last)).result

        def entry(c: Any, xs: list[Any]) -> Sequence[Any]:
            x = xs[0]
            total = at(x, *where, k, c)
            first = field.sub(total, field.mul(at(up, *where, above), at(x, *where, beside, c)))
            total = arith.SelectOp(has_one, first, total).result
            second = field.sub(total, field.mul(at(low, *where, place), at(x, *where, far, c)))
            total = arith.SelectOp(has_two, second, total).result
            return [put(field.div(total, at(diag, *where, k)), x, *where, k, c)]

        return [low, diag, up, loop(0, m, [b], entry)[0]]

    def matrix(where: list[Any], values: list[Any]) -> Sequence[Any]:
        values = loop(0, last, values, lambda k, xs: eliminate(where, k, xs))
        return loop(0, n, values, lambda k, xs: substitute(where, k, xs))

    return kernel(batch, [lower, diagonal, upper, right], matrix)


def _value(size: Dim) -> Any:
    return index(size) if isinstance(size, int) else size


def _either(condition: Any, values: Sequence[Any], then: Any, otherwise: Any) -> list[Any]:
    """The values of one or the other, of which only one is computed."""
    types = [value.type for value in values]
    first = when(condition, types, then, values)
    inverse = arith.XOrIOp(condition, arith.ConstantOp(condition.type, 1).result).result
    return when(inverse, types, otherwise, first)
