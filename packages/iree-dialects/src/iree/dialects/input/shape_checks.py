"""What StableHLO asks of sizes, checked where only the run knows them.

Types say which sizes must agree as far as they are known, and the verifier sees to that. Of unknown sizes this writes
a `cf.assert` before the operation, unless both are the same value: without it a kernel would read past the end of a
tensor. Sizes that are operands (`dynamic_reshape` and the like) are checked too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from iree.dialects.input.build import DYNAMIC, SAME_SHAPE, Dim, as_value, dim, dims, index
from iree.dialects.input.rules import in_scalar_region, operations
from iree.dialects.input.scalars import elements, indexes
from iree.dialects.input.sizes import multiply, same, strip
from iree.dialects.mlir import arith, cf, func, ir, stablehlo, tensor

_EQ, _LE = arith.CmpIPredicate.eq, arith.CmpIPredicate.sle


def check_shapes(module: Any) -> None:
    """Checks every operation of `CHECKS` that is no part of a scalar computation, in place, and sizes with bounds of
    what is passed.
    """
    for function in module.body.operations:
        if isinstance(function, func.FuncOp) and not function.is_external:
            with function.location, ir.InsertionPoint.at_block_begin(function.entry_block):
                for number, argument in enumerate(function.arguments):
                    _check_bounds(number, argument)
    for op in operations(module, CHECKS):
        if not in_scalar_region(op):
            with op.location, ir.InsertionPoint(op):
                CHECKS[op.name](op)


def _check_bounds(number: int, argument: Any) -> None:
    """Sizes of an argument are at most what `#stablehlo.bounds` says."""
    type_ = argument.type
    if not isinstance(type_, ir.RankedTensorType) or type_.encoding is None:
        return
    bounds = re.fullmatch(r"#stablehlo\.bounds<(.*)>", str(type_.encoding))
    for axis, bound in enumerate(bounds[1].split(", ") if bounds else ()):
        if bound != "?" and type_.shape[axis] == DYNAMIC:
            holds = arith.CmpIOp(_LE, tensor.DimOp(argument, index(axis)).result, index(int(bound))).result
            cf.AssertOp(holds, f"dimension {axis} of argument {number} is larger than its bound, {bound}")


def _require(op: Any, predicate: Any, a: Dim, b: Dim, what: str) -> None:
    """A check that `a` is equal to, or at most, `b`; none where that is known."""
    numbers = isinstance(a, int) and isinstance(b, int)  # which the verifier has compared
    if numbers or same(a, b) or (predicate == _LE and _known_at_most(a, b)):
        return
    holds = arith.CmpIOp(predicate, as_value(a), as_value(b)).result
    cf.AssertOp(holds, f"{op.name}: {what}")


def _known_at_most(a: Dim, b: Dim) -> bool:
    """Whether a size fits into another in every run."""
    if same(a, b) or (isinstance(a, int) and isinstance(b, int)):
        return True
    return isinstance(a, int) and a <= 0 and _is_size(b)


def _is_size(value: Any) -> bool:
    """Whether a value is that of a dimension, which is not negative."""
    value = strip(value)
    return not isinstance(value, ir.BlockArgument) and value.owner.name == "tensor.dim"


def _sizes_match(op: Any, a: int, axis_a: int, b: int, axis_b: int) -> None:
    """Two dimensions of two operands have one size."""
    x, y = op.operands[a], op.operands[b]
    if DYNAMIC in (x.type.shape[axis_a], y.type.shape[axis_b]):
        where = f"dimension {axis_a} of operand {a} and dimension {axis_b} of operand {b} differ in size"
        _require(op, _EQ, dim(x, axis_a), dim(y, axis_b), where)


def _size_is(op: Any, number: int, axis: int, size: int) -> None:
    """A dimension of an operand has the size that a type says, if that says one."""
    if size != DYNAMIC and op.operands[number].type.shape[axis] == DYNAMIC:
        _require(op, _EQ, dim(op.operands[number], axis), size, f"dimension {axis} of operand {number} is not {size}")


def _at_most(op: Any, sizes: Sequence[Dim], number: int, what: str) -> None:
    """Sizes that must fit into an operand."""
    for axis, size in enumerate(sizes):
        _require(op, _LE, size, dim(op.operands[number], axis), f"{what} {axis} is larger than operand {number}'s")


def _not_negative(op: Any, sizes: Sequence[Dim], what: str) -> None:
    for axis, size in enumerate(sizes):
        if not isinstance(size, int) and not _is_size(size):
            _require(op, _LE, 0, size, f"{what} {axis} is negative")


def _alike(op: Any, numbers: Sequence[int], axes: Sequence[int] | None = None) -> None:
    """The operands have one shape, in these dimensions."""
    first = numbers[0]
    for axis in range(op.operands[first].type.rank) if axes is None else axes:
        for number in numbers[1:]:
            _sizes_match(op, first, axis, number, axis)


def _elementwise(op: Any) -> None:
    result = op.results[0].type
    numbers = [i for i, value in enumerate(op.operands) if value.type.rank == result.rank]
    if result.rank and numbers:
        _alike(op, numbers)
        for axis, size in enumerate(result.shape):
            _size_is(op, numbers[0], axis, size)


def _transpose(op: Any) -> None:
    for axis, size in zip(op.attributes["permutation"], op.results[0].type.shape, strict=True):
        _size_is(op, 0, axis, size)


def _concatenate(op: Any) -> None:
    axis, result = op.attributes["dimension"].value, op.results[0].type
    others = [i for i in range(result.rank) if i != axis]
    _alike(op, range(len(op.operands)), others)
    for i in others:
        _size_is(op, 0, i, result.shape[i])


def _dot_general(op: Any) -> None:
    numbers = stablehlo.DotDimensionNumbers(op.attributes["dot_dimension_numbers"])
    pairs = [
        *zip(numbers.lhs_batching_dimensions, numbers.rhs_batching_dimensions, strict=True),
        *zip(numbers.lhs_contracting_dimensions, numbers.rhs_contracting_dimensions, strict=True),
    ]
    for left, right in pairs:
        _sizes_match(op, 0, left, 1, right)


def _dot(op: Any) -> None:
    _sizes_match(op, 0, op.operands[0].type.rank - 1, 1, 0)


def _slice(op: Any) -> None:
    _at_most(op, [int(n) for n in op.attributes["limit_indices"]], 0, "limit")


def _dynamic_slice(op: Any) -> None:
    _at_most(op, [int(n) for n in op.attributes["slice_sizes"]], 0, "the slice's size")


def _dynamic_update_slice(op: Any) -> None:
    _at_most(op, dims(op.operands[1]), 0, "the update's size")


def _real_dynamic_slice(op: Any) -> None:
    start, limit, stride = (indexes(value) for value in op.operands[1:])
    for axis, (a, b, step) in enumerate(zip(start, limit, stride, strict=True)):
        _require(op, _LE, 0, a, f"start {axis} is negative")
        _require(op, _LE, a, b, f"start {axis} is behind its limit")
        _require(op, _LE, 1, step, f"stride {axis} is not positive")
    _at_most(op, limit, 0, "limit")


def _set_dimension_size(op: Any) -> None:
    axis = op.attributes["dimension"].value
    size = arith.IndexCastOp(ir.IndexType.get(), elements(op.operands[1])[0]).result
    _not_negative(op, [size], "size")
    _require(op, _LE, size, dim(op.operands[0], axis), f"the size is larger than dimension {axis} of operand 0")


def _count(sizes: Sequence[Dim]) -> Dim:
    """The number of elements; unknown sizes first, each product of which may then be another's too."""
    total: Dim = 1
    for size in sorted(sizes, key=lambda size: isinstance(size, int)):
        total = multiply(total, size)
    return total


