// A physical device: what it is, what it can do, and why it cannot be used.
#ifndef IREE_HAL_VULKAN_ADAPTER_H_
#define IREE_HAL_VULKAN_ADAPTER_H_

#include <string>
#include <string_view>
#include <vector>

#include "loader.h"

namespace iree::hal_vulkan {

// Vulkan's feature structures, linked where their extension is there.
struct Features {
  VkPhysicalDeviceFeatures2 core = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2};
  VkPhysicalDeviceVulkan11Features v11 = {
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES};
  VkPhysicalDeviceVulkan12Features v12 = {
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES};
  VkPhysicalDeviceVulkan13Features v13 = {
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_3_FEATURES};
  VkPhysicalDeviceCooperativeMatrixFeaturesKHR matrix = {
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_FEATURES_KHR};
  VkPhysicalDeviceShaderAtomicFloatFeaturesEXT atomic_float = {
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_ATOMIC_FLOAT_FEATURES_EXT};
  VkPhysicalDeviceWorkgroupMemoryExplicitLayoutFeaturesKHR layout = {
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_WORKGROUP_MEMORY_EXPLICIT_LAYOUT_FEATURES_KHR};
  VkPhysicalDeviceShaderBfloat16FeaturesKHR bfloat16 = {
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_BFLOAT16_FEATURES_KHR};

  Features() = default;
  Features(const Features&) = delete;
  Features& operator=(const Features&) = delete;
};

class Adapter {
 public:
  Adapter(const Instance& instance, VkPhysicalDevice handle);
  Adapter(Adapter&&) = default;

  const char* name() const { return properties.deviceName; }
  // "6d657361-3232-2e33-2e36-000000000000"
  std::string uuid() const;
  bool has_extension(std::string_view name) const;
  // Whether a kernel may declare the SPIR-V capability of that number.
  bool supports(uint32_t capability) const;
  // Whether host and device share memory that both read fast.
  bool is_unified() const;
  // A VkDevice with one queue and everything on that kernels may use.
  VkDevice create_device() const;

  const Instance* instance;
  VkPhysicalDevice handle;
  VkPhysicalDeviceProperties properties = {};
  VkPhysicalDeviceVulkan11Properties properties11 = {};
  VkPhysicalDeviceVulkan12Properties properties12 = {};
  VkPhysicalDeviceVulkan13Properties properties13 = {};
  uint32_t push_descriptors = 0;  // how many at most
  uint64_t import_alignment = 0;  // of host memory; 0 if it cannot be imported
  VkPhysicalDeviceMemoryProperties memory = {};
  uint32_t queue_family = 0;
  bool has_timestamps = false;
  std::vector<VkCooperativeMatrixPropertiesKHR> matrices;
  std::string unusable;  // empty, or what is missing

 private:
  void read_properties();
  void choose_queue();
  void list_missing();
  void read_matrices();
  void link(Features* features) const;

  std::vector<std::string> extensions_;
  std::unique_ptr<Features> features_ = std::make_unique<Features>();
};

// All of the process, in the loader's order.
std::vector<Adapter> list_adapters(const Instance& instance);

// The one that a URI's path names: an index, a UUID, a name or a part of it; the best one for "".
// Throws NOT_FOUND with what there is.
Adapter find_adapter(const Instance& instance, std::string_view path, uint32_t* index);

}  // namespace iree::hal_vulkan
#endif  // IREE_HAL_VULKAN_ADAPTER_H_
