// The Vulkan loader and the process's instances.
#ifndef IREE_HAL_VULKAN_LOADER_H_
#define IREE_HAL_VULKAN_LOADER_H_

#include <vector>

#include "vulkan.h"

namespace iree::hal_vulkan {

// A VkInstance. There are two at most in a process, with and without the validation layer; neither
// is ever destroyed, since loading the drivers again takes longer than anything else here.
class Instance {
 public:
  // Throws NOT_FOUND, naming the package to install, without a loader or the layer.
  static const Instance& get(bool validate);

  std::vector<VkPhysicalDevice> physical_devices() const;

  InstanceApi api;
  VkInstance handle = nullptr;

 private:
  Instance() = default;
  void create(bool validate);
};

// How many forks this process is away from one that had loaded Vulkan: drivers do not survive a
// fork.
unsigned forks();

// Messages of the validation layer (errors and warnings) so far; they go to stderr too.
uint64_t validation_messages();

}  // namespace iree::hal_vulkan
#endif  // IREE_HAL_VULKAN_LOADER_H_
