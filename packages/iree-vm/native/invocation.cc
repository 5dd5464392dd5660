#include "invocation.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "context.h"

namespace iree::vm {
namespace {

constexpr size_t kFirstChunk = 4096;
constexpr uint64_t kPollInterval = 20'000'000;  // ns
constexpr size_t kTraceLimit = 20;

// Registers of `function` with its scratch, in bytes; small: a function has at most 65536 of each.
size_t frame_bytes(const Function& f) {
  size_t values = size_t{f.value_count} + f.value_scratch,
         refs = size_t{f.ref_count} + f.ref_scratch;
  return sizeof(Frame) + values * sizeof(Value) + refs * sizeof(Ref);
}

}  // namespace

Invocation::Invocation(Context& context, Limits limits) : context(context), limits(limits) {}

Invocation::~Invocation() {
  reset();
  while (chunk_) free(std::exchange(chunk_, chunk_->before));
}

hal::Ref<Budget> Invocation::budget() { return budget_; }

void Invocation::begin(const Function& function) {
  reset();
  returned = false;
  // Lists that outlived the last run keep its budget.
  if (!budget_ || __atomic_load_n(&budget_->object.reference_count, __ATOMIC_ACQUIRE) != 1) {
    budget_ = hal::Ref<Budget>::adopt(new Budget(limits.memory));
  }
  budget_->limit = limits.memory;
  budget_->used = chunk_ ? static_cast<uint64_t>(chunk_->end - reinterpret_cast<char*>(chunk_)) : 0;
  push(function, nullptr);
}

void Invocation::reset() {
  unwind();
  // Keep the first chunk.
  while (chunk_ && chunk_->before) free(std::exchange(chunk_, chunk_->before));
  top_ = chunk_ ? chunk_->begin() : nullptr;
  end_ = chunk_ ? chunk_->end : nullptr;
  value_results.clear();
  ref_results.clear();
  awaited.reset();
  woken_with.reset();
  if (failed()) failure = Failure();
  cancelled.store(false, std::memory_order_relaxed);
}

void Invocation::unwind() {
  while (frame) pop();
}

void Invocation::grow(size_t bytes) {
  size_t size = std::max(kFirstChunk, sizeof(Chunk) + bytes);
  if (chunk_)
    size = std::max(size,
                    std::min<size_t>(2 * (chunk_->end - reinterpret_cast<char*>(chunk_)), 1 << 20));
  budget_->take(size);
  auto* chunk = static_cast<Chunk*>(malloc(size));
  if (!chunk) {
    budget_->give(size);
    throw hal::Error(hal::out_of_memory());
  }
  chunk->before = chunk_;
  chunk->end = reinterpret_cast<char*>(chunk) + size;
  chunk_ = chunk;
  top_ = chunk->begin();
  end_ = chunk->end;
}

Frame* Invocation::push(const Function& function, const uint16_t* results) {
  if (depth >= limits.depth) [[unlikely]] {
    throw hal::Error(hal::make_status(IREE_HAL_RESOURCE_EXHAUSTED,
                                      "stack bound reached: %u calls within calls", depth));
  }
  size_t bytes = frame_bytes(function);
  char* base = top_;
  if (static_cast<size_t>(end_ - top_) < bytes) [[unlikely]]
    grow(bytes);
  auto* inner = reinterpret_cast<Frame*>(top_);
  top_ += bytes;
  auto* registers = reinterpret_cast<Value*>(inner + 1);
  auto* refs = reinterpret_cast<Ref*>(registers + function.value_count + function.value_scratch);
  memset(static_cast<void*>(registers), 0, bytes - sizeof(Frame));
  *inner = {frame, &function, function.code, results, registers, refs, base};
  frame = inner;
  ++depth;
  return inner;
}

void Invocation::pop() {
  Frame* inner = frame;
  for (uint32_t i = 0; i < inner->function->ref_count; ++i) inner->refs[i].~Ref();
  frame = inner->caller;
  --depth;
  top_ = reinterpret_cast<char*>(inner);
  if (top_ == chunk_->begin() && chunk_->before) {
    top_ = inner->base;
    budget_->give(static_cast<uint64_t>(chunk_->end - reinterpret_cast<char*>(chunk_)));
    free(std::exchange(chunk_, chunk_->before));
    end_ = chunk_->end;
  }
}

iree_hal_status_t Invocation::interruption() const {
  if (cancelled.load(std::memory_order_relaxed)) [[unlikely]]
    return hal::make_status(IREE_HAL_CANCELLED, "the invocation was cancelled");
  if (deadline_ns != IREE_HAL_INFINITE && hal::now_ns() >= deadline_ns) [[unlikely]]
    return hal::make_status(IREE_HAL_DEADLINE_EXCEEDED, "the invocation's time ran out");
  return nullptr;
}

void Invocation::record_failure(iree_hal_code_t code, const char* message) noexcept {
  // Work that was made to end says ABORTED; why is for us to say.
  hal::Status reason(code == IREE_HAL_ABORTED ? interruption() : nullptr);
  if (reason) {
    code = reason->code;
    message = reason->message;
  }
  failure.code = code;
  try {
    failure.message = message;
    const Module& module = *context.module.get();
    size_t count = 0;
    for (const Frame* f = frame; f && count < kTraceLimit; f = f->caller, ++count) {
      auto function = static_cast<uint32_t>(f->function - module.functions.data());
      // Of callers, `pc` is behind the call; after a wait, behind the instruction that waited.
      bool behind = f != frame || awaited;
      uint64_t word = static_cast<uint64_t>(f->pc - f->function->code) - (behind ? 1 : 0);
      std::string_view location = module.location(function, word);
      if (f == frame) failure.location = location;
      failure.trace += "@" + std::string(f->function->name);
      if (!location.empty()) failure.trace += " at " + std::string(location);
      failure.trace += "\n";
    }
  } catch (const std::bad_alloc&) {
    failure.location.clear();
    failure.trace.clear();
  }
}

void Invocation::record_failure(const hal::Error& error) noexcept {
  record_failure(error.code(), error.what());
}

namespace {

// While devices work on this thread, nobody else looks whether the invocation should go on. What
// changes state is left to end, so that there is no half of a change.
class Interrupting {
 public:
  Interrupting(Invocation& self, bool (*poll)(void*), void* user_data)
      : self_(self), poll_(poll), user_data_(user_data) {
    if (!self.context.module->stateful) set({check, this});
  }
  ~Interrupting() {
    if (!self_.context.module->stateful) set({});
  }
  Interrupting(const Interrupting&) = delete;

