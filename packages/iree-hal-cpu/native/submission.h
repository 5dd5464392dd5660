// A queue operation under way: it waits, runs its phases one after the other and signals. It is a
// state machine that whichever thread is at hand moves on; between phases and while it waits it
// occupies no thread.
#ifndef IREE_HAL_CPU_SUBMISSION_H_
#define IREE_HAL_CPU_SUBMISSION_H_

#include <atomic>

#include "command_buffer.h"
#include "timeline.h"
#include "work.h"

namespace iree::hal_cpu {

class Device;
class Pool;
struct Operation;

// When a thread that only lends a hand should stop.
struct Stop {
  uint64_t deadline_ticks = UINT64_MAX;
  const Semaphore* semaphore = nullptr;
  uint64_t value = 0;

  bool is_due() const;
};

class Submission {
 public:
  // Copies and retains what it needs. Ranges in slots are checked now.
  static iree_hal_status_t create(Device* device, const Operation& operation, Submission** out);

  // Registers the operation's waits; runs or queues itself once they are satisfied. From here on
  // the submission belongs to itself, after an error too.
  iree_hal_status_t start(iree_hal_timepoints_t wait);
  // As `start`, when there is nothing to wait for.
  void start_now();

  // Runs phases until all are done, others continue, or `stop` (may be NULL) is due, when it queues
  // itself.
  void advance(Worker* worker, const Stop* stop);
  // Works on the phase published in the slot until nothing is left to claim (true) or `stop` is due
  // (false).
  bool help(int slot, Worker* worker, const Stop* stop);
  // Phases before this one have been run already. For before `start_now`.
  void skip_to(size_t phase) { phase_ = phase; }

  Submission* next = nullptr;  // in the queue that it is in

 private:
  struct Wait : Waiter {
    Submission* owner;
  };
  // One command of the current phase.
  struct Step {
    const Work* work;
    uint32_t begin;  // its first unit in the phase
  };
  // Units [begin, end) of the phase that one worker claims from the front and others from the back.
  struct alignas(64) Shard {
    std::atomic<uint64_t> range;  // begin | end << 32
  };

  Submission() = default;
  ~Submission();
  void arrive(iree_hal_status_t status);
  void fail_signals(iree_hal_status_t status);
  void complete();
  void destroy();
  void release_resources();

  bool next_phase();
  // Runs phases that are known to be one cheap dispatch, as most are in small models, without
  // looking at the clock.
  void run_cheap_phases(Worker* worker);
  // True if the phase is done and this thread goes on; false if another one will.
  bool run_phase(Worker* worker, const Stop* stop);
  bool spread(Worker* worker, const Stop* stop, uint32_t begin, uint32_t shards);
  // Runs units until `limit` ticks have passed; returns where it stopped.
  uint32_t run_alone(Worker* worker, uint64_t limit);
  void run_units(Worker* worker, uint32_t begin, uint32_t end);
  static bool claim(Shard* shard, bool front, uint32_t* begin, uint32_t* end);
  void fail(iree_hal_status_t status);
  // Fails if nobody waits for it any more.
  void check_wanted();
  bool has_failed() const { return failure_.load(std::memory_order_relaxed) != nullptr; }

  Device* device_ = nullptr;            // retained
  Pool* pool_ = nullptr;                // the device's; NULL if it is inline
  std::atomic<uint32_t> pending_{0};    // waits that have not fired, and one for `start`
  std::atomic<bool> abandoned_{false};  // a wait failed or `start` did: nothing will run
  std::atomic<iree_hal_status_t> failure_{nullptr};

  // These lie behind the object, in the same allocation.
  Wait* waits_ = nullptr;
  size_t wait_count_ = 0;
  iree_hal_timepoint_t* signals_ = nullptr;
  size_t signal_count_ = 0;
  iree_hal_buffer_t** buffers_ = nullptr;
  size_t buffer_count_ = 0;
  Step* steps_ = nullptr;
  uint32_t step_count_ = 0;
  void* area_ = nullptr;

  CommandBuffer* command_buffer_ = nullptr;
  Buffer* deallocate_ = nullptr;
  Work transfer_;
  bool has_transfer_ = false;
  size_t phase_ = 0;
  uint32_t units_ = 0;  // of the current phase
  Shard* shards_ = nullptr;
  uint32_t shard_count_ = 0;
};

}  // namespace iree::hal_cpu
#endif  // IREE_HAL_CPU_SUBMISSION_H_
