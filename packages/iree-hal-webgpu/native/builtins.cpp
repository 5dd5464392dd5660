#include "builtins.h"

namespace iree::hal_webgpu {
namespace {

constexpr const char* kFill = R"(
@group(0) @binding(0) var<storage, read_write> words : array<u32>;
@group(0) @binding(1) var<uniform> range : vec4<u32>;  // begin, end, pattern

@compute @workgroup_size(256)
fn d0(@builtin(global_invocation_id) id : vec3<u32>, @builtin(num_workgroups) groups : vec3<u32>) {
  for (var i = range.x / 4u + id.x; i * 4u < range.y; i += groups.x * 256u) {
    let at = i * 4u;
    var mask = 0xFFFFFFFFu;
    if (at < range.x) { mask = mask << ((range.x - at) * 8u); }
    if (at + 4u > range.y) { mask = mask & (0xFFFFFFFFu >> ((at + 4u - range.y) * 8u)); }
    let pattern = select(range.w, range.z, (i & 1u) == 0u);
    if (mask == 0xFFFFFFFFu) {
      words[i] = pattern;
    } else {
      words[i] = (words[i] & ~mask) | (pattern & mask);
    }
  }
})";

constexpr const char* kCopy = R"(
@group(0) @binding(0) var<storage, read_write> source : array<u32>;
@group(0) @binding(1) var<storage, read_write> words : array<u32>;
@group(0) @binding(2) var<uniform> range : vec4<u32>;  // source's begin, begin, end

@compute @workgroup_size(256)
fn d0(@builtin(global_invocation_id) id : vec3<u32>, @builtin(num_workgroups) groups : vec3<u32>) {
  for (var i = range.y / 4u + id.x; i * 4u < range.z; i += groups.x * 256u) {
    let at = i * 4u;
    if (at >= range.y && at + 4u <= range.z) {
      let first = at - range.y + range.x;
      let shift = (first & 3u) * 8u;
      var word = source[first / 4u] >> shift;
      if (shift != 0u) { word |= source[first / 4u + 1u] << (32u - shift); }
      words[i] = word;
    } else {
      var word = words[i];
      for (var b = 0u; b < 4u; b++) {
        if (at + b >= range.y && at + b < range.z) {
          let first = at + b - range.y + range.x;
          let value = (source[first / 4u] >> ((first & 3u) * 8u)) & 0xFFu;
          word = (word & ~(0xFFu << (b * 8u))) | (value << (b * 8u));
        }
      }
      words[i] = word;
    }
  }
})";

iree_hal_status_t compile(Device* device, const char* label, const char* text, uint32_t bindings,
                          WGPUComputePipeline* out) {
  WGPUShaderSourceWGSL source = {};
  source.chain.sType = WGPUSType_ShaderSourceWGSL;
  source.code = {text, SIZE_MAX};
  WGPUShaderModuleDescriptor descriptor = {};
  descriptor.nextInChain = &source.chain;
  WGPUShaderModule module = dawn().DeviceCreateShaderModule(device->handle, &descriptor);
  iree_hal_status_t status = device->take_error(IREE_HAL_INTERNAL);
  if (!status) {
    PendingPipeline pending;
    start_pipeline(device, module, "d0", label, device->caches.layout(bindings, true).pipeline,
                   &pending);
    status = wait_for(device, &pending, out);
  }
  dawn().ShaderModuleRelease(module);
  return status;
}

}  // namespace

iree_hal_status_t make_builtins(Device* device) {
  if (device->copy_pipeline) return nullptr;
  if (!device->fill_pipeline)
    IREE_HAL_TRY(compile(device, "fill", kFill, 1, &device->fill_pipeline));
  return compile(device, "copy", kCopy, 2, &device->copy_pipeline);
}

}  // namespace iree::hal_webgpu
