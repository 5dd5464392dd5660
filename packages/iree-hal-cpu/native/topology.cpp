#include "topology.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace iree::hal_cpu {
namespace {

// The CPUs that the calling thread may run on.
bool read_affinity(Array<uint32_t>* out) {
  // More CPUs than cpu_set_t holds need a larger set.
  for (int cpus = 1024; cpus <= 1 << 18; cpus *= 4) {
    cpu_set_t* set = CPU_ALLOC(cpus);
    if (!set) return false;
    size_t size = CPU_ALLOC_SIZE(cpus);
    bool known = sched_getaffinity(0, size, set) == 0, enough = true;
    for (int i = 0; known && i < cpus; ++i) {
      if (CPU_ISSET_S(i, size, set)) enough &= out->append(static_cast<uint32_t>(i));
    }
    CPU_FREE(set);
    if (known) return enough;
  }
  return false;
}

// Calls `fn` for each number of a list such as "0-3,8" until it returns false.
template <typename Fn>
void each_listed(const char* path, Fn fn) {
  FILE* file = fopen(path, "re");
  if (!file) return;
  unsigned first, last;
  bool more = true;
  while (more && fscanf(file, "%u", &first) == 1) {
    last = first;
    int next = fgetc(file);
    if (next == '-') {
      if (fscanf(file, "%u", &last) != 1) break;
      next = fgetc(file);
    }
    for (unsigned i = first; more && i <= last && i - first < 1 << 18; ++i) more = fn(i);
    more &= next == ',';
  }
  fclose(file);
}

// The first number of a list; `otherwise` if there is none.
uint32_t first_listed(const char* path, uint32_t otherwise) {
  each_listed(path, [&](uint32_t i) {
    otherwise = i;
    return false;
  });
  return otherwise;
}

bool comes_before(const Cpu& a, const Cpu& b) {
  if (a.node != b.node) return a.node < b.node;
  if (a.sibling != b.sibling) return a.sibling < b.sibling;
  if (a.cache != b.cache) return a.cache < b.cache;
  return a.id < b.id;
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

// Whether `list`, as in "cpu,cpuacct", has `name`.
bool has_item(const char* list, const char* name) {
  const size_t length = strlen(name);
  for (;;) {
    size_t item = strcspn(list, ",");
    if (item == length && strncmp(list, name, length) == 0) return true;
    if (!list[item]) return false;
    list += item + 1;
  }
}

// Lowers the limit by the quotas of `group` and those above it, in the hierarchy mounted at
// `mount`. A group that is not there, as in a container that sees its own alone, has none.
void lower_by_group(double* limit, const char* mount, const char* group, bool version2) {
  char path[4096 + 256], period[4096 + 256];
  for (size_t length = strlen(group);;) {
    auto above = static_cast<int>(length);
    if (version2) {
      snprintf(path, sizeof(path), "%s%.*s/cpu.max", mount, above, group);
      lower(limit, read_quota(path, nullptr));
    } else {
      snprintf(path, sizeof(path), "%s%.*s/cpu.cfs_quota_us", mount, above, group);
      snprintf(period, sizeof(period), "%s%.*s/cpu.cfs_period_us", mount, above, group);
      lower(limit, read_quota(path, period));
    }
    if (!length) return;
    do {
      --length;
    } while (length && group[length] != '/');
  }
}

}  // namespace

Array<Cpu> describe_cpus(const uint32_t* ids, size_t count, const char* sysfs) {
  Array<Cpu> cpus;
  char path[512];
  for (size_t i = 0; i < count; ++i) {
    Cpu cpu = {ids[i], 0, 0, ids[i], 0};
    snprintf(path, sizeof(path), "%s/cpu/cpu%u/topology/thread_siblings_list", sysfs, cpu.id);
    cpu.core = first_listed(path, cpu.id);
    snprintf(path, sizeof(path), "%s/cpu/cpu%u/cache/index3/shared_cpu_list", sysfs, cpu.id);
    cpu.cache = first_listed(path, 0);
    for (const Cpu& other : cpus) cpu.sibling += other.core == cpu.core;
    if (!cpus.append(cpu)) return {};
  }
  snprintf(path, sizeof(path), "%s/node/online", sysfs);
  each_listed(path, [&](uint32_t node) {
    char list[512];
    snprintf(list, sizeof(list), "%s/node/node%u/cpulist", sysfs, node);
    each_listed(list, [&](uint32_t id) {
      for (Cpu& cpu : cpus) {
        if (cpu.id == id) cpu.node = node;
      }
      return true;
    });
    return true;
  });
  std::sort(cpus.begin(), cpus.end(), comes_before);
  return cpus;
}

Array<Cpu> read_cpus() {
  Array<uint32_t> ids;
  if (!read_affinity(&ids)) return {};
  return describe_cpus(ids.data(), ids.size(), "/sys/devices/system");
}

double cgroup_quota(const char* membership, const char* mounts) {
  double limit = 0;
  FILE* file = fopen(membership, "re");
  if (!file) return 0;
  // Lines are "NUMBER:CONTROLLERS:GROUP"; version 2 has number 0 and no controllers.
  char* line = nullptr;
  size_t capacity = 0;
  while (getline(&line, &capacity, file) > 0) {
    line[strcspn(line, "\n")] = 0;
    char* controllers = strchr(line, ':');
    char* group = controllers ? strchr(controllers + 1, ':') : nullptr;
    if (!group) continue;
    *group++ = 0;
    ++controllers;
    if (strncmp(line, "0:", 2) == 0) {
      lower_by_group(&limit, mounts, group, true);
    } else if (has_item(controllers, "cpu")) {
      char mount[512];
      for (const char* name : {"cpu", static_cast<const char*>(controllers)}) {
        snprintf(mount, sizeof(mount), "%s/%s", mounts, name);
        lower_by_group(&limit, mount, group, false);
      }
    }
  }
  free(line);
  fclose(file);
  return limit;
}

uint32_t available_concurrency(const char* membership, const char* mounts) {
  uint32_t count = 0;
  for (const Cpu& cpu : read_cpus()) count += cpu.sibling == 0;
  if (!count) {
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    count = online > 0 ? static_cast<uint32_t>(online) : 1;
  }
  double quota = cgroup_quota(membership, mounts);
  if (quota > 0 && quota < count) {
    auto whole = static_cast<uint32_t>(quota);
    count = whole + (whole < quota ? 1 : 0);
  }
  return count ? count : 1;
}

void stay_on(const Array<Cpu>& cpus) {
  uint32_t most = 0;
  for (const Cpu& cpu : cpus) most = cpu.id > most ? cpu.id : most;
  cpu_set_t* set = cpus.empty() ? nullptr : CPU_ALLOC(most + 1);
  if (!set) return;
  size_t size = CPU_ALLOC_SIZE(most + 1);
  CPU_ZERO_S(size, set);
  for (const Cpu& cpu : cpus) CPU_SET_S(cpu.id, size, set);
  (void)sched_setaffinity(0, size, set);
  CPU_FREE(set);
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
