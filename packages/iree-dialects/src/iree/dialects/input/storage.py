"""Tensors of elements narrower than a byte, and of 8-bit floats, become tensors of bytes.

An element takes a whole byte, as it does outside of a program: truth values are 0 or 1, narrower integers are extended
by zeros, floats are their bits. Scalars of these integers are computed with as they are; scalars of these floats are
left to `float8`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from iree.dialects.input import float8
from iree.dialects.input.rules import made_values, operations
from iree.dialects.input.signless import SIGNATURE
from iree.dialects.mlir import arith, ir, run_upstream

_NARROW_BITS = (1, 2, 4)
_INSERTS = ("linalg.fill", "tensor.from_elements", "tensor.insert", "tensor.splat")
"""Operations that put scalar operands into the tensor that they give."""
_YIELDS = ("linalg.yield", "tensor.yield")
_KEPT = ("linalg.fill", "linalg.generic", "linalg.index", "linalg.yield")


def store_in_bytes(module: Any) -> None:
    """Rewrites every tensor type in `module` in place; exported functions keep theirs in `iree.signature`."""
    found = [op for op in operations(module) if _concerns(op)]
    if not found:
        return
    if any(op.name.startswith("linalg.") and op.name not in _KEPT for op in found):
        run_upstream(module, "func.func(linalg-generalize-named-ops)")
    for op in [op for op in operations(module) if _concerns(op)]:
        with op.location:
            _convert(op)
    float8.expand(module)


def is_narrow(type_: Any) -> bool:
    """Whether a type is that of a tensor whose elements must become bytes."""
    if not isinstance(type_, ir.RankedTensorType):
        return False
    element = type_.element_type
    return float8.is_float8(element) or (isinstance(element, ir.IntegerType) and element.width in _NARROW_BITS)


def _concerns(op: Any) -> bool:
    if op.name == "ml_program.global":
        return is_narrow(op.attributes["type"].value)
    if op.name == "func.func":
        type_ = op.attributes["function_type"].value
        return any(is_narrow(t) for t in (*type_.inputs, *type_.results))
    if op.name in _YIELDS:
        return _gives_narrow(op.parent.operation)
    return any(is_narrow(value.type) for value in (*op.operands, *made_values(op)))


def _gives_narrow(op: Any) -> bool:
    return any(is_narrow(value.type) for value in (*op.results, *op.operands))


def _byte() -> Any:
    return ir.IntegerType.get_signless(8)


def _stored(type_: Any) -> Any:
    return ir.RankedTensorType.get(type_.shape, _byte(), type_.encoding) if is_narrow(type_) else type_


def _encode(value: Any) -> Any:
    """A narrow scalar as the byte that is stored; that of a scalar that was one is itself."""
    if not isinstance(value, ir.BlockArgument) and value.owner.name in ("arith.bitcast", "arith.trunci"):
        source = value.owner.operands[0]
        if source.type == _byte() and _is_narrow_scalar(value.type):
            return source
    if float8.is_float8(value.type):
        return arith.BitcastOp(_byte(), value).result
    narrow = isinstance(value.type, ir.IntegerType) and value.type.width in _NARROW_BITS
    return arith.ExtUIOp(_byte(), value).result if narrow else value


def _decode(byte: Any, element: Any) -> Any:
    return (arith.BitcastOp if float8.is_float8(element) else arith.TruncIOp)(element, byte).operation


def _convert(op: Any) -> None:
    """One operation; those inside of it have been converted."""
    match op.name:
        case "arith.constant":
            _convert_constant(op)
            return
        case "linalg.generic":
            _convert_body(op)
        case "linalg.fill":
            block = op.regions[0].blocks[0]
            for argument in block.arguments:
                argument.set_type(_byte())
        case "ml_program.global":
            _convert_global(op)
        case "func.func":
            _convert_signature(op)
        case "tensor.extract":
            _convert_extract(op)
            return
    if op.name in _INSERTS or op.name in _YIELDS:
        with ir.InsertionPoint(op):
            for number, value in enumerate(op.operands):
                if not _belongs_elsewhere(op, number):
                    op.operands[number] = _encode(value)
    for value in made_values(op):
        value.set_type(_stored(value.type))


def _belongs_elsewhere(op: Any, number: int) -> bool:
    """Whether a scalar operand goes into no tensor that is narrow."""
    if op.name == "linalg.yield":
        parent = op.parent.operation
        return parent.name == "linalg.fill" or not is_narrow(parent.results[number].type)
    if op.name == "tensor.yield":
        return not is_narrow(op.parent.operation.results[0].type)
    return False


def _convert_constant(op: Any) -> None:
    """A constant of bytes, which canonicalization computes: Python cannot read narrow elements."""
    value = op.results[0]
    with ir.InsertionPoint.after(op):
        kind = arith.BitcastOp if float8.is_float8(value.type.element_type) else arith.ExtUIOp
        stored = kind(_stored(value.type), value).operation
    value.replace_all_uses_except(stored.results[0], [stored])


def _convert_body(op: Any) -> None:
    block = op.regions[0].blocks[0]
    for operand, argument in zip(op.operands, block.arguments, strict=True):
        element = argument.type
        if not _is_narrow_scalar(element):
            continue
        if isinstance(operand.type, ir.RankedTensorType):
            argument.set_type(_byte())
            with ir.InsertionPoint.at_block_begin(block):
                decoded = _decode(argument, element)
            argument.replace_all_uses_except(decoded.results[0], [decoded])


def _is_narrow_scalar(type_: Any) -> bool:
    return float8.is_float8(type_) or (isinstance(type_, ir.IntegerType) and type_.width in _NARROW_BITS)


def _convert_extract(op: Any) -> None:
    value = op.results[0]
    element = value.type
    value.set_type(_byte())
    with ir.InsertionPoint.after(op):
        decoded = _decode(value, element)
    value.replace_all_uses_except(decoded.results[0], [decoded])


def _convert_signature(op: Any) -> None:
    old = op.attributes["function_type"].value
    new = ir.FunctionType.get([_stored(t) for t in old.inputs], [_stored(t) for t in old.results])
    if new != old:
        op.attributes["function_type"] = ir.TypeAttr.get(new)
        if SIGNATURE not in op.attributes:
            op.attributes[SIGNATURE] = ir.TypeAttr.get(old)


def _convert_global(op: Any) -> None:
    new = _stored(op.attributes["type"].value)
    op.attributes["type"] = ir.TypeAttr.get(new)
    value = op.attributes["value"] if "value" in op.attributes else None
    if isinstance(value, ir.DenseElementsAttr):
        op.attributes["value"] = ir.DenseElementsAttr.get(np.array(value).astype(np.int8), type=_stored(value.type))
    elif value is not None:
        op.attributes["value"] = ir.Attribute.parse(f"#ml_program.extern : {_stored(value.type)}")
