// A module made runnable: devices, resolved imports, globals.
#ifndef IREE_VM_CONTEXT_H_
#define IREE_VM_CONTEXT_H_

#include <functional>
#include <mutex>
#include <vector>

#include "invocation.h"
#include "module.h"
#include "natives.h"
#include "turn.h"

namespace iree::vm {

// An instance with its own globals. Any number of invocations may be in flight. If the module has
// state that functions can change (Module::stateful), their host code runs one at a time, switching
// only where an invocation waits or yields; else it runs in parallel.
class Context : public Object<Context> {
 public:
  // Resolves imports and has `run` run the initializer to its end, if there is one; by itself it
  // runs on this thread, without a limit of time. Throws hal::Error: NOT_FOUND or INCOMPATIBLE for
  // an import that is absent or has another signature, and what the initializer traps with; and
  // what `run` throws.
  static hal::Ref<Context> create(hal::Ref<Module> module,
                                  std::vector<hal::Ref<iree_hal_device_t>> devices, Limits limits,
                                  const std::function<void(Invocation&)>& run = run_to_end);

  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context();

  // An idle invocation of this context, which it keeps alive; used again after `recycle`.
  hal::Ref<Invocation> acquire();
  void recycle(hal::Ref<Invocation> invocation) noexcept;

  // A fence for `invocation` to signal when its results are valid. A module with state may keep it:
  // then it is on a timeline of its own, which a failure of this call spoils for nobody else.
  // Throws hal::Error.
  hal::Ref<iree_hal_fence_t> acquire_signal(Invocation& invocation);
  // Fails the fence of an invocation that failed, so that nobody waits for it in vain. Not if only
  // its caller's patience ended and it has changed state: that change is made, and the next call
  // waits for it.
  void fail_signal(Invocation& invocation, iree_hal_fence_t* signal);

  hal::Ref<Module> module;
  std::vector<hal::Ref<iree_hal_device_t>> devices;
  std::vector<const Native*> imports;  // NULL: optional and absent
  std::vector<Value> values;           // of globals; either this
  std::vector<Ref> refs;               // or this
  std::vector<Ref> rodata;             // a vm.buffer for each segment
  Turn turn;                           // taken while running, if stateful
  Limits limits;

 private:
  Context() = default;
  static void run_to_end(Invocation& invocation);

  // All contexts of the process, whose locks are held across fork(2).
  struct Registry;
  static Registry& registry();
  static void before_fork();
  static void after_fork(bool in_child);
  void enlist();

  Context* previous_ = nullptr;  // guarded by the registry's mutex
  Context* next_ = nullptr;      // likewise
  std::mutex idle_mutex_;
  std::vector<hal::Ref<Invocation>> idle_;
};

// The message of a failure with location and trace, as a status.
hal::Error to_error(const Failure& failure);

}  // namespace iree::vm
#endif  // IREE_VM_CONTEXT_H_
