"""Constant operands that come packed in panels of columns (`pack-constants`): templates read them where they are.

While a template tiles the contraction, `linalg.unpack` is hidden behind a cast that nothing looks through. Once tiles
are no wider than a panel, their slices of the cast become slices of the packed operand.

Panels are as wide as the tiles of the machine with the widest vectors that the program is compiled for. For others
several tiles lie in a panel.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from iree.codegen.cpu.structured import Generic, defining, find, nested_generics, rebuild
from iree.codegen.cpu.vectors import TemplateError
from iree.dialects.mlir import affine, arith, ir, linalg, tensor
from iree.dialects.transforms.pack_constants import SINGLE_ROW

CAST = "builtin.unrealized_conversion_cast"
_OUTER, _WIDTH = "iree_panels_at", "iree_panel_width"
_DYNAMIC = ir.ShapedType.get_dynamic_size()


@dataclass(frozen=True)
class _Layout:
    """Panels are dimension `outer` of the packed operand, their columns, `columns` of them, its last one; the machine
    itself would have panels of `width`.
    """

    outer: int
    columns: int
    width: int


def hide(function: Any, panel_bytes: int) -> None:
    """Replaces every `linalg.unpack` of panels by a cast.

    Args:
        function: The kernel.
        panel_bytes: Width of panels that are made for the machine alone.
    """
    for op in find(function, "linalg.unpack"):
        packed = op.operands[0]
        outer = list(ir.DenseI64ArrayAttr(op.attributes["outer_dims_perm"])).index(op.results[0].type.rank - 1)
        width = panel_bytes * 8 // packed.type.element_type.width
        layout = _Layout(outer, packed.type.shape[-1], width)
        op.results[0].replace_all_uses_with(_cast(op, packed, op.results[0].type, layout))
        op.erase()


def expand(function: Any) -> None:
    """Replaces every `linalg.unpack` of panels by an operation that gathers, for kernels that no template takes."""
    for op in find(function, "linalg.unpack"):
        packed, type_ = op.operands[0], op.results[0].type
        perm = list(ir.DenseI64ArrayAttr(op.attributes["outer_dims_perm"]))
        columns = ir.AffineExpr.get_constant(packed.type.shape[-1])
        dims = [ir.AffineExpr.get_dim(d) for d in range(type_.rank)]
        outer = [*dims[:-1], ir.AffineExpr.get_floor_div(dims[-1], columns)]
        exprs = [*(outer[d] for d in perm), ir.AffineExpr.get_mod(dims[-1], columns)]
        with op.location, ir.InsertionPoint(op):
            empty = tensor.EmptyOp(type_.shape, type_.element_type).result
            kinds = ir.ArrayAttr.get([ir.Attribute.parse("#linalg.iterator_type<parallel>")] * type_.rank)
            identity = ir.AffineMapAttr.get(ir.AffineMap.get_identity(type_.rank))
            generic = linalg.GenericOp([type_], [], [empty], ir.ArrayAttr.get([identity]), kinds)
            block = generic.regions[0].blocks.append(type_.element_type)
            with ir.InsertionPoint(block):
                place = [linalg.IndexOp(d).result for d in range(type_.rank)]
                at = [affine.AffineApplyOp(ir.AffineMap.get(type_.rank, 0, [e]), place).result for e in exprs]
                linalg.YieldOp([tensor.ExtractOp(packed, at).result])
        op.results[0].replace_all_uses_with(generic.operation.results[0])
        op.erase()


def settle(function: Any) -> None:
    """Takes reshapes of hidden operands over to the packed ones, after loops have been dropped and collapsed."""
    for op in find(function, CAST):
        layout, packed = _layout(op), op.operands[0]
        for use in list(op.results[0].uses):
            user = use.owner.operation
            if user.name != "tensor.collapse_shape":
                continue
            groups = [[ir.IntegerAttr(i).value for i in group] for group in user.attributes["reassociation"]]
            wanted = user.results[0].type
            last = op.results[0].type.rank - 1
            outer = sum(all(d < layout.outer for d in group) for group in groups)
            lone = math.prod(op.results[0].type.shape[d] for d in groups[-1] if d != last) == 1
            shape = [*wanted.shape[:outer], packed.type.shape[layout.outer], *wanted.shape[outer:-1], layout.columns]
            joined = _reassociation(packed.type.shape, shape)
            if not lone or joined is None:
                continue
            with user.location, ir.InsertionPoint(user):
                type_ = ir.RankedTensorType.get(shape, packed.type.element_type)
                flat = tensor.CollapseShapeOp(type_, packed, joined).result
            hidden = _cast(user, flat, wanted, replace(layout, outer=outer))
            user.results[0].replace_all_uses_with(hidden)
            user.erase()
        if not list(op.results[0].uses):
            op.erase()


def columns_of(generic: Generic) -> int:
    """Columns of a register tile if a contraction's second input comes in panels, 0 if it is not packed."""
    op = defining(generic.inputs[1])
    if op is None or op.name != CAST:
        return 0
    layout, sizes = _layout(op), generic.loop_sizes()
    rows = [sizes[loop] for loop in generic.dims(2) if loop is not None and loop not in generic.dims(1)]
    return min(layout.columns, layout.width * (SINGLE_ROW if all(size == 1 for size in rows) else 1))


