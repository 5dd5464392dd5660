"""The C API has no list of adapters: a request gives the one that Dawn likes best, never a second GPU of its kind."""

from dawn import report, utils, webgpu

exports = [name for name in dir(webgpu) if name.startswith("wgpuInstance")]
adapters = [
    utils.request_adapter_sync(preference)
    for preference in (webgpu.WGPUPowerPreference_HighPerformance, webgpu.WGPUPowerPreference_LowPower)
]
report(
    not any("numerateAdapter" in name for name in exports),
    f"functions of an instance: {', '.join(exports)}",
    f"requests that can be told apart: {len(adapters)}",
)
