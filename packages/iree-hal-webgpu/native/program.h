// What a command buffer does: recorded once, resolved and encoded for each submission.
#pragma once

#include <vector>

#include "executable.h"

namespace iree::hal_webgpu {

// A command; its ranges are `bindings` of the program from `first_binding` on (fill: target; copy:
// source, target).
struct Command {
  enum Kind { kFill, kCopy, kDispatch } kind;
  uint32_t first_binding = 0, binding_count = 0;
  uint8_t pattern[8] = {};
  uint32_t pattern_size = 0;
  Executable* executable = nullptr;
  uint32_t ordinal = 0;
  uint32_t groups[3] = {};
  uint32_t first_constant = 0;
};

struct Program {
  std::vector<Command> commands;
  std::vector<iree_hal_binding_t> bindings;
  std::vector<uint32_t> constants;
};

// A range that was checked.
struct Range {
  Buffer* buffer;
  uint64_t offset, length;
};

// Checks a command whose ranges are all of buffers; resolves IREE_HAL_WHOLE_BUFFER in `bindings`,
// which are the command's own.
iree_hal_status_t check(Device* device, const Command& command, iree_hal_binding_t* bindings);

}  // namespace iree::hal_webgpu
