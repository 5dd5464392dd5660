"""Operations on lists whose elements may differ in shape: see `iree.import_tf.uneven_lists`.

``data`` has the elements end to end, in the order of the list; a row of ``table`` has the shape of one, or -1
everywhere if nobody wrote it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from iree.dialects.mlir import ir
from iree.import_tf import asserts, hlo, loops
from iree.import_tf.rewrites import Rewrite, Table
from iree.import_tf.uneven_lists import UNEVEN, data_type

_UNWRITTEN = "an element of a TensorArray is read that was not written"
_RAGGED = "elements of a TensorArray that are concatenated differ in more than their first dimension"


def _scalar(value: Any) -> hlo.Size:
    known = hlo.known_elements(value)
    return hlo.to_i32(value) if known is None else int(known[0])


def _length(table: Any) -> hlo.Size:
    return loops.sizes_of(table)[0]


def _unwritten(count: hlo.Size, type_: Any) -> Any:
    """A table of `count` elements that nobody wrote."""
    return hlo.cast(hlo.spread(hlo.size_value(-1), [count, ir.RankedTensorType(type_).shape[1]]), type_)


def _counts(table: Any) -> Any:
    """How many numbers each element has."""
    none = hlo.spread(hlo.size_value(0), loops.sizes_of(table))
    sizes = hlo.op("maximum", [table, hlo.cast(none, table.type)], table.type)
    return hlo.reduce("multiply", sizes, hlo.size_value(1), [1])


def _before(table: Any, position: hlo.Size) -> hlo.Size:
    """How many numbers the elements in front of one have."""
    first = hlo.slice_between(_counts(table), [0], [position])
    return hlo.reduce("add", first, hlo.size_value(0), [0])


def _row(table: Any, position: hlo.Size) -> Any:
    """The shape of an element, as a vector."""
    rank = hlo.shape(table)[1] or 0
    taken = hlo.op(
        "dynamic_slice", [table, hlo.size_value(position), hlo.size_value(0)], hlo.tensor([1, rank], hlo.i32()),
        slice_sizes=hlo.array([1, rank]),
    )  # fmt: skip
    return hlo.reshape(taken, [rank])


def _shape_row(item: Any) -> Any:
    """An element's shape as a row of a table."""
    sizes = loops.sizes_of(item)
    return hlo.reshape(hlo.vector(sizes), [1, len(sizes)])


def _flat(item: Any) -> Any:
    """An element's numbers, of open number."""
    return hlo.cast(hlo.reshape(item, [_product(loops.sizes_of(item))]), data_type(hlo.element(item)))


def _product(sizes: Sequence[hlo.Size]) -> hlo.Size:
    total: hlo.Size = 1
    for size in sizes:
        total = hlo.arithmetic("multiply", total, size)
    return total


def _read(data: Any, table: Any, position: hlo.Size, wanted: Any) -> Any:
    """One element."""
    row = _row(table, position)
    sizes = [hlo.at(row, i) for i in range(hlo.shape(row)[0] or 0)]
    asserts.check(hlo.compare("GE", hlo.size_value(sizes[0]), hlo.size_value(0)), _UNWRITTEN)
    start = _before(table, position)
    taken = hlo.slice_between(data, [start], [hlo.arithmetic("add", start, _product(sizes))])
    if not isinstance(wanted, ir.RankedTensorType):
        wanted = hlo.tensor([None] * len(sizes), hlo.element(data))
    return hlo.reshape(taken, sizes, wanted)


def _longer(table: Any, count: hlo.Size) -> Any:
    """A table of at least `count` elements."""
    missing = hlo.arithmetic("maximum", hlo.arithmetic("subtract", count, _length(table)), 0)
    none = hlo.vector([0, 0])
    return hlo.op("dynamic_pad", [table, hlo.size_value(-1), none, hlo.vector([missing, 0]), none], table.type)


def _first(data: Any, table: Any, count: hlo.Size) -> list[Any]:
    """The first elements of a list."""
    rank = hlo.shape(table)[1]
    kept = hlo.slice_between(data, [0], [_before(table, count)])
    return [hlo.cast(kept, data.type), hlo.cast(hlo.slice_between(table, [0, 0], [count, rank]), table.type)]


def _empty(op: Any, count: hlo.Size) -> list[Any]:
    data, table = (result.type for result in op.results)
    return [hlo.cast(hlo.filled(0, hlo.tensor([0], data.element_type)), data), _unwritten(count, table)]


def reserve(op: Any) -> list[Any]:
    """``TensorListReserve``."""
    return _empty(op, _scalar(op.operands[1]))


def empty(op: Any) -> list[Any]:
    """``EmptyTensorList``."""
    return _empty(op, 0)