def _result_sizes(op: Any) -> list[Dim]:
    """Those of the result's type, or else of operand 1, which may not be negative."""
    shape = op.results[0].type.shape
    if len(op.operands) == 1:
        return list(shape)
    sizes = [n if n != DYNAMIC else size for n, size in zip(shape, indexes(op.operands[1]), strict=True)]
    _not_negative(op, sizes, "size")
    return sizes


def _reshape(op: Any) -> None:
    sizes = _result_sizes(op)
    if not op.operands[0].type.has_static_shape or any(not isinstance(size, int) for size in sizes):
        what = "the result has not as many elements as the operand"
        _require(op, _EQ, _count(dims(op.operands[0])), _count(sizes), what)


def _broadcast(op: Any) -> None:
    sizes = _result_sizes(op)
    axes = [int(i) for i in op.attributes["broadcast_dimensions"]]
    for i, axis in enumerate(axes):
        size, wanted = dim(op.operands[0], i), sizes[axis]
        if size == 1 or same(size, wanted) or (isinstance(size, int) and isinstance(wanted, int)):
            continue
        fits = arith.CmpIOp(_EQ, as_value(size), as_value(wanted)).result
        if not isinstance(size, int):
            one = arith.CmpIOp(_EQ, size, as_value(1)).result
            fits = arith.OrIOp(fits, one).result
        cf.AssertOp(fits, f"{op.name}: dimension {i} of operand 0 is neither 1 nor of the size of dimension {axis}")


def _iota(op: Any) -> None:
    _not_negative(op, indexes(op.operands[0]), "size")


def _dynamic_pad(op: Any) -> None:
    _not_negative(op, indexes(op.operands[4]), "interior padding")


