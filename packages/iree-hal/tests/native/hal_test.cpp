// hal.hpp and the null driver without Python: values, every allocation failing in turn, and many
// threads. Built with IREE_HAL_SANITIZE it is what the sanitizers look at; see README.md.
#include <atomic>
#include <thread>
#include <vector>

#include "null_driver.h"

using namespace iree::hal;

#define CHECK(condition)                                                      \
  do {                                                                        \
    if (!(condition)) {                                                       \
      fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition); \
      abort();                                                                \
    }                                                                         \
  } while (false)

//===----------------------------------------------------------------------===//
// An allocator that fails the Nth time, under everything in this program (-Wl,--wrap)
//===----------------------------------------------------------------------===//

namespace {
std::atomic<int64_t> until_failure{INT64_MAX};
std::atomic<bool> has_failed{false};
std::atomic<int64_t> live{0};

bool fail_now() {
  if (until_failure.fetch_sub(1) != 1) return false;
  has_failed = true;
  return true;
}
}  // namespace

extern "C" {
void* __real_malloc(size_t size);
void __real_free(void* pointer);
int __real_posix_memalign(void** out, size_t alignment, size_t size);

void* __wrap_malloc(size_t size) {
  if (fail_now()) return nullptr;
  void* pointer = __real_malloc(size);
  if (pointer) ++live;
  return pointer;
}
int __wrap_posix_memalign(void** out, size_t alignment, size_t size) {
  if (fail_now()) return ENOMEM;
  int rc = __real_posix_memalign(out, alignment, size);
  if (!rc) ++live;
  return rc;
}
void __wrap_free(void* pointer) {
  if (pointer) --live;
  __real_free(pointer);
}
}
void* operator new(size_t size) {
  void* pointer = __wrap_malloc(size);
  if (!pointer) throw std::bad_alloc();
  return pointer;
}
void* operator new(size_t size, const std::nothrow_t&) noexcept { return __wrap_malloc(size); }
void operator delete(void* pointer) noexcept { __wrap_free(pointer); }
void operator delete(void* pointer, size_t) noexcept { __wrap_free(pointer); }

