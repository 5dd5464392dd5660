"""Host functions on tensors become host functions on devices, buffers and command buffers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from iree.dialects.host.function import FunctionLowering
from iree.dialects.host.program import Program
from iree.dialects.mlir import ir
from iree.dialects.passes import Pass
from iree.dialects.transforms.structure import functions


@dataclass(frozen=True)
class ConvertToHal(Pass):
    """Takes a module from the executables phase, its control flow in blocks, to the hal phase."""

    name = "convert-to-hal"

    def apply(self, module: Any) -> None:
        """See the class."""
        with ir.Location.unknown():
            program = Program(module)
            for function in functions(module):
                if function == program.initializer.operation:
                    continue
                name = function.attributes["sym_name"]
                new = FunctionLowering(program, function).lower()
                function.erase()
                new.attributes["sym_name"] = name
            program.finish()
