// Executables and command buffers: everything that can be checked about them, without the work.
#include <utility>
#include <vector>

#include "null_driver.h"

namespace iree::hal::null {
namespace {

//===-- Executables: the format "null"
//---------------------------------------------------------===//
// "NULL", a 32-bit count of entries, then per entry the numbers of bindings and of constants.

struct Entry {
  uint32_t binding_count, constant_count;
};

struct Executable : iree_hal_executable_t {
  std::vector<Entry> entries;
};

void destroy_executable(void* self) { delete static_cast<Executable*>(self); }

//===-- Command buffers
//------------------------------------------------------------------------===//

// A command that names a slot, to be checked when that is bound.
struct Command {
  enum { kFill, kCopy, kDispatch } kind;
  iree_hal_binding_t target, source;  // source of a copy only
  uint32_t pattern_size = 0;          // of a fill only
};

struct CommandBuffer : iree_hal_command_buffer_t {
  std::vector<Ref<iree_hal_object_t>> retained;
  std::vector<Command> deferred;
  bool finalized = false;

  void retain(void* object) {
    retained.push_back(Ref<iree_hal_object_t>::retain(static_cast<iree_hal_object_t*>(object)));
  }
};

CommandBuffer* cast(iree_hal_command_buffer_t* self) { return static_cast<CommandBuffer*>(self); }

iree_hal_status_t check_recording(const CommandBuffer* self) {
  if (!self->finalized) return nullptr;
  return make_status(IREE_HAL_FAILED_PRECONDITION,
                     "command buffer: recording into a finalized one");
}

iree_hal_status_t check_slot(const CommandBuffer* self, const iree_hal_binding_t& binding) {
  if (binding.buffer || binding.slot < self->slot_count) return nullptr;
  return make_status(IREE_HAL_OUT_OF_RANGE, "command buffer: slot %u of %u", binding.slot,
                     self->slot_count);
}

iree_hal_status_t check_dispatch_range(iree_hal_binding_t binding) {
  IREE_HAL_TRY(check_range(binding.buffer->length, binding.offset, &binding.length, "dispatch"));
  if (binding.offset % IREE_HAL_BINDING_ALIGNMENT) {
    return make_status(IREE_HAL_INVALID_ARGUMENT,
                       "dispatch: binding at offset %llu, which is no multiple of %u",
                       (unsigned long long)binding.offset, IREE_HAL_BINDING_ALIGNMENT);
  }
  return nullptr;
}

// Puts what a slot is bound to in its place.
iree_hal_status_t resolve(iree_hal_binding_table_t table, iree_hal_binding_t* binding) {
  if (binding->buffer) return nullptr;
  iree_hal_binding_t bound = table.data[binding->slot];
  IREE_HAL_TRY(check_range(bound.buffer->length, bound.offset, &bound.length, "binding table"));
  IREE_HAL_TRY(check_range(bound.length, binding->offset, &binding->length, "slot"));
  binding->buffer = bound.buffer;
  binding->offset += bound.offset;
  return nullptr;
}

iree_hal_status_t check(Command command) {
  switch (command.kind) {
    case Command::kFill:
      return check_fill(&command.target, command.pattern_size);
    case Command::kCopy:
      return check_copy(&command.source, &command.target);
    case Command::kDispatch:
      return check_dispatch_range(command.target);
  }
  return nullptr;
}

// Checks now what can be, keeps what cannot, retains what is given.
iree_hal_status_t record(CommandBuffer* self, const Command& command) {
  IREE_HAL_TRY(check_slot(self, command.target));
  IREE_HAL_TRY(check_slot(self, command.source));
  bool direct = command.target.buffer && (command.kind != Command::kCopy || command.source.buffer);
  if (direct) IREE_HAL_TRY(check(command));
  return guard([&]() -> iree_hal_status_t {
    if (!direct) self->deferred.push_back(command);
    if (command.target.buffer) self->retain(command.target.buffer);
    if (command.source.buffer) self->retain(command.source.buffer);
    return nullptr;
  });
}

iree_hal_status_t barrier(iree_hal_command_buffer_t* self) { return check_recording(cast(self)); }

iree_hal_status_t fill(iree_hal_command_buffer_t* base, iree_hal_binding_t target, const void*,
                       uint32_t pattern_size) {
  CommandBuffer* self = cast(base);
  IREE_HAL_TRY(check_recording(self));
  return record(self, {Command::kFill, target, target, pattern_size});
}

iree_hal_status_t copy(iree_hal_command_buffer_t* base, iree_hal_binding_t source,
                       iree_hal_binding_t target) {
  CommandBuffer* self = cast(base);
  IREE_HAL_TRY(check_recording(self));
  return record(self, {Command::kCopy, target, source});
}

iree_hal_status_t dispatch(iree_hal_command_buffer_t* base, iree_hal_executable_t* executable,
                           uint32_t ordinal, const uint32_t*, const uint32_t*,
                           size_t constant_count, const iree_hal_binding_t* bindings,
                           size_t binding_count) {
  CommandBuffer* self = cast(base);
  IREE_HAL_TRY(check_recording(self));
  if (executable->object.destroy != destroy_executable) {
    return make_status(IREE_HAL_INVALID_ARGUMENT, "dispatch: an executable of another driver");
  }
  if (ordinal >= executable->entry_count) {
    return make_status(IREE_HAL_OUT_OF_RANGE, "dispatch: entry %u of %u", ordinal,
                       executable->entry_count);
  }
  const Entry& entry = static_cast<Executable*>(executable)->entries[ordinal];
  if (binding_count != entry.binding_count || constant_count != entry.constant_count) {
    return make_status(IREE_HAL_INVALID_ARGUMENT,
                       "dispatch: entry %u takes %u bindings and %u constants, not %zu and %zu",
                       ordinal, entry.binding_count, entry.constant_count, binding_count,
                       constant_count);
  }
  for (size_t i = 0; i < binding_count; ++i) {
    IREE_HAL_TRY(record(self, {Command::kDispatch, bindings[i], bindings[i]}));
  }
  return guard([&]() -> iree_hal_status_t {
    self->retain(executable);
    return nullptr;
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

iree_hal_status_t make_executable(iree_hal_string_t format, iree_hal_span_t data,
                                  iree_hal_release_callback_t release,
                                  iree_hal_executable_t** out) {
  if (!equal(format, "null")) {
    return make_status(IREE_HAL_INCOMPATIBLE, "null device: format '%.*s'; it takes 'null' only",
                       (int)format.size, format.data);
  }
  uint32_t count = 0;
  const char* bytes = static_cast<const char*>(data.data);
  if (data.size < 8 || memcmp(bytes, "NULL", 4) != 0) {
    return make_status(IREE_HAL_DATA_LOSS, "null executable: no header in %zu bytes", data.size);
  }
  memcpy(&count, bytes + 4, sizeof(count));
  if ((data.size - 8) / sizeof(Entry) != count || (data.size - 8) % sizeof(Entry)) {
    return make_status(IREE_HAL_DATA_LOSS, "null executable: %u entries do not fit %zu bytes",
                       count, data.size);
  }
  return guard([&]() -> iree_hal_status_t {
    auto self = std::make_unique<Executable>();
    self->entries.resize(count);
    if (count) memcpy(self->entries.data(), bytes + 8, count * sizeof(Entry));
    init_object<iree_hal_executable_t>(self.get());
    self->object.destroy = destroy_executable;
    self->entry_count = count;
    // Nothing refers to the bytes any more.
    if (release.fn) release.fn(release.user_data);
    *out = self.release();
    return nullptr;
  });
}

iree_hal_status_t make_command_buffer(uint32_t slot_count, iree_hal_command_buffer_t** out) {
  auto* self = new (std::nothrow) CommandBuffer();
  if (!self) return out_of_memory();
  init_object<iree_hal_command_buffer_t>(self);
  self->vtable = &kTable;
  self->slot_count = slot_count;
  *out = self;
  return nullptr;
}

iree_hal_status_t check_bindings(iree_hal_command_buffer_t* base, iree_hal_binding_table_t table) {
  if (base->vtable != &kTable) {
    return make_status(IREE_HAL_INVALID_ARGUMENT, "queue: a command buffer of another driver");
  }
  CommandBuffer* self = cast(base);
  if (!self->finalized) {
    return make_status(IREE_HAL_FAILED_PRECONDITION, "queue: command buffer is not finalized");
  }
  if (table.size < self->slot_count) {
    return make_status(IREE_HAL_INVALID_ARGUMENT, "queue: %zu bindings for %u slots", table.size,
                       self->slot_count);
  }
  for (Command command : self->deferred) {
    IREE_HAL_TRY(resolve(table, &command.target));
    IREE_HAL_TRY(resolve(table, &command.source));
    IREE_HAL_TRY(check(command));
  }
  return nullptr;
}

iree_hal_status_t check_fill(iree_hal_binding_t* target, uint32_t pattern_size) {
  if (pattern_size != 1 && pattern_size != 2 && pattern_size != 4 && pattern_size != 8) {
    return make_status(IREE_HAL_INVALID_ARGUMENT, "fill: a pattern of %u bytes; 1, 2, 4 or 8 are",
                       pattern_size);
  }
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

}  // namespace iree::hal::null
