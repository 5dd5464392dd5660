#include "queue.h"

#include "clock.h"
#include "device.h"
#include "fp_state.h"
#include "interrupt.h"
#include "pool.h"
#include "submission.h"
#include "timeline.h"

namespace iree::hal_cpu {
namespace {

// What a caller may be kept for in a queue operation: less than waking a thread costs.
constexpr uint64_t kQuickMicroseconds = 15;
// When that took longer than foreseen, it hands over after so much.
constexpr uint64_t kPatienceMicroseconds = 30;

// An area for `CommandBuffer::resolve`, on the stack if it is small.
class Area {
 public:
  ~Area() {
    if (data_ != small_) free(data_);
  }
  bool allocate(size_t size) {
    if (size > sizeof(small_)) data_ = malloc(size);
    return data_ != nullptr;
  }
  void* data() { return data_; }

 private:
  alignas(8) uint8_t small_[2048];
  void* data_ = small_;
};

iree_hal_status_t check_signals(iree_hal_timepoints_t signals) {
  for (size_t i = 0; i < signals.size; ++i) {
    Semaphore* semaphore = Semaphore::from(signals.data[i].semaphore);
    if (!semaphore || semaphore->failure() || semaphore->value() < signals.data[i].value) continue;
    return hal::make_status(IREE_HAL_INVALID_ARGUMENT,
                            "a semaphore at %llu cannot be signalled to %llu: values only grow",
                            (unsigned long long)semaphore->value(),
                            (unsigned long long)signals.data[i].value);
  }
  return nullptr;
}

bool is_satisfied(iree_hal_timepoints_t waits) {
  for (size_t i = 0; i < waits.size; ++i) {
    if (Semaphore* semaphore = Semaphore::from(waits.data[i].semaphore)) {
      if (semaphore->failure() || semaphore->value() < waits.data[i].value) return false;
    } else {
      iree_hal_semaphore_t* foreign = waits.data[i].semaphore;
      uint64_t value = 0;
      if (iree_hal_status_t status = foreign->vtable->query(foreign, &value)) {
        hal::free_status(status);
        return false;
      }
      if (value < waits.data[i].value) return false;
    }
  }
  return true;
}

void finish(const Operation& operation, iree_hal_status_t failure) {
  if (failure) return hal::fail(operation.signal, failure);
  if (operation.deallocate) operation.deallocate->deallocate();
  signal_all(operation.signal);
}

// Does an operation that is ready before returning.
iree_hal_status_t run_inline(const Operation& operation) {
  Area area;
  if (const CommandBuffer* commands = operation.command_buffer) {
    if (!area.allocate(commands->area_size())) return hal::out_of_memory();
    IREE_HAL_TRY(commands->resolve(operation.bindings, area.data()));
  }
  iree_hal_status_t failure = nullptr;
  {
    DefaultFpState fp_state;
    Worker worker(0);
    if (operation.command_buffer) {
      failure = operation.command_buffer->run(area.data(), &worker, current_interrupt());
    } else if (operation.transfer) {
      failure = Pieces(current_interrupt()).run(*operation.transfer, &worker);
    }
  }
  finish(operation, failure);
  return nullptr;
}

bool is_quick(const Operation& operation) {
  const uint64_t limit = kQuickMicroseconds * ticks_per_microsecond() * 16;
  if (operation.command_buffer) return operation.command_buffer->is_quick(limit);
  if (!operation.transfer) return true;
  return uint64_t{operation.transfer->unit_count} * operation.transfer->cost() <= limit;
}

// Runs phases until all are done, one fails or patience ends; returns how many need not be run
// again.
size_t run_patiently(const CommandBuffer& commands, const void* area, Worker* worker,
                     iree_hal_status_t* failure) {
  const uint64_t start = ticks();
  const uint64_t patience = kPatienceMicroseconds * ticks_per_microsecond();
  size_t phase = 0;
  while (phase < commands.phase_count()) {
    bool measure = worker->is_time_to_measure();
    *failure = commands.run_phase(phase++, area, worker, measure);
    if (*failure) return commands.phase_count();
    if (measure && ticks() - start > patience) break;
  }
  // Perhaps this time the kernels had larger sizes to deal with.
  if (ticks() - start > patience) commands.forget_costs();
  return phase;
}

// Does an operation that is ready and quick in the guest's place, without the cost of a submission.
iree_hal_status_t run_as_guest(Device* device, const Operation& operation, Worker* worker) {
  iree_hal_status_t failure = nullptr;
  if (const CommandBuffer* commands = operation.command_buffer) {
    Area area;
    if (!area.allocate(commands->area_size())) return hal::out_of_memory();
    IREE_HAL_TRY(commands->resolve(operation.bindings, area.data()));
    size_t done = run_patiently(*commands, area.data(), worker, &failure);
    if (done < commands->phase_count()) {
      Submission* rest;
      hal::Status refused(Submission::create(device, operation, &rest));
      if (!refused) {
        rest->skip_to(done);
        rest->start_now();
        return nullptr;
      }
      // Without memory to hand it over it is done here after all.
      while (!failure && done < commands->phase_count()) {
        failure = commands->run_phase(done++, area.data(), worker, false);
      }
    }
  } else if (operation.transfer) {
    failure = operation.transfer->run(0, operation.transfer->unit_count, worker);
  }
  finish(operation, failure);
  return nullptr;
}

}  // namespace

bool is_unwanted(iree_hal_timepoints_t signals) {
  for (size_t i = 0; i < signals.size; ++i) {
    const Semaphore* semaphore = Semaphore::from(signals.data[i].semaphore);
    if (!semaphore || !semaphore->failure()) return false;
  }
  return signals.size > 0;
}

void signal_all(iree_hal_timepoints_t signals) {
  for (size_t i = 0; i < signals.size; ++i) {
    iree_hal_semaphore_t* semaphore = signals.data[i].semaphore;
    iree_hal_status_t status = semaphore->vtable->signal(semaphore, signals.data[i].value);
    if (status) semaphore->vtable->fail(semaphore, status);
  }
}

iree_hal_status_t submit(Device* device, const Operation& operation) {
  IREE_HAL_TRY(check_signals(operation.signal));
  bool satisfied = is_satisfied(operation.wait);
  if (!device->pool) {
    if (satisfied) return run_inline(operation);
  } else {
    IREE_HAL_TRY(device->pool->check_usable());
    if (satisfied && is_quick(operation)) {
      Pool::Guest guest(device->pool);
      if (guest.worker()) return run_as_guest(device, operation, guest.worker());
    }
  }
  Submission* submission;
  IREE_HAL_TRY(Submission::create(device, operation, &submission));
  if (!satisfied) return submission->start(operation.wait);
  submission->start_now();
  return nullptr;
}

}  // namespace iree::hal_cpu
