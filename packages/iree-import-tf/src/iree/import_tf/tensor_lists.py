"""TensorLists become dense tensors: dimension 0 counts the elements, the rest is the element's shape.

TensorFlow's own pass wants every size to be static. Here the types of all handles that flow into each other, through
loops, branches and calls,
are worked out together; handles then are plain tensors, and each operation on them gets a name that TensorFlow's
legalization passes over.
`rewrites.lists` lowers those.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from iree.dialects.mlir import ir
from iree.import_tf import hlo, uneven_lists
from iree.import_tf.errors import ImportFailure
from iree.import_tf.rewrites.kept import rename

_ITEM = {"TensorListSetItem": 2, "TensorListPushBack": 1}
"""The operand that becomes an element."""
_ITEMS = {"TensorListFromTensor": 0, "TensorListScatterV2": 0, "TensorListScatterIntoExistingList": 1}
"""The operand whose rows become elements."""
_READ = {"TensorListGetItem": 0, "TensorListPopBack": 1}
"""The result that is an element."""
_READ_ALL = {"TensorListStack": 0, "TensorListGather": 0}
"""The result whose rows are elements."""
_FIXED = {"TensorListReserve": 1}
"""The operand that says how many elements there are."""
_SAME = frozenset({"tf.Identity", "tf.ZerosLike", "tf.AddN", "tf.StopGradient", "tf.Select", "tf.SelectV2"})
"""Other operations that take lists and return such lists."""
_CALLS = {"tf.PartitionedCall": "f", "tf.StatefulPartitionedCall": "f", "func.call": "callee"}


@dataclass(eq=False)
class _List:
    """What is known of all handles that flow into each other."""

    element: Any = None
    shapes: list[list[int | None]] = field(default_factory=list)
    lengths: set[int | None] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    parent: _List | None = None

    def root(self) -> _List:
        node = self
        while node.parent is not None:
            node = node.parent
        return node

    def saw(self, type_: Any, *, rows: bool = False) -> None:
        """An element of the type, or rows of it, goes in or comes out."""
        if isinstance(type_, ir.RankedTensorType):
            self.element = type_.element_type
            shape = [None if size == hlo.DYNAMIC else size for size in type_.shape]
            self.shapes.append(shape[1:] if rows else shape)
        elif isinstance(type_, ir.UnrankedTensorType):
            self.element = type_.element_type

    def type(self) -> Any:
        """The dense tensor's type; None if the elements' rank is not known."""
        ranks = {len(shape) for shape in self.shapes}
        if len(ranks) != 1:
            return None
        dimensions = [{size for size in sizes if size is not None} for sizes in zip(*self.shapes, strict=True)]
        known = [next(iter(sizes)) if len(sizes) == 1 else None for sizes in dimensions]
        length = next(iter(self.lengths)) if len(self.lengths) == 1 else None
        return hlo.tensor([length, *known], self.element)

    def may_be_uneven(self) -> bool:
        """Whether elements may have different shapes as far as their types and what is done with them tell."""
        return None in (size for shape in self.shapes for size in shape) and self.kinds <= uneven_lists.OPERATIONS


def is_list(type_: Any) -> bool:
    """Whether a type is that of a handle."""
    return _subtype(type_) is not None


def _subtype(type_: Any) -> Any:
    """The element type (or None inside a list) that a variant's type tells; None if it is no variant."""
    if not isinstance(type_, ir.RankedTensorType) or not isinstance(type_.element_type, ir.OpaqueType):
        return None
    data: str = type_.element_type.data
    if not data.startswith("variant"):
        return None
    inner = data.removeprefix("variant").strip()
    return [ir.Type.parse(inner[1:-1])] if inner else []


def has_bounded_stack(module: Any) -> bool:
    """Whether a list starts empty and has a largest size."""
    found: list[Any] = []

    def visit(op: Any) -> Any:
        if op.name == "tf.EmptyTensorList":
            known = hlo.known_elements(op.operands[1])
            if known is not None and int(known[0]) > 0:
                found.append(op)
        return ir.WalkResult.ADVANCE

    module.operation.walk(visit)
    return bool(found)


