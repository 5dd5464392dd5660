"""Operations read tensors as they are, without the dimensions of size 1 that were added for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from iree.dialects.mlir import ir, linalg
from iree.dialects.passes import Pass
from iree.dialects.transforms.structure import Structure, defining, functions, shape_of, walk


@dataclass(frozen=True)
class FoldUnitDims(Pass):
    """A `linalg.generic` whose input is a tensor with dimensions of size 1 added reads that tensor itself.

    What ``keepdims`` gives is then seen as what it is, a reduction's result that is broadcast, and can be fused.
    """

    name = "fold-unit-dims"

    def apply(self, module: Any) -> None:
        """See the class."""
        for function in functions(module):
            for op in walk(function):
                structure = Structure.of(op) if op.name == "linalg.generic" else None
                if structure is not None:
                    _fold(op, structure)


def _fold(op: Any, structure: Structure) -> None:
    maps = [attribute.value for attribute in linalg.get_indexing_maps(op)]
    operands = op.operands
    for number in range(len(structure.inputs)):
        expand = defining(operands[number])
        kept = unit_expansion(expand) if expand is not None else None
        if expand is None or kept is None or _is_contraction(expand.operands[0]):
            continue  # what follows a contraction moves before the reshape instead: see sink-reshapes
        results = list(maps[number].results)
        new = ir.AffineMap.get(maps[number].n_dims, 0, [results[i] for i in kept])
        if _loops_remain([*maps[:number], new, *maps[number + 1 :]]):
            maps[number] = new
            operands[number] = expand.operands[0]
    op.attributes["indexing_maps"] = ir.ArrayAttr.get([ir.AffineMapAttr.get(m) for m in maps])


def _is_contraction(value: Any) -> bool:
    op = defining(value)
    structure = Structure.of(op) if op is not None else None
    return structure is not None and bool(structure.reductions) and not structure.row_reduction


def unit_expansion(op: Any) -> list[int] | None:
    """For a `tensor.expand_shape` that only adds dimensions of size 1: the dimensions that the source's become."""
    if op.name != "tensor.expand_shape":
        return None
    before, after = shape_of(op.operands[0].type), shape_of(op.results[0].type)
    kept = []
    for source, group in enumerate(ir.ArrayAttr(op.attributes["reassociation"])):
        positions = [ir.IntegerAttr(i).value for i in ir.ArrayAttr(group)]
        others = [i for i in positions if after[i] != 1]
        if len(others) > 1 or (others and after[others[0]] != before[source]) or not positions:
            return None
        kept.append(others[0] if others else positions[0])
    return kept


def _loops_remain(maps: list[Any]) -> bool:
    """Is every loop still the index of some dimension, so that its trip count is known?"""
    used = {e.position for m in maps for e in m.results if isinstance(e, ir.AffineDimExpr)}
    return bool(len(used) == maps[0].n_dims)
