"""The bytes of MLIR constants, as they lie in a module file: little endian, dense, whole bytes per element."""

from __future__ import annotations

from typing import Any

import numpy as np
from iree.dialects.mlir import CompileError, func, ir, location_text, run_upstream
from numpy.typing import NDArray

NARROW = {"i2", "i4", "ui2", "ui4"}


def constant_bytes(attribute: Any) -> NDArray[np.uint8]:
    """The elements of a dense constant, a splat expanded.

    Args:
        attribute: A `DenseElementsAttr` or `DenseResourceElementsAttr` of integers or floats.

    Returns:
        uint8, flat; a view of the attribute's memory where that is possible.

    Raises:
        CompileError: Elements of that type cannot be read.
    """
    element = str(ir.ShapedType(attribute.type).element_type)
    if isinstance(attribute, ir.DenseResourceElementsAttr):
        data = np.frombuffer(memoryview(attribute), np.uint8)
        return data
    if element in NARROW:
        # The bindings read no integers narrower than a byte: widen them where MLIR can.
        attribute = _folded(attribute, "arith.extsi" if element[0] == "i" else "arith.extui", 8)
    try:
        array = np.array(attribute)
    except TypeError:
        array = np.array(_folded(attribute, "arith.bitcast", _width(element, attribute)))
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8)


def _width(element: str, attribute: Any) -> int:
    try:
        return int(ir.ShapedType(attribute.type).element_type.width)
    except AttributeError:
        raise CompileError(f"constants of type {element} cannot be written to a module file") from None


def _folded(attribute: Any, operation: str, width: int) -> Any:
    """The constant after a conversion to integers of `width` bits, computed by MLIR's folder."""
    shape = ir.ShapedType(attribute.type).shape
    with attribute.context, ir.Location.unknown():
        target = ir.RankedTensorType.get(shape, ir.IntegerType.get_signless(width))
        module = ir.Module.create()
        with ir.InsertionPoint(module.body):
            function = func.FuncOp("fold", ([], [target]))
        with ir.InsertionPoint(function.add_entry_block()):
            constant = ir.Operation.create("arith.constant", results=[attribute.type], attributes={"value": attribute})
            folded = ir.Operation.create(operation, results=[target], operands=[constant.result])
            func.ReturnOp([folded.result])
        run_upstream(module, "canonicalize")
        first = module.body.operations[0].regions[0].blocks[0].operations[0].operation
        if first.name != "arith.constant" or first.results[0].type != target:
            raise CompileError(f"the constant {location_text(attribute.type)} cannot be written to a module file")
        return first.attributes["value"]
