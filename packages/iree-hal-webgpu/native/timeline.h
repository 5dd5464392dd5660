// Timeline semaphores, which WebGPU does not have, on the host.
//
// A semaphore knows two values: the one that it has reached and, above it, the one that work handed
// to its device's queue will bring it to. As that queue is in order, a later submission to the same
// device may follow without waiting for the first to end.
#pragma once

#include <condition_variable>
#include <mutex>

#include "iree/hal.hpp"

namespace iree::hal_webgpu {

class Semaphore : public iree_hal_semaphore_t {
 public:
  using Callback = void (*)(void* user_data, iree_hal_status_t status);

  // `device` is the identity of the queue that `schedule` speaks of.
  static iree_hal_status_t make(uint64_t device, uint64_t initial_value,
                                iree_hal_semaphore_t** out);
  // NULL for a semaphore of another driver or another device.
  static Semaphore* cast(iree_hal_semaphore_t* semaphore, uint64_t device);
  ~Semaphore();

  // As on_reach, but also called once the value is scheduled.
  iree_hal_status_t on_scheduled(uint64_t value, Callback fn, void* user_data);
  // What the device's queue holds will signal `value`.
  void schedule(uint64_t value);

 private:
  struct Waiter {
    Waiter* next;
    uint64_t value;
    bool early;
    Callback fn;
    void* user_data;
  };
  Semaphore(uint64_t device, uint64_t value) : device_(device), value_(value), scheduled_(value) {}

  static iree_hal_status_t query(iree_hal_semaphore_t* base, uint64_t* out);
  static iree_hal_status_t signal(iree_hal_semaphore_t* base, uint64_t value);
  static void fail(iree_hal_semaphore_t* base, iree_hal_status_t status);
  static iree_hal_status_t wait(iree_hal_semaphore_t* base, uint64_t value, uint64_t deadline_ns);
  static iree_hal_status_t on_reach(iree_hal_semaphore_t* base, uint64_t value, Callback fn,
                                    void* user_data);
  static const iree_hal_semaphore_vtable_t kTable;

  iree_hal_status_t add(uint64_t value, bool early, Callback fn, void* user_data);
  bool is_done(const Waiter& waiter) const {
    return waiter.value <= (waiter.early ? std::max(value_, scheduled_) : value_);
  }
  // Takes those that are done out of the list, in the order in which they came; needs the lock.
  Waiter* take_done();
  // Calls and frees the waiters; takes the status.
  static void call(Waiter* list, iree_hal_status_t status);

  const uint64_t device_;
  std::mutex mutex_;
  std::condition_variable changed_;
  uint64_t value_, scheduled_;
  hal::Status failure_;
  Waiter* waiters_ = nullptr;
  Waiter** last_ = &waiters_;
};

}  // namespace iree::hal_webgpu
