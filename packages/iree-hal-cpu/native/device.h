// The device: what hal.h asks of one, on the process's cores.
#ifndef IREE_HAL_CPU_DEVICE_H_
#define IREE_HAL_CPU_DEVICE_H_

#include "buffer.h"
#include "iree/hal.hpp"
#include "pool.h"

namespace iree::hal_cpu {

class Semaphore;

class Device : public iree_hal_device_t {
 public:
  // `threads` of 0 or 1 is inline: work runs on the threads that submit or signal. `uri` is copied.
  static iree_hal_status_t create(uint32_t threads, Pool::Pinning pinning, const char* uri,
                                  iree_hal_device_t** out);
  ~Device();

  // Lends the calling thread, which waits for the semaphore.
  iree_hal_status_t help_until(const Semaphore& semaphore, uint64_t value, uint64_t deadline_ns);

  Pool* pool = nullptr;  // NULL if inline
  MemoryStatistics memory;

 private:
  Device() = default;
  char uri_[64];
  char name_[64];
};

}  // namespace iree::hal_cpu
#endif  // IREE_HAL_CPU_DEVICE_H_
