// The device: its table, and queue operations that only wait and signal.
#include "null_driver.h"

namespace iree::hal::null {
namespace {

Device* cast(iree_hal_device_t* self) { return static_cast<Device*>(self); }

iree_hal_status_t query_i64(iree_hal_device_t* self, iree_hal_string_t key, int64_t* out) {
  const struct {
    const char* name;
    int64_t value;
  } table[] = {
      {"concurrency", 1},
      {"memory.used", static_cast<int64_t>(cast(self)->used.load())},
      {"memory.peak", static_cast<int64_t>(cast(self)->peak.load())},
      {"executable.format.null", 1},
  };
  for (const auto& row : table) {
    if (!equal(key, row.name)) continue;
    *out = row.value;
    return nullptr;
  }
  return make_status(IREE_HAL_NOT_FOUND, "null device: nothing is known about '%.*s'",
                     (int)key.size, key.data);
}

iree_hal_status_t allocate(iree_hal_device_t* self, iree_hal_buffer_params_t params,
                           uint64_t length, iree_hal_buffer_t** out) {
  return make_buffer(cast(self), params, length, out);
}

iree_hal_status_t import_host(iree_hal_device_t* self, iree_hal_buffer_params_t params, void* data,
                              uint64_t length, iree_hal_release_callback_t release,
                              iree_hal_buffer_t** out) {
  return import_buffer(cast(self), params, data, length, release, out);
}

iree_hal_status_t create_semaphore(iree_hal_device_t*, uint64_t initial_value,
                                   iree_hal_semaphore_t** out) {
  return make_semaphore(initial_value, out);
}

iree_hal_status_t create_command_buffer(iree_hal_device_t*, uint32_t slot_count,
                                        iree_hal_command_buffer_t** out) {
  return make_command_buffer(slot_count, out);
}

iree_hal_status_t prepare_executable(iree_hal_device_t*, iree_hal_string_t format,
                                     iree_hal_span_t data, iree_hal_release_callback_t release,
                                     iree_hal_executable_t** out) {
  return make_executable(format, data, release, out);
}

// The waits are over: signals, or passes the failure on. Owns the fence of signals.
void complete(void* user_data, iree_hal_status_t status) {
  auto signals = Ref<iree_hal_fence_t>::adopt(static_cast<iree_hal_fence_t*>(user_data));
  if (!status) status = signal(timepoints(signals.get()));
  if (status) fail(timepoints(signals.get()), status);
}

iree_hal_status_t submit(iree_hal_device_t* base, iree_hal_timepoints_t wait,
                         iree_hal_timepoints_t signal) {
  if (cast(base)->budget.fetch_sub(1) <= 0) {
    cast(base)->budget.store(0);
    return make_status(IREE_HAL_UNAVAILABLE, "null device: lost, as lose_after asked");
  }
  Ref<iree_hal_fence_t> signals;
  IREE_HAL_TRY(make_fence(signal, signals.out()));
  IREE_HAL_TRY(on_reach(wait, complete, signals.get()));
  (void)signals.release();  // complete has it
  return nullptr;
}

iree_hal_status_t queue_alloca(iree_hal_device_t* self, iree_hal_timepoints_t wait,
                               iree_hal_timepoints_t signal, iree_hal_buffer_params_t params,
                               uint64_t length, iree_hal_buffer_t** out) {
  Ref<iree_hal_buffer_t> buffer;
  IREE_HAL_TRY(make_buffer(cast(self), params, length, buffer.out()));
  IREE_HAL_TRY(submit(self, wait, signal));
  *out = buffer.release();
  return nullptr;
}

// The memory goes with the last reference.
iree_hal_status_t queue_dealloca(iree_hal_device_t* self, iree_hal_timepoints_t wait,
                                 iree_hal_timepoints_t signal, iree_hal_buffer_t*) {
  return submit(self, wait, signal);
}

iree_hal_status_t queue_fill(iree_hal_device_t* self, iree_hal_timepoints_t wait,
                             iree_hal_timepoints_t signal, iree_hal_binding_t target, const void*,
                             uint32_t pattern_size) {
  IREE_HAL_TRY(check_fill(&target, pattern_size));
  return submit(self, wait, signal);
}

iree_hal_status_t queue_copy(iree_hal_device_t* self, iree_hal_timepoints_t wait,
                             iree_hal_timepoints_t signal, iree_hal_binding_t source,
                             iree_hal_binding_t target) {
  IREE_HAL_TRY(check_copy(&source, &target));
  return submit(self, wait, signal);
}

iree_hal_status_t queue_execute(iree_hal_device_t* self, iree_hal_timepoints_t wait,
                                iree_hal_timepoints_t signal,
                                iree_hal_command_buffer_t* command_buffer,
                                iree_hal_binding_table_t bindings) {
  if (command_buffer) IREE_HAL_TRY(check_bindings(command_buffer, bindings));
  return submit(self, wait, signal);
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

iree_hal_status_t make_device(int64_t lose_after, iree_hal_device_t** out) {
  auto* self = new (std::nothrow) Device();
  if (!self) return out_of_memory();
  init_object<iree_hal_device_t>(self);
  self->vtable = &kTable;
  if (lose_after == INT64_MAX) {
    snprintf(self->uri_text, sizeof(self->uri_text), "null");
  } else {
    snprintf(self->uri_text, sizeof(self->uri_text), "null?lose_after=%lld", (long long)lose_after);
  }
  self->budget.store(lose_after);
  self->uri = self->uri_text;
  self->name = "null device (does no work)";
  *out = self;
  return nullptr;
}

}  // namespace iree::hal::null
