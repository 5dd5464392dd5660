// Device memory: a few large blocks, each one VkDeviceMemory with one VkBuffer over all of it, cut
// into ranges.
#ifndef IREE_HAL_VULKAN_MEMORY_H_
#define IREE_HAL_VULKAN_MEMORY_H_

#include <map>
#include <mutex>
#include <vector>

#include "adapter.h"

namespace iree::hal_vulkan {

class Device;

struct Block {
  uint64_t id;  // never used again, unlike Vulkan's handles
  VkDeviceMemory memory = nullptr;
  VkBuffer buffer = nullptr;
  uint8_t* mapped = nullptr;  // NULL if the host cannot see it
  uint64_t size = 0;
  uint32_t type = 0;
  std::map<uint64_t, uint64_t> free;  // offset to size; neighbours are merged
  uint64_t free_bytes = 0;
};

// A range of a block.
struct Allocation {
  Block* block = nullptr;
  uint64_t offset = 0;
  uint64_t size = 0;
};

class Allocator {
 public:
  explicit Allocator(Device& device) : device_(device) {}
  // Nothing is allocated any more.
  void close();

  // At least `size` bytes of that memory type, aligned to 256. Throws RESOURCE_EXHAUSTED.
  Allocation allocate(uint32_t type, uint64_t size);
  void free(const Allocation& allocation);
  // A block of its own over host memory; to be given back with `release`. Throws if the device
  // refuses.
  std::unique_ptr<Block> import(void* data, uint64_t size);
  void release(Block* block);

  // Bytes taken from Vulkan, whether in use or kept for reuse.
  uint64_t reserved() const { return reserved_.load(std::memory_order_relaxed); }

 private:
  static bool take(Block* block, uint64_t size, Allocation* out);
  std::unique_ptr<Block> make_block(uint32_t type, uint64_t size);
  // Gives empty blocks back until at most `keep` bytes of them are left.
  void trim(uint64_t keep);

  Device& device_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Block>> blocks_;
  std::atomic<uint64_t> reserved_{0};
  std::atomic<uint64_t> next_id_{1};
};

}  // namespace iree::hal_vulkan
#endif  // IREE_HAL_VULKAN_MEMORY_H_
