#include "clock.h"

#include "iree/hal.hpp"

namespace iree::hal_cpu {
namespace {

uint64_t measure() {
#if defined(__x86_64__)
  uint64_t begin_ns = hal::now_ns(), begin = ticks(), now_ns;
  do {
    now_ns = hal::now_ns();
  } while (now_ns < begin_ns + 50000);
  uint64_t rate = (ticks() - begin) * 1000 / (now_ns - begin_ns);
#else
  uint64_t frequency;
  asm volatile("mrs %0, cntfrq_el0" : "=r"(frequency));
  uint64_t rate = frequency / 1000000;
#endif
  return rate ? rate : 1;
}

}  // namespace

uint64_t ticks_per_microsecond() {
  static const uint64_t rate = measure();
  return rate;
}

}  // namespace iree::hal_cpu
