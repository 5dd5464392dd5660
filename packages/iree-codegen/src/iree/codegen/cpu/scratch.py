"""Where a kernel's temporary buffers lie: on the stack, in the worker's local memory, or, if their size depends on the
index arguments, in a binding of their own of which each workgroup has a part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from math import prod
from typing import Any

from iree.codegen.cpu.kernel import Kernel
from iree.codegen.cpu.structured import defining, find
from iree.dialects.mlir import CompileError, arith, ir, memref

CACHE_LINE = 64
STACK_BUFFER_BYTES, STACK_BYTES = 4 * 1024, 32 * 1024
LOCAL_MEMORY_BYTES = 8 << 20


@dataclass(frozen=True)
class Scratch:
    """The buffers that are not on the stack.

    Attributes:
        local: Allocations in local memory, and their offsets there.
        local_bytes: Bytes of local memory.
        shared: Allocations in the binding, and the bytes of each, an affine expression over the index arguments,
            which it has as symbols so that they may be multiplied.
    """

    local: list[tuple[Any, int]]
    local_bytes: int
    shared: list[tuple[Any, Any]]


def place(kernel: Kernel) -> Scratch:
    """Moves small buffers of a bufferized kernel to the stack and says where the others are to lie.

    Raises:
        CompileError: A buffer is too large, or its size is no affine function of the index arguments.
    """
    stack, total = 0, 0
    local: list[tuple[Any, int]] = []
    shared: list[tuple[Any, Any]] = []
    for op in find(kernel.function, "memref.alloc"):
        size = _byte_size(op)
        if size is None:
            shared.append((op, _shared_bytes(kernel, op)))
        elif size <= STACK_BUFFER_BYTES and stack + size <= STACK_BYTES:
            stack += size
            _move_to_stack(kernel, op, size)
        else:
            local.append((op, total))
            total += -(-size // CACHE_LINE) * CACHE_LINE
    if total > LOCAL_MEMORY_BYTES:
        raise CompileError(
            f"kernel needs {total} bytes of scratch memory; {LOCAL_MEMORY_BYTES} are possible. "
            "Fuse less into one dispatch",
            local[-1][0],
        )
    return Scratch(local, total, shared)


def _move_to_stack(kernel: Kernel, op: Any, size: int) -> None:
    type_ = op.results[0].type
    static = bool(type_.has_static_shape)
    held = type_ if static else ir.MemRefType.get([size], ir.IntegerType.get_signless(8))
    with op.location, ir.InsertionPoint.at_block_begin(kernel.block):
        alignment = ir.IntegerAttr.get(ir.IntegerType.get_signless(64), CACHE_LINE)
        on_stack = memref.AllocaOp(held, [], [], alignment=alignment).result
    if not static:
        with op.location, ir.InsertionPoint(op):
            zero = arith.ConstantOp(ir.IndexType.get(), ir.IntegerAttr.get(ir.IndexType.get(), 0)).result
            on_stack = memref.ViewOp(type_, on_stack, zero, list(op.operands)).result
    op.results[0].replace_all_uses_with(on_stack)
    op.erase()


def _element_bytes(type_: Any) -> int:
    if isinstance(type_, ir.ComplexType):
        return 2 * _element_bytes(type_.element_type)
    return 8 if isinstance(type_, ir.IndexType) else -(-int(type_.width) // 8)


# --- Bounds that are numbers ---


def _byte_size(op: Any) -> int | None:
    """Bytes of an allocation; of one with dynamic sizes the most that they can be, None if that is not a number."""
    type_, sizes = op.results[0].type, iter(op.operands)
    extents = [_upper_bound(next(sizes)) if type_.is_dynamic_dim(d) else type_.shape[d] for d in range(type_.rank)]
    return None if None in extents else prod(e or 0 for e in extents) * _element_bytes(type_.element_type)


def _upper_bound(value: Any) -> int | None:
    """The most that a tile's size can be: tiling writes it as the minimum of the tile size and what is left."""
    op = defining(value)
    if op is None:
        return None
    if op.name == "arith.constant":
        return int(ir.IntegerAttr(op.attributes["value"]).value)
    if op.name == "arith.minsi":
        bounds = [_upper_bound(v) for v in op.operands]
        return min((b for b in bounds if b is not None), default=None)
    if op.name == "affine.min":
        results = [e.maybe_downcast() for e in ir.AffineMapAttr(op.attributes["map"]).value.results]
        return min((int(e.value) for e in results if isinstance(e, ir.AffineConstantExpr)), default=None)
    if op.name == "affine.apply" and len(op.operands) == 2:
        return _rest_bound(op)
    return None


