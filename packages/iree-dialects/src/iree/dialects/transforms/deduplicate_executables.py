"""Merges executables that do the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from iree.dialects import flow
from iree.dialects.mlir import ir
from iree.dialects.passes import Pass
from iree.dialects.transforms.structure import body, functions, walk


@dataclass(frozen=True)
class DeduplicateExecutables(Pass):
    """Of `flow.executable`s whose kernels differ in their name alone the first stays and gets all dispatches."""

    name = "deduplicate-executables"

    def apply(self, module: Any) -> None:
        """See the class."""
        anonymous = ir.StringAttr.get("kernel")
        first: dict[str, str] = {}
        renamed: dict[str, str] = {}
        for executable in [op for op in body(module.body) if op.name == "flow.executable"]:
            name = ir.StringAttr(executable.attributes["sym_name"])
            kernel = flow.kernel(executable)
            kernel.attributes["sym_name"] = anonymous
            same = first.setdefault(flow.kernel_module(executable).operation.get_asm(use_local_scope=True), name.value)
            kernel.attributes["sym_name"] = name
            if same != name.value:
                renamed[name.value] = same
        if not renamed:
            return
        del executable, kernel  # Python must hold no part of what is erased
        for op in body(module.body):
            if op.name == "flow.executable" and ir.StringAttr(op.attributes["sym_name"]).value in renamed:
                op.erase()
        for function in functions(module):
            for op in walk(function):
                if op.name == "flow.dispatch":
                    callee = ir.FlatSymbolRefAttr(op.attributes["callee"]).value
                    if callee in renamed:
                        op.attributes["callee"] = ir.FlatSymbolRefAttr.get(renamed[callee])
