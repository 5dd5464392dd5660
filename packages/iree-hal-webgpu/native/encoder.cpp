#include "encoder.h"

#include <algorithm>

#include "builtins.h"

namespace iree::hal_webgpu {
namespace {

using hal::make_status;

constexpr uint64_t kWindow = 256;                // where bindings start
constexpr uint64_t kChunk = uint64_t{64} << 20;  // bytes that one builtin dispatch covers

uint64_t round_up(uint64_t value, uint64_t to) { return (value + to - 1) / to * to; }

// The part of the memory from a multiple of kWindow at or before `begin` to a word's end at or
// after `end`.
BoundRange window(const Memory& memory, uint64_t begin, uint64_t end) {
  const uint64_t start = begin / kWindow * kWindow;
  return {memory.buffer, memory.id, start, round_up(end, 4) - start};
}

bool overlap(const BoundRange& a, const BoundRange& b) {
  return a.id == b.id && a.offset < b.offset + b.size && b.offset < a.offset + a.size;
}

uint32_t groups_for(const Device* device, uint64_t words) {
  return static_cast<uint32_t>(
      std::clamp<uint64_t>((words + kBuiltinWorkgroup - 1) / kBuiltinWorkgroup, 1,
                           device->limits.maxComputeWorkgroupsPerDimension));
}

}  // namespace

iree_hal_status_t submit(Device* device, WGPUCommandEncoder encoder) {
  WGPUCommandBuffer commands = dawn().CommandEncoderFinish(encoder, nullptr);
  dawn().QueueSubmit(device->queue, 1, &commands);
  dawn().CommandBufferRelease(commands);
  return device->take_error(IREE_HAL_INTERNAL);
}

Encoder::Encoder(Device* device)
    : device_(device), encoder_(dawn().DeviceCreateCommandEncoder(device->handle, nullptr)) {}

Encoder::~Encoder() {
  outside();
  dawn().CommandEncoderRelease(encoder_);
  // What follows on the queue may have it.
  for (const Memory& memory : scratch_) device_->pool.release(MemoryPool::kDevice, memory);
}

WGPUComputePassEncoder Encoder::pass() {
  if (!pass_) pass_ = dawn().CommandEncoderBeginComputePass(encoder_, nullptr);
  return pass_;
}

WGPUCommandEncoder Encoder::outside() {
  if (pass_) {
    dawn().ComputePassEncoderEnd(pass_);
    dawn().ComputePassEncoderRelease(pass_);
    pass_ = nullptr;
  }
  return encoder_;
}

iree_hal_status_t Encoder::submit() { return hal_webgpu::submit(device_, outside()); }

iree_hal_status_t Encoder::scratch(uint64_t length, Memory* out) {
  IREE_HAL_TRY(device_->pool.acquire(MemoryPool::kDevice, length, out));
  scratch_.push_back(*out);
  return nullptr;
}

iree_hal_status_t Encoder::launch(WGPUComputePipeline pipeline, std::vector<BoundRange>& ranges,
                                  const uint32_t* constants, size_t constant_count,
                                  const uint32_t groups[3]) {
  const auto storage_count = static_cast<uint32_t>(ranges.size());
  if (constant_count) {
    BoundRange block;
    IREE_HAL_TRY(device_->caches.constants(constants, constant_count, &block));
    ranges.push_back(block);
  }
  const auto& layout = device_->caches.layout(storage_count, constant_count != 0);
  WGPUBindGroup group = device_->caches.bind_group(layout.group, ranges.data(), ranges.size());
  dawn().ComputePassEncoderSetPipeline(pass(), pipeline);
  dawn().ComputePassEncoderSetBindGroup(pass(), 0, group, 0, nullptr);
  dawn().ComputePassEncoderDispatchWorkgroups(pass(), groups[0], groups[1], groups[2]);
  return nullptr;
}

iree_hal_status_t Encoder::fill(const Memory& target, uint64_t offset, uint64_t length,
                                const uint8_t* pattern, uint32_t pattern_size) {
  if (length == 0) return nullptr;
  IREE_HAL_TRY(make_builtins(device_));
  uint8_t words[8];
  for (uint32_t i = 0; i < 8; ++i) words[i] = pattern[i % pattern_size];
  for (uint64_t done = 0; done < length; done += kChunk) {
    const uint64_t begin = offset + done, end = begin + std::min(kChunk, length - done);
    std::vector<BoundRange> bound = {window(target, begin, end)};
    uint32_t constants[4] = {static_cast<uint32_t>(begin - bound[0].offset),
                             static_cast<uint32_t>(end - bound[0].offset)};
    memcpy(&constants[2], words, sizeof(words));
    const uint32_t groups[3] = {groups_for(device_, (end - begin) / 4 + 2), 1, 1};
    IREE_HAL_TRY(launch(device_->fill_pipeline, bound, constants, 4, groups));
  }
  return nullptr;
}

iree_hal_status_t Encoder::copy(const Memory& source, uint64_t source_offset, const Memory& target,
                                uint64_t target_offset, uint64_t length) {
  if (length == 0) return nullptr;
  if (source.id == target.id) {
    // WebGPU neither copies within a buffer nor binds one twice: by way of another.
    Memory between;
    const uint64_t start = source_offset / 4 * 4, lead = source_offset - start;
    IREE_HAL_TRY(scratch(lead + length, &between));
    IREE_HAL_TRY(copy(source, start, between, 0, round_up(lead + length, 4)));
    return copy(between, lead, target, target_offset, length);
  }
  if (source_offset % 4 == 0 && target_offset % 4 == 0 && length % 4 == 0) {
    dawn().CommandEncoderCopyBufferToBuffer(outside(), source.buffer, source_offset, target.buffer,
                                            target_offset, length);
    return nullptr;
  }
  return copy_bytes(source, source_offset, target, target_offset, length);
}

iree_hal_status_t Encoder::copy_bytes(const Memory& source, uint64_t source_offset,
                                      const Memory& target, uint64_t target_offset,
                                      uint64_t length) {
  IREE_HAL_TRY(make_builtins(device_));
  for (uint64_t done = 0; done < length; done += kChunk) {
    const uint64_t size = std::min(kChunk, length - done), from = source_offset + done,
                   to = target_offset + done;
    std::vector<BoundRange> bound = {window(source, from, from + size),
                                     window(target, to, to + size)};
    const uint32_t constants[4] = {static_cast<uint32_t>(from - bound[0].offset),
                                   static_cast<uint32_t>(to - bound[1].offset),
                                   static_cast<uint32_t>(to - bound[1].offset + size), 0};
    const uint32_t groups[3] = {groups_for(device_, size / 4 + 2), 1, 1};
    IREE_HAL_TRY(launch(device_->copy_pipeline, bound, constants, 4, groups));
  }
  return nullptr;
}

// WebGPU lets no two writable bindings of a dispatch overlap, and to it all are writable. Those
// that do overlap are only read here (hal.h): all but the first get a copy.
iree_hal_status_t Encoder::separate(const Executable::Entry& entry,
                                    std::vector<BoundRange>* bound) {
  for (size_t i = 1; i < bound->size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      BoundRange &one = (*bound)[i], &other = (*bound)[j];
      if (!overlap(one, other)) continue;
      if ((entry.written_bindings >> i | entry.written_bindings >> j) & 1) {
        return make_status(IREE_HAL_INVALID_ARGUMENT,
                           "'%s': bindings %zu and %zu overlap, and it writes to one of them",
                           entry.label.c_str(), j, i);
      }
      Memory copied;
      IREE_HAL_TRY(scratch(one.size, &copied));
      dawn().CommandEncoderCopyBufferToBuffer(outside(), one.buffer, one.offset, copied.buffer, 0,
                                              one.size);
      one = {copied.buffer, copied.id, 0, one.size};
      break;
    }
  }
  return nullptr;
}

