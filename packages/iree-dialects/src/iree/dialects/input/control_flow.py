"""while, if and case become scf operations, with their regions moved as they are.

What decides is read on the host. Integers and truth values of rank 0 that a loop carries (counters, conditions) are
carried as
scalars, so that they stay on the host.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from iree.dialects.input.build import cast, constant, from_scalar, signless_type
from iree.dialects.input.rules import Rule
from iree.dialects.input.scalars import scalar_of
from iree.dialects.mlir import arith, ir, scf


def _on_host(type_: Any) -> bool:
    return isinstance(type_, ir.RankedTensorType) and type_.rank == 0 and isinstance(type_.element_type, ir.IntegerType)


def _carried(type_: Any) -> Any:
    """The type that a loop or branch carries for a tensor type."""
    return signless_type(type_.element_type) if _on_host(type_) else type_


def _pack(value: Any) -> Any:
    """A value as a loop carries it."""
    return scalar_of(value) if _on_host(value.type) else value


def _unpack(value: Any, type_: Any) -> Any:
    return cast(from_scalar(value), type_) if _on_host(type_) else value


def _results(op: Any, types: Sequence[Any]) -> list[Any]:
    return [_unpack(value, type_) for value, type_ in zip(op.results, types, strict=True)]


def _move(source: Any, target: Any, arguments: Sequence[Any]) -> list[Any]:
    """Moves a block's operations to the end of another, erases its terminator, returns what that returned."""
    for old, new in zip(source.arguments, arguments, strict=True):
        old.replace_all_uses_with(new)
    moved = list(source.operations)
    for op in moved[:-1]:
        target.append(op)
    values = list(moved[-1].operands)
    moved[-1].operation.erase()
    return values


def while_(op: Any) -> list[Any]:
    """`stablehlo.while`."""
    types = [result.type for result in op.results]
    carried = [_carried(type_) for type_ in types]
    loop = scf.WhileOp(carried, [_pack(_as(value, type_)) for value, type_ in zip(op.operands, types, strict=True)])
    locations = [op.location] * len(carried)
    before = loop.before.blocks.append(*carried, arg_locs=locations)
    after = loop.after.blocks.append(*carried, arg_locs=locations)
    for source, target in ((op.regions[0].blocks[0], before), (op.regions[1].blocks[0], after)):
        with ir.InsertionPoint(target):
            inner = [argument.type for argument in source.arguments]
            arguments = [
                _as(_unpack(value, type_), to) for value, type_, to in zip(target.arguments, types, inner, strict=True)
            ]
            values = _move(source, target, arguments)
        with ir.InsertionPoint(target):
            if target is before:
                scf.ConditionOp(scalar_of(values[0]), list(before.arguments))
            else:
                scf.YieldOp([_pack(_as(value, type_)) for value, type_ in zip(values, types, strict=True)])
    return _results(loop, types)


def _as(value: Any, type_: Any) -> Any:
    """`value` with the static sizes of `type_`; StableHLO lets those differ along a loop or branch."""
    if value.type == type_ or not isinstance(type_, ir.RankedTensorType):
        return value
    return ir.Operation.create("tensor.cast", results=[type_], operands=[value]).result


def _branch(source: Any, target: Any, types: Sequence[Any]) -> None:
    values = _move(source, target, [])
    with ir.InsertionPoint(target):
        scf.YieldOp([_pack(_as(value, type_)) for value, type_ in zip(values, types, strict=True)])


def if_(op: Any) -> list[Any]:
    """`stablehlo.if`."""
    types = [result.type for result in op.results]
    branch = scf.IfOp(scalar_of(op.operands[0]), [_carried(type_) for type_ in types], has_else=True)
    for region, target in zip(op.regions, (branch.then_block, branch.else_block), strict=True):
        _branch(region.blocks[0], target, types)
    return _results(branch, types)


def case(op: Any) -> list[Any]:
    """`stablehlo.case`: an index out of range takes the last branch. It becomes a chain of `scf.if`."""
    types = [result.type for result in op.results]
    blocks = [region.blocks[0] for region in op.regions]
    if len(blocks) == 1:
        return _inline(blocks[0], op, types)
    chosen = scalar_of(op.operands[0])

    def chain(number: int) -> Any:
        here = arith.CmpIOp(arith.CmpIPredicate.eq, chosen, constant(number, chosen.type)).result
        branch = scf.IfOp(here, [_carried(type_) for type_ in types], has_else=True)
        _branch(blocks[number], branch.then_block, types)
        if number + 2 == len(blocks):
            _branch(blocks[-1], branch.else_block, types)
        else:
            with ir.InsertionPoint(branch.else_block):
                scf.YieldOp(list(chain(number + 1).results))
        return branch

    return _results(chain(0), types)


def _inline(block: Any, op: Any, types: Sequence[Any]) -> list[Any]:
    moved = list(block.operations)
    for inner in moved[:-1]:
        inner.operation.move_before(op)
    return [_as(value, type_) for value, type_ in zip(moved[-1].operands, types, strict=True)]


RULES: Mapping[str, Rule] = {"stablehlo.while": while_, "stablehlo.if": if_, "stablehlo.case": case}
