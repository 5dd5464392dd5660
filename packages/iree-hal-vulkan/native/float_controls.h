#pragma once

#include <cstdint>
#include <vector>

#include "vulkan.h"

namespace iree::hal_vulkan {

// A SPIR-V module that asks for IEEE arithmetic as far as a device has it: denormals, NaN,
// infinities and the sign of zero kept, results rounded to nearest even (SPV_KHR_float_controls).
// Without, a device may flush denormals and assume that there are no NaN.
//
// One that asks for anything of this kind itself, and one without floats, comes back as it is.
// `words` are instructions that end with them; what is no valid module otherwise is none then.
std::vector<uint32_t> with_float_controls(const uint32_t* words, size_t count,
                                          const VkPhysicalDeviceVulkan12Properties& device);

}  // namespace iree::hal_vulkan