def _inputs_alike(op: Any) -> None:
    """Of operations with as many inputs as initial values."""
    _alike(op, range(len(op.operands) // 2))


def _sort(op: Any) -> None:
    _alike(op, range(len(op.operands)))


def _gather(op: Any) -> None:
    numbers = stablehlo.GatherDimensionNumbers(op.attributes["dimension_numbers"])
    if len(op.operands) > 2:
        sizes = indexes(op.operands[2])
        _not_negative(op, sizes, "slice size")
    else:
        sizes = [int(n) for n in op.attributes["slice_sizes"]]
    indices = op.operands[1]
    count = _count([dim(indices, i) for i in range(indices.type.rank) if i != numbers.index_vector_dim])
    for axis, size in enumerate(sizes):
        length = dim(op.operands[0], axis)
        if not _known_at_most(size, length):
            # Nothing may be taken of nothing, as of the rows that a mask selects where there are none.
            fits = arith.CmpIOp(_LE, as_value(size), as_value(length)).result
            if not isinstance(count, int):
                fits = arith.OrIOp(fits, arith.CmpIOp(_EQ, count, as_value(0)).result).result
            cf.AssertOp(fits, f"{op.name}: slice size {axis} is larger than operand 0's")
    for axis, batch in zip(numbers.operand_batching_dims, numbers.start_indices_batching_dims, strict=True):
        _sizes_match(op, 0, axis, 1, batch)


def _scatter(op: Any) -> None:
    count = len(op.operands) // 2
    numbers = stablehlo.ScatterDimensionNumbers(op.attributes["scatter_dimension_numbers"])
    _alike(op, range(count))
    _alike(op, range(count + 1, len(op.operands)))
    window = set(numbers.update_window_dims)
    updates = [i for i in range(op.operands[count + 1].type.rank) if i not in window]
    indices = [i for i in range(op.operands[count].type.rank) if i != numbers.index_vector_dim]
    for a, b in zip(updates, indices, strict=True):
        _sizes_match(op, count + 1, a, count, b)


def _convolution(op: Any) -> None:
    numbers = stablehlo.ConvDimensionNumbers(op.attributes["dimension_numbers"])
    features = dim(op.operands[0], numbers.input_feature_dimension)
    taken = multiply(
        dim(op.operands[1], numbers.kernel_input_feature_dimension), op.attributes["feature_group_count"].value
    )
    _require(op, _EQ, features, taken, "operand 0 has not as many features as operand 1 takes")


def _batch_norm(op: Any) -> None:
    axis = op.attributes["feature_index"].value
    for number, value in enumerate(op.operands):
        if value.type.rank == 1 and number:
            _sizes_match(op, 0, axis, number, 0)
    if op.name.endswith("grad"):
        _alike(op, (0, 4))


def _square(op: Any) -> None:
    rank = op.operands[0].type.rank
    _sizes_match(op, 0, rank - 2, 0, rank - 1)


def _triangular_solve(op: Any) -> None:
    _square(op)
    rank = op.operands[0].type.rank
    _alike(op, (0, 1), range(rank - 2))
    _sizes_match(op, 0, rank - 1, 1, rank - 2 if op.attributes["left_side"].value else rank - 1)


def check_top_k(op: Any) -> None:
    """For `chlo.top_k`, which is lowered before the others; as a sort it has a slice, which is checked."""
    rank = op.operands[0].type.rank
    size = dim(op.operands[0], rank - 1)
    _require(op, _LE, op.attributes["k"].value, size, f"k is larger than dimension {rank - 1}")


CHECKS: Mapping[str, Callable[[Any], None]] = {
    **{name: _elementwise for name in SAME_SHAPE if name.startswith("stablehlo.")},
    "stablehlo.batch_norm_grad": _batch_norm,
    "stablehlo.batch_norm_inference": _batch_norm,
    "stablehlo.batch_norm_training": _batch_norm,
    "stablehlo.broadcast_in_dim": _broadcast,
    "stablehlo.cholesky": _square,
    "stablehlo.concatenate": _concatenate,
    "stablehlo.convolution": _convolution,
    "stablehlo.dot": _dot,
    "stablehlo.dot_general": _dot_general,
    "stablehlo.dynamic_broadcast_in_dim": _broadcast,
    "stablehlo.dynamic_conv": _convolution,
    "stablehlo.dynamic_gather": _gather,
    "stablehlo.dynamic_iota": _iota,
    "stablehlo.dynamic_pad": _dynamic_pad,
    "stablehlo.dynamic_reshape": _reshape,
    "stablehlo.dynamic_slice": _dynamic_slice,
    "stablehlo.dynamic_update_slice": _dynamic_update_slice,
    "stablehlo.gather": _gather,
    "stablehlo.real_dynamic_slice": _real_dynamic_slice,
    "stablehlo.reduce": _inputs_alike,
    "stablehlo.reduce_window": _inputs_alike,
    "stablehlo.reshape": _reshape,
    "stablehlo.scatter": _scatter,
    "stablehlo.set_dimension_size": _set_dimension_size,
    "stablehlo.slice": _slice,
    "stablehlo.sort": _sort,
    "stablehlo.transpose": _transpose,
    "stablehlo.triangular_solve": _triangular_solve,
}
