"""Moves elementwise operations before reshapes that only add dimensions of size 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from iree.dialects.mlir import ir
from iree.dialects.passes import Pass
from iree.dialects.transforms.structure import Structure, defining, functions, is_tensor, shape_of, walk

_RESHAPES = ("tensor.expand_shape", "tensor.collapse_shape")


@dataclass(frozen=True)
class SinkReshapes(Pass):
    """What works elementwise on a contraction's result with dimensions of size 1 added works on the result itself.

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
    """An operand that is a result in `fed` with dimensions of size 1 added, indexed by all loops in order."""
    for value, dims in zip(structure.inputs, structure.maps, strict=False):
        op = defining(value)
        if op is None or op.name != "tensor.expand_shape" or op.operands[0] not in fed:
            continue
        if dims == tuple(range(structure.loops)) and _without_ones(op.operands[0].type) == _without_ones(value.type):
            return op
    return None


def _without_ones(type_: Any) -> list[int]:
    return [size for size in shape_of(type_) if size != 1]


def _squeeze(op: Any, structure: Structure, expand: Any) -> Any | None:
    """Rebuilds `op` on the shape before `expand` and expands its results; None if an operand does not allow it."""
    groups = [
        [ir.IntegerAttr(i).value for i in ir.ArrayAttr(g)] for g in ir.ArrayAttr(expand.attributes["reassociation"])
    ]
    before, after = shape_of(expand.operands[0].type), shape_of(expand.results[0].type)
    # The loop that stands for each group: the only one whose size is not 1, or any.
    kept = [next((i for i in group if after[i] == before[g]), group[0]) for g, group in enumerate(groups)]
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
            shape = shape_of(value.type)
            remain = [i for i, loop in enumerate(dims) if loop in kept]
            if any(shape[i] != 1 for i in range(len(dims)) if i not in remain):
                return None
            operands.append(_drop(value, remain))
            maps.append([kept.index(dims[i]) for i in remain])
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


def _drop(value: Any, remain: list[int]) -> Any:
    """`value` without the dimensions of size 1 that are not in `remain`."""
    if len(remain) == value.type.rank:
        return value
    source = defining(value)
    shape = shape_of(value.type)
    type_ = ir.RankedTensorType.get([_size(shape[i]) for i in remain], value.type.element_type)
    if source is not None and source.name in _RESHAPES and source.operands[0].type == type_:
        return source.operands[0]
    if source is not None and source.name == "tensor.empty":
        return ir.Operation.create("tensor.empty", [type_], list(source.operands)).result
    groups: list[list[int]] = []
    for i in range(len(shape)):
        # A dropped dimension belongs to the group of the next one that remains, trailing ones to the last.
        if not groups or (groups[-1][-1] in remain and (i in remain or any(r > i for r in remain))):
            groups.append([])
        groups[-1].append(i)
    attributes = {"reassociation": _reassociation(groups if remain else [])}
    return ir.Operation.create("tensor.collapse_shape", [type_], [value], attributes).result


def _expand(value: Any, type_: Any, like: Any) -> Any:
    """`value` with the dimensions of size 1 that the `tensor.expand_shape` `like` adds."""
    attributes = {name: like.attributes[name] for name in ("reassociation", "static_output_shape")}
    return ir.Operation.create("tensor.expand_shape", [type_], [value, *list(like.operands)[1:]], attributes).result


def _reassociation(groups: list[list[int]]) -> Any:
    i64 = ir.IntegerType.get_signless(64)
    return ir.ArrayAttr.get([ir.ArrayAttr.get([ir.IntegerAttr.get(i64, i) for i in g]) for g in groups])


def _size(size: int) -> int:
    return ir.ShapedType.get_dynamic_size() if size < 0 else size
