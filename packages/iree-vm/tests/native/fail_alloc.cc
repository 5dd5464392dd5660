// Every allocation fails in turn, of calls that block and of calls in the background: each time
// there is an error and nothing leaks.
//
// Usage: vm_fail_alloc MODULE…
#include <atomic>
#include <new>
#include <thread>

#include "support.h"

namespace {

// The allocation, counted from 1, that fails; 0 for none.
std::atomic<uint64_t> failing = 0, allocations = 0;
std::atomic<int64_t> live = 0;

bool fails() { return ++allocations == failing; }

}  // namespace

extern "C" {
void* __real_malloc(size_t size);
void* __real_realloc(void* pointer, size_t size);
void* __real_aligned_alloc(size_t alignment, size_t size);
int __real_posix_memalign(void** out, size_t alignment, size_t size);
void __real_free(void* pointer);

void* __wrap_malloc(size_t size) {
  if (fails()) return nullptr;
  ++live;
  return __real_malloc(size);
}
void* __wrap_realloc(void* pointer, size_t size) {
  if (fails()) return nullptr;
  if (!pointer) ++live;
  return __real_realloc(pointer, size);
}
void* __wrap_aligned_alloc(size_t alignment, size_t size) {
  if (fails()) return nullptr;
  ++live;
  return __real_aligned_alloc(alignment, size);
}
int __wrap_posix_memalign(void** out, size_t alignment, size_t size) {
  if (fails()) return 12;  // ENOMEM
  ++live;
  return __real_posix_memalign(out, alignment, size);
}
void __wrap_free(void* pointer) {
  if (pointer) --live;
  __real_free(pointer);
}
}

void* operator new(size_t size) {
  void* pointer = fails() ? nullptr : __real_malloc(size);
  if (!pointer) throw std::bad_alloc();
  ++live;
  return pointer;
}
void* operator new(size_t size, const std::nothrow_t&) noexcept {
  if (fails()) return nullptr;
  ++live;
  return __real_malloc(size);
}
void operator delete(void* pointer) noexcept { __wrap_free(pointer); }
void operator delete(void* pointer, size_t) noexcept { __wrap_free(pointer); }
void operator delete(void* pointer, const std::nothrow_t&) noexcept { __wrap_free(pointer); }

namespace iree::vm::test {
namespace {

// Calls in the background and waits until nothing of that is left; whether it went well.
bool run_as_task(hal::Ref<Context> context, hal::Ref<Invocation> invocation,
                 hal::Ref<iree_hal_fence_t> signal) {
  bool ok = false;
  auto done = [](void* user_data, Task& task) {
    if (task.invocation->failed()) {
      if (task.signal) task.context->fail_signal(*task.invocation.get(), task.signal.get());
      return;
    }
    *static_cast<bool*>(user_data) = true;
    task.context->recycle(std::move(task.invocation));
  };
  auto task = hal::Ref<Task>::adopt(
      new Task(std::move(context), std::move(invocation), std::move(signal), done, &ok));
  Executor::get().start(task);
  while (__atomic_load_n(&task->object.reference_count, __ATOMIC_ACQUIRE) != 1)
    std::this_thread::yield();
  return ok;
}

// Returns whether it went through.
bool load_and_call(const Bytes& data, bool in_background) {
  try {
    auto device = open_null_device();
    auto context = Context::create(Module::copy(data.data(), data.size()), {device}, Limits());
    bool ok = true;
    for (const Export& e : context->module->exports) {
      const Function& f = context->module->functions[e.function];
      hal::Ref<Invocation> invocation = context->acquire();
      hal::Ref<iree_hal_fence_t> signal;
      if (e.convention == Convention::kFences) signal = context->acquire_signal(*invocation.get());
      invocation->begin(f);
      if (signal)
        invocation->ref_argument(f.ref_arguments - 1) = Ref::retain(RefType::kFence, signal.get());
      if (in_background) {
        ok &= run_as_task(context, std::move(invocation), std::move(signal));
        continue;
      }
      invocation->run_blocking(never_stop, nullptr);
      ok &= !invocation->failed();
      if (signal && invocation->failed()) context->fail_signal(*invocation.get(), signal.get());
      context->recycle(std::move(invocation));
    }
    return ok;
  } catch (const hal::Error& error) {
    return false;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

}  // namespace
}  // namespace iree::vm::test

int main(int argc, char** argv) {
  using namespace iree::vm::test;
  uint64_t failures = 0;
  for (int i = 2; i < 2 * argc; ++i) {
    const bool in_background = i % 2;
    const char* path = argv[i / 2];
    Bytes data = read_file(path);
    EXPECT(load_and_call(data, in_background));  // also makes what lives for ever
    for (uint64_t n = 1;; ++n, ++failures) {
      int64_t before = live;
      allocations = 0;
      failing = n;
      bool ok = load_and_call(data, in_background);
      bool injected = allocations >= n;
      failing = 0;
      if (live != before)
        fail("allocation " + std::to_string(n) + " of " + path + ": leak of " +
             std::to_string(live - before));
      if (!injected) {
        EXPECT(ok);
        break;
      }
    }
  }
  printf("%llu failing allocations\n", (unsigned long long)failures);
  return 0;
}