def _rest_bound(apply: Any) -> int | None:
    """The step of the loop that peeling splits off another: what is left, `end - index`, is less there, as it starts
    at the last multiple of the step.
    """
    index, end = apply.operands
    if not isinstance(index, ir.BlockArgument) or index.owner.owner.name != "scf.for":
        return None
    start, stop, by = list(index.owner.owner.operands)[:3]
    first, step = defining(start), _upper_bound(by)
    if stop != end or step is None or first is None or first.name != "affine.apply" or list(first.operands) != [end]:
        return None
    left, multiple = (ir.AffineMapAttr(op.attributes["map"]).value for op in (apply, first))
    dim, symbol = ir.AffineExpr.get_dim(0), ir.AffineExpr.get_symbol(0)
    minus = ir.AffineExpr.get_mul(dim, ir.AffineExpr.get_constant(-1))
    lefts = [
        ir.AffineMap.get(1, 1, [ir.AffineExpr.get_add(minus, symbol)]),
        ir.AffineMap.get(2, 0, [ir.AffineExpr.get_add(minus, ir.AffineExpr.get_dim(1))]),
    ]
    multiples = [
        ir.AffineMap.get(*counts, [ir.AffineExpr.get_mul(ir.AffineExpr.get_floor_div(value, size), size)])
        for counts, value in (((1, 0), dim), ((0, 1), symbol))
        for size in [ir.AffineExpr.get_constant(step)]
    ]
    return step if left in lefts and multiple in multiples else None


# --- Bounds that are expressions over the index arguments ---


def _shared_bytes(kernel: Kernel, op: Any) -> Any:
    """Bytes of an allocation, or a bound of them, in whole cache lines: an affine expression.

    One of several unknown extents has their product, which no affine map can say: a semi-affine one, that is.
    """
    type_, sizes = op.results[0].type, iter(op.operands)
    total = ir.AffineExpr.get_constant(_element_bytes(type_.element_type))
    for dimension in range(type_.rank):
        if type_.is_dynamic_dim(dimension):
            extent = _bound(kernel, next(sizes))
            if extent is None:
                raise CompileError(
                    f"kernel needs scratch memory whose size depends on data ({type_}). Fuse less into one dispatch", op
                )
        else:
            extent = ir.AffineExpr.get_constant(type_.shape[dimension])
        total = ir.AffineExpr.get_mul(total, extent)
    line = ir.AffineExpr.get_constant(CACHE_LINE)
    return ir.AffineExpr.get_mul(ir.AffineExpr.get_ceil_div(total, line), line)


def _bound(kernel: Kernel, value: Any) -> Any | None:
    """An affine expression over the index arguments that `value`, which is not negative, does not exceed."""
    number = _upper_bound(value)
    if number is not None:
        return ir.AffineExpr.get_constant(number)
    op = defining(value)
    if op is None:
        return _argument_bound(kernel, value)
    handler = _BOUNDS.get(op.name)
    return handler(kernel, op) if handler is not None else None


def _argument_bound(kernel: Kernel, value: Any) -> Any | None:
    if value.owner == kernel.block:
        known = value.arg_number in kernel.indices
        return ir.AffineExpr.get_symbol(kernel.indices.index(value.arg_number)) if known else None
    loop = value.owner.owner
    if loop.name == "scf.for" and value.arg_number == 0:
        return _bound(kernel, loop.operands[1])
    if loop.name != "scf.forall" or value.arg_number >= len(list(loop.attributes["staticUpperBound"])):
        return None
    lower, upper = (list(loop.attributes[name]) for name in ("staticLowerBound", "staticUpperBound"))
    dynamic = -(1 << 63)
    if upper[value.arg_number] != dynamic:
        return ir.AffineExpr.get_constant(upper[value.arg_number])
    return _bound(kernel, loop.operands[lower.count(dynamic) + upper[: value.arg_number].count(dynamic)])


def _sum_bound(kernel: Kernel, op: Any) -> Any | None:
    return _combine(ir.AffineExpr.get_add, [_bound(kernel, value) for value in op.operands[:2]])


def _product_bound(kernel: Kernel, op: Any) -> Any | None:
    return _combine(ir.AffineExpr.get_mul, [_bound(kernel, value) for value in op.operands[:2]])


def _first_bound(kernel: Kernel, op: Any) -> Any | None:
    """Of what is not more than its first operand, another that is known, or the operand of a cast."""
    return next((b for b in (_bound(kernel, v) for v in op.operands) if b is not None), None)


