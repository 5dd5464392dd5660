"""Element types of buffers: those that SPIR-V has no memory for are kept in ones that it has."""

from __future__ import annotations

from typing import Any

import numpy as np
from iree.codegen.cpu.structured import walk
from iree.codegen.spirv.indices import add, multiply, value_of
from iree.dialects.mlir import arith, complex, ir, memref

_DYNAMIC = ir.ShapedType.get_dynamic_size()


def legalize_storage(function: Any) -> None:
    """Changes the flat memrefs of `function` whose elements are no numbers of whole bytes, and their loads and stores.

    Booleans and integers of less than a byte take a byte, bf16 the bits in an i16, complex numbers two elements,
    index an i32.
    """
    values = list(function.regions[0].blocks[0].arguments)
    values += [r for op in walk(function) for r in op.results]
    for buffer in [value for value in values if isinstance(value.type, ir.MemRefType)]:
        _legalize(buffer)


def bits_of_bf16(function: Any) -> None:
    """Makes the values of bf16 that are left, which are only chosen and passed on, integers with their bits."""
    i16 = ir.IntegerType.get_signless(16)
    blocks = [block for op in walk(function) for region in op.regions for block in region.blocks]
    for block in [*function.regions[0].blocks, *blocks]:
        for argument in block.arguments:
            argument.set_type(_bits(argument.type))
    for op in list(walk(function)):
        if op.name == "arith.bitcast" and _bits(op.operands[0].type) == _bits(op.results[0].type):
            op.results[0].replace_all_uses_with(op.operands[0])
            op.erase()
            continue
        if op.name == "arith.constant" and isinstance(op.results[0].type, ir.BF16Type):
            bits = int(np.float32(ir.FloatAttr(op.attributes["value"]).value).view(np.uint32)) >> 16
            op.attributes["value"] = ir.IntegerAttr.get(i16, bits - (1 << 16) if bits >> 15 else bits)
        for result in op.results:
            result.set_type(_bits(result.type))


def _bits(type_: Any) -> Any:
    """The integers for bf16 and vectors of it; other types as they are."""
    if isinstance(type_, ir.BF16Type):
        return ir.IntegerType.get_signless(16)
    if isinstance(type_, ir.VectorType) and isinstance(type_.element_type, ir.BF16Type):
        return ir.VectorType.get(type_.shape, ir.IntegerType.get_signless(16))
    return type_


def _legalize(buffer: Any) -> None:
    type_ = buffer.type
    element = type_.element_type
    if isinstance(element, ir.ComplexType):
        extent = type_.shape[0]
        count = extent if type_.is_dynamic_dim(0) else 2 * extent
        _convert(buffer, element.element_type, count, element)
    else:
        stored = _stored(element)
        if stored != element:
            _convert(buffer, stored, type_.shape[0], element)


def _stored(element: Any) -> Any:
    """The type that memory has for `element`."""
    if isinstance(element, ir.BF16Type):
        return ir.IntegerType.get_signless(16)
    if isinstance(element, ir.IndexType):
        return ir.IntegerType.get_signless(32)
    if isinstance(element, ir.IntegerType) and element.width < 8:
        return ir.IntegerType.get_signless(8)
    return element


def _convert(buffer: Any, stored: Any, count: int, element: Any) -> None:
    buffer.set_type(ir.MemRefType.get([count], stored, memory_space=buffer.type.memory_space))
    for use in list(buffer.uses):
        op = use.owner.operation
        with op.location, ir.InsertionPoint(op):
            if op.name == "memref.load":
                op.results[0].replace_all_uses_with(_load(buffer, op.operands[1], stored, element))
                op.erase()
            elif op.name == "memref.store":
                _store(buffer, op.operands[0], op.operands[2], stored)
                op.erase()


def _load(buffer: Any, place: Any, stored: Any, element: Any) -> Any:
    if isinstance(element, ir.ComplexType):
        first = value_of(multiply(place, 2))
        real, imaginary = (memref.LoadOp(buffer, [p]).result for p in (first, value_of(add(first, 1))))
        return complex.CreateOp(element, real, imaginary).result
    value = memref.LoadOp(buffer, [place]).result
    if isinstance(element, ir.IndexType):
        return arith.IndexCastOp(element, value).result
    return (arith.BitcastOp if isinstance(element, ir.BF16Type) else arith.TruncIOp)(element, value).result


def _store(buffer: Any, value: Any, place: Any, stored: Any) -> None:
    element = value.type
    if isinstance(element, ir.ComplexType):
        first = value_of(multiply(place, 2))
        memref.StoreOp(complex.ReOp(value).result, buffer, [first])
        memref.StoreOp(complex.ImOp(value).result, buffer, [value_of(add(first, 1))])
        return
    if isinstance(element, ir.IndexType):
        held = arith.IndexCastOp(stored, value).result
    else:
        held = (arith.BitcastOp if isinstance(element, ir.BF16Type) else arith.ExtUIOp)(stored, value).result
    memref.StoreOp(held, buffer, [place])
