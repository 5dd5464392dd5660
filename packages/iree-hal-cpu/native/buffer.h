// Buffers: host memory of the pool, or somebody else's.
#ifndef IREE_HAL_CPU_BUFFER_H_
#define IREE_HAL_CPU_BUFFER_H_

#include <atomic>

#include "iree/hal.hpp"

namespace iree::hal_cpu {

class Device;

// What one device has given out.
struct MemoryStatistics {
  std::atomic<uint64_t> used{0}, peak{0};

  void add(uint64_t bytes);
  void remove(uint64_t bytes) { used.fetch_sub(bytes, std::memory_order_relaxed); }
};

class Buffer : public iree_hal_buffer_t {
 public:
  static iree_hal_status_t create(Device* device, iree_hal_buffer_params_t params, uint64_t length,
                                  iree_hal_buffer_t** out);
  static iree_hal_status_t import(Device* device, iree_hal_buffer_params_t params, void* data,
                                  uint64_t length, iree_hal_release_callback_t release,
                                  iree_hal_buffer_t** out);
  // NULL if the buffer belongs to another driver.
  static Buffer* from(iree_hal_buffer_t* buffer);
  ~Buffer();

  // Gives the memory back while references remain, unless the host has seen it: then it goes with
  // the last reference. Later uses of the buffer are errors. Safe to repeat.
  void deallocate();
  bool is_deallocated() const { return state_.load(std::memory_order_acquire) & kDeallocated; }
  // Before the host is given the address. False if it has been deallocated.
  bool expose();
  uint8_t* data() const { return data_; }

 private:
  static constexpr uint32_t kExposed = 1, kDeallocated = 2;
  Buffer() = default;
  void give_back();

  uint8_t* data_ = nullptr;
  bool imported_ = false;
  std::atomic<uint32_t> state_{0};
  iree_hal_release_callback_t release_ = {};
};

// What a command does with a range.
struct Use {
  iree_hal_buffer_usage_t usage;
  bool writes;
  const char* what;  // for messages: "copy source", "binding 3"
};

// Checks that `range.buffer` is of this driver, alive and may be used so, and the range against its
// length; resolves IREE_HAL_WHOLE_BUFFER. On success `*out` is the range's start and `*length` its
// bytes.
iree_hal_status_t resolve_range(const iree_hal_binding_t& range, const Use& use, uint8_t** out,
                                uint64_t* length);

}  // namespace iree::hal_cpu
#endif  // IREE_HAL_CPU_BUFFER_H_
