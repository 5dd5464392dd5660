"""The manifest of a module file: what the exports' inputs, outputs and variables are called and look like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from iree.dialects.mlir import ir


def leaf(type_: Any, index: int, name: str | None) -> dict[str, Any]:
    """The manifest's description of one tensor."""
    tensor = ir.RankedTensorType(type_)
    dynamic = ir.ShapedType.get_dynamic_size()
    shape = [None if size == dynamic else size for size in tensor.shape]
    return {"tensor": index, "name": name, "dtype": str(tensor.element_type), "shape": shape}


def function_entry(export: Any) -> dict[str, Any]:
    """The entry of an export that no importer described: positional inputs; one output or a tuple."""
    type_ = ir.FunctionType(ir.TypeAttr(export.attributes["signature"]).value)
    names = [ir.StringAttr(name).value or None for name in ir.ArrayAttr(export.attributes["names"])]
    names += [None] * (len(type_.inputs) - len(names))
    outputs = [leaf(t, i, None) for i, t in enumerate(type_.results)]
    return {
        "name": ir.StringAttr(export.attributes["export_name"]).value,
        "inputs": {
            "args": [leaf(t, i, n) for i, (t, n) in enumerate(zip(type_.inputs, names, strict=True))],
            "kwargs": {},
        },
        "outputs": outputs[0] if len(outputs) == 1 else {"tuple": outputs},
    }


def module_manifest(exports: Mapping[str, Any], imported: Mapping[str, Any] | None, producer: str) -> dict[str, Any]:
    """The manifest of a module.

    Args:
        exports: The `vm.export`s of the program's functions by name.
        imported: The import artefact's manifest, extended by getters and setters of variables; None if there is none.
        producer: Program and version that wrote the module.
    """
    described = {f["name"]: f for f in imported["functions"]} if imported else {}
    variables = [v for v in imported["variables"] if "getter" in v] if imported else []
    accessors = {v[key] for v in variables for key in ("getter", "setter") if key in v}
    functions = []
    for name, export in exports.items():
        if name in accessors:
            continue
        entry = described.get(name)
        functions.append({k: entry[k] for k in ("name", "inputs", "outputs")} if entry else function_entry(export))
    fields = ("name", "dtype", "shape", "mutable", "getter", "setter")
    return {
        "producer": producer,
        "functions": functions,
        "variables": [{k: v[k] for k in fields if k in v} for v in variables],
    }
