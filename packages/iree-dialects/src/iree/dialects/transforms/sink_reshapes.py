"""Moves elementwise operations before reshapes that split dimensions or add some of size 1."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from iree.dialects.input.build import as_value, dim
from iree.dialects.mlir import ir
from iree.dialects.passes import Pass
from iree.dialects.transforms.structure import (
    Structure,
    defining,
    dynamic_dims,
    functions,
    is_tensor,
    shape_of,
    walk,
)

_RESHAPES = ("tensor.expand_shape", "tensor.collapse_shape")


@dataclass(frozen=True)
class SinkReshapes(Pass):
    """What works elementwise on a contraction's result with dimensions split or added works on the result itself.

    ``generic(expand_shape(matmul), bias)`` becomes ``expand_shape(generic(matmul, bias'))``, which can then join
    the dispatch of the contraction.
    """

    name = "sink-reshapes"

    def apply(self, module: Any) -> None:
        """See the class."""
        for function in functions(module):
            fed: set[Any] = set()  # results of contractions and of elementwise operations on those
            for op in list(walk(function)):
                structure = Structure.of(op)
                if structure is None:
                    continue
                if structure.reductions:
                    if not structure.row_reduction:
                        fed.update(op.results)
                elif op.name == "linalg.generic" and structure.elementwise:
                    if any(value in fed for value in structure.inputs):
                        fed.update(op.results)
                    elif (source := _expanded(structure, fed)) is not None:
                        new = _squeeze(op, structure, source)
                        if new is not None:
                            fed.update(new.results)


def _expanded(structure: Structure, fed: set[Any]) -> Any | None:
    """An operand that is a result in `fed` with dimensions split or added, indexed by all loops in order."""
    for value, dims in zip(structure.inputs, structure.maps, strict=False):
        op = defining(value)
        if op is None or op.name != "tensor.expand_shape" or op.operands[0] not in fed:
            continue
        if dims == tuple(range(structure.loops)):
            return op
    return None


def _squeeze(op: Any, structure: Structure, expand: Any) -> Any | None:
    """Rebuilds `op` on the shape before `expand` and expands its results; None if an operand does not allow it."""
    groups = _groups(expand)
    if any(inner.name == "linalg.index" for inner in walk(op)):
        return None
    outputs = structure.maps[len(structure.inputs) :]
    if any(dims != tuple(range(structure.loops)) for dims in outputs):
        return None
    operands: list[Any] = []
    maps: list[list[int]] = []
    with ir.InsertionPoint(op), op.location:
        for value, dims in zip((*structure.inputs, *structure.inits), structure.maps, strict=True):
            assert dims is not None
            if not is_tensor(value.type):
                operands.append(value)
                maps.append([])
                continue
            merged = _merged(dims, shape_of(value.type), groups, shape_of(expand.results[0].type))
            if merged is None:
                return None
            operands.append(_collapse(value, [dimensions for _, dimensions in merged], expand))
            maps.append([group for group, _ in merged])
        count = len(groups)
        affine = [ir.AffineMap.get(count, 0, [ir.AffineExpr.get_dim(d) for d in dims]) for dims in maps]
        kinds = ", ".join(["#linalg.iterator_type<parallel>"] * count)
        attributes = {
            "indexing_maps": ir.ArrayAttr.get([ir.AffineMapAttr.get(m) for m in affine]),
            "iterator_types": ir.Attribute.parse(f"[{kinds}]"),
            "operandSegmentSizes": ir.DenseI32ArrayAttr.get([len(structure.inputs), len(structure.inits)]),
        }
        types = [value.type for value in operands[len(structure.inputs) :]]
        new = ir.Operation.create("linalg.generic", types, operands, attributes, regions=1)
        op.regions[0].blocks[0].append_to(new.regions[0])
        for old, value in zip(op.results, new.results, strict=True):
            old.replace_all_uses_with(_expand(value, old.type, expand))
    op.erase()
    return new


def _merged(
    dims: tuple[int, ...], shape: tuple[int, ...], groups: list[list[int]], extents: tuple[int, ...]
) -> list[tuple[int, list[int]]] | None:
    """Which groups of loops an operand is indexed by, with the dimensions that become one for each; None if it is
    indexed by a part of a group alone. Dimensions of size 1 belong to their neighbours.
    """
    found: list[tuple[int, list[int]]] = []
    if dims == tuple(loop for group in groups for loop in group):
        return list(enumerate(groups))
    sized = [[loop for loop in group if extents[loop] != 1] for group in groups]
    leading: list[int] = []
    for position, loop in enumerate(dims):
        if shape[position] == 1:
            (found[-1][1] if found else leading).append(position)
            continue
        number = next(g for g, group in enumerate(groups) if loop in group)
        if not found or found[-1][0] != number:
            found.append((number, leading))
            leading = []
        found[-1][1].append(position)
    for number, positions in found:
        if [dims[p] for p in positions if shape[p] != 1] != sized[number]:
            return None
    return found


def _collapse(value: Any, groups: list[list[int]], expand: Any) -> Any:
    """`value` with each of `groups` of its dimensions as one, without dimensions if there are no groups."""
    source, result = defining(value), expand.operands[0].type
    shape = shape_of(value.type)
    if all(len(group) == 1 for group in groups) and len(groups) == len(shape):
        return value
    sizes = [-1 if any(shape[i] < 0 for i in group) else math.prod(shape[i] for i in group) for group in groups]
    type_ = ir.RankedTensorType.get([_size(size) for size in sizes], value.type.element_type)
    if (
        source is not None
        and source.name in _RESHAPES
        and source.operands[0].type == type_
        and _groups(source) == groups
    ):
        return source.operands[0]
    if source is not None and source.name == "tensor.empty" and shape == shape_of(expand.results[0].type):
        dynamic = [as_value(dim(expand.operands[0], axis)) for axis in dynamic_dims(result)]
        return ir.Operation.create("tensor.empty", [type_], dynamic).result
    attributes = {"reassociation": _reassociation(groups)}
    return ir.Operation.create("tensor.collapse_shape", [type_], [value], attributes).result


def _groups(reshape: Any) -> list[list[int]]:
    return [
        [ir.IntegerAttr(i).value for i in ir.ArrayAttr(g)] for g in ir.ArrayAttr(reshape.attributes["reassociation"])
    ]


def _expand(value: Any, type_: Any, like: Any) -> Any:
    """`value` with the dimensions of size 1 that the `tensor.expand_shape` `like` adds."""
    attributes = {name: like.attributes[name] for name in ("reassociation", "static_output_shape")}
    return ir.Operation.create("tensor.expand_shape", [type_], [value, *list(like.operands)[1:]], attributes).result


def _reassociation(groups: list[list[int]]) -> Any:
    i64 = ir.IntegerType.get_signless(64)
    return ir.ArrayAttr.get([ir.ArrayAttr.get([ir.IntegerAttr.get(i64, i) for i in g]) for g in groups])


def _size(size: int) -> int:
    return ir.ShapedType.get_dynamic_size() if size < 0 else size
