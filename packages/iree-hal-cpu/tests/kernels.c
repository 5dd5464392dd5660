// The conformance suite's entries (iree/hal/cts/kernels.c), then those of this package's own tests.
// Compiled by the tests with whatever C compiler there is; one section, no data, no calls.
#include "iree/cpu_executable.h"

#define KERNEL(name) int32_t name(const iree_cpu_dispatch_t* d, const iree_cpu_workgroup_t* g)
#define WORDS(i) ((uint32_t*)d->bindings[i])

KERNEL(ids) {
  uint32_t linear =
      (g->id[2] * d->workgroup_count[1] + g->id[1]) * d->workgroup_count[0] + g->id[0];
  WORDS(0)[linear] = d->constants[0] + linear;
  return 0;
}

KERNEL(add) {
  WORDS(2)[g->id[0]] = WORDS(0)[g->id[0]] + WORDS(1)[g->id[0]];
  return 0;
}

KERNEL(step) {
  WORDS(0)[g->id[0]] = WORDS(0)[g->id[0]] * 3 + d->constants[0];
  return 0;
}

KERNEL(copy) {
  WORDS(1)[d->constants[1] + g->id[0]] = WORDS(0)[d->constants[0] + g->id[0]];
  return 0;
}

// Fails in the workgroup that the constant names.
KERNEL(fails) { return g->id[0] == d->constants[0] ? 42 : 0; }

// out[x] = x, by way of 4 KiB of scratch; bit 31 if that is not aligned.
KERNEL(scratch) {
  volatile uint32_t* memory = (volatile uint32_t*)g->local_memory;
  memory[1023] = g->id[0];
  WORDS(0)[g->id[0]] = memory[1023] | ((uintptr_t)memory % 64 ? 1u << 31 : 0);
  return 0;
}

// out[x] = worker, after some work.
KERNEL(worker) {
  volatile uint32_t spin = 20000;
  while (spin) --spin;
  WORDS(0)[g->id[0]] = g->worker;
  return 0;
}

// out[x] = the floating-point control word.
KERNEL(fp_state) {
  uint64_t state = 0;
#if defined(__x86_64__)
  uint32_t mxcsr;
  __asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
  state = mxcsr & ~0x3Fu;
#elif defined(__aarch64__)
  __asm__ volatile("mrs %0, fpcr" : "=r"(state));
#endif
  WORDS(0)[g->id[0]] = (uint32_t)state;
  return 0;
}
