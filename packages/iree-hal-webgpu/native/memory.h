// Dawn's buffers, kept for reuse by size.
#pragma once

#include <atomic>
#include <map>
#include <vector>

#include "dawn.h"

namespace iree::hal_webgpu {

struct Device;

// A buffer of Dawn's. `id` is never used again, so that it may name the buffer in a cache.
struct Memory {
  WGPUBuffer buffer = nullptr;
  uint64_t size = 0;
  uint64_t id = 0;
};

// As Dawn's queue is in order, memory may come back as soon as its last use has been submitted. All
// functions need the device's gate.
class MemoryPool {
 public:
  enum Kind { kDevice, kReadback };  // storage, uniforms and copies; or what the host maps to read

  explicit MemoryPool(Device* device) : device_(device) {}
  // At least `length` bytes, padded to what bindings and copies are rounded to. RESOURCE_EXHAUSTED.
  iree_hal_status_t acquire(Kind kind, uint64_t length, Memory* out);
  void release(Kind kind, Memory memory);
  // For device memory that somebody else may still refer to: not for reuse.
  void drop(Memory memory);
  // Gives what is not in use back to Dawn, but for `keep` bytes.
  void trim(uint64_t keep);

  std::atomic<uint64_t> used{0}, peak{0}, cached{0};

 private:
  void destroy(Memory memory);

  Device* device_;
  std::multimap<uint64_t, Memory> free_[2];  // by size
};

}  // namespace iree::hal_webgpu
