"""scatter: a loop over the updates in row-major order; elements that fall outside the operand are dropped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from iree.dialects.input.build import as_value, cast, dims, index, signless
from iree.dialects.input.loops import at_least, kernel, less, when
from iree.dialects.input.rules import Rule
from iree.dialects.input.scalars import inline
from iree.dialects.mlir import arith, ir, stablehlo, tensor


def scatter(op: Any) -> list[Any]:
    """`stablehlo.scatter` with any update computation, windows and batching dimensions."""
    count = len(op.results)
    operands = [signless(value) for value in op.operands[:count]]
    indices = op.operands[count]
    updates = [signless(value) for value in op.operands[count + 1 :]]
    numbers = stablehlo.ScatterDimensionNumbers(op.attributes["scatter_dimension_numbers"])
    block = op.regions[0].blocks[0]
    sizes = dims(operands[0])
    window_dims = list(numbers.update_window_dims)
    scatter_dims = [i for i in range(updates[0].type.rank) if i not in window_dims]
    absent = {*numbers.inserted_window_dims, *numbers.input_batching_dims}
    window_of = dict(zip([i for i in range(len(sizes)) if i not in absent], window_dims, strict=True))

    def start_index(where: Sequence[Any], component: int) -> Any:
        at = [where[i] for i in scatter_dims]
        if numbers.index_vector_dim < indices.type.rank:
            at.insert(numbers.index_vector_dim, index(component))
        return to_index(tensor.ExtractOp(signless(indices), at).result, indices.type.element_type)

    def batch_index(where: Sequence[Any], position: int) -> Any:
        dimension = numbers.scatter_indices_batching_dims[position]
        return where[scatter_dims[dimension - (dimension > numbers.index_vector_dim)]]

    starts = {dim: k for k, dim in enumerate(numbers.scattered_dims_to_operand_dims)}
    batches = {dim: k for k, dim in enumerate(numbers.input_batching_dims)}

    def update(where: list[Any], values: list[Any]) -> Sequence[Any]:
        target, inside = [], []
        for axis, size in enumerate(sizes):
            position = where[window_of[axis]] if axis in window_of else None
            if axis in starts:
                start = start_index(where, starts[axis])
                position = start if position is None else arith.AddIOp(start, position).result
                inside += [at_least(position, index(0)), less(position, as_value(size))]
            elif axis in batches:
                position = batch_index(where, batches[axis])
            elif position is not None:
                inside.append(less(position, as_value(size)))
            target.append(index(0) if position is None else position)

        def combine() -> Sequence[Any]:
            old = [tensor.ExtractOp(value, target).result for value in values]
            new = [tensor.ExtractOp(value, where).result for value in updates]
            results = inline(block, [*old, *new])
            return [tensor.InsertOp(r, value, target).result for r, value in zip(results, values, strict=True)]

        if not inside:
            return combine()
        fits = inside[0]
        for condition in inside[1:]:
            fits = arith.AndIOp(fits, condition).result
        return when(fits, [value.type for value in values], combine, values)

    results = kernel(dims(updates[0]), operands, update)
    return [cast(value, result.type) for value, result in zip(results, op.results, strict=True)]


def to_index(value: Any, element: Any) -> Any:
    """A signless scalar as an index; `element` says whether it is unsigned."""
    if isinstance(value.type, ir.IndexType):
        return value
    unsigned = isinstance(element, ir.IntegerType) and element.is_unsigned
    return (arith.IndexCastUIOp if unsigned else arith.IndexCastOp)(ir.IndexType.get(), value).result


RULES: Mapping[str, Rule] = {"stablehlo.scatter": scatter}