def read_panels(function: Any) -> None:
    """Turns slices of hidden operands that lie in one panel into slices of the packed ones.

    Raises:
        TemplateError: Something reads more than a panel at a time.
    """
    for op in find(function, CAST):
        _read(op.results[0], [0] * op.results[0].type.rank, op.operands[0], _layout(op))
        op.erase()


def widen_rests(function: Any, lanes: int) -> None:
    """Computes whole panels where fewer columns are left that are no whole vectors: the panel holds zeros beyond them,
    and two whole vectors are less work than three or four parts of some.

    Args:
        function: After `read_panels`.
        lanes: Elements of half a vector, of which a tile has two.
    """
    for generic in nested_generics(function):
        slice_ = defining(generic.inputs[1]) if len(generic.inputs) == 2 and generic.reductions else None
        fill = defining(generic.inits[0]) if len(generic.inits) == 1 else None
        if slice_ is None or fill is None or slice_.name != "tensor.extract_slice" or fill.name != "linalg.fill":
            continue
        source, tile, sums = slice_.operands[0].type, slice_.results[0].type, generic.op.results[0].type
        rest = tile.shape[-1] if tile.rank and sums.has_static_shape and tile.has_static_shape else 0
        width = source.shape[-1]
        column = generic.dims(1)[-1]
        at_start = list(slice_.attributes["static_offsets"])[-1] == 0 and width == 4 * lanes
        if not at_start or rest in (0, width) or rest % lanes == 0 or generic.dims(2)[-1] != column:
            continue
        with slice_.location, ir.InsertionPoint(slice_):
            sizes = [*list(slice_.attributes["static_sizes"])[:-1], width]
            panel = tensor.ExtractSliceOp(
                _widen(tile, width), slice_.operands[0], list(slice_.operands)[1:], [], [],
                list(slice_.attributes["static_offsets"]), sizes, [1] * source.rank,
            ).result  # fmt: skip
        with fill.location, ir.InsertionPoint(generic.op):
            empty = tensor.EmptyOp([*sums.shape[:-1], width], sums.element_type).result
            filled = linalg.fill(fill.operands[0], outs=[empty])
        for name in (name for name in fill.attributes if name.startswith("iree_")):
            filled.owner.attributes[name] = ir.UnitAttr.get()
        names = [name for name in generic.op.attributes if name.startswith("iree_")]
        new = rebuild(generic, [generic.inputs[0], panel], [filled], generic.maps, generic.iterators)
        for name in names:
            new.attributes[name] = ir.UnitAttr.get()
        with generic.op.location, ir.InsertionPoint.after(new):
            zeros, ones = [0] * sums.rank, [1] * sums.rank
            part = tensor.ExtractSliceOp(sums, new.results[0], [], [], [], zeros, list(sums.shape), ones).result
        generic.op.results[0].replace_all_uses_with(part)
        generic.op.erase()


def _widen(type_: Any, width: int) -> Any:
    return ir.RankedTensorType.get([*type_.shape[:-1], width], type_.element_type)


def check_read(function: Any) -> None:
    """Makes sure that no hidden operand is left.

    Raises:
        TemplateError: There is one.
    """
    if find(function, CAST):
        raise TemplateError("no template reads the packed operand")


