"""Collapses neighbouring loops of a kernel's generics into one where all operands are contiguous in them.

A 1x1 convolution becomes a matrix product, an elementwise kernel one loop. Values between the kernel's operations
change shape only
if everything that touches them agrees, so that operations still fuse.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from iree.codegen.cpu.structured import Generic, defining, generics, read_generic, rebuild
from iree.dialects.mlir import arith, ir, tensor

_RESHAPES = {"tensor.collapse_shape", "tensor.expand_shape"}
_SHAPELESS = {"tensor.empty", "linalg.fill"}


def collapse(function: Any) -> None:
    """Collapses loops of all generics in `function`."""
    found = generics(function)
    pairs = [_candidates(generic) for generic in found]
    _agree(found, pairs)
    for generic, joined in zip(found, pairs, strict=True):
        if joined:
            _collapse(read_generic(generic.op), _groups(len(generic.iterators), joined))


def _candidates(generic: Generic) -> set[int]:
    """Loops i such that i and i + 1 can be one as far as this operation alone is concerned."""
    if any(op.name == "linalg.index" for op in generic.body):
        return set()
    return {
        i
        for i in range(len(generic.iterators) - 1)
        if generic.iterators[i] == generic.iterators[i + 1]
        and all(_adjacent(generic.dims(n), i) for n in range(len(generic.operands)))
        and all(_simple(generic, n, i) for n in range(len(generic.operands)))
    }


def _adjacent(dims: Sequence[int | None], i: int) -> bool:
    if i not in dims and i + 1 not in dims:
        return True
    return i in dims and dims.index(i) + 1 < len(dims) and dims[dims.index(i) + 1] == i + 1


def _simple(generic: Generic, operand: int, i: int) -> bool:
    """Neither loop is part of a compound index such as that of a convolution."""
    return not any(
        _uses(expr, loop) for expr in generic.maps[operand].results for loop in (i, i + 1) if not _is_dim(expr)
    )


def _is_dim(expr: Any) -> bool:
    return isinstance(expr.maybe_downcast(), ir.AffineDimExpr)


def _uses(expr: Any, loop: int) -> bool:
    expr = expr.maybe_downcast()
    if isinstance(expr, ir.AffineDimExpr):
        return bool(expr.position == loop)
    return isinstance(expr, ir.AffineBinaryExpr) and (_uses(expr.lhs, loop) or _uses(expr.rhs, loop))


def _agree(found: Sequence[Generic], pairs: list[set[int]]) -> None:
    """Drops pairs until producers and consumers of every value collapse it the same way."""
    changed = True
    while changed:
        changed = False
        seen: list[tuple[Any, set[int]]] = []
        for generic, joined in zip(found, pairs, strict=True):
            for value, number in _touched(generic):
                allowed = _value_pairs(generic, number, joined)
                known = next((entry for entry in seen if entry[0] == value), None)
                if known is None:
                    seen.append((value, allowed if _reshapes_freely(value) else set()))
                else:
                    known[1].intersection_update(allowed)
        for generic, joined in zip(found, pairs, strict=True):
            for value, number in _touched(generic):
                allowed = next(entry[1] for entry in seen if entry[0] == value)
                dims = generic.dims(number)
                for position in _value_pairs(generic, number, joined) - allowed:
                    loop = dims[position]
                    assert loop is not None
                    joined.discard(loop)
                    changed = True


def _touched(generic: Generic) -> list[tuple[Any, int]]:
    """Values whose shape matters to others, with the number of the map that indexes them."""
    inits = [
        (value, len(generic.inputs) + i)
        for i, value in enumerate(generic.inits)
        if not (defining(value) is not None and defining(value).name in _SHAPELESS)
    ]
    results = [(value, len(generic.inputs) + i) for i, value in enumerate(generic.op.results)]
    return [*((v, i) for i, v in enumerate(generic.inputs)), *inits, *results]


def _value_pairs(generic: Generic, number: int, joined: set[int]) -> set[int]:
    """Positions p of a value such that its dimensions p and p + 1 become one."""
    dims = generic.dims(number)
    return {p for p in range(len(dims) - 1) if dims[p] in joined and dims[p + 1] == (dims[p] or 0) + 1}


def _reshapes_freely(value: Any) -> bool:
    op = defining(value)
    return op is None or op.name in _RESHAPES | _SHAPELESS | {"linalg.generic", "arith.constant"}


def _groups(loops: int, joined: set[int]) -> list[list[int]]:
    groups: list[list[int]] = []
    for loop in range(loops):
        if loop - 1 in joined:
            groups[-1].append(loop)
        else:
            groups.append([loop])
    return groups


def _collapse(generic: Generic, groups: list[list[int]]) -> None:
    number = {loop: n for n, group in enumerate(groups) for loop in group}
    maps, operands = [], []
    for n, operand in enumerate(generic.operands):
        reassociation, exprs = _regroup(generic, n, groups, number)
        maps.append(ir.AffineMap.get(len(groups), 0, exprs))
        operands.append(_collapsed(generic, operand, reassociation))
    count = len(generic.inputs)
    iterators = [generic.iterators[group[0]] for group in groups]
    new = rebuild(generic, operands[:count], operands[count:], maps, iterators)
    fresh = read_generic(new)
    for i, (old_result, result) in enumerate(zip(list(generic.op.results), list(new.results), strict=True)):
        reassociation, _ = _regroup(generic, count + i, groups, number)
        old_result.replace_all_uses_with(_expanded(fresh, result, old_result.type, generic.inits[i], reassociation))
    generic.op.erase()


def _regroup(
    generic: Generic, operand: int, groups: list[list[int]], number: dict[int, int]
) -> tuple[list[list[int]], list[Any]]:
    """How an operand's dimensions join, and its new indices."""
    reassociation: list[list[int]] = []
    exprs: list[Any] = []
    dims = generic.dims(operand)
    renumbered = [_renumber(expr, number, len(groups)) for expr in generic.maps[operand].results]
    for position, loop in enumerate(dims):
        previous = dims[position - 1] if position else None
        if loop is not None and previous is not None and previous + 1 == loop and number[loop] == number[previous]:
            reassociation[-1].append(position)
        else:
            reassociation.append([position])
            exprs.append(renumbered[position])
    return reassociation, exprs