namespace {

//===----------------------------------------------------------------------===//
// hal.hpp
//===----------------------------------------------------------------------===//

bool has_code(iree_hal_status_t status, iree_hal_code_t code) {
  Status owned(status);
  return owned ? owned->code == code : code == IREE_HAL_OK;
}

void test_ranges() {
  constexpr uint64_t top = UINT64_MAX;
  const struct {
    uint64_t size, offset, length, resolved;  // resolved is top where the range is refused
  } rows[] = {
      {0, 0, 0, 0},      {0, 0, 1, top},        {10, 0, 10, 10},    {10, 10, 0, 0},
      {10, 11, 0, top},  {10, 3, top, 7},       {10, 10, top, 0},   {10, 11, top, top},
      {10, top, 1, top}, {10, 1, top - 1, top}, {top, 0, top, top}, {top - 1, 1, top - 2, top - 2},
      {10, 5, 6, top},
  };
  for (const auto& row : rows) {
    uint64_t length = row.length;
    iree_hal_status_t status = check_range(row.size, row.offset, &length, "test");
    if (row.resolved == top && row.size != top) {
      CHECK(has_code(status, IREE_HAL_OUT_OF_RANGE));
    } else {
      CHECK(!status && length == row.resolved);
    }
  }
}

void test_dense_sizes() {
  const struct {
    uint32_t type;
    std::vector<int64_t> shape;
    iree_hal_code_t code;
    uint64_t size;
  } rows[] = {
      {IREE_HAL_F32, {}, IREE_HAL_OK, 4},
      {IREE_HAL_F32, {2, 3}, IREE_HAL_OK, 24},
      {IREE_HAL_I4, {5}, IREE_HAL_OK, 5},
      {IREE_HAL_C128, {5}, IREE_HAL_OK, 80},
      {IREE_HAL_F32, {0, INT64_MAX, INT64_MAX}, IREE_HAL_OK, 0},
      {IREE_HAL_F32, {INT64_MAX, INT64_MAX, 0}, IREE_HAL_OK, 0},
      {IREE_HAL_I8, {INT64_MAX}, IREE_HAL_OK, INT64_MAX},
      {IREE_HAL_I16, {INT64_MAX}, IREE_HAL_OUT_OF_RANGE, 0},
      {IREE_HAL_I8, {1ll << 32, 1ll << 32}, IREE_HAL_OUT_OF_RANGE, 0},
      {IREE_HAL_I8, {-1}, IREE_HAL_INVALID_ARGUMENT, 0},
      {IREE_HAL_I8, {0, INT64_MIN}, IREE_HAL_INVALID_ARGUMENT, 0},
      {IREE_HAL_NONE, {1}, IREE_HAL_INVALID_ARGUMENT, 0},
      {0xFFFFFFFFu, {1}, IREE_HAL_INVALID_ARGUMENT, 0},
      {IREE_HAL_I8, std::vector<int64_t>(33, 1), IREE_HAL_INVALID_ARGUMENT, 0},
  };
  for (const auto& row : rows) {
    uint64_t size = 0;
    auto rank = static_cast<uint32_t>(row.shape.size());
    CHECK(has_code(dense_size(row.type, rank, row.shape.data(), &size), row.code));
    CHECK(size == row.size);
  }
}

void test_names() {
  for (const ElementTypeName& entry : kElementTypeNames) {
    CHECK(element_type_from_name(make_string(entry.name)) == entry.type);
  }
  CHECK(element_type_from_name(make_string("f33")) == IREE_HAL_NONE);
  CHECK(element_type_from_name({nullptr, 0}) == IREE_HAL_NONE);
  CHECK(strcmp(code_name(IREE_HAL_INCOMPATIBLE), "INCOMPATIBLE") == 0);
  CHECK(strcmp(code_name(static_cast<iree_hal_code_t>(99)), "UNKNOWN") == 0);
}

//===----------------------------------------------------------------------===//
// Every allocation fails in turn
//===----------------------------------------------------------------------===//

constexpr iree_hal_buffer_params_t kParams = {0, IREE_HAL_USAGE_TRANSFER | IREE_HAL_USAGE_MAPPING};

// One of everything. Returns the first error.
iree_hal_status_t use_everything(int* released) {
  const iree_hal_driver_t* driver = null::driver();
  Ref<iree_hal_device_t> device;
  IREE_HAL_TRY(driver->create_device(driver, {nullptr, 0}, nullptr, 0, device.out()));
  const iree_hal_device_vtable_t* table = device->vtable;

  Ref<iree_hal_buffer_t> one, two, imported;
  static char memory[64];
  IREE_HAL_TRY(table->allocate(device.get(), kParams, 1000, one.out()));
  IREE_HAL_TRY(table->allocate(device.get(), kParams, 0, two.out()));
  iree_hal_release_callback_t release = {[](void* count) { ++*static_cast<int*>(count); },
                                         released};
  iree_hal_status_t status =
      table->import_host(device.get(), kParams, memory, sizeof(memory), release, imported.out());
  if (status) {
    ++*released;  // then it is not called
    return status;
  }

  Ref<iree_hal_buffer_view_t> view;
  int64_t shape[] = {2, 3};
  IREE_HAL_TRY(make_buffer_view(one.get(), 8, IREE_HAL_F64, 2, shape, view.out()));

  Ref<iree_hal_semaphore_t> start, middle, done;
  IREE_HAL_TRY(table->create_semaphore(device.get(), 0, start.out()));
  IREE_HAL_TRY(table->create_semaphore(device.get(), 0, middle.out()));
  IREE_HAL_TRY(table->create_semaphore(device.get(), 0, done.out()));

  Ref<iree_hal_executable_t> executable;
  uint32_t code[] = {0x4C4C554E, 1, 2, 1};  // "NULL": one entry of two bindings and a constant
  IREE_HAL_TRY(table->prepare_executable(device.get(), make_string("null"), {code, sizeof(code)},
                                         {}, executable.out()));
  Ref<iree_hal_command_buffer_t> commands;
  IREE_HAL_TRY(table->create_command_buffer(device.get(), 1, commands.out()));
  const iree_hal_command_buffer_vtable_t* record = commands->vtable;
  iree_hal_binding_t slot = {nullptr, 0, 0, 0, 64}, direct = {one.get(), 0, 0, 256, 64};
  uint32_t pattern = 7, counts[3] = {1, 1, 1};
  IREE_HAL_TRY(record->fill(commands.get(), slot, &pattern, 4));
  IREE_HAL_TRY(record->barrier(commands.get()));
  IREE_HAL_TRY(record->copy(commands.get(), slot, direct));
  iree_hal_binding_t both[] = {slot, direct};
  IREE_HAL_TRY(record->dispatch(commands.get(), executable.get(), 0, counts, &pattern, 1, both, 2));
  IREE_HAL_TRY(record->finalize(commands.get()));

  iree_hal_timepoint_t waits[] = {{start.get(), 1}, {middle.get(), 1}};
  iree_hal_timepoint_t signals[] = {{done.get(), 1}};
  iree_hal_binding_t bound = {imported.get(), 0, 0, 0, 64};
  Ref<iree_hal_buffer_t> transient;
  IREE_HAL_TRY(table->queue_alloca(device.get(), {}, {&waits[0], 1}, kParams, 64, transient.out()));
  IREE_HAL_TRY(
      table->queue_fill(device.get(), {&waits[0], 1}, {&waits[1], 1}, direct, &pattern, 4));
  IREE_HAL_TRY(
      table->queue_execute(device.get(), {waits, 2}, {signals, 1}, commands.get(), {&bound, 1}));
  Ref<iree_hal_fence_t> fence;
  IREE_HAL_TRY(make_fence({signals, 1}, fence.out()));
  IREE_HAL_TRY(wait(timepoints(fence.get()), deadline_after(10'000'000'000)));

  // Left pending: the callback must come, with CANCELLED, when the semaphores go.
  Ref<iree_hal_semaphore_t> never;
  IREE_HAL_TRY(table->create_semaphore(device.get(), 0, never.out()));
  iree_hal_timepoint_t pending[] = {{never.get(), 1}, {done.get(), 9}};
  IREE_HAL_TRY(table->queue_execute(device.get(), {pending, 2}, {&pending[1], 1}, nullptr, {}));
  done->vtable->fail(done.get(), make_status(IREE_HAL_ABORTED, "enough"));
  return nullptr;
}

int test_failing_allocations() {
  for (int64_t nth = 1;; ++nth) {
    int released = 0;
    int64_t before = live;
    has_failed = false;
    until_failure = nth;
    iree_hal_status_t status = use_everything(&released);
    until_failure = INT64_MAX;
    bool failed = has_failed;
    if (!failed) CHECK(!status);
    if (status) CHECK(has_code(status, IREE_HAL_RESOURCE_EXHAUSTED));
    CHECK(live == before);
    // Imported memory is released once if it got that far.
    CHECK(released <= 1 && (failed || released == 1));
    if (!failed) return static_cast<int>(nth - 1);
  }
}

//===----------------------------------------------------------------------===//
// Threads
//===----------------------------------------------------------------------===//

struct World {
  Ref<iree_hal_device_t> device;
  const iree_hal_device_vtable_t* table;
  World() {
    check(null::driver()->create_device(null::driver(), {nullptr, 0}, nullptr, 0, device.out()));
    table = device->vtable;
  }
  Ref<iree_hal_semaphore_t> semaphore() {
    Ref<iree_hal_semaphore_t> result;
    check(table->create_semaphore(device.get(), 0, result.out()));
    return result;
  }
};

template <typename F>
void in_threads(int count, F body) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back(body, i);
  for (std::thread& thread : threads) thread.join();
}

// Chains of operations from one semaphore to the next, submitted by all threads while others
// signal.
void test_chains() {
  World world;
  constexpr int kThreads = 4, kSteps = 2000;
  std::vector<Ref<iree_hal_semaphore_t>> points;
  for (int i = 0; i <= kThreads; ++i) points.push_back(world.semaphore());
  in_threads(kThreads + 1, [&](int index) {
    for (uint64_t step = 1; step <= kSteps; ++step) {
      if (index == kThreads) {
        check(points[0]->vtable->signal(points[0].get(), step));
        continue;
      }
      iree_hal_timepoint_t before = {points[index].get(), step},
                           after = {points[index + 1].get(), step};
      // A later step may overtake an earlier one, whose signal then fails the semaphore: order
      // them.
      iree_hal_timepoint_t waits[] = {before, {after.semaphore, step - 1}};
      check(world.table->queue_execute(world.device.get(), {waits, 2}, {&after, 1}, nullptr, {}));
    }
  });
  check(points[kThreads]->vtable->wait(points[kThreads].get(), kSteps,
                                       deadline_after(60'000'000'000)));
}

// Waiters and callbacks come and go while the value grows; each callback runs once.
void test_waiters() {
  World world;
  Ref<iree_hal_semaphore_t> semaphore = world.semaphore();
  constexpr uint64_t kTop = 5000;
  std::atomic<uint64_t> called{0};
  in_threads(4, [&](int index) {
    for (uint64_t value = 1; value <= kTop; ++value) {
      if (index == 0) {
        check(semaphore->vtable->signal(semaphore.get(), value));
      } else if (index == 1) {
        check(semaphore->vtable->wait(semaphore.get(), value, deadline_after(60'000'000'000)));
      } else {
        check(semaphore->vtable->on_reach(
            semaphore.get(), value,
            [](void* count, iree_hal_status_t status) {
              CHECK(!status);
              ++*static_cast<std::atomic<uint64_t>*>(count);
            },
            &called));
      }
    }
  });
  CHECK(called == 2 * kTop);
}

// One thread fails, others wait, signal and drop their references.
void test_failures() {
  World world;
  for (int round = 0; round < 300; ++round) {
    Ref<iree_hal_semaphore_t> semaphore = world.semaphore(), other = world.semaphore();
    std::atomic<int> called{0};
    in_threads(4, [&, own = semaphore](int index) mutable {
      iree_hal_timepoint_t both[] = {{own.get(), 10}, {other.get(), 1}};
      if (index == 0) {
        own->vtable->fail(own.get(), make_status(IREE_HAL_ABORTED, "round %d", round));
      } else if (index == 1) {
        CHECK(has_code(own->vtable->wait(own.get(), 10, IREE_HAL_INFINITE), IREE_HAL_ABORTED));
      } else if (index == 2) {
        check(other->vtable->signal(other.get(), 1));
      } else {
        check(on_reach(
            {both, 2},
            [](void* count, iree_hal_status_t status) {
              CHECK(has_code(status, IREE_HAL_ABORTED));
              ++*static_cast<std::atomic<int>*>(count);
            },
            &called));
      }
      own.reset();
    });
    CHECK(called == 1);
  }
}

}  // namespace

int main() {
  test_ranges();
  test_dense_sizes();
  test_names();
  int points = test_failing_allocations();
  CHECK(points > 20);
  test_chains();
  test_waiters();
  test_failures();
  printf("ok: %d allocations failed in turn\n", points);
  return 0;
}
