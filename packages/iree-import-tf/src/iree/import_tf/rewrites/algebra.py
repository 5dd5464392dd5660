"""Determinants, by Gaussian elimination with partial pivoting (Golub and Van Loan, Matrix Computations, 3.4)."""

from __future__ import annotations

from typing import Any

import numpy as np
from iree.import_tf import hlo
from iree.import_tf.rewrites.kept import Kept

_LARGEST = 64
"""The elimination is unrolled."""


def _eliminated(matrix: Any) -> tuple[Any, Any]:
    """The pivots (…, n) and the permutation's sign (…) of a static matrix (…, n, n)."""
    *batch, count, _ = hlo.shape(matrix)
    kind = hlo.element(matrix)
    rank = len(batch)
    sign = hlo.filled(1, hlo.tensor(batch, kind))
    rows = hlo.constant(np.arange(count, dtype=np.int32))  # type: ignore[arg-type]
    pivots = []
    axes = list(range(rank))
    for k in range(count or 0):
        column = hlo.part(matrix, rank + 1, k)  # (…, n)
        usable = hlo.broadcast(hlo.compare("GE", rows, hlo.spread(hlo.size_value(k), [count])), [*batch, count], [rank])
        size = hlo.op(
            "select", [usable, hlo.op("abs", [column], column.type), hlo.filled(-1, column.type)], column.type
        )
        largest = hlo.reduce("maximum", size, hlo.filled(-1, hlo.tensor([], kind)), [rank])
        is_largest = hlo.compare("EQ", size, hlo.broadcast(largest, [*batch, count], axes))
        numbered = hlo.broadcast(rows, [*batch, count], [rank])
        none = hlo.filled(count or 0, numbered.type)
        places = hlo.op("select", [is_largest, numbered, none], numbered.type)
        place = hlo.reduce("minimum", places, hlo.filled(count or 0, hlo.tensor([], hlo.i32())), [rank])  # (…)
        chosen = hlo.compare("EQ", numbered, hlo.broadcast(place, [*batch, count], axes))  # (…, n)
        mask = hlo.op("convert", [chosen], column.type)
        row = _row_of(matrix, mask)  # (…, n): the pivot row
        old = hlo.part(matrix, rank, k)
        swapped = hlo.op(
            "select",
            [hlo.broadcast(chosen, [*batch, count, count], [*axes, rank]), _as_rows(old, batch, count), matrix],
            matrix.type,
        )
        pivot = hlo.part(row, rank, k)  # (…)
        moved = hlo.compare("NE", place, hlo.filled(k, place.type))
        sign = hlo.op("select", [moved, hlo.op("negate", [sign], sign.type), sign], sign.type)
        pivots.append(hlo.broadcast(pivot, [*batch, 1], axes))
        safe = hlo.op(
            "select",
            [hlo.compare("EQ", pivot, hlo.filled(0, pivot.type)), hlo.filled(1, pivot.type), pivot],
            pivot.type,
        )
        factors = hlo.op(
            "divide", [hlo.part(swapped, rank + 1, k), hlo.broadcast(safe, [*batch, count], axes)], column.type
        )
        update = hlo.op(
            "multiply",
            [hlo.broadcast(factors, [*batch, count, count], [*axes, rank]), _as_rows(row, batch, count)],
            matrix.type,
        )
        matrix = hlo.op("subtract", [swapped, update], matrix.type)
    diagonal = hlo.op("concatenate", pivots, hlo.tensor([*batch, count], kind), dimension=f"{rank} : i64")
    return diagonal, sign


def _as_rows(row: Any, batch: list[Any], count: Any) -> Any:
    return hlo.broadcast(row, [*batch, count, count], [*range(len(batch)), len(batch) + 1])


def _row_of(matrix: Any, mask: Any) -> Any:
    """The row that a mask of one one and zeros picks."""
    *batch, count, _ = hlo.shape(matrix)
    wide = hlo.broadcast(mask, [*batch, count, count], [*range(len(batch)), len(batch)])
    picked = hlo.op("multiply", [matrix, wide], matrix.type)
    return hlo.reduce("add", picked, hlo.filled(0, hlo.tensor([], hlo.element(matrix))), [len(batch)])


def determinant(op: Any) -> list[Any]:
    """``tf.MatrixDeterminant``."""
    pivots, sign = _eliminated(op.operands[0])
    one = hlo.filled(1, hlo.tensor([], hlo.element(pivots)))
    product = hlo.reduce("multiply", pivots, one, [len(hlo.shape(pivots)) - 1])
    return [hlo.op("multiply", [product, sign], op.result.type)]


def log_determinant(op: Any) -> list[Any]:
    """``tf.LogMatrixDeterminant``: sign and logarithm of the magnitude."""
    pivots, sign = _eliminated(op.operands[0])
    last = len(hlo.shape(pivots)) - 1
    kind = hlo.element(pivots)
    signs = hlo.reduce("multiply", hlo.op("sign", [pivots], pivots.type), hlo.filled(1, hlo.tensor([], kind)), [last])
    logs = hlo.op("log", [hlo.op("abs", [pivots], pivots.type)], pivots.type)
    total = hlo.reduce("add", logs, hlo.filled(0, hlo.tensor([], kind)), [last])
    return [hlo.op("multiply", [signs, sign], op.results[0].type), total]


def _is_small(op: Any) -> bool:
    sizes = hlo.shape(op.operands[0])
    return None not in sizes and 0 < (sizes[-1] or 0) <= _LARGEST and "complex" not in str(hlo.element(op.operands[0]))


KEPT = {
    "tf.MatrixDeterminant": Kept(determinant, (), _is_small),
    "tf.LogMatrixDeterminant": Kept(log_determinant, (), _is_small),
}
