"""reduce_window and convolution over tensors with unknown sizes; what is static is left to upstream.

Padding, base dilation and reversal are made explicit first, so that what is left are windows that lie inside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from iree.dialects.input.approximate import called
from iree.dialects.input.arithmetic import contraction
from iree.dialects.input.build import (
    DYNAMIC,
    Dim,
    as_value,
    dims,
    empty,
    fill,
    generic,
    index,
    like,
    refine,
    scalar,
    signless,
    signless_type,
)
from iree.dialects.input.cumulative import running, scan
from iree.dialects.input.custom_call import DYNAMIC_REDUCE_WINDOW
from iree.dialects.input.dynamic import pad, reverse_dims
from iree.dialects.input.field import add, mul, zero
from iree.dialects.input.rules import Rule
from iree.dialects.input.scalars import indexes, inline
from iree.dialects.input.sizes import add as plus
from iree.dialects.input.sizes import maximum, multiply, same, split, subtract
from iree.dialects.input.window_attributes import attribute_list, padding_list
from iree.dialects.mlir import CompileError, arith, cf, ir, linalg, stablehlo, tensor


def _windows(size: Dim, window: Dim, stride: int, dilation: int) -> Dim:
    """How many windows fit."""
    room = plus(size, subtract(stride + dilation - 1, multiply(window, dilation)))
    if isinstance(room, int):
        return max(room // stride, 0)
    room = maximum(room, 0)
    return arith.DivSIOp(as_value(room), index(stride)).result if stride != 1 else room


def _affine(rank: int, exprs: Sequence[Any]) -> Any:
    return ir.AffineMap.get(rank, 0, list(exprs))


def reduce_window(op: Any) -> list[Any] | None:
    """`stablehlo.reduce_window`, of any number of operands and with any body."""
    count = len(op.results)
    found = scan(op)
    if found is not None:
        return found
    if all(operand.type.has_static_shape for operand in op.operands[:count]):
        return None
    rank = op.operands[0].type.rank
    window, base = attribute_list(op, "window_dimensions", rank, 1), attribute_list(op, "base_dilations", rank, 1)
    strides, dilations = attribute_list(op, "window_strides", rank, 1), attribute_list(op, "window_dilations", rank, 1)
    return _reduce_windows(op, op.regions[0].blocks[0], window, strides, base, dilations, padding_list(op, rank))


def dynamic_reduce_window(op: Any) -> list[Any] | None:
    """JAX's `stablehlo.dynamic_reduce_window`: its attributes are operands, and its body is a function.

    Windows that span all before, or after, an element are what cumulative sums of unknown size have.
    """
    if op.attributes["call_target_name"].value != DYNAMIC_REDUCE_WINDOW:
        return None
    count = len(op.results)
    block = called(op).regions[0].blocks[0]
    window, strides, base, dilations, flat = (indexes(value) for value in op.operands[2 * count :])
    padding = list(zip(flat[::2], flat[1::2], strict=True))
    plain = all(n == 1 and isinstance(n, int) for n in (*strides, *base, *dilations))
    spanned = [i for i, n in enumerate(window) if not isinstance(n, int) or n != 1]
    if plain and len(spanned) == 1 and all(padding[i] == (0, 0) for i in range(len(window)) if i not in spanned):
        (axis,) = spanned
        before, after = padding[axis]
        size = dims(op.operands[0])[axis]
        reverse = isinstance(before, int) and before == 0
        other, reach = (before, after) if reverse else (after, before)
        if not isinstance(window[axis], int) and not isinstance(reach, int) and isinstance(other, int) and other == 0:
            _require_span(op, size, window[axis], reach)
            return [refine(v, t.type) for v, t in zip(running(op, block, axis, reverse), op.results, strict=True)]
    if not all(isinstance(n, int) for n in (*strides, *dilations)):
        raise CompileError(f"custom_call @{DYNAMIC_REDUCE_WINDOW} by strides or dilations that only the run knows", op)
    return _reduce_windows(op, block, window, strides, base, dilations, padding)


def _require_span(op: Any, size: Dim, window: Dim, reach: Dim) -> None:
    """A check that windows span all before, or after, an element: so it looks, but only the run knows."""
    for given, wanted in ((window, size), (reach, subtract(size, 1))):
        if not same(given, wanted):
            holds = arith.CmpIOp(arith.CmpIPredicate.eq, as_value(given), as_value(wanted)).result
            cf.AssertOp(holds, f"{op.name}: a padded window of unknown size must span its dimension")


def _reduce_windows(  # noqa: PLR0917
    op: Any, block: Any, window: Sequence[Dim], strides: Sequence[int], base: Sequence[Dim],
    dilations: Sequence[int], padding: Sequence[tuple[Dim, Dim]],
) -> list[Any]:  # fmt: skip
    """Windows of operands of any sizes; the first operands of `op` are reduced, and from those after them."""
    count, rank = len(op.results), len(window)
    starts = [scalar(signless(value)) for value in op.operands[count : 2 * count]]
    operands = []
    for value, start in zip(op.operands[:count], starts, strict=True):
        low, high = [a for a, _ in padding], [b for _, b in padding]
        operands.append(pad(signless(value), start, low, high, [subtract(b, 1) for b in base]))
    sizes = [_windows(n, w, s, d) for n, w, s, d in zip(dims(operands[0]), window, strides, dilations, strict=True)]
    at = [ir.AffineDimExpr.get(i) for i in range(2 * rank)]
    source = [at[i] * strides[i] + at[rank + i] * dilations[i] for i in range(rank)]
    maps = [_affine(2 * rank, source)] * count + [_affine(2 * rank, at[rank:])] + [_affine(2 * rank, at[:rank])] * count
    shape = empty(window, starts[0].type)  # gives the loops over the window their sizes
    outs = [fill(start, sizes) for start in starts]

    def body(*scalars: Any) -> Sequence[Any]:
        return inline(block, [*scalars[count + 1 :], *scalars[:count]])

    results = generic([*operands, shape], maps, outs, ["parallel"] * rank + ["reduction"] * rank, body)
    return [refine(value, result.type) for value, result in zip(results, op.results, strict=True)]


def convolution(op: Any) -> list[Any] | None:
    """`stablehlo.convolution` of an operand with unknown sizes, and `stablehlo.dynamic_conv`, whose padding is
    values.
    """
    dynamic_padding = op.name == "stablehlo.dynamic_conv"
    if not dynamic_padding and all(value.type.has_static_shape for value in op.operands):
        return contraction(op)
    numbers = stablehlo.ConvDimensionNumbers(op.attributes["dimension_numbers"])
    spatial = list(numbers.input_spatial_dimensions)
    n = len(spatial)
    if dynamic_padding:
        flat = indexes(op.operands[2])
        padding: list[tuple[Dim, Dim]] = [(flat[2 * i], flat[2 * i + 1]) for i in range(n)]
    else:
        padding = [*padding_list(op, n)]
    element = signless_type(op.results[0].type.element_type)
    left, right = (_widen(value, op.results[0].type.element_type) for value in op.operands[:2])
    low: list[Dim] = [0] * left.type.rank
    high, interior = list(low), list(low)
    for axis, (before, after), dilation in zip(spatial, padding, attribute_list(op, "lhs_dilation", n, 1), strict=True):
        low[axis], high[axis], interior[axis] = before, after, dilation - 1
    left = pad(left, zero(element), low, high, interior)
    reversal = "window_reversal" in op.attributes and [bool(flag) for flag in op.attributes["window_reversal"]]
    kernel_spatial = list(numbers.kernel_spatial_dimensions)
    if reversal and any(reversal):
        right = reverse_dims(right, [axis for axis, flag in zip(kernel_spatial, reversal, strict=True) if flag])
    result = _convolve(op, numbers, left, right)
    return [refine(result, op.results[0].type)]


def _widen(value: Any, element: Any) -> Any:
    """`value` with the result's element type, in which products are summed."""
    if value.type.element_type != element:
        kind = like(value.type, element=element)
        value = ir.Operation.create("stablehlo.convert", results=[kind], operands=[value]).result
    return signless(value)


