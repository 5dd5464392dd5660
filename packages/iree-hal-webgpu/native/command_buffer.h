#pragma once

#include <deque>

#include "buffer.h"
#include "program.h"

namespace iree::hal_webgpu {

struct CommandBuffer : iree_hal_command_buffer_t {
  hal::Ref<iree_hal_device_t> device;
  Program program;
  std::vector<hal::Ref<iree_hal_object_t>> retained;
  bool finalized = false;

  static iree_hal_status_t make(Device* device, uint32_t slot_count, CommandBuffer** out);
  // The ranges of all bindings, with what the slots are bound to. OUT_OF_RANGE, INVALID_ARGUMENT.
  iree_hal_status_t resolve(iree_hal_binding_table_t table, std::vector<Range>* out);
};

// Ranges that the program writes to.
std::vector<Range> written_ranges(const Program& program, const std::vector<Range>& ranges);

}  // namespace iree::hal_webgpu
