"""What one branch of a `tf.cond` keeps for the gradient and the other has not: TensorFlow hands it on as an optional
value, which here becomes a tensor, of zeros where there is none. Only the branch that made it reads it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from iree.dialects.mlir import ir
from iree.import_tf import control_flow, hlo, locations
from iree.import_tf.errors import ImportFailure

_MADE, _READ, _NONE = "tf.OptionalFromValue", "tf.OptionalGetValue", "tf.OptionalNone"
_CALLS = {"tf.PartitionedCall": "f", "tf.StatefulPartitionedCall": "f", "func.call": "callee"}


class _Groups:
    """Values that flow into each other."""

    def __init__(self) -> None:
        self._parents: dict[Any, Any] = {}

    def root(self, value: Any) -> Any:
        while (parent := self._parents.get(value)) is not None:
            value = parent
        return value

    def join(self, one: Any, other: Any) -> None:
        one, other = self.root(one), self.root(other)
        if one != other:
            self._parents[one] = other


def settle(module: Any) -> bool:
    """Makes optional values tensors, in place; returns whether there were any."""
    found: list[Any] = []

    def visit(op: Any) -> Any:
        found.append(op)
        return ir.WalkResult.ADVANCE

    module.operation.walk(visit)
    if not any(op.name == _MADE and len(op.operands) == 1 for op in found):
        return False
    for op in [op for op in found if op.name == _NONE]:  # one may stand for values of several types
        for use in list(op.result.uses)[1:]:
            with op.location, ir.InsertionPoint(op):
                copy = op.operation.clone()
            use.owner.operands[use.operand_number] = copy.result
            found.append(copy)
    functions = {op.sym_name.value: op for op in module.body.operations}
    groups = _Groups()
    for op in found:
        for one, other in _flows(op, functions):
            groups.join(one, other)
    types: dict[Any, Any] = {}
    for op in found:
        if op.name == _MADE and len(op.operands) == 1 and not _is_variant(op.operands[0].type):
            root, type_ = groups.root(op.result), op.operands[0].type
            types[root] = _joined(types[root], type_, op) if root in types else type_
    values = [value for op in found for value in op.results]
    values += [argument for f in functions.values() for argument in f.operation.regions[0].blocks[0].arguments]
    for value in values:
        if groups.root(value) in types and _is_variant(value.type):
            value.set_type(types[groups.root(value)])
    for op in found:
        if op.name in (_MADE, _READ, _NONE) and groups.root(op.operands[0] if op.name == _READ else op.result) in types:
            _replace(op)
    control_flow.set_types(functions.values())
    return True


def _is_variant(type_: Any) -> bool:
    return "!tf_type.variant" in str(type_)


def _joined(one: Any, other: Any, op: Any) -> Any:
    """A type for values of both types."""
    if any(not isinstance(type_, ir.RankedTensorType) for type_ in (one, other)):
        return ir.UnrankedTensorType.get(one.element_type)
    if (one.element_type, len(one.shape)) != (other.element_type, len(other.shape)):
        raise ImportFailure(
            f"branches of one tf.cond keep different things for their gradients in one place, {one} and {other}, at "
            f"{locations.find(op.location, {}) or op.location}: tf.where of both branches' results has no such"
        )
    sizes = zip(hlo.shape_of(one), hlo.shape_of(other), strict=True)
    return hlo.tensor([a if a == b else None for a, b in sizes], one.element_type)


def _replace(op: Any) -> None:
    with op.location, ir.InsertionPoint(op):
        if op.name == _NONE:
            sizes = hlo.shape_of(op.result.type)
            known = hlo.tensor([size or 0 for size in sizes], op.result.type.element_type)
            zero = hlo.filled(0, known).owner.attributes["value"]
            value = hlo.create("tf.Const", [], [known], value=zero).result
        else:
            value = op.operands[0]
        value = control_flow.cast(value, op.result.type)
    op.result.replace_all_uses_with(value)
    op.operation.erase()


def _flows(op: Any, functions: Any) -> Iterator[tuple[Any, Any]]:
    """Pairs of values of which one becomes the other."""
    if op.name == "tf.Identity" or (op.name in (_MADE, _READ) and _is_variant(op.operands[0].type)):
        if _is_variant(op.results[0].type):  # an optional value of an optional value is the same tensor
            yield op.operands[0], op.results[0]
    elif op.name == "tf.While":
        for name in ("body", "cond"):
            block = control_flow.block_of(functions[op.attributes[name].value])
            yield from zip(op.operands, block.arguments, strict=True)
        yield from zip(op.operands, op.results, strict=True)
        yield from zip(op.operands, _returned(functions[op.attributes["body"].value]), strict=True)
    elif op.name in ("tf.If", "tf.Case", *_CALLS):
        start = 0 if op.name in _CALLS else 1
        names = ("then_branch", "else_branch") if op.name == "tf.If" else ()
        symbols = [op.attributes[name] for name in names] or (
            list(op.attributes["branches"]) if op.name == "tf.Case" else [op.attributes[_CALLS[op.name]]]
        )
        for symbol in symbols:
            yield from zip(
                list(op.operands)[start:], control_flow.block_of(functions[symbol.value]).arguments, strict=True
            )
            yield from zip(op.results, _returned(functions[symbol.value]), strict=True)


def _returned(function: Any) -> list[Any]:
    operations = control_flow.block_of(function).operations
    return list(operations[len(operations) - 1].operation.operands)