def _convolve(op: Any, numbers: Any, left: Any, right: Any) -> Any:
    n = len(numbers.input_spatial_dimensions)
    strides, dilations = attribute_list(op, "window_strides", n, 1), attribute_list(op, "rhs_dilation", n, 1)
    groups, batches = op.attributes["feature_group_count"].value, op.attributes["batch_group_count"].value
    windows = [
        _windows(dims(left)[i], dims(right)[k], s, d)
        for i, k, s, d in zip(
            numbers.input_spatial_dimensions, numbers.kernel_spatial_dimensions, strides, dilations, strict=True
        )
    ]
    batch, channels = dims(left)[numbers.input_batch_dimension], dims(left)[numbers.input_feature_dimension]
    outputs = dims(right)[numbers.kernel_output_feature_dimension]
    element = left.type.element_type
    plain = is_nhwc(numbers) and batches == 1
    sizes: list[Dim] = [0] * (n + 2)
    for axis, size in zip(numbers.output_spatial_dimensions, windows, strict=True):
        sizes[axis] = size
    sizes[numbers.output_batch_dimension] = batch if batches == 1 else _divide(batch, batches)
    sizes[numbers.output_feature_dimension] = outputs
    if plain and groups == 1:
        out = fill(zero(element), sizes)
        return linalg.conv_2d_nhwc_hwcf(left, right, outs=[out], strides=strides, dilations=dilations)
    if plain and groups == channels == outputs:
        out, kernel = fill(zero(element), sizes), merge(right, 2, 2)
        return linalg.depthwise_conv_2d_nhwc_hwc(left, kernel, outs=[out], strides=strides, dilations=dilations)
    return _general(op, numbers, left, right, sizes)


