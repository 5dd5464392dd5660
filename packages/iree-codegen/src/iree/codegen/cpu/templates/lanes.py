"""Bodies of generics on vectors: what a body does to one element each lane does to its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from iree.codegen.cpu.structured import Generic
from iree.dialects.mlir import arith, ir, vector

_DIALECTS = ("arith", "math")
_INDEX, _CONSTANT, _YIELD = "linalg.index", "arith.constant", "linalg.yield"


def has_lanes(generic: Generic) -> bool:
    """Whether the body can be computed on vectors: numbers in, numbers out, with one result."""
    return len(generic.inits) == 1 and all(
        op.name in (_INDEX, _YIELD) or op.name.partition(".")[0] in _DIALECTS for op in generic.body
    )


def spread(value: Any, lanes: int) -> Any:
    """A scalar in all lanes."""
    return vector.BroadcastOp(ir.VectorType.get([lanes], value.type), value).result


def compute(generic: Generic, operands: Sequence[Any], lanes: int, index: Callable[[int], Any]) -> Any:
    """Clones a body at the insertion point.

    Args:
        generic: What it is the body of.
        operands: A vector for each of its block's arguments.
        lanes: Of all vectors.
        index: Gives the vector of the iterations of a loop.

    Returns:
        The vector that it yields.
    """
    values = dict(zip(generic.block.arguments, operands, strict=True))

    def lookup(value: Any) -> Any:
        if value not in values:
            values[value] = spread(value, lanes)
        return values[value]

    for op in generic.body:
        if op.name == _YIELD:
            return lookup(op.operands[0])
        result = op.results[0]
        if op.name == _INDEX:
            values[result] = index(ir.IntegerAttr(op.attributes["dim"]).value)
        elif op.name == _CONSTANT:
            values[result] = spread(arith.ConstantOp(result.type, op.attributes["value"]).result, lanes)
        else:
            attributes = {name: op.attributes[name] for name in op.attributes}
            type_ = ir.VectorType.get([lanes], result.type)
            given = [lookup(value) for value in op.operands]
            values[result] = ir.Operation.create(op.name, [type_], given, attributes=attributes).result
    raise AssertionError(f"the body of {generic.op} yields nothing")
