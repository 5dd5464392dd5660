#include "queue.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>

#include "encoder.h"
#include "submission.h"
#include "timeline.h"

namespace iree::hal_webgpu {
namespace {

// Others wait for the gate that long at most; the more, the longer the work takes.
uint64_t next_slice(uint64_t slice) { return std::min<uint64_t>(slice * 2, 2'000'000); }
constexpr uint64_t kFirstSlice = 50'000;

void fail_all(const Submission& submission, iree_hal_status_t status) {
  hal::fail(hal::timepoints(submission.signals.get()), status);
}

// The failure of a semaphore that the submission waited for: it may have come after its value was
// scheduled.
iree_hal_status_t failed_wait(const Submission& submission) {
  iree_hal_timepoints_t points = hal::timepoints(submission.waits.get());
  for (size_t i = 0; i < points.size; ++i) {
    uint64_t value;
    iree_hal_semaphore_t* semaphore = points.data[i].semaphore;
    IREE_HAL_TRY(semaphore->vtable->query(semaphore, &value));
  }
  return nullptr;
}

}  // namespace

// What the thread and the device share: it may be the thread that drops the device.
struct Queue::Shared {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::unique_ptr<Submission>> ready;    // waits are over, not yet submitted
  std::deque<std::unique_ptr<Submission>> running;  // submitted, in the order of Dawn's queue
  bool stop = false;
};

Queue::Queue(Device* device) : device_(device), shared_(std::make_shared<Shared>()) {}

Queue::~Queue() {
  if (!thread_.joinable()) return;
  {
    std::lock_guard lock(shared_->mutex);
    shared_->stop = true;
    shared_->changed.notify_all();
  }
  if (thread_.get_id() == std::this_thread::get_id()) {
    thread_.detach();
  } else {
    thread_.join();
  }
}

iree_hal_status_t Queue::start_thread() {
  std::lock_guard lock(shared_->mutex);
  if (thread_.joinable()) return nullptr;
  try {
    thread_ = std::thread(serve, shared_);
  } catch (const std::system_error& error) {
    return hal::make_status(IREE_HAL_RESOURCE_EXHAUSTED, "webgpu: no thread: %s", error.what());
  }
  return nullptr;
}

//===-- Waiting
//--------------------------------------------------------------------------------===//

iree_hal_status_t Queue::submit(std::unique_ptr<Submission> submission) {
  IREE_HAL_TRY(device_->check_alive());
  IREE_HAL_TRY(start_thread());
  Submission* self = submission.get();
  iree_hal_timepoints_t points = hal::timepoints(self->waits.get());
  self->pending.store(points.size + 1);
  for (size_t i = 0; i < points.size; ++i) {
    auto [semaphore, value] = points.data[i];
    Semaphore* own = Semaphore::cast(semaphore, device_->identity);
    iree_hal_status_t status = own ? own->on_scheduled(value, arrive, self)
                                   : semaphore->vtable->on_reach(semaphore, value, arrive, self);
    // Some have it already: it ends as failed.
    if (status) arrive(self, status);
  }
  (void)submission.release();
  if (self->pending.fetch_sub(1, std::memory_order_acq_rel) == 1)
    issue(std::unique_ptr<Submission>(self));
  return nullptr;
}

// One wait is over. May be called inside of anybody's signal: the device's thread goes on with it.
void Queue::arrive(void* user_data, iree_hal_status_t status) {
  auto* self = static_cast<Submission*>(user_data);
  if (status) {
    iree_hal_status_t none = nullptr;
    if (!self->failure.compare_exchange_strong(none, status)) hal::free_status(status);
  }
  // The submitting call counts as one, so this is the last only once that has returned.
  if (self->pending.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  Shared* shared = self->owner()->work->shared_.get();
  std::lock_guard lock(shared->mutex);
  shared->ready.emplace_back(self);
  shared->changed.notify_all();
}

//===-- Submitting
//-----------------------------------------------------------------------------===//

void Queue::issue(std::unique_ptr<Submission> submission) {
  if (iree_hal_status_t failure = submission->failure.exchange(nullptr)) {
    return fail_all(*submission, failure);
  }
  Device* device = submission->owner();
  Shared* shared = device->work->shared_.get();
  auto signals =
      submission->signals;  // the thread may end the submission before they are scheduled
  {
    std::unique_lock gate(device->gate);
    if (iree_hal_status_t status = guard([&] { return encode(submission.get()); })) {
      for (Submission::Return& back : submission->returns) {
        device->pool.release(MemoryPool::kReadback, back.readback.staging);
      }
      device->caches.clear();  // what failed may be among it
      gate.unlock();
      return fail_all(*submission, status);
    }
    std::lock_guard lock(shared->mutex);
    if (submission->on_device || !shared->running.empty()) {
      shared->running.push_back(std::move(submission));
      shared->changed.notify_all();
    }
  }
  if (submission) return finish(std::move(submission));  // nothing to wait for
  iree_hal_timepoints_t points = hal::timepoints(signals.get());
  for (size_t i = 0; i < points.size; ++i) {
    if (Semaphore* own = Semaphore::cast(points.data[i].semaphore, device->identity))
      own->schedule(points.data[i].value);
  }
}

// What the submission does to Dawn's queue. Has the gate.
iree_hal_status_t Queue::encode(Submission* self) {
  Device* device = self->owner();
  IREE_HAL_TRY(device->check_alive());
  Memory memory;
  if (self->kind == Submission::kAlloca)
    return static_cast<Buffer*>(self->buffers[0].get())->memory(&memory);
  if (self->kind == Submission::kDealloca) {
    static_cast<Buffer*>(self->buffers[0].get())->deallocate();
    return nullptr;
  }
  if (self->kind != Submission::kCommands) return nullptr;
  const Program& program = static_cast<CommandBuffer*>(self->commands.get())->program;
  if (program.commands.empty()) return nullptr;

  for (const Range& range : self->ranges) IREE_HAL_TRY(range.buffer->before_use());
  Encoder encoder(device);
  IREE_HAL_TRY(encoder.run(program, self->ranges.data()));
  for (const auto& [buffer, offset, length] : written_ranges(program, self->ranges)) {
    buffer->note_write();
    for (auto [begin, end] : buffer->read_mapped(offset, offset + length)) {
      self->returns.push_back({buffer, {}});
      IREE_HAL_TRY(
          buffer->start_readback(encoder.outside(), begin, end, &self->returns.back().readback));
    }
  }
  IREE_HAL_TRY(encoder.submit());
  for (Submission::Return& back : self->returns) Buffer::map_readback(&back.readback);

  WGPUQueueWorkDoneCallbackInfo2 info = {};
  info.mode = WGPUCallbackMode_WaitAnyOnly;
  info.userdata1 = self;
  info.callback = [](uint32_t, void* data, void*) { static_cast<Submission*>(data)->ended = true; };
  self->end = dawn().QueueOnSubmittedWorkDone2(device->queue, info);
  self->on_device = true;
  return nullptr;
}

//===-- Ending
//---------------------------------------------------------------------------------===//

// Has the gate.
bool Queue::is_done(Submission* self, uint64_t timeout_ns) {
  if (!self->on_device) return true;
  if (!self->ended && !wait(self->end, timeout_ns)) return false;
  for (Submission::Return& back : self->returns) {
    if (!wait(back.readback.future, timeout_ns)) return false;
  }
  return true;
}

void Queue::finish(std::unique_ptr<Submission> self) {
  iree_hal_status_t status = nullptr;
  Device* device = self->owner();
  {
    std::lock_guard gate(device->gate);
    if (self->on_device) status = device->check_alive();
    for (Submission::Return& back : self->returns) {
      iree_hal_status_t failure = back.buffer->finish_readback(&back.readback);
      if (status) {
        hal::free_status(failure);
      } else {
        status = failure;
      }
    }
  }
  if (!status) status = failed_wait(*self);
  if (status) return fail_all(*self, status);
  iree_hal_timepoints_t points = hal::timepoints(self->signals.get());
  for (size_t i = 0; i < points.size; ++i) {
    auto [semaphore, value] = points.data[i];
    if (iree_hal_status_t failure = semaphore->vtable->signal(semaphore, value)) {
      semaphore->vtable->fail(semaphore, failure);
    }
  }
}

// The device's thread. Each submission keeps the device; after the last has gone only `shared` is
// there.
void Queue::serve(std::shared_ptr<Shared> shared) {
  uint64_t slice = kFirstSlice;
  std::unique_lock lock(shared->mutex);
  while (true) {
    shared->changed.wait(
        lock, [&] { return shared->stop || !shared->ready.empty() || !shared->running.empty(); });
    if (!shared->ready.empty()) {
      std::unique_ptr<Submission> next = std::move(shared->ready.front());
      shared->ready.pop_front();
      lock.unlock();
      issue(std::move(next));
      lock.lock();
      continue;
    }
    if (shared->running.empty()) return;  // stopped
    Submission* first = shared->running.front().get();
    lock.unlock();
    Gate& gate = first->owner()->gate;
    gate.lock_last();
    const bool done = is_done(first, slice);
    gate.unlock();
    lock.lock();
    slice = done ? kFirstSlice : next_slice(slice);
    if (!done) continue;
    std::unique_ptr<Submission> ended = std::move(shared->running.front());
    shared->running.pop_front();
    lock.unlock();
    finish(std::move(ended));
    lock.lock();
  }
}

void Queue::wait_with_gate(WGPUFuture future) {
  for (uint64_t slice = kFirstSlice; !wait(future, slice); slice = next_slice(slice)) {
    device_->gate.unlock();
    device_->gate.lock_last();
  }
}

}  // namespace iree::hal_webgpu
