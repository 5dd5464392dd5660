#include "adapter.h"

#include <strings.h>

#include <algorithm>

namespace iree::hal_vulkan {
namespace {

constexpr const char* kPushDescriptor = "VK_KHR_push_descriptor";
constexpr const char* kHostMemory = "VK_EXT_external_memory_host";
constexpr const char* kMatrix = "VK_KHR_cooperative_matrix";
constexpr const char* kAtomicFloat = "VK_EXT_shader_atomic_float";
constexpr const char* kLayout = "VK_KHR_workgroup_memory_explicit_layout";
constexpr const char* kBfloat16 = "VK_KHR_shader_bfloat16";
constexpr const char* kOptional[] = {kHostMemory, kMatrix, kAtomicFloat, kLayout, kBfloat16};

// Puts `node` at the front of the chain behind `head`.
template <typename Head, typename Node>
void chain(Head* head, Node* node) {
  node->pNext = head->pNext;
  head->pNext = node;
}

bool contains(std::string_view text, std::string_view part) {
  auto same = [](char a, char b) { return tolower(a) == tolower(b); };
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end();
}

std::string hex_digits(std::string_view text) {
  std::string digits;
  for (char c : text) {
    if (c == '-') continue;
    if (!isxdigit(static_cast<unsigned char>(c))) return {};
    digits += static_cast<char>(tolower(c));
  }
  return digits;
}

// Which of several is taken when nobody says: usable ones first, then by kind.
int rank(const Adapter& adapter) {
  int kind;
  switch (adapter.properties.deviceType) {
    case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU:
      kind = 0;
      break;
    case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU:
      kind = 1;
      break;
    case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU:
      kind = 2;
      break;
    default:
      kind = 3;
  }
  return adapter.unusable.empty() ? kind : kind + 10;
}

}  // namespace

Adapter::Adapter(const Instance& instance, VkPhysicalDevice handle)
    : instance(&instance), handle(handle) {
  const InstanceApi& api = instance.api;
  uint32_t count = 0;
  check_vk(api.vkEnumerateDeviceExtensionProperties(handle, nullptr, &count, nullptr),
           "vkEnumerateDeviceExtensionProperties");
  std::vector<VkExtensionProperties> extensions(count);
  check_vk(api.vkEnumerateDeviceExtensionProperties(handle, nullptr, &count, extensions.data()),
           "vkEnumerateDeviceExtensionProperties");
  for (const VkExtensionProperties& extension : extensions) {
    extensions_.push_back(extension.extensionName);
  }
  read_properties();
  if (properties.apiVersion >= kApiVersion) {
    link(features_.get());
    api.vkGetPhysicalDeviceFeatures2(handle, &features_->core);
  }
  api.vkGetPhysicalDeviceMemoryProperties(handle, &memory);
  list_missing();
  choose_queue();
  read_matrices();
}

std::string Adapter::uuid() const {
  std::string text;
  char byte[3];
  for (int i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    snprintf(byte, sizeof(byte), "%02x", properties11.deviceUUID[i]);
    text += byte;
  }
  return text;
}

bool Adapter::has_extension(std::string_view name) const {
  return std::find(extensions_.begin(), extensions_.end(), name) != extensions_.end();
}

void Adapter::read_properties() {
  VkPhysicalDeviceProperties2 all = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2};
  VkPhysicalDevicePushDescriptorPropertiesKHR push = {
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PUSH_DESCRIPTOR_PROPERTIES_KHR};
  VkPhysicalDeviceExternalMemoryHostPropertiesEXT host = {
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_EXTERNAL_MEMORY_HOST_PROPERTIES_EXT};
  properties11.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_PROPERTIES;
  properties12.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_PROPERTIES;
  properties13.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_3_PROPERTIES;
  instance->api.vkGetPhysicalDeviceProperties2(handle, &all);
  if (all.properties.apiVersion >= kApiVersion) {
    chain(&all, &properties11);
    chain(&all, &properties12);
    chain(&all, &properties13);
    if (has_extension(kPushDescriptor)) chain(&all, &push);
    if (has_extension(kHostMemory)) chain(&all, &host);
    instance->api.vkGetPhysicalDeviceProperties2(handle, &all);
  }
  properties = all.properties;
  push_descriptors = push.maxPushDescriptors;
  import_alignment = host.minImportedHostPointerAlignment;
  properties11.pNext = properties12.pNext = properties13.pNext = nullptr;
}

