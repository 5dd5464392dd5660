"""Pass pipelines of the SPIR-V targets, parsed once per process; kernels live in `iree.codegen.cpu.passes.context`."""

from __future__ import annotations

from functools import cache
from typing import Any

from iree.codegen.cpu.passes import context
from iree.dialects.mlir import CompileError, capture_diagnostics, ir, passmanager

_CLEAN = "canonicalize,cse"

PIPELINES: dict[str, str] = {
    "clean": _CLEAN,
    "generalize": "linalg-generalize-named-ops",
    "lower": f"lower-affine,convert-complex-to-standard,{_CLEAN},"
    "func.func(arith-emulate-unsupported-floats{source-types=bf16 target-type=f32},"
    "math-extend-to-supported-types{extra-types=f16 target-type=f32}),canonicalize",
    "arithmetic": f"arith-expand{{include-bf16=true}},{_CLEAN},loop-invariant-code-motion,{_CLEAN}",
    "emulate": f"arith-emulate-wide-int{{widest-int-supported=32}},{_CLEAN}",
    "outlined": f"gpu.module(gpu.func({_CLEAN}))",
    "spirv": "gpu.module(convert-math-to-spirv),convert-gpu-to-spirv,"
    "spirv.module(spirv-lower-abi-attrs,canonicalize,cse)",
    "portable": "spirv.module(spirv-webgpu-prepare,canonicalize,cse)",
    "capabilities": "spirv.module(spirv-update-vce)",
    "binary": "gpu-module-to-binary",
}
"""What goes inside ``builtin.module(…)``."""


@cache
def _manager(name: str) -> Any:
    with context():
        return passmanager.PassManager.parse(f"builtin.module({PIPELINES[name]})")


def run(name: str, module: Any) -> None:
    """Runs a pipeline of `PIPELINES` over a module.

    Raises:
        CompileError: A pass failed; carries what MLIR said.
    """
    with capture_diagnostics(context()) as captured:
        try:
            _manager(name).run(module.operation)
        except ir.MLIRError as error:
            detail = "" if captured.errors else f": {error}"
            raise CompileError(f"SPIR-V code generation failed in '{name}'{detail}", None, captured.errors) from None
