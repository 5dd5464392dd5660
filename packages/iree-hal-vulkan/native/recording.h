// Vulkan's command buffers: recorded once, submitted any number of times.
#ifndef IREE_HAL_VULKAN_RECORDING_H_
#define IREE_HAL_VULKAN_RECORDING_H_

#include <mutex>
#include <string>
#include <vector>

#include "buffer.h"

namespace iree::hal_vulkan {

class Executable;

// A range of a buffer that has been checked.
struct Range {
  const Buffer* buffer;
  uint64_t offset;  // in the buffer
  uint64_t length;

  VkBuffer handle() const { return buffer->block().buffer; }
  uint64_t position() const { return buffer->offset() + offset; }  // in its block
};

// A VkCommandBuffer with the pool it lives in, which one recording at a time has.
struct CommandPool {
  VkCommandPool pool = nullptr;
  VkCommandBuffer commands = nullptr;
};

class CommandPools {
 public:
  explicit CommandPools(Device& device) : device_(device) {}
  // No pool is in use any more.
  void close();
  CommandPool take();
  void give_back(CommandPool pool);

 private:
  Device& device_;
  std::mutex mutex_;
  std::vector<CommandPool> free_;
};

class Recording {
 public:
  // Starts recording: everything submitted before comes before it.
  explicit Recording(Device& device);
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;
  ~Recording();

  void barrier();
  void fill(const Range& target, uint64_t pattern, uint32_t pattern_size);
  void copy(const Range& source, const Range& target);
  // `constants` are pushed, or lie at `uniform` (its range of 16-byte rows).
  void dispatch(Executable& executable, uint32_t ordinal, const uint32_t groups[3],
                const uint32_t* constants, const Range* uniform, const Range* bindings);
  void finish();

  VkCommandBuffer handle() const { return pool_.commands; }
  // Device time of each dispatch of the submission that has ended; nothing unless the device
  // profiles.
  void report() const;

 private:
  void before_command();
  // A copy of `bytes` repeated to `size`, for the device to copy from.
  Range scratch(uint64_t pattern, uint64_t size);
  void copy_regions(const Range& source, const Range& target, uint64_t chunk);
  void start_timer(const Executable& executable, uint32_t ordinal, const uint32_t groups[3]);
  void stop_timer();

  struct Timed {
    std::string label;
    uint32_t groups[3];
  };

  Device& device_;
  CommandPool pool_;
  VkPipeline bound_ = nullptr;
  bool barrier_due_ = false;
  bool empty_ = true;  // since the last barrier
  std::vector<hal::Ref<iree_hal_buffer_t>> scratches_;
  VkQueryPool timers_ = nullptr;
  std::vector<Timed> timed_;
  bool timing_ = false;  // the dispatch being recorded
};

}  // namespace iree::hal_vulkan
#endif  // IREE_HAL_VULKAN_RECORDING_H_
