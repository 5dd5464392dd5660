"""Reading and rebuilding `linalg.generic` from Python."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from iree.dialects.mlir import ir, linalg

PARALLEL, REDUCTION = "parallel", "reduction"


@dataclass(frozen=True)
class Generic:
    """A `linalg.generic` and its parts.

    Attributes:
        op: The operation.
        inputs: Input operands.
        inits: Operands whose values results start from.
        maps: One `ir.AffineMap` per operand, inputs first.
        iterators: `PARALLEL` or `REDUCTION` per loop.
    """

    op: Any
    inputs: tuple[Any, ...]
    inits: tuple[Any, ...]
    maps: tuple[Any, ...]
    iterators: tuple[str, ...]

    @property
    def operands(self) -> tuple[Any, ...]:
        """Inputs, then inits: in order of `maps`."""
        return self.inputs + self.inits

    @property
    def block(self) -> Any:
        """The body."""
        return self.op.regions[0].blocks[0]

    @property
    def body(self) -> list[Any]:
        """The body's operations, the terminator last."""
        return [op.operation for op in self.block.operations]

    @property
    def reductions(self) -> tuple[int, ...]:
        """The reduction loops."""
        return tuple(i for i, kind in enumerate(self.iterators) if kind == REDUCTION)

    def dims(self, operand: int) -> tuple[int | None, ...]:
        """Per dimension of an operand the loop that indexes it, None for anything but a plain loop."""
        return tuple(dim(expr) for expr in self.maps[operand].results)

    def loop_sizes(self) -> list[int | None]:
        """The number of iterations of each loop, None where it is dynamic or no operand tells it."""
        sizes: list[int | None] = [None] * len(self.iterators)
        for number, operand in enumerate(self.operands):
            for position, loop in enumerate(self.dims(number)):
                if loop is not None and not operand.type.is_dynamic_dim(position):
                    sizes[loop] = operand.type.shape[position]
        return sizes


def dim(expr: Any) -> int | None:
    """The number of the loop that an affine expression is, None if it is more than that."""
    expr = expr.maybe_downcast()
    return int(expr.position) if isinstance(expr, ir.AffineDimExpr) else None


def read_generic(op: Any) -> Generic:
    """The parts of a `linalg.generic`."""
    op = op.operation
    segments = list(op.attributes["operandSegmentSizes"])
    operands = list(op.operands)
    maps = tuple(ir.AffineMapAttr(m).value for m in op.attributes["indexing_maps"])
    iterators = tuple(PARALLEL if PARALLEL in str(i) else REDUCTION for i in op.attributes["iterator_types"])
    return Generic(op, tuple(operands[: segments[0]]), tuple(operands[segments[0] :]), maps, iterators)


def generics(function: Any) -> list[Generic]:
    """Those directly in a function, in order."""
    block = function.regions[0].blocks[0]
    return [read_generic(op) for op in block.operations if op.operation.name == "linalg.generic"]


def nested_generics(function: Any) -> list[Generic]:
    """Those anywhere in a function, in order."""
    found: list[Any] = []

    def visit(op: Any) -> Any:
        if op.name == "linalg.generic":
            found.append(op)
        return ir.WalkResult.ADVANCE

    function.operation.walk(visit)
    return [read_generic(op) for op in found]


def rebuild(
    old: Generic, inputs: Sequence[Any], inits: Sequence[Any], maps: Sequence[Any], iterators: Sequence[str]
) -> Any:
    """A new `linalg.generic` before `old` that takes over its body; `old` is left without one, to be erased.

    `linalg.index` in the body is not renumbered: the caller sees to it that there is none that changes.
    """
    kinds = ir.ArrayAttr.get([ir.Attribute.parse(f"#linalg.iterator_type<{kind}>") for kind in iterators])
    with old.op.location, ir.InsertionPoint(old.op):
        new = linalg.GenericOp(
            [init.type for init in inits],
            inputs,
            inits,
            ir.ArrayAttr.get([ir.AffineMapAttr.get(m) for m in maps]),
            kinds,
        )
    old.block.append_to(new.regions[0])
    return new.operation


def defining(value: Any) -> Any:
    """The operation that makes a value, None for a block argument."""
    return None if isinstance(value, ir.BlockArgument) else value.owner


def made_by(value: Any, op: Any) -> bool:
    """Whether `value` is a result of `op`."""
    return not isinstance(value, ir.BlockArgument) and bool(value.owner == op)


def walk(root: Any) -> Iterator[Any]:
    """All operations below `root`, outermost first, collected before the first is given."""
    found: list[Any] = []

    def visit(op: Any) -> Any:
        found.append(op)
        return ir.WalkResult.ADVANCE

    root.operation.walk(visit, ir.WalkOrder.PRE_ORDER)
    return iter(found)


def find(root: Any, *names: str) -> list[Any]:
    """The operations below `root` with one of these names."""
    return [op for op in walk(root) if op.name in names]
