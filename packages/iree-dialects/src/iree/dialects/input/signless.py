"""The last step: all integers become signless, since by now every operation says itself how it reads them.

Exported functions keep their StableHLO types in the attribute `iree.signature` when they change.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from iree.dialects.input.build import signless_type
from iree.dialects.input.rules import operations
from iree.dialects.mlir import ir, tensor

SIGNATURE = "iree.signature"
_CAST = "builtin.unrealized_conversion_cast"


def make_signless(module: Any) -> None:
    """Rewrites every type in `module` in place and removes casts that only changed signedness."""
    casts = []
    for op in operations(module):
        for value in op.results:
            _convert(value)
        for region in op.regions:
            for block in region:
                for argument in block.arguments:
                    _convert(argument)
        match op.name:
            case "func.func":
                _convert_function(op)
            case "ml_program.global":
                _convert_global(op)
            case name if name == _CAST:
                casts.append(op)
    for op in casts:
        if len(op.operands) != 1:
            continue
        value, wanted = op.operands[0], op.results[0].type
        if value.type != wanted and _is_same_but_for_sizes(value.type, wanted):
            with op.location, ir.InsertionPoint(op):
                value = tensor.CastOp(wanted, value).result
        if value.type == wanted:
            op.results[0].replace_all_uses_with(value)
            op.erase()


def _is_same_but_for_sizes(left: Any, right: Any) -> bool:
    """Whether two tensor types differ only in which sizes they tell."""
    if not isinstance(left, ir.RankedTensorType) or not isinstance(right, ir.RankedTensorType):
        return False
    return bool(left.element_type == right.element_type and left.rank == right.rank)


def _convert(value: Any) -> None:
    converted = signless_type(value.type)
    if converted != value.type:
        value.set_type(converted)


def _convert_function(op: Any) -> None:
    old = op.attributes["function_type"].value
    new = ir.FunctionType.get([signless_type(t) for t in old.inputs], [signless_type(t) for t in old.results])
    if new != old:
        op.attributes["function_type"] = ir.TypeAttr.get(new)
        op.attributes[SIGNATURE] = ir.TypeAttr.get(old)


def _convert_global(op: Any) -> None:
    old = op.attributes["type"].value
    new = signless_type(old)
    if new == old:
        return
    op.attributes["type"] = ir.TypeAttr.get(new)
    value = op.attributes["value"] if "value" in op.attributes else None
    if isinstance(value, ir.DenseElementsAttr):
        op.attributes["value"] = ir.DenseElementsAttr.get(np.array(value), type=signless_type(value.type))
    elif value is not None:
        op.attributes["value"] = ir.Attribute.parse(f"#ml_program.extern : {signless_type(value.type)}")
