"""Single operations with several results, such as a maximum and where it is: their rows are distributed."""

from __future__ import annotations

from typing import Any

from iree.codegen.cpu.features import Machine
from iree.codegen.cpu.structured import generics
from iree.codegen.cpu.templates.rows import operations, workgroup_tile
from iree.codegen.cpu.templates.script import Script
from iree.dialects.mlir import ir

_ROOT = "iree_root"
_FREE = {
    "arith.constant",
    "tensor.empty",
    "tensor.collapse_shape",
    "tensor.expand_shape",
    "tensor.dim",
    "linalg.fill",
    "bufferization.materialize_in_destination",
    "func.return",
}


def script(function: Any, _machine: Machine) -> Script | None:
    """The script for a kernel of one `linalg.generic` with several results that share a parallel loop."""
    found = generics(function)
    ops = [op.operation for op in function.regions[0].blocks[0].operations]
    if len(found) != 1 or any(op.name not in _FREE and op != found[0].op for op in ops):
        return None
    root = found[0]
    results = [set(root.dims(number)) for number in range(len(root.inputs), len(root.operands))]
    rows = sorted(loop for loop in set.intersection(*results) if loop is not None)
    if len(results) < 2 or any(None in dims for dims in results):
        return None
    tile = workgroup_tile(root, rows, operations(root))
    if not any(tile):
        return None
    root.op.attributes[_ROOT] = ir.UnitAttr.get()
    s = Script()
    s.fuse(s.match(_ROOT), tile, forall=True)
    s.clean()
    return s
