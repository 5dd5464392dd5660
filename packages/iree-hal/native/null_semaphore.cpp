// A timeline semaphore on the host. Callbacks run after the lock is let go, so that they may use
// the semaphore.
#include <condition_variable>
#include <mutex>

#include "null_driver.h"

namespace iree::hal::null {
namespace {

struct Waiter {
  Waiter* next;
  uint64_t value;
  void (*fn)(void*, iree_hal_status_t);
  void* user_data;
};

struct Semaphore : iree_hal_semaphore_t {
  std::mutex mutex;
  std::condition_variable changed;
  uint64_t value = 0;
  Status failure;
  Waiter* waiters = nullptr;  // those not reached yet

  ~Semaphore() {
    if (!waiters) return;
    call(waiters, make_status(IREE_HAL_CANCELLED, "semaphore destroyed before %llu was reached",
                              (unsigned long long)waiters->value));
  }

  // Calls and frees a list of waiters, each with its own copy of the status; takes the status.
  static void call(Waiter* list, iree_hal_status_t status) {
    while (list) {
      Waiter* next = list->next;
      list->fn(list->user_data, clone_status(status));
      delete list;
      list = next;
    }
    free_status(status);
  }
};

Semaphore* cast(iree_hal_semaphore_t* self) { return static_cast<Semaphore*>(self); }

iree_hal_status_t query(iree_hal_semaphore_t* base, uint64_t* out) {
  Semaphore* self = cast(base);
  std::lock_guard lock(self->mutex);
  if (self->failure) return clone_status(self->failure.get());
  *out = self->value;
  return nullptr;
}

iree_hal_status_t signal(iree_hal_semaphore_t* base, uint64_t value) {
  Semaphore* self = cast(base);
  Waiter* reached = nullptr;
  {
    std::lock_guard lock(self->mutex);
    if (self->failure) return clone_status(self->failure.get());
    if (value <= self->value) {
      return make_status(IREE_HAL_INVALID_ARGUMENT,
                         "semaphore: cannot signal %llu, it is at %llu already",
                         (unsigned long long)value, (unsigned long long)self->value);
    }
    self->value = value;
    Waiter** reached_end = &reached;
    for (Waiter** link = &self->waiters; *link;) {
      Waiter* waiter = *link;
      if (waiter->value > value) {
        link = &waiter->next;
        continue;
      }
      *link = waiter->next;
      waiter->next = nullptr;
      *reached_end = waiter;
      reached_end = &waiter->next;
    }
    self->changed.notify_all();
  }
  Semaphore::call(reached, nullptr);
  return nullptr;
}

void fail(iree_hal_semaphore_t* base, iree_hal_status_t status) {
  Semaphore* self = cast(base);
  Status owned(as_failure(status));
  Waiter* failed;
  iree_hal_status_t copy;
  {
    std::lock_guard lock(self->mutex);
    if (self->failure) return;
    copy = clone_status(owned.get());
    self->failure = std::move(owned);
    failed = std::exchange(self->waiters, nullptr);
    self->changed.notify_all();
  }
  Semaphore::call(failed, copy);
}

iree_hal_status_t wait(iree_hal_semaphore_t* base, uint64_t value, uint64_t deadline_ns) {
  Semaphore* self = cast(base);
  std::unique_lock lock(self->mutex);
  auto done = [&] { return self->failure || self->value >= value; };
  if (deadline_ns > INT64_MAX) {  // chrono is signed; that is 292 years after boot
    self->changed.wait(lock, done);
  } else {
    std::chrono::steady_clock::time_point deadline{std::chrono::nanoseconds(deadline_ns)};
    if (!self->changed.wait_until(lock, deadline, done)) {
      return make_status(IREE_HAL_DEADLINE_EXCEEDED, "semaphore: at %llu when waiting for %llu",
                         (unsigned long long)self->value, (unsigned long long)value);
    }
  }
  return clone_status(self->failure.get());
}

iree_hal_status_t on_reach(iree_hal_semaphore_t* base, uint64_t value,
                           void (*fn)(void*, iree_hal_status_t), void* user_data) {
  Semaphore* self = cast(base);
  iree_hal_status_t status = nullptr;
  {
    std::lock_guard lock(self->mutex);
    if (!self->failure && self->value < value) {
      auto* waiter = new (std::nothrow) Waiter{self->waiters, value, fn, user_data};
      if (!waiter) return out_of_memory();
      self->waiters = waiter;
      return nullptr;
    }
    status = clone_status(self->failure.get());
  }
  fn(user_data, status);
  return nullptr;
}

constexpr iree_hal_semaphore_vtable_t kTable = {
    sizeof(iree_hal_semaphore_vtable_t), IREE_HAL_ABI_VERSION, query, signal, fail, wait, on_reach,
};

}  // namespace

iree_hal_status_t make_semaphore(uint64_t initial_value, iree_hal_semaphore_t** out) {
  auto* self = new (std::nothrow) Semaphore();
  if (!self) return out_of_memory();
  init_object<iree_hal_semaphore_t>(self);
  self->vtable = &kTable;
  self->value = initial_value;
  *out = self;
  return nullptr;
}

}  // namespace iree::hal::null
