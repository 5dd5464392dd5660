#include "device.h"

#include <pthread.h>

#include "buffer.h"
#include "command_buffer.h"
#include "submission.h"
#include "timeline.h"

namespace iree::hal_webgpu {
namespace {

using hal::make_status;

std::atomic<uint64_t> next_identity{1};
std::atomic<bool> forked{false};

void watch_for_fork() {
  [[maybe_unused]] static const int once =
      pthread_atfork(nullptr, nullptr, [] { forked.store(true); });
}

Device* cast(iree_hal_device_t* self) { return static_cast<Device*>(self); }

//===-- The table
//------------------------------------------------------------------------------===//

iree_hal_status_t query_i64(iree_hal_device_t* base, iree_hal_string_t key, int64_t* out) {
  Device* self = cast(base);
  const WGPULimits& limits = self->limits;
  const struct {
    const char* name;
    uint64_t value;
  } table[] = {
      {"concurrency", 1},  // Dawn does not say how many workgroups run at once
      {"memory.used", self->pool.used},
      {"memory.peak", self->pool.peak},
      {"memory.cached", self->pool.cached},
      {"executable.format.spirv-portable", 1},
      {"webgpu.shader_f16", self->has_f16},
      {"webgpu.max_buffer_size", limits.maxBufferSize},
      {"webgpu.max_storage_buffer_binding_size", limits.maxStorageBufferBindingSize},
      {"webgpu.max_storage_buffers_per_shader_stage", limits.maxStorageBuffersPerShaderStage},
      {"webgpu.max_compute_workgroup_storage_size", limits.maxComputeWorkgroupStorageSize},
      {"webgpu.max_compute_invocations_per_workgroup", limits.maxComputeInvocationsPerWorkgroup},
      {"webgpu.max_compute_workgroups_per_dimension", limits.maxComputeWorkgroupsPerDimension},
  };
  for (const auto& row : table) {
    if (!hal::equal(key, row.name)) continue;
    *out = static_cast<int64_t>(std::min<uint64_t>(row.value, INT64_MAX));
    return nullptr;
  }
  constexpr size_t prefix = sizeof("executable.format.") - 1;
  if (key.size > prefix && memcmp(key.data, "executable.format.", prefix) == 0) {
    *out = 0;
    return nullptr;
  }
  return make_status(IREE_HAL_NOT_FOUND, "webgpu: nothing is known about '%.*s'",
                     static_cast<int>(std::min<size_t>(key.size, 80)), key.data);
}

iree_hal_status_t allocate(iree_hal_device_t* self, iree_hal_buffer_params_t params,
                           uint64_t length, iree_hal_buffer_t** out) {
  return guard([&] { return Buffer::make(cast(self), params, length, true, out); });
}

iree_hal_status_t import_host(iree_hal_device_t* self, iree_hal_buffer_params_t, void*, uint64_t,
                              iree_hal_release_callback_t, iree_hal_buffer_t**) {
  return make_status(IREE_HAL_UNIMPLEMENTED, "%s: WebGPU cannot use memory of the host's",
                     self->uri);
}

iree_hal_status_t create_semaphore(iree_hal_device_t* self, uint64_t initial_value,
                                   iree_hal_semaphore_t** out) {
  return Semaphore::make(cast(self)->identity, initial_value, out);
}

iree_hal_status_t create_command_buffer(iree_hal_device_t* self, uint32_t slot_count,
                                        iree_hal_command_buffer_t** out) {
  CommandBuffer* made;
  IREE_HAL_TRY(CommandBuffer::make(cast(self), slot_count, &made));
  *out = made;
  return nullptr;
}

iree_hal_status_t prepare_executable(iree_hal_device_t* self, iree_hal_string_t format,
                                     iree_hal_span_t data, iree_hal_release_callback_t release,
                                     iree_hal_executable_t** out) {
  IREE_HAL_TRY(guard([&] { return Executable::make(cast(self), format, data, out); }));
  // Dawn has what it needs.
  if (release.fn) release.fn(release.user_data);
  return nullptr;
}

//===-- Queue operations
//-----------------------------------------------------------------------===//

using SubmissionPtr = std::unique_ptr<Submission>;

iree_hal_status_t begin(iree_hal_device_t* self, iree_hal_timepoints_t wait,
                        iree_hal_timepoints_t signal, SubmissionPtr* out) {
  auto submission = std::make_unique<Submission>();
  submission->device = hal::Ref<iree_hal_device_t>::retain(self);
  IREE_HAL_TRY(hal::make_fence(wait, submission->waits.out()));
  IREE_HAL_TRY(hal::make_fence(signal, submission->signals.out()));
  *out = std::move(submission);
  return nullptr;
}

// Submits what `commands`, which is finalized, does.
iree_hal_status_t execute(iree_hal_device_t* self, iree_hal_timepoints_t wait,
                          iree_hal_timepoints_t signal, CommandBuffer* commands,
                          iree_hal_binding_table_t bindings) {
  SubmissionPtr submission;
  IREE_HAL_TRY(begin(self, wait, signal, &submission));
  if (commands) {
    if (commands->device.get() != self) {
      return make_status(IREE_HAL_INVALID_ARGUMENT,
                         "%s: the command buffer belongs to another device", self->uri);
    }
    IREE_HAL_TRY(commands->resolve(bindings, &submission->ranges));
    submission->kind = Submission::kCommands;
    submission->commands = hal::Ref<iree_hal_command_buffer_t>::retain(commands);
    for (size_t i = 0; i < bindings.size; ++i) {
      submission->buffers.push_back(hal::Ref<iree_hal_buffer_t>::retain(bindings.data[i].buffer));
    }
  }
  return cast(self)->work->submit(std::move(submission));
}

// Records one command and submits that.
template <typename Record>
iree_hal_status_t execute_one(iree_hal_device_t* self, iree_hal_timepoints_t wait,
                              iree_hal_timepoints_t signal, Record&& record) {
  return guard([&]() -> iree_hal_status_t {
    hal::Ref<iree_hal_command_buffer_t> commands;
    IREE_HAL_TRY(create_command_buffer(self, 0, commands.out()));
    IREE_HAL_TRY(record(commands.get(), commands->vtable));
    IREE_HAL_TRY(commands->vtable->finalize(commands.get()));
    return execute(self, wait, signal, static_cast<CommandBuffer*>(commands.get()), {});
  });
}

iree_hal_status_t queue_alloca(iree_hal_device_t* self, iree_hal_timepoints_t wait,
                               iree_hal_timepoints_t signal, iree_hal_buffer_params_t params,
                               uint64_t length, iree_hal_buffer_t** out) {
  return guard([&]() -> iree_hal_status_t {
    hal::Ref<iree_hal_buffer_t> buffer;
    IREE_HAL_TRY(Buffer::make(cast(self), params, length, false, buffer.out()));
    SubmissionPtr submission;
    IREE_HAL_TRY(begin(self, wait, signal, &submission));
    submission->kind = Submission::kAlloca;
    submission->buffers.push_back(buffer);
    IREE_HAL_TRY(cast(self)->work->submit(std::move(submission)));
    *out = buffer.release();
    return nullptr;
  });
}

iree_hal_status_t queue_dealloca(iree_hal_device_t* self, iree_hal_timepoints_t wait,
                                 iree_hal_timepoints_t signal, iree_hal_buffer_t* buffer) {
  return guard([&]() -> iree_hal_status_t {
    Buffer* own;
    IREE_HAL_TRY(Buffer::cast(cast(self), buffer, &own));
    SubmissionPtr submission;
    IREE_HAL_TRY(begin(self, wait, signal, &submission));
    submission->kind = Submission::kDealloca;
    submission->buffers.push_back(hal::Ref<iree_hal_buffer_t>::retain(buffer));
    return cast(self)->work->submit(std::move(submission));
  });
}

iree_hal_status_t queue_fill(iree_hal_device_t* self, iree_hal_timepoints_t wait,
                             iree_hal_timepoints_t signal, iree_hal_binding_t target,
                             const void* pattern, uint32_t pattern_size) {
  return execute_one(self, wait, signal,
                     [&](iree_hal_command_buffer_t* commands, const auto* table) {
                       return table->fill(commands, target, pattern, pattern_size);
                     });
}

iree_hal_status_t queue_copy(iree_hal_device_t* self, iree_hal_timepoints_t wait,
                             iree_hal_timepoints_t signal, iree_hal_binding_t source,
                             iree_hal_binding_t target) {
  return execute_one(self, wait, signal,
                     [&](iree_hal_command_buffer_t* commands, const auto* table) {
                       return table->copy(commands, source, target);
                     });
}

iree_hal_status_t queue_execute(iree_hal_device_t* self, iree_hal_timepoints_t wait,
                                iree_hal_timepoints_t signal,
                                iree_hal_command_buffer_t* command_buffer,
                                iree_hal_binding_table_t bindings) {
  return guard([&] {
    return execute(self, wait, signal, static_cast<CommandBuffer*>(command_buffer), bindings);
  });
}

constexpr iree_hal_device_vtable_t kTable = {
    sizeof(iree_hal_device_vtable_t),
    IREE_HAL_ABI_VERSION,
    query_i64,
    allocate,
    import_host,
    create_semaphore,
    create_command_buffer,
    prepare_executable,
    queue_alloca,
    queue_dealloca,
    queue_fill,
    queue_copy,
    queue_execute,
};

}  // namespace

//===-- Opening and closing
//--------------------------------------------------------------------===//

iree_hal_status_t Device::make(const Adapter& adapter, std::string uri, iree_hal_device_t** out) {
  return guard([&]() -> iree_hal_status_t {
    watch_for_fork();
    auto self = std::make_unique<Device>();
    hal::init_object<iree_hal_device_t>(self.get());
    self->vtable = &kTable;
    self->uri_text = std::move(uri);
    self->name_text = adapter.name;
    self->uri = self->uri_text.c_str();
    self->name = self->name_text.c_str();
    self->identity = next_identity.fetch_add(1);
    self->limits = adapter.limits;
    self->has_f16 = adapter.has_f16;
    self->work = std::make_unique<Queue>(self.get());
    IREE_HAL_TRY(self->open(adapter));
    *out = self.release();
    return nullptr;
  });
}

iree_hal_status_t Device::open(const Adapter& adapter) {
  IREE_HAL_TRY(check_alive());
  WGPURequiredLimits required = {};
  required.limits = limits;
  const uint32_t features[] = {WGPUFeatureName_ShaderF16};
  // The HAL promises no contents of new memory, nor do kernels expect zeros in workgroup memory.
  const char* const on[] = {"disable_workgroup_init"};
  const char* const off[] = {"lazy_clear_resource_on_first_use"};
  WGPUDawnTogglesDescriptor toggles = {};
  toggles.chain.sType = WGPUSType_DawnTogglesDescriptor;
  toggles.enabledToggleCount = std::size(on);
  toggles.enabledToggles = on;
  toggles.disabledToggleCount = std::size(off);
  toggles.disabledToggles = off;
  WGPUDeviceDescriptor descriptor = {};
  descriptor.nextInChain = &toggles.chain;
  descriptor.requiredFeatureCount = has_f16 ? 1 : 0;
  descriptor.requiredFeatures = features;
  descriptor.requiredLimits = &required;
  descriptor.uncapturedErrorCallbackInfo2.callback = on_error;
  descriptor.uncapturedErrorCallbackInfo2.userdata1 = this;
  descriptor.deviceLostCallbackInfo2.mode = WGPUCallbackMode_AllowSpontaneous;
  descriptor.deviceLostCallbackInfo2.callback = on_lost;
  descriptor.deviceLostCallbackInfo2.userdata1 = new std::shared_ptr<Loss>(loss_);
  struct Answer {
    WGPUDevice device = nullptr;
    std::string message;
  } answer;
  WGPURequestDeviceCallbackInfo2 info = {};
  info.mode = WGPUCallbackMode_WaitAnyOnly;
  info.userdata1 = &answer;
  info.callback = [](uint32_t status, WGPUDevice device, WGPUStringView message, void* data,
                     void*) {
    auto* result = static_cast<Answer*>(data);
    if (status == WGPURequestDeviceStatus_Success) result->device = device;
    result->message = to_string(message);
  };
  watch_for_exit(
      this);  // not under the gate: whoever ends the process takes its lock before the gates
  std::lock_guard lock(gate);
  wait(dawn().AdapterRequestDevice2(adapter.handle, &descriptor, info), UINT64_MAX);
  if (!answer.device) {
    return make_status(IREE_HAL_UNAVAILABLE, "%s: Dawn does not open '%s': %s", uri, name,
                       answer.message.c_str());
  }
  handle = answer.device;
  dawn().DeviceSetLoggingCallback(handle, on_log, this);
  queue = dawn().DeviceGetQueue(handle);
  stop_at_exit();
  constexpr uint64_t ranges = IREE_HAL_BINDING_ALIGNMENT * 16;
  IREE_HAL_TRY(pool.acquire(MemoryPool::kDevice, ranges, &nothing));
  pool.used -= nothing.size;  // which nobody asked for
  return nullptr;
}

Device::~Device() {
  if (is_fork()) {
    (void)work.release();  // its thread is not here
    return;
  }
  work.reset();
  forget_for_exit(this);
  if (!handle) return;
  std::lock_guard lock(gate);
  if (fill_pipeline) dawn().ComputePipelineRelease(fill_pipeline);
  if (copy_pipeline) dawn().ComputePipelineRelease(copy_pipeline);
  caches.clear();
  if (nothing.buffer) dawn().BufferRelease(nothing.buffer);
  pool.trim(0);
  caches.release_layouts();
  dawn().QueueRelease(queue);
  dawn().DeviceDestroy(handle);
  dawn().DeviceRelease(handle);
}

//===-- Errors
//---------------------------------------------------------------------------------===//

void Device::on_error(WGPUDevice const*, uint32_t type, WGPUStringView message, void* data, void*) {
  auto* self = static_cast<Device*>(data);
  if (!self->error_.empty()) return;  // what follows comes of the first
  self->error_type_ = type;
  self->error_ = to_string(message);
}

// What the SPIR-V validator has against a module comes only here.
void Device::on_log(uint32_t, WGPUStringView message, void* data) {
  const std::string text = to_string(message);
  // After what is wrong comes the whole module.
  static_cast<Device*>(data)->log_ += "\n" + text.substr(0, text.find("\n/* Dumped"));
}

void Device::on_lost(WGPUDevice const*, uint32_t, WGPUStringView message, void* data, void*) {
  auto* shared = static_cast<std::shared_ptr<Loss>*>(data);
  {
    std::lock_guard lock((*shared)->mutex);
    (*shared)->lost = true;
    (*shared)->message = to_string(message);
  }
  delete shared;
}

bool Device::is_fork() { return forked.load(); }

iree_hal_status_t Device::check_alive() {
  if (is_fork()) {
    return make_status(
        IREE_HAL_UNAVAILABLE,
        "%s: this process was forked from the one that used Dawn; start it anew (the start method "
        "'spawn' of multiprocessing)",
        uri);
  }
  std::lock_guard lock(loss_->mutex);
  if (!loss_->lost) return nullptr;
  return make_status(IREE_HAL_UNAVAILABLE, "%s: the device is lost: %s", uri,
                     loss_->message.c_str());
}

iree_hal_status_t Device::take_error(iree_hal_code_t validation) {
  std::string message = std::exchange(error_, std::string()),
              log = std::exchange(log_, std::string());
  IREE_HAL_TRY(check_alive());
  if (message.empty()) return nullptr;
  const iree_hal_code_t code = error_type_ == WGPUErrorType_Validation ? validation
                               : error_type_ == WGPUErrorType_OutOfMemory
                                   ? IREE_HAL_RESOURCE_EXHAUSTED
                                   : IREE_HAL_INTERNAL;
  return make_status(code, "%s: %s%s", uri, message.c_str(), log.c_str());
}

//===-- Pipelines
//------------------------------------------------------------------------------===//

void start_pipeline(Device* device, WGPUShaderModule module, const std::string& entry,
                    const std::string& label, WGPUPipelineLayout layout, PendingPipeline* pending) {
  WGPUComputePipelineDescriptor descriptor = {};
  descriptor.label = to_view(label);
  descriptor.layout = layout;
  descriptor.compute.module = module;
  descriptor.compute.entryPoint = to_view(entry);
  WGPUCreateComputePipelineAsyncCallbackInfo2 info = {};
  info.mode = WGPUCallbackMode_WaitAnyOnly;
  info.userdata1 = pending;
  info.callback = [](uint32_t status, WGPUComputePipeline pipeline, WGPUStringView message,
                     void* data, void*) {
    auto* out = static_cast<PendingPipeline*>(data);
    if (status == WGPUCreatePipelineAsyncStatus_Success) out->pipeline = pipeline;
    out->message = to_string(message);
  };
  pending->future = dawn().DeviceCreateComputePipelineAsync2(device->handle, &descriptor, info);
}

iree_hal_status_t wait_for(Device* device, PendingPipeline* pending, WGPUComputePipeline* out) {
  wait(pending->future, UINT64_MAX);
  iree_hal_status_t status = device->take_error(IREE_HAL_INCOMPATIBLE);
  *out = pending->pipeline;
  if (pending->pipeline || status) return status;
  return make_status(IREE_HAL_INCOMPATIBLE, "%s: %s", device->uri, pending->message.c_str());
}

}  // namespace iree::hal_webgpu
