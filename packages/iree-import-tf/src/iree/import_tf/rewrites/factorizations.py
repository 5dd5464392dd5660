"""Eigenvalues and QR of matrices in batches of open size, as the calls that TensorFlow makes of static ones.

The compiler knows these calls by the names that XLA gives them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from iree.dialects.mlir import ir
from iree.import_tf import hlo, loops
from iree.import_tf.rewrites.kept import Kept


def _call(name: str, operands: Sequence[Any], types: Sequence[Any], options: str = "") -> list[Any]:
    made = hlo.create(
        "stablehlo.custom_call", operands, types,
        call_target_name=ir.StringAttr.get(name), backend_config=ir.StringAttr.get(options),
    )  # fmt: skip
    return list(made.results)


def _like(value: Any, *last: int | None) -> Any:
    """The type of `value` with other last dimensions."""
    return hlo.tensor([*hlo.shape(value)[:-2], *last], hlo.element(value))


def self_adjoint_eig(op: Any) -> list[Any]:
    """``tf.SelfAdjointEigV2``: of the lower triangle."""
    matrix = op.operands[0]
    count = hlo.shape(matrix)[-1]
    kind = hlo.element(matrix)
    real = kind.element_type if isinstance(kind, ir.ComplexType) else kind
    values_type = hlo.tensor([*hlo.shape(matrix)[:-2], count], real)
    vectors, values = _call("Eigh", [matrix], [matrix.type, values_type], "1")
    sizes = loops.sizes_of(matrix)
    values = hlo.convert(hlo.reshape(values, sizes[:-1]), hlo.tensor(hlo.shape(op.results[0]), kind))
    if op.attributes["compute_v"].value:
        return [values, hlo.cast(hlo.reshape(vectors, sizes), op.results[1].type)]
    empty = hlo.filled(0, hlo.tensor([0] * len(hlo.shape(op.results[1])), kind))
    return [values, hlo.cast(empty, op.results[1].type)]


def qr(op: Any) -> list[Any]:
    """``tf.Qr``: R is what is above the diagonal of the packed factors, Q the product of the reflections below it."""
    matrix = op.operands[0]
    *batch, rows, columns = loops.sizes_of(matrix)
    least = min(rows, columns)
    axis = len(batch)
    taus_type = hlo.tensor([*hlo.shape(matrix)[:-2], least], hlo.element(matrix))
    packed, taus = _call("Qr", [matrix], [matrix.type, taus_type])
    packed = hlo.reshape(packed, [*batch, rows, columns])
    wide = rows if op.attributes["full_matrices"].value else least
    zero = hlo.filled(0, hlo.tensor([], hlo.element(matrix)))
    if wide > columns:
        parts = [packed, hlo.spread(zero, [*batch, rows, wide - columns])]
        reflections = hlo.op("concatenate", parts, _like(matrix, rows, wide), dimension=f"{axis + 1} : i64")
    else:
        reflections = hlo.slice_between(packed, [0] * (axis + 2), [*batch, rows, wide])
    (q,) = _call("ProductOfElementaryHouseholderReflectors", [reflections, taus], [_like(matrix, rows, wide)])
    top = hlo.slice_between(packed, [0] * (axis + 2), [*batch, wide, columns])
    sizes = [*batch, wide, columns]
    above = hlo.compare("GE", loops.iota(sizes, axis + 1), loops.iota(sizes, axis))
    r = hlo.op("select", [above, hlo.cast(top, _like(matrix, wide, columns)), hlo.spread(zero, sizes)], top.type)
    return [hlo.cast(hlo.reshape(q, [*batch, rows, wide]), op.results[0].type), hlo.cast(r, op.results[1].type)]


def _has_open_batch(op: Any) -> bool:
    *batch, rows, columns = hlo.shape(op.operands[0])
    return None in batch and rows is not None and columns is not None


KEPT = {
    "tf.SelfAdjointEigV2": Kept(self_adjoint_eig, ("compute_v",), _has_open_batch),
    "tf.Qr": Kept(qr, ("full_matrices",), _has_open_batch),
}
