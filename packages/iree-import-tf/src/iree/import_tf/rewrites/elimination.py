"""Solving, inverses and determinants by Gauss-Jordan elimination with partial pivoting (Golub and Van Loan, Matrix
Computations, 3.4), LU decompositions and Cholesky's, as loops over whole batches of matrices of any size.

TensorFlow's lowering of the first two goes through a QR decomposition, and it has none of determinants.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from iree.dialects.mlir import ir
from iree.import_tf import hlo, loops
from iree.import_tf.rewrites.kept import Kept


def _zero(kind: Any) -> Any:
    return hlo.filled(0, hlo.tensor([], kind))


def _full(value: float, like: Any) -> Any:
    return hlo.spread(hlo.filled(value, hlo.tensor([], hlo.element(like))), loops.sizes_of(like))


def _binary(kind: str, left: Any, right: Any) -> Any:
    return hlo.op(kind, [left, right], left.type)


def _select(mask: Any, yes: Any, no: Any) -> Any:
    return hlo.op("select", [mask, yes, no], yes.type)


def _numbers(like: Any, axis: int) -> Any:
    """Positions along `axis` in the shape of `like`."""
    return loops.iota(loops.sizes_of(like), axis)


def _is(numbers: Any, index: Any, direction: str = "EQ") -> Any:
    return hlo.compare(direction, numbers, hlo.spread(index, loops.sizes_of(numbers)))


def _along(vector: Any, axis: int, like: Any) -> Any:
    """A vector (…, n) in the shape (…, n, m) or (…, m, n) of `like`, its last dimension at `axis`."""
    batch = len(hlo.shape(like)) - 2
    return hlo.broadcast(vector, loops.sizes_of(like), [*range(batch), axis])


def _scalar(value: Any, like: Any) -> Any:
    """One number (…) for each matrix in the shape of `like`."""
    return hlo.broadcast(value, loops.sizes_of(like), range(len(hlo.shape(value))))


def _picked(matrix: Any, axis: int, mask: Any) -> Any:
    """The row or column of each matrix that `mask`, in the matrix's shape, leaves over: (…, n)."""
    return hlo.reduce("add", _select(mask, matrix, _full(0, matrix)), _zero(hlo.element(matrix)), [axis])


def _row_above(matrix: Any) -> tuple[int, int]:
    rank = len(hlo.shape(matrix))
    return rank - 2, rank - 1


def _pivot(matrix: Any, at_column: Any, k: Any) -> Any:
    """The row (…) of the largest number in column k (where `at_column` holds), of those from row k on."""
    rows, columns = _row_above(matrix)
    kind = _real(hlo.element(matrix))
    count = loops.sizes_of(matrix)[rows]
    column = _picked(matrix, columns, at_column)  # (…, n)
    size = hlo.op("abs", [column], hlo.tensor(hlo.shape(column), kind))
    places = _numbers(column, rows)
    size = _select(_is(places, k, "GE"), size, _full(-1, size))
    largest = hlo.reduce("maximum", size, hlo.filled(-1, hlo.tensor([], kind)), [rows])
    hit = hlo.compare("EQ", size, hlo.broadcast(largest, loops.sizes_of(size), range(rows)))
    none = hlo.spread(hlo.size_value(count), loops.sizes_of(places))
    return hlo.reduce("minimum", _select(hit, places, none), hlo.size_value(count), [rows])


