// Sleeping until a word changes.
#ifndef IREE_HAL_CPU_FUTEX_H_
#define IREE_HAL_CPU_FUTEX_H_

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>

#include "iree/hal.h"

namespace iree::hal_cpu {

// Returns when `word` is not `expected`, on a wake, at the deadline (absolute, CLOCK_MONOTONIC) or
// for no reason.
inline void futex_wait(std::atomic<uint32_t>* word, uint32_t expected,
                       uint64_t deadline_ns = IREE_HAL_INFINITE) {
  timespec deadline;
  // tv_sec is signed: what lies behind its range is as good as never.
  bool finite = deadline_ns / 1000000000u < (1ull << 40) && deadline_ns != IREE_HAL_INFINITE;
  if (finite) {
    deadline.tv_sec = static_cast<time_t>(deadline_ns / 1000000000u);
    deadline.tv_nsec = static_cast<long>(deadline_ns % 1000000000u);
  }
  syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, expected, finite ? &deadline : nullptr,
          nullptr, FUTEX_BITSET_MATCH_ANY);
}

// `word` may be gone already: it is not read.
inline void futex_wake(std::atomic<uint32_t>* word) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

inline void cpu_relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  asm volatile("yield");
#endif
}

}  // namespace iree::hal_cpu
#endif  // IREE_HAL_CPU_FUTEX_H_
