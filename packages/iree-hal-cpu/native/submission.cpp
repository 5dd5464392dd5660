#include "submission.h"

#include "clock.h"
#include "device.h"
#include "fp_state.h"
#include "memory_pool.h"
#include "pool.h"
#include "queue.h"

namespace iree::hal_cpu {
namespace {

// A phase that takes less on one thread stays there, and a thread is called for no smaller share.
constexpr uint64_t kAloneMicroseconds = 4;
constexpr uint64_t kShareMicroseconds = 1;
// So many cheap phases run between two looks at the clock, which costs more than one of them; fewer
// if together they should take as long as one may.
constexpr unsigned kUnseenPhases = 16;

// Cuts one block of memory into arrays.
struct Layout {
  size_t size = 0;
  template <typename T>
  size_t add(size_t count) {
    static_assert(alignof(T) <= 8);
    size_t at = size;
    size += (count * sizeof(T) + 7) / 8 * 8;
    return at;
  }
};

}  // namespace

bool Stop::is_due() const {
  if (semaphore && semaphore->is_settled(value)) return true;
  return deadline_ticks != UINT64_MAX && ticks() >= deadline_ticks;
}

iree_hal_status_t Submission::create(Device* device, const Operation& operation, Submission** out) {
  CommandBuffer* commands = operation.command_buffer;
  Layout layout;
  layout.add<Submission>(1);
  size_t waits = layout.add<Wait>(operation.wait.size);
  size_t signals = layout.add<iree_hal_timepoint_t>(operation.signal.size);
  size_t buffers = layout.add<iree_hal_buffer_t*>(operation.bindings.size);
  size_t steps = layout.add<Step>(commands ? commands->largest_phase() : 1);
  size_t area = layout.add<uint8_t>(commands ? commands->area_size() : 0);
  auto* memory = static_cast<uint8_t*>(malloc(layout.size));
  if (!memory) return hal::out_of_memory();
  if (commands) {
    if (iree_hal_status_t status = commands->resolve(operation.bindings, memory + area)) {
      free(memory);
      return status;
    }
  }
  auto* self = new (memory) Submission();
  iree_hal_retain(device);
  self->device_ = device;
  self->pool_ = device->pool;
  self->waits_ = reinterpret_cast<Wait*>(memory + waits);
  self->wait_count_ = operation.wait.size;
  self->signals_ = reinterpret_cast<iree_hal_timepoint_t*>(memory + signals);
  self->signal_count_ = operation.signal.size;
  for (size_t i = 0; i < operation.signal.size; ++i) {
    iree_hal_retain(operation.signal.data[i].semaphore);
    self->signals_[i] = operation.signal.data[i];
  }
  self->buffers_ = reinterpret_cast<iree_hal_buffer_t**>(memory + buffers);
  self->buffer_count_ = operation.bindings.size;
  for (size_t i = 0; i < operation.bindings.size; ++i) {
    iree_hal_retain(operation.bindings.data[i].buffer);
    self->buffers_[i] = operation.bindings.data[i].buffer;
  }
  self->steps_ = reinterpret_cast<Step*>(memory + steps);
  self->area_ = memory + area;
  if (commands) iree_hal_retain(commands);
  self->command_buffer_ = commands;
  if (operation.transfer) {
    self->transfer_ = *operation.transfer;
    self->has_transfer_ = true;
  }
  if (operation.deallocate) iree_hal_retain(operation.deallocate);
  self->deallocate_ = operation.deallocate;
  *out = self;
  return nullptr;
}

Submission::~Submission() {
  release_resources();
  hal::free_status(failure_.load());
  for (size_t i = 0; i < signal_count_; ++i) iree_hal_release(signals_[i].semaphore);
  if (shards_) MemoryPool::get().deallocate(shards_, pool_->size() * sizeof(Shard));
  iree_hal_release(device_);
}

void Submission::destroy() {
  this->~Submission();
  free(this);
}

void Submission::release_resources() {
  for (size_t i = 0; i < buffer_count_; ++i) iree_hal_release(buffers_[i]);
  buffer_count_ = 0;
  iree_hal_release(std::exchange(command_buffer_, nullptr));
  iree_hal_release(std::exchange(deallocate_, nullptr));
}

iree_hal_status_t Submission::start(iree_hal_timepoints_t wait) {
  pending_.store(static_cast<uint32_t>(wait_count_ + 1), std::memory_order_relaxed);
  for (size_t i = 0; i < wait_count_; ++i) {
    Wait* node = new (&waits_[i]) Wait();
    node->owner = this;
    node->value = wait.data[i].value;
    node->fire = [](Waiter* waiter, iree_hal_status_t status) {
      static_cast<Wait*>(waiter)->owner->arrive(status);
    };
    if (Semaphore* semaphore = Semaphore::from(wait.data[i].semaphore)) {
      semaphore->add(node);
      continue;
    }
    iree_hal_semaphore_t* foreign = wait.data[i].semaphore;
    iree_hal_status_t status = foreign->vtable->on_reach(
        foreign, node->value,
        [](void* self, iree_hal_status_t reached) {
          static_cast<Submission*>(self)->arrive(reached);
        },
        this);
    if (status) {
      abandoned_.store(true);
      // Those not registered will not arrive.
      pending_.fetch_sub(static_cast<uint32_t>(wait_count_ - i), std::memory_order_relaxed);
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
  if (abandoned_.load()) return destroy();
  start_now();
}

void Submission::start_now() {
  if (pool_) {
    pool_->began();
    return pool_->push(this);
  }
  {
    DefaultFpState fp_state;
    Worker worker(0);
    // Whose submission this is may have nothing to do with the thread that made it ready.
    if (command_buffer_) {
      fail(command_buffer_->run(area_, &worker, {}));
    } else if (has_transfer_) {
      fail(transfer_.run(0, transfer_.unit_count, &worker));
    }
  }
  complete();
}

void Submission::fail_signals(iree_hal_status_t status) {
  hal::fail({signals_, signal_count_}, status);
}

void Submission::fail(iree_hal_status_t status) {
  if (!status) return;
  iree_hal_status_t none = nullptr;
  if (!failure_.compare_exchange_strong(none, status, std::memory_order_acq_rel)) {
    hal::free_status(status);
  }
}

void Submission::check_wanted() {
  if (is_unwanted({signals_, signal_count_})) [[unlikely]]
    fail(hal::make_status(IREE_HAL_CANCELLED, "nobody waits for it any more"));
}

void Submission::complete() {
  iree_hal_status_t failure = failure_.exchange(nullptr, std::memory_order_acq_rel);
  if (deallocate_ && !failure) deallocate_->deallocate();
  // Whoever sees the signal may rely on our references being gone.
  release_resources();
  if (failure) {
    fail_signals(failure);
  } else {
    signal_all({signals_, signal_count_});
  }
  Pool* pool = pool_;
  if (pool) pool->ended();
  destroy();
}

bool Submission::next_phase() {
  step_count_ = 0;
  units_ = 0;
  if (has_transfer_) {
    if (phase_++ > 0) return false;
    steps_[step_count_++] = {&transfer_, 0};
    units_ = transfer_.unit_count;
    return true;
  }
  if (!command_buffer_ || phase_ == command_buffer_->phase_count()) return false;
  const CommandBuffer::Phase& phase = command_buffer_->phase(phase_++);
  const CommandBuffer::Command* command = command_buffer_->first(phase);
  for (uint32_t i = 0; i < phase.count; ++i, command = command->next()) {
    const Work& work = command->resolved(area_);
    if (!work.unit_count) continue;
    steps_[step_count_++] = {&work, units_};
    units_ += work.unit_count;
  }
  return true;
}

void Submission::run_cheap_phases(Worker* worker) {
  if (!command_buffer_) return;
  const uint64_t alone = kAloneMicroseconds * ticks_per_microsecond();
  uint64_t start = ticks(), predicted = 0;
  unsigned unseen = 0;
  while (phase_ < command_buffer_->phase_count()) {
    const CommandBuffer::Phase& phase = command_buffer_->phase(phase_);
    if (phase.count != 1 || worker->is_time_to_measure()) return;
    const Work& work = command_buffer_->first(phase)->resolved(area_);
    const uint64_t cost = uint64_t{work.cost()} * work.unit_count;
    if (!cost || cost > alone * 16) return;
    predicted += cost;
    if (++unseen == kUnseenPhases || predicted > alone * 16) {
      uint64_t now = ticks();
      // Perhaps the kernels have larger sizes to deal with than before.
      if (now - start > 8 * alone) return command_buffer_->forget_costs();
      start = now;
      predicted = unseen = 0;
    }
    ++phase_;
    if (iree_hal_status_t status = work.run(0, work.unit_count, worker)) return fail(status);
  }
}

void Submission::advance(Worker* worker, const Stop* stop) {
  for (;;) {
    run_cheap_phases(worker);
    check_wanted();
    if (has_failed() || !next_phase()) break;
    if (units_ && !run_phase(worker, stop)) return;
    if (stop && stop->is_due()) return pool_->push(this);
  }
  complete();
}

bool Submission::run_phase(Worker* worker, const Stop* stop) {
  if (units_ == 1) {
    run_units(worker, 0, 1);
    return true;
  }
  const uint64_t alone = kAloneMicroseconds * ticks_per_microsecond();
  const uint64_t share = kShareMicroseconds * ticks_per_microsecond() * 16;
  uint64_t predicted = 0;
  bool known = true;
  for (uint32_t i = 0; i < step_count_; ++i) {
    uint32_t cost = steps_[i].work->cost();
    known &= cost != 0;
    predicted += uint64_t{cost} * steps_[i].work->unit_count;
  }
  uint32_t begin = 0;
  if (!known || predicted <= alone * 16) {
    begin = run_alone(worker, alone);
    if (begin == units_ || has_failed()) return true;
    known = false;
  }
  uint32_t shards = pool_->size();
  if (units_ - begin < shards) shards = units_ - begin;
  if (known && predicted / share < shards) shards = static_cast<uint32_t>(predicted / share);
  return spread(worker, stop, begin, shards);
}

uint32_t Submission::run_alone(Worker* worker, uint64_t limit) {
  const uint64_t start = ticks();
  for (uint32_t i = 0; i < step_count_; ++i) {
    uint32_t unit = steps_[i].begin, end = unit + steps_[i].work->unit_count;
    while (unit < end) {
      uint64_t chunk = 1;
      if (uint32_t cost = steps_[i].work->cost()) chunk = limit * 16 / cost + 1;
      uint32_t to = chunk < end - unit ? unit + static_cast<uint32_t>(chunk) : end;
      run_units(worker, unit, to);
      unit = to;
      if (has_failed()) return units_;
      if (ticks() - start > limit) return unit;
    }
  }
  return units_;
}

bool Submission::spread(Worker* worker, const Stop* stop, uint32_t begin, uint32_t shards) {
  if (shards > 1 && !shards_) {
    void* memory = MemoryPool::get().allocate(pool_->size() * sizeof(Shard));
    if (memory) shards_ = new (memory) Shard[pool_->size()];
  }
  int slot = -1;
  if (shards > 1 && shards_) {
    shard_count_ = shards;
    uint64_t total = units_ - begin;
    for (uint32_t i = 0; i < shards; ++i) {
      uint64_t from = begin + total * i / shards, to = begin + total * (i + 1) / shards;
      shards_[i].range.store(from | to << 32, std::memory_order_relaxed);
    }
    slot = pool_->publish(this, shards);
  }
  if (slot < 0) {
    run_units(worker, begin, units_);
    return true;
  }
  bool exhausted = help(slot, worker, stop);
  return pool_->leave(slot, exhausted);
}

bool Submission::claim(Shard* shard, bool front, uint32_t* begin, uint32_t* end) {
  uint64_t range = shard->range.load(std::memory_order_relaxed);
  for (;;) {
    auto from = static_cast<uint32_t>(range), to = static_cast<uint32_t>(range >> 32);
    if (from == to) return false;
    // Ever smaller pieces, so that all finish at about the same time.
    uint32_t count = (to - from) / 8 + 1;
    uint64_t rest = front ? uint64_t{from + count} | uint64_t{to} << 32
                          : uint64_t{from} | uint64_t{to - count} << 32;
    if (shard->range.compare_exchange_weak(range, rest, std::memory_order_relaxed)) {
      *begin = front ? from : to - count;
      *end = *begin + count;
      return true;
    }
  }
}

bool Submission::help(int slot, Worker* worker, const Stop* stop) {
  // The same worker starts with the same part each time, whose data may still be in its cache.
  const uint32_t own = worker->index() % shard_count_;
  uint32_t begin, end;
  for (uint32_t i = 0; i < shard_count_; ++i) {
    uint32_t index = own + i < shard_count_ ? own + i : own + i - shard_count_;
    while (claim(&shards_[index], i == 0, &begin, &end)) {
      run_units(worker, begin, end);
      check_wanted();
      if (has_failed()) return true;
      pool_->call_again(slot);
      if (stop && stop->is_due()) return false;
    }
  }
  return true;
}

void Submission::run_units(Worker* worker, uint32_t begin, uint32_t end) {
  // The last step that starts at or before `begin`.
  uint32_t low = 0, high = step_count_;
  while (high - low > 1) {
    uint32_t middle = (low + high) / 2;
    (steps_[middle].begin <= begin ? low : high) = middle;
  }
  uint64_t then = ticks();
  for (const Step* step = &steps_[low]; begin < end; ++step) {
    uint32_t step_end = step->begin + step->work->unit_count;
    uint32_t to = step_end < end ? step_end : end;
    if (iree_hal_status_t status = step->work->run(begin - step->begin, to - step->begin, worker)) {
      return fail(status);
    }
    uint64_t now = ticks();
    step->work->learn((now - then) * 16 / (to - begin));
    then = now;
    begin = to;
  }
}

}  // namespace iree::hal_cpu