iree_hal_status_t Encoder::dispatch(const Program& program, const Command& command,
                                    const Range* ranges) {
  if (!command.groups[0] || !command.groups[1] || !command.groups[2]) return nullptr;
  const Executable::Entry& entry = command.executable->entries[command.ordinal];
  std::vector<BoundRange> bound;
  bound.reserve(command.binding_count + 1);
  for (uint32_t i = 0; i < command.binding_count; ++i) {
    const Range& range = ranges[i];
    if (range.length == 0) {
      bound.push_back({device_->nothing.buffer, device_->nothing.id, i * kWindow, 16});
      continue;
    }
    Memory memory;
    IREE_HAL_TRY(range.buffer->memory(&memory));
    bound.push_back({memory.buffer, memory.id, range.offset, round_up(range.length, 16)});
  }
  IREE_HAL_TRY(separate(entry, &bound));
  return launch(entry.pipeline, bound, program.constants.data() + command.first_constant,
                entry.constant_count, command.groups);
}

iree_hal_status_t Encoder::run(const Program& program, const Range* all) {
  for (const Command& command : program.commands) {
    const Range* ranges = all + command.first_binding;
    if (command.kind == Command::kDispatch) {
      IREE_HAL_TRY(dispatch(program, command, ranges));
      continue;
    }
    Memory first, second;
    IREE_HAL_TRY(ranges[0].buffer->memory(&first));
    if (command.kind == Command::kFill) {
      IREE_HAL_TRY(
          fill(first, ranges[0].offset, ranges[0].length, command.pattern, command.pattern_size));
    } else {
      IREE_HAL_TRY(ranges[1].buffer->memory(&second));
      IREE_HAL_TRY(copy(first, ranges[0].offset, second, ranges[1].offset, ranges[0].length));
    }
  }
  return nullptr;
}

}  // namespace iree::hal_webgpu
