"""Operations on TensorLists that `tensor_lists` made dense tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from iree.dialects.mlir import ir
from iree.import_tf import asserts, dims, hlo
from iree.import_tf.rewrites import Rewrite, Table
from iree.import_tf.rewrites.kept import PREFIX
from iree.import_tf.tensor_lists import NUMBER


def _size(value: Any, axis: int) -> hlo.Size:
    return dims.materialize(dims.dim(value, axis))


def _sizes(value: Any) -> list[hlo.Size]:
    return [_size(value, axis) for axis in range(len(hlo.shape(value)))]


def _scalar(value: Any) -> hlo.Size:
    """A scalar operand as a size."""
    known = hlo.known_elements(value)
    return hlo.to_i32(value) if known is None else int(known[0])


def _element_sizes(fresh: Any, declared: Any) -> list[hlo.Size]:
    """The sizes of a fresh list's elements: by its type, else as written later, else as declared.

    -1 in a declaration means that the first element will tell: `_fit` then makes the list larger.
    """
    sizes: list[hlo.Size] = []
    for i, known in enumerate(_known_sizes(fresh)):
        if known is not None:
            sizes.append(dims.materialize(known))
        elif hlo.shape(declared):
            sizes.append(hlo.arithmetic("maximum", hlo.at(declared, i), 0))
        else:
            sizes.append(0)
    return sizes


def _known_sizes(fresh: Any) -> list[dims.Size | None]:
    """What the type of a fresh list, or what is written later, tells of its elements' sizes."""
    sizes = enumerate(hlo.shape(fresh)[1:])
    return [_written(fresh, i, fresh.owner) if size is None else size for i, size in sizes]


def _written(values: Any, axis: int, fresh: Any) -> dims.Size | None:
    """The size along `axis` of elements that are written to a list, if it is known where the list is made."""
    for use in values.uses:
        user = use.owner.operation
        size = None
        if user.name in (_SET, _PUSH):
            item = user.operands[2 if user.name == _SET else 1]
            size = dims.dim(item, axis)
        elif user.name == "stablehlo.while":
            size = _written(user.regions[1].blocks[0].arguments[use.operand_number], axis, fresh)
        if size is not None and _stands_before(size, fresh):
            return size
    return None


def _stands_before(size: dims.Size, op: Any) -> bool:
    """Whether a size that some later operation knows is known in front of `op`."""
    if isinstance(size, int):
        return True
    owner = size.value.owner
    block, here = (owner, op.operation) if isinstance(owner, ir.Block) else (owner.operation.block, op.operation)
    while here.block != block:
        parent = here.parent
        if parent is None or parent.operation.name == "builtin.module":
            return False
        here = parent.operation
    return isinstance(owner, ir.Block) or (owner.operation != here and owner.operation.is_before_in_block(here))


_SET, _PUSH, _POP = (PREFIX + f"TensorList{name}" for name in ("SetItem", "PushBack", "PopBack"))
_EMPTY = PREFIX + "EmptyTensorList"


def _zeros(sizes: Sequence[hlo.Size], type_: Any) -> Any:
    zero = hlo.filled(0, hlo.tensor([], type_.element_type))
    return hlo.cast(hlo.broadcast(zero, sizes, []), type_)


def empty(op: Any) -> list[Any]:
    """``EmptyTensorList``."""
    type_ = op.result.type
    return [_zeros([0, *_element_sizes(op.result, op.operands[0])], type_)]


def reserve(op: Any) -> list[Any]:
    """``TensorListReserve``: elements that nobody writes are zero."""
    type_ = op.result.type
    return [_zeros([_scalar(op.operands[1]), *_element_sizes(op.result, op.operands[0])], type_)]


def _if_known(make: Rewrite) -> Rewrite:
    """`make`, where the sizes of the elements are known."""
    return lambda op: None if None in _known_sizes(op.result) else make(op)


def _as_row(item: Any, list_type: Any) -> Any:
    """An element as a list of one."""
    sizes = [1, *_sizes(item)]
    return hlo.reshape(
        item, sizes, hlo.tensor([1, *[None if s == hlo.DYNAMIC else s for s in list_type.shape][1:]], hlo.element(item))
    )


