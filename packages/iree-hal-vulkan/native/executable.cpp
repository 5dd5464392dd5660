#include "executable.h"

#include <algorithm>
#include <thread>

#include "device.h"
#include "float_controls.h"

namespace iree::hal_vulkan {

bool is_known_format(iree_hal_string_t format) {
  return hal::equal(format, IREE_SPIRV_FORMAT_PORTABLE) ||
         hal::equal(format, IREE_SPIRV_FORMAT_VULKAN);
}

hal::Ref<iree_hal_executable_t> Executable::create(Device* device, iree_hal_string_t format,
                                                   iree_hal_span_t data) {
  if (!is_known_format(format)) {
    raise(IREE_HAL_INCOMPATIBLE,
          "executable format '%.*s' does not run on Vulkan, which takes '" IREE_SPIRV_FORMAT_VULKAN
          "' and '" IREE_SPIRV_FORMAT_PORTABLE "'",
          clip(format.size), format.data);
  }
  spirv::Executable code;
  hal::check(spirv::Executable::read(format, data, &code));
  std::unique_ptr<Executable> self(new Executable());
  iree_hal_retain(device);
  self->device_ = device;
  self->check_capabilities(code);
  self->modules_.resize(code.module_count());
  for (uint32_t i = 0; i < code.module_count(); ++i) {
    const std::vector<uint32_t> words = with_float_controls(
        code.module(i).words.get(), code.module(i).word_count, device->adapter.properties12);
    VkShaderModuleCreateInfo info = {.sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO,
                                     .codeSize = words.size() * sizeof(uint32_t),
                                     .pCode = words.data()};
    check_vk(device->api.vkCreateShaderModule(device->handle, &info, nullptr, &self->modules_[i]),
             "vkCreateShaderModule");
  }
  self->entries_.resize(code.entry_count());
  for (uint32_t i = 0; i < code.entry_count(); ++i) {
    const spirv::Entry& from = code.entry(i);
    self->check_limits(from);
    Entry& entry = self->entries_[i];
    entry.info = from;
    entry.name.assign(from.entry_name.data, from.entry_name.size);
    entry.label =
        from.label_size ? std::string(from.label_text.data, from.label_text.size) : entry.name;
    entry.layout = device->layout(from);
  }
  self->make_pipelines();
  hal::init_object<iree_hal_executable_t>(self.get());
  self->object.destroy = destroy;
  self->entry_count = code.entry_count();
  return hal::Ref<iree_hal_executable_t>::adopt(self.release());
}

void Executable::destroy(void* self) { delete static_cast<Executable*>(self); }

Executable* Executable::from(iree_hal_executable_t* executable) {
  return executable->object.destroy == destroy ? static_cast<Executable*>(executable) : nullptr;
}

Executable::~Executable() {
  const DeviceApi& api = device_->api;
  if (!Device::is_usable()) {
    entries_.clear();
    modules_.clear();
  }
  for (Entry& entry : entries_) {
    if (entry.pipeline) api.vkDestroyPipeline(device_->handle, entry.pipeline, nullptr);
    if (entry.part_pipeline) api.vkDestroyPipeline(device_->handle, entry.part_pipeline, nullptr);
  }
  for (VkShaderModule module : modules_) {
    if (module) api.vkDestroyShaderModule(device_->handle, module, nullptr);
  }
  iree_hal_release(device_);
}

void Executable::check_capabilities(const spirv::Executable& code) const {
  const Adapter& adapter = device_->adapter;
  std::string missing;
  for (size_t bit = 0; bit < spirv::kCapabilityCount; ++bit) {
    bool needed = false;
    for (uint32_t i = 0; i < code.module_count(); ++i)
      needed |= (code.module(i).capabilities >> bit & 1) != 0;
    if (!needed || adapter.supports(spirv::kCapabilities[bit].number)) continue;
    missing += (missing.empty() ? "" : ", ") + std::string(spirv::kCapabilities[bit].name);
  }
  if (missing.empty()) return;
  raise(IREE_HAL_INCOMPATIBLE,
        "the kernels need SPIR-V capabilities that '%s' lacks: %s; compile for what it has",
        adapter.name(), missing.c_str());
}

void Executable::check_limits(const spirv::Entry& entry) const {
  const Adapter& adapter = device_->adapter;
  const VkPhysicalDeviceLimits& limits = adapter.properties.limits;
  auto refuse = [&](const char* what, uint64_t wanted, uint64_t most) {
    raise(IREE_HAL_INCOMPATIBLE,
          "kernel '%.*s' needs %s %llu, but '%s' has %llu at most; compile for smaller tiles",
          clip(entry.label_text.size), entry.label_text.data, what, (unsigned long long)wanted,
          adapter.name(), (unsigned long long)most);
  };
  auto check = [&](const char* what, uint64_t wanted, uint64_t most) {
    if (wanted > most) refuse(what, wanted, most);
  };
  const uint32_t* size = entry.workgroup_size;
  check("a workgroup size in x of", size[0], limits.maxComputeWorkGroupSize[0]);
  check("a workgroup size in y of", size[1], limits.maxComputeWorkGroupSize[1]);
  check("a workgroup size in z of", size[2], limits.maxComputeWorkGroupSize[2]);
  const uint64_t invocations = uint64_t{size[0]} * size[1] * size[2];
  check("invocations in a workgroup of", invocations, limits.maxComputeWorkGroupInvocations);
  check("workgroup memory of", entry.workgroup_memory, limits.maxComputeSharedMemorySize);
  check("descriptors of", entry.descriptor_count(), adapter.push_descriptors);
  check(
      "bindings of", entry.binding_count,
      std::min(limits.maxPerStageDescriptorStorageBuffers, limits.maxDescriptorSetStorageBuffers));
  if (entry.constants == IREE_SPIRV_CONSTANTS_PUSH) {
    check("push constants (bytes) of", entry.constant_count * 4, limits.maxPushConstantsSize);
  }
  if (entry.subgroup_size) {
    const auto& p = adapter.properties13;
    const bool fixed = p.minSubgroupSize == p.maxSubgroupSize;
    const bool can_choose = (p.requiredSubgroupSizeStages & VK_SHADER_STAGE_COMPUTE_BIT) != 0;
    if (entry.subgroup_size < p.minSubgroupSize || entry.subgroup_size > p.maxSubgroupSize ||
        (!fixed && !can_choose)) {
      raise(IREE_HAL_INCOMPATIBLE, "kernel '%.*s' needs subgroups of %u, but '%s' has %u to %u",
            clip(entry.label_text.size), entry.label_text.data, entry.subgroup_size, adapter.name(),
            p.minSubgroupSize, p.maxSubgroupSize);
    }
  }
  for (uint32_t i = 0; i < entry.cooperative_matrix_count; ++i) {
    const iree_spirv_cooperative_matrix_t& w = entry.matrices[i];
    auto fits = [&](const VkCooperativeMatrixPropertiesKHR& has) {
      return has.scope == VK_SCOPE_SUBGROUP_KHR && has.MSize == w.m && has.NSize == w.n &&
             has.KSize == w.k && has.AType == static_cast<int>(w.a_type) &&
             has.BType == static_cast<int>(w.b_type) && has.CType == static_cast<int>(w.c_type) &&
             has.ResultType == static_cast<int>(w.result_type);
    };
    if (std::none_of(adapter.matrices.begin(), adapter.matrices.end(), fits)) {
      raise(IREE_HAL_INCOMPATIBLE,
            "kernel '%.*s' multiplies cooperative matrices of %ux%ux%u (types %u, %u, %u, %u), "
            "which '%s' lacks",
            clip(entry.label_text.size), entry.label_text.data, w.m, w.n, w.k, w.a_type, w.b_type,
            w.c_type, w.result_type, adapter.name());
    }
  }
}

VkPipeline Executable::make_pipeline(const Entry& entry, VkPipelineCreateFlags flags) const {
  VkPipelineShaderStageRequiredSubgroupSizeCreateInfo subgroup = {
      .sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_REQUIRED_SUBGROUP_SIZE_CREATE_INFO,
      .requiredSubgroupSize = entry.info.subgroup_size};
  VkComputePipelineCreateInfo info = {
      .sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO,
      .flags = flags,
      .stage = {.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
                .stage = VK_SHADER_STAGE_COMPUTE_BIT,
                .module = modules_[entry.info.module],
                .pName = entry.name.c_str()},
      .layout = entry.layout.pipeline,
      .basePipelineIndex = -1};
  const auto& p = device_->adapter.properties13;
  if (entry.info.subgroup_size && p.minSubgroupSize != p.maxSubgroupSize)
    info.stage.pNext = &subgroup;
  if (entry.info.flags & IREE_SPIRV_ENTRY_FULL_SUBGROUPS) {
    info.stage.flags |= VK_PIPELINE_SHADER_STAGE_CREATE_REQUIRE_FULL_SUBGROUPS_BIT;
  }
  VkPipeline pipeline = nullptr;
  VkResult result = device_->api.vkCreateComputePipelines(
      device_->handle, device_->pipeline_cache.handle(), 1, &info, nullptr, &pipeline);
  if (iree_hal_status_t status = vk_status(result, "vkCreateComputePipelines")) {
    hal::Status owned(status);
    raise(owned->code, "kernel '%s' does not compile in the Vulkan driver of '%s': %s",
          entry.label.c_str(), device_->adapter.name(), owned->message);
  }
  return pipeline;
}

void Executable::make_pipelines() {
  std::atomic<size_t> next{0};
  hal::Status failure;
  std::mutex mutex;
  auto work = [&] {
    for (size_t i; (i = next.fetch_add(1)) < entries_.size();) {
      iree_hal_status_t status =
          guard([&] { entries_[i].pipeline = make_pipeline(entries_[i], 0); });
      if (!status) continue;
      std::lock_guard lock(mutex);
      failure.reset(status);
      next.store(entries_.size());
    }
  };
  // Drivers compile one pipeline on one thread.
  size_t count =
      std::min<size_t>({entries_.size(), std::max(1u, std::thread::hardware_concurrency()), 16});
  std::vector<std::thread> threads;
  for (size_t i = 1; i < count; ++i) {
    try {
      threads.emplace_back(work);
    } catch (const std::system_error&) {
      break;  // fewer will do
    }
  }
  work();
  for (std::thread& thread : threads) thread.join();
  if (failure) throw hal::Error(failure.release());
  device_->pipeline_cache.save();
}

VkPipeline Executable::part_pipeline(uint32_t ordinal) {
  std::lock_guard lock(mutex_);
  Entry& entry = entries_[ordinal];
  if (!entry.part_pipeline)
    entry.part_pipeline = make_pipeline(entry, VK_PIPELINE_CREATE_DISPATCH_BASE_BIT);
  return entry.part_pipeline;
}

}  // namespace iree::hal_vulkan
