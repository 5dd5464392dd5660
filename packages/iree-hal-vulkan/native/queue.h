// The device's queue. Submissions wait on the host for what this queue has not been told to do yet;
// then the queue runs them in order, each with a barrier to those before.
#ifndef IREE_HAL_VULKAN_QUEUE_H_
#define IREE_HAL_VULKAN_QUEUE_H_

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "recording.h"
#include "timeline.h"

namespace iree::hal_vulkan {

class CommandBuffer;

// What to do, borrowed from the caller.
struct Operation {
  iree_hal_timepoints_t wait;
  iree_hal_timepoints_t signal;
  CommandBuffer* commands = nullptr;
  iree_hal_binding_table_t bindings = {};
  Buffer* deallocate = nullptr;
};

class Submission {
 public:
  // Checks and records; throws.
  Submission(Device& device, const Operation& operation);
  ~Submission();

  // Launches it once the waits are content; the submission belongs to itself from then on. After an
  // error nothing is signalled and it is gone.
  iree_hal_status_t start(iree_hal_timepoints_t wait);

 private:
  friend class Queue;
  struct Wait : Waiter {
    Submission* owner;
  };
  void arrive(iree_hal_status_t status);
  void fail_signals(iree_hal_status_t status);

  hal::Ref<iree_hal_device_t> device_;
  std::vector<Wait> waits_;
  std::atomic<uint32_t> pending_{0};    // waits that have not fired, and one for `start`
  std::atomic<bool> abandoned_{false};  // a wait failed or `start` did: nothing will run
  std::vector<iree_hal_timepoint_t> signals_;
  std::vector<hal::Ref<iree_hal_buffer_t>> buffers_;
  hal::Ref<iree_hal_command_buffer_t> commands_;
  std::shared_ptr<Recording> recording_;  // NULL: nothing for the device to do
  hal::Ref<iree_hal_buffer_t> deallocate_;
  uint64_t serial_ = 0;
};

class Queue {
 public:
  explicit Queue(Device& device) : device_(device) {}
  ~Queue();
  // After the device is there. Throws.
  void open();

  // Takes a submission whose waits are content.
  void launch(Submission* submission);
  // Blocks until the submission is done or the device lost; false when the deadline passed.
  bool wait(uint64_t serial, uint64_t deadline_ns);
  // Ends what is done, signalling; at least up to `serial`, which is done.
  void retire(uint64_t serial);
  // Ends what is done.
  void poll();
  // Has a thread of the queue's own end submission `serial` when it is done.
  void want(uint64_t serial);

 private:
  // What the thread looks at, which may outlive the queue by a moment.
  struct Shared {
    std::mutex mutex;
    std::condition_variable wake;
    uint64_t wanted = 0;
    bool stop = false;
    bool active = false;              // something was launched since the thread last slept
    std::atomic<bool> asleep{false};  // until somebody wakes it
  };
  void run(std::shared_ptr<Shared> shared);
  void start_thread();
  void lose(iree_hal_status_t status);
  // Tells other drivers' semaphores, in order and without a lock: they may call this driver again.
  void signal_foreign();
  // Submits to Vulkan; under the lock.
  iree_hal_status_t submit(Submission* submission);

  Device& device_;
  VkQueue queue_ = nullptr;
  VkSemaphore timeline_ = nullptr;  // at the serial of the last submission that is done

  std::mutex mutex_;  // of the queue and the next four
  uint64_t submitted_ = 0;
  std::deque<Submission*> in_flight_;  // ascending serials
  iree_hal_status_t lost_ = nullptr;
  bool has_thread_ = false;
  std::mutex retire_mutex_;  // taken before the others

  // Signals of other drivers' semaphores that are due.
  struct Foreign {
    hal::Ref<iree_hal_semaphore_t> semaphore;
    uint64_t value;
    hal::Status failure;
  };
  std::mutex foreign_mutex_;
  std::deque<Foreign> foreign_;
  bool signals_foreign_ = false;  // somebody does

  std::atomic<uint64_t> completed_{0};
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
  std::thread thread_;
};

}  // namespace iree::hal_vulkan
#endif  // IREE_HAL_VULKAN_QUEUE_H_
