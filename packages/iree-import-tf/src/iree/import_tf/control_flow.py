"""Loops and branches whose types do not fit exactly: TensorFlow lets a loop's state be more static outside than inside.

MLIR's text form of `stablehlo.while` has one type for both, so casts are put in between before TensorFlow legalizes
the program.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from iree.dialects.mlir import ir
from iree.import_tf import hlo
from iree.import_tf.rewrites import Table
from iree.import_tf.rewrites.kept import PREFIX

_CAST = PREFIX + "Cast"


def sink_constants(module: Any) -> bool:
    """Gives the functions of loops constants of their own for those that a loop carries unchanged, where a rank is not
    known: it may follow from them. Returns whether there were any.
    """
    functions = {op.sym_name.value: op for op in module.body.operations}
    loops: list[Any] = []
    unranked: list[Any] = []

    def visit(op: Any) -> Any:
        if op.name == "tf.While":
            loops.append(op)
        unranked.extend(value for value in op.results if isinstance(value.type, ir.UnrankedTensorType))
        return ir.WalkResult.ADVANCE

    module.operation.walk(visit)
    sunk = False
    for op in loops if unranked else ():
        names = [op.attributes[name].value for name in ("body", "cond")]
        if sum(other.attributes["body"].value == names[0] for other in loops) > 1:
            continue
        blocks = [block_of(functions[name]) for name in names]
        operations = blocks[0].operations
        returned = operations[len(operations) - 1].operation.operands
        for i, value in enumerate(op.operands):
            argument = blocks[0].arguments[i]
            if isinstance(value.owner, ir.Block) or value.owner.name != "tf.Const" or returned[i] != argument:
                continue
            for block in blocks:
                with ir.InsertionPoint.at_block_begin(block):
                    constant = value.owner.operation.clone()
                block.arguments[i].replace_all_uses_with(constant.result)
            returned[i] = argument
            sunk = True
    return sunk


def fit(module: Any) -> None:
    """Makes the types of loops and branches the same inside and outside."""
    functions = {op.sym_name.value: op for op in module.body.operations}
    found: list[Any] = []

    def visit(op: Any) -> Any:
        if op.name in ("tf.While", "tf.If", "tf.Case"):
            found.append(op)
        return ir.WalkResult.ADVANCE

    module.operation.walk(visit)
    for op in found:
        if op.name == "tf.While":
            _fit_loop(op, functions[op.attributes["body"].value], functions[op.attributes["cond"].value])
        else:
            names = ("then_branch", "else_branch") if op.name == "tf.If" else ()
            symbols = [op.attributes[name] for name in names] or list(op.attributes["branches"])
            for symbol in symbols:
                _fit_returns(functions[symbol.value], [result.type for result in op.results])
    set_types(functions.values())


def set_types(functions: Iterable[Any]) -> None:
    """Makes the types of functions those of their arguments and of what they return."""
    for function in functions:
        block = block_of(function)
        returned = block.operations[len(block.operations) - 1].operation.operands
        type_ = ir.FunctionType.get([argument.type for argument in block.arguments], [value.type for value in returned])
        function.operation.attributes["function_type"] = ir.TypeAttr.get(type_)


def cast(value: Any, type_: Any) -> Any:
    """`value` with a type that knows more or less of its shape."""
    return value if value.type == type_ else ir.Operation.create(_CAST, results=[type_], operands=[value]).result


def block_of(function: Any) -> Any:
    """The block of a function that has one."""
    return function.operation.regions[0].blocks[0]


def _fit_loop(op: Any, body: Any, condition: Any) -> None:
    types = [argument.type for argument in block_of(body).arguments]
    for i, type_ in enumerate(types):
        if op.operands[i].type != type_ and isinstance(type_, ir.RankedTensorType):
            with op.location, ir.InsertionPoint(op):
                op.operands[i] = ir.Operation.create(_CAST, results=[type_], operands=[op.operands[i]]).result
        block_of(condition).arguments[i].set_type(type_)
        op.results[i].set_type(type_)
    _fit_returns(body, types)


def _fit_returns(function: Any, types: list[Any]) -> None:
    operations = block_of(function).operations
    end = operations[len(operations) - 1].operation
    for i, type_ in enumerate(types):
        if end.operands[i].type != type_ and isinstance(type_, ir.RankedTensorType):
            with end.location, ir.InsertionPoint(end):
                end.operands[i] = ir.Operation.create(_CAST, results=[type_], operands=[end.operands[i]]).result


TABLE: Table = {_CAST: lambda op: [hlo.cast(op.operands[0], op.result.type)]}
