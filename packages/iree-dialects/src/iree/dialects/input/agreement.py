"""Types that tell different things of the same sizes are made to agree.

StableHLO lets an operation's result know less than its operands, or one operand more than another; upstream's lowering
and simplification take types as they are. What all know together becomes the type of each, by `tensor.cast`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from iree.dialects.input.build import DYNAMIC, SAME_SHAPE, like, source_of
from iree.dialects.input.rules import in_scalar_region, operations
from iree.dialects.input.window_attributes import attribute_list, padding_list
from iree.dialects.mlir import arith, cf, ir, tensor

_ALIKE = {name for name in SAME_SHAPE if name.startswith("stablehlo.")} | {"stablehlo.sort"}
"""All operands, but for scalars, and all results have one shape."""
_LIKE_FIRST = ("stablehlo.cholesky", "stablehlo.dynamic_update_slice", "stablehlo.select_and_scatter")
"""The result has the shape of the first operand."""


def agree(module: Any) -> None:
    """Changes types in place, where operations do not know all that their operands and results know together."""
    for op in operations(module):
        if not op.name.startswith("stablehlo.") or in_scalar_region(op) or _has_bounds(op):
            continue
        with op.location, ir.InsertionPoint(op):
            if op.name in _ALIKE:
                _make_alike(op, [*op.operands, *op.results], None)
            elif op.name == "stablehlo.concatenate":
                _make_alike(op, [*op.operands, op.results[0]], op.attributes["dimension"].value)
            elif op.name in _LIKE_FIRST:
                _make_alike(op, [op.operands[0], op.results[0]], None)
            for result in op.results:
                if isinstance(result.type, ir.RankedTensorType) and not result.type.has_static_shape:
                    _refine_result(op, result, _inferred(op, result))


def _has_bounds(op: Any) -> bool:
    """Whether any type has an encoding, which casts would lose."""
    types = (value.type for value in (*op.operands, *op.results))
    return any(isinstance(type_, ir.RankedTensorType) and type_.encoding is not None for type_ in types)


def _make_alike(op: Any, values: Sequence[Any], but: int | None) -> None:
    """Gives values of one shape, but for one dimension, types that know all that any of them does."""
    rank = op.results[0].type.rank
    alike = [value for value in values if value.type.rank == rank]
    shape = [DYNAMIC] * rank
    for axis in range(rank):
        sizes = [value.type.shape[axis] for value in alike if value.type.shape[axis] != DYNAMIC]
        if sizes and axis != but:
            shape[axis] = sizes[0]
    for number, value in enumerate(op.operands):
        if value in alike:
            op.operands[number] = _cast_operand(op, number, _merged(value.type.shape, shape))
    for result in op.results:
        _refine_result(op, result, shape)


def _merged(left: Sequence[int], right: Sequence[int]) -> list[int]:
    return [int(b if a == DYNAMIC else a) for a, b in zip(left, right, strict=True)]


def _cast_operand(op: Any, number: int, shape: Sequence[int]) -> Any:
    """An operand as one of known sizes, which the run checks."""
    value = op.operands[number]
    if list(value.type.shape) == list(shape):
        return value
    for axis, (now, size) in enumerate(zip(value.type.shape, shape, strict=True)):
        if now == DYNAMIC and size != DYNAMIC:
            found = tensor.DimOp(value, arith.ConstantOp(ir.IndexType.get(), axis).result).result
            wanted = arith.ConstantOp(ir.IndexType.get(), size).result
            holds = arith.CmpIOp(arith.CmpIPredicate.eq, found, wanted).result
            cf.AssertOp(holds, f"{op.name}: dimension {axis} of operand {number} is not {size}")
    return tensor.CastOp(like(value.type, shape), value).result


def _refine_result(op: Any, result: Any, shape: Sequence[int]) -> None:
    """Lets a result know sizes; what uses it sees the type that it had."""
    old = result.type
    merged = _merged(old.shape, shape)
    if merged == list(old.shape):
        return
    result.set_type(like(old, merged))
    with ir.InsertionPoint.after(op):
        cast = tensor.CastOp(old, result)
    result.replace_all_uses_except(cast.result, cast.operation)


def _inferred(op: Any, result: Any) -> list[int]:
    """What operands and attributes tell of a result's sizes."""
    if op.name in _COMPUTED:
        return _COMPUTED[op.name](op)
    found = [source_of(op, result.result_number, axis) for axis in range(result.type.rank)]
    return [DYNAMIC if place is None else int(op.operands[place[0]].type.shape[place[1]]) for place in found]


def _of_slice(op: Any) -> list[int]:
    parts = ([int(n) for n in op.attributes[name]] for name in ("start_indices", "limit_indices", "strides"))
    return [-(-(stop - start) // step) for start, stop, step in zip(*parts, strict=True)]


def _of_pad(op: Any) -> list[int]:
    names = ("edge_padding_low", "edge_padding_high", "interior_padding")
    low, high, inner = ([int(n) for n in op.attributes[name]] for name in names)
    sizes = zip(op.operands[0].type.shape, low, high, inner, strict=True)
    return [DYNAMIC if n == DYNAMIC else int(n) + a + b + max(int(n) - 1, 0) * i for n, a, b, i in sizes]


def _of_reduce_window(op: Any) -> list[int]:
    shape = list(op.operands[0].type.shape)
    names = ("window_dimensions", "window_strides", "base_dilations", "window_dilations")
    attributes = (attribute_list(op, name, len(shape), 1) for name in names)
    sizes = []
    for n, window, stride, base, spread, (low, high) in zip(
        shape, *attributes, padding_list(op, len(shape)), strict=True
    ):
        room = (int(n) - 1) * base + 1 if n > 0 else 0
        room += low + high
        reach = (window - 1) * spread + 1
        sizes.append(DYNAMIC if n == DYNAMIC else 0 if room < reach else (room - reach) // stride + 1)
    return sizes


_COMPUTED: Mapping[str, Callable[[Any], list[int]]] = {
    "stablehlo.dynamic_slice": lambda op: [int(n) for n in op.attributes["slice_sizes"]],
    "stablehlo.pad": _of_pad,
    "stablehlo.reduce_window": _of_reduce_window,
    "stablehlo.slice": _of_slice,
}
