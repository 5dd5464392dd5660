// Infinities and NaNs, which WGSL has no constants of: Tint, Dawn's compiler, refuses modules that
// do.
#pragma once

#include <stdint.h>

#include <vector>

namespace iree::hal_webgpu {

// The module with each constant that is or holds an infinity or NaN made anew where a function
// begins, from bits in a variable, whose value Tint does not ask for. Without such constants the
// module as it is. `words` has been through spirv::Executable::read: its instructions lie within
// it.
std::vector<uint32_t> without_nonfinite_constants(const uint32_t* words, uint32_t count);

}  // namespace iree::hal_webgpu
