// Command buffers: a linear stream of commands, each ready to run but for the ranges in slots.
#ifndef IREE_HAL_CPU_COMMAND_BUFFER_H_
#define IREE_HAL_CPU_COMMAND_BUFFER_H_

#include "array.h"
#include "buffer.h"
#include "work.h"

namespace iree::hal_cpu {

class CommandBuffer : public iree_hal_command_buffer_t {
 public:
  // One command in the stream. Behind it: its constants, the addresses of its bindings and, if some
  // are in slots, the bindings themselves.
  struct Command {
    uint32_t size;       // bytes to the next one
    uint32_t constants;  // words
    uint32_t bindings;
    uint32_t pattern_size;  // of a fill
    uint64_t
        area_offset;  // where its Work is in a submission's area; kDirect if `work` is complete
    Work work;

    static constexpr uint64_t kDirect = UINT64_MAX;
    uint32_t* constant_data() { return reinterpret_cast<uint32_t*>(this + 1); }
    uint8_t** addresses() {
      return reinterpret_cast<uint8_t**>(constant_data() + (constants + 1) / 2 * 2);
    }
    uint8_t* const* addresses() const { return const_cast<Command*>(this)->addresses(); }
    iree_hal_binding_t* slots() {
      return reinterpret_cast<iree_hal_binding_t*>(addresses() + bindings);
    }
    const iree_hal_binding_t* slots() const { return const_cast<Command*>(this)->slots(); }
    const Command* next() const {
      return reinterpret_cast<const Command*>(reinterpret_cast<const uint8_t*>(this) + size);
    }
    const Work& resolved(const void* area) const {
      if (area_offset == kDirect) return work;
      return *reinterpret_cast<const Work*>(static_cast<const uint8_t*>(area) + area_offset);
    }
  };
  // Commands that are independent of each other.
  struct Phase {
    size_t offset;  // of the first
    uint32_t count;
    uint32_t units;  // at most; fits although ranges in slots are not known yet
  };

  static iree_hal_status_t create(uint32_t slot_count, iree_hal_command_buffer_t** out);
  // NULL if the command buffer belongs to another driver.
  static CommandBuffer* from(iree_hal_command_buffer_t* command_buffer);
  ~CommandBuffer();

  iree_hal_status_t barrier();
  iree_hal_status_t fill(iree_hal_binding_t target, const void* pattern, uint32_t pattern_size);
  iree_hal_status_t copy(iree_hal_binding_t source, iree_hal_binding_t target);
  iree_hal_status_t dispatch(iree_hal_executable_t* executable, uint32_t ordinal,
                             const uint32_t workgroup_count[3], const uint32_t* constants,
                             size_t constant_count, const iree_hal_binding_t* bindings,
                             size_t binding_count);
  iree_hal_status_t finalize();

  size_t phase_count() const { return phases_.size(); }
  const Phase& phase(size_t index) const { return phases_[index]; }
  const Command* first(const Phase& phase) const {
    return reinterpret_cast<const Command*>(reinterpret_cast<const uint8_t*>(stream_.data()) +
                                            phase.offset);
  }
  uint32_t largest_phase() const { return largest_phase_; }
  // Bytes that a submission needs for `resolve`.
  size_t area_size() const { return area_size_; }

  // Checks that it can run with `table`, and completes the commands that have ranges in slots in
  // `area`, which is aligned to 8 bytes.
  iree_hal_status_t resolve(iree_hal_binding_table_t table, void* area) const;

  // Whether all of it would take less than `limit` 1/16 ticks on one thread; false if that is not
  // known.
  bool is_quick(uint64_t limit) const;
  // Has the scheduler learn anew what its kernels take: what it knew was wrong.
  void forget_costs() const;
  // Runs it on this thread, all of it or one phase; `measure` has the scheduler learn from it.
  iree_hal_status_t run(const void* area, Worker* worker, iree_hal_interrupt_t interrupt) const;
  iree_hal_status_t run_phase(size_t index, const void* area, Worker* worker, bool measure) const;

 private:
  CommandBuffer() = default;
  iree_hal_status_t check_recording() const;
  // Resolves a range as far as it is known now.
  iree_hal_status_t record_range(iree_hal_binding_t* range, const Use& use, uint8_t** address);
  iree_hal_status_t resolve_slot(const iree_hal_binding_t& range, iree_hal_binding_table_t table,
                                 const Use& use, uint8_t** address, uint64_t* length) const;
  iree_hal_status_t resolve_dispatch(const Command& command, iree_hal_binding_table_t table,
                                     Work* work) const;
  iree_hal_status_t resolve_transfer(const Command& command, iree_hal_binding_table_t table,
                                     Work* work) const;
  iree_hal_status_t append(const Work& work, uint32_t constant_count, const uint32_t* constants,
                           uint32_t binding_count, uint8_t* const* addresses,
                           const iree_hal_binding_t* slots, uint32_t pattern_size);
  iree_hal_status_t retain(void* object);

  Array<uint64_t> stream_;
  Array<Phase> phases_;
  Array<void*> retained_;
  Array<Buffer*> buffers_;  // of ranges not in slots
  size_t area_size_ = 0;
  uint32_t largest_phase_ = 0;
  mutable std::atomic<uint32_t> trusted_{
      0};  // executions that are taken to be quick without adding up
  bool at_barrier_ = true;
  bool finalized_ = false;
};

// Checks a fill's and a copy's arguments; ranges are resolved.
iree_hal_status_t check_fill(uint64_t offset, uint64_t length, uint32_t pattern_size);
iree_hal_status_t check_copy(const uint8_t* source, uint64_t source_length, const uint8_t* target,
                             uint64_t target_length);

}  // namespace iree::hal_cpu
#endif  // IREE_HAL_CPU_COMMAND_BUFFER_H_
