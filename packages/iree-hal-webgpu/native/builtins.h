// Fills, and copies that are not aligned to words: what WebGPU's queue does not do, as compute
// shaders.
#pragma once

#include "device.h"

namespace iree::hal_webgpu {

inline constexpr uint32_t kBuiltinWorkgroup = 256;

// Makes the device's fill_pipeline and copy_pipeline with their first use. Needs the gate.
//  * fill: binding 0 the target, constants: first byte, end, then 8 bytes of pattern that start at
//  a multiple of 8
//  * copy: bindings source and target, constants: first byte of the source, of the target, end of
//  the target
iree_hal_status_t make_builtins(Device* device);

}  // namespace iree::hal_webgpu
