"""Kernels that only move data: padding."""

from __future__ import annotations

from math import prod
from typing import Any

from iree.codegen.cpu.features import Machine
from iree.codegen.cpu.structured import defining
from iree.codegen.cpu.templates.script import Script
from iree.codegen.cpu.templates.tiles import closest_divisor
from iree.dialects.mlir import ir

_WORKGROUP_BYTES = 256 * 1024
_PAD = "iree_pad"


def pad_script(function: Any, _machine: Machine) -> Script | None:
    """The script for a kernel whose only operation is a `tensor.pad`: workgroups take slabs of the result, one high in
    dimensions of unknown size but for the last of several.
    """
    ops = [op.operation for op in function.regions[0].blocks[0].operations]
    pads = [op for op in ops if op.name == "tensor.pad"]
    others = {
        "affine.apply", "arith.addi", "arith.constant", "tensor.collapse_shape", "tensor.dim", "tensor.expand_shape",
        "func.return",
    }  # fmt: skip
    store = "bufferization.materialize_in_destination"
    if len(pads) != 1 or any(op.name not in others | {"tensor.pad", store} for op in ops):
        return None
    type_ = pads[0].results[0].type
    stores = [op for op in ops if op.name == store]
    if len(stores) != 1 or defining(stores[0].operands[0]) is None:
        return None
    pads[0].attributes[_PAD] = ir.UnitAttr.get()
    unknown = [d for d in range(type_.rank) if type_.is_dynamic_dim(d)]
    sizes = [int(d in (unknown[:-1] or unknown)) for d in range(type_.rank)]
    outer = next((d for d in range(type_.rank) if d not in unknown and type_.shape[d] > 1), None)
    if outer is not None:
        inner = prod(n for d, n in enumerate(type_.shape) if d > outer and d not in unknown)
        slab = inner * max(type_.element_type.width // 8, 1)
        sizes[outer] = closest_divisor(type_.shape[outer], max(1.0, _WORKGROUP_BYTES / slab))
    elif sizes and not any(sizes):
        sizes[0] = 1
    script = Script()
    script.tile_forall(script.match(_PAD), sizes)
    script.clean()
    script.materialize_pads()
    return script
