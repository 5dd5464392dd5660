// One operation of the queue, with all that it keeps alive.
#pragma once

#include <atomic>
#include <deque>

#include "command_buffer.h"

namespace iree::hal_webgpu {

struct Submission {
  hal::Ref<iree_hal_device_t> device;
  hal::Ref<iree_hal_fence_t> waits, signals;

  // What it does: runs `commands` on `ranges`, or ends the life of a buffer's memory, or brings it
  // about, or nothing.
  hal::Ref<iree_hal_command_buffer_t> commands;
  std::vector<Range> ranges;  // of the program's bindings
  std::vector<hal::Ref<iree_hal_buffer_t>> buffers;
  enum { kNothing, kCommands, kAlloca, kDealloca } kind = kNothing;

  std::atomic<size_t> pending{0};
  std::atomic<iree_hal_status_t> failure{nullptr};

  // Once it is submitted.
  bool on_device = false;
  bool ended = false;
  WGPUFuture end = {};
  struct Return {
    Buffer* buffer;
    Readback readback;
  };
  std::deque<Return> returns;  // a deque: Dawn's callbacks write to them

  ~Submission() { hal::free_status(failure.load()); }
  Device* owner() const { return static_cast<Device*>(device.get()); }
};

}  // namespace iree::hal_webgpu
