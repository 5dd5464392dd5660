"""A whole `vm.module` to a module file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from iree.codegen.emit.function import FunctionEmitter, signature
from iree.codegen.emit.manifest import module_manifest
from iree.codegen.emit.rodata import segment_pieces
from iree.dialects.mlir import CompileError, ir
from iree.vm.isa import VALUE_TYPES
from iree.vm.module_format import REF_TYPES, RODATA_ALIGNMENT
from iree.vm.module_writer import ModuleBuilder
from numpy.typing import NDArray

INITIALIZER = "__init"


def emit_module(
    module: Any, parameters: Mapping[str, NDArray[Any]], imported: Mapping[str, Any] | None, producer: str
) -> ModuleBuilder:
    """Encodes a program in the vm phase.

    Args:
        module: The `ir.Module` around the `vm.module`.
        parameters: Arrays by the keys that segments name; they must stay unchanged until the builder has written them.
        imported: Manifest of the import artefact, or None.
        producer: Program and version, for the manifest.

    Returns:
        A builder that is complete: `tobytes` or `write` it.

    Raises:
        CompileError: The program is not in the vm phase's form.
    """
    found = [op.operation for op in module.body.operations if op.operation.name == "vm.module"]
    if len(found) != 1:
        raise CompileError(f"a program in the vm phase has one vm.module, this one has {len(found)}", module.operation)
    return _ModuleEmitter(found[0], parameters).build(imported, producer)


class _ModuleEmitter:
    def __init__(self, module: Any, parameters: Mapping[str, NDArray[Any]]) -> None:
        self._parameters = parameters
        self._builder = ModuleBuilder()
        self._by_kind: dict[str, list[Any]] = {}
        for op in module.regions[0].blocks[0].operations:
            self._by_kind.setdefault(op.operation.name, []).append(op.operation)
        self._index: dict[str, dict[str, int]] = {}

    def build(self, imported: Mapping[str, Any] | None, producer: str) -> ModuleBuilder:
        builder = self._builder
        self._index["@i"] = {
            _symbol(op): builder.add_import(_symbol(op), ir.StringAttr(op.attributes["signature"]).value)
            for op in self._operations("vm.import")
        }
        self._index["@g"] = {_symbol(op): self._global(op) for op in self._operations("vm.global")}
        self._index["@d"] = {_symbol(op): self._segment(op) for op in self._operations("vm.rodata_segment")}
        functions = self._operations("vm.func")
        self._index["@f"] = {_symbol(op): builder.declare_function(_symbol(op), signature(op)) for op in functions}
        for op in functions:
            emitter = FunctionEmitter(op, self._resolve)
            builder.define_function(
                self._index["@f"][_symbol(op)], emitter.emit(), values=emitter.values, refs=emitter.allocation.ref_count
            )
        exports = {ir.StringAttr(op.attributes["export_name"]).value: op for op in self._operations("vm.export")}
        initializer = exports.pop(INITIALIZER, None)
        for name, op in exports.items():
            builder.add_export(name, self._callee("@f", op, "callee"), convention="fences")
        if initializer is not None:
            builder.set_initializer(self._callee("@f", initializer, "callee"))
        builder.set_manifest(module_manifest(exports, imported, producer))
        return builder

    def _operations(self, name: str) -> list[Any]:
        return self._by_kind.get(name, [])

    def _global(self, op: Any) -> int:
        type_ = str(ir.TypeAttr(op.attributes["type"]).value)
        mutable = ir.BoolAttr(op.attributes["mutable"]).value
        if type_ in VALUE_TYPES:
            return self._builder.add_global(type_, mutable=mutable, name=_symbol(op))
        known = type_[1:] if type_[1:] in REF_TYPES else None
        return self._builder.add_global("ref", mutable=mutable, name=_symbol(op), ref_type=known)

    def _segment(self, op: Any) -> int:
        pieces = segment_pieces(op, self._parameters)
        size = ir.IntegerAttr(op.attributes["size"]).value
        alignment = max(RODATA_ALIGNMENT, ir.IntegerAttr(op.attributes["alignment"]).value)
        return self._builder.add_rodata_pieces(size, pieces, name=_symbol(op), align=alignment)

    def _resolve(self, code: str, operation: Any) -> int:
        if code == "@s":
            return self._builder.add_string(ir.StringAttr(operation.attributes["message"]).value)
        return self._callee(code, operation, {"@g": "global", "@d": "segment"}.get(code, "callee"))

    def _callee(self, code: str, operation: Any, attribute: str) -> int:
        name = ir.FlatSymbolRefAttr(operation.attributes[attribute]).value
        try:
            return self._index[code][name]
        except KeyError:
            raise CompileError(
                f"'{operation.name}' refers to @{name}, which the module does not have", operation
            ) from None


def _symbol(operation: Any) -> str:
    return str(ir.StringAttr(operation.attributes["sym_name"]).value)