def _eliminated(matrix: Any, *, singular: bool) -> tuple[Any, list[Any]]:
    """Gauss-Jordan elimination of the first n columns of (…, n, m).

    Returns:
        The rest, multiplied by the inverse of the first square (with `singular`, pivots of zero do no harm); and the
        square's determinant, its sign and the logarithm of its size, each (…), of real matrices.
    """
    rows, columns = _row_above(matrix)
    kind = hlo.element(matrix)
    count = loops.sizes_of(matrix)[rows]
    batch = loops.sizes_of(matrix)[:-2]
    ones = hlo.spread(hlo.filled(1, hlo.tensor([], kind)), batch)

    def step(k: Any, state: Sequence[Any]) -> list[Any]:
        matrix, *determinant = state
        at_column = _is(_numbers(matrix, columns), k)
        first = _pivot(matrix, at_column, k)
        is_pivot = hlo.compare("EQ", _numbers(matrix, rows), _scalar(first, matrix))
        is_k = _is(_numbers(matrix, rows), k)
        pivot_row = _picked(matrix, rows, is_pivot)  # (…, m)
        old_row = _picked(matrix, rows, is_k)
        swapped = _select(is_pivot, _along(old_row, columns, matrix), matrix)
        pivot = _picked(pivot_row, rows, _is(_numbers(pivot_row, rows), k))  # (…)
        moved = hlo.compare("NE", first, hlo.spread(k, batch))
        signed = _select(moved, hlo.op("negate", [pivot], pivot.type), pivot)
        divisor = _select(hlo.compare("EQ", pivot, _full(0, pivot)), ones, pivot) if singular else pivot
        scaled = _binary("divide", pivot_row, hlo.broadcast(divisor, loops.sizes_of(pivot_row), range(rows)))
        factors = _picked(swapped, columns, at_column)
        update = _binary("multiply", _along(factors, rows, matrix), _along(scaled, columns, matrix))
        result = _select(is_k, _along(scaled, columns, matrix), _binary("subtract", swapped, update))
        if not determinant:
            return [result]
        product, sign, logarithm = determinant
        size = hlo.op("log", [hlo.op("abs", [signed], signed.type)], signed.type)
        return [
            result,
            _binary("multiply", product, signed),
            _binary("multiply", sign, hlo.op("sign", [signed], signed.type)),
            _binary("add", logarithm, size),
        ]

    counted = [ones, ones, _full(0, ones)] if singular else []
    matrix, *determinant = loops.counted(count, [matrix, *counted], step)
    return matrix, determinant


def _real(kind: Any) -> Any:
    return kind.element_type if isinstance(kind, ir.ComplexType) else kind


def _identity(like: Any) -> Any:
    rows, columns = _row_above(like)
    same = hlo.compare("EQ", _numbers(like, rows), _numbers(like, columns))
    return hlo.op("convert", [same], like.type)


def _adjoint(matrix: Any) -> Any:
    rows, columns = _row_above(matrix)
    order = [*range(rows), columns, rows]
    shape = hlo.shape(matrix)
    turned = hlo.op(
        "transpose", [matrix], hlo.tensor([shape[i] for i in order], hlo.element(matrix)), permutation=hlo.array(order)
    )
    if not isinstance(hlo.element(matrix), ir.ComplexType):
        return turned
    real = hlo.tensor(hlo.shape(turned), _real(hlo.element(matrix)))
    imaginary = hlo.op("negate", [hlo.op("imag", [turned], real)], real)
    return hlo.op("complex", [hlo.op("real", [turned], real), imaginary], turned.type)


def _solved(matrix: Any, right: Any) -> Any:
    rows, columns = _row_above(matrix)
    count = loops.sizes_of(matrix)[rows]
    result, _ = _eliminated(_joined([matrix, right], 1), singular=False)
    sizes = loops.sizes_of(result)
    starts: list[hlo.Size] = [0] * len(sizes)
    starts[columns] = count
    return hlo.slice_between(result, starts, sizes)


