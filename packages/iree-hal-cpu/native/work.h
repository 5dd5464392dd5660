// What one command does once its ranges are known, cut into units that may run in any order on any
// thread.
#ifndef IREE_HAL_CPU_WORK_H_
#define IREE_HAL_CPU_WORK_H_

#include "executable.h"
#include "iree/cpu_executable.h"

namespace iree::hal_cpu {

// What a thread needs to run units.
class Worker {
 public:
  explicit Worker(uint32_t index) : index_(index) {}
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker();

  uint32_t index() const { return index_; }
  // `size` bytes whose contents are undefined, aligned to 64; NULL if there are none. They stay the
  // worker's.
  void* scratch(uint32_t size);
  // Now and then: what is known to be cheap need not be timed each time, but must be sometimes,
  // since it may change.
  bool is_time_to_measure() { return ++phases_ % 16 == 0; }

 private:
  uint32_t index_;
  uint32_t phases_ = 0;
  uint32_t scratch_size_ = 0;
  void* scratch_ = nullptr;
};

// Trivially copyable: command buffers keep these in a stream of bytes.
struct Work {
  enum Kind : uint32_t { kDispatch, kFill, kCopy };
  static constexpr uint32_t kMaxTransferUnits = (1u << 20) + 1;

  Kind kind;
  uint32_t unit_count;  // workgroups, or blocks of a transfer
  union {
    struct {
      const Entry* entry;
      iree_cpu_dispatch_t arguments;
    } dispatch;
    struct {
      uint8_t* target;
      const uint8_t* source;  // of a copy
      uint64_t length;
      uint64_t pattern;  // of a fill, repeated to 8 bytes
    } transfer;
  };

  // Fill or copy with a length. The number of units follows.
  static Work fill(uint8_t* target, uint64_t length, const void* pattern, uint32_t pattern_size);
  static Work copy(const uint8_t* source, uint8_t* target, uint64_t length);
  void set_transfer(uint8_t* target, const uint8_t* source, uint64_t length);

  // What a unit probably takes, in 1/16 clock ticks; 0 if that is not known.
  uint32_t cost() const;
  // Remembers what a unit took.
  void learn(uint64_t cost) const;

  // Runs the units [begin, end). The error says which kernel failed.
  iree_hal_status_t run(uint32_t begin, uint32_t end, Worker* worker) const;
};

}  // namespace iree::hal_cpu
#endif  // IREE_HAL_CPU_WORK_H_
