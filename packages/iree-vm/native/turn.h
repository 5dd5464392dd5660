// Whose turn it is to run host code of a context that has state.
#ifndef IREE_VM_TURN_H_
#define IREE_VM_TURN_H_

#include <atomic>
#include <mutex>

#include "iree/hal.hpp"

namespace iree::vm {

// A lock that can be waited for without a thread. Who comes while it is free takes it at once; who
// waited and found it taken again gets it handed the next time.
//
// After fork(2) the child has none of the threads that held it: what was taken then is lost.
class Turn {
 public:
  Turn() = default;
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  // Something that waits. `ready` is called once, under a lock: it is short, does not come back
  // here, and may free the waiter. `handed`: the turn is its own; else it is free, and it must be
  // tried for. False if it is not wanted any more: then the next one is asked.
  struct Waiter {
    bool (*ready)(Waiter* self, bool handed) = nullptr;
    bool passed_over = false;  // it has waited before
    bool queued = false;
    Waiter* next = nullptr;
  };

  // Whether it has been taken.
  bool try_take();
  // Whether it has been taken; else the waiter is in the queue. Throws UNAVAILABLE if nobody can
  // give it any more.
  bool take_or_queue(Waiter* waiter);
  // Blocks until it has been taken (true) or the interval is over. Throws as `take_or_queue`.
  bool take_within(uint64_t interval_ns, bool passed_over);
  void give();

  // Around fork(2), so that the child finds it whole: who waits is the parent's.
  void before_fork() { mutex_.lock(); }
  void after_fork(bool in_child);

 private:
  static constexpr uint32_t kTaken = 1, kAwaited = 2;
  Waiter* pop();

  std::atomic<uint32_t> state_{0};
  std::atomic<uint32_t> forks_{0};  // fork_count() when it was taken
  std::mutex mutex_;                // guards:
  Waiter* first_ = nullptr;
};

// How many forks lie between this process and the one that first asked.
uint32_t fork_count();

}  // namespace iree::vm
#endif  // IREE_VM_TURN_H_
