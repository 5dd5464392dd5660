#include "timeline.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <limits>

#include "device.h"

namespace iree::hal_vulkan {
namespace {

Semaphore* cast(iree_hal_semaphore_t* self) { return static_cast<Semaphore*>(self); }

iree_hal_status_t on_reach(iree_hal_semaphore_t* self, uint64_t value,
                           void (*fn)(void* user_data, iree_hal_status_t status), void* user_data) {
  struct Callback : Waiter {
    void (*fn)(void*, iree_hal_status_t);
    void* user_data;
  };
  auto* callback = new (std::nothrow) Callback();
  if (!callback) return hal::out_of_memory();
  callback->value = value;
  callback->fn = fn;
  callback->user_data = user_data;
  callback->fire = [](Waiter* waiter, iree_hal_status_t status) {
    auto* callback = static_cast<Callback*>(waiter);
    callback->fn(callback->user_data, status);
    delete callback;
  };
  Due due;
  cast(self)->add(callback, &due);
  return nullptr;
}

constexpr iree_hal_semaphore_vtable_t kVtable = {
    sizeof(kVtable),
    IREE_HAL_ABI_VERSION,
    [](iree_hal_semaphore_t* self, uint64_t* out) { return cast(self)->query(out); },
    [](iree_hal_semaphore_t* self, uint64_t value) {
      Due due;
      return cast(self)->signal(value, &due);
    },
    [](iree_hal_semaphore_t* self, iree_hal_status_t status) {
      Due due;
      cast(self)->fail(status, &due);
    },
    [](iree_hal_semaphore_t* self, uint64_t value, uint64_t deadline_ns) {
      return cast(self)->wait(value, deadline_ns);
    },
    on_reach,
};

// What this thread has to fire; `active` while it does.
struct Firing {
  Waiter* first = nullptr;
  Waiter* last = nullptr;
  bool active = false;
};
thread_local Firing firing;

}  // namespace

void Due::add(Waiter* waiter) {
  waiter->next = nullptr;
  (last_ ? last_->next : first_) = waiter;
  last_ = waiter;
}

void Due::fire() {
  if (!first_) return;
  Firing& queue = firing;
  (queue.last ? queue.last->next : queue.first) = first_;
  queue.last = last_;
  first_ = last_ = nullptr;
  if (queue.active) return;
  queue.active = true;
  while (Waiter* waiter = queue.first) {
    queue.first = waiter->next;
    if (!queue.first) queue.last = nullptr;
    waiter->fire(waiter, waiter->status);
  }
  queue.active = false;
}

iree_hal_status_t Semaphore::create(Device* device, uint64_t initial_value,
                                    iree_hal_semaphore_t** out) {
  auto* semaphore = new (std::nothrow) Semaphore();
  if (!semaphore) return hal::out_of_memory();
  hal::init_object<iree_hal_semaphore_t>(semaphore);
  semaphore->vtable = &kVtable;
  semaphore->value_ = initial_value;
  iree_hal_retain(device);
  semaphore->device_ = device;
  *out = semaphore;
  return nullptr;
}

Semaphore* Semaphore::from(iree_hal_semaphore_t* semaphore) {
  return semaphore->vtable == &kVtable ? cast(semaphore) : nullptr;
}

Semaphore::~Semaphore() {
  {
    Due due;
    for (Waiter *waiter = first_, *next; waiter; waiter = next) {
      next = waiter->next;
      waiter->status = hal::make_status(
          IREE_HAL_CANCELLED, "the semaphore was destroyed before it reached %llu (it was at %llu)",
          (unsigned long long)waiter->value, (unsigned long long)value_);
      due.add(waiter);
    }
  }
  hal::free_status(failure_);
  iree_hal_release(device_);
}

bool Semaphore::settles(const Waiter& waiter) const {
  if (failure_ || value_ >= waiter.value) return true;
  return waiter.content_with == device_ && promised_by(waiter.value) != 0;
}

uint64_t Semaphore::promised_by(uint64_t value) const {
  for (const Promise& promise : promises_) {
    if (promise.value >= value) return promise.serial;
  }
  return 0;
}

bool Semaphore::is_content(const Waiter& waiter) {
  std::lock_guard lock(mutex_);
  return settles(waiter);
}

iree_hal_status_t Semaphore::query(uint64_t* out) {
  bool promised;
  {
    std::lock_guard lock(mutex_);
    promised = !promises_.empty();
  }
  if (promised) device_->queue().poll();
  std::lock_guard lock(mutex_);
  if (failure_) return hal::clone_status(failure_);
  *out = value_;
  return nullptr;
}

iree_hal_status_t Semaphore::signal(uint64_t value, Due* due) {
  std::lock_guard lock(mutex_);
  if (failure_) return hal::clone_status(failure_);
  if (value <= value_) {
    return hal::make_status(IREE_HAL_INVALID_ARGUMENT,
                            "a semaphore at %llu cannot be signalled to %llu: values only grow",
                            (unsigned long long)value_, (unsigned long long)value);
  }
  value_ = value;
  collect(due);
  return nullptr;
}

void Semaphore::fail(iree_hal_status_t status, Due* due) {
  std::lock_guard lock(mutex_);
  if (failure_) return hal::free_status(status);
  failure_ = hal::as_failure(status);
  collect(due);
}

void Semaphore::collect(Due* due) {
  for (Waiter *waiter = first_, *next; waiter; waiter = next) {
    next = waiter->next;
    if (!settles(*waiter)) continue;
    remove(waiter);
    waiter->status = hal::clone_status(failure_);
    due->add(waiter);
  }
}

void Semaphore::insert(Waiter* waiter) {
  // Later waiters mostly wait for later values.
  Waiter* before = last_;
  while (before && before->value > waiter->value) before = before->previous;
  waiter->previous = before;
  waiter->next = before ? before->next : first_;
  (before ? before->next : first_) = waiter;
  (waiter->next ? waiter->next->previous : last_) = waiter;
  waiter->listed = true;
}

void Semaphore::remove(Waiter* waiter) {
  (waiter->previous ? waiter->previous->next : first_) = waiter->next;
  (waiter->next ? waiter->next->previous : last_) = waiter->previous;
  waiter->listed = false;
}

void Semaphore::add(Waiter* waiter, Due* due) {
  uint64_t wanted = 0;
  {
    std::lock_guard lock(mutex_);
    if (settles(*waiter)) {
      waiter->status = hal::clone_status(failure_);
      return due->add(waiter);
    }
    insert(waiter);
    wanted = promised_by(waiter->value);
  }
  if (wanted) device_->queue().want(wanted);
}

bool Semaphore::promise(uint64_t value, uint64_t serial, Due* due) {
  std::lock_guard lock(mutex_);
  promises_.push_back({value, serial});
  collect(due);
  return first_ && first_->value <= value;
}

void Semaphore::keep(uint64_t value, uint64_t serial, iree_hal_status_t failure, Due* due) {
  std::lock_guard lock(mutex_);
  auto kept = std::find_if(promises_.begin(), promises_.end(), [&](const Promise& promise) {
    return promise.serial == serial && promise.value == value;
  });
  if (kept != promises_.end()) promises_.erase(kept);
  if (failure_) return hal::free_status(failure);
  if (!failure && value <= value_) {
    failure = hal::make_status(IREE_HAL_INVALID_ARGUMENT,
                               "a semaphore at %llu cannot be signalled to %llu: values only grow",
                               (unsigned long long)value_, (unsigned long long)value);
  }
  failure_ = failure;
  if (!failure) value_ = value;
  collect(due);
}

iree_hal_status_t Semaphore::wait(uint64_t value, uint64_t deadline_ns) {
  struct Sleeper : Waiter {
    std::mutex mutex;
    std::condition_variable wake;
    bool woken = false;
  };
  for (;;) {
    uint64_t serial;
    {
      std::lock_guard lock(mutex_);
      if (failure_) return hal::clone_status(failure_);
      if (value_ >= value) return nullptr;
      serial = promised_by(value);
    }
    // The device is working on it: wait for that itself, so that no other thread has to wake this
    // one.
    if (serial) {
      Queue& queue = device_->queue();
      if (queue.wait(serial, deadline_ns)) {
        queue.retire(serial);
        continue;
      }
    }
    auto too_late = [&] {
      std::lock_guard lock(mutex_);
      return hal::make_status(IREE_HAL_DEADLINE_EXCEEDED,
                              "the semaphore did not reach %llu in time (it is at %llu)",
                              (unsigned long long)value, (unsigned long long)value_);
    };
    if (serial || deadline_ns == 0) return too_late();

    Sleeper sleeper;
    sleeper.value = value;
    sleeper.content_with = device_;
    sleeper.fire = [](Waiter* waiter, iree_hal_status_t status) {
      auto* sleeper = static_cast<Sleeper*>(waiter);
      hal::free_status(status);  // found again above
      std::lock_guard lock(sleeper->mutex);
      sleeper->woken = true;
      sleeper->wake.notify_one();  // under the lock: the sleeper may go right after it
    };
    {
      Due due;
      add(&sleeper, &due);
    }
    std::unique_lock lock(sleeper.mutex);
    auto woken = [&] { return sleeper.woken; };
    if (deadline_ns == IREE_HAL_INFINITE) {
      sleeper.wake.wait(lock, woken);
      continue;
    }
    // The steady clock is CLOCK_MONOTONIC.
    std::chrono::steady_clock::time_point deadline{std::chrono::nanoseconds(
        std::min<uint64_t>(deadline_ns, std::numeric_limits<int64_t>::max()))};
    if (sleeper.wake.wait_until(lock, deadline, woken)) continue;
    lock.unlock();
    {
      std::lock_guard own(mutex_);
      if (sleeper.listed) {
        remove(&sleeper);
        deadline_ns = 0;
      }
    }
    if (deadline_ns == 0) return too_late();
    // Whoever took it off the list will wake it right away.
    lock.lock();
    sleeper.wake.wait(lock, woken);
  }
}

}  // namespace iree::hal_vulkan