def lu(op: Any) -> list[Any]:
    """``tf.Lu``: both factors in one matrix, and which row of the matrix each row comes from."""
    matrix = op.operands[0]
    rows, columns = _row_above(matrix)
    count = loops.sizes_of(matrix)[rows]
    order = loops.iota(loops.sizes_of(matrix)[:-1], rows)

    def step(k: Any, state: Sequence[Any]) -> list[Any]:
        matrix, order = state
        at_column, at_row = _is(_numbers(matrix, columns), k), _is(_numbers(matrix, rows), k)
        first = _pivot(matrix, at_column, k)
        is_pivot = hlo.compare("EQ", _numbers(matrix, rows), _scalar(first, matrix))
        upper = _along(_picked(matrix, rows, is_pivot), columns, matrix)
        matrix = _select(is_pivot, _along(_picked(matrix, rows, at_row), columns, matrix), matrix)
        matrix = _select(at_row, upper, matrix)
        pivot = _picked(_picked(matrix, rows, at_row), rows, _is(_numbers(order, rows), k))
        factors = _binary("divide", _along(_picked(matrix, columns, at_column), rows, matrix), _scalar(pivot, matrix))
        less = _binary("subtract", matrix, _binary("multiply", factors, upper))
        inner = _select(at_column, factors, _select(_is(_numbers(matrix, columns), k, "GT"), less, matrix))
        matrix = _select(_is(_numbers(matrix, rows), k, "GT"), inner, matrix)
        here, there = _is(_numbers(order, rows), k), hlo.compare("EQ", _numbers(order, rows), _scalar(first, order))
        moved = _select(there, _scalar(_picked(order, rows, here), order), order)
        return [matrix, _select(here, _scalar(_picked(order, rows, there), order), moved)]

    factors, order = loops.counted(count, [matrix, order], step)
    return [hlo.cast(factors, op.results[0].type), hlo.convert(order, op.results[1].type)]


def cholesky(op: Any) -> list[Any]:
    """``tf.Cholesky``: the lower factor, zero above the diagonal."""
    matrix = op.operands[0]
    rows, columns = _row_above(matrix)
    factor = hlo.op("cholesky", [matrix], matrix.type, lower="true")
    below = hlo.compare("GE", _numbers(matrix, rows), _numbers(matrix, columns))
    return [hlo.cast(_select(below, factor, _full(0, factor)), op.result.type)]


def triangular_solve(op: Any) -> list[Any]:
    """``tf.MatrixTriangularSolve`` of matrices and right sides with the same batch."""
    matrix, right = op.operands
    turned = "ADJOINT" if op.attributes["adjoint"].value else "NO_TRANSPOSE"
    solved = hlo.op(
        "triangular_solve", [matrix, right], right.type, left_side="true", unit_diagonal="false",
        lower="true" if op.attributes["lower"].value else "false", transpose_a=f"#stablehlo<transpose {turned}>",
    )  # fmt: skip
    return [hlo.cast(solved, op.result.type)]


def solve(op: Any) -> list[Any]:
    """``tf.MatrixSolve``."""
    matrix, right = op.operands
    matrix = _adjoint(matrix) if op.attributes["adjoint"].value else matrix
    return [hlo.cast(_solved(matrix, right), op.result.type)]


def inverse(op: Any) -> list[Any]:
    """``tf.MatrixInverse``."""
    matrix = op.operands[0]
    matrix = _adjoint(matrix) if op.attributes["adjoint"].value else matrix
    return [hlo.cast(_solved(matrix, _identity(matrix)), op.result.type)]


def determinant(op: Any) -> list[Any]:
    """``tf.MatrixDeterminant``."""
    _, (product, _, _) = _eliminated(op.operands[0], singular=True)
    return [hlo.cast(product, op.result.type)]


def log_determinant(op: Any) -> list[Any]:
    """``tf.LogMatrixDeterminant``: the sign and the logarithm of the absolute value."""
    _, (_, *parts) = _eliminated(op.operands[0], singular=True)
    return [hlo.cast(part, result.type) for part, result in zip(parts, op.results, strict=True)]


