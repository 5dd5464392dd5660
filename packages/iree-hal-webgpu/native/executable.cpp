#include "executable.h"

#include "iree/spirv_executable.hpp"
#include "tint.h"

namespace iree::hal_webgpu {
namespace {

using hal::make_status;

std::string label_of(const spirv::Entry& entry) {
  const iree_hal_string_t text = entry.label_text.size ? entry.label_text : entry.entry_name;
  return std::string(text.data, text.size);
}

// Shader modules, released at the end of the scope: pipelines keep what they need.
struct Modules {
  std::vector<WGPUShaderModule> handles;
  ~Modules() {
    for (WGPUShaderModule handle : handles) {
      if (handle) dawn().ShaderModuleRelease(handle);
    }
  }
};

iree_hal_status_t check_entry(Device* device, const spirv::Executable& container, uint32_t index) {
  const spirv::Entry& entry = container.entry(index);
  const uint32_t most = device->limits.maxStorageBuffersPerShaderStage;
  if (entry.binding_count > most) {
    return make_status(IREE_HAL_INCOMPATIBLE, "%s: '%s' has %u bindings, the device takes %u",
                       device->uri, label_of(entry).c_str(), entry.binding_count, most);
  }
  if (!device->has_f16 && container.module(entry.module).capabilities & spirv::capability_bit(9)) {
    return make_status(IREE_HAL_INCOMPATIBLE, "%s: '%s' computes with f16, which the device cannot",
                       device->uri, label_of(entry).c_str());
  }
  return nullptr;
}

iree_hal_status_t make_module(Device* device, const spirv::Executable& container, uint32_t index,
                              WGPUShaderModule* out) {
  WGPUShaderSourceSPIRV source = {};
  source.chain.sType = WGPUSType_ShaderSourceSPIRV;
  const std::vector<uint32_t> words =
      for_tint(container.module(index).words.get(), container.module(index).word_count);
  source.codeSize = static_cast<uint32_t>(words.size());
  source.code = words.data();
  WGPUShaderModuleDescriptor descriptor = {};
  descriptor.nextInChain = &source.chain;
  *out = dawn().DeviceCreateShaderModule(device->handle, &descriptor);
  hal::Status status(device->take_error(IREE_HAL_INCOMPATIBLE));
  if (!status) return nullptr;
  std::string users;
  for (uint32_t i = 0; i < container.entry_count(); ++i) {
    if (container.entry(i).module == index)
      users += (users.empty() ? "" : ", ") + label_of(container.entry(i));
  }
  return make_status(status->code, "module %u (%s): %s", index, users.c_str(), status->message);
}

}  // namespace

iree_hal_status_t Executable::make(Device* device, iree_hal_string_t format, iree_hal_span_t data,
                                   iree_hal_executable_t** out) {
  if (!hal::equal(format, IREE_SPIRV_FORMAT_PORTABLE)) {
    return make_status(IREE_HAL_INCOMPATIBLE,
                       "%s: format '%.*s'; it takes '" IREE_SPIRV_FORMAT_PORTABLE
                       "': compile for it with "
                       "--target=spirv-portable",
                       device->uri, static_cast<int>(std::min<size_t>(format.size, 80)),
                       format.data);
  }
  spirv::Executable container;
  IREE_HAL_TRY(spirv::Executable::read(format, data, &container));
  auto self = std::make_unique<Executable>();
  self->device = hal::Ref<iree_hal_device_t>::retain(device);
  self->entries.resize(container.entry_count());
  hal::init_object<iree_hal_executable_t>(self.get());
  self->entry_count = container.entry_count();

  IREE_HAL_TRY(device->check_alive());
  std::unique_lock lock(device->gate);
  Modules modules;
  modules.handles.resize(container.module_count());
  iree_hal_status_t status = nullptr;
  for (uint32_t i = 0; i < container.entry_count() && !status; ++i)
    status = check_entry(device, container, i);
  for (uint32_t i = 0; i < container.module_count() && !status; ++i) {
    status = make_module(device, container, i, &modules.handles[i]);
  }
  std::vector<PendingPipeline> pending(status ? 0 : container.entry_count());
  for (size_t i = 0; i < pending.size(); ++i) {
    const spirv::Entry& entry = container.entry(static_cast<uint32_t>(i));
    self->entries[i] = {label_of(entry), entry.binding_count, entry.written_bindings,
                        entry.constant_count};
    const auto& layout = device->caches.layout(entry.binding_count, entry.constant_count != 0);
    start_pipeline(device, modules.handles[entry.module],
                   std::string(entry.entry_name.data, entry.entry_name.size),
                   self->entries[i].label, layout.pipeline, &pending[i]);
  }
  // All are waited for, also after an error: they write to `pending`.
  for (size_t i = 0; i < pending.size(); ++i) {
    device->work->wait_with_gate(pending[i].future);
    iree_hal_status_t failure = wait_for(device, &pending[i], &self->entries[i].pipeline);
    if (failure && !status) {
      status =
          make_status(failure->code, "'%s': %s", self->entries[i].label.c_str(), failure->message);
    }
    hal::free_status(failure);
  }
  if (status) {
    lock.unlock();
    return status;
  }
  *out = self.release();
  return nullptr;
}

Executable::~Executable() {
  if (Device::is_fork()) return;
  std::lock_guard lock(static_cast<Device*>(device.get())->gate);
  for (const Entry& entry : entries) {
    if (entry.pipeline) dawn().ComputePipelineRelease(entry.pipeline);
  }
}

}  // namespace iree::hal_webgpu
