// The workers: the compute units. A pool of N has N places; a place is taken by its own thread, or
// for a while by a thread of the application that would otherwise only wait, so that never more
// than N threads run kernels.
//
// There are two kinds of work. Ready submissions lie in a queue per place, from which idle places
// steal. A phase wide enough is published: places join it, claim units, and the last to leave goes
// on with the submission.
#ifndef IREE_HAL_CPU_POOL_H_
#define IREE_HAL_CPU_POOL_H_

#include <pthread.h>

#include <atomic>
#include <mutex>

#include "fp_state.h"
#include "topology.h"
#include "work.h"

namespace iree::hal_cpu {

class Semaphore;
class Submission;
struct Stop;

class Pool {
 public:
  static constexpr uint32_t kMaxWorkers = 256;

  // Where its threads may run.
  enum class Pinning : uint8_t {
    kNode,  // those of a NUMA node on that node; anywhere if there is one node only
    kCore,  // each on a CPU of its own
    kNone,  // anywhere
  };

  // The process's pool of that size, shared by all who ask for it. Needs a release for each get.
  // NULL without memory.
  static Pool* get(uint32_t size, Pinning pinning);
  void release();
  // Has fork(2) leave a child in which devices work, whose threads or none there are. For each
  // device; false without memory.
  static bool watch_forks();

  uint32_t size() const { return size_; }
  // Why nothing can run: the process was forked while work was under way. Success otherwise.
  iree_hal_status_t check_usable() const;

  // Queues the submission, which is ready, and sees to it that somebody comes.
  void push(Submission* submission);
  // For each submission, before it is first queued and at its end.
  void began() { active_.fetch_add(1, std::memory_order_relaxed); }
  void ended() { active_.fetch_sub(1, std::memory_order_release); }

  // Lends this thread to the pool until the semaphore is settled, the deadline has passed, or there
  // is nothing to do.
  void help_until(const Semaphore& semaphore, uint64_t value, uint64_t deadline_ns);

  // Publishes the submission's current phase for up to `limit` threads, this one included. -1 if no
  // slot is free.
  int publish(Submission* submission, uint32_t limit);
  // For a thread in a published phase, now and then: calls for those whom nobody has called yet.
  void call_again(int slot) {
    if (caller_due_.load(std::memory_order_relaxed)) [[unlikely]]
      call_late(slot);
  }
  // Leaves a published phase; `exhausted` if nothing is left to claim. True for the thread that
  // goes on with the submission.
  bool leave(int slot, bool exhausted);

 private:
  struct Place;

 public:
  // The scope in which a thread of the application has a place, if there is one and it has not
  // already.
  class Guest {
   public:
    explicit Guest(Pool* pool);
    ~Guest();
    Guest(const Guest&) = delete;
    Guest& operator=(const Guest&) = delete;
    // NULL without a place.
    Worker* worker() { return place_ ? &place_->worker : nullptr; }

   private:
    friend class Pool;
    // Without a place, looks for one until there is one or `done()`, for a while.
    template <typename Done>
    void look(Done done);
    Pool* pool_;
    Place* place_ = nullptr;
    DefaultFpState fp_state_;
  };

 private:
  // A published phase. `state` is the number of threads in it, plus kOpen while more may join; 0 is
  // a free slot.
  struct alignas(64) Slot {
    static constexpr uint64_t kOpen = 1ull << 63, kReserved = 1ull << 62;
    std::atomic<uint64_t> state{0};
    std::atomic<uint32_t> limit{0};
    Submission* submission = nullptr;
  };
  struct alignas(64) Place {
    explicit Place(uint32_t index) : worker(index) {}
    Worker worker;
    std::mutex mutex;
    Submission* first = nullptr;
    Submission* last = nullptr;
    std::atomic<uint32_t> queued{0};
    uint32_t unattended = 0;  // pushed by the place itself since it last looked
    std::atomic<uint32_t> wake{0};
    std::atomic<bool> started{false};
    // Its thread only looks for work, and a thread of the application may take the place.
    std::atomic<bool> loose{false};
    Pool* pool = nullptr;
  };
  Pool(uint32_t size, Pinning pinning) : size_(size), pinning_(pinning) {}
  ~Pool();
  bool init();
  static void* thread_main(void* place);
  void run_worker(Place* place);
  bool run_some(Place* place, bool* spinning, const Stop* stop);
  void stop_spinning(bool* spinning);
  template <typename Done>
  bool spin(uint64_t limit_ticks, Done done);
  // How long to spin, in ticks.
  uint64_t patience() const;
  void park(Place* place);
  void sleep(Place* place);
  void unref();

  void enqueue(Place* place, Submission* submission);
  Submission* take(Place* place);
  bool is_short_of_threads() const;
  bool is_unattended() const;
  int join(Place* place);
  // Sees to it that up to `room` threads are on their way.
  void call_for(uint32_t room);
  void call_late(int slot);
  bool is_caller_due() const;
  bool has_work();
  Place* claim_idle();
  // An idle place, or one whose thread only looks for work, or has yet to come to it.
  Place* claim_for_guest();
  void make_idle(Place* place);
  uint32_t idle_count() const;
  // False if a thread was needed and the system refused it.
  bool wake_one();
  bool start_thread(Place* place);
  void settle(uint32_t index) const;
  void run_here();

  static void before_fork();
  static void after_fork_parent();
  static void after_fork_child();
  void reset_after_fork();

  static constexpr uint32_t kSlots = 64;
  const uint32_t size_;
  const Pinning pinning_;
  Array<Cpu> cpus_;     // worker i's is i modulo their number; empty if threads run anywhere
  uint32_t users_ = 0;  // guarded by the registry's mutex
  std::atomic<uint32_t> references_{1};  // threads, and one for the users
  Pool* next_ = nullptr;                 // in the registry
  Place* places_ = nullptr;
  std::atomic<bool> broken_{false};

  alignas(64) std::atomic<uint64_t> idle_[kMaxWorkers / 64] = {};  // places free to be claimed
  alignas(64) std::atomic<uint32_t> spinning_{0};                  // threads looking for work
  std::atomic<bool> stop_{false};
  alignas(64) std::atomic<uint64_t> open_{0};    // slots worth a look
  alignas(64) std::atomic<uint32_t> ready_{0};   // submissions in queues
  alignas(64) std::atomic<uint64_t> active_{0};  // submissions that are ready or running
  std::atomic<uint32_t> rotation_{0};
  // Until when a thread that has submitted something is expected to wait for it, in ticks; 0: none.
  std::atomic<uint64_t> caller_due_{0};
  Slot slots_[kSlots];
};

}  // namespace iree::hal_cpu
#endif  // IREE_HAL_CPU_POOL_H_