def _choice_bound(kernel: Kernel, op: Any) -> Any | None:
    return _combine(ir.AffineExpr.get_add, [_bound(kernel, value) for value in op.operands[1:]])


def _difference_bound(kernel: Kernel, op: Any) -> Any | None:
    return _bound(kernel, op.operands[0])


def _map_bound(kernel: Kernel, op: Any) -> Any | None:
    map_ = ir.AffineMapAttr(op.attributes["map"]).value
    inputs = [_bound(kernel, value) for value in op.operands]
    found = (_expression_bound(e, inputs[: map_.n_dims], inputs[map_.n_dims :]) for e in map_.results)
    return next((bound for bound in found if bound is not None), None)


def _dimension_bound(kernel: Kernel, op: Any) -> Any | None:
    number = _upper_bound(op.operands[1])
    return None if number is None else _size_bound(kernel, op.operands[0], number)


def _size_bound(kernel: Kernel, source: Any, number: int) -> Any | None:
    """A bound of dimension `number` of a memref."""
    if number >= source.type.rank:
        return None
    if not source.type.is_dynamic_dim(number):
        return ir.AffineExpr.get_constant(source.type.shape[number])
    dynamic = sum(source.type.is_dynamic_dim(d) for d in range(number))
    made = defining(source)
    if made is not None and made.name == "memref.collapse_shape":
        merged = ir.ArrayAttr(ir.ArrayAttr(made.attributes["reassociation"])[number])
        bounds = [_size_bound(kernel, made.operands[0], ir.IntegerAttr(d).value) for d in merged]
        return None if any(bound is None for bound in bounds) else reduce(ir.AffineExpr.get_mul, bounds)
    if made is not None and made.name in _SIZES_FROM:
        return _bound(kernel, list(made.operands)[dynamic + _SIZES_FROM[made.name]])
    for binding in kernel.bindings:
        if made is None and source.owner == kernel.block and source.arg_number == binding.argument:
            return ir.AffineExpr.get_symbol(kernel.indices.index(binding.sizes[dynamic]))
    return None


_SIZES_FROM = {"memref.alloc": 0, "memref.expand_shape": 1, "memref.view": 2}
"""Which operand is the first of the unknown sizes."""

_BOUNDS = {
    "affine.apply": _map_bound,
    "affine.min": _map_bound,
    "arith.addi": _sum_bound,
    "arith.maxsi": _sum_bound,
    "arith.muli": _product_bound,
    "arith.subi": _difference_bound,
    "arith.divsi": _difference_bound,
    "arith.divui": _difference_bound,
    "arith.floordivsi": _difference_bound,
    "arith.minsi": _first_bound,
    "arith.index_cast": _first_bound,
    "arith.extsi": _first_bound,
    "arith.trunci": _first_bound,
    "arith.select": _choice_bound,
    "memref.dim": _dimension_bound,
}


def _expression_bound(expression: Any, dims: Sequence[Any], symbols: Sequence[Any]) -> Any | None:
    """A bound of an affine expression whose inputs have the bounds given and are not negative."""
    e = expression.maybe_downcast()
    if isinstance(e, ir.AffineConstantExpr):
        return e
    if isinstance(e, ir.AffineDimExpr):
        return dims[e.position]
    if isinstance(e, ir.AffineSymbolExpr):
        return symbols[e.position]
    right = e.rhs.maybe_downcast()
    constant = int(right.value) if isinstance(right, ir.AffineConstantExpr) else None
    if isinstance(e, ir.AffineMulExpr) and constant is not None and constant <= 0:
        return ir.AffineExpr.get_constant(0)
    if isinstance(e, ir.AffineAddExpr) and constant is not None and constant < 0:
        return _expression_bound(e.lhs, dims, symbols)
    left = _expression_bound(e.lhs, dims, symbols)
    if isinstance(e, ir.AffineModExpr):
        return right if constant is not None else left
    if isinstance(e, (ir.AffineAddExpr, ir.AffineMulExpr)):
        both = [left, _expression_bound(right, dims, symbols)]
        return _combine(ir.AffineExpr.get_add if isinstance(e, ir.AffineAddExpr) else ir.AffineExpr.get_mul, both)
    if constant is None or left is None:
        return left
    divide = ir.AffineExpr.get_floor_div if isinstance(e, ir.AffineFloorDivExpr) else ir.AffineExpr.get_ceil_div
    return divide(left, right)


def _combine(operation: Any, parts: Sequence[Any]) -> Any | None:
    return None if any(part is None for part in parts) else operation(*parts)
