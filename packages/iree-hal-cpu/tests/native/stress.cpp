// Many threads, many submissions, every kind of dependency: for the thread sanitizer. Each case
// checks results that any lost or doubled workgroup, missed dependency or missed wake-up would
// change.
//
// Usage: stress [ROUNDS]
#include <stdlib.h>

#include <atomic>
#include <thread>

#include "support.h"

namespace iree::hal_cpu::test {
namespace {

uint32_t* words(const iree_cpu_dispatch_t* dispatch, int binding) {
  return static_cast<uint32_t*>(dispatch->bindings[binding]);
}

// Adds the constant to one word for each workgroup.
int32_t add(const iree_cpu_dispatch_t* dispatch, const iree_cpu_workgroup_t* group) {
  words(dispatch, 0)[group->id[0]] += dispatch->constants[0];
  return 0;
}

// out[i] = in[i] + in[(i + 1) % n], through scratch: reads what another worker wrote before the
// barrier.
int32_t mix(const iree_cpu_dispatch_t* dispatch, const iree_cpu_workgroup_t* group) {
  uint32_t n = dispatch->workgroup_count[0], i = group->id[0];
  auto* scratch = static_cast<uint32_t*>(group->local_memory);
  scratch[0] = words(dispatch, 0)[i];
  scratch[1] = words(dispatch, 0)[(i + 1) % n];
  words(dispatch, 1)[i] = scratch[0] + scratch[1];
  return 0;
}

// Some microseconds, so that phases are worth spreading.
int32_t work(const iree_cpu_dispatch_t* dispatch, const iree_cpu_workgroup_t* group) {
  uint32_t x = group->id[0];
  for (int i = 0; i < 2000; ++i) x = x * 1664525 + 1013904223;
  words(dispatch, 0)[group->id[0]] += x | 1;
  return 0;
}

int32_t fails(const iree_cpu_dispatch_t*, const iree_cpu_workgroup_t* group) {
  return group->id[0] == 3 ? 7 : 0;
}

enum : uint32_t { kAdd, kMix, kWork, kFails };
const std::vector<Kernel> kKernels = {
    {add, 1, 1}, {mix, 2, 0, 128}, {work, 1}, {fails, 0, 0, 0, "fails"}};

// A wide chain: each phase depends on all of the one before.
void chain_of_wide_phases(unsigned threads) {
  constexpr uint32_t kWidth = 300;
  constexpr int kSteps = 20;
  DeviceRef device = open_device(threads);
  ExecutableRef code = load(device, kKernels);
  BufferRef a = allocate(device, kWidth * 4), b = allocate(device, kWidth * 4);
  SemaphoreRef timeline = make_semaphore(device);
  CommandsRef commands = make_commands(device);
  std::vector<uint32_t> expected(kWidth);
  for (uint32_t i = 0; i < kWidth; ++i) {
    expected[i] = i * i;
    static_cast<uint32_t*>(a->host_pointer)[i] = i * i;
  }
  for (int step = 0; step < kSteps; ++step) {
    dispatch(commands, code, kMix, kWidth, {whole(step % 2 ? b : a), whole(step % 2 ? a : b)});
    barrier(commands);
    std::vector<uint32_t> next(kWidth);
    for (uint32_t i = 0; i < kWidth; ++i) next[i] = expected[i] + expected[(i + 1) % kWidth];
    expected = next;
  }
  finalize(commands);
  expect_ok(execute(device, commands, timeline, 0, 1));
  expect_ok(wait(timeline, 1));
  expect(memcmp(a->host_pointer, expected.data(), kWidth * 4) == 0, "wide chain");
}

// Several threads of the application, each with its timeline, replay one command buffer with their
// own slots.
void many_callers(unsigned threads) {
  constexpr int kCallers = 6, kCalls = 60;
  constexpr uint32_t kWidth = 40;
  DeviceRef device = open_device(threads);
  ExecutableRef code = load(device, kKernels);
  CommandsRef commands = make_commands(device, 1);
  dispatch(commands, code, kWork, kWidth, {slot(0)});
  barrier(commands);
  dispatch(commands, code, kAdd, kWidth, {slot(0)}, {5});
  finalize(commands);
  std::vector<std::thread> callers;
  std::atomic<int> wrong{0};
  for (int c = 0; c < kCallers; ++c) {
    callers.emplace_back([&, c] {
      BufferRef buffer = allocate(device, kWidth * 4);
      SemaphoreRef timeline = make_semaphore(device);
      for (uint64_t i = 0; i < kCalls; ++i) {
        expect_ok(execute(device, commands, timeline, i, i + 1, {whole(buffer)}));
        // Some wait each time, some with a deadline, some only at the end.
        if (c % 3 == 0) expect_ok(wait(timeline, i + 1));
        if (c % 3 == 1) {
          while (iree_hal_code_t code =
                     code_of(wait(timeline, i + 1, hal::deadline_after(20000)))) {
            expect(code == IREE_HAL_DEADLINE_EXCEEDED, "deadline");
          }
        }
      }
      expect_ok(wait(timeline, kCalls));
      for (uint32_t i = 0; i < kWidth; ++i) {
        uint32_t x = i;
        for (int k = 0; k < 2000; ++k) x = x * 1664525 + 1013904223;
        uint32_t value = static_cast<uint32_t*>(buffer->host_pointer)[i];
        if (value != ((x | 1) + 5) * kCalls) ++wrong;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  expect(wrong == 0, "many callers");
}

// Thousands in flight, submitted last first; nothing runs until the host signals.
void backwards(unsigned threads) {
  constexpr uint64_t kCount = 3000;
  DeviceRef device = open_device(threads);
  ExecutableRef code = load(device, kKernels);
  BufferRef buffer = allocate(device, 64);
  SemaphoreRef timeline = make_semaphore(device);
  CommandsRef commands = make_commands(device);
  dispatch(commands, code, kAdd, 1, {whole(buffer)}, {1});
  finalize(commands);
  for (uint64_t i = kCount; i > 0; --i) expect_ok(execute(device, commands, timeline, i, i + 1));
  expect(*static_cast<uint32_t*>(buffer->host_pointer) == 0, "nothing runs too early");
  std::thread signaller([&] { expect_ok(timeline->vtable->signal(timeline.get(), 1)); });
  expect_ok(wait(timeline, kCount + 1));
  signaller.join();
  expect(*static_cast<uint32_t*>(buffer->host_pointer) == kCount, "all ran once");
}

// Diamonds over several timelines and two devices.
void diamonds(unsigned threads) {
  constexpr int kCount = 100;
  DeviceRef device = open_device(threads), other = open_device(threads + 1);
  ExecutableRef code = load(device, kKernels);
  BufferRef left = allocate(device, 64), right = allocate(device, 64);
  SemaphoreRef top = make_semaphore(device), a = make_semaphore(device), b = make_semaphore(other);
  CommandsRef left_add = make_commands(device), right_add = make_commands(other);
  dispatch(left_add, code, kAdd, 2, {whole(left)}, {1});
  finalize(left_add);
  dispatch(right_add, code, kAdd, 2, {whole(right)}, {2});
  finalize(right_add);
  for (uint64_t i = 0; i < kCount; ++i) {
    iree_hal_timepoint_t start = {top.get(), i}, end = {top.get(), i + 1};
    iree_hal_timepoint_t a_done = {a.get(), i + 1}, b_done = {b.get(), i + 1};
    iree_hal_timepoint_t both[2] = {a_done, b_done};
    expect_ok(
        device->vtable->queue_execute(device.get(), {&start, 1}, {&a_done, 1}, left_add.get(), {}));
    expect_ok(
        other->vtable->queue_execute(other.get(), {&start, 1}, {&b_done, 1}, right_add.get(), {}));
    expect_ok(device->vtable->queue_execute(device.get(), {both, 2}, {&end, 1}, nullptr, {}));
  }
  expect_ok(wait(top, kCount));
  expect(static_cast<uint32_t*>(left->host_pointer)[1] == kCount, "left of the diamond");
  expect(static_cast<uint32_t*>(right->host_pointer)[1] == 2 * kCount, "right of the diamond");
}

// A failing kernel fails all that depends on it, at once and later, and nothing else.
void failures(unsigned threads) {
  DeviceRef device = open_device(threads);
  ExecutableRef code = load(device, kKernels);
  CommandsRef bad = make_commands(device);
  dispatch(bad, code, kFails, 100, {});
  finalize(bad);
  for (int round = 0; round < 20; ++round) {
    SemaphoreRef timeline = make_semaphore(device), sound = make_semaphore(device);
    for (uint64_t i = 0; i < 20; ++i) expect_ok(execute(device, bad, timeline, i, i + 1));
    expect_ok(execute(device, CommandsRef(), sound, 0, 1));
    iree_hal_status_t status = wait(timeline, 20);
    expect(status && status->code == IREE_HAL_INTERNAL, "the failure arrives");
    expect(strstr(status->message, "'fails' failed with code 7 in workgroup (3, 0, 0)") != nullptr,
           status->message);
    hal::free_status(status);
    expect_ok(wait(sound, 1));
    expect(code_of(wait(timeline, 1)) == IREE_HAL_INTERNAL, "and stays");
  }
}

// Callbacks of semaphores that are signalled, failed or destroyed by racing threads: each is called
// once.
void callbacks(unsigned threads) {
  constexpr int kRounds = 50, kWaiters = 20;
  DeviceRef device = open_device(threads);
  std::atomic<int> called{0};
  auto count = [](void* user_data, iree_hal_status_t status) {
    hal::free_status(status);
    ++*static_cast<std::atomic<int>*>(user_data);
  };
  for (int round = 0; round < kRounds; ++round) {
    SemaphoreRef semaphore = make_semaphore(device);
    std::vector<std::thread> racers;
    for (int r = 0; r < 2; ++r) {
      racers.emplace_back([&, mine = semaphore] {
        for (uint64_t i = 0; i < kWaiters; ++i) {
          expect_ok(mine->vtable->on_reach(mine.get(), (i * 7) % kWaiters, count, &called));
        }
      });
    }
    racers.emplace_back([round, mine = semaphore] {
      for (uint64_t i = 1; i < kWaiters / 2; ++i)
        hal::free_status(mine->vtable->signal(mine.get(), i));
      if (round % 2) mine->vtable->fail(mine.get(), hal::make_status(IREE_HAL_ABORTED, "enough"));
    });
    semaphore.reset();
    for (std::thread& racer : racers) racer.join();
    expect(called.exchange(0) == 2 * kWaiters, "each callback is called once");
  }
}

// Devices and pools that come and go while their last work ends.
void coming_and_going(unsigned threads) {
  for (int round = 0; round < 30; ++round) {
    DeviceRef device = open_device(threads);
    SemaphoreRef timeline = make_semaphore(device);
    {
      ExecutableRef code = load(device, kKernels);
      BufferRef buffer = allocate(device, 4096);
      CommandsRef commands = make_commands(device);
      dispatch(commands, code, kWork, 100, {whole(buffer)});
      finalize(commands);
      expect_ok(execute(device, commands, timeline, 0, 1));
    }
    device.reset();
    if (round % 2) expect_ok(wait(timeline, 1));
  }
}

// A transient buffer per call, its memory reused while the next call is under way.
void transients(unsigned threads) {
  DeviceRef device = open_device(threads);
  SemaphoreRef timeline = make_semaphore(device);
  uint64_t now = 0;
  for (int round = 0; round < 100; ++round) {
    iree_hal_timepoint_t points[5];
    for (uint64_t i = 0; i < 5; ++i) points[i] = {timeline.get(), now + i};
    BufferRef buffer;
    expect_ok(device->vtable->queue_alloca(device.get(), {&points[0], 1}, {&points[1], 1},
                                           {0, IREE_HAL_USAGE_TRANSFER}, 300000, buffer.out()));
    uint32_t pattern = static_cast<uint32_t>(round);
    iree_hal_binding_t left = {buffer.get(), 0, 0, 0, 150000};
    iree_hal_binding_t right = {buffer.get(), 0, 0, 150000, 150000};
    expect_ok(device->vtable->queue_fill(device.get(), {&points[1], 1}, {&points[2], 1}, left,
                                         &pattern, 4));
    expect_ok(
        device->vtable->queue_copy(device.get(), {&points[2], 1}, {&points[3], 1}, left, right));
    if (round % 10 == 0) {
      expect_ok(wait(timeline, now + 3));
      uint32_t last;
      memcpy(&last, static_cast<uint8_t*>(buffer->host_pointer) + 300000 - 4, 4);
      expect(last == pattern, "copied");
    }
    expect_ok(device->vtable->queue_dealloca(device.get(), {&points[3], 1}, {&points[4], 1},
                                             buffer.get()));
    now += 4;
  }
  expect_ok(wait(timeline, now));
  int64_t used = -1;
  expect_ok(device->vtable->query_i64(device.get(), hal::make_string("memory.used"), &used));
  expect(used == 0, "all memory is back");
}

struct Case {
  const char* name;
  void (*run)(unsigned threads);
};
constexpr Case kCases[] = {
    {"chain of wide phases", chain_of_wide_phases},
    {"many callers", many_callers},
    {"backwards", backwards},
    {"diamonds", diamonds},
    {"failures", failures},
    {"callbacks", callbacks},
    {"coming and going", coming_and_going},
    {"transients", transients},
};

}  // namespace
}  // namespace iree::hal_cpu::test

int main(int argc, char** argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 1;
  for (int round = 0; round < rounds; ++round) {
    for (unsigned threads : {1u, 2u, 3u, 8u}) {
      for (const auto& c : iree::hal_cpu::test::kCases) {
        uint64_t start = iree::hal::now_ns();
        c.run(threads);
        printf("%s, %u threads: %llu ms\n", c.name, threads,
               static_cast<unsigned long long>((iree::hal::now_ns() - start) / 1000000));
      }
    }
  }
}
