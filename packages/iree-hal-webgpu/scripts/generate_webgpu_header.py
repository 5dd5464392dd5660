"""Writes ``native/webgpu.h``: the part of Dawn's C API that the driver uses.

The wheel of dawn-python has no header, but ctypes declarations made from the header that its library was built with.
This turns those of the functions below, and of all types they reach, back into C, with the layouts as static
assertions.

    python scripts/generate_webgpu_header.py > native/webgpu.h
"""

from __future__ import annotations

import ctypes
import importlib.metadata
import sys
from importlib import import_module
from typing import Any

webgpu: Any = import_module("pydawn.webgpu")

FUNCTIONS = """
CreateInstance InstanceRequestAdapter2 InstanceWaitAny
AdapterGetInfo AdapterInfoFreeMembers AdapterGetLimits AdapterHasFeature AdapterRequestDevice2 AdapterRelease
DeviceGetQueue DeviceCreateBuffer DeviceCreateShaderModule DeviceCreateBindGroupLayout DeviceCreatePipelineLayout
DeviceCreateComputePipelineAsync2 DeviceCreateBindGroup DeviceCreateCommandEncoder
DeviceDestroy DeviceForceLoss DeviceSetLoggingCallback DeviceRelease
BufferMapAsync2 BufferGetConstMappedRange BufferUnmap BufferDestroy BufferRelease
CommandEncoderBeginComputePass CommandEncoderCopyBufferToBuffer CommandEncoderFinish CommandEncoderRelease
ComputePassEncoderSetPipeline ComputePassEncoderSetBindGroup ComputePassEncoderDispatchWorkgroups
ComputePassEncoderEnd ComputePassEncoderRelease
QueueSubmit QueueWriteBuffer QueueOnSubmittedWorkDone2 QueueRelease
CommandBufferRelease ShaderModuleRelease ComputePipelineRelease
BindGroupRelease BindGroupLayoutRelease PipelineLayoutRelease
""".split()

CONSTANTS = """
SType_ShaderSourceSPIRV SType_ShaderSourceWGSL SType_DawnTogglesDescriptor
SType_DawnShaderModuleSPIRVOptionsDescriptor
CallbackMode_WaitAnyOnly CallbackMode_AllowSpontaneous
WaitStatus_TimedOut
RequestAdapterStatus_Success RequestDeviceStatus_Success QueueWorkDoneStatus_Success CreatePipelineAsyncStatus_Success
MapAsyncStatus_Success
FeatureLevel_Core BackendType_D3D12 BackendType_Metal BackendType_Vulkan

AdapterType_DiscreteGPU AdapterType_IntegratedGPU AdapterType_CPU
PowerPreference_LowPower PowerPreference_HighPerformance
FeatureName_ShaderF16
ErrorType_Validation ErrorType_OutOfMemory
DeviceLostReason_Destroyed
BufferUsage_MapRead BufferUsage_CopySrc BufferUsage_CopyDst BufferUsage_Uniform
BufferUsage_Storage
BufferBindingType_Uniform BufferBindingType_Storage BufferBindingType_ReadOnlyStorage
ShaderStage_Compute
MapMode_Read
""".split()

# Not reached through a function's signature, but chained.
STRUCTS = """
ShaderSourceSPIRV ShaderSourceWGSL DawnTogglesDescriptor DawnShaderModuleSPIRVOptionsDescriptor
""".split()

SCALARS = {
    ctypes.c_uint16: "uint16_t",
    ctypes.c_uint32: "uint32_t",
    ctypes.c_int32: "int32_t",
    ctypes.c_uint64: "uint64_t",
    ctypes.c_int64: "int64_t",
    ctypes.c_double: "double",
    ctypes.c_float: "float",
    ctypes.c_char: "char",
}


class Header:
    """Collects declarations in an order in which each uses only earlier ones."""

    def __init__(self) -> None:
        self.handles: list[str] = []
        self.declarations: list[str] = []
        self.seen: set[str] = set()

    def type_of(self, kind: Any) -> str:
        """C's spelling of a ctypes type; declares it first."""
        if kind is None:
            return "void"
        if kind in SCALARS:
            return SCALARS[kind]
        if isinstance(kind, type(ctypes.Structure)):
            return self.struct(kind)
        if hasattr(kind, "_restype_"):
            arguments = ", ".join(self.type_of(argument) for argument in kind._argtypes_) or "void"
            return f"{self.type_of(kind._restype_)} (*)({arguments})"
        target = getattr(kind, "_type_", None)
        if kind is ctypes.c_void_p or target is None:
            return "void*"
        name = getattr(target, "__name__", "")
        if name.startswith("struct_WGPU") and name.endswith("Impl"):
            return self.handle(name.removeprefix("struct_").removesuffix("Impl"))
        return f"{self.type_of(target)} const*"

    def handle(self, name: str) -> str:
        """An opaque pointer."""
        if name not in self.handles:
            self.handles.append(name)
        return name

    def struct(self, kind: Any) -> str:
        """A structure, with its layout asserted."""
        name: str = kind.__name__.removeprefix("struct_")
        if name in self.seen:
            return name
        self.seen.add(name)
        fields = [(field[0], field[1]) for field in kind._fields_ if not field[0].startswith("PADDING_")]
        lines = [f"struct {name} {{"]
        for field, field_type in fields:
            spelled = self.type_of(field_type)
            lines.append(f"  {spelled.replace('(*)', f'(*{field})')};" if "(*)" in spelled else f"  {spelled} {field};")
        lines.append("};")
        lines.append(f"static_assert(sizeof({name}) == {ctypes.sizeof(kind)});")
        lines += [f"static_assert(offsetof({name}, {f}) == {getattr(kind, f).offset});" for f, _ in fields]
        self.declarations.append("\n".join(lines))
        return name


def generate() -> str:
    """The header's text."""
    header = Header()
    header.declarations.append("struct WGPUChainedStruct;")
    rows = []
    for name in STRUCTS:
        header.struct(getattr(webgpu, f"struct_WGPU{name}"))
    for name in FUNCTIONS:
        function = getattr(webgpu, f"wgpu{name}")
        arguments = ", ".join(header.type_of(argument) for argument in function.argtypes)
        rows.append(f"  X({name}, {header.type_of(function.restype)}, ({arguments}))")
    constants = [f"inline constexpr uint64_t WGPU{name} = {getattr(webgpu, f'WGPU{name}'):#x};" for name in CONSTANTS]
    table = " \\\n".join(rows)
    handles = [f"typedef struct {name}Impl* {name};" for name in header.handles]
    version = importlib.metadata.version("dawn-python")
    lines = [
        f"// Generated by scripts/generate_webgpu_header.py from the declarations in dawn-python {version}: the",
        "// part of Dawn's webgpu.h that this driver uses. Enumerations are uint32_t, flags uint64_t. Do not",
        "// edit.",
        "//",
        '// webgpu.h is BSD-3-Clause, Copyright (c) 2019, "WebGPU native" developers; Dawn is BSD-3-Clause,',
        "// Copyright 2017-2023 The Dawn & Tint Authors.",
        "#pragma once",
        "",
        "#include <stddef.h>",
        "#include <stdint.h>",
        "",
        "// clang-format off",
        f'#define IREE_DAWN_PACKAGE "dawn-python=={version}"',
        "",
        *handles,
        "",
        *header.declarations,
        "",
        *constants,
        "",
        "// X(name without wgpu, result, arguments)",
        "#define IREE_WEBGPU_FUNCTIONS(X) \\",
        table,
        "// clang-format on",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(generate())
