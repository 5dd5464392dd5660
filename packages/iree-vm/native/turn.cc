#include "turn.h"

#include <pthread.h>

#include <chrono>
#include <condition_variable>

namespace iree::vm {

uint32_t fork_count() {
  static std::atomic<uint32_t> forks{0};
  static const int registered =
      pthread_atfork(nullptr, nullptr, [] { forks.fetch_add(1, std::memory_order_relaxed); });
  (void)registered;  // without memory for it forks go unnoticed
  return forks.load(std::memory_order_relaxed);
}

bool Turn::try_take() {
  uint32_t state = state_.load(std::memory_order_relaxed);
  while (!(state & kTaken)) {
    if (!state_.compare_exchange_weak(state, state | kTaken)) continue;
    forks_.store(fork_count(), std::memory_order_relaxed);
    return true;
  }
  return false;
}

bool Turn::take_or_queue(Waiter* waiter) {
  if (try_take()) return true;
  if (forks_.load(std::memory_order_relaxed) != fork_count()) {
    throw hal::Error(hal::make_status(
        IREE_HAL_UNAVAILABLE,
        "this process was forked while a call of this module, which keeps state, was under way; "
        "load the module again, or fork before using it"));
  }
  std::lock_guard lock(mutex_);
  // From here on whoever gives it comes through the lock.
  state_.fetch_or(kAwaited);
  if (try_take()) return true;
  Waiter** link = &first_;
  while (*link && (!waiter->passed_over || (*link)->passed_over)) link = &(*link)->next;
  waiter->next = *link;
  waiter->queued = true;
  *link = waiter;
  return false;
}

bool Turn::take_within(uint64_t interval_ns, bool passed_over) {
  struct Sleeper : Waiter {
    std::condition_variable woken;
    bool handed = false;
  } sleeper;
  sleeper.passed_over = passed_over;
  sleeper.ready = [](Waiter* self, bool handed) {
    auto* sleeper = static_cast<Sleeper*>(self);
    sleeper->handed = handed;
    sleeper->woken.notify_one();
    return true;
  };
  // Of the system's clock, which the thread sanitizer understands.
  auto until = std::chrono::system_clock::now() + std::chrono::nanoseconds(interval_ns);
  while (!take_or_queue(&sleeper)) {
    std::unique_lock lock(mutex_);
    if (!sleeper.woken.wait_until(lock, until, [&] { return !sleeper.queued; })) {
      Waiter** link = &first_;
      while (*link != &sleeper) link = &(*link)->next;
      *link = sleeper.next;
      return false;
    }
    if (sleeper.handed) return true;
    sleeper.passed_over = true;
  }
  return true;
}

void Turn::after_fork(bool in_child) {
  if (in_child) {
    first_ = nullptr;
    state_.fetch_and(~kAwaited);
  }
  mutex_.unlock();
}

Turn::Waiter* Turn::pop() {
  Waiter* waiter = first_;
  if (waiter) {
    first_ = waiter->next;
    waiter->queued = false;
  }
  return waiter;
}

void Turn::give() {
  uint32_t alone = kTaken;
  if (state_.compare_exchange_strong(alone, 0)) return;
  std::lock_guard lock(mutex_);
  while (first_ && first_->passed_over) {
    Waiter* waiter = pop();
    if (waiter->ready(waiter, true)) return;
  }
  state_.fetch_and(~kTaken);
  while (Waiter* waiter = pop()) {
    if (waiter->ready(waiter, false)) break;
  }
  if (!first_) state_.fetch_and(~kAwaited);
}

}  // namespace iree::vm
