// Lets every allocation of a scenario fail in turn: each time there is an error or the scenario
// works, and in either case nothing leaks. Uses glibc's own entry points; not for a build with
// sanitizers, which replace malloc themselves.
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>

#include <atomic>

#include "memory_pool.h"
#include "support.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
int main() { puts("skipped: the sanitizer has malloc"); }
#else

extern "C" {
void* __libc_malloc(size_t);
void* __libc_realloc(void*, size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_memalign(size_t, size_t);
void __libc_free(void*);
}

namespace {

// Allocations to go until one fails; negative for never.
std::atomic<long> countdown{-1};
std::atomic<bool> failed{false};
std::atomic<long> live{0};

bool fails_now() {
  if (countdown.load(std::memory_order_relaxed) < 0) return false;
  if (countdown.fetch_sub(1) != 0) return false;
  failed = true;
  errno = ENOMEM;
  return true;
}

void* count(void* block) {
  if (block) ++live;
  return block;
}

}  // namespace

extern "C" {
void* malloc(size_t size) { return fails_now() ? nullptr : count(__libc_malloc(size)); }
void* calloc(size_t n, size_t size) {
  return fails_now() ? nullptr : count(__libc_calloc(n, size));
}
void* aligned_alloc(size_t alignment, size_t size) {
  return fails_now() ? nullptr : count(__libc_memalign(alignment, size));
}
void* realloc(void* block, size_t size) {
  if (!block) return malloc(size);
  return fails_now() ? nullptr : __libc_realloc(block, size);
}
void free(void* block) {
  if (!block) return;
  --live;
  __libc_free(block);
}
}

namespace iree::hal_cpu::test {
namespace {

int32_t add(const iree_cpu_dispatch_t* dispatch, const iree_cpu_workgroup_t* group) {
  auto* scratch = static_cast<uint32_t*>(group->local_memory);
  scratch[1000] = dispatch->constants[0];
  static_cast<uint32_t*>(dispatch->bindings[0])[group->id[0]] += scratch[1000];
  return 0;
}

iree_hal_status_t reached(iree_hal_status_t status) { return status; }

// Everything that allocates, once. Success, or the first error.
iree_hal_status_t scenario(const std::vector<uint8_t>& image, iree_hal_string_t threads) {
  iree_hal_option_t option = {hal::make_string("threads"), threads};
  DeviceRef device;
  IREE_HAL_TRY(driver()->create_device(driver(), hal::make_string(""), &option, 1, device.out()));
  const auto* v = device->vtable;
  const iree_hal_buffer_params_t params = {0, IREE_HAL_USAGE_STORAGE | IREE_HAL_USAGE_TRANSFER};
  ExecutableRef code;
  IREE_HAL_TRY(v->prepare_executable(device.get(), hal::make_string(kFormat),
                                     {image.data(), image.size()}, {}, code.out()));
  BufferRef buffer, transient, imported;
  IREE_HAL_TRY(v->allocate(device.get(), params, 4096, buffer.out()));
  alignas(64) static uint8_t memory[256];
  IREE_HAL_TRY(v->import_host(device.get(), params, memory, sizeof(memory), {}, imported.out()));
  memset(buffer->host_pointer, 0, 4096);
  SemaphoreRef start, done;
  IREE_HAL_TRY(v->create_semaphore(device.get(), 0, start.out()));
  IREE_HAL_TRY(v->create_semaphore(device.get(), 0, done.out()));
  CommandsRef commands;
  IREE_HAL_TRY(v->create_command_buffer(device.get(), 1, commands.out()));
  const auto* c = commands->vtable;
  const uint32_t counts[3] = {50, 1, 1}, one = 1;
  for (const iree_hal_binding_t& range : {slot(0), whole(buffer)}) {
    for (int i = 0; i < 40; ++i) {
      IREE_HAL_TRY(c->dispatch(commands.get(), code.get(), 0, counts, &one, 1, &range, 1));
      IREE_HAL_TRY(c->barrier(commands.get()));
    }
  }
  IREE_HAL_TRY(c->finalize(commands.get()));
  iree_hal_timepoint_t go = {start.get(), 1}, ran = {done.get(), 1}, end = {done.get(), 2};
  IREE_HAL_TRY(v->queue_alloca(device.get(), {}, {}, params, 100000, transient.out()));
  iree_hal_binding_t table = whole(buffer);
  IREE_HAL_TRY(v->queue_execute(device.get(), {&go, 1}, {&ran, 1}, commands.get(), {&table, 1}));
  IREE_HAL_TRY(v->queue_dealloca(device.get(), {&ran, 1}, {&end, 1}, transient.get()));
  iree_hal_status_t called = nullptr;
  IREE_HAL_TRY(done->vtable->on_reach(
      done.get(), 2,
      [](void* out, iree_hal_status_t status) {
        *static_cast<iree_hal_status_t*>(out) = reached(status);
      },
      &called));
  iree_hal_status_t status = start->vtable->signal(start.get(), 1);
  if (!status) status = wait(done, 2);
  // The callback is under way on another thread until the last reference to the semaphore is ours.
  while (__atomic_load_n(&done->object.reference_count, __ATOMIC_ACQUIRE) != 1) {
  }
  if (status) {
    hal::free_status(called);
    return status;
  }
  if (called) return called;
  expect(static_cast<uint32_t*>(buffer->host_pointer)[49] == 80, "the result is right");
  return nullptr;
}

int32_t sleep_long(const iree_cpu_dispatch_t*, const iree_cpu_workgroup_t*) {
  usleep(20000);
  return 0;
}

// Has both threads of the pool started and given scratch, which they keep.
void start_threads(const DeviceRef& device) {
  ExecutableRef code = load(device, {{sleep_long, 0, 0, 8192}});
  CommandsRef commands = make_commands(device);
  dispatch(commands, code, 0, 1, {});
  finalize(commands);
  SemaphoreRef a = make_semaphore(device), b = make_semaphore(device);
  expect_ok(execute(device, commands, a, 0, 1));
  expect_ok(execute(device, commands, b, 0, 1));
  usleep(100000);
  expect_ok(wait(a, 1));
  expect_ok(wait(b, 1));
}

// Returns how many allocations the scenario makes.
long fail_each(const char* threads) {
  const std::vector<uint8_t> image = make_image({{add, 1, 1, 8192}});
  // Once undisturbed, so that what is made once for the process is there.
  expect_ok(scenario(image, hal::make_string(threads)));
  for (long n = 0;; ++n) {
    MemoryPool::get().trim();
    long before = live;
    failed = false;
    countdown = n;
    iree_hal_status_t status = scenario(image, hal::make_string(threads));
    countdown = -1;
    if (status) {
      expect(failed && status->code == IREE_HAL_RESOURCE_EXHAUSTED, status->message);
      hal::free_status(status);
    }
    // A thread of the pool may still be freeing what it has just finished.
    uint64_t deadline = hal::deadline_after(2000000000);
    do {
      MemoryPool::get().trim();
    } while (live != before && hal::now_ns() < deadline);
    if (live != before) {
      fprintf(stderr, "allocation %ld: %ld blocks leak\n", n, live - before);
      abort();
    }
    if (!failed) return n;
  }
}

}  // namespace
}  // namespace iree::hal_cpu::test

int main() {
  using namespace iree::hal_cpu::test;
  printf("inline: each of %ld allocations failed in turn, no leak\n", fail_each("1"));
  // The pool stays, as its threads end when they please.
  DeviceRef keep = open_device(2);
  start_threads(keep);
  printf("2 threads: each of %ld allocations failed in turn, no leak\n", fail_each("2"));
}
#endif
