"""Deprecated StableHLO operations that TensorFlow still emits, as the general ones: einsum and torch_index_select."""

from __future__ import annotations

from typing import Any

from iree.dialects.mlir import ir
from iree.import_tf import dims, hlo
from iree.import_tf.rewrites import Table


def einsum(op: Any) -> list[Any] | None:
    """``stablehlo.einsum`` of two operands."""
    return two_operands(op.operands[0], op.operands[1], op.attributes["einsum_config"].value, op.result.type)


def two_operands(left: Any, right: Any, equation: str, wanted: Any) -> list[Any] | None:
    """An einsum without repeated letters in an operand, as sums, dot_general and transpose."""
    spec, result = equation.replace(" ", "").split("->")
    first, second = spec.split(",")
    dots = "αβγδεζηθικλμ"[: max(_hidden(first, left), _hidden(second, right))]
    first, second = (
        labels.replace("...", dots[len(dots) - _hidden(labels, value) :])
        for labels, value in ((first, left), (second, right))
    )
    result = result.replace("...", dots)
    if len(set(first)) < len(first) or len(set(second)) < len(second) or not set(result) <= set(first + second):
        return None
    left, first = _summed(left, first, second + result)
    right, second = _summed(right, second, first + result)
    left, right = _spread(left, first, right, second), _spread(right, second, left, first)
    batch = [c for c in first if c in second and c in result]
    contracted = [c for c in first if c in second and c not in result]
    order = batch + [c for c in first if c not in second] + [c for c in second if c not in first]
    sizes = {c: hlo.shape(right)[i] for i, c in enumerate(second)} | {
        c: hlo.shape(left)[i] for i, c in enumerate(first)
    }
    numbers = (
        f"#stablehlo.dot<lhs_batching_dimensions = {[first.index(c) for c in batch]}, "
        f"rhs_batching_dimensions = {[second.index(c) for c in batch]}, "
        f"lhs_contracting_dimensions = {[first.index(c) for c in contracted]}, "
        f"rhs_contracting_dimensions = {[second.index(c) for c in contracted]}>"
    )
    kind = ir.RankedTensorType(wanted).element_type
    type_ = hlo.tensor([sizes[c] for c in order], kind)
    product = hlo.op("dot_general", [left, right], type_, dot_dimension_numbers=numbers)
    permutation = [order.index(c) for c in result]
    if permutation != list(range(len(order))):
        type_ = hlo.tensor([sizes[c] for c in result], kind)
        product = hlo.op("transpose", [product], type_, permutation=hlo.array(permutation))
    return [hlo.cast(product, wanted)]


def _summed(value: Any, labels: str, elsewhere: str) -> tuple[Any, str]:
    """`value` summed over the letters that stand nowhere else, and its labels then."""
    alone = [i for i, letter in enumerate(labels) if letter not in elsewhere]
    if not alone:
        return value, labels
    zero = hlo.filled(0, hlo.tensor([], hlo.element(value)))
    return hlo.reduce("add", value, zero, alone), "".join(c for c in labels if c in elsewhere)


def _hidden(labels: str, value: Any) -> int:
    """How many dimensions the dots stand for."""
    return len(hlo.shape(value)) - len(labels.replace("...", "")) if "..." in labels else 0


def _spread(value: Any, labels: str, other: Any, other_labels: str) -> Any:
    """`value` with its dimensions of size 1 as large as the other operand's of the same letter."""
    sizes = [dims.materialize(dims.dim(value, i)) for i in range(len(labels))]
    wanted = list(sizes)
    for i, letter in enumerate(labels):
        if sizes[i] == 1 and letter in other_labels:
            wanted[i] = dims.materialize(dims.dim(other, other_labels.index(letter)))
    return value if wanted == sizes else hlo.broadcast(value, wanted, range(len(labels)))


def index_select(op: Any) -> list[Any]:
    """torch_index_select as a gather."""
    table, indices = op.operands
    axis, batch = op.attributes["dim"].value, op.attributes["batch_dims"].value
    rank, index_rank = len(hlo.shape(table)), len(hlo.shape(indices))
    taken = hlo.shape(table)
    slice_sizes: list[Any] = [
        1 if i == axis or i < batch else dims.materialize(dims.dim(table, i)) for i in range(rank)
    ]
    offset = [*range(batch, axis), *range(axis + index_rank - batch, rank + index_rank - batch - 1)]
    collapsed = [axis]
    numbers = (
        f"#stablehlo.gather<offset_dims = {offset}, collapsed_slice_dims = {collapsed}, "
        f"operand_batching_dims = {list(range(batch))}, start_indices_batching_dims = {list(range(batch))}, "
        f"start_index_map = [{axis}], index_vector_dim = {index_rank}>"
    )
    wanted = hlo.tensor([*taken[:axis], *hlo.shape(indices)[batch:], *taken[axis + 1 :]], hlo.element(table))
    if all(isinstance(size, int) for size in slice_sizes):
        sizes = hlo.array(slice_sizes)
        result = hlo.op(
            "gather", [table, indices], wanted, dimension_numbers=numbers, slice_sizes=sizes, indices_are_sorted="false"
        )
    else:
        sizes_value = hlo.vector(slice_sizes)
        result = hlo.op(
            "dynamic_gather",
            [table, indices, sizes_value],
            wanted,
            dimension_numbers=numbers,
            indices_are_sorted="false",
        )
    return [hlo.convert(result, op.result.type)]


TABLE: Table = {"stablehlo.einsum": einsum, "stablehlo.torch_index_select": index_select}
