// The null driver: checks everything, keeps every promise about order and ownership, and does no
// work. It is the template for a driver (copy the null_*.cpp files, then fill in), and measures
// what the runtime itself costs.
#pragma once

#include <atomic>
#include <new>

#include "iree/hal.hpp"

namespace iree::hal::null {

const iree_hal_driver_t* driver();

struct Device : iree_hal_device_t {
  char uri_text[64];
  std::atomic<uint64_t> used{0}, peak{0};
  // Queue operations until the device is lost; below zero it is.
  std::atomic<int64_t> budget{INT64_MAX};
};

// Turns bad_alloc, which containers throw, into a status.
template <typename F>
iree_hal_status_t guard(F&& body) {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  }
}

iree_hal_status_t make_device(int64_t lose_after, iree_hal_device_t** out);

iree_hal_status_t make_buffer(Device* device, iree_hal_buffer_params_t params, uint64_t length,
                              iree_hal_buffer_t** out);
iree_hal_status_t import_buffer(Device* device, iree_hal_buffer_params_t params, void* data,
                                uint64_t length, iree_hal_release_callback_t release,
                                iree_hal_buffer_t** out);

iree_hal_status_t make_semaphore(uint64_t initial_value, iree_hal_semaphore_t** out);

iree_hal_status_t make_executable(iree_hal_string_t format, iree_hal_span_t data,
                                  iree_hal_release_callback_t release, iree_hal_executable_t** out);

iree_hal_status_t make_command_buffer(uint32_t slot_count, iree_hal_command_buffer_t** out);
// Whether the command buffer may run with these bindings.
iree_hal_status_t check_bindings(iree_hal_command_buffer_t* command_buffer,
                                 iree_hal_binding_table_t bindings);

// Checks that fill and copy share between queue and command buffer. They resolve
// IREE_HAL_WHOLE_BUFFER in place.
iree_hal_status_t check_fill(iree_hal_binding_t* target, uint32_t pattern_size);
iree_hal_status_t check_copy(iree_hal_binding_t* source, iree_hal_binding_t* target);

}  // namespace iree::hal::null
