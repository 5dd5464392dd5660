// Runs invocations that nobody waits for with a thread of their own.
#ifndef IREE_VM_EXECUTOR_H_
#define IREE_VM_EXECUTOR_H_

#include <condition_variable>
#include <mutex>
#include <vector>

#include "context.h"

namespace iree::vm {

// An invocation on its way. While it waits for a fence it is only memory.
class Task : public Object<Task> {
 public:
  // `invocation` has begun and has its arguments. The task is done when it has ended and, if it did
  // not fail, `signal` (may be null) is reached; then `done` is called once, on a thread of the
  // executor, which may block.
  Task(hal::Ref<Context> context, hal::Ref<Invocation> invocation,
       hal::Ref<iree_hal_fence_t> signal, void (*done)(void* user_data, Task& task),
       void* user_data)
      : context(std::move(context)),
        invocation(std::move(invocation)),
        signal(std::move(signal)),
        forks_(fork_count()),
        done_(done),
        user_data_(user_data) {}

  // Ends it with CANCELLED as soon as its thread looks, at once if it waits. From any thread, any
  // number of times.
  void cancel();

  hal::Ref<Context> context;
  hal::Ref<Invocation> invocation;
  hal::Ref<iree_hal_fence_t> signal;

 private:
  friend class Executor;
  enum class State { kReady, kRunning, kWaiting, kDone };

  void step();
  void run();
  // Begin a wait; from then on the task may be running elsewhere, or be done.
  void wait_for(hal::Ref<iree_hal_fence_t> fence);
  void wait_for_turn();
  // The number of the wait that begins; 0 if it is over already.
  uint64_t begin_wait();
  // Makes the task ready if it still is in that wait, and returns whether; takes the status.
  // `handed`: with the context's turn.
  bool wake(uint64_t wait, iree_hal_status_t status, bool handed = false);
  bool is_in(uint64_t wait);
  void finish();

  const uint32_t forks_;  // of the process that it belongs to
  void (*done_)(void*, Task&);
  void* user_data_;
  bool ended_ = false;     // the code has; what is left is to wait for `signal`
  bool has_turn_ = false;  // the context's
  bool passed_over_ = false;
  std::mutex mutex_;  // guards:
  State state_ = State::kReady;
  uint64_t wait_ = 0;  // number of the current or last wait
  bool cancelled_ = false;
  Task* next_ = nullptr;  // in the executor's queue
};

// A few threads for all contexts of the process; started when first needed, never ended. After
// fork(2) the child has an executor without tasks: those under way are the parent's.
class Executor {
 public:
  static Executor& get();
  // Throws RESOURCE_EXHAUSTED if no thread is to be had.
  void start(hal::Ref<Task> task) { enqueue(std::move(task)); }
  void before_fork() { mutex_.lock(); }
  void after_fork(bool in_child);

 private:
  friend class Task;
  static constexpr size_t kFewDeadlines = 1024;
  struct Deadline {
    uint64_t time;
    hal::Ref<Task> task;
    uint64_t wait;
    bool operator<(const Deadline& other) const { return time > other.time; }
  };

  void enqueue(hal::Ref<Task> task);
  // Lets go of deadlines whose waits are over, now and then: they may be hours away. Throws
  // std::bad_alloc.
  void watch(uint64_t time, hal::Ref<Task> task, uint64_t wait);
  void work();

  std::mutex mutex_;
  std::condition_variable changed_;
  Task* first_ready_ = nullptr;  // a queue through Task::next_, which owns what is in it
  Task* last_ready_ = nullptr;
  std::vector<Deadline> deadlines_;  // a heap, the next one first
  size_t clear_at_ = kFewDeadlines;
  unsigned threads_ = 0;
  unsigned idle_ = 0;
};

}  // namespace iree::vm
#endif  // IREE_VM_EXECUTOR_H_
