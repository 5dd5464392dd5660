#include "timeline.h"

#include <algorithm>
#include <chrono>

namespace iree::hal_webgpu {

using hal::clone_status;
using hal::make_status;

iree_hal_status_t Semaphore::make(uint64_t device, uint64_t initial_value,
                                  iree_hal_semaphore_t** out) {
  auto* self = new (std::nothrow) Semaphore(device, initial_value);
  if (!self) return hal::out_of_memory();
  hal::init_object<iree_hal_semaphore_t>(self);
  self->vtable = &kTable;
  *out = self;
  return nullptr;
}

Semaphore* Semaphore::cast(iree_hal_semaphore_t* semaphore, uint64_t device) {
  if (semaphore->vtable != &kTable) return nullptr;
  auto* self = static_cast<Semaphore*>(semaphore);
  return self->device_ == device ? self : nullptr;
}

Semaphore::~Semaphore() {
  if (!waiters_) return;
  call(waiters_, make_status(IREE_HAL_CANCELLED, "semaphore destroyed before %llu was reached",
                             (unsigned long long)waiters_->value));
}

void Semaphore::call(Waiter* list, iree_hal_status_t status) {
  while (list) {
    Waiter* next = list->next;
    list->fn(list->user_data, clone_status(status));
    delete list;
    list = next;
  }
  hal::free_status(status);
}

Semaphore::Waiter* Semaphore::take_done() {
  Waiter* done = nullptr;
  Waiter** done_end = &done;
  last_ = &waiters_;
  while (Waiter* waiter = *last_) {
    if (!is_done(*waiter)) {
      last_ = &waiter->next;
      continue;
    }
    *last_ = waiter->next;
    waiter->next = nullptr;
    *done_end = waiter;
    done_end = &waiter->next;
  }
  return done;
}

iree_hal_status_t Semaphore::query(iree_hal_semaphore_t* base, uint64_t* out) {
  auto* self = static_cast<Semaphore*>(base);
  std::lock_guard lock(self->mutex_);
  if (self->failure_) return clone_status(self->failure_.get());
  *out = self->value_;
  return nullptr;
}

iree_hal_status_t Semaphore::signal(iree_hal_semaphore_t* base, uint64_t value) {
  auto* self = static_cast<Semaphore*>(base);
  Waiter* reached;
  {
    std::lock_guard lock(self->mutex_);
    if (self->failure_) return clone_status(self->failure_.get());
    if (value <= self->value_) {
      return make_status(IREE_HAL_INVALID_ARGUMENT,
                         "semaphore: cannot signal %llu, it is at %llu already",
                         (unsigned long long)value, (unsigned long long)self->value_);
    }
    self->value_ = value;
    reached = self->take_done();
    self->changed_.notify_all();
  }
  call(reached, nullptr);
  return nullptr;
}

void Semaphore::schedule(uint64_t value) {
  Waiter* ready;
  {
    std::lock_guard lock(mutex_);
    if (failure_ || value <= scheduled_) return;
    scheduled_ = value;
    ready = take_done();
  }
  call(ready, nullptr);
}

void Semaphore::fail(iree_hal_semaphore_t* base, iree_hal_status_t status) {
  auto* self = static_cast<Semaphore*>(base);
  hal::Status owned(hal::as_failure(status));
  Waiter* failed;
  iree_hal_status_t copy;
  {
    std::lock_guard lock(self->mutex_);
    if (self->failure_) return;
    copy = clone_status(owned.get());
    self->failure_ = std::move(owned);
    failed = std::exchange(self->waiters_, nullptr);
    self->last_ = &self->waiters_;
    self->changed_.notify_all();
  }
  call(failed, copy);
}

iree_hal_status_t Semaphore::wait(iree_hal_semaphore_t* base, uint64_t value,
                                  uint64_t deadline_ns) {
  auto* self = static_cast<Semaphore*>(base);
  std::unique_lock lock(self->mutex_);
  auto done = [&] { return self->failure_ || self->value_ >= value; };
  if (deadline_ns > INT64_MAX) {  // chrono is signed; that is 292 years after boot
    self->changed_.wait(lock, done);
  } else {
    std::chrono::steady_clock::time_point deadline{std::chrono::nanoseconds(deadline_ns)};
    if (!self->changed_.wait_until(lock, deadline, done)) {
      return make_status(IREE_HAL_DEADLINE_EXCEEDED, "semaphore: at %llu when waiting for %llu",
                         (unsigned long long)self->value_, (unsigned long long)value);
    }
  }
  return clone_status(self->failure_.get());
}

iree_hal_status_t Semaphore::add(uint64_t value, bool early, Callback fn, void* user_data) {
  iree_hal_status_t status = nullptr;
  {
    std::lock_guard lock(mutex_);
    Waiter waiter = {nullptr, value, early, fn, user_data};
    if (!failure_ && !is_done(waiter)) {
      auto* kept = new (std::nothrow) Waiter(waiter);
      if (!kept) return hal::out_of_memory();
      *last_ = kept;
      last_ = &kept->next;
      return nullptr;
    }
    status = clone_status(failure_.get());
  }
  fn(user_data, status);
  return nullptr;
}

iree_hal_status_t Semaphore::on_reach(iree_hal_semaphore_t* base, uint64_t value, Callback fn,
                                      void* user_data) {
  return static_cast<Semaphore*>(base)->add(value, false, fn, user_data);
}

iree_hal_status_t Semaphore::on_scheduled(uint64_t value, Callback fn, void* user_data) {
  return add(value, true, fn, user_data);
}

constinit const iree_hal_semaphore_vtable_t Semaphore::kTable = {
    sizeof(iree_hal_semaphore_vtable_t), IREE_HAL_ABI_VERSION, query, signal, fail, wait, on_reach,
};

}  // namespace iree::hal_webgpu