void Adapter::link(Features* f) const {
  chain(&f->core, &f->v11);
  chain(&f->core, &f->v12);
  chain(&f->core, &f->v13);
  if (has_extension(kMatrix)) chain(&f->core, &f->matrix);
  if (has_extension(kAtomicFloat)) chain(&f->core, &f->atomic_float);
  if (has_extension(kLayout)) chain(&f->core, &f->layout);
  if (has_extension(kBfloat16)) chain(&f->core, &f->bfloat16);
}

void Adapter::list_missing() {
  auto miss = [this](const std::string& what) {
    unusable += (unusable.empty() ? "it lacks " : ", ") + what;
  };
  if (properties.apiVersion < kApiVersion) {
    return miss("Vulkan 1.3 (it has " + std::to_string(version_major(properties.apiVersion)) + "." +
                std::to_string(version_minor(properties.apiVersion)) + ")");
  }
  if (!has_extension(kPushDescriptor)) miss(kPushDescriptor);
  if (!features_->v12.timelineSemaphore) miss("timelineSemaphore");
  if (!features_->v13.synchronization2) miss("synchronization2");
  if (!features_->v13.maintenance4) miss("maintenance4");
  if (!features_->v13.subgroupSizeControl) miss("subgroupSizeControl");
}

void Adapter::choose_queue() {
  uint32_t count = 0;
  instance->api.vkGetPhysicalDeviceQueueFamilyProperties(handle, &count, nullptr);
  std::vector<VkQueueFamilyProperties> families(count);
  instance->api.vkGetPhysicalDeviceQueueFamilyProperties(handle, &count, families.data());
  // One for compute alone has no graphics work to wait for.
  int best = -1;
  for (uint32_t i = 0; i < count; ++i) {
    if (!(families[i].queueFlags & VK_QUEUE_COMPUTE_BIT)) continue;
    if (best < 0 || !(families[i].queueFlags & VK_QUEUE_GRAPHICS_BIT)) best = static_cast<int>(i);
    if (!(families[i].queueFlags & VK_QUEUE_GRAPHICS_BIT)) break;
  }
  if (best < 0) {
    unusable += (unusable.empty() ? "it lacks " : ", ") + std::string("a queue for compute");
    return;
  }
  queue_family = static_cast<uint32_t>(best);
  has_timestamps =
      families[queue_family].timestampValidBits != 0 && properties.limits.timestampPeriod > 0;
}

void Adapter::read_matrices() {
  auto get = instance->api.vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR;
  if (!get || !features_->matrix.cooperativeMatrix) return;
  uint32_t count = 0;
  check_vk(get(handle, &count, nullptr), "vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR");
  matrices.assign(count, {.sType = VK_STRUCTURE_TYPE_COOPERATIVE_MATRIX_PROPERTIES_KHR});
  check_vk(get(handle, &count, matrices.data()),
           "vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR");
  matrices.resize(count);
}

