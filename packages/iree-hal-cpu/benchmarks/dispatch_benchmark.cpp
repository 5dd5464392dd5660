// What scheduling costs and how work scales: medians of repeated runs, on one line each.
//
// Usage: dispatch_benchmark [THREADS...], by default 1 (inline) and 2. Speed-ups are against the
// first of them.
#include <stdlib.h>

#include "../tests/native/support.h"
#include "workload.h"

namespace iree::hal_cpu::test {
namespace {

int32_t nothing(const iree_cpu_dispatch_t*, const iree_cpu_workgroup_t*) { return 0; }

int32_t count(const iree_cpu_dispatch_t* dispatch, const iree_cpu_workgroup_t*) {
  ++*static_cast<uint32_t*>(dispatch->bindings[0]);
  return 0;
}

int32_t burn_one(const iree_cpu_dispatch_t* dispatch, const iree_cpu_workgroup_t* group) {
  static_cast<uint64_t*>(dispatch->bindings[0])[group->id[0] * 8] = burn(group->id[0]);
  return 0;
}

void report(unsigned threads, const char* name, double value, const char* unit) {
  test::report("here", threads, name, value, unit);
}

struct Bench {
  unsigned threads;
  DeviceRef device = open_device(threads);
  ExecutableRef code = load(device, {{nothing}, {count}, {burn_one}});
  BufferRef buffer = allocate(device, 1 << 20);
  SemaphoreRef timeline = make_semaphore(device);
  uint64_t now = 0;

  CommandsRef chain(uint32_t ordinal, int length, uint32_t groups) {
    CommandsRef commands = make_commands(device);
    for (int i = 0; i < length; ++i) {
      dispatch(commands, code, ordinal, groups, {whole(buffer)});
      barrier(commands);
    }
    finalize(commands);
    return commands;
  }
  void run(const CommandsRef& commands) {
    expect_ok(execute(device, commands, timeline, now, now + 1));
    expect_ok(wait(timeline, ++now));
  }
  void eight_in_a_row(const CommandsRef& commands) {
    for (int i = 0; i < 8; ++i, ++now) expect_ok(execute(device, commands, timeline, now, now + 1));
    expect_ok(wait(timeline, now));
  }
  void alloca_and_dealloca() {
    BufferRef transient;
    iree_hal_timepoint_t points[3] = {
        {timeline.get(), now}, {timeline.get(), now + 1}, {timeline.get(), now + 2}};
    expect_ok(device->vtable->queue_alloca(device.get(), {&points[0], 1}, {&points[1], 1},
                                           {0, IREE_HAL_USAGE_STORAGE}, 1 << 20, transient.out()));
    expect_ok(device->vtable->queue_dealloca(device.get(), {&points[1], 1}, {&points[2], 1},
                                             transient.get()));
    now += 2;
  }
  // As many submissions as there are semaphores, which know nothing of each other.
  void independent(const CommandsRef& commands, const std::vector<SemaphoreRef>& semaphores,
                   uint64_t value) {
    for (const SemaphoreRef& s : semaphores)
      expect_ok(execute(device, commands, s, value, value + 1));
    for (const SemaphoreRef& s : semaphores) expect_ok(wait(s, value + 1));
  }

  void overhead() {
    CommandsRef empty = chain(0, 0, 1), one = chain(1, 1, 1), sixteen = chain(1, 16, 1);
    CommandsRef thousand = chain(1, 1000, 1), wide = chain(0, 1, 100000);
    report(threads, "execute an empty command buffer and wait",
           median_ns(20000, [&] { run(empty); }), "ns");
    report(threads, "execute one tiny dispatch and wait", median_ns(20000, [&] { run(one); }),
           "ns");
    report(threads, "execute 16 dependent tiny dispatches and wait",
           median_ns(10000, [&] { run(sixteen); }), "ns");
    report(threads, "1000 dependent tiny dispatches, each",
           median_ns(500, [&] { run(thousand); }) / 1000, "ns");
    report(threads, "100000 empty workgroups, each", median_ns(200, [&] { run(wide); }) / 1e5,
           "ns");
    report(threads, "8 submissions, each waiting for the last, each",
           median_ns(2000, [&] { eight_in_a_row(one); }) / 8, "ns");
    report(threads, "alloca and dealloca of 1 MiB", median_ns(5000, [&] { alloca_and_dealloca(); }),
           "ns");
  }

  // Microseconds of the same work for every number of threads: enough for `most` of them.
  std::vector<double> scaling(unsigned most) {
    CommandsRef millisecond = chain(2, 50, 1), coarse = chain(2, 20, 8 * most),
                fine = chain(2, 100, most);
    std::vector<SemaphoreRef> semaphores;
    for (unsigned i = 0; i < most; ++i) semaphores.push_back(make_semaphore(device));
    uint64_t value = 0;
    return {median_ns(30, [&] { independent(millisecond, semaphores, value++); }) / 1000,
            median_ns(20, [&] { run(coarse); }) / 1000, median_ns(30, [&] { run(fine); }) / 1000};
  }
};

void scaling(const std::vector<unsigned>& threads) {
  unsigned most = *std::max_element(threads.begin(), threads.end());
  const char* names[] = {"independent submissions of 1 ms",
                         "20 dependent dispatches, 8 x 20 us per thread",
                         "100 dependent dispatches, 20 us per thread"};
  std::vector<double> first;
  for (unsigned n : threads) {
    std::vector<double> times = Bench{n}.scaling(most);
    if (first.empty()) first = times;
    for (size_t i = 0; i < times.size(); ++i) {
      report(n, names[i], times[i], "us");
      report(n, "    speed-up", first[i] / times[i], "x");
    }
  }
}

}  // namespace
}  // namespace iree::hal_cpu::test

int main(int argc, char** argv) {
  std::vector<unsigned> threads = {1, 2};
  if (argc > 1) threads.clear();
  for (int i = 1; i < argc; ++i) threads.push_back(static_cast<unsigned>(atoi(argv[i])));
  for (unsigned n : threads) iree::hal_cpu::test::Bench{n}.overhead();
  iree::hal_cpu::test::scaling(threads);
}
