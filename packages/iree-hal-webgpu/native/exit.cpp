// The end of the process, and forks of it.
#include <pthread.h>
#include <stdlib.h>

#include <set>

#include "device.h"

namespace iree::hal_webgpu {
namespace {

// Never destroyed: devices may outlive static objects.
struct Devices {
  std::mutex mutex;
  std::set<Device*> alive;
};
Devices& devices() {
  static Devices* one = new Devices();
  return *one;
}

// Dawn's and the Vulkan driver's static objects are about to go: from here on nobody calls Dawn,
// and what runs is waited for. Other threads stand still at a gate, until the process is gone.
void close_all_gates() {
  if (Device::is_fork()) return;
  Devices& all = devices();
  all.mutex.lock();
  for (Device* device : all.alive) {
    device->gate.lock();
    if (!device->queue) continue;  // it never opened
    WGPUQueueWorkDoneCallbackInfo2 info = {};
    info.mode = WGPUCallbackMode_WaitAnyOnly;
    info.callback = [](uint32_t, void*, void*) {};
    constexpr uint64_t limit_ns = 10'000'000'000;
    wait(dawn().QueueOnSubmittedWorkDone2(device->queue, info), limit_ns);
  }
}

}  // namespace

void watch_for_exit(Device* device) {
  Devices& all = devices();
  std::lock_guard lock(all.mutex);
  all.alive.insert(device);
}

void stop_at_exit() { [[maybe_unused]] static const int registered = atexit(close_all_gates); }

void forget_for_exit(Device* device) {
  Devices& all = devices();
  std::lock_guard lock(all.mutex);
  all.alive.erase(device);
}

}  // namespace iree::hal_webgpu
