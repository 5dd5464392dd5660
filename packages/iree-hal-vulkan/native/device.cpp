#include "device.h"

#include <algorithm>

namespace iree::hal_vulkan {
namespace {

Device* cast(iree_hal_device_t* self) { return static_cast<Device*>(self); }

// The numbers that `query_i64` knows besides those with a prefix.
struct Number {
  const char* key;
  uint64_t (*get)(const Device& device);
};
constexpr Number kNumbers[] = {
    // Vulkan does not tell how many workgroups run at once.
    {"concurrency", [](const Device&) { return uint64_t{1}; }},
    {"memory.total",
     [](const Device& d) {
       const auto& memory = d.adapter.memory;
       return uint64_t{memory.memoryHeaps[memory.memoryTypes[d.memory_types.local].heapIndex].size};
     }},
    {"memory.unified", [](const Device& d) { return uint64_t{d.memory_types.unified}; }},
    {"memory.used", [](const Device& d) { return d.memory_used(); }},
    {"memory.peak", [](const Device& d) { return d.memory_peak(); }},
    {"memory.reserved", [](const Device& d) { return d.allocator.reserved(); }},
    {"binding.size",
     [](const Device& d) { return uint64_t{d.adapter.properties.limits.maxStorageBufferRange}; }},
    {"workgroup.count.x",
     [](const Device& d) {
       return uint64_t{d.adapter.properties.limits.maxComputeWorkGroupCount[0]};
     }},
    {"workgroup.count.y",
     [](const Device& d) {
       return uint64_t{d.adapter.properties.limits.maxComputeWorkGroupCount[1]};
     }},
    {"workgroup.count.z",
     [](const Device& d) {
       return uint64_t{d.adapter.properties.limits.maxComputeWorkGroupCount[2]};
     }},
    {"workgroup.invocations",
     [](const Device& d) {
       return uint64_t{d.adapter.properties.limits.maxComputeWorkGroupInvocations};
     }},
    {"workgroup.memory",
     [](const Device& d) {
       return uint64_t{d.adapter.properties.limits.maxComputeSharedMemorySize};
     }},
    {"push_constants.size",
     [](const Device& d) { return uint64_t{d.adapter.properties.limits.maxPushConstantsSize}; }},
    {"subgroup.size",
     [](const Device& d) { return uint64_t{d.adapter.properties11.subgroupSize}; }},
    {"subgroup.size.min",
     [](const Device& d) { return uint64_t{d.adapter.properties13.minSubgroupSize}; }},
    {"subgroup.size.max",
     [](const Device& d) { return uint64_t{d.adapter.properties13.maxSubgroupSize}; }},
    {"validation.messages", [](const Device&) { return validation_messages(); }},
};

bool take_prefix(iree_hal_string_t* text, const char* prefix) {
  const size_t size = strlen(prefix);
  if (text->size <= size || memcmp(text->data, prefix, size) != 0) return false;
  *text = {text->data + size, text->size - size};
  return true;
}

iree_hal_status_t query_i64(iree_hal_device_t* self, iree_hal_string_t key, int64_t* out) {
  const Device& device = *cast(self);
  iree_hal_string_t name = key;
  if (take_prefix(&name, "executable.format.")) {
    *out = is_known_format(name) ? 1 : 0;
    return nullptr;
  }
  if (take_prefix(&name, "spirv.capability.")) {
    *out = 0;
    for (const spirv::Capability& capability : spirv::kCapabilities) {
      if (hal::equal(name, capability.name))
        *out = device.adapter.supports(capability.number) ? 1 : 0;
    }
    return nullptr;
  }
  for (const Number& number : kNumbers) {
    if (!hal::equal(key, number.key)) continue;
    *out = static_cast<int64_t>(std::min<uint64_t>(number.get(device), INT64_MAX));
    return nullptr;
  }
  return hal::make_status(IREE_HAL_NOT_FOUND, "the Vulkan driver knows no number called '%.*s'",
                          clip(key.size), key.data);
}

iree_hal_status_t prepare_executable(iree_hal_device_t* self, iree_hal_string_t format,
                                     iree_hal_span_t data, iree_hal_release_callback_t release,
                                     iree_hal_executable_t** out) {
  IREE_HAL_TRY(Device::run([&] { *out = Executable::create(cast(self), format, data).release(); }));
  // Everything has been copied.
  if (release.fn) release.fn(release.user_data);
  return nullptr;
}

iree_hal_status_t queue_alloca(iree_hal_device_t* self, iree_hal_timepoints_t wait,
                               iree_hal_timepoints_t signal, iree_hal_buffer_params_t params,
                               uint64_t length, iree_hal_buffer_t** out) {
  return Device::run([&] {
    auto buffer = Buffer::create(cast(self), params, length);
    cast(self)->submit({.wait = wait, .signal = signal});
    *out = buffer.release();
  });
}

iree_hal_status_t queue_dealloca(iree_hal_device_t* self, iree_hal_timepoints_t wait,
                                 iree_hal_timepoints_t signal, iree_hal_buffer_t* buffer) {
  return Device::run([&] {
    Buffer* own = Buffer::from(buffer);
    if (!own || buffer->device != self) {
      raise(IREE_HAL_INVALID_ARGUMENT, "dealloca: the buffer belongs to another device");
    }
    cast(self)->submit({.wait = wait, .signal = signal, .deallocate = own});
  });
}

void check_has_buffer(const iree_hal_binding_t& range, const char* what) {
  if (!range.buffer) raise(IREE_HAL_INVALID_ARGUMENT, "%s: a queue operation needs a buffer", what);
}

iree_hal_status_t queue_fill(iree_hal_device_t* self, iree_hal_timepoints_t wait,
                             iree_hal_timepoints_t signal, iree_hal_binding_t target,
                             const void* pattern, uint32_t pattern_size) {
  return Device::run([&] {
    check_has_buffer(target, "fill target");
    auto commands = CommandBuffer::create(cast(self), 0);
    CommandBuffer* own = CommandBuffer::from(commands.get());
    own->fill(target, pattern, pattern_size);
    own->finalize();
    cast(self)->submit({.wait = wait, .signal = signal, .commands = own});
  });
}

iree_hal_status_t queue_copy(iree_hal_device_t* self, iree_hal_timepoints_t wait,
                             iree_hal_timepoints_t signal, iree_hal_binding_t source,
                             iree_hal_binding_t target) {
  return Device::run([&] {
    check_has_buffer(source, "copy source");
    check_has_buffer(target, "copy target");
    auto commands = CommandBuffer::create(cast(self), 0);
    CommandBuffer* own = CommandBuffer::from(commands.get());
    own->copy(source, target);
    own->finalize();
    cast(self)->submit({.wait = wait, .signal = signal, .commands = own});
  });
}

iree_hal_status_t queue_execute(iree_hal_device_t* self, iree_hal_timepoints_t wait,
                                iree_hal_timepoints_t signal,
                                iree_hal_command_buffer_t* command_buffer,
                                iree_hal_binding_table_t bindings) {
  return Device::run([&] {
    Operation operation = {.wait = wait, .signal = signal};
    if (command_buffer) {
      operation.commands = CommandBuffer::from(command_buffer);
      operation.bindings = bindings;
      if (!operation.commands || operation.commands->device() != self) {
        raise(IREE_HAL_INVALID_ARGUMENT, "execute: the command buffer belongs to another device");
      }
    }
    cast(self)->submit(operation);
  });
}

constexpr iree_hal_device_vtable_t kVtable = {
    sizeof(kVtable),
    IREE_HAL_ABI_VERSION,
    query_i64,
    [](iree_hal_device_t* self, iree_hal_buffer_params_t params, uint64_t length,
       iree_hal_buffer_t** out) {
      return Device::run([&] { *out = Buffer::create(cast(self), params, length).release(); });
    },
    [](iree_hal_device_t* self, iree_hal_buffer_params_t params, void* data, uint64_t length,
       iree_hal_release_callback_t release, iree_hal_buffer_t** out) {
      return Device::run(
          [&] { *out = Buffer::import(cast(self), params, data, length, release).release(); });
    },
    [](iree_hal_device_t* self, uint64_t initial_value, iree_hal_semaphore_t** out) {
      return Semaphore::create(cast(self), initial_value, out);
    },
    [](iree_hal_device_t* self, uint32_t slot_count, iree_hal_command_buffer_t** out) {
      return Device::run([&] { *out = CommandBuffer::create(cast(self), slot_count).release(); });
    },
    prepare_executable,
    queue_alloca,
    queue_dealloca,
    queue_fill,
    queue_copy,
    queue_execute,
};

}  // namespace

Device::Device(Adapter adapter)
    : adapter(std::move(adapter)), allocator(*this), command_pools(*this) {}

hal::Ref<iree_hal_device_t> Device::create(Adapter adapter, const std::string& uri,
                                           const Options& options) {
  std::unique_ptr<Device> device(new Device(std::move(adapter)));
  device->open(options);
  hal::init_object<iree_hal_device_t>(device.get());
  device->uri_ = uri;
  device->name_ = device->adapter.name();
  device->vtable = &kVtable;
  device->uri = device->uri_.c_str();
  device->name = device->name_.c_str();
  return hal::Ref<iree_hal_device_t>::adopt(device.release());
}

void Device::open(const Options& options) {
  handle = adapter.create_device();
  const InstanceApi& instance = adapter.instance->api;
#define IREE_VULKAN_LOAD(function)                                                       \
  api.function =                                                                         \
      reinterpret_cast<PFN_##function>(instance.vkGetDeviceProcAddr(handle, #function)); \
  if (!api.function)                                                                     \
    raise(IREE_HAL_INCOMPATIBLE, "the driver of '%s' lacks " #function, adapter.name());
  // First what closing needs.
  IREE_VULKAN_LOAD(vkDestroyDevice)
  IREE_VULKAN_DEVICE_FUNCTIONS(IREE_VULKAN_LOAD)
#undef IREE_VULKAN_LOAD
  if (adapter.import_alignment) {
    api.vkGetMemoryHostPointerPropertiesEXT =
        reinterpret_cast<PFN_vkGetMemoryHostPointerPropertiesEXT>(
            instance.vkGetDeviceProcAddr(handle, "vkGetMemoryHostPointerPropertiesEXT"));
  }
  choose_memory_types(options.unified);
  pipeline_cache.open(api, handle, adapter, options.cache);
  queue_ = std::make_unique<Queue>(*this);
  queue_->open();
  if (options.profile.empty()) return;
  if (!adapter.has_timestamps) {
    raise(IREE_HAL_INVALID_ARGUMENT, "profile: '%s' has no timestamps on its queue for compute",
          adapter.name());
  }
  profile_ = Profile::open(options.profile);
  if (!profile_) {
    raise(IREE_HAL_PERMISSION_DENIED, "profile: cannot write %s: %s", options.profile.c_str(),
          strerror(errno));
  }
}

void Device::choose_memory_types(bool unified) {
  const VkPhysicalDeviceMemoryProperties& memory = adapter.memory;
  // The type with all of `wanted` and fewest of `unwanted`; the first in the driver's order among
  // those.
  auto find = [&](VkMemoryPropertyFlags wanted, VkMemoryPropertyFlags unwanted) -> int {
    int best = -1, least = 99;
    for (uint32_t i = 0; i < memory.memoryTypeCount; ++i) {
      const VkMemoryPropertyFlags flags = memory.memoryTypes[i].propertyFlags;
      const int extra = __builtin_popcount(flags & unwanted);
      if ((flags & wanted) == wanted && extra < least) {
        best = static_cast<int>(i);
        least = extra;
      }
    }
    return best;
  };
  constexpr VkMemoryPropertyFlags kLocal = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT,
                                  kCached = VK_MEMORY_PROPERTY_HOST_CACHED_BIT,
                                  kSeen = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT |
                                          VK_MEMORY_PROPERTY_HOST_COHERENT_BIT,
                                  kOdd = VK_MEMORY_PROPERTY_LAZILY_ALLOCATED_BIT |
                                         VK_MEMORY_PROPERTY_PROTECTED_BIT |
                                         VK_MEMORY_PROPERTY_DEVICE_COHERENT_BIT_AMD;
  const int all = find(kLocal | kSeen | kCached, kOdd);
  const int local = find(kLocal, kOdd | kSeen);
  int host = find(kSeen | kCached, kOdd | kLocal);
  if (host < 0) host = find(kSeen, kOdd | kLocal);
  if (local < 0 || host < 0)
    raise(IREE_HAL_INCOMPATIBLE, "'%s' has no memory that a host can reach", adapter.name());
  if (all >= 0 && unified) {
    const auto type = static_cast<uint32_t>(all);
    memory_types = {true, type, type, type};
    return;
  }
  const int both = find(kLocal | kSeen, kOdd);
  memory_types = {false, static_cast<uint32_t>(local), static_cast<uint32_t>(host),
                  static_cast<uint32_t>(both >= 0 ? both : local)};
}

Device::~Device() {
  if (!handle) return;
  if (!is_usable()) {
    (void)queue_.release();  // its thread is the parent's
    return;
  }
  // Nothing is in flight: submissions hold the device.
  queue_.reset();
  if (api.vkDestroyPipelineLayout) {
    for (auto& [key, layout] : layouts_) {
      api.vkDestroyPipelineLayout(handle, layout.pipeline, nullptr);
      api.vkDestroyDescriptorSetLayout(handle, layout.set, nullptr);
    }
  }
  pipeline_cache.close();
  command_pools.close();
  allocator.close();
  if (api.vkDestroyDevice) api.vkDestroyDevice(handle, nullptr);
}

Layout Device::layout(const spirv::Entry& entry) {
  const uint32_t pushed =
      entry.constants == IREE_SPIRV_CONSTANTS_PUSH ? entry.constant_count * 4 : 0;
  const bool uniform = entry.constants == IREE_SPIRV_CONSTANTS_UNIFORM;
  const uint64_t key = uint64_t{pushed} << 32 | entry.binding_count << 1 | (uniform ? 1 : 0);
  std::lock_guard lock(mutex_);
  if (auto found = layouts_.find(key); found != layouts_.end()) return found->second;
  std::vector<VkDescriptorSetLayoutBinding> bindings;
  for (uint32_t i = 0; i < entry.descriptor_count(); ++i) {
    bindings.push_back({.binding = i,
                        .descriptorType = i < entry.binding_count
                                              ? VK_DESCRIPTOR_TYPE_STORAGE_BUFFER
                                              : VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER,
                        .descriptorCount = 1,
                        .stageFlags = VK_SHADER_STAGE_COMPUTE_BIT});
  }
  VkDescriptorSetLayoutCreateInfo set = {
      .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO,
      .flags = VK_DESCRIPTOR_SET_LAYOUT_CREATE_PUSH_DESCRIPTOR_BIT_KHR,
      .bindingCount = static_cast<uint32_t>(bindings.size()),
      .pBindings = bindings.data()};
  Layout layout;
  check_vk(api.vkCreateDescriptorSetLayout(handle, &set, nullptr, &layout.set),
           "vkCreateDescriptorSetLayout");
  VkPushConstantRange range = {.stageFlags = VK_SHADER_STAGE_COMPUTE_BIT, .size = pushed};
  VkPipelineLayoutCreateInfo pipeline = {.sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO,
                                         .setLayoutCount = 1,
                                         .pSetLayouts = &layout.set,
                                         .pushConstantRangeCount = pushed ? 1u : 0u,
                                         .pPushConstantRanges = &range};
  const VkResult result = api.vkCreatePipelineLayout(handle, &pipeline, nullptr, &layout.pipeline);
  if (result != VK_SUCCESS) api.vkDestroyDescriptorSetLayout(handle, layout.set, nullptr);
  check_vk(result, "vkCreatePipelineLayout");
  layouts_[key] = layout;
  return layout;
}

void Device::count_memory(int64_t bytes) {
  const uint64_t now = used_.fetch_add(static_cast<uint64_t>(bytes), std::memory_order_relaxed) +
                       static_cast<uint64_t>(bytes);
  uint64_t top = peak_.load(std::memory_order_relaxed);
  while (bytes > 0 && now > top &&
         !peak_.compare_exchange_weak(top, now, std::memory_order_relaxed)) {
  }
}

iree_hal_status_t Device::forked() {
  return hal::make_status(
      IREE_HAL_UNAVAILABLE,
      "this device was opened before the process forked, and its work stays with the "
      "parent; start processes by spawning");
}

void Device::submit(const Operation& operation) {
  auto* submission = new Submission(*this, operation);
  hal::check(submission->start(operation.wait));
}

void Device::copy_and_wait(Buffer& source, uint64_t source_offset, Buffer& target,
                           uint64_t target_offset, uint64_t length) {
  if (length == 0) return;
  auto commands = CommandBuffer::create(this, 0);
  CommandBuffer* own = CommandBuffer::from(commands.get());
  own->copy_unchecked(source, source_offset, target, target_offset, length);
  own->finalize();
  hal::Ref<iree_hal_semaphore_t> done;
  hal::check(Semaphore::create(this, 0, done.out()));
  iree_hal_timepoint_t point = {done.get(), 1};
  submit({.wait = {}, .signal = {&point, 1}, .commands = own});
  hal::check(static_cast<Semaphore*>(done.get())->wait(1, IREE_HAL_INFINITE));
}

}  // namespace iree::hal_vulkan
