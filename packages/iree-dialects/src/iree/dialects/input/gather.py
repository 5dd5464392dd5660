"""dynamic_gather whose slice sizes are values; constant ones become a gather, which upstream lowers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from iree.dialects.input.build import Dim, dims, elementwise, index, refine, signless
from iree.dialects.input.dynamic import known
from iree.dialects.input.loops import clamp
from iree.dialects.input.rules import Rule
from iree.dialects.input.scalars import indexes
from iree.dialects.input.scatter import to_index
from iree.dialects.input.sizes import same, subtract
from iree.dialects.mlir import arith, ir, linalg, stablehlo, tensor


def dynamic_gather(op: Any) -> list[Any]:
    """Slices at computed places, which are moved to lie inside of the operand."""
    operand, indices = (signless(value) for value in op.operands[:2])
    numbers = stablehlo.GatherDimensionNumbers(op.attributes["dimension_numbers"])
    type_ = op.results[0].type
    slices, sizes = indexes(op.operands[2]), dims(operand)
    absent = {*numbers.collapsed_slice_dims, *numbers.operand_batching_dims}
    offsets = dict(zip([axis for axis in range(len(sizes)) if axis not in absent], numbers.offset_dims, strict=True))
    batch = [axis for axis in range(type_.rank) if axis not in numbers.offset_dims]
    vector = numbers.index_vector_dim
    starts = {axis: component for component, axis in enumerate(numbers.start_index_map)}
    batches = dict(zip(numbers.operand_batching_dims, numbers.start_indices_batching_dims, strict=True))
    room = {axis: subtract(sizes[axis], slices[axis]) for axis in starts if not same(sizes[axis], slices[axis])}

    result: list[Dim] = [0] * type_.rank
    for axis, position in offsets.items():
        result[position] = slices[axis]
    for axis, size in zip(batch, [n for i, n in enumerate(dims(indices)) if i != vector], strict=True):
        result[axis] = size

    def start(here: Sequence[Any], axis: int) -> Any:
        where = [here[i] for i in batch]
        if vector < indices.type.rank:
            where.insert(vector, index(starts[axis]))
        found = to_index(tensor.ExtractOp(indices, where).result, op.operands[1].type.element_type)
        return clamp(found, 0, room[axis])

    def body() -> Any:
        wide = ir.IntegerType.get_signless(64)
        here = [linalg.IndexOp(ir.IntegerAttr.get(wide, axis)).result for axis in range(type_.rank)]
        at = []
        for axis in range(len(sizes)):
            position = here[offsets[axis]] if axis in offsets else None
            if axis in batches:
                dimension = batches[axis]
                position = here[batch[dimension - (dimension > vector)]]
            elif axis in room:
                first = start(here, axis)
                position = first if position is None else arith.AddIOp(first, position).result
            at.append(index(0) if position is None else position)
        return tensor.ExtractOp(operand, at).result

    return [refine(elementwise([], known(result, type_), operand.type.element_type, body), type_)]


RULES: Mapping[str, Rule] = {"stablehlo.dynamic_gather": dynamic_gather}