bool Adapter::supports(uint32_t capability) const {
  const Features& f = *features_;
  const VkPhysicalDeviceVulkan12Properties& p = properties12;
  auto subgroup = [this](uint32_t operation) {
    return (properties11.subgroupSupportedStages & VK_SHADER_STAGE_COMPUTE_BIT) != 0 &&
           (properties11.subgroupSupportedOperations & operation) != 0;
  };
  switch (capability) {
    case 0:  // Matrix
    case 1:  // Shader
      return true;
    case 9:  // Float16
      return f.v12.shaderFloat16;
    case 10:  // Float64
      return f.core.features.shaderFloat64;
    case 11:  // Int64
      return f.core.features.shaderInt64;
    case 12:  // Int64Atomics
      return f.v12.shaderBufferInt64Atomics;
    case 22:  // Int16
      return f.core.features.shaderInt16;
    case 39:  // Int8
      return f.v12.shaderInt8;
    case 61:  // GroupNonUniform
      return subgroup(VK_SUBGROUP_FEATURE_BASIC_BIT);
    case 62:  // GroupNonUniformVote
      return subgroup(VK_SUBGROUP_FEATURE_VOTE_BIT);
    case 63:  // GroupNonUniformArithmetic
      return subgroup(VK_SUBGROUP_FEATURE_ARITHMETIC_BIT);
    case 64:  // GroupNonUniformBallot
      return subgroup(VK_SUBGROUP_FEATURE_BALLOT_BIT);
    case 65:  // GroupNonUniformShuffle
      return subgroup(VK_SUBGROUP_FEATURE_SHUFFLE_BIT);
    case 66:  // GroupNonUniformShuffleRelative
      return subgroup(VK_SUBGROUP_FEATURE_SHUFFLE_RELATIVE_BIT);
    case 67:  // GroupNonUniformClustered
      return subgroup(VK_SUBGROUP_FEATURE_CLUSTERED_BIT);
    case 68:  // GroupNonUniformQuad
      return subgroup(VK_SUBGROUP_FEATURE_QUAD_BIT);
    case 4433:  // StorageBuffer16BitAccess
      return f.v11.storageBuffer16BitAccess;
    case 4434:  // UniformAndStorageBuffer16BitAccess
      return f.v11.uniformAndStorageBuffer16BitAccess;
    case 4435:  // StoragePushConstant16
      return f.v11.storagePushConstant16;
    case 4448:  // StorageBuffer8BitAccess
      return f.v12.storageBuffer8BitAccess;
    case 4449:  // UniformAndStorageBuffer8BitAccess
      return f.v12.uniformAndStorageBuffer8BitAccess;
    case 4450:  // StoragePushConstant8
      return f.v12.storagePushConstant8;
    case 4441:  // VariablePointersStorageBuffer
      return f.v11.variablePointersStorageBuffer;
    case 4442:  // VariablePointers
      return f.v11.variablePointers;
    case 4428:  // WorkgroupMemoryExplicitLayoutKHR
      return f.layout.workgroupMemoryExplicitLayout;
    case 4429:  // WorkgroupMemoryExplicitLayout8BitAccessKHR
      return f.layout.workgroupMemoryExplicitLayout8BitAccess;
    case 4430:  // WorkgroupMemoryExplicitLayout16BitAccessKHR
      return f.layout.workgroupMemoryExplicitLayout16BitAccess;
    case 4464:  // DenormPreserve
      return p.shaderDenormPreserveFloat16 || p.shaderDenormPreserveFloat32;
    case 4465:  // DenormFlushToZero
      return p.shaderDenormFlushToZeroFloat16 || p.shaderDenormFlushToZeroFloat32;
    case 4466:  // SignedZeroInfNanPreserve
      return p.shaderSignedZeroInfNanPreserveFloat32;
    case 4467:  // RoundingModeRTE
      return p.shaderRoundingModeRTEFloat16 || p.shaderRoundingModeRTEFloat32;
    case 4468:  // RoundingModeRTZ
      return p.shaderRoundingModeRTZFloat16 || p.shaderRoundingModeRTZFloat32;
    case 5116:  // BFloat16TypeKHR
      return f.bfloat16.shaderBFloat16Type;
    case 5117:  // BFloat16DotProductKHR
      return f.bfloat16.shaderBFloat16DotProduct;
    case 5118:  // BFloat16CooperativeMatrixKHR
      return f.bfloat16.shaderBFloat16CooperativeMatrix;
    case 5345:  // VulkanMemoryModel
      return f.v12.vulkanMemoryModel;
    case 5346:  // VulkanMemoryModelDeviceScope
      return f.v12.vulkanMemoryModelDeviceScope;
    case 6016:  // DotProductInputAll
    case 6017:  // DotProductInput4x8Bit
    case 6018:  // DotProductInput4x8BitPacked
    case 6019:  // DotProduct
      return f.v13.shaderIntegerDotProduct;
    case 6022:  // CooperativeMatrixKHR
      return f.matrix.cooperativeMatrix;
    case 6033:  // AtomicFloat32AddEXT
      return f.atomic_float.shaderBufferFloat32AtomicAdd;
    default:
      return false;
  }
}

