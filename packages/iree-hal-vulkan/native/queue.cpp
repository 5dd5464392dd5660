#include "queue.h"

#include <algorithm>

#include "command_buffer.h"
#include "device.h"

namespace iree::hal_vulkan {
namespace {

// How often the thread looks for what is done when nobody has asked, and how long it does so
// without any work.
constexpr auto kLookEvery = std::chrono::milliseconds(2);
constexpr int kLooksWhenIdle = 50;
constexpr uint64_t kSliceNs = 50'000'000;
constexpr uint64_t kSpinNs = 50'000;

}  // namespace

//===-- Submission
//------------------------------------------------------------------------------===//

Submission::Submission(Device& device, const Operation& operation)
    : device_(hal::Ref<iree_hal_device_t>::retain(&device)) {
  if (operation.commands) {
    recording_ = operation.commands->resolve(operation.bindings);
    commands_ = hal::Ref<iree_hal_command_buffer_t>::retain(operation.commands);
    buffers_.reserve(operation.bindings.size);
    for (size_t i = 0; i < operation.bindings.size; ++i) {
      buffers_.push_back(hal::Ref<iree_hal_buffer_t>::retain(operation.bindings.data[i].buffer));
    }
  }
  deallocate_ = hal::Ref<iree_hal_buffer_t>::retain(operation.deallocate);
  waits_.resize(operation.wait.size);
  signals_.assign(operation.signal.data, operation.signal.data + operation.signal.size);
  for (const iree_hal_timepoint_t& point : signals_) iree_hal_retain(point.semaphore);
}

Submission::~Submission() {
  for (const iree_hal_timepoint_t& point : signals_) iree_hal_release(point.semaphore);
}

iree_hal_status_t Submission::start(iree_hal_timepoints_t wait) {
  Due due;
  pending_.store(static_cast<uint32_t>(wait.size + 1), std::memory_order_relaxed);
  for (size_t i = 0; i < wait.size; ++i) {
    Wait& node = waits_[i];
    node.owner = this;
    node.value = wait.data[i].value;
    node.content_with = static_cast<Device*>(device_.get());
    node.fire = [](Waiter* waiter, iree_hal_status_t status) {
      static_cast<Wait*>(waiter)->owner->arrive(status);
    };
    if (Semaphore* semaphore = Semaphore::from(wait.data[i].semaphore)) {
      semaphore->add(&node, &due);
      continue;
    }
    iree_hal_semaphore_t* foreign = wait.data[i].semaphore;
    iree_hal_status_t status = foreign->vtable->on_reach(
        foreign, node.value,
        [](void* self, iree_hal_status_t reached) {
          static_cast<Submission*>(self)->arrive(reached);
        },
        this);
    if (status) {
      abandoned_.store(true);
      // Those not registered will not arrive.
      pending_.fetch_sub(static_cast<uint32_t>(wait.size - i), std::memory_order_relaxed);
      arrive(nullptr);
      return status;
    }
  }
  arrive(nullptr);
  return nullptr;
}

void Submission::arrive(iree_hal_status_t status) {
  if (status) {
    if (abandoned_.exchange(true)) {
      hal::free_status(status);
    } else {
      fail_signals(status);
    }
  }
  if (pending_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  if (abandoned_.load()) {
    delete this;
    return;
  }
  static_cast<Device*>(device_.get())->queue().launch(this);
}

void Submission::fail_signals(iree_hal_status_t status) {
  hal::fail({signals_.data(), signals_.size()}, status);
}

//===-- Queue
//-----------------------------------------------------------------------------------===//

void Queue::open() {
  device_.api.vkGetDeviceQueue(device_.handle, device_.adapter.queue_family, 0, &queue_);
  VkSemaphoreTypeCreateInfo type = {.sType = VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO,
                                    .semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE};
  VkSemaphoreCreateInfo info = {.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO, .pNext = &type};
  check_vk(device_.api.vkCreateSemaphore(device_.handle, &info, nullptr, &timeline_),
           "vkCreateSemaphore");
}

Queue::~Queue() {
  if (thread_.joinable()) {
    {
      std::lock_guard lock(shared_->mutex);
      shared_->stop = true;
      shared_->wake.notify_one();
    }
    // The thread itself may have dropped the last reference.
    if (thread_.get_id() == std::this_thread::get_id()) {
      thread_.detach();
    } else {
      thread_.join();
    }
  }
  if (timeline_) device_.api.vkDestroySemaphore(device_.handle, timeline_, nullptr);
  hal::free_status(lost_);
}

void Queue::start_thread() {
  if (has_thread_) return;
  // Without a thread, work ends when somebody waits or asks.
  try {
    thread_ = std::thread(&Queue::run, this, shared_);
  } catch (const std::system_error&) {
    return;
  }
  has_thread_ = true;
}

iree_hal_status_t Queue::submit(Submission* submission) {
  VkCommandBufferSubmitInfo commands = {.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_SUBMIT_INFO,
                                        .commandBuffer = submission->recording_->handle()};
  VkSemaphoreSubmitInfo signal = {.sType = VK_STRUCTURE_TYPE_SEMAPHORE_SUBMIT_INFO,
                                  .semaphore = timeline_,
                                  .value = submitted_ + 1,
                                  .stageMask = VK_PIPELINE_STAGE_2_ALL_COMMANDS_BIT};
  VkSubmitInfo2 info = {.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO_2,
                        .commandBufferInfoCount = 1,
                        .pCommandBufferInfos = &commands,
                        .signalSemaphoreInfoCount = 1,
                        .pSignalSemaphoreInfos = &signal};
  IREE_HAL_TRY(vk_status(device_.api.vkQueueSubmit2(queue_, 1, &info, nullptr), "vkQueueSubmit2"));
  ++submitted_;
  return nullptr;
}

void Queue::launch(Submission* submission) {
  // Kept alive by the submission otherwise, which may be gone soon.
  auto device = hal::Ref<iree_hal_device_t>::retain(&device_);
  Due due;
  bool interest = false, done_already;
  uint64_t serial;
  {
    std::unique_lock lock(mutex_);
    iree_hal_status_t status = hal::clone_status(lost_);
    if (!status && !Device::is_usable()) status = Device::forked();
    if (!status && submission->recording_) status = submit(submission);
    if (status) {
      lock.unlock();
      if (status->code == IREE_HAL_UNAVAILABLE) lose(hal::clone_status(status));
      submission->fail_signals(status);
      delete submission;
      return;
    }
    serial = submission->serial_ = submitted_;
    done_already = in_flight_.empty() && !submission->recording_;
    in_flight_.push_back(submission);
    for (const iree_hal_timepoint_t& point : submission->signals_) {
      Semaphore* semaphore = Semaphore::from(point.semaphore);
      // Who waits elsewhere hears of it only when it is done.
      if (semaphore && semaphore->device() == &device_) {
        interest |= semaphore->promise(point.value, serial, &due);
      } else {
        interest = true;
      }
    }
    if (!done_already) start_thread();
  }
  if (done_already) return retire(serial);
  if (interest) {
    want(serial);
  } else if (shared_->asleep.load(std::memory_order_seq_cst)) {
    std::lock_guard lock(shared_->mutex);
    shared_->active = true;
    shared_->wake.notify_one();
  }
}

bool Queue::wait(uint64_t serial, uint64_t deadline_ns) {
  if (completed_.load(std::memory_order_acquire) >= serial) return true;
  uint64_t timeout = deadline_ns;
  if (deadline_ns != IREE_HAL_INFINITE && deadline_ns != 0) {
    const uint64_t now = hal::now_ns();
    timeout = deadline_ns > now ? deadline_ns - now : 0;
  }
  VkSemaphoreWaitInfo info = {.sType = VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO,
                              .semaphoreCount = 1,
                              .pSemaphores = &timeline_,
                              .pValues = &serial};
  if (!Device::is_usable()) {
    lose(Device::forked());
    return true;
  }
  // A GPU ends small work sooner than a thread falls asleep and wakes up again.
  if (timeout && device_.adapter.properties.deviceType != VK_PHYSICAL_DEVICE_TYPE_CPU) {
    const uint64_t patience = std::min(hal::now_ns() + kSpinNs, deadline_ns);
    uint64_t value = 0;
    do {
      if (device_.api.vkGetSemaphoreCounterValue(device_.handle, timeline_, &value)) break;
      if (value >= serial) return true;
    } while (hal::now_ns() < patience);
  }
  const VkResult result = device_.api.vkWaitSemaphores(device_.handle, &info, timeout);
  if (result == VK_TIMEOUT) return false;
  if (result != VK_SUCCESS) lose(vk_status(result, "vkWaitSemaphores"));
  return true;
}

void Queue::lose(iree_hal_status_t status) {
  std::lock_guard lock(mutex_);
  if (lost_) return hal::free_status(status);
  lost_ = status;
}

void Queue::poll() { retire(0); }

void Queue::retire(uint64_t serial) {
  Due due;  // fires last
  std::vector<Submission*> done;
  {
    std::lock_guard retiring(retire_mutex_);
    uint64_t value = serial;
    if (!Device::is_usable()) {
      lose(Device::forked());
    } else if (completed_.load(std::memory_order_relaxed) >= serial) {
      const VkResult result =
          device_.api.vkGetSemaphoreCounterValue(device_.handle, timeline_, &value);
      if (result != VK_SUCCESS) lose(vk_status(result, "vkGetSemaphoreCounterValue"));
    }
    hal::Status failure;
    {
      std::lock_guard lock(mutex_);
      failure.reset(hal::clone_status(lost_));
      while (!in_flight_.empty() && (lost_ || in_flight_.front()->serial_ <= value)) {
        done.push_back(in_flight_.front());
        in_flight_.pop_front();
      }
      if (lost_) value = submitted_;
      if (value > completed_.load(std::memory_order_relaxed))
        completed_.store(value, std::memory_order_release);
    }
    for (Submission* submission : done) {
      if (!failure && submission->recording_ && device_.profile()) submission->recording_->report();
      if (!failure && submission->deallocate_)
        Buffer::from(submission->deallocate_.get())->deallocate();
      for (const iree_hal_timepoint_t& point : submission->signals_) {
        if (Semaphore* semaphore = Semaphore::from(point.semaphore)) {
          semaphore->keep(point.value, submission->serial_, hal::clone_status(failure.get()), &due);
          continue;
        }
        std::lock_guard lock(foreign_mutex_);
        foreign_.push_back({hal::Ref<iree_hal_semaphore_t>::retain(point.semaphore), point.value,
                            hal::Status(hal::clone_status(failure.get()))});
      }
    }
  }
  if (!done.empty()) signal_foreign();
  // The last of them may take the device along.
  for (Submission* submission : done) delete submission;
}

void Queue::signal_foreign() {
  std::unique_lock lock(foreign_mutex_);
  if (signals_foreign_) return;  // who does will find what was added
  signals_foreign_ = true;
  while (!foreign_.empty()) {
    Foreign next = std::move(foreign_.front());
    foreign_.pop_front();
    lock.unlock();
    iree_hal_semaphore_t* semaphore = next.semaphore.get();
    iree_hal_status_t status = next.failure.release();
    if (!status) status = semaphore->vtable->signal(semaphore, next.value);
    if (status) semaphore->vtable->fail(semaphore, status);
    next.semaphore.reset();
    lock.lock();
  }
  signals_foreign_ = false;
}

void Queue::want(uint64_t serial) {
  std::lock_guard lock(shared_->mutex);
  if (serial <= shared_->wanted) return;
  shared_->wanted = serial;
  shared_->wake.notify_one();
}

void Queue::run(std::shared_ptr<Shared> shared) {
  std::unique_lock lock(shared->mutex);
  for (int idle = 0; !shared->stop;) {
    const uint64_t completed = completed_.load(std::memory_order_acquire);
    if (shared->wanted > completed) {
      lock.unlock();
      wait(completed + 1, hal::now_ns() + kSliceNs);
    } else {
      auto called = [&] { return shared->stop || shared->wanted > completed; };
      if (idle < kLooksWhenIdle) {
        if (shared->wake.wait_for(lock, kLookEvery, called)) continue;
      } else {
        // Whoever launches after this store sees it; what was launched before is seen here.
        shared->active = false;
        shared->asleep.store(true, std::memory_order_seq_cst);
        lock.unlock();
        bool busy;
        {
          std::lock_guard own(mutex_);
          busy = !in_flight_.empty();
        }
        lock.lock();
        if (!busy) shared->wake.wait(lock, [&] { return called() || shared->active; });
        shared->asleep.store(false, std::memory_order_seq_cst);
        idle = 0;
        continue;
      }
      lock.unlock();
    }
    bool busy;
    {
      std::lock_guard own(mutex_);
      busy = !in_flight_.empty();
    }
    idle = busy ? 0 : idle + 1;
    if (busy) {
      retire(0);
    }
    // The queue may be gone with what has just ended.
    lock.lock();
  }
}

}  // namespace iree::hal_vulkan
