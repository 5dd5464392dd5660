// What the Vulkan driver compiled, kept on disk between processes.
#ifndef IREE_HAL_VULKAN_PIPELINE_CACHE_H_
#define IREE_HAL_VULKAN_PIPELINE_CACHE_H_

#include <mutex>
#include <string>

#include "adapter.h"

namespace iree::hal_vulkan {

class PipelineCache {
 public:
  // Reads what an earlier process left in `directory`; nothing is read or written if that is empty.
  // What is damaged or of another driver is ignored.
  void open(const DeviceApi& api, VkDevice device, const Adapter& adapter,
            const std::string& directory);
  void close();
  // Writes what is new. A failure costs the next process time and nothing else.
  void save();

  VkPipelineCache handle() const { return handle_; }

  // $XDG_CACHE_HOME/iree/vulkan or ~/.cache/iree/vulkan; empty if there is no home.
  static std::string default_directory();

 private:
  const DeviceApi* api_ = nullptr;
  VkDevice device_ = nullptr;
  VkPipelineCache handle_ = nullptr;
  std::string file_;
  std::mutex mutex_;
  size_t saved_ = 0;  // bytes in the file
};

}  // namespace iree::hal_vulkan
#endif  // IREE_HAL_VULKAN_PIPELINE_CACHE_H_
