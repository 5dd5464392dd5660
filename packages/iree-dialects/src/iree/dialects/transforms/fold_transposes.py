"""Contractions read transposed and broadcast operands where they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from iree.dialects.mlir import ir, linalg
from iree.dialects.passes import Pass
from iree.dialects.transforms.structure import Structure, body, defining, functions, is_linalg, walk

_GENERALIZED = frozenset({"linalg.matmul", "linalg.batch_matmul", "linalg.matvec", "linalg.vecmat", "linalg.dot"})


@dataclass(frozen=True)
class FoldTransposes(Pass):
    """Operands of contractions that are transposes or broadcasts become indexing maps.

    A contraction with such an operand turns into a `linalg.generic` that reads what was transposed.
    """

    name = "fold-transposes"

    def apply(self, module: Any) -> None:
        """See the class."""
        for function in functions(module):
            for op in [op for op in walk(function) if op.name in _GENERALIZED or op.name == "linalg.generic"]:
                structure = Structure.of(op)
                if structure is not None and structure.reductions and not structure.row_reduction:
                    _fold(op, structure)


def _fold(op: Any, structure: Structure) -> None:
    maps = [attribute.value for attribute in linalg.get_indexing_maps(op)]
    operands = list(op.operands)
    folded = False
    for number in range(len(structure.inputs)):
        while (moved := _movement(operands[number])) is not None:
            source, positions = moved
            results = list(maps[number].results)
            maps[number] = ir.AffineMap.get(maps[number].n_dims, 0, [results[p] for p in positions])
            operands[number] = source
            folded = True
    if not folded or not _loops_remain(maps):
        return
    iterators = ["reduction" if loop in structure.reductions else "parallel" for loop in range(structure.loops)]
    kinds = ", ".join(f"#linalg.iterator_type<{kind}>" for kind in iterators)
    attributes = {
        "indexing_maps": ir.ArrayAttr.get([ir.AffineMapAttr.get(m) for m in maps]),
        "iterator_types": ir.Attribute.parse(f"[{kinds}]"),
        "operandSegmentSizes": ir.DenseI32ArrayAttr.get([len(structure.inputs), len(structure.inits)]),
    }
    with ir.InsertionPoint(op), op.location:
        new = ir.Operation.create("linalg.generic", [r.type for r in op.results], operands, attributes, regions=1)
    op.regions[0].blocks[0].append_to(new.regions[0])
    for old, value in zip(op.results, new.results, strict=True):
        old.replace_all_uses_with(value)
    op.erase()


def _loops_remain(maps: list[Any]) -> bool:
    """Is every loop still the index of some dimension, so that its trip count is known?"""
    used = {e.position for m in maps for e in m.results if isinstance(e, ir.AffineDimExpr)}
    return bool(len(used) == maps[0].n_dims)


def _movement(value: Any) -> tuple[Any, list[int]] | None:
    """If `value` is a transpose or broadcast: its source, and which of its dimensions each of the source becomes."""
    op = defining(value)
    if op is None or not is_linalg(op) or len(op.results) != 1:
        return None
    structure = Structure.of(op)
    if structure is None or not structure.elementwise or len(structure.inputs) != 1 or not _only_yields(op):
        return None
    source, output = structure.maps
    if source is None or output is None or len(set(source)) != len(source):
        return None
    return structure.inputs[0], [output.index(loop) for loop in source]


def _only_yields(op: Any) -> bool:
    block = op.regions[0].blocks[0]
    operations = body(block)
    return bool(len(operations) == 1 and operations[0].operands[0] == block.arguments[0])
