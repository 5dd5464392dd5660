#include "pool.h"

#include <sched.h>
#include <signal.h>

#include <new>
#include <utility>

#include "clock.h"
#include "futex.h"
#include "iree/hal.hpp"
#include "memory_pool.h"
#include "submission.h"
#include "timeline.h"

namespace iree::hal_cpu {
namespace {

// How long a thread looks for work before it sleeps: while some is under way, when it is likely
// that more follows and waking costs 5 to 100 microseconds of a chain of phases, and otherwise.
constexpr uint64_t kBusySpinMicroseconds = 200;
constexpr uint64_t kIdleSpinMicroseconds = 20;
// From when on it lets others have the CPU while it looks.
constexpr uint64_t kSelfishMicroseconds = 5;
// How long it looks without saying so, which costs two writes to a line that all threads share.
constexpr uint64_t kQuietMicroseconds = 2;
// How long a thread of the application looks for a place before it sleeps: threads that end what
// they do may not run because it has their core.
constexpr uint64_t kLookMicroseconds = 50;
// In what time one that has submitted something comes and waits for it, if it does.
constexpr uint64_t kCallerMicroseconds = 25;
// How long fork(2) waits for work under way.
constexpr uint64_t kForkPatienceNanoseconds = 20000000;

// All pools. Never destroyed: threads may outlive static destructors.
struct Registry {
  std::mutex mutex;
  Pool* first = nullptr;
};
Registry& registry() {
  alignas(Registry) static char storage[sizeof(Registry)];
  static Registry* registry = new (storage) Registry();
  return *registry;
}

// Of what place this thread runs the work, and whose.
struct Here {
  const Pool* pool = nullptr;
  void* place = nullptr;
};
thread_local Here here;

}  // namespace

Pool::Guest::Guest(Pool* pool) : pool_(pool) {
  if (here.pool) return;
  place_ = pool->claim_for_guest();
  if (place_) here = {pool, place_};
}

template <typename Done>
void Pool::Guest::look(Done done) {
  if (place_ || here.pool) return;
  const uint64_t start = ticks(), limit = kLookMicroseconds * ticks_per_microsecond();
  while (!done() && ticks() - start < limit) {
    place_ = pool_->claim_for_guest();
    if (place_) {
      here = {pool_, place_};
      return;
    }
    sched_yield();
  }
}

Pool::Guest::~Guest() {
  if (!place_) return;
  here = {};
  pool_->make_idle(place_);
  // Threads that look for work find what is left. Waking one more, where with ours there are then
  // more of them than cores, would have two share a core, and what one has taken wait for the
  // other.
  if (pool_->has_work() && pool_->is_unattended() && !pool_->wake_one()) pool_->run_here();
}

//===----------------------------------------------------------------------===//
// Life
//===----------------------------------------------------------------------===//

Pool* Pool::get(uint32_t size, Pinning pinning) {
  Registry& all = registry();
  std::lock_guard lock(all.mutex);
  for (Pool* pool = all.first; pool; pool = pool->next_) {
    if (pool->size_ != size || pool->pinning_ != pinning) continue;
    if (pool->broken_.load(std::memory_order_relaxed)) continue;
    ++pool->users_;
    return pool;
  }
  auto* pool = new (std::nothrow) Pool(size, pinning);
  if (!pool || !pool->init()) {
    delete pool;
    return nullptr;
  }
  ticks_per_microsecond();  // measured here rather than in the first invocation
  pool->users_ = 1;
  pool->next_ = all.first;
  all.first = pool;
  return pool;
}

bool Pool::init() {
  auto* memory = MemoryPool::get().allocate(size_ * sizeof(Place));
  if (!memory) return false;
  places_ = static_cast<Place*>(memory);
  for (uint32_t i = 0; i < size_; ++i) {
    new (&places_[i]) Place(i);
    places_[i].pool = this;
    idle_[i / 64].fetch_or(1ull << (i % 64), std::memory_order_relaxed);
  }
  if (pinning_ != Pinning::kNone) cpus_ = read_cpus();
  return true;
}

Pool::~Pool() {
  if (!places_) return;
  for (uint32_t i = 0; i < size_; ++i) places_[i].~Place();
  MemoryPool::get().deallocate(places_, size_ * sizeof(Place));
}

void Pool::release() {
  {
    Registry& all = registry();
    std::lock_guard lock(all.mutex);
    if (--users_ > 0) return;
    Pool** link = &all.first;
    while (*link != this) link = &(*link)->next_;
    *link = next_;
  }
  // Not joined: the last user may be one of the threads, or hold a lock that one of them needs.
  stop_.store(true, std::memory_order_seq_cst);
  for (uint32_t i = 0; i < size_; ++i) {
    if (!places_[i].started.load(std::memory_order_acquire)) continue;
    places_[i].wake.store(1, std::memory_order_release);
    futex_wake(&places_[i].wake);
  }
  unref();
}

void Pool::unref() {
  if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
}

iree_hal_status_t Pool::check_usable() const {
  if (!broken_.load(std::memory_order_relaxed)) [[likely]]
    return nullptr;
  return hal::make_status(IREE_HAL_UNAVAILABLE,
                          "this process was forked while the CPU device was at work; open the "
                          "device again, or fork before using it");
}

//===----------------------------------------------------------------------===//
// Threads
//===----------------------------------------------------------------------===//

bool Pool::start_thread(Place* place) {
  // Signals are the application's.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  references_.fetch_add(1, std::memory_order_relaxed);
  place->started.store(true, std::memory_order_release);
  pthread_t thread;
  bool started = pthread_create(&thread, nullptr, thread_main, place) == 0;
  if (started) {
    pthread_detach(thread);
  } else {
    place->started.store(false, std::memory_order_release);
    references_.fetch_sub(1, std::memory_order_relaxed);
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return started;
}

void Pool::settle(uint32_t index) const {
  if (cpus_.empty()) return;
  const Cpu& own = cpus_[index % cpus_.size()];
  Array<Cpu> allowed;
  for (const Cpu& cpu : cpus_) {
    bool fits = pinning_ == Pinning::kCore ? cpu.id == own.id : cpu.node == own.node;
    if (fits && !allowed.append(cpu)) return;
  }
  if (pinning_ == Pinning::kCore || allowed.size() < cpus_.size()) stay_on(allowed);
}

void* Pool::thread_main(void* argument) {
  auto* place = static_cast<Place*>(argument);
  char name[16];
  snprintf(name, sizeof(name), "iree-cpu-%u", place->worker.index());
  pthread_setname_np(pthread_self(), name);
  Pool* pool = place->pool;
  pool->settle(place->worker.index());
  here = {pool, place};
  {
    DefaultFpState fp_state;  // a thread starts with its creator's
    pool->run_worker(place);
  }
  pool->unref();
  return nullptr;
}

void Pool::run_worker(Place* place) {
  bool spinning = true;  // whoever woke us has counted us
  place->wake.store(0, std::memory_order_relaxed);
  while (!stop_.load(std::memory_order_acquire)) {
    if (run_some(place, &spinning, nullptr)) continue;
    auto stopped = [&] { return stop_.load(std::memory_order_relaxed); };
    place->loose.store(true, std::memory_order_release);
    bool found = !spinning && spin(kQuietMicroseconds * ticks_per_microsecond(), stopped);
    if (!found) {
      if (!spinning) spinning_.fetch_add(1, std::memory_order_seq_cst);
      spinning = true;
      found = spin(patience(), stopped);
    }
    if (!place->loose.exchange(false, std::memory_order_acq_rel)) {
      stop_spinning(&spinning);
      sleep(place);
      spinning = true;
      continue;
    }
    if (found) continue;
    spinning_.fetch_sub(1, std::memory_order_seq_cst);
    park(place);
    spinning = true;
  }
  if (spinning) spinning_.fetch_sub(1, std::memory_order_relaxed);
}

void Pool::park(Place* place) {
  make_idle(place);
  // What came in between has seen nobody to wake. This may well wake ourselves.
  if (has_work() && !stop_.load(std::memory_order_relaxed)) wake_one();
  sleep(place);
}

void Pool::sleep(Place* place) {
  while (!place->wake.exchange(0, std::memory_order_acquire)) futex_wait(&place->wake, 0);
}

// Returns true as soon as there may be work or `done()`, false after `limit_ticks`.
template <typename Done>
bool Pool::spin(uint64_t limit_ticks, Done done) {
  const uint64_t start = ticks(), selfish = kSelfishMicroseconds * ticks_per_microsecond();
  for (;;) {
    for (int i = 0; i < 16; ++i) {
      if (has_work() || done()) return true;
      cpu_relax();
    }
    uint64_t elapsed = ticks() - start;
    if (elapsed >= limit_ticks) return false;
    if (elapsed >= selfish) sched_yield();
  }
}

uint64_t Pool::patience() const {
  bool busy = active_.load(std::memory_order_relaxed) != 0;
  return (busy ? kBusySpinMicroseconds : kIdleSpinMicroseconds) * ticks_per_microsecond();
}

void Pool::stop_spinning(bool* spinning) {
  if (!*spinning) return;
  *spinning = false;
  // While we looked, others relied on us to find what they added.
  if (spinning_.fetch_sub(1, std::memory_order_seq_cst) == 1 && has_work()) wake_one();
}

Pool::Place* Pool::claim_idle() {
  // From the top, while threads are woken from the bottom: a caller that helps finds its place
  // again.
  for (uint32_t word = (size_ + 63) / 64; word-- > 0;) {
    uint64_t bits = idle_[word].load(std::memory_order_relaxed);
    while (bits) {
      uint32_t index = 63u - static_cast<uint32_t>(__builtin_clzll(bits));
      bits &= ~(1ull << index);
      if (idle_[word].fetch_and(~(1ull << index), std::memory_order_acq_rel) & (1ull << index)) {
        return &places_[word * 64 + index];
      }
    }
  }
  return nullptr;
}

Pool::Place* Pool::claim_for_guest() {
  if (Place* place = claim_idle()) return place;
  // A thread that looks for work may not even run: who has just submitted some, or waits for it,
  // may have its core. It sleeps when it finds its place taken.
  for (uint32_t i = size_; i-- > 0;) {
    std::atomic<bool>& loose = places_[i].loose;
    if (loose.load(std::memory_order_relaxed) && loose.exchange(false, std::memory_order_acq_rel))
      return &places_[i];
  }
  // One that has been woken may not run either, for the same want: it sleeps on.
  for (uint32_t i = size_; i-- > 0;) {
    uint32_t woken = 1;
    if (places_[i].wake.load(std::memory_order_relaxed) &&
        places_[i].wake.compare_exchange_strong(woken, 0, std::memory_order_acq_rel)) {
      bool counted = true;  // by who woke it
      stop_spinning(&counted);
      return &places_[i];
    }
  }
  return nullptr;
}

uint32_t Pool::idle_count() const {
  int count = 0;
  for (const auto& word : idle_)
    count += __builtin_popcountll(word.load(std::memory_order_relaxed));
  return static_cast<uint32_t>(count);
}

void Pool::make_idle(Place* place) {
  uint32_t index = place->worker.index();
  idle_[index / 64].fetch_or(1ull << (index % 64), std::memory_order_seq_cst);
}

bool Pool::wake_one() {
  bool refused = false;
  for (uint32_t word = 0; word < (size_ + 63) / 64; ++word) {
    uint64_t bits = idle_[word].load(std::memory_order_seq_cst);
    while (bits) {
      auto index = static_cast<uint32_t>(__builtin_ctzll(bits));
      uint64_t bit = 1ull << index;
      bits &= ~bit;
      if (!(idle_[word].fetch_and(~bit, std::memory_order_acq_rel) & bit)) continue;
      Place* place = &places_[word * 64 + index];
      spinning_.fetch_add(1, std::memory_order_seq_cst);
      if (place->started.load(std::memory_order_acquire)) {
        place->wake.store(1, std::memory_order_release);
        futex_wake(&place->wake);
        return true;
      }
      if (!refused && start_thread(place)) return true;
      refused = true;
      spinning_.fetch_sub(1, std::memory_order_seq_cst);
      make_idle(place);
    }
  }
  return !refused;
}

// No thread is to be had: this one does what there is.
void Pool::run_here() {
  while (has_work()) {
    Place* place = claim_idle();
    if (!place) return;  // whoever has it looks again when done
    // This may be a thread of another pool.
    const Here before = std::exchange(here, {this, place});
    {
      DefaultFpState fp_state;
      bool spinning = false;
      while (run_some(place, &spinning, nullptr)) {
      }
    }
    here = before;
    make_idle(place);
  }
}

//===----------------------------------------------------------------------===//
// Work
//===----------------------------------------------------------------------===//

void Pool::enqueue(Place* place, Submission* submission) {
  submission->next = nullptr;
  std::lock_guard lock(place->mutex);
  (place->last ? place->last->next : place->first) = submission;
  place->last = submission;
  place->queued.fetch_add(1, std::memory_order_relaxed);
  ready_.fetch_add(1, std::memory_order_seq_cst);
}

// Whether there are more submissions than threads that look for one.
bool Pool::is_short_of_threads() const {
  uint32_t looking = spinning_.load(std::memory_order_seq_cst);
  return looking < ready_.load(std::memory_order_seq_cst);
}

// Whether there is work of which no thread that looks for some will hear.
bool Pool::is_unattended() const {
  return !spinning_.load(std::memory_order_seq_cst) || is_short_of_threads();
}

Submission* Pool::take(Place* place) {
  place->unattended = 0;
  if (!ready_.load(std::memory_order_relaxed)) return nullptr;
  uint32_t index = place->worker.index();
  for (uint32_t i = 0; i < size_; ++i, index = index + 1 == size_ ? 0 : index + 1) {
    Place* from = &places_[index];
    if (!from->queued.load(std::memory_order_relaxed)) continue;
    std::lock_guard lock(from->mutex);
    Submission* submission = from->first;
    if (!submission) continue;
    from->first = submission->next;
    if (!from->first) from->last = nullptr;
    from->queued.fetch_sub(1, std::memory_order_relaxed);
    ready_.fetch_sub(1, std::memory_order_relaxed);
    return submission;
  }
  return nullptr;
}

void Pool::push(Submission* submission) {
  if (here.pool == this) {
    auto* place = static_cast<Place*>(here.place);
    enqueue(place, submission);
    // The first one this place takes itself, right after what it is doing.
    if (place->unattended++ > 0 && is_short_of_threads()) wake_one();
    return;
  }
  uint32_t index = rotation_.fetch_add(1, std::memory_order_relaxed) % size_;
  caller_due_.store(ticks() + kCallerMicroseconds * ticks_per_microsecond(),
                    std::memory_order_relaxed);
  enqueue(&places_[index], submission);
  if (!is_short_of_threads()) return;
  // The last place is left to the caller, who may be about to wait: if all were taken by threads,
  // one of them would have to share the caller's core. Should it not come, whoever is on its way
  // finds what is left and calls for one more.
  if (spinning_.load(std::memory_order_seq_cst) > 0 && idle_count() <= 1) return;
  if (!wake_one()) run_here();
}

void Pool::help_until(const Semaphore& semaphore, uint64_t value, uint64_t deadline_ns) {
  Stop stop;
  stop.semaphore = &semaphore;
  stop.value = value;
  Guest guest(this);
  guest.look([&] { return stop.is_due(); });
  caller_due_.store(0, std::memory_order_relaxed);
  Place* place = guest.place_;
  if (!place) return;
  if (deadline_ns != IREE_HAL_INFINITE) {
    uint64_t now = hal::now_ns();
    uint64_t left = deadline_ns > now ? (deadline_ns - now) / 1000 : 0;
    if (left < 1000000) stop.deadline_ticks = ticks() + left * ticks_per_microsecond();
  }
  bool spinning = false;
  while (!stop.is_due()) {
    if (run_some(place, &spinning, &stop)) continue;
    if (!spinning) {
      spinning_.fetch_add(1, std::memory_order_seq_cst);
      spinning = true;
    }
    if (!spin(patience(), [&] { return stop.is_due(); })) break;
  }
  stop_spinning(&spinning);
}

bool Pool::run_some(Place* place, bool* spinning, const Stop* stop) {
  if (Submission* submission = take(place)) {
    stop_spinning(spinning);
    submission->advance(&place->worker, stop);
    return true;
  }
  int slot = join(place);
  if (slot < 0) return false;
  stop_spinning(spinning);
  Submission* submission = slots_[slot].submission;
  bool exhausted = submission->help(slot, &place->worker, stop);
  if (leave(slot, exhausted)) submission->advance(&place->worker, stop);
  return true;
}

int Pool::publish(Submission* submission, uint32_t limit) {
  uint32_t start = rotation_.load(std::memory_order_relaxed);
  for (uint32_t i = 0; i < kSlots; ++i) {
    uint32_t index = (start + i) % kSlots;
    Slot& slot = slots_[index];
    uint64_t free = 0;
    if (slot.state.load(std::memory_order_relaxed) != 0 ||
        !slot.state.compare_exchange_strong(free, Slot::kReserved, std::memory_order_acquire)) {
      continue;
    }
    slot.submission = submission;
    slot.limit.store(limit, std::memory_order_relaxed);
    open_.fetch_or(1ull << index, std::memory_order_seq_cst);
    slot.state.store(Slot::kOpen | 1, std::memory_order_seq_cst);
    call_for(limit - 1);
    return static_cast<int>(index);
  }
  return -1;
}

bool Pool::is_caller_due() const {
  uint64_t due = caller_due_.load(std::memory_order_relaxed);
  return due && ticks() < due;
}

void Pool::call_late(int index) {
  if (is_caller_due()) return;
  caller_due_.store(0, std::memory_order_relaxed);
  const Slot& slot = slots_[index];
  uint64_t state = slot.state.load(std::memory_order_relaxed);
  uint64_t inside = state & ~Slot::kOpen;
  uint32_t limit = slot.limit.load(std::memory_order_relaxed);
  if ((state & Slot::kOpen) && inside < limit) call_for(limit - static_cast<uint32_t>(inside));
}

void Pool::call_for(uint32_t room) {
  // The last place is left to the caller, as in `push`; `call_late` makes up for it.
  if (is_caller_due() && idle_count() <= 1) return;
  // Those who come call two more each.
  for (int i = 0; i < 2; ++i) {
    if (spinning_.load(std::memory_order_seq_cst) >= room || !wake_one()) return;
  }
}

int Pool::join(Place* place) {
  uint64_t open = open_.load(std::memory_order_relaxed);
  if (!open) return -1;
  // Places start looking at different slots.
  uint32_t rotate = place->worker.index() % kSlots;
  open = open >> rotate | open << ((64 - rotate) % 64);
  for (; open; open &= open - 1) {
    uint32_t index = (static_cast<uint32_t>(__builtin_ctzll(open)) + rotate) % kSlots;
    Slot& slot = slots_[index];
    uint64_t state = slot.state.load(std::memory_order_relaxed);
    while ((state & Slot::kOpen) &&
           (state & ~Slot::kOpen) < slot.limit.load(std::memory_order_relaxed)) {
      if (!slot.state.compare_exchange_weak(state, state + 1, std::memory_order_acquire)) continue;
      uint64_t inside = (state & ~Slot::kOpen) + 1;
      uint32_t limit = slot.limit.load(std::memory_order_relaxed);
      if (inside < limit) call_for(limit - static_cast<uint32_t>(inside));
      return static_cast<int>(index);
    }
  }
  return -1;
}

bool Pool::leave(int index, bool exhausted) {
  Slot& slot = slots_[index];
  if (exhausted && (slot.state.fetch_and(~Slot::kOpen, std::memory_order_acq_rel) & Slot::kOpen)) {
    // Before we leave: afterwards the slot may be another's.
    open_.fetch_and(~(1ull << index), std::memory_order_relaxed);
  }
  return slot.state.fetch_sub(1, std::memory_order_acq_rel) == 1;
}

bool Pool::has_work() {
  if (ready_.load(std::memory_order_seq_cst)) return true;
  for (uint64_t open = open_.load(std::memory_order_seq_cst); open; open &= open - 1) {
    Slot& slot = slots_[__builtin_ctzll(open)];
    uint64_t state = slot.state.load(std::memory_order_seq_cst);
    if ((state & Slot::kOpen) &&
        (state & ~Slot::kOpen) < slot.limit.load(std::memory_order_relaxed)) {
      return true;
    }
  }
  return false;
}

//===----------------------------------------------------------------------===//
// Fork
//===----------------------------------------------------------------------===//

bool Pool::watch_forks() {
  static const bool watched = pthread_atfork(before_fork, after_fork_parent, after_fork_child) == 0;
  return watched;
}

void Pool::before_fork() {
  Registry& all = registry();
  all.mutex.lock();
  // Who forks after a wait has mostly nothing under way but the last steps of our threads.
  uint64_t deadline = hal::now_ns() + kForkPatienceNanoseconds;
  for (Pool* pool = all.first; pool; pool = pool->next_) {
    while (pool->active_.load(std::memory_order_acquire) && hal::now_ns() < deadline) cpu_relax();
  }
  MemoryPool::get().lock_all();
  Semaphore::before_fork();
}

void Pool::after_fork_parent() {
  Semaphore::after_fork(false);
  MemoryPool::get().unlock_all();
  registry().mutex.unlock();
}

void Pool::after_fork_child() {
  Semaphore::after_fork(true);
  MemoryPool::get().unlock_all();
  Registry& all = registry();
  for (Pool* pool = all.first; pool; pool = pool->next_) pool->reset_after_fork();
  all.mutex.unlock();
}

// The threads are gone. With nothing under way none of them held anything, and new ones can take
// their places.
void Pool::reset_after_fork() {
  if (active_.load(std::memory_order_relaxed)) {
    broken_.store(true, std::memory_order_relaxed);
    return;
  }
  for (uint32_t i = 0; i < size_; ++i) {
    // A thread that looked for work in vain may have held it.
    new (&places_[i].mutex) std::mutex();
    places_[i].started.store(false, std::memory_order_relaxed);
    places_[i].wake.store(0, std::memory_order_relaxed);
    places_[i].loose.store(false, std::memory_order_relaxed);
    idle_[i / 64].fetch_or(1ull << (i % 64), std::memory_order_relaxed);
  }
  spinning_.store(0, std::memory_order_relaxed);
  references_.store(1, std::memory_order_relaxed);
}

}  // namespace iree::hal_cpu