def least_squares(op: Any) -> list[Any]:
    """``tf.MatrixSolveLs`` of full rank without regularization: of (m, n) matrices A the solution x of [I A; A^H 0]
    [r; x] = [b; 0], where r is the residual, or for m < n the shortest one, of [I A^H; A 0] [x; y] = [0; b].

    Its condition is not squared, as that of the normal equations is (Björck, Numerical Methods for Least Squares
    Problems, 2.3.2). Matrices of lower rank give infinities or NaNs.
    """
    matrix, right, _ = op.operands
    rows, columns = hlo.shape(matrix)[-2:]
    assert rows is not None and columns is not None
    batch = loops.sizes_of(matrix)[:-2]
    adjoint = _adjoint(matrix)
    upper, lower = (adjoint, matrix) if rows < columns else (matrix, adjoint)
    longer, shorter = max(rows, columns), min(rows, columns)
    zero = _zero(hlo.element(matrix))
    corner = hlo.spread(zero, [*batch, shorter, shorter])
    identity = _identity(hlo.spread(zero, [*batch, longer, longer]))
    system = _joined([_joined([identity, upper], 1), _joined([lower, corner], 1)], 2)
    *_, width = loops.sizes_of(right)
    none = hlo.spread(zero, [*batch, longer + shorter - rows, width])
    parts = [none, right] if rows < columns else [right, none]
    solved = _solved(system, _joined(parts, 2))
    start = 0 if rows < columns else rows
    starts: list[hlo.Size] = [*[0] * len(batch), start, 0]
    return [hlo.cast(hlo.slice_between(solved, starts, [*batch, start + columns, width]), op.result.type)]


def _joined(parts: Sequence[Any], back: int) -> Any:
    """Concatenated along dimension `back` from the end."""
    shape = hlo.shape(parts[0])
    axis = len(shape) - back
    sizes = [hlo.shape(part)[axis] for part in parts]
    shape[axis] = None if None in sizes else sum(size for size in sizes if size is not None)
    return hlo.op("concatenate", parts, hlo.tensor(shape, hlo.element(parts[0])), dimension=f"{axis} : i64")


def tridiagonal_solve(op: Any) -> list[Any]:
    """``tf.TridiagonalSolve``: the diagonals (…, 3, n) are those above, in and below the middle."""
    diagonals, right = op.operands
    *batch, _, count = loops.sizes_of(diagonals)
    rank = len(batch)
    sizes = [*batch, count, count]
    row, column = loops.iota(sizes, rank), loops.iota(sizes, rank + 1)
    offset = _binary("subtract", column, row)
    matrix = _full(0, hlo.spread(_zero(hlo.element(diagonals)), sizes))
    for i, place in enumerate((1, 0, -1)):
        starts: list[hlo.Size] = [*[0] * rank, i, 0]
        band = hlo.reshape(hlo.slice_between(diagonals, starts, [*batch, i + 1, count]), [*batch, count])
        here = hlo.compare("EQ", offset, hlo.spread(hlo.size_value(place), sizes))
        matrix = _select(here, hlo.broadcast(band, sizes, [*range(rank), rank]), matrix)
    return [hlo.cast(_solved(matrix, right), op.result.type)]


def _has_elements(op: Any) -> bool:
    return 0 not in hlo.shape(op.operands[0])[-2:]


def _has_known_size(op: Any) -> bool:
    return _has_elements(op) and None not in hlo.shape(op.operands[0])[-2:]


def _has_open_size(op: Any) -> bool:
    return None in hlo.shape(op.operands[0])[-2:]


def _is_open_triangle(op: Any) -> bool:
    matrix, right = (hlo.shape(operand) for operand in op.operands)
    return None in matrix[-2:] and len(matrix) == len(right) and 1 not in (*matrix[:-2], *right[:-2])


def _is_real(op: Any) -> bool:
    return _has_elements(op) and not isinstance(hlo.element(op.operands[0]), ir.ComplexType)


KEPT = {
    "tf.Cholesky": Kept(cholesky, (), _has_open_size),
    "tf.Lu": Kept(lu),
    "tf.MatrixTriangularSolve": Kept(triangular_solve, ("lower", "adjoint"), _is_open_triangle),
    "tf.MatrixSolve": Kept(solve, ("adjoint",), _has_elements),
    "tf.TridiagonalSolve": Kept(tridiagonal_solve, (), lambda op: hlo.shape(op.operands[0])[-1] is not None),
    "tf.MatrixSolveLs": Kept(least_squares, (), lambda op: _has_known_size(op) and not op.attributes["fast"].value),
    "tf.MatrixInverse": Kept(inverse, ("adjoint",), _has_elements),
    "tf.MatrixDeterminant": Kept(determinant, (), _is_real),
    "tf.LogMatrixDeterminant": Kept(log_determinant, (), _is_real),
}
