"""Builds a kernel from operations of a host block, and the dispatch that takes their place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from iree.dialects import flow
from iree.dialects.input.build import dim, index
from iree.dialects.mlir import CompileError, arith, func, ir
from iree.dialects.transforms.fusion import CHEAP, is_cheap
from iree.dialects.transforms.structure import defining, dynamic_dims, free_values, is_tensor, walk

Dims = Callable[[Any], list[Any]]
"""The dynamic dimensions of a tensor as index values at the host's insertion point, in order."""

_WORDS = {"i32", "i64", "f32", "f64"}
_BITS = {"f16": 16, "bf16": 16, "i1": 1, "i8": 8, "i16": 16}


def outline(name: str, ops: Sequence[Any], results: Sequence[Any], dims: Dims, executables: Any) -> Any:
    """Clones `ops` into a kernel and builds its dispatch at the current insertion point.

    Args:
        name: Of the executable and its kernel.
        ops: Operations of one block, in an order that respects their uses. They are left in place.
        results: Their results that are used by others.
        dims: Gives the dynamic dimensions of operands and results.
        executables: Insertion point for the `flow.executable`.

    Returns:
        The `flow.dispatch`, whose results stand for `results`.

    Raises:
        CompileError: A scalar operand has a type that cannot be passed.
    """
    captured = _captured(ops)
    tensors = operand_tensors(ops)
    scalars = [v for v in captured if not is_tensor(v.type) and not isinstance(v.type, ir.IndexType)]
    indices = [value for value in captured if isinstance(value.type, ir.IndexType)]
    words = [_to_word(value) for value in scalars]
    sizes = [size for value in (*tensors, *results) for size in dims(value)]
    known = set(sizes)
    extra = [value for value in indices if value not in known and _dim_of(value, tensors) is None]
    operands = [*tensors, *words, *sizes, *extra]
    location = ops[-1].location
    with executables, location:
        block = flow.executable(name)
        types = [value.type for value in operands]
        with ir.InsertionPoint(block):
            function = func.FuncOp(name, (types, [value.type for value in results]))
        entry = function.add_entry_block()
    arguments = list(entry.arguments)
    mapping: dict[Any, Any] = dict(zip(tensors, arguments, strict=False))
    position = len(tensors) + len(words)
    size_arguments = arguments[position : position + len(sizes)]
    for value, argument in zip(reversed(sizes), reversed(size_arguments), strict=True):
        mapping[value] = argument
    mapping.update(zip(extra, arguments[position + len(sizes) :], strict=True))
    by_dimension = _by_dimension(tensors, size_arguments)
    for value in indices:
        if value not in mapping:
            mapping[value] = by_dimension[_dim_of(value, tensors)]
    with ir.InsertionPoint(entry), location:
        for value, argument in zip(scalars, arguments[len(tensors) :], strict=False):
            mapping[value] = _from_word(argument, value.type)
        for op in ops:
            _clone(op, mapping)
        _resolve_dims(function, dict(zip(tensors, arguments, strict=False)), by_dimension)
        func.ReturnOp([mapping[value] for value in results])
    with location:
        return flow.dispatch(name, operands, [value.type for value in results])


def operand_tensors(ops: Sequence[Any]) -> list[Any]:
    """The tensors that a kernel of `ops` reads."""
    return [value for value in _captured(ops) if is_tensor(value.type)]


def _captured(ops: Sequence[Any]) -> list[Any]:
    inside = {value for op in ops for value in op.results}
    found: dict[Any, None] = {}
    pending = [value for op in ops for value in free_values(op)]
    position = 0
    while position < len(pending):
        value = pending[position]
        position += 1
        if value in inside or value in found:
            continue
        op = defining(value)
        if op is not None and is_cheap(op):
            inside.add(value)
            pending.extend(free_values(op))
        else:
            found[value] = None
    return list(found)


def _clone(op: Any, mapping: dict[Any, Any]) -> None:
    """Clones `op` at the insertion point, cheap operations that it uses first."""
    for value in free_values(op):
        if value not in mapping:
            source = defining(value)
            assert source is not None and is_cheap(source), value
            _clone(source, mapping)
    copy = op.clone()
    for nested in walk(copy) if len(op.regions) else (copy,):
        operands = nested.operands
        for i, value in enumerate(operands):
            new = mapping.get(value)
            if new is not None:
                operands[i] = new
    for attribute in ("iree.kernel", CHEAP, "no_inline", "linalg.memoized_indexing_maps"):
        if attribute in copy.attributes:
            del copy.attributes[attribute]
    mapping.update(zip(op.results, copy.results, strict=True))


def _dim_of(value: Any, tensors: Sequence[Any]) -> tuple[int, int] | None:
    """(position, dimension) if `value` is a `tensor.dim` of one of `tensors`."""
    op = defining(value)
    if op is None or op.name != "tensor.dim" or op.operands[0] not in tensors:
        return None
    constant = defining(op.operands[1])
    if constant is None or constant.name != "arith.constant":
        return None
    return list(tensors).index(op.operands[0]), ir.IntegerAttr(constant.attributes["value"]).value


def _by_dimension(tensors: Sequence[Any], sizes: Sequence[Any]) -> dict[Any, Any]:
    remaining = iter(sizes)
    return {(i, d): next(remaining) for i, value in enumerate(tensors) for d in dynamic_dims(value.type)}


def _resolve_dims(function: Any, arguments: dict[Any, Any], by_dimension: dict[Any, Any]) -> None:
    """Kernels take the dimensions of their operands as arguments: replaces the `tensor.dim` of those."""
    tensors = list(arguments.values())
    for op in list(walk(function)):
        if op.name == "tensor.dim":
            key = _dim_of(op.results[0], tensors)
            if key in by_dimension:
                op.results[0].replace_all_uses_with(by_dimension[key])
                op.erase()


def _to_word(value: Any) -> Any:
    """A scalar as one of the types that are passed to kernels: i32, i64, f32, f64."""
    type_ = value.type
    if str(type_) in _WORDS:
        return value
    bits = _BITS.get(str(type_))
    if bits is None:
        raise CompileError(f"a dispatch uses a scalar of type {type_}, which cannot be passed to a kernel", value.owner)
    if not isinstance(type_, ir.IntegerType):
        value = arith.bitcast(ir.IntegerType.get_signless(bits), value)
    return arith.extui(ir.IntegerType.get_signless(32), value)


def _from_word(argument: Any, type_: Any) -> Any:
    if argument.type == type_:
        return argument
    narrow = ir.IntegerType.get_signless(_BITS[str(type_)])
    value = arith.trunci(narrow, argument)
    return value if type_ == narrow else arith.bitcast(type_, value)


def host_dims(value: Any) -> list[Any]:
    """The dynamic dimensions of a tensor, as indices known or built at the insertion point."""
    sizes = [dim(value, dimension) for dimension in dynamic_dims(value.type)]
    return [index(size) if isinstance(size, int) else size for size in sizes]  # a cast forgets sizes that are known
