// What others take for the same loops: OpenMP (libgomp) and, where it is installed, oneTBB. To be
// run beside dispatch_benchmark, on the same idle machine.
//
// Usage: baseline_benchmark [THREADS...], by default 2.
#include <omp.h>
#include <stdlib.h>
#if IREE_HAL_CPU_HAS_TBB
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#endif

#include "workload.h"

namespace iree::hal_cpu::test {
namespace {

volatile uint32_t counter;
volatile uint64_t results[1 << 16];

// Calls `body` for each of `count` indices in parallel and waits.
using ParallelFor = std::function<void(uint32_t count, void (*body)(uint32_t))>;

void nothing(uint32_t i) {
  if (i == UINT32_MAX) counter = 1;
}
void count(uint32_t) { counter = counter + 1; }
void burn_one(uint32_t i) { results[i * 8] = burn(i); }
void burn_fifty(uint32_t i) {
  for (int k = 0; k < 50; ++k) burn_one(i);
}

void measure(const char* name, unsigned threads, unsigned most, const ParallelFor& parallel) {
  auto chain = [&](int length, uint32_t width, void (*body)(uint32_t)) {
    for (int i = 0; i < length; ++i) parallel(width, body);
  };
  report(name, threads, "execute one tiny dispatch and wait",
         median_ns(5000, [&] { parallel(1, count); }), "ns");
  report(name, threads, "1000 dependent tiny dispatches, each",
         median_ns(20, [&] { chain(1000, threads, nothing); }) / 1000, "ns");
  report(name, threads, "100000 empty workgroups, each",
         median_ns(50, [&] { parallel(100000, nothing); }) / 1e5, "ns");
  report(name, threads, "independent submissions of 1 ms",
         median_ns(30, [&] { parallel(most, burn_fifty); }) / 1000, "us");
  report(name, threads, "20 dependent dispatches, 8 x 20 us per thread",
         median_ns(20, [&] { chain(20, 8 * most, burn_one); }) / 1000, "us");
  report(name, threads, "100 dependent dispatches, 20 us per thread",
         median_ns(30, [&] { chain(100, most, burn_one); }) / 1000, "us");
}

}  // namespace

void run(unsigned threads, unsigned most) {
  omp_set_num_threads(static_cast<int>(threads));
  measure("OpenMP", threads, most, [](uint32_t count, void (*body)(uint32_t)) {
#pragma omp parallel for schedule(dynamic, 1)
    for (uint32_t i = 0; i < count; ++i) body(i);
  });
#if IREE_HAL_CPU_HAS_TBB
  tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
  measure("oneTBB", threads, most, [](uint32_t count, void (*body)(uint32_t)) {
    tbb::parallel_for(uint32_t{0}, count, [body](uint32_t i) { body(i); });
  });
#endif
}

}  // namespace iree::hal_cpu::test

int main(int argc, char** argv) {
  std::vector<unsigned> threads = {2};
  if (argc > 1) threads.clear();
  for (int i = 1; i < argc; ++i) threads.push_back(static_cast<unsigned>(atoi(argv[i])));
  unsigned most = *std::max_element(threads.begin(), threads.end());
  for (unsigned n : threads) iree::hal_cpu::test::run(n, most);
}
