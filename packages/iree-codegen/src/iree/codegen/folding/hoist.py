"""Finds what a program computes from constants and immutable globals alone, and takes it out.

The program is linalg on tensors (after `iree.dialects.input`, before dispatches are formed). The values found become
the results of a function of their own, which the compiler compiles and runs; the program then loads them from globals.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from iree.dialects.input.loops import KERNEL
from iree.dialects.mlir import func, ir, ml_program
from iree.dialects.transforms.fusion import CHEAP
from numpy.typing import NDArray

FUNCTION = "evaluate"
PARAMETER = "iree.parameter"
_DIALECTS = {"arith", "complex", "linalg", "math", "tensor"}
_FREE = {"arith.constant", "ml_program.global_load", "tensor.empty", "tensor.collapse_shape", "tensor.expand_shape"}
"""Computing these takes no time, so they are not worth a global."""
GROWTH = 1024
"""A result may be this many bytes larger than what it is computed from: a broadcast is cheaper than the memory."""
PADDING = 40
"""Or larger by one part in so many: packed operands are rounded up to whole panels."""


@dataclass
class Hoisted:
    """What was found.

    Attributes:
        module: A program of one function, `FUNCTION`, without arguments, and the globals it loads.
        values: The values in the original program that its results stand for, in order.
    """

    module: Any
    values: list[Any]


def hoist(module: Any) -> Hoisted | None:
    """Finds the values worth computing at compile time.

    Args:
        module: The `ir.Module`; it is not changed.

    Returns:
        The values and a program that computes them, or None if there are none.
    """
    globals_ = {
        op.operation.attributes["sym_name"].value: op.operation
        for op in module.body.operations
        if op.operation.name == "ml_program.global"
    }
    values: list[Any] = []
    for function in module.body.operations:
        if function.operation.name == "func.func" and len(function.operation.regions[0].blocks):
            values += _Search(function.operation, globals_).found()
    return Hoisted(_program(module, values, globals_), values) if values else None


def parameter_keys(module: Any) -> dict[str, str]:
    """The keys of the globals whose values are parameters, by their names."""
    return {
        ir.StringAttr(op.operation.attributes["sym_name"]).value: ir.StringAttr(
            op.operation.attributes[PARAMETER]
        ).value
        for op in module.body.operations
        if op.operation.name == "ml_program.global" and PARAMETER in op.operation.attributes
    }


def replace(module: Any, hoisted: Hoisted, results: Sequence[NDArray[Any]], parameters: dict[str, Any]) -> None:
    """Replaces the values by loads of new immutable globals.

    Args:
        module: The program that `hoist` was given.
        hoisted: What it returned; used up.
        results: The values, in the same order.
        parameters: Gets the results under new keys.
    """
    made: _Made = {}
    with module.context:
        for value, array in zip(hoisted.values, results, strict=True):
            _use_global(module, value, array, parameters, made)
        hoisted.values.clear()


_Made = dict[Any, list[tuple[memoryview, str]]]
"""Globals that were made, by type: the bytes of each and its name."""


def _use_global(module: Any, value: Any, array: NDArray[Any], parameters: dict[str, Any], made: _Made) -> None:
    """Replaces a value by a load of a new immutable global, or of one among `made` with the same content."""
    # Functions that share weights compute the same from them. Others differ early on: no digest of all is needed.
    content = array.reshape(-1).view(np.uint8).data
    if content.nbytes and content.nbytes % 8 == 0:
        content = content.cast("Q")  # eight bytes at a time
    alike = made.setdefault(value.type, [])
    name = next((known for data, known in alike if data == content), None)
    if name is None:
        name = add_global(module, value, array, parameters)
        alike.append((content, name))
    load_global(value, name)


def load_global(value: Any, name: str) -> None:
    """Replaces a value by a load of a global."""
    with value.owner.location, ir.InsertionPoint(value.owner):
        load = ml_program.GlobalLoadOp(value.type, ir.FlatSymbolRefAttr.get(name)).result
    value.replace_all_uses_with(load)


def add_global(module: Any, value: Any, array: NDArray[Any], parameters: dict[str, Any]) -> str:
    """Makes an immutable global for a value; returns its name."""
    number = 0
    while (key := f"folded/{number}") in parameters:
        number += 1
    parameters[key] = array
    name = f"folded_{number}"
    with value.owner.location, ir.InsertionPoint.at_block_begin(module.body):
        extern = ir.Attribute.parse(f"#ml_program.extern : {value.type}")
        op = ml_program.GlobalOp(name, value.type, value=extern, sym_visibility="private")
        op.operation.attributes[PARAMETER] = ir.StringAttr.get(key)
    return name


class _Search:
    """Finds the values of one function."""

    def __init__(self, function: Any, globals_: Mapping[str, Any]) -> None:
        self._function = function
        self._globals = globals_
        self._constant: dict[Any, bool] = {}
        self._used: dict[Any, list[Any]] = {}

    def found(self) -> list[Any]:
        """Values worth a global, in the order of the program."""
        wanted: dict[Any, None] = {}
        self._block(self._function.regions[0].blocks[0], wanted)
        return list(wanted)

    def _block(self, block: Any, wanted: dict[Any, None]) -> None:
        for op in (o.operation for o in block.operations):
            if op.results and all(self.is_constant(result) for result in op.results):
                continue
            for value in self._uses(op):
                self._consider(value, wanted)
            if not op.name.startswith("linalg.") and KERNEL not in op.attributes:
                for region in op.regions:
                    for inner in region.blocks:
                        self._block(inner, wanted)

    def _consider(self, value: Any, wanted: dict[Any, None]) -> None:
        """A value that the program needs: takes it if it can be computed and is worth it, else what it is made of."""
        stack = [value]
        while stack:
            value = stack.pop()
            if value in wanted or not self.is_constant(value):
                continue
            op = value.owner
            if op.name not in _FREE and CHEAP not in op.attributes and _worth(op, value, self._sources(value)):
                wanted[value] = None
            else:
                stack += self._uses(op)

    def _uses(self, op: Any) -> list[Any]:
        """See `_uses`; looked up once for each operation with results."""
        if not op.results:
            return _uses(op)
        first = op.results[0]
        used = self._used.get(first)
        if used is None:
            used = self._used[first] = _uses(op)
        return used

    def is_constant(self, value: Any) -> bool:
        """Whether a value depends on constants and immutable globals alone."""
        if not isinstance(value, ir.OpResult):
            return False
        known = self._constant.get(value)
        if known is None:
            # Chains of operations are long, so this must not recurse along them.
            stack = [value.owner]
            while stack:
                op = stack[-1]
                may_be = self._may_be(op)
                uses = self._uses(op) if may_be else []
                missing = [u for u in uses if isinstance(u, ir.OpResult) and u not in self._constant]
                if missing:
                    stack += [u.owner for u in missing]
                    continue
                result = may_be and all(self._constant.get(u, False) for u in uses)
                for r in op.results:
                    self._constant[r] = result
                stack.pop()
            known = self._constant[value]
        return known

    def _may_be(self, op: Any) -> bool:
        if op.name == "ml_program.global_load":
            return "is_mutable" not in self._globals[op.attributes["global"].value].attributes
        return op.name.partition(".")[0] in _DIALECTS

    def _sources(self, value: Any) -> int:
        """Bytes of the constants and globals that a value is computed from."""
        seen: set[Any] = set()
        total = 0
        stack = [value]
        while stack:
            op = stack.pop().owner
            first = op.results[0]
            if first in seen:
                continue
            seen.add(first)
            if op.name in {"arith.constant", "ml_program.global_load"}:
                total += _bytes(first.type)
            stack += self._uses(op)
        return total


def _uses(op: Any) -> list[Any]:
    """Operands, and what its regions use from outside."""
    uses = list(op.operands)
    if op.regions:
        inside: set[Any] = set()
        captured: list[Any] = []

        def visit(inner: Any) -> Any:
            if inner != op:
                captured.extend(inner.operands)
                inside.update(inner.results)
            for region in inner.regions:
                for block in region.blocks:
                    inside.update(block.arguments)
            return ir.WalkResult.ADVANCE

        op.walk(visit, ir.WalkOrder.PRE_ORDER)
        uses += [v for v in captured if v not in inside]
    return uses


def _worth(op: Any, value: Any, sources: int) -> bool:
    """Whether keeping the value costs little memory; a filled tensor is cheaper to make than to load."""
    if op.name == "linalg.fill" or not isinstance(value.type, ir.RankedTensorType) or not value.type.has_static_shape:
        return False
    return 0 < _bytes(value.type) <= sources + max(GROWTH, sources // PADDING)


def _bytes(type_: Any) -> int:
    if not isinstance(type_, ir.RankedTensorType):
        return 8
    if not type_.has_static_shape:
        return 0
    element = type_.element_type
    if isinstance(element, ir.ComplexType):
        width = 2 * element.element_type.width
    else:
        width = getattr(element, "width", 64)
    count: int = math.prod(type_.shape)
    return count * -(-int(width) // 8)


def _program(module: Any, values: Sequence[Any], globals_: Mapping[str, Any]) -> Any:
    """A module with a function that computes the values."""
    with module.context, ir.Location.unknown():
        made = ir.Module.create()
        with ir.InsertionPoint(made.body):
            function = func.FuncOp(FUNCTION, ([], [value.type for value in values]))
        block = function.add_entry_block()
        clones: dict[Any, Any] = {}
        loaded: set[str] = set()
        with ir.InsertionPoint(block):
            for op in _slice(values):
                clone = op.clone()
                for i, operand in enumerate(clone.operands):
                    clone.operands[i] = clones[operand]
                _remap_captured(clone, clones)
                clones.update(zip(op.results, clone.results, strict=True))
                if op.name == "ml_program.global_load":
                    loaded.add(op.attributes["global"].value)
            func.ReturnOp([clones[value] for value in values])
        with ir.InsertionPoint.at_block_begin(made.body):
            for name in sorted(loaded):
                globals_[name].clone()
    return made


def _slice(values: Iterable[Any]) -> list[Any]:
    """The operations that compute the values, what is used before what uses it."""
    order: dict[Any, None] = {}
    stack: list[tuple[Any, bool]] = [(value.owner, False) for value in values][::-1]
    while stack:
        op, ready = stack.pop()
        if op in order:
            continue
        if ready:
            order[op] = None
            continue
        stack.append((op, True))
        stack += [(used.owner, False) for used in _uses(op) if isinstance(used, ir.OpResult)]
    return list(order)


def _remap_captured(clone: Any, clones: Mapping[Any, Any]) -> None:
    """Regions of a clone still use values from outside of the original: use their clones instead."""

    def visit(inner: Any) -> Any:
        if inner != clone:
            for i, operand in enumerate(inner.operands):
                if operand in clones:
                    inner.operands[i] = clones[operand]
        return ir.WalkResult.ADVANCE

    clone.walk(visit, ir.WalkOrder.PRE_ORDER)
