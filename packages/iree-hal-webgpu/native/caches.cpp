#include "caches.h"

#include <algorithm>

#include "device.h"

namespace iree::hal_webgpu {
namespace {

constexpr size_t kMostGroups = 8192;
constexpr uint64_t kArenaSize = 64 << 10;
constexpr size_t kMostArenas = 64;

}  // namespace

void Caches::release_layouts() {
  for (auto& [key, layout] : layouts_) {
    dawn().BindGroupLayoutRelease(layout.group);
    dawn().PipelineLayoutRelease(layout.pipeline);
  }
  layouts_.clear();
}

const Caches::Layout& Caches::layout(uint32_t storage_count, bool has_uniform) {
  Layout& layout = layouts_[{storage_count, has_uniform}];
  if (layout.group) return layout;
  std::vector<WGPUBindGroupLayoutEntry> entries(storage_count + has_uniform);
  for (uint32_t i = 0; i < entries.size(); ++i) {
    entries[i].binding = i;
    entries[i].visibility = WGPUShaderStage_Compute;
    entries[i].buffer.type = static_cast<uint32_t>(
        i < storage_count ? WGPUBufferBindingType_Storage : WGPUBufferBindingType_Uniform);
  }
  WGPUBindGroupLayoutDescriptor group = {};
  group.entryCount = entries.size();
  group.entries = entries.data();
  layout.group = dawn().DeviceCreateBindGroupLayout(device_->handle, &group);
  WGPUPipelineLayoutDescriptor pipeline = {};
  pipeline.bindGroupLayoutCount = 1;
  pipeline.bindGroupLayouts = &layout.group;
  layout.pipeline = dawn().DeviceCreatePipelineLayout(device_->handle, &pipeline);
  return layout;
}

iree_hal_status_t Caches::constants(const uint32_t* words, size_t count, BoundRange* out) {
  Key key(words, words + count);
  if (auto found = blocks_.find(key); found != blocks_.end()) {
    *out = found->second;
    return nullptr;
  }
  const uint64_t size = (count + 3) / 4 * 16;
  const uint64_t align = std::max<uint64_t>(device_->limits.minUniformBufferOffsetAlignment, 16);
  uint64_t offset = (arena_used_ + align - 1) / align * align;
  if (arenas_.empty() || offset + size > kArenaSize) {
    if (arenas_.size() == kMostArenas) clear();
    Memory arena;
    IREE_HAL_TRY(device_->pool.acquire(MemoryPool::kDevice, kArenaSize, &arena));
    arenas_.push_back(arena);
    offset = 0;
  }
  std::vector<uint32_t> padded(words, words + count);
  padded.resize(size / 4);
  const Memory& arena = arenas_.back();
  dawn().QueueWriteBuffer(device_->queue, arena.buffer, offset, padded.data(), size);
  arena_used_ = offset + size;
  *out = blocks_[std::move(key)] = {arena.buffer, arena.id, offset, size};
  return nullptr;
}

WGPUBindGroup Caches::bind_group(WGPUBindGroupLayout layout, const BoundRange* ranges,
                                 size_t count) {
  Key key = {reinterpret_cast<uintptr_t>(layout)};
  for (size_t i = 0; i < count; ++i)
    key.insert(key.end(), {ranges[i].id, ranges[i].offset, ranges[i].size});
  if (auto found = groups_.find(key); found != groups_.end()) return found->second;
  if (groups_.size() >= kMostGroups) release_groups();
  std::vector<WGPUBindGroupEntry> entries(count);
  for (size_t i = 0; i < count; ++i) {
    entries[i].binding = static_cast<uint32_t>(i);
    entries[i].buffer = ranges[i].buffer;
    entries[i].offset = ranges[i].offset;
    entries[i].size = ranges[i].size;
  }
  WGPUBindGroupDescriptor descriptor = {};
  descriptor.layout = layout;
  descriptor.entryCount = count;
  descriptor.entries = entries.data();
  return groups_[std::move(key)] = dawn().DeviceCreateBindGroup(device_->handle, &descriptor);
}

void Caches::forget(uint64_t id) {
  std::erase_if(groups_, [&](auto& entry) {
    const Key& key = entry.first;
    for (size_t i = 1; i < key.size(); i += 3) {
      if (key[i] != id) continue;
      dawn().BindGroupRelease(entry.second);
      return true;
    }
    return false;
  });
}

void Caches::release_groups() {
  for (auto& [key, group] : groups_) dawn().BindGroupRelease(group);
  groups_.clear();
}

void Caches::clear() {
  release_groups();
  blocks_.clear();
  // Not to be written again: what is being encoded may need the contents, and keeps the buffer.
  for (Memory arena : arenas_) device_->pool.drop(arena);
  arenas_.clear();
  arena_used_ = 0;
}

}  // namespace iree::hal_webgpu
