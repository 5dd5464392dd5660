#include "vulkan.h"

namespace iree::hal_vulkan {

const char* result_name(VkResult result) {
  switch (result) {
#define IREE_VULKAN_RESULT(name) \
  case name:                     \
    return #name;
    IREE_VULKAN_RESULT(VK_SUCCESS)
    IREE_VULKAN_RESULT(VK_NOT_READY)
    IREE_VULKAN_RESULT(VK_TIMEOUT)
    IREE_VULKAN_RESULT(VK_INCOMPLETE)
    IREE_VULKAN_RESULT(VK_ERROR_OUT_OF_HOST_MEMORY)
    IREE_VULKAN_RESULT(VK_ERROR_OUT_OF_DEVICE_MEMORY)
    IREE_VULKAN_RESULT(VK_ERROR_INITIALIZATION_FAILED)
    IREE_VULKAN_RESULT(VK_ERROR_DEVICE_LOST)
    IREE_VULKAN_RESULT(VK_ERROR_MEMORY_MAP_FAILED)
    IREE_VULKAN_RESULT(VK_ERROR_LAYER_NOT_PRESENT)
    IREE_VULKAN_RESULT(VK_ERROR_EXTENSION_NOT_PRESENT)
    IREE_VULKAN_RESULT(VK_ERROR_FEATURE_NOT_PRESENT)
    IREE_VULKAN_RESULT(VK_ERROR_INCOMPATIBLE_DRIVER)
    IREE_VULKAN_RESULT(VK_ERROR_TOO_MANY_OBJECTS)
    IREE_VULKAN_RESULT(VK_ERROR_FRAGMENTED_POOL)
    IREE_VULKAN_RESULT(VK_ERROR_UNKNOWN)
    IREE_VULKAN_RESULT(VK_ERROR_INVALID_EXTERNAL_HANDLE)
    IREE_VULKAN_RESULT(VK_ERROR_INVALID_SHADER_NV)
#undef IREE_VULKAN_RESULT
    default:
      return "VkResult";
  }
}

iree_hal_status_t vk_status(VkResult result, const char* call) {
  iree_hal_code_t code = IREE_HAL_INTERNAL;
  switch (result) {
    case VK_SUCCESS:
      return nullptr;
    case VK_ERROR_OUT_OF_HOST_MEMORY:
    case VK_ERROR_OUT_OF_DEVICE_MEMORY:
    case VK_ERROR_TOO_MANY_OBJECTS:
      code = IREE_HAL_RESOURCE_EXHAUSTED;
      break;
    case VK_ERROR_DEVICE_LOST:
      return hal::make_status(
          IREE_HAL_UNAVAILABLE,
          "the Vulkan device was lost in %s: a kernel ran too long or touched memory it must not, "
          "or the driver was reset; open the device again",
          call);
    default:
      break;
  }
  return hal::make_status(code, "%s: %s (%d)", call, result_name(result), static_cast<int>(result));
}

}  // namespace iree::hal_vulkan
