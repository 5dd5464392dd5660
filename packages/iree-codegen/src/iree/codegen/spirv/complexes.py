"""Complex numbers that control flow passes on or chooses become two numbers each: SPIR-V has no such values.

Where there are no integers of 64 bits, which upstream emulates everywhere else, those become two as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from iree.codegen.cpu.structured import find
from iree.dialects.mlir import arith, complex, ir

_BOUNDS = {"scf.for": 3, "scf.while": 0, "scf.if": 1}
"""Operands before those that are passed on."""


def split_values(function: Any, *, integers: bool) -> None:
    """Rewrites the operations of `scf` and the selections that have complex results.

    Args:
        function: Where they are.
        integers: Whether to split integers of 64 bits too.
    """
    wide = [ir.IntegerType.get_signless(64)] if integers else []
    for op in find(function, "arith.select", *_BOUNDS):
        types = [v.type for v in (*op.operands, *op.results)]
        if any(isinstance(t, ir.ComplexType) or (t in wide and op.name in _BOUNDS) for t in types):
            with op.location, ir.InsertionPoint(op):
                results = _select(op) if op.name == "arith.select" else _rebuild(op, wide)
            for old, new in zip(op.results, results, strict=True):
                old.replace_all_uses_with(new)
            op.erase()


def _select(op: Any) -> list[Any]:
    condition, *chosen = op.operands
    parts = [_parts([value], ()) for value in chosen]
    results = [arith.SelectOp(condition, a, b).result for a, b in zip(*parts, strict=True)]
    return _joined([op.results[0].type], results, ())


def _rebuild(op: Any, wide: Sequence[Any]) -> list[Any]:
    """The operation with parts in place of complex values. Returns what its results were."""
    first = _BOUNDS[op.name]
    operands = [*list(op.operands)[:first], *_parts(list(op.operands)[first:], wide)]
    types = [r.type for r in op.results]
    new = ir.Operation.create(op.name, _types(types, wide), operands, regions=len(op.regions))
    for old_region, region in zip(op.regions, new.regions, strict=True):
        for old in old_region.blocks:
            kinds = [a.type for a in old.arguments]
            wanted = _types(kinds, wide)
            block = region.blocks.append(*wanted, arg_locs=[op.location] * len(wanted))
            with ir.InsertionPoint(block):
                for argument, value in zip(old.arguments, _joined(kinds, list(block.arguments), wide), strict=True):
                    argument.replace_all_uses_with(value)
                for inner in [inner.operation for inner in old.operations]:
                    inner.detach_from_parent()
                    block.append(inner)
            end = list(block.operations)[-1].operation
            kept = 1 if end.name == "scf.condition" else 0
            with ir.InsertionPoint(end):
                passed = [*list(end.operands)[:kept], *_parts(list(end.operands)[kept:], wide)]
                ir.Operation.create(end.name, [], passed)
            end.erase()
    return _joined(types, list(new.results), wide)


def _types(types: Sequence[Any], wide: Sequence[Any]) -> list[Any]:
    found: list[Any] = []
    for t in types:
        if isinstance(t, ir.ComplexType):
            found += [t.element_type] * 2
        else:
            found += [ir.IntegerType.get_signless(32)] * 2 if t in wide else [t]
    return found


def _parts(values: Sequence[Any], wide: Sequence[Any]) -> list[Any]:
    """The values at the insertion point; real and imaginary part, or lower and upper half, of those that are split."""
    found: list[Any] = []
    for value in values:
        if isinstance(value.type, ir.ComplexType):
            found += [complex.ReOp(value).result, complex.ImOp(value).result]
        elif value.type in wide:
            upper = arith.ShRUIOp(value, _half(value.type)).result
            found += [arith.TruncIOp(ir.IntegerType.get_signless(32), v).result for v in (value, upper)]
        else:
            found.append(value)
    return found


def _joined(types: Sequence[Any], parts: Sequence[Any], wide: Sequence[Any]) -> list[Any]:
    """The inverse of `_parts`."""
    rest = iter(parts)
    found = []
    for t in types:
        if isinstance(t, ir.ComplexType):
            found.append(complex.CreateOp(t, next(rest), next(rest)).result)
        elif t in wide:
            lower, upper = (arith.ExtUIOp(t, next(rest)).result for _ in range(2))
            found.append(arith.OrIOp(arith.ShLIOp(upper, _half(t)).result, lower).result)
        else:
            found.append(next(rest))
    return found


def _half(type_: Any) -> Any:
    return arith.ConstantOp(type_, ir.IntegerAttr.get(type_, 32)).result
