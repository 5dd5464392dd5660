#include "command_buffer.h"

#include <algorithm>

#include "device.h"

namespace iree::hal_vulkan {
namespace {

using ull = unsigned long long;

// Programs alternate between a few sets of buffers.
constexpr size_t kRecordings = 4;

constexpr Use kFillTarget = {IREE_HAL_USAGE_TRANSFER, true, "fill target"};
constexpr Use kCopySource = {IREE_HAL_USAGE_TRANSFER, false, "copy source"};
constexpr Use kCopyTarget = {IREE_HAL_USAGE_TRANSFER, true, "copy target"};

Use use_of_binding(const Entry& entry, uint32_t binding) {
  return {IREE_HAL_USAGE_STORAGE, (entry.info.written_bindings >> binding & 1) != 0,
          "binding of a dispatch"};
}

CommandBuffer* cast(iree_hal_command_buffer_t* self) { return static_cast<CommandBuffer*>(self); }

constexpr iree_hal_command_buffer_vtable_t kVtable = {
    sizeof(kVtable),
    IREE_HAL_ABI_VERSION,
    [](iree_hal_command_buffer_t* self) { return Device::run([&] { cast(self)->barrier(); }); },
    [](iree_hal_command_buffer_t* self, iree_hal_binding_t target, const void* pattern,
       uint32_t pattern_size) {
      return Device::run([&] { cast(self)->fill(target, pattern, pattern_size); });
    },
    [](iree_hal_command_buffer_t* self, iree_hal_binding_t source, iree_hal_binding_t target) {
      return Device::run([&] { cast(self)->copy(source, target); });
    },
    [](iree_hal_command_buffer_t* self, iree_hal_executable_t* executable, uint32_t ordinal,
       const uint32_t workgroup_count[3], const uint32_t* constants, size_t constant_count,
       const iree_hal_binding_t* bindings, size_t binding_count) {
      return Device::run([&] {
        cast(self)->dispatch(executable, ordinal, workgroup_count, constants, constant_count,
                             bindings, binding_count);
      });
    },
    [](iree_hal_command_buffer_t* self) { return Device::run([&] { cast(self)->finalize(); }); },
};

void check_fill(uint64_t offset, uint64_t length, uint32_t pattern_size) {
  if (pattern_size != 1 && pattern_size != 2 && pattern_size != 4 && pattern_size != 8) {
    raise(IREE_HAL_INVALID_ARGUMENT, "fill with a pattern of %u bytes, not 1, 2, 4 or 8",
          pattern_size);
  }
  if (offset % pattern_size || (length != IREE_HAL_WHOLE_BUFFER && length % pattern_size)) {
    raise(IREE_HAL_INVALID_ARGUMENT,
          "fill of %llu bytes at offset %llu with a pattern of %u bytes: not multiples",
          (ull)length, (ull)offset, pattern_size);
  }
}

void check_copy(const Range& source, const Range& target) {
  if (source.length != target.length) {
    raise(IREE_HAL_INVALID_ARGUMENT, "copy of %llu bytes to %llu bytes", (ull)source.length,
          (ull)target.length);
  }
  if (source.handle() == target.handle() && source.position() < target.position() + target.length &&
      target.position() < source.position() + source.length) {
    raise(IREE_HAL_INVALID_ARGUMENT, "copy of %llu bytes between ranges that overlap",
          (ull)source.length);
  }
}

void check_binding(const Device& device, const Entry& entry, uint32_t index, const Range& range) {
  const VkPhysicalDeviceLimits& limits = device.adapter.properties.limits;
  if (range.position() % limits.minStorageBufferOffsetAlignment && range.length) {
    raise(IREE_HAL_INVALID_ARGUMENT,
          "binding %u of '%s' starts at offset %llu, which is no multiple of %u", index,
          entry.label.c_str(), (ull)range.offset, IREE_HAL_BINDING_ALIGNMENT);
  }
  if (align_up(range.length, 16) > limits.maxStorageBufferRange) {
    raise(IREE_HAL_OUT_OF_RANGE, "binding %u of '%s' has %llu bytes, but '%s' takes %u at most",
          index, entry.label.c_str(), (ull)range.length, device.adapter.name(),
          limits.maxStorageBufferRange);
  }
}

}  // namespace

hal::Ref<iree_hal_command_buffer_t> CommandBuffer::create(Device* device, uint32_t slot_count) {
  auto* self = new CommandBuffer();
  hal::init_object<iree_hal_command_buffer_t>(self);
  self->vtable = &kVtable;
  self->slot_count = slot_count;
  iree_hal_retain(device);
  self->device_ = device;
  return hal::Ref<iree_hal_command_buffer_t>::adopt(self);
}

CommandBuffer* CommandBuffer::from(iree_hal_command_buffer_t* command_buffer) {
  return command_buffer->vtable == &kVtable ? cast(command_buffer) : nullptr;
}

CommandBuffer::~CommandBuffer() {
  recorded_.clear();
  uniforms_.reset();
  for (void* object : retained_) iree_hal_release(object);
  iree_hal_release(device_);
}

void CommandBuffer::check_recording() const {
  if (finalized_) raise(IREE_HAL_FAILED_PRECONDITION, "the command buffer has been finalized");
}

void CommandBuffer::retain(void* object) {
  // The same few objects come again and again.
  const size_t recent = std::min<size_t>(retained_.size(), 8);
  if (std::find(retained_.end() - static_cast<ptrdiff_t>(recent), retained_.end(), object) !=
      retained_.end()) {
    return;
  }
  retained_.push_back(object);
  iree_hal_retain(object);
}

void CommandBuffer::record_range(iree_hal_binding_t range, const Use& use) {
  if (range.buffer) {
    Buffer& buffer = resolve_range(device_, &range, use);
    retain(range.buffer);
    if (buffers_.empty() || buffers_.back() != &buffer) buffers_.push_back(&buffer);
  } else if (range.slot >= slot_count) {
    raise(IREE_HAL_OUT_OF_RANGE, "%s: slot %u of a command buffer with %u slots", use.what,
          range.slot, slot_count);
  }
  ranges_.push_back(range);
}

void CommandBuffer::barrier() {
  check_recording();
  commands_.push_back({.kind = Kind::kBarrier});
}

void CommandBuffer::fill(iree_hal_binding_t target, const void* pattern, uint32_t pattern_size) {
  check_recording();
  const auto first = static_cast<uint32_t>(ranges_.size());
  record_range(target, kFillTarget);
  check_fill(target.offset, ranges_.back().length, pattern_size);
  uint64_t bits = 0;
  memcpy(&bits, pattern, pattern_size);
  commands_.push_back({.kind = Kind::kFill,
                       .first_range = first,
                       .range_count = 1,
                       .pattern = bits,
                       .pattern_size = pattern_size});
}

void CommandBuffer::copy(iree_hal_binding_t source, iree_hal_binding_t target) {
  check_recording();
  const auto first = static_cast<uint32_t>(ranges_.size());
  record_range(source, kCopySource);
  record_range(target, kCopyTarget);
  const iree_hal_binding_t &from = ranges_[first], &to = ranges_[first + 1];
  if (from.buffer && to.buffer) {
    check_copy({Buffer::from(from.buffer), from.offset, from.length},
               {Buffer::from(to.buffer), to.offset, to.length});
  } else if (from.length != to.length && from.length != IREE_HAL_WHOLE_BUFFER &&
             to.length != IREE_HAL_WHOLE_BUFFER) {
    raise(IREE_HAL_INVALID_ARGUMENT, "copy of %llu bytes to %llu bytes", (ull)from.length,
          (ull)to.length);
  }
  commands_.push_back({.kind = Kind::kCopy, .first_range = first, .range_count = 2});
}

void CommandBuffer::copy_unchecked(Buffer& source, uint64_t source_offset, Buffer& target,
                                   uint64_t target_offset, uint64_t length) {
  const auto first = static_cast<uint32_t>(ranges_.size());
  retain(&source);
  retain(&target);
  ranges_.push_back({.buffer = &source, .offset = source_offset, .length = length});
  ranges_.push_back({.buffer = &target, .offset = target_offset, .length = length});
  commands_.push_back({.kind = Kind::kCopy, .first_range = first, .range_count = 2});
}

void CommandBuffer::dispatch(iree_hal_executable_t* executable, uint32_t ordinal,
                             const uint32_t workgroup_count[3], const uint32_t* constants,
                             size_t constant_count, const iree_hal_binding_t* bindings,
                             size_t binding_count) {
  check_recording();
  Executable* code = Executable::from(executable);
  if (!code || code->device() != device_) {
    raise(IREE_HAL_INVALID_ARGUMENT, "dispatch: the executable belongs to another device");
  }
  if (ordinal >= executable->entry_count) {
    raise(IREE_HAL_OUT_OF_RANGE, "dispatch of entry %u of an executable with %u", ordinal,
          executable->entry_count);
  }
  const Entry& entry = code->entry(ordinal);
  if (constant_count != entry.info.constant_count || binding_count != entry.info.binding_count) {
    raise(IREE_HAL_INVALID_ARGUMENT,
          "dispatch of '%s' with %zu constants and %zu bindings; it takes %u and %u",
          entry.label.c_str(), constant_count, binding_count, entry.info.constant_count,
          entry.info.binding_count);
  }
  const uint32_t* g = workgroup_count;
  const bool nothing = g[0] == 0 || g[1] == 0 || g[2] == 0;
  const uint32_t* limits = device_->adapter.properties.limits.maxComputeWorkGroupCount;
  const bool whole = g[0] <= limits[0] && g[1] <= limits[1] && g[2] <= limits[2];
  if (!nothing && !whole && (entry.info.flags & IREE_SPIRV_ENTRY_USES_GRID)) {
    raise(IREE_HAL_OUT_OF_RANGE,
          "dispatch of '%s' over %u x %u x %u workgroups: '%s' runs %u x %u x %u at once, and this "
          "kernel reads its "
          "grid's size, so that it cannot be run in parts",
          entry.label.c_str(), g[0], g[1], g[2], device_->adapter.name(), limits[0], limits[1],
          limits[2]);
  }
  Command command = {.kind = Kind::kDispatch,
                     .first_range = static_cast<uint32_t>(ranges_.size()),
                     .range_count = static_cast<uint32_t>(binding_count),
                     .executable = code,
                     .ordinal = ordinal,
                     .groups = {g[0], g[1], g[2]},
                     .first_constant = static_cast<uint32_t>(constants_.size())};
  for (uint32_t i = 0; i < binding_count; ++i) {
    record_range(bindings[i], use_of_binding(entry, i));
    const iree_hal_binding_t& range = ranges_.back();
    if (range.buffer)
      check_binding(*device_, entry, i, {Buffer::from(range.buffer), range.offset, range.length});
  }
  if (nothing) {
    ranges_.resize(command.first_range);
    return;
  }
  retain(executable);
  constants_.insert(constants_.end(), constants, constants + constant_count);
  if (entry.info.constants == IREE_SPIRV_CONSTANTS_UNIFORM) {
    command.uniform_offset = uniform_size_;
    uniform_size_ += align_up(constant_count * 4, IREE_HAL_BINDING_ALIGNMENT);
  }
  commands_.push_back(command);
}

void CommandBuffer::finalize() {
  check_recording();
  if (uniform_size_) {
    iree_hal_memory_type_t type = IREE_HAL_MEMORY_DEVICE_LOCAL | IREE_HAL_MEMORY_HOST_VISIBLE;
    uniforms_ = Buffer::create(device_, {type, IREE_HAL_USAGE_MAPPING}, uniform_size_);
    void* data = nullptr;
    hal::check(Buffer::from(uniforms_.get())->map(IREE_HAL_ACCESS_WRITE, 0, uniform_size_, &data));
    memset(data, 0, uniform_size_);
    for (const Command& command : commands_) {
      if (command.kind != Kind::kDispatch) continue;
      const iree_spirv_entry_t& info = command.executable->entry(command.ordinal).info;
      if (info.constants != IREE_SPIRV_CONSTANTS_UNIFORM) continue;
      memcpy(static_cast<uint8_t*>(data) + command.uniform_offset,
             &constants_[command.first_constant], info.constant_count * 4);
    }
    Buffer::from(uniforms_.get())->unmap(IREE_HAL_ACCESS_WRITE, 0, uniform_size_);
  }
  finalized_ = true;
}

Range CommandBuffer::resolve_range_of(const Command& command, uint32_t i, const Use& use,
                                      iree_hal_binding_table_t table) const {
  const iree_hal_binding_t& range = ranges_[command.first_range + i];
  if (range.buffer) return {Buffer::from(range.buffer), range.offset, range.length};
  iree_hal_binding_t slot = table.data[range.slot];
  Buffer& buffer = resolve_range(device_, &slot, use);
  uint64_t length = range.length;
  hal::check(hal::check_range(slot.length, range.offset, &length, use.what));
  return {&buffer, slot.offset + range.offset, length};
}

std::shared_ptr<Recording> CommandBuffer::resolve(iree_hal_binding_table_t table) {
  if (!finalized_) {
    raise(IREE_HAL_FAILED_PRECONDITION,
          "the command buffer is still being recorded: finalize it first");
  }
  if (table.size < slot_count) {
    raise(IREE_HAL_INVALID_ARGUMENT, "a binding table of %zu for a command buffer with %u slots",
          table.size, slot_count);
  }
  for (const Buffer* buffer : buffers_) {
    if (buffer->is_deallocated()) {
      raise(IREE_HAL_FAILED_PRECONDITION,
            "the command buffer uses a buffer that has been deallocated");
    }
  }
  std::vector<Bound> bindings(slot_count);
  for (uint32_t i = 0; i < slot_count; ++i) {
    iree_hal_binding_t range = table.data[i];
    const Buffer& buffer = resolve_range(device_, &range, {0, false, "binding table"});
    bindings[i] = {buffer.block().id, buffer.offset() + range.offset, range.length, buffer.usage};
  }
  // A profile has one recording's timers for each execution.
  if (device_->profile()) return record(table);
  {
    std::lock_guard lock(mutex_);
    for (Recorded& recorded : recorded_) {
      if (recorded.bindings == bindings) return recorded.recording;
    }
  }
  std::shared_ptr<Recording> recording = record(table);
  std::lock_guard lock(mutex_);
  recorded_.push_back({std::move(bindings), recording});
  if (recorded_.size() > kRecordings) recorded_.pop_front();
  return recording;
}

std::shared_ptr<Recording> CommandBuffer::record(iree_hal_binding_table_t table) const {
  auto recording = std::make_shared<Recording>(*device_);
  for (const Command& command : commands_) {
    switch (command.kind) {
      case Kind::kBarrier:
        recording->barrier();
        break;
      case Kind::kFill: {
        Range target = resolve_range_of(command, 0, kFillTarget, table);
        check_fill(target.offset, target.length, command.pattern_size);
        recording->fill(target, command.pattern, command.pattern_size);
        break;
      }
      case Kind::kCopy: {
        Range source = resolve_range_of(command, 0, kCopySource, table);
        Range target = resolve_range_of(command, 1, kCopyTarget, table);
        check_copy(source, target);
        recording->copy(source, target);
        break;
      }
      case Kind::kDispatch: {
        const Entry& entry = command.executable->entry(command.ordinal);
        Range bindings[IREE_SPIRV_MAX_BINDINGS];
        for (uint32_t i = 0; i < command.range_count; ++i) {
          bindings[i] = resolve_range_of(command, i, use_of_binding(entry, i), table);
          check_binding(*device_, entry, i, bindings[i]);
        }
        Range uniform;
        const bool has_uniform = entry.info.constants == IREE_SPIRV_CONSTANTS_UNIFORM;
        if (has_uniform) {
          uniform = {Buffer::from(uniforms_.get()), command.uniform_offset,
                     align_up(entry.info.constant_count * 4, 16)};
        }
        recording->dispatch(*command.executable, command.ordinal, command.groups,
                            constants_.data() + command.first_constant,
                            has_uniform ? &uniform : nullptr, bindings);
        break;
      }
    }
  }
  recording->finish();
  return recording;
}

}  // namespace iree::hal_vulkan
