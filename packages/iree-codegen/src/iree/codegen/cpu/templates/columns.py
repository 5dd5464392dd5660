"""Columns that are left over, where their number is only known when the kernel runs: they are computed as a whole
tile, of which the second operand is read with zeros beyond them.
"""

from __future__ import annotations

from typing import Any

from iree.codegen.cpu.structured import defining, find, nested_generics, rebuild
from iree.dialects.mlir import arith, ir, linalg, tensor, vector

_DYNAMIC = ir.ShapedType.get_dynamic_size()


def widen_columns(function: Any, tile: int) -> None:
    """Makes contractions of an unknown number of columns such of a whole tile, of which those are taken.

    Args:
        function: After tiles of rows have known sizes, before reductions are tiled.
        tile: Columns of a tile.
    """
    for generic in nested_generics(function):
        fill = defining(generic.inits[0]) if len(generic.inits) == 1 else None
        if len(generic.inputs) != 2 or not generic.reductions or fill is None or fill.name != "linalg.fill":
            continue
        sums, matrix = generic.op.results[0].type, generic.inputs[1]
        *rows, columns = sums.shape
        if columns != _DYNAMIC or _DYNAMIC in rows or matrix.type.shape[-1] != _DYNAMIC:
            continue
        if generic.dims(1)[-1] != generic.dims(2)[-1]:
            continue
        with generic.op.location, ir.InsertionPoint(generic.op):
            last = arith.ConstantOp.create_index(matrix.type.rank - 1).result
            size = tensor.DimOp(matrix, last).result
            whole = arith.ConstantOp.create_index(tile).result
            wide = _padded(matrix, arith.SubIOp(whole, size).result, tile)
            empty = tensor.EmptyOp([*rows, tile], sums.element_type).result
            filled = linalg.fill(fill.operands[0], outs=[empty])
        _copy_names(fill, filled.owner)
        new = rebuild(generic, [generic.inputs[0], wide], [filled], generic.maps, generic.iterators)
        _copy_names(generic.op, new)
        with generic.op.location, ir.InsertionPoint.after(new):
            zeros, ones = [0] * sums.rank, [1] * sums.rank
            sizes = [*rows, _DYNAMIC]
            part = tensor.ExtractSliceOp(sums, new.results[0], [], [size], [], zeros, sizes, ones).result
            part.owner.move_after(new)
        generic.op.results[0].replace_all_uses_with(part)
        generic.op.erase()


def _padded(matrix: Any, missing: Any, tile: int) -> Any:
    type_ = ir.RankedTensorType.get([*matrix.type.shape[:-1], tile], matrix.type.element_type)
    low = [0] * type_.rank
    pad = tensor.PadOp(type_, matrix, [], [missing], low, [*low[:-1], _DYNAMIC])
    index = ir.IndexType.get()
    with ir.InsertionPoint(pad.regions[0].blocks.append(*[index] * type_.rank)):
        tensor.YieldOp(_zero(type_.element_type))
    return pad.result


def _zero(type_: Any) -> Any:
    value = ir.FloatAttr.get(type_, 0.0) if isinstance(type_, ir.FloatType) else ir.IntegerAttr.get(type_, 0)
    return arith.ConstantOp(type_, value).result


def _copy_names(old: Any, new: Any) -> None:
    for name in (name for name in old.attributes if name.startswith("iree_")):
        new.attributes[name] = ir.UnitAttr.get()


def read_columns(function: Any) -> None:
    """Turns slices of what `widen_columns` padded into reads of vectors, which are zero beyond the operand."""
    for pad in find(function, "tensor.pad"):
        for use in list(pad.results[0].uses):
            part = use.owner.operation
            if part.name != "tensor.extract_slice" or not part.results[0].type.has_static_shape:
                continue
            offsets, given = list(part.attributes["static_offsets"]), iter(list(part.operands)[1:])
            with part.location, ir.InsertionPoint(part):
                at = [next(given) if o == _DYNAMIC else arith.ConstantOp.create_index(o).result for o in offsets]
                source, sizes = pad.operands[0], list(part.attributes["static_sizes"])
                type_ = ir.VectorType.get(sizes, source.type.element_type)
                zero = _zero(source.type.element_type)
                identity = ir.AffineMap.get_identity(len(sizes))
                inside = [True] * (len(sizes) - 1)
                read = vector.TransferReadOp(type_, source, at, identity, zero, [*inside, False]).result
                empty = tensor.EmptyOp(sizes, source.type.element_type).result
                none = [arith.ConstantOp.create_index(0).result] * len(sizes)
                made = vector.TransferWriteOp(empty.type, read, empty, none, identity, [*inside, True]).result
                if made.type != part.results[0].type:
                    zeros, ones = [0] * len(sizes), [1] * len(sizes)
                    made = tensor.ExtractSliceOp(part.results[0].type, made, [], [], [], zeros, sizes, ones).result
            part.results[0].replace_all_uses_with(made)
            part.erase()
        if not list(pad.results[0].uses):
            pad.erase()
