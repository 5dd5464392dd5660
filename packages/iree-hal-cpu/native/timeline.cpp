#include "timeline.h"

#include <mutex>

#include "device.h"
#include "futex.h"

namespace iree::hal_cpu {
namespace {

Semaphore* cast(iree_hal_semaphore_t* self) { return static_cast<Semaphore*>(self); }

iree_hal_status_t query(iree_hal_semaphore_t* self, uint64_t* out_value) {
  if (const iree_hal_status_s* failure = cast(self)->failure()) return hal::clone_status(failure);
  *out_value = cast(self)->value();
  return nullptr;
}

iree_hal_status_t on_reach(iree_hal_semaphore_t* self, uint64_t value,
                           void (*fn)(void* user_data, iree_hal_status_t status), void* user_data) {
  struct Callback : Waiter {
    void (*fn)(void*, iree_hal_status_t);
    void* user_data;
  };
  if (!cast(self)->failure() && cast(self)->value() >= value) {
    fn(user_data, nullptr);
    return nullptr;
  }
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
  cast(self)->add(callback);
  return nullptr;
}

constexpr iree_hal_semaphore_vtable_t kVtable = {
    sizeof(kVtable),
    IREE_HAL_ABI_VERSION,
    query,
    [](iree_hal_semaphore_t* self, uint64_t value) { return cast(self)->signal(value); },
    [](iree_hal_semaphore_t* self, iree_hal_status_t status) { cast(self)->fail(status); },
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

struct Sleeper : Waiter {
  Sleeper(Semaphore* semaphore, uint64_t value) : semaphore(semaphore) {
    this->value = value;
    fire = [](Waiter* waiter, iree_hal_status_t status) {
      auto* sleeper = static_cast<Sleeper*>(waiter);
      sleeper->status = status;
      // The sleeper's stack frame may go with this store.
      sleeper->woken.store(1, std::memory_order_release);
      futex_wake(&sleeper->woken);
    };
  }

  Semaphore* semaphore;
  std::atomic<uint32_t> woken{0};
  // In the stripe's list.
  Sleeper* next_asleep = nullptr;
  Sleeper* previous_asleep = nullptr;
};

struct alignas(64) Semaphore::Stripe {
  std::mutex mutex;
  Sleeper* asleep = nullptr;

  void enlist(Sleeper* sleeper) {
    std::lock_guard lock(mutex);
    sleeper->next_asleep = asleep;
    if (asleep) asleep->previous_asleep = sleeper;
    asleep = sleeper;
  }
  void strike(Sleeper* sleeper) {
    std::lock_guard lock(mutex);
    (sleeper->previous_asleep ? sleeper->previous_asleep->next_asleep : asleep) =
        sleeper->next_asleep;
    if (sleeper->next_asleep) sleeper->next_asleep->previous_asleep = sleeper->previous_asleep;
  }
};

namespace {
constexpr unsigned kStripes = 32;
}
constinit Semaphore::Stripe Semaphore::stripes_[kStripes];

Semaphore::Stripe& Semaphore::stripe() const {
  // Semaphores come from malloc, mostly some hundred bytes apart.
  auto address = reinterpret_cast<uintptr_t>(this);
  return stripes_[(address >> 6 ^ address >> 12) % kStripes];
}

void Semaphore::before_fork() {
  for (Stripe& stripe : stripes_) stripe.mutex.lock();
}

void Semaphore::after_fork(bool in_child) {
  for (Stripe& stripe : stripes_) {
    for (; in_child && stripe.asleep; stripe.asleep = stripe.asleep->next_asleep) {
      if (stripe.asleep->listed) stripe.asleep->semaphore->remove(stripe.asleep);
    }
    stripe.mutex.unlock();
  }
}

void fire_all(Waiter* waiter) {
  Firing& queue = firing;
  while (waiter) {
    Waiter* next = waiter->next;
    waiter->next = nullptr;
    (queue.last ? queue.last->next : queue.first) = waiter;
    queue.last = waiter;
    waiter = next;
  }
  if (queue.active) return;
  queue.active = true;
  while (Waiter* due = queue.first) {
    queue.first = due->next;
    if (!queue.first) queue.last = nullptr;
    due->fire(due, due->status);
  }
  queue.active = false;
}

iree_hal_status_t Semaphore::create(Device* device, uint64_t initial_value,
                                    iree_hal_semaphore_t** out) {
  auto* semaphore = new (std::nothrow) Semaphore();
  if (!semaphore) return hal::out_of_memory();
  hal::init_object<iree_hal_semaphore_t>(semaphore);
  semaphore->vtable = &kVtable;
  semaphore->value_.store(initial_value, std::memory_order_relaxed);
  iree_hal_retain(device);
  semaphore->device_ = device;
  *out = semaphore;
  return nullptr;
}

Semaphore* Semaphore::from(iree_hal_semaphore_t* semaphore) {
  return semaphore->vtable == &kVtable ? cast(semaphore) : nullptr;
}

Semaphore::~Semaphore() {
  for (Waiter* waiter = first_; waiter; waiter = waiter->next) {
    waiter->status = hal::make_status(
        IREE_HAL_CANCELLED, "the semaphore was destroyed before it reached %llu (it was at %llu)",
        (unsigned long long)waiter->value, (unsigned long long)value());
  }
  fire_all(first_);
  hal::free_status(failure_.load());
  iree_hal_release(device_);
}

iree_hal_status_t Semaphore::signal(uint64_t value) {
  uint64_t current = value_.load(std::memory_order_relaxed);
  do {
    if (const iree_hal_status_s* failure = this->failure()) return hal::clone_status(failure);
    if (value <= current) {
      return hal::make_status(IREE_HAL_INVALID_ARGUMENT,
                              "a semaphore at %llu cannot be signalled to %llu: values only grow",
                              (unsigned long long)current, (unsigned long long)value);
    }
  } while (!value_.compare_exchange_weak(current, value, std::memory_order_seq_cst));
  // A waiter writes `lowest_` before it reads the value, we the other way round: one sees the
  // other.
  if (value >= lowest_.load(std::memory_order_seq_cst)) notify();
  return nullptr;
}

void Semaphore::fail(iree_hal_status_t status) {
  status = hal::as_failure(status);
  iree_hal_status_s* none = nullptr;
  if (!failure_.compare_exchange_strong(none, status, std::memory_order_seq_cst)) {
    hal::free_status(status);
    return;
  }
  notify();
}

void Semaphore::notify() {
  Waiter* due = nullptr;
  {
    std::lock_guard lock(stripe().mutex);
    const iree_hal_status_s* failure = failure_.load(std::memory_order_seq_cst);
    uint64_t value = value_.load(std::memory_order_seq_cst);
    Waiter* end = first_;
    while (end && (failure || end->value <= value)) {
      end->status = hal::clone_status(failure);
      end->listed = false;
      end = end->next;
    }
    if (end == first_) return;
    due = first_;
    first_ = end;
    if (end) {
      end->previous->next = nullptr;
      end->previous = nullptr;
    } else {
      last_ = nullptr;
    }
    lowest_.store(first_ ? first_->value : UINT64_MAX, std::memory_order_seq_cst);
  }
  fire_all(due);
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
  lowest_.store(first_->value, std::memory_order_seq_cst);
}

void Semaphore::remove(Waiter* waiter) {
  (waiter->previous ? waiter->previous->next : first_) = waiter->next;
  (waiter->next ? waiter->next->previous : last_) = waiter->previous;
  waiter->listed = false;
  lowest_.store(first_ ? first_->value : UINT64_MAX, std::memory_order_seq_cst);
}

void Semaphore::add(Waiter* waiter) {
  {
    std::lock_guard lock(stripe().mutex);
    insert(waiter);
    const iree_hal_status_s* failure = failure_.load(std::memory_order_seq_cst);
    if (!failure && value_.load(std::memory_order_seq_cst) < waiter->value) return;
    remove(waiter);
    waiter->next = nullptr;
    waiter->status = hal::clone_status(failure);
  }
  fire_all(waiter);
}

iree_hal_status_t Semaphore::poll(uint64_t value, bool* settled) const {
  *settled = true;
  if (const iree_hal_status_s* failure = this->failure()) return hal::clone_status(failure);
  *settled = this->value() >= value;
  return nullptr;
}

iree_hal_status_t Semaphore::wait(uint64_t value, uint64_t deadline_ns) {
  bool settled;
  iree_hal_status_t status = poll(value, &settled);
  if (settled) return status;
  auto too_late = [&] {
    return hal::make_status(IREE_HAL_DEADLINE_EXCEEDED,
                            "the semaphore did not reach %llu in time (it is at %llu)",
                            (unsigned long long)value, (unsigned long long)this->value());
  };
  if (deadline_ns == 0) return too_late();
  IREE_HAL_TRY(device_->help_until(*this, value, deadline_ns));
  status = poll(value, &settled);
  if (settled) return status;

  Sleeper sleeper(this, value);
  stripe().enlist(&sleeper);
  add(&sleeper);
  while (!sleeper.woken.load(std::memory_order_acquire)) {
    if (deadline_ns != IREE_HAL_INFINITE && hal::now_ns() >= deadline_ns) {
      std::lock_guard lock(stripe().mutex);
      if (sleeper.listed) {
        remove(&sleeper);
        sleeper.status = too_late();
        break;
      }
      // Whoever took it off the list will wake it right away.
      deadline_ns = IREE_HAL_INFINITE;
    }
    futex_wait(&sleeper.woken, 0, deadline_ns);
  }
  stripe().strike(&sleeper);
  return sleeper.status;
}

}  // namespace iree::hal_cpu
