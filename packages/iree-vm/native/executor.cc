#include "executor.h"

#include <chrono>
#include <system_error>
#include <thread>

namespace iree::vm {
namespace {

// Host code is short and waits are not held by threads; two let a long one pass.
constexpr unsigned kThreads = 2;

struct Waiter {
  hal::Ref<Task> task;
  uint64_t wait;
};

}  // namespace

//===----------------------------------------------------------------------===//
// Task
//===----------------------------------------------------------------------===//

void Task::cancel() {
  uint64_t wait;
  {
    std::lock_guard lock(mutex_);
    if (state_ == State::kDone) return;  // the invocation may be somebody else's by now
    cancelled_ = true;
    invocation->cancel();
    if (state_ != State::kWaiting) return;
    wait = wait_;
  }
  wake(wait, hal::make_status(IREE_HAL_CANCELLED, "the invocation was cancelled"));
}

void Task::wake(uint64_t wait, iree_hal_status_t status) {
  hal::Status owned(status);
  {
    std::lock_guard lock(mutex_);
    if (state_ != State::kWaiting || wait_ != wait) return;
    state_ = State::kReady;
    invocation->woken_with = std::move(owned);
  }
  Executor::get().enqueue(hal::Ref<Task>::retain(this));
}

void Task::wait_for(hal::Ref<iree_hal_fence_t> fence) {
  uint64_t wait;
  uint64_t deadline = invocation->deadline_ns;
  bool cancelled;
  {
    std::lock_guard lock(mutex_);
    wait = ++wait_;
    state_ = State::kWaiting;
    cancelled = cancelled_;
  }
  // From here on the task may be running elsewhere, or be done.
  if (cancelled)
    return wake(wait, hal::make_status(IREE_HAL_CANCELLED, "the invocation was cancelled"));
  try {
    if (deadline != IREE_HAL_INFINITE)
      Executor::get().watch(deadline, hal::Ref<Task>::retain(this), wait);
  } catch (const std::bad_alloc&) {
    return wake(wait, hal::out_of_memory());
  }
  auto* waiter = new (std::nothrow) Waiter{hal::Ref<Task>::retain(this), wait};
  if (!waiter) return wake(wait, hal::out_of_memory());
  auto reached = [](void* user_data, iree_hal_status_t status) {
    std::unique_ptr<Waiter> owned(static_cast<Waiter*>(user_data));
    owned->task->wake(owned->wait, status);
  };
  if (iree_hal_status_t status = hal::on_reach(hal::timepoints(fence.get()), reached, waiter)) {
    reached(waiter, status);
  }
}

void Task::step() {
  {
    std::lock_guard lock(mutex_);
    state_ = State::kRunning;
  }
  while (!ended_) {
    std::unique_lock turn(context->turn, std::defer_lock);
    if (context->module->stateful) turn.lock();
    Outcome outcome;
    do {
      outcome = invocation->run();
    } while (outcome == Outcome::kPaused && turn.owns_lock());
    if (turn.owns_lock()) turn.unlock();
    if (outcome == Outcome::kSuspended) return wait_for(invocation->awaited);
    if (outcome != Outcome::kDone) {
      {
        std::lock_guard lock(mutex_);
        state_ = State::kReady;
      }
      return Executor::get().enqueue(hal::Ref<Task>::retain(this));
    }
    ended_ = true;
    if (!invocation->failed() && signal) return wait_for(signal);
  }
  if (hal::Status status = std::move(invocation->woken_with)) {
    invocation->record_failure(status->code, status->message);
  }
  finish();
}

void Task::finish() {
  {
    std::lock_guard lock(mutex_);
    state_ = State::kDone;
  }
  done_(user_data_, *this);
  // The task itself may be held for longer, by a deadline or its caller.
  invocation.reset();
  signal.reset();
  context.reset();
}

//===----------------------------------------------------------------------===//
// Executor
//===----------------------------------------------------------------------===//

Executor& Executor::get() {
  static auto* executor = new Executor();  // its threads outlive static destruction
  return *executor;
}

void Executor::enqueue(hal::Ref<Task> task) {
  std::unique_lock lock(mutex_);
  Task* added = task.release();
  added->next_ = nullptr;
  (last_ready_ ? last_ready_->next_ : first_ready_) = added;
  last_ready_ = added;
  if (idle_ == 0 && threads_ < kThreads) {
    try {
      std::thread([this] { work(); }).detach();
      ++threads_;
    } catch (const std::system_error&) {
      if (threads_ == 0) throw;
    }
  }
  lock.unlock();
  changed_.notify_one();
}

void Executor::watch(uint64_t time, hal::Ref<Task> task, uint64_t wait) {
  std::lock_guard lock(mutex_);
  deadlines_.push({time, std::move(task), wait});
  changed_.notify_one();
}

void Executor::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (!deadlines_.empty() && deadlines_.top().time <= hal::now_ns()) {
      Deadline due = deadlines_.top();
      deadlines_.pop();
      lock.unlock();
      due.task->wake(due.wait,
                     hal::make_status(IREE_HAL_DEADLINE_EXCEEDED, "the invocation's time ran out"));
      due = {};
      lock.lock();
    } else if (first_ready_) {
      auto task = hal::Ref<Task>::adopt(first_ready_);
      first_ready_ = task->next_;
      if (!first_ready_) last_ready_ = nullptr;
      lock.unlock();
      task->step();
      task.reset();
      lock.lock();
    } else {
      ++idle_;
      if (deadlines_.empty()) {
        changed_.wait(lock);
      } else {
        std::chrono::steady_clock::time_point until{
            std::chrono::nanoseconds(deadlines_.top().time)};
        changed_.wait_until(lock, until);
      }
      --idle_;
    }
  }
}

}  // namespace iree::vm
