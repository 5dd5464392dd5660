"""What the reproducers share: a device of Dawn's through dawn-python, SPIR-V modules, and the answer's form.

A reproducer is a script. It prints what Dawn says and ends with status 0 if Dawn behaves as docs/webgpu.md says, 1 if
not any more.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

os.environ.setdefault("BACKEND_TYPE", "Vulkan")
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))  # spirv_builder

from pydawn import utils, webgpu

STORAGE = webgpu.WGPUBufferUsage_Storage | webgpu.WGPUBufferUsage_CopySrc | webgpu.WGPUBufferUsage_CopyDst


def chain(structure: Any) -> Any:
    """A structure as the `next` of another."""
    return ctypes.cast(ctypes.pointer(structure), ctypes.POINTER(webgpu.struct_WGPUChainedStruct))


class Dawn:
    """A device with the features that are asked for and there."""

    def __init__(self, *features: str) -> None:
        adapter = utils.request_adapter_sync(webgpu.WGPUPowerPreference_HighPerformance)
        has = utils.supported_features(adapter)
        names = [f"WGPUFeatureName_{name}" for name in features]
        self.device = utils.request_device_sync(adapter, [getattr(webgpu, name) for name in names if name in has])
        self.log: list[str] = []
        self._callback = webgpu.WGPULoggingCallback(
            lambda _, message, __: self.log.append(utils.from_wgpu_str(message))
        )
        webgpu.wgpuDeviceSetLoggingCallback(self.device, self._callback, None)

    def module(self, spirv: bytes) -> Any:
        """A shader module of SPIR-V."""
        source = webgpu.WGPUShaderSourceSPIRV()
        source.chain.sType = webgpu.WGPUSType_ShaderSourceSPIRV
        words = (ctypes.c_uint32 * (len(spirv) // 4)).from_buffer_copy(spirv)
        source.codeSize, source.code = len(words), ctypes.cast(words, ctypes.POINTER(ctypes.c_uint32))
        descriptor = webgpu.WGPUShaderModuleDescriptor()
        descriptor.nextInChain = chain(source)
        return webgpu.wgpuDeviceCreateShaderModule(self.device, descriptor)

    def module_error(self, spirv: bytes) -> str:
        """What Dawn reports about a module; empty if nothing."""
        return self.error(lambda: self.module(spirv))

    def error(self, action: Any) -> str:
        """What Dawn reports about `action()`; empty if nothing."""
        webgpu.wgpuDevicePushErrorScope(self.device, webgpu.WGPUErrorFilter_Validation)
        action()
        return utils.pop_error(self.device) or ""

    def buffer(self, size: int, usage: int = STORAGE) -> Any:
        """A buffer."""
        return utils.create_buffer(self.device, size, usage)

    def dispatch(self, kinds: list[int], ranges: list[tuple[Any, int, int]], shader: str, count: int = 1) -> None:
        """Runs `count` workgroups of a WGSL shader over (buffer, offset, size) at bindings 0, 1, …, of those types."""
        entries = [
            {"binding": i, "visibility": webgpu.WGPUShaderStage_Compute, "buffer": {"type": kind}}
            for i, kind in enumerate(kinds)
        ]
        bound = [
            {"binding": i, "resource": {"buffer": buffer, "offset": offset, "size": size}}
            for i, (buffer, offset, size) in enumerate(ranges)
        ]
        layout = utils.create_bind_group_layout(self.device, entries)
        group = utils.create_bind_group(self.device, layout, bound)
        stage = {"module": utils.create_shader_module(self.device, shader), "entry_point": "main"}
        pipeline = utils.create_compute_pipeline(
            self.device, utils.create_pipeline_layout(self.device, [layout]), stage
        )
        encoder = utils.create_command_encoder(self.device)
        compute = utils.begin_compute_pass(encoder)
        utils.set_pipeline(compute, pipeline)
        utils.set_bind_group(compute, group)
        utils.dispatch_workgroups(compute, count, 1, 1)
        utils.end_compute_pass(compute)
        utils.submit(self.device, [utils.command_encoder_finish(encoder)])


def first_line(text: str) -> str:
    """The first line, or what stands for none."""
    return text.splitlines()[0] if text else "(no error)"


def report(reproduces: bool, *lines: str) -> NoReturn:
    """Prints the lines and ends."""
    for line in lines:
        print(line)
    print("reproduces" if reproduces else "does not reproduce any more")
    sys.exit(0 if reproduces else 1)
