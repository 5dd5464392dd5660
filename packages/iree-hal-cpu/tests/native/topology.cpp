// Which CPUs workers get, on machines that this one is not; and what happens where pinning is
// refused.
#include "topology.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

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
  test_pinning(false);
  test_pinning(true);
  expect(refused.load() > 0, "it was tried");
  std::string remove = "rm -r " + std::string(root);
  expect(system(remove.c_str()) == 0, "removed");
  printf("topology as described\n");
}