bool Adapter::is_unified() const {
  constexpr VkMemoryPropertyFlags kBoth =
      VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT | VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT |
      VK_MEMORY_PROPERTY_HOST_COHERENT_BIT | VK_MEMORY_PROPERTY_HOST_CACHED_BIT;
  for (uint32_t i = 0; i < memory.memoryTypeCount; ++i) {
    if ((memory.memoryTypes[i].propertyFlags & kBoth) == kBoth) return true;
  }
  return false;
}

VkDevice Adapter::create_device() const {
  const Features& has = *features_;
  Features on;
  link(&on);
#define IREE_VULKAN_ENABLE(member) on.member = has.member
  IREE_VULKAN_ENABLE(core.features.shaderFloat64);
  IREE_VULKAN_ENABLE(core.features.shaderInt64);
  IREE_VULKAN_ENABLE(core.features.shaderInt16);
  IREE_VULKAN_ENABLE(v11.storageBuffer16BitAccess);
  IREE_VULKAN_ENABLE(v11.uniformAndStorageBuffer16BitAccess);
  IREE_VULKAN_ENABLE(v11.storagePushConstant16);
  IREE_VULKAN_ENABLE(v11.variablePointersStorageBuffer);
  IREE_VULKAN_ENABLE(v11.variablePointers);
  IREE_VULKAN_ENABLE(v12.shaderFloat16);
  IREE_VULKAN_ENABLE(v12.shaderInt8);
  IREE_VULKAN_ENABLE(v12.shaderBufferInt64Atomics);
  IREE_VULKAN_ENABLE(v12.storageBuffer8BitAccess);
  IREE_VULKAN_ENABLE(v12.uniformAndStorageBuffer8BitAccess);
  IREE_VULKAN_ENABLE(v12.storagePushConstant8);
  IREE_VULKAN_ENABLE(v12.shaderSubgroupExtendedTypes);
  IREE_VULKAN_ENABLE(v12.scalarBlockLayout);
  IREE_VULKAN_ENABLE(v12.uniformBufferStandardLayout);
  IREE_VULKAN_ENABLE(v12.vulkanMemoryModel);
  IREE_VULKAN_ENABLE(v12.vulkanMemoryModelDeviceScope);
  IREE_VULKAN_ENABLE(v12.timelineSemaphore);
  IREE_VULKAN_ENABLE(v13.synchronization2);
  IREE_VULKAN_ENABLE(v13.maintenance4);
  IREE_VULKAN_ENABLE(v13.subgroupSizeControl);
  IREE_VULKAN_ENABLE(v13.computeFullSubgroups);
  IREE_VULKAN_ENABLE(v13.shaderIntegerDotProduct);
  IREE_VULKAN_ENABLE(matrix.cooperativeMatrix);
  IREE_VULKAN_ENABLE(atomic_float.shaderBufferFloat32AtomicAdd);
  IREE_VULKAN_ENABLE(layout.workgroupMemoryExplicitLayout);
  IREE_VULKAN_ENABLE(layout.workgroupMemoryExplicitLayout8BitAccess);
  IREE_VULKAN_ENABLE(layout.workgroupMemoryExplicitLayout16BitAccess);
  IREE_VULKAN_ENABLE(bfloat16.shaderBFloat16Type);
  IREE_VULKAN_ENABLE(bfloat16.shaderBFloat16DotProduct);
  IREE_VULKAN_ENABLE(bfloat16.shaderBFloat16CooperativeMatrix);
#undef IREE_VULKAN_ENABLE
  std::vector<const char*> extensions = {kPushDescriptor};
  for (const char* extension : kOptional) {
    if (has_extension(extension)) extensions.push_back(extension);
  }
  const float priority = 1;
  VkDeviceQueueCreateInfo queue = {.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
                                   .queueFamilyIndex = queue_family,
                                   .queueCount = 1,
                                   .pQueuePriorities = &priority};
  VkDeviceCreateInfo info = {.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
                             .pNext = &on.core,
                             .queueCreateInfoCount = 1,
                             .pQueueCreateInfos = &queue,
                             .enabledExtensionCount = static_cast<uint32_t>(extensions.size()),
                             .ppEnabledExtensionNames = extensions.data()};
  VkDevice device = nullptr;
  check_vk(instance->api.vkCreateDevice(handle, &info, nullptr, &device), "vkCreateDevice");
  return device;
}

