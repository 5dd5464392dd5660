"""Lists that are made without loops or branches, of elements that need not have one shape: each element is followed
from where it is written to where it is read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from iree.dialects.mlir import ir
from iree.import_tf import hlo, loops
from iree.import_tf.rewrites import Table
from iree.import_tf.rewrites.kept import PREFIX

_Element = Callable[[], Any]
"""Makes an element at the current insertion point."""


def _elements(handle: Any) -> list[_Element | None] | None:
    """The elements of a list, None for those that nobody wrote; None if they are not known one by one."""
    owner = handle.owner
    if isinstance(owner, ir.Block):
        return None
    operands = list(owner.operands)
    match owner.name.removeprefix(PREFIX):
        case "TensorListReserve":
            count = hlo.known_elements(operands[1])
            return None if count is None else [None] * int(count[0])
        case "EmptyTensorList":
            return []
        case "TensorListSetItem":
            found, index = _elements(operands[0]), hlo.known_elements(operands[1])
            if found is None or index is None or int(index[0]) < 0:
                return None
            found += [None] * (int(index[0]) + 1 - len(found))
            found[int(index[0])] = lambda: operands[2]
            return found
        case "TensorListPushBack":
            found = _elements(operands[0])
            return None if found is None else [*found, lambda: operands[1]]
        case "TensorListSplit":
            lengths = hlo.known_elements(operands[2])
            if lengths is None:
                return None
            ends = [int(lengths[: i + 1].sum()) for i in range(len(lengths))]
            return [_rows(operands[0], end - int(n), end) for n, end in zip(lengths, ends, strict=True)]
        case _:
            return None


def _rows(value: Any, start: int, end: int) -> _Element:
    def make() -> Any:
        return hlo.slice_between(value, [start, *[0] * (len(hlo.shape(value)) - 1)], [end, *loops.sizes_of(value)[1:]])

    return make


def _uneven(handle: Any) -> list[_Element] | None:
    """The elements of a list whose type does not tell their sizes, if all of them are known."""
    if None not in hlo.shape(handle)[1:]:
        return None
    found = _elements(handle)
    return None if found is None or None in found else [element for element in found if element is not None]


def get_item(op: Any) -> list[Any] | None:
    """``TensorListGetItem``."""
    found, index = _uneven(op.operands[0]), hlo.known_elements(op.operands[1])
    if found is None or index is None or not 0 <= int(index[0]) < len(found):
        return None
    return [_typed(found[int(index[0])](), op.result.type)]


def concat(op: Any) -> list[Any] | None:
    """``TensorListConcatV2``."""
    found = _uneven(op.operands[0])
    if not found:
        return None
    parts = [element() for element in found]
    rest = hlo.shape(parts[0])[1:]
    known = [hlo.shape(part)[0] for part in parts]
    total = None if None in known else sum(size or 0 for size in known)
    joined = hlo.op("concatenate", parts, hlo.tensor([total, *rest], hlo.element(parts[0])), dimension="0 : i64")
    lengths = hlo.vector([loops.sizes_of(part)[0] for part in parts])
    return [_typed(joined, op.results[0].type), hlo.convert(lengths, op.results[1].type)]


def _typed(value: Any, wanted: Any) -> Any:
    return hlo.cast(value, wanted) if isinstance(wanted, ir.RankedTensorType) else value


def length(op: Any) -> list[Any] | None:
    """``TensorListLength``."""
    found = _elements(op.operands[0])
    return None if found is None else [hlo.size_value(len(found))]


def unused(op: Any) -> list[Any] | None:
    """A write or ``TensorListSplit`` of a list that nobody reads any more."""
    if any(True for _ in op.result.uses):
        return None
    if not op.name.endswith("Split"):
        return [op.operands[0]]
    sizes = [0 if size is None else size for size in hlo.shape(op.result)]
    return [hlo.cast(hlo.filled(0, hlo.tensor(sizes, hlo.element(op.result))), op.result.type)]


READ: Table = {
    PREFIX + "TensorListGetItem": get_item,
    PREFIX + "TensorListConcatV2": concat,
    PREFIX + "TensorListLength": length,
}
"""Before lists become tensors."""
REST: Table = {PREFIX + f"TensorList{name}": unused for name in ("Split", "SetItem", "PushBack")}
"""After `READ`, until none is left: what was written last goes first."""
