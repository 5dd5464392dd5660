// The queue: submissions wait for their semaphores, go to Dawn's queue in order, and signal once a
// thread of the device's has seen their end.
#pragma once

#include <memory>
#include <thread>

#include "dawn.h"

namespace iree::hal_webgpu {

struct Device;
struct Submission;

class Queue {
 public:
  explicit Queue(Device* device);
  // Nothing is under way: submissions keep the device.
  ~Queue();

  // Takes the submission if it returns success.
  iree_hal_status_t submit(std::unique_ptr<Submission> submission);

  // Waits with the gate held, and lets it go now and then.
  void wait_with_gate(WGPUFuture future);

 private:
  struct Shared;

  static void arrive(void* submission, iree_hal_status_t status);
  static void issue(std::unique_ptr<Submission> submission);
  static iree_hal_status_t encode(Submission* submission);
  static bool is_done(Submission* submission, uint64_t timeout_ns);
  static void finish(std::unique_ptr<Submission> submission);
  static void serve(std::shared_ptr<Shared> shared);
  iree_hal_status_t start_thread();

  Device* device_;
  std::shared_ptr<Shared> shared_;
  std::thread thread_;
};

}  // namespace iree::hal_webgpu