def _read(value: Any, start: Sequence[Any], packed: Any, layout: _Layout) -> None:
    for use in list(value.uses):
        user = use.owner.operation
        if user.name != "tensor.extract_slice" or any(s != 1 for s in user.attributes["static_strides"]):
            raise TemplateError(f"'{user.name}' reads a packed operand across its panels")
        operands = iter(list(user.operands)[1:])
        offsets = [next(operands) if o == _DYNAMIC else o for o in user.attributes["static_offsets"]]
        sizes = [next(operands) if s == _DYNAMIC else s for s in user.attributes["static_sizes"]]
        with user.location, ir.InsertionPoint(user):
            at = [_sum(a, b) for a, b in zip(start, offsets, strict=True)]
            if not isinstance(sizes[-1], int) or sizes[-1] > layout.columns:
                if len(sizes) != user.results[0].type.rank:
                    raise TemplateError("a packed operand loses dimensions before it is cut into panels")
                _read(user.results[0], at, packed, layout)
                user.erase()
                continue
            panel = _quotient(at[-1], layout.columns)
            column = _remainder(at[-1], layout.columns) if layout.width < layout.columns else 0
            new = _slice(
                user.results[0].type,
                packed,
                [*at[: layout.outer], panel, *at[layout.outer : -1], column],
                [*sizes[: layout.outer], 1, *sizes[layout.outer : -1], sizes[-1]],
            )
        user.results[0].replace_all_uses_with(new)
        user.erase()


def _slice(type_: Any, source: Any, offsets: list[Any], sizes: list[Any]) -> Any:
    def static(values: list[Any]) -> list[int]:
        return [v if isinstance(v, int) else _DYNAMIC for v in values]

    def dynamic(values: list[Any]) -> list[Any]:
        return [v for v in values if not isinstance(v, int)]

    ones = [1] * len(sizes)
    return tensor.ExtractSliceOp(
        type_, source, dynamic(offsets), dynamic(sizes), [], static(offsets), static(sizes), ones
    ).result


def _sum(a: Any, b: Any) -> Any:
    if isinstance(a, int) and isinstance(b, int):
        return a + b
    if a == 0 or b == 0:
        return b if isinstance(a, int) else a
    a, b = (_index(v) if isinstance(v, int) else v for v in (a, b))
    x, y = ir.AffineExpr.get_dim(0), ir.AffineExpr.get_dim(1)
    return affine.AffineApplyOp(ir.AffineMap.get(2, 0, [x + y]), [a, b]).result


def _quotient(value: Any, divisor: int) -> Any:
    if isinstance(value, int):
        return value // divisor
    expr = ir.AffineExpr.get_floor_div(ir.AffineExpr.get_dim(0), ir.AffineExpr.get_constant(divisor))
    return affine.AffineApplyOp(ir.AffineMap.get(1, 0, [expr]), [value]).result


def _remainder(value: Any, divisor: int) -> Any:
    if isinstance(value, int):
        return value % divisor
    expr = ir.AffineExpr.get_mod(ir.AffineExpr.get_dim(0), ir.AffineExpr.get_constant(divisor))
    return affine.AffineApplyOp(ir.AffineMap.get(1, 0, [expr]), [value]).result


def _index(value: int) -> Any:
    return arith.ConstantOp(ir.IndexType.get(), ir.IntegerAttr.get(ir.IndexType.get(), value)).result


def _cast(before: Any, packed: Any, type_: Any, layout: _Layout) -> Any:
    i64 = ir.IntegerType.get_signless(64)
    with before.location, ir.InsertionPoint(before):
        numbers = {_OUTER: ir.IntegerAttr.get(i64, layout.outer), _WIDTH: ir.IntegerAttr.get(i64, layout.width)}
        return ir.Operation.create(CAST, [type_], [packed], numbers).result


def _layout(cast: Any) -> _Layout:
    outer, width = (ir.IntegerAttr(cast.attributes[name]).value for name in (_OUTER, _WIDTH))
    return _Layout(outer, cast.operands[0].type.shape[-1], width)


def _reassociation(shape: Sequence[int], wanted: Sequence[int]) -> list[list[int]] | None:
    """Which neighbouring dimensions of `shape` become each of `wanted`, or None if it is no collapse."""
    groups: list[list[int]] = []
    position = 0
    for number, size in enumerate(wanted):
        group: list[int] = []
        product = 1
        while position < len(shape) and (not group or product < size or shape[position] == 1):
            if len(shape) - position <= len(wanted) - number - 1:
                break
            product *= shape[position]
            group.append(position)
            position += 1
        if product != size or not group:
            return None
        groups.append(group)
    return groups if position == len(shape) else None
