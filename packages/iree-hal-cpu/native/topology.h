// The CPUs that this process may use, and how many threads that is worth.
#ifndef IREE_HAL_CPU_TOPOLOGY_H_
#define IREE_HAL_CPU_TOPOLOGY_H_

#include <stddef.h>
#include <stdint.h>

#include "array.h"

namespace iree::hal_cpu {

// Numbers are the system's; `core` and `cache` are the lowest CPU that shares them.
struct Cpu {
  uint32_t id;
  uint32_t node;   // of memory
  uint32_t cache;  // of the last level
  uint32_t core;
  uint32_t sibling;  // how many CPUs of the same core come before
};

// The CPUs that the calling thread may run on, in the order in which workers get them: one node
// after the other, in it first a CPU of each core, those that share a cache together. Empty without
// memory.
Array<Cpu> read_cpus();
// Likewise of these CPUs as the tree at `sysfs` describes them; what is not there counts as one
// node, one cache, and a core each.
Array<Cpu> describe_cpus(const uint32_t* ids, size_t count, const char* sysfs);

// The lowest quota from the control groups that `membership` lists up to their roots, as CPUs; 0
// for none. Version 1 is mounted by controllers under `mounts`, version 2 there itself.
double cgroup_quota(const char* membership, const char* mounts);

// The cores that the calling thread may run on (a second thread of a core adds little to kernels
// that keep it busy), but no more than the quota of its control group, rounded up; 1 at least.
uint32_t available_concurrency(const char* membership = "/proc/self/cgroup",
                               const char* mounts = "/sys/fs/cgroup");

// Keeps the calling thread on these CPUs. Where the system refuses that, it runs anywhere.
void stay_on(const Array<Cpu>& cpus);

// The CPUs' name, for people: at most `size` bytes with the final NUL.
void cpu_name(char* out, size_t size);

}  // namespace iree::hal_cpu
#endif  // IREE_HAL_CPU_TOPOLOGY_H_
