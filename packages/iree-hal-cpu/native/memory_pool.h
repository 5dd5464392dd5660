// Host memory for buffers and scratch, 64-byte aligned, with freed blocks kept for reuse by size
// class, so that a transient buffer of every invocation costs a list operation. One for the
// process; lives as long as it does.
#ifndef IREE_HAL_CPU_MEMORY_POOL_H_
#define IREE_HAL_CPU_MEMORY_POOL_H_

#include <stddef.h>
#include <stdint.h>

#include <atomic>
#include <mutex>

namespace iree::hal_cpu {

class MemoryPool {
 public:
  static MemoryPool& get();

  // At least `size` bytes, contents undefined; NULL if there are none.
  void* allocate(uint64_t size);
  // `size` as given to `allocate`.
  void deallocate(void* block, uint64_t size);
  // Returns what is kept to the system.
  void trim();
  // Bytes kept for reuse.
  uint64_t cached() const { return cached_.load(std::memory_order_relaxed); }

  // Held across fork(2), so that the child finds the lists whole.
  void lock_all();
  void unlock_all();

 private:
  // Four classes for each doubling, from 64 bytes to 256 MiB; larger blocks are not kept.
  static constexpr unsigned kMinShift = 6, kMaxShift = 28;
  static constexpr unsigned kClasses = (kMaxShift - kMinShift) * 4 + 1;
  struct Class {
    std::mutex mutex;
    void* head = nullptr;
  };

  MemoryPool();
  static unsigned class_of(uint64_t size);
  static uint64_t class_size(unsigned index);
  // From the system, if need be after giving back what is kept.
  void* allocate_trimming(uint64_t size);

  Class classes_[kClasses];
  std::atomic<uint64_t> cached_{0};
  uint64_t limit_;
};

}  // namespace iree::hal_cpu
#endif  // IREE_HAL_CPU_MEMORY_POOL_H_
