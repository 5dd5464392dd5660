// Kernels: a container of iree/spirv_executable.h as compute pipelines.
#ifndef IREE_HAL_VULKAN_EXECUTABLE_H_
#define IREE_HAL_VULKAN_EXECUTABLE_H_

#include <mutex>
#include <string>
#include <vector>

#include "iree/spirv_executable.hpp"
#include "vulkan.h"

namespace iree::hal_vulkan {

class Device;

// Of all entries that take as many bindings and constants in the same way.
struct Layout {
  VkDescriptorSetLayout set = nullptr;
  VkPipelineLayout pipeline = nullptr;
};

struct Entry {
  iree_spirv_entry_t info;
  std::string name;  // of the entry point
  std::string label;
  Layout layout;
  VkPipeline pipeline = nullptr;
  // For grids that have to be run in parts; made when first needed.
  VkPipeline part_pipeline = nullptr;
};

class Executable : public iree_hal_executable_t {
 public:
  // The `prepare_executable` of hal.h: every pipeline is ready when it returns. Throws.
  static hal::Ref<iree_hal_executable_t> create(Device* device, iree_hal_string_t format,
                                                iree_hal_span_t data);
  // NULL if the executable belongs to another driver.
  static Executable* from(iree_hal_executable_t* executable);
  ~Executable();

  const Device* device() const { return device_; }
  const Entry& entry(uint32_t ordinal) const { return entries_[ordinal]; }
  // The pipeline that takes vkCmdDispatchBase. Throws.
  VkPipeline part_pipeline(uint32_t ordinal);

 private:
  Executable() = default;
  static void destroy(void* self);
  void check_capabilities(const spirv::Executable& code) const;
  void check_limits(const spirv::Entry& entry) const;
  void make_pipelines();
  VkPipeline make_pipeline(const Entry& entry, VkPipelineCreateFlags flags) const;

  Device* device_ = nullptr;  // retained
  std::vector<VkShaderModule> modules_;
  std::vector<Entry> entries_;
  std::mutex mutex_;
};

// Whether prepare_executable takes the format.
bool is_known_format(iree_hal_string_t format);

}  // namespace iree::hal_vulkan
#endif  // IREE_HAL_VULKAN_EXECUTABLE_H_
