"""Convolutions read filters whose output channels are the last dimension, as they write results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from iree.dialects.mlir import ir, linalg
from iree.dialects.passes import Pass
from iree.dialects.transforms.structure import Structure, functions, shape_of, walk


@dataclass(frozen=True)
class TransposeFilters(Pass):
    """Transposes the filter of a `linalg.generic` that is a convolution if its last dimension is not the result's.

    Gradients of convolutions have such filters. One pass over the small filter lets the large operands be read and
    written in whole vectors.
    """

    name = "transpose-filters"

    def apply(self, module: Any) -> None:
        """See the class."""
        for function in functions(module):
            for op in [op for op in walk(function) if op.name == "linalg.generic"]:
                structure = Structure.of(op)
                if (
                    structure is not None
                    and structure.reductions
                    and (len(structure.inputs), len(structure.inits)) == (2, 1)
                ):
                    _transpose(op, structure)


def _transpose(op: Any, structure: Structure) -> None:
    image, filter_, result = structure.maps
    if image is not None or not filter_ or not result or filter_[-1] == result[-1] or result[-1] not in filter_:
        return
    order = [d for d, loop in enumerate(filter_) if loop != result[-1]] + [filter_.index(result[-1])]
    value = structure.inputs[1]
    sizes = shape_of(value.type)
    if -1 in sizes:
        return
    with ir.InsertionPoint(op), op.location:
        type_ = ir.RankedTensorType.get([sizes[d] for d in order], value.type.element_type)
        empty = ir.Operation.create("tensor.empty", [type_]).result
        op.operands[1] = linalg.transpose(value, outs=[empty], permutation=order).operation.results[0]
    maps = [attribute.value for attribute in linalg.get_indexing_maps(op)]
    maps[1] = ir.AffineMap.get(structure.loops, 0, [maps[1].results[d] for d in order])
    op.attributes["indexing_maps"] = ir.ArrayAttr.get([ir.AffineMapAttr.get(m) for m in maps])
