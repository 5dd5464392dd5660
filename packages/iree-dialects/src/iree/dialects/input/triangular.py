"""cholesky and triangular_solve: loops in which the innermost one is a dot product of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from iree.dialects.input import field
from iree.dialects.input.build import as_value, dims, empty, fill, index
from iree.dialects.input.loops import kernel, loop, when
from iree.dialects.input.rules import Rule
from iree.dialects.mlir import arith, stablehlo, tensor


def _at(value: Any, where: Sequence[Any]) -> Any:
    return tensor.ExtractOp(value, list(where)).result


def _put(number: Any, value: Any, where: Sequence[Any]) -> Any:
    return tensor.InsertOp(number, value, list(where)).result


def cholesky(op: Any) -> list[Any]:
    """`stablehlo.cholesky`: the Cholesky-Banachiewicz recurrence, row by row; the other triangle of the result is zero.

    The upper factor follows the same recurrence with rows and columns exchanged.
    """
    operand = op.operands[0]
    lower = "lower" in op.attributes and op.attributes["lower"].value
    *batch, n, _ = dims(operand)
    element = operand.type.element_type

    def matrix(where: list[Any], values: list[Any]) -> Sequence[Any]:
        def place(i: Any, j: Any) -> list[Any]:
            return [*where, i, j] if lower else [*where, j, i]

        def entry(i: Any, j: Any, values: list[Any]) -> Sequence[Any]:
            result = values[0]

            def dot(k: Any, sums: list[Any]) -> Sequence[Any]:
                product = field.mul(_at(result, place(i, k)), field.conjugate(_at(result, place(j, k))))
                return [field.sub(sums[0], product)]

            start = _at(operand, place(i, j))
            rest = loop(0, j, [start], dot)[0]
            diagonal = arith.CmpIOp(arith.CmpIPredicate.eq, i, j).result

            def root() -> Sequence[Any]:
                return [field.sqrt_of_real(rest)]

            # Off the diagonal: divided by the (real) diagonal entry. Dividing by it on the diagonal too is harmless
            # there.
            quotient = field.div(rest, _at(result, place(j, j)))
            return [_put(when(diagonal, [element], root, [quotient])[0], result, place(i, j))]

        def row(i: Any, values: list[Any]) -> Sequence[Any]:
            return loop(0, arith.AddIOp(i, index(1)).result, values, lambda j, inner: entry(i, j, inner))

        return loop(0, n, values, row)

    return kernel(batch, [fill(field.zero(element), dims(operand))], matrix)


def triangular_solve(op: Any) -> list[Any]:
    """`stablehlo.triangular_solve`: substitution, one unknown after the other."""
    a, b = op.operands
    left = op.attributes["left_side"].value
    lower = op.attributes["lower"].value
    unit = op.attributes["unit_diagonal"].value
    transpose = stablehlo.TransposeAttr(op.attributes["transpose_a"]).value
    flipped, conjugated = transpose != "NO_TRANSPOSE", transpose == "ADJOINT"
    *batch, rows, columns = dims(b)
    n, others = (rows, columns) if left else (columns, rows)
    # With x op(a) = b, the unknowns depend on each other as in op(a)^T x^T = b^T.
    forward = (lower != flipped) == left
    last = arith.SubIOp(as_value(n), index(1)).result

    def solve(where: list[Any], values: list[Any]) -> Sequence[Any]:
        *outer, other = where

        def coefficient(i: Any, j: Any) -> Any:
            """The factor of unknown j in equation i."""
            row, column = (i, j) if left != flipped else (j, i)
            value = _at(a, [*outer, row, column])
            return field.conjugate(value) if conjugated else value

        def place(i: Any) -> list[Any]:
            return [*outer, i, other] if left else [*outer, other, i]

        def unknown(step: Any, values: list[Any]) -> Sequence[Any]:
            x = values[0]
            i = step if forward else arith.SubIOp(last, step).result

            def eliminate(k: Any, sums: list[Any]) -> Sequence[Any]:
                j = k if forward else arith.SubIOp(last, k).result
                return [field.sub(sums[0], field.mul(coefficient(i, j), _at(x, place(j))))]

            rest = loop(0, step, [_at(b, place(i))], eliminate)[0]
            return [_put(rest if unit else field.div(rest, coefficient(i, i)), x, place(i))]

        return loop(0, n, values, unknown)

    return kernel([*batch, others], [empty(dims(b), b.type.element_type)], solve)


RULES: Mapping[str, Rule] = {"stablehlo.cholesky": cholesky, "stablehlo.triangular_solve": triangular_solve}
