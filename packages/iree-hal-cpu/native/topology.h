// How many threads this process may use at once.
#ifndef IREE_HAL_CPU_TOPOLOGY_H_
#define IREE_HAL_CPU_TOPOLOGY_H_

#include <stddef.h>
#include <stdint.h>

namespace iree::hal_cpu {

// The CPUs that the calling thread may run on, but no more than the quota of its control group,
// rounded up; 1 at least.
uint32_t available_concurrency();

// The CPUs' name, for people: at most `size` bytes with the final NUL.
void cpu_name(char* out, size_t size);

}  // namespace iree::hal_cpu
#endif  // IREE_HAL_CPU_TOPOLOGY_H_
