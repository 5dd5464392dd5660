"""Operations whose shapes come from values: sizes are read on the host, then they are linalg, tensor.reshape or
tensor.pad.

A dimension that `dynamic_broadcast_in_dim` may have to expand at run time (both sizes unknown and not provably equal)
is
indexed with 0 when its size is 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from iree.dialects.bindings import max_bindings
from iree.dialects.input.build import (
    DYNAMIC,
    Dim,
    as_value,
    cast,
    dim,
    dims,
    elementwise,
    empty,
    generic,
    hlo,
    index,
    like,
    number,
    refine,
    scalar,
    signless,
    signless_type,
)
from iree.dialects.input.loops import kernel
from iree.dialects.input.rules import Rule
from iree.dialects.input.scalars import elements, indexes, on_host
from iree.dialects.input.sizes import (
    add,
    ceil_div,
    extract_slice,
    insert_slice,
    maximum,
    minimum,
    multiply,
    same,
    split,
    subtract,
)
from iree.dialects.mlir import arith, ir, linalg, tensor


def known(sizes: Sequence[Dim], type_: Any) -> list[Dim]:
    """The sizes, with those that the type knows as ints."""
    return [size if n == DYNAMIC else int(n) for size, n in zip(sizes, type_.shape, strict=True)]


def get_dimension_size(op: Any) -> list[Any]:
    """The size as a scalar of the host."""
    type_ = op.results[0].type
    size = as_value(dim(op.operands[0], op.attributes["dimension"].value))
    value = arith.IndexCastOp(signless_type(type_.element_type), size).result
    return [cast(tensor.FromElementsOp(signless_type(type_), [value]).result, type_)]


_CONSTANTS = ("arith.constant", "builtin.unrealized_conversion_cast", "stablehlo.constant", "tensor.from_elements")


def broadcast(value: Any, sizes: Sequence[Dim], axes: Sequence[int], expanding: Sequence[int] | None = None) -> Any:
    """The tensor of shape `sizes` with `value`'s dimension i along result dimension `axes[i]`, repeated where its
    size is 1.

    Args:
        value: A tensor of signless elements.
        sizes: The result's sizes.
        axes: Per dimension of `value`, the result's dimension.
        expanding: The dimensions of `value` whose size is known to be 1, if more is known than the type says.
    """
    rank = len(sizes)
    if value.type.rank == 0 and not isinstance(value, ir.BlockArgument) and value.owner.name in _CONSTANTS:
        return linalg.fill(elements(value)[0], outs=[empty(sizes, value.type.element_type)])
    given = [dim(value, i) for i in range(len(axes))]
    ones = {i for i, size in enumerate(given) if size == 1 or (expanding is not None and i in expanding)}
    unsure = [
        i
        for i, (size, axis) in enumerate(zip(given, axes, strict=True))
        if i not in ones and not isinstance(size, int) and expanding is None and not same(size, sizes[axis])
    ]
    if not unsure:
        exprs = [
            ir.AffineConstantExpr.get(0) if i in ones else ir.AffineDimExpr.get(axis) for i, axis in enumerate(axes)
        ]
        out = empty(sizes, value.type.element_type)
        maps = [ir.AffineMap.get(rank, 0, exprs), ir.AffineMap.get_identity(rank)]
        return generic([value], maps, [out], ["parallel"] * rank, lambda x, _: x)[0]
    repeats = {i: arith.CmpIOp(arith.CmpIPredicate.eq, given[i], index(1)).result for i in unsure}

    def body() -> Any:
        where = []
        for i, axis in enumerate(axes):
            if i in ones:
                where.append(index(0))
                continue
            here = linalg.IndexOp(ir.IntegerAttr.get(ir.IntegerType.get_signless(64), axis)).result
            where.append(arith.SelectOp(repeats[i], index(0), here).result if i in repeats else here)
        return tensor.ExtractOp(value, where).result

    return elementwise([], sizes, value.type.element_type, body)


def _dimensions(op: Any, name: str) -> list[int] | None:
    return [int(i) for i in op.attributes[name]] if name in op.attributes else None


def dynamic_broadcast_in_dim(op: Any) -> list[Any]:
    """Broadcast to sizes that are values."""
    type_ = op.results[0].type
    axes = _dimensions(op, "broadcast_dimensions") or []
    expanding = _dimensions(op, "known_expanding_dimensions")
    kept = _dimensions(op, "known_nonexpanding_dimensions")
    operand = signless(op.operands[0])
    complete = expanding is not None and kept is not None and len(expanding) + len(kept) == len(axes)
    sizes = known(indexes(op.operands[1]), type_)
    for i, axis in enumerate(axes):  # a size other than 1 is the result's
        if operand.type.shape[i] not in (1, DYNAMIC):
            sizes[axis] = int(operand.type.shape[i])
    return [refine(broadcast(operand, sizes, axes, expanding if complete else None), type_)]


def broadcast_in_dim(op: Any) -> list[Any] | None:
    """Static results of dynamic operands; fully static ones are left to upstream."""
    if op.operands[0].type.has_static_shape:
        return None
    type_ = op.results[0].type
    axes = _dimensions(op, "broadcast_dimensions") or []
    return [cast(broadcast(signless(op.operands[0]), [int(n) for n in type_.shape], axes), type_)]


def dynamic_reshape(op: Any) -> list[Any]:
    """Same elements in row-major order, other sizes."""
    type_ = op.results[0].type
    return [reshape(op.operands[0], known(indexes(op.operands[1]), type_), type_)]


def reshape(value: Any, sizes: Sequence[Dim], type_: Any) -> Any:
    """`value` with other sizes, seen as `type_`."""
    operand = signless(value)
    element = operand.type.element_type
    if not sizes:
        flat = (
            operand if operand.type.has_static_shape else refine(operand, like(operand.type, [1] * operand.type.rank))
        )
        return cast(tensor.CollapseShapeOp(ir.RankedTensorType.get([], element), flat, []).result, type_)
    if operand.type.has_static_shape and all(isinstance(size, int) for size in sizes):
        plain = hlo("reshape", [operand], like(operand.type, [int(size) for size in sizes]))
        return cast(plain, type_)
    shape = ir.RankedTensorType.get([len(sizes)], ir.IndexType.get())
    target = tensor.FromElementsOp(shape, [as_value(size) for size in sizes]).result
    static = ir.RankedTensorType.get([n if isinstance(n, int) else DYNAMIC for n in sizes], element)
    return refine(tensor.ReshapeOp(static, operand, target).result, type_)


def dynamic_iota(op: Any) -> list[Any]:
    """Counts along one dimension."""
    type_ = op.results[0].type
    axis = op.attributes["iota_dimension"].value
    element = signless_type(type_.element_type)
    sizes = known(indexes(op.operands[0]), type_)
    wide = ir.IntegerType.get_signless(64)

    def body() -> Any:
        here = linalg.IndexOp(ir.IntegerAttr.get(wide, axis)).result
        return number(arith.IndexCastOp(wide, here).result, element)

    return [refine(elementwise([], sizes, element, body), type_)]


def real_dynamic_slice(op: Any) -> list[Any]:
    """A strided slice whose bounds are values; sizes are (limit - start + stride - 1) / stride."""
    operand, type_ = signless(op.operands[0]), op.results[0].type
    start, limit, stride = (indexes(value) for value in op.operands[1:])
    sizes = known([ceil_div(subtract(b, a), s) for a, b, s in zip(start, limit, stride, strict=True)], type_)
    return [refine(extract_slice(operand, start, sizes, stride), type_)]


def reverse(op: Any) -> list[Any] | None:
    """Tensors of unknown sizes backwards; static ones are left to upstream."""
    if op.operands[0].type.has_static_shape:
        return None
    axes = [int(i) for i in op.attributes["dimensions"]]
    return [refine(reverse_dims(signless(op.operands[0]), axes), op.results[0].type)]


def reverse_dims(value: Any, axes: Sequence[int]) -> Any:
    """`value` backwards along these dimensions."""
    sizes = dims(value)
    last = {axis: subtract(sizes[axis], 1) for axis in axes}

    def body() -> Any:
        where = [
            linalg.IndexOp(ir.IntegerAttr.get(ir.IntegerType.get_signless(64), i)).result for i in range(len(sizes))
        ]
        for axis, limit in last.items():
            where[axis] = arith.SubIOp(as_value(limit), where[axis]).result
        return tensor.ExtractOp(value, where).result

    return elementwise([], sizes, value.type.element_type, body)


def dynamic_update_slice(op: Any) -> list[Any] | None:
    """An update of unknown sizes, moved to lie inside; static ones are left to upstream."""
    if all(value.type.has_static_shape for value in op.operands):
        return None
    operand, update = signless(op.operands[0]), signless(op.operands[1])
    starts = [indexes(value)[0] for value in op.operands[2:]]
    limits = [subtract(n, u) for n, u in zip(dims(operand), dims(update), strict=True)]
    at = [maximum(minimum(start, limit), 0) for start, limit in zip(starts, limits, strict=True)]
    return [refine(insert_slice(update, operand, at, dims(update), [1] * len(at)), op.results[0].type)]


def concatenate(op: Any) -> list[Any]:
    """Copies of the operands, side by side, as one kernel, or as several where one may not read as many tensors."""
    axis = op.attributes["dimension"].value
    type_ = op.results[0].type
    operands = [signless(value) for value in op.operands]
    if len(operands) == 1:
        return [refine(operands[0], type_)]
    if type_.rank == 1 and on_host(op.results[0]):  # a shape
        return [cast(tensor.FromElementsOp(signless_type(type_), elements(op.results[0])).result, type_)]
    sizes = dims(operands[0])
    offsets: list[Dim] = [0]
    for value in operands:
        offsets.append(add(offsets[-1], dim(value, axis)))
    sizes[axis] = offsets[-1]
    parts = [(value, dims(value), offset) for value, offset in zip(operands, offsets, strict=False)]
    joined = [empty(known(sizes, op.results[0].type), operands[0].type.element_type)]
    bound = max_bindings(op)
    most = len(parts) if bound is None else bound - 2  # beside what is joined before and after
    for start in range(0, len(parts), most):

        def copy(
            _where: list[Any], values: list[Any], some: Sequence[Any] = tuple(parts[start : start + most])
        ) -> list[Any]:
            result = values[0]
            for value, shape, offset in some:
                at: list[Dim] = [offset if i == axis else 0 for i in range(len(shape))]
                result = insert_slice(value, result, at, shape, [1] * len(shape))
            return [result]

        joined = kernel([], joined, copy)
    return [refine(joined[0], op.results[0].type)]


def dynamic_pad(op: Any) -> list[Any]:
    """Padding whose amounts are values; negative ones cut."""
    operand, type_ = signless(op.operands[0]), op.results[0].type
    low, high, interior = (indexes(value) for value in op.operands[2:])
    result = pad(operand, scalar(signless(op.operands[1])), low, high, interior)
    return [refine(result, type_)]


def static_pad(op: Any) -> list[Any] | None:
    """`stablehlo.pad` of unknown sizes that cuts, or pads between elements; others are left to upstream."""
    low, high, interior = (
        [int(n) for n in op.attributes[name]] for name in ("edge_padding_low", "edge_padding_high", "interior_padding")
    )
    if op.operands[0].type.has_static_shape or (min(low + high, default=0) >= 0 and not any(interior)):
        return None
    result = pad(signless(op.operands[0]), scalar(signless(op.operands[1])), low, high, interior)
    return [refine(result, op.results[0].type)]


def pad(operand: Any, value: Any, low: Sequence[Dim], high: Sequence[Dim], interior: Sequence[Dim]) -> Any:
    """`operand` with `interior` values between its elements and `low` and `high` around it; negative amounts cut."""
    strides = [add(i, 1) for i in interior]
    if any(stride != 1 for stride in strides):
        wide = [maximum(add(multiply(n, s), subtract(1, s)), 0) for n, s in zip(dims(operand), strides, strict=True)]
        spread = linalg.fill(value, outs=[empty(wide, operand.type.element_type)])
        operand = insert_slice(operand, spread, [0] * len(wide), dims(operand), strides)
    cuts = [_cut(n, a, b) for n, a, b in zip(dims(operand), low, high, strict=True)]
    if any(cut is not None for cut in cuts):
        begin = [0 if cut is None else cut[0] for cut in cuts]
        sizes = [n if cut is None else cut[1] for n, cut in zip(dims(operand), cuts, strict=True)]
        operand = extract_slice(operand, begin, sizes, [1] * len(sizes))
    (sl, dl) = split([n if cut is None else cut[2] for n, cut in zip(low, cuts, strict=True)])
    (sh, dh) = split([n if cut is None else cut[3] for n, cut in zip(high, cuts, strict=True)])
    shape = [DYNAMIC if DYNAMIC in (n, a, b) else n + a + b for n, a, b in zip(operand.type.shape, sl, sh, strict=True)]
    padded = tensor.PadOp(like(operand.type, shape), operand, dl, dh, sl, sh)
    block = padded.regions[0].blocks.append(*[ir.IndexType.get()] * len(shape))
    with ir.InsertionPoint(block):
        tensor.YieldOp(value)
    return padded.result


def _cut(size: Dim, low: Dim, high: Dim) -> tuple[Dim, Dim, Dim, Dim] | None:
    """Where a dimension's elements that are kept begin, how many they are, and what is added before and after them;
    None if all are kept.

    A cut may go beyond the elements into what is added at the other end.
    """
    begin, end = maximum(subtract(0, low), 0), maximum(subtract(0, high), 0)
    if all(isinstance(n, int) and n == 0 for n in (begin, end)):
        return None
    kept = maximum(subtract(subtract(size, begin), end), 0)
    if all(isinstance(n, int) and n <= 0 for n in (low, high)):
        return minimum(begin, size), kept, 0, 0
    added = subtract(maximum(add(add(size, low), high), 0), kept)
    before = minimum(maximum(low, 0), added)
    return minimum(begin, size), kept, before, subtract(added, before)


RULES: Mapping[str, Rule] = {
    "stablehlo.concatenate": concatenate,
    "stablehlo.dynamic_update_slice": dynamic_update_slice,
    "stablehlo.reverse": reverse,
    "stablehlo.broadcast_in_dim": broadcast_in_dim,
    "stablehlo.dynamic_broadcast_in_dim": dynamic_broadcast_in_dim,
    "stablehlo.dynamic_iota": dynamic_iota,
    "stablehlo.dynamic_pad": dynamic_pad,
    "stablehlo.dynamic_reshape": dynamic_reshape,
    "stablehlo.get_dimension_size": get_dimension_size,
    "stablehlo.pad": static_pad,
    "stablehlo.real_dynamic_slice": real_dynamic_slice,
}
