"""The pass pipelines of the SPIR-V targets."""

from __future__ import annotations

from iree.codegen.pipelines import Pipelines

_CLEAN = "canonicalize,cse"

_PIPELINES = Pipelines(
    "SPIR-V",
    {
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
    },
)


run = _PIPELINES.run
