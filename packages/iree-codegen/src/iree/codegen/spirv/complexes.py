"""Complex numbers that control flow passes on or chooses become two numbers each: SPIR-V has no such values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from iree.codegen.cpu.structured import find
from iree.dialects.mlir import arith, complex, ir

_BOUNDS = {"scf.for": 3, "scf.while": 0, "scf.if": 1}
"""Operands before those that are passed on."""


def split_complex(function: Any) -> None:
    """Rewrites the operations of `scf` and the selections that have complex results."""
    for op in find(function, "arith.select", *_BOUNDS):
        values = [*op.operands, *op.results]
        if any(isinstance(v.type, ir.ComplexType) for v in values):
            with op.location, ir.InsertionPoint(op):
                results = _select(op) if op.name == "arith.select" else _rebuild(op)
            for old, new in zip(op.results, results, strict=True):
                old.replace_all_uses_with(new)
            op.erase()


def _select(op: Any) -> list[Any]:
    condition, *chosen = op.operands
    parts = [_parts([value]) for value in chosen]
    return _joined([op.results[0].type], [arith.SelectOp(condition, a, b).result for a, b in zip(*parts, strict=True)])


def _rebuild(op: Any) -> list[Any]:
    """The operation with parts in place of complex values. Returns what its results were."""
    first = _BOUNDS[op.name]
    operands = [*list(op.operands)[:first], *_parts(list(op.operands)[first:])]
    types = [r.type for r in op.results]
    new = ir.Operation.create(op.name, _types(types), operands, regions=len(op.regions))
    for old_region, region in zip(op.regions, new.regions, strict=True):
        for old in old_region.blocks:
            kinds = [a.type for a in old.arguments]
            wanted = _types(kinds)
            block = region.blocks.append(*wanted, arg_locs=[op.location] * len(wanted))
            with ir.InsertionPoint(block):
                for argument, value in zip(old.arguments, _joined(kinds, list(block.arguments)), strict=True):
                    argument.replace_all_uses_with(value)
                for inner in [inner.operation for inner in old.operations]:
                    inner.detach_from_parent()
                    block.append(inner)
            end = list(block.operations)[-1].operation
            kept = 1 if end.name == "scf.condition" else 0
            with ir.InsertionPoint(end):
                passed = [*list(end.operands)[:kept], *_parts(list(end.operands)[kept:])]
                ir.Operation.create(end.name, [], passed)
            end.erase()
    return _joined(types, list(new.results))


def _types(types: Sequence[Any]) -> list[Any]:
    return [part for t in types for part in ([t.element_type] * 2 if isinstance(t, ir.ComplexType) else [t])]


def _parts(values: Sequence[Any]) -> list[Any]:
    """The values, real and imaginary part of complex ones, at the insertion point."""
    found: list[Any] = []
    for value in values:
        if isinstance(value.type, ir.ComplexType):
            found += [complex.ReOp(value).result, complex.ImOp(value).result]
        else:
            found.append(value)
    return found


def _joined(types: Sequence[Any], parts: Sequence[Any]) -> list[Any]:
    """The inverse of `_parts`."""
    rest = iter(parts)
    return [
        complex.CreateOp(t, next(rest), next(rest)).result if isinstance(t, ir.ComplexType) else next(rest)
        for t in types
    ]
