// The device: what hal.h asks of one.
#ifndef IREE_HAL_VULKAN_DEVICE_H_
#define IREE_HAL_VULKAN_DEVICE_H_

#include <map>

#include "command_buffer.h"
#include "pipeline_cache.h"
#include "profile.h"
#include "queue.h"

namespace iree::hal_vulkan {

// What a URI asks for.
struct Options {
  bool validate = false;
  bool unified = true;  // false: treats memory that host and device share as a discrete GPU's
  std::string cache;    // directory of the pipeline cache; empty for none
  std::string profile;  // file for what dispatches take; empty for none
};

// Indices of Vulkan's memory types.
struct MemoryTypes {
  bool unified;    // one type for everything, which the host reads fast
  uint32_t local;  // the device's own
  uint32_t host;   // the host's, which it reads fast
  uint32_t both;   // the device's that the host sees; `local` if there is none
};

class Device : public iree_hal_device_t {
 public:
  // Throws.
  static hal::Ref<iree_hal_device_t> create(Adapter adapter, const std::string& uri,
                                            const Options& options);
  ~Device();

  Queue& queue() { return *queue_; }
  // False in a child of the process that opened it: nothing of Vulkan may be called there.
  static bool is_usable() { return forks() == 0; }
  // The error that says so.
  static iree_hal_status_t forked();
  // Runs `body`, which may throw, for a function of a table; in a forked child that is an error.
  template <typename Body>
  static iree_hal_status_t run(Body&& body) {
    return is_usable() ? guard(body) : forked();
  }
  Profile* profile() const { return profile_.get(); }
  Layout layout(const spirv::Entry& entry);
  void count_memory(int64_t bytes);
  uint64_t memory_used() const { return used_.load(std::memory_order_relaxed); }
  uint64_t memory_peak() const { return peak_.load(std::memory_order_relaxed); }
  // Throws.
  void copy_and_wait(Buffer& source, uint64_t source_offset, Buffer& target, uint64_t target_offset,
                     uint64_t length);
  void submit(const Operation& operation);

  Adapter adapter;
  VkDevice handle = nullptr;
  DeviceApi api;
  MemoryTypes memory_types = {};
  PipelineCache pipeline_cache;
  Allocator allocator;
  CommandPools command_pools;

 private:
  explicit Device(Adapter adapter);
  void open(const Options& options);
  void choose_memory_types(bool unified);

  std::unique_ptr<Queue> queue_;
  std::unique_ptr<Profile> profile_;
  std::mutex mutex_;
  std::map<uint64_t, Layout> layouts_;
  std::atomic<uint64_t> used_{0}, peak_{0};
  std::string uri_, name_;
};

}  // namespace iree::hal_vulkan
#endif  // IREE_HAL_VULKAN_DEVICE_H_