def densify(module: Any, uneven: Collection[int] = ()) -> bool:
    """Makes lists tensors, in place; returns whether there were any.

    Args:
        module: A module of TensorFlow's.
        uneven: The numbers of lists whose elements differ in shape. What is written to a list that may turn out to be
            one carries its number in the attribute `NUMBER`.

    Raises:
        ImportFailure: A list holds elements of different ranks, or other lists.
    """
    _separate(module)
    lists = _Lists(module)
    if not lists.found:
        return False
    lists.connect()
    lists.observe()
    lists.retype(uneven)
    return True


_MAKERS = ("tf.TensorListReserve", "tf.EmptyTensorList")


def _separate(module: Any) -> None:
    """Gives each use of a fresh list one of its own: lists of different elements may start as one value."""
    found: list[Any] = []

    def visit(op: Any) -> Any:
        if op.name in _MAKERS:
            found.append(op)
        return ir.WalkResult.ADVANCE

    module.operation.walk(visit)
    for op in found:
        for use in list(op.result.uses)[1:]:
            with ir.InsertionPoint(op):
                twin = op.operation.clone()
            use.owner.operands[use.operand_number] = twin.result


class _Lists:
    def __init__(self, module: Any) -> None:
        self._functions = {op.sym_name.value: op for op in module.body.operations}
        self._ops: list[Any] = []
        module.operation.walk(self._collect)
        self._lists: dict[Any, _List] = {}
        for value in self._values():
            subtype = _subtype(value.type)
            if subtype is not None:
                self._lists[value] = _List()
                for inner in subtype:
                    self._lists[value].saw(inner)
        self.found = bool(self._lists)

    def _collect(self, op: Any) -> Any:
        self._ops.append(op)
        return ir.WalkResult.ADVANCE

    def _values(self) -> Iterator[Any]:
        for function in self._functions.values():
            yield from (
                function.operation.regions[0].blocks[0].arguments if len(function.operation.regions[0].blocks) else ()
            )
        for op in self._ops:
            yield from op.results

    def _of(self, value: Any) -> _List:
        return self._lists[value].root()

    def _join(self, left: Any, right: Any) -> None:
        if left not in self._lists or right not in self._lists:
            return
        a, b = self._of(left), self._of(right)
        if a is b:
            return
        b.parent = a
        a.element = a.element or b.element
        a.shapes += b.shapes
        a.lengths |= b.lengths
        a.kinds |= b.kinds

    def _join_all(self, left: Sequence[Any], right: Sequence[Any]) -> None:
        for a, b in zip(left, right, strict=True):
            self._join(a, b)

    def _arguments(self, symbol: Any) -> list[Any]:
        return list(self._block(symbol).arguments)

    def _returned(self, symbol: Any) -> list[Any]:
        operations = self._block(symbol).operations
        return list(operations[len(operations) - 1].operation.operands)

    def _block(self, symbol: Any) -> Any:
        return self._functions[symbol.value].operation.regions[0].blocks[0]

    def connect(self) -> None:
        """Joins the handles that flow into each other."""
        for op in self._ops:
            attributes, operands, results = op.attributes, list(op.operands), list(op.results)
            match op.name:
                case "tf.While":
                    body, cond = attributes["body"], attributes["cond"]
                    for others in (results, self._arguments(body), self._arguments(cond), self._returned(body)):
                        self._join_all(operands, others)
                case "tf.If":
                    for name in ("then_branch", "else_branch"):
                        self._join_all(operands[1:], self._arguments(attributes[name]))
                        self._join_all(results, self._returned(attributes[name]))
                case "tf.Case":
                    for branch in attributes["branches"]:
                        self._join_all(operands[1:], self._arguments(branch))
                        self._join_all(results, self._returned(branch))
                case name if name in _CALLS:
                    callee = attributes[_CALLS[name]]
                    self._join_all(operands, self._arguments(callee))
                    self._join_all(results, self._returned(callee))
                case name if name.startswith("tf.TensorList") or name in _SAME:
                    handles = [value for value in (*operands, *results) if value in self._lists]
                    for other in handles[1:]:
                        self._join(handles[0], other)

    def observe(self) -> None:
        """Notes what goes into and comes out of each list, and how long it is."""
        for op in self._ops:
            handles = [value for value in (*op.operands, *op.results) if value in self._lists]
            kind = op.name.removeprefix("tf.")
            if not handles or not op.name.startswith("tf.") or kind in ("While", "If", "Case") or op.name in _CALLS:
                continue
            found = self._of(handles[0])
            found.kinds.add(kind)
            for table, values, rows in (
                (_ITEM, op.operands, False),
                (_ITEMS, op.operands, True),
                (_READ, op.results, False),
                (_READ_ALL, op.results, True),
            ):
                if kind in table:
                    found.saw(values[table[kind]].type, rows=rows)
            if kind == "TensorListSplit" and isinstance(op.operands[0].type, ir.RankedTensorType):
                found.element = hlo.element(op.operands[0])
                found.shapes.append([None, *hlo.shape(op.operands[0])[1:]])
            self._observe_length(op, kind, found)

    def _observe_length(self, op: Any, kind: str, found: _List) -> None:
        grows = (
            "resize_if_index_out_of_bounds" in op.attributes and op.attributes["resize_if_index_out_of_bounds"].value
        )
        if kind in _FIXED:
            known = hlo.known_elements(op.operands[_FIXED[kind]])
            found.lengths.add(None if known is None else int(known[0]))
        elif kind == "TensorListFromTensor":
            found.lengths.add(hlo.shape(op.operands[0])[0])
        elif (
            kind
            in ("EmptyTensorList", "TensorListPushBack", "TensorListPopBack", "TensorListResize", "TensorListSplit")
            or grows
        ):
            found.lengths.add(None)
        elif kind in ("TensorListScatterV2", "TensorListConcatLists"):
            found.lengths.add(None)

    def retype(self, uneven: Collection[int]) -> None:
        """Gives every handle its tensor type and every list operation its new name."""
        numbers = {found: i for i, found in enumerate(dict.fromkeys(self._of(value) for value in self._lists))}
        ranks: dict[Any, int] = {}
        for value in self._lists:
            found = self._of(value)
            type_ = found.type()
            if type_ is None:
                raise ImportFailure(_no_type(value, found))
            if numbers[found] in uneven:
                ranks[value] = len(hlo.shape_of(type_)) - 1
                type_ = uneven_lists.data_type(found.element)
            value.set_type(type_)
        touched = []
        for op in self._ops:
            handle = next((value for value in (*op.operands, *op.results) if value in self._lists), None)
            if handle is not None:
                touched.append((op, self._of(handle)))
        for op, found in touched:
            _rank(op, found)
            for stale in ("T", "Tin", "Tout", "output_shapes", "_output_shapes"):
                if stale in list(op.attributes):
                    del op.attributes[stale]
            if op.name.startswith(("tf.TensorList", "tf.EmptyTensorList")) and numbers[found] not in uneven:
                if found.may_be_uneven():
                    op.attributes[NUMBER] = ir.IntegerAttr.get(hlo.i32(), numbers[found])
                rename(op, _ATTRIBUTES)
        uneven_lists.split(self._functions, ranks)
        for function in self._functions.values():
            block = function.operation.regions[0].blocks[0]
            returned = block.operations[len(block.operations) - 1].operation.operands
            type_ = ir.FunctionType.get([a.type for a in block.arguments], [value.type for value in returned])
            function.operation.attributes["function_type"] = ir.TypeAttr.get(type_)
            if "tf._input_shapes" in function.operation.attributes:
                del function.operation.attributes["tf._input_shapes"]


def _rank(op: Any, found: _List) -> None:
    """Gives what is read from a list its rank, if TensorFlow does not know it."""
    kind, type_ = op.name.removeprefix("tf."), found.type()
    for table, skipped in ((_READ, 1), (_READ_ALL, 0)):
        if kind in table and isinstance(op.results[table[kind]].type, ir.UnrankedTensorType):
            op.results[table[kind]].set_type(hlo.tensor(hlo.shape_of(type_)[skipped:], found.element))


NUMBER = "list"
_ATTRIBUTES = ("resize_if_index_out_of_bounds", "num_elements", NUMBER)


def _no_type(value: Any, found: _List) -> str:
    ranks = sorted({len(shape) for shape in found.shapes})
    where = value.owner.location if not isinstance(value.owner, ir.Block) else ir.Location.unknown()
    if ranks:
        return f"a TensorArray holds elements of ranks {ranks}: give all the same rank (at {where})"
    return f"the elements of a TensorArray have an open rank: give it an element_shape (at {where})"