class Uneven(Exception):
    """A list to which elements are written that may differ in shape; `number` is its `tensor_lists.NUMBER`."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def _fit(values: Any, rows: Any, count: hlo.Size | None = None) -> Any:
    """`values` with at least `count` elements, of at least the sizes of those in `rows` (a fresh list may not have
    known them).
    """
    high: list[hlo.Size] = [0] * len(hlo.shape(values))
    if count is not None:
        size = _size(values, 0)
        high[0] = hlo.arithmetic("maximum", hlo.arithmetic("subtract", count, size), 0)
    for axis, size in enumerate(hlo.shape(values)):
        if axis and size is None:
            _check_size(values, rows, axis)
            missing = hlo.arithmetic("subtract", _size(rows, axis), _size(values, axis))
            high[axis] = hlo.arithmetic("maximum", missing, 0)
    if all(amount == 0 for amount in high):
        return values
    zeros = hlo.vector([0] * len(high))
    zero = hlo.filled(0, hlo.tensor([], hlo.element(values)))
    return hlo.op("dynamic_pad", [values, zero, zeros, hlo.vector(high), zeros], values.type)


def _refuse_uneven(op: Any, item: Any) -> None:
    """Raises `Uneven` if only a run knows whether an element has the shape of the others, and it need not."""
    values = op.operands[0]
    if NUMBER in op.attributes and any(
        dims.dim(values, axis + 1) != dims.dim(item, axis) for axis in range(len(hlo.shape(item)))
    ):
        raise Uneven(op.attributes[NUMBER].value)


def _check_size(values: Any, rows: Any, axis: int) -> None:
    """Elements of one list have one size here. A list that has not known it yet has the size 0."""
    own, new = dims.dim(values, axis), dims.dim(rows, axis)
    if own == new:
        return
    held, size = hlo.size_value(dims.materialize(own)), hlo.size_value(dims.materialize(new))
    same = [hlo.compare("EQ", held, size), hlo.compare("EQ", held, hlo.size_value(0))]
    asserts.check(hlo.op("or", same, same[0].type), _UNEVEN)


_UNEVEN = (
    "elements of one TensorArray have different shapes, although it is stacked or gathered, or made of rows of a "
    "tensor: pad them to one shape"
)


def set_item(op: Any) -> list[Any]:
    """``TensorListSetItem``; the list grows if it may."""
    values, index, item = op.operands
    position = _scalar(index)
    _refuse_uneven(op, item)
    rows = _as_row(item, values.type)
    grows = op.attributes["resize_if_index_out_of_bounds"].value
    values = _fit(values, rows, hlo.arithmetic("add", position, 1) if grows else None)
    starts = [hlo.size_value(position)] + [hlo.size_value(0)] * (len(hlo.shape(values)) - 1)
    return [hlo.op("dynamic_update_slice", [values, rows, *starts], values.type)]


def _row(values: Any, position: hlo.Size, wanted: Any) -> Any:
    """Element `position`, as a tensor of type `wanted`."""
    sizes = _sizes(values)[1:]
    static = [None if size == hlo.DYNAMIC else size for size in values.type.shape][1:]
    if not isinstance(wanted, ir.RankedTensorType):
        wanted = hlo.tensor(static, hlo.element(values))
    type_ = hlo.tensor([1, *static], hlo.element(values))
    if all(size is not None for size in static):
        starts = [hlo.size_value(position)] + [hlo.size_value(0)] * len(static)
        taken = hlo.op("dynamic_slice", [values, *starts], type_, slice_sizes=hlo.array([1, *static]))  # type: ignore[list-item]
    else:
        starts_value = hlo.vector([position] + [0] * len(static))
        limits = hlo.vector([hlo.arithmetic("add", position, 1), *sizes])
        taken = hlo.op("real_dynamic_slice", [values, starts_value, limits, hlo.vector([1] * (len(static) + 1))], type_)
    return hlo.reshape(taken, sizes, wanted)


def _pushed(values: Any) -> list[Any] | None:
    """All elements that may be in a list at some time; None if it is not made by pushing alone."""
    items: list[Any] = []
    todo, seen = [values], {values}
    while todo:
        value = todo.pop()
        owner = value.owner
        if isinstance(owner, ir.Block):
            loop = owner.owner
            if loop.name != "stablehlo.while":
                return None
            sources = [loop.operands[value.arg_number], _returned(loop)[value.arg_number]]
        elif owner.name == "stablehlo.while":
            number = ir.OpResult(value).result_number
            sources = [owner.operands[number], _returned(owner)[number]]
        elif owner.name == _PUSH:
            items.append(owner.operands[1])
            sources = [owner.operands[0]]
        elif owner.name == _POP:
            sources = [owner.operands[0]]
        elif owner.name == _EMPTY:
            continue
        else:
            return None
        todo += [source for source in sources if source not in seen]
        seen.update(sources)
    return items


def _returned(loop: Any) -> Any:
    operations = loop.regions[1].blocks[0].operations
    return operations[len(operations) - 1].operation.operands


def _agreed(found: Sequence[dims.Size | None], op: Any) -> hlo.Size | None:
    """What all of some descriptions say, if it is the same, and known in front of `op`."""
    size = found[0]
    if size is None or any(other != size for other in found) or not _stands_before(size, op):
        return None
    return dims.materialize(size)


def _popped(op: Any, values: Any, position: hlo.Size) -> Any:
    """The element of a stack at `position`. Loops push shapes for their gradients: what is known of all that were
    pushed is known of the element.
    """
    wanted = op.results[1].type
    row = _row(values, position, wanted)
    items = _pushed(values)
    if not items or any(item.type != wanted for item in items):
        return row
    contents = [dims.elements(item) for item in items]
    if len(wanted.shape) == 1 and None not in contents:
        agreed = [_agreed(sizes, op) for sizes in zip(*contents, strict=True)]
        return hlo.convert(hlo.vector([hlo.at(row, i) if s is None else s for i, s in enumerate(agreed)]), wanted)
    if wanted.has_static_shape:
        return row
    agreed = [_agreed([dims.dim(item, axis) for item in items], op) for axis in range(len(wanted.shape))]
    return hlo.reshape(row, [hlo.dim(row, i) if s is None else s for i, s in enumerate(agreed)], wanted)


def get_item(op: Any) -> list[Any]:
    """``TensorListGetItem``."""
    return [_row(op.operands[0], _scalar(op.operands[1]), op.result.type)]


def stack(op: Any) -> list[Any]:
    """``TensorListStack`` and ``TensorListFromTensor``: the tensor itself."""
    if not isinstance(op.result.type, ir.RankedTensorType):
        return [op.operands[0]]
    return [hlo.cast(op.operands[0], op.result.type)]


def length(op: Any) -> list[Any]:
    """``TensorListLength``."""
    return [hlo.size_value(_size(op.operands[0], 0))]


def push(op: Any) -> list[Any]:
    """``TensorListPushBack``."""
    values, item = op.operands
    _refuse_uneven(op, item)
    rows = _as_row(item, values.type)
    values = _fit(values, rows)
    joined = hlo.op("concatenate", [values, rows], values.type, dimension="0 : i64")
    return [hlo.cast(joined, op.result.type)]


def _first(values: Any, count: hlo.Size, wanted: Any) -> Any:
    sizes = _sizes(values)
    bounds = [hlo.vector([0] * len(sizes)), hlo.vector([count, *sizes[1:]]), hlo.vector([1] * len(sizes))]
    static = [None if size == hlo.DYNAMIC else size for size in values.type.shape][1:]
    return hlo.cast(
        hlo.op("real_dynamic_slice", [values, *bounds], hlo.tensor([None, *static], hlo.element(values))), wanted
    )


def pop(op: Any) -> list[Any]:
    """``TensorListPopBack``: the list without its last element, and that."""
    values = op.operands[0]
    last = hlo.arithmetic("subtract", _size(values, 0), 1)
    return [_first(values, last, op.results[0].type), _popped(op, values, last)]


def gather(op: Any) -> list[Any]:
    """``TensorListGather``."""
    values, indices, _ = op.operands
    static = [None if size == hlo.DYNAMIC else size for size in values.type.shape][1:]
    numbers = (
        f"#stablehlo.gather<offset_dims = {list(range(1, len(static) + 1))}, collapsed_slice_dims = [0], "
        "start_index_map = [0], index_vector_dim = 1>"
    )
    type_ = hlo.tensor([hlo.shape(indices)[0], *static], hlo.element(values))
    if all(size is not None for size in static):
        sizes = hlo.array([1, *static])  # type: ignore[list-item]
        rows = hlo.op(
            "gather", [values, indices], type_, dimension_numbers=numbers, slice_sizes=sizes, indices_are_sorted="false"
        )
    else:
        sizes_value = hlo.vector([1, *_sizes(values)[1:]])
        rows = hlo.op(
            "dynamic_gather",
            [values, indices, sizes_value],
            type_,
            dimension_numbers=numbers,
            indices_are_sorted="false",
        )
    return [hlo.cast(rows, op.result.type)]


def concat(op: Any) -> list[Any]:
    """``TensorListConcatV2``: elements end to end, and the length of each; all are equally long here."""
    values = op.operands[0]
    count, rows, *rest = _sizes(values)
    wanted = op.results[0].type if isinstance(op.results[0].type, ir.RankedTensorType) else None
    joined = hlo.reshape(values, [hlo.arithmetic("multiply", count, rows), *rest], wanted)
    each = hlo.convert(hlo.size_value(rows), hlo.tensor([], hlo.element(op.results[1])))
    return [joined, hlo.cast(hlo.broadcast(each, [count], []), op.results[1].type)]


def _scatter(values: Any, indices: Any, rows: Any) -> Any:
    numbers = (
        f"#stablehlo.scatter<update_window_dims = {list(range(1, len(hlo.shape(values))))}, "
        f"inserted_window_dims = [0], "
        "scatter_dims_to_operand_dims = [0], index_vector_dim = 1>"
    )
    return hlo.scatter(values, indices, rows, numbers)


def scatter(op: Any) -> list[Any]:
    """``TensorListScatterV2``: a fresh list with the rows at their indices."""
    rows, indices, _, count = op.operands
    type_ = op.result.type
    known = hlo.known_elements(count)
    number: hlo.Size = _scalar(count)
    if known is not None and int(known[0]) < 0:
        largest = hlo.reduce("maximum", indices, hlo.filled(-1, hlo.tensor([], hlo.element(indices))), [0])
        number = hlo.arithmetic("add", hlo.to_i32(largest), 1)
    fresh = _zeros([number, *_sizes(rows)[1:]], hlo.tensor([None, *hlo.shape(rows)[1:]], hlo.element(rows)))
    return [hlo.cast(_scatter(fresh, indices, rows), type_)]


def scatter_into(op: Any) -> list[Any]:
    """``TensorListScatterIntoExistingList``."""
    values, rows, indices = op.operands
    return [hlo.cast(_scatter(_fit(values, rows), indices, rows), op.result.type)]


def split(op: Any) -> list[Any] | None:
    """``TensorListSplit`` into equally long elements."""
    tensor, _, lengths = op.operands
    known = hlo.known_elements(lengths)
    if known is None or len(set(known.tolist())) != 1:
        if NUMBER in op.attributes:
            raise Uneven(op.attributes[NUMBER].value)
        return None
    return [hlo.reshape(tensor, [len(known), int(known[0]), *_sizes(tensor)[1:]], op.result.type)]


def resize(op: Any) -> list[Any]:
    """``TensorListResize``: cut off, or filled up with zeros."""
    values, count = op.operands[0], _scalar(op.operands[1])
    longer = _fit(values, values, count)
    return [_first(longer, count, op.result.type)]


def element_shape(op: Any) -> list[Any]:
    """``TensorListElementShape``."""
    return [hlo.convert(hlo.vector(_sizes(op.operands[0])[1:]), op.result.type)]


def concat_lists(op: Any) -> list[Any]:
    """``TensorListConcatLists``."""
    joined = hlo.op("concatenate", list(op.operands), op.result.type, dimension="0 : i64")
    return [joined]


def _table(**rewrites: Rewrite) -> Table:
    return {PREFIX + name: rewrite for name, rewrite in rewrites.items()}


READ = _table(
    TensorListGetItem=get_item,
    TensorListStack=stack,
    TensorListFromTensor=stack,
    TensorListLength=length,
    TensorListGather=gather,
    TensorListConcatV2=concat,
    TensorListScatterV2=scatter,
    TensorListScatterIntoExistingList=scatter_into,
    TensorListSplit=split,
    TensorListResize=resize,
    TensorListElementShape=element_shape,
    TensorListConcatLists=concat_lists,
)


def unless_popped(table: Table) -> Table:
    """The rewrites of a table, for operations that take no shape from a list: what is known of it shows later."""

    def waits(rewrite: Rewrite) -> Rewrite:
        return lambda op: None if any(_is_popped_shape(operand) for operand in op.operands) else rewrite(op)

    return {name: waits(rewrite) for name, rewrite in table.items()}


def _is_popped_shape(value: Any) -> bool:
    popped = not isinstance(value.owner, ir.Block) and value.owner.name == _POP
    return popped and isinstance(value.type, ir.RankedTensorType) and value.type.element_type == hlo.i32()


POP = _table(TensorListPopBack=pop)
"""After `READ`: what is popped is described by what was pushed, which may have been read from lists."""
MAKE = _table(EmptyTensorList=empty, TensorListReserve=reserve)
"""After `READ`: what elements are made from must be known, to know their sizes."""
MAKE_KNOWN = _table(EmptyTensorList=_if_known(empty), TensorListReserve=_if_known(reserve))
"""Those of `MAKE` whose sizes are known; of lists of what was in other lists, once these are made."""
WRITE = _table(TensorListSetItem=set_item, TensorListPushBack=push)
"""After `MAKE`, which looks for what is written."""