def is_nhwc(numbers: Any) -> bool:
    """Whether a convolution is of images with channels last, by filters of rows, columns, inputs and outputs."""
    return (
        list(numbers.input_spatial_dimensions) == [1, 2]
        and (numbers.input_batch_dimension, numbers.input_feature_dimension) == (0, 3)
        and list(numbers.kernel_spatial_dimensions) == [0, 1]
        and (numbers.kernel_input_feature_dimension, numbers.kernel_output_feature_dimension) == (2, 3)
        and list(numbers.output_spatial_dimensions) == [1, 2]
        and (numbers.output_batch_dimension, numbers.output_feature_dimension) == (0, 3)
    )


def _divide(size: Dim, by: int) -> Dim:
    return size // by if isinstance(size, int) else arith.DivSIOp(size, index(by)).result


def _general(op: Any, numbers: Any, left: Any, right: Any, sizes: Sequence[Dim]) -> Any:
    """Any layout and grouping. Loops: group, batch, output feature, windows; input feature and window are reduced."""
    n = len(numbers.input_spatial_dimensions)
    groups, batches = op.attributes["feature_group_count"].value, op.attributes["batch_group_count"].value
    strides, dilations = attribute_list(op, "window_strides", n, 1), attribute_list(op, "rhs_dilation", n, 1)
    count = max(groups, batches)
    many = count > 1
    at = [ir.AffineDimExpr.get(i) for i in range(2 * n + 3 + many)]
    batch, feature, *rest = at[many:]
    group, spatial, channel, window = at[0], rest[:n], rest[n], rest[n + 1 :]

    def layout(value: Any, entries: Mapping[int, list[Any]], parts: int) -> tuple[Any, Any]:
        """The tensor with its grouped dimension split, and its indexing map."""
        exprs = []
        for axis in range(value.type.rank):
            exprs += entries[axis]
        grouped = [axis for axis, found in entries.items() if len(found) == 2]
        if grouped:
            value = unmerge(value, grouped[0], parts)
        return value, _affine(len(at), exprs)

    source = {numbers.input_batch_dimension: [group, batch] if batches > 1 else [batch]}
    source[numbers.input_feature_dimension] = [group, channel] if groups > 1 else [channel]
    target = {
        numbers.output_batch_dimension: [batch],
        numbers.output_feature_dimension: [group, feature] if many else [feature],
    }
    kernel = {numbers.kernel_input_feature_dimension: [channel]}
    kernel[numbers.kernel_output_feature_dimension] = [group, feature] if many else [feature]
    for i in range(n):
        source[numbers.input_spatial_dimensions[i]] = [spatial[i] * strides[i] + window[i] * dilations[i]]
        target[numbers.output_spatial_dimensions[i]] = [spatial[i]]
        kernel[numbers.kernel_spatial_dimensions[i]] = [window[i]]
    left, left_map = layout(left, source, count)
    right, right_map = layout(right, kernel, count)
    out, out_map = layout(fill(zero(left.type.element_type), list(sizes)), target, count)
    kinds = ["parallel"] * (2 + many + n) + ["reduction"] * (1 + n)
    result = generic([left, right], [left_map, right_map, out_map], [out], kinds, lambda a, b, s: _accumulate(s, a, b))[
        0
    ]
    return merge(result, numbers.output_feature_dimension, 2) if many else result


def unmerge(value: Any, axis: int, parts: int) -> Any:
    """The tensor with one dimension split into `parts` and the rest."""
    sizes = dims(value)
    sizes[axis : axis + 1] = [parts, _divide(sizes[axis], parts)]
    static, dynamic = split(sizes)
    groups = [[i] if i < axis else [i + 1] if i > axis else [axis, axis + 1] for i in range(value.type.rank)]
    return tensor.ExpandShapeOp(like(value.type, static), value, groups, dynamic, static).result


def merge(value: Any, axis: int, count: int) -> Any:
    """The tensor with `count` dimensions from `axis` on made one."""
    rank = value.type.rank
    groups = [[i] for i in range(axis)] + [list(range(axis, axis + count))] + [[i] for i in range(axis + count, rank)]
    shape = []
    for group in groups:
        parts = [value.type.shape[i] for i in group]
        shape.append(DYNAMIC if DYNAMIC in parts else int(np.prod(parts)))
    return tensor.CollapseShapeOp(like(value.type, shape), value, groups).result


def _accumulate(total: Any, a: Any, b: Any) -> Any:
    if isinstance(total.type, ir.IntegerType):
        return arith.AddIOp(total, arith.MulIOp(a, b).result).result
    return add(total, mul(a, b))


RULES: Mapping[str, Rule] = {
    "stablehlo.convolution": convolution,
    "stablehlo.custom_call": dynamic_reduce_window,
    "stablehlo.dynamic_conv": convolution,
    "stablehlo.reduce_window": reduce_window,
}
