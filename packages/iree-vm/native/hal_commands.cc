// The imports of module `hal` that record command buffers.
#include "hal_operands.h"
#include "natives.h"

namespace iree::vm::natives {
namespace {

using hal::check;

iree_hal_command_buffer_t* commands_operand(NativeCall& call) {
  return call.object<iree_hal_command_buffer_t>(RefType::kCommandBuffer);
}

// (buffer or null, slot, offset); the length comes later.
iree_hal_binding_t range_operand(NativeCall& call) {
  iree_hal_binding_t range{};
  range.buffer = call.object_or_null<iree_hal_buffer_t>(RefType::kHalBuffer);
  range.slot = call.u32();
  range.offset = call.u64();
  return range;
}

void check_slot_or_range(const NativeCall& call, const iree_hal_command_buffer_t& commands,
                         iree_hal_binding_t& range) {
  if (range.buffer) {
    resolve_range(call, range);
  } else if (range.slot >= commands.slot_count) {
    throw hal::Error(hal::make_status(IREE_HAL_OUT_OF_RANGE,
                                      "%s: slot %u of a command buffer with %u", call.name,
                                      range.slot, commands.slot_count));
  }
}

}  // namespace

bool hal_command_create(NativeCall& call) {
  auto* device = device_operand(call);
  uint32_t slots = call.u32();
  iree_hal_command_buffer_t* commands = nullptr;
  check(device->vtable->create_command_buffer(device, slots, &commands));
  call.set_object(RefType::kCommandBuffer, commands);
  return true;
}

bool hal_command_finalize(NativeCall& call) {
  auto* commands = commands_operand(call);
  check(commands->vtable->finalize(commands));
  return true;
}

bool hal_command_barrier(NativeCall& call) {
  auto* commands = commands_operand(call);
  check(commands->vtable->barrier(commands));
  return true;
}

bool hal_command_fill(NativeCall& call) {
  auto* commands = commands_operand(call);
  iree_hal_binding_t target = range_operand(call);
  target.length = call.u64();
  check_slot_or_range(call, *commands, target);
  refuse_constant(call, target.buffer);
  uint64_t pattern = call.u64();
  uint32_t bytes = call.u32();
  if (bytes != 1 && bytes != 2 && bytes != 4 && bytes != 8) {
    throw hal::Error(hal::make_status(IREE_HAL_INVALID_ARGUMENT,
                                      "%s: a pattern of %u bytes, expected 1, 2, 4 or 8", call.name,
                                      bytes));
  }
  check(commands->vtable->fill(commands, target, &pattern, bytes));
  return true;
}

bool hal_command_copy(NativeCall& call) {
  auto* commands = commands_operand(call);
  iree_hal_binding_t source = range_operand(call), target = range_operand(call);
  source.length = target.length = call.u64();
  check_slot_or_range(call, *commands, source);
  check_slot_or_range(call, *commands, target);
  refuse_constant(call, target.buffer);
  check(commands->vtable->copy(commands, source, target));
  return true;
}

bool hal_command_dispatch(NativeCall& call) {
  uint32_t constant_count = call.count(), binding_count = call.count();
  auto* commands = commands_operand(call);
  auto* executable = call.object<iree_hal_executable_t>(RefType::kExecutable);
  uint32_t ordinal = call.u32();
  if (ordinal >= executable->entry_count) {
    throw hal::Error(hal::make_status(IREE_HAL_OUT_OF_RANGE,
                                      "%s: entry %u of an executable with %u", call.name, ordinal,
                                      executable->entry_count));
  }
  uint32_t workgroups[3] = {call.u32(), call.u32(), call.u32()};
  Few<uint32_t, 32> constants(constant_count);
  for (uint32_t i = 0; i < constant_count; ++i) constants.data()[i] = call.u32();
  Bindings bindings(binding_count);
  for (uint32_t i = 0; i < binding_count; ++i) {
    iree_hal_binding_t range = range_operand(call);
    range.length = call.u64();
    check_slot_or_range(call, *commands, range);
    bindings.data()[i] = range;
  }
  check(commands->vtable->dispatch(commands, executable, ordinal, workgroups, constants.data(),
                                   constant_count, bindings.data(), binding_count));
  return true;
}

}  // namespace iree::vm::natives
