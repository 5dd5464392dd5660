"""Stands in for code generation: executables with the right interface and no code."""

from __future__ import annotations

from typing import Any

import numpy as np
from iree.dialects import flow
from iree.dialects.mlir import ir
from iree.dialects.transforms.structure import body, functions, walk


def compile_executables(module: Any) -> None:
    """Replaces the `flow.executable`s of a module by one `hal.executables`."""
    executables = [op for op in body(module.body) if op.name == "flow.executable"]
    if not executables:
        return
    tied = {
        ir.FlatSymbolRefAttr(op.attributes["callee"]).value: list(ir.DenseI64ArrayAttr(op.attributes["tied"]))
        for function in functions(module)
        for op in walk(function)
        if op.name == "flow.dispatch"
    }
    with module.context, ir.Location.unknown():
        with ir.InsertionPoint(executables[0]):
            linked = ir.Operation.create(
                "hal.executables", attributes={"sym_name": ir.StringAttr.get("executable")}, regions=1
            )
        i32 = ir.IntegerType.get_signless(32)
        maps = []
        with ir.InsertionPoint(linked.regions[0].blocks.append()):
            for ordinal, executable in enumerate(executables):
                name = ir.StringAttr(executable.attributes["sym_name"]).value
                type_ = ir.FunctionType(ir.TypeAttr(flow.kernel(executable).attributes["function_type"]).value)
                tensors = [t for t in type_.inputs if isinstance(t, ir.RankedTensorType)]
                ties = tied.get(name, [-1] * len(type_.results))
                access = [3 if i in ties else 1 for i in range(len(tensors))] + [2 for tie in ties if tie < 0]
                indices = sum(isinstance(t, ir.IndexType) for t in type_.inputs)
                ir.Operation.create(
                    "hal.executable_export",
                    attributes={
                        "sym_name": ir.StringAttr.get(name),
                        "ordinal": ir.IntegerAttr.get(i32, ordinal),
                        "access": ir.DenseI32ArrayAttr.get(access),
                        "constant_words": ir.IntegerAttr.get(i32, 0),
                    },
                )
                d0 = ir.AffineExpr.get_dim(0).get_ceil_div(ir.AffineExpr.get_dim(0), 8) if indices else None
                one = ir.AffineExpr.get_constant(1)
                expressions = [d0 or ir.AffineExpr.get_constant(4), one, one]
                maps.append(ir.AffineMapAttr.get(ir.AffineMap.get(indices, 0, expressions)))
            ir.Operation.create(
                "hal.executable_variant",
                attributes={
                    "target": ir.StringAttr.get("fake"),
                    "format": ir.StringAttr.get("fake"),
                    "binary": ir.DenseElementsAttr.get(np.arange(64, dtype=np.int8)),
                    "workgroup_counts": ir.ArrayAttr.get(maps),
                    "scratch": ir.Attribute.parse(f"[{', '.join(['affine_map<() -> (0)>'] * len(maps))}]"),
                },
            )
    for executable in executables:
        executable.erase()
