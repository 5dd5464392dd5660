"""TensorFlow operations that are lowered here although TensorFlow could: its lowering is wrong, fails, or hides sizes.

`keep` renames them before TensorFlow legalizes the rest; it passes over names that it does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from iree.dialects.mlir import ir
from iree.import_tf import hlo
from iree.import_tf.rewrites import Table

PREFIX = "tf.Iree"


def keep(module: Any) -> None:
    """Renames the operations that `TABLE` lowers."""
    found: list[Any] = []

    def visit(op: Any) -> Any:
        wanted = _WANTED.get(op.name)
        if wanted is not None and wanted(op):
            found.append(op)
        return ir.WalkResult.ADVANCE

    module.operation.walk(visit)
    for op in found:
        with op.location, ir.InsertionPoint(op):
            kept = ir.Operation.create(
                PREFIX + op.name.removeprefix("tf."),
                results=[result.type for result in op.results],
                operands=list(op.operands),
                attributes={name: op.attributes[name] for name in _ATTRIBUTES.get(op.name, ())},
            )
        for old, new in zip(op.results, kept.results, strict=True):
            old.replace_all_uses_with(new)
        op.operation.erase()


def _is_open_integer(op: Any) -> bool:
    return isinstance(hlo.element(op.result), ir.IntegerType) and hlo.shape(op.result) == [None]


def range_(op: Any) -> list[Any]:
    """``tf.Range`` of integers: TensorFlow computes its length in floating point."""
    start, limit, delta = map(_size, op.operands)
    distance = hlo.arithmetic("subtract", limit, start)
    if delta == 1:
        count = hlo.arithmetic("maximum", distance, 0)
    else:  # rounded up; the sign of delta says which way
        sign = hlo.choose("LT", delta, 0, -1, 1)
        rounded = hlo.arithmetic("subtract", hlo.arithmetic("add", distance, delta), sign)
        count = hlo.arithmetic("maximum", hlo.arithmetic("divide", rounded, delta), 0)
    type_ = hlo.tensor([None], hlo.i32())
    values = hlo.op("dynamic_iota", [hlo.vector([count])], type_, iota_dimension="0 : i64")
    if delta != 1:
        values = hlo.op("multiply", [values, hlo.broadcast(hlo.size_value(delta), [count], [])], type_)
    if start != 0:
        values = hlo.op("add", [values, hlo.broadcast(hlo.size_value(start), [count], [])], type_)
    return [hlo.convert(values, op.result.type)]


def _size(value: Any) -> hlo.Size:
    known = hlo.known_elements(value)
    return hlo.to_i32(value) if known is None else int(known[0])


_WANTED: Mapping[str, Callable[[Any], bool]] = {"tf.Range": _is_open_integer}
_ATTRIBUTES: Mapping[str, tuple[str, ...]] = {}
TABLE: Table = {PREFIX + "Range": range_}
