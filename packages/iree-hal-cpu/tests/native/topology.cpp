// Which CPUs workers get, on machines and in control groups that this one is not; and what happens
// where pinning is refused.
#include "topology.h"

#include <errno.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support.h"

namespace {

bool refuse = false;
std::atomic<int> refused{0};

}  // namespace

extern "C" {
int __real_sched_setaffinity(pid_t pid, size_t size, const cpu_set_t* set);
int __wrap_sched_setaffinity(pid_t pid, size_t size, const cpu_set_t* set) {
  if (!refuse) return __real_sched_setaffinity(pid, size, set);
  ++refused;
  errno = EPERM;
  return -1;
}
}

namespace iree::hal_cpu::test {
namespace {

void write_file(const std::string& path, const std::string& text) {
  for (size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1))
    mkdir(path.substr(0, at).c_str(), 0700);
  FILE* file = fopen(path.c_str(), "w");
  expect(file != nullptr, path.c_str());
  fputs(text.c_str(), file);
  fclose(file);
}

// Two nodes of two caches of two cores of two threads; siblings are eight apart.
void test_order(const std::string& root) {
  for (unsigned i = 0; i < 16; ++i) {
    std::string cpu = root + "/cpu/cpu" + std::to_string(i);
    unsigned core = i % 8, cache = core / 2 * 2;
    auto pair = [](unsigned a, unsigned b) { return std::to_string(a) + "," + std::to_string(b); };
    write_file(cpu + "/topology/thread_siblings_list", pair(core, core + 8));
    write_file(
        cpu + "/cache/index3/shared_cpu_list",
        std::to_string(cache) + "-" + std::to_string(cache + 1) + "," + pair(cache + 8, cache + 9));
  }
  write_file(root + "/node/online", "0-1\n");
  write_file(root + "/node/node0/cpulist", "0-3,8-11\n");
  write_file(root + "/node/node1/cpulist", "4-7,12-15\n");
  uint32_t ids[16];
  for (uint32_t i = 0; i < 16; ++i) ids[i] = 15 - i;
  Array<Cpu> cpus = describe_cpus(ids, 16, root.c_str());
  expect(cpus.size() == 16, "all of them");
  for (uint32_t i = 0; i < 16; ++i) {
    expect(cpus[i].node == i / 8, "one node after the other");
    expect(cpus[i].sibling == i % 8 / 4, "cores before their second threads");
    expect(cpus[i].cache == i / 8 * 4 + i % 4 / 2 * 2, "what shares a cache together");
  }
}

void test_without_sysfs() {
  const uint32_t ids[] = {3, 1};
  Array<Cpu> cpus = describe_cpus(ids, 2, "/nowhere");
  expect(cpus.size() == 2 && cpus[0].id == 1 && cpus[1].id == 3, "in order");
  for (const Cpu& cpu : cpus) expect(cpu.node == 0 && cpu.sibling == 0, "a core each");
  expect(available_concurrency() >= 1, "here");
}

// Control groups as Linux shows them, and the CPUs that they allow.
void test_quota(const std::string& root) {
  struct File {
    const char* path;
    const char* text;
  };
  struct Case {
    const char* name;
    const char* membership;
    std::vector<File> files;
    double quota;
  };
  const std::vector<Case> cases = {
      {"no file", nullptr, {}, 0},
      {"nothing in it", "", {}, 0},
      {"not what it should be", "junk\n0\n1:cpu\n:::\n0:", {}, 0},
      {"version 2", "0::/a\n", {{"a/cpu.max", "150000 100000\n"}}, 1.5},
      {"version 2, no limit", "0::/a\n", {{"a/cpu.max", "max 100000\n"}}, 0},
      {"the group above is tighter",
       "0::/a/b/c\n",
       {{"a/b/c/cpu.max", "400000 100000\n"}, {"a/cpu.max", "50000 100000\n"}},
       0.5},
      {"a namespace shows its own group as the root", "0::/\n", {{"cpu.max", "20000 10000"}}, 2},
      {"a container sees its own group alone",
       "0::/docker/0123\n",
       {{"cpu.max", "300000 100000\n"}},
       3},
      {"no period", "0::/a\n", {{"a/cpu.max", "100000"}}, 0},
      {"no sense", "0::/a\n", {{"a/cpu.max", "-5 0"}}, 0},
      {"version 1",
       "3:memory:/x\n2:cpu,cpuacct:/a/b\n",
       {{"cpu/a/b/cpu.cfs_quota_us", "250000\n"}, {"cpu/a/b/cpu.cfs_period_us", "100000\n"}},
       2.5},
      {"version 1, no limit",
       "1:cpu:/\n",
       {{"cpu/cpu.cfs_quota_us", "-1\n"}, {"cpu/cpu.cfs_period_us", "100000\n"}},
       0},
      {"version 1, mounted by both names only",
       "2:cpuacct,cpu:/\n",
       {{"cpuacct,cpu/cpu.cfs_quota_us", "100000\n"},
        {"cpuacct,cpu/cpu.cfs_period_us", "100000\n"}},
       1},
      {"sets of CPUs have other groups",
       "3:cpuset:/tight\n2:cpuacct:/tight\n1:cpu:/wide\n",
       {{"cpu/tight/cpu.cfs_quota_us", "100000\n"},
        {"cpu/tight/cpu.cfs_period_us", "100000\n"},
        {"cpu/wide/cpu.cfs_quota_us", "700000\n"},
        {"cpu/wide/cpu.cfs_period_us", "100000\n"}},
       7},
      {"both versions",
       "1:cpu:/a\n0::/a\n",
       {{"cpu/a/cpu.cfs_quota_us", "400000\n"},
        {"cpu/a/cpu.cfs_period_us", "100000\n"},
        {"a/cpu.max", "max 100000\n"}},
       4},
  };
  const uint32_t cores = available_concurrency("/nowhere", "/nowhere");
  for (size_t i = 0; i < cases.size(); ++i) {
    const Case& row = cases[i];
    std::string mounts = root + "/" + std::to_string(i), membership = mounts + ".self";
    if (row.membership) write_file(membership, row.membership);
    for (const File& file : row.files) write_file(mounts + "/" + file.path, file.text);
    expect(cgroup_quota(membership.c_str(), mounts.c_str()) == row.quota, row.name);
    uint32_t allowed = row.quota > 0 ? static_cast<uint32_t>(ceil(row.quota)) : cores;
    expect(available_concurrency(membership.c_str(), mounts.c_str()) == std::min(cores, allowed),
           row.name);
  }
  std::string deep, self = root + "/deep.self";
  for (int i = 0; i < 3000; ++i) deep += "/group";
  write_file(self, "0::" + deep + "\n");
  write_file(root + "/deep/cpu.max", "150000 100000");
  expect(cgroup_quota(self.c_str(), (root + "/deep").c_str()) == 1.5, "paths without end");
}

int32_t count(const iree_cpu_dispatch_t* dispatch, const iree_cpu_workgroup_t*) {
  __atomic_fetch_add(static_cast<uint32_t*>(dispatch->bindings[0]), 1, __ATOMIC_RELAXED);
  usleep(100);
  return 0;
}

// Work is done whether the system lets threads be pinned or not.
void test_pinning(bool refuse_it) {
  refuse = refuse_it;
  iree_hal_option_t options[] = {{hal::make_string("threads"), hal::make_string("3")},
                                 {hal::make_string("pin"), hal::make_string("core")}};
  DeviceRef device;
  expect_ok(driver()->create_device(driver(), hal::make_string(""), options, 2, device.out()));
  ExecutableRef code = load(device, {{count}});
  BufferRef buffer = allocate(device, 64);
  memset(buffer->host_pointer, 0, 64);
  CommandsRef commands = make_commands(device);
  dispatch(commands, code, 0, 100, {whole(buffer)});
  finalize(commands);
  SemaphoreRef done = make_semaphore(device);
  expect_ok(execute(device, commands, done, 0, 1));
  expect_ok(wait(done, 1));
  expect(*static_cast<uint32_t*>(buffer->host_pointer) == 100, "all workgroups ran");
  // On a busy machine a worker may start only after all is done.
  for (int i = 0; refuse_it && !refused.load() && i < 20'000; ++i) usleep(1000);
  refuse = false;
}

}  // namespace
}  // namespace iree::hal_cpu::test

int main() {
  using namespace iree::hal_cpu::test;
  char root[] = "/tmp/topologyXXXXXX";
  expect(mkdtemp(root) != nullptr, "a directory");
  test_order(std::string(root) + "/system");
  test_without_sysfs();
  test_quota(std::string(root) + "/cgroup");
  test_pinning(false);
  test_pinning(true);
  expect(refused.load() > 0, "it was tried");
  std::string remove = "rm -r " + std::string(root);
  expect(system(remove.c_str()) == 0, "removed");
  printf("topology as described\n");
}
