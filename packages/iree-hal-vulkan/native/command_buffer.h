// The HAL's command buffers: what was recorded, and the Vulkan recordings made of it for the last
// few bindings.
#ifndef IREE_HAL_VULKAN_COMMAND_BUFFER_H_
#define IREE_HAL_VULKAN_COMMAND_BUFFER_H_

#include <deque>

#include "executable.h"
#include "recording.h"

namespace iree::hal_vulkan {

class CommandBuffer : public iree_hal_command_buffer_t {
 public:
  static hal::Ref<iree_hal_command_buffer_t> create(Device* device, uint32_t slot_count);
  // NULL if the command buffer belongs to another driver.
  static CommandBuffer* from(iree_hal_command_buffer_t* command_buffer);
  ~CommandBuffer();

  const Device* device() const { return device_; }

  // These throw.
  void barrier();
  void fill(iree_hal_binding_t target, const void* pattern, uint32_t pattern_size);
  void copy(iree_hal_binding_t source, iree_hal_binding_t target);
  void dispatch(iree_hal_executable_t* executable, uint32_t ordinal,
                const uint32_t workgroup_count[3], const uint32_t* constants, size_t constant_count,
                const iree_hal_binding_t* bindings, size_t binding_count);
  // For mapping, which asks no usage of the buffers.
  void copy_unchecked(Buffer& source, uint64_t source_offset, Buffer& target,
                      uint64_t target_offset, uint64_t length);
  void finalize();

  // What to submit with these bindings: an earlier recording if they are the same.
  std::shared_ptr<Recording> resolve(iree_hal_binding_table_t table);

 private:
  enum class Kind : uint8_t { kBarrier, kFill, kCopy, kDispatch };
  struct Command {
    Kind kind;
    uint32_t first_range = 0;
    uint32_t range_count = 0;
    uint64_t pattern = 0;  // of a fill
    uint32_t pattern_size = 0;
    Executable* executable = nullptr;  // of a dispatch
    uint32_t ordinal = 0;
    uint32_t groups[3] = {};
    uint32_t first_constant = 0;
    uint64_t uniform_offset = 0;  // in uniforms_
  };
  // What a slot was bound to.
  struct Bound {
    uint64_t block, offset, length;
    iree_hal_buffer_usage_t usage;
    bool operator==(const Bound&) const = default;
  };
  struct Recorded {
    std::vector<Bound> bindings;
    std::shared_ptr<Recording> recording;
  };

  CommandBuffer() = default;
  void check_recording() const;
  void record_range(iree_hal_binding_t range, const Use& use);
  void retain(void* object);
  // The command's range number `i` with the slots' bindings. Throws.
  Range resolve_range_of(const Command& command, uint32_t i, const Use& use,
                         iree_hal_binding_table_t table) const;
  std::shared_ptr<Recording> record(iree_hal_binding_table_t table) const;

  Device* device_ = nullptr;  // retained
  std::vector<Command> commands_;
  std::vector<iree_hal_binding_t> ranges_;
  std::vector<uint32_t> constants_;
  std::vector<void*> retained_;
  std::vector<Buffer*> buffers_;  // of ranges not in slots
  uint64_t uniform_size_ = 0;
  hal::Ref<iree_hal_buffer_t> uniforms_;  // every dispatch's uniform constants
  bool finalized_ = false;

  std::mutex mutex_;
  std::deque<Recorded> recorded_;  // the last few
};

}  // namespace iree::hal_vulkan
#endif  // IREE_HAL_VULKAN_COMMAND_BUFFER_H_