 private:
  void set(iree_hal_interrupt_t interrupt) {
    for (const auto& device : self_.context.devices) {
      const iree_hal_device_vtable_t* table = device->vtable;
      if (table->size < sizeof(*table) || !table->set_interrupt) continue;
      table->set_interrupt(device.get(), interrupt);
    }
  }
  static iree_hal_status_t check(void* user_data) {
    auto& my = *static_cast<Interrupting*>(user_data);
    if (uint64_t now = hal::now_ns(); my.poll_ && now >= my.next_poll_) {
      if (my.next_poll_ && !my.poll_(my.user_data_)) my.self_.cancel();
      my.next_poll_ = now + kPollInterval;
      my.set({check, &my});  // a signal handler may have called a module
    }
    return my.self_.interruption();
  }

  Invocation& self_;
  bool (*poll_)(void*);
  void* user_data_;
  uint64_t next_poll_ = 0;
};

}  // namespace

Outcome Invocation::run(bool (*poll)(void*), void* user_data) noexcept {
  Interrupting interrupting(*this, poll, user_data);
  try {
    if (hal::Status status = std::move(woken_with)) throw hal::Error(status.release());
    check_interrupts();
    awaited.reset();
    Outcome outcome = interpret(*this);
    returned = outcome == Outcome::kDone;
    if (returned) collect_garbage();
    return outcome;
  } catch (const hal::Error& error) {
    record_failure(error);
  } catch (const std::bad_alloc&) {
    record_failure(IREE_HAL_RESOURCE_EXHAUSTED, "out of host memory");
  }
  unwind();
  value_results.clear();
  ref_results.clear();
  collect_garbage();
  return Outcome::kDone;
}

void Invocation::collect_garbage() noexcept {
  if (!budget_ || !budget_->lists) [[likely]]
    return;
  try {
    budget_->collect_cycles();
  } catch (const std::bad_alloc&) {
    // They stay until the next call on this stack.
  }
}

iree_hal_status_t wait_polling(iree_hal_timepoints_t points, uint64_t deadline_ns,
                               bool (*poll)(void*), void* user_data) {
  for (;;) {
    uint64_t slice = std::min(deadline_ns, hal::deadline_after(kPollInterval));
    iree_hal_status_t status = hal::wait(points, slice);
    if (!status || status->code != IREE_HAL_DEADLINE_EXCEEDED) return status;
    if (deadline_ns != IREE_HAL_INFINITE && hal::now_ns() >= deadline_ns) return status;
    hal::free_status(status);
    if (!poll(user_data))
      return hal::make_status(IREE_HAL_CANCELLED, "the invocation was cancelled");
  }
}

bool Invocation::take_turn(bool (*poll)(void*), void* user_data) noexcept {
  Turn& turn = context.turn;
  if (turn.try_take()) return true;
  try {
    bool again = false;
    while (!turn.take_within(kPollInterval, again)) {
      again = true;
      if (!poll(user_data)) cancel();
      check_interrupts();
    }
    return true;
  } catch (const hal::Error& error) {
    record_failure(error);
    return false;
  }
}

void Invocation::run_blocking(bool (*poll)(void*), void* user_data) noexcept {
  const bool stateful = context.module->stateful;
  bool has_turn = false;
  uint64_t next_poll = 0;
  for (;;) {
    if (stateful && !has_turn && !take_turn(poll, user_data)) return;
    Outcome outcome = run(poll, user_data);
    has_turn = stateful && outcome == Outcome::kPaused;
    if (stateful && !has_turn) context.turn.give();
    if (outcome == Outcome::kDone) return;
    if (outcome == Outcome::kSuspended) {
      struct Poll {
        Invocation* self;
        bool (*poll)(void*);
        void* user_data;
      } both{this, poll, user_data};
      auto poll_both = [](void* p) {
        auto* b = static_cast<Poll*>(p);
        return !b->self->cancelled.load(std::memory_order_relaxed) && b->poll(b->user_data);
      };
      woken_with.reset(wait_polling(hal::timepoints(awaited.get()), deadline_ns, poll_both, &both));
    } else if (uint64_t now = hal::now_ns(); now >= next_poll) {
      if (next_poll && !poll(user_data)) cancel();
      next_poll = now + kPollInterval;
    }
  }
}

}  // namespace iree::vm
