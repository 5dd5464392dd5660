"""Lets kernels that update a part of an operand do so in place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from iree.dialects import flow
from iree.dialects.mlir import ir
from iree.dialects.passes import Pass
from iree.dialects.transforms.ownership import Ownership
from iree.dialects.transforms.structure import body, defining, functions, is_tensor, walk

TIED = "iree.tied"
"""On a kernel: per result the number of the tensor argument that it overwrites, or -1."""


@dataclass(frozen=True)
class TieOperands(Pass):
    """Ties results to operands that they are updates of, on kernels (`iree.tied`) and dispatches.

    A kernel that returns one of its arguments with a part of it replaced (a slice inserted, a scatter's loop) writes
    that part alone. Where the operand is used later, or is not the program's own, a `flow.clone` is updated instead.
    """

    name = "tie-operands"

    def apply(self, module: Any) -> None:
        """See the class."""
        ties: dict[str, list[int]] = {}
        for executable in [op for op in body(module.body) if op.name == "flow.executable"]:
            kernel = flow.kernel(executable)
            found = _updates(kernel)
            if any(tie >= 0 for tie in found):
                kernel.attributes[TIED] = ir.DenseI64ArrayAttr.get(found)
                ties[ir.StringAttr(executable.attributes["sym_name"]).value] = found
        if not ties:
            return
        for function in functions(module):
            ownership = Ownership(function)
            for op in walk(function):
                if op.name == "flow.dispatch":
                    found = ties.get(ir.FlatSymbolRefAttr(op.attributes["callee"]).value, [])
                    for operand in found:
                        if operand >= 0:
                            ownership.own(op, operand)
                    if found:
                        op.attributes["tied"] = ir.DenseI64ArrayAttr.get(found)


def _updates(kernel: Any) -> list[int]:
    block = kernel.regions[0].blocks[0]
    tensors = [argument for argument in block.arguments if is_tensor(argument.type)]
    found: list[int] = []
    for value in body(block)[-1].operands:
        argument = _updated(value, tensors)
        taken = argument is None or tensors.index(argument) in found
        found.append(-1 if taken else tensors.index(argument))
    return found


def _updated(value: Any, tensors: list[Any]) -> Any | None:
    """The argument that `value` is an update of, if the kernel does not use it for anything else."""
    result = value
    while value not in tensors:
        op = defining(value)
        if op is None:
            return None
        if op.name in ("tensor.insert_slice", "tensor.insert"):
            value = op.operands[1]
        elif op.name == "scf.for" or (op.name.startswith("linalg.") and op.name != "linalg.fill"):
            # of both, the operands that become the results are the last ones
            number = list(op.results).index(value)
            value = op.operands[len(op.operands) - len(op.results) + number]
        else:
            return None
    return value if value.type == result.type and value != result and len(list(value.uses)) == 1 else None
