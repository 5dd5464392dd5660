// The kernels that all benchmarks run, and how they measure.
#ifndef IREE_HAL_CPU_BENCHMARKS_WORKLOAD_H_
#define IREE_HAL_CPU_BENCHMARKS_WORKLOAD_H_

#include <stdint.h>
#include <stdio.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "iree/hal.hpp"

namespace iree::hal_cpu::test {

// About 20 us of arithmetic.
inline uint64_t burn(uint64_t seed) {
  uint64_t x = seed + 1;
  for (int i = 0; i < 16000; ++i) x = x * 6364136223846793005u + 1442695040888963407u;
  return x;
}

// Nanoseconds of one call, the median of `repetitions` after a warm-up.
inline double median_ns(int repetitions, const std::function<void()>& call) {
  for (int i = 0; i < repetitions / 10 + 3; ++i) call();
  std::vector<double> times;
  for (int i = 0; i < repetitions; ++i) {
    uint64_t start = hal::now_ns();
    call();
    times.push_back(static_cast<double>(hal::now_ns() - start));
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

inline void report(const char* what, unsigned threads, const char* name, double value,
                   const char* unit) {
  printf("%-8s threads=%-3u %-52s %10.1f %s\n", what, threads, name, value, unit);
}

}  // namespace iree::hal_cpu::test
#endif  // IREE_HAL_CPU_BENCHMARKS_WORKLOAD_H_