std::vector<Adapter> list_adapters(const Instance& instance) {
  std::vector<Adapter> adapters;
  for (VkPhysicalDevice device : instance.physical_devices())
    adapters.emplace_back(instance, device);
  return adapters;
}

Adapter find_adapter(const Instance& instance, std::string_view path, uint32_t* index) {
  std::vector<Adapter> adapters = list_adapters(instance);
  std::string known;
  for (size_t i = 0; i < adapters.size(); ++i) {
    known +=
        "\n  vulkan://" + std::to_string(i) + "  " + adapters[i].name() + "  " + adapters[i].uuid();
    if (!adapters[i].unusable.empty()) known += "  (not usable: " + adapters[i].unusable + ")";
  }
  if (adapters.empty()) {
    raise(IREE_HAL_NOT_FOUND,
          "there is no Vulkan device; install a driver (Debian: mesa-vulkan-drivers, or the GPU "
          "vendor's)");
  }
  std::vector<size_t> found;
  const bool is_index = !path.empty() && path.size() <= 4 &&
                        path.find_first_not_of("0123456789") == std::string_view::npos;
  const std::string digits = hex_digits(path);
  for (size_t i = 0; i < adapters.size(); ++i) {
    const Adapter& adapter = adapters[i];
    bool matches = path.empty()          ? true
                   : is_index            ? std::to_string(i) == path
                   : digits.size() == 32 ? hex_digits(adapter.uuid()) == digits
                                         : contains(adapter.name(), path);
    if (matches) found.push_back(i);
  }
  if (found.empty()) {
    raise(IREE_HAL_NOT_FOUND, "no Vulkan device '%.*s'; there is%s", clip(path.size()), path.data(),
          known.c_str());
  }
  // A whole name is not ambiguous although others contain it.
  std::stable_sort(found.begin(), found.end(), [&](size_t a, size_t b) {
    auto other = [&](size_t i) { return std::string_view(adapters[i].name()) != path; };
    return path.empty() ? rank(adapters[a]) < rank(adapters[b]) : other(a) < other(b);
  });
  if (found.size() > 1 && !path.empty() && adapters[found[0]].name() != path) {
    raise(IREE_HAL_NOT_FOUND, "'%.*s' fits several Vulkan devices; choose by index or UUID from%s",
          clip(path.size()), path.data(), known.c_str());
  }
  Adapter& chosen = adapters[found[0]];
  if (!chosen.unusable.empty()) {
    raise(IREE_HAL_INCOMPATIBLE,
          "Vulkan device '%s' cannot be used: %s; a newer driver may have it", chosen.name(),
          chosen.unusable.c_str());
  }
  *index = static_cast<uint32_t>(found[0]);
  return std::move(chosen);
}

}  // namespace iree::hal_vulkan
