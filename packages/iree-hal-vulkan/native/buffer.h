// Buffers: ranges of device memory, or somebody else's host memory.
#ifndef IREE_HAL_VULKAN_BUFFER_H_
#define IREE_HAL_VULKAN_BUFFER_H_

#include "memory.h"

namespace iree::hal_vulkan {

class Buffer : public iree_hal_buffer_t {
 public:
  static hal::Ref<iree_hal_buffer_t> create(Device* device, iree_hal_buffer_params_t params,
                                            uint64_t length);
  static hal::Ref<iree_hal_buffer_t> import(Device* device, iree_hal_buffer_params_t params,
                                            void* data, uint64_t length,
                                            iree_hal_release_callback_t release);
  // NULL if the buffer belongs to another driver.
  static Buffer* from(iree_hal_buffer_t* buffer);
  ~Buffer();

  // Gives the memory back while references remain; later uses of the buffer are errors. Safe to
  // repeat.
  void deallocate();
  bool is_deallocated() const { return deallocated_.load(std::memory_order_acquire); }

  const Block& block() const { return *allocation_.block; }
  uint64_t offset() const { return allocation_.offset; }  // in the block
  Device& owner() const;

  iree_hal_status_t map(iree_hal_access_t access, uint64_t offset, uint64_t length, void** out);
  void unmap(iree_hal_access_t access, uint64_t offset, uint64_t length);

 private:
  // A mapping of memory that the host does not see or reads slowly: a copy.
  struct Shadow {
    uint64_t offset, length;
    iree_hal_access_t access;
    hal::Ref<iree_hal_buffer_t> staging;
  };
  Buffer() = default;
  uint8_t* mapped() const { return block().mapped ? block().mapped + offset() : nullptr; }

  Allocation allocation_;
  std::unique_ptr<Block> imported_;
  bool reads_slowly_ = false;  // the host does
  std::atomic<bool> deallocated_{false};
  iree_hal_release_callback_t release_ = {};
  std::mutex mutex_;
  std::vector<Shadow> shadows_;
};

// What a command does with a range.
struct Use {
  iree_hal_buffer_usage_t usage;
  bool writes;
  const char* what;  // for messages: "copy source", "binding"
};

// Checks that `range.buffer` is of this device, alive and may be used so, and the range against its
// length; resolves IREE_HAL_WHOLE_BUFFER in it. Throws.
Buffer& resolve_range(const Device* device, iree_hal_binding_t* range, const Use& use);

}  // namespace iree::hal_vulkan
#endif  // IREE_HAL_VULKAN_BUFFER_H_
