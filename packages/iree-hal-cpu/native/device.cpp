#include "device.h"

#include <unistd.h>

#include "command_buffer.h"
#include "cpu_features.h"
#include "executable.h"
#include "interrupt.h"
#include "memory_pool.h"
#include "pool.h"
#include "queue.h"
#include "timeline.h"
#include "topology.h"

namespace iree::hal_cpu {
namespace {

Device* cast(iree_hal_device_t* self) { return static_cast<Device*>(self); }

iree_hal_status_t query_i64(iree_hal_device_t* self, iree_hal_string_t key, int64_t* out) {
  constexpr char kFormat[] = "executable.format.", kFeature[] = "cpu.feature.";
  constexpr size_t kFormatSize = sizeof(kFormat) - 1, kFeatureSize = sizeof(kFeature) - 1;
  const Device* device = cast(self);
  uint64_t value;
  if (hal::equal(key, "concurrency")) {
    value = device->pool ? device->pool->size() : 1;
  } else if (hal::equal(key, "memory.total")) {
    value = static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) *
            static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  } else if (hal::equal(key, "memory.used")) {
    value = device->memory.used.load(std::memory_order_relaxed);
  } else if (hal::equal(key, "memory.peak")) {
    value = device->memory.peak.load(std::memory_order_relaxed);
  } else if (hal::equal(key, "memory.cached")) {
    value = MemoryPool::get().cached();
  } else if (key.size > kFormatSize && memcmp(key.data, kFormat, kFormatSize) == 0) {
    value = is_native_format({key.data + kFormatSize, key.size - kFormatSize}) ? 1 : 0;
  } else if (key.size > kFeatureSize && memcmp(key.data, kFeature, kFeatureSize) == 0) {
    iree_hal_string_t name = {key.data + kFeatureSize, key.size - kFeatureSize};
    value = find_feature(name) == Feature::kPresent ? 1 : 0;
  } else {
    return hal::make_status(IREE_HAL_NOT_FOUND, "the CPU driver knows no number called '%.*s'",
                            static_cast<int>(key.size < 200 ? key.size : 200), key.data);
  }
  *out = static_cast<int64_t>(value);
  return nullptr;
}

iree_hal_status_t queue_alloca(iree_hal_device_t* self, iree_hal_timepoints_t wait,
                               iree_hal_timepoints_t signal, iree_hal_buffer_params_t params,
                               uint64_t length, iree_hal_buffer_t** out) {
  // The address has to be there at once. Memory that nobody has touched costs address space only.
  hal::Ref<iree_hal_buffer_t> buffer;
  IREE_HAL_TRY(Buffer::create(cast(self), params, length, buffer.out()));
  IREE_HAL_TRY(submit(cast(self), {.wait = wait, .signal = signal}));
  *out = buffer.release();
  return nullptr;
}

iree_hal_status_t queue_dealloca(iree_hal_device_t* self, iree_hal_timepoints_t wait,
                                 iree_hal_timepoints_t signal, iree_hal_buffer_t* buffer) {
  Buffer* own = Buffer::from(buffer);
  if (!own) {
    return hal::make_status(IREE_HAL_INVALID_ARGUMENT,
                            "dealloca: the buffer belongs to another driver");
  }
  return submit(cast(self), {.wait = wait, .signal = signal, .deallocate = own});
}

iree_hal_status_t check_has_buffer(const iree_hal_binding_t& range, const char* what) {
  if (range.buffer) return nullptr;
  return hal::make_status(IREE_HAL_INVALID_ARGUMENT, "%s: a queue operation needs a buffer", what);
}

iree_hal_status_t queue_fill(iree_hal_device_t* self, iree_hal_timepoints_t wait,
                             iree_hal_timepoints_t signal, iree_hal_binding_t target,
                             const void* pattern, uint32_t pattern_size) {
  uint8_t* address;
  uint64_t length;
  IREE_HAL_TRY(check_has_buffer(target, "fill target"));
  IREE_HAL_TRY(
      resolve_range(target, {IREE_HAL_USAGE_TRANSFER, true, "fill target"}, &address, &length));
  IREE_HAL_TRY(check_fill(target.offset, length, pattern_size));
  Work work = Work::fill(address, length, pattern, pattern_size);
  return submit(cast(self), {.wait = wait,
                             .signal = signal,
                             .bindings = {&target, 1},
                             .transfer = work.unit_count ? &work : nullptr});
}

iree_hal_status_t queue_copy(iree_hal_device_t* self, iree_hal_timepoints_t wait,
                             iree_hal_timepoints_t signal, iree_hal_binding_t source,
                             iree_hal_binding_t target) {
  uint8_t* addresses[2];
  uint64_t lengths[2];
  IREE_HAL_TRY(check_has_buffer(source, "copy source"));
  IREE_HAL_TRY(check_has_buffer(target, "copy target"));
  IREE_HAL_TRY(resolve_range(source, {IREE_HAL_USAGE_TRANSFER, false, "copy source"}, &addresses[0],
                             &lengths[0]));
  IREE_HAL_TRY(resolve_range(target, {IREE_HAL_USAGE_TRANSFER, true, "copy target"}, &addresses[1],
                             &lengths[1]));
  IREE_HAL_TRY(check_copy(addresses[0], lengths[0], addresses[1], lengths[1]));
  Work work = Work::copy(addresses[0], addresses[1], lengths[0]);
  const iree_hal_binding_t both[2] = {source, target};
  return submit(cast(self), {.wait = wait,
                             .signal = signal,
                             .bindings = {both, 2},
                             .transfer = work.unit_count ? &work : nullptr});
}

iree_hal_status_t queue_execute(iree_hal_device_t* self, iree_hal_timepoints_t wait,
                                iree_hal_timepoints_t signal,
                                iree_hal_command_buffer_t* command_buffer,
                                iree_hal_binding_table_t bindings) {
  Operation operation = {.wait = wait, .signal = signal};
  if (command_buffer) {
    operation.command_buffer = CommandBuffer::from(command_buffer);
    operation.bindings = bindings;
    if (!operation.command_buffer) {
      return hal::make_status(IREE_HAL_INVALID_ARGUMENT,
                              "execute: the command buffer belongs to another driver");
    }
  }
  return submit(cast(self), operation);
}

constexpr iree_hal_device_vtable_t kVtable = {
    sizeof(kVtable),
    IREE_HAL_ABI_VERSION,
    query_i64,
    [](iree_hal_device_t* self, iree_hal_buffer_params_t params, uint64_t length,
       iree_hal_buffer_t** out) { return Buffer::create(cast(self), params, length, out); },
    [](iree_hal_device_t* self, iree_hal_buffer_params_t params, void* data, uint64_t length,
       iree_hal_release_callback_t release, iree_hal_buffer_t** out) {
      return Buffer::import(cast(self), params, data, length, release, out);
    },
    [](iree_hal_device_t* self, uint64_t initial_value, iree_hal_semaphore_t** out) {
      return Semaphore::create(cast(self), initial_value, out);
    },
    [](iree_hal_device_t*, uint32_t slot_count, iree_hal_command_buffer_t** out) {
      return CommandBuffer::create(slot_count, out);
    },
    [](iree_hal_device_t*, iree_hal_string_t format, iree_hal_span_t data,
       iree_hal_release_callback_t release,
       iree_hal_executable_t** out) { return Executable::create(format, data, release, out); },
    queue_alloca,
    queue_dealloca,
    queue_fill,
    queue_copy,
    queue_execute,
};

constexpr iree_hal_device_vtable_t kInlineVtable = [] {
  iree_hal_device_vtable_t table = kVtable;
  table.set_interrupt = [](iree_hal_device_t*, iree_hal_interrupt_t interrupt) {
    set_interrupt(interrupt);
  };
  return table;
}();

}  // namespace

