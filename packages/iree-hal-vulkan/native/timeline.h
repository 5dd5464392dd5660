// The HAL's semaphores. They live on the host: Vulkan's timeline semaphores cannot fail, may not
// jump by more than a limit, and a queue that waits for what is submitted to it later waits for
// ever. Work of one device is ordered by its queue instead, and what it has been told to signal is
// promised to those who wait on the same queue.
#ifndef IREE_HAL_VULKAN_TIMELINE_H_
#define IREE_HAL_VULKAN_TIMELINE_H_

#include <mutex>
#include <vector>

#include "vulkan.h"

namespace iree::hal_vulkan {

class Device;

// Something that waits for a value. `fire` runs once, outside all locks, never nested in another
// `fire`, and may free the waiter; it owns `status`.
struct Waiter {
  uint64_t value = 0;
  // Content with a promise of this device's queue; NULL for the value itself.
  const Device* content_with = nullptr;
  void (*fire)(Waiter* self, iree_hal_status_t status) = nullptr;
  // Belongs to the semaphore, then to the thread that fires.
  Waiter* next = nullptr;
  Waiter* previous = nullptr;
  bool listed = false;
  iree_hal_status_t status = nullptr;
};

// Waiters that are due, to be fired when no lock is held.
class Due {
 public:
  Due() = default;
  Due(const Due&) = delete;
  Due& operator=(const Due&) = delete;
  ~Due() { fire(); }
  void add(Waiter* waiter);
  // Fires them, and in the same loop those that firing makes due: a long chain needs no stack.
  void fire();

 private:
  Waiter* first_ = nullptr;
  Waiter* last_ = nullptr;
};

class Semaphore : public iree_hal_semaphore_t {
 public:
  static iree_hal_status_t create(Device* device, uint64_t initial_value,
                                  iree_hal_semaphore_t** out);
  // NULL if the semaphore belongs to another driver.
  static Semaphore* from(iree_hal_semaphore_t* semaphore);
  ~Semaphore();

  iree_hal_status_t query(uint64_t* out);
  iree_hal_status_t signal(uint64_t value, Due* due);
  // Takes the status.
  void fail(iree_hal_status_t status, Due* due);
  iree_hal_status_t wait(uint64_t value, uint64_t deadline_ns);
  // Fires the waiter once it is content or the semaphore fails or goes away; at once if that is so
  // already.
  void add(Waiter* waiter, Due* due);
  // Whether `waiter` would be content now.
  bool is_content(const Waiter& waiter);

  const Device* device() const { return device_; }

  // The device's submission `serial` will signal `value`; whether somebody waits for the value
  // itself.
  bool promise(uint64_t value, uint64_t serial, Due* due);
  // It does, or fails with the status if there is one, which is taken.
  void keep(uint64_t value, uint64_t serial, iree_hal_status_t failure, Due* due);

 private:
  struct Promise {
    uint64_t value, serial;
  };
  Semaphore() = default;
  // These need the lock.
  bool settles(const Waiter& waiter) const;
  void insert(Waiter* waiter);
  void remove(Waiter* waiter);
  void collect(Due* due);
  // The earliest submission of `device_` after which `value` is reached; 0 if none is known.
  uint64_t promised_by(uint64_t value) const;

  std::mutex mutex_;
  uint64_t value_ = 0;
  iree_hal_status_t failure_ = nullptr;
  std::vector<Promise> promises_;  // ascending serials; few
  Waiter* first_ = nullptr;        // ascending values
  Waiter* last_ = nullptr;
  Device* device_ = nullptr;  // retained
};

}  // namespace iree::hal_vulkan
#endif  // IREE_HAL_VULKAN_TIMELINE_H_
