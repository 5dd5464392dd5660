// A device: Dawn's, and what the driver keeps for it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "caches.h"
#include "dawn.h"
#include "gate.h"
#include "memory.h"
#include "queue.h"

namespace iree::hal_webgpu {

// Turns bad_alloc, which containers throw, into a status.
template <typename F>
iree_hal_status_t guard(F&& body) {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return hal::out_of_memory();
  }
}

struct Device : iree_hal_device_t {
  std::string uri_text, name_text;
  uint64_t identity = 0;  // never used again
  WGPULimits limits = {};
  bool has_f16 = false;

  // What follows is used with the gate held, but for the pool's counters and `lost`.
  Gate gate;
  WGPUDevice handle = nullptr;
  WGPUQueue queue = nullptr;
  MemoryPool pool{this};
  Caches caches{this};
  WGPUComputePipeline fill_pipeline = nullptr, copy_pipeline = nullptr;
  Memory nothing;  // what bindings without bytes are bound to

  std::unique_ptr<Queue> work;

  static iree_hal_status_t make(const Adapter& adapter, std::string uri, iree_hal_device_t** out);
  ~Device();

  // What Dawn has reported since the last call: a status with its message, whose code is
  // `validation` for what breaks a rule. UNAVAILABLE once the device is lost.
  iree_hal_status_t take_error(iree_hal_code_t validation);
  // NULL, or UNAVAILABLE: the device is lost, or this process is a fork of the one that opened it.
  iree_hal_status_t check_alive();
  // In a fork of the process that used Dawn nothing of it may be touched: threads are missing, and
  // locks may be held by nobody.
  static bool is_fork();

 private:
  iree_hal_status_t open(const Adapter& adapter);
  static void on_error(WGPUDevice const*, uint32_t type, WGPUStringView message, void* self, void*);
  static void on_log(uint32_t type, WGPUStringView message, void* self);
  static void on_lost(WGPUDevice const*, uint32_t reason, WGPUStringView message, void* shared,
                      void*);

  std::string error_, log_;
  uint32_t error_type_ = 0;
  // Dawn may tell of the loss late: it outlives the device.
  struct Loss {
    std::mutex mutex;
    bool lost = false;
    std::string message;
  };
  std::shared_ptr<Loss> loss_ = std::make_shared<Loss>();
};

// Devices that must be still before the process ends, which `stop_at_exit` sees to; it is called
// once the libraries that a device brings in are there, since what is registered last runs first.
void watch_for_exit(Device* device);
void forget_for_exit(Device* device);
void stop_at_exit();

// The compute pipeline of an entry point, made by Dawn's threads; `wait_for` waits and gives the
// pipeline or the status. Both need the gate.
struct PendingPipeline {
  WGPUFuture future = {};
  WGPUComputePipeline pipeline = nullptr;
  std::string message;
};
void start_pipeline(Device* device, WGPUShaderModule module, const std::string& entry,
                    const std::string& label, WGPUPipelineLayout layout, PendingPipeline* pending);
iree_hal_status_t wait_for(Device* device, PendingPipeline* pending, WGPUComputePipeline* out);

}  // namespace iree::hal_webgpu