def _renumber(expr: Any, number: dict[int, int], loops: int) -> Any:
    dims = [ir.AffineExpr.get_dim(number[loop]) for loop in sorted(number)]
    return expr.compose(ir.AffineMap.get(loops, 0, dims))


def _collapsed(generic: Generic, operand: Any, reassociation: list[list[int]]) -> Any:
    if not reassociation or len(reassociation) == operand.type.rank:
        return operand
    type_ = _collapsed_type(operand.type, reassociation)
    empty = defining(operand)
    with generic.op.location, ir.InsertionPoint(generic.op):
        if empty is not None and empty.name == "tensor.empty":
            return tensor.EmptyOp(_collapsed_sizes(empty, reassociation), type_.element_type).result
        return tensor.CollapseShapeOp(type_, operand, reassociation).result


def _collapsed_sizes(empty: Any, reassociation: list[list[int]]) -> list[Any]:
    """Sizes of a `tensor.empty` whose dimensions join: numbers, and values where they are known only at run time."""
    dynamic = iter(empty.operands)
    shape = [next(dynamic) if size == _DYNAMIC else size for size in empty.results[0].type.shape]
    sizes: list[Any] = []
    for group in reassociation:
        size: Any = math.prod(shape[d] for d in group if isinstance(shape[d], int))
        values = [shape[d] for d in group if not isinstance(shape[d], int)]
        if values:
            index = ir.IndexType.get()
            size = arith.ConstantOp(index, ir.IntegerAttr.get(index, size)).result
            for value in values:
                size = arith.MulIOp(size, value).result
        sizes.append(size)
    return sizes


def _collapsed_type(type_: Any, reassociation: list[list[int]]) -> Any:
    shape = []
    for group in reassociation:
        size = 1
        for d in group:
            size = _DYNAMIC if type_.is_dynamic_dim(d) or size == _DYNAMIC else size * type_.shape[d]
        shape.append(size)
    return ir.RankedTensorType.get(shape, type_.element_type)


_DYNAMIC = ir.ShapedType.get_dynamic_size()


def _expanded(new: Generic, result: Any, type_: Any, init: Any, reassociation: list[list[int]]) -> Any:
    if len(reassociation) == type_.rank:
        return result
    with new.op.location, ir.InsertionPoint.after(new.op):
        sizes = []
        for d in range(type_.rank):
            if type_.is_dynamic_dim(d):
                index = ir.IndexType.get()
                sizes.append(tensor.DimOp(init, arith.ConstantOp(index, ir.IntegerAttr.get(index, d)).result).result)
        static = [_DYNAMIC if type_.is_dynamic_dim(d) else type_.shape[d] for d in range(type_.rank)]
        return tensor.ExpandShapeOp(type_, result, reassociation, sizes, static).result
