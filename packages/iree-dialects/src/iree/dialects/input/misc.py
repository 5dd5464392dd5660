"""Operations that mean nothing, or little, on one device: barriers, sharding annotations, collectives of one
replica.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

import numpy as np
from iree.dialects.input.build import hlo, like
from iree.dialects.input.rules import Rule
from iree.dialects.mlir import CompileError, func, ir, stablehlo


def operands(op: Any) -> list[Any]:
    """The operands are the results."""
    return list(op.operands)


def _devices(op: Any) -> int:
    """For how many replicas and partitions the module of an operation says that it is."""
    while op.operation.name != "builtin.module":
        op = op.operation.parent
    counts = [op.operation.attributes[name] for name in _COUNTS if name in op.operation.attributes]
    return prod(ir.IntegerAttr(count).value for count in counts)


_COUNTS = ("mhlo.num_replicas", "mhlo.num_partitions")


def _single_replica(op: Any) -> None:
    groups = op.attributes["replica_groups"] if "replica_groups" in op.attributes else None
    if _devices(op) > 1 or (isinstance(groups, ir.DenseElementsAttr) and np.array(groups).size > 1):
        raise CompileError(
            f"{op.name} runs over several replicas, and a module is for one device: compile the program for "
            f"one replica",
            op,
        )


def collective(op: Any) -> list[Any]:
    """With one replica, a collective gives back its operands."""
    _single_replica(op)
    if [value.type for value in op.operands] != [value.type for value in op.results]:
        raise CompileError(f"{op.name} with one replica cannot change its operand's type", op)
    return list(op.operands)


def collective_permute(op: Any) -> list[Any]:
    """With one replica: the operand if it sends to itself, else zeros."""
    _single_replica(op)
    pairs = np.array(op.attributes["source_target_pairs"]).reshape(-1, 2).tolist()
    if any(pair != [0, 0] for pair in pairs):
        raise CompileError("stablehlo.collective_permute names replicas other than 0: compile for one replica", op)
    return list(op.operands) if pairs else [zeros(op.results[0].type)]


def zeros(type_: Any) -> Any:
    """A StableHLO constant of zeros."""
    element = type_.element_type
    if isinstance(element, ir.ComplexType):
        part = like(type_, element=element.element_type)
        return hlo("complex", [zeros(part), zeros(part)], type_)
    value = ir.FloatAttr.get(element, 0.0) if isinstance(element, ir.FloatType) else ir.IntegerAttr.get(element, 0)
    return hlo("constant", [], type_, value=ir.DenseElementsAttr.get_splat(type_, value))


def complex_constant(op: Any) -> list[Any] | None:
    """A complex constant as one of real and one of imaginary parts: Python cannot read complex elements."""
    type_ = op.results[0].type
    if not isinstance(type_.element_type, ir.ComplexType):
        return None
    if 0 in type_.shape:
        return [zeros(type_)]
    part = like(type_, element=type_.element_type.element_type)
    module = ir.Module.create()
    with ir.InsertionPoint(module.body):
        main = func.FuncOp("main", ([], [part, part]))
    with ir.InsertionPoint(main.add_entry_block()):
        copy = op.clone().results[0]
        func.ReturnOp([hlo("real", [copy], part), hlo("imag", [copy], part)])
    parts = [hlo("constant", [], part, value=value) for value in stablehlo.eval_module(module, [])]
    return [hlo("complex", parts, type_)]


def first(op: Any) -> list[Any]:
    """The number of the only replica or partition."""
    _single_replica(op)
    return [zeros(op.results[0].type)]


def refuse(reason: str) -> Rule:
    """A rule for what cannot be supported."""

    def rule(op: Any) -> Sequence[Any] | None:
        raise CompileError(f"{op.name} is not supported: {reason}", op)

    return rule


def unary_einsum(op: Any) -> list[Any]:
    """Transposes, sums and diagonals of one operand, as an einsum with a scalar 1."""
    source, _, target = op.attributes["einsum_config"].value.partition("->")
    operand = op.operands[0]
    one = hlo(
        "constant",
        [],
        like(operand.type, []),
        value=ir.DenseElementsAttr.get_splat(like(operand.type, []), _one(operand.type.element_type, op)),
    )
    return [hlo("einsum", [one, operand], op.results[0].type, einsum_config=ir.StringAttr.get(f",{source}->{target}"))]


def _one(element: Any, op: Any) -> Any:
    if isinstance(element, ir.FloatType):
        return ir.FloatAttr.get(element, 1.0)
    if isinstance(element, ir.IntegerType):
        return ir.IntegerAttr.get(element, 1)
    raise CompileError(f"stablehlo.unary_einsum of {element} is not supported: use transpose and reduce", op)


CONSTANTS: Mapping[str, Rule] = {"stablehlo.constant": complex_constant}
"""For constants that simplification has left."""

_HOST_IO = "a module has no channels to the host while it runs; pass the data as arguments and results"

RULES: Mapping[str, Rule] = {
    "stablehlo.all_gather": collective,
    "stablehlo.all_reduce": collective,
    "stablehlo.all_to_all": collective,
    "stablehlo.collective_broadcast": collective,
    "stablehlo.collective_permute": collective_permute,
    "stablehlo.cross-replica-sum": collective,
    "stablehlo.infeed": refuse(_HOST_IO),
    "stablehlo.optimization_barrier": operands,
    "stablehlo.outfeed": refuse(_HOST_IO),
    "stablehlo.partition_id": first,
    "stablehlo.recv": refuse(_HOST_IO),
    "stablehlo.reduce_scatter": collective,
    "stablehlo.replica_id": first,
    "stablehlo.send": refuse(_HOST_IO),
    "stablehlo.unary_einsum": unary_einsum,
}
