// Python objects whose memory a device uses are released by whichever thread finishes last: often a
// worker that must not wait for the GIL, which the thread that waits for that very worker may hold.

#include <atomic>

#include "common.h"

namespace iree::hal::py {
namespace {

struct Owner {
  PyObject* object;
  Owner* next;
};

// Owners to be freed by whoever has the GIL next.
std::atomic<Owner*> released{nullptr};

int drop_pending(void*) {
  drop_released();
  return 0;
}

// Not in the stable ABI's headers, but exported by every CPython; where it is not, every release is
// deferred.
extern "C" [[gnu::weak]] int PyGILState_Check(void);

bool has_gil() {
  // Threads Python has never seen are told apart first: with subinterpreters the check answers yes
  // to all.
  return PyGILState_GetThisThreadState() && PyGILState_Check && PyGILState_Check();
}

void release(void* user_data) {
  auto* owner = static_cast<Owner*>(user_data);
  if (!Py_IsInitialized()) return;  // the interpreter is gone, and its objects with it
  if (has_gil()) {
    Py_DECREF(owner->object);
    delete owner;
    return;
  }
  Owner* head = released.load(std::memory_order_relaxed);
  do {
    owner->next = head;
  } while (!released.compare_exchange_weak(head, owner, std::memory_order_release,
                                           std::memory_order_relaxed));
  // If the queue of pending calls is full, the next array made drops it.
  if (!head) Py_AddPendingCall(drop_pending, nullptr);
}

}  // namespace

iree_hal_release_callback_t keep_alive(PyObject* object) {
  auto* owner = new Owner{object, nullptr};
  Py_INCREF(object);
  return {release, owner};
}

void undo_keep_alive(iree_hal_release_callback_t callback) { release(callback.user_data); }

void drop_released() {
  if (!released.load(std::memory_order_relaxed)) [[likely]]
    return;
  Owner* owner = released.exchange(nullptr, std::memory_order_acquire);
  while (owner) {
    Owner* next = owner->next;
    Py_DECREF(owner->object);
    delete owner;
    owner = next;
  }
}

}  // namespace iree::hal::py
