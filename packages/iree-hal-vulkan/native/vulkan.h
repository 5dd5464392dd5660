// Vulkan's declarations and the functions that the driver looks up at run time: nothing links
// against a loader.
#ifndef IREE_HAL_VULKAN_VULKAN_H_
#define IREE_HAL_VULKAN_VULKAN_H_

#include <stddef.h>
#include <stdint.h>

#include "iree/hal.hpp"

// The PyPI package `vulkan` ships the C declarations of all of Vulkan as one preprocessed file,
// without the macros. It names types of window systems (`Display`, `Window`, …) too: hence the
// namespace.
namespace iree::hal_vulkan::vk {
extern "C" {
#include "vulkan.cdef.h"

// VK_KHR_shader_bfloat16, which is newer than that file.
struct VkPhysicalDeviceShaderBfloat16FeaturesKHR {
  VkStructureType sType;
  void* pNext;
  VkBool32 shaderBFloat16Type;
  VkBool32 shaderBFloat16DotProduct;
  VkBool32 shaderBFloat16CooperativeMatrix;
};
}
constexpr auto VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_BFLOAT16_FEATURES_KHR =
    static_cast<VkStructureType>(1000141000);

constexpr uint32_t kApiVersion = 1u << 22 | 3u << 12;  // 1.3
constexpr uint64_t kWholeSize = ~uint64_t{0};
constexpr uint32_t version_major(uint32_t version) { return version >> 22 & 0x7F; }
constexpr uint32_t version_minor(uint32_t version) { return version >> 12 & 0x3FF; }
constexpr uint32_t version_patch(uint32_t version) { return version & 0xFFF; }
}  // namespace iree::hal_vulkan::vk

namespace iree::hal_vulkan {

using namespace vk;  // NOLINT: Vulkan's names have a prefix of their own

#define IREE_VULKAN_INSTANCE_FUNCTIONS(X) \
  X(vkCreateDevice)                       \
  X(vkEnumerateDeviceExtensionProperties) \
  X(vkEnumeratePhysicalDevices)           \
  X(vkGetDeviceProcAddr)                  \
  X(vkGetPhysicalDeviceFeatures2)         \
  X(vkGetPhysicalDeviceMemoryProperties)  \
  X(vkGetPhysicalDeviceProperties2)       \
  X(vkGetPhysicalDeviceQueueFamilyProperties)

#define IREE_VULKAN_DEVICE_FUNCTIONS(X) \
  X(vkAllocateCommandBuffers)           \
  X(vkAllocateMemory)                   \
  X(vkBeginCommandBuffer)               \
  X(vkBindBufferMemory)                 \
  X(vkCmdBindPipeline)                  \
  X(vkCmdCopyBuffer)                    \
  X(vkCmdDispatch)                      \
  X(vkCmdDispatchBase)                  \
  X(vkCmdFillBuffer)                    \
  X(vkCmdPipelineBarrier2)              \
  X(vkCmdPushConstants)                 \
  X(vkCmdPushDescriptorSetKHR)          \
  X(vkCmdResetQueryPool)                \
  X(vkCmdWriteTimestamp2)               \
  X(vkCreateBuffer)                     \
  X(vkCreateCommandPool)                \
  X(vkCreateComputePipelines)           \
  X(vkCreateDescriptorSetLayout)        \
  X(vkCreatePipelineCache)              \
  X(vkCreatePipelineLayout)             \
  X(vkCreateQueryPool)                  \
  X(vkCreateSemaphore)                  \
  X(vkCreateShaderModule)               \
  X(vkDestroyBuffer)                    \
  X(vkDestroyCommandPool)               \
  X(vkDestroyDescriptorSetLayout)       \
  X(vkDestroyDevice)                    \
  X(vkDestroyPipeline)                  \
  X(vkDestroyPipelineCache)             \
  X(vkDestroyPipelineLayout)            \
  X(vkDestroyQueryPool)                 \
  X(vkDestroySemaphore)                 \
  X(vkDestroyShaderModule)              \
  X(vkEndCommandBuffer)                 \
  X(vkFreeMemory)                       \
  X(vkGetBufferMemoryRequirements)      \
  X(vkGetDeviceQueue)                   \
  X(vkGetPipelineCacheData)             \
  X(vkGetQueryPoolResults)              \
  X(vkGetSemaphoreCounterValue)         \
  X(vkMapMemory)                        \
  X(vkQueueSubmit2)                     \
  X(vkResetCommandPool)                 \
  X(vkWaitSemaphores)

struct InstanceApi {
#define IREE_VULKAN_MEMBER(name) PFN_##name name = nullptr;
  IREE_VULKAN_INSTANCE_FUNCTIONS(IREE_VULKAN_MEMBER)
  // Of extensions: NULL without them.
  PFN_vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR
      vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR = nullptr;
};
struct DeviceApi {
  IREE_VULKAN_DEVICE_FUNCTIONS(IREE_VULKAN_MEMBER)
  PFN_vkGetMemoryHostPointerPropertiesEXT vkGetMemoryHostPointerPropertiesEXT = nullptr;
#undef IREE_VULKAN_MEMBER
};

// "VK_ERROR_OUT_OF_HOST_MEMORY", …
const char* result_name(VkResult result);
// The status of a call that failed; NULL for VK_SUCCESS.
iree_hal_status_t vk_status(VkResult result, const char* call);
// Throws it.
inline void check_vk(VkResult result, const char* call) {
  if (result != VK_SUCCESS) [[unlikely]]
    hal::check(vk_status(result, call));
}

// Runs `body`, which may throw, where hal.h wants a status.
template <typename Body>
iree_hal_status_t guard(Body&& body) noexcept {
  try {
    body();
    return nullptr;
  } catch (const hal::Error& error) {
    return hal::make_status(error.code(), "%s", error.what());
  } catch (const std::bad_alloc&) {
    return hal::out_of_memory();
  } catch (const std::exception& error) {
    return hal::make_status(IREE_HAL_INTERNAL, "Vulkan driver: %s", error.what());
  }
}

template <typename... Args>
[[noreturn, gnu::cold]] void raise(iree_hal_code_t code, const char* format, Args... args) {
  throw hal::Error(hal::make_status(code, format, args...));
}

inline int clip(size_t size) { return static_cast<int>(size < 200 ? size : 200); }
constexpr uint64_t align_up(uint64_t value, uint64_t to) { return (value + to - 1) / to * to; }

}  // namespace iree::hal_vulkan
#endif  // IREE_HAL_VULKAN_VULKAN_H_
