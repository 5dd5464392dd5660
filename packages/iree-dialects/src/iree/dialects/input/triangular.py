"""cholesky and triangular_solve: loops in which the innermost one is a dot product of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from iree.dialects.input import field
from iree.dialects.input.build import as_value, dims, empty, fill, index
from iree.dialects.input.loops import kernel, loop
from iree.dialects.input.rules import Rule
from iree.dialects.mlir import arith, stablehlo, tensor


def _at(value: Any, where: Sequence[Any]) -> Any:
    return tensor.ExtractOp(value, list(where)).result


def _put(number: Any, value: Any, where: Sequence[Any]) -> Any:
    return tensor.InsertOp(number, value, list(where)).result


def cholesky(op: Any) -> list[Any]:
    """`stablehlo.cholesky`, a column after the other, each taken from all to the right of it as soon as it is known.

    The upper factor's rows are the lower one's columns. Innermost loops run along rows of memory, so that they
    vectorize. The other triangle of the result is zero.
    """
    operand = op.operands[0]
    lower = "lower" in op.attributes and op.attributes["lower"].value
    *batch, n, _ = dims(operand)
    element = operand.type.element_type
    end = as_value(n)

    def matrix(where: list[Any], values: list[Any]) -> Sequence[Any]:
        def place(i: Any, j: Any) -> list[Any]:
            """Where the lower factor's entry is."""
            return [*where, i, j] if lower else [*where, j, i]

        def copy(outer: Any, inner: Any, results: list[Any]) -> Sequence[Any]:
            at = [*where, outer, inner]
            return [_put(_at(operand, at), results[0], at)]

        def triangle(i: Any, results: list[Any]) -> Sequence[Any]:
            start, stop = (index(0), _next(i)) if lower else (i, end)
            return loop(start, stop, results, lambda k, inner: copy(i, k, inner))

        def column(j: Any, carried: list[Any]) -> Sequence[Any]:
            result, saved = carried
            root = field.sqrt_of_real(_at(result, place(j, j)))
            result = _put(root, result, place(j, j))

            def divide(i: Any, inner: list[Any]) -> Sequence[Any]:
                entry = field.div(_at(inner[0], place(i, j)), root)
                return [_put(entry, inner[0], place(i, j)), _put(entry, inner[1], [i])]

            result, saved = loop(_next(j), end, [result, saved], divide)

            def take(i: Any, k: Any, inner: list[Any]) -> Sequence[Any]:
                product = field.mul(_at(saved, [i]), field.conjugate(_at(saved, [k])))
                return [_put(field.sub(_at(inner[0], place(i, k)), product), inner[0], place(i, k))]

            def line(outer: Any, results: list[Any]) -> Sequence[Any]:
                if lower:
                    return loop(_next(j), _next(outer), results, lambda k, inner: take(outer, k, inner))
                return loop(outer, end, results, lambda i, inner: take(i, outer, inner))

            return [loop(_next(j), end, [result], line)[0], saved]

        return loop(0, end, [loop(0, end, values, triangle)[0], empty([n], element)], column)[:1]

    return kernel(batch, [fill(field.zero(element), dims(operand))], matrix)


def _next(i: Any) -> Any:
    return arith.AddIOp(i, index(1)).result


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
