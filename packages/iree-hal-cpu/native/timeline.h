// Timelines on the host, and how things wait for them.
#ifndef IREE_HAL_CPU_TIMELINE_H_
#define IREE_HAL_CPU_TIMELINE_H_

#include <atomic>

#include "iree/hal.hpp"

namespace iree::hal_cpu {

class Device;

// Something that waits for a value. Intrusive, so that waiting needs no memory. `fire` runs once,
// outside all locks, never nested in another `fire`, and may free the waiter; it owns `status`.
struct Waiter {
  uint64_t value = 0;
  void (*fire)(Waiter* self, iree_hal_status_t status) = nullptr;
  // Belongs to the semaphore, then to the thread that fires.
  Waiter* next = nullptr;
  Waiter* previous = nullptr;
  bool listed = false;
  iree_hal_status_t status = nullptr;
};

// A thread that sleeps until a semaphore is settled; lies on its stack.
struct Sleeper;

class Semaphore : public iree_hal_semaphore_t {
 public:
  // `device` is retained: its workers run what waits here.
  static iree_hal_status_t create(Device* device, uint64_t initial_value,
                                  iree_hal_semaphore_t** out);
  // NULL if the semaphore belongs to another driver.
  static Semaphore* from(iree_hal_semaphore_t* semaphore);
  ~Semaphore();

  uint64_t value() const { return value_.load(std::memory_order_seq_cst); }
  // Borrowed; NULL unless failed.
  const iree_hal_status_s* failure() const { return failure_.load(std::memory_order_acquire); }
  // Whether a wait for `value` would be over.
  bool is_settled(uint64_t value) const { return failure() || this->value() >= value; }

  iree_hal_status_t signal(uint64_t value);
  // Takes the status.
  void fail(iree_hal_status_t status);
  iree_hal_status_t wait(uint64_t value, uint64_t deadline_ns);
  // Fires the waiter once its value is reached or the semaphore fails or goes away; at once if that
  // is so already. The semaphore does not hold the waiter's owner, nor the waiter the semaphore.
  void add(Waiter* waiter);

  // Around fork(2), so that the child finds all semaphores whole; threads that slept are the
  // parent's, and so are their stacks.
  static void before_fork();
  static void after_fork(bool in_child);

 private:
  // A lock that some semaphores share: few enough to be held across fork(2).
  struct Stripe;
  static Stripe stripes_[];

  Semaphore() = default;
  Stripe& stripe() const;
  // The outcome of a wait for `value` if it is over (*settled).
  iree_hal_status_t poll(uint64_t value, bool* settled) const;
  // These two need the lock.
  void insert(Waiter* waiter);
  void remove(Waiter* waiter);
  // Takes the waiters that are due off the list and fires them.
  void notify();

  std::atomic<uint64_t> value_{0};
  std::atomic<iree_hal_status_s*> failure_{nullptr};
  // The lowest value waited for: a signal below it needs no lock.
  std::atomic<uint64_t> lowest_{UINT64_MAX};
  // The stripe's mutex guards:
  Waiter* first_ = nullptr;  // ascending values
  Waiter* last_ = nullptr;
  Device* device_ = nullptr;
};

// Fires waiters, and in the same loop those that firing makes due: a chain of ten thousand needs no
// stack.
void fire_all(Waiter* first);

}  // namespace iree::hal_cpu
#endif  // IREE_HAL_CPU_TIMELINE_H_
