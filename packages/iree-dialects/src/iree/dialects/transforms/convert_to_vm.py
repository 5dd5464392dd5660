"""Host functions on devices and buffers become a module for the virtual machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from iree.dialects import hal
from iree.dialects.host.function import NAMES, SIGNATURE
from iree.dialects.host.program import INITIALIZER
from iree.dialects.instructions.function import FunctionConversion
from iree.dialects.mlir import CompileError, ir
from iree.dialects.passes import Pass
from iree.dialects.transforms.structure import body


@dataclass(frozen=True)
class ConvertToVm(Pass):
    """Takes a module from the hal phase to the vm phase: everything in one `vm.module`."""

    name = "convert-to-vm"

    def apply(self, module: Any) -> None:
        """See the class."""
        with ir.Location.unknown():
            self._convert(module)

    @staticmethod
    def _convert(module: Any) -> None:
        old = body(module.body)
        with ir.InsertionPoint(module.body):
            attributes = {"sym_name": ir.StringAttr.get("module")}
            block = ir.Operation.create("vm.module", attributes=attributes, regions=1).regions[0].blocks.append()
        imports: set[str] = set()
        exports = []
        for op in old:
            if op.name in ("vm.global", "vm.rodata_segment"):
                with ir.InsertionPoint(block):
                    op.clone()
            elif op.name == "func.func":
                with ir.InsertionPoint(block):
                    conversion = FunctionConversion(op)
                    conversion.convert()
                imports |= conversion.imports
                exports.append(_export_attributes(op))
            else:
                raise CompileError(f"'{op.name}' is not allowed at the top of a module in the hal phase", op)
        with ir.InsertionPoint(block):
            for attributes in exports:
                ir.Operation.create("vm.export", attributes=attributes)
        with ir.InsertionPoint.at_block_begin(block):
            for name in sorted(imports):
                attributes = {
                    "sym_name": ir.StringAttr.get(name),
                    "signature": ir.StringAttr.get(hal.IMPORTS[name]),
                }
                ir.Operation.create("vm.import", attributes=attributes)
        for op in reversed(old):
            op.erase()


def _export_attributes(function: Any) -> dict[str, Any]:
    name = ir.StringAttr(function.attributes["sym_name"]).value
    if name == INITIALIZER:
        signature, names = ir.TypeAttr.get(ir.FunctionType.get([], [])), ir.ArrayAttr.get([])
    else:
        signature, names = function.attributes[SIGNATURE], function.attributes[NAMES]
    return {
        "export_name": ir.StringAttr.get(name),
        "callee": ir.FlatSymbolRefAttr.get(name),
        "signature": signature,
        "names": names,
    }
