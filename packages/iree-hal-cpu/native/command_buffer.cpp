#include "command_buffer.h"

#include "clock.h"
#include "interrupt.h"

namespace iree::hal_cpu {
namespace {

using hal::make_status;
using ull = unsigned long long;

CommandBuffer* cast(iree_hal_command_buffer_t* self) { return static_cast<CommandBuffer*>(self); }

constexpr iree_hal_command_buffer_vtable_t kVtable = {
    sizeof(kVtable),
    IREE_HAL_ABI_VERSION,
    [](iree_hal_command_buffer_t* self) { return cast(self)->barrier(); },
    [](iree_hal_command_buffer_t* self, iree_hal_binding_t target, const void* pattern,
       uint32_t pattern_size) { return cast(self)->fill(target, pattern, pattern_size); },
    [](iree_hal_command_buffer_t* self, iree_hal_binding_t source, iree_hal_binding_t target) {
      return cast(self)->copy(source, target);
    },
    [](iree_hal_command_buffer_t* self, iree_hal_executable_t* executable, uint32_t ordinal,
       const uint32_t workgroup_count[3], const uint32_t* constants, size_t constant_count,
       const iree_hal_binding_t* bindings, size_t binding_count) {
      return cast(self)->dispatch(executable, ordinal, workgroup_count, constants, constant_count,
                                  bindings, binding_count);
    },
    [](iree_hal_command_buffer_t* self) { return cast(self)->finalize(); },
};

constexpr Use kFillTarget = {IREE_HAL_USAGE_TRANSFER, true, "fill target"};
constexpr Use kCopySource = {IREE_HAL_USAGE_TRANSFER, false, "copy source"};
constexpr Use kCopyTarget = {IREE_HAL_USAGE_TRANSFER, true, "copy target"};

struct BindingNames {
  char text[IREE_CPU_MAX_BINDINGS][12] = {};
  constexpr BindingNames() {
    for (unsigned i = 0; i < IREE_CPU_MAX_BINDINGS; ++i) {
      const char* prefix = "binding ";
      unsigned at = 0;
      while (prefix[at]) text[i][at] = prefix[at], ++at;
      if (i >= 10) text[i][at++] = static_cast<char>('0' + i / 10);
      text[i][at] = static_cast<char>('0' + i % 10);
    }
  }
};
constexpr BindingNames kBindingNames;

Use dispatch_use(const Entry& entry, uint32_t binding) {
  return {IREE_HAL_USAGE_STORAGE, ((entry.written_bindings >> binding) & 1) != 0,
          kBindingNames.text[binding]};
}

}  // namespace

iree_hal_status_t check_fill(uint64_t offset, uint64_t length, uint32_t pattern_size) {
  if (pattern_size != 1 && pattern_size != 2 && pattern_size != 4 && pattern_size != 8) {
    return make_status(IREE_HAL_INVALID_ARGUMENT,
                       "fill with a pattern of %u bytes, not 1, 2, 4 or 8", pattern_size);
  }
  if (offset % pattern_size || (length != IREE_HAL_WHOLE_BUFFER && length % pattern_size)) {
    return make_status(
        IREE_HAL_INVALID_ARGUMENT,
        "fill of %llu bytes at offset %llu with a pattern of %u bytes: not multiples", (ull)length,
        (ull)offset, pattern_size);
  }
  return nullptr;
}

iree_hal_status_t check_copy(const uint8_t* source, uint64_t source_length, const uint8_t* target,
                             uint64_t target_length) {
  if (source_length != target_length) {
    return make_status(IREE_HAL_INVALID_ARGUMENT, "copy of %llu bytes to %llu bytes",
                       (ull)source_length, (ull)target_length);
  }
  if (source < target + target_length && target < source + source_length) {
    return make_status(IREE_HAL_INVALID_ARGUMENT, "copy of %llu bytes between ranges that overlap",
                       (ull)source_length);
  }
  return nullptr;
}

iree_hal_status_t CommandBuffer::create(uint32_t slot_count, iree_hal_command_buffer_t** out) {
  auto* self = new (std::nothrow) CommandBuffer();
  if (!self) return hal::out_of_memory();
  hal::init_object<iree_hal_command_buffer_t>(self);
  self->vtable = &kVtable;
  self->slot_count = slot_count;
  *out = self;
  return nullptr;
}

CommandBuffer* CommandBuffer::from(iree_hal_command_buffer_t* command_buffer) {
  return command_buffer->vtable == &kVtable ? cast(command_buffer) : nullptr;
}

CommandBuffer::~CommandBuffer() {
  for (void* object : retained_) iree_hal_release(object);
}

iree_hal_status_t CommandBuffer::check_recording() const {
  if (!finalized_) return nullptr;
  return make_status(IREE_HAL_FAILED_PRECONDITION, "the command buffer has been finalized");
}

iree_hal_status_t CommandBuffer::retain(void* object) {
  // The same few objects come again and again.
  size_t recent = retained_.size() < 8 ? retained_.size() : 8;
  for (size_t i = retained_.size() - recent; i < retained_.size(); ++i) {
    if (retained_[i] == object) return nullptr;
  }
  if (!retained_.append(object)) return hal::out_of_memory();
  iree_hal_retain(object);
  return nullptr;
}

iree_hal_status_t CommandBuffer::record_range(iree_hal_binding_t* range, const Use& use,
                                              uint8_t** address) {
  *address = nullptr;
  if (range->buffer) {
    IREE_HAL_TRY(resolve_range(*range, use, address, &range->length));
    IREE_HAL_TRY(retain(range->buffer));
    Buffer* buffer = Buffer::from(range->buffer);
    if (!buffers_.empty() && buffers_.back() == buffer) return nullptr;
    return buffers_.append(buffer) ? nullptr : hal::out_of_memory();
  }
  if (range->slot >= slot_count) {
    return make_status(IREE_HAL_OUT_OF_RANGE, "%s: slot %u of a command buffer with %u slots",
                       use.what, range->slot, slot_count);
  }
  return nullptr;
}

iree_hal_status_t CommandBuffer::append(const Work& work, uint32_t constant_count,
                                        const uint32_t* constants, uint32_t binding_count,
                                        uint8_t* const* addresses, const iree_hal_binding_t* slots,
                                        uint32_t pattern_size) {
  size_t bytes =
      sizeof(Command) + (constant_count + 1) / 2 * sizeof(uint64_t) + binding_count * sizeof(void*);
  if (slots) bytes += binding_count * sizeof(iree_hal_binding_t);
  size_t at = stream_.size();
  // Units of one phase are numbered with 32 bits. A transfer in a slot may have any size.
  uint32_t units =
      slots && work.kind != Work::kDispatch ? Work::kMaxTransferUnits : work.unit_count;
  if (at_barrier_ || phases_.back().units > UINT32_MAX - units) {
    if (!phases_.append({at * sizeof(uint64_t), 0, 0})) return hal::out_of_memory();
    at_barrier_ = false;
  }
  if (!stream_.resize(at + bytes / sizeof(uint64_t))) return hal::out_of_memory();
  Phase& phase = phases_.back();
  if (++phase.count > largest_phase_) largest_phase_ = phase.count;
  phase.units += units;

  auto* command = reinterpret_cast<Command*>(&stream_[at]);
  command->size = static_cast<uint32_t>(bytes);
  command->constants = constant_count;
  command->bindings = binding_count;
  command->pattern_size = pattern_size;
  command->area_offset = Command::kDirect;
  command->work = work;
  if (constant_count) memcpy(command->constant_data(), constants, constant_count * 4);
  if (binding_count) memcpy(command->addresses(), addresses, binding_count * sizeof(void*));
  if (slots) {
    memcpy(command->slots(), slots, binding_count * sizeof(iree_hal_binding_t));
    command->area_offset = area_size_;
    area_size_ += sizeof(Work) + binding_count * sizeof(void*);
  }
  return nullptr;
}

iree_hal_status_t CommandBuffer::barrier() {
  IREE_HAL_TRY(check_recording());
  at_barrier_ = true;
  return nullptr;
}

iree_hal_status_t CommandBuffer::fill(iree_hal_binding_t target, const void* pattern,
                                      uint32_t pattern_size) {
  IREE_HAL_TRY(check_recording());
  uint8_t* address;
  IREE_HAL_TRY(record_range(&target, kFillTarget, &address));
  IREE_HAL_TRY(check_fill(target.offset, target.length, pattern_size));
  bool direct = target.buffer != nullptr;
  Work work = Work::fill(address, direct ? target.length : 0, pattern, pattern_size);
  if (direct && work.unit_count == 0) return nullptr;
  return append(work, 0, nullptr, 1, &address, direct ? nullptr : &target, pattern_size);
}

iree_hal_status_t CommandBuffer::copy(iree_hal_binding_t source, iree_hal_binding_t target) {
  IREE_HAL_TRY(check_recording());
  iree_hal_binding_t ranges[2] = {source, target};
  uint8_t* addresses[2];
  IREE_HAL_TRY(record_range(&ranges[0], kCopySource, &addresses[0]));
  IREE_HAL_TRY(record_range(&ranges[1], kCopyTarget, &addresses[1]));
  bool direct = source.buffer && target.buffer;
  if (direct) {
    IREE_HAL_TRY(check_copy(addresses[0], ranges[0].length, addresses[1], ranges[1].length));
  } else if (ranges[0].length != ranges[1].length && ranges[0].length != IREE_HAL_WHOLE_BUFFER &&
             ranges[1].length != IREE_HAL_WHOLE_BUFFER) {
    return make_status(IREE_HAL_INVALID_ARGUMENT, "copy of %llu bytes to %llu bytes",
                       (ull)ranges[0].length, (ull)ranges[1].length);
  }
  Work work = Work::copy(addresses[0], addresses[1], direct ? ranges[0].length : 0);
  if (direct && work.unit_count == 0) return nullptr;
  return append(work, 0, nullptr, 2, addresses, direct ? nullptr : ranges, 0);
}

iree_hal_status_t CommandBuffer::dispatch(iree_hal_executable_t* executable, uint32_t ordinal,
                                          const uint32_t workgroup_count[3],
                                          const uint32_t* constants, size_t constant_count,
                                          const iree_hal_binding_t* bindings,
                                          size_t binding_count) {
  IREE_HAL_TRY(check_recording());
  const Executable* code = Executable::from(executable);
  if (!code) {
    return make_status(IREE_HAL_INVALID_ARGUMENT,
                       "dispatch: the executable belongs to another driver");
  }
  if (ordinal >= executable->entry_count) {
    return make_status(IREE_HAL_OUT_OF_RANGE, "dispatch of entry %u of an executable with %u",
                       ordinal, executable->entry_count);
  }
  const Entry& entry = code->entry(ordinal);
  if (constant_count != entry.constant_count || binding_count != entry.binding_count) {
    return make_status(IREE_HAL_INVALID_ARGUMENT,
                       "dispatch of '%.*s' with %zu constants and %zu bindings; it takes %u and %u",
                       static_cast<int>(entry.name.size), entry.name.data, constant_count,
                       binding_count, entry.constant_count, entry.binding_count);
  }
  uint32_t units;
  if (__builtin_mul_overflow(workgroup_count[0], workgroup_count[1], &units) ||
      __builtin_mul_overflow(units, workgroup_count[2], &units)) {
    if (workgroup_count[0] && workgroup_count[1] && workgroup_count[2]) {
      return make_status(IREE_HAL_OUT_OF_RANGE,
                         "dispatch of %u x %u x %u workgroups: more than 2^32 - 1",
                         workgroup_count[0], workgroup_count[1], workgroup_count[2]);
    }
    units = 0;
  }
  uint8_t* addresses[IREE_CPU_MAX_BINDINGS];
  iree_hal_binding_t ranges[IREE_CPU_MAX_BINDINGS];
  bool direct = true;
  for (uint32_t i = 0; i < binding_count; ++i) {
    ranges[i] = bindings[i];
    IREE_HAL_TRY(record_range(&ranges[i], dispatch_use(entry, i), &addresses[i]));
    direct &= ranges[i].buffer != nullptr;
  }
  if (units == 0) return nullptr;
  IREE_HAL_TRY(retain(executable));
  Work work;
  work.kind = Work::kDispatch;
  work.unit_count = units;
  work.dispatch.entry = &entry;
  work.dispatch.arguments = {};
  for (int i = 0; i < 3; ++i) {
    work.dispatch.arguments.workgroup_count[i] = workgroup_count[i];
  }
  return append(work, static_cast<uint32_t>(constant_count), constants,
                static_cast<uint32_t>(binding_count), addresses, direct ? nullptr : ranges, 0);
}

iree_hal_status_t CommandBuffer::finalize() {
  IREE_HAL_TRY(check_recording());
  finalized_ = true;
  // The stream moves no more: point the kernels' arguments into it.
  auto* at = reinterpret_cast<uint8_t*>(stream_.data());
  auto* end = reinterpret_cast<uint8_t*>(stream_.end());
  while (at != end) {
    auto* command = reinterpret_cast<Command*>(at);
    if (command->work.kind == Work::kDispatch) {
      command->work.dispatch.arguments.constants = command->constant_data();
      command->work.dispatch.arguments.bindings =
          reinterpret_cast<void* const*>(command->addresses());
    }
    at += command->size;
  }
  return nullptr;
}

iree_hal_status_t CommandBuffer::resolve_slot(const iree_hal_binding_t& range,
                                              iree_hal_binding_table_t table, const Use& use,
                                              uint8_t** address, uint64_t* length) const {
  uint64_t slot_length;
  IREE_HAL_TRY(resolve_range(table.data[range.slot], use, address, &slot_length));
  *length = range.length;
  IREE_HAL_TRY(hal::check_range(slot_length, range.offset, length, use.what));
  *address += range.offset;
  return nullptr;
}

iree_hal_status_t CommandBuffer::resolve_dispatch(const Command& command,
                                                  iree_hal_binding_table_t table,
                                                  Work* work) const {
  auto** addresses = reinterpret_cast<uint8_t**>(work + 1);
  for (uint32_t i = 0; i < command.bindings; ++i) {
    const iree_hal_binding_t& range = command.slots()[i];
    addresses[i] = command.addresses()[i];
    if (range.buffer) continue;
    uint64_t length;
    IREE_HAL_TRY(
        resolve_slot(range, table, dispatch_use(*work->dispatch.entry, i), &addresses[i], &length));
  }
  work->dispatch.arguments.bindings = reinterpret_cast<void* const*>(addresses);
  return nullptr;
}

iree_hal_status_t CommandBuffer::resolve_transfer(const Command& command,
                                                  iree_hal_binding_table_t table,
                                                  Work* work) const {
  const bool is_fill = work->kind == Work::kFill;
  uint8_t* addresses[2];
  uint64_t lengths[2];
  for (uint32_t i = 0; i < command.bindings; ++i) {
    const iree_hal_binding_t& range = command.slots()[i];
    addresses[i] = command.addresses()[i];
    lengths[i] = range.length;
    if (range.buffer) continue;
    const Use& use = is_fill ? kFillTarget : i ? kCopyTarget : kCopySource;
    IREE_HAL_TRY(resolve_slot(range, table, use, &addresses[i], &lengths[i]));
  }
  if (is_fill) {
    uint64_t offset = table.data[command.slots()[0].slot].offset + command.slots()[0].offset;
    IREE_HAL_TRY(check_fill(offset, lengths[0], command.pattern_size));
    work->set_transfer(addresses[0], nullptr, lengths[0]);
  } else {
    IREE_HAL_TRY(check_copy(addresses[0], lengths[0], addresses[1], lengths[1]));
    work->set_transfer(addresses[1], addresses[0], lengths[0]);
  }
  return nullptr;
}

iree_hal_status_t CommandBuffer::resolve(iree_hal_binding_table_t table, void* area) const {
  if (!finalized_) {
    return make_status(IREE_HAL_FAILED_PRECONDITION,
                       "the command buffer is still being recorded: finalize it first");
  }
  if (table.size < slot_count) {
    return make_status(IREE_HAL_INVALID_ARGUMENT,
                       "a binding table of %zu for a command buffer with %u slots", table.size,
                       slot_count);
  }
  for (const Buffer* buffer : buffers_) {
    if (buffer->is_deallocated()) {
      return make_status(IREE_HAL_FAILED_PRECONDITION,
                         "the command buffer uses a buffer that has been deallocated");
    }
  }
  if (area_size_ == 0) return nullptr;
  for (const Phase& phase : phases_) {
    const Command* command = first(phase);
    for (uint32_t i = 0; i < phase.count; ++i, command = command->next()) {
      if (command->area_offset == Command::kDirect) continue;
      auto* work = reinterpret_cast<Work*>(static_cast<uint8_t*>(area) + command->area_offset);
      *work = command->work;
      if (work->kind == Work::kDispatch) {
        IREE_HAL_TRY(resolve_dispatch(*command, table, work));
      } else {
        IREE_HAL_TRY(resolve_transfer(*command, table, work));
      }
    }
  }
  return nullptr;
}

bool CommandBuffer::is_quick(uint64_t limit) const {
  if (uint32_t left = trusted_.load(std::memory_order_relaxed)) {
    trusted_.store(left - 1, std::memory_order_relaxed);
    return true;
  }
  uint64_t total = 0;
  for (const Phase& phase : phases_) {
    const Command* command = first(phase);
    for (uint32_t i = 0; i < phase.count; ++i, command = command->next()) {
      const Work* work = &command->work;
      Work transfer;
      if (work->kind != Work::kDispatch && command->area_offset != Command::kDirect) {
        // Its length is in a slot, or at least given.
        uint64_t length = command->slots()[0].length;
        if (length == IREE_HAL_WHOLE_BUFFER) return false;
        transfer = *work;
        transfer.set_transfer(nullptr, nullptr, length);
        work = &transfer;
      }
      uint32_t cost = work->cost();
      total += uint64_t{cost} * work->unit_count;
      if (!cost || total > limit) return false;
    }
  }
  trusted_.store(15, std::memory_order_relaxed);
  return true;
}

void CommandBuffer::forget_costs() const {
  trusted_.store(0, std::memory_order_relaxed);
  for (const Phase& phase : phases_) {
    const Command* command = first(phase);
    for (uint32_t i = 0; i < phase.count; ++i, command = command->next()) {
      if (command->work.kind != Work::kDispatch) continue;
      command->work.dispatch.entry->cost.store(0, std::memory_order_relaxed);
    }
  }
}

iree_hal_status_t CommandBuffer::run(const void* area, Worker* worker,
                                     iree_hal_interrupt_t interrupt) const {
  Pieces pieces(interrupt);
  for (const Phase& phase : phases_) {
    const Command* command = first(phase);
    for (uint32_t i = 0; i < phase.count; ++i, command = command->next())
      IREE_HAL_TRY(pieces.run(command->resolved(area), worker));
  }
  return nullptr;
}

iree_hal_status_t CommandBuffer::run_phase(size_t index, const void* area, Worker* worker,
                                           bool measure) const {
  const Phase& phase = phases_[index];
  const Command* command = first(phase);
  for (uint32_t i = 0; i < phase.count; ++i, command = command->next()) {
    const Work& work = command->resolved(area);
    if (!work.unit_count) continue;
    uint64_t start = measure ? ticks() : 0;
    IREE_HAL_TRY(work.run(0, work.unit_count, worker));
    if (measure) work.learn((ticks() - start) * 16 / work.unit_count);
  }
  return nullptr;
}

}  // namespace iree::hal_cpu