def set_item(op: Any) -> list[Any]:
    """``TensorListSetItem``, between what is in front of the element and what is behind it. The list may grow."""
    data, index, item, table = op.operands
    position = _scalar(index)
    if op.attributes["resize_if_index_out_of_bounds"].value:
        table = _longer(table, hlo.arithmetic("add", position, 1))
    start, end = _before(table, position), _before(table, hlo.arithmetic("add", position, 1))
    parts = [hlo.slice_between(data, [0], [start]), _flat(item), hlo.slice_between(data, [end], loops.sizes_of(data))]
    joined = hlo.op("concatenate", parts, data.type, dimension="0 : i64")
    place = [hlo.size_value(position), hlo.size_value(0)]
    return [joined, hlo.op("dynamic_update_slice", [table, _shape_row(item), *place], table.type)]


def push(op: Any) -> list[Any]:
    """``TensorListPushBack``."""
    data, item, table = op.operands
    joined = hlo.op("concatenate", [data, _flat(item)], data.type, dimension="0 : i64")
    return [joined, hlo.op("concatenate", [table, _shape_row(item)], table.type, dimension="0 : i64")]


def pop(op: Any) -> list[Any]:
    """``TensorListPopBack``: the list without its last element, and that."""
    data, _, table = op.operands
    last = hlo.arithmetic("subtract", _length(table), 1)
    kept, shapes = _first(data, table, last)
    return [kept, _read(data, table, last, op.results[1].type), shapes]


def get_item(op: Any) -> list[Any]:
    """``TensorListGetItem``."""
    data, index, _, table = op.operands
    return [_read(data, table, _scalar(index), op.result.type)]


def length(op: Any) -> list[Any]:
    """``TensorListLength``."""
    return [hlo.size_value(_length(op.operands[1]))]


def element_shape(op: Any) -> list[Any]:
    """``TensorListElementShape``: any."""
    rank = hlo.shape(op.operands[1])[1] or 0
    return [hlo.convert(hlo.vector([-1] * rank), op.result.type)]


def resize(op: Any) -> list[Any]:
    """``TensorListResize``."""
    data, size, table = op.operands
    count = _scalar(size)
    return _first(data, _longer(table, count), count)


def concat(op: Any) -> list[Any]:
    """``TensorListConcatV2``: the data as it lies, and the first size of each element."""
    data, table = op.operands[0], op.operands[-1]
    count, rank = loops.sizes_of(table)
    largest = hlo.reduce("maximum", table, hlo.size_value(0), [0])
    if isinstance(op.results[0].type, ir.RankedTensorType):
        known = hlo.shape(op.results[0])[1:]
    else:
        known = [None] * (rank - 1)
    rest = [hlo.at(largest, i + 1) if size is None else size for i, size in enumerate(known)]
    rows = hlo.slice_between(table, [0, 0], [count, 1])
    _check_all(hlo.compare("GE", rows, hlo.cast(hlo.spread(hlo.size_value(0), [count, 1]), rows.type)), _UNWRITTEN)
    if rest:
        others = hlo.slice_between(table, [0, 1], [count, rank])
        same = hlo.cast(hlo.broadcast(hlo.vector(rest), [count, rank - 1], [1]), others.type)
        _check_all(hlo.compare("EQ", others, same), _RAGGED)
    lengths = hlo.reshape(rows, [count])
    total = hlo.reduce("add", lengths, hlo.size_value(0), [0])
    wanted = op.results[0].type if isinstance(op.results[0].type, ir.RankedTensorType) else None
    return [hlo.reshape(data, [total, *rest], wanted), hlo.convert(lengths, op.results[1].type)]


def _check_all(flags: Any, message: str) -> None:
    true = hlo.filled(1, hlo.tensor([], hlo.element(flags)))
    asserts.check(hlo.reduce("and", flags, true, [0, 1]), message)


def split(op: Any) -> list[Any]:
    """``TensorListSplit``: the tensor as it lies, and rows of its sizes with the lengths in front."""
    tensor, _, lengths = op.operands
    (count,) = loops.sizes_of(lengths)
    rest = loops.sizes_of(tensor)[1:]
    firsts = hlo.reshape(hlo.to_i32(lengths), [count, 1])
    rows = [firsts, hlo.broadcast(hlo.vector(rest), [count, len(rest)], [1])] if rest else [firsts]
    table = op.results[1].type
    joined = hlo.op("concatenate", rows, hlo.tensor([hlo.shape(lengths)[0], len(rest) + 1], hlo.i32()),
                    dimension="1 : i64")  # fmt: skip
    return [_flat(tensor), hlo.cast(joined, table)]


def zeros_like(op: Any) -> list[Any]:
    """``tf.ZerosLike``."""
    data, table = op.operands
    zero = hlo.filled(0, hlo.tensor([], hlo.element(data)))
    return [hlo.cast(hlo.spread(zero, loops.sizes_of(data)), data.type), table]


def _table(**rewrites: Rewrite) -> Table:
    return {UNEVEN + name: rewrite for name, rewrite in rewrites.items()}


TABLE = _table(
    Reserve=reserve,
    Empty=empty,
    SetItem=set_item,
    PushBack=push,
    PopBack=pop,
    GetItem=get_item,
    Length=length,
    ElementShape=element_shape,
    Resize=resize,
    ConcatV2=concat,
    Split=split,
    ZerosLike=zeros_like,
)
