"""Kernels that only move data: padding."""

from __future__ import annotations

from math import prod
from typing import Any

from iree.codegen.cpu.structured import defining
from iree.codegen.cpu.templates.script import Script
from iree.codegen.cpu.templates.tiles import closest_divisor
from iree.dialects.mlir import ir

_WORKGROUP_BYTES = 256 * 1024
_PAD = "iree_pad"


def pad_script(function: Any) -> Script | None:
    """The script for a kernel whose only operation is a `tensor.pad` of static shape: workgroups take slabs of the
    result.
    """
    ops = [op.operation for op in function.regions[0].blocks[0].operations]
    pads = [op for op in ops if op.name == "tensor.pad"]
    others = {"arith.constant", "tensor.collapse_shape", "tensor.expand_shape", "func.return"}
    store = "bufferization.materialize_in_destination"
    if len(pads) != 1 or any(op.name not in others | {"tensor.pad", store} for op in ops):
        return None
    type_ = pads[0].results[0].type
    stores = [op for op in ops if op.name == store]
    if not type_.has_static_shape or len(stores) != 1 or defining(stores[0].operands[0]) is None:
        return None
    pads[0].attributes[_PAD] = ir.UnitAttr.get()
    sizes = [0] * type_.rank
    outer = next((d for d in range(type_.rank) if type_.shape[d] > 1), 0)
    slab = prod(type_.shape[outer + 1 :]) * max(type_.element_type.width // 8, 1)
    sizes[outer] = closest_divisor(type_.shape[outer], max(1.0, _WORKGROUP_BYTES / slab))
    script = Script()
    script.tile_forall(script.match(_PAD), sizes)
    script.clean()
    script.materialize_pads()
    return script
