#include "executor.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <system_error>
#include <thread>
#include <utility>

namespace iree::vm {
namespace {

// Host code is short and waits are not held by threads; two let a long one pass.
constexpr unsigned kThreads = 2;

// What wakes a task when a fence is reached.
struct FenceWait {
  hal::Ref<Task> task;
  uint64_t wait;
};

// What wakes a task when it may be its turn.
struct TurnWait : Turn::Waiter {
  hal::Ref<Task> task;
  uint64_t wait;
};

}  // namespace

//===----------------------------------------------------------------------===//
// Task
//===----------------------------------------------------------------------===//

void Task::cancel() {
  uint64_t wait;
  if (forks_ != fork_count()) return;  // the parent's
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

bool Task::wake(uint64_t wait, iree_hal_status_t status, bool handed) {
  hal::Status owned(status);
  if (forks_ != fork_count()) return false;  // the parent's
  {
    std::lock_guard lock(mutex_);
    if (state_ != State::kWaiting || wait_ != wait) return false;
    state_ = State::kReady;
    has_turn_ = handed;
    invocation->woken_with = std::move(owned);
  }
  Executor::get().enqueue(hal::Ref<Task>::retain(this));
  return true;
}

bool Task::is_in(uint64_t wait) {
  std::lock_guard lock(mutex_);
  return state_ == State::kWaiting && wait_ == wait;
}

uint64_t Task::begin_wait() {
  uint64_t wait, deadline = invocation->deadline_ns;
  bool cancelled;
  {
    std::lock_guard lock(mutex_);
    wait = ++wait_;
    state_ = State::kWaiting;
    cancelled = cancelled_;
  }
  if (cancelled) {
    wake(wait, hal::make_status(IREE_HAL_CANCELLED, "the invocation was cancelled"));
    return 0;
  }
  try {
    if (deadline != IREE_HAL_INFINITE)
      Executor::get().watch(deadline, hal::Ref<Task>::retain(this), wait);
  } catch (const std::bad_alloc&) {
    wake(wait, hal::out_of_memory());
    return 0;
  }
  return wait;
}

void Task::wait_for(hal::Ref<iree_hal_fence_t> fence) {
  uint64_t wait = begin_wait();
  if (!wait) return;
  auto* waiter = new (std::nothrow) FenceWait{hal::Ref<Task>::retain(this), wait};
  if (!waiter) return (void)wake(wait, hal::out_of_memory());
  auto reached = [](void* user_data, iree_hal_status_t status) {
    std::unique_ptr<FenceWait> owned(static_cast<FenceWait*>(user_data));
    owned->task->wake(owned->wait, status);
  };
  if (iree_hal_status_t status = hal::on_reach(hal::timepoints(fence.get()), reached, waiter)) {
    reached(waiter, status);
  }
}

void Task::wait_for_turn() {
  // Both outlive what happens to this task in the meantime.
  hal::Ref<Context> owner = context;
  bool passed_over = std::exchange(passed_over_, true);
  uint64_t wait = begin_wait();
  if (!wait) return;
  auto* waiter = new (std::nothrow) TurnWait();
  if (!waiter) return (void)wake(wait, hal::out_of_memory());
  waiter->task = hal::Ref<Task>::retain(this);
  waiter->wait = wait;
  waiter->passed_over = passed_over;
  waiter->ready = [](Turn::Waiter* self, bool handed) {
    std::unique_ptr<TurnWait> owned(static_cast<TurnWait*>(self));
    return owned->task->wake(owned->wait, nullptr, handed);
  };
  bool taken = false;
  try {
    taken = owner->turn.take_or_queue(waiter);
    if (!taken) return;
  } catch (const hal::Error& error) {
    wake(wait, hal::make_status(error.code(), "%s", error.what()));
  }
  bool wanted = taken && wake(wait, nullptr, true);
  delete waiter;
  if (taken && !wanted) owner->turn.give();
}

void Task::step() {
  {
    std::lock_guard lock(mutex_);
    state_ = State::kRunning;
  }
  const bool stateful = context->module->stateful;
  while (!ended_) {
    if (stateful && !has_turn_) {
      // A failure needs no turn: it is a matter of this invocation only.
      if (hal::Status status = std::move(invocation->woken_with)) {
        invocation->record_failure(status->code, status->message);
        ended_ = true;
        break;
      }
      has_turn_ = context->turn.try_take();
      if (!has_turn_) return wait_for_turn();
    }
    passed_over_ = false;
    Outcome outcome;
    do {
      outcome = invocation->run();
    } while (outcome == Outcome::kPaused && has_turn_);
    if (std::exchange(has_turn_, false)) context->turn.give();
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

void Executor::after_fork(bool in_child) {
  if (in_child) {
    // What the parent's tasks hold is not released: threads that are not here may have been at it.
    (void)new (std::nothrow) std::vector<Deadline>(std::move(deadlines_));
    deadlines_ = {};
    clear_at_ = kFewDeadlines;
    first_ready_ = last_ready_ = nullptr;
    threads_ = idle_ = 0;
    new (&changed_) std::condition_variable();
  }
  mutex_.unlock();
}

void Executor::enqueue(hal::Ref<Task> task) {
  std::unique_lock lock(mutex_);
  if (idle_ == 0 && threads_ < kThreads) {
    try {
      std::thread([this] { work(); }).detach();
      ++threads_;
    } catch (const std::system_error& error) {
      if (threads_ == 0) {
        throw hal::Error(hal::make_status(IREE_HAL_RESOURCE_EXHAUSTED,
                                          "no thread to run the call on: %s", error.what()));
      }
    }
  }
  Task* added = task.release();
  added->next_ = nullptr;
  (last_ready_ ? last_ready_->next_ : first_ready_) = added;
  last_ready_ = added;
  lock.unlock();
  changed_.notify_one();
}

void Executor::watch(uint64_t time, hal::Ref<Task> task, uint64_t wait) {
  std::vector<Deadline> over;  // goes after the lock
  std::lock_guard lock(mutex_);
  if (deadlines_.size() >= clear_at_) {
    over.reserve(deadlines_.size());
    auto first_over = std::partition(deadlines_.begin(), deadlines_.end(),
                                     [](const Deadline& d) { return d.task->is_in(d.wait); });
    std::move(first_over, deadlines_.end(), std::back_inserter(over));
    deadlines_.erase(first_over, deadlines_.end());
    std::make_heap(deadlines_.begin(), deadlines_.end());
    clear_at_ = std::max(kFewDeadlines, 2 * deadlines_.size());
  }
  deadlines_.push_back({time, std::move(task), wait});
  std::push_heap(deadlines_.begin(), deadlines_.end());
  changed_.notify_one();
}

void Executor::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (!deadlines_.empty() && deadlines_.front().time <= hal::now_ns()) {
      std::pop_heap(deadlines_.begin(), deadlines_.end());
      Deadline due = std::move(deadlines_.back());
      deadlines_.pop_back();
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
            std::chrono::nanoseconds(deadlines_.front().time)};
        changed_.wait_until(lock, until);
      }
      --idle_;
    }
  }
}

}  // namespace iree::vm
