"""Operations whose shapes come from values: sizes are read on the host, then they are linalg, tensor.reshape or
tensor.pad.

A dimension that `dynamic_broadcast_in_dim` may have to expand at run time (both sizes unknown and not provably equal)
is
indexed with 0 when its size is 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from iree.dialects.input.build import (
    DYNAMIC,
    Dim,
    as_value,
    cast,
    constant,
    dim,
    dims,
    elementwise,
    empty,
    generic,
    index,
    like,
    scalar,
    signless,
    signless_type,
)
from iree.dialects.input.rules import Rule
from iree.dialects.input.scalars import indexes
from iree.dialects.mlir import arith, ir, linalg, tensor


def refine(value: Any, type_: Any) -> Any:
    """`value` with exactly the sizes and signedness of `type_`."""
    same = like(type_, element=value.type.element_type)
    if value.type != same:
        value = tensor.CastOp(same, value).result
    return cast(value, type_)


def known(sizes: Sequence[Dim], type_: Any) -> list[Dim]:
    """The sizes, with those that the type knows as ints."""
    return [size if n == DYNAMIC else int(n) for size, n in zip(sizes, type_.shape, strict=True)]


def get_dimension_size(op: Any) -> list[Any]:
    """The size as a scalar of the host."""
    type_ = op.results[0].type
    size = as_value(dim(op.operands[0], op.attributes["dimension"].value))
    value = arith.IndexCastOp(signless_type(type_.element_type), size).result
    return [cast(tensor.FromElementsOp(signless_type(type_), [value]).result, type_)]


_PURE = ("arith.addi", "arith.constant", "arith.index_cast", "arith.muli", "arith.subi", "tensor.dim", "tensor.extract")


def _same(a: Dim, b: Dim, depth: int = 8) -> bool:
    """Whether two sizes are equal, as far as their computation shows."""
    if isinstance(a, int) or isinstance(b, int):
        return bool(a == b)
    a, b = _strip(a), _strip(b)
    if a == b:
        return True
    if isinstance(a, ir.BlockArgument) or isinstance(b, ir.BlockArgument) or depth == 0:
        return False
    x, y = a.owner, b.owner
    if x.name != y.name or x.name not in _PURE or len(x.operands) != len(y.operands):
        return False
    if x.name == "arith.constant":
        return bool(x.attributes["value"] == y.attributes["value"])
    return all(p == q or _same(p, q, depth - 1) for p, q in zip(x.operands, y.operands, strict=True))


def _strip(value: Any) -> Any:
    """The value behind conversions between integers and index, which keep sizes as they are."""
    while not isinstance(value, ir.BlockArgument) and value.owner.name == "arith.index_cast":
        value = value.owner.operands[0]
    return value


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
    exprs: list[Any] = []
    unsure = []
    for i, axis in enumerate(axes):
        size = dim(value, i)
        if size == 1 or (expanding is not None and i in expanding):
            exprs.append(ir.AffineConstantExpr.get(0))
        else:
            exprs.append(ir.AffineDimExpr.get(axis))
            if not isinstance(size, int) and expanding is None and not _same(size, sizes[axis]):
                unsure.append(i)
    if not unsure:
        out = empty(sizes, value.type.element_type)
        maps = [ir.AffineMap.get(rank, 0, exprs), ir.AffineMap.get_identity(rank)]
        return generic([value], maps, [out], ["parallel"] * rank, lambda x, _: x)[0]
    ones = {i: arith.CmpIOp(arith.CmpIPredicate.eq, dim(value, i), index(1)).result for i in unsure}

    def body() -> Any:
        where = []
        for i, axis in enumerate(axes):
            if dim_is_one(value, i):
                where.append(index(0))
                continue
            here = linalg.IndexOp(ir.IntegerAttr.get(ir.IntegerType.get_signless(64), axis)).result
            where.append(arith.SelectOp(ones[i], index(0), here).result if i in ones else here)
        return tensor.ExtractOp(value, where).result

    return elementwise([], sizes, value.type.element_type, body)


def dim_is_one(value: Any, axis: int) -> bool:
    """Whether the type says that the dimension has size 1."""
    return bool(value.type.shape[axis] == 1)


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
    """`value` with other sizes, seen as `type_`. Groups of dimensions that match one to one keep their structure."""
    operand = signless(value)
    element = operand.type.element_type
    if not sizes:
        flat = tensor.CastOp(like(operand.type, [1] * operand.type.rank), operand).result
        return cast(tensor.CollapseShapeOp(ir.RankedTensorType.get([], element), flat, []).result, type_)
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


def number(value: Any, element: Any) -> Any:
    """An i64 converted to an element type."""
    from iree.dialects.mlir import complex as complex_

    if isinstance(element, ir.IntegerType):
        if element.width == value.type.width:
            return value
        return (arith.TruncIOp if element.width < value.type.width else arith.ExtSIOp)(element, value).result
    if isinstance(element, ir.ComplexType):
        real = arith.SIToFPOp(element.element_type, value).result
        return complex_.CreateOp(element, real, constant(0, element.element_type)).result
    return arith.SIToFPOp(element, value).result


def real_dynamic_slice(op: Any) -> list[Any]:
    """A strided slice whose bounds are values; sizes are (limit - start + stride - 1) / stride."""
    operand, type_ = signless(op.operands[0]), op.results[0].type
    start, limit, stride = (indexes(value) for value in op.operands[1:])
    sizes = known([_ceil_div(_sub(b, a), s) for a, b, s in zip(start, limit, stride, strict=True)], type_)
    return [refine(extract_slice(operand, start, sizes, stride), type_)]


def _sub(a: Dim, b: Dim) -> Dim:
    if isinstance(a, int) and isinstance(b, int):
        return a - b
    return a if b == 0 and isinstance(b, int) else arith.SubIOp(as_value(a), as_value(b)).result


def add(a: Dim, b: Dim) -> Dim:
    """A + b, folded where both are known."""
    if isinstance(a, int) and isinstance(b, int):
        return a + b
    if isinstance(a, int):
        a, b = b, a
    return a if isinstance(b, int) and b == 0 else arith.AddIOp(as_value(a), as_value(b)).result


def multiply(a: Dim, b: Dim) -> Dim:
    """A * b, folded where both are known."""
    if isinstance(a, int) and isinstance(b, int):
        return a * b
    if isinstance(a, int):
        a, b = b, a
    return a if isinstance(b, int) and b == 1 else arith.MulIOp(as_value(a), as_value(b)).result


def _ceil_div(a: Dim, b: Dim) -> Dim:
    if isinstance(a, int) and isinstance(b, int):
        return -(-a // b)
    return a if isinstance(b, int) and b == 1 else arith.CeilDivSIOp(as_value(a), as_value(b)).result


def maximum(a: Dim, b: Dim) -> Dim:
    """The larger, folded where both are known."""
    if isinstance(a, int) and isinstance(b, int):
        return max(a, b)
    return arith.MaxSIOp(as_value(a), as_value(b)).result


def minimum(a: Dim, b: Dim) -> Dim:
    """The smaller, folded where both are known."""
    if isinstance(a, int) and isinstance(b, int):
        return min(a, b)
    return arith.MinSIOp(as_value(a), as_value(b)).result


def split(values: Sequence[Dim]) -> tuple[list[int], list[Any]]:
    """Static entries (with the dynamic marker) and dynamic values, as slicing operations take them."""
    return [v if isinstance(v, int) else DYNAMIC for v in values], [v for v in values if not isinstance(v, int)]


def extract_slice(value: Any, offsets: Sequence[Dim], sizes: Sequence[Dim], strides: Sequence[Dim]) -> Any:
    """`tensor.extract_slice` with mixed static and dynamic numbers."""
    (so, do), (sz, dz), (st, dt) = split(offsets), split(sizes), split(strides)
    return tensor.ExtractSliceOp(like(value.type, sz), value, do, dz, dt, so, sz, st).result


def insert_slice(value: Any, into: Any, offsets: Sequence[Dim], sizes: Sequence[Dim], strides: Sequence[Dim]) -> Any:
    """`tensor.insert_slice` with mixed static and dynamic numbers."""
    (so, do), (sz, dz), (st, dt) = split(offsets), split(sizes), split(strides)
    return tensor.InsertSliceOp(value, into, do, dz, dt, so, sz, st).result


def dynamic_pad(op: Any) -> list[Any]:
    """Padding whose amounts are values; negative ones cut."""
    operand, type_ = signless(op.operands[0]), op.results[0].type
    low, high, interior = (indexes(value) for value in op.operands[2:])
    result = pad(operand, scalar(signless(op.operands[1])), low, high, interior)
    return [refine(result, type_)]


def pad(operand: Any, value: Any, low: Sequence[Dim], high: Sequence[Dim], interior: Sequence[Dim]) -> Any:
    """`operand` with `interior` values between its elements and `low` and `high` around it; negative amounts cut."""
    strides = [add(i, 1) for i in interior]
    if any(stride != 1 for stride in strides):
        wide = [maximum(add(multiply(n, s), _sub(1, s)), 0) for n, s in zip(dims(operand), strides, strict=True)]
        spread = linalg.fill(value, outs=[empty(wide, operand.type.element_type)])
        operand = insert_slice(operand, spread, [0] * len(wide), dims(operand), strides)
    begin = [maximum(_sub(0, n), 0) for n in low]
    end = [maximum(_sub(0, n), 0) for n in high]
    if any(n != 0 for n in begin + end):
        sizes = [maximum(_sub(_sub(n, b), e), 0) for n, b, e in zip(dims(operand), begin, end, strict=True)]
        operand = extract_slice(operand, begin, sizes, [1] * len(sizes))
    (sl, dl), (sh, dh) = split([maximum(n, 0) for n in low]), split([maximum(n, 0) for n in high])
    shape = [DYNAMIC if DYNAMIC in (n, a, b) else n + a + b for n, a, b in zip(operand.type.shape, sl, sh, strict=True)]
    padded = tensor.PadOp(like(operand.type, shape), operand, dl, dh, sl, sh)
    block = padded.regions[0].blocks.append(*[ir.IndexType.get()] * len(shape))
    with ir.InsertionPoint(block):
        tensor.YieldOp(value)
    return padded.result


RULES: Mapping[str, Rule] = {
    "stablehlo.broadcast_in_dim": broadcast_in_dim,
    "stablehlo.dynamic_broadcast_in_dim": dynamic_broadcast_in_dim,
    "stablehlo.dynamic_iota": dynamic_iota,
    "stablehlo.dynamic_pad": dynamic_pad,
    "stablehlo.dynamic_reshape": dynamic_reshape,
    "stablehlo.get_dimension_size": get_dimension_size,
    "stablehlo.real_dynamic_slice": real_dynamic_slice,
}