iree_hal_status_t Device::create(uint32_t threads, Pool::Pinning pinning, const char* uri,
                                 iree_hal_device_t** out) {
  if (!Pool::watch_forks()) return hal::out_of_memory();
  auto* device = new (std::nothrow) Device();
  if (!device) return hal::out_of_memory();
  hal::init_object<iree_hal_device_t>(device);
  auto owner = hal::Ref<iree_hal_device_t>::adopt(device);
  if (threads > 1) {
    device->pool = Pool::get(threads, pinning);
    if (!device->pool) return hal::out_of_memory();
  }
  snprintf(device->uri_, sizeof(device->uri_), "%s", uri);
  cpu_name(device->name_, sizeof(device->name_));
  device->vtable = device->pool ? &kVtable : &kInlineVtable;
  device->uri = device->uri_;
  device->name = device->name_;
  *out = owner.release();
  return nullptr;
}

Device::~Device() {
  if (pool) pool->release();
}

iree_hal_status_t Device::help_until(const Semaphore& semaphore, uint64_t value,
                                     uint64_t deadline_ns) {
  if (!pool) return nullptr;
  IREE_HAL_TRY(pool->check_usable());
  pool->help_until(semaphore, value, deadline_ns);
  return nullptr;
}

}  // namespace iree::hal_cpu
