"""TensorLists whose elements may differ in shape become two tensors: all elements end to end, and a table of shapes.

Where `tensor_lists` makes the handle one dense tensor, here the handle stays the tensor of the elements, and a second
value with the table goes everywhere the handle goes: through loops, branches and calls. `rewrites.uneven_lists` lowers
the operations.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from iree.dialects.mlir import func, ir
from iree.import_tf import hlo
from iree.import_tf.rewrites.kept import PREFIX

UNEVEN = PREFIX + "Uneven"
"""What the names of the operations on such lists start with."""
OPERATIONS = frozenset(
    "TensorList" + name
    for name in "Reserve SetItem GetItem PushBack PopBack ConcatV2 Split Length ElementShape Resize".split()
) | {"EmptyTensorList", "Identity", "StopGradient", "ZerosLike"}
"""What may be done with such a list; the others want all elements to have one shape."""
_WALKS = frozenset(
    "tf.While tf.If tf.Case tf.PartitionedCall tf.StatefulPartitionedCall func.call tf.Identity tf.StopGradient".split()
)
"""Operations that only hand lists on."""
_ATTRIBUTES = (
    "body cond is_stateless parallel_iterations shape_invariant then_branch else_branch branches f callee config "
    "config_proto executor_type resize_if_index_out_of_bounds"
).split()
"""What these operations have; MLIR does not list the properties of operations that it does not know."""


def data_type(element: Any) -> Any:
    """The type of all elements end to end."""
    return hlo.tensor([None], element)


def split(functions: Mapping[str, Any], ranks: Mapping[Any, int]) -> None:
    """Puts a table of shapes beside each of some handles, which have their data's type already.

    Args:
        functions: All functions, by name.
        ranks: The rank of the elements, by handle.
    """
    tables: dict[Any, Any] = {}
    for function in functions.values():
        block = function.operation.regions[0].blocks[0]
        for argument in list(block.arguments):
            if argument in ranks:
                tables[argument] = block.add_argument(_table_type(ranks[argument]), argument.location)
        if any(value in tables for value in block.arguments):
            _forget(function, "arg_attrs")
    for function in functions.values():
        for op in list(function.operation.regions[0].blocks[0].operations):
            if any(value in tables for value in op.operands) or any(value in ranks for value in op.results):
                with op.location, ir.InsertionPoint(op):
                    _double(op, ranks, tables)


def _forget(function: Any, name: str) -> None:
    """Removes an attribute that describes fewer arguments or results than there are now."""
    if name in function.operation.attributes:
        del function.operation.attributes[name]


def _table_type(rank: int) -> Any:
    return hlo.tensor([None, rank], hlo.i32())


def _double(op: Any, ranks: Mapping[Any, int], tables: dict[Any, Any]) -> None:
    """Replaces an operation by one that takes and returns the tables too, behind everything else."""
    operands = [*op.operands, *(tables[value] for value in op.operands if value in tables)]
    if op.name == "func.return":
        func.ReturnOp(operands)
        _forget(op.operation.parent, "res_attrs")
        op.operation.erase()
        return
    lists = [i for i, value in enumerate(op.results) if value in ranks]
    made = ir.Operation.create(
        op.name if op.name in _WALKS else UNEVEN + op.name.removeprefix("tf.").replace("TensorList", ""),
        results=[value.type for value in op.results] + [_table_type(ranks[op.results[i]]) for i in lists],
        operands=operands,
        attributes={name: op.attributes[name] for name in _ATTRIBUTES if name in op.attributes},
    )
    for old, new in zip(op.results, made.results, strict=False):
        old.replace_all_uses_with(new)
    for place, i in enumerate(lists):
        tables[made.results[i]] = made.results[len(op.results) + place]
    op.operation.erase()
