#include "command_buffer.h"

namespace iree::hal_webgpu {
namespace {

using hal::check_range;
using hal::make_status;

CommandBuffer* cast(iree_hal_command_buffer_t* self) { return static_cast<CommandBuffer*>(self); }
Device* device_of(CommandBuffer* self) { return static_cast<Device*>(self->device.get()); }

//===-- Checks of commands whose ranges are of buffers
//-----------------------------------------===//

iree_hal_status_t check_fill(uint32_t pattern_size, iree_hal_binding_t* target) {
  IREE_HAL_TRY(check_range(target->buffer->length, target->offset, &target->length, "fill"));
  if (target->offset % pattern_size || target->length % pattern_size) {
    return make_status(
        IREE_HAL_INVALID_ARGUMENT,
        "fill: offset %llu and length %llu are no multiples of the pattern's %u bytes",
        (unsigned long long)target->offset, (unsigned long long)target->length, pattern_size);
  }
  return nullptr;
}

iree_hal_status_t check_copy(iree_hal_binding_t* source, iree_hal_binding_t* target) {
  IREE_HAL_TRY(check_range(source->buffer->length, source->offset, &source->length, "copy source"));
  IREE_HAL_TRY(check_range(target->buffer->length, target->offset, &target->length, "copy target"));
  if (source->length != target->length) {
    return make_status(IREE_HAL_INVALID_ARGUMENT, "copy: %llu bytes into %llu",
                       (unsigned long long)source->length, (unsigned long long)target->length);
  }
  if (source->buffer == target->buffer && source->offset < target->offset + target->length &&
      target->offset < source->offset + source->length) {
    return make_status(IREE_HAL_INVALID_ARGUMENT, "copy: source and target overlap");
  }
  return nullptr;
}

iree_hal_status_t check_dispatch(Device* device, const Command& command,
                                 iree_hal_binding_t* bindings) {
  const uint64_t most = device->limits.maxStorageBufferBindingSize;
  for (uint32_t i = 0; i < command.binding_count; ++i) {
    iree_hal_binding_t& binding = bindings[i];
    IREE_HAL_TRY(check_range(binding.buffer->length, binding.offset, &binding.length, "dispatch"));
    if (binding.offset % IREE_HAL_BINDING_ALIGNMENT) {
      return make_status(IREE_HAL_INVALID_ARGUMENT,
                         "dispatch: binding at offset %llu, which is no multiple of %u",
                         (unsigned long long)binding.offset, IREE_HAL_BINDING_ALIGNMENT);
    }
    if (binding.length > most - 15) {
      return make_status(IREE_HAL_UNIMPLEMENTED,
                         "dispatch: '%s' gets %llu bytes at binding %u, but %s binds %llu at most",
                         command.executable->entries[command.ordinal].label.c_str(),
                         (unsigned long long)binding.length, i, device->uri,
                         (unsigned long long)most);
    }
  }
  return nullptr;
}

// Puts what a slot is bound to in its place.
iree_hal_status_t resolve_slot(iree_hal_binding_table_t table, iree_hal_binding_t* binding) {
  if (binding->buffer) return nullptr;
  iree_hal_binding_t bound = table.data[binding->slot];
  IREE_HAL_TRY(check_range(bound.buffer->length, bound.offset, &bound.length, "binding table"));
  IREE_HAL_TRY(check_range(bound.length, binding->offset, &binding->length, "slot"));
  binding->buffer = bound.buffer;
  binding->offset += bound.offset;
  return nullptr;
}

//===-- Recording
//------------------------------------------------------------------------------===//

iree_hal_status_t check_recording(const CommandBuffer* self) {
  if (!self->finalized) return nullptr;
  return make_status(IREE_HAL_FAILED_PRECONDITION,
                     "command buffer: recording into a finalized one");
}

// Checks now what can be, keeps the rest for the execution, retains what is given.
iree_hal_status_t record(CommandBuffer* self, Command command, const iree_hal_binding_t* bindings,
                         uint32_t count) {
  return guard([&]() -> iree_hal_status_t {
    Program& program = self->program;
    std::vector<iree_hal_binding_t> given(bindings, bindings + count);
    bool direct = true;
    for (const iree_hal_binding_t& binding : given) {
      if (!binding.buffer) {
        direct = false;
        if (binding.slot >= self->slot_count) {
          return make_status(IREE_HAL_OUT_OF_RANGE, "command buffer: slot %u of %u", binding.slot,
                             self->slot_count);
        }
        continue;
      }
      Buffer* buffer;
      IREE_HAL_TRY(Buffer::cast(device_of(self), binding.buffer, &buffer));
    }
    command.first_binding = static_cast<uint32_t>(program.bindings.size());
    command.binding_count = count;
    if (direct) IREE_HAL_TRY(check(device_of(self), command, given.data()));
    for (const iree_hal_binding_t& binding : given) {
      if (binding.buffer) {
        self->retained.push_back(hal::Ref<iree_hal_object_t>::retain(&binding.buffer->object));
      }
    }
    program.bindings.insert(program.bindings.end(), given.begin(), given.end());
    program.commands.push_back(command);
    return nullptr;
  });
}

// WebGPU orders all commands that touch the same buffer.
iree_hal_status_t barrier(iree_hal_command_buffer_t* self) { return check_recording(cast(self)); }

iree_hal_status_t fill(iree_hal_command_buffer_t* base, iree_hal_binding_t target,
                       const void* pattern, uint32_t pattern_size) {
  CommandBuffer* self = cast(base);
  IREE_HAL_TRY(check_recording(self));
  if (pattern_size != 1 && pattern_size != 2 && pattern_size != 4 && pattern_size != 8) {
    return make_status(IREE_HAL_INVALID_ARGUMENT, "fill: a pattern of %u bytes; 1, 2, 4 or 8 are",
                       pattern_size);
  }
  Command command = {Command::kFill};
  memcpy(command.pattern, pattern, pattern_size);
  command.pattern_size = pattern_size;
  return record(self, command, &target, 1);
}

iree_hal_status_t copy(iree_hal_command_buffer_t* base, iree_hal_binding_t source,
                       iree_hal_binding_t target) {
  CommandBuffer* self = cast(base);
  IREE_HAL_TRY(check_recording(self));
  const iree_hal_binding_t both[] = {source, target};
  return record(self, {Command::kCopy}, both, 2);
}

iree_hal_status_t dispatch(iree_hal_command_buffer_t* base, iree_hal_executable_t* executable,
                           uint32_t ordinal, const uint32_t workgroup_count[3],
                           const uint32_t* constants, size_t constant_count,
                           const iree_hal_binding_t* bindings, size_t binding_count) {
  CommandBuffer* self = cast(base);
  IREE_HAL_TRY(check_recording(self));
  if (ordinal >= executable->entry_count) {
    return make_status(IREE_HAL_OUT_OF_RANGE, "dispatch: entry %u of %u", ordinal,
                       executable->entry_count);
  }
  auto* own = static_cast<Executable*>(executable);
  const Executable::Entry& entry = own->entries[ordinal];
  if (own->device.get() != self->device.get()) {
    return make_status(IREE_HAL_INVALID_ARGUMENT, "dispatch: '%s' was prepared for another device",
                       entry.label.c_str());
  }
  if (binding_count != entry.binding_count || constant_count != entry.constant_count) {
    return make_status(IREE_HAL_INVALID_ARGUMENT,
                       "dispatch: '%s' takes %u bindings and %u constants, not %zu and %zu",
                       entry.label.c_str(), entry.binding_count, entry.constant_count,
                       binding_count, constant_count);
  }
  const uint32_t most = device_of(self)->limits.maxComputeWorkgroupsPerDimension;
  bool none = false;
  for (int i = 0; i < 3; ++i) none |= workgroup_count[i] == 0;
  for (int i = 0; i < 3 && !none; ++i) {
    if (workgroup_count[i] > most) {
      return make_status(
          IREE_HAL_UNIMPLEMENTED,
          "dispatch: '%s' over %u workgroups in dimension %d, but %s takes %u at most",
          entry.label.c_str(), workgroup_count[i], i, self->device->uri, most);
    }
  }
  Command command = {Command::kDispatch};
  command.executable = own;
  command.ordinal = ordinal;
  memcpy(command.groups, workgroup_count, sizeof(command.groups));
  return guard([&]() -> iree_hal_status_t {
    auto& words = self->program.constants;
    command.first_constant = static_cast<uint32_t>(words.size());
    words.insert(words.end(), constants, constants + constant_count);
    self->retained.push_back(hal::Ref<iree_hal_object_t>::retain(&executable->object));
    return record(self, command, bindings, static_cast<uint32_t>(binding_count));
  });
}

iree_hal_status_t finalize(iree_hal_command_buffer_t* base) {
  CommandBuffer* self = cast(base);
  IREE_HAL_TRY(check_recording(self));
  self->finalized = true;
  return nullptr;
}

constexpr iree_hal_command_buffer_vtable_t kTable = {
    sizeof(iree_hal_command_buffer_vtable_t),
    IREE_HAL_ABI_VERSION,
    barrier,
    fill,
    copy,
    dispatch,
    finalize,
};

}  // namespace

iree_hal_status_t check(Device* device, const Command& command, iree_hal_binding_t* bindings) {
  switch (command.kind) {
    case Command::kFill:
      return check_fill(command.pattern_size, bindings);
    case Command::kCopy:
      return check_copy(bindings, bindings + 1);
    case Command::kDispatch:
      return check_dispatch(device, command, bindings);
  }
  return nullptr;
}

iree_hal_status_t CommandBuffer::make(Device* device, uint32_t slot_count, CommandBuffer** out) {
  auto* self = new (std::nothrow) CommandBuffer();
  if (!self) return hal::out_of_memory();
  hal::init_object<iree_hal_command_buffer_t>(self);
  self->vtable = &kTable;
  self->slot_count = slot_count;
  self->device = hal::Ref<iree_hal_device_t>::retain(device);
  *out = self;
  return nullptr;
}

iree_hal_status_t CommandBuffer::resolve(iree_hal_binding_table_t table, std::vector<Range>* out) {
  if (!finalized)
    return make_status(IREE_HAL_FAILED_PRECONDITION, "queue: command buffer is not finalized");
  if (table.size < slot_count) {
    return make_status(IREE_HAL_INVALID_ARGUMENT, "queue: %zu bindings for %u slots", table.size,
                       slot_count);
  }
  auto* owner = static_cast<Device*>(device.get());
  std::vector<iree_hal_binding_t> bindings = program.bindings;
  for (const Command& command : program.commands) {
    iree_hal_binding_t* own = bindings.data() + command.first_binding;
    bool direct = true;
    for (uint32_t i = 0; i < command.binding_count; ++i) {
      direct &= own[i].buffer != nullptr;
      IREE_HAL_TRY(resolve_slot(table, &own[i]));
    }
    if (!direct) IREE_HAL_TRY(check(owner, command, own));
  }
  out->resize(bindings.size());
  for (size_t i = 0; i < bindings.size(); ++i) {
    Range& range = (*out)[i];
    range = {nullptr, bindings[i].offset, bindings[i].length};
    IREE_HAL_TRY(Buffer::cast(owner, bindings[i].buffer, &range.buffer));
  }
  return nullptr;
}

std::vector<Range> written_ranges(const Program& program, const std::vector<Range>& ranges) {
  std::vector<Range> written;
  for (const Command& command : program.commands) {
    const Range* own = ranges.data() + command.first_binding;
    if (command.kind == Command::kDispatch) {
      const uint32_t mask = command.executable->entries[command.ordinal].written_bindings;
      for (uint32_t i = 0; i < command.binding_count; ++i) {
        if (mask >> i & 1) written.push_back(own[i]);
      }
    } else {
      written.push_back(own[command.binding_count - 1]);
    }
  }
  return written;
}

}  // namespace iree::hal_webgpu
