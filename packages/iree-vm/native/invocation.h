// One running call: its stack, its results, and how it waits.
#ifndef IREE_VM_INVOCATION_H_
#define IREE_VM_INVOCATION_H_

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "list.h"
#include "module.h"

namespace iree::vm {

class Context;

// Bounds of one invocation.
struct Limits {
  uint32_t depth = 1024;                 // calls within calls
  uint64_t memory = uint64_t{64} << 20;  // bytes of stack and lists
};

// Why an invocation ended early.
struct Failure {
  iree_hal_code_t code = IREE_HAL_OK;
  std::string message;
  std::string location;  // of the instruction, "" if the module has none
  std::string trace;     // functions on the stack, innermost first, one a line
};

// An activation of a function. Its registers follow in memory: values, references, then scratch for
// parallel moves.
struct Frame {
  Frame* caller;
  const Function* function;
  const uint16_t* pc;       // next instruction, or the one at work where something may throw
  const uint16_t* results;  // in the caller's code: registers for the results
  Value* values;
  Ref* refs;
  char* base;  // the top of the stack before this frame
};

enum class Outcome {
  kDone,       // results or failure are there
  kSuspended,  // until `awaited` is reached
  kYielded,    // wants others to have their turn
  kPaused,     // was at it for a while; to be resumed without giving up the context's turn
};

class Invocation : public Object<Invocation> {
 public:
  Invocation(Context& context, Limits limits);
  Invocation(const Invocation&) = delete;
  Invocation& operator=(const Invocation&) = delete;
  ~Invocation();

  // Starts over: the frame of `function` is pushed, its registers 0 and null; the caller then fills
  // in the arguments. Throws RESOURCE_EXHAUSTED.
  void begin(const Function& function);
  Value& value_argument(uint32_t i) { return frame->values[i]; }
  Ref& ref_argument(uint32_t i) { return frame->refs[i]; }

  // Runs until done, suspended or yielding. Never throws. One thread at a time. `poll`, which may
  // be NULL, is called now and then while a device works on this thread; if it returns false, the
  // invocation is cancelled.
  Outcome run(bool (*poll)(void*) = nullptr, void* user_data = nullptr) noexcept;
  // Runs to the end on this thread, which blocks while the invocation waits. `poll` is called now
  // and then while blocked or busy.
  void run_blocking(bool (*poll)(void*), void* user_data) noexcept;
  // From any thread, at any time: the invocation ends with CANCELLED at its next check.
  void cancel() { cancelled.store(true, std::memory_order_relaxed); }
  bool failed() const { return failure.code != IREE_HAL_OK; }
  // Drops stack, results and failure.
  void reset();

  // Used by the interpreter and the imports.
  Frame* push(const Function& function, const uint16_t* results);
  void pop();
  hal::Ref<Budget> budget();
  // CANCELLED, DEADLINE_EXCEEDED or success.
  iree_hal_status_t interruption() const;
  // Throws it.
  void check_interrupts() const { hal::check(interruption()); }
  void record_failure(const hal::Error& error) noexcept;
  void record_failure(iree_hal_code_t code, const char* message) noexcept;

  Context& context;
  Limits limits;
  uint64_t deadline_ns = IREE_HAL_INFINITE;
  std::atomic<bool> cancelled{false};

  bool returned = false;   // host code came to its end: all that it does on devices is submitted
  Frame* frame = nullptr;  // innermost
  uint32_t depth = 0;
  hal::Ref<iree_hal_fence_t> awaited;  // of kSuspended
  hal::Status woken_with;              // what the wait ended with, if not success
  std::vector<Value> value_results;    // in order
  std::vector<Ref> ref_results;
  Failure failure;

  // The timeline that calls through `acquire_signal` are signalled on; used by one call after the
  // other.
  hal::Ref<iree_hal_semaphore_t> timeline;
  uint64_t timeline_value = 0;

 private:
  struct Chunk {
    Chunk* before;
    char* end;
    char* begin() { return reinterpret_cast<char*>(this + 1); }
  };
  void grow(size_t bytes);
  void unwind();
  // Waits for the context's turn; records a failure and returns false if it cannot be had, or the
  // deadline passes or it is cancelled first.
  bool take_turn(bool (*poll)(void*), void* user_data) noexcept;
  // Frees lists of this run that only hold each other.
  void collect_garbage() noexcept;

  hal::Ref<Budget> budget_;
  Chunk* chunk_ = nullptr;
  char* top_ = nullptr;
  char* end_ = nullptr;
};

// Blocks until all are reached (NULL) or one failed, the deadline passed (DEADLINE_EXCEEDED) or
// `poll`, called now and then, returned false (CANCELLED).
iree_hal_status_t wait_polling(iree_hal_timepoints_t points, uint64_t deadline_ns,
                               bool (*poll)(void*), void* user_data);

// The loop; interpreter.cc.
Outcome interpret(Invocation& invocation);

}  // namespace iree::vm
#endif  // IREE_VM_INVOCATION_H_
