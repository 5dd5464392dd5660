"""Exports that read and set a program's variables from outside.

Getters and setters are ordinary functions of the input phase, so that everything after it treats them like the
program's own.
"""

from __future__ import annotations

from typing import Any

from iree.dialects.mlir import func, ir, ml_program

PARAMETER = "iree.parameter"


def add_accessors(module: Any, manifest: dict[str, Any]) -> None:
    """Adds a getter and a setter for each mutable variable and names them in the manifest.

    Args:
        module: An `ir.Module` in the input phase.
        manifest: Manifest of its import artefact; entries of ``variables`` get ``getter`` and ``setter``.
    """
    by_key = {
        ir.StringAttr(op.operation.attributes[PARAMETER]).value: op
        for op in module.body.operations
        if op.operation.name == "ml_program.global" and PARAMETER in op.operation.attributes
    }
    for number, variable in enumerate(manifest["variables"]):
        global_ = by_key.get(variable["key"])
        if global_ is None or not variable["mutable"]:
            continue
        variable["getter"] = f"variable.get.{number}"
        variable["setter"] = f"variable.set.{number}"
        type_ = ir.TypeAttr(global_.operation.attributes["type"]).value
        symbol = ir.FlatSymbolRefAttr.get(global_.sym_name.value)
        with ir.InsertionPoint(module.body), global_.operation.location:
            getter = func.FuncOp(variable["getter"], ([], [type_]))
            setter = func.FuncOp(variable["setter"], ([type_], []))
            with ir.InsertionPoint(getter.add_entry_block()):
                func.ReturnOp([ml_program.GlobalLoadOp(type_, symbol).result])
            with ir.InsertionPoint(setter.add_entry_block()):
                ml_program.GlobalStoreOp(symbol, setter.arguments[0])
                func.ReturnOp([])
