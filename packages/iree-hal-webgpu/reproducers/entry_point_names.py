"""SPIR-V entry points may have any name; Dawn takes only those that are identifiers of WGSL."""

from dawn import Dawn, first_line, report, utils, webgpu
from spirv_builder import Kernel

dawn, lines, refused = Dawn(), [], {}
entry = {"binding": 0, "visibility": webgpu.WGPUShaderStage_Compute}
entry["buffer"] = {"type": webgpu.WGPUBufferBindingType_Storage}
layout = utils.create_pipeline_layout(dawn.device, [utils.create_bind_group_layout(dawn.device, [entry])])
for name in ("__x", "a.b", "if", "d0"):
    kernel = Kernel(name, 1, 0)
    kernel.store(0, kernel.word(0), kernel.word(1))
    stage = {"module": dawn.module(kernel.module()), "entry_point": name}
    try:
        utils.create_compute_pipeline(dawn.device, layout, stage)
        refused[name] = ""
    except RuntimeError as error:
        refused[name] = str(error)
report(
    bool(refused["__x"] and refused["a.b"]) and not refused["d0"],
    *(f"{name}: {first_line(message)}" for name, message in refused.items()),
)
