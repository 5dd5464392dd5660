#include "topology.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace iree::hal_cpu {
namespace {

uint32_t affinity_count() {
  // More CPUs than cpu_set_t holds need a larger set.
  for (int cpus = 1024; cpus <= 1 << 18; cpus *= 4) {
    cpu_set_t* set = CPU_ALLOC(cpus);
    if (!set) break;
    size_t size = CPU_ALLOC_SIZE(cpus);
    int count = sched_getaffinity(0, size, set) == 0 ? CPU_COUNT_S(size, set) : 0;
    CPU_FREE(set);
    if (count > 0) return static_cast<uint32_t>(count);
  }
  long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? static_cast<uint32_t>(online) : 1;
}

// Reads "QUOTA PERIOD" or "max PERIOD" (version 2), or one number (version 1), as CPUs; 0 for no
// limit.
double read_quota(const char* path, const char* period_path) {
  FILE* file = fopen(path, "re");
  if (!file) return 0;
  long long quota = 0, period = 0;
  int read = fscanf(file, "%lld %lld", &quota, &period);
  fclose(file);
  if (read == 1 && period_path) {
    FILE* other = fopen(period_path, "re");
    if (!other) return 0;
    read += fscanf(other, "%lld", &period);
    fclose(other);
  }
  if (read != 2 || quota <= 0 || period <= 0) return 0;
  return static_cast<double>(quota) / static_cast<double>(period);
}

void lower(double* limit, double quota) {
  if (quota > 0 && (*limit == 0 || quota < *limit)) *limit = quota;
}

// The lowest quota from the group of this process up to the root, as CPUs; 0 for none.
double cgroup_quota() {
  double limit = 0;
  FILE* file = fopen("/proc/self/cgroup", "re");
  if (!file) return 0;
  char line[1024];
  while (fgets(line, sizeof(line), file)) {
    line[strcspn(line, "\n")] = 0;
    char* controllers = strchr(line, ':');
    char* group = controllers ? strchr(controllers + 1, ':') : nullptr;
    if (!group) continue;
    *group++ = 0;
    ++controllers;
    bool version2 = strncmp(line, "0:", 2) == 0;
    if (!version2 && !strstr(controllers, "cpu")) continue;
    for (;;) {
      char path[1200], period[1200];
      if (version2) {
        snprintf(path, sizeof(path), "/sys/fs/cgroup%s/cpu.max", group);
        lower(&limit, read_quota(path, nullptr));
      } else {
        snprintf(path, sizeof(path), "/sys/fs/cgroup/cpu%s/cpu.cfs_quota_us", group);
        snprintf(period, sizeof(period), "/sys/fs/cgroup/cpu%s/cpu.cfs_period_us", group);
        lower(&limit, read_quota(path, period));
      }
      char* slash = strrchr(group, '/');
      if (!slash || !*group) break;
      *slash = 0;
    }
  }
  fclose(file);
  return limit;
}

}  // namespace

uint32_t available_concurrency() {
  uint32_t count = affinity_count();
  double quota = cgroup_quota();
  if (quota > 0 && quota < count) {
    auto whole = static_cast<uint32_t>(quota);
    count = whole + (whole < quota ? 1 : 0);
  }
  return count ? count : 1;
}

void cpu_name(char* out, size_t size) {
#if defined(__x86_64__)
  unsigned brand[13] = {};
  if (__get_cpuid_max(0x80000000, nullptr) >= 0x80000004) {
    for (unsigned i = 0; i < 3; ++i) {
      __get_cpuid(0x80000002 + i, &brand[4 * i], &brand[4 * i + 1], &brand[4 * i + 2],
                  &brand[4 * i + 3]);
    }
  }
  const char* text = reinterpret_cast<const char*>(brand);
  while (*text == ' ') ++text;
  snprintf(out, size, "%s", *text ? text : "x86-64");
#else
  snprintf(out, size, "aarch64");
#endif
}

}  // namespace iree::hal_cpu
